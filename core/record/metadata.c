/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/metadata.h"

#include "record/bytes.h"
#include "record/hit_text.h"

/** Hits told in a comment; more are counted alone. */
#define COMMENT_HITS 6

/** epb_flags (pcapng, "Enhanced Packet Block Flags Word"). */
enum {
    PACKET_INBOUND = 1,
    PACKET_OUTBOUND = 2,
    PACKET_FCS_LENGTH = 4 << 5,
    PACKET_CRC_ERROR = 0x01000000,
    PACKET_TOO_LONG = 0x02000000,
    PACKET_TOO_SHORT = 0x04000000,
    PACKET_WRONG_GAP = 0x08000000,
    PACKET_SFD_ERROR = 0x20000000,
    PACKET_PREAMBLE_ERROR = 0x40000000,
};
#define PACKET_SYMBOL_ERROR 0x80000000U

/** Each flag of a frame: its bit in epb_flags, and its words in the comment. */
static const struct {
    guint8 flag;
    guint32 packet_flag;
    const char *text;
} frame_flags[] = {
    {SD_FRAME_FCS_BAD, PACKET_CRC_ERROR, "bad FCS"},
    {SD_FRAME_ERROR_V, PACKET_SYMBOL_ERROR, "error propagation /V/"},
    {SD_FRAME_SFD_HIT, PACKET_SFD_ERROR, "SFD damaged or missing"},
    {SD_FRAME_TOO_SHORT, PACKET_TOO_SHORT, "under 64 octets"},
    {SD_FRAME_TOO_LONG, PACKET_TOO_LONG, "longer than could be kept"},
    {SD_FRAME_PREAMBLE_HIT, PACKET_PREAMBLE_ERROR, "preamble damaged"},
    {SD_FRAME_GAP_SHORT, PACKET_WRONG_GAP, "under 8 octets of gap before it"},
    {SD_FRAME_EXTENDED, 0, "carrier extension"},
};

static const char *const begin_texts[] = {
    [SD_BEGIN_S] = NULL,
    [SD_BEGIN_CUT] = "cut at its begin",
    [SD_BEGIN_NO_S] = "begins without /S/",
    [SD_BEGIN_NO_SFD] = "no SFD",
};

static const char *const end_texts[] = {
    [SD_END_T] = NULL,
    [SD_END_CUT] = "cut by the end of the record",
    [SD_END_EARLY] = "ends in a comma, without /T/",
    [SD_END_NO_T] = "ends without /T/",
    [SD_END_LOST] = "ended by a loss of the signal or of lane alignment",
    [SD_END_NEXT_S] = "ends in the next /S/, without /T/",
};

/** Sample number and fraction in 2^-32; a start before the first sample is given as that. */
static void append_position(GByteArray *out, sd_position position, gboolean fraction)
{
    const guint64 at = (guint64)MAX(position, 0);
    sd_append(out, at >> SD_POSITION_BITS, 8);
    if (fraction)
        sd_append(out, (at & (SD_POSITION_ONE - 1)) << (32 - SD_POSITION_BITS), 4);
}

static void append_hit(GByteArray *out, const sd_hit *hit)
{
    sd_append(out, (guint32)hit->octet, 4);
    sd_append(out, hit->where, 1);
    sd_append(out, hit->kind, 1);
    sd_append(out, hit->bits, 2);
    sd_append(out, (guint64)hit->time_ps, 8);
    sd_append(out, hit->copy, 4);
    append_position(out, hit->start, FALSE);
}

void sd_metadata_frame(GByteArray *out, const sd_frame *frame)
{
    const guint length = SD_FRAME_METADATA_SIZE + frame->hits * SD_HIT_SIZE;
    g_byte_array_append(out, (const guint8 *)SD_RECORD_MAGIC, SD_RECORD_MAGIC_SIZE);
    sd_append(out, SD_RECORD_VERSION, 2);
    sd_append(out, length, 2);
    sd_append(out, SD_FRAME_METADATA_SIZE, 2);
    sd_append(out, SD_HIT_SIZE, 2);
    sd_append(out, frame->lane, 1);
    sd_append(out, frame->link, 1);
    sd_append(out, frame->speed_source, 1);
    sd_append(out, frame->begin, 1);
    sd_append(out, frame->end, 1);
    sd_append(out, frame->flags, 1);
    sd_append(out, frame->hits, 2);
    sd_append(out, frame->hits_total, 4);
    sd_append(out, frame->speed, 4);
    sd_append(out, frame->config_speed, 4);
    sd_append(out, frame->segment, 4);
    append_position(out, frame->start, TRUE);
    sd_append(out, frame->preamble, 4);
    sd_append(out, (guint64)frame->time_ps, 8);
    sd_append(out, (guint64)frame->duration_ps, 8);
    sd_append(out, frame->gap, 4);
    sd_append(out, frame->invalid, 4);
    sd_append(out, frame->disparity, 4);
    sd_append(out, frame->wire_length, 4);
    for (guint32 i = 0; i < frame->hits; i++)
        append_hit(out, &frame->hit[i]);
}

void sd_metadata_event(GByteArray *out, const sd_event *event)
{
    /* Tag 12 (protocol name), length 8, "qsgmii" padded to four bytes; tag 0 (end). Big-endian. */
    static const guint8 tags[] = {0, 12, 0, 8, 'q', 's', 'g', 'm', 'i', 'i', 0, 0, 0, 0, 0, 0};
    g_byte_array_append(out, tags, sizeof tags);
    g_byte_array_append(out, (const guint8 *)SD_EVENT_MAGIC, SD_RECORD_MAGIC_SIZE);
    sd_append(out, SD_RECORD_VERSION, 2);
    sd_append(out, SD_EVENT_SIZE, 2);
    sd_append(out, event->kind, 2);
    sd_append(out, event->lane, 1);
    sd_append(out, event->link, 1);
    sd_append(out, event->segment, 4);
    sd_append(out, event->value, 4);
    append_position(out, event->start, FALSE);
    sd_append(out, (guint64)event->time_ps, 8);
    sd_append(out, (guint64)event->duration_ps, 8);
    sd_append(out, event->count, 4);
}

guint32 sd_metadata_packet_flags(const sd_frame *frame)
{
    guint32 flags = PACKET_FCS_LENGTH;
    if (frame->invalid + frame->disparity > 0)
        flags |= PACKET_SYMBOL_ERROR;
    for (gsize i = 0; i < G_N_ELEMENTS(frame_flags); i++) {
        if (frame->flags & frame_flags[i].flag)
            flags |= frame_flags[i].packet_flag;
    }
    return flags;
}

guint32 sd_metadata_direction_flags(sd_direction direction)
{
    static const guint32 flags[] = {
        [SD_DIRECTION_UNKNOWN] = 0,
        [SD_DIRECTION_OUTBOUND] = PACKET_OUTBOUND,
        [SD_DIRECTION_INBOUND] = PACKET_INBOUND,
    };
    return flags[direction];
}

static void append_words(GString *text, const char *words)
{
    if (words != NULL)
        g_string_append_printf(text, "%s%s", text->len > 0 ? "; " : "", words);
}

/** The error may lie before the place where it shows. */
static void append_uncertainty(GString *text, unsigned code_groups)
{
    if (code_groups == SD_UNCERTAINTY_OPEN)
        g_string_append(text, ", or an error in any code-group before it on the line");
    else if (code_groups > 0)
        g_string_append_printf(text, ", or an error up to %u code-group%s before it on the line",
                               code_groups, code_groups == 1 ? "" : "s");
}

/** What was received in the place of what; damage of the gap is not damage of the frame. */
static void append_errors(GString *text, const sd_frame *frame)
{
    const guint32 errors = frame->invalid + frame->disparity;
    if (errors == 0)
        return;
    g_string_append_printf(text, "%u symbol error%s", errors, errors == 1 ? "" : "s");
    guint32 told = 0;
    for (guint32 i = 0; i < frame->hits && told < COMMENT_HITS; i++) {
        char words[SD_HIT_TEXT_SIZE];
        if (frame->hit[i].where == SD_HIT_GAP)
            continue;
        sd_hit_text(&frame->hit[i], frame->speed, words);
        g_string_append_printf(text, "%s%s", told++ == 0 ? ": " : "; ", words);
        append_uncertainty(text, frame->hit[i].uncertainty);
    }
    if (told > 0 && errors > told)
        g_string_append_printf(text, "; and %u more", errors - told);
}

char *sd_metadata_comment(const sd_frame *frame)
{
    GString *text = g_string_new(NULL);
    append_errors(text, frame);
    append_words(text, begin_texts[frame->begin]);
    append_words(text, end_texts[frame->end]);
    const gboolean cut = frame->begin == SD_BEGIN_CUT || frame->end == SD_END_CUT;
    for (gsize i = 0; i < G_N_ELEMENTS(frame_flags); i++) {
        if ((frame->flags & frame_flags[i].flag) &&
            !(cut && frame_flags[i].flag == SD_FRAME_FCS_BAD))
            append_words(text, frame_flags[i].text);
    }
    if (frame->speed_source == SD_SPEED_DISAGREES)
        g_string_append_printf(text, "%sspeed %u Mb/s, but the config_reg says %u Mb/s",
                               text->len > 0 ? "; " : "", frame->speed, frame->config_speed);
    if (text->len == 0) {
        g_string_free(text, TRUE);
        return NULL;
    }
    return g_string_free(text, FALSE);
}
