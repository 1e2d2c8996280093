/* SPDX-License-Identifier: MIT */
/* Sets in other orders are compared although the host has no memory: more
 * slowly, with the same result. */
#include "unit/buf/nomem.h"

#include "codec/desc/equal.c"
#include "unit/codec/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static bool
equal(const struct order *a, const struct order *b)
{
    bool with = weft_struct_equal(&order_desc, a, b);
    nomem_begin(1, false);
    bool without = weft_struct_equal(&order_desc, a, b);
    assert_true(nomem_end() > 0);
    assert_int_equal(with, without);
    return without;
}

static void
the_answer_is_the_same(void **state)
{
    (void)state;
    int32_t up[] = {1, 2, 3, 4, 5, 5, 7, 8}, down[] = {8, 7, 5, 5, 4, 3, 2, 1};
    struct order a = {.numbers = {up, 8, 0}}, b = {.numbers = {down, 8, 0}};
    assert_true(equal(&a, &b));
    down[0] = 9;
    assert_false(equal(&a, &b));
    down[0] = 8;
    down[2] = 4; /* b has 4 twice: still, each item of b is in a */
    assert_false(equal(&a, &b));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
