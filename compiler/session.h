/* SPDX-License-Identifier: MIT */
/* Shared by the files of the driver: session.c (one run, from the command
 * line's files to the result) and load.c. */
#ifndef WC_SESSION_H
#define WC_SESSION_H

#include "core/core.h"

/** Load a file of the command line and all that it includes; returns NULL
 * after a report. */
struct wc_file *wc_load(struct wc *c, const char *name);

#endif
