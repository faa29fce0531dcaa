/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/format.h"

/** Every format that is told by its content, in alphabetical order. */
static const sd_format *const formats[] = {
    &sd_format_csv,
#ifdef SD_HDF5
    &sd_format_hdf5,
#endif
    &sd_format_keysight_bin,
    &sd_format_lecroy_trc,
    &sd_format_matlab,
    &sd_format_matlab4,
    &sd_format_ngscopeclient,
    &sd_format_npy,
    &sd_format_npz,
    &sd_format_rigol_bin,
    &sd_format_rigol_dho_wfm,
    &sd_format_rigol_ds1000_wfm,
    &sd_format_rigol_ds1000z_wfm,
    &sd_format_rigol_ds2000_wfm,
    &sd_format_rohde_schwarz_bin,
    &sd_format_siglent_bin,
    &sd_format_siglent_old_bin,
    &sd_format_sigrok,
    &sd_format_tektronix_isf,
    &sd_format_tektronix_wfm,
    &sd_format_wav,
};

const sd_format *sd_registry_find(const sd_mapping *mapping)
{
    const sd_format *best = NULL;
    int confidence = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        int match = formats[i]->match(mapping);
        if (match > confidence) {
            confidence = match;
            best = formats[i];
        }
    }
    return best;
}

const sd_format *sd_registry_find_by_name(const char *path)
{
    g_autofree char *name = g_ascii_strdown(path, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (formats[i]->name_pattern && g_pattern_match_simple(formats[i]->name_pattern, name)) {
            return formats[i];
        }
    }
    return NULL;
}
