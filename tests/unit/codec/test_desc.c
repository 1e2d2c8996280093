/* SPDX-License-Identifier: MIT */
/* What works by descriptors: copy, equal, print, names, push. */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"
#include "unit/codec/sample_desc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <cmocka.h>

static struct sample a, b;
static struct weft_arena arena;

static int
begin(void **state)
{
    (void)state;
    weft_arena_init(&arena, 0);
    sample_fill(&a);
    return weft_struct_copy(&sample_desc, &arena, &b, &a);
}

static int
end(void **state)
{
    weft_arena_fini(&arena);
    return balance_check(state);
}

static bool
are_equal(void)
{
    bool equal = weft_struct_equal(&sample_desc, &a, &b);
    assert_int_equal(weft_struct_equal(&sample_desc, &b, &a), equal);
    return equal;
}

/* ---- copy ---- */

static void
a_copy_is_equal_and_shares_nothing(void **state)
{
    (void)state;
    assert_true(are_equal());
    assert_ptr_not_equal(a.text.ptr, b.text.ptr);
    assert_ptr_not_equal(a.blob.ptr, b.blob.ptr);
    assert_ptr_not_equal(a.numbers.items, b.numbers.items);
    assert_ptr_not_equal(a.words.items, b.words.items);
    assert_ptr_not_equal(a.words.items[0].ptr, b.words.items[0].ptr);
    assert_ptr_not_equal(a.places.items, b.places.items);
    assert_ptr_not_equal(a.places.items[1].key.ptr, b.places.items[1].key.ptr);
    assert_ptr_not_equal(a.table.items[0].items, b.table.items[0].items);
    assert_ptr_not_equal(a.next, b.next);
    assert_ptr_not_equal(a.next->choice.as.text.ptr,
                         b.next->choice.as.text.ptr);
    assert_int_equal(b.text.ptr[b.text.len], 0);
    assert_int_equal(b.numbers.cap, 3);
}

static void
a_copy_has_the_bits_and_the_defaults(void **state)
{
    (void)state;
    a.has[0] = HAS(HAS_FLAG) | HAS(HAS_NEXT);
    a.last = false; /* absent, so that the copy has the default */
    assert_int_equal(weft_struct_copy(&sample_desc, &arena, &b, &a), 0);
    assert_int_equal(b.has[0] & ~HAS(HAS_NEXT), HAS(HAS_FLAG));
    assert_true(b.last);
    assert_null(b.blob.ptr);
    assert_true(weft_str_eq(b.text, a.text)); /* text is always written */
}

static void
a_copy_of_an_absent_string_is_absent(void **state)
{
    (void)state;
    a.text = (struct weft_str){NULL, 0};
    a.negative = WEFT_STR("");
    assert_int_equal(weft_struct_copy(&sample_desc, &arena, &b, &a), 0);
    assert_null(b.text.ptr);
    assert_non_null(b.negative.ptr);
    assert_int_equal(b.negative.len, 0);
}

static void
a_copy_keeps_what_a_union_is(void **state)
{
    (void)state;
    for (int32_t which = -0x10000; which <= 4;
         which += which < 0 ? 0x10000 : 1) {
        struct choice from = {.which = which}, to;
        if (which == 2)
            from.as.text = WEFT_STR("t");
        assert_int_equal(weft_struct_copy(&choice_desc, &arena, &to, &from), 0);
        assert_int_equal(to.which, which);
        assert_true(weft_struct_equal(&choice_desc, &to, &from));
    }
}

static void
a_copy_without_budget_is_as_init_leaves_it(void **state)
{
    (void)state;
    size_t need = arena.budget - arena.left;
    for (size_t budget = 1; budget < need; budget += 7) {
        struct weft_arena small;
        weft_arena_init(&small, budget);
        assert_int_equal(weft_struct_copy(&sample_desc, &small, &b, &a),
                         WEFT_EBUDGET);
        struct sample fresh;
        sample_init(&fresh);
        assert_true(weft_struct_equal(&sample_desc, &b, &fresh));
        assert_int_equal(b.has[0], 0);
        weft_arena_fini(&small);
    }
}

/* ---- equal ---- */

static void
every_field_counts(void **state)
{
    (void)state;
    struct sample copy = b;
#define DIFFER(change)             \
    do {                           \
        b = copy;                  \
        assert_true(are_equal());  \
        change;                    \
        assert_false(are_equal()); \
    } while (0)
    DIFFER(b.negative.len--);
    DIFFER(b.flag = false);
    DIFFER(b.tiny++);
    DIFFER(b.small++);
    DIFFER(b.color = RED);
    DIFFER(b.large++);
    DIFFER(b.real = 2);
    DIFFER(b.text = WEFT_STR(""));
    DIFFER(b.blob.len = 0);
    DIFFER(b.id.bytes[15]++);
    DIFFER(b.numbers.len--);
    DIFFER(b.words.len--);
    DIFFER(b.places.len--);
    DIFFER(b.origin.y++);
    DIFFER(b.origin.has[0] = 0);
    DIFFER(b.next = NULL);
    DIFFER(b.next = &copy);
    DIFFER(b.choice.which = 0);
    DIFFER(b.choice.as.point.x++);
    DIFFER(b.table.len--);
    DIFFER(b.table.items++);
    DIFFER(b.must++);
    DIFFER(b.last = true);
    DIFFER(b.has[0] ^= HAS(HAS_LAST));
#undef DIFFER
}

static void
absent_values_do_not_count(void **state)
{
    (void)state;
    a.has[0] &= ~HAS(HAS_BLOB);
    b.has[0] &= ~HAS(HAS_BLOB);
    b.blob = WEFT_STR("other");
    b.has[0] ^= HAS(HAS_TEXT); /* text is written even without its bit */
    assert_true(are_equal());
    b.text = a.text = (struct weft_str){NULL, 0};
    a.text = WEFT_STR("");
    assert_true(are_equal());
}

static void
sets_and_maps_have_no_order(void **state)
{
    (void)state;
    struct weft_str word = b.words.items[0];
    b.words.items[0] = b.words.items[2];
    b.words.items[2] = word;
    struct place place = b.places.items[0];
    b.places.items[0] = b.places.items[1];
    b.places.items[1] = place;
    assert_true(are_equal());
    b.places.items[1].value.x++;
    assert_false(are_equal());
    b.places.items[1].value.x--;
    b.words.items[2] = b.words.items[0]; /* the same word twice */
    assert_false(are_equal());
    a.words.items[0] = a.words.items[2];
    assert_true(are_equal());
}

static int
restore(void **state)
{
    static struct weft_str warp = WEFT_STR_INIT("warp");
    a.words.items[0] = warp; /* static memory of sample_fill */
    return end(state);
}

static void
lists_have_an_order(void **state)
{
    (void)state;
    b.numbers.items[0] = -1;
    b.numbers.items[1] = 1;
    assert_false(are_equal());
}

static void
reals_are_compared_by_their_bits(void **state)
{
    (void)state;
    a.real = b.real = NAN;
    assert_true(are_equal());
    a.real = 0.0;
    assert_false(are_equal());
    b.real = -0.0;
    assert_false(are_equal());
    a.real = -0.0;
    assert_true(are_equal());
}

/* A pushed struct has its defaults, not zeros. */
static void
pushed_structs_have_their_defaults(void **state)
{
    (void)state;
    struct {
        struct sample *items;
        uint32_t len, cap;
    } vec = {0};
    struct weft_arena few;
    struct sample want;
    weft_arena_init(&few, 0);
    sample_desc.init(&want);
    for (uint32_t i = 0; i < 20; i++) {
        struct sample *s = weft_push_struct(&few, &vec, &sample_desc);
        assert_non_null(s);
        assert_ptr_equal(s, &vec.items[i]);
        assert_true(weft_struct_equal(&sample_desc, s, &want));
        assert_int_equal(vec.len, i + 1);
    }
    weft_arena_fini(&few);
    weft_arena_init(&few, 1);
    vec.cap = vec.len;
    assert_null(weft_push_struct(&few, &vec, &sample_desc));
    assert_int_equal(vec.len, 20);
    weft_arena_fini(&few);
}

/* ---- print ---- */

static void
assert_printed(const struct weft_struct *desc, const void *record,
               const char *want)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    weft_struct_print(desc, out, record);
    fclose(out);
    assert_string_equal(text, want);
    free(text);
}

static void
a_struct_is_one_line(void **state)
{
    (void)state;
    a.next = NULL;
    assert_printed(
        &sample_desc, &a,
        "Sample{negative: \"minus one\", flag: true, tiny: -128, small: 4660, "
        "color: BLUE, large: -9223372036854775808, real: 1.5, "
        "text: \"a\\x00b\\xff \xc3\xa9\\x0a\\\"\", blob: 0x0001fe, "
        "id: 01234567-89ab-cdef-fedc-ba9876543210, "
        "numbers: [1, -1, -2147483648], words: {\"warp\", \"weft\", \"\"}, "
        "places: {\"home\": Point{x: 3, y: 4}, \"work\": Point{x: -3}}, "
        "origin: Point{x: 1, y: 2}, choice: Choice{point: Point{x: 9}}, "
        "table: [[0.1, -0, 1e+300], []], must: 17, last: false}");
}

static void
reals_read_back_as_they_were(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *want;
    } rows[] = {
        {0.1, "[0.1]"},
        {1.0 / 3, "[0.33333333333333331]"},
        {1e23, "[1e+23]"},
        {INFINITY, "[inf]"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double value = rows[i].value;
        struct weft_vec_double row = {&value, 1, 0};
        struct sample s;
        sample_init(&s);
        s.table = (struct vec_row){&row, 1, 0};
        char *text = NULL;
        size_t len;
        FILE *out = open_memstream(&text, &len);
        weft_struct_print(&sample_desc, out, &s);
        fclose(out);
        assert_non_null(strstr(text, rows[i].want));
        free(text);
    }
}

static void
absent_fields_are_left_out(void **state)
{
    (void)state;
    assert_printed(&point_desc, &(struct point){.x = 1, .y = 2}, "Point{x: 1}");
    assert_printed(&choice_desc, &(struct choice){.which = 0}, "Choice{}");
    assert_printed(&choice_desc, &(struct choice){.which = -0x10000},
                   "Choice{}");
}

static void
strange_text_cannot_leave_its_quotes(void **state)
{
    (void)state;
    static const struct {
        struct weft_str text;
        const char *want;
    } rows[] = {
        {WEFT_STR_INIT("\\\"\x1b[0m"), "\\\\\\\"\\x1b[0m"},
        {WEFT_STR_INIT("\xe2\x82\xac \xf0\x9f\x98\x80"),
         "\xe2\x82\xac \xf0\x9f\x98\x80"},
        {WEFT_STR_INIT("\xe2(\xa1"), "\\xe2(\\xa1"},
        {WEFT_STR_INIT("\xe2\x82"), "\\xe2\\x82"}, /* cut short */
        {WEFT_STR_INIT("\xc0\x80"), "\\xc0\\x80"}, /* longer than needed */
        {WEFT_STR_INIT("\xe0\x80\x80"), "\\xe0\\x80\\x80"},
        {WEFT_STR_INIT("\xed\xa0\x80"), "\\xed\\xa0\\x80"}, /* surrogate */
        {WEFT_STR_INIT("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80"},
        {WEFT_STR_INIT("\xc2\x9b\xc2\xa0"), "\\xc2\\x9b\xc2\xa0"},
        {WEFT_STR_INIT("\x80\xbf\xf8\x7f"), "\\x80\\xbf\\xf8\\x7f"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct choice c = {.which = 2, .as.text = rows[i].text};
        char want[128];
        snprintf(want, sizeof want, "Choice{text: \"%s\"}", rows[i].want);
        assert_printed(&choice_desc, &c, want);
    }
}

static void
too_deep_is_three_dots(void **state)
{
    (void)state;
    static struct sample deep[100];
    for (int i = 0; i < 100; i++) {
        sample_init(&deep[i]);
        deep[i].next = i < 99 ? &deep[i + 1] : NULL;
    }
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    weft_struct_print(&sample_desc, out, deep);
    fclose(out);
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, "Sample{")); p++)
        n++;
    assert_int_equal(n, WEFT_DEPTH);
    assert_non_null(strstr(text, "next: ..."));
    free(text);
}

static void
enums_have_names_or_numbers(void **state)
{
    (void)state;
    assert_string_equal(weft_enum_name(&color_desc, BLUE), "BLUE");
    assert_string_equal(weft_enum_name(&color_desc, RED), "RED");
    assert_null(weft_enum_name(&color_desc, 2));
    a.color = 2;
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    weft_struct_print(&sample_desc, out, &a);
    fclose(out);
    assert_non_null(strstr(text, "color: 2,"));
    free(text);
}

/* ---- push ---- */

static void
push_grows_by_doubling(void **state)
{
    (void)state;
    struct weft_vec_i32 v = {0};
    size_t moves = 0;
    for (int32_t i = 0; i < 10000; i++) {
        const int32_t *before = v.items;
        int32_t *item = weft_push(&arena, &v, sizeof *v.items);
        assert_non_null(item);
        assert_int_equal(*item, 0);
        *item = i;
        moves += v.items != before;
    }
    assert_int_equal(v.len, 10000);
    assert_true(moves < 16);
    for (int32_t i = 0; i < 10000; i++)
        assert_int_equal(v.items[i], i);
}

static void
push_to_static_items_moves_them(void **state)
{
    (void)state;
    int32_t fixed[] = {1, 2, 3, 4, 5};
    struct weft_vec_i32 v = {fixed, 5, 0};
    int32_t *item = weft_push(&arena, &v, sizeof *v.items);
    assert_non_null(item);
    assert_ptr_not_equal(v.items, fixed);
    assert_int_equal(v.len, 6);
    assert_int_equal(v.items[4], 5);
    assert_int_equal(v.items[5], 0);
}

static void
push_without_memory_changes_nothing(void **state)
{
    (void)state;
    struct weft_arena small;
    int64_t fixed[4] = {1, 2, 3, 4};
    struct weft_vec_i64 v = {fixed, 4, 0};
    weft_arena_init(&small, 63);
    assert_null(weft_push(&small, &v, sizeof *v.items));
    assert_ptr_equal(v.items, fixed);
    assert_int_equal(v.len, 4);
    struct weft_vec_i64 huge = {fixed, UINT32_MAX, UINT32_MAX};
    assert_null(weft_push(&small, &huge, sizeof *v.items));
    struct weft_vec_i64 large = {fixed, UINT32_MAX / 2, 0};
    assert_null(weft_push(&small, &large, SIZE_MAX / 2));
    weft_arena_fini(&small);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_copy_is_equal_and_shares_nothing),
        TEST(a_copy_has_the_bits_and_the_defaults),
        TEST(a_copy_of_an_absent_string_is_absent),
        TEST(a_copy_keeps_what_a_union_is),
        TEST(a_copy_without_budget_is_as_init_leaves_it),
        TEST(every_field_counts),
        TEST(absent_values_do_not_count),
        cmocka_unit_test_setup_teardown(sets_and_maps_have_no_order, begin,
                                        restore),
        TEST(lists_have_an_order),
        TEST(reals_are_compared_by_their_bits),
        TEST(pushed_structs_have_their_defaults),
        TEST(a_struct_is_one_line),
        TEST(reals_read_back_as_they_were),
        TEST(absent_fields_are_left_out),
        TEST(strange_text_cannot_leave_its_quotes),
        TEST(too_deep_is_three_dots),
        TEST(enums_have_names_or_numbers),
        TEST(push_grows_by_doubling),
        TEST(push_to_static_items_moves_them),
        TEST(push_without_memory_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
