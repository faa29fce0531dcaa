/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "toolbar.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FRAME_MAGIC 'T'
#define HEADER_SIZE 6
/** Of the length in the header: the control's number and the command are counted. */
#define COUNTED 2
/** So that a frame of the log passes the pipe in one piece: Wireshark's reader takes all of a CPU
    while it waits for the rest of one. */
#define PAYLOAD_MOST (PIPE_BUF - HEADER_SIZE)
/** Addresses no control. */
#define NO_CONTROL 255
/** Milliseconds that Wireshark has to read what it was told, before the rest is dropped. */
#define PATIENCE_MS 500
/** Microseconds after which the report of a record that is being decoded is shown anew. */
#define REPORT_US 1000000

/** The numbers of the controls. */
enum {
    CONTROL_LINK,
    CONTROL_LANE,
    CONTROL_REPORT = CONTROL_LANE + SD_REPORT_LANES,
    CONTROL_LOG,
};

/** Wireshark's commands. */
enum {
    COMMAND_SET = 1,
    COMMAND_ADD = 2,
    COMMAND_STATUS = 6,
};

struct toolbar {
    int in, out;
    bool greeted; /* something has come */
    GByteArray *received;
    char *shown[CONTROL_REPORT]; /* in the fields */
    gint64 reported;             /* when the report was shown last */
};

void toolbar_print_controls(void)
{
    printf(
        "control {number=%d}{type=string}{display=Link}{tooltip=The kind of link that was found, "
        "and how far its baud is from the nominal one}\n",
        CONTROL_LINK);
    for (int lane = 0; lane < SD_REPORT_LANES; lane++)
        printf(
            "control {number=%d}{type=string}{display=Lane %d}{tooltip=What lane %d does now, its "
            "speed, and its symbol errors so far}\n",
            CONTROL_LANE + lane, lane, lane);
    /* Wireshark opens a window with the text that such a button has been sent. */
    printf("control {number=%d}{type=button}{role=logger}{display=Report}{tooltip=Show the report "
           "of the record; while it is being decoded, how the link stands so far}\n",
           CONTROL_REPORT);
    printf("control {number=%d}{type=button}{role=logger}{display=Log}{tooltip=Show what has "
           "happened, with the reports of the records}\n",
           CONTROL_LOG);
}

/** Opens a FIFO; what Wireshark does not do must not hold us up afterwards. */
static int open_control(const char *path, int flags)
{
    const int fd = path != NULL ? g_open(path, flags | O_CLOEXEC, 0) : -1;
    if (fd >= 0)
        fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    return fd;
}

void toolbar_free(toolbar *t)
{
    /* Wireshark greets at once, and shows an error when nobody is there any more. */
    struct pollfd greeting = {.fd = t->in, .events = POLLIN};
    if (t->in >= 0 && !t->greeted)
        poll(&greeting, 1, PATIENCE_MS);
    if (t->in >= 0)
        close(t->in);
    if (t->out >= 0)
        close(t->out);
    g_byte_array_free(t->received, TRUE);
    for (size_t i = 0; i < G_N_ELEMENTS(t->shown); i++)
        g_free(t->shown[i]);
    g_free(t);
}

bool toolbar_present(const toolbar *t)
{
    return t->out >= 0;
}

int toolbar_input(const toolbar *t)
{
    return t->in;
}

/** Writes all of a frame. One that has been begun must be ended; one that Wireshark does not read
   is left out, and when it has gone nothing is sent any more. */
static void write_frame(toolbar *t, const guint8 *frame, size_t length)
{
    size_t done = 0;
    while (done < length) {
        const ssize_t n = write(t->out, frame + done, length - done);
        struct pollfd space = {.fd = t->out, .events = POLLOUT};
        if (n > 0) {
            done += (size_t)n;
        } else if (n == 0 || errno == EINTR) {
            continue;
        } else if (errno != EAGAIN || poll(&space, 1, PATIENCE_MS) <= 0) {
            if (errno == EAGAIN && done == 0)
                return;
            close(t->out);
            t->out = -1;
            return;
        }
    }
}

static void send_bytes(toolbar *t, guint8 control, guint8 command, const char *payload,
                       size_t length)
{
    if (t->out < 0)
        return;
    const size_t counted = length + COUNTED;
    guint8 *frame = g_malloc(HEADER_SIZE + length);
    const guint8 header[HEADER_SIZE] = {
        FRAME_MAGIC, (guint8)(counted >> 16), (guint8)(counted >> 8), (guint8)counted, control,
        command};
    memcpy(frame, header, HEADER_SIZE);
    memcpy(frame + HEADER_SIZE, payload, length);
    write_frame(t, frame, HEADER_SIZE + length);
    g_free(frame);
}

/** Sends a text in one frame. */
static void send_text(toolbar *t, guint8 control, guint8 command, const char *text)
{
    send_bytes(t, control, command, text, strlen(text));
}

toolbar *toolbar_open(const char *in, const char *out)
{
    toolbar *t = g_new0(toolbar, 1);
    t->in = open_control(in, O_RDONLY);
    t->out = open_control(out, O_WRONLY);
    t->received = g_byte_array_new();
    return t;
}

void toolbar_status(toolbar *t, const char *text)
{
    send_text(t, NO_CONTROL, COMMAND_STATUS, text);
}

/** Bytes of @p text that one frame takes: it ends behind a newline, or between two characters. */
static size_t piece(const char *text)
{
    const size_t length = strlen(text);
    if (length <= PAYLOAD_MOST)
        return length;
    const char *newline = g_strrstr_len(text, PAYLOAD_MOST, "\n");
    const char *end =
        newline != NULL ? newline + 1 : g_utf8_find_prev_char(text, text + PAYLOAD_MOST + 1);
    return (size_t)(end - text);
}

/** Sends a text to a window, the first part of it with @p command. */
static void send_pieces(toolbar *t, guint8 control, guint8 command, const char *text)
{
    for (const char *rest = text; *rest != '\0'; command = COMMAND_ADD) {
        const size_t length = piece(rest);
        send_bytes(t, control, command, rest, length);
        rest += length;
    }
}

void toolbar_report(toolbar *t, const char *text)
{
    send_pieces(t, CONTROL_REPORT, COMMAND_SET, text);
    t->reported = g_get_monotonic_time();
}

void toolbar_log(toolbar *t, const char *text)
{
    if (t->out < 0)
        return;
    GDateTime *now = g_date_time_new_now_local();
    char *time = g_date_time_format(now, "%H:%M:%S");
    const char *end = g_str_has_suffix(text, "\n") ? "" : "\n";
    char *lines = g_strconcat(time, " ", text, end, NULL);
    send_pieces(t, CONTROL_LOG, COMMAND_ADD, lines);
    g_free(lines);
    g_free(time);
    g_date_time_unref(now);
}

/** Shows a text in a field, if it is not there already; takes the text. */
static void show(toolbar *t, unsigned control, char *text)
{
    if (g_strcmp0(t->shown[control], text) != 0)
        send_text(t, (guint8)control, COMMAND_SET, text);
    g_free(t->shown[control]);
    t->shown[control] = text;
}

/** What a lane does at the end of what has been decoded: when it is up, its speed says so. */
static void append_state(GString *text, const sd_lane_report *lane)
{
    const unsigned speed = lane->data_speed != 0 ? lane->data_speed : lane->config_speed;
    const bool up = lane->now == SD_LANE_IDLE || lane->now == SD_LANE_DATA;
    if (up && speed != 0)
        g_string_append_printf(text, "%u Mb/s", speed);
    else
        g_string_append(text, sd_lane_state_name(lane->now));
}

static uint64_t symbol_errors(const sd_lane_report *lane)
{
    return lane->errors_in_frames + lane->errors_between;
}

/** For a field, which is narrow. */
static void append_lane(GString *text, const sd_lane_report *lane)
{
    append_state(text, lane);
    if (symbol_errors(lane) > 0)
        g_string_append_printf(text, ", %" G_GUINT64_FORMAT " err.", symbol_errors(lane));
}

static void append_link(GString *text, const sd_report *r)
{
    g_string_append(text, r->link == SD_LINK_UNKNOWN ? "none found" : sd_link_name(r->link));
    if (r->bits > 0 && r->nominal_baud > 0)
        g_string_append_printf(text, ", %+ld ppm", lrint((r->baud / r->nominal_baud - 1) * 1e6));
}

/** Shows the link and the state of its lanes, of several channels side by side. */
static void show_link(toolbar *t, capture *c)
{
    const sd_report *reports[CAPTURE_SIGNALS_MOST];
    const unsigned count = capture_reports(c, reports);
    for (unsigned control = 0; control < CONTROL_REPORT; control++) {
        GString *text = g_string_new(NULL);
        for (unsigned i = 0; i < count; i++) {
            if (control != CONTROL_LINK && !reports[i]->lane[control - CONTROL_LANE].present)
                continue;
            if (text->len > 0)
                g_string_append(text, " | ");
            if (control == CONTROL_LINK)
                append_link(text, reports[i]);
            else
                append_lane(text, &reports[i]->lane[control - CONTROL_LANE]);
        }
        show(t, control, g_string_free(text, FALSE));
    }
}

static bool is_complete(const capture *c)
{
    return capture_share(c) >= 1;
}

/** How a run stands that is not at its end, in a line for each lane; to be freed with g_free(). */
static char *summary(capture *c)
{
    const sd_report *reports[CAPTURE_SIGNALS_MOST];
    const unsigned count = capture_reports(c, reports);
    char *name = capture_name(c);
    GString *text = g_string_new(name);
    g_string_append_printf(text, ", %.0f %% decoded\n\n", capture_share(c) * 100);
    for (unsigned i = 0; i < count; i++) {
        if (count > 1)
            g_string_append_printf(text, "Channel %s: ", reports[i]->channel);
        g_string_append(text, "Link: ");
        append_link(text, reports[i]);
        g_string_append_c(text, '\n');
        for (unsigned n = 0; n < SD_REPORT_LANES; n++) {
            const sd_lane_report *lane = &reports[i]->lane[n];
            if (!lane->present)
                continue;
            g_string_append_printf(text, "Lane %u: ", n);
            append_state(text, lane);
            g_string_append_printf(text,
                                   "; frames: %" G_GUINT64_FORMAT
                                   ", with bad FCS: %" G_GUINT64_FORMAT
                                   ", symbol errors: %" G_GUINT64_FORMAT "\n",
                                   lane->frames, lane->fcs_bad_whole, symbol_errors(lane));
        }
    }
    g_free(name);
    return g_string_free(text, FALSE);
}

void toolbar_progress(toolbar *t, capture *c)
{
    if (!toolbar_present(t))
        return;
    show_link(t, c);
    char *name = capture_name(c);
    char *text = g_strdup_printf("%s: %.0f %%", name, capture_share(c) * 100);
    toolbar_status(t, text);
    g_free(text);
    g_free(name);
    toolbar_listen(t);
    if (t->reported == 0 || g_get_monotonic_time() - t->reported >= REPORT_US) {
        char *report = summary(c);
        toolbar_report(t, report);
        g_free(report);
    }
}

void toolbar_finished(toolbar *t, capture *c)
{
    char *name = capture_name(c), *status, *report, *log;
    if (is_complete(c)) { /* before, nothing can be said of the whole */
        char *verdict = capture_verdict(c);
        status = g_strdup_printf("%s: %s", name, verdict);
        report = capture_text(c);
        log = g_strdup_printf("%s: decoded\n\n%s\n", name, report);
        g_free(verdict);
    } else {
        status = g_strdup_printf("%s: stopped at %.0f %%", name, capture_share(c) * 100);
        report = summary(c);
        log = g_strdup(report);
    }
    show_link(t, c);
    toolbar_status(t, status);
    toolbar_report(t, report);
    toolbar_log(t, log);
    g_free(log);
    g_free(report);
    g_free(status);
    g_free(name);
}

void toolbar_listen(toolbar *t)
{
    guint8 bytes[PIPE_BUF];
    ssize_t n;
    while (t->in >= 0 && (n = read(t->in, bytes, sizeof bytes)) != -1) {
        if (n == 0) { /* Wireshark has closed it */
            close(t->in);
            t->in = -1;
        }
        g_byte_array_append(t->received, bytes, (guint)n);
        t->greeted = true;
    }
    while (t->received->len >= HEADER_SIZE) {
        const guint8 *frame = t->received->data;
        const guint length =
            HEADER_SIZE - COUNTED + ((guint)frame[1] << 16 | (guint)frame[2] << 8 | frame[3]);
        if (length < HEADER_SIZE || frame[0] != FRAME_MAGIC) {
            g_byte_array_set_size(t->received, 0); /* not in the language that it speaks */
        } else if (t->received->len < length) {
            break;
        } else {
            if (frame[4] < CONTROL_REPORT && t->shown[frame[4]] != NULL) /* written over */
                send_text(t, frame[4], COMMAND_SET, t->shown[frame[4]]);
            g_byte_array_remove_range(t->received, 0, length);
        }
    }
}
