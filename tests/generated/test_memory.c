/* SPDX-License-Identifier: MIT */
/*
 * An item of one byte on the wire may take hundreds of bytes in memory. A
 * reader takes no more than the budget, in both protocols, by table and by
 * code. The default budget is enough for valid messages.
 */
#include "people.h"

#include "codec/codec.h"
#include "codec/desc/table.h"

#include <stdlib.h>

enum { COUNT = 200000 };

/* Returns a struct Many whose field `id` has COUNT items. Each item is one zero
 * byte, an empty struct. One more zero byte ends Many. */
static struct bytes
many(bool is_compact, uint8_t id, uint8_t *room)
{
    static const uint8_t count[] = {0xc0, 0x9a, 0x0c}; /* COUNT as a varint */
    size_t at = 0;
    bool is_set = id == 3;
    memset(room, 0, COUNT + 16);
    if (is_compact) {
        room[at++] = (uint8_t)(id << 4 | (is_set ? 10 : 9));
        room[at++] = (uint8_t)(0xf0 | (id == 5 ? 9 : 12));
        memcpy(room + at, count, sizeof count);
        at += sizeof count;
    } else {
        room[at++] = is_set ? WEFT_SET : WEFT_LIST;
        room[at++] = 0;
        room[at++] = id;
        room[at++] = id == 5 ? WEFT_LIST : WEFT_STRUCT;
        weft_store_be32(room + at, COUNT);
        at += 4;
    }
    return (struct bytes){room, at + COUNT + 1};
}

static weft_err
read_many(bool is_compact, bool by_table, struct bytes bytes,
          struct weft_arena *arena, struct all_Many *value)
{
    struct weft_reader r;
    weft_reader_init_flat(&r, bytes.ptr, bytes.len, arena, 0);
    if (by_table)
        return wf_table_read(&all_Many_desc, is_compact, &r, value);
    return weft_struct_read(&all_Many_desc,
                            is_compact ? WEFT_COMPACT : WEFT_BINARY, &r, value);
}

static size_t
taken(const struct weft_arena *arena)
{
    return arena->budget - arena->left;
}

/* Call `check` for both protocols, by code and by table. */
static void
for_each(void (*check)(bool is_compact, bool by_table, uint8_t *room))
{
    uint8_t *room = malloc(COUNT + 16);
    assert_non_null(room);
    for (int i = 0; i < 4; i++)
        check(i & 1, i & 2, room);
    free(room);
}

/* Large items are refused before memory is taken for them. */
static void
check_wide(bool is_compact, bool by_table, uint8_t *room)
{
    struct weft_arena arena;
    struct all_Many value;
    struct weft_limits limits =
        wf_limits_of(&(struct weft_limits){.message_size = COUNT + 16});
    weft_arena_init(&arena, limits.memory);
    assert_true(COUNT * sizeof(struct all_Defaults) > 10 * limits.memory);
    assert_int_equal(read_many(is_compact, by_table, many(is_compact, 2, room),
                               &arena, &value),
                     WEFT_EBUDGET);
    assert_int_equal(taken(&arena), 0);
    weft_arena_fini(&arena);
    /* If the budget is enough for all items, they are read. */
    weft_arena_init(&arena, (size_t)COUNT * sizeof(struct all_Defaults) + 100);
    assert_int_equal(read_many(is_compact, by_table, many(is_compact, 2, room),
                               &arena, &value),
                     WEFT_OK);
    assert_int_equal(value.wides.len, COUNT);
    assert_int_equal(value.wides.items[COUNT - 1].d, 42);
    weft_arena_fini(&arena);
}

static void
wide_items(void **state)
{
    (void)state;
    for_each(check_wide);
}

/* Items without members fit into the default budget. */
static void
check_empty(bool is_compact, bool by_table, uint8_t *room)
{
    static const uint8_t ids[] = {1, 3};
    for (size_t i = 0; i < sizeof ids; i++) {
        struct weft_arena arena;
        struct all_Many value;
        struct bytes bytes = many(is_compact, ids[i], room);
        struct weft_limits limits =
            wf_limits_of(&(struct weft_limits){.message_size = bytes.len});
        weft_arena_init(&arena, limits.memory);
        assert_int_equal(read_many(is_compact, by_table, bytes, &arena, &value),
                         WEFT_OK);
        assert_int_equal(ids[i] == 1 ? value.empties.len : value.voids.len,
                         ids[i] == 1 ? COUNT : 1); /* the items of the set are
                                                    * equal, so one is left */
        assert_true(taken(&arena) <= limits.memory);
        weft_arena_fini(&arena);
    }
}

static void
empty_items(void **state)
{
    (void)state;
    for_each(check_empty);
}

/* No budget is exceeded, whichever item uses it up. */
static void
check_budgets(bool is_compact, bool by_table, uint8_t *room)
{
    for (uint8_t id = 1; id <= 6; id++) {
        if (id == 4)
            continue;
        struct bytes bytes = many(is_compact, id, room);
        for (size_t budget = 100; budget < (size_t)100 << 20; budget *= 3) {
            struct weft_arena arena;
            struct all_Many value;
            weft_arena_init(&arena, budget);
            weft_err err =
                read_many(is_compact, by_table, bytes, &arena, &value);
            /* The items of field 5 are lists. An empty list is one byte in
             * compact, but five in binary, so in binary these bytes are not a
             * valid message. */
            if (err != WEFT_EBUDGET && (id != 5 || is_compact))
                assert_int_equal(err, WEFT_OK);
            assert_true(taken(&arena) <= budget);
            weft_arena_fini(&arena);
        }
    }
}

static void
any_budget(void **state)
{
    (void)state;
    for_each(check_budgets);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_items),
        cmocka_unit_test(empty_items),
        cmocka_unit_test(any_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
