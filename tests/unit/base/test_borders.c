/* SPDX-License-Identifier: MIT */
/* The largest and smallest of what is legal, on a host whose clock stands still
 * and which has no memory. */
#define WEFT_SHIM 1

#include "base/arena.c"
#include "base/clock.c"
#include "base/sys.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static uint64_t now;

static uint64_t
clock_ns(void)
{
    return now;
}

static void
the_latest_deadline_is_exact(void **state)
{
    (void)state;
    static const uint64_t times[] = {0, 1, 999999, 123456789012345};
    wf_shim.now_ns = clock_ns;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        now = times[i];
        uint64_t most = (WEFT_NEVER - now) / 1000000;
        assert_true(weft_now_ns() == now);
        assert_true(weft_after_ms(0) == now);
        assert_true(weft_after_ms(1) == now + 1000000);
        assert_true(weft_after_ms((int64_t)most) == now + most * 1000000);
        assert_true(weft_after_ms((int64_t)most + 1) == WEFT_NEVER);
    }
}

static const char *volatile nothing = ""; /* unknown to the compiler */
static size_t asked; /* bytes of the last allocation; 0: there was none */

static void *
no_memory(size_t n)
{
    asked = n;
    return NULL;
}

/* How many bytes a copy of len bytes asks for. */
static size_t
copy_asks(struct weft_arena *arena, size_t len)
{
    asked = 0;
    assert_null(weft_arena_str(arena, nothing, len).ptr);
    return asked;
}

/* A text that is too long for a struct weft_str is refused before any
 * allocation. */
static void
the_longest_string(void **state)
{
    (void)state;
    struct weft_arena arena;
    wf_shim.malloc = no_memory;
    weft_arena_init(&arena, SIZE_MAX);
    assert_true(copy_asks(&arena, UINT32_MAX - 1) >= UINT32_MAX);
    assert_int_equal(copy_asks(&arena, UINT32_MAX), 0);
    assert_int_equal(copy_asks(&arena, SIZE_MAX), 0);
    weft_arena_fini(&arena);
}

/* The error says whether the budget or the host has no memory left. */
static void
why_nothing_can_be_deferred(void **state)
{
    (void)state;
    struct weft_arena arena;
    const size_t need = ROUND(sizeof(struct weft_arena_deferred));
    wf_shim.malloc = no_memory;
    weft_arena_init(&arena, need);
    assert_int_equal(weft_arena_defer(&arena, NULL, NULL), -ENOMEM);
    assert_int_equal(arena.left, need); /* no byte of the budget is taken */
    weft_arena_init(&arena, need - 1);
    assert_int_equal(weft_arena_defer(&arena, NULL, NULL), WEFT_EBUDGET);
    weft_arena_fini(&arena);
}

/* ---- what weft asks of the host ---- */

static int
no_affinity(cpu_set_t *set)
{
    (void)set;
    return -ENOSYS;
}

static void
a_host_that_tells_no_cores(void **state)
{
    (void)state;
    wf_shim.affinity = no_affinity;
    assert_int_equal(wf_sys_cores(), 1);
    assert_int_equal(wf_sys_pin(pthread_self(), 0), -ENOSYS);
    wf_shim.affinity = NULL;
}

static struct {
    int op;
    uint32_t value;
    bool is_timed;
    struct timespec until;
} asked_futex;

static int
note_futex(void *word, int op, uint32_t value, const struct timespec *until)
{
    (void)word;
    asked_futex.op = op;
    asked_futex.value = value;
    asked_futex.is_timed = until != NULL;
    if (until)
        asked_futex.until = *until;
    return -EINTR;
}

static void
a_futex_is_asked(void **state)
{
    (void)state;
    uint32_t word = 0;
    wf_shim.futex = note_futex;
    assert_int_equal(wf_sys_futex_wait(&word, 5, WEFT_NEVER), -EINTR);
    assert_int_equal(asked_futex.op, FUTEX_WAIT_BITSET);
    assert_int_equal(asked_futex.value, 5);
    assert_false(asked_futex.is_timed);
    assert_int_equal(wf_sys_futex_wait(&word, 5, 7000000009), -EINTR);
    assert_true(asked_futex.is_timed);
    assert_int_equal(asked_futex.until.tv_sec, 7);
    assert_int_equal(asked_futex.until.tv_nsec, 9);
    wf_sys_futex_wake(&word, 3);
    assert_int_equal(asked_futex.op, FUTEX_WAKE);
    assert_int_equal(asked_futex.value, 3);
    assert_false(asked_futex.is_timed);
    wf_shim.futex = NULL;
}

static int yields, naps;
static long nap_ns;

static int
count_yield(void)
{
    yields++;
    return 0;
}

static int
count_nap(const struct timespec *t)
{
    naps++;
    nap_ns = t->tv_nsec;
    return 0;
}

/* A thread that spins yields at first, and then sleeps a little. */
static void
a_spinner_rests(void **state)
{
    (void)state;
    wf_shim.sched_yield = count_yield;
    wf_shim.nanosleep = count_nap;
    wf_spin_rest(0);
    wf_spin_rest(127);
    assert_int_equal(yields, 2);
    assert_int_equal(naps, 0);
    wf_spin_rest(128);
    assert_int_equal(yields, 2);
    assert_int_equal(naps, 1);
    assert_int_equal(nap_ns, 50000);
    wf_sys_nap();
    assert_int_equal(naps, 2);
    assert_int_equal(nap_ns, 1000000);
    wf_shim.sched_yield = NULL;
    wf_shim.nanosleep = NULL;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_latest_deadline_is_exact),
        cmocka_unit_test(the_longest_string),
        cmocka_unit_test(why_nothing_can_be_deferred),
        cmocka_unit_test(a_host_that_tells_no_cores),
        cmocka_unit_test(a_futex_is_asked),
        cmocka_unit_test(a_spinner_rests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
