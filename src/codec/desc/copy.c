/* SPDX-License-Identifier: MIT */
/* Copies a record, with everything to which it points, into another arena. */
#include "codec/desc/record.h"

struct copier {
    struct weft_arena *arena;
    uint32_t depth; /* number of levels that may still be entered */
};

static weft_err copy_record(struct copier *c, const struct weft_struct *desc,
                            void *to, const void *from);
static weft_err copy_items(struct copier *c, const struct weft_type *type,
                           void *to, const void *from);

static weft_err
copy_str(struct copier *c, void *to, const void *from)
{
    struct weft_str s, copy;
    memcpy(&s, from, sizeof s);
    if (!s.ptr)
        return WEFT_OK;
    copy = weft_arena_str(c->arena, s.ptr, s.len);
    memcpy(to, &copy, sizeof copy);
    return copy.ptr ? WEFT_OK : WEFT_EBUDGET;
}

static weft_err
copy_value(struct copier *c, const struct weft_type *type, void *to,
           const void *from)
{
    if (type->wire == WEFT_STRING)
        return copy_str(c, to, from);
    if (!wf_type_nests(type)) {
        memcpy(to, from, type->size);
        return WEFT_OK;
    }
    if (c->depth == 0)
        return WEFT_EDEPTH;
    c->depth--;
    weft_err err = type->wire == WEFT_STRUCT
                       ? copy_record(c, type->record, to, from)
                       : copy_items(c, type, to, from);
    c->depth++;
    return err;
}

static weft_err
copy_item(struct copier *c, const struct weft_type *type, uint8_t *to,
          const uint8_t *from)
{
    if (type->wire != WEFT_MAP)
        return copy_value(c, type->element, to, from);
    weft_err err = copy_value(c, type->key, to, from);
    if (err)
        return err;
    return copy_value(c, type->element, to + type->value_offset,
                      from + type->value_offset);
}

static weft_err
copy_items(struct copier *c, const struct weft_type *type, void *to,
           const void *from)
{
    struct wf_vec old = wf_vec_load(from), copy = {NULL, old.len, old.len};
    if (old.items)
        copy.items = (void *)WEFT_NO_ITEMS; /* empty, but not NULL */
    if (old.len > 0) {
        size_t size;
        if (__builtin_mul_overflow((size_t)old.len, type->item_size, &size) ||
            !(copy.items = weft_arena_zalloc(c->arena, size)))
            return WEFT_EBUDGET;
    }
    weft_err err = WEFT_OK;
    for (uint32_t i = 0; !err && i < old.len; i++)
        err = copy_item(c, type,
                        (uint8_t *)copy.items + (size_t)i * type->item_size,
                        wf_vec_item(type, old, i));
    wf_vec_store(to, copy);
    return err;
}

/* Return the address to which a field is copied: in the record, or in a new
 * box. */
static void *
prepare_field(struct copier *c, const struct weft_field *field, void *record)
{
    uint8_t *place = (uint8_t *)record + field->offset;
    if (!field->boxed)
        return place;
    void *box = weft_arena_zalloc(c->arena, field->type->size);
    memcpy(place, &box, sizeof box);
    return box;
}

static void
copy_bit(const struct weft_struct *desc, const struct weft_field *field,
         void *to, const void *from)
{
    if (field->requiredness == WEFT_REQUIRED || field->boxed)
        return;
    size_t at = wf_field_word(desc, field);
    uint32_t have, want, mask = wf_field_mask(field);
    memcpy(&want, (const uint8_t *)from + at, sizeof want);
    memcpy(&have, (uint8_t *)to + at, sizeof have);
    have = (have & ~mask) | (want & mask);
    memcpy((uint8_t *)to + at, &have, sizeof have);
}

static weft_err
copy_unknown(struct copier *c, const struct weft_struct *desc, void *to,
             const void *from)
{
    struct weft_vec_unknown old = wf_unknown_load(desc, from);
    struct weft_vec_unknown copy = {NULL, 0, 0};
    weft_err err = WEFT_OK;
    for (uint32_t i = 0; i < old.len && !err; i++) {
        struct weft_unknown *kept = weft_push(c->arena, &copy, sizeof *kept);
        if (!kept)
            return WEFT_EBUDGET;
        *kept = old.items[i];
        err = copy_str(c, &kept->bytes, &kept->bytes);
    }
    if (desc->keeps_unknown)
        memcpy((uint8_t *)to + desc->unknown_offset, &copy, sizeof copy);
    return err;
}

static weft_err
copy_record(struct copier *c, const struct weft_struct *desc, void *to,
            const void *from)
{
    wf_record_init(desc, to);
    bool is_union = desc->kind == WEFT_RECORD_UNION;
    if (is_union)
        memcpy((uint8_t *)to + desc->has_offset,
               (const uint8_t *)from + desc->has_offset, sizeof(int32_t));
    for (uint32_t i = 0; i < desc->n_fields; i++) {
        const struct weft_field *field = &desc->fields[i];
        if (!is_union)
            copy_bit(desc, field, to, from);
        const void *value = wf_field_value(desc, field, from);
        if (!value)
            continue;
        void *place = prepare_field(c, field, to);
        weft_err err =
            place ? copy_value(c, field->type, place, value) : WEFT_EBUDGET;
        if (err)
            return err;
    }
    return copy_unknown(c, desc, to, from);
}

weft_err
weft_struct_copy(const struct weft_struct *desc, struct weft_arena *arena,
                 void *to, const void *from)
{
    struct copier c = {arena, WEFT_DEPTH - 1};
    weft_err err = copy_record(&c, desc, to, from);
    if (err)
        wf_record_init(desc, to);
    return err;
}
