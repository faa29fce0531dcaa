/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture_filter.h"

#include <pcap/pcap.h>

#include "scopedump/error.h"
#include "scopedump/library.h"

#define FUNCTIONS(X)  X(open_dead) X(compile) X(geterr) X(close) X(offline_filter) X(freecode)
#define POINTER(name) __typeof__(pcap_##name) *(name);
#define NAME(name)    "pcap_" #name,

/** The functions of libpcap that are used. */
typedef struct {
    FUNCTIONS(POINTER)
} pcap_library;

struct capture_filter {
    const pcap_library *pcap; /**< NULL: everything passes. */
    struct bpf_program program;
};

static const pcap_library *load_pcap(GError **error)
{
    static const char *const names[] = {FUNCTIONS(NAME)};
    static sd_library library = {LIBRARY_SONAME, LIBRARY_PACKAGE, names, G_N_ELEMENTS(names), NULL};
    return sd_library_load(&library, error);
}

capture_filter *capture_filter_new(const char *text, GError **error)
{
    capture_filter *filter = g_new0(capture_filter, 1);
    if (text == NULL || *text == '\0')
        return filter;
    filter->pcap = load_pcap(error);
    if (!filter->pcap) {
        g_prefix_error(error, "The capture filter \"%s\" cannot be used: ", text);
        g_free(filter);
        return NULL;
    }
    pcap_t *pcap = filter->pcap->open_dead(DLT_EN10MB, SD_FRAME_OCTETS_MAX);
    const bool good =
        filter->pcap->compile(pcap, &filter->program, text, 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (!good)
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE, "The capture filter \"%s\" is wrong: %s", text,
                    filter->pcap->geterr(pcap));
    filter->pcap->close(pcap);
    if (good)
        return filter;
    g_free(filter);
    return NULL;
}

bool capture_filter_pass(const capture_filter *filter, const sd_frame *frame)
{
    const struct pcap_pkthdr header = {.caplen = frame->length, .len = frame->wire_length};
    return filter->pcap == NULL ||
           filter->pcap->offline_filter(&filter->program, &header, frame->octets) != 0;
}

void capture_filter_free(capture_filter *filter)
{
    if (filter == NULL)
        return;
    if (filter->pcap != NULL)
        filter->pcap->freecode(&filter->program);
    g_free(filter);
}
