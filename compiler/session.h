/* SPDX-License-Identifier: MIT */
/* The parts of a run that are no step on the way from text to C. */
#ifndef WC_SESSION_H
#define WC_SESSION_H

#include "diag.h"

/** Load a file of the command line and all that it includes; returns NULL
 * after a report. */
struct wc_file *wc_load(struct wc *c, const char *name);

/** Name what each file becomes; reports what cannot be a name. */
void wc_name_outputs(struct wc *c);

/** The path of what a file becomes: "out/demo" and ".h". */
const char *wc_output_path(struct wc *c, const struct wc_file *file,
                           const char *suffix);

/** Make's rule: the files that were generated depend on all that were read. */
void wc_put_deps(struct wc *c, struct wc_text *out);

/** A parsed file in the usual layout. */
void wc_fmt(struct wc *c, struct wc_file *file, struct wc_text *out);

/** All files as JSON; they have no errors. */
void wc_json(struct wc *c, struct wc_text *out);

/** Report what is bad style in a file that has been planned. */
void wc_lint(struct wc *c, struct wc_file *file);

/** Report what the new file, which has no errors, breaks of the old one.
 * Returns whether there was something. */
bool wc_breaking(struct wc *c, struct wc_file *old, struct wc_file *now);

/** What all names of a file begin with in C. */
const char *wc_c_prefix(struct wc *c, const struct wc_file *file);

/** Where a span begins, from 1. */
struct wc_place {
    uint32_t line, column;
};
struct wc_place wc_place_of(struct wc *c, struct wc_span span);

#endif
