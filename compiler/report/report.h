/* SPDX-License-Identifier: MIT */
/*
 * The module header of report. The compiler keeps diagnostics until the end of
 * the run, and then sorts and prints the diagnostics.
 *
 *   wc_report(c, WC_UNKNOWN_TYPE, span, name, NULL);
 *   wc_note(c, other, "it is declared here");
 *   wc_help(c, "did you mean `%s`?", best);
 *
 *   diag.c      keeps reports, and finds the name that the user probably meant
 *   show.c      prints reports
 *   explain.c   what each diagnostic means, with examples
 */
#ifndef WC_REPORT_H
#define WC_REPORT_H

#include "core/core.h"

enum wc_diag {
#define WC_DIAG(name, code, level, group, text) WC_##name,
#include "report/diag.def"
#undef WC_DIAG
    WC_N_DIAGS,
};

/** Report the text of a row of diag.def; if span.file is NULL, the report names
 * no file and line. */
void wc_report(struct wc *c, enum wc_diag diag, struct wc_span span,
               const char *a, const char *b);

/** wc_note adds a note about another span to the last report. wc_help adds help
 * that says what to do. */
void wc_note(struct wc *c, struct wc_span span, const char *fmt, ...)
    WEFT_PRINTF(3, 4);
void wc_help(struct wc *c, const char *fmt, ...) WEFT_PRINTF(2, 3);

/** Hand all reports to the host. */
void wc_show_reports(struct wc *c);

/* ---- did you mean ---- */

/** The best of the names that were offered. All zeros: no name was offered. */
struct wc_guess {
    const char *best;
    size_t distance;
    uint32_t n; /* names compared so far; bounds the time for hostile input */
};

void wc_guess_offer(struct wc_guess *guess, const char *wanted,
                    const char *name);

/** Offer every key of a map. */
void wc_guess_map(struct wc_guess *guess, const char *wanted,
                  const struct wc_map *map);

/** Add the best name, if there is one, to the last report as help. */
void wc_guess_help(struct wc *c, const struct wc_guess *guess);

/** The line and column at which a span begins, both from 1. */
struct wc_place {
    uint32_t line, column;
};
struct wc_place wc_place_of(struct wc *c, struct wc_span span);

/* ---- between diag.c and show.c ---- */

struct wc_note {
    struct wc_note *next;
    bool is_help;
    struct wc_span span;
    const char *text;
};

struct wc_report {
    struct wc_report *next;
    enum wc_diag diag;
    bool is_error;
    struct wc_span span;
    const char *text;
    struct wc_note *notes, **notes_end;
    uint32_t order; /* the number of the report, in the order of wc_report */
};

struct wc_diag_row {
    const char *code, *group, *text;
    enum wc_level {
        WC_LEVEL_ERROR,
        WC_LEVEL_WARNING,
        WC_LEVEL_PEDANTIC,
        WC_LEVEL_LINT,
        WC_LEVEL_WIRE,
        WC_LEVEL_SOURCE,
    } level;
};

extern const struct wc_diag_row wc_diag_rows[WC_N_DIAGS];

#endif
