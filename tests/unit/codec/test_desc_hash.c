/* SPDX-License-Identifier: MIT */
/* Hashes, and comparison of sets and maps in any order: equal values have equal
 * hashes, and large sets do not take long. */
#include "codec/codec.h"
#include "unit/codec/order.h"
#include "unit/codec/sample_desc.h"
#include "unit/codec/values.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <cmocka.h>

static struct weft_arena arena;

static int
begin(void **state)
{
    (void)state;
    weft_arena_init(&arena, (size_t)1 << 30);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    weft_arena_fini(&arena);
    return 0;
}

static uint64_t
hash(const struct order *o)
{
    return weft_struct_hash(&order_desc, o);
}

static bool
equal(const struct order *a, const struct order *b)
{
    bool is = weft_struct_equal(&order_desc, a, b);
    assert_int_equal(weft_struct_equal(&order_desc, b, a), is);
    if (is)
        assert_true(hash(a) == hash(b));
    return is;
}

static void *
items(size_t n, size_t size)
{
    void *p = weft_arena_zalloc(&arena, n * size);
    assert_non_null(p);
    return p;
}

/* ---- what equal values share ---- */

static void
copies_share_their_hash(void **state)
{
    (void)state;
    struct dice dice = {1, &arena};
    for (int i = 0; i < 300; i++) {
        struct sample a, b;
        roll_record(&dice, &sample_desc, &a, 4);
        assert_int_equal(weft_struct_copy(&sample_desc, &arena, &b, &a), 0);
        assert_true(weft_struct_equal(&sample_desc, &a, &b));
        assert_true(weft_struct_hash(&sample_desc, &a) ==
                    weft_struct_hash(&sample_desc, &b));
        a.must ^= 1;
        assert_true(weft_struct_hash(&sample_desc, &a) !=
                    weft_struct_hash(&sample_desc, &b));
    }
}

/* ---- what different values do not share ---- */

struct small {
    int32_t a, b;
    struct weft_vec_unknown unknown;
    struct {
        uint32_t w[1];
    } has;
};

static const struct weft_field small_fields[] = {
    {.name = "a",
     .type = &type_i32,
     .offset = offsetof(struct small, a),
     .id = 1,
     .requiredness = WEFT_OPTIONAL},
    {.name = "b",
     .type = &type_i32,
     .offset = offsetof(struct small, b),
     .has_bit = 1,
     .id = 2,
     .requiredness = WEFT_OPTIONAL},
};

static const struct weft_struct small_desc = {
    .name = "Small",
    .fields = small_fields,
    .n_fields = 2,
    .size = sizeof(struct small),
    .has_offset = offsetof(struct small, has),
    .keeps_unknown = true,
    .unknown_offset = offsetof(struct small, unknown),
};

/* It matters in which field a value is, and which unknown fields are kept. */
static void
where_a_value_is_decides(void **state)
{
    static struct weft_unknown kept[] = {
        {.bytes = WEFT_STR_INIT("\1"), .id = 7, .wire = WEFT_I8},
        {.bytes = WEFT_STR_INIT("\1"), .id = 8, .wire = WEFT_I8},
        {.bytes = WEFT_STR_INIT("\1"), .id = 7, .wire = WEFT_BOOL},
        {.bytes = WEFT_STR_INIT("\2"), .id = 7, .wire = WEFT_I8},
    };
    const struct small all[] = {
        {.a = 0},
        {.a = 1, .has.w = {1}},
        {.b = 1, .has.w = {2}},
        {.a = 1, .b = 2, .has.w = {3}},
        {.a = 2, .b = 1, .has.w = {3}},
        {.unknown = {&kept[0], 1, 1}},
        {.unknown = {&kept[1], 1, 1}},
        {.unknown = {&kept[2], 1, 1}},
        {.unknown = {&kept[3], 1, 1}},
        {.unknown = {&kept[0], 2, 2}},
    };
    size_t n = sizeof all / sizeof *all;
    (void)state;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            assert_true((weft_struct_hash(&small_desc, &all[i]) ==
                         weft_struct_hash(&small_desc, &all[k])) == (i == k));
}

static void
bits_of_doubles_decide_but_for_nan(void **state)
{
    (void)state;
    struct pair x[] = {{-0.0, WEFT_STR("zero")}, {NAN, WEFT_STR("nan")}};
    struct pair y[] = {{-(double)NAN, WEFT_STR("nan")},
                       {-0.0, WEFT_STR("zero")}};
    struct order a = {.pairs = {x, 2, 0}}, b = {.pairs = {y, 2, 0}};
    assert_true(equal(&a, &b));
    assert_true(weft_value_equal(&order_pairs, &a.pairs, &b.pairs));
    y[1].key = 0.0;
    assert_false(equal(&a, &b));
    assert_false(weft_value_equal(&order_pairs, &a.pairs, &b.pairs));
    assert_true(hash(&a) != hash(&b));
    y[1].key = -0.0;
    y[0].key = INFINITY;
    assert_false(equal(&a, &b));
    assert_true(hash(&a) != hash(&b));
}

static void
order_counts_in_lists_alone(void **state)
{
    (void)state;
    int32_t up[] = {1, 2, 3}, down[] = {3, 2, 1}, twice[] = {1, 1, 3};
    struct order a = {.numbers = {up, 3, 0}}, b = {.numbers = {down, 3, 0}};
    assert_true(equal(&a, &b));
    b.numbers.items = twice;
    assert_false(equal(&a, &b));
    assert_true(hash(&a) != hash(&b));
    a = (struct order){.row = {up, 3, 0}};
    b = (struct order){.row = {down, 3, 0}};
    assert_false(equal(&a, &b));
    assert_true(hash(&a) != hash(&b));
    b = (struct order){.numbers = {up, 3, 0}}; /* another field */
    assert_false(equal(&a, &b));
    assert_true(hash(&a) != hash(&b));
}

/* Shuffle random sets of sets. */
static void
shuffled_sets_are_equal(void **state)
{
    (void)state;
    struct dice dice = {2, &arena};
    for (int round = 0; round < 300; round++) {
        struct order a, b;
        roll_record(&dice, &order_desc, &a, 6);
        assert_int_equal(weft_struct_copy(&order_desc, &arena, &b, &a), 0);
        for (uint32_t i = 1; i < b.nested.len; i++) {
            struct order *x = &b.nested.items[i];
            struct order *y = &b.nested.items[roll(&dice, i + 1)];
            struct order swap = *x;
            *x = *y;
            *y = swap;
        }
        for (uint32_t i = 1; i < b.numbers.len; i++) {
            int32_t *x = &b.numbers.items[i];
            int32_t *y = &b.numbers.items[roll(&dice, i + 1)];
            int32_t swap = *x;
            *x = *y;
            *y = swap;
        }
        assert_true(equal(&a, &b));
        if (b.numbers.len == 0)
            continue;
        b.numbers.items[0] ^= 1;
        assert_false(equal(&a, &b));
    }
}

/* ---- large values, which must not reach the test's time-out ---- */

enum { LARGE = 200000 };

static void
large_sets_in_other_order(void **state)
{
    (void)state;
    int32_t *up = items(LARGE, sizeof *up), *down = items(LARGE, sizeof *down);
    for (int32_t i = 0; i < LARGE; i++)
        up[i] = down[LARGE - 1 - i] = i;
    struct order a = {.numbers = {up, LARGE, 0}};
    struct order b = {.numbers = {down, LARGE, 0}};
    assert_true(equal(&a, &b));
    down[LARGE / 2] = -1;
    assert_false(equal(&a, &b));
}

/* Large sets with only two different values, so only two different hashes. */
static void
large_sets_of_few_values(void **state)
{
    (void)state;
    int32_t *x = items(LARGE, sizeof *x), *y = items(LARGE, sizeof *y);
    for (int32_t i = 0; i < LARGE; i++) {
        x[i] = i < LARGE / 2;
        y[i] = i >= LARGE / 2;
    }
    struct order a = {.numbers = {x, LARGE, 0}};
    struct order b = {.numbers = {y, LARGE, 0}};
    assert_true(equal(&a, &b));
    y[0] = 1;
    assert_false(equal(&a, &b));
}

/* Sets in sets, two in each and swapped at every level. */
static void
deep_sets(void **state)
{
    (void)state;
    int32_t one = 1;
    struct order a = {.numbers = {&one, 1, 0}}, b = a, other = {.row = {0}};
    for (int depth = 0; depth < 13; depth++) {
        struct order *x = items(2, sizeof *x), *y = items(2, sizeof *y);
        x[0] = a;
        x[1] = y[0] = other;
        y[1] = b;
        a = (struct order){.nested = {x, 2, 0}};
        b = (struct order){.nested = {y, 2, 0}};
        other = a;
    }
    assert_true(equal(&a, &b));
}

static void
chains_of_sets(void **state)
{
    (void)state;
    int32_t one = 1, two = 2;
    struct order a = {.numbers = {&one, 1, 0}}, b = {.numbers = {&two, 1, 0}};
    for (int depth = 0; depth < 31; depth++) {
        struct order *x = items(1, sizeof *x), *y = items(1, sizeof *y);
        *x = a;
        *y = b;
        a = (struct order){.nested = {x, 1, 0}};
        b = (struct order){.nested = {y, 1, 0}};
    }
    assert_false(equal(&a, &b));
    two = 1;
    assert_true(equal(&a, &b));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(copies_share_their_hash),
        TEST(where_a_value_is_decides),
        TEST(bits_of_doubles_decide_but_for_nan),
        TEST(order_counts_in_lists_alone),
        TEST(shuffled_sets_are_equal),
        TEST(large_sets_in_other_order),
        TEST(large_sets_of_few_values),
        TEST(deep_sets),
        TEST(chains_of_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
