/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file help_page.h
 * The page that the dialog's Help button opens.
 */
#ifndef SCOPEDUMP_HELP_PAGE_H
#define SCOPEDUMP_HELP_PAGE_H

/** The address of the installed page, to be freed with g_free(); NULL when it is not installed. */
char *help_page_uri(void);

#endif
