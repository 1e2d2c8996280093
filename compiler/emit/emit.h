/* SPDX-License-Identifier: MIT */
/*
 * The module header of emit: from a checked tree to C.
 *
 *   plan.h         what C needs and the IDL does not state: names (names.c),
 *                  the order of definitions (layout.c), the types of
 *                  containers (containers.c)
 *   header.c       the header, with struct.c and prototype.c
 *   source.c       the source: read.c and write.c for records, items.c for
 *                  their values, service.c, idl.c for the embedded text
 *   desc.c         the types as tables
 *   const.c        constants and defaults, with value.c
 *   put.h          what writes C, and lays it out (emit.c)
 *   outputs.c      the files' names, and the rule for Make
 */
#ifndef WC_EMIT_H
#define WC_EMIT_H

#include "report/report.h"

/** Plan the C of a file that has no errors; call this function for included
 * files first. */
void wc_plan_file(struct wc *c, struct wc_file *file);

/** Write the header or the source of a file. */
void wc_emit_header(struct wc *c, struct wc_file *file, struct wc_text *out);
void wc_emit_source(struct wc *c, struct wc_file *file, struct wc_text *out);

/** The prefix of all C names of a file. */
const char *wc_c_prefix(struct wc *c, const struct wc_file *file);

/* ---- outputs.c ---- */

/** Name the files to generate; reports names that are not allowed. */
void wc_name_outputs(struct wc *c);

/** The path of a generated file: out/demo.h if the suffix is ".h". */
const char *wc_output_path(struct wc *c, const struct wc_file *file,
                           const char *suffix);

/** Write a rule for make: the generated files depend on all loaded files. */
void wc_put_deps(struct wc *c, struct wc_text *out);

#endif
