/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NumPy .npy: one array, read in place. */
#include "waveform/format.h"
#include "waveform/numpy.h"

static int match(const sd_mapping *mapping)
{
    return sd_numpy_match(mapping) ? 100 : 0;
}

static bool open_npy(sd_waveform *waveform, const sd_waveform_options *options, GError **error)
{
    uint64_t trailing = 0;
    g_autoptr(GArray) arrays = sd_arrays_new();
    g_array_set_size(arrays, 1);
    if (!sd_numpy_read(waveform->mapping, &g_array_index(arrays, sd_array, 0), &trailing, error))
        return false;
    if (trailing > 0) {
        sd_waveform_note(waveform, "%" G_GUINT64_FORMAT " bytes follow the array and were left out",
                         trailing);
    }
    waveform->format = "NumPy array (.npy)";
    return sd_arrays_to_channels(waveform, arrays, "a NumPy array, which says nothing of time,",
                                 options, error);
}

const sd_format sd_format_npy = {
    .name = "NumPy array",
    .name_pattern = "*.npy",
    .match = match,
    .open = open_npy,
    .takes_scale = true,
};
