/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"
#include "file_format.h"

#include <math.h>
#include <string.h>

/* Of --leg-skew-ps, to either side. */
#define LEG_SKEW_MOST_PS 1e6

/* One kind of link; the rates are of 802.3 clause 36, Cisco ENG-46158 and EDCS-540123. */
static const struct {
    const char *name;
    unsigned lanes;
    double baud;
    unsigned speed;    /* the highest, and the one by default */
    bool has_speeds;   /* 10 and 100 Mb/s by repetition */
    gen_config config; /* by default */
} links[] = {
    [GEN_QSGMII] = {"qsgmii", 4, 5.0e9, 1000, true, GEN_CONFIG_SGMII},
    [GEN_SGMII] = {"sgmii", 1, 1.25e9, 1000, true, GEN_CONFIG_SGMII},
    [GEN_1000BASE_X] = {"1000base-x", 1, 1.25e9, 1000, false, GEN_CONFIG_1000BASE_X},
    [GEN_2500BASE_X] = {"2500base-x", 1, 3.125e9, 2500, false, GEN_CONFIG_1000BASE_X},
};

static const char *const link_names[] = {"qsgmii", "sgmii", "1000base-x", "2500base-x", NULL};
static const char *const config_names[] = {"sgmii", "1000base-x", "none", NULL};
static const char *const sample_format_names[] = {"s8", "s16", "f32", NULL};
static const char *const csv_names[] = {"plain", "semicolon", "tektronix", NULL};
static const char *const disparity_names[] = {"serial", "lane", NULL};

/* What GOption fills in, before it is checked. */
typedef struct {
    char *link, *out, *out_negative, *truth, *sample_format, *speeds, *gap, *frame_size, *config;
    char *disparity, *sine, *spread, *wander, *echo, *random_dead, *csv;
    char **pcap, **bad_fcs, **idle, **config_speed;
    char **flip, **flip_at, **invalid, **slip, **dead;
    char **config_again, **low_power, **dead_lane;
    double sample_rate, duration, config_us, amplitude, offset, rise_ps, noise, jitter_ps, ppm;
    double skip_bits, ideal_corner, bandwidth, pole, duty_cycle_ps, ac_coupling, leg_skew_ps;
    int64_t samples, seed, precharge;
    int preamble, segments, wfm_version, bin_version, random_flips, random_slips;
    gboolean inverted, big_endian, no_time, no_prefix, legs, no_acknowledge, no_k28_1;
} arguments;

G_GNUC_PRINTF(2, 3)
static bool fail(GError **error, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *text = g_strdup_vprintf(format, list);
    va_end(list);
    g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, text);
    g_free(text);
    return false;
}

/* The place of text in names; not_given when text is NULL. */
static bool parse_name(const char *option, const char *text, const char *const *names,
                       int not_given, int *value, GError **error)
{
    *value = not_given;
    if (text == NULL)
        return true;
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(text, names[i]) == 0) {
            *value = i;
            return true;
        }
    }
    return fail(error, "%s: unknown value \"%s\"", option, text);
}

/* All fields of text, parted by colons, as numbers. Wants between least and most of them. */
static bool parse_numbers(const char *option, const char *text, unsigned least, unsigned most,
                          double *value, unsigned *count, GError **error)
{
    char **fields = g_strsplit(text, ":", -1);
    unsigned fields_count = g_strv_length(fields);
    bool good = fields_count >= least && fields_count <= most;
    for (unsigned i = 0; good && i < fields_count; i++) {
        char *end;
        value[i] = g_ascii_strtod(fields[i], &end);
        good = end != fields[i] && *end == '\0' && isfinite(value[i]);
    }
    if (count != NULL)
        *count = fields_count;
    g_strfreev(fields);
    return good || fail(error, "%s: \"%s\" cannot be read", option, text);
}

static bool whole(double value, double least, double most)
{
    return value >= least && value <= most && value == floor(value);
}

static bool parse_range(const char *option, const char *text, unsigned least, unsigned most,
                        unsigned *low, unsigned *high, GError **error)
{
    if (text == NULL)
        return true;
    double value[2];
    unsigned count;
    if (!parse_numbers(option, text, 1, 2, value, &count, error))
        return false;
    if (count == 1)
        value[1] = value[0];
    if (!whole(value[0], least, most) || !whole(value[1], value[0], most))
        return fail(error, "%s: \"%s\" is not within %u to %u", option, text, least, most);
    *low = (unsigned)value[0];
    *high = (unsigned)value[1];
    return true;
}

static bool speed_is_known(const gen_options *options, double speed)
{
    return speed == links[options->link].speed ||
           (links[options->link].has_speeds && (speed == 10 || speed == 100));
}

static bool parse_speeds(gen_options *options, const arguments *given, GError **error)
{
    for (unsigned lane = 0; lane < GEN_LANES_MAX; lane++)
        options->speed[lane] = links[options->link].speed;
    if (given->speeds != NULL) {
        char **fields = g_strsplit(given->speeds, ",", -1);
        bool good = g_strv_length(fields) == options->lanes;
        for (unsigned lane = 0; good && lane < options->lanes; lane++) {
            options->speed[lane] = (unsigned)g_ascii_strtoull(fields[lane], NULL, 10);
            good = speed_is_known(options, options->speed[lane]);
        }
        g_strfreev(fields);
        if (!good)
            return fail(error, "--speeds: \"%s\" does not fit the link", given->speeds);
    }
    memcpy(options->config_speed, options->speed, sizeof options->speed);
    for (char **text = given->config_speed; text != NULL && *text != NULL; text++) {
        double value[2];
        if (!parse_numbers("--config-speed", *text, 2, 2, value, NULL, error))
            return false;
        if (!whole(value[0], 0, options->lanes - 1) || !speed_is_known(options, value[1]))
            return fail(error, "--config-speed: \"%s\" does not fit the link", *text);
        options->config_speed[(unsigned)value[0]] = (unsigned)value[1];
    }
    return true;
}

static bool parse_lanes(gen_options *options, const arguments *given, GError **error)
{
    for (char **text = given->idle; text != NULL && *text != NULL; text++) {
        double lane;
        if (!parse_numbers("--idle-lane", *text, 1, 1, &lane, NULL, error))
            return false;
        if (!whole(lane, 0, options->lanes - 1))
            return fail(error, "--idle-lane: there is no lane %s", *text);
        options->idle[(unsigned)lane] = true;
    }
    for (char **text = given->pcap; text != NULL && *text != NULL; text++) {
        char *path;
        uint64_t lane = g_ascii_strtoull(*text, &path, 10);
        if (path == *text || *path != ':' || lane >= options->lanes)
            return fail(error, "--pcap: \"%s\" is not LANE:FILE", *text);
        g_free(options->pcap[lane]);
        options->pcap[lane] = g_strdup(path + 1);
    }
    for (char **text = given->bad_fcs; text != NULL && *text != NULL; text++) {
        double value[2];
        if (!parse_numbers("--bad-fcs", *text, 2, 2, value, NULL, error))
            return false;
        if (!whole(value[0], 0, options->lanes - 1) || !whole(value[1], 0, 1e15))
            return fail(error, "--bad-fcs: \"%s\" is not LANE:INDEX", *text);
        gen_frame_name name = {(unsigned)value[0], (uint64_t)value[1]};
        g_array_append_val(options->bad_fcs, name);
    }
    return true;
}

/* LANE:INDEX, and perhaps one number more. */
static bool parse_frame_name(const gen_options *options, const char *option, const char *text,
                             gen_frame_name *name, double *more, GError **error)
{
    double value[3];
    unsigned fields = more != NULL ? 3 : 2;
    if (!parse_numbers(option, text, fields, fields, value, NULL, error))
        return false;
    if (!whole(value[0], 0, options->lanes - 1) || !whole(value[1], 0, 1e15))
        return fail(error, "%s: \"%s\" names no frame", option, text);
    *name = (gen_frame_name){(unsigned)value[0], (uint64_t)value[1]};
    if (more != NULL)
        *more = value[2];
    return true;
}

/* What else than frames and idle the lanes carry. */
static bool parse_states(gen_options *options, const arguments *given, GError **error)
{
    options->acknowledges = !given->no_acknowledge;
    options->marks_lane_0 = !given->no_k28_1;
    for (char **text = given->config_again; text != NULL && *text != NULL; text++) {
        gen_frame_name name;
        if (!parse_frame_name(options, "--config-again", *text, &name, NULL, error))
            return false;
        g_array_append_val(options->config_again, name);
    }
    for (char **text = given->low_power; text != NULL && *text != NULL; text++) {
        gen_low_power entry;
        double microseconds = 0;
        if (!parse_frame_name(options, "--low-power", *text, &entry.frame, &microseconds, error))
            return false;
        if (!(microseconds > 0))
            return fail(error, "--low-power: \"%s\" lasts no time", *text);
        entry.seconds = microseconds * 1e-6;
        g_array_append_val(options->low_power, entry);
    }
    for (unsigned lane = 0; lane < GEN_LANES_MAX; lane++)
        options->dead_octet[lane] = -1;
    for (char **text = given->dead_lane; text != NULL && *text != NULL; text++) {
        double value[2];
        if (!parse_numbers("--dead-lane", *text, 2, 2, value, NULL, error))
            return false;
        if (!whole(value[0], 0, options->lanes - 1) || !whole(value[1], 0, 255))
            return fail(error, "--dead-lane: \"%s\" is not LANE:OCTET", *text);
        options->dead_octet[(unsigned)value[0]] = (int)value[1];
    }
    return true;
}

static bool parse_positions(const char *option, char **texts, GArray *positions, GError **error)
{
    for (char **text = texts; text != NULL && *text != NULL; text++) {
        double value;
        if (!parse_numbers(option, *text, 1, 1, &value, NULL, error))
            return false;
        if (!whole(value, 0, 1e15))
            return fail(error, "%s: \"%s\" is not a position", option, *text);
        uint64_t position = (uint64_t)value;
        g_array_append_val(positions, position);
    }
    return true;
}

/* LANE:FRAME:OCTET:BIT[:COPY], where OCTET may be T. */
static bool parse_flip_name(gen_options *options, const char *text, GError **error)
{
    char **fields = g_strsplit(text, ":", -1);
    bool end = g_strv_length(fields) > 2 && strcmp(fields[2], "T") == 0;
    if (end) {
        g_free(fields[2]);
        fields[2] = g_strdup("0");
    }
    char *numbers = g_strjoinv(":", fields);
    g_strfreev(fields);
    double value[5] = {0};
    bool good = parse_numbers("--flip-at", numbers, 4, 5, value, NULL, error);
    g_free(numbers);
    if (!good)
        return false;
    if (!whole(value[0], 0, options->lanes - 1) || !whole(value[1], 0, 1e15) ||
        !whole(value[2], -(double)options->preamble - 1, 65535) || !whole(value[3], 0, 9) ||
        !whole(value[4], 0, 99))
        return fail(error, "--flip-at: \"%s\" is not LANE:FRAME:OCTET:BIT", text);
    gen_flip_name name = {(unsigned)value[0], (uint64_t)value[1], end,
                          (int32_t)value[2],  (unsigned)value[3], (uint32_t)value[4]};
    g_array_append_val(options->flip_names, name);
    return true;
}

static bool parse_line_errors(gen_options *options, const arguments *given, GError **error)
{
    if (!parse_positions("--flip", given->flip, options->flips, error) ||
        !parse_positions("--invalid", given->invalid, options->invalid, error))
        return false;
    for (char **text = given->flip_at; text != NULL && *text != NULL; text++) {
        if (!parse_flip_name(options, *text, error))
            return false;
    }
    for (char **text = given->slip; text != NULL && *text != NULL; text++) {
        double value[2];
        if (!parse_numbers("--slip", *text, 2, 2, value, NULL, error))
            return false;
        if (!whole(value[0], 0, 1e15) || fabs(value[1]) != 1)
            return fail(error, "--slip: \"%s\" is not BIT:+1 or BIT:-1", *text);
        gen_slip slip = {(uint64_t)value[0], (int)value[1]};
        g_array_append_val(options->slips, slip);
    }
    for (char **text = given->dead; text != NULL && *text != NULL; text++) {
        double value[3] = {0};
        if (!parse_numbers("--dead", *text, 2, 3, value, NULL, error))
            return false;
        if (!whole(value[0], 0, 1e15) || !whole(value[1], 1, 1e15))
            return fail(error, "--dead: \"%s\" is not BIT:LENGTH[:LEVEL]", *text);
        gen_dead dead = {(uint64_t)value[0], (uint64_t)value[1], value[2]};
        g_array_append_val(options->dead, dead);
    }
    if (given->random_flips < 0 || given->random_slips < 0)
        return fail(error, "--random-flips, --random-slips: must not be negative");
    options->random_flips = (unsigned)given->random_flips;
    options->random_slips = (unsigned)given->random_slips;
    if (given->random_dead != NULL) {
        double value[2];
        if (!parse_numbers("--random-dead", given->random_dead, 2, 2, value, NULL, error))
            return false;
        if (!whole(value[0], 0, 1e6) || !whole(value[1], 1, 1e15))
            return fail(error, "--random-dead: \"%s\" is not N:LENGTH", given->random_dead);
        options->random_dead = (unsigned)value[0];
        options->random_dead_length = (uint64_t)value[1];
    }
    return true;
}

static bool parse_link(gen_options *options, const arguments *given, GError **error)
{
    int value;
    if (!parse_name("--link", given->link, link_names, GEN_QSGMII, &value, error))
        return false;
    options->link = (gen_link)value;
    options->lanes = links[options->link].lanes;
    options->baud = links[options->link].baud * (1 + given->ppm * 1e-6);
    if (!(fabs(given->ppm) < 1e5))
        return fail(error, "--ppm: out of range");
    if (!parse_name("--rd", given->disparity, disparity_names, options->link == GEN_QSGMII ? 0 : 1,
                    &value, error))
        return false;
    options->serial_disparity = value == 0;
    if (!parse_name("--config", given->config, config_names, (int)links[options->link].config,
                    &value, error))
        return false;
    options->config = (gen_config)value;
    if (!(given->config_us >= 0))
        return fail(error, "--config-us: must not be negative");
    options->config_seconds = given->config_us * 1e-6;
    return true;
}

static bool parse_traffic(gen_options *options, const arguments *given, GError **error)
{
    options->seed = (uint64_t)given->seed;
    options->gap_min = options->gap_max = 12;
    options->frame_size_min = 64;
    options->frame_size_max = 1518;
    options->preamble = (unsigned)given->preamble;
    if (given->preamble < 0 || given->preamble > 64)
        return fail(error, "--preamble: must be 0 to 64");
    return parse_range("--gap", given->gap, 1, 1000000, &options->gap_min, &options->gap_max,
                       error) &&
           parse_range("--frame-size", given->frame_size, 18, 16000, &options->frame_size_min,
                       &options->frame_size_max, error) &&
           parse_lanes(options, given, error) && parse_states(options, given, error);
}

/* Two numbers of which the second is a frequency; left alone when the option is not given. */
static bool parse_modulation(const char *option, const char *text, double least, double most,
                             double *depth, double *frequency, GError **error)
{
    if (text == NULL)
        return true;
    double value[2];
    if (!parse_numbers(option, text, 2, 2, value, NULL, error))
        return false;
    if (value[0] < least || value[0] > most || !(value[1] > 0))
        return fail(error, "%s: \"%s\" is out of range", option, text);
    *depth = value[0];
    *frequency = value[1];
    return true;
}

static bool parse_channel(gen_options *options, const arguments *given, GError **error)
{
    if (!(given->bandwidth >= 0) || !(given->ac_coupling >= 0))
        return fail(error, "--bandwidth, --ac-coupling: must not be negative");
    options->bandwidth = given->bandwidth > 0 ? given->bandwidth * options->baud : INFINITY;
    options->ac_coupling = given->ac_coupling;
    if (!(given->pole >= 0))
        return fail(error, "--pole: must not be negative");
    options->pole = given->pole > 0 ? given->pole * options->baud : INFINITY;
    if (given->echo != NULL) {
        double echo[2];
        if (!parse_numbers("--echo", given->echo, 2, 2, echo, NULL, error))
            return false;
        if (!(fabs(echo[0]) < 1) || !(echo[1] >= 0 && echo[1] <= 1000))
            return fail(error, "--echo: \"%s\" is out of range", given->echo);
        options->echo = echo[0];
        options->echo_delay = echo[1] / options->baud;
    }
    options->duty_cycle = given->duty_cycle_ps * 1e-12;
    if (!(fabs(options->duty_cycle) * options->baud < 2))
        return fail(error, "--dcd-ps: the shorter pulses vanish");
    return parse_modulation("--wander", given->wander, 0, 100, &options->wander,
                            &options->wander_frequency, error);
}

/* How the sender's clock moves, and how far the ideal receiver follows it. */
static bool parse_clock(gen_options *options, const arguments *given, GError **error)
{
    if (given->sine != NULL) {
        double sine[2];
        if (!parse_numbers("--sj", given->sine, 2, 2, sine, NULL, error))
            return false;
        options->sine_amplitude = fabs(sine[0]);
        options->sine_frequency = sine[1];
    }
    /* The corner of the loop against which jitter is measured is customarily baud / 1667. */
    options->ideal_corner = given->ideal_corner >= 0 ? given->ideal_corner : options->baud / 1667;
    double spread_ppm = 0;
    if (!parse_modulation("--ssc", given->spread, 0, 100000, &spread_ppm,
                          &options->spread_frequency, error))
        return false;
    options->spread = spread_ppm * 1e-6;
    return true;
}

static bool parse_waveform(gen_options *options, const arguments *given, GError **error)
{
    if (!(given->sample_rate > 0) || !isfinite(given->sample_rate))
        return fail(error, "--sample-rate: must be above 0");
    options->sample_rate = given->sample_rate;
    if (given->samples < 0 || !(given->duration > 0) || given->samples == 1)
        return fail(error, "--samples, --duration-us: too short");
    options->samples = given->samples != 0
                           ? (uint64_t)given->samples
                           : (uint64_t)llround(given->duration * 1e-6 * given->sample_rate);
    if (given->segments < 1 || given->precharge < 0 || !(given->skip_bits >= 0))
        return fail(error, "--segments, --precharge, --skip-bits: must not be negative");
    options->segments = (unsigned)given->segments;
    options->precharge = (uint64_t)given->precharge;
    options->skip_bits = given->skip_bits;

    if (!(given->amplitude > 0) || !(given->noise >= 0) || !(given->jitter_ps >= 0))
        return fail(error, "--amplitude, --noise, --rj-ps: out of range");
    options->amplitude = given->amplitude;
    options->offset = given->offset;
    options->rise_time = given->rise_ps >= 0 ? given->rise_ps * 1e-12 : 0.3 / options->baud;
    options->noise = given->noise;
    options->random_jitter = given->jitter_ps * 1e-12;
    options->inverted = given->inverted;
    return parse_clock(options, given, error) && parse_channel(options, given, error);
}

static bool parse_sample_format(gen_options *options, const arguments *given, GError **error)
{
    unsigned possible = options->format->sample_formats;
    int value;
    if (!parse_name("--sample-format", given->sample_format, sample_format_names,
                    possible & 1 << GEN_S16 ? GEN_S16 : GEN_F32, &value, error))
        return false;
    options->sample_format = (gen_sample_format)value;
    if (!(possible & 1U << value))
        return fail(error, "--sample-format: a %s file cannot hold %s", options->format->suffix,
                    sample_format_names[value]);
    return true;
}

/* Which version or layout of its kind the file is. */
static bool parse_dialect(gen_options *options, const arguments *given, GError **error)
{
    int value;
    if (!parse_name("--csv", given->csv, csv_names, GEN_CSV_PLAIN, &value, error))
        return false;
    options->csv = (gen_csv)value;
    options->wfm_version = (unsigned)given->wfm_version;
    if (given->wfm_version < 1 || given->wfm_version > 3)
        return fail(error, "--wfm-version: must be 1 to 3");
    if (options->format == &gen_format_wfm && options->wfm_version < 3 &&
        options->sample_format == GEN_S8)
        return fail(error, "--sample-format: s8 needs --wfm-version 3");
    options->bin_version = (unsigned)given->bin_version;
    if (given->bin_version != 1 && given->bin_version != 3 && given->bin_version != 10)
        return fail(error, "--bin-version: must be 1, 3 or 10");
    return true;
}

static bool parse_output(gen_options *options, arguments *given, GError **error)
{
    if (given->out == NULL)
        return fail(error, "--out: a file to write is needed");
    options->format = gen_file_format_of(given->out);
    unsigned holds = options->format->holds;
    options->legs = given->legs;
    if (given->out_negative != NULL && !given->legs)
        return fail(error, "--out-neg: needs --legs");
    if (given->legs && given->out_negative == NULL && !(holds & GEN_HOLDS_BOTH_LEGS))
        return fail(error, "--legs: this kind of file holds one; give --out-neg");
    if (given->out_negative != NULL && gen_file_format_of(given->out_negative) != options->format)
        return fail(error, "--out, --out-neg: must be of one kind");
    if ((options->segments > 1 && !(holds & GEN_HOLDS_SEGMENTS)) ||
        (options->precharge > 0 && !(holds & GEN_HOLDS_PRECHARGE)) ||
        (given->big_endian && !(holds & GEN_HOLDS_BIG_ENDIAN)))
        return fail(error, "--segments, --precharge, --big-endian: not in this kind of file");
    options->out = g_steal_pointer(&given->out);
    if (given->leg_skew_ps != 0 && !given->legs)
        return fail(error, "--leg-skew-ps: there are no --legs");
    if (!(fabs(given->leg_skew_ps) <= LEG_SKEW_MOST_PS))
        return fail(error, "--leg-skew-ps: it is above %g ps", LEG_SKEW_MOST_PS);
    options->leg_skew = given->leg_skew_ps * 1e-12;
    options->out_negative = g_steal_pointer(&given->out_negative);
    options->truth = g_steal_pointer(&given->truth);
    options->big_endian = given->big_endian;
    options->has_time = !given->no_time;
    options->prefix = !given->no_prefix;
    return parse_sample_format(options, given, error) && parse_dialect(options, given, error);
}

static void arguments_clear(arguments *given)
{
    char **texts[] = {&given->link,   &given->out,       &given->out_negative,  &given->truth,
                      &given->speeds, &given->gap,       &given->frame_size,    &given->config,
                      &given->sine,   &given->disparity, &given->sample_format, &given->spread,
                      &given->wander, &given->echo,      &given->random_dead,   &given->csv};
    char ***lists[] = {&given->pcap, &given->bad_fcs,      &given->idle,      &given->config_speed,
                       &given->flip, &given->flip_at,      &given->invalid,   &given->slip,
                       &given->dead, &given->config_again, &given->low_power, &given->dead_lane};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_clear_pointer(texts[i], g_free);
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        g_clear_pointer(lists[i], g_strfreev);
}

static gen_options *options_check(arguments *given, GError **error)
{
    gen_options *options = g_new0(gen_options, 1);
    options->bad_fcs = g_array_new(FALSE, FALSE, sizeof(gen_frame_name));
    options->config_again = g_array_new(FALSE, FALSE, sizeof(gen_frame_name));
    options->low_power = g_array_new(FALSE, FALSE, sizeof(gen_low_power));
    options->flips = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    options->flip_names = g_array_new(FALSE, FALSE, sizeof(gen_flip_name));
    options->invalid = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    options->slips = g_array_new(FALSE, FALSE, sizeof(gen_slip));
    options->dead = g_array_new(FALSE, FALSE, sizeof(gen_dead));
    bool good = parse_link(options, given, error) && parse_speeds(options, given, error) &&
                parse_traffic(options, given, error) && parse_waveform(options, given, error) &&
                parse_line_errors(options, given, error) && parse_output(options, given, error);
    if (!good)
        g_clear_pointer(&options, gen_options_free);
    return options;
}

gen_options *gen_options_parse(int *argc, char ***argv, GError **error)
{
    arguments a = {
        .sample_rate = 1e12,
        .duration = 100,
        .config_us = 2,
        .amplitude = 0.8,
        .rise_ps = -1,
        .ideal_corner = -1,
        .preamble = 7,
        .segments = 1,
        .wfm_version = 3,
        .bin_version = 10,
        .seed = 1,
    };
    const GOptionEntry entries[] = {
        {"link", 0, 0, G_OPTION_ARG_STRING, &a.link,
         "qsgmii (default), sgmii, 1000base-x, 2500base-x", "LINK"},
        {"out", 0, 0, G_OPTION_ARG_FILENAME, &a.out,
         "Samples: .wfm, .trc, .isf, .bin (Keysight), .Wfm.bin (R&S), .csv, .npy; else raw",
         "FILE"},
        {"truth", 0, 0, G_OPTION_ARG_FILENAME, &a.truth, "What is in the record", "FILE.json"},
        {"samples", 0, 0, G_OPTION_ARG_INT64, &a.samples, "Samples per segment", "N"},
        {"duration-us", 0, 0, G_OPTION_ARG_DOUBLE, &a.duration,
         "... or its length in microseconds (default 100)", "X"},
        {"sample-rate", 0, 0, G_OPTION_ARG_DOUBLE, &a.sample_rate,
         "Samples per second (default 1e12)", "HZ"},
        {"sample-format", 0, 0, G_OPTION_ARG_STRING, &a.sample_format,
         "s8, s16 (default; .bin and .csv: f32), f32", "FORMAT"},
        {"speeds", 0, 0, G_OPTION_ARG_STRING, &a.speeds,
         "10, 100 or 1000 Mb/s, one for each lane, with commas", "LIST"},
        {"pcap", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &a.pcap,
         "Frames from a pcap or pcapng file, over and over", "LANE:FILE"},
        {"seed", 0, 0, G_OPTION_ARG_INT64, &a.seed, "Seed of all that is random (default 1)", "N"},
        {"gap", 0, 0, G_OPTION_ARG_STRING, &a.gap, "Octet times between frames (default 12)",
         "MIN:MAX"},
        {"frame-size", 0, 0, G_OPTION_ARG_STRING, &a.frame_size,
         "Octets with FCS (default 64:1518)", "MIN:MAX"},
        {"preamble", 0, 0, G_OPTION_ARG_INT, &a.preamble,
         "Preamble octets with /S/, without SFD (default 7); 0: /S/ in the place of the SFD", "N"},
        {"bad-fcs", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.bad_fcs, "A wrong FCS", "LANE:INDEX"},
        {"idle-lane", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.idle, "A lane without frames", "LANE"},
        {"config", 0, 0, G_OPTION_ARG_STRING, &a.config, "sgmii, 1000base-x, none", "KIND"},
        {"config-us", 0, 0, G_OPTION_ARG_DOUBLE, &a.config_us,
         "Configuration at the start of each lane (default 2)", "X"},
        {"config-speed", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.config_speed,
         "A config_reg that tells another speed", "LANE:SPEED"},
        {"config-again", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.config_again,
         "Configuration once more behind a frame", "LANE:INDEX"},
        {"no-acknowledge", 0, 0, G_OPTION_ARG_NONE, &a.no_acknowledge,
         "No config_reg has the acknowledge bit", NULL},
        {"low-power", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.low_power,
         "Low-power idle behind a frame, for so long", "LANE:INDEX:US"},
        {"dead-lane", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.dead_lane,
         "A lane that sends one octet all the time", "LANE:OCTET"},
        {"no-k28-1", 0, 0, G_OPTION_ARG_NONE, &a.no_k28_1,
         "Lane 0 of QSGMII sends K28.5 as the others do", NULL},
        {"rd", 0, 0, G_OPTION_ARG_STRING, &a.disparity,
         "Running disparity: serial (default of qsgmii), lane (of the others)", "RULE"},
        {"amplitude", 0, 0, G_OPTION_ARG_DOUBLE, &a.amplitude, "Volts peak to peak (default 0.8)",
         "V"},
        {"offset", 0, 0, G_OPTION_ARG_DOUBLE, &a.offset, "Volts in the middle (default 0)", "V"},
        {"rise-ps", 0, 0, G_OPTION_ARG_DOUBLE, &a.rise_ps,
         "Rise time, 10 to 90 % (default 0.3 unit intervals)", "X"},
        {"noise", 0, 0, G_OPTION_ARG_DOUBLE, &a.noise, "rms, of the peak-to-peak amplitude",
         "FRACTION"},
        {"rj-ps", 0, 0, G_OPTION_ARG_DOUBLE, &a.jitter_ps, "Random jitter of each edge, rms", "X"},
        {"sj", 0, 0, G_OPTION_ARG_STRING, &a.sine, "Sinusoidal jitter, peak", "UI:HZ"},
        {"ideal-corner", 0, 0, G_OPTION_ARG_DOUBLE, &a.ideal_corner,
         "The ideal receiver follows --sj up to here (default baud / 1667)", "HZ"},
        {"ssc", 0, 0, G_OPTION_ARG_STRING, &a.spread,
         "Spread-spectrum clocking: triangular, downwards", "PPM:HZ"},
        {"dcd-ps", 0, 0, G_OPTION_ARG_DOUBLE, &a.duty_cycle_ps,
         "Duty-cycle distortion: 1 pulses are longer than 0 pulses by this", "X"},
        {"bandwidth", 0, 0, G_OPTION_ARG_DOUBLE, &a.bandwidth,
         "-3 dB bandwidth of the channel as a multiple of the baud", "RATIO"},
        {"pole", 0, 0, G_OPTION_ARG_DOUBLE, &a.pole,
         "A first-order low-pass: its -3 dB corner as a multiple of the baud", "RATIO"},
        {"echo", 0, 0, G_OPTION_ARG_STRING, &a.echo,
         "A reflection: its height, and how many unit intervals later it comes", "FRACTION:UI"},
        {"wander", 0, 0, G_OPTION_ARG_STRING, &a.wander,
         "Baseline wander: a sine, peak, of the peak-to-peak amplitude", "FRACTION:HZ"},
        {"ac-coupling", 0, 0, G_OPTION_ARG_DOUBLE, &a.ac_coupling,
         "A first-order high-pass: its -3 dB corner", "HZ"},
        {"ppm", 0, 0, G_OPTION_ARG_DOUBLE, &a.ppm, "Deviation of the baud", "X"},
        {"invert", 0, 0, G_OPTION_ARG_NONE, &a.inverted, "The pair is swapped", NULL},
        {"skip-bits", 0, 0, G_OPTION_ARG_DOUBLE, &a.skip_bits,
         "Line bits before the first sample (default 0)", "N"},
        {"segments", 0, 0, G_OPTION_ARG_INT, &a.segments, "Segments (.wfm, .trc, .bin)", "N"},
        {"wfm-version", 0, 0, G_OPTION_ARG_INT, &a.wfm_version, "1, 2 or 3 (default)", "N"},
        {"bin-version", 0, 0, G_OPTION_ARG_INT, &a.bin_version,
         "Keysight .bin: 1, 3 or 10 (default), for AG01, AG03, AG10", "N"},
        {"no-prefix", 0, 0, G_OPTION_ARG_NONE, &a.no_prefix, "A .trc file without #9...", NULL},
        {"csv", 0, 0, G_OPTION_ARG_STRING, &a.csv,
         "plain (default), semicolon (and decimal comma), tektronix (header)", "LAYOUT"},
        {"big-endian", 0, 0, G_OPTION_ARG_NONE, &a.big_endian,
         "Big-endian (.wfm, .trc, .isf, .npy)", NULL},
        {"precharge", 0, 0, G_OPTION_ARG_INT64, &a.precharge,
         "Samples before and after each segment (.wfm, .Wfm.bin)", "N"},
        {"no-time", 0, 0, G_OPTION_ARG_NONE, &a.no_time, "No acquisition time in the file", NULL},
        {"legs", 0, 0, G_OPTION_ARG_NONE, &a.legs,
         "Both legs in --out (.bin, .Wfm.bin, .csv), or the negative one in --out-neg", NULL},
        {"leg-skew-ps", 0, 0, G_OPTION_ARG_DOUBLE, &a.leg_skew_ps,
         "The negative leg comes later by so much", "PS"},
        {"out-neg", 0, 0, G_OPTION_ARG_FILENAME, &a.out_negative, "The negative leg", "FILE"},
        {"flip", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.flip, "Turn a bit of the record over", "BIT"},
        {"flip-at", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.flip_at,
         "Turn a bit of a frame over; OCTET -8 is /S/, -1 the SFD, T the end",
         "LANE:FRAME:OCTET:BIT[:COPY]"},
        {"random-flips", 0, 0, G_OPTION_ARG_INT, &a.random_flips,
         "Turn bits over at random, far from one another", "N"},
        {"invalid", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.invalid,
         "Put an invalid code-group in the place of a line group of the record", "GROUP"},
        {"slip", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.slip, "Repeat or drop a bit of the record",
         "BIT:+1|-1"},
        {"dead", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.dead,
         "No signal; the line rests LEVEL volts from the middle", "BIT:LENGTH[:LEVEL]"},
        {"random-slips", 0, 0, G_OPTION_ARG_INT, &a.random_slips,
         "Repeat and drop bits in turn at random, far from one another", "N"},
        {"random-dead", 0, 0, G_OPTION_ARG_STRING, &a.random_dead,
         "Dead stretches at random; the line rests in the middle", "N:LENGTH"},
        G_OPTION_ENTRY_NULL,
    };

    GOptionContext *context = g_option_context_new("- make a test waveform with known truth");
    g_option_context_add_main_entries(context, entries, NULL);
    bool good = g_option_context_parse(context, argc, argv, error);
    g_option_context_free(context);
    if (good && *argc > 1)
        good = fail(error, "unknown argument \"%s\"", (*argv)[1]);
    gen_options *options = good ? options_check(&a, error) : NULL;
    arguments_clear(&a);
    return options;
}

void gen_options_free(gen_options *options)
{
    if (options == NULL)
        return;
    GArray *arrays[] = {options->bad_fcs,      options->flips,    options->flip_names,
                        options->invalid,      options->slips,    options->dead,
                        options->config_again, options->low_power};
    for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
        g_array_unref(arrays[i]);
    for (unsigned lane = 0; lane < GEN_LANES_MAX; lane++)
        g_free(options->pcap[lane]);
    g_free(options->out);
    g_free(options->out_negative);
    g_free(options->truth);
    g_free(options);
}

const char *gen_link_name(gen_link link)
{
    return link_names[link];
}

const char *gen_sample_format_name(gen_sample_format format)
{
    return sample_format_names[format];
}
