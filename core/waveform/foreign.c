/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scopedump/error.h"
#include "waveform/format.h"

/** A string constant with NULs inside, and its length. */
#define BYTES(text) text, sizeof(text) - 1

/** A format that is known by its first bytes, but has no reader. */
typedef struct {
    const char *what;   /**< Completes "FILE is ...". */
    const char *advice; /**< ... and goes on, after a comma. */
    const char *bytes;  /**< What the file has to hold; size 0: the name alone tells. */
    size_t size;
    uint64_t at;      /**< Where it has to hold them. */
    const char *name; /**< Pattern that the lower-case file name has to match, or NULL. It stands
                           where the bytes are too weak: other files begin like that. */
} foreign_format;

/** The first row that fits is taken: the special ones stand before the general ones. */
static const foreign_format foreign_formats[] = {
    {"a Keysight Infiniium internal .wfm file",
     "whose layout is not published: save the waveform in another format",
     BYTES("\x2B\x01\x01\x4A"), .at = 0},
    {"an HDF5 file (Keysight .h5, Tektronix .h5 or MATLAB 7.3)",
     "and this build of scopedump has no HDF5: build it with the HDF5 library",
     BYTES("\x89HDF\r\n\x1A\n"), .at = 0},
    {"a MATLAB 7.3 file", "and this build of scopedump has no HDF5, or the file is cut",
     BYTES("MATLAB 7.3"), .at = 0},
    {"a zip archive", "inside another archive: unpack the outer one first", BYTES("PK\x03\x04"),
     .at = 0},
    {"a gzip file", "inside another archive: unpack the outer one first", BYTES("\x1F\x8B\x08"),
     .at = 0},
    {"a zstd file", "inside another archive: unpack the outer one first", BYTES("\x28\xB5\x2F\xFD"),
     .at = 0},
    {"by its first bytes a Siglent .bin file",
     "but its header is none of the versions that can be read (0.1 to 4)", BYTES("\0\0\0"), .at = 1,
     .name = "*.bin"},
};

static bool fits(const foreign_format *format, const sd_mapping *mapping, const char *name)
{
    return sd_mapping_equals(mapping, format->at, format->bytes, format->size) &&
           (!format->name || g_pattern_match_simple(format->name, name));
}

void sd_foreign_refuse(const sd_mapping *mapping, const char *path, GError **error)
{
    g_autofree char *name = g_ascii_strdown(path, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(foreign_formats); i++) {
        if (fits(&foreign_formats[i], mapping, name)) {
            g_set_error(error, SD_ERROR, SD_ERROR_FORMAT, "%s is %s, %s", mapping->name,
                        foreign_formats[i].what, foreign_formats[i].advice);
            return;
        }
    }
    const sd_format *named = sd_registry_find_by_name(path);
    g_set_error(error, SD_ERROR, SD_ERROR_FORMAT,
                "%s is in no known format: %s%s%s for a file of raw samples, give "
                "its sample format and rate (--sample-format, --sample-rate)",
                mapping->name, named ? "it is named like a " : "its first bytes tell nothing;",
                named ? named->name : "", named ? " file, but does not begin like one;" : "");
}
