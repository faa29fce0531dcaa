/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pcs/synchronization.h"

#include "linecode/code_table.h"

/** Commas in even places, each with data behind it, that acquire synchronisation. */
#define COMMAS 3
/** Good code-groups in a row that make up for one bad one. */
#define GOOD_GROUPS 4
/** Bad code-groups not made up for that lose it. */
#define BAD_GROUPS 4

static bool is_comma(const sd_code_group *group)
{
    return (group->flags & SD_GROUP_SPECIAL) &&
           (group->octet == SD_K28_5 || group->octet == SD_K28_1 || group->octet == SD_K28_7);
}

static void keep(sd_synchronization *s, bool cgbad)
{
    if (cgbad) {
        s->good_cgs = 0;
        if (++s->bad == BAD_GROUPS)
            *s = (sd_synchronization){.rx_even = s->rx_even};
    } else if (s->bad > 0 && ++s->good_cgs == GOOD_GROUPS) {
        s->good_cgs = 0;
        s->bad--;
    }
}

bool sd_synchronization_push(sd_synchronization *s, const sd_code_group *group)
{
    const bool before = s->sync;
    const bool invalid = group->flags & SD_GROUP_DAMAGED;
    const bool comma = !invalid && is_comma(group);
    const bool cgbad = invalid || (comma && s->rx_even);
    const bool data = !invalid && !(group->flags & SD_GROUP_SPECIAL);
    s->rx_even = !s->rx_even;

    switch (s->state) {
    case SD_LOSS_OF_SYNC:
        s->commas = 0;
        if (comma) {
            s->commas = 1;
            s->state = SD_COMMA_DETECT;
            s->rx_even = true; /* the first comma tells which places are even */
        }
        break;
    case SD_COMMA_DETECT:
        s->sync = data && s->commas == COMMAS;
        s->state = !data ? SD_LOSS_OF_SYNC : s->sync ? SD_SYNC_ACQUIRED : SD_ACQUIRE_SYNC;
        break;
    case SD_ACQUIRE_SYNC:
        if (cgbad) {
            s->state = SD_LOSS_OF_SYNC;
        } else if (comma) {
            s->commas++;
            s->state = SD_COMMA_DETECT;
        }
        break;
    case SD_SYNC_ACQUIRED:
        keep(s, cgbad);
        break;
    }
    return s->sync != before;
}
