/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file traffic.h
 * The Ethernet frames of one lane: made ones (UDP, ARP and ICMP with right checksums) or those of a
 * capture file, from the destination address to the FCS.
 */
#ifndef GENERATOR_TRAFFIC_H
#define GENERATOR_TRAFFIC_H

#include "options.h"

typedef struct gen_traffic gen_traffic;

/**
 * Starts the traffic of a lane.
 *
 * @param options the command line; must outlive the traffic
 * @param lane    0 to 3
 * @param error   set when the lane's capture file cannot be read, has no frames, or is not Ethernet
 * @return the traffic, to be freed with gen_traffic_free(), or NULL
 */
gen_traffic *gen_traffic_new(const gen_options *options, unsigned lane, GError **error);

/** Frees; NULL is ignored. */
void gen_traffic_free(gen_traffic *traffic);

/**
 * The next frame; there is always one.
 *
 * @param traffic  the traffic
 * @param fcs_good receives whether its FCS is right
 * @return the octets with FCS, to be freed with g_bytes_unref()
 */
GBytes *gen_traffic_next(gen_traffic *traffic, bool *fcs_good);

#endif
