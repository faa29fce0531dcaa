/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file is, for a program that asks before it opens it. */
#include "waveform/format.h"
#include "waveform/packed.h"

int sd_waveform_match(const char *path, const char **format)
{
    *format = NULL;
    sd_mapping *mapping = sd_mapping_open(path, NULL);
    if (!mapping) {
        return 0;
    }
    int confidence = 0;
    const sd_format *found = sd_registry_find(mapping);
    if (found) {
        confidence = found->match(mapping);
    } else if (sd_packed_match(mapping)) {
        found = sd_packed_find(mapping, &confidence);
    }
    sd_mapping_free(mapping);
    *format = found ? found->name : NULL;
    return confidence;
}

const char *sd_waveform_format_name(size_t index)
{
    const sd_format *format = sd_registry_format(index);
    return format ? format->name : NULL;
}

const char *sd_waveform_format_pattern(size_t index)
{
    const sd_format *format = sd_registry_format(index);
    return format ? format->name_pattern : NULL;
}
