/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/csv_time.h"

#include <float.h>
#include <math.h>

/** So many equal steps are no work of rounding. */
#define EXACT_ROWS 16

/** Relative difference of two steps that counts as none. */
#define STEP_TOLERANCE 1e-6

/** What a double adds when times are subtracted. */
#define DOUBLE_TOLERANCE (8 * DBL_EPSILON)

/** Half of the last bit of a float, relative. */
#define SINGLE_TOLERANCE ((double)FLT_EPSILON / 2)

static void learn_digits(sd_csv_time *time, const sd_csv_number *number)
{
    time->digits = MAX(time->digits, number->digits);
    time->finest = time->learned == 0 ? number->exponent : MIN(time->finest, number->exponent);
}

void sd_csv_time_learn(sd_csv_time *time, const sd_csv_number *number)
{
    learn_digits(time, number);
    const double step = number->value - time->learned_last;
    if (time->learned == 1) {
        time->step = step;
    }
    const double room = STEP_TOLERANCE * time->step + DOUBLE_TOLERANCE * fabs(number->value);
    time->equal += time->learned > 0 && step > 0 && fabs(step - time->step) <= room;
    time->learned_last = number->value;
    time->learned++;
    sd_csv_time_restart(time);
}

/** Whether so many of the first steps are equal that rounding has no part in it. A few may be
 * longer: where rows were lost. */
static bool has_equal_steps(const sd_csv_time *time)
{
    return time->learned > 1 && time->equal * 20 >= (time->learned - 1) * 19;
}

bool sd_csv_time_counts(const sd_csv_time *time)
{
    return has_equal_steps(time) && time->step == 1;
}

void sd_csv_time_restart(sd_csv_time *time)
{
    time->count = 0;
    time->low = 0;
    time->high = (double)INFINITY;
    time->single = true;
}

/**
 * The power of ten of the last digit that a time was rounded to. Zeros at the end may have been
 * dropped (1e-06 for 1.00000e-06), so that the digits that are there tell less than those of the
 * other rows.
 */
static int last_digit(const sd_csv_time *time, const sd_csv_number *number)
{
    int exponent = time->finest;
    if (number->digits > 0) {
        exponent = MAX(exponent, number->exponent - (time->digits - number->digits));
    }
    return MIN(exponent, number->exponent);
}

/**
 * How far the distance of a time from the first one may be from the true one: one of the last
 * digit, whether digits were rounded or cut off. Where steps are equal to begin with and hardly
 * longer than that (rows counted 0, 1, 2), there was no rounding, and less than half a step lets no
 * lost row through.
 */
static double room_of(const sd_csv_time *time, int exponent, double value)
{
    const double room = pow(10, MAX(exponent, time->first_exponent));
    const double size = fabs(value) + fabs(time->first);
    const double noise = DOUBLE_TOLERANCE * size;
    if (has_equal_steps(time) && time->learned >= EXACT_ROWS) {
        return noise + (exponent == time->first_exponent ? MIN(room, 0.45 * time->step) : room);
    }
    return noise + room + (time->single ? SINGLE_TOLERANCE * size : 0);
}

sd_csv_time_step sd_csv_time_add(sd_csv_time *time, const sd_csv_number *number)
{
    learn_digits(time, number);
    const double value = number->value;
    const int exponent = last_digit(time, number);
    time->single = time->single && fabs((double)(float)value - value) <= pow(10, exponent) / 2;
    if (time->count == 0) {
        time->first = value;
        time->first_exponent = exponent;
    } else {
        const double room = room_of(time, exponent, value);
        const double rows = (double)time->count;
        time->low = MAX(time->low, (value - time->first - room) / rows);
        time->high = MIN(time->high, (value - time->first + room) / rows);
        if (time->low > time->high) {
            return value < time->last ? SD_CSV_TIME_BACKWARDS : SD_CSV_TIME_UNEVEN;
        }
    }
    time->last = value;
    time->count++;
    return SD_CSV_TIME_EVEN;
}

double sd_csv_time_interval(const sd_csv_time *time)
{
    return time->count < 2 ? 0 : (time->last - time->first) / (double)(time->count - 1);
}

bool sd_csv_time_allows(const sd_csv_time *time, double interval)
{
    /* The header may round as well: the last of seven digits. */
    return interval >= time->low * (1 - 1e-7) && interval <= time->high * (1 + 1e-7);
}
