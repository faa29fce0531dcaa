/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode_options.h"

#include <string.h>

#include "scopedump/error.h"

const char *decode_options_text(void)
{
    const char *text = g_getenv(DECODE_OPTIONS_VARIABLE);
    return text != NULL ? text : "";
}

/** Whether an option makes the parser print its help and end the process. */
static bool asks_for_help(char *const *argument)
{
    for (; *argument != NULL; argument++) {
        if (g_str_has_prefix(*argument, "--help") || strcmp(*argument, "-h") == 0 ||
            strcmp(*argument, "-?") == 0)
            return true;
    }
    return false;
}

/** The first option that has nothing to do with how a record is decoded, or NULL. */
static const char *foreign_option(const options *o)
{
    const struct {
        bool given;
        const char *name;
    } foreign[] = {
        {o->extcap || o->interfaces || o->dlts || o->config, "--extcap-..."},
        {o->file != NULL, "a file"},
        {o->write != NULL, "--write"},
        {o->json != NULL, "--json"},
        {o->info, "--info"},
        {o->version, "--version"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(foreign); i++) {
        if (foreign[i].given)
            return foreign[i].name;
    }
    return NULL;
}

static bool parse(int argc, char **argv, options *o, GError **error)
{
    const char *foreign = "--help";
    if (asks_for_help(argv))
        *o = (options){0};
    else if (!options_parse(argc, argv, o, error))
        return false;
    else
        foreign = foreign_option(o);
    if (foreign == NULL)
        return true;
    g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                "only options for decoding are taken here, so not %s", foreign);
    return false;
}

bool decode_options_read(options *o, GError **error)
{
    *o = (options){0};
    int argc = 0;
    char **argv = NULL;
    g_autofree char *line = g_strconcat("scopedump ", decode_options_text(), NULL);
    GError *wrong = NULL;
    bool good = g_shell_parse_argv(line, &argc, &argv, &wrong) && parse(argc, argv, o, &wrong);
    g_strfreev(argv);
    o->events = !o->no_events;
    if (!good)
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE, "The variable %s: %s", DECODE_OPTIONS_VARIABLE,
                    wrong->message);
    g_clear_error(&wrong);
    return good;
}
