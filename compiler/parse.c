/* SPDX-License-Identifier: MIT */
/* Moving through tokens, losing the way and finding it again; headers. */
#include "parse.h"

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

static const char *
token_text(struct wc_parser *p)
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
    if (!p->lost)
        wc_report(p->c, WC_EXPECTED, p->tok.span, what, token_text(p));
    p->lost = true;
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

/* ---- finding the way again ---- */

static bool
begins_line(const struct wc_token *token)
{
    uint32_t at = token->span.at;
    return at == 0 || token->span.file->text[at - 1] == '\n';
}

static bool
begins_definition(const struct wc_token *token)
{
    return token->kind >= WC_K_include && token->kind <= WC_K_service &&
           begins_line(token);
}

/* How a token changes the count of open brackets. */
static int
nesting(int kind)
{
    if (kind == '{' || kind == '(' || kind == '[')
        return 1;
    return kind == '}' || kind == ')' || kind == ']' ? -1 : 0;
}

/* A definition at the start of a line ends everything: a closing brace is
 * forgotten more often than such a word is indented not at all. */
void
wc_recover(struct wc_parser *p, int close)
{
    int depth = 0;
    p->lost = false;
    if (p->tok.span.at == p->recovered_at)
        wc_advance(p);
    while (p->tok.kind != WC_T_END && !begins_definition(&p->tok)) {
        int kind = p->tok.kind;
        p->recovered_at = p->tok.span.at;
        if (depth <= 0 &&
            (kind == close || kind == '}' || wc_is_ahead(p, WC_T_INT, ':')))
            return;
        depth += nesting(kind);
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

const char *
wc_parse_name(struct wc_parser *p, const char *what, struct wc_span *span)
{
    if (p->lost)
        return NULL;
    *span = p->tok.span;
    const char *name = p->tok.text;
    if (wc_is_keyword(p->tok.kind)) {
        wc_report(p->c, WC_KEYWORD_NAME, *span, name, what);
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
    if (wc_accept(p, '=')) {
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

/* ---- headers ---- */

static void
parse_include(struct wc_parser *p)
{
    wc_advance(p);
    if (p->tok.kind == WC_T_STRING) {
        struct wc_include *include = WC_NEW(p->c, struct wc_include);
        include->name = p->tok.text;
        include->span = p->tok.span;
        *p->file->includes_end = include;
        p->file->includes_end = &include->next;
    }
    wc_expect(p, WC_T_STRING, "the included file, a string");
}

static struct wc_header *
add_header(struct wc_parser *p, const char *scope, const char *name,
           struct wc_span span)
{
    struct wc_header *header = WC_NEW(p->c, struct wc_header);
    header->scope = scope;
    header->name = name;
    header->span = span;
    *p->file->headers_end = header;
    p->file->headers_end = &header->next;
    return header;
}

static void
parse_namespace(struct wc_parser *p)
{
    wc_advance(p);
    const char *scope = p->tok.kind == '*' ? "*" : p->tok.text;
    if (!wc_accept(p, '*') && !wc_is_keyword(p->tok.kind))
        wc_expect(p, WC_T_NAME, "the language of the namespace, or `*`");
    else if (p->last.len > 1)
        wc_advance(p);
    const char *name = p->tok.text;
    struct wc_span span = p->tok.span;
    if (!wc_expect(p, WC_T_NAME, "the name of the namespace"))
        return;
    if (strcmp(scope, "c") == 0) {
        p->file->namespace_c = name;
        p->file->namespace_span = span;
    } else if (strcmp(scope, "*") == 0) {
        p->file->fallback = name;
        if (p->file->namespace_span.len == 0)
            p->file->namespace_span = span;
    }
    struct wc_header *header = add_header(p, scope, name, span);
    header->annots = wc_parse_annots(p);
    if (header->annots != NULL)
        p->file->annots = header->annots;
}

static void
parse_cpp_include(struct wc_parser *p)
{
    wc_advance(p);
    const char *name = p->tok.text;
    struct wc_span span = p->tok.span;
    if (wc_expect(p, WC_T_STRING, "the included header, a string"))
        add_header(p, NULL, name, span);
}

static bool
parse_header(struct wc_parser *p)
{
    struct wc_token first = p->tok;
    switch (first.kind) {
    case WC_K_include:
        parse_include(p);
        break;
    case WC_K_cpp_include:
        parse_cpp_include(p);
        break;
    case WC_K_namespace:
        parse_namespace(p);
        break;
    default:
        return false;
    }
    if (p->file->defs != NULL)
        wc_report(p->c, WC_LATE_HEADER, first.span, first.text, NULL);
    else if (p->file->doc == NULL)
        p->file->doc = wc_doc_text(p->c, first.doc);
    return true;
}

/* ---- the file ---- */

static void
add_def(struct wc_file *file, struct wc_def *def)
{
    *file->defs_end = def;
    file->defs_end = &def->next;
}

static void
report_stranger(struct wc_parser *p)
{
    p->lost = true;
    if (p->tok.kind != WC_T_NAME) {
        wc_report(p->c, WC_EXPECTED, p->tok.span, "a definition",
                  token_text(p));
        return;
    }
    const char *word = p->tok.text;
    size_t len = strlen(word);
    struct wc_guess guess = {NULL, 0, 0};
    if (strcmp(word, "senum") == 0) {
        wc_report(p->c, WC_OLD_HEADER, p->tok.span, word, NULL);
        wc_help(p->c, "use `enum`, or a string");
    } else if (len > 10 && strcmp(word + len - 10, "_namespace") == 0) {
        wc_report(p->c, WC_OLD_HEADER, p->tok.span, word, NULL);
        wc_help(p->c, "write `namespace %.*s ...`", (int)len - 10, word);
    } else {
        wc_report(p->c, WC_UNKNOWN_DEFINITION, p->tok.span, word, NULL);
        wc_guess_definitions(&guess, word);
        wc_guess_help(p->c, &guess);
    }
}

/* Could a definition begin here? Words at the start of a line may be misspelt
 * ones; what is within brackets is part of the last. */
static bool
may_begin(const struct wc_parser *p, int depth)
{
    int kind = p->tok.kind;
    if (begins_definition(&p->tok))
        return true;
    return depth <= 0 && ((kind >= WC_K_include && kind <= WC_K_service) ||
                          (kind == WC_T_NAME && begins_line(&p->tok)));
}

/* Pass over the rest of a definition. */
static void
recover_top(struct wc_parser *p)
{
    int depth = 0;
    p->lost = false;
    do {
        depth += nesting(p->tok.kind);
        wc_advance(p);
    } while (p->tok.kind != WC_T_END && !may_begin(p, depth));
}

void
wc_parse_file(struct wc *c, struct wc_file *file)
{
    struct wc_parser p = {.c = c, .file = file};
    wc_lex_init(&p.lexer, c, file);
    wc_advance(&p);
    while (p.tok.kind != WC_T_END) {
        struct wc_span begin = p.tok.span;
        wc_note_start(&p, WC_TOP_START);
        if (!parse_header(&p)) {
            struct wc_def *def = wc_parse_def(&p);
            if (def != NULL && def->name != NULL)
                add_def(file, def);
            else if (!p.lost)
                report_stranger(&p);
        }
        bool stuck = p.tok.span.at == begin.at;
        if (stuck || (p.lost && !begins_definition(&p.tok)))
            recover_top(&p);
        p.lost = false;
    }
}
