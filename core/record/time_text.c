/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/time_text.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)

char *sd_time_text(gint64 time_ns)
{
    gint64 seconds = time_ns / NS_PER_S, ns = time_ns % NS_PER_S;
    if (ns < 0) { /* before 1970 */
        seconds--;
        ns += NS_PER_S;
    }
    /* 64 bits of nanoseconds are years that GLib's calendar has */
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);
    g_autofree char *date = g_date_time_format(time, "%Y-%m-%d %H:%M:%S");
    return g_strdup_printf("%s.%09d UTC", date, (int)ns);
}
