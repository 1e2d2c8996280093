/* SPDX-License-Identifier: MIT */
/*
 * Reads by type descriptor, in binary and compact. Reading recurses into nested
 * types of the descriptor, as deep as the reader allows; all other values are
 * skipped without recursion.
 */
#include "codec/desc/table.h"

static weft_err
read_head(struct weft_reader *r, bool is_compact, uint32_t *field,
          struct wf_field_head *head)
{
    if (is_compact)
        return wf_compact_read_field(r, field, head);
    weft_err err = weft_bin_read_field(r, field);
    if (err)
        return err;
    head->id = (int16_t)(*field >> 8);
    head->wire = (uint8_t)*field;
    return WEFT_OK;
}

static weft_err
pass_field(struct wf_filling *f, struct weft_reader *r, bool is_compact,
           uint32_t field)
{
    void *kept = f->record + f->desc->unknown_offset;
    if (f->desc->keeps_unknown)
        return (is_compact ? weft_compact_read_unknown
                           : weft_bin_read_unknown)(r, field, kept);
    return is_compact ? weft_compact_skip_field(r, field)
                      : weft_bin_skip_field(r, field);
}

static weft_err
begin_items(struct weft_reader *r, bool is_compact,
            const struct weft_type *type, void *vec, bool *fits)
{
    uint8_t element = type->element->wire;
    if (type->wire != WEFT_MAP)
        return (is_compact ? weft_compact_read_list : weft_bin_read_list)(
            r, element, type->item_size, vec, fits);
    return (is_compact ? weft_compact_read_map : weft_bin_read_map)(
        r, type->key->wire, element, type->item_size, vec, fits);
}

static weft_err read_value(struct weft_reader *r, bool is_compact,
                           const struct weft_type *type, void *value,
                           bool *fits);

/* An inner container stays empty if its items have another type than in the
 * descriptor. So this function ignores `fits`. */
static weft_err
read_item(struct weft_reader *r, bool is_compact, const struct weft_type *type,
          uint8_t *item)
{
    bool fits;
    if (type->wire != WEFT_MAP)
        return read_value(r, is_compact, type->element, item, &fits);
    weft_err err = read_value(r, is_compact, type->key, item, &fits);
    if (err)
        return err;
    return read_value(r, is_compact, type->element, item + type->value_offset,
                      &fits);
}

static weft_err
read_items(struct weft_reader *r, bool is_compact, const struct weft_type *type,
           void *vec, bool *fits)
{
    weft_err err = begin_items(r, is_compact, type, vec, fits);
    if (err || !*fits)
        return err;
    struct wf_vec v = wf_vec_load(vec);
    uint8_t *item = v.items;
    for (uint32_t i = 0; i < v.len && !err; i++, item += type->item_size)
        err = read_item(r, is_compact, type, item);
    weft_read_leave(r);
    return err;
}

static weft_err
read_value(struct weft_reader *r, bool is_compact, const struct weft_type *type,
           void *value, bool *fits)
{
    *fits = true;
    switch (type->wire) {
    case WEFT_STRUCT:
        return wf_table_read(type->record, is_compact, r, value);
    case WEFT_LIST:
    case WEFT_SET:
    case WEFT_MAP:
        return read_items(r, is_compact, type, value, fits);
    default:
        return is_compact ? wf_compact_read_base(r, type->wire, value)
                          : wf_bin_read_base(r, type->wire, value);
    }
}

static weft_err
read_field(struct wf_filling *f, struct weft_reader *r, bool is_compact,
           uint32_t raw, const struct wf_field_head *head)
{
    const struct weft_field *field = wf_fill_find(f, head->id, head->wire);
    if (!field)
        return pass_field(f, r, is_compact, raw);
    void *place = wf_fill_place(f, field, r);
    if (!place)
        return WEFT_EBUDGET;
    weft_err err = WEFT_OK;
    bool fits = true;
    if (is_compact && head->wire == WEFT_BOOL)
        memcpy(place, &head->value, sizeof head->value);
    else
        err = read_value(r, is_compact, field->type, place, &fits);
    if (!err && fits && field->type->element)
        err = wf_unique_value(r, field->type, place);
    if (!err && fits)
        wf_fill_mark(f, field);
    return err;
}

weft_err
wf_table_read(const struct weft_struct *desc, bool is_compact,
              struct weft_reader *r, void *record)
{
    struct wf_filling f;
    uint32_t field = 0;
    weft_err err = wf_fill_begin(&f, desc, r, record);
    if (err || (err = weft_read_enter(r)))
        return err;
    for (;;) {
        struct wf_field_head head;
        err = read_head(r, is_compact, &field, &head);
        if (err)
            return err;
        if (head.wire == WEFT_STOP)
            break;
        if ((err = read_field(&f, r, is_compact, field, &head)))
            return err;
    }
    weft_read_leave(r);
    return wf_fill_end(&f);
}
