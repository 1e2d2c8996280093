/* SPDX-License-Identifier: MIT */
/* A struct of sets and maps, to be compared in other orders. */
#ifndef WEFT_TESTS_UNIT_CODEC_ORDER_H
#define WEFT_TESTS_UNIT_CODEC_ORDER_H

#include <weft/codec.h>

#include <stddef.h>

struct pair {
    double key;
    struct weft_str value;
};
struct vec_pair {
    struct pair *items;
    uint32_t len, cap;
};

/* A set of itself, so that sets can lie in sets to any depth. */
struct order;
struct vec_order {
    struct order *items;
    uint32_t len, cap;
};

struct order {
    struct weft_vec_i32 numbers; /* set */
    struct vec_pair pairs;       /* map */
    struct vec_order nested;     /* set */
    struct weft_vec_i32 row;     /* list */
};

extern const struct weft_struct order_desc;

static const struct weft_type
    order_i32 = {.wire = WEFT_I32, .size = sizeof(int32_t)},
    order_double = {.wire = WEFT_DOUBLE, .size = sizeof(double)},
    order_str = {.wire = WEFT_STRING, .size = sizeof(struct weft_str)},
    order_self = {.wire = WEFT_STRUCT,
                  .size = sizeof(struct order),
                  .record = &order_desc},
    order_numbers = {.wire = WEFT_SET,
                     .size = sizeof(struct weft_vec_i32),
                     .item_size = sizeof(int32_t),
                     .element = &order_i32},
    order_pairs = {.wire = WEFT_MAP,
                   .size = sizeof(struct vec_pair),
                   .item_size = sizeof(struct pair),
                   .value_offset = offsetof(struct pair, value),
                   .key = &order_double,
                   .element = &order_str},
    order_nested = {.wire = WEFT_SET,
                    .size = sizeof(struct vec_order),
                    .item_size = sizeof(struct order),
                    .element = &order_self},
    order_row = {.wire = WEFT_LIST,
                 .size = sizeof(struct weft_vec_i32),
                 .item_size = sizeof(int32_t),
                 .element = &order_i32};

static const struct weft_field order_fields[] = {
    {.name = "numbers",
     .type = &order_numbers,
     .offset = offsetof(struct order, numbers),
     .id = 1,
     .requiredness = WEFT_REQUIRED},
    {.name = "pairs",
     .type = &order_pairs,
     .offset = offsetof(struct order, pairs),
     .id = 2,
     .requiredness = WEFT_REQUIRED},
    {.name = "nested",
     .type = &order_nested,
     .offset = offsetof(struct order, nested),
     .id = 3,
     .requiredness = WEFT_REQUIRED},
    {.name = "row",
     .type = &order_row,
     .offset = offsetof(struct order, row),
     .id = 4,
     .requiredness = WEFT_REQUIRED},
};

const struct weft_struct order_desc = {
    .name = "Order",
    .fields = order_fields,
    .n_fields = 4,
    .size = sizeof(struct order),
    .kind = WEFT_RECORD_STRUCT,
};

#endif
