/* SPDX-License-Identifier: MIT */
/*
 * The part of cmocka that our tests use, for cross builds: there the real one
 * would have to be installed for the other architecture. Names and meaning are
 * the same; a failed assertion ends its test.
 */
#ifndef WEFT_CROSS_CMOCKA_H
#define WEFT_CROSS_CMOCKA_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct CMUnitTest {
    const char *name;
    void (*test)(void **state);
    int (*setup)(void **state);
    int (*teardown)(void **state);
    void *initial_state;
};

#define cross_test(f, up, down, state)                              \
    {                                                               \
        .name = #f, .test = (f), .setup = (up), .teardown = (down), \
        .initial_state = (state),                                   \
    }
#define cmocka_unit_test(f) cross_test(f, NULL, NULL, NULL)
#define cmocka_unit_test_setup(f, up) cross_test(f, up, NULL, NULL)
#define cmocka_unit_test_teardown(f, down) cross_test(f, NULL, down, NULL)
#define cmocka_unit_test_setup_teardown(f, up, down) \
    cross_test(f, up, down, NULL)
#define cmocka_unit_test_prestate(f, state) cross_test(f, NULL, NULL, state)

/* ---- a test ends early by a longjmp to cross_run with one of these ---- */

enum cross_end { CROSS_FAILED = 1, CROSS_SKIPPED = 2 };

static jmp_buf cross_out;

#define cross_check(ok, ...)                                \
    do {                                                    \
        if (!(ok)) {                                        \
            fprintf(stderr, "%s:%d: ", __FILE__, __LINE__); \
            fprintf(stderr, __VA_ARGS__);                   \
            fputc('\n', stderr);                            \
            longjmp(cross_out, CROSS_FAILED);               \
        }                                                   \
    } while (0)

#define cross_compare(a, op, b)                                            \
    do {                                                                   \
        uintmax_t cross_a = (uintmax_t)(a), cross_b = (uintmax_t)(b);      \
        cross_check(cross_a op cross_b,                                    \
                    "%s %s %s: %#" PRIxMAX " and %#" PRIxMAX, #a, #op, #b, \
                    cross_a, cross_b);                                     \
    } while (0)

#define assert_true(x) cross_check((x), "not true: %s", #x)
#define assert_false(x) cross_check(!(x), "not false: %s", #x)
#define assert_null(p) cross_check(!(p), "not NULL: %s", #p)
#define assert_non_null(p) cross_check((p), "NULL: %s", #p)
#define assert_int_equal(a, b) cross_compare(a, ==, b)
#define assert_int_not_equal(a, b) cross_compare(a, !=, b)
#define assert_ptr_equal(a, b) cross_compare((uintptr_t)(a), ==, (uintptr_t)(b))
#define assert_ptr_not_equal(a, b) \
    cross_compare((uintptr_t)(a), !=, (uintptr_t)(b))
#define assert_in_range(x, low, high)                                      \
    cross_check((uintmax_t)(x) >= (uintmax_t)(low) &&                      \
                    (uintmax_t)(x) <= (uintmax_t)(high),                   \
                "%s is %#" PRIxMAX ", outside %s..%s", #x, (uintmax_t)(x), \
                #low, #high)
#define assert_string_equal(a, b) \
    cross_check(strcmp(a, b) == 0, "%s is \"%s\", not \"%s\"", #a, a, b)
#define assert_string_not_equal(a, b) \
    cross_check(strcmp(a, b) != 0, "%s is \"%s\" too", #a, a)
#define assert_memory_equal(a, b, size) \
    cross_check(memcmp(a, b, size) == 0, "%s and %s differ", #a, #b)
#define assert_memory_not_equal(a, b, size) \
    cross_check(memcmp(a, b, size) != 0, "%s and %s are equal", #a, #b)
#define assert_return_code(code, error) \
    cross_check((code) >= 0, "%s failed: %d", #code, (int)(error))
#define fail() cross_check(0, "failed")
#define fail_msg(...) cross_check(0, __VA_ARGS__)
#define skip() longjmp(cross_out, CROSS_SKIPPED)
#define print_message(...) printf(__VA_ARGS__)

#define cmocka_run_group_tests(tests, setup, teardown) \
    cross_run(tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown)

static int
cross_run_one(const struct CMUnitTest *test, void *group_state)
{
    void *state = test->initial_state ? test->initial_state : group_state;
    if (test->setup && test->setup(&state) != 0)
        return CROSS_FAILED;
    int end = setjmp(cross_out);
    if (end == 0)
        test->test(&state);
    if (test->teardown && test->teardown(&state) != 0)
        return CROSS_FAILED;
    return end;
}

static int
cross_run(const struct CMUnitTest *tests, size_t n, int (*setup)(void **state),
          int (*teardown)(void **state))
{
    static const char *const ends[] = {"ok", "FAILED", "skipped"};
    void *state = NULL;
    int n_failed = 0;
    if (setup && setup(&state) != 0)
        return 1;
    for (size_t i = 0; i < n; i++) {
        int end = cross_run_one(&tests[i], state);
        n_failed += end == CROSS_FAILED;
        printf("%s: %s\n", tests[i].name, ends[end]);
    }
    if (teardown && teardown(&state) != 0)
        n_failed++;
    return n_failed;
}

#endif
