/* SPDX-License-Identifier: MIT */
/* Reads Thrift's JSON by type descriptor. Reading recurses as in the other
 * protocols (table_read.c). */
#include "codec/json/tjson.h"

static weft_err read_items(struct weft_reader *r, const struct weft_type *type,
                           void *vec, bool *fits);

static weft_err
read_value(struct weft_reader *r, const struct weft_type *type, bool is_key,
           void *value, bool *fits)
{
    *fits = true;
    switch (type->wire) {
    case WEFT_STRING:
        return type->is_binary ? wf_json_read_binary(r, value)
                               : wf_json_read_str(r, value);
    case WEFT_STRUCT:
        return wf_tjson_read(type->record, r, value);
    case WEFT_LIST:
    case WEFT_SET:
    case WEFT_MAP:
        return read_items(r, type, value, fits);
    default:
        return wf_tjson_read_base(r, type->wire, is_key, value);
    }
}

/* Read item i and the separator before it. */
static weft_err
read_item(struct weft_reader *r, const struct weft_type *type, uint32_t i,
          uint8_t *item)
{
    bool fits, is_map = type->wire == WEFT_MAP;
    weft_err err = wf_tjson_read_comma(r, is_map, is_map ? 2 * i : i);
    if (err)
        return err;
    if (!is_map)
        return read_value(r, type->element, false, item, &fits);
    if ((err = read_value(r, type->key, true, item, &fits)) ||
        (err = wf_tjson_read_comma(r, true, 1)))
        return err;
    return read_value(r, type->element, false, item + type->value_offset,
                      &fits);
}

/* If the message names the item types that `type` has, allocate the items;
 * otherwise skip the items. */
static weft_err
begin_items(struct weft_reader *r, const struct weft_type *type, void *vec,
            bool *fits)
{
    bool is_map = type->wire == WEFT_MAP;
    uint8_t key = is_map ? type->key->wire : type->element->wire;
    uint8_t value = type->element->wire;
    struct wf_tjson_items items;
    weft_err err = wf_tjson_read_items(r, is_map, &items);
    if (err)
        return err;
    *fits = (is_map && items.count == 0) ||
            (items.key == key && items.value == value);
    if (!*fits)
        return wf_tjson_skip_items(r, is_map, &items);
    return wf_take_items(r, items.count, wf_tjson_items_min(is_map, key, value),
                         type->item_size, vec);
}

static weft_err
read_items(struct weft_reader *r, const struct weft_type *type, void *vec,
           bool *fits)
{
    weft_err err = begin_items(r, type, vec, fits);
    if (err || !*fits)
        return err;
    struct wf_vec v = wf_vec_load(vec);
    uint8_t *item = v.items;
    for (uint32_t i = 0; i < v.len && !err; i++, item += type->item_size)
        err = read_item(r, type, i, item);
    weft_read_leave(r);
    return err ? err : wf_tjson_read_items_end(r, type->wire == WEFT_MAP);
}

static weft_err
read_field(struct wf_filling *f, struct weft_reader *r,
           const struct wf_field_head *head)
{
    const struct weft_field *field = wf_fill_find(f, head->id, head->wire);
    bool fits;
    if (!field)
        return wf_tjson_skip(r, head->wire);
    void *place = wf_fill_place(f, field, r);
    if (!place)
        return WEFT_EBUDGET;
    weft_err err = read_value(r, field->type, false, place, &fits);
    if (!err && fits && field->type->element)
        err = wf_unique_value(r, field->type, place);
    if (!err && fits)
        wf_fill_mark(f, field);
    return err;
}

weft_err
wf_tjson_read(const struct weft_struct *desc, struct weft_reader *r,
              void *record)
{
    struct wf_filling f;
    weft_err err = wf_fill_begin(&f, desc, r, record);
    if (err || (err = weft_read_enter(r)) || (err = wf_json_expect(r, '{')))
        return err;
    for (bool is_first = true;; is_first = false) {
        struct wf_field_head head;
        err = wf_tjson_read_field(r, is_first, &head);
        if (err)
            return err;
        if (head.wire == WEFT_STOP)
            break;
        if ((err = read_field(&f, r, &head)) || (err = wf_json_expect(r, '}')))
            return err;
    }
    weft_read_leave(r);
    return wf_fill_end(&f);
}
