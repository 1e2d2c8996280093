/* SPDX-License-Identifier: MIT */
/* Values that were written are read back; the result is equal, and can be
 * copied and printed. */
#include "people.h"

#include <stdlib.h>

static struct weft_arena arena;

static int
setup(void **state)
{
    (void)state;
    weft_arena_init(&arena, 0);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    weft_arena_fini(&arena);
    return 0;
}

/* Write the record, read it, and write it again: the bytes are the same. */
static void
round_trip(const struct weft_struct *desc, const void *record)
{
    void *back = weft_arena_alloc(&arena, desc->size);
    struct bytes bytes = encode(&arena, desc, record, WEFT_OK);
    memset(back, 0xee, desc->size);
    assert_int_equal(decode(&arena, desc, bytes, back), WEFT_OK);
    assert_true(weft_struct_equal(desc, record, back));
    struct bytes again = encode(&arena, desc, back, WEFT_OK);
    assert_int_equal(again.len, bytes.len);
    assert_memory_equal(again.ptr, bytes.ptr, bytes.len);
}

static void
test_full_values(void **state)
{
    (void)state;
    struct all_Person person;
    struct all_Nested nested;
    struct all_Optional optional;
    struct all_Required required;
    fill_person(&arena, &person, 3);
    fill_nested(&arena, &nested);
    fill_optional(&arena, &optional);
    fill_required(&arena, &required);
    round_trip(&all_Person_desc, &person);
    round_trip(&all_Nested_desc, &nested);
    round_trip(&all_Optional_desc, &optional);
    round_trip(&all_Required_desc, &required);
}

static void
test_initial_values(void **state)
{
    (void)state;
    struct all_Defaults defaults;
    struct all_Optional optional;
    struct all_Nested nested;
    struct all_Empty empty;
    struct all_Void nothing;
    struct all_Words words;
    all_Defaults_init(&defaults);
    all_Optional_init(&optional);
    all_Nested_init(&nested);
    all_Empty_init(&empty);
    all_Void_init(&nothing);
    all_Words_init(&words);
    round_trip(&all_Defaults_desc, &defaults);
    round_trip(&all_Optional_desc, &optional);
    round_trip(&all_Nested_desc, &nested);
    round_trip(&all_Empty_desc, &empty);
    round_trip(&all_Void_desc, &nothing);
    round_trip(&all_Words_desc, &words);
    assert_int_equal(encode(&arena, &all_Optional_desc, &optional, 0).len, 1);
}

static void
test_constants(void **state)
{
    (void)state;
    round_trip(&all_Person_desc, &all_ADA);
    assert_int_equal(all_TINY, -128);
    assert_int_equal(all_LEAST, INT32_MIN);
    assert_int_equal(all_LATER, 42);
    assert_true(all_HUGE_NUMBER == INT64_MIN);
    assert_true(all_ENDLESS > 1e308 && all_MINUS_ENDLESS < -1e308);
    assert_true(all_WHOLE == 9223372036854775807.0);
    assert_int_equal(all_WORDS.len, 2);
    assert_int_equal(all_AGES.len, 2);
    assert_int_equal(all_AGES.items[0].value, 37);
    assert_int_equal(all_PEOPLE.len, 2);
    assert_true(all_Person_equal(&all_PEOPLE.items[0], &all_ADA));
    assert_int_equal(all_SHAPE.which, all_Shape_label);
    assert_int_equal(all_ID.bytes[15], 0xff);
    assert_true(weft_str_eq(all_GREETING, weft_str_of("Gr\xc3\xbc\xc3\x9f: "
                                                      "\"100%\" ?"
                                                      "?/ 'tab'"
                                                      "\t\\")));
    assert_int_equal(all_BY_POINT.items[0].key.y, 2);
    assert_int_equal(shared_Colour_BLUE, 6);
}

static void
test_wide_structs(void **state)
{
    (void)state;
    struct all_Wide wide;
    all_Wide_init(&wide);
    wide.f34 = 34;
    all_Wide_set_g33(&wide, 33);
    all_Wide_set_last(&wide, 7);
    all_Wide_set_first(&wide, 8);
    round_trip(&all_Wide_desc, &wide);
    struct bytes bytes = encode(&arena, &all_Wide_desc, &wide, WEFT_OK);
    const uint8_t first[] = {8, 0xff, 0xff, 0, 0, 0, 8};
    assert_memory_equal(bytes.ptr, first, sizeof first);
}

static void
test_copy_detaches(void **state)
{
    (void)state;
    struct all_Nested nested, back, copy;
    struct weft_arena own;
    weft_arena_init(&own, 0);
    fill_nested(&arena, &nested);
    struct bytes bytes = encode(&arena, &all_Nested_desc, &nested, WEFT_OK);
    assert_int_equal(decode(&arena, &all_Nested_desc, bytes, &back), WEFT_OK);
    assert_int_equal(all_Nested_copy(&own, &copy, &back), WEFT_OK);
    memset(bytes.ptr, 0, bytes.len);
    assert_true(all_Nested_equal(&copy, &nested));
    weft_arena_fini(&own);
}

static void
test_equal_sees_every_field(void **state)
{
    (void)state;
    struct all_Person a, b;
    fill_person(&arena, &a, 1);
    fill_person(&arena, &b, 1);
    assert_true(all_Person_equal(&a, &b));
    b.friends.items[0].home.zip = 13;
    assert_false(all_Person_equal(&a, &b));
    b.friends.items[0].home.has.zip = 0;
    assert_false(all_Person_equal(&a, &b));
    a.friends.items[0].home.has.zip = 0;
    assert_true(all_Person_equal(&a, &b));
    b.boss = NULL;
    assert_false(all_Person_equal(&a, &b));
}

static void
test_print(void **state)
{
    (void)state;
    char *text;
    size_t len;
    struct all_Person person;
    FILE *out = open_memstream(&text, &len);
    fill_person(&arena, &person, 1);
    all_Person_print(out, &person);
    fclose(out);
    assert_non_null(strstr(text, "Person{"));
    assert_non_null(strstr(text, "name: \"Ada\""));
    assert_non_null(strstr(text, "ANGRY"));
    assert_non_null(strstr(text, "city: \"London\""));
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_full_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_initial_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_constants, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wide_structs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_copy_detaches, setup, teardown),
        cmocka_unit_test_setup_teardown(test_equal_sees_every_field, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_print, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
