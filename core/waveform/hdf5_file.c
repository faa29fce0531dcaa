/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The library gets the bytes of the mapping, so that a file that was unpacked, or that changes
 * while it is read, is no special case. It allocates what a file says: chunks of more than
 * CHUNK_MAX bytes are not given to it, but unpacked here.
 */
#include "waveform/hdf5_file.h"

#include "scopedump/error.h"
#include "waveform/format.h"
#include "waveform/hdf5_library.h"
#include "waveform/inflate.h"
#include "waveform/spool.h"

#include <string.h>

#define SIGNATURE      "\x89HDF\r\n\x1A\n"
#define SIGNATURE_SIZE 8

#define RANK_MAX  2
#define CHUNK_MAX (4U << 20) /**< Bytes of a chunk, and of a block, that the library may hold. */
#define TEXT_MAX  4096
#define NAMES_MAX 1000000

/** Set by sd_hdf5_open(), in a process that reads one file. */
static const sd_hdf5_library *H5;

struct sd_hdf5 {
    sd_waveform *waveform;
    sd_mapping image; /**< The part of the file that the library sees; only name, data, size. */
    hid_t id;
    sd_spool *spool;  /**< Not owned; NULL: there is none. */
    GArray *in_spool; /**< placement */
};

/** An array whose numbers stand in the spool. */
typedef struct {
    sd_array *array;
    uint64_t at;
} placement;

/** Keeps the description of the innermost error. */
static herr_t take_description(unsigned number, const H5E_error2_t *one, void *data)
{
    char **description = data;
    (void)number;
    if (!*description && one->desc)
        *description = g_utf8_make_valid(one->desc, -1);
    return 0;
}

/** What the library says of its last failure, to be freed with g_free(). It forgets it with the
 * next call. */
static char *describe_failure(void)
{
    char *description = NULL;
    H5->Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_description, &description);
    return description ? description : g_strdup("no reason given");
}

/** Makes an error of ours about a dataset from those of the library. */
static void fail(const sd_hdf5 *file, const char *path, GError **error)
{
    g_autofree char *description = describe_failure();
    g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                "%s: the dataset /%s cannot be read (HDF5: %s) (byte %" G_GUINT64_FORMAT ")",
                file->waveform->mapping->name, path, description, sd_hdf5_place(file, path));
}

/* How the library handles the bytes that it is given: it neither copies nor frees them. The address
 * is the data that it passes on. */

static void *image_malloc(size_t size, H5FD_file_image_op_t operation, void *address)
{
    (void)size;
    (void)operation;
    return address;
}

static void *image_memcpy(void *to, const void *from, size_t size, H5FD_file_image_op_t operation,
                          void *address)
{
    (void)size;
    (void)operation;
    return to == address && from == address ? to : NULL;
}

static void *image_realloc(void *from, size_t size, H5FD_file_image_op_t operation, void *address)
{
    (void)from;
    (void)size;
    (void)operation;
    (void)address;
    return NULL;
}

static herr_t image_free(void *from, H5FD_file_image_op_t operation, void *address)
{
    (void)from;
    (void)operation;
    (void)address;
    return 0;
}

static void *copy_address(void *address)
{
    return address;
}

static herr_t free_address(void *address)
{
    (void)address;
    return 0;
}

/** Opens the HDF5 file in the bytes at @p address, for reading; negative on failure, and
 * @p reason receives why, to be freed with g_free(). */
static hid_t open_image(const sd_mapping *image, void *address, char **reason)
{
    H5FD_file_image_callbacks_t callbacks = {
        .image_malloc = image_malloc,
        .image_memcpy = image_memcpy,
        .image_realloc = image_realloc,
        .image_free = image_free,
        .udata_copy = copy_address,
        .udata_free = free_address,
        .udata = address,
    };
    /* The library insists on a name that no file on the disk has. */
    g_autofree char *name = g_strdup_printf("/dev/null/%p", address);
    hid_t id = H5I_INVALID_HID;
    hid_t access = H5->Pcreate(*H5->P_CLS_FILE_ACCESS_ID_g);
    if (access >= 0 && H5->Pset_fapl_core(access, 65536, false) >= 0 &&
        H5->Pset_file_image_callbacks(access, &callbacks) >= 0 &&
        H5->Pset_file_image(access, address, (size_t)image->size) >= 0)
        id = H5->Fopen(name, H5F_ACC_RDONLY, access);
    *reason = id < 0 ? describe_failure() : NULL;
    if (access >= 0)
        H5->Pclose(access);
    return id;
}

bool sd_hdf5_match(const sd_mapping *mapping)
{
    return sd_mapping_equals(mapping, 0, SIGNATURE, SIGNATURE_SIZE) ||
           sd_mapping_equals(mapping, SD_HDF5_USER_BLOCK, SIGNATURE, SIGNATURE_SIZE);
}

sd_hdf5 *sd_hdf5_open(sd_waveform *waveform, sd_spool *spool, GError **error)
{
    H5 = sd_hdf5_library_load(error);
    if (!H5)
        return NULL;
    sd_hdf5 *file = g_new0(sd_hdf5, 1);
    file->waveform = waveform;
    file->spool = spool;
    file->in_spool = g_array_new(FALSE, FALSE, sizeof(placement));
    H5->open();                              /* sets the identifiers */
    H5->Eset_auto2(H5E_DEFAULT, NULL, NULL); /* prints nothing */
    /* The library finds a file that starts elsewhere than it was written to start; without what
     * stands before it, the addresses that it tells count from one place in all its versions. */
    const size_t start =
        sd_mapping_equals(waveform->mapping, 0, SIGNATURE, SIGNATURE_SIZE) ? 0 : SD_HDF5_USER_BLOCK;
    file->image = (sd_mapping){
        .name = waveform->mapping->name,
        .data = waveform->mapping->data + start,
        .size = waveform->mapping->size - start,
    };
    g_autofree char *reason = NULL;
    file->id = open_image(&file->image, (uint8_t *)waveform->mapping->address + start, &reason);
    if (file->id < 0) {
        g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                    "%s: the HDF5 superblock, or what it points to, is damaged or cut (HDF5: %s) "
                    "(byte %" G_GSIZE_FORMAT ")",
                    waveform->mapping->name, reason, start);
        g_clear_pointer(&file, sd_hdf5_free);
    }
    return file;
}

void sd_hdf5_free(sd_hdf5 *file)
{
    if (!file)
        return;
    if (file->id >= 0)
        H5->Fclose(file->id);
    g_array_unref(file->in_spool);
    g_free(file);
}

bool sd_hdf5_has(const sd_hdf5 *file, const char *path)
{
    g_auto(GStrv) words = g_strsplit(path, "/", -1);
    g_autofree char *so_far = g_strdup("");
    for (guint i = 0; words[i] && *path; i++) {
        g_autofree char *before = so_far;
        so_far = g_strconcat(before, "/", words[i], NULL);
        H5L_info_t info;
        if (H5->Lget_info(file->id, so_far, &info, H5P_DEFAULT) < 0 || info.type != H5L_TYPE_HARD)
            return false;
    }
    return true;
}

/** Opens an object by its path, "" for the root; negative if there is none. */
static hid_t open_object(const sd_hdf5 *file, const char *path)
{
    return sd_hdf5_has(file, path) ? H5->Oopen(file->id, *path ? path : "/", H5P_DEFAULT)
                                   : H5I_INVALID_HID;
}

uint64_t sd_hdf5_place(const sd_hdf5 *file, const char *path)
{
    g_autofree char *there = g_strdup(path);
    while (*there && !sd_hdf5_has(file, there)) {
        char *last = strrchr(there, '/');
        *(last ? last : there) = '\0';
    }
    H5O_info_t info = {0};
    const hid_t object = open_object(file, there);
    if (object < 0 || H5->Oget_info(object, &info) < 0)
        info.addr = 0;
    if (object >= 0)
        H5->Oclose(object);
    return (uint64_t)(file->image.data - file->waveform->mapping->data) + info.addr;
}

static herr_t take_name(hid_t group, const char *name, const H5L_info_t *info, void *data)
{
    (void)group;
    GPtrArray *names = data;
    if (info->type == H5L_TYPE_HARD && g_utf8_validate(name, -1, NULL))
        g_ptr_array_add(names, g_strdup(name));
    return names->len < NAMES_MAX ? 0 : -1;
}

static int compare_names(const void *a, const void *b)
{
    g_autofree char *x = g_utf8_collate_key_for_filename(*(const char *const *)a, -1);
    g_autofree char *y = g_utf8_collate_key_for_filename(*(const char *const *)b, -1);
    return strcmp(x, y);
}

GPtrArray *sd_hdf5_names(const sd_hdf5 *file, const char *path)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    hid_t group = open_object(file, path);
    if (group >= 0 && H5->Iget_type(group) == H5I_GROUP)
        H5->Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, take_name, names);
    if (group >= 0)
        H5->Oclose(group);
    g_ptr_array_sort(names, compare_names);
    return names;
}

/** Finds the sample type that the numbers have in the file; false if there is none. */
static bool find_type(hid_t type, sd_array *array)
{
    const struct {
        const hid_t *id;
        sd_sample_type type;
        bool big_endian;
    } types[] = {
        {H5->T_STD_I8LE_g, SD_SAMPLE_S8, false},    {H5->T_STD_U8LE_g, SD_SAMPLE_U8, false},
        {H5->T_STD_I8BE_g, SD_SAMPLE_S8, true},     {H5->T_STD_U8BE_g, SD_SAMPLE_U8, true},
        {H5->T_STD_I16LE_g, SD_SAMPLE_S16, false},  {H5->T_STD_I16BE_g, SD_SAMPLE_S16, true},
        {H5->T_STD_U16LE_g, SD_SAMPLE_U16, false},  {H5->T_STD_U16BE_g, SD_SAMPLE_U16, true},
        {H5->T_STD_I32LE_g, SD_SAMPLE_S32, false},  {H5->T_STD_I32BE_g, SD_SAMPLE_S32, true},
        {H5->T_STD_U32LE_g, SD_SAMPLE_U32, false},  {H5->T_STD_U32BE_g, SD_SAMPLE_U32, true},
        {H5->T_IEEE_F32LE_g, SD_SAMPLE_F32, false}, {H5->T_IEEE_F32BE_g, SD_SAMPLE_F32, true},
        {H5->T_IEEE_F64LE_g, SD_SAMPLE_F64, false}, {H5->T_IEEE_F64BE_g, SD_SAMPLE_F64, true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        if (H5->Tequal(type, *types[i].id) > 0) {
            array->type = types[i].type;
            array->big_endian = types[i].big_endian;
            return true;
        }
    }
    return false;
}

/** An attribute or a dataset with one value. */
typedef struct {
    hid_t object, attribute, type, space;
} single;

static void close_single(single *one)
{
    if (one->space >= 0)
        H5->Sclose(one->space);
    if (one->type >= 0)
        H5->Tclose(one->type);
    if (one->attribute >= 0)
        H5->Aclose(one->attribute);
    if (one->object >= 0)
        H5->Oclose(one->object);
}

/** Opens an attribute of an object, or the object itself as a dataset; false if it has not one
 * value. To be closed in both cases. */
static bool open_single(const sd_hdf5 *file, const char *path, const char *attribute, single *one)
{
    *one = (single){open_object(file, path), H5I_INVALID_HID, H5I_INVALID_HID, H5I_INVALID_HID};
    if (one->object < 0)
        return false;
    if (attribute) {
        one->attribute = H5->Aexists(one->object, attribute) > 0
                             ? H5->Aopen(one->object, attribute, H5P_DEFAULT)
                             : H5I_INVALID_HID;
        if (one->attribute < 0)
            return false;
        one->type = H5->Aget_type(one->attribute);
        one->space = H5->Aget_space(one->attribute);
    } else if (H5->Iget_type(one->object) == H5I_DATASET) {
        one->type = H5->Dget_type(one->object);
        one->space = H5->Dget_space(one->object);
    }
    return one->type >= 0 && one->space >= 0 && H5->Sget_simple_extent_npoints(one->space) == 1;
}

static bool read_single(const single *one, hid_t type, void *value)
{
    return (one->attribute >= 0
                ? H5->Aread(one->attribute, type, value)
                : H5->Dread(one->object, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, value)) >= 0;
}

/** Reads the value as it stands in the file: without a conversion, for the library trusts the
 * layouts of types. NULL if there is too much of it. To be freed with g_free(). */
static char *read_bytes(const single *one, size_t *size)
{
    *size = H5->Tget_size(one->type);
    if (*size == 0 || *size > TEXT_MAX)
        return NULL;
    g_autofree char *bytes = g_malloc0(*size);
    return read_single(one, one->type, bytes) ? g_steal_pointer(&bytes) : NULL;
}

/** The number in the bytes of a type that find_type() knows. */
static double to_number(const char *bytes, const sd_array *format)
{
    sd_segment segment = {.data = (const uint8_t *)bytes, .count = 1};
    const sd_channel channel = {
        .type = format->type,
        .big_endian = format->big_endian,
        .stride = sd_sample_size(format->type),
        .scale = 1,
        .segments = 1,
        .segment = &segment,
    };
    return sd_channel_value(&channel, 0, 0);
}

bool sd_hdf5_number(const sd_hdf5 *file, const char *path, const char *attribute, double *number)
{
    single one;
    bool good = open_single(file, path, attribute, &one);
    if (good) {
        /* An enumeration is stored as the integer behind it. */
        hid_t type =
            H5->Tget_class(one.type) == H5T_ENUM ? H5->Tget_super(one.type) : H5->Tcopy(one.type);
        sd_array format = {0};
        size_t size = 0;
        g_autofree char *bytes =
            type >= 0 && find_type(type, &format) ? read_bytes(&one, &size) : NULL;
        good = bytes && size == sd_sample_size(format.type);
        *number = good ? to_number(bytes, &format) : *number;
        if (type >= 0)
            H5->Tclose(type);
    }
    close_single(&one);
    return good;
}

/** Whether the type is a text of a fixed size. */
static bool is_text(hid_t type)
{
    return H5->Tget_class(type) == H5T_STRING && H5->Tis_variable_str(type) == 0;
}

/** The text in a field of bytes. */
static char *to_text(const char *bytes, size_t size)
{
    g_autofree char *text = g_strndup(bytes, size);
    return g_utf8_make_valid(g_strstrip(text), -1);
}

char *sd_hdf5_text(const sd_hdf5 *file, const char *path, const char *attribute)
{
    single one;
    char *text = NULL;
    if (open_single(file, path, attribute, &one) && is_text(one.type)) {
        size_t size = 0;
        g_autofree char *bytes = read_bytes(&one, &size);
        text = bytes ? to_text(bytes, size) : NULL;
    }
    close_single(&one);
    return text;
}

/** The text in one member of the bytes of a compound. */
static char *pick_member(hid_t compound, const char *bytes, size_t size, unsigned index)
{
    hid_t type = H5->Tget_member_type(compound, index);
    size_t at = H5->Tget_member_offset(compound, index);
    char *text = NULL;
    if (type >= 0 && is_text(type) && at <= size && H5->Tget_size(type) <= size - at)
        text = to_text(bytes + at, H5->Tget_size(type));
    if (type >= 0)
        H5->Tclose(type);
    return text;
}

char *sd_hdf5_member(const sd_hdf5 *file, const char *path, const char *member)
{
    single one;
    char *text = NULL;
    if (open_single(file, path, NULL, &one) && H5->Tget_class(one.type) == H5T_COMPOUND &&
        H5->Tdetect_class(one.type, H5T_VLEN) == 0 &&
        H5->Tdetect_class(one.type, H5T_REFERENCE) == 0) {
        int index = H5->Tget_member_index(one.type, member);
        size_t size = 0;
        g_autofree char *bytes = index >= 0 ? read_bytes(&one, &size) : NULL;
        text = bytes ? pick_member(one.type, bytes, size, (unsigned)index) : NULL;
    }
    close_single(&one);
    return text;
}

/** A dataset that is being read. */
typedef struct {
    hid_t id, type, space, properties;
    const char *path;
    size_t size;             /**< Bytes of a number. */
    hsize_t shape[RANK_MAX]; /**< Trailing ones where it has fewer dimensions. */
    hsize_t chunk[RANK_MAX]; /**< The same of a chunk; 0: not chunked. */
    int rank;
} dataset;

static void close_dataset(dataset *set)
{
    const struct {
        hid_t id;
        herr_t (*close)(hid_t);
    } open[] = {
        {set->properties, H5->Pclose},
        {set->space, H5->Sclose},
        {set->type, H5->Tclose},
        {set->id, H5->Oclose},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(open); i++) {
        if (open[i].id >= 0)
            open[i].close(open[i].id);
    }
}

/** Says that a dataset is sound, but nothing that can be read. */
static bool refuse(const sd_hdf5 *file, const dataset *set, const char *what, GError **error)
{
    g_set_error(error, SD_ERROR, SD_ERROR_UNSUPPORTED,
                "%s: the dataset /%s %s (byte %" G_GUINT64_FORMAT ")",
                file->waveform->mapping->name, set->path, what, sd_hdf5_place(file, set->path));
    return false;
}

static bool fail_cut(const sd_hdf5 *file, const dataset *set, GError **error)
{
    g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                "%s: not all of the dataset /%s is in the file: it is cut or was never written to "
                "its end (%" G_GUINT64_FORMAT " x %" G_GUINT64_FORMAT " numbers of %" G_GSIZE_FORMAT
                " bytes) (byte %" G_GUINT64_FORMAT ")",
                file->waveform->mapping->name, set->path, (uint64_t)set->shape[0],
                (uint64_t)set->shape[1], set->size, sd_hdf5_place(file, set->path));
    return false;
}

/** Opens a dataset and learns its type and its size. */
static bool open_dataset(const sd_hdf5 *file, dataset *set, sd_array *array, GError **error)
{
    set->id = open_object(file, set->path);
    if (set->id >= 0 && H5->Iget_type(set->id) == H5I_DATASET) {
        set->type = H5->Dget_type(set->id);
        set->space = H5->Dget_space(set->id);
        set->properties = H5->Dget_create_plist(set->id);
    }
    if (set->type < 0 || set->space < 0 || set->properties < 0) {
        fail(file, set->path, error);
        return false;
    }
    if (!find_type(set->type, array))
        return refuse(file, set, "holds no integers of 8 to 32 bits and no floats of 32 or 64 bits",
                      error);
    set->size = sd_sample_size(array->type);
    hsize_t shape[H5S_MAX_RANK] = {0};
    hsize_t chunk[H5S_MAX_RANK] = {0};
    set->rank = H5->Sget_simple_extent_dims(set->space, shape, NULL);
    if (set->rank < 1 || set->rank > RANK_MAX)
        return refuse(file, set, "has neither one nor two dimensions", error);
    bool chunked = H5->Pget_layout(set->properties) == H5D_CHUNKED;
    if (chunked && H5->Pget_chunk(set->properties, H5S_MAX_RANK, chunk) != set->rank) {
        fail(file, set->path, error);
        return false;
    }
    for (int i = 0; i < RANK_MAX; i++) {
        set->shape[i] = i < set->rank ? shape[i] : 1;
        set->chunk[i] = i < set->rank ? chunk[i] : (chunked ? 1 : 0);
        array->size[i] = set->shape[i];
    }
    uint64_t bytes = 0;
    if (!g_uint64_checked_mul(&bytes, sd_array_count(array), set->size) || bytes == 0)
        return refuse(file, set, "is empty, or larger than 64 bits can count", error);
    return true;
}

/** Where the @p bytes of numbers begin that lie in the file as they are; HADDR_UNDEF if
 * they do not. A single chunk without filters is such a place too: so does Keysight store them. */
static haddr_t find_place(const dataset *set, uint64_t bytes)
{
    H5D_layout_t layout = H5->Pget_layout(set->properties);
    if (layout == H5D_CONTIGUOUS && H5->Pget_external_count(set->properties) == 0)
        return H5->Dget_offset(set->id);
    if (layout != H5D_CHUNKED || H5->Pget_nfilters(set->properties) != 0 ||
        set->chunk[0] < set->shape[0] || set->chunk[1] != set->shape[1])
        return HADDR_UNDEF;
    const hsize_t first[RANK_MAX] = {0, 0};
    unsigned mask = 0;
    haddr_t at = HADDR_UNDEF;
    hsize_t stored = 0;
    if (H5->Dget_chunk_info_by_coord(set->id, first, &mask, &at, &stored) < 0 || stored < bytes)
        return HADDR_UNDEF;
    return at;
}

/** Points the array at the numbers in the file, if they lie there as they are. */
static bool read_in_place(const sd_hdf5 *file, const dataset *set, sd_array *array)
{
    const sd_mapping *mapping = &file->image;
    const uint64_t bytes = sd_array_count(array) * set->size; /* open_dataset(): no overflow */
    haddr_t at = find_place(set, bytes);
    if (at == HADDR_UNDEF || !sd_mapping_has(mapping, at, bytes))
        return false;
    array->data = mapping->data + at;
    return true;
}

/** Unpacks large chunks of a vector, which have no filter but deflate, piece by piece. */
static bool unpack_chunks(sd_hdf5 *file, const dataset *set, GError **error)
{
    const sd_mapping *mapping = &file->image;
    int filters = H5->Pget_nfilters(set->properties);
    unsigned flags = 0;
    size_t values = 0;
    bool deflate = filters == 1 && H5->Pget_filter2(set->properties, 0, &flags, &values, NULL, 0,
                                                    NULL, NULL) == H5Z_FILTER_DEFLATE;
    if (set->shape[1] != 1 || set->chunk[1] != 1 || !(filters == 0 || deflate)) {
        return refuse(file, set,
                      "is stored in chunks of more than 4 MiB that are packed in a way that cannot "
                      "be undone piece by piece: save it with smaller chunks or without packing",
                      error);
    }
    uint64_t left = set->shape[0] * set->size;
    for (hsize_t first = 0; first < set->shape[0]; first += set->chunk[0]) {
        const hsize_t where[RANK_MAX] = {first, 0};
        unsigned mask = 0;
        haddr_t at = HADDR_UNDEF;
        hsize_t stored = 0;
        uint64_t wanted = MIN(left, set->chunk[0] * set->size);
        if (H5->Dget_chunk_info_by_coord(set->id, where, &mask, &at, &stored) < 0 ||
            at == HADDR_UNDEF || !sd_mapping_has(mapping, at, stored) || stored == 0)
            return fail_cut(file, set, error);
        const uint64_t before = sd_spool_size(file->spool);
        if (deflate && !(mask & 1U)) {
            if (!sd_inflate(mapping, at, stored, SD_INFLATE_ZLIB, wanted, file->spool, error))
                return false;
        } else if (!sd_spool_write(file->spool, mapping->data + at, (size_t)MIN(stored, wanted),
                                   error)) {
            return false;
        }
        if (sd_spool_size(file->spool) - before != wanted)
            return fail_cut(file, set, error);
        left -= wanted;
    }
    return true;
}

/** Reads a block through the library and appends it to the spool. */
static bool read_block(sd_hdf5 *file, const dataset *set, const hsize_t *start,
                       const hsize_t *count, void *buffer, GError **error)
{
    hid_t memory = H5->Screate_simple(set->rank, count, NULL);
    bool good = memory >= 0 &&
                H5->Sselect_hyperslab(set->space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
                H5->Dread(set->id, set->type, memory, set->space, H5P_DEFAULT, buffer) >= 0;
    if (!good)
        fail(file, set->path, error);
    if (memory >= 0)
        H5->Sclose(memory);
    return good &&
           sd_spool_write(file->spool, buffer, (size_t)(count[0] * count[1]) * set->size, error);
}

/** Reads all numbers through the library: as many whole chunks (or rows, or parts of a row) at a
 * time as the buffer of CHUNK_MAX bytes takes. */
static bool read_into(sd_hdf5 *file, const dataset *set, void *buffer, GError **error)
{
    const hsize_t most = CHUNK_MAX / set->size;
    const hsize_t columns = MIN(set->shape[1], most);
    hsize_t rows = MAX(most / columns, 1);
    if (set->chunk[0] > 0 && rows > set->chunk[0])
        rows -= rows % set->chunk[0];
    for (hsize_t row = 0; row < set->shape[0]; row += rows) {
        for (hsize_t column = 0; column < set->shape[1]; column += columns) {
            const hsize_t start[RANK_MAX] = {row, column};
            const hsize_t count[RANK_MAX] = {MIN(rows, set->shape[0] - row),
                                             MIN(columns, set->shape[1] - column)};
            if (!read_block(file, set, start, count, buffer, error))
                return false;
        }
    }
    return true;
}

static bool read_blocks(sd_hdf5 *file, const dataset *set, GError **error)
{
    void *buffer = g_malloc(CHUNK_MAX);
    bool good = read_into(file, set, buffer, error);
    g_free(buffer);
    return good;
}

/** How many chunks a dataset of this size has; 0 if that overflows. */
static uint64_t chunks_of(const dataset *set)
{
    uint64_t count = 1;
    for (int i = 0; i < RANK_MAX; i++) {
        uint64_t along = set->shape[i] / set->chunk[i] + (set->shape[i] % set->chunk[i] != 0);
        if (!g_uint64_checked_mul(&count, count, along))
            return 0;
    }
    return count;
}

/** Unpacks a dataset into the spool. */
static bool unpack(sd_hdf5 *file, const dataset *set, GError **error)
{
    const H5D_layout_t layout = H5->Pget_layout(set->properties);
    if (layout == H5D_COMPACT)
        return read_blocks(file, set, error);
    if (layout == H5D_CONTIGUOUS && H5->Pget_external_count(set->properties) == 0)
        return fail_cut(file, set, error);
    if (layout != H5D_CHUNKED)
        return refuse(file, set, "is stored in other files, which are not opened", error);
    /* Missing chunks would be read as zeros, and there may be more of them than a disk holds. */
    hsize_t chunks = 0;
    if (set->chunk[0] == 0 || set->chunk[1] == 0 ||
        H5->Dget_num_chunks(set->id, set->space, &chunks) < 0 || chunks != chunks_of(set))
        return fail_cut(file, set, error);
    uint64_t bytes = 0;
    bool large = !g_uint64_checked_mul(&bytes, set->chunk[0], set->chunk[1]) ||
                 !g_uint64_checked_mul(&bytes, bytes, set->size) || bytes > CHUNK_MAX;
    return large ? unpack_chunks(file, set, error) : read_blocks(file, set, error);
}

bool sd_hdf5_read(sd_hdf5 *file, const char *path, sd_array *array, GError **error)
{
    dataset set = {H5I_INVALID_HID, H5I_INVALID_HID, H5I_INVALID_HID, H5I_INVALID_HID,
                   .path = path};
    bool good = open_dataset(file, &set, array, error);
    if (good && !read_in_place(file, &set, array)) {
        if (file->spool) {
            const placement place = {array, sd_spool_size(file->spool)};
            g_array_append_val(file->in_spool, place);
            good = unpack(file, &set, error);
        } else {
            g_set_error(error, SD_ERROR, SD_ERROR_OPEN,
                        "%s has to be unpacked to a temporary file in %s, which cannot be written",
                        file->waveform->mapping->name, g_get_tmp_dir());
            good = false;
        }
    }
    close_dataset(&set);
    return good;
}

bool sd_hdf5_finish(sd_hdf5 *file, GError **error)
{
    if (file->in_spool->len == 0)
        return true;
    sd_mapping *unpacked = sd_spool_map(file->spool, error);
    if (!unpacked)
        return false;
    sd_waveform_keep(file->waveform, unpacked);
    for (guint i = 0; i < file->in_spool->len; i++) {
        const placement *place = &g_array_index(file->in_spool, placement, i);
        place->array->data = unpacked->data + place->at;
    }
    return true;
}
