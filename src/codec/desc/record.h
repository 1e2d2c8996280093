/* SPDX-License-Identifier: MIT */
/*
 * How the engine sees values through their descriptors. Private to codec.
 *
 * Presence: of a union, the field whose id is in `which`. Otherwise a boxed
 * field is there if its pointer is, an optional one if its bit is set, and all
 * others always: a field of default requiredness is written whether or not it
 * was read, so its bit says nothing of its value.
 */
#ifndef WEFT_CODEC_RECORD_H
#define WEFT_CODEC_RECORD_H

#include "codec/binary/binary.h"

static inline const uint8_t *
wf_vec_item(const struct weft_type *type, struct wf_vec v, uint32_t i)
{
    return (const uint8_t *)v.items + (size_t)i * type->item_size;
}

/* Of a union: the id of its field. */
static inline int32_t
wf_union_which(const struct weft_struct *desc, const void *record)
{
    int32_t which;
    memcpy(&which, (const uint8_t *)record + desc->has_offset, sizeof which);
    return which;
}

/* The word of a field's bit, and the bit in it. */
static inline size_t
wf_field_word(const struct weft_struct *desc, const struct weft_field *field)
{
    return desc->has_offset + sizeof(uint32_t) * (field->has_bit / 32u);
}

static inline uint32_t
wf_field_mask(const struct weft_field *field)
{
    return (uint32_t)1 << field->has_bit % 32u;
}

/* Bytes of the UTF-8 character at s that is not ASCII, or 0: there is none. */
uint32_t wf_measure_utf8(const uint8_t *s, uint32_t left);

/* The record as the IDL's defaults have it. */
static inline void
wf_record_init(const struct weft_struct *desc, void *record)
{
    if (desc->init)
        desc->init(record);
    else
        memset(record, 0, desc->size);
}

/* The value of a field that is present; NULL: it is absent. */
const void *wf_field_value(const struct weft_struct *desc,
                           const struct weft_field *field, const void *record);

/* The fields that a record keeps without knowing them, if it keeps any. */
static inline struct weft_vec_unknown
wf_unknown_load(const struct weft_struct *desc, const void *record)
{
    struct weft_vec_unknown v = {NULL, 0, 0};
    if (desc->keeps_unknown)
        memcpy(&v, (const uint8_t *)record + desc->unknown_offset, sizeof v);
    return v;
}

/* The place of a field's value, boxed or not, while the old value goes: the
 * other members of a union, too, if they share memory. NULL: no memory. */
void *wf_field_place(const struct weft_struct *desc,
                     const struct weft_field *field, bool is_overlaid,
                     struct weft_arena *arena, void *record) WEFT_CHECKED;

/* Say that an optional field, or the member of a union, is there. */
void wf_field_mark(const struct weft_struct *desc,
                   const struct weft_field *field, void *record);

/* The hash of an item, of a map the pair's. */
uint64_t wf_hash_item(const struct weft_type *type, const uint8_t *item,
                      uint64_t seed, uint32_t depth);

/* Must every struct or container be entered with a level left? */
static inline bool
wf_type_nests(const struct weft_type *type)
{
    return type->wire >= WEFT_STRUCT && type->wire <= WEFT_LIST;
}

#endif
