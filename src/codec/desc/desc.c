/* SPDX-License-Identifier: MIT */
#include "codec/desc/record.h"

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

const void *
weft_field_get(const struct weft_struct *desc, const struct weft_field *field,
               const void *record)
{
    return wf_field_value(desc, field, record);
}

void *
wf_field_place(const struct weft_struct *desc, const struct weft_field *field,
               bool is_overlaid, struct weft_arena *arena, void *record)
{
    if (is_overlaid)
        memset(record, 0, desc->size);
    uint8_t *place = (uint8_t *)record + field->offset;
    if (!field->boxed)
        return place;
    void *box = arena ? weft_arena_zalloc(arena, field->type->size) : NULL;
    memcpy(place, &box, sizeof box);
    return box;
}

void
wf_field_mark(const struct weft_struct *desc, const struct weft_field *field,
              void *record)
{
    uint8_t *base = record;
    if (desc->kind == WEFT_RECORD_UNION) {
        int32_t which = field->id;
        memcpy(base + desc->has_offset, &which, sizeof which);
    } else if (field->requiredness != WEFT_REQUIRED && !field->boxed) {
        uint8_t *at = base + wf_field_word(desc, field);
        uint32_t word;
        memcpy(&word, at, sizeof word);
        word |= wf_field_mask(field);
        memcpy(at, &word, sizeof word);
    }
}

/* A result has the id of its member in `which`, like a union, but its members
 * do not share memory. */
static bool
shares_memory(const struct weft_struct *desc)
{
    return desc->kind == WEFT_RECORD_UNION &&
           (desc->n_fields < 2 ||
            desc->fields[0].offset == desc->fields[1].offset);
}

/* Store an empty value. An empty string or container gets a pointer other than
 * NULL, because NULL means "not set": see enum weft_requiredness. */
static void
set_empty(const struct weft_type *type, void *value)
{
    static const struct weft_str empty = {"", 0};
    memset(value, 0, type->size);
    if (type->record)
        wf_record_init(type->record, value);
    else if (type->element)
        weft_vec_clear(value);
    else if (type->wire == WEFT_STRING)
        memcpy(value, &empty, sizeof empty);
}

void *
weft_field_set(const struct weft_struct *desc, const struct weft_field *field,
               struct weft_arena *arena, void *record)
{
    void *value =
        wf_field_place(desc, field, shares_memory(desc), arena, record);
    if (!value)
        return NULL;
    set_empty(field->type, value);
    wf_field_mark(desc, field, record);
    return value;
}

const struct weft_field *
weft_struct_field(const struct weft_struct *desc, const char *name)
{
    for (uint32_t i = 0; i < desc->n_fields; i++)
        if (strcmp(desc->fields[i].name, name) == 0)
            return &desc->fields[i];
    return NULL;
}

/* Index of the first field whose id is not less than `id`. */
static uint32_t
search(const struct weft_struct *desc, int16_t id)
{
    uint32_t low = 0, high = desc->n_fields;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (desc->fields[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct weft_field *
weft_struct_field_by_id(const struct weft_struct *desc, int16_t id)
{
    uint32_t i = search(desc, id);
    bool found = i < desc->n_fields && desc->fields[i].id == id;
    return found ? &desc->fields[i] : NULL;
}

uint32_t
weft_vec_len(const void *vec)
{
    return wf_vec_load(vec).len;
}

void *
weft_vec_item(const struct weft_type *type, const void *vec, uint32_t i)
{
    struct wf_vec v = wf_vec_load(vec);
    return (uint8_t *)v.items + (size_t)i * type->item_size;
}

const char *
weft_enum_name(const struct weft_enum *desc, int32_t value)
{
    for (uint32_t i = 0; i < desc->n_values; i++)
        if (desc->values[i].value == value)
            return desc->values[i].name;
    return NULL;
}

/* Allocate room for twice the items, and copy the present items. */
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

const uint64_t weft_no_items[2] = {0, 0};

void
weft_vec_clear(void *vec)
{
    struct wf_vec v = wf_vec_load(vec);
    v.len = 0;
    if (!v.items)
        v = (struct wf_vec){(void *)WEFT_NO_ITEMS, 0, 0};
    wf_vec_store(vec, v);
}

void *
weft_push_struct(struct weft_arena *arena, void *vec,
                 const struct weft_struct *desc)
{
    void *item = weft_push(arena, vec, desc->size);
    if (item)
        wf_record_init(desc, item);
    return item;
}
