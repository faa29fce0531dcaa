/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queries.h"

#include <stdio.h>

#include "capture_filter.h"
#include "dialog.h"
#include "help_page.h"
#include "scopedump/pcapng.h"
#include "scopedump_version.h"
#include "toolbar.h"

static int print_interfaces(void)
{
    char *page = help_page_uri();
    printf("extcap {version=" SCOPEDUMP_VERSION "}{display=scopedump}");
    if (page != NULL)
        printf("{help=%s}", page);
    printf("\ninterface {value=" EXTCAP_INTERFACE "}{display=Oscilloscope (QSGMII / SGMII)}\n");
    printf("interface {value=" EXTCAP_INTERFACE_WATCH "}{display=Oscilloscope, watched folder}\n");
    toolbar_print_controls();
    g_free(page);
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
    const unsigned dialog = dialog_of(o->interface);
    *status = STATUS_DECODED;
    if (dialog == 0) {
        fprintf(stderr, "%s: there are " EXTCAP_INTERFACE " and " EXTCAP_INTERFACE_WATCH ".\n",
                o->interface == NULL ? "Give --extcap-interface" : "There is no such interface");
        *status = STATUS_USAGE;
    } else if (o->dlts) {
        *status = print_dlts();
    } else if (o->config && o->reload_option != NULL) {
        *status = dialog_reload(dialog, o);
    } else if (o->config) {
        dialog_print(dialog);
    } else if (o->filter != NULL) {
        *status = check_filter(o);
    } else {
        fprintf(stderr, "Nothing was asked of interface %s.\n", o->interface);
        *status = STATUS_USAGE;
    }
    return true;
}
