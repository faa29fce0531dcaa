/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/hdf5_library.h"

#include "scopedump/library.h"

#define TEXT_OF(name) #name
#define TEXT(name)    TEXT_OF(name) /**< Of what a macro of the library's headers stands for. */
#define NAME(name)    TEXT(H5##name),

const sd_hdf5_library *sd_hdf5_library_load(GError **error)
{
    static const char *const names[] = {SD_HDF5_FUNCTIONS(NAME) SD_HDF5_IDENTIFIERS(NAME)};
    static sd_library library = {LIBRARY_SONAME, LIBRARY_PACKAGE, names, G_N_ELEMENTS(names), NULL};
    G_STATIC_ASSERT(sizeof(sd_hdf5_library) == sizeof names);
    return sd_library_load(&library, error);
}
