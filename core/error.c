/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scopedump/error.h"

G_DEFINE_QUARK(scopedump - error - quark, sd_error)
