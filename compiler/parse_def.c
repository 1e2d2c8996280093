/* SPDX-License-Identifier: MIT */
/* Definitions and what is in their braces. */
#include "parse.h"

/* ---- fields ---- */

static enum wc_need
parse_need(struct wc_parser *p)
{
    if (wc_accept(p, WC_K_required))
        return WC_REQUIRED;
    return wc_accept(p, WC_K_optional) ? WC_OPTIONAL : WC_DEFAULT;
}

/* What only XML schemas want: understood and forgotten. */
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
    wc_expect(p, ':', "`:` behind the field id");
}

static struct wc_field *
parse_field(struct wc_parser *p)
{
    struct wc_field *field = WC_NEW(p->c, struct wc_field);
    wc_note_start(p, WC_ITEM_START);
    field->doc = wc_doc_text(p->c, p->tok.doc);
    parse_field_id(p, field);
    field->need = parse_need(p);
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

/* May what stands here be a field, or is the list's end only forgotten? */
static bool
list_goes_on(const struct wc_parser *p, int close)
{
    int kind = p->tok.kind;
    return kind != close && kind != '}' && kind != WC_T_END &&
           !(kind >= WC_K_include && kind <= WC_K_service);
}

struct wc_field *
wc_parse_fields(struct wc_parser *p, int close)
{
    struct wc_field *first = NULL, **end = &first;
    while (!p->lost && list_goes_on(p, close)) {
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

/* ---- definitions ---- */

static void
parse_const(struct wc_parser *p, struct wc_def *def)
{
    def->kind = WC_CONST;
    def->type = wc_parse_type(p);
    def->name = wc_parse_name(p, "a constant", &def->span);
    wc_expect(p, '=', "`=` and the constant's value");
    def->value = wc_parse_value(p);
    if (p->lost)
        def->mark = WC_BAD_MARK; /* nothing more is said of it */
    def->annots = wc_parse_annots(p);
    wc_separator(p);
}

static void
parse_typedef(struct wc_parser *p, struct wc_def *def)
{
    def->kind = WC_TYPEDEF;
    def->type = wc_parse_type(p);
    def->name = wc_parse_name(p, "a typedef", &def->span);
    def->annots = wc_parse_annots(p);
    wc_separator(p);
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
    while (!p->lost && list_goes_on(p, '}')) {
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
        if (wc_expect(p, WC_T_NAME, "the service that it extends")) {
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
    if (keyword < WC_K_const || keyword > WC_K_service)
        return NULL;
    struct wc_def *def = WC_NEW(p->c, struct wc_def);
    def->file = p->file;
    def->doc = wc_doc_text(p->c, p->tok.doc);
    wc_advance(p);
    parse_body(p, def, keyword);
    return def;
}
