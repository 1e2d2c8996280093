/* SPDX-License-Identifier: MIT */
/*
 * Doc comments: the text without its decoration. Cleaning drops carriage
 * returns, a column of stars, common indent, trailing blanks and empty lines at
 * both ends.
 */
#include "parse/lex.h"

struct line {
    const char *ptr;
    size_t len;
};

static struct line
next_line(const char **p, const char *end)
{
    struct line line = {*p, 0};
    while (*p < end && **p != '\n')
        ++*p;
    line.len = (size_t)(*p - line.ptr);
    *p += *p < end;
    while (line.len > 0 && strchr(" \t\r", line.ptr[line.len - 1]))
        line.len--;
    return line;
}

static size_t
indent_of(struct line line)
{
    size_t n = 0;
    while (n < line.len && (line.ptr[n] == ' ' || line.ptr[n] == '\t'))
        n++;
    return n;
}

/* True if all lines after the first line, except empty lines, begin with a
 * star. */
static bool
has_stars(const char *p, const char *end)
{
    next_line(&p, end);
    bool any = false;
    while (p < end) {
        struct line line = next_line(&p, end);
        size_t indent = indent_of(line);
        if (indent < line.len && line.ptr[indent] != '*')
            return false;
        any = any || line.len > 0;
    }
    return any;
}

static struct line
drop(struct line line, size_t n)
{
    n = n < line.len ? n : line.len;
    return (struct line){line.ptr + n, line.len - n};
}

static struct line
strip_star(struct line line, bool stars)
{
    size_t indent = indent_of(line);
    return stars && indent < line.len ? drop(line, indent + 1) : line;
}

/* The least indent of the lines after the first. */
static size_t
common_indent(const char *p, const char *end, bool stars)
{
    size_t least = SIZE_MAX;
    next_line(&p, end);
    while (p < end) {
        struct line line = strip_star(next_line(&p, end), stars);
        size_t indent = indent_of(line);
        if (indent < line.len && indent < least)
            least = indent;
    }
    return least;
}

const char *
wc_doc_text(struct wc *c, struct wc_span doc)
{
    if (doc.len == 0)
        return NULL;
    const char *p = doc.file->text + doc.at + 3; /* after slash and stars */
    const char *end = doc.file->text + doc.at + doc.len - 2;
    bool stars = has_stars(p, end);
    size_t indent = common_indent(p, end, stars);
    struct wc_text text = {NULL, 0, 0};
    struct line first = next_line(&p, end);
    first = drop(first, indent_of(first));
    wc_text_add(c, &text, first.ptr, first.len);
    while (p < end) {
        struct line line = strip_star(next_line(&p, end), stars);
        line = drop(line, indent);
        if (text.len > 0)
            wc_text_add(c, &text, "\n", 1);
        wc_text_add(c, &text, line.ptr, line.len);
    }
    while (text.len > 0 && text.ptr[text.len - 1] == '\n')
        text.ptr[--text.len] = '\0';
    return text.len > 0 ? text.ptr : NULL;
}
