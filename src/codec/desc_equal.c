/* SPDX-License-Identifier: MIT */
#include "codec/codec.h"
#include "codec/desc.h"

static bool equal_record(const struct weft_struct *desc, const void *a,
                         const void *b, uint32_t depth);
static bool equal_items(const struct weft_type *type, const void *a,
                        const void *b, uint32_t depth);

static bool
equal_double(const void *a, const void *b)
{
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x == y || (x != x && y != y);
}

static bool
equal_str(const void *a, const void *b)
{
    struct weft_str x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return weft_str_eq(x, y);
}

/* depth is how many levels may still be entered. */
static bool
equal_value(const struct weft_type *type, const void *a, const void *b,
            uint32_t depth)
{
    switch (type->wire) {
    case WEFT_STRING:
        return equal_str(a, b);
    case WEFT_DOUBLE:
        return equal_double(a, b);
    case WEFT_STRUCT:
        return depth > 0 && equal_record(type->record, a, b, depth - 1);
    case WEFT_LIST:
    case WEFT_SET:
    case WEFT_MAP:
        return depth > 0 && equal_items(type, a, b, depth - 1);
    default:
        return memcmp(a, b, type->size) == 0;
    }
}

static bool
equal_item(const struct weft_type *type, const uint8_t *a, const uint8_t *b,
           uint32_t depth)
{
    if (type->wire != WEFT_MAP)
        return equal_value(type->element, a, b, depth);
    return equal_value(type->key, a, b, depth) &&
           equal_value(type->element, a + type->value_offset,
                       b + type->value_offset, depth);
}

/* How many items, from that one on, equal this one? */
static uint32_t
count_item(const struct weft_type *type, struct wf_vec v, uint32_t from,
           const uint8_t *item, uint32_t depth)
{
    uint32_t n = 0;
    for (uint32_t i = from; i < v.len; i++)
        n += equal_item(type, wf_vec_item(type, v, i), item, depth);
    return n;
}

/* Items in the same order take linear time. Where sets and maps differ in
 * order, the rest is compared by how often each item is there. */
static bool
equal_items(const struct weft_type *type, const void *a, const void *b,
            uint32_t depth)
{
    struct wf_vec x = wf_vec_load(a), y = wf_vec_load(b);
    if (x.len != y.len)
        return false;
    uint32_t same = 0;
    while (same < x.len && equal_item(type, wf_vec_item(type, x, same),
                                      wf_vec_item(type, y, same), depth))
        same++;
    if (type->wire == WEFT_LIST)
        return same == x.len;
    for (uint32_t i = same; i < x.len; i++) {
        const uint8_t *item = wf_vec_item(type, x, i);
        if (count_item(type, x, same, item, depth) !=
            count_item(type, y, same, item, depth))
            return false;
    }
    return true;
}

static bool
equal_record(const struct weft_struct *desc, const void *a, const void *b,
             uint32_t depth)
{
    if (desc->kind == WEFT_RECORD_UNION &&
        wf_union_which(desc, a) != wf_union_which(desc, b))
        return false;
    for (uint32_t i = 0; i < desc->n_fields; i++) {
        const struct weft_field *field = &desc->fields[i];
        const void *x = wf_field_value(desc, field, a);
        const void *y = wf_field_value(desc, field, b);
        if (!x != !y)
            return false;
        if (x && !equal_value(field->type, x, y, depth))
            return false;
    }
    return true;
}

bool
weft_struct_equal(const struct weft_struct *desc, const void *a, const void *b)
{
    return equal_record(desc, a, b, WEFT_DEPTH - 1);
}
