/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file packet_qsgmii.h
 * The protocol "qsgmii": its two halves, and what Wireshark calls to register it.
 */
#ifndef SCOPEDUMP_PACKET_QSGMII_H
#define SCOPEDUMP_PACKET_QSGMII_H

#include "wireshark_compat.h"

/** Registers the protocol, its fields, subtrees and expert infos. */
void proto_register_qsgmii(void);
/** Hooks the postdissector in. */
void proto_reg_handoff_qsgmii(void);

/** Registers the fields and expert infos of frames. */
void frame_metadata_register(int proto, expert_module_t *expert);
/**
 * Postdissector: shows the metadata option of an Ethernet frame, if it has one of ours.
 * @param tvb  the frame from its first octet on
 * @return octets taken: the whole frame, or 0 when the frame has no such option
 */
int frame_metadata_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

/** How frames begin (sd_begin) and end (sd_end). */
extern const value_string frame_begin_names[], frame_end_names[];

/** Registers the fields and expert infos of link events. */
void link_event_register(int proto, expert_module_t *expert);
/**
 * Dissector of a link event, the payload of an exported PDU with the dissector name "qsgmii".
 * @return octets taken, or 0 when it is none of ours
 */
int link_event_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

/** Register the statistics: the tree of the lanes, their table, and the states of the link. */
void lane_tree_register(void);
void lane_table_register(void);
void link_table_register(void);

/** The protocol's number, for the root of the tree. */
int qsgmii_protocol(void);

#endif
