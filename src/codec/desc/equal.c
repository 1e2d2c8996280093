/* SPDX-License-Identifier: MIT */
/*
 * Compares two values. Lists are equal only in the same order, sets and maps in
 * any order.
 */
#include "codec/desc/record.h"

#include <stdlib.h>

static bool equal_record(const struct weft_struct *desc, const void *a,
                         const void *b, uint32_t depth);
static bool equal_items(const struct weft_type *type, const void *a,
                        const void *b, uint32_t depth);

/* Compare the bits, so that 0.0 and -0.0 differ. But every NaN equals every
 * other NaN, because JSON has only one NaN. */
static bool
equal_double(const void *a, const void *b)
{
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return memcmp(a, b, sizeof x) == 0 || (x != x && y != y);
}

static bool
equal_str(const void *a, const void *b)
{
    struct weft_str x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return weft_str_eq(x, y);
}

/* `depth` is the number of levels that may still be entered. */
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

/* ---- sets and maps in different order ---- */

struct entry {
    uint64_t hash;
    const uint8_t *item;
};

/* Up to this many items of each side are compared without an allocation. */
#define FEW 4u

static int
compare_entries(const void *a, const void *b)
{
    uint64_t x = ((const struct entry *)a)->hash;
    uint64_t y = ((const struct entry *)b)->hash;
    return x < y ? -1 : x > y;
}

static void
list_entries(const struct weft_type *type, struct wf_vec v, uint32_t from,
             uint64_t seed, uint32_t depth, struct entry *entries)
{
    for (uint32_t i = from; i < v.len; i++) {
        const uint8_t *item = wf_vec_item(type, v, i);
        entries[i - from] =
            (struct entry){wf_hash_item(type, item, seed, depth), item};
    }
    qsort(entries, v.len - from, sizeof *entries, compare_entries);
}

/* Count the entries whose item equals `item`. */
static uint32_t
count_item(const struct weft_type *type, const struct entry *entries,
           uint32_t n, const uint8_t *item, uint32_t depth)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++)
        count += equal_item(type, entries[i].item, item, depth);
    return count;
}

/* Compare n entries of x with n entries of y. All these entries have the same
 * hash, so nearly always all their items are equal. If some items differ, count
 * how often each item of x is in x, and how often it is in y. */
static bool
equal_run(const struct weft_type *type, const struct entry *x,
          const struct entry *y, uint32_t n, uint32_t depth)
{
    uint32_t same = 0;
    while (same < n && equal_item(type, x[0].item, y[same].item, depth) &&
           (same == 0 || equal_item(type, x[0].item, x[same].item, depth)))
        same++;
    if (same == n || n == 1)
        return same == n;
    for (uint32_t i = 0; i < n; i++)
        if (count_item(type, x, n, x[i].item, depth) !=
            count_item(type, y, n, x[i].item, depth))
            return false;
    return true;
}

static bool
equal_entries(const struct weft_type *type, const struct entry *x,
              const struct entry *y, uint32_t n, uint32_t depth)
{
    for (uint32_t i = 0; i < n; i++)
        if (x[i].hash != y[i].hash)
            return false;
    for (uint32_t i = 0, end; i < n; i = end) {
        end = i + 1;
        while (end < n && x[end].hash == x[i].hash)
            end++;
        if (!equal_run(type, x + i, y + i, end - i, depth))
            return false;
    }
    return true;
}

/* Count the items that equal `item`. This function needs no array of entries:
 * it computes the hash of each item again. It compares two items only if their
 * hashes are equal. */
static uint32_t
count_slowly(const struct weft_type *type, struct wf_vec v, uint32_t from,
             const uint8_t *item, uint64_t seed, uint32_t depth)
{
    uint64_t hash = wf_hash_item(type, item, seed, depth);
    uint32_t n = 0;
    for (uint32_t i = from; i < v.len; i++) {
        const uint8_t *other = wf_vec_item(type, v, i);
        n += wf_hash_item(type, other, seed, depth) == hash &&
             equal_item(type, other, item, depth);
    }
    return n;
}

static bool
equal_slowly(const struct weft_type *type, struct wf_vec x, struct wf_vec y,
             uint32_t from, uint64_t seed, uint32_t depth)
{
    for (uint32_t i = from; i < x.len; i++) {
        const uint8_t *item = wf_vec_item(type, x, i);
        if (count_slowly(type, x, from, item, seed, depth) !=
            count_slowly(type, y, from, item, seed, depth))
            return false;
    }
    return true;
}

/* Compare the items from index `from` on, in any order. */
static bool
equal_unordered(const struct weft_type *type, struct wf_vec x, struct wf_vec y,
                uint32_t from, uint32_t depth)
{
    struct entry few[2 * FEW], *entries = few;
    uint32_t n = x.len - from;
    /* The seed is an address, which a peer does not know, so the peer cannot
     * choose items that share a hash. */
    uint64_t seed = (uintptr_t)few;
    if (n > FEW)
        entries = wf_sys_malloc(2 * (size_t)n * sizeof *entries);
    if (!entries)
        return equal_slowly(type, x, y, from, seed, depth);
    list_entries(type, x, from, seed, depth, entries);
    list_entries(type, y, from, seed, depth, entries + n);
    bool equal = equal_entries(type, entries, entries + n, n, depth);
    if (entries != few)
        wf_sys_free(entries);
    return equal;
}

/* Compare item by item first, which is fastest: nearly always both sides have
 * the same order. */
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
    if (same == x.len || type->wire == WEFT_LIST)
        return same == x.len;
    return equal_unordered(type, x, y, same, depth);
}

/* ---- structs ---- */

static bool
equal_unknown(const struct weft_struct *desc, const void *a, const void *b)
{
    struct weft_vec_unknown x = wf_unknown_load(desc, a);
    struct weft_vec_unknown y = wf_unknown_load(desc, b);
    if (x.len != y.len)
        return false;
    for (uint32_t i = 0; i < x.len; i++)
        if (x.items[i].id != y.items[i].id ||
            x.items[i].wire != y.items[i].wire ||
            !weft_str_eq(x.items[i].bytes, y.items[i].bytes))
            return false;
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
    return equal_unknown(desc, a, b);
}

bool
weft_struct_equal(const struct weft_struct *desc, const void *a, const void *b)
{
    return equal_record(desc, a, b, WEFT_DEPTH - 1);
}

bool
weft_value_equal(const struct weft_type *type, const void *a, const void *b)
{
    return equal_value(type, a, b, WEFT_DEPTH);
}
