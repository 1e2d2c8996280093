/* SPDX-License-Identifier: MIT */
/* Sets and maps whose items or keys come twice: what all readers do, and how
 * many steps they need. */
#include "codec/desc/record.h"
#include "values.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

struct pair {
    int32_t key, value;
};
struct vec {
    void *items;
    uint32_t len, cap;
};

static const struct weft_type set_i32 = {.wire = WEFT_SET,
                                         .size = sizeof(struct vec),
                                         .item_size = sizeof(int32_t),
                                         .element = &weft_type_i32};
static const struct weft_type set_str = {.wire = WEFT_SET,
                                         .size = sizeof(struct vec),
                                         .item_size = sizeof(struct weft_str),
                                         .element = &weft_type_string};
static const struct weft_type list_str = {.wire = WEFT_LIST,
                                          .size = sizeof(struct vec),
                                          .item_size = sizeof(struct weft_str),
                                          .element = &weft_type_string};
static const struct weft_type map_i32 = {.wire = WEFT_MAP,
                                         .size = sizeof(struct vec),
                                         .item_size = sizeof(struct pair),
                                         .value_offset = sizeof(int32_t),
                                         .key = &weft_type_i32,
                                         .element = &weft_type_i32};

struct all {
    struct vec set, map, list;
    uint32_t has[1];
};

static const struct weft_field fields[] = {
    {.name = "set",
     .type = &set_str,
     .offset = offsetof(struct all, set),
     .id = 1},
    {.name = "map",
     .type = &map_i32,
     .offset = offsetof(struct all, map),
     .has_bit = 1,
     .id = 2},
    {.name = "list",
     .type = &list_str,
     .offset = offsetof(struct all, list),
     .has_bit = 2,
     .id = 3},
};
static const struct weft_struct desc = {.name = "All",
                                        .fields = fields,
                                        .n_fields = 3,
                                        .size = sizeof(struct all),
                                        .has_offset =
                                            offsetof(struct all, has)};

static void
by_every_reader(void **state)
{
    (void)state;
    struct weft_str words[] = {WEFT_STR("b"), WEFT_STR("a"), WEFT_STR("b"),
                               WEFT_STR(""),  WEFT_STR("a"), WEFT_STR("c")};
    struct pair pairs[] = {{1, 10}, {2, 20}, {1, 30}, {3, 40}, {1, 50}};
    struct all from = {
        .set = {words, 6, 0}, .map = {pairs, 5, 0}, .list = {words, 6, 0}};
    static const enum weft_protocol protos[] = {WEFT_BINARY, WEFT_COMPACT,
                                                WEFT_JSON};
    for (size_t p = 0; p < 3; p++) {
        struct weft_arena arena;
        struct all to;
        size_t len;
        weft_err err;
        weft_arena_init(&arena, 0);
        uint8_t *bytes = encode_as(&desc, protos[p], &from, &len, &err);
        assert_int_equal(err, 0);
        assert_int_equal(decode_as(&desc, protos[p], bytes, len, &arena, &to),
                         0);
        static const char *const kept[] = {"b", "a", "", "c"};
        assert_int_equal(to.set.len, 4);
        for (size_t i = 0; i < 4; i++)
            assert_true(weft_str_eq(((struct weft_str *)to.set.items)[i],
                                    weft_str_of(kept[i])));
        const struct pair *got = to.map.items;
        assert_int_equal(to.map.len, 3);
        assert_true(got[0].key == 1 && got[0].value == 50);
        assert_true(got[1].key == 2 && got[1].value == 20);
        assert_true(got[2].key == 3 && got[2].value == 40);
        assert_int_equal(to.list.len, 6);
        free(bytes);
        weft_arena_fini(&arena);
    }
}

/* Every size, with and without repeats, compared with a slow check. */
static void
every_size(void **state)
{
    (void)state;
    uint64_t steps;
    for (uint32_t n = 0; n < 300; n++) {
        int32_t items[300];
        struct vec v = {items, n, 0};
        for (uint32_t i = 0; i < n; i++)
            items[i] = (int32_t)(i * 7919u % (n % 2 ? 97u : 1009u));
        assert_int_equal(wf_unique_items(&set_i32, &v, SIZE_MAX, &steps), 0);
        assert_int_equal(v.len, n % 2 && n > 97 ? 97 : n);
        for (uint32_t i = 0; i < v.len; i++)
            assert_int_equal(items[i],
                             (int32_t)(i * 7919u % (n % 2 ? 97u : 1009u)));
    }
}

/* For each two of a few items: these two are equal, and all others differ. The
 * later one of the two must be dropped, and the rest keep their order. */
static void
each_two_of_a_few(void **state)
{
    enum { MOST = 10 };
    static const char letters[] = "abcdefghij";
    uint64_t steps;
    (void)state;
    for (uint32_t n = 2; n <= MOST; n++)
        for (uint32_t j = 1; j < n; j++)
            for (uint32_t i = 0; i < j; i++) {
                int32_t numbers[MOST];
                struct weft_str texts[MOST];
                struct vec v = {numbers, n, 0}, w = {texts, n, 0};
                for (uint32_t k = 0; k < n; k++) {
                    numbers[k] = (int32_t)(k == j ? i : k);
                    texts[k] = (struct weft_str){&letters[k == j ? i : k], 1};
                }
                assert_int_equal(
                    wf_unique_items(&set_i32, &v, SIZE_MAX, &steps), 0);
                assert_int_equal(
                    wf_unique_items(&set_str, &w, SIZE_MAX, &steps), 0);
                assert_int_equal(v.len, n - 1);
                assert_int_equal(w.len, n - 1);
                for (uint32_t k = 0; k + 1 < n; k++) {
                    uint32_t from = k < j ? k : k + 1;
                    assert_int_equal(numbers[k], from);
                    assert_ptr_equal(texts[k].ptr, &letters[from]);
                }
            }
}

/* A million numbers, all different, perhaps with equal low bits, and a million
 * equal ones: the steps grow only with the number of items. */
static void
steps_are_few(void **state)
{
    (void)state;
    enum { N = 1 << 20 };
    int32_t *items = malloc(N * sizeof *items);
    uint64_t steps;
    assert_non_null(items);
    for (int shift = 0; shift <= 12; shift += 4) {
        struct vec v = {items, N, 0};
        for (uint32_t i = 0; i < N; i++)
            items[i] = (int32_t)(i << shift);
        assert_int_equal(wf_unique_items(&set_i32, &v, SIZE_MAX, &steps), 0);
        assert_int_equal(v.len, N);
        assert_in_range(steps, N, (uint64_t)4 * N - 1);
    }
    struct vec v = {items, N, 0};
    memset(items, 0, N * sizeof *items);
    assert_int_equal(wf_unique_items(&set_i32, &v, 0, &steps), 0);
    assert_int_equal(v.len, 1);
    assert_true(steps <= N);
    free(items);
}

/* If the hash used only the low half of a product, the second word of these
 * strings could undo the change of the first, and all would share one hash; see
 * mix() in hash.c. */
static void
words_do_not_take_back_what_others_change(void **state)
{
    (void)state;
    enum { BLOCKS = 12, N = 1 << BLOCKS };
    struct weft_str *items = malloc(N * sizeof *items);
    uint8_t *bytes = calloc(N, (size_t)16 * BLOCKS);
    uint64_t steps;
    assert_true(items && bytes);
    for (uint32_t i = 0; i < N; i++) {
        uint8_t *at = bytes + (size_t)i * 16 * BLOCKS;
        items[i] = (struct weft_str){(char *)at, 16 * BLOCKS};
        for (uint32_t b = 0; b < BLOCKS; b++, at += 16)
            if (i >> b & 1) {
                at[7] = 0x80;
                at[15] = 0x80;
                at[11] = 0x80;
            }
    }
    struct vec v = {items, N, 0};
    assert_int_equal(wf_unique_items(&set_str, &v, SIZE_MAX, &steps), WEFT_OK);
    assert_int_equal(v.len, N);
    assert_true(steps < (uint64_t)4 * N);
    free(bytes);
    free(items);
}

/* A node has a list of nodes. */
static const struct weft_struct node_desc;
static const struct weft_type node_type = {
    .wire = WEFT_STRUCT, .size = sizeof(struct vec), .record = &node_desc};
static const struct weft_type nodes_type = {.wire = WEFT_LIST,
                                            .size = sizeof(struct vec),
                                            .item_size = sizeof(struct vec),
                                            .element = &node_type};
static const struct weft_field node_fields[] = {
    {.name = "kids", .type = &nodes_type, .id = 1}};
static const struct weft_struct node_desc = {.name = "node",
                                             .fields = node_fields,
                                             .n_fields = 1,
                                             .size = sizeof(struct vec)};

/* Values that are deeper than WEFT_DEPTH are never equal, and share one hash: a
 * set of many such values is refused after few steps. */
static void
a_flood_is_refused(void **state)
{
    (void)state;
    enum { N = 4096 };
    static const struct weft_type set_node = {.wire = WEFT_SET,
                                              .size = sizeof(struct vec),
                                              .item_size = sizeof(struct vec),
                                              .element = &node_type};
    static struct vec chain[WEFT_DEPTH];
    struct vec *items = malloc(N * sizeof *items);
    uint64_t steps;
    assert_non_null(items);
    for (uint32_t i = 0; i + 1 < WEFT_DEPTH; i++)
        chain[i] = (struct vec){&chain[i + 1], 1, 0};
    for (int i = 0; i < N; i++)
        items[i] = chain[0];
    struct vec v = {items, N, 0};
    assert_int_equal(wf_unique_items(&set_node, &v, SIZE_MAX, &steps),
                     WEFT_EBUDGET);
    assert_true(steps < (uint64_t)18 * N);
    free(items);
}

/* The table of wf_unique_items never takes more memory than the arena has
 * left. */
static void
memory_is_bounded(void **state)
{
    (void)state;
    int32_t items[100];
    struct vec v = {items, 100, 0};
    uint64_t steps;
    for (int32_t i = 0; i < 100; i++)
        items[i] = i;
    assert_int_equal(wf_unique_items(&set_i32, &v, 1000, &steps), WEFT_EBUDGET);
    v.len = 32; /* for so few the table is on the stack */
    assert_int_equal(wf_unique_items(&set_i32, &v, 0, &steps), WEFT_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_every_reader),
        cmocka_unit_test(every_size),
        cmocka_unit_test(each_two_of_a_few),
        cmocka_unit_test(steps_are_few),
        cmocka_unit_test(words_do_not_take_back_what_others_change),
        cmocka_unit_test(a_flood_is_refused),
        cmocka_unit_test(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
