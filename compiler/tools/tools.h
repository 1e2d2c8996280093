/* SPDX-License-Identifier: MIT */
/*
 * The module header of tools: what weftc does other than generate C.
 *
 *   fmt.h       the usual layout: fmt.c breaks lines, fmt_gap.c places comments
 *   tree.c      the tree as JSON, written by json.h
 *   lint.c      warnings of style
 *   breaking.h  what a new version breaks: breaking.c for definitions,
 *               breaking_field.c for fields and types
 */
#ifndef WC_TOOLS_H
#define WC_TOOLS_H

#include "report/report.h"

/** Write a parsed file in the usual layout. */
void wc_fmt(struct wc *c, struct wc_file *file, struct wc_text *out);

/** Write all files as JSON; call this function only if the files have no
 * errors. */
void wc_json(struct wc *c, struct wc_text *out);

/** Report bad style in a file that has been planned. */
void wc_lint(struct wc *c, struct wc_file *file);

/** Report what the new file breaks for users of the old file; both files have
 * no errors. Returns true if anything breaks. */
bool wc_breaking(struct wc *c, struct wc_file *old, struct wc_file *now);

#endif
