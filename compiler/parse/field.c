/* SPDX-License-Identifier: MIT */
/* Parses fields, and lists of them. */
#include "parse/parser.h"

#include <inttypes.h>

static enum wc_need
parse_need(struct wc_parser *p)
{
    if (wc_accept(p, WC_K_required))
        return WC_REQUIRED;
    return wc_accept(p, WC_K_optional) ? WC_OPTIONAL : WC_DEFAULT;
}

/* Parse the attributes for XML schemas. They have no meaning, but the fields in
 * xsd_attrs take up implicit ids. */
static void
parse_xsd(struct wc_parser *p, struct wc_field *field)
{
    wc_accept(p, WC_K_xsd_optional);
    wc_accept(p, WC_K_xsd_nillable);
    if (!wc_accept(p, WC_K_xsd_attrs))
        return;
    struct wc_span open = p->tok.span;
    if (wc_too_deep(p, WC_NESTED_TYPE) || !wc_expect(p, '{', "`{`"))
        return;
    p->depth++;
    field->attrs = wc_parse_fields(p, '}');
    field->has_attrs = true;
    p->depth--;
    wc_expect_close(p, '}', "`}`", open);
}

static void
parse_field_id(struct wc_parser *p, struct wc_field *field)
{
    if (p->lost || p->tok.kind != WC_T_INT)
        return;
    field->has_id = true;
    field->id_span = p->tok.span;
    field->written_id = p->tok.integer;
    wc_advance(p);
    wc_expect(p, ':', "`:` after the field id");
}

static struct wc_field *
parse_field(struct wc_parser *p)
{
    struct wc_field *field = WC_NEW(p->c, struct wc_field);
    wc_note_start(p, WC_ITEM_START);
    field->doc = wc_doc_text(p->c, p->tok.doc);
    parse_field_id(p, field);
    field->need = parse_need(p);
    bool late_id = field->need != WC_DEFAULT && p->tok.kind == WC_T_INT;
    if (late_id && !p->lost) {
        wc_unexpected(p, "a type");
        wc_help(p->c, "the id comes first: `%" PRId64 ": %s ...`",
                p->tok.integer,
                field->need == WC_REQUIRED ? "required" : "optional");
    }
    field->type = wc_parse_type(p);
    field->reference = wc_accept(p, '&');
    field->name = wc_parse_field_name(p, &field->span);
    if (wc_accept(p, '=')) {
        field->value = wc_parse_value(p);
        if (p->lost)
            field->value = NULL;
    }
    parse_xsd(p, field);
    field->annots = wc_parse_annots(p);
    wc_separator(p);
    return field;
}

/* True if a function seems to begin here: a type, a name, `(` and the id of an
 * argument follow. A field with annotations looks different, because no
 * annotation begins with a number. */
static bool
typed_function_follows(const struct wc_parser *p)
{
    struct wc_lexer lexer = p->lexer;
    struct wc_token token = p->tok;
    int depth = 0;
    lexer.quiet = true;
    while (token.kind == WC_T_NAME || wc_is_keyword(token.kind) ||
           token.kind == '<' || token.kind == '>' ||
           (token.kind == ',' && depth > 0)) {
        depth += (token.kind == '<') - (token.kind == '>');
        wc_lex_next(&lexer, &token);
    }
    if (token.kind != '(')
        return false;
    wc_lex_next(&lexer, &token);
    return token.kind == WC_T_INT;
}

bool
wc_function_follows(const struct wc_parser *p)
{
    int kind = p->tok.kind;
    return kind == WC_K_void || kind == WC_K_oneway || kind == WC_K_async ||
           kind == WC_K_throws || typed_function_follows(p);
}

/* True if the token can begin a field. If not, the list ends before the token,
 * perhaps without a closing token. */
bool
wc_list_goes_on(const struct wc_parser *p, int close)
{
    int kind = p->tok.kind;
    if (close == ')' && wc_function_follows(p))
        return false;
    return kind != close && kind != '}' && kind != WC_T_END &&
           !(kind >= WC_K_include && kind <= WC_K_service);
}

struct wc_field *
wc_parse_fields(struct wc_parser *p, int close)
{
    struct wc_field *first = NULL, **end = &first;
    while (!p->lost && wc_list_goes_on(p, close)) {
        struct wc_field *field = parse_field(p);
        if (p->lost)
            wc_recover(p, close);
        if (field->name != NULL) {
            *end = field;
            end = &field->next;
        }
    }
    return first;
}
