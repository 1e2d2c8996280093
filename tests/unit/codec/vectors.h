/* SPDX-License-Identifier: MIT */
/*
 * The values whose bytes the description of the formats gives.
 *
 *   struct Add { 1: i32 a, 2: i32 b }        the arguments of add
 *   union Sum { 0: i32 success }             its result
 *   struct Mixed { 1: optional bool yes, 2: optional bool no, 3: string text,
 *     20: list<i32> numbers, 21: map<string, bool> flags,
 *     22: optional double real, 23: map<i32, i32> nothing }
 */
#ifndef WEFT_TESTS_UNIT_CODEC_VECTORS_H
#define WEFT_TESTS_UNIT_CODEC_VECTORS_H

#include "sample_desc.h"

struct add {
    int32_t a, b;
    uint32_t has[1];
};

static const struct weft_field add_fields[] = {
    {"a", &type_i32, offsetof(struct add, a), 0, 1, WEFT_DEFAULT, false, false},
    {"b", &type_i32, offsetof(struct add, b), 1, 2, WEFT_DEFAULT, false, false},
};

static const struct weft_struct add_desc = {
    .name = "Add",
    .fields = add_fields,
    .n_fields = 2,
    .size = sizeof(struct add),
    .has_offset = offsetof(struct add, has),
};

struct sum {
    int32_t which; /* 0: success */
    int32_t success;
};

static inline void
sum_init(void *record)
{
    *(struct sum *)record = (struct sum){.which = -0x10000};
}

static const struct weft_field sum_fields[] = {
    {"success", &type_i32, offsetof(struct sum, success), 0, 0, WEFT_OPTIONAL,
     false, false},
};

static const struct weft_struct sum_desc = {
    .name = "Sum",
    .fields = sum_fields,
    .n_fields = 1,
    .size = sizeof(struct sum),
    .has_offset = offsetof(struct sum, which),
    .kind = WEFT_RECORD_UNION,
    .is_result = true,
    .init = sum_init,
};

struct flag {
    struct weft_str key;
    bool value;
};

struct vec_flag {
    struct flag *items;
    uint32_t len, cap;
};

struct mixed {
    struct weft_str text;
    struct weft_vec_i32 numbers;
    struct vec_flag flags, nothing;
    double real;
    bool yes, no;
    uint32_t has[1];
};

static const struct weft_type type_flags = {.wire = WEFT_MAP,
                                            .size = sizeof(struct vec_flag),
                                            .item_size = sizeof(struct flag),
                                            .value_offset =
                                                offsetof(struct flag, value),
                                            .key = &type_str,
                                            .element = &type_bool},
                              type_nothing = {.wire = WEFT_MAP,
                                              .size = sizeof(struct vec_flag),
                                              .item_size = 2 * sizeof(int32_t),
                                              .value_offset = sizeof(int32_t),
                                              .key = &type_i32,
                                              .element = &type_i32};

#define MIXED_FIELD(id, name, bit, type, need)                              \
    {                                                                       \
#name, &(type), offsetof(struct mixed, name), bit, id, need, false, \
            false                                                           \
    }

static const struct weft_field mixed_fields[] = {
    MIXED_FIELD(1, yes, 0, type_bool, WEFT_OPTIONAL),
    MIXED_FIELD(2, no, 1, type_bool, WEFT_OPTIONAL),
    MIXED_FIELD(3, text, 2, type_str, WEFT_DEFAULT),
    MIXED_FIELD(20, numbers, 3, type_numbers, WEFT_DEFAULT),
    MIXED_FIELD(21, flags, 4, type_flags, WEFT_DEFAULT),
    MIXED_FIELD(22, real, 5, type_double, WEFT_OPTIONAL),
    MIXED_FIELD(23, nothing, 6, type_nothing, WEFT_DEFAULT),
};

static const struct weft_struct mixed_desc = {
    .name = "Mixed",
    .fields = mixed_fields,
    .n_fields = 7,
    .size = sizeof(struct mixed),
    .has_offset = offsetof(struct mixed, has),
};

/* The value points to static memory. */
static inline struct mixed
mixed_value(void)
{
    static int32_t numbers[] = {1, -1, 150};
    static struct flag flags[] = {{WEFT_STR_INIT("k"), false}};
    return (struct mixed){
        .text = WEFT_STR("hi"),
        .numbers = {numbers, 3, 0},
        .flags = {flags, 1, 0},
        .real = 1.5,
        .yes = true,
        .has = {HAS(0) | HAS(1) | HAS(5)},
    };
}

#endif
