/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traffic.h"
#include "random.h"

#include <pcap/pcap.h>
#include <string.h>

#define ETHERNET_HEADER 14
#define IPV4_HEADER     20
#define UDP_HEADER      8
#define ICMP_HEADER     8
#define ARP_SIZE        28
#define FCS_SIZE        4
#define FRAME_SIZE_MIN  64 /* 802.3 clause 4.4.2 minFrameSize, in octets */

struct gen_traffic {
    const gen_options *options;
    unsigned lane;
    uint64_t index; /* of the next frame */
    gen_random random;
    GPtrArray *captured; /* GBytes without FCS, or NULL */
};

/* FCS of 802.3 clause 3.2.9, bit by bit from its polynomial, least significant bit first. */
static uint32_t frame_check_sequence(const uint8_t *octets, size_t length)
{
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < length; i++) {
        crc ^= octets[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* The ones' complement sum of RFC 1071, begun with sum. */
static uint16_t checksum(uint32_t sum, const uint8_t *octets, size_t length)
{
    for (size_t i = 0; i < length; i++)
        sum += (uint32_t)octets[i] << (i % 2 == 0 ? 8 : 0);
    while (sum >> 16 != 0)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)~sum;
}

static void fill_random(gen_traffic *traffic, uint8_t *at, size_t length)
{
    for (size_t i = 0; i < length; i++)
        at[i] = (uint8_t)(gen_random_next(&traffic->random) >> 32);
}

/* Station 1 talks to station 2 on each lane; broadcast goes to all. */
static void put_addresses(const gen_traffic *traffic, uint8_t *frame, bool broadcast, unsigned type)
{
    const uint8_t station[6] = {0x02, 0x00, 0x00, 0x00, (uint8_t)traffic->lane, 0x01};
    memcpy(frame, station, 6);
    memcpy(frame + 6, station, 6);
    frame[5] = 0x02;
    if (broadcast)
        memset(frame, 0xFF, 6);
    put16(frame + 12, type);
}

static void put_ipv4_address(const gen_traffic *traffic, uint8_t *at, unsigned host)
{
    const uint8_t address[4] = {10, 0, (uint8_t)traffic->lane, (uint8_t)host};
    memcpy(at, address, 4);
}

/* RFC 791; length: of header and payload. */
static void put_ipv4(gen_traffic *traffic, uint8_t *packet, size_t length, uint8_t protocol)
{
    memset(packet, 0, IPV4_HEADER);
    packet[0] = 0x45;
    put16(packet + 2, (unsigned)length);
    put16(packet + 4, (unsigned)(traffic->index & 0xFFFF));
    packet[8] = 64;
    packet[9] = protocol;
    put_ipv4_address(traffic, packet + 12, 1);
    put_ipv4_address(traffic, packet + 16, 2);
    put16(packet + 10, checksum(0, packet, IPV4_HEADER));
}

/* RFC 768. An IPv4 packet has at most 65,535 octets and no frame here comes near it. */
static void make_udp(gen_traffic *traffic, uint8_t *frame, size_t size)
{
    put_addresses(traffic, frame, false, 0x0800);
    uint8_t *packet = frame + ETHERNET_HEADER;
    size_t length = size - ETHERNET_HEADER - FCS_SIZE;
    put_ipv4(traffic, packet, length, 17);
    uint8_t *datagram = packet + IPV4_HEADER;
    size_t datagram_length = length - IPV4_HEADER;
    put16(datagram, (unsigned)gen_random_range(&traffic->random, 49152, 65535));
    put16(datagram + 2, 9); /* discard, RFC 863: nothing looks into it */
    put16(datagram + 4, (unsigned)datagram_length);
    put16(datagram + 6, 0);
    fill_random(traffic, datagram + UDP_HEADER, datagram_length - UDP_HEADER);
    uint32_t pseudo_header = 17 + (uint32_t)datagram_length;
    for (unsigned i = 12; i < 20; i += 2)
        pseudo_header += (uint32_t)packet[i] << 8 | packet[i + 1];
    uint16_t sum = checksum(pseudo_header, datagram, datagram_length);
    put16(datagram + 6, sum == 0 ? 0xFFFF : sum);
}

/* RFC 792: echo request. */
static void make_icmp(gen_traffic *traffic, uint8_t *frame, size_t size)
{
    put_addresses(traffic, frame, false, 0x0800);
    uint8_t *packet = frame + ETHERNET_HEADER;
    size_t length = size - ETHERNET_HEADER - FCS_SIZE;
    put_ipv4(traffic, packet, length, 1);
    uint8_t *message = packet + IPV4_HEADER;
    size_t message_length = length - IPV4_HEADER;
    memset(message, 0, ICMP_HEADER);
    message[0] = 8;
    put16(message + 4, 0x1000 + traffic->lane);
    put16(message + 6, (unsigned)(traffic->index & 0xFFFF));
    for (size_t i = ICMP_HEADER; i < message_length; i++)
        message[i] = (uint8_t)(0x61 + (i - ICMP_HEADER) % 23); /* the letters a to w */
    put16(message + 2, checksum(0, message, message_length));
}

/* RFC 826: who has station 2; padded to the size. */
static void make_arp(gen_traffic *traffic, uint8_t *frame, size_t size)
{
    memset(frame, 0, size);
    put_addresses(traffic, frame, true, 0x0806);
    uint8_t *packet = frame + ETHERNET_HEADER;
    put16(packet, 1);          /* Ethernet */
    put16(packet + 2, 0x0800); /* IPv4 */
    packet[4] = 6;
    packet[5] = 4;
    put16(packet + 6, 1); /* request */
    memcpy(packet + 8, frame + 6, 6);
    put_ipv4_address(traffic, packet + 14, 1);
    put_ipv4_address(traffic, packet + 24, 2);
}

/* For runts that hold no packet: the first local experimental EtherType of IEEE 802. */
static void make_experimental(gen_traffic *traffic, uint8_t *frame, size_t size)
{
    put_addresses(traffic, frame, false, 0x88B5);
    fill_random(traffic, frame + ETHERNET_HEADER, size - ETHERNET_HEADER - FCS_SIZE);
}

/* What is sent, with how many chances out of all, and in what sizes. */
static const struct {
    unsigned weight;
    size_t size_min, size_max;
    void (*make)(gen_traffic *traffic, uint8_t *frame, size_t size);
} kinds[] = {
    {12, ETHERNET_HEADER + IPV4_HEADER + UDP_HEADER + FCS_SIZE, SIZE_MAX, make_udp},
    {3, ETHERNET_HEADER + IPV4_HEADER + ICMP_HEADER + FCS_SIZE, SIZE_MAX, make_icmp},
    {2, FRAME_SIZE_MIN, FRAME_SIZE_MIN, make_arp},
    {1, ETHERNET_HEADER + FCS_SIZE, ETHERNET_HEADER + IPV4_HEADER + UDP_HEADER + FCS_SIZE - 1,
     make_experimental},
};

/* Room for a made frame; its FCS is still to be filled in. */
static uint8_t *make_frame(gen_traffic *traffic, size_t *size)
{
    size_t least = traffic->options->frame_size_min, most = traffic->options->frame_size_max;
    unsigned weight = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        weight +=
            MAX(least, kinds[i].size_min) <= MIN(most, kinds[i].size_max) ? kinds[i].weight : 0;
    /* Every size from 18 octets up is one of some kind, so that weight is never 0. */
    unsigned draw = (unsigned)gen_random_range(&traffic->random, 0, weight - 1);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        size_t low = MAX(least, kinds[i].size_min), high = MIN(most, kinds[i].size_max);
        if (low > high)
            continue;
        if (draw < kinds[i].weight) {
            *size = (size_t)gen_random_range(&traffic->random, low, high);
            uint8_t *frame = g_malloc(*size);
            kinds[i].make(traffic, frame, *size);
            return frame;
        }
        draw -= kinds[i].weight;
    }
    g_assert_not_reached();
}

/* A frame of the capture file, padded to the least size as a MAC would. */
static uint8_t *captured_frame(gen_traffic *traffic, size_t *size)
{
    GBytes *bytes = traffic->captured->pdata[traffic->index % traffic->captured->len];
    size_t length;
    const uint8_t *octets = g_bytes_get_data(bytes, &length);
    *size = MAX(length + FCS_SIZE, FRAME_SIZE_MIN);
    uint8_t *frame = g_malloc0(*size);
    memcpy(frame, octets, length);
    return frame;
}

GBytes *gen_traffic_next(gen_traffic *traffic, bool *fcs_good)
{
    size_t size;
    uint8_t *frame =
        traffic->captured != NULL ? captured_frame(traffic, &size) : make_frame(traffic, &size);
    uint32_t fcs = frame_check_sequence(frame, size - FCS_SIZE);
    *fcs_good = true;
    for (unsigned i = 0; i < traffic->options->bad_fcs->len; i++) {
        const gen_frame_name *bad = &g_array_index(traffic->options->bad_fcs, gen_frame_name, i);
        if (bad->lane == traffic->lane && bad->index == traffic->index)
            *fcs_good = false;
    }
    if (!*fcs_good)
        fcs ^= 0x00010000;
    for (unsigned i = 0; i < FCS_SIZE; i++)
        frame[size - FCS_SIZE + i] = (uint8_t)(fcs >> (8 * i));
    traffic->index++;
    return g_bytes_new_take(frame, size);
}

static GPtrArray *read_capture(const char *path, GError **error)
{
    char text[PCAP_ERRBUF_SIZE];
    pcap_t *capture = pcap_open_offline(path, text);
    if (capture == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", path, text);
        return NULL;
    }
    GPtrArray *frames = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    struct pcap_pkthdr *header;
    const u_char *octets;
    int state = 1;
    if (pcap_datalink(capture) != DLT_EN10MB)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: not a capture of Ethernet", path);
    else
        while ((state = pcap_next_ex(capture, &header, &octets)) == 1)
            g_ptr_array_add(frames, g_bytes_new(octets, header->caplen));
    if (state == PCAP_ERROR)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO, "%s: %s", path, pcap_geterr(capture));
    else if (state == PCAP_ERROR_BREAK && frames->len == 0)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: no frames in it", path);
    bool good = state == PCAP_ERROR_BREAK && frames->len > 0;
    pcap_close(capture);
    if (!good)
        g_clear_pointer(&frames, g_ptr_array_unref);
    return frames;
}

gen_traffic *gen_traffic_new(const gen_options *options, unsigned lane, GError **error)
{
    GPtrArray *captured = NULL;
    if (options->pcap[lane] != NULL) {
        captured = read_capture(options->pcap[lane], error);
        if (captured == NULL)
            return NULL;
    }
    gen_traffic *traffic = g_new0(gen_traffic, 1);
    traffic->options = options;
    traffic->lane = lane;
    traffic->captured = captured;
    gen_random_init(&traffic->random, options->seed, 0x100 + lane);
    return traffic;
}

void gen_traffic_free(gen_traffic *traffic)
{
    if (traffic == NULL)
        return;
    g_clear_pointer(&traffic->captured, g_ptr_array_unref);
    g_free(traffic);
}
