/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pcapng file, block by block. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pcapng_file.h"
#include "scopedump/error.h"
#include "scopedump/pcapng.h"
#include "scopedump_version.h"

/** Codes of options (sections 3.5, 4.1, 4.2, 4.3, 4.6). */
enum {
    OPT_COMMENT = 1,
    SHB_HARDWARE = 2,
    SHB_APPLICATION = 4,
    IF_NAME = 2,
    IF_DESCRIPTION = 3,
    IF_SPEED = 8,
    IF_TSRESOL = 9,
    IF_FILTER = 11,
    IF_FCSLEN = 13,
    EPB_FLAGS = 2,
    EPB_PACKETID = 5,
    ISB_STARTTIME = 2,
    ISB_ENDTIME = 3,
    ISB_IFRECV = 4,
    ISB_FILTERACCEPT = 6,
    CUSTOM_BINARY = 2989,
};

#define START_NS INT64_C(1700000000123456789)

/** A waveform with two segments: the second begins 5 s later. */
typedef struct {
    sd_waveform waveform;
    sd_channel channel;
    sd_segment segment[2];
    char path[64], name[16], instrument[4096];
} record;

static record *new_record(const char *instrument)
{
    record *r = g_new0(record, 1);
    g_strlcpy(r->path, "/some/folder/line.wfm", sizeof r->path);
    g_strlcpy(r->name, "CH3", sizeof r->name);
    g_strlcpy(r->instrument, instrument, sizeof r->instrument);
    r->segment[0] = (sd_segment){.count = 1000, .time_ns = START_NS, .time_ps = 300};
    r->segment[1] = (sd_segment){.count = 1000, .time_ns = START_NS + 5000000000};
    r->channel = (sd_channel){.name = r->name, .segments = 2, .segment = r->segment, .interval = 1};
    r->waveform = (sd_waveform){.path = r->path,
                                .format = "test",
                                .instrument = r->instrument,
                                .has_time = true,
                                .channels = 1,
                                .channel = &r->channel};
    return r;
}

/** A signal with so many lanes; the writer's waveform is filled in by open_output(). */
static const sd_pcapng_source four = {.lanes = 4}, one = {.lanes = 1};
static const sd_pcapng_settings four_lanes = {
    .source = &four, .sources = 1, .lane_mask = 0xF, .events = true};

/** A writer into a file in memory. */
typedef struct {
    record *r;
    int fd;
    sd_pcapng *writer;
    sd_report report;
} output;

/** The vertical axis of new_report(). */
#define VERTICAL "0.25 V per code, offset -0.5 V, range -32.5 V to 31.25 V"

/** What a decoder tells of such a record. Its text is not to be freed. */
static sd_report new_report(void)
{
    static char path[] = "/some/folder/line.wfm", name[] = "CH3", volt[] = "V";
    return (sd_report){
        .file = path,
        .channel = name,
        .vertical = {.unit = volt,
                     .codes = true,
                     .scale = 0.25,
                     .offset = -0.5,
                     .range_known = true,
                     .range_low = -32.5,
                     .range_high = 31.25},
        .nominal_baud = 5e9,
        .sample_rate = 25e9,
    };
}

static output *open_output(const sd_pcapng_settings *settings, const char *instrument)
{
    output *o = g_new0(output, 1);
    o->r = new_record(instrument);
    o->fd = memfd_create("pcapng", MFD_CLOEXEC);
    assert_true(o->fd >= 0);
    sd_pcapng_settings all = *settings;
    sd_pcapng_source source = *settings->source;
    source.waveform = &o->r->waveform;
    all.source = &source;
    GError *error = NULL;
    o->writer = sd_pcapng_new(o->fd, &all, &error);
    assert_null(error);
    assert_non_null(o->writer);
    o->report = new_report();
    o->report.link = SD_LINK_QSGMII;
    return o;
}

/** What has arrived in the file. */
static GByteArray *contents(const output *o)
{
    GByteArray *bytes = g_byte_array_new();
    const off_t size = lseek(o->fd, 0, SEEK_END);
    g_byte_array_set_size(bytes, (guint)size);
    assert_int_equal(pread(o->fd, bytes->data, (size_t)size, 0), size);
    return bytes;
}

static void flush(output *o)
{
    GError *error = NULL;
    assert_true(sd_pcapng_flush(o->writer, &error));
    assert_null(error);
    assert_int_equal(lseek(o->fd, 0, SEEK_CUR), lseek(o->fd, 0, SEEK_END));
}

static void close_output(output *o)
{
    sd_pcapng_free(o->writer);
    assert_true(fcntl(o->fd, F_GETFD) >= 0); /* stays open */
    close(o->fd);
    g_free(o->r);
    g_free(o);
}

/** Writes the interfaces. */
static void describe(output *o)
{
    const sd_report *const reports[] = {&o->report};
    sd_pcapng_interfaces(o->writer, reports);
}

static void put_frame(output *o, uint8_t lane, int64_t time_ps, uint32_t length)
{
    static uint8_t octets[SD_FRAME_OCTETS_MAX];
    for (uint32_t i = 0; i < length; i++)
        octets[i] = (uint8_t)(i + 1);
    const sd_frame frame = {.lane = lane,
                            .time_ps = time_ps,
                            .octets = octets,
                            .length = length,
                            .wire_length = length};
    sd_pcapng_frame(o->writer, &frame);
}

static void section_header(void **state)
{
    (void)state;
    output *o = open_output(&four_lanes, "TESTSCOPE,B012345");
    GByteArray *file = contents(o); /* at once, without a flush */
    GArray *blocks = read_blocks(file);
    assert_int_equal(blocks->len, 1);
    const file_block *shb = block_at(blocks, 0);
    assert_int_equal(shb->type, BLOCK_SHB);
    static const uint8_t magic[] = {0x4D, 0x3C, 0x2B, 0x1A};
    assert_memory_equal(shb->body, magic, 4);
    assert_int_equal(le(shb->body + 4, 2), 1);
    assert_int_equal(le(shb->body + 6, 2), 0);
    assert_true(le_signed(shb->body + 8) == -1);
    assert_null(find_option(shb, OPT_COMMENT));
    char *hardware = option_text(shb, SHB_HARDWARE);
    char *application = option_text(shb, SHB_APPLICATION);
    assert_string_equal(hardware, "TESTSCOPE,B012345");
    assert_string_equal(application, "scopedump " SCOPEDUMP_VERSION);
    g_free(hardware);
    g_free(application);
    g_array_free(blocks, TRUE);
    g_byte_array_free(file, TRUE);
    close_output(o);
}

/** A reader of live captures overflows at 2,048 bytes. */
static void very_long_texts(void **state)
{
    (void)state;
    char name[4000];
    for (size_t lead = 0; lead < 4; lead++) {
        /* characters of two bytes, cut at each place */
        memset(name, 'a', lead);
        for (size_t i = lead; i + 2 < sizeof name; i += 2)
            memcpy(name + i, "\xC3\xB6", 2);
        name[sizeof name - 4] = '\0';
        sd_pcapng_settings settings = four_lanes;
        settings.comment = name;
        output *o = open_output(&settings, name);
        GByteArray *file = contents(o);
        GArray *blocks = read_blocks(file);
        assert_true(block_at(blocks, 0)->length < 2048);
        char *hardware = option_text(block_at(blocks, 0), SHB_HARDWARE);
        assert_true(g_utf8_validate(hardware, -1, NULL));
        assert_true(strlen(hardware) > 100);
        assert_memory_equal(hardware, name, strlen(hardware));
        char *comment = option_text(block_at(blocks, 0), OPT_COMMENT);
        assert_true(g_utf8_validate(comment, -1, NULL));
        assert_true(strlen(comment) > 500 && strlen(comment) <= 512);
        assert_memory_equal(comment, name, strlen(comment));
        g_free(comment);
        g_free(hardware);
        g_array_free(blocks, TRUE);
        g_byte_array_free(file, TRUE);
        close_output(o);
    }
}

static void no_instrument_and_bad_text(void **state)
{
    (void)state;
    output *o = open_output(&four_lanes, "");
    GByteArray *file = contents(o);
    GArray *blocks = read_blocks(file);
    assert_null(find_option(block_at(blocks, 0), SHB_HARDWARE));
    g_array_free(blocks, TRUE);
    g_byte_array_free(file, TRUE);
    close_output(o);

    /* options are UTF-8 (section 3.5) */
    o = open_output(&four_lanes, "scope \xFF\xFE");
    file = contents(o);
    blocks = read_blocks(file);
    char *hardware = option_text(block_at(blocks, 0), SHB_HARDWARE);
    assert_true(g_utf8_validate(hardware, -1, NULL));
    assert_true(g_str_has_prefix(hardware, "scope "));
    g_free(hardware);
    g_array_free(blocks, TRUE);
    g_byte_array_free(file, TRUE);
    close_output(o);
}

static void assert_interface(const file_block *idb, const char *name, uint16_t link_type,
                             uint64_t speed)
{
    assert_int_equal(idb->type, BLOCK_IDB);
    assert_int_equal(le(idb->body, 2), link_type);
    assert_int_equal(le(idb->body + 2, 2), 0);
    assert_int_equal(le(idb->body + 4, 4), 262144);
    char *text = option_text(idb, IF_NAME);
    assert_string_equal(text, name);
    g_free(text);
    text = option_text(idb, IF_DESCRIPTION);
    assert_true(g_str_has_prefix(text, "line.wfm, channel CH3 (" VERTICAL ")"));
    g_free(text);
    assert_int_equal(option_number(idb, IF_TSRESOL, 1), 9);
    if (link_type == 1)
        assert_int_equal(option_number(idb, IF_FCSLEN, 1), 32);
    if (speed > 0)
        assert_true(option_number(idb, IF_SPEED, 8) == speed);
    else
        assert_null(find_option(idb, IF_SPEED));
}

static void interfaces(void **state)
{
    (void)state;
    output *o = open_output(&four_lanes, "x");
    o->report.lane[0].data_speed = 10;
    o->report.lane[1].data_speed = 100;
    o->report.lane[1].config_speed = 1000;
    o->report.lane[2].config_speed = 1000;
    describe(o);
    describe(o); /* no more of them */
    flush(o);
    GByteArray *file = contents(o);
    GArray *blocks = read_blocks(file);
    assert_int_equal(blocks->len, 6);
    assert_interface(block_at(blocks, 1), "lane0", 1, 10000000);
    assert_interface(block_at(blocks, 2), "lane1", 1, 100000000);
    assert_interface(block_at(blocks, 3), "lane2", 1, 1000000000);
    assert_interface(block_at(blocks, 4), "lane3", 1, 0);
    assert_interface(block_at(blocks, 5), "qsgmii", 252, 0);
    g_array_free(blocks, TRUE);
    g_byte_array_free(file, TRUE);
    close_output(o);
}

/** What is wrong with the record, for who sees the packets alone. */
static void record_faults(void **state)
{
    (void)state;
    static const struct {
        double clipped, sample_rate;
        const char *words, *comment;
    } cases[] = {
        {0, 25e9, "31.25 V), lane 2", NULL},
        {0.25, 25e9, "31.25 V), clipped, lane 2", "The record is clipped: 25 %"},
        {0, 12e9, "31.25 V), undersampled, lane 2", "it has 2.4 samples per bit"},
        {0.25, 12e9, "31.25 V), clipped, undersampled, lane 2", "clipped: 25 %"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        output *o = open_output(&four_lanes, "x");
        o->report.clipped = cases[i].clipped;
        o->report.sample_rate = cases[i].sample_rate;
        describe(o);
        flush(o);
        GByteArray *file = contents(o);
        GArray *blocks = read_blocks(file);
        g_autofree char *words = option_text(block_at(blocks, 3), IF_DESCRIPTION);
        assert_true(g_str_has_suffix(words, cases[i].words));
        for (guint idb = 1; idb <= 5; idb++) {
            assert_true((find_option(block_at(blocks, idb), OPT_COMMENT) != NULL) ==
                        (cases[i].comment != NULL));
        }
        if (cases[i].comment != NULL) {
            g_autofree char *comment = option_text(block_at(blocks, 5), OPT_COMMENT);
            assert_non_null(strstr(comment, cases[i].comment));
        }
        g_array_free(blocks, TRUE);
        g_byte_array_free(file, TRUE);
        close_output(o);
    }
}

/** Packets that come before the interfaces are known stand behind them. */
static void interfaces_before_packets(void **state)
{
    (void)state;
    output *o = open_output(&four_lanes, "x");
    put_frame(o, 2, 1000, 64);
    const off_t header = lseek(o->fd, 0, SEEK_END);
    flush(o);
    assert_int_equal(lseek(o->fd, 0, SEEK_END), header); /* held */
    assert_true(sd_pcapng_buffered(o->writer) > 64);
    put_frame(o, 0, 2000, 64);
    describe(o);
    put_frame(o, 1, 3000, 64);
    flush(o);
    assert_int_equal(sd_pcapng_buffered(o->writer), 0);
    assert_int_equal(sd_pcapng_packets(o->writer), 3);
    GByteArray *file = contents(o);
    GArray *blocks = read_blocks(file);
    assert_int_equal(blocks->len, 1 + 5 + 3);
    static const uint32_t ids[] = {2, 0, 1};
    for (guint i = 0; i < 3; i++) {
        assert_int_equal(block_at(blocks, 1 + i)->type, BLOCK_IDB);
        assert_int_equal(block_at(blocks, 6 + i)->type, BLOCK_EPB);
        assert_int_equal(le(block_at(blocks, 6 + i)->body, 4), ids[i]);
        assert_int_equal(option_number(block_at(blocks, 6 + i), EPB_PACKETID, 8), i);
    }
    g_array_free(blocks, TRUE);
    g_byte_array_free(file, TRUE);
    close_output(o);
}

/** Each length of packet, for the padding. */
static void packet_bytes(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {0, 1, 2, 3, 4, 63, 64, 65, 66, 1518, 262144};
    output *o = open_output(&four_lanes, "x");
    describe(o);
    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++)
        put_frame(o, 1, 0, lengths[i]);
    flush(o);
    GByteArray *file = contents(o);
    GArray *blocks = read_blocks(file);
    for (guint i = 0; i < G_N_ELEMENTS(lengths); i++) {
        const file_block *epb = block_at(blocks, 6 + i);
        assert_int_equal(le(epb->body, 4), 1);
        assert_int_equal(le(epb->body + 12, 4), lengths[i]);
        assert_int_equal(le(epb->body + 16, 4), lengths[i]);
        for (uint32_t k = 0; k < lengths[i]; k++)
            assert_int_equal(epb->body[20 + k], (uint8_t)(k + 1));
        assert_int_equal(option_number(epb, EPB_FLAGS, 4), 4 << 5);
        assert_null(find_option(epb, OPT_COMMENT));
    }
    g_array_free(blocks, TRUE);
    g_byte_array_free(file, TRUE);
    close_output(o);
}

/** A frame longer than could be kept, and damaged. */
static void damaged_frame(void **state)
{
    (void)state;
    static const uint8_t octets[100] = {0xAA};
    static const sd_hit hit = {.octet = 5, .where = SD_HIT_FRAME, .kind = SD_HIT_KIND_INVALID};
    const sd_frame frame = {.lane = 0,
                            .octets = octets,
                            .length = 100,
                            .wire_length = 5000,
                            .invalid = 1,
                            .hit = &hit,
                            .hits = 1,
                            .hits_total = 1,
                            .flags = SD_FRAME_FCS_BAD | SD_FRAME_TOO_LONG};
    output *o = open_output(&four_lanes, "x");
    describe(o);
    sd_pcapng_frame(o->writer, &frame);
    flush(o);
    GByteArray *file = contents(o);
    GArray *blocks = read_blocks(file);
    const file_block *epb = block_at(blocks, 6);
    assert_int_equal(le(epb->body + 12, 4), 100);
    assert_int_equal(le(epb->body + 16, 4), 5000);
    assert_int_equal(option_number(epb, EPB_FLAGS, 4), 0x83000000 | 4 << 5);
    char *comment = option_text(epb, OPT_COMMENT);
    assert_non_null(strstr(comment, "FCS"));
    g_free(comment);
    const file_option *custom = find_option(epb, CUSTOM_BINARY);
    assert_non_null(custom);
    assert_int_equal(custom->length, 4 + 88 + 28);
    assert_int_equal(le(custom->value, 4), 32473);
    assert_memory_equal(custom->value + 4, "SCOPEDMP", 8);
    assert_int_equal(le(custom->value + 4 + 88, 4), 5);
    g_array_free(blocks, TRUE);
    g_byte_array_free(file, TRUE);
    close_output(o);
}

/** Nanoseconds are rounded down, before the first sample too; picoseconds of the segment count. */
static void times(void **state)
{
    (void)state;
    static const struct {
        uint32_t segment;
        int64_t time_ps, ns;
    } cases[] = {
        /* the first segment begins 300 ps behind the nanosecond */
        {0, 0, 0},
        {0, 699, 0},
        {0, 700, 1},
        {0, 1699, 1},
        {0, -300, 0},
        {0, -301, -1},
        {0, -1300, -1},
        {0, -1301, -2},
        {0, INT64_C(123456789012345), INT64_C(123456789012)},
        {0, INT64_C(10000000000000000), INT64_C(10000000000000)},
        {1, 0, INT64_C(5000000000)},
        {1, 999, INT64_C(5000000000)},
        {1, -1, INT64_C(4999999999)},
    };
    output *o = open_output(&four_lanes, "x");
    describe(o);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const sd_frame frame = {.segment = cases[i].segment, .time_ps = cases[i].time_ps};
        sd_pcapng_frame(o->writer, &frame);
        const sd_event event = {
            .kind = SD_EVENT_IDLE, .segment = cases[i].segment, .time_ps = cases[i].time_ps};
        sd_pcapng_event(o->writer, &event);
    }
    flush(o);
    GByteArray *file = contents(o);
    GArray *blocks = read_blocks(file);
    assert_int_equal(blocks->len, 6 + 2 * G_N_ELEMENTS(cases));
    for (guint i = 0; i < 2 * G_N_ELEMENTS(cases); i++) {
        const int64_t ns = (int64_t)time_of(block_at(blocks, 6 + i)->body + 4) - START_NS;
        if (ns != cases[i / 2].ns)
            fail_msg("segment %u, %lld ps: %lld ns, not %lld", cases[i / 2].segment,
                     (long long)cases[i / 2].time_ps, (long long)ns, (long long)cases[i / 2].ns);
    }
    g_array_free(blocks, TRUE);
    g_byte_array_free(file, TRUE);
    close_output(o);
}

static void event_packet(void **state)
{
    (void)state;
    const sd_event event = {.kind = SD_EVENT_SYNC_LOST, .lane = 3, .count = 7};
    output *o = open_output(&four_lanes, "x");
    describe(o);
    sd_pcapng_event(o->writer, &event);
    flush(o);
    GByteArray *file = contents(o);
    GArray *blocks = read_blocks(file);
    const file_block *epb = block_at(blocks, 6);
    assert_int_equal(epb->type, BLOCK_EPB);
    assert_int_equal(le(epb->body, 4), 4); /* the interface of events is the fifth */
    assert_int_equal(le(epb->body + 12, 4), 16 + 52);
    assert_int_equal(le(epb->body + 16, 4), 16 + 52);
    assert_memory_equal(epb->body + 20 + 16, "SCOPEEVT", 8);
    assert_int_equal(le(epb->body + 20 + 16 + 12, 2), 5);
    /* no FCS to speak of */
    const file_option *flags = find_option(epb, EPB_FLAGS);
    assert_true(flags == NULL || (le(flags->value, 4) >> 5 & 0xF) == 0);
    g_array_free(blocks, TRUE);
    g_byte_array_free(file, TRUE);
    close_output(o);
}

/** Only the lanes asked for, numbered without holes. */
static void lane_mask(void **state)
{
    (void)state;
    for (unsigned mask = 0; mask < 16; mask++) {
        for (unsigned events = 0; events < 2; events++) {
            sd_pcapng_settings settings = four_lanes;
            settings.lane_mask = mask;
            settings.events = events != 0;
            output *o = open_output(&settings, "x");
            describe(o);
            for (uint8_t lane = 0; lane < 4; lane++)
                put_frame(o, lane, lane * 1000, 64 + lane);
            const sd_event event = {.kind = SD_EVENT_IDLE};
            sd_pcapng_event(o->writer, &event);
            sd_pcapng_finish(o->writer);
            flush(o);

            GByteArray *file = contents(o);
            GArray *blocks = read_blocks(file);
            const unsigned lanes = (unsigned)__builtin_popcount(mask), all = lanes + events;
            assert_int_equal(blocks->len, 1 + 3 * all);
            assert_int_equal(sd_pcapng_packets(o->writer), all);
            uint32_t id = 0;
            for (unsigned lane = 0; lane < 4; lane++) {
                if (!(mask >> lane & 1))
                    continue;
                const char name[] = {'l', 'a', 'n', 'e', (char)('0' + lane), '\0'};
                assert_interface(block_at(blocks, 1 + id), name, 1, 0);
                const file_block *epb = block_at(blocks, 1 + all + id);
                assert_int_equal(le(epb->body, 4), id);
                assert_int_equal(le(epb->body + 12, 4), 64 + lane);
                assert_int_equal(block_at(blocks, 1 + 2 * all + id)->type, BLOCK_ISB);
                id++;
            }
            if (events) {
                assert_interface(block_at(blocks, 1 + id), "qsgmii", 252, 0);
                assert_int_equal(le(block_at(blocks, 1 + all + id)->body, 4), id);
            }
            g_array_free(blocks, TRUE);
            g_byte_array_free(file, TRUE);
            close_output(o);
        }
    }
}

static void single_link(void **state)
{
    (void)state;
    const sd_pcapng_settings settings = {.source = &one, .sources = 1, .lane_mask = 0xF};
    static const struct {
        sd_link link;
        uint64_t speed;
    } links[] = {{SD_LINK_1000BASE_X, 1000000000}, {SD_LINK_2500BASE_X, 2500000000}};
    for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
        output *o = open_output(&settings, "x");
        o->report.link = links[i].link;
        describe(o);
        flush(o);
        GByteArray *file = contents(o);
        GArray *blocks = read_blocks(file);
        assert_int_equal(blocks->len, 2);
        assert_interface(block_at(blocks, 1), "lane0", 1, links[i].speed);
        g_array_free(blocks, TRUE);
        g_byte_array_free(file, TRUE);
        close_output(o);
    }
}

/** Three channels in one file: two directions, and one whose direction is not known. */
static void several_sources(void **state)
{
    (void)state;
    record *r = new_record("x");
    sd_segment later = r->segment[0];
    later.time_ns += 1000;
    sd_channel channel[4] = {r->channel, r->channel, r->channel, r->channel};
    channel[2].segment = &later;
    channel[2].segments = 1;
    r->waveform.channels = 4;
    r->waveform.channel = channel;
    const sd_pcapng_source sources[] = {
        {&r->waveform, 0, 4, SD_DIRECTION_OUTBOUND},
        {&r->waveform, 2, 1, SD_DIRECTION_INBOUND},
        {&r->waveform, 3, 1, SD_DIRECTION_UNKNOWN},
    };
    const sd_pcapng_settings settings = {
        .source = sources, .sources = 3, .lane_mask = 0x3, .events = true};
    output o = {.r = r, .fd = memfd_create("pcapng", MFD_CLOEXEC)};
    GError *error = NULL;
    o.writer = sd_pcapng_new(o.fd, &settings, &error);
    assert_non_null(o.writer);
    sd_report *report[3];
    for (size_t i = 0; i < G_N_ELEMENTS(report); i++) {
        report[i] = g_new(sd_report, 1);
        *report[i] = new_report();
    }
    report[0]->lane[1].data_speed = 10;
    report[1]->link = SD_LINK_1000BASE_X;
    static char other_leg[] = "CH9";
    report[1]->channel_neg = other_leg;
    report[1]->vertical_neg = report[1]->vertical;
    const sd_report *const reports[] = {report[0], report[1], report[2]};
    sd_pcapng_interfaces(o.writer, reports);
    static const uint8_t octets[64];
    for (uint8_t source = 0; source < 3; source++) {
        const sd_frame frame = {
            .source = source, .octets = octets, .length = 64, .wire_length = 64};
        const sd_event event = {.source = source, .kind = SD_EVENT_IDLE};
        sd_pcapng_frame(o.writer, &frame);
        sd_pcapng_event(o.writer, &event);
    }
    sd_pcapng_finish(o.writer);
    flush(&o);
    GByteArray *file = contents(&o);
    GArray *blocks = read_blocks(file);
    static const struct {
        const char *name, *words;
        uint16_t link_type;
        uint64_t speed;
    } wanted[] = {
        {"tx-lane0", "(taken as outbound: the first channel given), lane 0", 1, 0},
        {"tx-lane1", "(taken as outbound: the first channel given), lane 1", 1, 10000000},
        {"tx-qsgmii", "outbound", 252, 0},
        {"rx-lane0", VERTICAL ") - CH9 (" VERTICAL ") (taken as inbound: the second channel given)",
         1, 1000000000},
        {"rx-qsgmii", "inbound", 252, 0},
        {"ch4-lane0", "), lane 0", 1, 0},
        {"ch4-qsgmii", "), events of the link", 252, 0},
    };
    assert_int_equal(blocks->len, 1 + 7 + 6 + 7);
    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
        const file_block *idb = block_at(blocks, 1 + i);
        assert_interface(idb, wanted[i].name, wanted[i].link_type, wanted[i].speed);
        char *text = option_text(idb, IF_DESCRIPTION);
        assert_non_null(strstr(text, wanted[i].words));
        g_free(text);
    }
    static const struct {
        unsigned interface;
        uint32_t direction;
    } packets[] = {{0, 2}, {2, 2}, {3, 1}, {4, 1}, {5, 0}, {6, 0}};
    for (guint i = 0; i < G_N_ELEMENTS(packets); i++) {
        const file_block *epb = block_at(blocks, 8 + i);
        assert_int_equal(le(epb->body, 4), packets[i].interface);
        assert_true(time_of(epb->body + 4) ==
                    (uint64_t)START_NS + (packets[i].direction == 1 ? 1000 : 0));
        const bool flags = i % 2 == 0 || packets[i].direction != 0;
        if (flags)
            assert_int_equal(option_number(epb, EPB_FLAGS, 4) & 3, packets[i].direction);
        else
            assert_null(find_option(epb, EPB_FLAGS));
    }
    for (unsigned i = 0; i < 3; i++)
        g_free(report[i]);
    g_array_free(blocks, TRUE);
    g_byte_array_free(file, TRUE);
    sd_pcapng_free(o.writer);
    close(o.fd);
    g_free(r);
}

static void filter(void **state)
{
    (void)state;
    sd_pcapng_settings settings = four_lanes;
    settings.filter = "udp port 53";
    output *o = open_output(&settings, "x");
    describe(o);
    put_frame(o, 1, 1000, 64);
    const sd_frame left_out = {.lane = 1};
    sd_pcapng_filtered(o->writer, &left_out);
    sd_pcapng_filtered(o->writer, &left_out);
    sd_pcapng_finish(o->writer);
    flush(o);
    GByteArray *file = contents(o);
    GArray *blocks = read_blocks(file);
    for (guint i = 1; i <= 4; i++) {
        /* one byte that tells the kind, 0: libpcap's text (section 4.2) */
        const file_option *option = find_option(block_at(blocks, i), IF_FILTER);
        assert_non_null(option);
        assert_int_equal(option->length, 12);
        assert_memory_equal(option->value, "\0udp port 53", 12);
    }
    const file_block *isb = block_at(blocks, 8);
    assert_int_equal(le(isb->body, 4), 1);
    assert_int_equal(option_number(isb, ISB_IFRECV, 8), 3);
    assert_int_equal(option_number(isb, ISB_FILTERACCEPT, 8), 1);
    g_array_free(blocks, TRUE);
    g_byte_array_free(file, TRUE);
    close_output(o);
}

/** A filter that is told must be the one that was used, however long. */
static void long_filter(void **state)
{
    (void)state;
    GString *text = g_string_new("udp port 1");
    for (unsigned port = 2; port < 60; port++)
        g_string_append_printf(text, " or udp port %u", port);
    sd_pcapng_settings settings = four_lanes;
    settings.filter = text->str;
    output *o = open_output(&settings, "x");
    describe(o);
    flush(o);
    GByteArray *file = contents(o);
    GArray *blocks = read_blocks(file);
    const file_option *option = find_option(block_at(blocks, 1), IF_FILTER);
    if (option != NULL) {
        assert_int_equal(option->length, text->len + 1);
        assert_memory_equal(option->value + 1, text->str, text->len);
    }
    g_string_free(text, TRUE);
    g_array_free(blocks, TRUE);
    g_byte_array_free(file, TRUE);
    close_output(o);
}

static void statistics(void **state)
{
    (void)state;
    output *o = open_output(&four_lanes, "x");
    describe(o);
    put_frame(o, 0, 1000, 64);
    put_frame(o, 0, 9999700, 64);
    put_frame(o, 3, 5000, 64);
    sd_pcapng_finish(o->writer);
    flush(o);
    GByteArray *file = contents(o);
    GArray *blocks = read_blocks(file);
    assert_int_equal(blocks->len, 6 + 3 + 5);
    static const uint64_t received[] = {2, 0, 0, 1, 0};
    for (guint i = 0; i < 5; i++) {
        const file_block *isb = block_at(blocks, 9 + i);
        assert_int_equal(isb->type, BLOCK_ISB);
        assert_int_equal(le(isb->body, 4), i);
        const uint64_t now = time_of(isb->body + 4);
        const file_option *start = find_option(isb, ISB_STARTTIME);
        const file_option *end = find_option(isb, ISB_ENDTIME);
        assert_int_equal(start->length, 8);
        assert_int_equal(end->length, 8);
        assert_true(time_of(start->value) == (uint64_t)START_NS);
        assert_true(time_of(end->value) == (uint64_t)START_NS + 10000);
        assert_true(now == (uint64_t)START_NS + 10000);
        assert_int_equal(option_number(isb, ISB_IFRECV, 8), received[i]);
        assert_int_equal(option_number(isb, ISB_FILTERACCEPT, 8), received[i]);
    }
    g_array_free(blocks, TRUE);
    g_byte_array_free(file, TRUE);
    close_output(o);
}

/** Nothing is written where nothing can be: an error, not silence. */
static void write_error(void **state)
{
    (void)state;
    record *r = new_record("x");
    sd_pcapng_settings settings = four_lanes;
    sd_pcapng_source source = four;
    source.waveform = &r->waveform;
    settings.source = &source;
    GError *error = NULL;
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    assert_null(sd_pcapng_new(full, &settings, &error));
    assert_true(g_error_matches(error, SD_ERROR, SD_ERROR_WRITE));
    assert_true(strlen(error->message) > 10);
    g_clear_error(&error);
    close(full);

    assert_null(sd_pcapng_new(-1, &settings, &error));
    assert_true(g_error_matches(error, SD_ERROR, SD_ERROR_WRITE));
    g_clear_error(&error);
    g_free(r);

    /* later: the file behind the writer becomes full */
    output *o = open_output(&four_lanes, "x");
    describe(o);
    const int again = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(dup2(again, o->fd) >= 0);
    close(again);
    put_frame(o, 0, 0, 64);
    assert_false(sd_pcapng_flush(o->writer, &error));
    assert_true(g_error_matches(error, SD_ERROR, SD_ERROR_WRITE));
    g_clear_error(&error);
    close_output(o);
}

static void reader_gone(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    record *r = new_record("x");
    sd_pcapng_settings settings = four_lanes;
    sd_pcapng_source source = four;
    source.waveform = &r->waveform;
    settings.source = &source;
    GError *error = NULL;
    sd_pcapng *writer = sd_pcapng_new(ends[1], &settings, &error);
    assert_non_null(writer);
    sd_report *report = g_new(sd_report, 1);
    *report = new_report();
    const sd_report *const reports[] = {report};
    sd_pcapng_interfaces(writer, reports);
    assert_true(sd_pcapng_flush(writer, &error));
    close(ends[0]);
    const sd_event event = {.kind = SD_EVENT_IDLE};
    sd_pcapng_event(writer, &event);
    assert_false(sd_pcapng_flush(writer, &error));
    assert_true(g_error_matches(error, SD_ERROR, SD_ERROR_READER_GONE));
    g_clear_error(&error);
    sd_pcapng_free(writer);

    assert_null(sd_pcapng_new(ends[1], &settings, &error));
    assert_true(g_error_matches(error, SD_ERROR, SD_ERROR_READER_GONE));
    g_clear_error(&error);
    close(ends[1]);
    g_free(report);
    g_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(section_header),
        cmocka_unit_test(very_long_texts),
        cmocka_unit_test(no_instrument_and_bad_text),
        cmocka_unit_test(interfaces),
        cmocka_unit_test(record_faults),
        cmocka_unit_test(interfaces_before_packets),
        cmocka_unit_test(packet_bytes),
        cmocka_unit_test(damaged_frame),
        cmocka_unit_test(times),
        cmocka_unit_test(event_packet),
        cmocka_unit_test(lane_mask),
        cmocka_unit_test(single_link),
        cmocka_unit_test(several_sources),
        cmocka_unit_test(filter),
        cmocka_unit_test(long_filter),
        cmocka_unit_test(statistics),
        cmocka_unit_test(write_error),
        cmocka_unit_test(reader_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
