/* SPDX-License-Identifier: MIT */
/*
 * Hashes values: equal values (see equal.c) have equal hashes.
 *
 * Source of the multiplier: "Fast splittable pseudorandom number generators" by
 * Steele, Lea and Flood, 2014.
 */
#include "codec/desc/record.h"

static uint64_t hash_record(const struct weft_struct *desc, const void *record,
                            uint64_t seed, uint32_t depth);
static uint64_t hash_items(const struct weft_type *type, const void *vec,
                           uint64_t seed, uint32_t depth);

/*
 * Use both halves of the product, so that the effect of a changed word depends
 * on the hash so far, and thus on the seed, which a peer does not know. If only
 * the low half is used, a peer can choose a second word that undoes the change
 * which the first word has made.
 */
static uint64_t
mix(uint64_t hash, uint64_t word)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)(hash ^ word) * 0x9e3779b97f4a7c15u;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t
hash_bytes(const void *ptr, size_t len, uint64_t hash)
{
    const uint8_t *at = ptr;
    hash = mix(hash, len);
    for (; len >= 8; at += 8, len -= 8)
        hash = mix(hash, weft_load_le64(at));
    uint64_t rest = 0;
    for (size_t i = 0; i < len; i++)
        rest |= (uint64_t)at[i] << 8 * i;
    return mix(hash, rest);
}

static uint64_t
hash_str(const void *value, uint64_t seed)
{
    struct weft_str str;
    memcpy(&str, value, sizeof str);
    return hash_bytes(str.ptr, str.len, seed);
}

/* Hash the bits, except that all NaNs share one hash. */
static uint64_t
hash_double(const void *value, uint64_t seed)
{
    double v;
    uint64_t bits = 0x7ff8000000000000u;
    memcpy(&v, value, sizeof v);
    if (v == v)
        memcpy(&bits, &v, sizeof bits);
    return mix(seed, bits);
}

static uint64_t
hash_value(const struct weft_type *type, const void *value, uint64_t seed,
           uint32_t depth)
{
    switch (type->wire) {
    case WEFT_STRING:
        return hash_str(value, seed);
    case WEFT_DOUBLE:
        return hash_double(value, seed);
    case WEFT_STRUCT:
        return depth ? hash_record(type->record, value, seed, depth - 1) : seed;
    case WEFT_LIST:
    case WEFT_SET:
    case WEFT_MAP:
        return depth ? hash_items(type, value, seed, depth - 1) : seed;
    default:
        return hash_bytes(value, type->size, seed);
    }
}

uint64_t
wf_hash_value(const struct weft_type *type, const void *value, uint64_t seed)
{
    return hash_value(type, value, seed, WEFT_DEPTH);
}

uint64_t
wf_hash_item(const struct weft_type *type, const uint8_t *item, uint64_t seed,
             uint32_t depth)
{
    if (type->wire != WEFT_MAP)
        return hash_value(type->element, item, seed, depth);
    uint64_t hash = hash_value(type->key, item, seed, depth);
    return hash_value(type->element, item + type->value_offset, hash, depth);
}

/* The hash of a set or map must not depend on the order, so the hashes of its
 * items are added. */
static uint64_t
hash_items(const struct weft_type *type, const void *vec, uint64_t seed,
           uint32_t depth)
{
    struct wf_vec v = wf_vec_load(vec);
    uint64_t hash = mix(seed, v.len), sum = 0;
    for (uint32_t i = 0; i < v.len; i++) {
        const uint8_t *item = wf_vec_item(type, v, i);
        if (type->wire == WEFT_LIST)
            hash = wf_hash_item(type, item, hash, depth);
        else
            sum += wf_hash_item(type, item, seed, depth);
    }
    return mix(hash, sum);
}

/* A record keeps its unknown fields in order, so these are hashed like a
 * list. */
static uint64_t
hash_unknown(const struct weft_struct *desc, const void *record, uint64_t hash)
{
    struct weft_vec_unknown v = wf_unknown_load(desc, record);
    for (uint32_t i = 0; i < v.len; i++) {
        hash = mix(hash, WEFT_FIELD(v.items[i].id, v.items[i].wire));
        hash = hash_bytes(v.items[i].bytes.ptr, v.items[i].bytes.len, hash);
    }
    return hash;
}

static uint64_t
hash_record(const struct weft_struct *desc, const void *record, uint64_t seed,
            uint32_t depth)
{
    uint64_t hash = seed;
    if (desc->kind == WEFT_RECORD_UNION)
        hash = mix(hash, (uint32_t)wf_union_which(desc, record));
    for (uint32_t i = 0; i < desc->n_fields; i++) {
        const struct weft_field *field = &desc->fields[i];
        const void *value = wf_field_value(desc, field, record);
        if (value)
            hash = hash_value(field->type, value, mix(hash, i), depth);
    }
    return hash_unknown(desc, record, mix(hash, desc->n_fields));
}

uint64_t
weft_struct_hash(const struct weft_struct *desc, const void *record)
{
    return hash_record(desc, record, 0, WEFT_DEPTH - 1);
}
