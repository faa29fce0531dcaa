/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz_target.h"

#include <string.h>

#define SESSION "record_data/scope_1_"

/* One for each reader. The ending of the name matters where it is part of a format. */
static const fuzz_target targets[] = {
    {"csv", {"record.csv"}},
    {"hdf5", {"record.h5"}},
    {"keysight_bin", {"record.bin"}},
    {"lecroy_trc", {"record.trc"}},
    {"matlab", {"record.mat"}},
    {"ngscopeclient",
     {"record.scopesession", SESSION "metadata.yml", SESSION "waveforms/waveform_1/channel_0.bin"}},
    {"npy", {"record.npy"}},
    {"npz", {"record.npz"}},
    {"packed", {"record"}},
    {"raw", {"record.raw"}},
    {"rigol_bin", {"record.bin"}},
    {"rigol_wfm", {"record.wfm"}},
    {"rohde_schwarz", {"record.bin", "record.Wfm.bin"}},
    {"rohde_schwarz_csv", {"record.Wfm.csv", "record.csv"}},
    {"siglent_bin", {"record.bin"}},
    {"sigrok", {"record.sr"}},
    {"tektronix_isf", {"record.isf"}},
    {"tektronix_wfm", {"record.wfm"}},
    {"wav", {"record.wav"}},
};

const fuzz_target *fuzz_target_find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
        if (strcmp(targets[i].name, name) == 0)
            return &targets[i];
    }
    return NULL;
}

size_t fuzz_target_divide(const fuzz_target *target, const uint8_t *data, size_t size,
                          fuzz_file *files)
{
    const size_t marker = strlen(FUZZ_MARKER);
    size_t count = 0;
    while (target->files[count] != NULL) {
        const uint8_t *next =
            target->files[count + 1] != NULL ? memmem(data, size, FUZZ_MARKER, marker) : NULL;
        size_t length = next != NULL ? (size_t)(next - data) : size;
        files[count] = (fuzz_file){target->files[count], data, length, length};
        count++;
        if (next == NULL)
            break;
        data += length + marker;
        size -= length + marker;
    }
    return count;
}
