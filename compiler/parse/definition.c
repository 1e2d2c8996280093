/* SPDX-License-Identifier: MIT */
/* Parses definitions and the contents of their braces, except fields. */
#include "parse/parser.h"

/* ---- definitions ---- */

/* If a keyword is the name of a type, remember the keyword, because later
 * definitions can use the type. */
static void
note_keyword(struct wc_parser *p)
{
    if (wc_may_be_name(&p->tok))
        p->keyword_types |= UINT64_C(1) << (p->tok.kind - WC_K_include);
}

static void
parse_const(struct wc_parser *p, struct wc_def *def)
{
    def->kind = WC_CONST;
    def->type = wc_parse_type(p);
    def->name = wc_parse_name(p, "a constant", &def->span);
    wc_expect(p, '=', "`=` and the constant's value");
    def->value = wc_parse_value(p);
    if (p->lost)
        def->mark = WC_BAD_MARK; /* suppresses reports about this constant */
    def->annots = wc_parse_annots(p);
    wc_separator(p);
}

static void
parse_typedef(struct wc_parser *p, struct wc_def *def)
{
    def->kind = WC_TYPEDEF;
    def->type = wc_parse_type(p);
    note_keyword(p);
    def->name = wc_parse_name(p, "a typedef", &def->span);
    def->annots = wc_parse_annots(p);
    wc_separator(p);
}

/* True if the token can begin an enum value. A keyword of a definition can
 * begin an enum value, too. But if a name or string follows this keyword, a
 * definition begins, and the `}` of the enum is missing. */
static bool
values_go_on(const struct wc_parser *p)
{
    int kind = p->tok.kind;
    if (wc_list_goes_on(p, '}'))
        return true;
    return wc_may_be_name(&p->tok) && !wc_is_ahead(p, kind, WC_T_NAME) &&
           !wc_is_ahead(p, kind, WC_T_STRING);
}

static struct wc_enum_value *
parse_enum_value(struct wc_parser *p)
{
    struct wc_enum_value *value = WC_NEW(p->c, struct wc_enum_value);
    wc_note_start(p, WC_ITEM_START);
    value->doc = wc_doc_text(p->c, p->tok.doc);
    value->name = wc_parse_name(p, "an enum value", &value->span);
    if (wc_accept(p, '=')) {
        struct wc_value *number = WC_NEW(p->c, struct wc_value);
        number->span = p->tok.span;
        number->integer = p->tok.integer;
        if (wc_expect(p, WC_T_INT, "the value's number"))
            value->written = number;
    }
    value->annots = wc_parse_annots(p);
    wc_separator(p);
    return value;
}

static void
parse_enum(struct wc_parser *p, struct wc_def *def)
{
    struct wc_enum_value **end = &def->enums.values;
    def->kind = WC_ENUM;
    def->name = wc_parse_name(p, "an enum", &def->span);
    struct wc_span open = p->tok.span;
    wc_expect(p, '{', "`{`");
    while (!p->lost && values_go_on(p)) {
        struct wc_enum_value *value = parse_enum_value(p);
        if (p->lost)
            wc_recover(p, '}');
        if (value->name != NULL) {
            *end = value;
            end = &value->next;
            def->enums.n_values++;
        }
    }
    wc_expect_close(p, '}', "`}`", open);
    def->annots = wc_parse_annots(p);
}

static void
parse_record(struct wc_parser *p, struct wc_def *def, enum wc_record_kind kind)
{
    static const char *const what[] = {"a struct", "a union", "an exception"};
    def->kind = WC_RECORD;
    def->record.kind = kind;
    def->name = wc_parse_name(p, what[kind], &def->span);
    wc_accept(p, WC_K_xsd_all);
    if (!p->lost && p->tok.kind == WC_K_extends) {
        wc_unexpected(p, "`{`");
        wc_help(p->c, "only services extend each other; a struct can have a "
                      "field with the other one");
    }
    struct wc_span open = p->tok.span;
    if (wc_expect(p, '{', "`{`"))
        def->record.fields = wc_parse_fields(p, '}');
    wc_expect_close(p, '}', "a field or `}`", open);
    def->annots = wc_parse_annots(p);
}

static void
parse_service(struct wc_parser *p, struct wc_def *def)
{
    def->kind = WC_SERVICE;
    def->name = wc_parse_name(p, "a service", &def->span);
    if (wc_accept(p, WC_K_extends)) {
        struct wc_token parent = p->tok;
        bool named =
            wc_may_be_name(&parent) && wc_is_ahead(p, parent.kind, '{');
        if (wc_accept(p, named ? parent.kind : WC_T_NAME) ||
            wc_expect(p, WC_T_NAME, "the service that it extends")) {
            def->service.extends = parent.text;
            def->service.extends_span = parent.span;
        }
    }
    wc_parse_service(p, &def->service);
    def->annots = wc_parse_annots(p);
}

static void
parse_body(struct wc_parser *p, struct wc_def *def, int keyword)
{
    switch (keyword) {
    case WC_K_const:
        parse_const(p, def);
        break;
    case WC_K_typedef:
        parse_typedef(p, def);
        break;
    case WC_K_enum:
        parse_enum(p, def);
        break;
    case WC_K_struct:
        parse_record(p, def, WC_STRUCT);
        break;
    case WC_K_union:
        parse_record(p, def, WC_UNION);
        break;
    case WC_K_exception:
        parse_record(p, def, WC_EXCEPTION);
        break;
    default:
        parse_service(p, def);
        break;
    }
}

struct wc_def *
wc_parse_def(struct wc_parser *p)
{
    int keyword = p->tok.kind;
    if (keyword < WC_K_const || keyword > WC_K_service || !wc_count_def(p))
        return NULL;
    struct wc_def *def = WC_NEW(p->c, struct wc_def);
    def->file = p->file;
    def->doc = wc_doc_text(p->c, p->tok.doc);
    wc_advance(p);
    if (keyword >= WC_K_enum && keyword <= WC_K_exception)
        note_keyword(p);
    parse_body(p, def, keyword);
    return def;
}
