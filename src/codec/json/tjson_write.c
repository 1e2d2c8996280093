/* SPDX-License-Identifier: MIT */
/* Writes Thrift's JSON by type descriptor. */
#include "codec/json/tjson.h"

#define HEAD_SIZE 32u /* no field's head has more bytes than this */

static bool
is_number(uint8_t wire)
{
    return wire < WEFT_STRING;
}

static void
write_number(struct weft_writer *w, uint8_t wire, bool is_key,
             const void *value)
{
    double v = 0;
    if (wire == WEFT_DOUBLE)
        memcpy(&v, value, sizeof v);
    /* NaN and infinity have quotes in any case. */
    bool has_quotes = is_key && v - v == 0;
    if (has_quotes)
        wf_json_put_char(w, '"');
    if (wire == WEFT_DOUBLE)
        wf_json_write_double(w, v);
    else
        wf_json_write_int(w, wf_value_int(wire, value));
    if (has_quotes)
        wf_json_put_char(w, '"');
}

static void write_items(struct weft_writer *w, const struct weft_type *type,
                        const void *vec);

static void
write_value(struct weft_writer *w, const struct weft_type *type, bool is_key,
            const void *value)
{
    struct weft_str str;
    switch (type->wire) {
    case WEFT_STRING:
        memcpy(&str, value, sizeof str);
        (type->is_binary ? wf_json_write_binary : wf_json_write_str)(w, str);
        break;
    case WEFT_UUID:
        wf_json_write_uuid(w, value);
        break;
    case WEFT_STRUCT:
        wf_tjson_write(type->record, w, value);
        break;
    case WEFT_LIST:
    case WEFT_SET:
    case WEFT_MAP:
        write_items(w, type, value);
        break;
    default:
        if (is_number(type->wire) && wf_tjson_type(type->wire))
            write_number(w, type->wire, is_key, value);
        else
            weft_writer_fail(w, WEFT_EWIRETYPE);
    }
}

/* Write a type's name in quotes. */
static void
write_type(struct weft_writer *w, uint8_t wire)
{
    const char *name = wf_tjson_type(wire);
    if (!name) {
        weft_writer_fail(w, WEFT_EWIRETYPE);
        return;
    }
    wf_json_put_char(w, '"');
    wf_json_put(w, name);
    wf_json_put_char(w, '"');
}

static void
begin_items(struct weft_writer *w, const struct weft_type *type, uint32_t len)
{
    bool is_map = type->wire == WEFT_MAP;
    wf_json_put_char(w, '[');
    if (is_map) {
        write_type(w, type->key->wire);
        wf_json_put_char(w, ',');
    }
    write_type(w, type->element->wire);
    wf_json_put_char(w, ',');
    wf_json_write_int(w, len);
    if (is_map)
        wf_json_put(w, ",{");
}

static void
write_items(struct weft_writer *w, const struct weft_type *type,
            const void *vec)
{
    bool is_map = type->wire == WEFT_MAP;
    struct wf_vec v = wf_vec_load(vec);
    if (v.len > 0 && !v.items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    begin_items(w, type, v.len);
    for (uint32_t i = 0; i < v.len && !w->err; i++) {
        const uint8_t *item = wf_vec_item(type, v, i);
        if (!is_map || i > 0)
            wf_json_put_char(w, ',');
        if (is_map) {
            write_value(w, type->key, true, item);
            wf_json_put_char(w, ':');
            item += type->value_offset;
        }
        write_value(w, type->element, false, item);
    }
    wf_json_put(w, is_map ? "}]" : "]");
    weft_write_leave(w);
}

/* Write the head of a field, which is ,"id":{"type": with the field's id and
 * type. The head is written in one piece, because this is fastest. */
static void
write_head(struct weft_writer *w, const struct weft_field *field, bool is_first)
{
    const char *name = wf_tjson_type(field->type->wire);
    if (!name)
        weft_writer_fail(w, WEFT_EWIRETYPE);
    if (w->err || !weft_write_ready(w, HEAD_SIZE))
        return;
    uint8_t *to = w->at;
    *to++ = ',';
    if (is_first)
        to--;
    *to++ = '"';
    to = wf_json_format_int(to, field->id);
    memcpy(to, "\":{\"", 4);
    memcpy(to + 4, name, 3);
    to += name[2] ? 7 : 6;
    memcpy(to, "\":", 2);
    w->at = to + 2;
}

void
wf_tjson_write(const struct weft_struct *desc, struct weft_writer *w,
               const void *record)
{
    bool is_first = true;
    if (!weft_write_enter(w))
        return;
    wf_json_put_char(w, '{');
    struct wf_fields fields = wf_fields_to_write(desc, record, w);
    for (uint32_t i = 0; i < fields.n && !w->err; i++) {
        const struct weft_field *field = &fields.first[i];
        const void *value = wf_value_to_write(desc, field, record, w);
        if (!value)
            continue;
        write_head(w, field, is_first);
        write_value(w, field->type, false, value);
        wf_json_put_char(w, '}');
        is_first = false;
    }
    wf_json_put_char(w, '}');
    weft_write_leave(w);
}

void
wf_tjson_write_message(struct weft_writer *w, struct weft_str name,
                       int32_t type, int32_t seqid)
{
    wf_json_put(w, "[1,");
    wf_json_write_str(w, name);
    wf_json_put_char(w, ',');
    wf_json_write_int(w, type);
    wf_json_put_char(w, ',');
    wf_json_write_int(w, seqid);
    wf_json_put_char(w, ',');
}

void
wf_tjson_write_message_end(struct weft_writer *w)
{
    wf_json_put_char(w, ']');
}
