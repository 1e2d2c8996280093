/* SPDX-License-Identifier: MIT */
/*
 * Keeps diagnostics until the end of a run, and finds the name that the user
 * probably meant. show.c prints the diagnostics.
 */
#include "report/report.h"

const struct wc_diag_row wc_diag_rows[WC_N_DIAGS] = {
#define WC_DIAG(name, code, level, group, text) \
    {code, group, text, WC_LEVEL_##level},
#include "report/diag.def"
#undef WC_DIAG
};

bool
wc_is_warning(const char *name)
{
    for (size_t i = 0; i < WC_N_DIAGS; i++) {
        if (*name && strcmp(wc_diag_rows[i].group, name) == 0)
            return true;
    }
    return false;
}

static bool
is_quiet(const struct wc *c, const struct wc_diag_row *row)
{
    bool is_break = row->level >= WC_LEVEL_WIRE;
    if (c->options->no_warnings && !is_break)
        return true;
    if (row->level == WC_LEVEL_LINT && c->options->mode != WC_LINT)
        return true;
    for (size_t i = 0; i < c->options->n_quiet; i++) {
        if (strcmp(c->options->quiet[i], row->group) == 0)
            return true;
    }
    return false;
}

static const char *
fill_in(struct wc *c, const char *text, const char *a, const char *b)
{
    struct wc_text t = {NULL, 0, 0};
    for (const char *p = text; *p; p++) {
        if (*p != '$') {
            wc_text_add(c, &t, p, 1);
            continue;
        }
        const char *arg = *++p == '1' ? a : b;
        wc_text_add(c, &t, arg, strlen(arg));
    }
    return t.ptr;
}

static bool
counts_as_error(const struct wc_options *options, enum wc_level level)
{
    if (level == WC_LEVEL_ERROR)
        return true;
    if (level >= WC_LEVEL_WIRE)
        return false;
    return options->errors_only ||
           (level == WC_LEVEL_PEDANTIC && options->strict);
}

/* Keep a report. A report above the limit is only counted; last_report is then
 * NULL, so that wc_note drops the notes of the report. */
void
wc_report(struct wc *c, enum wc_diag diag, struct wc_span span, const char *a,
          const char *b)
{
    const struct wc_diag_row *row = &wc_diag_rows[diag];
    bool is_error = counts_as_error(c->options, row->level);
    bool is_pedantic = row->level == WC_LEVEL_PEDANTIC && c->options->strict;
    c->last_report = NULL;
    if (row->level != WC_LEVEL_ERROR && !is_pedantic && is_quiet(c, row))
        return;
    c->n_errors += is_error;
    c->n_breaks += row->level >= WC_LEVEL_WIRE;
    if (c->n_reports[is_error]++ >= WC_MAX_REPORTS) {
        c->n_dropped++;
        return;
    }
    struct wc_report *r = WC_NEW(c, struct wc_report);
    r->diag = diag;
    r->is_error = is_error;
    r->span = span;
    r->text = fill_in(c, row->text, a, b);
    r->notes_end = &r->notes;
    r->order = c->n_reports[0] + c->n_reports[1];
    r->next = c->reports;
    c->reports = c->last_report = r;
}

static void add_note(struct wc *c, bool is_help, struct wc_span span,
                     const char *fmt, va_list args) WEFT_PRINTF(4, 0);

static void
add_note(struct wc *c, bool is_help, struct wc_span span, const char *fmt,
         va_list args)
{
    if (c->last_report == NULL)
        return;
    struct wc_text text = {NULL, 0, 0};
    wc_text_vprintf(c, &text, fmt, args);
    struct wc_note *note = WC_NEW(c, struct wc_note);
    note->is_help = is_help;
    note->span = span;
    note->text = text.ptr;
    *c->last_report->notes_end = note;
    c->last_report->notes_end = &note->next;
}

void
wc_note(struct wc *c, struct wc_span span, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add_note(c, false, span, fmt, args);
    va_end(args);
}

void
wc_help(struct wc *c, const char *fmt, ...)
{
    struct wc_span nowhere = {NULL, 0, 0};
    va_list args;
    va_start(args, fmt);
    add_note(c, true, nowhere, fmt, args);
    va_end(args);
}

/* ---- did you mean ---- */

#define LONGEST_GUESS 64
#define MOST_GUESSES 20000

static size_t
least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The distance of two names: the number of letters to add, drop, change, or
 * swap with a neighbour; case is ignored. `rows` has the last three rows of the
 * matrix. Source: optimal string alignment, an upper bound of Damerau's
 * distance. */
static size_t
distance(const char *a, size_t n, const char *b, size_t m)
{
    size_t rows[3][LONGEST_GUESS + 1];
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *row = rows[i % 3], *above = rows[(i - 1) % 3];
        const size_t *before = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            char x = lower(a[i - 1]), y = lower(b[j - 1]);
            row[j] =
                least(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == lower(b[j - 2]) &&
                lower(a[i - 2]) == y && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
    }
    return rows[n % 3][m];
}

void
wc_guess_offer(struct wc_guess *guess, const char *wanted, const char *name)
{
    size_t n = strlen(wanted), m = strlen(name);
    if (n > LONGEST_GUESS || m > LONGEST_GUESS || guess->n++ > MOST_GUESSES)
        return;
    size_t d = distance(wanted, n, name, m);
    if (d > n / 3 || strcmp(wanted, name) == 0)
        return;
    bool better = guess->best == NULL || d < guess->distance ||
                  (d == guess->distance && strcmp(name, guess->best) < 0);
    if (better) {
        guess->best = name;
        guess->distance = d;
    }
}

void
wc_guess_map(struct wc_guess *guess, const char *wanted,
             const struct wc_map *map)
{
    for (uint32_t i = 0; i < map->cap; i++) {
        if (map->slots[i].key != NULL)
            wc_guess_offer(guess, wanted, map->slots[i].key);
    }
}

void
wc_guess_help(struct wc *c, const struct wc_guess *guess)
{
    if (guess->best != NULL)
        wc_help(c, "did you mean `%s`?", guess->best);
}
