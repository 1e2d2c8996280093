/* SPDX-License-Identifier: MIT */
/*
 * Access to a record by its descriptor. Private to codec.
 *
 * In a union only the field whose id is in `which` is present. In every other
 * record a boxed field is present if its pointer is not NULL, an optional field
 * is present if its bit is set, and any other field is always present. An
 * unboxed field that is neither required nor optional has a bit, too. Most such
 * fields are written even if their bit is not set: see enum weft_requiredness.
 */
#ifndef WEFT_CODEC_RECORD_H
#define WEFT_CODEC_RECORD_H

#include "codec/binary/binary.h"

static inline const uint8_t *
wf_vec_item(const struct weft_type *type, struct wf_vec v, uint32_t i)
{
    return (const uint8_t *)v.items + (size_t)i * type->item_size;
}

/* A value of type bool, i8, i16, i32 or i64. */
static inline int64_t
wf_value_int(uint8_t wire, const void *value)
{
    switch (wire) {
    case WEFT_BOOL:
        return *(const bool *)value;
    case WEFT_I8:
        return *(const int8_t *)value;
    case WEFT_I16:
        return *(const int16_t *)value;
    case WEFT_I32:
        return *(const int32_t *)value;
    default:
        return *(const int64_t *)value;
    }
}

/* The id of a union's present field. */
static inline int32_t
wf_union_which(const struct weft_struct *desc, const void *record)
{
    int32_t which;
    memcpy(&which, (const uint8_t *)record + desc->has_offset, sizeof which);
    return which;
}

/* wf_field_word returns the offset of the word that holds a field's bit, and
 * wf_field_mask returns the bit in this word. */
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

/* The number of bytes of the UTF-8 character at s. 0: the character is ASCII,
 * or the bytes are not UTF-8. */
uint32_t wf_measure_utf8(const uint8_t *s, uint32_t left);

/* Set the record to the defaults of the IDL. */
static inline void
wf_record_init(const struct weft_struct *desc, void *record)
{
    if (desc->init)
        desc->init(record);
    else
        memset(record, 0, desc->size);
}

/* The value of a field; NULL: the field is absent. */
const void *wf_field_value(const struct weft_struct *desc,
                           const struct weft_field *field, const void *record);

/* The unknown fields that a record keeps; empty if the type of the record keeps
 * no unknown fields. */
static inline struct weft_vec_unknown
wf_unknown_load(const struct weft_struct *desc, const void *record)
{
    struct weft_vec_unknown v = {NULL, 0, 0};
    if (desc->keeps_unknown)
        memcpy(&v, (const uint8_t *)record + desc->unknown_offset, sizeof v);
    return v;
}

/* Returns the address for a field's new value: in the record, or in a new box.
 * If members of a union share memory (is_overlaid), this function clears the
 * record first. NULL: no memory. */
void *wf_field_place(const struct weft_struct *desc,
                     const struct weft_field *field, bool is_overlaid,
                     struct weft_arena *arena, void *record) WEFT_CHECKED;

/* Mark a field as present, by its bit or by the `which` of a union. */
void wf_field_mark(const struct weft_struct *desc,
                   const struct weft_field *field, void *record);

/* The hash of an item; for an item of a map the hash covers key and value. */
uint64_t wf_hash_item(const struct weft_type *type, const uint8_t *item,
                      uint64_t seed, uint32_t depth);

/* The hash of a value; the computation starts from the seed. */
uint64_t wf_hash_value(const struct weft_type *type, const void *value,
                       uint64_t seed);

/*
 * Drop repeated items of a set. If keys of a map are equal, keep the last
 * value. `left` is the limit for the hash table, in bytes. *steps receives the
 * number of table slots that were examined. WEFT_EBUDGET: too many steps, or
 * too much memory.
 */
weft_err wf_unique_items(const struct weft_type *type, void *vec, size_t left,
                         uint64_t *steps) WEFT_CHECKED;

/* Drop repeated items and keys in a value that was read, and in all containers
 * inside the value. Records inside the value are left out, because each record
 * was handled when it was read. */
weft_err wf_unique_value(struct weft_reader *r, const struct weft_type *type,
                         void *value) WEFT_CHECKED;

/* True if the type is a struct or container: each of these takes a level of
 * depth. */
static inline bool
wf_type_nests(const struct weft_type *type)
{
    return type->wire >= WEFT_STRUCT && type->wire <= WEFT_LIST;
}

#endif
