/* SPDX-License-Identifier: MIT */
/* Stacks of a fiber's own size: their guards, and what fails. Stacks of the
 * pool: when weft gives their memory back. */
#include "unit/fiber/fibers.h"

#include "fiber/task.h"
#include "fiber/worker.h"

static _Atomic bool map_fails, guard_fails;
static _Atomic int n_unmapped;

static void *
failing_mmap(size_t n, int prot, int flags)
{
    if (map_fails)
        return NULL;
    void *p = mmap(NULL, n, prot, flags | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static int
no_guards(void *p, size_t n, int advice)
{
    (void)p;
    (void)n;
    return advice == MADV_DONTNEED || advice == MADV_NOHUGEPAGE ? 0 : -EINVAL;
}

static int
failing_mprotect(void *p, size_t n, int prot)
{
    if (guard_fails)
        return -ENOMEM;
    return mprotect(p, n, prot) ? -errno : 0;
}

static int
count_munmap(void *p, size_t n)
{
    n_unmapped++;
    return munmap(p, n) ? -errno : 0;
}

static void
look_at_stack(void *arg)
{
    const struct wf_context *c = &wf_task_self()->context;
    CHECK(c->size == *(size_t *)arg && c->guard == 65536);
    CHECK(is_readable(c->low) && is_readable(c->low + c->size - 1));
    CHECK(!is_readable(c->low - 1) && !is_readable(c->low - c->guard));
}

static weft_err
run_with_stack(size_t size)
{
    const struct weft_fiber_options o = {.stack_size = size};
    weft_fiber fiber;
    weft_err err = weft_fiber_start_with(&o, look_at_stack, &size, &fiber);
    if (!err)
        CHECK(weft_fiber_join(fiber) == WEFT_OK);
    WAIT_FOR(wf_tasks_alive() == 0); /* the stack is given back before */
    return err;
}

/* Set the shim only while no worker runs. */
static void
start_with(struct wf_shim shim, uint32_t workers)
{
    wf_shim = shim;
    workers_start(workers);
}

static void
stop(void)
{
    CHECK(weft_runtime_stop() == WEFT_OK);
    wf_shim = (struct wf_shim){0};
}

static void
each_has_a_guard(void **state)
{
    (void)state;
    start_with((struct wf_shim){0}, 2);
    assert_int_equal(run_with_stack(192 << 10), WEFT_OK);
    stop();
    start_with((struct wf_shim){.madvise = no_guards}, 2); /* an old kernel */
    assert_int_equal(run_with_stack(96 << 10), WEFT_OK);
    stop();
}

/* Each failure refuses one fiber and leaks nothing. */
static void
without_memory_or_guard_there_is_no_fiber(void **state)
{
    (void)state;
    start_with((struct wf_shim){.mmap = failing_mmap,
                                .madvise = no_guards,
                                .mprotect = failing_mprotect,
                                .munmap = count_munmap},
               2);
    assert_int_equal(run_with_stack(96 << 10), WEFT_OK);
    assert_int_equal(n_unmapped, 1);
    map_fails = true;
    assert_int_equal(run_with_stack(96 << 10), WEFT_EFIBERS);
    assert_int_equal(n_unmapped, 1);
    map_fails = false;
    guard_fails = true;
    assert_int_equal(run_with_stack(96 << 10), WEFT_EFIBERS);
    assert_int_equal(n_unmapped, 2);
    guard_fails = false;
    assert_int_equal(run_with_stack(96 << 10), WEFT_OK);
    stop();
}

/* ---- warm stacks are given back ---- */

#define FIBERS 200
#define KEPT 16 /* of them, while their worker sleeps */
#define STEP 32
#define SECOND ((uint64_t)1000000000)

static _Atomic uint64_t clock_ns;
static _Atomic int n_given_back;
static struct weft_sem end;

static uint64_t
stopped_clock(void)
{
    return wf_load(&clock_ns, relaxed);
}

static int
count_madvise(void *p, size_t n, int advice)
{
    if (advice == MADV_DONTNEED)
        wf_add(&n_given_back, 1, relaxed);
    return madvise(p, n, advice) ? -errno : 0;
}

static void
nothing(void *arg)
{
    (void)arg;
}

static void
take(void *arg)
{
    CHECK(weft_sem_take(arg) == WEFT_OK);
}

/* This fiber ends all others, so that the worker does not sleep before all have
 * ended. After that the worker runs this fiber alone, and goes to sleep
 * again. */
static struct weft_sem wake, woken;

static void
wake_up(void *arg)
{
    CHECK(weft_sem_take(&wake) == WEFT_OK);
    weft_sem_give(&end, FIBERS);
    for (;;) {
        CHECK(weft_sem_take(&wake) == WEFT_OK);
        if (wf_load((_Atomic bool *)arg, acquire))
            return;
        weft_sem_give(&woken, 1);
    }
}

static void
wake_the_worker(void)
{
    for (int i = 0; i < 50; i++) {
        weft_sem_give(&wake, 1);
        CHECK(weft_sem_take(&woken) == WEFT_OK);
    }
}

static void
an_idle_worker_gives_stacks_back(void **state)
{
    (void)state;
    _Atomic bool over = false;
    clock_ns = wf_sys_now_ns();
    start_with(
        (struct wf_shim){.now_ns = stopped_clock, .madvise = count_madvise}, 1);
    spawn(wake_up, &over);
    for (int i = 0; i < FIBERS; i++)
        spawn(take, &end);
    WAIT_FOR(n_waiters(&end.waiters) == FIBERS);
    assert_int_equal(n_given_back, 0);
    weft_sem_give(&wake, 1);
    for (int n = STEP; n < FIBERS - KEPT + STEP; n += STEP) {
        int expected = WF_MIN(n, FIBERS - KEPT);
        WAIT_FOR(n_given_back == expected);
        wake_the_worker();
        /* not before the second has passed */
        assert_int_equal(n_given_back, expected);
        wf_add(&clock_ns, SECOND, relaxed);
        /* n == STEP: nobody wakes the worker. Its sleep ends by itself after
         * the second, and it gives back the next STEP stacks. */
        if (n != STEP)
            wake_the_worker();
    }
    wf_add(&clock_ns, 100 * SECOND, relaxed);
    wake_the_worker();
    assert_int_equal(n_given_back, FIBERS - KEPT);
    wf_store(&over, true, release);
    weft_sem_give(&wake, 1);
    stop();
    /* the stop gives the rest back */
    assert_int_equal(n_given_back, FIBERS + 1);
}

/* A fiber gives its stack back when it ends, although its result may be taken
 * much later. */
static void
a_result_holds_no_stack(void **state)
{
    (void)state;
    const struct weft_fiber_options keeping = {.keep_result = true};
    weft_fiber fiber;
    n_given_back = 0;
    start_with((struct wf_shim){.madvise = count_madvise}, 1);
    assert_int_equal(weft_fiber_start_with(&keeping, nothing, NULL, &fiber), 0);
    WAIT_FOR(wf_tasks_alive() == 0);
    assert_int_equal(n_given_back, 1);
    assert_int_equal(weft_fiber_join_result(fiber, NULL), WEFT_OK);
    stop();
}

/* ---- first given back, then taken ---- */

/* While weft gives a stack back no fiber can get it: a thread that makes a
 * fiber meanwhile gets another stack. */
static void *
take_another(void *low)
{
    struct wf_task *task = wf_task_new(nothing, NULL);
    CHECK(task && task->context.low != low);
    wf_task_discard(task);
    return NULL;
}

static int
take_meanwhile(void *p, size_t n, int advice)
{
    pthread_t other;
    if (advice == MADV_DONTNEED && wf_worker_self()) {
        CHECK(!pthread_create(&other, NULL, take_another, p));
        CHECK(!pthread_join(other, NULL));
    }
    return madvise(p, n, advice) ? -errno : 0;
}

static void
a_stack_goes_back_before_its_task(void **state)
{
    struct weft_sem all = {0};
    (void)state;
    start_with((struct wf_shim){.madvise = take_meanwhile}, 1);
    for (int i = 0; i < KEPT + 2 * STEP; i++)
        spawn(take, &all);
    WAIT_FOR(n_waiters(&all.waiters) == KEPT + 2 * STEP);
    weft_sem_give(&all, KEPT + 2 * STEP);
    stop(); /* gives the rest back */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_a_guard),
        cmocka_unit_test(without_memory_or_guard_there_is_no_fiber),
        cmocka_unit_test(an_idle_worker_gives_stacks_back),
        cmocka_unit_test(a_result_holds_no_stack),
        cmocka_unit_test(a_stack_goes_back_before_its_task),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
