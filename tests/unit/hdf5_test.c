/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HDF5 files of Keysight, Tektronix and MATLAB, made with the HDF5 library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bytes.h"
#include "opened.h"
#include "zip_file.h"

#ifdef SD_HDF5
#define H5_USE_110_API
#include <hdf5.h>

#define SAMPLES 100

/** How a dataset is stored. */
typedef struct {
    hid_t type;    /**< In the file. */
    hsize_t chunk; /**< 0: contiguous. */
    bool deflate, shuffle;
    bool unwritten;
} storage;

/** Puts test_sample() + shift into a dataset of one or two dimensions. */
static void put_dataset(hid_t group, const char *name, hsize_t rows, hsize_t columns,
                        const storage *how, double shift)
{
    const hsize_t shape[] = {rows, columns};
    const hsize_t chunk[] = {how->chunk, columns};
    const int rank = columns ? 2 : 1;
    const size_t count = rows * MAX(columns, 1);
    g_autofree double *values = g_new(double, count);
    for (size_t i = 0; i < count; i++)
        values[i] = test_sample(i) + shift;
    const hsize_t unlimited[] = {H5S_UNLIMITED, H5S_UNLIMITED};
    hid_t space = H5Screate_simple(rank, shape, how->chunk ? unlimited : NULL);
    hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    if (how->chunk)
        assert_true(H5Pset_chunk(properties, rank, chunk) >= 0);
    if (how->shuffle)
        assert_true(H5Pset_shuffle(properties) >= 0);
    if (how->deflate)
        assert_true(H5Pset_deflate(properties, 6) >= 0);
    hid_t set = H5Dcreate2(group, name, how->type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    assert_true(set >= 0);
    if (!how->unwritten)
        assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(set);
    H5Pclose(properties);
    H5Sclose(space);
}

/** Gives an object an attribute with one number. */
static void put_attribute(hid_t group, const char *object, const char *name, hid_t type,
                          double value)
{
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute =
        H5Acreate_by_name(group, object, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, H5T_NATIVE_DOUBLE, &value) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
}

static void put_text_attribute(hid_t group, const char *object, const char *name, const char *text)
{
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t type = H5Tcopy(H5T_C_S1);
    assert_true(H5Tset_size(type, 32) >= 0);
    char padded[32] = "";
    g_strlcpy(padded, text, sizeof padded);
    hid_t attribute =
        H5Acreate_by_name(group, object, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, type, padded) >= 0);
    H5Aclose(attribute);
    H5Tclose(type);
    H5Sclose(space);
}

/** WaveformType is an enumeration. */
static void put_waveform_type(hid_t group, const char *object, int16_t value)
{
    hid_t type = H5Tenum_create(H5T_STD_I16LE);
    for (int16_t i = 0; i < 12; i++) {
        char name[8];
        g_snprintf(name, sizeof name, "T%d", i);
        assert_true(H5Tenum_insert(type, name, &i) >= 0);
    }
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate_by_name(group, object, "WaveformType", type, space, H5P_DEFAULT,
                                        H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, type, &value) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
}

/** Instrument and date: a compound of texts. */
static void put_frame(hid_t file)
{
    struct frame {
        char model[12], serial[12], date[22];
    } frame = {"N8900A", "AT1", "2-Jul-2022 12:42:35"};
    hid_t compound = H5Tcreate(H5T_COMPOUND, sizeof frame);
    const struct {
        const char *name;
        size_t at, size;
    } members[] = {
        {"Model", offsetof(struct frame, model), sizeof frame.model},
        {"Serial", offsetof(struct frame, serial), sizeof frame.serial},
        {"Date", offsetof(struct frame, date), sizeof frame.date},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        hid_t text = H5Tcopy(H5T_C_S1);
        assert_true(H5Tset_size(text, members[i].size) >= 0);
        assert_true(H5Tinsert(compound, members[i].name, members[i].at, text) >= 0);
        H5Tclose(text);
    }
    hid_t group = H5Gcreate2(file, "Frame", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t set =
        H5Dcreate2(group, "TheFrame", compound, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Dwrite(set, compound, H5S_ALL, H5S_ALL, H5P_DEFAULT, &frame) >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Gclose(group);
    H5Tclose(compound);
}

/** Starts a file; MATLAB puts a block in front. */
static hid_t create(void **state, const char *name, hsize_t user_block)
{
    g_autofree char *path = g_build_filename(*state, name, NULL);
    hid_t properties = H5Pcreate(H5P_FILE_CREATE);
    assert_true(H5Pset_userblock(properties, user_block) >= 0);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, properties, H5P_DEFAULT);
    assert_true(file >= 0);
    H5Pclose(properties);
    return file;
}

/** A Keysight waveform without its datasets. */
static hid_t put_waveform(hid_t waveforms, const char *name, double points, double segments)
{
    hid_t group = H5Gcreate2(waveforms, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    put_attribute(group, ".", "NumPoints", H5T_STD_I32LE, points);
    put_attribute(group, ".", "NumSegments", H5T_STD_I32LE, segments);
    put_attribute(group, ".", "XInc", H5T_IEEE_F64LE, 2.5e-11);
    put_attribute(group, ".", "XOrg", H5T_IEEE_F64LE, -1e-6);
    put_attribute(group, ".", "YInc", H5T_IEEE_F64LE, 0.25);
    put_attribute(group, ".", "YOrg", H5T_IEEE_F64LE, -1.5);
    put_text_attribute(group, ".", "XUnits", "Second");
    put_text_attribute(group, ".", "YUnits", "Volt");
    put_waveform_type(group, ".", 1);
    return group;
}

/** A Keysight file with one waveform, stored as told. */
static char *keysight(void **state, const storage *how, const char *attribute, double value)
{
    hid_t file = create(state, "keysight.h5", 0);
    put_frame(file);
    hid_t waveforms = H5Gcreate2(file, "Waveforms", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t group = put_waveform(waveforms, "Channel 1", SAMPLES, 0);
    put_dataset(group, "Channel 1Data", SAMPLES, 0, how, 0);
    if (attribute) {
        H5Adelete(group, attribute);
        if (strcmp(attribute, "WaveformType") == 0)
            put_waveform_type(group, ".", (int16_t)value);
        else
            put_attribute(group, ".", attribute, H5T_IEEE_F64LE, value);
    }
    H5Gclose(group);
    H5Gclose(waveforms);
    H5Fclose(file);
    return g_build_filename(*state, "keysight.h5", NULL);
}

/** Integers are codes, floats are volts; what is not packed is read in place. */
static void keysight_storage(void **state)
{
    const struct {
        storage how;
        bool volts, in_place;
    } rows[] = {
        {{.type = H5T_STD_I16LE}, false, true},
        {{.type = H5T_STD_I16BE}, false, true},
        {{.type = H5T_STD_I8LE}, false, true},
        {{.type = H5T_IEEE_F32LE}, true, true},
        {{.type = H5T_IEEE_F64LE}, true, true},
        {{.type = H5T_STD_I16LE, .chunk = SAMPLES}, false, true},
        {{.type = H5T_STD_I16LE, .chunk = SAMPLES + 7}, false, true},
        {{.type = H5T_STD_I16LE, .chunk = 30}, false, false},
        {{.type = H5T_IEEE_F32LE, .chunk = SAMPLES, .deflate = true}, true, false},
        {{.type = H5T_IEEE_F32BE, .chunk = 7, .deflate = true, .shuffle = true}, true, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = keysight(state, &rows[i].how, NULL, 0);
        sd_waveform *waveform = open_sound(path, NULL);
        assert_sound(waveform);
        assert_string_equal(waveform->format, "Keysight HDF5");
        assert_string_equal(waveform->instrument, "Keysight N8900A AT1");
        assert_true(waveform->has_time);
        assert_true(has_note(waveform, "no time zone"));
        assert_int_equal(waveform->channels, 1);
        const sd_channel *channel = &waveform->channel[0];
        assert_string_equal(channel->name, "Channel 1");
        assert_string_equal(channel->unit, "V");
        assert_true(channel->interval == 2.5e-11);
        assert_int_equal(channel->segments, 1);
        const sd_segment *segment = &channel->segment[0];
        assert_true(segment->start == -1e-6);
        assert_true(segment->time_ns == INT64_C(1656765755000000000) - 1000);
        assert_int_equal(segment->count, SAMPLES);
        assert_true(lies_in(waveform->mapping, channel, segment) == rows[i].in_place);
        for (size_t k = 0; k < SAMPLES; k++) {
            double expected =
                test_sample(k) * (rows[i].volts ? 1 : 0.25) - (rows[i].volts ? 0 : 1.5);
            assert_true(sd_channel_value(channel, 0, k) == expected);
        }
        sd_waveform_free(waveform);
    }
}

/** Segments are in the order of their numbers, channels too. */
static void keysight_segments(void **state)
{
    enum { SEGMENTS = 12 };
    hid_t file = create(state, "segments.h5", 0);
    hid_t waveforms = H5Gcreate2(file, "Waveforms", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    static const char *const names[] = {"Channel 10", "Channel 2"};
    for (size_t c = 0; c < 2; c++) {
        hid_t group = put_waveform(waveforms, names[c], SAMPLES, SEGMENTS);
        for (int s = 1; s <= SEGMENTS; s++) {
            const storage how = {.type = H5T_STD_I16LE, .chunk = SAMPLES, .deflate = s % 2};
            g_autofree char *name = g_strdup_printf("%s Seg%dData", names[c], s);
            put_dataset(group, name, SAMPLES, 0, &how, 200 * s);
            put_attribute(group, name, "SegmentedXOrg", H5T_IEEE_F64LE, -1e-9 * s);
            put_attribute(group, name, "SegmentedTimeTag", H5T_IEEE_F64LE, 0.5 * (s - 1));
        }
        H5Gclose(group);
    }
    put_frame(file);
    H5Gclose(waveforms);
    H5Fclose(file);
    g_autofree char *path = g_build_filename(*state, "segments.h5", NULL);
    sd_waveform *waveform = open_sound(path, NULL);
    assert_sound(waveform);
    assert_int_equal(waveform->channels, 2);
    assert_string_equal(waveform->channel[0].name, "Channel 2");
    assert_string_equal(waveform->channel[1].name, "Channel 10");
    for (size_t c = 0; c < 2; c++) {
        const sd_channel *channel = &waveform->channel[c];
        assert_int_equal(channel->segments, SEGMENTS);
        for (size_t s = 0; s < SEGMENTS; s++) {
            assert_true(channel->segment[s].start == -1e-9 * (double)(s + 1));
            assert_true(channel->segment[s].time_ns ==
                        INT64_C(1656765755000000000) + 500000000 * (int64_t)s - (int64_t)(s + 1));
            for (size_t k = 0; k < SAMPLES; k++)
                assert_true(sd_channel_value(channel, s, k) ==
                            (test_sample(k) + 200 * (double)(s + 1)) * 0.25 - 1.5);
        }
    }
    sd_waveform_free(waveform);

    /* Without a date the distances from the first trigger are still those of the file. */
    hid_t again = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(H5Ldelete(again, "Frame", H5P_DEFAULT) >= 0);
    H5Fclose(again);
    waveform = open_sound(path, NULL);
    assert_false(waveform->has_time);
    for (size_t s = 1; s < SEGMENTS; s++) {
        const sd_segment *segment = &waveform->channel[1].segment[s];
        assert_int_equal(segment[0].time_ns - segment[-1].time_ns, 500000000 - 1);
    }
    sd_waveform_free(waveform);

    again = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(H5Ldelete(again, "Waveforms/Channel 2/Channel 2 Seg12Data", H5P_DEFAULT) >= 0);
    H5Fclose(again);
    assert_refused(path, NULL, SD_ERROR_DAMAGED, "NumSegments of /Waveforms/Channel 2 is 12");
    again = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(H5Ldelete(again, "Waveforms/Channel 2/Channel 2 Seg3Data", H5P_DEFAULT) >= 0);
    H5Fclose(again);
    assert_refused(path, NULL, SD_ERROR_DAMAGED, "segment 3 of the waveform \"Channel 2\"");
}

/** Where the header of an object stands. */
static uint64_t header_of(hid_t file, const char *path)
{
    H5O_info_t info;
    assert_true(H5Oget_info_by_name(file, path, &info, H5P_DEFAULT) >= 0);
    return info.addr;
}

/** A segment that is earlier than the one before it, and an attribute that cannot be true: with the
    bytes of their objects. */
static void places(void **state)
{
    hid_t file = create(state, "places.h5", 0);
    hid_t waveforms = H5Gcreate2(file, "Waveforms", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t group = put_waveform(waveforms, "Channel 1", SAMPLES, 3);
    for (int s = 1; s <= 3; s++) {
        const storage how = {.type = H5T_STD_I16LE};
        g_autofree char *name = g_strdup_printf("Channel 1 Seg%dData", s);
        put_dataset(group, name, SAMPLES, 0, &how, 0);
        put_attribute(group, name, "SegmentedXOrg", H5T_IEEE_F64LE, -1e-9);
        put_attribute(group, name, "SegmentedTimeTag", H5T_IEEE_F64LE, s == 3 ? 0.25 : 0.5 * s);
    }
    const uint64_t last = header_of(group, "Channel 1 Seg3Data");
    const uint64_t whole = header_of(waveforms, "Channel 1");
    H5Gclose(group);
    H5Gclose(waveforms);
    H5Fclose(file);
    g_autofree char *path = g_build_filename(*state, "places.h5", NULL);
    sd_waveform *waveform = open_sound(path, NULL);
    assert_int_equal(noted_byte(waveform, "segment 2 is earlier than the one before it: the "
                                          "SegmentedTimeTag of its dataset"),
                     last);
    sd_waveform_free(waveform);

    hid_t again = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(H5Adelete_by_name(again, "Waveforms/Channel 1", "XInc", H5P_DEFAULT) >= 0);
    H5Fclose(again);
    g_autofree char *words = g_strdup_printf("(byte %" G_GUINT64_FORMAT ")", whole);
    assert_refused(path, NULL, SD_ERROR_DAMAGED, words);
}

/** Chunks too large for the library to hold: unpacked piece by piece, or refused. */
static void large_chunks(void **state)
{
    enum { LARGE = 2500000, CHUNK = 2000000 };
    for (int deflate = 0; deflate <= 1; deflate++) {
        const storage how = {.type = H5T_IEEE_F32LE, .chunk = CHUNK, .deflate = deflate};
        hid_t file = create(state, "large.h5", 0);
        put_dataset(file, "ch", LARGE, 0, &how, 0);
        H5Fclose(file);
        g_autofree char *path = g_build_filename(*state, "large.h5", NULL);
        const sd_waveform_options options = {.sample_rate = 1e9};
        sd_waveform *waveform = open_sound(path, &options);
        assert_string_equal(waveform->format, "HDF5");
        assert_string_equal(waveform->channel[0].name, "ch");
        assert_int_equal(waveform->channel[0].segment[0].count, LARGE);
        for (size_t k = 0; k < LARGE; k += 7)
            assert_true(sd_channel_value(&waveform->channel[0], 0, k) == test_sample(k));
        sd_waveform_free(waveform);
    }
    const storage how = {.type = H5T_IEEE_F32LE, .chunk = CHUNK, .deflate = true, .shuffle = true};
    hid_t file = create(state, "large.h5", 0);
    hid_t waveforms = H5Gcreate2(file, "Waveforms", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t group = put_waveform(waveforms, "A", LARGE, 0);
    put_dataset(group, "AData", LARGE, 0, &how, 0);
    H5Gclose(group);
    H5Gclose(waveforms);
    H5Fclose(file);
    g_autofree char *path = g_build_filename(*state, "large.h5", NULL);
    assert_refused(path, NULL, SD_ERROR_UNSUPPORTED, "smaller chunks");
}

static void keysight_refusals(void **state)
{
    const storage how = {.type = H5T_STD_I16LE};
    const struct {
        const char *attribute;
        double value;
        sd_error_code code;
        const char *words;
    } rows[] = {
        {"XInc", 0, SD_ERROR_DAMAGED, "XInc"},
        {"XInc", -1e-9, SD_ERROR_DAMAGED, "XInc"},
        {"XInc", (double)NAN, SD_ERROR_DAMAGED, "XInc"},
        {"XOrg", (double)INFINITY, SD_ERROR_DAMAGED, "XOrg"},
        {"YInc", 0, SD_ERROR_DAMAGED, "YInc"},
        {"YOrg", (double)NAN, SD_ERROR_DAMAGED, "YOrg"},
        {"NumPoints", 1e9, SD_ERROR_DAMAGED, "NumPoints"},
        {"WaveformType", 2, SD_ERROR_UNSUPPORTED, "without a voltage record"},
        {"WaveformType", 6, SD_ERROR_UNSUPPORTED, "without a voltage record"},
        {"WaveformType", 11, SD_ERROR_UNSUPPORTED, "without a voltage record"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = keysight(state, &how, rows[i].attribute, rows[i].value);
        assert_refused(path, NULL, rows[i].code, rows[i].words);
    }
    const storage never_written = {.type = H5T_STD_I16LE, .unwritten = true};
    g_autofree char *empty = keysight(state, &never_written, NULL, 0);
    assert_refused(empty, NULL, SD_ERROR_DAMAGED, "not all of the dataset");
    const storage chunks_missing = {.type = H5T_STD_I16LE, .chunk = 10, .unwritten = true};
    g_autofree char *holes = keysight(state, &chunks_missing, NULL, 0);
    assert_refused(holes, NULL, SD_ERROR_DAMAGED, "not all of the dataset");
    const storage wide = {.type = H5T_STD_I64LE};
    g_autofree char *path = keysight(state, &wide, NULL, 0);
    assert_refused(path, NULL, SD_ERROR_UNSUPPORTED, "no integers of 8 to 32 bits");
}

/** No file leads to another one. */
static void links_to_other_files(void **state)
{
    hid_t target = create(state, "target.h5", 0);
    put_dataset(target, "Data", SAMPLES, 0, &(storage){.type = H5T_IEEE_F32LE}, 0);
    H5Fclose(target);
    g_autofree char *there = g_build_filename(*state, "target.h5", NULL);
    hid_t file = create(state, "link.h5", 0);
    assert_true(H5Lcreate_external(there, "/Data", file, "Data", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    H5Fclose(file);
    g_autofree char *path = g_build_filename(*state, "link.h5", NULL);
    const sd_waveform_options options = {.sample_rate = 1e9};
    assert_refused(path, &options, SD_ERROR_UNSUPPORTED, "no vector");
}

static char *tektronix(void **state, double spacing, double start)
{
    hid_t file = create(state, "tek.h5", 0);
    put_dataset(file, "Data", SAMPLES, 0, &(storage){.type = H5T_IEEE_F32LE}, 0);
    const storage number = {.type = H5T_IEEE_F64LE};
    put_dataset(file, "Spacing", 1, 0, &number, spacing - test_sample(0));
    put_dataset(file, "StartTime", 1, 0, &number, start - test_sample(0));
    H5Fclose(file);
    return g_build_filename(*state, "tek.h5", NULL);
}

static void tektronix_files(void **state)
{
    g_autofree char *path = tektronix(state, 0.5, -4);
    sd_waveform *waveform = open_sound(path, NULL);
    assert_sound(waveform);
    assert_string_equal(waveform->format, "Tektronix HDF5");
    assert_true(waveform->channel[0].interval == 0.5);
    assert_true(waveform->channel[0].segment[0].start == -4);
    assert_true(sd_channel_value(&waveform->channel[0], 0, 99) == test_sample(99));
    sd_waveform_free(waveform);
    g_autofree char *zero = tektronix(state, 0, 0);
    assert_refused(zero, NULL, SD_ERROR_DAMAGED, "/Spacing");
    g_autofree char *nan = tektronix(state, 1, (double)NAN);
    assert_refused(nan, NULL, SD_ERROR_DAMAGED, "/StartTime");
}

/** What unpacking found is noted once, although two processes open the file. */
static void packed_file(void **state)
{
    g_autofree char *path = tektronix(state, 0.5, -4);
    g_autofree char *bytes = NULL;
    gsize size = 0;
    assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    const zip_member member = {"tek.h5", bytes, size};
    g_autofree char *archive = g_build_filename(*state, "tek.h5.zip", NULL);
    zip_write(archive, &member, 1, false);
    sd_waveform *waveform = open_sound(archive, NULL);
    assert_sound(waveform);
    assert_true(sd_channel_value(&waveform->channel[0], 0, 99) == test_sample(99));
    assert_int_equal(waveform->notes->len, 1);
    assert_true(has_note(waveform, "packed (zip)"));
    sd_waveform_free(waveform);
}

/** MATLAB 7.3 has a block in front; arrays with names, times among them. */
static void matlab_files(void **state)
{
    for (int chunked = 0; chunked <= 1; chunked++) {
        hid_t file = create(state, "matlab.mat", 512);
        const storage how = {
            .type = H5T_IEEE_F64LE, .chunk = chunked ? 1 : 0, .deflate = chunked == 1};
        put_dataset(file, "data", 1, SAMPLES, &how, 0);
        put_dataset(file, "dt", 1, 1, &how, 0.125 - test_sample(0));
        put_dataset(file, "two", 2, SAMPLES, &how, 0);
        put_dataset(file, "text", 1, SAMPLES, &(storage){.type = H5T_STD_U16LE}, 0);
        put_text_attribute(file, "text", "MATLAB_class", "char");
        put_dataset(file, "wide", 1, SAMPLES, &(storage){.type = H5T_STD_I64LE}, 0);
        H5Fclose(file);
        g_autofree char *path = g_build_filename(*state, "matlab.mat", NULL);
        g_autoptr(GByteArray) bytes = read_file(path);
        memset(bytes->data, ' ', 124);
        memcpy(bytes->data, "MATLAB 7.3 MAT-file", 19);
        g_autofree char *whole = scratch_write(state, "matlab73.mat", bytes->data, bytes->len);
        sd_waveform *waveform = open_sound(whole, NULL);
        assert_sound(waveform);
        assert_string_equal(waveform->format, "MATLAB 7.3");
        assert_int_equal(waveform->channels, 3);
        static const char *const names[] = {"data", "two 1", "two 2"};
        for (size_t c = 0; c < 3; c++) {
            const sd_channel *channel = &waveform->channel[c];
            assert_string_equal(channel->name, names[c]);
            assert_true(channel->interval == 0.125);
            for (size_t k = 0; k < SAMPLES; k++)
                assert_true(sd_channel_value(channel, 0, k) ==
                            test_sample(c == 2 ? k + SAMPLES : k));
        }
        assert_true(has_note(waveform, "/wide"));
        sd_waveform_free(waveform);
    }
}

/** Whatever the library does on damaged files, a sentence comes of it. */
static void damaged(void **state)
{
    const storage how = {.type = H5T_IEEE_F32LE, .chunk = 50, .deflate = true};
    g_autofree char *path = keysight(state, &how, NULL, 0);
    g_autoptr(GByteArray) bytes = read_file(path);
    for (size_t length = 8; length < bytes->len; length += 131) {
        g_autofree char *cut = scratch_write(state, "cut.h5", bytes->data, length);
        assert_false(open_or_refuse(cut, NULL));
    }
    g_autofree char *half = scratch_write(state, "half.h5", bytes->data, bytes->len / 2);
    assert_refused(half, NULL, SD_ERROR_DAMAGED, "damaged or cut");
    for (size_t at = 8; at < bytes->len; at += 29) {
        bytes->data[at] ^= 0xFF;
        g_autofree char *flipped = scratch_write(state, "flipped.h5", bytes->data, bytes->len);
        (void)open_or_refuse(flipped, NULL);
        bytes->data[at] ^= 0xFF;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keysight_storage),
        cmocka_unit_test(keysight_segments),
        cmocka_unit_test(places),
        cmocka_unit_test(large_chunks),
        cmocka_unit_test(keysight_refusals),
        cmocka_unit_test(links_to_other_files),
        cmocka_unit_test(tektronix_files),
        cmocka_unit_test(packed_file),
        cmocka_unit_test(matlab_files),
        cmocka_unit_test(damaged),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}

#else /* without the library */

static void library_is_named(void **state)
{
    g_autofree char *path = scratch_write(state, "record.h5", "\x89HDF\r\n\x1A\n", 8);
    assert_refused(path, NULL, SD_ERROR_FORMAT, "this build of scopedump has no HDF5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(library_is_named)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}

#endif
