/* SPDX-License-Identifier: MIT */
/* Parses a file: its headers, then its definitions. */
#include "parse/parser.h"

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

/* Skip the rest of a name with a dash, because the lexer takes a dash for the
 * sign of a number. */
static void
check_namespace(struct wc_parser *p)
{
    struct wc_lexer *l = &p->lexer;
    const char *text = p->file->text;
    struct wc_span span = p->tok.span;
    uint32_t at = l->at;
    if (p->tok.kind != WC_T_NAME || at >= p->file->len || text[at] != '-')
        return;
    while (at < p->file->len && !strchr(" \t\r\n;,(#/", text[at]))
        at++;
    l->at = at;
    span.len = at - span.at;
    wc_report(p->c, WC_NAMESPACE, span, NULL, NULL);
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
    check_namespace(p);
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

/* The keyword of the IDL for a word of other languages, or NULL. */
static const char *
usual_word(const char *word)
{
    static const char *const words[][2] = {
        {"message", "struct"},  {"class", "struct"},      {"record", "struct"},
        {"type", "typedef"},    {"interface", "service"}, {"rpc", "service"},
        {"import", "include"},  {"package", "namespace"}, {"oneof", "union"},
        {"error", "exception"}, {"define", "const"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(word, words[i][0]) == 0)
            return words[i][1];
    }
    return NULL;
}

static void
report_stranger(struct wc_parser *p)
{
    p->lost = true;
    if (p->tok.kind != WC_T_NAME) {
        wc_report(p->c, WC_EXPECTED, p->tok.span, "a definition",
                  wc_token_text(p));
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
        wc_note_long_string(p);
        wc_guess_definitions(&guess, word);
        if (usual_word(word))
            wc_help(p->c, "in Thrift it is `%s`", usual_word(word));
        else
            wc_guess_help(p->c, &guess);
    }
}

/* True if the token can begin a definition. A word at the start of a line may
 * be a misspelt keyword. Tokens inside brackets belong to the previous
 * definition. */
static bool
may_begin(const struct wc_parser *p, int depth)
{
    int kind = p->tok.kind;
    if (wc_begins_definition(&p->tok))
        return true;
    return depth <= 0 && ((kind >= WC_K_include && kind <= WC_K_service) ||
                          (kind == WC_T_NAME && wc_begins_line(&p->tok)));
}

/* Skip the rest of a definition. */
static void
recover_top(struct wc_parser *p)
{
    int depth = 0;
    do {
        depth += wc_nesting(p->tok.kind);
        wc_advance(p);
    } while (p->tok.kind != WC_T_END && !may_begin(p, depth));
}

void
wc_parse_file(struct wc *c, struct wc_file *file)
{
    struct wc_parser p = {.c = c, .file = file};
    wc_lex_init(&p.lexer, c, file);
    wc_advance(&p);
    while (p.tok.kind != WC_T_END && !p.full) {
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
        if (p.full)
            break;
        if (stuck || (p.lost && !wc_begins_definition(&p.tok)))
            recover_top(&p);
        p.lost = false;
    }
}
