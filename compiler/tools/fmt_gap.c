/* SPDX-License-Identifier: MIT */
/*
 * Writes the gap between two tokens: comments and empty lines. A comment stays
 * on the line of the previous token, on the line of the next token, or on its
 * own line. Several empty lines become one. A separator in the gap is skipped:
 * fmt.c writes separators.
 */
#include "tools/fmt.h"

struct comment {
    uint32_t at, len;
    bool is_line; /* up to the end of its line */
};

/* Find the next comment from *p to `to`. *newlines receives the number of
 * newlines before the comment, or before `to` if there is no comment. */
static bool
next_comment(const struct wc_fmt *f, uint32_t *p, uint32_t to,
             struct comment *k, uint32_t *newlines)
{
    const char *text = f->file->text;
    *newlines = 0;
    for (; *p < to && text[*p] != '#' && text[*p] != '/'; ++*p)
        *newlines += text[*p] == '\n';
    if (*p >= to)
        return false;
    k->at = *p;
    k->is_line = text[*p] == '#' || text[*p + 1] == '/';
    *p += k->is_line ? 0 : 2;
    while (*p < to && (k->is_line ? text[*p] != '\n'
                                  : text[*p] != '*' || text[*p + 1] != '/'))
        ++*p;
    *p += k->is_line ? 0 : 2;
    k->len = *p - k->at;
    return true;
}

static bool
has_newline(const struct wc_fmt *f, uint32_t from, uint32_t to)
{
    return memchr(f->file->text + from, '\n', to - from) != NULL;
}

bool
wc_fmt_forces_lines(const struct wc_fmt *f, uint32_t from, uint32_t to,
                    bool item)
{
    struct comment k;
    uint32_t newlines;
    bool any = false;
    while (next_comment(f, &from, to, &k, &newlines)) {
        any = true;
        if (newlines > 0 || k.is_line || has_newline(f, k.at, k.at + k.len))
            return true;
    }
    return any && item && newlines > 0;
}

bool
wc_fmt_has_block(const struct wc_fmt *f, uint32_t from, uint32_t to)
{
    struct comment k;
    uint32_t newlines;
    while (next_comment(f, &from, to, &k, &newlines)) {
        if (!k.is_line)
            return true;
    }
    return false;
}

uint32_t
wc_fmt_notes_width(const struct wc_fmt *f, uint32_t from, uint32_t to)
{
    struct comment k;
    uint32_t newlines, width = 0;
    while (next_comment(f, &from, to, &k, &newlines))
        width += k.len + 1;
    return width;
}

uint32_t
wc_fmt_column(const struct wc_fmt *f)
{
    size_t begin = f->out->len;
    while (begin > 0 && f->out->ptr[begin - 1] != '\n')
        begin--;
    return (uint32_t)(f->out->len - begin);
}

/* ---- comments ---- */

static void
put(struct wc_fmt *f, const char *text, size_t len)
{
    wc_text_add(f->c, f->out, text, len);
}

static void
put_blanks(struct wc_fmt *f, uint32_t n)
{
    while (n-- > 0)
        put(f, " ", 1);
}

static bool
is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

struct line {
    const char *ptr;
    size_t len, indent;
};

static struct line
next_line(const char **p, const char *end)
{
    struct line l = {*p, 0, 0};
    const char *newline = memchr(*p, '\n', (size_t)(end - *p));
    l.len = (size_t)((newline ? newline : end) - *p);
    *p = newline ? newline + 1 : end;
    while (l.len > 0 && is_blank(l.ptr[l.len - 1]))
        l.len--;
    while (l.indent < l.len && is_blank(l.ptr[l.indent]))
        l.indent++;
    return l;
}

/* The least indent of the lines after the first; *stars receives whether all
 * these lines begin with a star. A last line that only closes the comment does
 * not count. */
static size_t
common_indent(const char *p, const char *end, bool *stars)
{
    size_t least = SIZE_MAX;
    next_line(&p, end);
    *stars = true;
    while (p < end) {
        struct line l = next_line(&p, end);
        bool closes = p == end && l.len - l.indent == 2;
        if (l.len == l.indent || closes)
            continue;
        *stars = *stars && l.ptr[l.indent] == '*';
        least = l.indent < least ? l.indent : least;
    }
    return least;
}

/* Write a block comment. The lines after the first line move with the first
 * line: stars go to one column, other text to the column where the text of the
 * first line begins. The text of a doc comment, as weftc reads it, stays the
 * same. */
static void
put_comment(struct wc_fmt *f, const struct comment *k)
{
    const char *p = f->file->text + k->at, *end = p + k->len;
    uint32_t column = wc_fmt_column(f);
    bool stars;
    size_t least = common_indent(p, end, &stars);
    bool doc = !k->is_line && p[2] == '*';
    struct line l = next_line(&p, end);
    put(f, l.ptr, l.len);
    while (p < end) {
        l = next_line(&p, end);
        bool closes = p == end && l.len - l.indent == 2;
        size_t drop = stars || closes ? l.indent : least;
        put(f, "\n", 1);
        if (l.len == l.indent)
            continue;
        put_blanks(f, column + (stars || closes ? 1 : doc ? 4 : 3));
        put(f, l.ptr + drop, l.len - drop);
    }
}

/* ---- gaps ---- */

struct walk {
    struct wc_fmt *f;
    const struct wc_fmt_gap *gap;
    bool begun;   /* a line of this gap has begun */
    bool must;    /* the next comment or token needs a new line */
    bool any;     /* the gap has a comment */
    bool on_line; /* the last comment is not on the line of the token before */
};

static void
new_line(struct walk *w, uint32_t newlines, bool is_token)
{
    const struct wc_fmt_gap *gap = w->gap;
    bool blank = newlines > 1 || (gap->want_blank && !w->begun);
    if ((gap->after_open && !w->begun) || (gap->before_close && is_token))
        blank = false;
    if (w->f->out->len > 0) {
        put(w->f, "\n\n", blank ? 2 : 1);
        put_blanks(w->f, is_token ? gap->indent : gap->notes_indent);
    }
    w->begun = true;
}

/* True if the token at `to` is on the line of the comment that ends at p. */
static bool
is_before_token(const struct wc_fmt *f, uint32_t p, uint32_t to)
{
    return to < f->file->len && !has_newline(f, p, to);
}

static void
put_note(struct walk *w, const struct comment *k, uint32_t newlines,
         bool before_token)
{
    struct wc_fmt *f = w->f;
    bool own = newlines > 0 || f->out->len == 0 || w->must;
    bool leads = w->gap->how == WC_FMT_LINE && !w->gap->before_close &&
                 before_token && !k->is_line;
    if (own || (leads && !w->on_line)) {
        new_line(w, newlines, false);
        w->on_line = true;
    } else {
        put(f, " ", 1);
    }
    put_comment(f, k);
    w->any = true;
    w->must = k->is_line;
}

void
wc_fmt_gap(struct wc_fmt *f, const struct wc_fmt_gap *gap, uint32_t to)
{
    struct walk w = {.f = f, .gap = gap};
    struct comment k;
    uint32_t newlines, p = f->end;
    while (next_comment(f, &p, to, &k, &newlines))
        put_note(&w, &k, newlines, is_before_token(f, p, to));
    if (to == f->file->len)
        return;
    bool leads = w.on_line && newlines == 0 && !w.must && !gap->apart;
    bool comma = f->file->text[to] == ',' || f->file->text[to] == ';';
    bool line = gap->how == WC_FMT_LINE ? !leads
                                        : w.must || (w.on_line && newlines > 0);
    if (line)
        new_line(&w, gap->how == WC_FMT_LINE ? newlines : 0, true);
    else if ((w.any && !comma) || gap->how == WC_FMT_BLANK)
        put(f, " ", 1);
}
