/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scopedump: an extcap for Wireshark, and a program for the command line.
 */
#include <locale.h>
#include <stdio.h>

#include "command_line.h"
#include "extcap.h"
#include "loaded_plugin.h"
#include "options.h"
#include "queries.h"
#include "scopedump_version.h"

int main(int argc, char **argv)
{
    options o;
    GError *error = NULL;
    int status = STATUS_DECODED;
    setlocale(LC_CTYPE, ""); /* characters as the terminal has them; numbers stay as they are */
    const bool good = options_parse(argc, argv, &o, &error);

    if (o.capture) {
        o.comment = plugin_missing_notice();
        status = run_extcap(&o, error);
    } else if (!good) {
        complain(error);
        status = STATUS_USAGE;
    } else if (o.version) {
        printf("scopedump " SCOPEDUMP_VERSION "\n");
    } else if (!answer_query(&o, &status)) {
        status = o.info ? run_info(&o) : o.watch != NULL ? run_watch(&o) : run_command_line(&o);
    }
    g_clear_error(&error);
    options_clear(&o);
    return status;
}
