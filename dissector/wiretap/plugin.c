/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Wireshark looks for in a plugin file. */
#include "record_file.h"
#include "scopedump_version.h"
#include "wtap_handle.h"

WS_DLL_PUBLIC_DEF const char plugin_version[] = SCOPEDUMP_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

WS_DLL_PUBLIC void plugin_register(void);

void plugin_register(void)
{
    static const wtap_plugin plugin = {.register_wtap_module = record_file_register};
    wtap_register_plugin(&plugin);
}
