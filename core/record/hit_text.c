/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/hit_text.h"

#include <stdio.h>

#include "linecode/code_group_name.h"

enum {
    PLACE_SIZE = 64,
    GIGABIT = 1000, /* Mb/s */
};

static void place_text(const sd_hit *hit, uint32_t speed, char text[PLACE_SIZE])
{
    switch (hit->where) {
    case SD_HIT_FRAME:
    case SD_HIT_PREAMBLE: {
        const char *preamble = hit->where == SD_HIT_PREAMBLE ? "preamble " : "";
        if (speed > 0 && speed < GIGABIT)
            snprintf(text, PLACE_SIZE, "%soctet %d, copy %u of %u,", preamble, hit->octet,
                     hit->copy + 1, GIGABIT / speed);
        else
            snprintf(text, PLACE_SIZE, "%soctet %d", preamble, hit->octet);
        break;
    }
    case SD_HIT_GAP:
        snprintf(text, PLACE_SIZE, "code-group %d before /S/", hit->octet);
        break;
    case SD_HIT_END:
        if (hit->octet == 0)
            snprintf(text, PLACE_SIZE, "/T/");
        else
            snprintf(text, PLACE_SIZE, "code-group %d after /T/", hit->octet);
        break;
    default:
        snprintf(text, PLACE_SIZE, "unknown place %u, %d,", hit->where, hit->octet);
    }
}

static const char *kind_text(unsigned kind)
{
    switch (kind) {
    case SD_HIT_KIND_INVALID:
        return "not a code-group";
    case SD_HIT_KIND_DISPARITY:
        return "a disparity error";
    case SD_HIT_KIND_SLIP:
        return "with a bit slip in it";
    default:
        return "an error of an unknown kind";
    }
}

void sd_hit_text(const sd_hit *hit, uint32_t speed, char text[SD_HIT_TEXT_SIZE])
{
    char place[PLACE_SIZE], code_group[SD_CODE_GROUP_TEXT_SIZE];
    place_text(hit, speed, place);
    sd_code_group_text(hit->bits, code_group);
    snprintf(text, SD_HIT_TEXT_SIZE, "%s received as %s, %s", place, code_group,
             kind_text(hit->kind));
}
