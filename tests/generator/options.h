/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file options.h
 * What scopedump-generate was asked for: the command line as a plain structure.
 */
#ifndef GENERATOR_OPTIONS_H
#define GENERATOR_OPTIONS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define GEN_LANES_MAX 4

/** Kinds of link. */
typedef enum { GEN_QSGMII, GEN_SGMII, GEN_1000BASE_X, GEN_2500BASE_X } gen_link;

/** What config_reg holds at the start of each lane. */
typedef enum { GEN_CONFIG_SGMII, GEN_CONFIG_1000BASE_X, GEN_CONFIG_NONE } gen_config;

/** How a sample is stored. */
typedef enum { GEN_S8, GEN_S16, GEN_F32 } gen_sample_format;

/** How a .csv file is laid out. */
typedef enum { GEN_CSV_PLAIN, GEN_CSV_SEMICOLON, GEN_CSV_TEKTRONIX } gen_csv;

/** A frame named on the command line. */
typedef struct {
    unsigned lane;
    uint64_t index; /**< Of the lane's frames, from 0. */
} gen_frame_name;

/** Low-power idle behind a frame. */
typedef struct {
    gen_frame_name frame;
    double seconds;
} gen_low_power;

/** One bit of one code-group of one frame, to be turned over on the line. */
typedef struct {
    unsigned lane;
    uint64_t index; /**< Of the lane's frames, from 0. */
    bool end;       /**< The end delimiter /T/; octet is 0 then. */
    int32_t octet;  /**< Offset in the frame; negative: preamble and SFD, -1 is the SFD. */
    unsigned bit;   /**< 0 = a, the first on the line, to 9 = j. */
    uint32_t copy;  /**< Which copy of the octet at 10 and 100 Mb/s. */
} gen_flip_name;

/** One bit too many or too few on the line. */
typedef struct {
    uint64_t bit;  /**< Bit of the record. */
    int direction; /**< +1: this bit is sent twice; -1: it is left out. */
} gen_slip;

/** A stretch without signal. */
typedef struct {
    uint64_t bit;    /**< First bit of the record that is lost. */
    uint64_t length; /**< Bits. */
    double level;    /**< Volts from the middle of the signal, where the line rests. */
} gen_dead;

/** The command line. */
typedef struct {
    gen_link link;
    unsigned lanes;                /**< 4 for QSGMII, otherwise 1. */
    double baud;                   /**< Bits per second of the sender, deviation included. */
    bool serial_disparity;         /**< One running disparity along the line, not one per lane. */
    unsigned speed[GEN_LANES_MAX]; /**< Mb/s. */
    unsigned config_speed[GEN_LANES_MAX]; /**< Mb/s that config_reg tells. */
    gen_config config;
    double config_seconds; /**< Configuration at the start of each lane. */
    GArray *config_again;  /**< gen_frame_name: ... and behind these frames. */
    bool acknowledges;     /**< In the second half of a configuration. */
    bool marks_lane_0;     /**< K28.1 stands for K28.5 there. */

    char *pcap[GEN_LANES_MAX];     /**< Frames from this file, or NULL: made ones. */
    bool idle[GEN_LANES_MAX];      /**< A lane without frames. */
    int dead_octet[GEN_LANES_MAX]; /**< A lane that sends this octet alone; -1: it works. */
    GArray *low_power;             /**< gen_low_power */
    uint64_t seed;
    unsigned gap_min, gap_max;               /**< Octet times between frames. */
    unsigned frame_size_min, frame_size_max; /**< Octets, FCS included. */
    unsigned preamble;                       /**< Octets, /S/ included, without the SFD. */
    GArray *bad_fcs;                         /**< gen_frame_name */

    uint64_t samples;   /**< Per segment. */
    double sample_rate; /**< Samples per second. */
    unsigned segments;
    double skip_bits; /**< Line bits before the first sample. */
    uint64_t precharge;

    double amplitude;        /**< Volts peak to peak. */
    double offset;           /**< Volts: the middle of the signal. */
    double rise_time;        /**< Seconds, 10 % to 90 %. */
    double noise;            /**< rms, as a fraction of the amplitude. */
    double random_jitter;    /**< Seconds rms per edge. */
    double sine_amplitude;   /**< Sinusoidal jitter: peak displacement in unit intervals. */
    double sine_frequency;   /**< Hz. */
    double ideal_corner;     /**< Hz: the ideal receiver follows the sine up to this frequency. */
    double bandwidth;        /**< -3 dB bandwidth of the channel in Hz; infinite: no low-pass. */
    double pole;             /**< -3 dB corner of a first-order low-pass in Hz; infinite: none. */
    double echo;             /**< Height of a reflection, as a fraction; 0: none. */
    double echo_delay;       /**< Seconds by which it comes later. */
    double duty_cycle;       /**< Seconds by which 1 pulses are longer than 0 pulses. */
    double spread;           /**< Down-spread of the clock: the greatest, as a fraction. */
    double spread_frequency; /**< Hz. */
    double wander;           /**< Baseline wander: peak, as a fraction of the amplitude. */
    double wander_frequency; /**< Hz. */
    double ac_coupling;      /**< -3 dB corner of the high-pass in Hz; 0: none. */
    bool inverted;

    GArray *flips;               /**< uint64_t: bits of the record. */
    GArray *flip_names;          /**< gen_flip_name */
    unsigned random_flips;       /**< How many more, at seeded places. */
    GArray *invalid;             /**< uint64_t: whole line groups of the record. */
    GArray *slips;               /**< gen_slip */
    GArray *dead;                /**< gen_dead */
    unsigned random_slips;       /**< How many more slips, at seeded places. */
    unsigned random_dead;        /**< How many more dead stretches, at seeded places; level 0. */
    uint64_t random_dead_length; /**< Bits of each. */

    bool legs;                /**< Two legs, each half of the signal. */
    double leg_skew;          /**< Seconds by which the negative leg comes later. */
    char *out, *out_negative; /**< Paths; out_negative is NULL when out holds all. */
    char *truth;              /**< Path, or NULL. */
    gen_sample_format sample_format;
    const struct gen_file_format *format; /**< The kind of file; see file_format.h. */
    unsigned wfm_version;                 /**< 1 to 3. */
    unsigned bin_version;                 /**< Of a Keysight .bin file: 1, 3 or 10. */
    bool prefix;                          /**< A .trc file begins with #9 and its length. */
    gen_csv csv;
    bool big_endian;
    bool has_time; /**< The file holds the acquisition time. */
} gen_options;

/**
 * Reads the command line (--help prints it and ends the program).
 *
 * @param argc, argv as given to main(); the options are taken out
 * @param error      set to an error of G_OPTION_ERROR on failure
 * @return the options, to be freed with gen_options_free(), or NULL
 */
gen_options *gen_options_parse(int *argc, char ***argv, GError **error);

/** Frees; NULL is ignored. */
void gen_options_free(gen_options *options);

/** The name of a kind of link as on the command line. */
const char *gen_link_name(gen_link link);

/** The name of a sample format as on the command line. */
const char *gen_sample_format_name(gen_sample_format format);

#endif
