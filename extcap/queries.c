/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queries.h"

#include <stdio.h>

#include "capture_filter.h"
#include "scopedump/info.h"
#include "scopedump/pcapng.h"
#include "scopedump_version.h"

/** One value of a selector, radio or multicheck. */
typedef struct {
    const char *value, *display;
    bool is_default;
} argument_value;

/** One argument of the dialog, in the grammar of "arg" sentences. */
typedef struct {
    const char *call, *display, *type, *group, *tooltip;
    const char *more; /* further {name=value} */
    const argument_value *values;
} argument;

static const argument_value channel_values[] = {
    {"1", "1", true}, {"2", "2", false}, {"3", "3", false}, {"4", "4", false}, {NULL, NULL, false},
};
static const argument_value negative_values[] = {
    {"none", "none", true}, {"1", "1", false}, {"2", "2", false},
    {"3", "3", false},      {"4", "4", false}, {NULL, NULL, false},
};
static const argument_value lane_values[] = {
    {"0", "lane 0", false}, {"1", "lane 1", false}, {"2", "lane 2", false},
    {"3", "lane 3", false}, {NULL, NULL, false},
};
static const argument_value link_values[] = {
    {"auto", "found from the signal", true},
    {"qsgmii", "QSGMII (5 GBd)", false},
    {"sgmii", "SGMII (1.25 GBd)", false},
    {"1000base-x", "1000BASE-X (1.25 GBd)", false},
    {"2500base-x", "2500BASE-X (3.125 GBd)", false},
    {NULL, NULL, false},
};
static const argument_value polarity_values[] = {
    {"auto", "found from the signal", true},
    {"normal", "normal", false},
    {"inverted", "inverted", false},
    {NULL, NULL, false},
};
static const argument_value speed_values[] = {
    {"auto", "found from the signal", true},
    {"10", "10 Mb/s", false},
    {"100", "100 Mb/s", false},
    {"1000", "1000 Mb/s", false},
    {NULL, NULL, false},
};
static const argument_value format_values[] = {
    {"none", "the file has a header", true},
    {"s8", "raw, signed 8 bit", false},
    {"u8", "raw, unsigned 8 bit", false},
    {"s16", "raw, signed 16 bit, little-endian", false},
    {"f32", "raw, 32-bit float, little-endian", false},
    {NULL, NULL, false},
};

/** What the dialogs that choose a file offer; the content decides, not the name. */
#define FILE_TYPES                                                                                 \
    "{fileext=Waveforms (*.wfm *.bin *.raw *.f32 *.h5 *.mat *.npy *.npz *.scopesession *.sr "      \
    "*.wav "                                                                                       \
    "*.gz *.zip *.zst);;All files (*)}"

/** All arguments; the option of the command line that each is comes first. */
static const argument arguments[] = {
    {"--file", "Record", "fileselect", "Record", "The waveform file that the oscilloscope saved",
     "{required=true}{mustexist=true}" FILE_TYPES, NULL},
    {"--channel", "Channel", "selector", "Record", "The channel with the signal",
     "{reload=true}{placeholder=Read the channels of the file}", channel_values},
    {"--channel-neg", "Negative leg", "selector", "Record",
     "The channel with the second leg of a differential pair: the signal is the difference. None "
     "for a "
     "differential probe or a single-ended signal",
     "{reload=true}{placeholder=Read the channels of the file}", negative_values},
    {"--file-neg", "Negative leg's file", "fileselect", "Record",
     "The file with the second leg, if it is another", "{mustexist=true}" FILE_TYPES, NULL},
    {"--lanes", "Lanes", "multicheck", "Record", "The lanes to deliver; none ticked means all", "",
     lane_values},
    {"--events", "Events of the link", "boolean", "Record",
     "Show configuration, slips, loss of signal and the like as packets of their own",
     "{default=true}", NULL},
    {"--link", "Kind of link", "selector", "Signal", "Found from the signal unless given", "",
     link_values},
    {"--baud", "Baud (Hz)", "string", "Signal", "Found from the signal when empty",
     "{placeholder=found from the signal}", NULL},
    {"--threshold", "Threshold (V)", "string", "Signal", "Found from the signal when empty",
     "{placeholder=found from the signal}", NULL},
    {"--polarity", "Polarity", "selector", "Signal", "Found from the signal unless given", "",
     polarity_values},
    {"--speed", "Speed of the lanes", "selector", "Signal", "Found from the signal unless given",
     "", speed_values},
    {"--sample-format", "Raw samples", "selector", "Raw files",
     "For files without a header: how a sample is stored", "", format_values},
    {"--sample-rate", "Sample rate (Hz)", "string", "Raw files",
     "For files that do not hold it: raw, NumPy, WAV", "", NULL},
    {"--scale", "Volts per code", "string", "Raw files",
     "For files that do not hold it: raw, NumPy, WAV", "", NULL},
    {"--offset", "Volts at code 0", "string", "Raw files",
     "For files that do not hold it: raw, NumPy, WAV", "", NULL},
};

static void print_values(unsigned number, const argument_value *values)
{
    for (const argument_value *v = values; v != NULL && v->value != NULL; v++)
        printf("value {arg=%u}{value=%s}{display=%s}{default=%s}\n", number, v->value, v->display,
               v->is_default ? "true" : "false");
}

static void print_config(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(arguments); i++) {
        const argument *a = &arguments[i];
        printf("arg {number=%u}{call=%s}{display=%s}{type=%s}{group=%s}{tooltip=%s}%s\n", i + 1,
               a->call, a->display, a->type, a->group, a->tooltip, a->more);
        print_values(i + 1, a->values);
    }
}

/** Text with what the sentences of the grammar cannot hold taken out. */
static char *plain(const char *text)
{
    char *copy = g_utf8_make_valid(text, -1);
    g_strdelimit(copy, "{}\r\n", ' ');
    return copy;
}

/** The channels of the file that is chosen, for the selectors' reload buttons. */
static int print_channels(const options *o, unsigned number, bool negative)
{
    const char *file = negative && o->file_neg != NULL ? o->file_neg : o->file;
    GError *error = NULL;
    if (file == NULL) {
        fprintf(stderr, "Choose the record first.\n");
        return STATUS_USAGE;
    }
    sd_waveform *waveform = sd_waveform_open(file, &o->raw, &error);
    if (waveform == NULL) {
        fprintf(stderr, "%s.\n", error->message);
        g_error_free(error);
        return STATUS_FILE;
    }
    if (negative)
        print_values(number, (const argument_value[]){negative_values[0], {NULL, NULL, false}});
    for (size_t i = 0; i < waveform->channels; i++) {
        char *text = sd_info_channel(waveform, i);
        char *display = plain(text);
        printf("value {arg=%u}{value=%zu}{display=%s}{default=%s}\n", number, i + 1, display,
               i == 0 && !negative ? "true" : "false");
        g_free(display);
        g_free(text);
    }
    sd_waveform_free(waveform);
    return STATUS_DECODED;
}

static int reload(const options *o)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(arguments); i++) {
        const char *name = arguments[i].call + 2; /* without its dashes */
        const char *wanted = o->reload_option;
        while (*wanted == '-')
            wanted++;
        if (g_strcmp0(name, wanted) != 0)
            continue;
        if (arguments[i].values == channel_values)
            return print_channels(o, i + 1, false);
        if (arguments[i].values == negative_values)
            return print_channels(o, i + 1, true);
        print_values(i + 1, arguments[i].values);
        return STATUS_DECODED;
    }
    fprintf(stderr, "There is no argument \"%s\" to be reloaded.\n", o->reload_option);
    return STATUS_USAGE;
}

static int print_interfaces(void)
{
    printf("extcap {version=" SCOPEDUMP_VERSION "}{display=scopedump}\n");
    printf("interface {value=" EXTCAP_INTERFACE
           "}{display=Oscilloscope record of an Ethernet link}\n");
    return STATUS_DECODED;
}

static int print_dlts(void)
{
    printf("dlt {number=%d}{name=EN10MB}{display=Ethernet}\n", SD_LINKTYPE_ETHERNET);
    return STATUS_DECODED;
}

/** Validation: silence means that the filter is good. */
static int check_filter(const options *o)
{
    GError *error = NULL;
    capture_filter *filter = capture_filter_new(o->filter, &error);
    if (filter == NULL) {
        printf("%s\n", error->message);
        g_error_free(error);
    }
    capture_filter_free(filter);
    return STATUS_DECODED;
}

bool answer_query(const options *o, int *status)
{
    if (o->interfaces) {
        *status = print_interfaces();
        return true;
    }
    if (!o->extcap || o->capture)
        return false;
    if (g_strcmp0(o->interface, EXTCAP_INTERFACE) != 0) {
        fprintf(stderr, o->interface == NULL
                            ? "Give --extcap-interface " EXTCAP_INTERFACE ".\n"
                            : "There is no such interface; there is " EXTCAP_INTERFACE " alone.\n");
        *status = STATUS_USAGE;
    } else if (o->dlts) {
        *status = print_dlts();
    } else if (o->config && o->reload_option != NULL) {
        *status = reload(o);
    } else if (o->config) {
        print_config();
        *status = STATUS_DECODED;
    } else if (o->filter != NULL) {
        *status = check_filter(o);
    } else {
        fprintf(stderr, "Nothing was asked of interface " EXTCAP_INTERFACE ".\n");
        *status = STATUS_USAGE;
    }
    return true;
}
