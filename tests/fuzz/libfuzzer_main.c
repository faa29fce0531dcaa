/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entry of a libFuzzer program; FUZZ_TARGET is the name of the kind of record. */
#include "fuzz_target.h"

#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return atexit(fuzz_record_clean);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file files[FUZZ_FILES_MAX];
    size_t count = fuzz_target_divide(fuzz_target_find(FUZZ_TARGET), data, size, files);
    fuzz_record_read(files, count);
    return 0;
}
