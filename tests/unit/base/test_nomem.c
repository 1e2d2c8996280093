/* SPDX-License-Identifier: MIT */
/* Every allocation of an arena fails once: its budget and its pool stay exact,
 * and later allocations succeed. */
#include "unit/buf/nomem.h"

#include "base/arena.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static struct weft_arena_pool pool = {.max = 1 << 20};

static void
count(void *arg)
{
    ++*(int *)arg;
}

static bool
take_small(struct weft_arena *arena)
{
    return weft_arena_alloc(arena, 2000) != NULL;
}

static bool
take_large(struct weft_arena *arena)
{
    return weft_arena_zalloc(arena, 100000) != NULL;
}

static bool
take_text(struct weft_arena *arena)
{
    static char text[2000];
    struct weft_str s = weft_arena_str(arena, text, sizeof text);
    assert_int_equal(s.len, s.ptr ? sizeof text : 0);
    return s.ptr != NULL;
}

static bool
take_print(struct weft_arena *arena)
{
    struct weft_str s = weft_arena_printf(arena, "%2000d", 1);
    assert_int_equal(s.len, s.ptr ? 2000 : 0);
    return s.ptr != NULL;
}

static void
no_memory_is_told_and_costs_nothing(void **state)
{
    static bool (*const takes[])(struct weft_arena * arena) = {
        take_small, take_large, take_text, take_print};
    (void)state;
    for (size_t i = 0; i < sizeof takes / sizeof *takes; i++)
        for (int is_first = 0; is_first < 2; is_first++) {
            struct weft_arena arena;
            weft_arena_init(&arena, 0);
            arena.pool = &pool;
            if (!is_first)
                assert_non_null(weft_arena_alloc(&arena, 100));
            size_t used = wf_load(&pool.used, relaxed), left = arena.left;
            nomem_begin(1, true);
            assert_false(takes[i](&arena));
            assert_int_equal(nomem_end(), 1);
            assert_int_equal(wf_load(&pool.used, relaxed), used);
            assert_int_equal(arena.left, left);
            assert_true(takes[i](&arena));
            assert_true(wf_load(&pool.used, relaxed) > used);
            weft_arena_fini(&arena);
            assert_int_equal(wf_load(&pool.used, relaxed), 0);
        }
}

/* A function whose defer was refused does not run. */
static void
a_defer_without_memory_is_refused(void **state)
{
    struct weft_arena arena;
    int n = 0;
    (void)state;
    weft_arena_init(&arena, 0);
    nomem_begin(1, true);
    assert_int_equal(weft_arena_defer(&arena, count, &n), -ENOMEM);
    assert_int_equal(nomem_end(), 1);
    weft_arena_fini(&arena);
    assert_int_equal(n, 0);
    assert_int_equal(weft_arena_defer(&arena, count, &n), WEFT_OK);
    weft_arena_fini(&arena);
    assert_int_equal(n, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_memory_is_told_and_costs_nothing),
        cmocka_unit_test(a_defer_without_memory_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
