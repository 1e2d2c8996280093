/* SPDX-License-Identifier: MIT */
/*
 * How a report looks:
 *
 *   a.thrift:3:5: error: unknown type `Preson` [E021]
 *       1: Preson who
 *          ^~~~~~
 *   help: did you mean `Person`?
 *
 * Columns count bytes from 1. Of a long line, only the part around the span is
 * shown.
 */
#include "report/report.h"

#include <stdlib.h>

#define SHOWN_COLUMNS 100 /* most columns shown of a long source line */

struct style {
    const char *place, *error, *warning, *note, *caret, *end;
};

static const struct style plain = {"", "", "", "", "", ""};
static const struct style coloured = {"\033[1m",    "\033[1;31m", "\033[1;35m",
                                      "\033[1;36m", "\033[1;32m", "\033[0m"};

/* ---- where lines begin ---- */

static void
find_lines(struct wc *c, struct wc_file *file)
{
    uint32_t n = 1;
    for (uint32_t i = 0; i < file->len; i++)
        n += file->text[i] == '\n';
    file->lines = wc_alloc(c, n * sizeof *file->lines);
    file->lines[file->n_lines++] = 0;
    for (uint32_t i = 0; i < file->len; i++) {
        if (file->text[i] == '\n')
            file->lines[file->n_lines++] = i + 1;
    }
}

/* Number of the line that contains the offset, from 0. */
static uint32_t
line_of(const struct wc_file *file, uint32_t at)
{
    uint32_t low = 0, high = file->n_lines;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (file->lines[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct wc_place
wc_place_of(struct wc *c, struct wc_span span)
{
    struct wc_file *file = span.file;
    if (file->lines == NULL)
        find_lines(c, file);
    uint32_t line = line_of(file, span.at);
    return (struct wc_place){line + 1, span.at - file->lines[line] + 1};
}

/* ---- the source line and its caret ---- */

struct line {
    const char *text;
    uint32_t begin, end; /* the part that is shown */
    uint32_t mark, mark_end;
};

static bool
continues(char byte)
{
    return ((uint8_t)byte & 0xc0) == 0x80; /* inside a UTF-8 character */
}

static struct line
cut_line(const struct wc_file *file, struct wc_span span)
{
    uint32_t number = line_of(file, span.at);
    struct line l = {file->text, file->lines[number], file->len, span.at,
                     span.at + (span.len ? span.len : 1)};
    if (number + 1 < file->n_lines)
        l.end = file->lines[number + 1] - 1;
    if (l.end > l.begin && file->text[l.end - 1] == '\r')
        l.end--;
    if (l.mark > l.begin + SHOWN_COLUMNS / 2 &&
        l.end - l.begin > SHOWN_COLUMNS) {
        l.begin = l.mark - SHOWN_COLUMNS / 2;
        while (l.begin < l.mark && continues(l.text[l.begin]))
            l.begin++;
    }
    if (l.end - l.begin > SHOWN_COLUMNS) {
        l.end = l.begin + SHOWN_COLUMNS;
        while (l.end > l.mark && continues(l.text[l.end]))
            l.end--;
    }
    return l;
}

/* Print a byte of source, or the character below the byte. Returns the number
 * of columns that were printed. */
static uint32_t
show_byte(struct wc *c, struct wc_text *out, char byte, uint32_t column,
          char below)
{
    if (continues(byte)) {
        if (!below)
            wc_text_add(c, out, &byte, 1);
        return 0;
    }
    uint32_t width = byte == '\t' ? 4 - column % 4 : 1;
    bool control = (uint8_t)byte < ' ' || byte == 127;
    char shown = byte == '\t' ? ' ' : control ? '?' : byte;
    for (uint32_t i = 0; i < width; i++)
        wc_text_add(c, out, below ? &below : &shown, 1);
    return width;
}

static void
show_line(struct wc *c, struct wc_text *out, const struct style *style,
          const struct wc_file *file, struct wc_span span)
{
    struct line l = cut_line(file, span);
    uint32_t column = 0;
    for (uint32_t i = l.begin; i < l.end; i++)
        column += show_byte(c, out, l.text[i], column, 0);
    wc_text_printf(c, out, "\n");
    column = 0;
    for (uint32_t i = l.begin; i < l.mark && i < l.end; i++)
        column += show_byte(c, out, l.text[i], column, ' ');
    wc_text_printf(c, out, "%s^", style->caret);
    for (uint32_t i = l.mark + 1; i < l.mark_end && i < l.end; i++)
        column += show_byte(c, out, l.text[i], column, '~');
    wc_text_printf(c, out, "%s\n", style->end);
}

/* ---- reports ---- */

static void
show_place(struct wc *c, struct wc_text *out, const struct style *style,
           struct wc_span span)
{
    if (span.file == NULL) {
        wc_text_printf(c, out, "%sweftc: %s", style->place, style->end);
        return;
    }
    struct wc_place place = wc_place_of(c, span);
    wc_text_printf(c, out, "%s%s:%u:%u: %s", style->place, span.file->path,
                   place.line, place.column, style->end);
}

static void
show_notes(struct wc *c, struct wc_text *out, const struct style *style,
           const struct wc_report *r)
{
    for (const struct wc_note *note = r->notes; note; note = note->next) {
        if (note->span.file != NULL)
            show_place(c, out, style, note->span);
        wc_text_printf(c, out, "%s%s: %s%s\n", style->note,
                       note->is_help ? "help" : "note", style->end, note->text);
        if (note->span.file != NULL)
            show_line(c, out, style, note->span.file, note->span);
    }
}

static const char *
label_of(const struct wc_report *r)
{
    enum wc_level level = wc_diag_rows[r->diag].level;
    if (level >= WC_LEVEL_WIRE)
        return level == WC_LEVEL_WIRE ? "breaks the wire" : "breaks the source";
    return r->is_error ? "error" : "warning";
}

static void
show_report(struct wc *c, const struct style *style, const struct wc_report *r)
{
    struct wc_text out = {NULL, 0, 0};
    show_place(c, &out, style, r->span);
    wc_text_printf(c, &out, "%s%s: %s%s%s [%s]%s\n",
                   r->is_error ? style->error : style->warning, label_of(r),
                   style->end, style->place, r->text,
                   wc_diag_rows[r->diag].code, style->end);
    if (r->span.file != NULL)
        show_line(c, &out, style, r->span.file, r->span);
    show_notes(c, &out, style, r);
    c->host->report(c->host->user, out.ptr, out.len);
}

static int
by_place(const void *a, const void *b)
{
    const struct wc_report *x = *(const struct wc_report *const *)a;
    const struct wc_report *y = *(const struct wc_report *const *)b;
    uint32_t file_x = x->span.file ? x->span.file->number + 1 : 0;
    uint32_t file_y = y->span.file ? y->span.file->number + 1 : 0;
    if (file_x != file_y)
        return file_x < file_y ? -1 : 1;
    if (x->span.at != y->span.at)
        return x->span.at < y->span.at ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

void
wc_show_reports(struct wc *c)
{
    const struct style *style = c->options->colour ? &coloured : &plain;
    struct wc_report *sorted[2 * WC_MAX_REPORTS];
    uint32_t n = 0;
    for (struct wc_report *r = c->reports; r; r = r->next)
        sorted[n++] = r;
    qsort(sorted, n, sizeof *sorted, by_place);
    for (uint32_t i = 0; i < n; i++)
        show_report(c, style, sorted[i]);
    if (c->n_dropped > 0) {
        const char *more =
            wc_format(c, "weftc: %u more errors and warnings are not shown\n",
                      c->n_dropped);
        c->host->report(c->host->user, more, strlen(more));
    }
}
