/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NumPy .npz: a zip archive of arrays with names, unpacked into a temporary file. */
#include "scopedump/error.h"
#include "waveform/format.h"
#include "waveform/numpy.h"
#include "waveform/zip_archive.h"

#define SUFFIX ".npy"

static int match(const sd_mapping *mapping)
{
    g_autoptr(sd_zip) zip = sd_zip_match(mapping) ? sd_zip_open(mapping, NULL) : NULL;
    uint64_t members = zip ? sd_zip_members(zip) : 0;
    for (uint64_t i = 0; i < members; i++) {
        if (!g_str_has_suffix(sd_zip_name(zip, i), SUFFIX))
            return 0;
    }
    return members > 0 ? 90 : 0;
}

/** Unpacks all members; appends to @p ends where each ends in the spool. */
static bool unpack(sd_zip *zip, sd_spool *spool, GArray *ends, GError **error)
{
    for (uint64_t i = 0; i < sd_zip_members(zip); i++) {
        if (!sd_zip_unpack(zip, i, spool, error))
            return false;
        uint64_t end = sd_spool_size(spool);
        g_array_append_val(ends, end);
    }
    return true;
}

/** Reads the headers of the unpacked arrays; what is no record is noted and left out. */
static bool read_arrays(sd_waveform *waveform, const sd_zip *zip, const sd_mapping *unpacked,
                        const GArray *ends, GArray *arrays, GError **error)
{
    uint64_t start = 0;
    for (guint i = 0; i < ends->len; i++) {
        const char *name = sd_zip_name(zip, i);
        const uint64_t end = g_array_index(ends, uint64_t, i);
        g_autofree char *both = g_strdup_printf("%s (unpacked: %s)", unpacked->name, name);
        const sd_mapping one = {
            .name = both,
            .data = unpacked->data + start,
            .size = end - start,
        };
        start = end;
        sd_array array = {0};
        uint64_t trailing = 0;
        g_autoptr(GError) reason = NULL;
        if (!sd_numpy_match(&one)) {
            g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                        "%s does not begin like a NumPy array (byte %" G_GUINT64_FORMAT ")", both,
                        sd_zip_place(zip, i));
            return false;
        }
        if (sd_numpy_read(&one, &array, &trailing, &reason)) {
            array.name = g_strndup(name, strlen(name) - strlen(SUFFIX));
            g_array_append_val(arrays, array);
        } else if (g_error_matches(reason, SD_ERROR, SD_ERROR_UNSUPPORTED)) {
            sd_waveform_note(waveform, "left out: %s", reason->message);
        } else {
            g_propagate_error(error, g_steal_pointer(&reason));
            return false;
        }
    }
    return true;
}

static bool open_npz(sd_waveform *waveform, const sd_waveform_options *options, GError **error)
{
    g_autoptr(sd_zip) zip = sd_zip_open(waveform->mapping, error);
    sd_spool *spool = zip ? sd_spool_new(waveform->mapping, error) : NULL;
    if (!spool)
        return false;
    g_autoptr(GArray) ends = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    sd_mapping *unpacked = NULL;
    if (unpack(zip, spool, ends, error))
        unpacked = sd_spool_map(spool, error);
    sd_spool_free(spool);
    if (!unpacked)
        return false;
    sd_waveform_keep(waveform, unpacked);
    waveform->format = "NumPy archive (.npz)";
    g_autoptr(GArray) arrays = sd_arrays_new();
    return read_arrays(waveform, zip, unpacked, ends, arrays, error) &&
           sd_arrays_to_channels(waveform, arrays, "NumPy arrays, of which none is a time axis,",
                                 options, error);
}

const sd_format sd_format_npz = {
    .name = "NumPy archive",
    .name_pattern = "*.npz",
    .match = match,
    .open = open_npz,
    .takes_scale = true,
};
