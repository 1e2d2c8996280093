/* SPDX-License-Identifier: MIT */
/*
 * Moves through the tokens, recovers after syntax errors, and parses names and
 * annotations, which every construct has.
 */
#include "parse/parser.h"

void
wc_advance(struct wc_parser *p)
{
    p->last = p->tok.span;
    wc_lex_next(&p->lexer, &p->tok);
}

bool
wc_accept(struct wc_parser *p, int kind)
{
    if (p->lost || p->tok.kind != kind)
        return false;
    wc_advance(p);
    return true;
}

bool
wc_is_ahead(const struct wc_parser *p, int kind, int next)
{
    if (p->tok.kind != kind)
        return false;
    struct wc_lexer lexer = p->lexer;
    struct wc_token token;
    lexer.quiet = true;
    wc_lex_next(&lexer, &token);
    return token.kind == next;
}

/* ---- syntax errors ---- */

const char *
wc_token_text(struct wc_parser *p)
{
    const struct wc_token *t = &p->tok;
    if (t->kind == WC_T_END)
        return "the end of the file";
    if (t->kind == WC_T_STRING)
        return "a string";
    if (t->span.len > 40)
        return "a long word";
    return wc_format(p->c, "`%.*s`", (int)t->span.len,
                     p->file->text + t->span.at);
}

void
wc_unexpected(struct wc_parser *p, const char *what)
{
    if (!p->lost) {
        wc_report(p->c, WC_EXPECTED, p->tok.span, what, wc_token_text(p));
        wc_note_long_string(p);
    }
    p->lost = true;
}

void
wc_note_long_string(struct wc_parser *p)
{
    struct wc_span span = p->lexer.long_string;
    if (span.len == 0 || (p->last.at != span.at && p->tok.span.at != span.at))
        return;
    wc_note(p->c, span, "this string ends on a later line");
}

bool
wc_expect(struct wc_parser *p, int kind, const char *what)
{
    if (wc_accept(p, kind))
        return true;
    wc_unexpected(p, what);
    return false;
}

bool
wc_expect_close(struct wc_parser *p, int kind, const char *what,
                struct wc_span open)
{
    bool was_lost = p->lost;
    if (wc_expect(p, kind, what))
        return true;
    if (!was_lost)
        wc_note(p->c, open, "to close this");
    return false;
}

/* ---- recovery after syntax errors ---- */

bool
wc_begins_line(const struct wc_token *token)
{
    uint32_t at = token->span.at;
    return at == 0 || token->span.file->text[at - 1] == '\n';
}

bool
wc_begins_definition(const struct wc_token *token)
{
    return token->kind >= WC_K_include && token->kind <= WC_K_service &&
           wc_begins_line(token);
}

int
wc_nesting(int kind)
{
    if (kind == '{' || kind == '(' || kind == '[')
        return 1;
    return kind == '}' || kind == ')' || kind == ']' ? -1 : 0;
}

/* A definition's keyword at the start of a line always ends the recovery: a
 * missing closing brace is more likely than a list of fields or arguments
 * without indent. */
void
wc_recover(struct wc_parser *p, int close)
{
    int depth = 0;
    if (p->full)
        return;
    p->lost = false;
    if (p->tok.span.at == p->recovered_at)
        wc_advance(p);
    while (p->tok.kind != WC_T_END && !wc_begins_definition(&p->tok)) {
        int kind = p->tok.kind;
        p->recovered_at = p->tok.span.at;
        if (depth <= 0 &&
            (kind == close || kind == '}' || wc_is_ahead(p, WC_T_INT, ':')))
            return;
        depth += wc_nesting(kind);
        wc_advance(p);
        if (depth <= 0 && (kind == ',' || kind == ';'))
            return;
    }
}

void
wc_separator(struct wc_parser *p)
{
    if (!wc_accept(p, ','))
        wc_accept(p, ';');
}

void
wc_note_start(struct wc_parser *p, enum wc_start_kind kind)
{
    struct wc_file *f = p->file;
    if (p->c->options->mode != WC_FMT)
        return;
    if (f->n_starts == f->cap_starts) {
        const struct wc_start *old = f->starts;
        f->cap_starts = f->cap_starts ? 2 * f->cap_starts : 64;
        f->starts = wc_alloc(p->c, f->cap_starts * sizeof *f->starts);
        if (old)
            memcpy(f->starts, old, f->n_starts * sizeof *old);
    }
    f->starts[f->n_starts++] = (struct wc_start){kind, p->tok.span.at};
}

/* ---- names ---- */

/* A keyword may be a name, but not at the start of a line: a keyword at the
 * start of a line more likely begins the next definition, and the name is
 * missing. */
bool
wc_may_be_name(const struct wc_token *token)
{
    return wc_is_keyword(token->kind) && token->kind < WC_K_cpp_type &&
           !wc_begins_definition(token);
}

const char *
wc_parse_name(struct wc_parser *p, const char *what, struct wc_span *span)
{
    if (p->lost)
        return NULL;
    *span = p->tok.span;
    const char *name = p->tok.text;
    if (wc_is_keyword(p->tok.kind)) {
        bool allowed = wc_may_be_name(&p->tok);
        wc_report(p->c, allowed ? WC_KEYWORD : WC_KEYWORD_NAME, *span, name,
                  what);
        wc_advance(p);
        return name;
    }
    if (p->tok.kind != WC_T_NAME) {
        wc_unexpected(p, wc_format(p->c, "the name of %s", what));
        return NULL;
    }
    if (strchr(name, '.')) {
        wc_report(p->c, WC_DOTTED_NAME, *span, what, NULL);
        name = wc_intern(p->c, name, strcspn(name, "."));
    }
    wc_advance(p);
    return name;
}

const char *
wc_parse_field_name(struct wc_parser *p, struct wc_span *span)
{
    if (!p->lost && wc_is_keyword(p->tok.kind) && p->tok.kind < WC_K_cpp_type) {
        const char *name = p->tok.text;
        *span = p->tok.span;
        wc_advance(p);
        return name;
    }
    return wc_parse_name(p, "a field", span);
}

/* ---- annotations ---- */

static struct wc_annot *
parse_annot(struct wc_parser *p)
{
    struct wc_annot *annot = WC_NEW(p->c, struct wc_annot);
    struct wc_token key = p->tok;
    wc_note_start(p, WC_ITEM_START);
    annot->span = key.span;
    annot->key = annot->value = "1";
    if (wc_is_keyword(key.kind))
        wc_advance(p);
    else if (!wc_expect(p, WC_T_NAME, "an annotation"))
        return annot;
    annot->key = key.text;
    p->lexer.any_escape = true; /* the value may be a regular expression */
    bool has_value = wc_accept(p, '=');
    p->lexer.any_escape = false;
    if (has_value) {
        const char *value = p->tok.text;
        if (wc_expect(p, WC_T_STRING, "the annotation's value, a string"))
            annot->value = value;
    }
    wc_separator(p);
    return annot;
}

struct wc_annot *
wc_parse_annots(struct wc_parser *p)
{
    struct wc_annot *first = NULL, **end = &first;
    struct wc_span open = p->tok.span;
    if (!wc_accept(p, '('))
        return NULL;
    while (!p->lost && p->tok.kind != ')' && p->tok.kind != WC_T_END) {
        *end = parse_annot(p);
        end = &(*end)->next;
    }
    wc_expect_close(p, ')', "`)`", open);
    return first;
}

bool
wc_count_def(struct wc_parser *p)
{
    if (p->c->n_defs < WC_MAX_DEFS) {
        p->c->n_defs++;
        return true;
    }
    if (!p->full)
        wc_report(p->c, WC_TOO_MANY_DEFS, p->tok.span,
                  wc_format(p->c, "%d", WC_MAX_DEFS), NULL);
    p->lost = p->full = true;
    return false;
}
