/* SPDX-License-Identifier: MIT */
/* What readers and writers do with fields that are missing, unknown, of another
 * type, repeated, or wrong. */
#include "people.h"

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

#define BYTES(...) \
    ((struct bytes){(uint8_t[]){__VA_ARGS__}, sizeof((uint8_t[]){__VA_ARGS__})})

/* ---- defaults ---- */

static void
test_defaults_are_set(void **state)
{
    (void)state;
    struct all_Defaults d;
    all_Defaults_init(&d);
    assert_true(d.a);
    assert_int_equal(d.b, -1);
    assert_int_equal(d.c, 300);
    assert_int_equal(d.d, 42);
    assert_true(d.e == INT64_MIN && d.f == 2.5);
    assert_true(weft_str_eq(d.g, WEFT_STR("text")));
    assert_int_equal(d.i.bytes[1], 0x11);
    assert_int_equal(d.j, all_Mood_HAPPY);
    assert_int_equal(d.k.len, 4);
    assert_int_equal(d.l.len, 2);
    assert_int_equal(d.m.items[0].key, 1);
    assert_true(weft_str_eq(d.n.city, WEFT_STR("Rome")));
    assert_true(d.n.has.zip && d.n.zip == 100);
    assert_true(weft_str_eq(d.o.city, WEFT_STR("Paris")));
    assert_int_equal(d.r.which, all_Shape_side);
}

static void
test_optional_defaults_are_not_written(void **state)
{
    (void)state;
    struct all_Defaults d, back;
    all_Defaults_init(&d);
    assert_int_equal(d.p, 5);
    assert_false(d.has.p);
    assert_null(d.q);
    struct bytes bytes = encode(&arena, &all_Defaults_desc, &d, WEFT_OK);
    assert_int_equal(decode(&arena, &all_Defaults_desc, bytes, &back), 0);
    assert_false(back.has.p);
    assert_int_equal(back.p, 5);
    assert_null(back.q);
}

static void
test_absent_fields_keep_defaults(void **state)
{
    (void)state;
    struct all_Defaults d;
    assert_int_equal(decode(&arena, &all_Defaults_desc, BYTES(0), &d), 0);
    assert_int_equal(d.c, 300);
    assert_false(d.has.c);
    assert_int_equal(d.k.len, 4);
}

static void
test_default_of_a_union_is_its_first_value(void **state)
{
    (void)state;
    struct all_Shape s;
    all_Shape_init(&s);
    assert_int_equal(s.which, all_Shape_mood);
    assert_int_equal(s.mood, all_Mood_SAD);
    assert_int_equal(decode(&arena, &all_Shape_desc, BYTES(0), &s), WEFT_OK);
    assert_int_equal(s.which, 0);
}

/* ---- required ---- */

static void
test_required_fields_must_be_there(void **state)
{
    (void)state;
    struct all_Person p;
    struct all_Required q;
    struct all_Wide w;
    assert_int_equal(decode(&arena, &all_Person_desc, BYTES(0), &p),
                     WEFT_EREQUIRED);
    assert_int_equal(decode(&arena, &all_Required_desc, BYTES(0), &q),
                     WEFT_EREQUIRED);
    assert_int_equal(decode(&arena, &all_Wide_desc, BYTES(0), &w),
                     WEFT_EREQUIRED);
    assert_int_equal(decode(&arena, &all_Person_desc,
                            BYTES(11, 0, 1, 0, 0, 0, 1, 'x', 0), &p),
                     WEFT_OK);
}

/* Remove the bytes of each field in turn. The reader must report that the field
 * is missing. */
static void
test_each_required_field(void **state)
{
    (void)state;
    struct all_Wide wide;
    all_Wide_init(&wide);
    struct bytes all = encode(&arena, &all_Wide_desc, &wide, WEFT_OK);
    assert_int_equal(all.len, 34 * 7 + 1);
    for (size_t i = 0; i < 34; i++) {
        struct bytes part = {weft_arena_alloc(&arena, all.len), all.len - 7};
        memcpy(part.ptr, all.ptr, i * 7);
        memcpy(part.ptr + i * 7, all.ptr + i * 7 + 7, all.len - i * 7 - 7);
        assert_int_equal(decode(&arena, &all_Wide_desc, part, &wide),
                         WEFT_EREQUIRED);
    }
}

static void
test_required_pointer_must_be_there(void **state)
{
    (void)state;
    struct all_Egg egg;
    all_Egg_init(&egg);
    encode(&arena, &all_Egg_desc, &egg, WEFT_EREQUIRED);
}

/* ---- unknown fields ---- */

static void
test_unknown_fields_are_passed_over(void **state)
{
    (void)state;
    struct all_Empty empty;
    struct all_Tree tree;
    struct all_Nested nested;
    fill_nested(&arena, &nested);
    struct bytes bytes = encode(&arena, &all_Nested_desc, &nested, WEFT_OK);
    assert_int_equal(decode(&arena, &all_Empty_desc, bytes, &empty), WEFT_OK);
    struct bytes field = BYTES(13, 0, 99, 11, 8, 0, 0, 0, 1, 0, 0, 0, 1, 'k', 0,
                               0, 0, 1, 8, 0, 1, 0, 0, 0, 5, 0);
    assert_int_equal(decode(&arena, &all_Tree_desc, field, &tree), WEFT_OK);
    assert_int_equal(tree.value, 5);
}

static void
test_wrong_types_are_passed_over(void **state)
{
    (void)state;
    struct all_Optional o;
    /* Field 4 is an i32, and here a string; field 11 is a list of i32, and here
     * a list of strings; field 1 is a bool. */
    struct bytes bytes =
        BYTES(11, 0, 4, 0, 0, 0, 1, 'x', 15, 0, 11, 11, 0, 0, 0, 1, 0, 0, 0, 1,
              'y', 14, 0, 11, 8, 0, 0, 0, 0, 13, 0, 13, 8, 8, 0, 0, 0, 1, 0, 0,
              0, 1, 0, 0, 0, 1, 2, 0, 1, 1, 0);
    assert_int_equal(decode(&arena, &all_Optional_desc, bytes, &o), WEFT_OK);
    assert_true(o.has.a && o.a);
    assert_false(o.has.d);
    assert_false(o.has.k);
    assert_int_equal(o.k.len, 0);
    assert_false(o.has.m);
}

static void
test_unfit_items_are_empty(void **state)
{
    (void)state;
    struct all_Nested n;
    /* Field a is a list of lists of i32, and here of one list of i64 and one of
     * i32. */
    struct bytes bytes = BYTES(15, 0, 1, 15, 0, 0, 0, 2, 10, 0, 0, 0, 1, 0, 0,
                               0, 0, 0, 0, 0, 9, 8, 0, 0, 0, 1, 0, 0, 0, 7, 0);
    assert_int_equal(decode(&arena, &all_Nested_desc, bytes, &n), WEFT_OK);
    assert_int_equal(n.a.len, 2);
    assert_int_equal(n.a.items[0].len, 0);
    assert_int_equal(n.a.items[1].items[0], 7);
}

static void
test_of_doubled_fields_the_last_wins(void **state)
{
    (void)state;
    struct all_Tree t;
    struct all_Shape s;
    assert_int_equal(decode(&arena, &all_Tree_desc,
                            BYTES(8, 0, 1, 0, 0, 0, 1, 8, 0, 1, 0, 0, 0, 2, 0),
                            &t),
                     WEFT_OK);
    assert_int_equal(t.value, 2);
    assert_int_equal(
        decode(&arena, &all_Shape_desc,
               BYTES(11, 0, 2, 0, 0, 0, 1, 'x', 8, 0, 1, 0, 0, 0, 9, 0), &s),
        WEFT_OK);
    assert_int_equal(s.which, all_Shape_side);
    assert_int_equal(s.side, 9);
}

static void
test_unknown_enum_numbers_survive(void **state)
{
    (void)state;
    struct all_Optional o;
    struct bytes bytes = BYTES(8, 0, 10, 0, 0, 0x30, 0x39, 0);
    assert_int_equal(decode(&arena, &all_Optional_desc, bytes, &o), WEFT_OK);
    assert_int_equal(o.j, 12345);
    struct bytes again = encode(&arena, &all_Optional_desc, &o, WEFT_OK);
    assert_int_equal(again.len, bytes.len);
    assert_memory_equal(again.ptr, bytes.ptr, bytes.len);
    assert_null(weft_enum_name(&all_Mood_desc, 12345));
    assert_string_equal(weft_enum_name(&all_Mood_desc, 1), "HAPPY");
}

/* ---- depth ---- */

static void
test_depth_is_bounded(void **state)
{
    (void)state;
    struct all_List links[66];
    struct all_List back;
    for (int i = 0; i < 66; i++) {
        all_List_init(&links[i]);
        links[i].tail = i > 0 ? &links[i - 1] : NULL;
    }
    struct bytes bytes = encode(&arena, &all_List_desc, &links[63], WEFT_OK);
    assert_int_equal(decode(&arena, &all_List_desc, bytes, &back), WEFT_OK);
    encode(&arena, &all_List_desc, &links[64], WEFT_EDEPTH);
    uint8_t deep[65 * 3 + 66];
    memset(deep, 0, sizeof deep);
    for (int i = 0; i < 65; i++)
        memcpy(deep + 3 * i, "\x0c\x00\x02", 3);
    assert_int_equal(decode(&arena, &all_List_desc,
                            (struct bytes){deep, sizeof deep}, &back),
                     WEFT_EDEPTH);
}

/* ---- values that cannot be written ---- */

static void
test_wrong_values_are_errors(void **state)
{
    (void)state;
    struct all_Person p;
    struct all_Shape s;
    fill_person(&arena, &p, 0);
    p.name = (struct weft_str){NULL, 3};
    encode(&arena, &all_Person_desc, &p, WEFT_EVALUE);
    p.name = (struct weft_str){NULL, 0}; /* required, but not set */
    encode(&arena, &all_Person_desc, &p, WEFT_EREQUIRED);
    p.name = WEFT_STR("");
    encode(&arena, &all_Person_desc, &p, WEFT_OK);
    p.tags.items = NULL;
    encode(&arena, &all_Person_desc, &p, WEFT_EVALUE);
    memset(&s, 0, sizeof s);
    s.which = 99;
    encode(&arena, &all_Shape_desc, &s, WEFT_EVALUE);
    s.which = all_Shape_inner; /* the pointer of this member is NULL */
    encode(&arena, &all_Shape_desc, &s, WEFT_EREQUIRED);
    s.which = 0;
    assert_int_equal(encode(&arena, &all_Shape_desc, &s, WEFT_OK).len, 1);
}

/* ---- large strings ---- */

struct owner {
    int refs;
};

static void
ref(void *owner)
{
    ((struct owner *)owner)->refs++;
}

static void
unref(void *owner)
{
    ((struct owner *)owner)->refs--;
}

static bool
points_into(const struct weft_chain *chain, const char *ptr, size_t len)
{
    for (const struct weft_slice *s = chain->head; s; s = s->next) {
        const char *at = (const char *)s->ptr;
        if (at >= ptr && at < ptr + len)
            return true;
    }
    return false;
}

static void
test_large_strings_are_not_copied(void **state)
{
    (void)state;
    enum { SIZE = 100000 };
    struct owner owner = {0};
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    struct all_List list, back;
    char *text = weft_arena_alloc(&arena, SIZE);
    memset(text, 'x', SIZE);
    all_List_init(&list);
    list.head = (struct weft_str){text, SIZE};
    weft_writer_init(&w, &chain);
    weft_writer_owner(&w, &owner, ref, unref);
    all_List_write(&w, &list);
    assert_int_equal(weft_writer_fini(&w), WEFT_OK);
    assert_true(owner.refs > 0);
    assert_true(points_into(&chain, text, SIZE));
    struct weft_reader r;
    weft_reader_init(&r, &chain, &arena, 0);
    assert_int_equal(all_List_read(&r, &back), WEFT_OK);
    assert_ptr_equal(back.head.ptr, text);
    weft_chain_clear(&chain);
    assert_int_equal(owner.refs, 0);
}

/* If keys are equal, the last one counts, as in a hash table that takes the
 * pairs one by one. */
static void
test_values_of_maps(void **state)
{
    (void)state;
    struct all_map_str_i32_item ages[] = {{WEFT_STR_INIT("a"), 1},
                                          {WEFT_STR_INIT("b"), 2},
                                          {WEFT_STR_INIT("a"), 3}};
    struct all_map_str_i32 map = {ages, 3, 0};
    assert_ptr_equal(all_map_str_i32_get(&map, WEFT_STR("a")), &ages[2].value);
    assert_ptr_equal(all_map_str_i32_get(&map, WEFT_STR("b")), &ages[1].value);
    assert_null(all_map_str_i32_get(&map, WEFT_STR("")));
    assert_null(all_map_str_i32_get(&(struct all_map_str_i32){NULL, 0, 0},
                                    WEFT_STR("a")));
    struct all_Address paris, rome;
    all_Address_init(&paris);
    all_Address_init(&rome);
    rome.city = WEFT_STR("Rome");
    struct all_map_Address_Person_item people[] = {{.key = rome},
                                                   {.key = paris}};
    struct all_map_Address_Person by_home = {people, 2, 0};
    assert_ptr_equal(all_map_Address_Person_get(&by_home, &paris),
                     &people[1].value);
    struct all_map_i32_uuid_item ids[] = {{all_Mood_SAD, {{1}}}};
    struct all_map_i32_uuid by_mood = {ids, 1, 0};
    assert_non_null(all_map_i32_uuid_get(&by_mood, all_Mood_SAD));
    assert_null(all_map_i32_uuid_get(&by_mood, all_Mood_HAPPY));
}

/* Arguments and results have defaults, too. */
static void
test_a_value_begins_with_defaults(void **state)
{
    (void)state;
    struct all_Defaults by_init, d = all_Defaults_defaults();
    all_Defaults_init(&by_init);
    assert_true(all_Defaults_equal(&d, &by_init));
    struct all_Defaults zero = {0};
    assert_false(all_Defaults_equal(&d, &zero));
    struct all_Address a = all_Address_defaults();
    assert_true(weft_str_eq(a.city, WEFT_STR("Paris")));
    assert_false(a.has.zip);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_defaults_are_set),
        TEST(test_optional_defaults_are_not_written),
        TEST(test_absent_fields_keep_defaults),
        TEST(test_default_of_a_union_is_its_first_value),
        TEST(test_required_fields_must_be_there),
        TEST(test_each_required_field),
        TEST(test_required_pointer_must_be_there),
        TEST(test_unknown_fields_are_passed_over),
        TEST(test_wrong_types_are_passed_over),
        TEST(test_unfit_items_are_empty),
        TEST(test_of_doubled_fields_the_last_wins),
        TEST(test_unknown_enum_numbers_survive),
        TEST(test_depth_is_bounded),
        TEST(test_wrong_values_are_errors),
        TEST(test_large_strings_are_not_copied),
        cmocka_unit_test(test_values_of_maps),
        cmocka_unit_test(test_a_value_begins_with_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
