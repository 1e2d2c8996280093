/* SPDX-License-Identifier: MIT */
/*
 * The engine that reads and writes by descriptor against the code that weftc
 * makes: the same bytes from random values, and the same error or value from
 * random bytes. Compact and JSON have no such code: they must come back.
 */
#include "people.h"

#include "../unit/codec/values.h"

SHAPE_OF(all_Person);
SHAPE_OF(all_Nested);
SHAPE_OF(all_Optional);
SHAPE_OF(all_Required);
SHAPE_OF(all_Defaults);
SHAPE_OF(all_Wide);
SHAPE_OF(all_Empty);
SHAPE_OF(all_Void);
SHAPE_OF(all_Words);
SHAPE_OF(all_Shape);
SHAPE_OF(all_Tree);
SHAPE_OF(all_List);
SHAPE_OF(all_A_B);
SHAPE_OF(all_Oops);
SHAPE_OF(all_Hello_greet_args);
SHAPE_OF(all_Hello_greet_result);
SHAPE_OF(all_Hello_find_result);
SHAPE_OF(all_Hello_all_result);
SHAPE_OF(all_Hello_moods_args);
SHAPE_OF(all_Hello_moods_result);
SHAPE_OF(all_Hello_shape_result);
SHAPE_OF(all_Hello_nothing_result);
SHAPE_OF(shared_Base_ping_result);

static const struct shape *const shapes[] = {
    &all_Person_shape,
    &all_Nested_shape,
    &all_Optional_shape,
    &all_Required_shape,
    &all_Defaults_shape,
    &all_Wide_shape,
    &all_Empty_shape,
    &all_Void_shape,
    &all_Words_shape,
    &all_Shape_shape,
    &all_Tree_shape,
    &all_List_shape,
    &all_A_B_shape,
    &all_Oops_shape,
    &all_Hello_greet_args_shape,
    &all_Hello_greet_result_shape,
    &all_Hello_find_result_shape,
    &all_Hello_all_result_shape,
    &all_Hello_moods_args_shape,
    &all_Hello_moods_result_shape,
    &all_Hello_shape_result_shape,
    &all_Hello_nothing_result_shape,
    &shared_Base_ping_result_shape,
};

#define N_SHAPES (sizeof shapes / sizeof *shapes)

static struct bytes
encode_table(struct weft_arena *arena, const struct weft_struct *desc,
             enum weft_protocol proto, const void *record)
{
    weft_err err;
    struct bytes bytes;
    uint8_t *copy = encode_as(desc, proto, record, &bytes.len, &err);
    assert_int_equal(err, WEFT_OK);
    bytes.ptr = weft_arena_alloc(arena, bytes.len);
    assert_non_null(bytes.ptr);
    memcpy(bytes.ptr, copy, bytes.len);
    free(copy);
    return bytes;
}

static void
check_value(struct weft_arena *arena, const struct shape *shape,
            enum weft_protocol proto, const void *record)
{
    struct bytes bytes = encode_table(arena, shape->desc, proto, record);
    void *back = weft_arena_alloc(arena, shape->desc->size);
    assert_non_null(back);
    memset(back, 0xee, shape->desc->size);
    assert_int_equal(
        decode_as(shape->desc, proto, bytes.ptr, bytes.len, arena, back),
        WEFT_OK);
    assert_true(weft_struct_equal(shape->desc, record, back));
    struct bytes again = encode_table(arena, shape->desc, proto, back);
    assert_int_equal(again.len, bytes.len);
    assert_memory_equal(again.ptr, bytes.ptr, bytes.len);
}

/* Both ways to read agree on these bytes. */
static void
check_bytes(struct weft_arena *arena, const struct shape *shape,
            struct bytes bytes)
{
    void *table = weft_arena_alloc(arena, shape->desc->size);
    void *line = weft_arena_alloc(arena, shape->desc->size);
    assert_non_null(table);
    assert_non_null(line);
    weft_err err =
        decode_as(shape->desc, WEFT_BINARY, bytes.ptr, bytes.len, arena, table);
    assert_int_equal(err, decode(arena, shape, bytes, line));
    if (err)
        return;
    assert_true(weft_struct_equal(shape->desc, table, line));
    struct bytes a = encode_table(arena, shape->desc, WEFT_BINARY, table);
    struct bytes b = encode(arena, shape, line, WEFT_OK);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.ptr, b.ptr, a.len);
}

static void
damage(struct dice *dice, const struct shape *shape, struct bytes bytes)
{
    for (int i = 0; i < 30 && bytes.len > 0; i++) {
        uint32_t at = roll(dice, (uint32_t)bytes.len);
        bytes.ptr[at] =
            (uint8_t)(roll(dice, 2) ? roll(dice, 17) : roll(dice, 256));
        check_bytes(dice->arena, shape, bytes);
        if (roll(dice, 8) == 0)
            bytes.len = roll(dice, (uint32_t)bytes.len);
    }
}

static void
test_random_values(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    struct dice dice = {3, &arena};
    for (int i = 0; i < 40; i++)
        for (size_t k = 0; k < N_SHAPES; k++) {
            const struct shape *shape = shapes[k];
            void *record = roll_room(&dice, shape->desc->size);
            roll_record(&dice, shape->desc, record, 4);
            check_value(&arena, shape, WEFT_BINARY, record);
            check_value(&arena, shape, WEFT_COMPACT, record);
            check_value(&arena, shape, WEFT_JSON, record);
            struct bytes table =
                encode_table(&arena, shape->desc, WEFT_BINARY, record);
            struct bytes line = encode(&arena, shape, record, WEFT_OK);
            assert_int_equal(table.len, line.len);
            assert_memory_equal(table.ptr, line.ptr, line.len);
            damage(&dice, shape, table);
            weft_arena_reset(&arena);
        }
    weft_arena_fini(&arena);
}

/* Fields of any id and type, and sometimes of those that are wanted. */
static void
test_random_bytes(void **state)
{
    (void)state;
    static const uint8_t wires[] = {2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15, 16};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    struct dice dice = {4, &arena};
    uint8_t raw[64];
    for (int i = 0; i < 30000; i++) {
        struct bytes bytes = {raw, roll(&dice, sizeof raw)};
        for (size_t at = 0; at < bytes.len; at++)
            raw[at] = (uint8_t)(roll(&dice, 3)   ? 0
                                : roll(&dice, 4) ? roll(&dice, 18)
                                                 : roll(&dice, 256));
        raw[0] = wires[roll(&dice, sizeof wires)];
        raw[1] = 0;
        check_bytes(&arena, shapes[roll(&dice, N_SHAPES)], bytes);
        weft_arena_reset(&arena);
    }
    weft_arena_fini(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_values),
        cmocka_unit_test(test_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
