/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of record_format.h, the error bits of epb_flags, and comments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "little_endian.h"
#include "record/metadata.h"

/** epb_flags of the pcapng specification: FCS length in bits 5 to 8, link-layer errors above. */
enum {
    FLAG_FCS_4 = 4 << 5,
    FLAG_CRC = 1 << 24,
    FLAG_TOO_LONG = 1 << 25,
    FLAG_TOO_SHORT = 1 << 26,
    FLAG_GAP = 1 << 27,
    FLAG_SFD = 1 << 29,
    FLAG_PREAMBLE = 1 << 30,
};
#define FLAG_SYMBOL 0x80000000U

/** Each field has a value of its own that fills all of its bytes. */
static const sd_hit two_hits[] = {
    {.octet = 0x01020304,
     .where = SD_HIT_FRAME,
     .kind = SD_HIT_KIND_DISPARITY,
     .bits = 0x2A5,
     .copy = 99,
     .start = ((sd_position)0x1EDCBA98765 << SD_POSITION_BITS) + 5,
     .time_ps = INT64_C(0x1122334455667788)},
    {.octet = -1,
     .where = SD_HIT_GAP,
     .kind = SD_HIT_KIND_SLIP,
     .bits = 0x3FF,
     .start = -2 * SD_POSITION_ONE,
     .time_ps = -400},
};
static const sd_frame full = {
    .lane = 3,
    .link = SD_LINK_QSGMII,
    .speed_source = SD_SPEED_DISAGREES,
    .begin = SD_BEGIN_NO_SFD,
    .end = SD_END_NEXT_S,
    .flags = 0xA5,
    .speed = 0x00010203,
    .config_speed = 0x04050607,
    .segment = 0x08090A0B,
    .preamble = 0x0C0D0E0F,
    .gap = 0x10111213,
    .invalid = 0x14151617,
    .disparity = 0x18191A1B,
    .wire_length = 0x1C1D1E1F,
    .length = 60,
    .hits_total = 0x20212223,
    .hits = 2,
    .hit = two_hits,
    .start = ((sd_position)0x123456789AB << SD_POSITION_BITS) + (sd_position)3 * (1 << 18),
    .time_ps = INT64_C(0x0123456789ABCDEF),
    .duration_ps = INT64_C(0x0FEDCBA987654321),
};

static GByteArray *bytes_of(const sd_frame *frame)
{
    GByteArray *out = g_byte_array_new();
    sd_metadata_frame(out, frame);
    return out;
}

static void frame_fields(void **state)
{
    (void)state;
    GByteArray *out = bytes_of(&full);
    const uint8_t *b = out->data;
    assert_int_equal(out->len, 88 + 2 * 28);
    assert_memory_equal(b, "SCOPEDMP", 8);
    static const struct {
        unsigned at, size;
        uint64_t value;
    } fields[] = {
        {8, 2, 2},           {10, 2, 144},        {12, 2, 88},         {14, 2, 28},
        {16, 1, 3},          {17, 1, 1},          {18, 1, 5},          {19, 1, 3},
        {20, 1, 5},          {21, 1, 0xA5},       {22, 2, 2},          {24, 4, 0x20212223},
        {28, 4, 0x00010203}, {32, 4, 0x04050607}, {36, 4, 0x08090A0B}, {40, 8, 0x123456789AB},
        {48, 4, 0xC0000000}, {52, 4, 0x0C0D0E0F}, {72, 4, 0x10111213}, {76, 4, 0x14151617},
        {80, 4, 0x18191A1B}, {84, 4, 0x1C1D1E1F},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        const uint64_t value = le(b + fields[i].at, fields[i].size);
        if (value != fields[i].value)
            fail_msg("at %u: 0x%llx, not 0x%llx", fields[i].at, (unsigned long long)value,
                     (unsigned long long)fields[i].value);
    }
    assert_true(le_signed(b + 56) == INT64_C(0x0123456789ABCDEF));
    assert_true(le_signed(b + 64) == INT64_C(0x0FEDCBA987654321));

    const uint8_t *hit = b + 88;
    assert_int_equal(le(hit, 4), 0x01020304);
    assert_int_equal(hit[4], 1);
    assert_int_equal(hit[5], 2);
    assert_int_equal(le(hit + 6, 2), 0x2A5);
    assert_true(le_signed(hit + 8) == INT64_C(0x1122334455667788));
    assert_int_equal(le(hit + 16, 4), 99);
    assert_int_equal(le(hit + 20, 8), 0x1EDCBA98765);
    hit += 28;
    assert_int_equal(le(hit, 4), 0xFFFFFFFF);
    assert_int_equal(hit[4], 3);
    assert_int_equal(hit[5], 3);
    assert_int_equal(le(hit + 6, 2), 0x3FF);
    assert_true(le_signed(hit + 8) == -400);
    assert_int_equal(le(hit + 16, 4), 0);
    assert_int_equal(le(hit + 20, 8), 0);
    g_byte_array_free(out, TRUE);
}

/** The names of the offsets say what the table says. */
static void offsets_of_the_header(void **state)
{
    (void)state;
    static const int offsets[][2] = {
        {SD_AT_VERSION, 8},
        {SD_AT_LENGTH, 10},
        {SD_AT_HITS_START, 12},
        {SD_AT_HIT_SIZE, 14},
        {SD_AT_LANE, 16},
        {SD_AT_LINK, 17},
        {SD_AT_SPEED_SOURCE, 18},
        {SD_AT_BEGIN, 19},
        {SD_AT_END, 20},
        {SD_AT_FLAGS, 21},
        {SD_AT_HITS_STORED, 22},
        {SD_AT_HITS_TOTAL, 24},
        {SD_AT_SPEED, 28},
        {SD_AT_CONFIG_SPEED, 32},
        {SD_AT_SEGMENT, 36},
        {SD_AT_SAMPLE, 40},
        {SD_AT_SAMPLE_FRACTION, 48},
        {SD_AT_PREAMBLE, 52},
        {SD_AT_TIME_PS, 56},
        {SD_AT_DURATION_PS, 64},
        {SD_AT_GAP, 72},
        {SD_AT_INVALID, 76},
        {SD_AT_DISPARITY, 80},
        {SD_AT_WIRE_LENGTH, 84},
        {SD_HIT_AT_OCTET, 0},
        {SD_HIT_AT_WHERE, 4},
        {SD_HIT_AT_KIND, 5},
        {SD_HIT_AT_CODE_GROUP, 6},
        {SD_HIT_AT_TIME_PS, 8},
        {SD_HIT_AT_COPY, 16},
        {SD_EVENT_AT_KIND, 12},
        {SD_EVENT_AT_LANE, 14},
        {SD_EVENT_AT_LINK, 15},
        {SD_EVENT_AT_SEGMENT, 16},
        {SD_EVENT_AT_VALUE, 20},
        {SD_EVENT_AT_SAMPLE, 24},
        {SD_EVENT_AT_TIME_PS, 32},
        {SD_EVENT_AT_DURATION_PS, 40},
        {SD_EVENT_AT_COUNT, 48},
        {SD_FRAME_METADATA_SIZE, 88},
        {SD_HIT_AT_SAMPLE, 20},
        {SD_HIT_SIZE_LEAST, 20},
        {SD_HIT_SIZE, 28},
        {SD_EVENT_SIZE, 52},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(offsets); i++)
        assert_int_equal(offsets[i][0], offsets[i][1]);
}

static void appends(void **state)
{
    (void)state;
    GByteArray *out = g_byte_array_new();
    g_byte_array_append(out, (const guint8 *)"xyz", 3);
    sd_metadata_frame(out, &full);
    assert_memory_equal(out->data, "xyzSCOPEDMP", 11);
    assert_int_equal(le(out->data + 3 + 10, 2), 144);
    g_byte_array_free(out, TRUE);
}

static void most_hits(void **state)
{
    (void)state;
    sd_hit hits[SD_HITS_MAX];
    for (int i = 0; i < SD_HITS_MAX; i++)
        hits[i] = (sd_hit){.octet = i, .where = SD_HIT_FRAME, .kind = SD_HIT_KIND_INVALID};
    sd_frame frame = full;
    frame.hit = hits;
    frame.hits = SD_HITS_MAX;
    frame.hits_total = 100000;
    GByteArray *out = bytes_of(&frame);
    assert_int_equal(out->len, 88 + SD_HITS_MAX * 28);
    assert_int_equal(le(out->data + 10, 2), out->len);
    assert_int_equal(le(out->data + 22, 2), SD_HITS_MAX);
    assert_int_equal(le(out->data + 24, 4), 100000);
    assert_int_equal(le(out->data + 88 + 255 * 28, 4), 255);
    g_byte_array_free(out, TRUE);

    frame.hits = frame.hits_total = 0;
    frame.hit = NULL;
    out = bytes_of(&frame);
    assert_int_equal(out->len, 88);
    g_byte_array_free(out, TRUE);
}

/** The fraction is in 2^-32 samples, whatever unit a position has. */
static void sample_and_fraction(void **state)
{
    (void)state;
    static const struct {
        double samples;
        uint64_t sample;
        uint32_t fraction;
    } places[] = {
        {0, 0, 0},
        {0.5, 0, 0x80000000},
        {7.25, 7, 0x40000000},
        {123456789.75, 123456789, 0xC0000000},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        sd_frame frame = full;
        frame.start = sd_position_make(0, places[i].samples);
        GByteArray *out = bytes_of(&frame);
        assert_int_equal(le(out->data + 40, 8), places[i].sample);
        assert_int_equal(le(out->data + 48, 4), places[i].fraction);
        g_byte_array_free(out, TRUE);
    }
}

/** A frame that began before the record: no huge sample number, and the picoseconds keep their
    sign. */
static void start_before_the_record(void **state)
{
    (void)state;
    sd_frame frame = full;
    frame.start = -3 * SD_POSITION_ONE / 2;
    frame.time_ps = -1500;
    GByteArray *out = bytes_of(&frame);
    assert_int_equal(le(out->data + 40, 8), 0);
    assert_int_equal(le(out->data + 48, 4), 0);
    assert_true(le_signed(out->data + 56) == -1500);
    g_byte_array_free(out, TRUE);
}

static void event_fields(void **state)
{
    (void)state;
    const sd_event event = {
        .kind = SD_EVENT_CONFIGURATION,
        .lane = 2,
        .link = SD_LINK_SGMII,
        .segment = 0x01020304,
        .value = 0xFFFFFFFE,
        .count = 0x05060708,
        .start = ((sd_position)0xABCDEF012 << SD_POSITION_BITS) + 77,
        .time_ps = -123456789012345,
        .duration_ps = INT64_C(0x0FEDCBA987654321),
    };
    GByteArray *out = g_byte_array_new();
    sd_metadata_event(out, &event);
    /* exported PDU: tag 12 (protocol name), a length that is a multiple of four; tag 0 */
    static const uint8_t tags[] = {0, 12, 0, 8, 'q', 's', 'g', 'm', 'i', 'i', 0, 0, 0, 0, 0, 0};
    assert_int_equal(out->len, sizeof tags + 52);
    assert_memory_equal(out->data, tags, sizeof tags);
    const uint8_t *b = out->data + sizeof tags;
    assert_memory_equal(b, "SCOPEEVT", 8);
    assert_int_equal(le(b + 8, 2), 2);
    assert_int_equal(le(b + 10, 2), 52);
    assert_int_equal(le(b + 12, 2), 6);
    assert_int_equal(b[14], 2);
    assert_int_equal(b[15], 2);
    assert_int_equal(le(b + 16, 4), 0x01020304);
    assert_int_equal(le(b + 20, 4), 0xFFFFFFFE);
    assert_int_equal(le(b + 24, 8), 0xABCDEF012);
    assert_true(le_signed(b + 32) == -123456789012345);
    assert_true(le_signed(b + 40) == INT64_C(0x0FEDCBA987654321));
    assert_int_equal(le(b + 48, 4), 0x05060708);
    g_byte_array_free(out, TRUE);
}

static void packet_flags(void **state)
{
    (void)state;
    static const struct {
        sd_frame frame;
        uint32_t flags;
    } cases[] = {
        {{.lane = 0}, 0},
        {{.flags = SD_FRAME_FCS_BAD}, FLAG_CRC},
        {{.flags = SD_FRAME_SFD_HIT}, FLAG_SFD},
        {{.flags = SD_FRAME_TOO_SHORT}, FLAG_TOO_SHORT},
        {{.flags = SD_FRAME_TOO_LONG}, FLAG_TOO_LONG},
        {{.flags = SD_FRAME_PREAMBLE_HIT}, FLAG_PREAMBLE},
        {{.flags = SD_FRAME_GAP_SHORT}, FLAG_GAP},
        {{.flags = SD_FRAME_EXTENDED}, 0},
        {{.invalid = 1}, FLAG_SYMBOL},
        {{.disparity = 1}, FLAG_SYMBOL},
        {{.invalid = 3, .disparity = 2, .flags = SD_FRAME_FCS_BAD | SD_FRAME_GAP_SHORT},
         FLAG_SYMBOL | FLAG_CRC | FLAG_GAP},
        {{.flags = SD_FRAME_FCS_BAD | SD_FRAME_TOO_SHORT, .end = SD_END_CUT},
         FLAG_CRC | FLAG_TOO_SHORT},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_int_equal(sd_metadata_packet_flags(&cases[i].frame), cases[i].flags | FLAG_FCS_4);
}

static void assert_comment(const sd_frame *frame, const char *const *words, size_t number)
{
    char *comment = sd_metadata_comment(frame);
    assert_non_null(comment);
    assert_true(g_utf8_validate(comment, -1, NULL));
    for (size_t i = 0; i < number && words[i] != NULL; i++) {
        if (strstr(comment, words[i]) == NULL)
            fail_msg("\"%s\" is not in \"%s\"", words[i], comment);
    }
    g_free(comment);
}

static void sound_frame_has_no_comment(void **state)
{
    (void)state;
    for (uint8_t source = SD_SPEED_FROM_LINK; source <= SD_SPEED_AGREED; source++) {
        const sd_frame frame = {
            .speed = 100, .config_speed = 100, .speed_source = source, .length = 64};
        assert_null(sd_metadata_comment(&frame));
    }
}

/** Whatever is wrong with a frame is said. */
static void comment_tells(void **state)
{
    (void)state;
    static const sd_hit hits[] = {
        /* 0011111011 is in neither column; 1100000101 is K28.5 at positive running disparity */
        {.octet = 17, .where = SD_HIT_FRAME, .kind = SD_HIT_KIND_INVALID, .bits = 0x37C},
        {.octet = 4, .where = SD_HIT_PREAMBLE, .kind = SD_HIT_KIND_DISPARITY, .bits = 0x283},
        {.octet = 0, .where = SD_HIT_END, .kind = SD_HIT_KIND_INVALID, .bits = 0x3FF},
        {.octet = 3, .where = SD_HIT_GAP, .kind = SD_HIT_KIND_INVALID},
        {.octet = 2, .where = SD_HIT_END, .kind = SD_HIT_KIND_SLIP, .bits = 0x3FF},
        {.octet = 9, .where = SD_HIT_FRAME, .kind = SD_HIT_KIND_INVALID, .copy = 4},
    };
    static const struct {
        sd_frame frame;
        const char *words[5];
    } cases[] = {
        {{.flags = SD_FRAME_FCS_BAD}, {"FCS"}},
        {{.flags = SD_FRAME_ERROR_V}, {"/V/"}},
        {{.flags = SD_FRAME_SFD_HIT}, {"SFD"}},
        {{.flags = SD_FRAME_TOO_SHORT}, {"64 octets"}},
        {{.flags = SD_FRAME_TOO_LONG}, {"longer"}},
        {{.flags = SD_FRAME_PREAMBLE_HIT}, {"preamble"}},
        {{.flags = SD_FRAME_GAP_SHORT}, {"gap"}},
        {{.flags = SD_FRAME_EXTENDED}, {"extension"}},
        {{.begin = SD_BEGIN_CUT}, {"begin"}},
        {{.begin = SD_BEGIN_NO_S}, {"/S/"}},
        {{.begin = SD_BEGIN_NO_SFD}, {"SFD"}},
        {{.end = SD_END_CUT}, {"end of the record"}},
        {{.end = SD_END_EARLY}, {"comma"}},
        {{.end = SD_END_NO_T}, {"/T/"}},
        {{.end = SD_END_LOST}, {"los"}},
        {{.end = SD_END_NEXT_S}, {"/S/"}},
        {{.speed_source = SD_SPEED_DISAGREES, .speed = 100, .config_speed = 1000},
         {"100 Mb/s", "1000 Mb/s"}},
        {{.invalid = 2, .disparity = 1, .hit = hits, .hits = 3, .hits_total = 3},
         {"3 symbol errors: octet 17 received as 0011111011, not a code-group; ",
          "; preamble octet 4 received as 1100000101 (K28.5), a disparity error; ",
          "; /T/ received as 1111111111, not a code-group"}},
        {{.invalid = 1, .hit = hits, .hits = 1, .hits_total = 1, .flags = SD_FRAME_FCS_BAD},
         {"1 symbol error: octet 17 received as 0011111011, not a code-group; bad FCS"}},
        {{.invalid = 7, .hit = hits, .hits = 5, .hits_total = 8},
         {"7 symbol errors: octet 17 ", "; code-group 2 after /T/ received as 1111111111, with a "
                                        "bit slip in it; and 3 more"}},
        {{.speed = 100, .invalid = 1, .hit = hits + 5, .hits = 1, .hits_total = 1},
         {"1 symbol error: octet 9, copy 5 of 10, received as 0000000000, not a code-group"}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_comment(&cases[i].frame, cases[i].words, G_N_ELEMENTS(cases[i].words));
}

/** A frame with the most hits still has a comment that can be read. */
static void comment_is_short(void **state)
{
    (void)state;
    sd_hit hits[SD_HITS_MAX];
    for (int i = 0; i < SD_HITS_MAX; i++)
        hits[i] = (sd_hit){.octet = 100000 + i, .where = SD_HIT_FRAME};
    const sd_frame frame = {.invalid = 70000,
                            .hit = hits,
                            .hits = SD_HITS_MAX,
                            .hits_total = 70000,
                            .flags = 0xFF,
                            .begin = SD_BEGIN_NO_SFD,
                            .end = SD_END_NEXT_S,
                            .speed_source = SD_SPEED_DISAGREES,
                            .speed = 100,
                            .config_speed = 1000};
    char *comment = sd_metadata_comment(&frame);
    assert_non_null(strstr(comment, "70000 symbol errors"));
    assert_non_null(strstr(comment, "100000"));
    assert_true(strlen(comment) < 1024);
    g_free(comment);
}

/** Damage in the gap is not damage of the frame. */
static void hit_in_the_gap(void **state)
{
    (void)state;
    static const sd_hit hits[] = {{.octet = 3, .where = SD_HIT_GAP, .kind = SD_HIT_KIND_INVALID}};
    const sd_frame frame = {.hit = hits, .hits = 1, .hits_total = 1};
    assert_null(sd_metadata_comment(&frame));
    assert_int_equal(sd_metadata_packet_flags(&frame), FLAG_FCS_4);
}

/** Bits 0 and 1: 01 inbound, 10 outbound, 00 not known. */
static void directions(void **state)
{
    (void)state;
    assert_int_equal(sd_metadata_direction_flags(SD_DIRECTION_UNKNOWN), 0);
    assert_int_equal(sd_metadata_direction_flags(SD_DIRECTION_INBOUND), 1);
    assert_int_equal(sd_metadata_direction_flags(SD_DIRECTION_OUTBOUND), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directions),
        cmocka_unit_test(frame_fields),
        cmocka_unit_test(offsets_of_the_header),
        cmocka_unit_test(appends),
        cmocka_unit_test(most_hits),
        cmocka_unit_test(sample_and_fraction),
        cmocka_unit_test(start_before_the_record),
        cmocka_unit_test(event_fields),
        cmocka_unit_test(packet_flags),
        cmocka_unit_test(sound_frame_has_no_comment),
        cmocka_unit_test(comment_tells),
        cmocka_unit_test(comment_is_short),
        cmocka_unit_test(hit_in_the_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
