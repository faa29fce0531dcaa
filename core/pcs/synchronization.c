/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pcs/synchronization.h"

#include "linecode/code_table.h"

/** Commas in even places to acquire synchronisation. */
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

static void lose(sd_synchronization *s)
{
    s->sync = false;
    s->commas = 0;
    s->bad = 0;
    s->good = 0;
}

/** LOSS_OF_SYNC, COMMA_DETECT_n, ACQUIRE_SYNC_n */
static void acquire(sd_synchronization *s, bool damaged, bool comma)
{
    if (damaged) {
        s->commas = 0;
        return;
    }
    if (comma && s->odd)
        s->commas = 0;
    if (!comma) {
        /* COMMA_DETECT wants data behind the comma, in the odd place */
        return;
    }
    if (s->commas == 0)
        s->odd = false; /* the first comma tells which places are even */
    if (++s->commas == COMMAS)
        s->sync = true;
}

/** SYNC_ACQUIRED_n */
static void keep(sd_synchronization *s, bool bad)
{
    if (bad) {
        s->good = 0;
        if (++s->bad == BAD_GROUPS)
            lose(s);
    } else if (s->bad > 0 && ++s->good == GOOD_GROUPS) {
        s->good = 0;
        s->bad--;
    }
}

bool sd_synchronization_push(sd_synchronization *s, const sd_code_group *group)
{
    const bool before = s->sync;
    const bool damaged = group->flags & SD_GROUP_DAMAGED;
    const bool comma = !damaged && is_comma(group);
    s->odd = !s->odd;
    if (s->sync)
        keep(s, damaged || (comma && s->odd)); /* cgbad */
    else
        acquire(s, damaged, comma);
    return s->sync != before;
}
