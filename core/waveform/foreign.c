/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scopedump/error.h"
#include "waveform/format.h"

#include <string.h>

#define NOT_YET "which is not read yet"

/** A string constant with NULs inside, and its length. */
#define BYTES(text) text, sizeof(text) - 1

/** A format that is known by its first bytes, but has no reader. */
typedef struct {
    const char *what;   /**< Completes "FILE is ...". */
    const char *advice; /**< ... and goes on, after a comma. */
    const char *bytes;  /**< What the file has to hold; size 0: the name alone tells. */
    size_t size;
    uint64_t at;      /**< Where it has to hold them. */
    uint64_t within;  /**< If not 0: anywhere in so many bytes from the start instead. */
    const char *also; /**< Further text somewhere in the first 4096 bytes, or NULL. */
    const char *name; /**< Pattern that the lower-case file name has to match, or NULL. It stands
                           where the bytes are too weak: other files begin like that. */
} foreign_format;

/** The first row that fits is taken: the special ones stand before the general ones. */
static const foreign_format foreign_formats[] = {
    {"an Agilent/Keysight .bin file", NOT_YET, BYTES("AG01"), .at = 0},
    {"an Agilent/Keysight .bin file", NOT_YET, BYTES("AG03"), .at = 0},
    {"an Agilent/Keysight .bin file", NOT_YET, BYTES("AG10"), .at = 0},
    {"a Rigol .bin file", NOT_YET, BYTES("RG01"), .at = 0},
    {"a Rigol .bin file", NOT_YET, BYTES("RG03"), .at = 0},
    {"a Rohde & Schwarz .bin file (XML)", NOT_YET, BYTES("<?xml"), .also = "<Database"},
    {"a Keysight Infiniium internal .wfm file",
     "whose layout is not published: save the waveform in another format",
     BYTES("\x2B\x01\x01\x4A"), .at = 0},
    {"an HDF5 file (Keysight .h5, Tektronix .h5 or MATLAB 7.3)", NOT_YET,
     BYTES("\x89HDF\r\n\x1A\n"), .at = 0},
    {"a MATLAB 7.3 file", NOT_YET, BYTES("MATLAB 7.3"), .at = 0},
    {"a MATLAB 5 file", NOT_YET, BYTES("MATLAB 5.0"), .at = 0},
    {"a sigrok session (.sr)", NOT_YET, BYTES("PK\x03\x04"), .name = "*.sr"},
    {"a zip archive", NOT_YET, BYTES("PK\x03\x04"), .at = 0},
    {"a NumPy .npy file", NOT_YET, BYTES("\x93NUMPY"), .at = 0},
    {"a WAV file", NOT_YET, BYTES("RIFF"), .also = "WAVE"},
    {"a WAV file (RF64)", NOT_YET, BYTES("RF64"), .also = "WAVE"},
    {"a Rigol .wfm file (DS1000C/D/E)", NOT_YET, BYTES("\xA5\xA5\x00\x00"), .name = "*.wfm"},
    {"a Rigol .wfm file (DS1000C)", NOT_YET, BYTES("\xA1\xA5\x00\x00"), .name = "*.wfm"},
    {"a Rigol .wfm file (DS1000B)", NOT_YET, BYTES("\xA5\xA5\xA4\x01"), .name = "*.wfm"},
    {"a Rigol .wfm file (DS2000, 4000 or 6000)", NOT_YET, BYTES("\xA5\xA5\x38\x00"),
     .name = "*.wfm"},
    {"a Rigol .wfm file (DS1000Z)", NOT_YET, BYTES("\x01\xFF\xFF\xFF"), .name = "*.wfm"},
    {"a Rigol .wfm file (DHO)", NOT_YET, BYTES("\x02\x00\x00\x00"), .name = "*.wfm"},
    {"a session of ngscopeclient", NOT_YET, BYTES("instruments:"), .name = "*.scopesession"},
    {"the payload of a Rohde & Schwarz .bin file", NOT_YET, BYTES("\0\0\0"), .at = 1,
     .name = "*.wfm.bin"},
    {"by its first bytes a Siglent .bin file", NOT_YET, BYTES("\0\0\0"), .at = 1, .name = "*.bin"},
};

static bool fits(const foreign_format *format, const sd_mapping *mapping, const char *name)
{
    bool bytes = format->within
                     ? sd_mapping_contains(mapping, format->within, format->bytes, format->size)
                     : sd_mapping_equals(mapping, format->at, format->bytes, format->size);
    bool also =
        !format->also || sd_mapping_contains(mapping, 4096, format->also, strlen(format->also));
    return bytes && also && (!format->name || g_pattern_match_simple(format->name, name));
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
