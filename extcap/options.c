/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <math.h>
#include <string.h>

#include "scopedump/error.h"

/** Of --threads: more than any computer that decodes one record has use for. */
#define THREADS_MOST 256

/** A name that an option takes, and what it stands for. */
typedef struct {
    const char *name;
    int value;
} choice;

static const choice link_choices[] = {
    {"auto", SD_LINK_UNKNOWN},          {"qsgmii", SD_LINK_QSGMII},
    {"sgmii", SD_LINK_SGMII},           {"1000base-x", SD_LINK_1000BASE_X},
    {"2500base-x", SD_LINK_2500BASE_X}, {NULL, 0},
};
static const choice polarity_choices[] = {
    {"auto", SD_POLARITY_AUTO},
    {"normal", SD_POLARITY_NORMAL},
    {"inverted", SD_POLARITY_INVERTED},
    {NULL, 0},
};
static const choice speed_choices[] = {
    {"auto", 0}, {"10", 10}, {"100", 100}, {"1000", 1000}, {NULL, 0},
};
static const choice format_choices[] = {
    {"s8", SD_SAMPLE_S8},
    {"u8", SD_SAMPLE_U8},
    {"s16", SD_SAMPLE_S16},
    {"f32", SD_SAMPLE_F32},
    {NULL, 0},
};

static bool choose(const choice *choices, const char *option, const char *value, int *chosen,
                   GError **error)
{
    GString *names = g_string_new(NULL);
    for (const choice *c = choices; c->name != NULL; c++) {
        if (g_ascii_strcasecmp(c->name, value) == 0) {
            *chosen = c->value;
            g_string_free(names, TRUE);
            return true;
        }
        g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", c->name);
    }
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s takes %s, not \"%s\"", option,
                names->str, value);
    g_string_free(names, TRUE);
    return false;
}

static gboolean take_link(const char *option, const char *value, gpointer data, GError **error)
{
    options *o = data;
    int chosen;
    if (!choose(link_choices, option, value, &chosen, error))
        return FALSE;
    o->settings.link = (sd_link)chosen;
    return TRUE;
}

static gboolean take_polarity(const char *option, const char *value, gpointer data, GError **error)
{
    options *o = data;
    int chosen;
    if (!choose(polarity_choices, option, value, &chosen, error))
        return FALSE;
    o->settings.polarity = (sd_polarity)chosen;
    return TRUE;
}

static gboolean take_speed(const char *option, const char *value, gpointer data, GError **error)
{
    options *o = data;
    int chosen;
    if (!choose(speed_choices, option, value, &chosen, error))
        return FALSE;
    o->settings.speed = (unsigned)chosen;
    return TRUE;
}

static gboolean take_format(const char *option, const char *value, gpointer data, GError **error)
{
    options *o = data;
    int chosen;
    if (*value == '\0' || g_ascii_strcasecmp(value, "none") == 0)
        return TRUE; /* the dialog's choice for files with a header */
    if (!choose(format_choices, option, value, &chosen, error))
        return FALSE;
    o->raw.raw = true;
    o->raw.type = (sd_sample_type)chosen;
    return TRUE;
}

static gboolean take_cpu(const char *option, const char *value, gpointer data, GError **error)
{
    options *o = data;
    if (sd_cpu_parse(value, &o->settings.cpu))
        return TRUE;
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "%s takes c, sse4.1, avx2, avx512 or neon, not \"%s\"", option, value);
    return FALSE;
}

static gboolean take_threads(const char *option, const char *value, gpointer data, GError **error)
{
    options *o = data;
    guint64 threads;
    if (!g_ascii_string_to_unsigned(value, 10, 1, THREADS_MOST, &threads, NULL)) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "%s takes a number from 1 to %d, not \"%s\"", option, THREADS_MOST, value);
        return FALSE;
    }
    o->settings.threads = (unsigned)threads;
    return TRUE;
}

static bool number(const char *option, const char *value, double *number, GError **error)
{
    char *end;
    *number = g_ascii_strtod(value, &end);
    if (end != value && *end == '\0' && isfinite(*number))
        return true;
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s takes a number, not \"%s\"",
                option, value);
    return false;
}

static gboolean take_threshold(const char *option, const char *value, gpointer data, GError **error)
{
    options *o = data;
    o->settings.has_threshold = true;
    return number(option, value, &o->settings.threshold, error);
}

static bool positive(const char *option, const char *value, double *result, GError **error)
{
    if (!number(option, value, result, error))
        return false;
    if (*result > 0)
        return true;
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "%s takes a number above 0, not \"%s\"", option, value);
    return false;
}

static gboolean take_baud(const char *option, const char *value, gpointer data, GError **error)
{
    options *o = data;
    return positive(option, value, &o->settings.baud, error);
}

static gboolean take_sample_rate(const char *option, const char *value, gpointer data,
                                 GError **error)
{
    options *o = data;
    return positive(option, value, &o->raw.sample_rate, error);
}

static gboolean take_scale(const char *option, const char *value, gpointer data, GError **error)
{
    options *o = data;
    if (!number(option, value, &o->raw.scale, error))
        return FALSE;
    if (o->raw.scale != 0)
        return TRUE;
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s must not be 0", option);
    return FALSE;
}

static gboolean take_offset(const char *option, const char *value, gpointer data, GError **error)
{
    options *o = data;
    return number(option, value, &o->raw.offset, error);
}

static bool add_channel(const char *option, const char *value, GPtrArray *channels, GError **error)
{
    if (*value != '\0') {
        g_ptr_array_add(channels, g_strdup(value));
        return true;
    }
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "%s takes the number or the name of a channel", option);
    return false;
}

static gboolean take_channel(const char *option, const char *value, gpointer data, GError **error)
{
    options *o = data;
    return add_channel(option, value, o->channel, error);
}

static gboolean take_channel_neg(const char *option, const char *value, gpointer data,
                                 GError **error)
{
    options *o = data;
    if (*value == '\0' || g_ascii_strcasecmp(value, "none") == 0)
        return TRUE; /* the dialog's choice for a single-ended record */
    return add_channel(option, value, o->channel_neg, error);
}

static gboolean take_lanes(const char *option, const char *value, gpointer data, GError **error)
{
    options *o = data;
    char **names = g_strsplit(value, ",", -1);
    unsigned mask = 0;
    bool good = true;
    for (char **name = names; *name != NULL; name++) {
        guint64 lane;
        good = good && g_ascii_string_to_unsigned(*name, 10, 0, 3, &lane, NULL);
        if (good)
            mask |= 1U << lane;
    }
    g_strfreev(names);
    if (*value == '\0')
        return TRUE; /* nothing ticked in the dialog: all */
    if (!good) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "%s takes lane numbers 0 to 3, separated by commas, not \"%s\"", option, value);
        return FALSE;
    }
    o->lane_mask = mask;
    return TRUE;
}

/** The value of an option in argv, without GOption: needed even when the rest is wrong. */
static char *find_value(int argc, char **argv, const char *name)
{
    const size_t length = strlen(name);
    for (int i = 1; i < argc; i++) {
        if (!g_str_has_prefix(argv[i], name))
            continue;
        if (argv[i][length] == '=')
            return g_strdup(argv[i] + length + 1);
        if (argv[i][length] == '\0' && i + 1 < argc)
            return g_strdup(argv[i + 1]);
    }
    return NULL;
}

static bool has_option(int argc, char **argv, const char *prefix)
{
    for (int i = 1; i < argc; i++) {
        if (g_str_has_prefix(argv[i], prefix))
            return true;
    }
    return false;
}

/** A copy of argv in which "--events true" and "--events false", as the dialog writes a yes-or-no
    choice, are the two options of the command line. */
static char **copy_arguments(int argc, char **argv)
{
    GPtrArray *copy = g_ptr_array_new();
    for (int i = 0; i < argc; i++) {
        const bool next = i + 1 < argc && strcmp(argv[i], "--events") == 0;
        const char *value = g_str_has_prefix(argv[i], "--events=") ? strchr(argv[i], '=') + 1
                            : next                                 ? argv[i + 1]
                                                                   : "";
        const bool no = g_ascii_strcasecmp(value, "false") == 0;
        if (no || g_ascii_strcasecmp(value, "true") == 0) {
            g_ptr_array_add(copy, g_strdup(no ? "--no-events" : "--events"));
            i += next;
        } else {
            g_ptr_array_add(copy, g_strdup(argv[i]));
        }
    }
    g_ptr_array_add(copy, NULL);
    return (char **)g_ptr_array_free(copy, FALSE);
}

/** GOption takes "--quiet=yes" and passes the value over in silence: that is wrong usage. */
static bool check_flags(char **arguments, const GOptionEntry *entries, GError **error)
{
    for (char **argument = arguments + 1; *argument != NULL; argument++) {
        const char *equals = strchr(*argument, '=');
        if (!g_str_has_prefix(*argument, "--") || equals == NULL)
            continue;
        const size_t length = (size_t)(equals - *argument) - 2;
        for (const GOptionEntry *entry = entries; entry->long_name != NULL; entry++) {
            if (entry->arg == G_OPTION_ARG_NONE && strlen(entry->long_name) == length &&
                strncmp(entry->long_name, *argument + 2, length) == 0) {
                g_set_error(error, SD_ERROR, SD_ERROR_USAGE, "--%s takes no value, so not \"%s\"",
                            entry->long_name, equals + 1);
                return false;
            }
        }
    }
    return true;
}

/** What GOption left over: the file, or what is wrong. Options of newer Wireshark versions, with or
    without a value, are passed over. */
static bool take_rest(char **rest, options *o, GError **error)
{
    bool value_of_unknown = false;
    for (char **argument = rest; *argument != NULL; argument++) {
        if (o->extcap && g_str_has_prefix(*argument, "--extcap-")) {
            value_of_unknown = strchr(*argument, '=') == NULL;
        } else if (value_of_unknown && **argument != '-') {
            value_of_unknown = false;
        } else if (**argument == '-' && (*argument)[1] != '\0') {
            g_set_error(error, SD_ERROR, SD_ERROR_USAGE, "Unknown option %s", *argument);
            return false;
        } else if (o->file != NULL) {
            g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                        "One record at a time: %s was given already, and then %s", o->file,
                        *argument);
            return false;
        } else {
            o->file = g_strdup(*argument);
        }
    }
    return true;
}

/** A folder is watched instead of a record being opened. */
static bool check_watch(const options *o, GError **error)
{
    const bool needed = g_strcmp0(o->interface, EXTCAP_INTERFACE_WATCH) == 0 && o->capture;
    if (o->watch == NULL && (needed || o->existing)) {
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                    "No folder was given to be watched: give one (--watch FOLDER)");
        return false;
    }
    if (o->watch != NULL &&
        (o->file != NULL || o->file_neg != NULL || o->info || o->json != NULL)) {
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                    "--watch takes the records from a folder, one after the other: it does not go "
                    "with %s",
                    o->file != NULL       ? o->file
                    : o->file_neg != NULL ? "--file-neg"
                    : o->info             ? "--info"
                                          : "--json");
        return false;
    }
    return true;
}

static bool check(options *o, GError **error)
{
    /* the dialog's empty fields */
    if (o->file != NULL && *o->file == '\0')
        g_clear_pointer(&o->file, g_free);
    if (o->file_neg != NULL && *o->file_neg == '\0')
        g_clear_pointer(&o->file_neg, g_free);
    if (o->watch != NULL && *o->watch == '\0')
        g_clear_pointer(&o->watch, g_free);
    if (!check_watch(o, error))
        return false;
    if (o->raw.raw && o->raw.sample_rate <= 0) {
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                    "A raw file needs its sample rate: give --sample-rate HZ");
        return false;
    }
    if (o->info && o->write != NULL) {
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                    "--info decodes nothing, so that -w has nothing to write: give one of them");
        return false;
    }
    if (!o->extcap && o->write != NULL && o->json != NULL && strcmp(o->write, "-") == 0 &&
        strcmp(o->json, "-") == 0) {
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                    "-w and --json cannot both go to standard output");
        return false;
    }
    return true;
}

bool options_parse(int argc, char **argv, options *o, GError **error)
{
    *o = (options){.settings = sd_settings_default(), .lane_mask = 0xF};
    o->channel = g_ptr_array_new_with_free_func(g_free);
    o->channel_neg = g_ptr_array_new_with_free_func(g_free);
    o->fifo = find_value(argc, argv, "--fifo");
    o->control_in = find_value(argc, argv, "--extcap-control-in");
    o->control_out = find_value(argc, argv, "--extcap-control-out");
    o->capture = has_option(argc, argv, "--capture");
    o->extcap = o->capture || has_option(argc, argv, "--extcap-");

    gboolean capture = FALSE, interfaces = FALSE, dlts = FALSE, config = FALSE;
    gboolean events = FALSE, no_events = FALSE, quiet = FALSE, verbose = FALSE, version = FALSE;
    gboolean info = FALSE, existing = FALSE;
    char *unused[3] = {NULL, NULL, NULL}; /* the FIFOs: found above, as is --capture */
    char *extcap_filter = NULL;
#define CALLBACK(function) G_OPTION_ARG_CALLBACK, (gpointer)(function)
    const GOptionEntry entries[] = {
        {"file", 0, 0, G_OPTION_ARG_FILENAME, &o->file, "The record (or give it as argument)",
         "PATH"},
        {"info", 0, 0, G_OPTION_ARG_NONE, &info, "Tell what the file holds, and decode nothing",
         NULL},
        {"channel", 0, 0, CALLBACK(take_channel),
         "Channel of the file, number or name; twice: both directions of a link (tx, rx)", "N"},
        {"channel-neg", 0, 0, CALLBACK(take_channel_neg),
         "Second leg of a differential pair: the signal is N - M", "M"},
        {"file-neg", 0, 0, G_OPTION_ARG_FILENAME, &o->file_neg,
         "The file with the second leg, if it is another", "PATH"},
        {"watch", 0, 0, G_OPTION_ARG_FILENAME, &o->watch,
         "Decode each record that is dropped into a folder, until stopped", "FOLDER"},
        {"existing", 0, 0, G_OPTION_ARG_NONE, &existing,
         "With --watch: the records too that are in the folder already", NULL},
        {"link", 0, 0, CALLBACK(take_link),
         "Kind of link: auto, qsgmii, sgmii, 1000base-x, 2500base-x", "KIND"},
        {"baud", 0, 0, CALLBACK(take_baud), "Baud of the line; otherwise found", "HZ"},
        {"threshold", 0, 0, CALLBACK(take_threshold), "Decision level; otherwise found", "V"},
        {"polarity", 0, 0, CALLBACK(take_polarity), "auto, normal or inverted", "POLARITY"},
        {"speed", 0, 0, CALLBACK(take_speed), "Of all lanes: auto, 10, 100 or 1000 Mb/s", "SPEED"},
        {"lanes", 0, 0, CALLBACK(take_lanes), "Lanes to deliver, e.g. 0,2; otherwise all", "LIST"},
        {"sample-format", 0, 0, CALLBACK(take_format), "Of a raw file: s8, u8, s16 or f32",
         "FORMAT"},
        {"sample-rate", 0, 0, CALLBACK(take_sample_rate), "Of a file that does not hold it", "HZ"},
        {"scale", 0, 0, CALLBACK(take_scale), "Of such a file: volts per code", "V"},
        {"offset", 0, 0, CALLBACK(take_offset), "Of such a file: volts at code 0", "V"},
        {"events", 0, 0, G_OPTION_ARG_NONE, &events,
         "Write events of the link as packets of their own interface", NULL},
        {"no-events", 0, 0, G_OPTION_ARG_NONE, &no_events, "Do not (the default without Wireshark)",
         NULL},
        {"write", 'w', 0, G_OPTION_ARG_FILENAME, &o->write,
         "Write the frames as pcapng; - is standard output", "OUT"},
        {"json", 0, 0, G_OPTION_ARG_FILENAME, &o->json,
         "Write the report as JSON; - is standard output", "OUT"},
        {"filter", 'f', 0, G_OPTION_ARG_STRING, &o->filter,
         "Capture filter (libpcap syntax) on the frames", "FILTER"},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "No report, no progress", NULL},
        {"verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, "Say more on standard error", NULL},
        {"cpu", 0, 0, CALLBACK(take_cpu), "At most: c, sse4.1, avx2, avx512 or neon", "CPU"},
        {"threads", 0, 0, CALLBACK(take_threads),
         "That decode side by side; default: one for each CPU", "N"},
        {"version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL},
        {"capture", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &capture, NULL, NULL},
        {"fifo", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &unused[0], NULL, NULL},
        {"extcap-interfaces", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &interfaces, NULL, NULL},
        {"extcap-dlts", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &dlts, NULL, NULL},
        {"extcap-config", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &config, NULL, NULL},
        {"extcap-interface", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &o->interface, NULL,
         NULL},
        {"extcap-capture-filter", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &extcap_filter,
         NULL, NULL},
        {"extcap-reload-option", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &o->reload_option,
         NULL, NULL},
        {"extcap-control-in", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &unused[1], NULL,
         NULL},
        {"extcap-control-out", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &unused[2], NULL,
         NULL},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
    };
#undef CALLBACK

    GOptionContext *context = g_option_context_new("[FILE]");
    GOptionGroup *group = g_option_group_new("scopedump", "", "", o, NULL);
    g_option_group_add_entries(group, entries);
    g_option_context_set_main_group(context, group);
    g_option_context_set_ignore_unknown_options(context, TRUE);
    g_option_context_set_summary(
        context, "Turns an oscilloscope record of a QSGMII, SGMII, 1000BASE-X or 2500BASE-X line "
                 "into\nEthernet frames for Wireshark, and tells what is wrong with the line.");
    g_option_context_set_description(
        context,
        "Without -w and --json the link report is printed. Exit status: 0 decoded, 1 the "
        "file cannot\nbe used, 2 wrong usage, 3 decoded, but no lock or no code-groups.\n");
    char **arguments = copy_arguments(argc, argv);
    GError *wrong = NULL;
    bool good = check_flags(arguments, entries, &wrong) &&
                g_option_context_parse_strv(context, &arguments, &wrong);
    g_option_context_free(context);

    o->interfaces = interfaces;
    o->dlts = dlts;
    o->config = config;
    o->no_events = no_events;
    o->events = o->extcap ? !no_events : events && !no_events;
    o->info = info;
    o->existing = existing;
    o->quiet = quiet;
    o->verbose = verbose;
    o->version = version;
    for (size_t i = 0; i < G_N_ELEMENTS(unused); i++)
        g_free(unused[i]);
    if (extcap_filter != NULL) {
        g_free(o->filter);
        o->filter = extcap_filter;
    }
    if (!good) {
        g_set_error_literal(error, SD_ERROR, SD_ERROR_USAGE, wrong->message);
        g_error_free(wrong);
    } else {
        good = take_rest(arguments + 1, o, error) && check(o, error);
    }
    g_strfreev(arguments);
    return good;
}

void options_clear(options *o)
{
    char **const all[] = {&o->file,       &o->file_neg,    &o->write,     &o->json,
                          &o->watch,      &o->filter,      &o->interface, &o->fifo,
                          &o->control_in, &o->control_out, &o->comment,   &o->reload_option};
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        g_clear_pointer(all[i], g_free);
    g_clear_pointer(&o->channel, g_ptr_array_unref);
    g_clear_pointer(&o->channel_neg, g_ptr_array_unref);
}
