/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scopedump/pcapng.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "record/bytes.h"
#include "record/metadata.h"
#include "record/pcapng_block.h"
#include "scopedump/error.h"
#include "scopedump_version.h"

/** Wireshark's own limit for a packet. */
#define SNAPLEN SD_FRAME_OCTETS_MAX
/** Texts are cut so that the section header stays far below the 2,048 bytes beyond which a live
    reader overflows. */
#define TEXT_MOST            256
#define DESCRIPTION_MOST     1024
#define COMMENT_MOST         1024
#define SECTION_COMMENT_MOST 512
#define FILTER_MOST          60000
/** Times are in units of 10^-9 s. */
#define TSRESOL_NS       9
#define FCS_BITS         32
#define NS_PER_PS        1000
#define EVENTS           SD_REPORT_LANES
#define BITS_PER_MEGABIT G_GUINT64_CONSTANT(1000000)

/** An interface. */
typedef struct {
    bool written;   /* it is in use */
    bool described; /* its block has been made */
    guint32 id;
    guint64 received, accepted;
} interface;

/** The interfaces of a signal: lanes 0 to 3, then events. */
typedef struct {
    sd_pcapng_source source;
    interface interfaces[EVENTS + 1];
} signal_interfaces;

struct sd_pcapng {
    int fd;
    sd_pcapng_settings settings; /* its pointers may be gone */
    signal_interfaces *signals;
    char *filter, *origin;
    GByteArray *out;          /* packets, and what comes behind them */
    GByteArray *descriptions; /* of the interfaces: what comes before them */
    GByteArray *metadata;     /* used again for each packet */
    guint32 count;
    bool begun; /* the interfaces have been written */
    guint64 packets;
    guint64 first_ns, last_ns; /* the first sample of all records, the last packet; 0: none */
};

static void write_section_header(sd_pcapng *w)
{
    struct utsname system;
    const guint place = sd_block_begin(w->out, SD_BLOCK_SECTION_HEADER);
    sd_append(w->out, 0x1A2B3C4D, 4); /* byte order magic */
    sd_append(w->out, 1, 2);          /* version 1.0 */
    sd_append(w->out, 0, 2);
    sd_append(w->out, G_MAXUINT64, 8); /* length of the section: not given */
    if (w->settings.comment != NULL)
        sd_block_option_text(w->out, SD_OPT_COMMENT, w->settings.comment, SECTION_COMMENT_MOST);
    if (w->signals[0].source.waveform != NULL)
        sd_block_option_text(w->out, SD_OPT_SHB_HARDWARE, w->signals[0].source.waveform->instrument,
                             TEXT_MOST);
    if (uname(&system) == 0) {
        char *name = g_strdup_printf("%s %s", system.sysname, system.release);
        sd_block_option_text(w->out, SD_OPT_SHB_OS, name, TEXT_MOST);
        g_free(name);
    }
    sd_block_option_text(w->out, SD_OPT_SHB_APPLICATION, "scopedump " SCOPEDUMP_VERSION, TEXT_MOST);
    sd_block_option(w->out, SD_OPT_END, "", 0);
    sd_block_end(w->out, place);
}

static void write_interface(sd_pcapng *w, guint16 link_type, const char *name,
                            const char *description, const char *comment, guint64 speed)
{
    GByteArray *out = w->descriptions;
    const guint place = sd_block_begin(out, SD_BLOCK_INTERFACE_DESCRIPTION);
    sd_append(out, link_type, 2);
    sd_append(out, 0, 2);
    sd_append(out, SNAPLEN, 4);
    sd_block_option_text(out, SD_OPT_COMMENT, comment, COMMENT_MOST);
    sd_block_option_text(out, SD_OPT_IF_NAME, name, TEXT_MOST);
    sd_block_option_text(out, SD_OPT_IF_DESCRIPTION, description, DESCRIPTION_MOST);
    if (speed > 0)
        sd_block_option_number(out, SD_OPT_IF_SPEED, speed, 8);
    sd_block_option_number(out, SD_OPT_IF_TSRESOL, TSRESOL_NS, 1);
    if (link_type == SD_LINKTYPE_ETHERNET) {
        if (w->filter != NULL) {
            /* byte 0: a libpcap filter as text follows */
            const guint16 length = (guint16)MIN(strlen(w->filter), FILTER_MOST);
            g_byte_array_set_size(w->metadata, 0);
            sd_append(w->metadata, 0, 1);
            g_byte_array_append(w->metadata, (const guint8 *)w->filter, length);
            sd_block_option(out, SD_OPT_IF_FILTER, w->metadata->data, (guint16)(length + 1));
        }
        sd_block_option_number(out, SD_OPT_IF_FCSLEN, FCS_BITS, 1);
    }
    sd_block_option(out, SD_OPT_END, "", 0);
    sd_block_end(out, place);
}

/** Writes @p bytes out and empties it. */
static bool write_all(const sd_pcapng *w, GByteArray *bytes, GError **error)
{
    size_t done = 0;
    while (done < bytes->len) {
        const ssize_t n = write(w->fd, bytes->data + done, bytes->len - done);
        if (n >= 0) {
            done += (size_t)n;
        } else if (errno != EINTR) {
            g_set_error(error, SD_ERROR, errno == EPIPE ? SD_ERROR_READER_GONE : SD_ERROR_WRITE,
                        "The packets cannot be written: %s", g_strerror(errno));
            return false;
        }
    }
    g_byte_array_set_size(bytes, 0);
    return true;
}

/** Absolute time of a place in a segment. Picoseconds beyond the nanosecond are in the metadata. */
static guint64 absolute_ns(const sd_pcapng_source *source, uint32_t segment, int64_t time_ps)
{
    const sd_segment *s = &source->waveform->channel[source->channel].segment[segment];
    const int64_t ps = time_ps + (int64_t)s->time_ps;
    /* rounded down, before the first sample too */
    const int64_t ns = ps >= 0 ? ps / NS_PER_PS : -((NS_PER_PS - 1 - ps) / NS_PER_PS);
    return (guint64)(s->time_ns + ns);
}

/** Takes the sources, and numbers the interfaces that come with them. */
static void take_sources(sd_pcapng *w, const sd_pcapng_source *source)
{
    for (unsigned n = 0; n < w->settings.sources; n++) {
        signal_interfaces *s = &w->signals[n];
        s->source = source[n];
        for (unsigned i = 0; i <= EVENTS; i++) {
            const bool lane = i < s->source.lanes && w->settings.lane_mask >> i & 1;
            const bool events = w->settings.events && s->source.lanes > 0;
            if ((i == EVENTS ? events : lane) && !s->interfaces[i].written)
                s->interfaces[i] = (interface){.written = true, .id = w->count++};
        }
        if (s->source.waveform != NULL) {
            const guint64 first = absolute_ns(&s->source, 0, 0);
            w->first_ns = w->first_ns == 0 ? first : MIN(w->first_ns, first);
        }
    }
}

sd_pcapng *sd_pcapng_new(int fd, const sd_pcapng_settings *settings, GError **error)
{
    sd_pcapng *w = g_new0(sd_pcapng, 1);
    w->fd = fd;
    w->settings = *settings;
    w->filter = g_strdup(settings->filter);
    w->origin = g_strdup(settings->origin);
    w->out = g_byte_array_new();
    w->descriptions = g_byte_array_new();
    w->metadata = g_byte_array_new();
    w->signals = g_new0(signal_interfaces, settings->sources);
    take_sources(w, settings->source);
    write_section_header(w);
    if (write_all(w, w->out, error))
        return w;
    sd_pcapng_free(w);
    return NULL;
}

void sd_pcapng_next_record(sd_pcapng *w, const sd_pcapng_source *source)
{
    const guint32 count = w->count;
    take_sources(w, source);
    w->begun = w->begun && w->count == count;
}

void sd_pcapng_free(sd_pcapng *w)
{
    if (w == NULL)
        return;
    g_byte_array_free(w->out, TRUE);
    g_byte_array_free(w->descriptions, TRUE);
    g_byte_array_free(w->metadata, TRUE);
    g_free(w->filter);
    g_free(w->origin);
    g_free(w->signals);
    g_free(w);
}

static guint64 lane_speed(const sd_lane_report *lane, sd_link link)
{
    if (lane->data_speed != 0)
        return lane->data_speed * BITS_PER_MEGABIT;
    if (lane->config_speed != 0)
        return lane->config_speed * BITS_PER_MEGABIT;
    switch (link) {
    case SD_LINK_1000BASE_X:
        return 1000 * BITS_PER_MEGABIT;
    case SD_LINK_2500BASE_X:
        return 2500 * BITS_PER_MEGABIT;
    default:
        return 0; /* nothing has told it yet */
    }
}

/** What the names of a signal's interfaces begin with, to be freed with g_free(). */
static char *name_prefix(const sd_pcapng *w, const sd_pcapng_source *source)
{
    if (w->settings.sources == 1)
        return g_strdup("");
    switch (source->direction) {
    case SD_DIRECTION_OUTBOUND:
        return g_strdup("tx-");
    case SD_DIRECTION_INBOUND:
        return g_strdup("rx-");
    default:
        return g_strdup_printf("ch%zu-", source->channel + 1);
    }
}

/** Where the signal is from, and the direction with what it rests on; to be freed with g_free(). */
static char *describe_source(const sd_pcapng *w, const sd_pcapng_source *source,
                             const sd_report *report)
{
    const char *direction = sd_direction_name(source->direction);
    g_autofree char *origin = w->origin != NULL ? g_strdup(w->origin) : sd_report_origin(report);
    GString *text = g_string_new(origin);
    if (direction != NULL)
        g_string_append_printf(text, " (taken as %s: the %s channel given)", direction,
                               source->direction == SD_DIRECTION_OUTBOUND ? "first" : "second");
    return g_string_free(text, FALSE);
}

/** Whether an interface has to be described now; it counts as described from now on. */
static bool to_be_described(interface *i)
{
    const bool now = i->written && !i->described;
    i->described = i->described || now;
    return now;
}

static void describe_signal(sd_pcapng *w, signal_interfaces *s, const sd_report *report)
{
    g_autofree char *prefix = name_prefix(w, &s->source);
    g_autofree char *origin = describe_source(w, &s->source, report);
    g_autofree char *fault = w->origin == NULL ? sd_report_record_fault(report) : NULL;
    for (unsigned lane = 0; lane < s->source.lanes; lane++) {
        if (!to_be_described(&s->interfaces[lane]))
            continue;
        g_autofree char *name = g_strdup_printf("%slane%u", prefix, lane);
        g_autofree char *description = g_strdup_printf("%s, lane %u", origin, lane);
        write_interface(w, SD_LINKTYPE_ETHERNET, name, description, fault,
                        report != NULL ? lane_speed(&report->lane[lane], report->link) : 0);
    }
    if (to_be_described(&s->interfaces[EVENTS])) {
        g_autofree char *name = g_strconcat(prefix, "qsgmii", NULL);
        g_autofree char *description = g_strconcat(origin, ", events of the link", NULL);
        write_interface(w, SD_LINKTYPE_WIRESHARK_UPPER_PDU, name, description, fault, 0);
    }
}

void sd_pcapng_interfaces(sd_pcapng *w, const sd_report *const *reports)
{
    if (w->begun)
        return;
    w->begun = true;
    for (unsigned n = 0; n < w->settings.sources; n++)
        describe_signal(w, &w->signals[n], reports != NULL ? reports[n] : NULL);
}

static guint begin_packet(sd_pcapng *w, interface *i, guint64 time_ns, const void *data,
                          guint32 length, guint32 original)
{
    i->accepted++;
    w->last_ns = MAX(w->last_ns, time_ns);
    const guint place = sd_block_begin(w->out, SD_BLOCK_ENHANCED_PACKET);
    sd_append(w->out, i->id, 4);
    sd_append(w->out, time_ns >> 32, 4);
    sd_append(w->out, time_ns, 4);
    sd_append(w->out, length, 4);
    sd_append(w->out, original, 4);
    g_byte_array_append(w->out, data, length);
    sd_block_pad(w->out);
    return place;
}

static void end_packet(sd_pcapng *w, guint place)
{
    sd_block_option_number(w->out, SD_OPT_EPB_PACKETID, w->packets++, 8);
    sd_block_option(w->out, SD_OPT_END, "", 0);
    sd_block_end(w->out, place);
}

static void put_metadata(sd_pcapng *w, const sd_frame *frame)
{
    g_byte_array_set_size(w->metadata, 0);
    sd_append(w->metadata, SD_RECORD_PEN, 4);
    sd_metadata_frame(w->metadata, frame);
    sd_block_option(w->out, SD_OPT_CUSTOM_BINARY, w->metadata->data, (guint16)w->metadata->len);
}

void sd_pcapng_frame(sd_pcapng *w, const sd_frame *frame)
{
    signal_interfaces *s = &w->signals[frame->source];
    interface *i = &s->interfaces[frame->lane];
    if (!i->written)
        return;
    i->received++;
    const guint place = begin_packet(w, i, absolute_ns(&s->source, frame->segment, frame->time_ps),
                                     frame->octets, frame->length, frame->wire_length);
    char *comment = sd_metadata_comment(frame);
    sd_block_option_text(w->out, SD_OPT_COMMENT, comment, COMMENT_MOST);
    g_free(comment);
    const guint32 flags =
        sd_metadata_packet_flags(frame) | sd_metadata_direction_flags(s->source.direction);
    sd_block_option_number(w->out, SD_OPT_EPB_FLAGS, flags, 4);
    put_metadata(w, frame);
    end_packet(w, place);
}

static void put_event(sd_pcapng *w, const sd_event *event, guint64 time_ns, const char *comment)
{
    signal_interfaces *s = &w->signals[event->source];
    interface *i = &s->interfaces[EVENTS];
    if (!i->written)
        return;
    i->received++;
    g_byte_array_set_size(w->metadata, 0);
    sd_metadata_event(w->metadata, event);
    const guint place =
        begin_packet(w, i, time_ns, w->metadata->data, w->metadata->len, w->metadata->len);
    sd_block_option_text(w->out, SD_OPT_COMMENT, comment, COMMENT_MOST);
    if (s->source.direction != SD_DIRECTION_UNKNOWN)
        sd_block_option_number(w->out, SD_OPT_EPB_FLAGS,
                               sd_metadata_direction_flags(s->source.direction), 4);
    end_packet(w, place);
}

void sd_pcapng_event(sd_pcapng *w, const sd_event *event)
{
    const sd_pcapng_source *source = &w->signals[event->source].source;
    put_event(w, event, absolute_ns(source, event->segment, event->time_ps), NULL);
}

void sd_pcapng_notice(sd_pcapng *w, const sd_event *event, int64_t time_ns, const char *text)
{
    put_event(w, event, (guint64)time_ns, text);
}

void sd_pcapng_filtered(sd_pcapng *w, const sd_frame *frame)
{
    w->signals[frame->source].interfaces[frame->lane].received++;
}

static void write_statistics(sd_pcapng *w, const interface *i, guint64 start, guint64 end)
{
    const guint place = sd_block_begin(w->out, SD_BLOCK_INTERFACE_STATISTICS);
    sd_append(w->out, i->id, 4);
    sd_append(w->out, end >> 32, 4);
    sd_append(w->out, end, 4);
    sd_block_option_time(w->out, SD_OPT_ISB_STARTTIME, start);
    sd_block_option_time(w->out, SD_OPT_ISB_ENDTIME, end);
    sd_block_option_number(w->out, SD_OPT_ISB_IFRECV, i->received, 8);
    sd_block_option_number(w->out, SD_OPT_ISB_IFDROP, 0, 8);
    sd_block_option_number(w->out, SD_OPT_ISB_FILTERACCEPT, i->accepted, 8);
    sd_block_option_number(w->out, SD_OPT_ISB_USRDELIV, i->accepted, 8);
    sd_block_option(w->out, SD_OPT_END, "", 0);
    sd_block_end(w->out, place);
}

void sd_pcapng_finish(sd_pcapng *w)
{
    for (unsigned n = 0; n < w->settings.sources; n++) {
        const signal_interfaces *s = &w->signals[n];
        const guint64 start = w->origin == NULL ? absolute_ns(&s->source, 0, 0) : w->first_ns;
        for (unsigned i = 0; i <= EVENTS; i++) {
            if (s->interfaces[i].written)
                write_statistics(w, &s->interfaces[i], start, MAX(w->last_ns, start));
        }
    }
}

bool sd_pcapng_flush(sd_pcapng *w, GError **error)
{
    if (!w->begun)
        return true;
    return write_all(w, w->descriptions, error) && write_all(w, w->out, error);
}

size_t sd_pcapng_buffered(const sd_pcapng *w)
{
    return w->descriptions->len + w->out->len;
}

uint64_t sd_pcapng_packets(const sd_pcapng *w)
{
    return w->packets;
}
