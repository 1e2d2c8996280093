/* SPDX-License-Identifier: MIT */
/*
 * Checks values against types. A name is replaced by its value, so that a
 * checked constant holds no names. A constant may be used above its definition,
 * which Apache's compiler does not allow.
 */
#include "check/eval.h"

#include <inttypes.h>

static const char *
value_text(struct wc *c, const struct wc_value *value)
{
    switch (value->kind) {
    case WC_INT_VALUE:
        return wc_format(c, "%" PRId64, value->integer);
    case WC_DOUBLE_VALUE:
        return wc_format(c, "%.17g", value->real);
    case WC_STRING_VALUE:
        return "a string";
    case WC_NAME_VALUE:
        return wc_format(c, "`%s`", value->text);
    case WC_LIST_VALUE:
        return value->n ? "a list" : "an empty list";
    default:
        return value->n ? "a map" : "an empty map";
    }
}

struct wc_const *
wc_eval_mismatch(const struct wc_eval *e, const struct wc_type *type,
                 const struct wc_value *value)
{
    const struct wc_type *real = wc_real(type);
    if (real->kind == WC_NAMED && real->def == NULL)
        return NULL; /* an error of the type was reported before */
    wc_report(e->c, WC_VALUE_TYPE, value->span, value_text(e->c, value),
              wc_type_text(e->c, type));
    return NULL;
}

struct wc_const *
wc_eval_new(const struct wc_eval *e, const struct wc_type *type,
            uint32_t n_items)
{
    struct wc *c = e->c;
    c->n_values += n_items + 1;
    if (c->n_values > WC_MAX_VALUES) {
        if (!c->too_many_values)
            wc_report(c, WC_TOO_MANY_VALUES, e->blame,
                      wc_format(c, "%d", WC_MAX_VALUES), NULL);
        c->too_many_values = true;
        return NULL;
    }
    struct wc_const *made = WC_NEW(c, struct wc_const);
    made->type = wc_real(type);
    made->n = n_items;
    if (n_items > 0)
        made->items = wc_alloc(c, n_items * sizeof(struct wc_const *));
    return made;
}

/* ---- numbers ---- */

static int64_t
least(enum wc_type_kind kind)
{
    switch (kind) {
    case WC_BOOL:
        return 0;
    case WC_I8:
        return INT8_MIN;
    case WC_I16:
        return INT16_MIN;
    case WC_I32:
        return INT32_MIN;
    default:
        return INT64_MIN;
    }
}

static int64_t
most(enum wc_type_kind kind)
{
    return kind == WC_BOOL ? 1 : -(least(kind) + 1);
}

static struct wc_const *
eval_integer(const struct wc_eval *e, const struct wc_type *type,
             const struct wc_value *value)
{
    const struct wc_type *real = wc_real(type);
    if (value->kind != WC_INT_VALUE)
        return wc_eval_mismatch(e, type, value);
    int64_t n = value->integer;
    if (n < least(real->kind) || n > most(real->kind)) {
        wc_report(e->c, WC_VALUE_RANGE, value->span, value_text(e->c, value),
                  wc_type_text(e->c, real));
        if (real->kind == WC_BOOL)
            wc_help(e->c, "a bool is true, false, 1 or 0");
        else
            wc_help(e->c, "%s is %" PRId64 "..%" PRId64,
                    wc_type_text(e->c, real), least(real->kind),
                    most(real->kind));
        return NULL;
    }
    struct wc_const *made = wc_eval_new(e, type, 0);
    if (made)
        made->integer = n;
    return made;
}

static struct wc_const *
eval_double(const struct wc_eval *e, const struct wc_type *type,
            const struct wc_value *value)
{
    if (value->kind != WC_INT_VALUE && value->kind != WC_DOUBLE_VALUE)
        return wc_eval_mismatch(e, type, value);
    struct wc_const *made = wc_eval_new(e, type, 0);
    if (made)
        made->real =
            value->kind == WC_INT_VALUE ? (double)value->integer : value->real;
    return made;
}

/* ---- strings ---- */

static struct wc_const *
eval_string(const struct wc_eval *e, const struct wc_type *type,
            const struct wc_value *value)
{
    if (value->kind != WC_STRING_VALUE)
        return wc_eval_mismatch(e, type, value);
    struct wc_const *made = wc_eval_new(e, type, 0);
    if (made) {
        made->text = value->text;
        made->len = value->len;
    }
    return made;
}

static int
hex_digit(char byte)
{
    static const char digits[] = "0123456789abcdef";
    if (byte >= 'A' && byte <= 'F')
        byte = (char)(byte - 'A' + 'a');
    const char *at = byte ? strchr(digits, byte) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Read a UUID: 8-4-4-4-12 hexadecimal digits, perhaps in braces. */
static bool
read_uuid(const char *text, uint32_t len, char *to)
{
    if (len == 38 && text[0] == '{' && text[37] == '}') {
        text++;
        len -= 2;
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < len && len == 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        int digit = hex_digit(text[i]);
        if (dash ? text[i] != '-' : digit < 0)
            return false;
        if (dash)
            continue;
        to[n / 2] = (char)(uint8_t)((uint8_t)to[n / 2] << 4 | digit);
        n++;
    }
    return n == 32;
}

static struct wc_const *
eval_uuid(const struct wc_eval *e, const struct wc_type *type,
          const struct wc_value *value)
{
    if (value->kind != WC_STRING_VALUE)
        return wc_eval_mismatch(e, type, value);
    char *bytes = wc_alloc(e->c, 16);
    if (!read_uuid(value->text, value->len, bytes)) {
        wc_report(e->c, WC_BAD_UUID, value->span, "this string", NULL);
        wc_help(e->c, "write it as 8-4-4-4-12 hexadecimal digits");
        return NULL;
    }
    struct wc_const *made = wc_eval_new(e, type, 0);
    if (made) {
        made->text = bytes;
        made->len = 16;
    }
    return made;
}

/* ---- enums ---- */

static struct wc_const *
eval_enum(const struct wc_eval *e, const struct wc_type *type,
          const struct wc_value *value)
{
    const struct wc_def *def = wc_enum_of(type);
    int64_t n = value->integer;
    if (value->kind != WC_INT_VALUE)
        return wc_eval_mismatch(e, type, value);
    if (n < INT32_MIN || n > INT32_MAX) {
        wc_report(e->c, WC_VALUE_RANGE, value->span, value_text(e->c, value),
                  wc_type_text(e->c, type));
        wc_help(e->c, "the numbers of an enum have 32 bits");
        return NULL;
    }
    if (wc_enum_find(&def->enums, n) == NULL) {
        wc_report(e->c, WC_ENUM_NUMBER, value->span, def->name,
                  value_text(e->c, value));
        wc_note(e->c, def->span, "the enum is defined here");
    }
    struct wc_const *made = wc_eval_new(e, type, 0);
    if (made)
        made->integer = value->integer;
    return made;
}

/* ---- any type ---- */

struct wc_const *
wc_eval_value(struct wc_eval *e, const struct wc_type *type,
              const struct wc_value *value)
{
    const struct wc_type *real = wc_real(type);
    if (value->kind == WC_NAME_VALUE)
        return wc_eval_name(e, type, value);
    switch (real->kind) {
    case WC_BOOL:
    case WC_I8:
    case WC_I16:
    case WC_I32:
    case WC_I64:
        return eval_integer(e, type, value);
    case WC_DOUBLE:
        return eval_double(e, type, value);
    case WC_STRING:
    case WC_BINARY:
        return eval_string(e, type, value);
    case WC_UUID:
        return eval_uuid(e, type, value);
    case WC_LIST:
    case WC_SET:
        return wc_eval_list(e, type, value);
    case WC_MAP:
        return wc_eval_map(e, type, value);
    default:
        break;
    }
    if (wc_enum_of(type))
        return eval_enum(e, type, value);
    if (wc_record_of(type))
        return wc_eval_record(e, type, value);
    return wc_eval_mismatch(e, type, value);
}

struct wc_const *
wc_eval(struct wc *c, struct wc_file *file, const struct wc_type *type,
        const struct wc_value *value)
{
    struct wc_eval e = {c, file, 0, value->span};
    return wc_eval_value(&e, type, value);
}

void
wc_eval_def(struct wc *c, struct wc_def *def, uint32_t depth)
{
    struct wc_eval e = {c, def->file, depth, def->span};
    if (def->mark != WC_NEW_MARK)
        return;
    def->mark = WC_OPEN_MARK;
    def->init = wc_eval_value(&e, def->type, def->value);
    def->mark = def->init ? WC_DONE_MARK : WC_BAD_MARK;
}
