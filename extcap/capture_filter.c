/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture_filter.h"

#include <pcap/pcap.h>

#include "scopedump/error.h"

struct capture_filter {
    bool all;
    struct bpf_program program;
};

capture_filter *capture_filter_new(const char *text, GError **error)
{
    capture_filter *filter = g_new0(capture_filter, 1);
    filter->all = text == NULL || *text == '\0';
    if (filter->all)
        return filter;
    pcap_t *pcap = pcap_open_dead(DLT_EN10MB, SD_FRAME_OCTETS_MAX);
    const bool good = pcap_compile(pcap, &filter->program, text, 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (!good)
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE, "The capture filter \"%s\" is wrong: %s", text,
                    pcap_geterr(pcap));
    pcap_close(pcap);
    if (good)
        return filter;
    g_free(filter);
    return NULL;
}

bool capture_filter_pass(const capture_filter *filter, const sd_frame *frame)
{
    const struct pcap_pkthdr header = {.caplen = frame->length, .len = frame->wire_length};
    return filter->all || pcap_offline_filter(&filter->program, &header, frame->octets) != 0;
}

void capture_filter_free(capture_filter *filter)
{
    if (filter == NULL)
        return;
    if (!filter->all)
        pcap_freecode(&filter->program);
    g_free(filter);
}
