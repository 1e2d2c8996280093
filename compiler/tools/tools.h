/* SPDX-License-Identifier: MIT */
/*
 * The module header of tools: what else can be made of a file than C. Its
 * usual layout (fmt.c), JSON (tree.c), complaints about style (lint.c), what a
 * new version breaks of an old one (breaking.c).
 */
#ifndef WC_TOOLS_H
#define WC_TOOLS_H

#include "report/report.h"

/** A parsed file in the usual layout. */
void wc_fmt(struct wc *c, struct wc_file *file, struct wc_text *out);

/** All files as JSON; they have no errors. */
void wc_json(struct wc *c, struct wc_text *out);

/** Report what is bad style in a file that has been planned. */
void wc_lint(struct wc *c, struct wc_file *file);

/** Report what the new file, which has no errors, breaks of the old one.
 * Returns whether there was something. */
bool wc_breaking(struct wc *c, struct wc_file *old, struct wc_file *now);

#endif
