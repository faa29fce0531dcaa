/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loaded_plugin.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "scopedump_version.h"

/* The libraries that a process has loaded stand in its memory map: that tells what is, whereas the
   plugin folders, which differ by Wireshark's version, would tell what might be. */
static char *memory_map_of_parent(void)
{
    char *path = g_strdup_printf("/proc/%d/maps", (int)getppid());
    char *map = NULL;
    g_file_get_contents(path, &map, NULL, NULL);
    g_free(path);
    return map;
}

char *plugin_missing_notice(void)
{
    char *map = memory_map_of_parent();
    const bool missing =
        map != NULL && strstr(map, "/libwireshark.so") != NULL && strstr(map, "/qsgmii.so") == NULL;
    g_free(map);
    if (!missing)
        return NULL;
    if (getuid() == 0)
        return g_strdup("This Wireshark has no plugin qsgmii: the frames are here, but lanes' "
                        "speeds and damaged code-groups are not shown. Wireshark was started as "
                        "root, and then loads no plugin of a user's own folder: install scopedump "
                        "for all users, or do not be root.");
    return g_strdup("This Wireshark has no plugin qsgmii: the frames are here, but lanes' speeds "
                    "and damaged code-groups are not shown. "
#ifdef SCOPEDUMP_WIRESHARK
                    "The plugin that came with this scopedump is for "
                    "Wireshark " SCOPEDUMP_WIRESHARK ". "
#endif
                    "Install scopedump for the Wireshark that is used.");
}
