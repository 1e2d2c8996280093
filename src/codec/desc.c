/* SPDX-License-Identifier: MIT */
#include "codec/desc.h"
#include "codec/codec.h"

#define FIRST_CAP 4u

const void *
wf_field_value(const struct weft_struct *desc, const struct weft_field *field,
               const void *record)
{
    const uint8_t *base = record;
    if (desc->kind == WEFT_RECORD_UNION) {
        if (wf_union_which(desc, record) != field->id)
            return NULL;
    } else if (!field->boxed && field->requiredness == WEFT_OPTIONAL) {
        uint32_t word;
        memcpy(&word, base + wf_field_word(desc, field), sizeof word);
        if (!(word & wf_field_mask(field)))
            return NULL;
    }
    if (!field->boxed)
        return base + field->offset;
    const void *box;
    memcpy(&box, base + field->offset, sizeof box);
    return box;
}

const char *
weft_enum_name(const struct weft_enum *desc, int32_t value)
{
    for (uint32_t i = 0; i < desc->n_values; i++)
        if (desc->values[i].value == value)
            return desc->values[i].name;
    return NULL;
}

/* Room for twice the items; those that are there move. */
static bool
grow(struct weft_arena *arena, struct wf_vec *v, size_t item_size)
{
    if (v->len > UINT32_MAX / 2)
        return false;
    uint32_t cap = v->len < FIRST_CAP ? FIRST_CAP : v->len * 2;
    size_t size;
    if (__builtin_mul_overflow((size_t)cap, item_size, &size))
        return false;
    void *items = weft_arena_alloc(arena, size);
    if (!items)
        return false;
    if (v->len > 0)
        memcpy(items, v->items, v->len * item_size);
    v->items = items;
    v->cap = cap;
    return true;
}

void *
weft_push(struct weft_arena *arena, void *vec, size_t item_size)
{
    struct wf_vec v = wf_vec_load(vec);
    if (v.len >= v.cap && !grow(arena, &v, item_size))
        return NULL;
    void *item = (uint8_t *)v.items + v.len * item_size;
    memset(item, 0, item_size);
    v.len++;
    wf_vec_store(vec, v);
    return item;
}
