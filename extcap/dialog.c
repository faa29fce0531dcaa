/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dialog.h"

#include <stdio.h>
#include <string.h>

#include "scopedump/info.h"
#include "scopedump/waveform.h"

/** One value of a selector, radio or multicheck. */
typedef struct {
    const char *value, *display;
    bool is_default;
} argument_value;

/** The dialogs that an argument is in. */
enum {
    IN_RECORD = 1,
    IN_WATCH = 2,
    IN_BOTH = IN_RECORD | IN_WATCH,
};

/** One argument of the dialogs, in the grammar of "arg" sentences. */
typedef struct {
    unsigned dialogs;
    const char *call, *display, *type, *group, *tooltip;
    const char *more; /* further {name=value} */
    const argument_value *values;
} argument;

/** Who asks, and the arguments that are theirs. */
static const struct {
    const char *interface;
    unsigned dialog;
} dialogs[] = {
    {EXTCAP_INTERFACE, IN_RECORD},
    {EXTCAP_INTERFACE_WATCH, IN_WATCH},
};

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

/** What the dialog that chooses a file offers; the content decides, not the name. */
#define FILE_TYPES                                                                                 \
    "{fileext=Waveforms (*.wfm *.isf *.trc *.bin *.csv *.h5 *.mat *.npy *.npz *.scopesession "     \
    "*.sr "                                                                                        \
    "*.wav *.raw *.f32 *.gz *.zip *.zst);;All files (*)}"

/* Regular expressions of fields that may be empty; the grammar has no room for braces. */
#define NUMBER          "[0-9]*[.]?[0-9]+([eE][+-]?[0-9]+)?"
#define SIGNED_NUMBER   "{validation=^([+-]?" NUMBER ")?$}"
#define POSITIVE_NUMBER "{validation=^([+]?" NUMBER ")?$}"

#define FOUND "{placeholder=found from the signal}"

/** All arguments; the option of the command line that each is comes first. */
static const argument arguments[] = {
    {IN_RECORD, "--file", "Record", "fileselect", "Record",
     "The waveform file that the oscilloscope saved: the only thing that has to be given",
     "{required=true}{mustexist=true}" FILE_TYPES, NULL},
    {IN_WATCH, "--watch", "Folder", "string", "Record",
     "The folder where the oscilloscope saves its records: type or paste its path. The path of a "
     "file stands for the folder that it is in",
     "{required=true}{placeholder=/path/of/the/folder}{validation=^(/|file:).*$}", NULL},
    {IN_WATCH, "--existing", "Records already there", "boolflag", "Record",
     "Decode what is in the folder when the capture starts, too; otherwise only what comes later",
     "{default=false}", NULL},
    {IN_RECORD, "--channel", "Channel", "selector", "Record",
     "The channel that the link was probed with, if it is not the first. The button reads the "
     "channels from the record",
     "{reload=true}{placeholder=Read the channels from the record}", channel_values},
    {IN_RECORD, "--channel-neg", "Negative leg", "selector", "Record",
     "Needed when the two wires of the pair were probed with a probe each: the channel with the "
     "negative one. None for a differential probe",
     "{reload=true}{placeholder=Read the channels from the record}", negative_values},
    {IN_RECORD, "--file-neg", "Negative leg\'s file", "fileselect", "Record",
     "Needed when the oscilloscope saved the channel of the negative leg as a file of its own",
     "{mustexist=true}" FILE_TYPES, NULL},
    {IN_WATCH, "--channel", "Channel", "string", "Record",
     "The channel that the link was probed with, by its number or its name in the file, if it is "
     "not the first",
     "{default=1}", NULL},
    {IN_WATCH, "--channel-neg", "Negative leg", "string", "Record",
     "Needed when the two wires of the pair were probed with a probe each: the channel with the "
     "negative one, by number or name",
     "{placeholder=none}", NULL},
    {IN_BOTH, "--sample-format", "Raw samples", "selector", "Record",
     "Needed for a file of nothing but samples, without a header: how one is stored", "",
     format_values},
    {IN_BOTH, "--sample-rate", "Sample rate (Hz)", "string", "Record",
     "Needed for files that do not hold it: raw samples, arrays and tables without times, WAV "
     "beyond "
     "4 GS/s",
     POSITIVE_NUMBER "{placeholder=from the file}", NULL},
    {IN_BOTH, "--scale", "Volts per code", "string", "Record",
     "For files that do not hold it: only the voltages in the report depend on it",
     SIGNED_NUMBER "{placeholder=from the file}", NULL},
    {IN_BOTH, "--offset", "Volts at code 0", "string", "Record",
     "For files that do not hold it: only the voltages in the report depend on it",
     SIGNED_NUMBER "{placeholder=from the file}", NULL},
    {IN_BOTH, "--link", "Kind of link", "selector", "Link",
     "Needed when the signal does not tell: SGMII and 1000BASE-X without configuration, or a rate "
     "that is far from the nominal one",
     "", link_values},
    {IN_BOTH, "--baud", "Baud (Hz)", "string", "Link",
     "Needed when the line is more than 500 ppm from its nominal rate", POSITIVE_NUMBER FOUND,
     NULL},
    {IN_BOTH, "--threshold", "Threshold (V)", "string", "Link",
     "Needed when the level between 0 and 1 is not found, as in a record that is mostly silent",
     SIGNED_NUMBER FOUND, NULL},
    {IN_BOTH, "--polarity", "Polarity", "selector", "Link",
     "Needed when the wires or probes may be swapped, and the record is too short to tell", "",
     polarity_values},
    {IN_BOTH, "--speed", "Speed of the lanes", "selector", "Link",
     "Needed when neither the configuration nor the frames tell it, as with frames that are cut",
     "", speed_values},
    {IN_BOTH, "--lanes", "Lanes", "multicheck", "Output",
     "The lanes to show, when not all are wanted. None ticked means all", "", lane_values},
    {IN_BOTH, "--events", "Events of the link", "boolean", "Output",
     "Show configuration, bit slips, loss of signal and the like as packets of their own. Take it "
     "off when another program is to read the capture",
     "{default=true}", NULL},
};

unsigned dialog_of(const char *interface)
{
    for (size_t i = 0; i < G_N_ELEMENTS(dialogs); i++) {
        if (g_strcmp0(interface, dialogs[i].interface) == 0)
            return dialogs[i].dialog;
    }
    return 0;
}

static void print_values(unsigned number, const argument_value *values)
{
    for (const argument_value *v = values; v != NULL && v->value != NULL; v++)
        printf("value {arg=%u}{value=%s}{display=%s}{default=%s}\n", number, v->value, v->display,
               v->is_default ? "true" : "false");
}

void dialog_print(unsigned dialog)
{
    unsigned number = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(arguments); i++) {
        const argument *a = &arguments[i];
        if ((a->dialogs & dialog) == 0)
            continue;
        printf("arg {number=%u}{call=%s}{display=%s}{type=%s}{group=%s}{tooltip=%s}%s\n", ++number,
               a->call, a->display, a->type, a->group, a->tooltip, a->more);
        print_values(number, a->values);
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

int dialog_reload(unsigned dialog, const options *o)
{
    unsigned number = 0;
    const char *wanted = o->reload_option;
    while (*wanted == '-')
        wanted++;
    for (size_t i = 0; i < G_N_ELEMENTS(arguments); i++) {
        const argument *a = &arguments[i];
        if ((a->dialogs & dialog) == 0)
            continue;
        number++;
        if (strcmp(a->call + 2, wanted) != 0) /* without its dashes */
            continue;
        if (a->values == channel_values)
            return print_channels(o, number, false);
        if (a->values == negative_values)
            return print_channels(o, number, true);
        print_values(number, a->values);
        return STATUS_DECODED;
    }
    fprintf(stderr, "There is no argument \"%s\" to be reloaded.\n", o->reload_option);
    return STATUS_USAGE;
}
