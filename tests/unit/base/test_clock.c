/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void
the_clock_does_not_go_back(void **state)
{
    (void)state;
    uint64_t last = weft_now_ns();
    for (int i = 0; i < 10000; i++) {
        uint64_t now = weft_now_ns();
        assert_true(now >= last);
        last = now;
    }
}

static void
a_deadline_is_that_far_away(void **state)
{
    (void)state;
    uint64_t before = weft_now_ns();
    uint64_t deadline = weft_after_ms(1500);
    uint64_t after = weft_now_ns();
    assert_true(deadline >= before + 1500000000u);
    assert_true(deadline <= after + 1500000000u);
    assert_true(weft_after_ms(0) <= weft_now_ns());
    const int64_t far_ms = (int64_t)(WEFT_NEVER / 2 / 1000000);
    deadline = weft_after_ms(far_ms);
    assert_true(deadline >= (uint64_t)far_ms * 1000000);
    assert_true(deadline < WEFT_NEVER);
}

static void
what_is_too_far_never_comes(void **state)
{
    (void)state;
    assert_true(weft_after_ms(-1) == WEFT_NEVER);
    assert_true(weft_after_ms(INT64_MIN) == WEFT_NEVER);
    assert_true(weft_after_ms(INT64_MAX) == WEFT_NEVER);
    assert_true(weft_after_ms(INT64_MAX / 1000000 * 2) == WEFT_NEVER);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_does_not_go_back),
        cmocka_unit_test(a_deadline_is_that_far_away),
        cmocka_unit_test(what_is_too_far_never_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
