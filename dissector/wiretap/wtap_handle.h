/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file wtap_handle.h
 * The layout of Wireshark's struct wtap, an open capture file, which 4.0 does not install. A reader
 * of a file format fills it in.
 *
 * It belongs to one version: the preprocessor holds the version against it, and
 * wtap_handle_is_as_declared() the library that is loaded.
 */
#ifndef SCOPEDUMP_WTAP_HANDLE_H
#define SCOPEDUMP_WTAP_HANDLE_H

#define WS_BUILD_DLL
#include <wireshark.h>

#include <wiretap/wtap.h>
#include <ws_version.h>

#include <stdbool.h>

#if WIRESHARK_VERSION_MAJOR != 4 || WIRESHARK_VERSION_MINOR != 0
#error                                                                                             \
    "The layout of struct wtap is known for Wireshark 4.0 alone: build without the wiretap plugin"
#endif

/** Up to the last member that is used here; more follow. */
struct wtap {
    FILE_T file;        /**< The file, read from begin to end. */
    FILE_T random_file; /**< The same for random access; NULL when that is not wanted. */
    gboolean is_pipe;
    int file_type;              /**< As wtap_register_file_type_subtype() gave it. */
    guint snapshot_length;      /**< 0: not known. */
    GArray *sections;           /**< wtap_block_t: one section header is there from the begin. */
    GArray *interfaces;         /**< wtap_block_t: interface descriptions. */
    guint next_interface;       /**< The one that wtap_get_next_interface_description() gives. */
    GArray *name_resolutions;   /**< wtap_block_t, or NULL. */
    GArray *decryption_secrets; /**< wtap_block_t, or NULL. */
    char *path;                 /**< "-": standard input. */
    void *reader;               /**< The reader's own; wtap_close() frees it with g_free(). */
    void *lua_reader;           /**< Of a reader in Lua. */
    gboolean (*read)(wtap *handle, wtap_rec *record, Buffer *data, int *error, char **sentence,
                     gint64 *offset);
    gboolean (*seek_read)(wtap *handle, gint64 offset, wtap_rec *record, Buffer *data, int *error,
                          char **sentence);
    void (*sequential_close)(wtap *handle);
    void (*close)(wtap *handle);
    int encapsulation;  /**< WTAP_ENCAP_... */
    int time_precision; /**< WTAP_TSPREC_... */
};

/* Of Wireshark's file_wrappers.h, which is installed, but includes a header that is not. */
WS_DLL_PUBLIC gint64 file_seek(FILE_T file, gint64 offset, int whence, int *error);
WS_DLL_PUBLIC int file_read(void *bytes, unsigned count, FILE_T file);
WS_DLL_PUBLIC gboolean file_iscompressed(FILE_T file);

/** Whether the functions of the library that is loaded find the members where they are declared
    here: asks each that there is, on a handle made for that. */
bool wtap_handle_is_as_declared(void);

#endif
