/* SPDX-License-Identifier: MIT */
/* Descriptors of the records in sample.h. */
#ifndef WEFT_TESTS_UNIT_CODEC_SAMPLE_DESC_H
#define WEFT_TESTS_UNIT_CODEC_SAMPLE_DESC_H

#include "sample.h"

static const struct weft_struct point_desc, choice_desc, sample_desc;

static const struct weft_enum_value color_values[] = {{"RED", RED},
                                                      {"BLUE", BLUE}};
static const struct weft_enum color_desc = {"Color", color_values, 2};

#define BASE_TYPE(wire_type, ctype)                \
    {                                              \
        .wire = (wire_type), .size = sizeof(ctype) \
    }

static const struct weft_type
    type_bool = BASE_TYPE(WEFT_BOOL, bool),
    type_i8 = BASE_TYPE(WEFT_I8, int8_t),
    type_i16 = BASE_TYPE(WEFT_I16, int16_t),
    type_i32 = BASE_TYPE(WEFT_I32, int32_t),
    type_i64 = BASE_TYPE(WEFT_I64, int64_t),
    type_double = BASE_TYPE(WEFT_DOUBLE, double),
    type_str = BASE_TYPE(WEFT_STRING, struct weft_str),
    type_uuid = BASE_TYPE(WEFT_UUID, struct weft_uuid),
    type_blob = {.wire = WEFT_STRING,
                 .is_binary = true,
                 .size = sizeof(struct weft_str)},
    type_color = {.wire = WEFT_I32,
                  .size = sizeof(int32_t),
                  .names = &color_desc},
    type_point = {.wire = WEFT_STRUCT,
                  .size = sizeof(struct point),
                  .record = &point_desc},
    type_choice = {.wire = WEFT_STRUCT,
                   .size = sizeof(struct choice),
                   .record = &choice_desc},
    type_sample = {.wire = WEFT_STRUCT,
                   .size = sizeof(struct sample),
                   .record = &sample_desc},
    type_numbers = {.wire = WEFT_LIST,
                    .size = sizeof(struct weft_vec_i32),
                    .item_size = sizeof(int32_t),
                    .element = &type_i32},
    type_words = {.wire = WEFT_SET,
                  .size = sizeof(struct weft_vec_str),
                  .item_size = sizeof(struct weft_str),
                  .element = &type_str},
    type_places = {.wire = WEFT_MAP,
                   .size = sizeof(struct vec_place),
                   .item_size = sizeof(struct place),
                   .value_offset = offsetof(struct place, value),
                   .key = &type_str,
                   .element = &type_point},
    type_row = {.wire = WEFT_LIST,
                .size = sizeof(struct weft_vec_double),
                .item_size = sizeof(double),
                .element = &type_double},
    type_table = {.wire = WEFT_LIST,
                  .size = sizeof(struct vec_row),
                  .item_size = sizeof(struct weft_vec_double),
                  .element = &type_row};

static const struct weft_field point_fields[] = {
    {"x", &type_i32, offsetof(struct point, x), 0, 1, WEFT_REQUIRED, false,
     false},
    {"y", &type_i32, offsetof(struct point, y), 0, 2, WEFT_OPTIONAL, false,
     false},
};

static const struct weft_struct point_desc = {
    .name = "Point",
    .fields = point_fields,
    .n_fields = 2,
    .size = sizeof(struct point),
    .has_offset = offsetof(struct point, has),
    .kind = WEFT_RECORD_STRUCT,
};

static const struct weft_field choice_fields[] = {
    {"number", &type_i64, offsetof(struct choice, as.number), 0, 1,
     WEFT_OPTIONAL, false, false},
    {"text", &type_str, offsetof(struct choice, as.text), 0, 2, WEFT_OPTIONAL,
     false, false},
    {"point", &type_point, offsetof(struct choice, as.point), 0, 3,
     WEFT_OPTIONAL, false, false},
};

static const struct weft_struct choice_desc = {
    .name = "Choice",
    .fields = choice_fields,
    .n_fields = 3,
    .size = sizeof(struct choice),
    .has_offset = offsetof(struct choice, which),
    .kind = WEFT_RECORD_UNION,
};

#define SAMPLE_FIELD(id, name, bit, type, need)                              \
    {                                                                        \
#name, &(type), offsetof(struct sample, name), bit, id, need, false, \
            false                                                            \
    }

/* The indexes in sample_fields of the fields whose items must differ. */
enum { SAMPLE_WORDS = 11, SAMPLE_PLACES };

static const struct weft_field sample_fields[] = {
    SAMPLE_FIELD(-1, negative, HAS_NEGATIVE, type_str, WEFT_DEFAULT),
    SAMPLE_FIELD(1, flag, HAS_FLAG, type_bool, WEFT_DEFAULT),
    SAMPLE_FIELD(2, tiny, HAS_TINY, type_i8, WEFT_DEFAULT),
    SAMPLE_FIELD(3, small, HAS_SMALL, type_i16, WEFT_DEFAULT),
    SAMPLE_FIELD(4, color, HAS_COLOR, type_color, WEFT_DEFAULT),
    SAMPLE_FIELD(5, large, HAS_LARGE, type_i64, WEFT_DEFAULT),
    SAMPLE_FIELD(6, real, HAS_REAL, type_double, WEFT_DEFAULT),
    SAMPLE_FIELD(7, text, HAS_TEXT, type_str, WEFT_DEFAULT),
    SAMPLE_FIELD(8, blob, HAS_BLOB, type_blob, WEFT_OPTIONAL),
    SAMPLE_FIELD(9, id, HAS_ID, type_uuid, WEFT_DEFAULT),
    SAMPLE_FIELD(10, numbers, HAS_NUMBERS, type_numbers, WEFT_DEFAULT),
    [SAMPLE_WORDS] =
        SAMPLE_FIELD(11, words, HAS_WORDS, type_words, WEFT_DEFAULT),
    [SAMPLE_PLACES] =
        SAMPLE_FIELD(12, places, HAS_PLACES, type_places, WEFT_DEFAULT),
    SAMPLE_FIELD(13, origin, HAS_ORIGIN, type_point, WEFT_DEFAULT),
    {"next", &type_sample, offsetof(struct sample, next), HAS_NEXT, 14,
     WEFT_OPTIONAL, true, false},
    SAMPLE_FIELD(15, choice, HAS_CHOICE, type_choice, WEFT_DEFAULT),
    SAMPLE_FIELD(16, table, HAS_TABLE, type_table, WEFT_DEFAULT),
    SAMPLE_FIELD(17, must, 0, type_i32, WEFT_REQUIRED),
    SAMPLE_FIELD(32767, last, HAS_LAST, type_bool, WEFT_OPTIONAL),
};

static const struct weft_struct sample_desc = {
    .name = "Sample",
    .fields = sample_fields,
    .n_fields = sizeof sample_fields / sizeof *sample_fields,
    .size = sizeof(struct sample),
    .has_offset = offsetof(struct sample, has),
    .kind = WEFT_RECORD_STRUCT,
    .init = sample_init,
};

#endif
