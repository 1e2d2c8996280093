/* SPDX-License-Identifier: MIT */
/*
 * Formats a Thrift file from its tokens, so that nothing of the source is lost:
 * words, numbers and strings stay as they are written.
 *
 * A list in braces or brackets stays on one line if the source has the list on
 * one line and the list fits. A list in parentheses is on one line if the list
 * fits. Separators are normalised: a comma between items, but no separator
 * after a field or function that has its own line. Formatting twice gives the
 * same as formatting once.
 */
#include "tools/fmt.h"
#include "tools/tools.h"

static bool
is_open(int kind)
{
    return kind == '{' || kind == '[' || kind == '(' || kind == '<';
}

static bool
is_close(int kind)
{
    return kind == '}' || kind == ']' || kind == ')' || kind == '>';
}

static bool
is_separator(const struct wc_fmt *f, uint32_t i)
{
    const struct wc_fmt_token *t = &f->tokens[i];
    if (t->kind != ',' && t->kind != ';')
        return false;
    return t->parent == WC_FMT_NOWHERE || f->tokens[t->parent].kind != '<';
}

/* ---- tokens, and the brackets around each token ---- */

static void
read_tokens(struct wc_fmt *f, struct wc_file *file)
{
    struct wc_lexer lexer;
    struct wc_token token;
    uint32_t cap = 0, next = 0;
    wc_lex_init(&lexer, f->c, file);
    lexer.quiet = true;
    f->end = lexer.at;
    for (;;) {
        wc_lex_next(&lexer, &token);
        if (token.kind == WC_T_END)
            return;
        if (f->n == cap) {
            const struct wc_fmt_token *old = f->tokens;
            cap = cap ? 2 * cap : 256;
            f->tokens = wc_alloc(f->c, cap * sizeof *f->tokens);
            if (old)
                memcpy(f->tokens, old, f->n * sizeof *old);
        }
        struct wc_fmt_token *t = &f->tokens[f->n++];
        *t = (struct wc_fmt_token){
            .kind = token.kind, .at = token.span.at, .len = token.span.len};
        if (next < file->n_starts && file->starts[next].at == t->at)
            t->start = WC_FMT_TOP + file->starts[next++].kind;
    }
}

/* True if the token opens the body of a definition, not a value. */
static bool
is_body(const struct wc_fmt *f, uint32_t i)
{
    if (f->tokens[i].kind != '{' || i == 0)
        return false;
    int before = f->tokens[i - 1].kind;
    return before == WC_K_xsd_attrs ||
           (f->tokens[i].parent == WC_FMT_NOWHERE && before != '=');
}

static void
force_lines(struct wc_fmt *f, uint32_t i)
{
    for (; i != WC_FMT_NOWHERE; i = f->tokens[i].parent)
        f->tokens[i].is_forced = true;
}

/* True if the token begins a line when the bracket around the token is broken
 * into lines. */
static bool
begins_line(const struct wc_fmt_token *t)
{
    return t->start == WC_FMT_ITEM || t->kind == '}' || t->kind == ']';
}

static void
look_before(struct wc_fmt *f, uint32_t i)
{
    const struct wc_fmt_token *t = &f->tokens[i];
    uint32_t from = i > 0 ? f->tokens[i - 1].at + f->tokens[i - 1].len : f->end;
    if (wc_fmt_forces_lines(f, from, t->at, begins_line(t)))
        force_lines(f, t->parent);
}

static void
match_brackets(struct wc_fmt *f)
{
    uint32_t open = WC_FMT_NOWHERE;
    for (uint32_t i = 0; i < f->n; i++) {
        struct wc_fmt_token *t = &f->tokens[i];
        t->parent = open;
        look_before(f, i);
        if (is_open(t->kind)) {
            t->is_body = is_body(f, i);
            open = i;
        } else if (is_close(t->kind)) {
            struct wc_fmt_token *o = &f->tokens[open];
            const char *text = f->file->text + o->at;
            o->match = i;
            o->is_multiline = memchr(text, '\n', t->at - o->at) != NULL;
            open = o->parent;
        }
    }
}

/* ---- one line ---- */

static bool
needs_blank(const struct wc_fmt *f, uint32_t before, uint32_t i)
{
    const struct wc_fmt_token *a = &f->tokens[before], *b = &f->tokens[i];
    switch (b->kind) {
    case ')':
    case ']':
    case '>':
    case ',':
    case ';':
    case ':':
        return false;
    case '<':
        return a->kind == WC_T_STRING;
    case '(':
        return b->start != WC_FMT_CALL;
    case '}':
        return f->tokens[b->parent].is_body && before != b->parent;
    default:
        return a->kind != '(' && a->kind != '[' && a->kind != '<' &&
               (a->kind != '{' || a->is_body);
    }
}

/* Columns from a token to the end of its item, or to a comment that ends the
 * line. The count stops after it exceeds the width of a line. */
static uint32_t
flat_width(const struct wc_fmt *f, uint32_t i)
{
    uint32_t width = 0, depth = 0, before = i;
    for (uint32_t j = i; j < f->n && width <= WC_FMT_WIDTH; j++) {
        const struct wc_fmt_token *t = &f->tokens[j];
        if (is_separator(f, j))
            continue;
        if (j > i && depth == 0 &&
            (t->start == WC_FMT_TOP || t->start == WC_FMT_ITEM ||
             is_close(t->kind)))
            break;
        depth -= is_close(t->kind);
        if (j > i) {
            const struct wc_fmt_token *b = &f->tokens[before];
            uint32_t from = b->at + b->len;
            if (wc_fmt_forces_lines(f, from, t->at, begins_line(t)))
                break;
            width += wc_fmt_notes_width(f, from, t->at);
            width += needs_blank(f, before, j);
            width += t->start == WC_FMT_ITEM && before != t->parent;
        }
        width += t->len;
        depth += is_open(t->kind);
        before = j;
    }
    return width;
}

/* ---- brackets ---- */

static bool
is_empty(const struct wc_fmt *f, uint32_t open)
{
    return f->tokens[open].match == open + 1;
}

static bool
wants_lines(const struct wc_fmt *f, uint32_t open, uint32_t column)
{
    const struct wc_fmt_token *t = &f->tokens[open];
    if (t->kind == '<')
        return false;
    if (is_empty(f, open))
        return t->is_forced && t->kind != '(';
    if (t->is_forced || (t->kind != '(' && t->is_multiline))
        return true;
    return column + flat_width(f, open) > WC_FMT_WIDTH;
}

/* True if the list has only single words, numbers and strings, and no
 * comments. */
static bool
is_table(const struct wc_fmt *f, uint32_t open)
{
    const struct wc_fmt_token *t = &f->tokens[open];
    if (t->kind != '[' || t->is_forced)
        return false;
    for (uint32_t i = open + 1; i <= t->match; i++) {
        const struct wc_fmt_token *item = &f->tokens[i];
        const struct wc_fmt_token *before = &f->tokens[i - 1];
        bool single = item->start == WC_FMT_ITEM && !is_open(item->kind);
        if ((!single && !is_separator(f, i) && i < t->match) ||
            wc_fmt_notes_width(f, before->at + before->len, item->at) > 0)
            return false;
    }
    return true;
}

static void
open_bracket(struct wc_fmt *f, uint32_t i)
{
    struct wc_fmt_token *t = &f->tokens[i];
    t->is_broken = wants_lines(f, i, wc_fmt_column(f) - 1);
    t->is_filled = t->is_broken && is_table(f, i);
    t->outer = f->indent;
    t->inner = f->indent + (t->kind == '(' ? 4 : 2);
    f->block = f->block || t->is_broken;
}

/* True if the definition takes several lines, by the rule of open_bracket. */
static bool
is_block(const struct wc_fmt *f, uint32_t i)
{
    bool wide = flat_width(f, i) > WC_FMT_WIDTH;
    for (uint32_t j = i; j < f->n; j++) {
        if (j > i && f->tokens[j].start == WC_FMT_TOP)
            return false;
        if (is_open(f->tokens[j].kind) &&
            wants_lines(f, j, wide ? WC_FMT_WIDTH : 0))
            return true;
    }
    return false;
}

/* ---- separators ---- */

static bool
is_enum(const struct wc_fmt *f, uint32_t open)
{
    return open >= 2 && f->tokens[open - 2].kind == WC_K_enum;
}

/* True if a comma must be between the last token and this token. */
static bool
wants_comma(const struct wc_fmt *f, uint32_t i)
{
    const struct wc_fmt_token *t = &f->tokens[i];
    bool item = t->start == WC_FMT_ITEM;
    if ((!item && !is_close(t->kind)) || t->kind == '>' ||
        f->last == t->parent || is_separator(f, f->last))
        return false;
    const struct wc_fmt_token *open = &f->tokens[t->parent];
    bool listed = !open->is_body || is_enum(f, t->parent);
    if (item)
        return listed || !open->is_broken;
    return listed && open->is_broken && open->kind != '(';
}

/* ---- the file ---- */

static struct wc_fmt_gap
gap_of_top(const struct wc_fmt *f, uint32_t i)
{
    struct wc_fmt_gap gap = {.how = WC_FMT_LINE, .apart = true};
    gap.want_blank = i > 0 && (f->block || is_block(f, i));
    return gap;
}

static struct wc_fmt_gap
gap_of_item(struct wc_fmt *f, uint32_t i)
{
    const struct wc_fmt_token *open = &f->tokens[f->tokens[i].parent];
    bool first = f->last == f->tokens[i].parent;
    struct wc_fmt_gap gap = {.how = WC_FMT_LINE, .after_open = first};
    if (open->is_filled && !first &&
        wc_fmt_column(f) + 1 + f->tokens[i].len < WC_FMT_WIDTH)
        gap.how = WC_FMT_BLANK;
    else
        f->indent = open->inner;
    gap.indent = gap.notes_indent = open->inner;
    return gap;
}

static struct wc_fmt_gap
gap_of_close(struct wc_fmt *f, uint32_t i)
{
    const struct wc_fmt_token *t = &f->tokens[i];
    const struct wc_fmt_token *open = &f->tokens[t->parent];
    struct wc_fmt_gap gap = {.before_close = true, .apart = true};
    bool line = open->is_broken && open->kind != '(';
    bool blank = needs_blank(f, f->last, i);
    gap.how = line ? WC_FMT_LINE : blank ? WC_FMT_BLANK : WC_FMT_TIGHT;
    gap.after_open = f->last == t->parent;
    gap.indent = open->outer;
    gap.notes_indent = open->inner;
    f->indent = open->outer;
    return gap;
}

static struct wc_fmt_gap
gap_before(struct wc_fmt *f, uint32_t i)
{
    const struct wc_fmt_token *t = &f->tokens[i];
    if (t->start == WC_FMT_TOP)
        return gap_of_top(f, i);
    if (t->start == WC_FMT_ITEM && f->tokens[t->parent].is_broken)
        return gap_of_item(f, i);
    if (is_close(t->kind))
        return gap_of_close(f, i);
    struct wc_fmt_gap gap = {.indent = f->indent + 4,
                             .notes_indent = f->indent + 4};
    if (needs_blank(f, f->last, i))
        gap.how = WC_FMT_BLANK;
    return gap;
}

static void
put_token(struct wc_fmt *f, uint32_t i)
{
    const struct wc_fmt_token *t = &f->tokens[i];
    if (f->last != WC_FMT_NOWHERE && wants_comma(f, i))
        wc_text_add(f->c, f->out, ",", 1);
    struct wc_fmt_gap gap = gap_before(f, i);
    wc_fmt_gap(f, &gap, t->at);
    if (t->start == WC_FMT_TOP) {
        f->indent = 0;
        f->block = false;
    }
    wc_text_add(f->c, f->out, f->file->text + t->at, t->len);
    f->last = i;
    f->end = t->at + t->len;
    if (is_open(t->kind))
        open_bracket(f, i);
}

/* True if the token is a separator to drop. A separator stays only if a block
 * comment precedes it: without the separator the comment can become the doc
 * comment of the next item. */
static bool
is_dropped(const struct wc_fmt *f, uint32_t i)
{
    return is_separator(f, i) && !wc_fmt_has_block(f, f->end, f->tokens[i].at);
}

void
wc_fmt(struct wc *c, struct wc_file *file, struct wc_text *out)
{
    struct wc_fmt f = {.c = c, .file = file, .out = out};
    f.last = WC_FMT_NOWHERE;
    read_tokens(&f, file);
    match_brackets(&f);
    for (uint32_t i = 0; i < f.n; i++) {
        if (!is_dropped(&f, i))
            put_token(&f, i);
    }
    struct wc_fmt_gap rest = {.how = WC_FMT_LINE};
    rest.want_blank = f.block;
    wc_fmt_gap(&f, &rest, file->len);
    if (out->len > 0)
        wc_text_add(c, out, "\n", 1);
}
