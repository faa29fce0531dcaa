/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wtap_handle.h"

/** Room for the members that are not declared. */
#define UNDECLARED 256

/** Numbers that no two members share. */
enum { FILE_TYPE = 1001, SNAPSHOT_LENGTH, ENCAPSULATION, TIME_PRECISION, OFFSET, FAILED };

/** What of the handle has been called. */
static struct {
    bool read, seek_read, sequential_close, close;
} called;

static gboolean probe_read(wtap *handle _U_, wtap_rec *record _U_, Buffer *data _U_, int *error,
                           char **sentence _U_, gint64 *offset _U_)
{
    called.read = true;
    *error = FAILED; /* with 0 the library would look at the file, and there is none */
    return FALSE;
}

static gboolean probe_seek_read(wtap *handle _U_, gint64 offset, wtap_rec *record _U_,
                                Buffer *data _U_, int *error, char **sentence _U_)
{
    called.seek_read = offset == OFFSET;
    *error = FAILED;
    return FALSE;
}

static void probe_sequential_close(wtap *handle _U_)
{
    called.sequential_close = true;
}

static void probe_close(wtap *handle _U_)
{
    called.close = true;
}

static bool numbers_are_there(wtap *probe)
{
    probe->file_type = FILE_TYPE;
    probe->snapshot_length = SNAPSHOT_LENGTH;
    probe->encapsulation = ENCAPSULATION;
    probe->time_precision = TIME_PRECISION;
    return wtap_file_type_subtype(probe) == FILE_TYPE &&
           wtap_snapshot_length(probe) == SNAPSHOT_LENGTH &&
           wtap_file_encap(probe) == ENCAPSULATION && wtap_file_tsprec(probe) == TIME_PRECISION;
}

static bool blocks_are_there(wtap *probe)
{
    wtap_block_t section = wtap_block_create(WTAP_BLOCK_SECTION);
    wtap_block_t interface = wtap_block_create(WTAP_BLOCK_IF_ID_AND_INFO);
    wtap_block_t names = wtap_block_create(WTAP_BLOCK_NAME_RESOLUTION);
    probe->sections = g_array_new(FALSE, FALSE, sizeof(wtap_block_t));
    probe->interfaces = g_array_new(FALSE, FALSE, sizeof(wtap_block_t));
    probe->name_resolutions = g_array_new(FALSE, FALSE, sizeof(wtap_block_t));
    g_array_append_val(probe->sections, section);
    g_array_append_val(probe->interfaces, interface);
    g_array_append_val(probe->name_resolutions, names);
    return wtap_file_get_num_shbs(probe) == 1 && wtap_file_get_shb(probe, 0) == section &&
           wtap_get_next_interface_description(probe) == interface && probe->next_interface == 1 &&
           wtap_file_get_nrb(probe) == names;
    /* wtap_close() frees them */
}

static bool functions_are_there(wtap *probe)
{
    wtap_rec record = {0};
    Buffer data = {0};
    int error = 0;
    char *sentence = NULL;
    gint64 offset = 0;
    probe->read = probe_read;
    probe->seek_read = probe_seek_read;
    probe->sequential_close = probe_sequential_close;
    probe->close = probe_close;
    return !wtap_read(probe, &record, &data, &error, &sentence, &offset) && error == FAILED &&
           !wtap_seek_read(probe, OFFSET, &record, &data, &error, &sentence) && error == FAILED &&
           called.read && called.seek_read;
}

bool wtap_handle_is_as_declared(void)
{
    /* The numbers first: with them in other places, a pointer would be one of them. */
    wtap *probe = g_malloc0(sizeof(wtap) + UNDECLARED);
    if (!numbers_are_there(probe)) {
        g_free(probe);
        return false;
    }
    probe->path = g_strdup("");
    probe->reader = g_strdup("");
    probe->lua_reader = probe;
    const bool good =
        wtap_uses_lua_filehandler(probe) && blocks_are_there(probe) && functions_are_there(probe);
    wtap_close(probe);
    return good && called.sequential_close && called.close;
}
