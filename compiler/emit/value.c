/* SPDX-License-Identifier: MIT */
/* Writes one value as C: an initialiser, or an expression. */
#include "emit/put.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* ---- numbers ---- */

static const char *
integer_text(struct wc *c, const struct wc_const *value)
{
    bool wide = value->type->kind == WC_I64;
    int64_t n = value->integer;
    if (value->type->kind == WC_BOOL)
        return n ? "true" : "false";
    if (n == INT64_MIN)
        return "-INT64_C(9223372036854775807) - 1";
    if (wide && (n > INT32_MAX || n <= INT32_MIN))
        return wc_format(c, "%sINT64_C(%" PRId64 ")", n < 0 ? "-" : "",
                         n < 0 ? -n : n);
    if (n == INT32_MIN)
        return "-2147483647 - 1";
    return wc_format(c, "%" PRId64, n);
}

static const char *
double_text(struct wc_emit *e, double real)
{
    struct wc *c = e->c;
    if (isinf(real)) {
        e->needs_math = true;
        return real < 0 ? "-(double)INFINITY" : "(double)INFINITY";
    }
    const char *text = wc_format(c, "%.17g", real);
    if (real > -1e6 && real < 1e6 && real == (double)(int)real && real != 0)
        return wc_format(c, "%d.0", (int)real);
    for (int digits = 1; digits < 17; digits++) {
        const char *shorter = wc_format(c, "%.*g", digits, real);
        if (strtod(shorter, NULL) == real) {
            text = shorter;
            break;
        }
    }
    return wc_format(c, "%s%s", text, strpbrk(text, ".e") ? "" : ".0");
}

/* ---- strings ---- */

/* Write a byte of a string literal. A question mark is escaped because of
 * trigraphs. An octal escape always has three digits, so that a digit after the
 * escape is not part of the escape. */
static void
add_char(struct wc *c, struct wc_text *t, char byte)
{
    switch (byte) {
    case '\n':
        wc_text_add(c, t, "\\n", 2);
        break;
    case '\t':
        wc_text_add(c, t, "\\t", 2);
        break;
    case '\r':
        wc_text_add(c, t, "\\r", 2);
        break;
    case '"':
    case '\\':
    case '?':
        wc_text_printf(c, t, "\\%c", byte);
        break;
    default:
        if ((uint8_t)byte < ' ' || (uint8_t)byte > 126)
            wc_text_printf(c, t, "\\%03o", (uint8_t)byte);
        else
            wc_text_add(c, t, &byte, 1);
    }
}

/* Write a literal. If the literal does not fit after the name of the macro, the
 * literal begins on its own line. */
static void
add_literal(struct wc *c, struct wc_text *t, const struct wc_const *value,
            size_t indent, size_t head)
{
    struct wc_text whole = {NULL, 0, 0};
    for (uint32_t i = 0; i < value->len; i++)
        add_char(c, &whole, value->text[i]);
    if (indent + head + whole.len + 20 <= 80) {
        wc_text_printf(c, t, "\"%s\"", value->len ? whole.ptr : "");
        return;
    }
    size_t line = 0;
    for (uint32_t i = 0; i < value->len; i++) {
        if (i == 0 || t->len - line > 65) {
            wc_text_printf(c, t, "%s\n%*s\"", i ? "\"" : "", (int)indent + 4,
                           "");
            line = t->len - indent - 4;
        }
        add_char(c, t, value->text[i]);
    }
    wc_text_add(c, t, "\"", 1);
}

static void
add_string(struct wc *c, struct wc_text *t, const struct wc_const *value,
           const char *macro, size_t indent, size_t head)
{
    if (value->len > WC_LONGEST_LITERAL) {
        wc_text_printf(c, t, "{%s, %u}", value->object, value->len);
        return;
    }
    wc_text_printf(c, t, "%s(", macro);
    add_literal(c, t, value, indent, head);
    wc_text_printf(c, t, ")");
}

static void
add_uuid(struct wc *c, struct wc_text *t, const struct wc_const *value,
         size_t indent)
{
    wc_text_printf(c, t, "{{");
    for (int i = 0; i < 16; i++) {
        if (i % 8 == 0)
            wc_text_printf(c, t, "\n%*s", (int)indent + 4, "");
        wc_text_printf(c, t, "0x%02x%s", (uint8_t)value->text[i],
                       i == 15  ? ""
                       : i == 7 ? ","
                                : ", ");
    }
    wc_text_printf(c, t, "\n%*s}}", (int)indent, "");
}

/* ---- containers and records ---- */

static void
add_vec(struct wc_emit *e, struct wc_text *t, const struct wc_const *value,
        size_t indent, size_t head)
{
    struct wc *c = e->c;
    e->casts_const = true;
    const char *item =
        value->type->kind == WC_MAP
            ? wc_format(c, "struct %s_item", value->type->container->c_name)
            : wc_c_type(c, value->type->element);
    const char *text =
        wc_format(c, "(%s *)%s, %u, 0", item,
                  value->n ? value->object : "weft_no_items", value->n);
    if (indent == SIZE_MAX || indent + head + strlen(text) + 3 <= 80)
        wc_text_printf(c, t, "{%s}", text);
    else
        wc_text_printf(c, t, "{\n%*s%s}", (int)indent + 4, "", text);
}

/* Members of a record, each on a line of its own, or all on one line if indent
 * is SIZE_MAX. */
struct members {
    struct wc_emit *e;
    struct wc_text *t;
    size_t indent;
    bool any;
};

static void
begin_member(struct members *m, const char *designator)
{
    struct wc *c = m->e->c;
    if (m->indent != SIZE_MAX)
        wc_text_printf(c, m->t, "%s\n%*s", m->any ? "," : "",
                       (int)m->indent + 4, "");
    else if (m->any)
        wc_text_printf(c, m->t, ", ");
    wc_text_printf(c, m->t, ".%s = ", designator);
    m->any = true;
}

static void
add_member(struct members *m, const struct wc_field *f,
           const struct wc_const *part)
{
    struct wc *c = m->e->c;
    begin_member(m, f->c_name);
    if (f->boxed) {
        m->e->casts_const = true;
        wc_text_printf(c, m->t, "(%s *)&%s", wc_c_type(c, f->type),
                       part->object);
        return;
    }
    bool flat = m->indent == SIZE_MAX;
    const char *text = wc_initialiser(
        m->e, part, flat ? SIZE_MAX : m->indent + 4, strlen(f->c_name) + 4);
    wc_text_add(c, m->t, text, strlen(text));
}

static const char *zero_record(struct wc *c, const struct wc_record *r);

/* Zero with all its braces: compilers warn of `{0}` inside another initialiser
 * (-Wmissing-braces). The recursion ends, because a struct contains itself only
 * through a pointer. */
static const char *
zero_field(struct wc *c, const struct wc_field *f)
{
    const struct wc_def *def = wc_record_of(f->type);
    if (f->boxed)
        return "NULL";
    if (def != NULL)
        return zero_record(c, &def->record);
    switch (wc_real(f->type)->kind) {
    case WC_STRING:
    case WC_BINARY:
        return "{NULL, 0}";
    case WC_UUID:
        return "{{0}}";
    case WC_LIST:
    case WC_SET:
    case WC_MAP:
        return "{NULL, 0, 0}";
    default:
        return "0";
    }
}

static const char *
zero_record(struct wc *c, const struct wc_record *r)
{
    if (r->kind == WC_UNION)
        return "{.which = 0}";
    if (r->fields != NULL)
        return wc_format(c, "{.%s = %s}", r->fields->c_name,
                         zero_field(c, r->fields));
    return r->keeps_unknown ? "{.unknown = {NULL, 0, 0}}" : "{.empty = 0}";
}

static void
add_record(struct wc_emit *e, struct wc_text *t, const struct wc_const *value,
           size_t indent)
{
    const struct wc_record *r = &value->type->def->record;
    struct members m = {e, t, indent, false};
    size_t begin = t->len;
    wc_text_printf(e->c, t, "{");
    for (const struct wc_field *f = r->fields; f; f = f->next) {
        const struct wc_const *part = value->all[f->index];
        if (part && r->kind == WC_UNION) {
            begin_member(&m, "which");
            wc_text_printf(e->c, t, "%d", f->id);
        }
        if (part)
            add_member(&m, f, part);
        if (f->has_bit >= 0 && value->items[f->index]) {
            begin_member(&m, wc_format(e->c, "has.%s", f->c_name));
            wc_text_printf(e->c, t, "1");
        }
        if (indent == SIZE_MAX && t->len > 80)
            break; /* the text is already too long for one line */
    }
    if (!m.any) {
        t->len = begin;
        wc_text_printf(e->c, t, "%s", zero_record(e->c, r));
        return;
    }
    if (indent != SIZE_MAX)
        wc_text_printf(e->c, t, ",\n%*s", (int)indent, "");
    wc_text_printf(e->c, t, "}");
}

/* Write a record, on one line if the line is long enough. */
static void
add_fitting_record(struct wc_emit *e, struct wc_text *t,
                   const struct wc_const *value, size_t indent, size_t head)
{
    struct wc_text flat = {NULL, 0, 0};
    add_record(e, &flat, value, SIZE_MAX);
    bool fits =
        !memchr(flat.ptr, '\n', flat.len) && indent + head + flat.len + 2 <= 80;
    if (fits || indent == SIZE_MAX)
        wc_text_add(e->c, t, flat.ptr, flat.len);
    else
        add_record(e, t, value, indent);
}

/* ---- any value ---- */

const char *
wc_initialiser(struct wc_emit *e, const struct wc_const *value, size_t indent,
               size_t head)
{
    struct wc_text t = {NULL, 0, 0};
    size_t margin = indent == SIZE_MAX ? 0 : indent;
    switch (value->type->kind) {
    case WC_DOUBLE:
        return double_text(e, value->real);
    case WC_STRING:
    case WC_BINARY:
        add_string(e->c, &t, value, "WEFT_STR_INIT", margin, head);
        return t.ptr;
    case WC_UUID:
        add_uuid(e->c, &t, value, margin);
        return t.ptr;
    case WC_LIST:
    case WC_SET:
    case WC_MAP:
        add_vec(e, &t, value, indent, head);
        return t.ptr;
    default:
        break;
    }
    if (!wc_record_of(value->type))
        return integer_text(e->c, value);
    add_fitting_record(e, &t, value, indent, head);
    return t.ptr;
}

const char *
wc_expression(struct wc_emit *e, const struct wc_const *value, size_t head)
{
    struct wc_text t = {NULL, 0, 0};
    enum wc_type_kind kind = value->type->kind;
    bool text = kind == WC_STRING || kind == WC_BINARY;
    if (text && value->len <= WC_LONGEST_LITERAL) {
        add_string(e->c, &t, value, "WEFT_STR", 4, head);
        return t.ptr;
    }
    if (text || kind == WC_UUID || value->type->element) {
        const char *cast =
            wc_format(e->c, "(%s)", wc_c_type(e->c, value->type));
        return wc_format(e->c, "%s%s", cast,
                         wc_initialiser(e, value, 4, head + strlen(cast)));
    }
    if (wc_record_of(value->type))
        return value->object;
    return wc_initialiser(e, value, 4, head);
}
