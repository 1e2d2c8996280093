/* SPDX-License-Identifier: MIT */
/* Writes records by type descriptor, in binary and compact. */
#include "codec/desc/table.h"

static void
begin_items(struct weft_writer *w, bool is_compact,
            const struct weft_type *type, uint32_t len)
{
    uint8_t element = type->element->wire;
    if (type->wire == WEFT_MAP && is_compact)
        weft_compact_write_map(w, type->key->wire, element, len);
    else if (type->wire == WEFT_MAP)
        weft_bin_write_map(w, type->key->wire, element, len);
    else if (is_compact)
        weft_compact_write_list(w, element, len);
    else
        weft_bin_write_list(w, element, len);
}

static void write_value(struct weft_writer *w, bool is_compact,
                        const struct weft_type *type, const void *value);

static void
write_items(struct weft_writer *w, bool is_compact,
            const struct weft_type *type, const void *vec)
{
    struct wf_vec v = wf_vec_load(vec);
    if (v.len > 0 && !v.items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    begin_items(w, is_compact, type, v.len);
    for (uint32_t i = 0; i < v.len && !w->err; i++) {
        const uint8_t *item = wf_vec_item(type, v, i);
        if (type->wire == WEFT_MAP) {
            write_value(w, is_compact, type->key, item);
            item += type->value_offset;
        }
        write_value(w, is_compact, type->element, item);
    }
    weft_write_leave(w);
}

static void
write_value(struct weft_writer *w, bool is_compact,
            const struct weft_type *type, const void *value)
{
    switch (type->wire) {
    case WEFT_STRUCT:
        wf_table_write(type->record, is_compact, w, value);
        break;
    case WEFT_LIST:
    case WEFT_SET:
    case WEFT_MAP:
        write_items(w, is_compact, type, value);
        break;
    default:
        if (is_compact)
            wf_compact_write_base(w, type->wire, value);
        else
            wf_bin_write_base(w, type->wire, value);
    }
}

static void
write_field(struct weft_writer *w, bool is_compact, int16_t *last,
            const struct weft_field *field, const void *value)
{
    uint8_t wire = field->type->wire;
    if (!is_compact) {
        weft_bin_write_field(w, wire, field->id);
    } else if (wire == WEFT_BOOL) {
        weft_compact_write_bool_field(w, last, field->id, *(const bool *)value);
        return;
    } else {
        weft_compact_write_field(w, last, wire, field->id);
    }
    write_value(w, is_compact, field->type, value);
}

static void
write_unknown(const struct weft_struct *desc, bool is_compact,
              struct weft_writer *w, int16_t *last, const void *record)
{
    struct weft_vec_unknown v = wf_unknown_load(desc, record);
    if (is_compact)
        weft_compact_write_unknown(w, last, &v);
    else
        weft_bin_write_unknown(w, &v);
}

void
wf_table_write(const struct weft_struct *desc, bool is_compact,
               struct weft_writer *w, const void *record)
{
    int16_t last = 0;
    if (!weft_write_enter(w))
        return;
    struct wf_fields fields = wf_fields_to_write(desc, record, w);
    for (uint32_t i = 0; i < fields.n && !w->err; i++) {
        const struct weft_field *field = &fields.first[i];
        const void *value = wf_value_to_write(desc, field, record, w);
        if (value)
            write_field(w, is_compact, &last, field, value);
    }
    write_unknown(desc, is_compact, w, &last, record);
    weft_bin_write_stop(w);
    weft_write_leave(w);
}
