/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scopedump/library.h"

#include <dlfcn.h>

#include "scopedump/error.h"

/** Finds all symbols; NULL if the library cannot be loaded or has not all of them. */
static void **make_table(const sd_library *library)
{
    void *handle = dlopen(library->soname, RTLD_LAZY | RTLD_LOCAL);
    if (!handle)
        return NULL;
    void **table = g_new0(void *, library->count);
    for (size_t i = 0; i < library->count; i++) {
        table[i] = dlsym(handle, library->symbols[i]);
        if (!table[i]) {
            g_free(table);
            return NULL;
        }
    }
    return table;
}

const void *sd_library_load(sd_library *library, GError **error)
{
    /* No lock: another thread might hold it while a process is forked. */
    const void *loaded = g_atomic_pointer_get(&library->table);
    if (loaded)
        return loaded;
    void **table = make_table(library);
    if (!table) {
        const char *reason = dlerror();
        g_set_error(error, SD_ERROR, SD_ERROR_OPEN,
                    "the library for it cannot be loaded (%s): install %s%s",
                    reason ? reason : library->soname, *library->package ? "the package " : "",
                    *library->package ? library->package : library->soname);
        return NULL;
    }
    if (!g_atomic_pointer_compare_and_exchange(&library->table, NULL, table))
        g_free(table); /* another thread was quicker */
    return g_atomic_pointer_get(&library->table);
}
