/* SPDX-License-Identifier: MIT */
/* Random values of any descriptor, and encoding and decoding by descriptor. */
#ifndef WEFT_TESTS_UNIT_CODEC_VALUES_H
#define WEFT_TESTS_UNIT_CODEC_VALUES_H

#include "codec/desc/record.h"

#include <stdlib.h>

/* The state of the random numbers, and the memory of the values. */
struct dice {
    uint64_t state;
    struct weft_arena *arena;
};

static inline uint32_t
roll(struct dice *dice, uint32_t sides)
{
    dice->state = dice->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(dice->state >> 33) % sides;
}

static inline void *
roll_room(struct dice *dice, size_t size)
{
    void *room = weft_arena_zalloc(dice->arena, size);
    if (!room)
        abort();
    return room;
}

/* A small number, the limit of some width, or any number. */
static inline int64_t
roll_int(struct dice *dice)
{
    uint64_t bits = (uint64_t)roll(dice, 1u << 31) << 33 ^
                    (uint64_t)roll(dice, 1u << 31) << 8 ^ roll(dice, 256);
    switch (roll(dice, 4)) {
    case 0:
        return (int64_t)roll(dice, 7) - 3;
    case 1:
        return roll(dice, 2) ? INT64_MAX : INT64_MIN;
    default:
        return (int64_t)(bits >> roll(dice, 64));
    }
}

static inline double
roll_double(struct dice *dice)
{
    static const double some[] = {0.0,    -0.0,  1.5,      0.1,
                                  1e300,  -1e-9, 5e-324,   123456789.125,
                                  1 / 3., 1e16,  2.5e-308, -1.0};
    if (roll(dice, 4))
        return some[roll(dice, sizeof some / sizeof *some)];
    uint64_t bits = (uint64_t)roll_int(dice);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static inline struct weft_str
roll_str(struct dice *dice, bool is_binary)
{
    static const char *const letters[] = {
        "a",    "\"", "\\",       "\n",           "\x01",
        "\x1f", "/",  "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
        "\x7f", "\t", " "};
    uint32_t n = roll(dice, 40) ? roll(dice, 12) : 5000, len = 0;
    char *text = roll_room(dice, 4 * (size_t)n + 1);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t kind = roll(dice, sizeof letters / sizeof *letters + 1);
        if (is_binary || kind == 0) {
            text[len++] = is_binary ? (char)roll(dice, 256) : '\0';
            continue;
        }
        for (const char *c = letters[kind - 1]; *c; c++)
            text[len++] = *c;
    }
    return (struct weft_str){text, len};
}

static inline void roll_record(struct dice *dice,
                               const struct weft_struct *desc, void *record,
                               int depth);
static inline void roll_value(struct dice *dice, const struct weft_type *type,
                              void *value, int depth);

static inline void
roll_items(struct dice *dice, const struct weft_type *type, void *vec,
           int depth)
{
    struct {
        void *items;
        uint32_t len, cap;
    } v = {NULL, 0, 0};
    v.len = depth <= 0 ? 0 : roll(dice, 4) ? roll(dice, 4) : roll(dice, 20);
    uint8_t *item = roll_room(dice, (size_t)v.len * type->item_size + 1);
    v.items = item;
    for (uint32_t i = 0; i < v.len; i++, item += type->item_size) {
        bool is_map = type->wire == WEFT_MAP;
        if (is_map)
            roll_value(dice, type->key, item, depth - 2);
        roll_value(dice, type->element,
                   item + (is_map ? type->value_offset : 0), depth - 2);
    }
    memcpy(vec, &v, sizeof v);
    uint64_t steps; /* readers drop repeated items */
    if (type->wire != WEFT_LIST && wf_unique_items(type, vec, SIZE_MAX, &steps))
        abort();
}

static inline void
roll_value(struct dice *dice, const struct weft_type *type, void *value,
           int depth)
{
    switch (type->wire) {
    case WEFT_BOOL:
        *(bool *)value = roll(dice, 2);
        break;
    case WEFT_I8:
        *(int8_t *)value = (int8_t)roll_int(dice);
        break;
    case WEFT_I16:
        *(int16_t *)value = (int16_t)roll_int(dice);
        break;
    case WEFT_I32:
        *(int32_t *)value = (int32_t)roll_int(dice);
        break;
    case WEFT_I64:
        *(int64_t *)value = roll_int(dice);
        break;
    case WEFT_DOUBLE:
        *(double *)value = roll_double(dice);
        break;
    case WEFT_STRING:
        *(struct weft_str *)value = roll_str(dice, type->is_binary);
        break;
    case WEFT_UUID:
        for (int i = 0; i < 16; i++)
            ((struct weft_uuid *)value)->bytes[i] = (uint8_t)roll(dice, 256);
        break;
    case WEFT_STRUCT:
        roll_record(dice, type->record, value, depth);
        break;
    default:
        roll_items(dice, type, value, depth);
    }
}

static inline void
roll_field(struct dice *dice, const struct weft_field *field, void *record,
           int depth)
{
    void *value = (uint8_t *)record + field->offset;
    if (field->boxed) {
        void *box = roll_room(dice, field->type->size);
        memcpy(value, &box, sizeof box);
        value = box;
    }
    roll_value(dice, field->type, value, depth - 1);
    if (field->requiredness != WEFT_REQUIRED)
        return;
    /* A required field must be set. */
    struct weft_str str;
    if (field->type->element && weft_vec_len(value) == 0)
        weft_vec_clear(value);
    if (field->type->wire == WEFT_STRING) {
        memcpy(&str, value, sizeof str);
        str.ptr = str.ptr ? str.ptr : "";
        memcpy(value, &str, sizeof str);
    }
}

/* Is the field a union without a member, of which nothing is written? */
static inline bool
is_left_out(const struct weft_field *field, const void *record)
{
    const struct weft_struct *desc = field->type->record;
    const uint8_t *value;
    int32_t which = 1;
    memcpy(&value, (const uint8_t *)record + field->offset, sizeof value);
    if (field->boxed && desc->kind == WEFT_RECORD_UNION)
        memcpy(&which, value + desc->has_offset, sizeof which);
    return which == 0;
}

static inline void
set_bit(const struct weft_struct *desc, const struct weft_field *field,
        void *record)
{
    uint32_t word;
    uint8_t *at = (uint8_t *)record + desc->has_offset +
                  sizeof word * (field->has_bit / 32u);
    memcpy(&word, at, sizeof word);
    word |= (uint32_t)1 << field->has_bit % 32u;
    memcpy(at, &word, sizeof word);
}

static inline void
roll_union(struct dice *dice, const struct weft_struct *desc, void *record,
           int depth)
{
    uint32_t i = roll(dice, desc->n_fields + 1);
    int32_t which = 0; /* none; in a result: success */
    if (depth > 0 && i < desc->n_fields) {
        which = desc->fields[i].id;
        roll_field(dice, &desc->fields[i], record, depth);
    } else if (desc->is_result && desc->n_fields > 0 &&
               desc->fields[0].id == 0) {
        roll_field(dice, &desc->fields[0], record, depth);
    }
    memcpy((uint8_t *)record + desc->has_offset, &which, sizeof which);
}

/* A random value of a struct. Fields deeper than `depth` levels are left out
 * where that is allowed. */
static inline void
roll_record(struct dice *dice, const struct weft_struct *desc, void *record,
            int depth)
{
    memset(record, 0, desc->size);
    if (desc->init)
        desc->init(record);
    if (desc->kind == WEFT_RECORD_UNION) {
        roll_union(dice, desc, record, depth);
        return;
    }
    for (uint32_t i = 0; i < desc->n_fields; i++) {
        const struct weft_field *field = &desc->fields[i];
        bool must = field->requiredness == WEFT_REQUIRED;
        if (!must && ((field->boxed && depth <= 0) || roll(dice, 3) == 0))
            continue;
        roll_field(dice, field, record, depth);
        if (is_left_out(field, record))
            memset((uint8_t *)record + field->offset, 0, sizeof(void *));
        if (!must && !field->boxed)
            set_bit(desc, field, record);
    }
}

/* ---- bytes of a value ---- */

/* Write the record. The caller frees the memory that is returned. */
static inline uint8_t *
encode_as(const struct weft_struct *desc, enum weft_protocol proto,
          const void *record, size_t *len, weft_err *err)
{
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    weft_struct_write(desc, proto, &w, record);
    *err = weft_writer_fini(&w);
    *len = chain.len;
    uint8_t *bytes = malloc(chain.len + 1);
    if (!bytes)
        abort();
    weft_chain_copy_out(&chain, 0, bytes, chain.len);
    weft_chain_clear(&chain);
    return bytes;
}

static inline weft_err
decode_as(const struct weft_struct *desc, enum weft_protocol proto,
          const uint8_t *bytes, size_t len, struct weft_arena *arena,
          void *record)
{
    struct weft_reader r;
    weft_reader_init_flat(&r, bytes, len, arena, 0);
    weft_err err = weft_struct_read(desc, proto, &r, record);
    return !err && weft_reader_left(&r) > 0 ? WEFT_ETRAILING : err;
}

#endif
