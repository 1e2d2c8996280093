/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static void
a_view_shows_the_bytes_without_the_end(void **state)
{
    (void)state;
    const char *text = "hello";
    struct weft_str s = weft_str_of(text);
    assert_ptr_equal(s.ptr, text);
    assert_int_equal(s.len, 5);
    struct weft_str absent = weft_str_of(NULL);
    assert_null(absent.ptr);
    assert_int_equal(absent.len, 0);
}

static void
literals_keep_their_zeros(void **state)
{
    (void)state;
    static const struct weft_str inside = WEFT_STR_INIT("a\0b");
    assert_int_equal(inside.len, 3);
    assert_int_equal(WEFT_STR("").len, 0);
    assert_non_null(WEFT_STR("").ptr);
    char text[8];
    snprintf(text, sizeof text, "%.*s", WEFT_FMT(WEFT_STR("hi")));
    assert_string_equal(text, "hi");
}

static void
equal_is_by_bytes(void **state)
{
    (void)state;
    struct weft_str absent = {NULL, 0};
    assert_true(weft_str_eq(WEFT_STR("ab"), weft_str_of("ab")));
    assert_true(weft_str_eq(WEFT_STR("a\0b"), WEFT_STR("a\0b")));
    assert_false(weft_str_eq(WEFT_STR("a\0b"), WEFT_STR("a\0c")));
    assert_false(weft_str_eq(WEFT_STR("ab"), WEFT_STR("abc")));
    assert_true(weft_str_eq(absent, WEFT_STR("")));
    assert_true(weft_str_eq(absent, absent));
    assert_false(weft_str_eq(absent, WEFT_STR("a")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_shows_the_bytes_without_the_end),
        cmocka_unit_test(literals_keep_their_zeros),
        cmocka_unit_test(equal_is_by_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
