/* SPDX-License-Identifier: MIT */
/* Parses types and values, which nest. */
#include "parse/parser.h"

bool
wc_too_deep(struct wc_parser *p, enum wc_diag diag)
{
    if (p->depth < WC_MAX_NESTING)
        return false;
    if (!p->lost)
        wc_report(p->c, diag, p->tok.span,
                  wc_format(p->c, "%d", WC_MAX_NESTING), NULL);
    p->lost = true;
    return true;
}

static struct wc_span
up_to_last(const struct wc_parser *p, struct wc_span begin)
{
    begin.len = p->last.at + p->last.len - begin.at;
    return begin;
}

/* ---- types ---- */

static enum wc_type_kind
kind_of(int keyword)
{
    switch (keyword) {
    case WC_K_bool:
        return WC_BOOL;
    case WC_K_byte:
    case WC_K_i8:
        return WC_I8;
    case WC_K_i16:
        return WC_I16;
    case WC_K_i32:
        return WC_I32;
    case WC_K_i64:
        return WC_I64;
    case WC_K_double:
        return WC_DOUBLE;
    case WC_K_string:
        return WC_STRING;
    case WC_K_binary:
        return WC_BINARY;
    case WC_K_uuid:
        return WC_UUID;
    case WC_K_list:
        return WC_LIST;
    case WC_K_set:
        return WC_SET;
    default:
        return WC_MAP;
    }
}

static void
parse_cpp_type(struct wc_parser *p, struct wc_type *type)
{
    if (!wc_accept(p, WC_K_cpp_type))
        return;
    const char *text = p->tok.text;
    if (wc_expect(p, WC_T_STRING, "a C++ type, as a string"))
        type->cpp_type = text;
}

static void
parse_container(struct wc_parser *p, struct wc_type *type)
{
    parse_cpp_type(p, type);
    struct wc_span open = p->tok.span;
    if (!wc_expect(p, '<', "`<`"))
        return;
    if (type->kind == WC_MAP) {
        type->key = wc_parse_type(p);
        wc_expect(p, ',', "`,` and the map's value type");
    }
    type->element = wc_parse_type(p);
    wc_expect_close(p, '>', "`>`", open);
    struct wc_span late = p->tok.span;
    if (type->kind == WC_LIST && !p->lost && p->tok.kind == WC_K_cpp_type) {
        wc_report(p->c, WC_CPP_TYPE, late, NULL, NULL);
        parse_cpp_type(p, type);
    }
}

static void
warn_byte(struct wc_parser *p)
{
    if (!p->c->warned_byte)
        wc_report(p->c, WC_BYTE, p->tok.span, NULL, NULL);
    p->c->warned_byte = true;
}

static void
parse_base(struct wc_parser *p, struct wc_type *type)
{
    if (p->tok.kind == WC_K_byte)
        warn_byte(p);
    type->kind = kind_of(p->tok.kind);
    wc_advance(p);
    if (type->kind >= WC_LIST)
        parse_container(p, type);
    type->annots = wc_parse_annots(p);
}

static void
parse_named(struct wc_parser *p, struct wc_type *type)
{
    static const char *const containers[] = {"list", "set", "map"};
    struct wc_guess guess = {NULL, 0, 0};
    type->name = p->tok.text;
    wc_advance(p);
    if (wc_is_ahead(p, '(', WC_T_NAME)) /* annotations follow */
        type->annots = wc_parse_annots(p);
    if (p->tok.kind != '<')
        return;
    wc_report(p->c, WC_NOT_A_CONTAINER, type->span, type->name, NULL);
    for (size_t i = 0; i < 3; i++)
        wc_guess_offer(&guess, type->name, containers[i]);
    wc_guess_help(p->c, &guess);
    p->lost = true;
}

/* True if the token is a keyword that names a type. */
static bool
is_named_by_keyword(const struct wc_parser *p)
{
    int kind = p->tok.kind;
    if (!wc_may_be_name(&p->tok) || wc_is_ahead(p, kind, '<') ||
        wc_is_ahead(p, kind, WC_K_cpp_type))
        return false;
    return p->keyword_types >> (kind - WC_K_include) & 1;
}

/* Parse a type. Never returns NULL, so that callers need no check. */
struct wc_type *
wc_parse_type(struct wc_parser *p)
{
    struct wc_type *type = WC_NEW(p->c, struct wc_type);
    type->file = p->file;
    type->span = p->tok.span;
    type->kind = WC_NAMED;
    type->name = "?";
    if (p->lost || wc_too_deep(p, WC_NESTED_TYPE))
        return type;
    p->depth++;
    if (is_named_by_keyword(p)) {
        parse_named(p, type);
    } else if (p->tok.kind >= WC_K_bool && p->tok.kind <= WC_K_list) {
        parse_base(p, type);
    } else if (p->tok.kind == WC_K_void) {
        wc_report(p->c, WC_VOID_TYPE, p->tok.span, NULL, NULL);
        wc_advance(p);
    } else if (p->tok.kind == WC_T_NAME) {
        parse_named(p, type);
    } else {
        wc_unexpected(p, "a type");
    }
    p->depth--;
    if (!p->lost)
        type->span = up_to_last(p, type->span);
    return type;
}

/* ---- values ---- */

static void
parse_items(struct wc_parser *p, struct wc_value *value)
{
    struct wc_value **end = &value->items;
    bool is_map = value->kind == WC_MAP_VALUE;
    int close = is_map ? '}' : ']';
    struct wc_span open = p->tok.span;
    wc_advance(p);
    while (!p->lost && p->tok.kind != close && p->tok.kind != WC_T_END) {
        wc_note_start(p, WC_ITEM_START);
        *end = wc_parse_value(p);
        end = &(*end)->next;
        if (is_map) {
            wc_expect(p, ':', "`:`");
            *end = wc_parse_value(p);
            end = &(*end)->next;
        }
        value->n++;
        wc_separator(p);
    }
    wc_expect_close(p, close, is_map ? "`}`" : "`]`", open);
}

static void
parse_container_value(struct wc_parser *p, struct wc_value *value)
{
    value->kind = p->tok.kind == '{' ? WC_MAP_VALUE : WC_LIST_VALUE;
    if (wc_too_deep(p, WC_NESTED_VALUE))
        return;
    p->depth++;
    parse_items(p, value);
    p->depth--;
    if (!p->lost)
        value->span = up_to_last(p, value->span);
}

static bool
parse_literal(struct wc_parser *p, struct wc_value *value)
{
    switch (p->tok.kind) {
    case WC_T_INT:
        value->kind = WC_INT_VALUE;
        break;
    case WC_T_DOUBLE:
        value->kind = WC_DOUBLE_VALUE;
        break;
    case WC_T_STRING:
        value->kind = WC_STRING_VALUE;
        break;
    case WC_T_NAME:
        value->kind = WC_NAME_VALUE;
        break;
    default:
        if (!wc_may_be_name(&p->tok))
            return false;
        value->kind = WC_NAME_VALUE;
    }
    value->integer = p->tok.integer;
    value->real = p->tok.real;
    value->text = p->tok.text;
    value->len = p->tok.len;
    wc_advance(p);
    return true;
}

/* Parse a value. Never returns NULL, so that callers need no check. */
struct wc_value *
wc_parse_value(struct wc_parser *p)
{
    struct wc_value *value = WC_NEW(p->c, struct wc_value);
    value->span = p->tok.span;
    if (p->lost)
        return value;
    if (p->tok.kind == '{' || p->tok.kind == '[')
        parse_container_value(p, value);
    else if (!parse_literal(p, value))
        wc_unexpected(p, "a value");
    return value;
}
