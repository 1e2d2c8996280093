/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void
allocations_are_aligned_and_apart(void **state)
{
    (void)state;
    enum { N = 2000 };
    static uint8_t *at[N];
    static size_t sizes[N];
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    srand(1);
    for (size_t i = 0; i < N; i++) {
        sizes[i] = (size_t)rand() % (i % 50 ? 300 : 100000);
        at[i] = weft_arena_alloc(&arena, sizes[i]);
        assert_non_null(at[i]);
        assert_int_equal((uintptr_t)at[i] % 16, 0);
        memset(at[i], (int)(i & 0xff), sizes[i]);
    }
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < sizes[i]; k++)
            if (at[i][k] != (i & 0xff))
                fail_msg("allocation %zu was overwritten", i);
    weft_arena_fini(&arena);
}

static void
nothing_is_a_legal_size(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    void *a = weft_arena_alloc(&arena, 0), *b = weft_arena_alloc(&arena, 0);
    assert_non_null(a);
    assert_non_null(b);
    assert_ptr_not_equal(a, b);
    weft_arena_fini(&arena);
}

static void
the_budget_is_what_is_handed_out(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 1000);
    assert_int_equal(arena.left, 1000);
    assert_non_null(weft_arena_alloc(&arena, 1));
    assert_int_equal(arena.left, 984);
    assert_null(weft_arena_alloc(&arena, 985));
    assert_null(weft_arena_alloc(&arena, SIZE_MAX));
    assert_null(weft_arena_alloc(&arena, SIZE_MAX - 14));
    assert_int_equal(arena.left, 984);
    assert_non_null(weft_arena_alloc(&arena, 976));
    assert_null(weft_arena_alloc(&arena, 16));
    assert_null(weft_arena_zalloc(&arena, 100));
    assert_null(weft_arena_str(&arena, "x", 50).ptr);
    assert_null(weft_arena_printf(&arena, "%50d", 1).ptr);
    weft_arena_reset(&arena);
    assert_non_null(weft_arena_alloc(&arena, 992));
    weft_arena_fini(&arena);
    weft_arena_init(&arena, 992); /* exact to the byte */
    assert_null(weft_arena_alloc(&arena, 993));
    assert_non_null(weft_arena_alloc(&arena, 992));
    assert_int_equal(arena.left, 0);
    assert_null(weft_arena_alloc(&arena, 0));
    weft_arena_fini(&arena);
}

static void
no_budget_is_a_large_one(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    assert_true(arena.left == WEFT_ARENA_BUDGET);
    weft_arena_init(&arena, SIZE_MAX);
    assert_null(weft_arena_alloc(&arena, SIZE_MAX));
    assert_null(weft_arena_alloc(&arena, SIZE_MAX / 2));
    assert_non_null(weft_arena_alloc(&arena, 100));
    weft_arena_fini(&arena);
}

static void
an_initialiser_does_as_init(void **state)
{
    (void)state;
    struct weft_arena made, arena = WEFT_ARENA_INIT;
    weft_arena_init(&made, 0);
    assert_int_equal(arena.left, made.left);
    assert_int_equal(arena.budget, made.budget);
    assert_non_null(weft_arena_alloc(&arena, 100));
    weft_arena_fini(&arena);
}

static void
strings_are_copied_with_an_end(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    struct weft_str s = weft_arena_str(&arena, "a\0b", 3);
    assert_int_equal(s.len, 3);
    assert_memory_equal(s.ptr, "a\0b", 4);
    s = weft_arena_str(&arena, NULL, 0);
    assert_non_null(s.ptr);
    assert_int_equal(s.len, 0);
    assert_null(weft_arena_str(&arena, "", (size_t)UINT32_MAX + 1).ptr);
    s = weft_arena_printf(&arena, "%s-%d", "x", 42);
    assert_int_equal(s.len, 4);
    assert_string_equal(s.ptr, "x-42");
    s = weft_arena_printf(&arena, "%5000d", 7);
    assert_int_equal(s.len, 5000);
    assert_int_equal(s.ptr[4999], '7');
    char *zero = weft_arena_zalloc(&arena, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(zero[i], 0);
    weft_arena_fini(&arena);
}

static char order[16];

static void
note(void *arg)
{
    strcat(order, arg);
}

static void
note_and_defer(void *arg)
{
    static char before[] = "(", behind[] = "x";
    struct weft_arena *arena = arg;
    note(before);
    assert_non_null(weft_arena_alloc(arena, 5000));
    assert_int_equal(weft_arena_defer(arena, note, behind), 0);
}

static void
what_is_deferred_runs_newest_first(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    memset(order, 0, sizeof order);
    char *names[] = {(char[]){"1"}, (char[]){"2"}, (char[]){"3"}};
    for (int i = 0; i < 3; i++)
        assert_int_equal(weft_arena_defer(&arena, note, names[i]), 0);
    weft_arena_reset(&arena);
    assert_string_equal(order, "321");
    weft_arena_reset(&arena);
    assert_int_equal(weft_arena_defer(&arena, note, names[0]), 0);
    weft_arena_fini(&arena);
    weft_arena_fini(&arena);
    assert_string_equal(order, "3211");
}

static void
a_deferred_function_may_defer(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    memset(order, 0, sizeof order);
    assert_int_equal(weft_arena_defer(&arena, note_and_defer, &arena), 0);
    weft_arena_fini(&arena);
    assert_string_equal(order, "(x");
}

static void
a_defer_without_budget_is_refused(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 16);
    memset(order, 0, sizeof order);
    assert_int_equal(weft_arena_defer(&arena, note, (char[]){"1"}),
                     WEFT_EBUDGET);
    weft_arena_fini(&arena);
    assert_string_equal(order, "");
}

static void
a_reset_keeps_one_chunk(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    for (int i = 0; i < 100; i++)
        assert_non_null(weft_arena_alloc(&arena, 4000));
    weft_arena_reset(&arena);
    if (WF_ASAN) {
        assert_null(arena.chunks);
    } else {
        assert_non_null(arena.chunks);
        void *chunk = arena.chunks;
        assert_non_null(weft_arena_alloc(&arena, 60000 / 16));
        assert_ptr_equal(arena.chunks, chunk);
    }
    /* A reset keeps no large chunk. */
    weft_arena_fini(&arena);
    assert_non_null(weft_arena_alloc(&arena, 1 << 20));
    weft_arena_reset(&arena);
    assert_null(arena.chunks);
    weft_arena_fini(&arena);
}

static bool
lies_in(const void *p, const uint8_t *mem, size_t size)
{
    return (uintptr_t)p >= (uintptr_t)mem &&
           (uintptr_t)p < (uintptr_t)mem + size;
}

static void
a_first_chunk_can_be_lent(void **state)
{
    (void)state;
    uint8_t mem[2048];
    struct weft_arena arena;
    wf_arena_init_with(&arena, 0, mem + 3, sizeof mem - 3);
    for (int round = 0; round < 3; round++) {
        void *first = weft_arena_alloc(&arena, 100);
        assert_int_equal(lies_in(first, mem, sizeof mem), !WF_ASAN);
        void *large = weft_arena_alloc(&arena, 100000);
        assert_false(lies_in(large, mem, sizeof mem));
        void *second = weft_arena_alloc(&arena, 100);
        assert_int_equal(lies_in(second, mem, sizeof mem), !WF_ASAN);
        for (int i = 0; i < 100; i++)
            assert_non_null(weft_arena_alloc(&arena, 200));
        weft_arena_reset(&arena);
    }
    weft_arena_fini(&arena);
    void *later = weft_arena_alloc(&arena, 100);
    assert_false(lies_in(later, mem, sizeof mem));
    weft_arena_fini(&arena);

    wf_arena_init_with(&arena, 0, mem, 8); /* too small for any allocation */
    assert_false(lies_in(weft_arena_alloc(&arena, 1), mem, sizeof mem));
    weft_arena_fini(&arena);
}

static struct weft_arena_pool pool = {.max = 1 << 20};

static void
needs_its_chunks(void *arg)
{
    (void)arg;
    assert_true(wf_load(&pool.used, relaxed) >= 100000);
}

/* `used` of a pool is always the size of its arenas' chunks. weft_arena_fini
 * leaves the arena in its pool. */
static void
a_pool_gets_all_back(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    arena.pool = &pool;
    for (int round = 0; round < 3; round++) {
        assert_non_null(weft_arena_alloc(&arena, 100000));
        for (int i = 0; i < 20; i++)
            assert_non_null(weft_arena_alloc(&arena, 3000));
        assert_true(wf_load(&pool.used, relaxed) >= 160000);
        assert_int_equal(weft_arena_defer(&arena, needs_its_chunks, NULL), 0);
        weft_arena_reset(&arena); /* keeps one chunk, of 64 KiB at most */
        assert_in_range(wf_load(&pool.used, relaxed), WF_ASAN ? 0 : 1, 70000);
        assert_non_null(weft_arena_alloc(&arena, 100000));
        assert_int_equal(weft_arena_defer(&arena, needs_its_chunks, NULL), 0);
        weft_arena_fini(&arena);
        assert_int_equal(wf_load(&pool.used, relaxed), 0);
    }
    assert_null(weft_arena_alloc(&arena, 2 << 20)); /* more than the pool has */
    assert_int_equal(wf_load(&pool.used, relaxed), 0);
    weft_arena_fini(&arena);
}

/* Returns how many bytes the pool gives for an allocation. */
static size_t
taken_for(struct weft_arena *arena, size_t size)
{
    size_t before = wf_load(&pool.used, relaxed);
    assert_non_null(weft_arena_alloc(arena, size));
    return wf_load(&pool.used, relaxed) - before;
}

static void
each_chunk_is_twice_as_large_up_to_a_size(void **state)
{
    static const size_t sizes[] = {1, 2, 4, 8, 16, 32, 64, 64, 64}; /* KiB */
    struct weft_arena arena;
    size_t n = 0;
    (void)state;
    if (WF_ASAN)
        skip(); /* under ASan each allocation has its own chunk */
    weft_arena_init(&arena, 0);
    arena.pool = &pool;
    while (n < sizeof sizes / sizeof *sizes) {
        size_t taken = taken_for(&arena, 500);
        if (taken > 0)
            assert_int_equal(taken, sizes[n++] << 10);
    }
    weft_arena_fini(&arena);
}

/* A large allocation has a chunk of its own. The chunk that was current stays
 * current, decides the size of the next one, and is kept by a reset. */
static void
a_large_allocation_stands_apart(void **state)
{
    enum { LARGE = 20 << 10 };
    struct weft_arena arena;
    (void)state;
    if (WF_ASAN)
        skip();
    weft_arena_init(&arena, 0);
    arena.pool = &pool;
    assert_int_equal(taken_for(&arena, 100), 1024);
    assert_in_range(taken_for(&arena, LARGE), LARGE, LARGE + 100);
    assert_int_equal(taken_for(&arena, 100), 0);
    assert_int_equal(taken_for(&arena, 1000), 2048);
    assert_in_range(taken_for(&arena, LARGE), LARGE, LARGE + 100);
    weft_arena_reset(&arena);
    assert_int_equal(wf_load(&pool.used, relaxed), 2048);
    weft_arena_fini(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_aligned_and_apart),
        cmocka_unit_test(nothing_is_a_legal_size),
        cmocka_unit_test(the_budget_is_what_is_handed_out),
        cmocka_unit_test(no_budget_is_a_large_one),
        cmocka_unit_test(an_initialiser_does_as_init),
        cmocka_unit_test(strings_are_copied_with_an_end),
        cmocka_unit_test(what_is_deferred_runs_newest_first),
        cmocka_unit_test(a_deferred_function_may_defer),
        cmocka_unit_test(a_defer_without_budget_is_refused),
        cmocka_unit_test(a_reset_keeps_one_chunk),
        cmocka_unit_test(a_first_chunk_can_be_lent),
        cmocka_unit_test(a_pool_gets_all_back),
        cmocka_unit_test(each_chunk_is_twice_as_large_up_to_a_size),
        cmocka_unit_test(a_large_allocation_stands_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
