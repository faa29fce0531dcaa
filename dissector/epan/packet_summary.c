/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packet_summary.h"
#include "packet_qsgmii.h"

#include <scopedump/record_format.h>

#include <epan/conversation_filter.h>
#include <epan/proto_data.h>

static int qsgmii_tap = -1;

/** The packets that tell where a record of a watched folder begins, by their numbers. */
static wmem_tree_t *records;

/** What is kept of a packet for the filter of its lane. */
struct lane_of_packet {
    const char *direction;
    unsigned lane;
};

/** What stands before "lane0" or "qsgmii" in the name of the packet's interface. */
static const char *direction_of(packet_info *pinfo)
{
    const char *name = NULL;
    if (pinfo->rec->presence_flags & WTAP_HAS_INTERFACE_ID)
        name = INTERFACE_NAME(pinfo);
    if (!name)
        return "";
    const char *end = g_strrstr(name, "lane");
    if (!end)
        end = g_strrstr(name, "qsgmii");
    return end ? wmem_strndup(pinfo->pool, name, (gsize)(end - name)) : "";
}

/** The record of the packet. It does not depend on what the statistics are given to see. */
static uint32_t record_of(const packet_info *pinfo, const struct packet_summary *summary)
{
    if (summary->is_event && summary->event.kind == SD_EVENT_RECORD)
        wmem_tree_insert32(records, pinfo->num, GUINT_TO_POINTER(pinfo->num));
    return GPOINTER_TO_UINT(wmem_tree_lookup32_le(records, pinfo->num));
}

void packet_summary_queue(packet_info *pinfo, const struct packet_summary *summary)
{
    struct packet_summary *kept = wmem_new(pinfo->pool, struct packet_summary);
    *kept = *summary;
    kept->direction = direction_of(pinfo);
    kept->record = record_of(pinfo, kept);
    if (kept->lane != SD_LANE_NONE) {
        struct lane_of_packet *lane = wmem_new(pinfo->pool, struct lane_of_packet);
        *lane = (struct lane_of_packet){kept->direction, kept->lane};
        p_add_proto_data(pinfo->pool, pinfo, qsgmii_protocol(), 0, lane);
    }
    tap_queue_packet(qsgmii_tap, pinfo, kept);
}

static wireshark_bool lane_is_known(struct _packet_info *pinfo CONVERSATION_USER_DATA)
{
    return p_get_proto_data(pinfo->pool, pinfo, qsgmii_protocol(), 0) != NULL;
}

/** The frames and the events of the packet's lane, in its direction. */
static char *lane_filter(struct _packet_info *pinfo CONVERSATION_USER_DATA)
{
    const struct lane_of_packet *lane = p_get_proto_data(pinfo->pool, pinfo, qsgmii_protocol(), 0);
    if (!lane)
        return NULL;
    if (*lane->direction == '\0')
        return g_strdup_printf("qsgmii.lane == %u", lane->lane);
    return g_strdup_printf("qsgmii.lane == %u && frame.interface_name contains \"%s\"", lane->lane,
                           lane->direction);
}

void packet_summary_register(void)
{
    qsgmii_tap = register_tap("qsgmii");
    records = wmem_tree_new_autoreset(wmem_epan_scope(), wmem_file_scope());
    REGISTER_CONVERSATION_FILTER("qsgmii", "QSGMII lane", lane_is_known, lane_filter);
}
