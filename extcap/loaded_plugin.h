/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file loaded_plugin.h
 * Whether the Wireshark that runs this extcap has the plugin that shows what a frame's record
 * tells.
 */
#ifndef SCOPEDUMP_LOADED_PLUGIN_H
#define SCOPEDUMP_LOADED_PLUGIN_H

/**
 * What the user is to know when the parent process is Wireshark or tshark without the plugin.
 *
 * @return a sentence, to be freed with g_free(), or NULL if there is nothing to be said: the plugin
 * is loaded, or the parent is no Wireshark, or cannot be looked at
 */
char *plugin_missing_notice(void);

#endif
