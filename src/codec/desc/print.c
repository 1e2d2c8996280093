/* SPDX-License-Identifier: MIT */
/*
 * Prints a record as one line for people; line ends in strings are escaped. No
 * program reads this format.
 */
#include "codec/desc/record.h"

#include <inttypes.h>
#include <stdlib.h>

static void print_record(const struct weft_struct *desc, FILE *out,
                         const void *record, uint32_t depth);
static void print_items(const struct weft_type *type, FILE *out,
                        const void *vec, uint32_t depth);

/* Print the character at s. Quotes, backslashes, control characters and bytes
 * that are not UTF-8 are escaped. Returns the number of bytes at s that were
 * printed. */
static uint32_t
print_char(FILE *out, const uint8_t *s, uint32_t left)
{
    if (s[0] == '"' || s[0] == '\\') {
        fprintf(out, "\\%c", s[0]);
        return 1;
    }
    if (s[0] >= 0x20 && s[0] < 0x7f) {
        fputc(s[0], out);
        return 1;
    }
    uint32_t n = wf_measure_utf8(s, left);
    bool is_control = n == 2 && s[0] == 0xc2 && s[1] < 0xa0;
    if (n > 0 && !is_control) {
        fwrite(s, 1, n, out);
        return n;
    }
    fprintf(out, "\\x%02x", s[0]);
    return 1;
}

static void
print_bytes(FILE *out, struct weft_str bytes)
{
    fputs("0x", out);
    for (uint32_t i = 0; i < bytes.len; i++)
        fprintf(out, "%02x", (uint8_t)bytes.ptr[i]);
}

static void
print_str(const struct weft_type *type, FILE *out, const void *value)
{
    struct weft_str str;
    memcpy(&str, value, sizeof str);
    const uint8_t *s = (const uint8_t *)str.ptr;
    if (type->is_binary) {
        print_bytes(out, str);
        return;
    }
    fputc('"', out);
    for (uint32_t i = 0; i < str.len;)
        i += print_char(out, s + i, str.len - i);
    fputc('"', out);
}

/* Print 15 digits if they are enough to read the same value again, else 17
 * digits. */
static void
print_double(FILE *out, const void *value)
{
    double v;
    memcpy(&v, value, sizeof v);
    char text[32];
    snprintf(text, sizeof text, "%.15g", v);
    if (v == v && strtod(text, NULL) != v)
        snprintf(text, sizeof text, "%.17g", v);
    fputs(text, out);
}

static void
print_int(const struct weft_type *type, FILE *out, const void *value)
{
    int64_t v = wf_value_int(type->wire, value);
    const char *name =
        type->names ? weft_enum_name(type->names, (int32_t)v) : NULL;
    if (name)
        fputs(name, out);
    else
        fprintf(out, "%" PRId64, v);
}

static void
print_uuid(FILE *out, const void *value)
{
    const struct weft_uuid *uuid = value;
    for (int i = 0; i < 16; i++) {
        bool has_dash = i == 4 || i == 6 || i == 8 || i == 10;
        fprintf(out, has_dash ? "-%02x" : "%02x", uuid->bytes[i]);
    }
}

/* `depth` is the number of levels that may still be entered. */
static void
print_value(const struct weft_type *type, FILE *out, const void *value,
            uint32_t depth)
{
    if (wf_type_nests(type) && depth == 0) {
        fputs("...", out);
        return;
    }
    switch (type->wire) {
    case WEFT_BOOL:
        fputs(*(const bool *)value ? "true" : "false", out);
        break;
    case WEFT_DOUBLE:
        print_double(out, value);
        break;
    case WEFT_STRING:
        print_str(type, out, value);
        break;
    case WEFT_UUID:
        print_uuid(out, value);
        break;
    case WEFT_STRUCT:
        print_record(type->record, out, value, depth - 1);
        break;
    case WEFT_LIST:
    case WEFT_SET:
    case WEFT_MAP:
        print_items(type, out, value, depth - 1);
        break;
    default:
        print_int(type, out, value);
    }
}

static void
print_items(const struct weft_type *type, FILE *out, const void *vec,
            uint32_t depth)
{
    bool is_map = type->wire == WEFT_MAP;
    bool is_list = type->wire == WEFT_LIST;
    struct wf_vec v = wf_vec_load(vec);
    fputc(is_list ? '[' : '{', out);
    for (uint32_t i = 0; i < v.len; i++) {
        const uint8_t *item = wf_vec_item(type, v, i);
        if (i > 0)
            fputs(", ", out);
        if (is_map) {
            print_value(type->key, out, item, depth);
            fputs(": ", out);
        }
        print_value(type->element, out,
                    item + (is_map ? type->value_offset : 0), depth);
    }
    fputc(is_list ? ']' : '}', out);
}

/* Print the id and the bytes of a field without a name. */
static void
print_unknown(const struct weft_struct *desc, FILE *out, const void *record,
              const char *comma)
{
    struct weft_vec_unknown v = wf_unknown_load(desc, record);
    for (uint32_t i = 0; i < v.len; i++) {
        fprintf(out, "%s%d: ", comma, v.items[i].id);
        print_bytes(out, v.items[i].bytes);
        comma = ", ";
    }
}

static void
print_record(const struct weft_struct *desc, FILE *out, const void *record,
             uint32_t depth)
{
    const char *comma = "";
    fprintf(out, "%s{", desc->name);
    for (uint32_t i = 0; i < desc->n_fields; i++) {
        const struct weft_field *field = &desc->fields[i];
        const void *value = wf_field_value(desc, field, record);
        if (!value)
            continue;
        fprintf(out, "%s%s: ", comma, field->name);
        print_value(field->type, out, value, depth);
        comma = ", ";
    }
    print_unknown(desc, out, record, comma);
    fputc('}', out);
}

void
weft_struct_print(const struct weft_struct *desc, FILE *out, const void *record)
{
    print_record(desc, out, record, WEFT_DEPTH - 1);
}
