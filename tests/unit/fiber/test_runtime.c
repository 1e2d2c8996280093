/* SPDX-License-Identifier: MIT */
/* Start and stop (row 62 of docs/threats.md), limits (row 76), and the memory
 * of a hundred thousand parked fibers. */
#include "fibers.h"

#include "fiber/sched.h"

#include <sched.h>

/* Sanitizers take memory of their own. An emulator has no cheap guards, so each
 * stack takes mappings of its own, and a process may have only 65,530. */
#if WF_ASAN || WF_TSAN || !defined(__x86_64__)
#define SLOW 1
#else
#define SLOW 0
#endif

static void
nothing(void *arg)
{
    (void)arg;
}

static void
options_are_checked(void **state)
{
    (void)state;
    const struct weft_runtime_options bad[] = {
        {.workers = 257},
        {.max_fibers = UINT32_MAX - 1},
        {.max_fibers = (1u << 24) + 1},
        {.stack_size = SIZE_MAX},
        {.guard_size = SIZE_MAX},
        {.stack_size = 4096},
        {.stack_size = 8191 - 4096, .guard_size = 65536},
        {.poller = WEFT_POLLER_URING + 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(weft_runtime_start(&bad[i]), -EINVAL);
    assert_int_equal(weft_runtime_workers(), 0);
    const struct weft_runtime_options most = {.workers = WF_WORKERS_MAX,
                                              .max_fibers = WF_TASKS_MAX};
    assert_int_equal(weft_runtime_start(&most), WEFT_OK);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    workers_start(3);
    assert_int_equal(weft_runtime_workers(), 3);
    assert_int_equal(weft_runtime_start(NULL), -EALREADY);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    assert_int_equal(weft_runtime_workers(), 0);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
}

/* The largest and smallest values that are legal. */
static void
options_reach_their_limits(void **state)
{
    (void)state;
    const struct weft_runtime_options good[] = {
        {.workers = 2, .max_fibers = 1u << 24},
        {.workers = 2, .stack_size = 8192},
        {.workers = 2, .stack_size = 8191}, /* rounded up to two pages */
        {.workers = 2, .stack_size = (size_t)1 << 30},
        {.workers = 2, .guard_size = (size_t)1 << 30},
        {.workers = 2, .poller = WEFT_POLLER_URING},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(weft_runtime_start(&good[i]), WEFT_OK);
        assert_int_equal(weft_runtime_workers(), 2);
        assert_int_equal(weft_runtime_stop(), WEFT_OK);
    }
}

static void
count_line(void *n, enum weft_log_level level, const char *line)
{
    (void)level;
    (void)line;
    ++*(int *)n;
}

/* WEFT_POLLER names the poller. Only an unknown name is logged. */
static void
a_poller_is_named(void **state)
{
    (void)state;
    static const char *const names[] = {"", "epoll", "uring", "kqueue"};
    const char *before = getenv("WEFT_POLLER");
    char *kept = before ? strdup(before) : NULL;
    int n = 0;
    weft_log_set_sink(count_line, &n);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(setenv("WEFT_POLLER", names[i], 1), 0);
        workers_start(1);
        assert_int_equal(wf_runtime_poller(),
                         i == 2 ? WEFT_POLLER_URING : WEFT_POLLER_EPOLL);
        assert_int_equal(weft_runtime_stop(), WEFT_OK);
        assert_int_equal(n, i == 3 ? 1 : 0);
    }
    weft_log_set_sink(NULL, NULL);
    assert_int_equal(
        kept ? setenv("WEFT_POLLER", kept, 1) : unsetenv("WEFT_POLLER"), 0);
    free(kept);
}

static void
count_cores(void *n)
{
    cpu_set_t set;
    CHECK(sched_getaffinity(0, sizeof set, &set) == 0);
    *(int *)n = CPU_COUNT(&set);
}

static void
workers_keep_to_a_core(void **state)
{
    (void)state;
    int n = 0;
    struct weft_runtime_options options = {.workers = 5, .pin_workers = true};
    assert_int_equal(weft_runtime_start(&options), WEFT_OK);
    run_fiber(count_cores, &n);
    assert_int_equal(n, 1);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
}

static void
stop_in_vain(void *arg)
{
    (void)arg;
    CHECK(weft_runtime_stop() == -EDEADLK);
}

/* The stop would wait for the fiber, and the fiber for the stop. */
static void
stop_in_vain_on_a_thread(void *arg)
{
    CHECK(weft_blocking(stop_in_vain, arg) == WEFT_OK);
}

static void
the_first_fiber_starts_the_workers(void **state)
{
    (void)state;
    run_fiber(stop_in_vain, NULL);
    run_fiber(stop_in_vain_on_a_thread, NULL);
    assert_true(weft_runtime_workers() > 0);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
}

static long
status_kib(const char *key)
{
    char line[256];
    long value = 0;
    FILE *f = fopen("/proc/self/status", "re");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        if (strncmp(line, key, strlen(key)) == 0)
            value = strtol(line + strlen(key) + 1, NULL, 10);
    fclose(f);
    return value;
}

static void
yield_and_start(void *arg)
{
    (void)arg;
    weft_fiber_yield();
    CHECK(weft_fiber_start(nothing, NULL, NULL) == WEFT_OK);
}

static void
starting_and_stopping_does_not_grow(void **state)
{
    (void)state;
    long first = 0;
    int rounds = SLOW ? 150 : 1000;
    for (int i = 0; i < rounds; i++) {
        workers_start(1 + (uint32_t)i % 4);
        for (int k = 0; k < 4; k++)
            CHECK(weft_fiber_start(yield_and_start, NULL, NULL) == WEFT_OK);
        assert_int_equal(weft_runtime_stop(), WEFT_OK);
        if (i == 100)
            first = status_kib("VmSize:");
    }
    long grown = status_kib("VmSize:") - first;
    if (!SLOW) /* a sanitizer's memory grows as well */
        assert_in_range(grown + 1024, 0, 2048);
}

/* ---- a stop with a deadline ---- */

static struct weft_sem let_go;
static _Atomic int n_ticks;

static void
await_let_go(void *arg)
{
    (void)arg;
    CHECK(weft_sem_take(&let_go) == WEFT_OK);
}

static void
tick(void *arg)
{
    (void)arg;
    wf_add(&n_ticks, 1, relaxed);
}

/* While a fiber waits, the runtime, its timers and new fibers go on. */
static void
a_stop_gives_up_at_its_deadline(void **state)
{
    (void)state;
    weft_timer timer;
    workers_start(2);
    assert_int_equal(weft_runtime_stop_until(0), WEFT_OK); /* no fiber waits */
    assert_int_equal(weft_runtime_workers(), 0);
    workers_start(2);
    assert_int_equal(weft_timer_start(tick, NULL, 0, 1000000, &timer), WEFT_OK);
    weft_fiber fiber = spawn(await_let_go, NULL);
    assert_int_equal(weft_runtime_stop_until(0), WEFT_ETIMEOUT);
    assert_int_equal(weft_runtime_stop_until(weft_after_ms(1)), WEFT_ETIMEOUT);
    assert_int_equal(weft_runtime_workers(), 2);
    int n = wf_load(&n_ticks, relaxed);
    WAIT_FOR(wf_load(&n_ticks, relaxed) > n + 1);
    run_fiber(nothing, NULL);
    weft_sem_give(&let_go, 1);
    CHECK(weft_fiber_join(fiber) == WEFT_OK);
    assert_int_equal(weft_runtime_stop_until(weft_after_ms(LONG_MS)), WEFT_OK);
    assert_int_equal(weft_runtime_workers(), 0);
}

/* ---- restarts with other options ---- */

static _Atomic uint32_t waiting;
static struct weft_sem end_all;

static void
take_end(void *arg)
{
    (void)arg;
    wf_add(&waiting, 1, relaxed);
    CHECK(weft_sem_take(&end_all) == WEFT_OK);
}

/* Start n fibers, which is the limit; weft refuses one more. */
static void
fill(uint32_t n)
{
    waiting = 0;
    for (uint32_t i = 0; i < n; i++)
        CHECK(weft_fiber_start(take_end, NULL, NULL) == WEFT_OK);
    assert_int_equal(weft_fiber_start(take_end, NULL, NULL), WEFT_EFIBERS);
    weft_sem_give(&end_all, n);
}

static void
no_more_fibers_than_allowed(void **state)
{
    (void)state;
    const uint32_t limits[] = {500, 3, 1, 40};
    for (int i = 0; i < 4; i++) {
        struct weft_runtime_options o = {.workers = 2, .max_fibers = limits[i]};
        assert_int_equal(weft_runtime_start(&o), WEFT_OK);
        for (int round = 0; round < 5; round++) {
            fill(limits[i]);
            weft_fiber last;
            WAIT_FOR(weft_fiber_start(nothing, NULL, &last) == WEFT_OK);
            assert_int_equal(weft_fiber_join(last), WEFT_OK);
            WAIT_FOR(wf_tasks_alive() == 0);
        }
        assert_int_equal(weft_runtime_stop(), WEFT_OK);
    }
}

/* Writes to nearly all of a stack of that size. */
static void
use_stack(void *arg)
{
    size_t size = *(size_t *)arg;
    volatile uint8_t bytes[1024];
    bytes[0] = 1;
    if (size > 20480) {
        size_t less = size - (SLOW ? 8192 : 1200);
        use_stack(&less);
    }
    bytes[1023] = bytes[0];
}

static void
a_restart_may_change_the_stack(void **state)
{
    (void)state;
    const size_t sizes[] = {64 << 10, 256 << 10, 1 << 20, 64 << 10};
    for (int i = 0; i < 4; i++) {
        struct weft_runtime_options o = {
            .workers = 2, .stack_size = sizes[i], .guard_size = 4096u << i};
        assert_int_equal(weft_runtime_start(&o), WEFT_OK);
        size_t size = sizes[i];
        for (int k = 0; k < 200; k++)
            run_fiber(use_stack, &size);
        assert_int_equal(weft_runtime_stop(), WEFT_OK);
    }
}

/* ---- many ---- */

static int
n_mappings(void)
{
    int n = 0, c;
    FILE *f = fopen("/proc/self/maps", "re");
    assert_non_null(f);
    while ((c = fgetc(f)) != EOF)
        n += c == '\n';
    fclose(f);
    return n;
}

static void
many_parked_fibers_cost_little(void **state)
{
    (void)state;
    const uint32_t n = SLOW ? 2000 : 100000;
    workers_start(2);
    long before = status_kib("VmRSS:");
    waiting = 0;
    for (uint32_t i = 0; i < n; i++)
        CHECK(weft_fiber_start(take_end, NULL, NULL) == WEFT_OK);
    /* n_waiters takes a lock that the fibers need, so first count without
     * it. */
    while (wf_load(&waiting, relaxed) < n)
        weft_fiber_yield();
    WAIT_FOR((uint32_t)n_waiters(&end_all.waiters) == n);
    long each = (status_kib("VmRSS:") - before) * 1024 / n;
    print_message("%u parked fibers: %ld bytes each, %d mappings\n", n, each,
                  n_mappings());
    if (!SLOW) {
        assert_in_range(each, 0, 8192);
        assert_in_range(n_mappings(), 1, 65530);
    }
    weft_sem_give(&end_all, n);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    long left = status_kib("VmRSS:") - before;
    print_message("%ld KiB are still resident behind the stop\n", left);
    if (!SLOW) /* task slots and page tables stay */
        assert_in_range(left * 1024 / n, 0, 512);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(options_reach_their_limits),
        cmocka_unit_test(a_poller_is_named),
        cmocka_unit_test(workers_keep_to_a_core),
        cmocka_unit_test(the_first_fiber_starts_the_workers),
        cmocka_unit_test(starting_and_stopping_does_not_grow),
        cmocka_unit_test(a_stop_gives_up_at_its_deadline),
        cmocka_unit_test(no_more_fibers_than_allowed),
        cmocka_unit_test(a_restart_may_change_the_stack),
        cmocka_unit_test(many_parked_fibers_cost_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
