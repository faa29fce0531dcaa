/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file record_format.h
 * The binary metadata of scopedump in pcapng: what the writer in core/record, the dissector and the
 * tests agree on. It stands alone: it needs nothing but the C library.
 *
 * All numbers are little-endian. Later versions only append: a reader takes the fields it knows and
 * uses the lengths to step over the rest.
 *
 * ## Frame metadata
 * Every Ethernet frame carries one custom binary option (code 2989) whose private enterprise number
 * is SD_RECORD_PEN and whose data, behind that number, is:
 *
 * | at  | type    | field |
 * |-----|---------|-------|
 * |   0 | char[8] | magic SD_RECORD_MAGIC |
 * |   8 | u16     | version, SD_RECORD_VERSION |
 * |  10 | u16     | length of the whole, from the magic to the last hit |
 * |  12 | u16     | length of the part before the hits: where the hits start |
 * |  14 | u16     | length of one hit |
 * |  16 | u8      | lane, 0 to 3 |
 * |  17 | u8      | kind of link, SD_LINK_... |
 * |  18 | u8      | how the speed was found, SD_SPEED_FROM_... |
 * |  19 | u8      | how the frame began, SD_BEGIN_... |
 * |  20 | u8      | how the frame ended, SD_END_... |
 * |  21 | u8      | flags, SD_FRAME_... |
 * |  22 | u16     | number of hits that follow |
 * |  24 | u32     | number of hits in all (those beyond the bound are only counted) |
 * |  28 | u32     | speed in Mb/s: 10, 100, 1000, 2500 |
 * |  32 | u32     | speed of the last config_reg of the lane in Mb/s, 0: none seen |
 * |  36 | u32     | segment, from 0 |
 * |  40 | u64     | first bit of the frame: sample number in the segment |
 * |  48 | u32     | ... and its fraction, in 2^-32 samples |
 * |  52 | u32     | preamble octets seen, /S/ counted as the first, SFD not counted |
 * |  56 | i64     | first bit of the frame: picoseconds from the segment's first sample |
 * |  64 | i64     | duration in picoseconds, to the end of the last octet of the frame |
 * |  72 | u32     | gap before the frame in octet times of the frame's speed, from the end of the
 *                   frame before to /S/; SD_GAP_UNKNOWN when there was none on this lane |
 * |  76 | u32     | invalid code-groups in preamble, frame and end delimiter |
 * |  80 | u32     | disparity errors in the same |
 * |  84 | u32     | length of the frame on the line in octets, FCS included |
 *
 * The first bit of a frame is the first bit of its /S/ (or, without one, of the first code-group
 * that is delivered).
 *
 * Each hit:
 *
 * | at | type | field |
 * |----|------|-------|
 * |  0 | i32  | octet: for SD_HIT_FRAME the offset in the frame; for SD_HIT_PREAMBLE the index in
 *               the preamble with /S/ as 0; for SD_HIT_GAP the code-groups before /S/ (1: just
 *               before it); for SD_HIT_END the code-groups after the last octet (0: in the place
 *               of /T/) |
 * |  4 | u8   | where, SD_HIT_... |
 * |  5 | u8   | kind, SD_HIT_KIND_... |
 * |  6 | u16  | the ten bits received, bit 0 = a (first on the line) ... bit 9 = j |
 * |  8 | i64  | picoseconds from the segment's first sample to the group's first bit |
 * | 16 | u32  | which copy of the octet, from 0 (10 and 100 Mb/s repeat each octet) |
 * | 20 | u64  | the group's first bit: sample number in the segment; since version 2 |
 *
 * ## Events
 * Link events are packets on an interface of their own, named "qsgmii", link type 252 (Wireshark
 * upper PDU): first the exported-PDU tags (12, protocol name, "qsgmii"; then end of options), all
 * big-endian as that format wants, then, little-endian:
 *
 * | at | type    | field |
 * |----|---------|-------|
 * |  0 | char[8] | magic SD_EVENT_MAGIC |
 * |  8 | u16     | version, SD_RECORD_VERSION |
 * | 10 | u16     | length of the whole |
 * | 12 | u16     | kind, SD_EVENT_... |
 * | 14 | u8      | lane 0 to 3, or SD_LANE_NONE when the event is of the whole line |
 * | 15 | u8      | kind of link, SD_LINK_... |
 * | 16 | u32     | segment, from 0 |
 * | 20 | u32     | value, see the kinds |
 * | 24 | u64     | sample number in the segment |
 * | 32 | i64     | picoseconds from the segment's first sample |
 * | 40 | i64     | duration in picoseconds, 0 when it has none |
 * | 48 | u32     | count, see the kinds |
 */
#ifndef SCOPEDUMP_RECORD_FORMAT_H
#define SCOPEDUMP_RECORD_FORMAT_H

/** IANA's private enterprise number for documentation; to be replaced by a registered one. */
#define SD_RECORD_PEN 32473u
/** pcapng option code: custom option, binary, may be copied. */
#define SD_OPT_CUSTOM_BINARY 2989

#define SD_RECORD_MAGIC        "SCOPEDMP"
#define SD_EVENT_MAGIC         "SCOPEEVT"
#define SD_RECORD_MAGIC_SIZE   8
#define SD_RECORD_VERSION      2
#define SD_FRAME_METADATA_SIZE 88
#define SD_HIT_SIZE            28
#define SD_EVENT_SIZE          52
/** Length of a hit in version 1: a reader takes any that is not shorter. */
#define SD_HIT_SIZE_LEAST 20
/** Hits stored with one frame at most; more are counted alone. */
#define SD_HITS_MAX 256

/** Offsets of the fields of the frame metadata, see the table above. */
enum {
    SD_AT_MAGIC = 0,
    SD_AT_VERSION = 8,
    SD_AT_LENGTH = 10,
    SD_AT_HITS_START = 12,
    SD_AT_HIT_SIZE = 14,
    SD_AT_LANE = 16,
    SD_AT_LINK = 17,
    SD_AT_SPEED_SOURCE = 18,
    SD_AT_BEGIN = 19,
    SD_AT_END = 20,
    SD_AT_FLAGS = 21,
    SD_AT_HITS_STORED = 22,
    SD_AT_HITS_TOTAL = 24,
    SD_AT_SPEED = 28,
    SD_AT_CONFIG_SPEED = 32,
    SD_AT_SEGMENT = 36,
    SD_AT_SAMPLE = 40,
    SD_AT_SAMPLE_FRACTION = 48,
    SD_AT_PREAMBLE = 52,
    SD_AT_TIME_PS = 56,
    SD_AT_DURATION_PS = 64,
    SD_AT_GAP = 72,
    SD_AT_INVALID = 76,
    SD_AT_DISPARITY = 80,
    SD_AT_WIRE_LENGTH = 84,
};

/** Offsets of the fields of one hit. */
enum {
    SD_HIT_AT_OCTET = 0,
    SD_HIT_AT_WHERE = 4,
    SD_HIT_AT_KIND = 5,
    SD_HIT_AT_CODE_GROUP = 6,
    SD_HIT_AT_TIME_PS = 8,
    SD_HIT_AT_COPY = 16,
    SD_HIT_AT_SAMPLE = 20,
};

/** Offsets of the fields of an event. */
enum {
    SD_EVENT_AT_MAGIC = 0,
    SD_EVENT_AT_VERSION = 8,
    SD_EVENT_AT_LENGTH = 10,
    SD_EVENT_AT_KIND = 12,
    SD_EVENT_AT_LANE = 14,
    SD_EVENT_AT_LINK = 15,
    SD_EVENT_AT_SEGMENT = 16,
    SD_EVENT_AT_VALUE = 20,
    SD_EVENT_AT_SAMPLE = 24,
    SD_EVENT_AT_TIME_PS = 32,
    SD_EVENT_AT_DURATION_PS = 40,
    SD_EVENT_AT_COUNT = 48,
};

#define SD_GAP_UNKNOWN 0xFFFFFFFFu
#define SD_LANE_NONE   0xFFu

/** Kinds of link. */
typedef enum {
    SD_LINK_UNKNOWN = 0,
    SD_LINK_QSGMII = 1,
    SD_LINK_SGMII = 2,
    SD_LINK_1000BASE_X = 3,
    SD_LINK_2500BASE_X = 4,
} sd_link;

/** How the speed of a frame was found. */
typedef enum {
    SD_SPEED_FROM_LINK = 0,   /**< The kind of link has but one, or nothing told another. */
    SD_SPEED_FROM_OPTION = 1, /**< The user gave it. */
    SD_SPEED_FROM_CONFIG = 2, /**< The config_reg gives it; the frame itself could not tell. */
    SD_SPEED_FROM_DATA = 3,   /**< From the replication of the octets; no config_reg was seen. */
    SD_SPEED_AGREED = 4,      /**< config_reg and replication say the same. */
    SD_SPEED_DISAGREES = 5,   /**< The replication says this, the config_reg something else. */
} sd_speed_source;

/** How a frame began. */
typedef enum {
    SD_BEGIN_S = 0,      /**< /S/, preamble, SFD. */
    SD_BEGIN_CUT = 1,    /**< The record (or the lock) begins inside the frame. */
    SD_BEGIN_NO_S = 2,   /**< No /S/: data after idle (false carrier), or /S/ was hit. */
    SD_BEGIN_NO_SFD = 3, /**< /S/, but no SFD could be found. */
} sd_begin;

/** How a frame ended. */
typedef enum {
    SD_END_T = 0,      /**< /T/R/: the normal end. */
    SD_END_CUT = 1,    /**< The record ends inside the frame. */
    SD_END_EARLY = 2,  /**< A comma came without /T/ (early end, clause 36 check_end). */
    SD_END_NO_T = 3,   /**< /R/ came without /T/, or /T/ was hit. */
    SD_END_LOST = 4,   /**< The signal or the lane alignment was lost before /T/R/ came. */
    SD_END_NEXT_S = 5, /**< Another /S/ came without /T/. */
} sd_end;

/** Flags of a frame. */
enum {
    SD_FRAME_FCS_BAD = 0x01,      /**< The FCS is wrong, or there was no whole frame to check. */
    SD_FRAME_ERROR_V = 0x02,      /**< /V/ (error propagation) inside the frame. */
    SD_FRAME_SFD_HIT = 0x04,      /**< The SFD was damaged or is missing. */
    SD_FRAME_TOO_SHORT = 0x08,    /**< Under 64 octets. */
    SD_FRAME_TOO_LONG = 0x10,     /**< Longer than could be kept: octets are missing at the end. */
    SD_FRAME_PREAMBLE_HIT = 0x20, /**< A code-group of the preamble was damaged. */
    SD_FRAME_GAP_SHORT = 0x40,    /**< Under 8 octets of gap before it (802.3, table 4-2). */
    SD_FRAME_EXTENDED = 0x80,     /**< Carrier extension (/R/ beyond the end delimiter). */
};

/** Where a hit lies. */
enum {
    SD_HIT_FRAME = 1,
    SD_HIT_PREAMBLE = 2, /**< /S/, preamble or SFD. */
    SD_HIT_GAP = 3,
    SD_HIT_END = 4, /**< The end delimiter. */
};

/** What kind a hit is. */
enum {
    SD_HIT_KIND_INVALID = 1,   /**< In neither column of the table: an invalid code-group. */
    SD_HIT_KIND_DISPARITY = 2, /**< Valid, but only at the other running disparity. */
    SD_HIT_KIND_SLIP = 3,      /**< A bit slip lies in this group. */
};

/** Kinds of event; value and count where they mean something. One that lasts (configuration,
   low-power idle, symbol errors) is handed on when it has lasted 16 us, with duration and count as
   far as they got, so that the frames behind it need not wait; the report has the whole. */
typedef enum {
    SD_EVENT_SIGNAL_LOST = 1,    /**< No edges from here on; duration: until they return. */
    SD_EVENT_BIT_SLIP = 2,       /**< value: bits gained, as a signed 32-bit number. */
    SD_EVENT_LANE_ALIGNMENT = 3, /**< K28.1 in another place; value: groups moved, 1 to 3. */
    SD_EVENT_SYNC_ACQUIRED = 4,  /**< Clause 36 synchronisation reached on the lane. */
    SD_EVENT_SYNC_LOST = 5,      /**< ... and lost. */
    SD_EVENT_CONFIGURATION = 6,  /**< A config_reg, with its time range; value: the 16-bit word,
                                      count: how often it was received. */
    SD_EVENT_IDLE = 7,           /**< Idle after configuration: the link is up. */
    SD_EVENT_LOW_POWER_IDLE = 8, /**< Low-power idle; duration: how long it lasted. */
    SD_EVENT_FALSE_CARRIER = 9,  /**< Not idle and no /S/; count: code-groups. */
    SD_EVENT_SYMBOL_ERROR = 10,  /**< Between frames; value: the ten bits of the first, count:
                                      symbol errors in this run (next to each other or nearly). */
    SD_EVENT_LANE_MARK = 11,     /**< A single K28.1 outside lane 0; value: the lane it was on. */
    SD_EVENT_RECORD = 12, /**< A record of a watched folder begins; the packet's comment names
                               it. */
    SD_EVENT_RECORD_UNREADABLE = 13, /**< A file of a watched folder cannot be decoded; the packet's
                                          comment says why. */
    SD_EVENT_NOTHING_NEW = 14, /**< No frame and no other event for long; count: the samples that
                                    have been decoded since the last one. */
} sd_event_kind;

#endif
