/* SPDX-License-Identifier: MIT */
/*
 * Drops repeated items of sets and repeated keys of maps. In a set the first of
 * several equal items stays. In a map the last of several items with equal keys
 * stays, and takes the place of the first. Most sets and maps have only a few
 * integers or strings as items or keys. Such items are compared with each
 * other: if all differ, nothing is left to do. Otherwise a table of hashes
 * finds equal items. The table grows with the number of different items, within
 * the rest of the reader's budget.
 *
 * The hash starts from a random number, so that a peer cannot choose items that
 * share a hash. If a peer finds such items nevertheless, the number of steps is
 * bounded: this file refuses a container that takes many more steps than the
 * container has items.
 */
#include "codec/desc/record.h"

#define FEW 8u
#define FIRST_SIZE 64u /* slots of the first table, which is on the stack */
#define STEPS_PER_ITEM 16u
#define STEPS_FREE 1024u

struct slot {
    uint32_t hash;
    uint32_t item; /* 1 + index of the item; 0: the slot is free */
};

struct table {
    const struct weft_type *type; /* the container's type */
    const struct weft_type *key; /* the type of a map's keys or a set's items */
    struct slot *slots;
    uint32_t size, n; /* size: a power of two; n: slots in use */
    uint64_t seed, steps;
};

static uint64_t
seed_of_process(void)
{
    static WF_GLOBAL _Atomic uint64_t known;
    /* Relaxed order is enough: if two threads draw a number at once, either
     * number is a good seed. */
    uint64_t seed = wf_load(&known, relaxed);
    if (seed == 0) {
        seed = wf_sys_random() | 1;
        wf_store(&known, seed, relaxed);
    }
    return seed;
}

/* Source of the two multiplications: "Fast splittable pseudorandom number
 * generators" by Steele, Lea and Flood, 2014. */
static uint32_t
hash_of(const struct table *t, const void *item)
{
    uint64_t hash = wf_hash_value(t->key, item, t->seed);
    hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ hash >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)(hash >> 32);
}

/* The slot of an item that equals `item`, or a free slot. For a map only the
 * keys are compared. */
static struct slot *
find(struct table *t, struct wf_vec v, uint32_t hash, const void *item)
{
    for (uint32_t i = hash & (t->size - 1);; i = (i + 1) & (t->size - 1)) {
        struct slot *s = &t->slots[i];
        t->steps++;
        if (s->item == 0)
            return s;
        if (s->hash == hash &&
            weft_value_equal(t->key, wf_vec_item(t->type, v, s->item - 1),
                             item))
            return s;
    }
}

static void
free_slots(struct table *t, const struct slot *first)
{
    if (t->slots != first)
        wf_sys_free(t->slots);
}

static bool
grow(struct table *t, const struct slot *first, size_t budget)
{
    struct table larger = *t;
    larger.size = 2 * t->size;
    size_t size = larger.size * sizeof *t->slots;
    larger.slots = size <= budget ? wf_sys_zalloc(size) : NULL;
    if (!larger.slots)
        return false;
    for (uint32_t i = 0; i < t->size; i++) {
        uint32_t to = t->slots[i].hash & (larger.size - 1);
        while (t->slots[i].item && larger.slots[to].item)
            to = (to + 1) & (larger.size - 1);
        if (t->slots[i].item)
            larger.slots[to] = t->slots[i];
    }
    free_slots(t, first);
    *t = larger;
    return true;
}

/* Keep one of each group of equal items, and move the kept items to the
 * front. */
static weft_err
drop_repeated(struct table *t, struct wf_vec *v, size_t budget)
{
    const struct slot *first = t->slots;
    size_t size = t->type->item_size;
    uint32_t kept = 0;
    uint64_t most = (uint64_t)v->len * STEPS_PER_ITEM + STEPS_FREE;
    for (uint32_t i = 0; i < v->len; i++) {
        uint8_t *item = (uint8_t *)v->items + i * size;
        uint32_t hash = hash_of(t, item);
        struct slot *s = find(t, *v, hash, item);
        if (t->steps > most)
            return WEFT_EBUDGET;
        uint32_t to = s->item ? s->item - 1 : kept;
        if (to != i && (s->item == 0 || t->type->wire == WEFT_MAP))
            memmove((uint8_t *)v->items + to * size, item, size);
        if (s->item)
            continue;
        *s = (struct slot){hash, ++kept};
        if (2 * ++t->n > t->size && !grow(t, first, budget))
            return WEFT_EBUDGET;
    }
    v->len = kept;
    return WEFT_OK;
}

static weft_err
unique_by_table(struct table *t, void *vec, size_t budget)
{
    struct slot first[FIRST_SIZE] = {0};
    struct wf_vec v = wf_vec_load(vec);
    t->slots = first;
    t->size = FIRST_SIZE;
    t->seed = seed_of_process();
    weft_err err = drop_repeated(t, &v, budget);
    free_slots(t, first);
    wf_vec_store(vec, v);
    return err;
}

static bool
strings_differ(const struct table *t, struct wf_vec v)
{
    struct weft_str seen[FEW];
    for (uint32_t i = 0; i < v.len; i++) {
        memcpy(&seen[i], wf_vec_item(t->type, v, i), sizeof seen[i]);
        for (uint32_t k = 0; k < i; k++)
            if (weft_str_eq(seen[k], seen[i]))
                return false;
    }
    return true;
}

static uint64_t
load(const uint8_t *at, size_t size)
{
    uint64_t number = 0;
    if (size == 4)
        memcpy(&number, at, 4);
    else if (size == 8)
        memcpy(&number, at, 8);
    else
        memcpy(&number, at, size);
    return number;
}

static bool
numbers_differ(const struct table *t, struct wf_vec v)
{
    uint64_t seen[FEW];
    for (uint32_t i = 0; i < v.len; i++) {
        seen[i] = load(wf_vec_item(t->type, v, i), t->key->size);
        for (uint32_t k = 0; k < i; k++)
            if (seen[k] == seen[i])
                return false;
    }
    return true;
}

/* True if there are only a few items, and each item differs from all others.
 * False: an item is repeated, or the items were not compared, because there are
 * too many or their type has no quick comparison. The caller then uses the
 * table. */
static bool
few_differ(const struct table *t, struct wf_vec v)
{
    if (v.len < 2)
        return true;
    if (v.len > FEW)
        return false;
    switch (t->key->wire) {
    case WEFT_STRING:
        return strings_differ(t, v);
    case WEFT_I8:
    case WEFT_I16:
    case WEFT_I32:
    case WEFT_I64:
        return numbers_differ(t, v);
    default:
        return false;
    }
}

weft_err
wf_unique_items(const struct weft_type *type, void *vec, size_t budget,
                uint64_t *steps)
{
    struct table t = {.type = type,
                      .key =
                          type->wire == WEFT_MAP ? type->key : type->element};
    weft_err err = WEFT_OK;
    if (!few_differ(&t, wf_vec_load(vec)))
        err = unique_by_table(&t, vec, budget);
    *steps = t.steps;
    return err;
}

/* True if the type is a set or map, or a list that contains a set or map.
 * Records inside the type are not searched: the fields of a record were handled
 * when the record was read. */
static bool
has_keys(const struct weft_type *type)
{
    return type->wire == WEFT_SET || type->wire == WEFT_MAP ||
           (type->wire == WEFT_LIST && has_keys(type->element));
}

/* Handle inner containers first, because their items decide which outer items
 * are equal. The depth of the type bounds the recursion. */
static weft_err
look_into(struct weft_reader *r, const struct weft_type *type, void *vec)
{
    struct wf_vec v = wf_vec_load(vec);
    bool is_map = type->wire == WEFT_MAP;
    bool in_key = is_map && has_keys(type->key);
    bool in_value = has_keys(type->element);
    weft_err err = WEFT_OK;
    for (uint32_t i = 0; (in_key || in_value) && i < v.len && !err; i++) {
        uint8_t *item = (uint8_t *)v.items + (size_t)i * type->item_size;
        if (in_key)
            err = look_into(r, type->key, item);
        if (in_value && !err)
            err = look_into(r, type->element,
                            item + (is_map ? type->value_offset : 0));
    }
    uint64_t steps;
    if (err || type->wire == WEFT_LIST)
        return err;
    return wf_unique_items(type, vec, r->arena ? r->arena->left : 0, &steps);
}

weft_err
weft_read_unique(struct weft_reader *r, const struct weft_struct *desc,
                 uint32_t field, void *value)
{
    return wf_unique_value(r, desc->fields[field].type, value);
}

weft_err
wf_unique_value(struct weft_reader *r, const struct weft_type *type,
                void *value)
{
    return has_keys(type) ? look_into(r, type, value) : WEFT_OK;
}
