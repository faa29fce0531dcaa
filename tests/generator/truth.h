/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file truth.h
 * What is in the record, as JSON: the frames, the line errors put in, and what a receiver with
 * perfect bits must report. The README of this folder describes the file.
 */
#ifndef GENERATOR_TRUTH_H
#define GENERATOR_TRUTH_H

#include "line.h"

typedef struct gen_truth gen_truth;

/** Starts the book; options and record must outlive it. @return to be freed with gen_truth_free()
 */
gen_truth *gen_truth_new(const gen_options *options, const gen_record *record);

/** Frees; NULL is ignored. */
void gen_truth_free(gen_truth *truth);

/** Takes the next code-group of the line: all of them, from the first one that was sent. */
void gen_truth_push(gen_truth *truth, const gen_line_group *group);

/** Takes the bits that the ideal receiver read from a segment, one in each octet. */
void gen_truth_set_ideal(gen_truth *truth, unsigned segment, const GByteArray *bits);

/** Writes the file. @return false with error set on failure */
bool gen_truth_write(const gen_truth *truth, const char *path, GError **error);

#endif
