/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file hdf5_library.h
 * The HDF5 library, loaded when a file needs it: it brings some thirty others along.
 */
#ifndef SCOPEDUMP_WAVEFORM_HDF5_LIBRARY_H
#define SCOPEDUMP_WAVEFORM_HDF5_LIBRARY_H

#include <glib.h>

#define H5_USE_110_API /* later ones give tokens instead of addresses */
#include <hdf5.h>

/* Constants such as H5F_ACC_RDONLY call the library through these. */
#undef H5CHECK
#undef H5OPEN
#define H5CHECK
#define H5OPEN

/* Names are without "H5": the whole of some is a macro, which stands for one of several versions of
 * a function. */

/* clang-format off */

/** The functions that are used. */
#define SD_HDF5_FUNCTIONS(X) \
    X(open) X(Eset_auto2) X(Ewalk2) \
    X(Aclose) X(Aexists) X(Aget_space) X(Aget_type) X(Aopen) X(Aread) \
    X(Dget_chunk_info_by_coord) X(Dget_create_plist) X(Dget_num_chunks) X(Dget_offset) \
    X(Dget_space) X(Dget_type) X(Dread) \
    X(Fclose) X(Fopen) X(Iget_type) X(Lget_info) X(Literate) X(Oclose) X(Oget_info) X(Oopen) \
    X(Pclose) X(Pcreate) X(Pget_chunk) X(Pget_external_count) X(Pget_filter2) X(Pget_layout) \
    X(Pget_nfilters) X(Pset_fapl_core) X(Pset_file_image) X(Pset_file_image_callbacks) \
    X(Sclose) X(Screate_simple) X(Sget_simple_extent_dims) X(Sget_simple_extent_npoints) \
    X(Sselect_hyperslab) \
    X(Tclose) X(Tcopy) X(Tdetect_class) X(Tequal) X(Tget_class) X(Tget_member_index) \
    X(Tget_member_offset) X(Tget_member_type) X(Tget_size) X(Tget_super) X(Tis_variable_str)

/** The identifiers that are used; H5open() sets them. */
#define SD_HDF5_IDENTIFIERS(X) \
    X(P_CLS_FILE_ACCESS_ID_g) \
    X(T_STD_I8LE_g) X(T_STD_I8BE_g) X(T_STD_U8LE_g) X(T_STD_U8BE_g) \
    X(T_STD_I16LE_g) X(T_STD_I16BE_g) X(T_STD_U16LE_g) X(T_STD_U16BE_g) \
    X(T_STD_I32LE_g) X(T_STD_I32BE_g) X(T_STD_U32LE_g) X(T_STD_U32BE_g) \
    X(T_IEEE_F32LE_g) X(T_IEEE_F32BE_g) X(T_IEEE_F64LE_g) X(T_IEEE_F64BE_g)

/* clang-format on */

/** A pointer to each: H5Aclose(id) is library->Aclose(id), H5T_STD_I8LE *library->T_STD_I8LE_g. */
typedef struct {
#define POINTER(name) __typeof__(H5##name) *(name);
    SD_HDF5_FUNCTIONS(POINTER)
    SD_HDF5_IDENTIFIERS(POINTER)
#undef POINTER
} sd_hdf5_library;

/**
 * Loads the library at the first call, for as long as the process runs; none of its code runs.
 *
 * @param error set on failure, which gives NULL: as sd_library_load()
 */
const sd_hdf5_library *sd_hdf5_library_load(GError **error);

#endif
