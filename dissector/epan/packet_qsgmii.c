/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packet_qsgmii.h"
#include "block_fields.h"
#include "packet_summary.h"

static int proto_qsgmii = -1;

int qsgmii_protocol(void)
{
    return proto_qsgmii;
}

void proto_register_qsgmii(void)
{
    proto_qsgmii = proto_register_protocol("Quad Serial Gigabit Media Independent Interface",
                                           "QSGMII", "qsgmii");
    expert_module_t *expert = expert_register_protocol(proto_qsgmii);

    block_fields_register(proto_qsgmii);
    frame_metadata_register(proto_qsgmii, expert);
    link_event_register(proto_qsgmii, expert);
    packet_summary_register();
    lane_table_register();
    link_table_register();

    /* The exported PDU tag "dissector name" finds the dissector by this name. */
    register_dissector("qsgmii", link_event_dissect, proto_qsgmii);
}

void proto_reg_handoff_qsgmii(void)
{
    lane_tree_register();
    register_postdissector(create_dissector_handle(frame_metadata_dissect, proto_qsgmii));
}
