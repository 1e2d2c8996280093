/* SPDX-License-Identifier: MIT */
/* Lays out generated text: 80 columns, an indent of four. */
#include "emit/put.h"

#define COLUMNS 80

void
wc_put(struct wc_emit *e, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    wc_text_vprintf(e->c, e->out, fmt, args);
    va_end(args);
}

/* ---- calls and prototypes ---- */

static size_t
longest(const char *const *args)
{
    size_t most = 0;
    for (; *args; args++) {
        size_t len = strlen(*args);
        most = len > most ? len : most;
    }
    return most;
}

/* Write as many arguments on each line as fit. The first line begins at
 * `column`, the other lines at `align`. */
static void
put_args(struct wc_emit *e, size_t column, size_t align,
         const char *const *args, const char *tail)
{
    for (size_t i = 0; args[i]; i++) {
        bool last = args[i + 1] == NULL;
        size_t len = strlen(args[i]) + (last ? 1 + strlen(tail) : 1);
        bool fits = column + (i > 0) + len <= COLUMNS;
        if (i > 0 && !fits) {
            wc_put(e, "\n%*s", (int)align, "");
            column = align;
        } else if (i > 0) {
            wc_put(e, " ");
            column++;
        }
        wc_put(e, "%s%s", args[i], last ? ")" : ",");
        column += strlen(args[i]) + 1;
    }
    wc_put(e, "%s", tail);
}

static bool
can_align(size_t column, const char *const *args, const char *tail)
{
    return column + longest(args) + 1 + strlen(tail) <= COLUMNS;
}

void
wc_put_call(struct wc_emit *e, size_t indent, const char *head,
            const char *const *args, const char *tail)
{
    size_t column = indent + strlen(head) + 1;
    wc_put(e, "%*s%s(", (int)indent, "", head);
    if (can_align(column, args, tail)) {
        put_args(e, column, column, args, tail);
        return;
    }
    wc_put(e, "\n%*s", (int)indent + 4, "");
    put_args(e, indent + 4, indent + 4, args, tail);
}

/* Write a call; if the call is too long for a line, break the line at the last
 * comma. */
void
wc_put_wrapped(struct wc_emit *e, size_t indent, const char *call)
{
    const char *comma = strrchr(call, ',');
    bool fits = indent + strlen(call) + 1 <= COLUMNS;
    if (fits || comma == NULL)
        wc_put(e, "%*s%s;\n", (int)indent, "", call);
    else
        wc_put(e, "%*s%.*s,\n%*s%s;\n", (int)indent, "", (int)(comma - call),
               call, (int)(strcspn(call, "(") + indent + 1), "", comma + 2);
}

void
wc_put_statement(struct wc_emit *e, size_t indent, const char *left,
                 const char *right)
{
    bool fits = indent + strlen(left) + strlen(right) + 2 <= COLUMNS;
    wc_put(e, "%*s%s", (int)indent, "", left);
    if (fits) {
        wc_put(e, " %s;\n", right);
    } else {
        wc_put(e, "\n");
        wc_put_wrapped(e, indent + 4, right);
    }
}

const char *
wc_declare(struct wc *c, const char *type, const char *name)
{
    bool pointer = type[strlen(type) - 1] == '*';
    return wc_format(c, "%s%s%s", type, pointer ? "" : " ", name);
}

void
wc_put_declaration(struct wc_emit *e, const char *type, const char *name,
                   const char *const *args)
{
    const char *head = wc_declare(e->c, type, name);
    if (can_align(strlen(head) + 1, args, ";")) {
        wc_put_call(e, 0, head, args, ";\n");
        return;
    }
    wc_put(e, "%s\n", type);
    wc_put_call(e, 0, name, args, ";\n");
}

void
wc_put_definition(struct wc_emit *e, const char *type, const char *name,
                  const char *const *args)
{
    wc_put(e, "%s\n", type);
    wc_put_call(e, 0, name, args, "\n{\n");
}

/* ---- doc comments ---- */

/* Length of the UTF-8 character at p, or 0 if the bytes there are not UTF-8.
 * Also 0 for characters that change the direction of text, because compilers
 * warn of such characters. */
static size_t
character(const char *p)
{
    const uint8_t *b = (const uint8_t *)p;
    size_t n = b[0] < 0x80 ? 1 : b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : 2;
    if (b[0] < 0x80)
        return b[0] >= ' ' && b[0] != 127;
    if (b[0] < 0xc2 || b[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((b[i] & 0xc0) != 0x80)
            return 0;
    }
    bool turns =
        b[0] == 0xe2 && ((b[1] == 0x80 && b[2] >= 0xaa && b[2] <= 0xae) ||
                         (b[1] == 0x81 && b[2] >= 0xa6 && b[2] <= 0xa9));
    return turns ? 0 : n;
}

/* One line of a comment, changed so that the line contains no comment delimiter
 * and no trigraph. */
static const char *
comment_text(struct wc *c, const char *line, size_t len)
{
    struct wc_text t = {NULL, 0, 0};
    const char *end = line + len;
    wc_text_add(c, &t, "", 0);
    while (line < end) {
        size_t n = character(line);
        bool odd = (line[0] == '/' && line[1] == '*') ||
                   (line[0] == '*' && line[1] == '/') ||
                   (line[0] == '?' && line[1] == '?');
        if (n == 0)
            wc_text_add(c, &t, *line == '\t' ? " " : "?", 1);
        else
            wc_text_add(c, &t, line, n);
        if (odd)
            wc_text_add(c, &t, " ", 1);
        line += n ? n : 1;
    }
    while (t.len > 0 && t.ptr[t.len - 1] == ' ')
        t.ptr[--t.len] = '\0';
    return t.ptr;
}

void
wc_put_doc(struct wc_emit *e, size_t indent, const char *doc)
{
    if (doc == NULL)
        return;
    size_t len = strcspn(doc, "\n");
    const char *text = comment_text(e->c, doc, len);
    if (doc[len] == '\0' && indent + strlen(text) + 7 <= COLUMNS) {
        wc_put(e, "%*s/** %s */\n", (int)indent, "", text);
        return;
    }
    wc_put(e, "%*s/**\n", (int)indent, "");
    for (;;) {
        text = comment_text(e->c, doc, len);
        wc_put(e, "%*s *%s%s\n", (int)indent, "", *text ? " " : "", text);
        if (doc[len] == '\0')
            break;
        doc += len + 1;
        len = strcspn(doc, "\n");
    }
    wc_put(e, "%*s */\n", (int)indent, "");
}

/* ---- shared by many files ---- */

bool
wc_is_call(const struct wc_def *def)
{
    return def->record.kind == WC_ARGS || def->record.kind == WC_RESULT;
}
