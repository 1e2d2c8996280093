/* SPDX-License-Identifier: MIT */
/* Name, stack size and result of a fiber. */
#include "fibers.h"

#include "fiber/stack.h"
#include "fiber/task.h"

static void
nothing(void *arg)
{
    (void)arg;
}

static weft_fiber
spawn_with(const struct weft_fiber_options *options, void (*fn)(void *arg),
           void *arg)
{
    weft_fiber fiber;
    CHECK(weft_fiber_start_with(options, fn, arg, &fiber) == WEFT_OK);
    return fiber;
}

static void
options_have_limits(void **state)
{
    (void)state;
    weft_fiber fiber;
    const struct weft_fiber_options bad[] = {
        {.name = "12345678901234567890123456789012"}, /* 32 bytes */
        {.stack_size = 1},
        {.stack_size = 8191},
        {.stack_size = ((size_t)1 << 30) + 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(weft_fiber_start_with(&bad[i], nothing, NULL, &fiber),
                         -EINVAL);
    const struct weft_fiber_options untakable = {.keep_result = true};
    assert_int_equal(weft_fiber_start_with(&untakable, nothing, NULL, NULL),
                     -EINVAL);
    assert_int_equal(weft_fiber_start_with(NULL, nothing, NULL, NULL), 0);
    const struct weft_fiber_options none = {0},
                                    most = {.stack_size = (size_t)1 << 30};
    assert_int_equal(weft_fiber_join(spawn_with(&none, nothing, NULL)), 0);
    assert_int_equal(weft_fiber_join(spawn_with(&most, nothing, NULL)), 0);
#if !WF_ASAN && !WF_TSAN /* sanitizers need larger stacks */
    const struct weft_fiber_options least = {.stack_size = 8192};
    assert_int_equal(weft_fiber_join(spawn_with(&least, nothing, NULL)), 0);
#endif
}

/* ---- names ---- */

static struct weft_sem copied;

static void
check_name(void *arg)
{
    CHECK(weft_sem_take(&copied) == WEFT_OK);
    if (arg)
        CHECK(strcmp(wf_task_name(), arg) == 0);
    else
        CHECK(!wf_task_name());
}

static void
a_name_is_copied(void **state)
{
    char name[] = "1234567890123456789012345678901"; /* 31 bytes */
    char same[sizeof name];
    memcpy(same, name, sizeof name);
    const struct weft_fiber_options o = {.name = name};
    weft_fiber fiber = spawn_with(&o, check_name, same);
    memset(name, 'x', sizeof name - 1);
    weft_sem_give(&copied, 1);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    workers_stop(state); /* so that the next fiber gets its slot */
    two_workers(state);
    weft_fiber fibers[40];
    for (int i = 0; i < 40; i++)
        fibers[i] = spawn(check_name, NULL);
    weft_sem_give(&copied, 40);
    for (int i = 0; i < 40; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_null(wf_task_name());
}

/* ---- stacks ---- */

#if WF_ASAN || WF_TSAN || !defined(__x86_64__)
#define FRAME 8192
#else
#define FRAME 1200
#endif

/* Touches nearly `size` bytes of stack. */
static void
use_stack(void *arg)
{
    size_t size = *(size_t *)arg;
    volatile uint8_t bytes[1024];
    bytes[0] = 1;
    if (size > 20480) {
        size_t less = size - FRAME;
        use_stack(&less);
    }
    bytes[1023] = bytes[0];
}

static size_t
own_size(void)
{
    return wf_task_self()->context.size;
}

static void
look_at_size(void *arg)
{
    *(size_t *)arg = own_size();
}

static void
fill_stack(void *arg)
{
    size_t size = *(size_t *)arg;
    CHECK(own_size() == wf_stack_pages(size));
    use_stack(&size);
}

static long
mapped_kib(void)
{
    char line[256];
    long value = 0;
    FILE *f = fopen("/proc/self/status", "re");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        if (strncmp(line, "VmSize:", 7) == 0)
            value = strtol(line + 7, NULL, 10);
    fclose(f);
    return value;
}

/* Start several fibers at a time, so that a stack that is not given back is
 * noticed. */
static void
start_big_ones(void *arg)
{
    size_t sizes[] = {32 << 10, 200001, 1 << 20, 3 << 20};
    weft_fiber fibers[4];
    (void)arg;
    for (int i = 0; i < 4; i++) {
        const struct weft_fiber_options o = {.stack_size = sizes[i]};
        fibers[i] = spawn_with(&o, fill_stack, &sizes[i]);
    }
    for (int i = 0; i < 4; i++)
        CHECK(weft_fiber_join(fibers[i]) == WEFT_OK);
}

static void
a_stack_of_its_own_is_given_back(void **state)
{
    size_t usual = 0, now = 0;
    long before = 0;
    run_fiber(look_at_size, &usual);
    workers_stop(state); /* no task keeps a warm stack over a stop */
    two_workers(state);
    for (int i = 0; i < 60; i++) {
        start_big_ones(NULL); /* this thread has no tasks of its own */
        for (int k = 0; k < 5; k++) {
            run_fiber(look_at_size, &now);
            assert_int_equal(now, usual); /* the pool keeps only its size */
        }
        if (i == 10)
            before = mapped_kib();
    }
    if (!WF_ASAN && !WF_TSAN)
        assert_in_range(mapped_kib(), 1, before + 50000);
}

/* ---- results ---- */

static const struct weft_fiber_options keeping = {.keep_result = true};

static void
give_result(void *arg)
{
    weft_fiber_set_result("first");
    weft_fiber_set_result(arg);
}

/* Fibers with a stack of their own, one after the other, take few places in the
 * slab, as each place is given back. */
static void
the_place_in_the_slab_is_given_back(void **state)
{
    (void)state;
    const struct weft_fiber_options o = {.stack_size = 65536};
    uint32_t places[100], n_places = 0;
    for (int i = 0; i < 100; i++) {
        uint32_t k = 0;
        weft_fiber fiber = spawn_with(&o, nothing, NULL);
        assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
        WAIT_FOR(wf_tasks_alive() == 0); /* a moment after the join */
        while (k < n_places && places[k] != (uint32_t)fiber.id)
            k++;
        if (k == n_places)
            places[n_places++] = (uint32_t)fiber.id;
    }
    assert_in_range(n_places, 1, 50);
}

static void
one_gets_the_result(void **state)
{
    (void)state;
    int value;
    void *result = &result;
    weft_fiber fiber = spawn_with(&keeping, give_result, &value);
    /* A join does not take the result. */
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    weft_fiber_cancel(fiber);
    for (int i = 0; i < 300; i++) /* its slot is not used again */
        run_fiber(nothing, NULL);
    assert_int_equal(weft_fiber_join_result(fiber, &result), WEFT_OK);
    assert_ptr_equal(result, &value);
    assert_int_equal(weft_fiber_join_result(fiber, &result), -ESRCH);
    assert_null(result);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    fiber = spawn_with(&keeping, nothing, NULL);
    result = &result;
    assert_int_equal(weft_fiber_join_result(fiber, &result), WEFT_OK);
    assert_null(result);
    fiber = spawn_with(&keeping, give_result, &value);
    assert_int_equal(weft_fiber_join_result(fiber, NULL), WEFT_OK);
    assert_int_equal(weft_fiber_join_result(fiber, NULL), -ESRCH);
    weft_fiber_set_result(&value); /* no effect on a plain thread */
}

static void
wait_for(void *arg)
{
    CHECK(weft_sem_take(arg) == WEFT_OK);
    weft_fiber_set_result(arg);
}

static void
who_keeps_none_has_none(void **state)
{
    (void)state;
    struct weft_sem sem = {0};
    void *result = &sem;
    weft_fiber fiber = spawn(wait_for, &sem);
    assert_int_equal(weft_fiber_join_result(fiber, &result), -ESRCH);
    assert_null(result);
    weft_sem_give(&sem, 1);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    assert_int_equal(weft_fiber_join_result((weft_fiber){0}, NULL), -ESRCH);
}

static void
join_itself(void *arg)
{
    void *result = arg;
    (void)arg;
    CHECK(weft_fiber_join_result(weft_fiber_self(), &result) == -EDEADLK);
    CHECK(!result);
}

static void
a_join_that_ends_early_takes_nothing(void **state)
{
    (void)state;
    struct weft_sem sem = {0};
    void *result = &result;
    weft_fiber fiber = spawn_with(&keeping, wait_for, &sem);
    assert_int_equal(
        weft_fiber_join_result_until(fiber, weft_now_ns(), &result),
        WEFT_ETIMEOUT);
    assert_null(result);
    weft_sem_give(&sem, 1);
    assert_int_equal(
        weft_fiber_join_result_until(fiber, weft_after_ms(LONG_MS), &result),
        WEFT_OK);
    assert_ptr_equal(result, &sem);
    fiber = spawn_with(&keeping, join_itself, &sem);
    assert_int_equal(weft_fiber_join_result(fiber, NULL), WEFT_OK);
}

static _Atomic int n_taken, n_late;

static void
try_to_take(void *arg)
{
    void *result;
    weft_err err = weft_fiber_join_result(*(weft_fiber *)arg, &result);
    CHECK(err == WEFT_OK || err == -ESRCH);
    CHECK((result != NULL) == (err == WEFT_OK));
    wf_add(err ? &n_late : &n_taken, 1, relaxed);
}

static void
only_one_of_many_gets_it(void **state)
{
    (void)state;
    for (int round = 0; round < 50; round++) {
        struct weft_sem sem = {0};
        weft_fiber takers[8], fiber = spawn_with(&keeping, wait_for, &sem);
        n_taken = n_late = 0;
        for (int i = 0; i < 8; i++)
            takers[i] = spawn(try_to_take, &fiber);
        weft_sem_give(&sem, 1);
        for (int i = 0; i < 8; i++)
            assert_int_equal(weft_fiber_join(takers[i]), WEFT_OK);
        assert_int_equal(n_taken, 1);
        assert_int_equal(n_late, 7);
    }
}

/* Kept results count against the limit of fibers, outlive the workers, and are
 * given back. */
static void
results_count_and_outlive_a_stop(void **state)
{
    weft_fiber fibers[20];
    workers_stop(state);
    for (int round = 0; round < 3; round++) {
        struct weft_runtime_options o = {.workers = 2, .max_fibers = 20};
        assert_int_equal(weft_runtime_start(&o), WEFT_OK);
        for (int i = 0; i < 20; i++) {
            fibers[i] = spawn_with(&keeping, give_result, &fibers[i]);
            assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
            WAIT_FOR(wf_tasks_alive() == 0); /* shortly after the join */
        }
        assert_int_equal(weft_fiber_start(nothing, NULL, NULL), WEFT_EFIBERS);
        assert_int_equal(weft_fiber_join_result(fibers[0], NULL), WEFT_OK);
        run_fiber(nothing, NULL);
        assert_int_equal(weft_runtime_stop(), WEFT_OK);
        for (int i = 1; i < 20; i++) {
            void *result;
            assert_int_equal(weft_fiber_join_result(fibers[i], &result), 0);
            assert_ptr_equal(result, &fibers[i]);
        }
    }
    two_workers(state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_have_limits),
        cmocka_unit_test(a_name_is_copied),
        cmocka_unit_test(a_stack_of_its_own_is_given_back),
        cmocka_unit_test(the_place_in_the_slab_is_given_back),
        cmocka_unit_test(one_gets_the_result),
        cmocka_unit_test(who_keeps_none_has_none),
        cmocka_unit_test(a_join_that_ends_early_takes_nothing),
        cmocka_unit_test(only_one_of_many_gets_it),
        cmocka_unit_test(results_count_and_outlive_a_stop),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
