/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file_format.h"

/* The longer suffix stands before the shorter one. */
static const gen_file_format *const formats[] = {
    &gen_format_wfm,      &gen_format_isf, &gen_format_lecroy, &gen_format_rohde_schwarz,
    &gen_format_keysight, &gen_format_csv, &gen_format_npy,
};

const gen_file_format gen_format_raw = {
    .sample_formats = 1 << GEN_S8 | 1 << GEN_S16 | 1 << GEN_F32,
};

const gen_file_format *gen_file_format_of(const char *path)
{
    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (g_str_has_suffix(path, formats[i]->suffix))
            return formats[i];
    }
    return &gen_format_raw;
}
