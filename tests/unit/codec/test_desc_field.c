/* SPDX-License-Identifier: MIT */
/* Access without knowing the type, for tools: find a field, get and set it,
 * iterate over a container. */
#include "codec/codec.h"
#include "unit/codec/bytes.h"
#include "unit/codec/sample_desc.h"
#include "unit/codec/values.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct weft_arena arena;

static int
begin(void **state)
{
    (void)state;
    weft_arena_init(&arena, 0);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    weft_arena_fini(&arena);
    return 0;
}

static const struct weft_field *
find(const struct weft_struct *desc, const char *name)
{
    const struct weft_field *field = weft_struct_field(desc, name);
    assert_non_null(field);
    assert_ptr_equal(weft_struct_field_by_id(desc, field->id), field);
    return field;
}

static void
fields_by_name_and_id(void **state)
{
    (void)state;
    assert_int_equal(find(&sample_desc, "negative")->id, -1);
    assert_int_equal(find(&sample_desc, "last")->id, 32767);
    for (uint32_t i = 0; i < sample_desc.n_fields; i++)
        (void)find(&sample_desc, sample_desc.fields[i].name);
    assert_null(weft_struct_field(&sample_desc, "las"));
    assert_null(weft_struct_field(&sample_desc, ""));
    assert_null(weft_struct_field_by_id(&sample_desc, 0));
    assert_null(weft_struct_field_by_id(&sample_desc, -32768));
    static const struct weft_struct nothing = {.name = "Nothing"};
    assert_null(weft_struct_field(&nothing, "x"));
    assert_null(weft_struct_field_by_id(&nothing, 1));
}

static void *
set(const struct weft_struct *desc, const char *name, void *record)
{
    const struct weft_field *field = find(desc, name);
    void *value = weft_field_set(desc, field, &arena, record);
    assert_non_null(value);
    assert_ptr_equal(weft_field_get(desc, field, record), value);
    return value;
}

static void
what_is_set_is_there(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    const struct weft_field *blob = find(&sample_desc, "blob");
    const struct weft_field *next = find(&sample_desc, "next");
    assert_null(weft_field_get(&sample_desc, blob, &s));
    assert_null(weft_field_get(&sample_desc, next, &s));
    *(struct weft_str *)set(&sample_desc, "blob", &s) = WEFT_STR("b");
    assert_true(s.has[0] & HAS(HAS_BLOB));
    assert_true(weft_str_eq(s.blob, WEFT_STR("b")));
    struct sample *inner = set(&sample_desc, "next", &s);
    assert_ptr_equal(s.next, inner);
    assert_true(inner->last); /* it has its defaults */
    *(int32_t *)set(&sample_desc, "must", &s) = 5;
    assert_int_equal(s.must, 5);
    set(&sample_desc, "must", &s);
    assert_int_equal(s.must, 0); /* set again, to 0 */
    assert_null(weft_field_set(&sample_desc, next, NULL, &s));
    assert_null(s.next);
}

static void
of_a_union_one_is_there(void **state)
{
    (void)state;
    struct choice c = {0};
    *(int64_t *)set(&choice_desc, "number", &c) = -1;
    assert_int_equal(c.which, 1);
    *(struct weft_str *)set(&choice_desc, "text", &c) = WEFT_STR("t");
    assert_int_equal(c.which, 2);
    assert_null(weft_field_get(&choice_desc, find(&choice_desc, "number"), &c));
    set(&choice_desc, "point", &c);
    assert_int_equal(c.which, 3);
    assert_int_equal(c.as.point.x, 0);
}

static void
items_of_containers(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    const struct weft_field *field = find(&sample_desc, "places");
    const struct weft_type *type = field->type;
    void *map = set(&sample_desc, "places", &s);
    assert_int_equal(weft_vec_len(map), 0);
    for (int i = 0; i < 20; i++) {
        uint8_t *item = weft_push(&arena, map, type->item_size);
        assert_non_null(item);
        *(struct weft_str *)(void *)item = WEFT_STR("k");
        void *point = item + type->value_offset;
        *(int32_t *)set(type->element->record, "x", point) = i;
    }
    assert_int_equal(weft_vec_len(map), 20);
    assert_int_equal(s.places.len, 20);
    for (uint32_t i = 0; i < 20; i++) {
        assert_ptr_equal(weft_vec_item(type, map, i), &s.places.items[i]);
        assert_int_equal(s.places.items[i].value.x, i);
        assert_true(weft_str_eq(s.places.items[i].key, WEFT_STR("k")));
    }
}

/* A random value is rebuilt field by field, and is equal to the original. */
static void
any_value_can_be_rebuilt(void **state)
{
    (void)state;
    struct dice dice = {3, &arena};
    for (int round = 0; round < 100; round++) {
        struct sample from, to;
        roll_record(&dice, &sample_desc, &from, 3);
        sample_init(&to);
        for (uint32_t i = 0; i < sample_desc.n_fields; i++) {
            const struct weft_field *field = &sample_desc.fields[i];
            const void *value = weft_field_get(&sample_desc, field, &from);
            if (!value)
                continue;
            void *place = weft_field_set(&sample_desc, field, &arena, &to);
            assert_non_null(place);
            memcpy(place, value, field->type->size);
        }
        assert_true(weft_struct_equal(&sample_desc, &from, &to));
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fields_by_name_and_id),    TEST(what_is_set_is_there),
        TEST(of_a_union_one_is_there),  TEST(items_of_containers),
        TEST(any_value_can_be_rebuilt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
