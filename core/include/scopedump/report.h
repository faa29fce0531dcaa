/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file report.h
 * The link report: what the record holds and, in its last line, what is wrong.
 *
 * Times are picoseconds from the first sample of the segment they name, lengths of time too.
 */
#ifndef SCOPEDUMP_REPORT_H
#define SCOPEDUMP_REPORT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "scopedump/record_format.h"
#include "scopedump/settings.h"

/** Lanes of QSGMII. */
#define SD_REPORT_LANES 4
/** Entries of a lane's timeline that are kept; beyond, the totals go on. */
#define SD_TIMELINE_MAX 64
/** Runs of equal config_reg that are kept for each lane; beyond, they are counted. */
#define SD_CONFIGS_MAX 64

/** Share of clipped samples from which a record counts as clipped. */
#define SD_CLIPPED_LEAST 0.01
/** Samples per bit under which a record counts as undersampled. */
#define SD_SAMPLES_PER_BIT_LEAST 2.5

/** The vertical axis of a channel: value = what is stored x scale + offset. */
typedef struct {
    char *unit;           /**< "V"; owned. */
    bool codes;           /**< Integers are stored: scale is the value of one code. */
    double scale, offset; /**< In the unit. */
    bool range_known;
    double range_low, range_high; /**< What the codes can express, in the unit. */
} sd_vertical;

/** What a lane does. */
typedef enum {
    SD_LANE_NO_SYNC,
    SD_LANE_CONFIGURATION,
    SD_LANE_IDLE,
    SD_LANE_LOW_POWER_IDLE,
    SD_LANE_DATA,
    SD_LANE_STATES,
} sd_lane_state;

/** A run of equal config_reg. */
typedef struct {
    uint32_t segment;
    uint16_t word;
    uint64_t count;
    int64_t from_ps, to_ps;
} sd_config_run;

/** A stretch of the timeline; idle and data between are one ("idle") there. */
typedef struct {
    uint32_t segment;
    sd_lane_state state;
    int64_t from_ps, to_ps;
} sd_lane_stretch;

/** One lane. */
typedef struct {
    bool present;                     /**< The kind of link has this lane. */
    uint64_t groups;                  /**< Code-groups received. */
    uint64_t ordered_sets;            /**< Of idle, configuration, low-power idle. */
    bool constant;                    /**< It sent one octet from begin to end, ... */
    uint8_t constant_octet;           /**< ... this one. */
    sd_lane_state now;                /**< At the end of what has been decoded. */
    int64_t state_ps[SD_LANE_STATES]; /**< Time spent in each state. */
    sd_lane_stretch stretch[SD_TIMELINE_MAX];
    uint32_t stretches; /**< Entries in stretch. */
    uint64_t stretches_total;
    sd_config_run config[SD_CONFIGS_MAX];
    uint32_t configs; /**< Entries in config. */
    uint64_t configs_total;
    uint64_t sgmii_words, base_x_words; /**< config_regs of each kind. */
    bool acknowledged;                  /**< A config_reg with the acknowledge bit was received. */
    uint64_t restarts;                  /**< Configuration again after idle, or a config_reg of
                                             zero behind another one. */
    uint32_t config_speed;              /**< Mb/s, from the last config_reg that tells; 0: none. */
    uint32_t data_speed;                /**< Mb/s, from the frames; 0: no frame told. */
    bool speeds_disagree;               /**< The two were different for a frame. */
    uint64_t frames, octets;            /**< Delivered. */
    uint64_t fcs_bad;                   /**< All with a bad FCS, cut ones too. */
    uint64_t fcs_bad_whole;             /**< Those of them that the record did not cut. */
    uint64_t cut;                       /**< Frames cut by the begin or the end of the record. */
    uint64_t damaged_frames;            /**< Frames with symbol errors. */
    uint64_t errors_in_frames;          /**< Symbol errors in preamble, frame, end delimiter. */
    uint64_t errors_between;            /**< Symbol errors outside frames. */
    uint64_t errors_unsure;             /**< Disparity errors, of both, that may have hit another
                                             code-group before, perhaps of another lane. */
    uint64_t begins[4];                 /**< By sd_begin. */
    uint64_t ends[6];                   /**< By sd_end. */
    uint64_t false_carriers;
    uint64_t sync_losses;
} sd_lane_report;

/** The whole report. Text is owned by the report; free it all with sd_report_clear(). */
typedef struct {
    /* the file */
    char *file, *format, *instrument, *channel;
    sd_direction direction;
    bool differential;
    char *channel_neg;
    bool skew_found;                    /**< The two legs are opposite enough to tell their skew. */
    double skew_ps;                     /**< By which the negative leg comes later; taken out. */
    double likeness;                    /**< How well the legs are each other's opposite, 0 to 1. */
    sd_vertical vertical, vertical_neg; /**< Of each leg. */
    bool clipping_known; /**< False: the samples are no codes whose range could be known. */
    double clipped;      /**< Share of the samples at the end of the range: of the leg with more. */
    uint64_t not_finite; /**< Samples, of both legs, that are no voltage: not a number, infinite
                              or absurd. They were taken as 0. */
    char *first_not_finite; /**< Where the first one is, in words; NULL: there is none. */
    uint64_t samples;
    uint32_t segments;
    double sample_rate;  /**< Hz */
    int64_t time_ns;     /**< Of the first sample, since 1970 (UTC). */
    bool time_from_file; /**< False: the file's modification time. */
    GPtrArray *notes;    /**< char *: what the reader wants to be known. */

    /* the signal */
    bool signal;                        /**< There is one. */
    double low, high, threshold, noise; /**< V; noise is a standard deviation. */
    bool baseline_wanders;              /**< The baseline wandered, and was taken out. */
    bool equalized;                /**< The channel had closed the eye; an equalizer opened it. */
    double smallest_eye;           /**< V: least distance of a bit's middle from the threshold. */
    bool inverted;                 /**< It was upside down, and was turned over. */
    bool polarity_sure;            /**< Ordered sets tell the polarity, nearly all the same one. */
    uint64_t upright, upside_down; /**< Ordered sets that speak for each polarity. */

    /* the line */
    sd_link link;             /**< SD_LINK_UNKNOWN: no clock of a known link. */
    bool link_sure;           /**< Something but the baud tells the kind. */
    double nominal_baud;      /**< Hz; 0: none found. */
    double baud;              /**< Hz, measured over all bits. */
    double baud_fit;          /**< 0 to 1: how well the edges lie on the unit intervals. */
    double shortest_pulse_ps; /**< When no baud was found: the short distances between edges. */
    double jitter_rms_ps;
    uint64_t bits, signal_losses, slips;
    bool lock;             /**< Commas were found. */
    int64_t first_lock_ps; /**< Beginning of the first code-group. */
    uint64_t skipped_bits; /**< Bits before it, in all segments. */
    uint64_t commas, misplaced_commas;
    uint64_t k28_1, k28_1_elsewhere, lane_moves;
    int64_t first_k28_1_ps;
    bool lane_0_by_exclusion; /**< No K28.1 at the start: lane 0 was the only one without K28.5. */
    bool disparity_serial;    /**< The rule in force. */
    bool disparity_sure;      /**< The record breaks the other one far more often. */
    uint64_t groups, invalid;
    uint64_t serial_errors, lane_errors; /**< Contradictions of the running disparity by each rule,
                                              in the groups where they show (36.2.4.6). */
    uint64_t disparity;     /**< Disparity errors by the rule in force. A contradiction that an
                                 invalid code-group left behind is not one. */
    uint64_t low_hit;       /**< Symbol errors in which the low level was read as high ... */
    uint64_t high_hit;      /**< ... and the high one as low, where that can be told. */
    double error_period_ps; /**< Symbol errors come at this distance; 0: at no constant one. */
    uint64_t error_periods, error_periods_spared; /**< So many periods with one, and without. */

    sd_lane_report lane[SD_REPORT_LANES];
} sd_report;

/** Frees what the report owns, not the report itself. */
void sd_report_clear(sd_report *report);

/** The report as text, lines ended by newlines; to be freed with g_free(). */
char *sd_report_text(const sd_report *report);

/** The report as JSON text; to be freed with g_free(). */
char *sd_report_json(const sd_report *report);

/** Reports of several channels as one JSON text, an object whose member "channels" is an array of
    what sd_report_json() gives; to be freed with g_free(). */
char *sd_reports_json(const sd_report *const *reports, unsigned count);

/** Samples per bit of the link that was found; 0 without one. */
double sd_report_samples_per_bit(const sd_report *report);

/** Whether the record has too few samples per bit for its link; without one, for any link. */
bool sd_report_undersampled(const sd_report *report);

/** What is wrong with the record as such, in sentences: clipped, undersampled, samples that are no
    numbers; to be freed with g_free(); NULL when nothing is. */
char *sd_report_record_fault(const sd_report *report);

/** Where the signal is from, in a line: the file's name, the channels, each with its vertical axis,
    and whether the record is clipped or undersampled; to be freed with g_free(). */
char *sd_report_origin(const sd_report *report);

/** "outbound", "inbound"; NULL when it is not known. */
const char *sd_direction_name(sd_direction direction);

/** The last line: in one sentence what is wrong, or that nothing is; then what the symbol errors
    have in common, an inverted polarity, and sd_report_record_fault(); to be freed with g_free().
 */
char *sd_report_verdict(const sd_report *report);

/** What the kind of link may be instead; NULL when it is sure. */
const char *sd_report_other_link(const sd_report *report);

/** "no sync", "configuration", ... */
const char *sd_lane_state_name(sd_lane_state state);

/** Name of a kind of link: "QSGMII". */
const char *sd_link_name(sd_link link);

#endif
