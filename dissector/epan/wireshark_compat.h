/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file wireshark_compat.h
 * Wireshark's headers for the plugin, and the few things that differ between the versions 4.0 and
 * 4.6. Nothing else in the plugin asks for the version.
 */
#ifndef SCOPEDUMP_WIRESHARK_COMPAT_H
#define SCOPEDUMP_WIRESHARK_COMPAT_H

#define WS_BUILD_DLL
#include <wireshark.h>

#include <epan/epan.h>
#include <epan/expert.h>
#include <epan/packet.h>
#include <epan/stats_tree.h>
#include <epan/unit_strings.h>
#include <wiretap/wtap.h>
#include <ws_version.h>

#include <stdbool.h>
#include <stdint.h>

#define WIRESHARK_AT_LEAST(major, minor)                                                           \
    (WIRESHARK_VERSION_MAJOR > (major) ||                                                          \
     (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

#if WIRESHARK_AT_LEAST(4, 4)
#include <wsutil/plugins.h>
typedef bool wireshark_bool; /**< What Wireshark's callbacks return for yes or no. */
#else
#define WS_PLUGIN_DESC_DISSECTOR (1u << 0)
#define tvb_get_uint8            tvb_get_guint8
typedef gboolean wireshark_bool;
#endif

/** The value of a binary custom option: its private enterprise number, data behind it, length. */
#if WIRESHARK_AT_LEAST(4, 6)
#define CUSTOM_OPTION_PEN(value)    ((value)->custom_binaryval.pen)
#define CUSTOM_OPTION_DATA(value)   ((value)->custom_binaryval.data.custom_data)
#define CUSTOM_OPTION_LENGTH(value) ((value)->custom_binaryval.data.custom_data_len)
#else
#define CUSTOM_OPTION_PEN(value)    ((value)->custom_opt.pen)
#define CUSTOM_OPTION_DATA(value)   ((value)->custom_opt.data.generic_data.custom_data)
#define CUSTOM_OPTION_LENGTH(value) ((value)->custom_opt.data.generic_data.custom_data_len)
#endif

/** The name of the interface of a packet that has one; NULL without a name. */
#if WIRESHARK_AT_LEAST(4, 2)
#define INTERFACE_NAME(pinfo)                                                                      \
    epan_get_interface_name((pinfo)->epan, (pinfo)->rec->rec_header.packet_header.interface_id,    \
                            (pinfo)->rec->section_number)
#else
#define INTERFACE_NAME(pinfo)                                                                      \
    epan_get_interface_name((pinfo)->epan, (pinfo)->rec->rec_header.packet_header.interface_id)
#endif

/** Conversation filters: their callbacks have a parameter more since 4.4, which is not used. */
#if WIRESHARK_AT_LEAST(4, 4)
#define CONVERSATION_USER_DATA , void *user_data _U_
#define REGISTER_CONVERSATION_FILTER(protocol, name, is_valid, build)                              \
    register_conversation_filter(protocol, name, is_valid, build, NULL)
#else
#define CONVERSATION_USER_DATA
#define REGISTER_CONVERSATION_FILTER(protocol, name, is_valid, build)                              \
    register_conversation_filter(protocol, name, is_valid, build)
#endif

/** Between the menu and its entry, in the name of a tree of statistics. */
#ifndef STATS_TREE_MENU_SEPARATOR
#define STATS_TREE_MENU_SEPARATOR "/"
#endif

/** EXPFILL with a description, as tshark -G fields lists it. */
#define EXPERT_BLURB(text)                                                                         \
    0, NULL, 0,                                                                                    \
    {                                                                                              \
        0,                                                                                         \
        {                                                                                          \
            NULL, NULL, FT_NONE, BASE_NONE, NULL, 0, text, HFILL                                   \
        }                                                                                          \
    }

#endif
