/* SPDX-License-Identifier: MIT */
/* Writes values as JSON text. */
#include "codec/json/json.h"
#include "codec/text/text.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>

struct printer {
    struct weft_writer *w;
    int indent;     /* blanks per level; 0: all on one line */
    uint32_t level; /* number of open objects and arrays */
};

static void print_value(struct printer *p, const struct weft_type *type,
                        const void *value);
static void print_record(struct printer *p, const struct weft_struct *desc,
                         const void *record);

/* ---- base types ---- */

/* Write the shortest spelling that reads back as the value. */
static void
print_double(struct weft_writer *w, double v)
{
    char text[32];
    if (!isfinite(v)) {
        wf_json_write_double(w, v);
        return;
    }
    /* In the program's locale the decimal point may be a comma. */
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t old = uselocale(c);
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    uselocale(old);
    if (c)
        freelocale(c);
    wf_json_put(w, text);
}

static void
put_unit(struct weft_writer *w, unsigned code)
{
    char text[8];
    snprintf(text, sizeof text, "\\u%04x", code & 0xffff);
    wf_json_put(w, text);
}

/* Count the bytes from s up to the first character that must be escaped. At
 * most `left` bytes are examined. */
static uint32_t
measure_plain(const uint8_t *s, uint32_t left)
{
    uint32_t n = 0;
    while (n < left && s[n] != '"' && s[n] != '\\' && s[n] >= 0x20) {
        uint32_t size = s[n] < 0x80 ? 1 : wf_measure_utf8(s + n, left - n);
        bool is_control =
            s[n] == 0x7f || (size == 2 && s[n] == 0xc2 && s[n + 1] < 0xa0);
        if (size == 0 || is_control)
            break;
        n += size;
    }
    return n;
}

/* Write an escape for the first character of s. Returns the number of bytes of
 * s that the escape replaces. */
static uint32_t
put_escape(struct weft_writer *w, const uint8_t *s, uint32_t left)
{
    /* pairs: a byte, and the letter of its escape */
    static const char letters[] = "\"\"\\\\\nn\rr\tt";
    for (const char *pair = letters; *pair; pair += 2)
        if ((uint8_t)*pair == *s) {
            char text[] = {'\\', pair[1], '\0'};
            wf_json_put(w, text);
            return 1;
        }
    bool is_text = *s < 0x80 || wf_measure_utf8(s, left) > 0;
    /* U+0080 to U+009F: the second byte in UTF-8 is equal to the code point. */
    if (*s >= 0x80 && is_text) {
        put_unit(w, s[1]);
        return 2;
    }
    put_unit(w, is_text ? *s : 0xdc00u + *s);
    return 1;
}

static void
print_str(struct weft_writer *w, struct weft_str v)
{
    const uint8_t *s = (const uint8_t *)v.ptr;
    if (v.len > 0 && !s) {
        weft_writer_fail(w, WEFT_EVALUE);
        return;
    }
    wf_json_put(w, "\"");
    for (uint32_t i = 0; i < v.len && !w->err;) {
        uint32_t n = measure_plain(s + i, v.len - i);
        weft_write_bytes_slow(w, s + i, n);
        i += n;
        if (i < v.len)
            i += put_escape(w, s + i, v.len - i);
    }
    wf_json_put(w, "\"");
}

static void
print_string(struct weft_writer *w, const struct weft_type *type,
             const void *value)
{
    struct weft_str v;
    memcpy(&v, value, sizeof v);
    if (type->is_binary)
        wf_json_write_binary(w, v);
    else
        print_str(w, v);
}

static void
print_i32(struct weft_writer *w, const struct weft_type *type, int32_t v)
{
    const char *name = type->names ? weft_enum_name(type->names, v) : NULL;
    if (name)
        print_str(w, weft_str_of(name));
    else
        wf_json_write_int(w, v);
}

/* ---- items between brackets ---- */

static void
break_line(struct printer *p)
{
    if (p->indent == 0)
        return;
    wf_json_put(p->w, "\n");
    for (uint32_t i = 0; i < p->level * (uint32_t)p->indent; i++)
        wf_json_put(p->w, " ");
}

static void
open_bracket(struct printer *p, const char *bracket)
{
    wf_json_put(p->w, bracket);
    p->level++;
}

static void
close_bracket(struct printer *p, const char *bracket, bool is_broken)
{
    p->level--;
    if (is_broken)
        break_line(p);
    wf_json_put(p->w, bracket);
}

static void
put_colon(struct printer *p)
{
    wf_json_put(p->w, p->indent ? ": " : ":");
}

/* Write the comma and the line break before an item. Items of base types share
 * a line. */
static void
begin_item(struct printer *p, bool is_first, bool is_broken)
{
    if (!is_first)
        wf_json_put(p->w, p->indent && !is_broken ? ", " : ",");
    if (is_broken)
        break_line(p);
}

static void
print_item(struct printer *p, const struct weft_type *type, const uint8_t *item)
{
    if (type->wire != WEFT_MAP) {
        print_value(p, type->element, item);
        return;
    }
    bool is_object = type->key->wire == WEFT_STRING;
    if (!is_object)
        open_bracket(p, "[");
    print_value(p, type->key, item);
    if (is_object)
        put_colon(p);
    else
        wf_json_put(p->w, p->indent ? ", " : ",");
    print_value(p, type->element, item + type->value_offset);
    if (!is_object)
        close_bracket(p, "]", false);
}

static void
print_items(struct printer *p, const struct weft_type *type, const void *vec)
{
    struct wf_vec v = wf_vec_load(vec);
    bool is_object = type->wire == WEFT_MAP && type->key->wire == WEFT_STRING;
    bool is_broken =
        v.len > 0 && (type->wire == WEFT_MAP || wf_type_nests(type->element));
    if (v.len > 0 && !v.items)
        weft_writer_fail(p->w, WEFT_EVALUE);
    open_bracket(p, is_object ? "{" : "[");
    for (uint32_t i = 0; i < v.len && !p->w->err; i++) {
        begin_item(p, i == 0, is_broken);
        print_item(p, type, wf_vec_item(type, v, i));
    }
    close_bracket(p, is_object ? "}" : "]", is_broken);
}

static void
print_record(struct printer *p, const struct weft_struct *desc,
             const void *record)
{
    bool is_first = true;
    open_bracket(p, "{");
    for (uint32_t i = 0; i < desc->n_fields && !p->w->err; i++) {
        const struct weft_field *field = &desc->fields[i];
        const void *value = wf_field_value(desc, field, record);
        if (desc->kind != WEFT_RECORD_UNION)
            value = wf_value_to_write(desc, field, record, p->w);
        if (!value)
            continue;
        begin_item(p, is_first, true);
        print_str(p->w, weft_str_of(field->name));
        put_colon(p);
        print_value(p, field->type, value);
        is_first = false;
    }
    close_bracket(p, "}", !is_first);
}

static void
print_nested(struct printer *p, const struct weft_type *type, const void *value)
{
    if (!weft_write_enter(p->w))
        return;
    if (type->wire == WEFT_STRUCT)
        print_record(p, type->record, value);
    else
        print_items(p, type, value);
    weft_write_leave(p->w);
}

static void
print_value(struct printer *p, const struct weft_type *type, const void *value)
{
    switch (type->wire) {
    case WEFT_BOOL:
        wf_json_put(p->w, *(const bool *)value ? "true" : "false");
        break;
    case WEFT_I8:
        wf_json_write_int(p->w, *(const int8_t *)value);
        break;
    case WEFT_I16:
        wf_json_write_int(p->w, *(const int16_t *)value);
        break;
    case WEFT_I32:
        print_i32(p->w, type, *(const int32_t *)value);
        break;
    case WEFT_I64:
        wf_json_write_int(p->w, *(const int64_t *)value);
        break;
    case WEFT_DOUBLE:
        print_double(p->w, *(const double *)value);
        break;
    case WEFT_STRING:
        print_string(p->w, type, value);
        break;
    case WEFT_UUID:
        wf_json_write_uuid(p->w, value);
        break;
    default:
        print_nested(p, type, value);
    }
}

void
weft_value_to_json(const struct weft_type *type, struct weft_writer *w,
                   const void *value, int indent)
{
    struct printer p = {w, indent > 0 ? indent : 0, 0};
    print_value(&p, type, value);
}

void
weft_struct_to_json(const struct weft_struct *desc, struct weft_writer *w,
                    const void *record, int indent)
{
    struct weft_type type = {
        .wire = WEFT_STRUCT, .size = desc->size, .record = desc};
    weft_value_to_json(&type, w, record, indent);
}
