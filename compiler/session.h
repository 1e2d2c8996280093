/* SPDX-License-Identifier: MIT */
/* Between the files of the driver: session.c (a run, from its files to what it
 * is for) and load.c. */
#ifndef WC_SESSION_H
#define WC_SESSION_H

#include "core/core.h"

/** Load a file of the command line and all that it includes; returns NULL
 * after a report. */
struct wc_file *wc_load(struct wc *c, const char *name);

#endif
