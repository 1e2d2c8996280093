/* SPDX-License-Identifier: MIT */
/* Maps in the JSON protocol: keys that are numbers have quotes, keys that are
 * structs or containers have none. */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"
#include "unit/codec/values.h"
#include "unit/codec/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* A struct of one map, {1: map<key, value>}; pairs of any types. */
struct pair {
    union {
        bool tf;
        int8_t i8;
        int64_t i64;
        double dbl;
        struct weft_str str;
        struct weft_uuid uid;
        struct point point;
        struct weft_vec_i32 numbers;
    } key, value;
};

struct table {
    struct pair *items;
    uint32_t len, cap;
    uint32_t has[1];
};

static struct weft_type map_type = {
    .wire = WEFT_MAP,
    .size = offsetof(struct table, has),
    .item_size = sizeof(struct pair),
    .value_offset = offsetof(struct pair, value),
};

static const struct weft_field table_fields[] = {
    {"map", &map_type, 0, 0, 1, WEFT_DEFAULT, false, false},
};

static const struct weft_struct table_desc = {
    .name = "Table",
    .fields = table_fields,
    .n_fields = 1,
    .size = sizeof(struct table),
    .has_offset = offsetof(struct table, has),
};

/* Write one pair as {"1":{"map":[text]}}, and read it back. */
static void
check_pair(const struct weft_type *key, const struct weft_type *value,
           struct pair pair, const char *text)
{
    struct weft_arena arena;
    struct table back, table = {.items = &pair, .len = 1};
    weft_err err;
    size_t len;
    char expected[256];
    map_type.key = key;
    map_type.element = value;
    snprintf(expected, sizeof expected, "{\"1\":{\"map\":[%s]}}", text);
    uint8_t *bytes = encode_as(&table_desc, WEFT_JSON, &table, &len, &err);
    assert_int_equal(err, 0);
    bytes[len] = '\0';
    assert_string_equal((char *)bytes, expected);
    weft_arena_init(&arena, 0);
    assert_int_equal(
        decode_as(&table_desc, WEFT_JSON, bytes, len, &arena, &back), 0);
    assert_true(weft_struct_equal(&table_desc, &table, &back));
    struct weft_reader r;
    weft_reader_init_flat(&r, bytes, len, NULL, 0);
    assert_int_equal(wf_struct_skip(WEFT_JSON, &r), 0);
    assert_int_equal(weft_reader_left(&r), 0);
    weft_arena_fini(&arena);
    free(bytes);
}

static void
keys_that_are_scalars(void **state)
{
    (void)state;
    struct pair p = {.key.tf = true, .value.tf = false};
    check_pair(&type_bool, &type_bool, p, "\"tf\",\"tf\",1,{\"1\":0}");
    p = (struct pair){.key.i8 = -5, .value.i64 = INT64_MIN};
    check_pair(&type_i8, &type_i64, p,
               "\"i8\",\"i64\",1,{\"-5\":-9223372036854775808}");
    p = (struct pair){.key.dbl = 0.1, .value.dbl = 2};
    check_pair(&type_double, &type_double, p, "\"dbl\",\"dbl\",1,{\"0.1\":2}");
    p = (struct pair){.key.dbl = 1 / 0.0, .value.dbl = -1 / 0.0};
    check_pair(&type_double, &type_double, p,
               "\"dbl\",\"dbl\",1,{\"Infinity\":\"-Infinity\"}");
    p = (struct pair){.key.str = WEFT_STR("\""), .value.str = WEFT_STR("v")};
    check_pair(&type_str, &type_str, p, "\"str\",\"str\",1,{\"\\\"\":\"v\"}");
    p.key.str = WEFT_STR("f");
    check_pair(&type_blob, &type_str, p, "\"str\",\"str\",1,{\"Zg==\":\"v\"}");
    memset(&p.key.uid, 0xab, sizeof p.key.uid);
    check_pair(&type_uuid, &type_str, p,
               "\"uid\",\"str\",1,"
               "{\"abababab-abab-abab-abab-abababababab\":\"v\"}");
}

static void
keys_that_nest(void **state)
{
    (void)state;
    int32_t numbers[] = {1, 2};
    struct pair p = {.key.point.x = 7, .value.tf = true};
    check_pair(&type_point, &type_bool, p,
               "\"rec\",\"tf\",1,{{\"1\":{\"i32\":7}}:1}");
    p.key.numbers = (struct weft_vec_i32){numbers, 2, 0};
    check_pair(&type_numbers, &type_bool, p,
               "\"lst\",\"tf\",1,{[\"i32\",2,1,2]:1}");
}

static void
keys_without_quotes_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "[\"i64\",\"i64\",1,{   1:1}]",      "[\"i64\",\"i64\",1,{\" 1\":1}]",
        "[\"i64\",\"i64\",1,{\"1\":\"1\"}]", "[\"i64\",\"i64\",1,{\"1:1}]",
        "[\"i64\",\"i64\",1,{\"\":1}]",      "[\"i64\",\"i64\",1,{\"1.0\":1}]",
    };
    map_type.key = map_type.element = &type_i64;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_arena arena;
        struct table table;
        char text[128];
        weft_arena_init(&arena, 0);
        int len = snprintf(text, sizeof text, "{\"1\":{\"map\":%s}}", rows[i]);
        assert_int_equal(decode_as(&table_desc, WEFT_JSON, (uint8_t *)text,
                                   (size_t)len, &arena, &table),
                         WEFT_EPROTOCOL);
        weft_arena_fini(&arena);
    }
}

#define TEST(f) cmocka_unit_test_teardown(f, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keys_that_are_scalars),
        TEST(keys_that_nest),
        TEST(keys_without_quotes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
