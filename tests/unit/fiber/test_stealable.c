/* SPDX-License-Identifier: MIT */
/* Stealable work is done once: by its own fiber, or by another fiber while its
 * own does not run. */
#include "fibers.h"

#include "fiber/stealable.h"
#include "fiber/task.h"

static _Atomic int ran, ran_more;
static struct weft_sem told;

static void
run(struct wf_stealable *stealable)
{
    (void)stealable;
    wf_add(&ran, 1, release);
    weft_sem_give(&told, 1);
}

static void
run_more(struct wf_stealable *stealable)
{
    (void)stealable;
    wf_add(&ran_more, 1, release);
}

static struct wf_stealable work = {.run = run}, more = {.run = run_more};

/* With one worker there is no watcher that could take the work. */
static int
start(uint32_t max_fibers)
{
    struct weft_runtime_options o = {.workers = 1, .max_fibers = max_fibers};
    wf_store(&ran, 0, relaxed);
    wf_store(&ran_more, 0, relaxed);
    told = (struct weft_sem){0};
    return weft_runtime_start(&o);
}

static int
with_fibers(void **state)
{
    (void)state;
    return start(100);
}

static int
with_one_fiber(void **state)
{
    (void)state;
    return start(1);
}

static void
publish_and_reclaim(void *unused)
{
    (void)unused;
    wf_stealable_publish(&work);
    CHECK(!wf_stealable_reclaim(&more)); /* `more` was not published */
    CHECK(wf_stealable_reclaim(&work));
    CHECK(!wf_stealable_reclaim(&work));
    weft_fiber_yield();
}

static void
what_is_taken_back_is_not_run(void **state)
{
    (void)state;
    run_fiber(publish_and_reclaim, NULL);
    assert_int_equal(wf_load(&ran, acquire), 0);
}

static void
publish_and_yield(void *unused)
{
    (void)unused;
    wf_stealable_publish(&work);
    weft_fiber_yield();
    CHECK(wf_load(&ran, acquire) == 1); /* before this fiber went on */
    CHECK(!wf_stealable_reclaim(&work));
}

static void
publish_and_wait(void *unused)
{
    (void)unused;
    wf_stealable_publish(&work);
    CHECK(weft_sem_take(&told) == WEFT_OK); /* the work gives it */
    CHECK(!wf_stealable_reclaim(&work));
}

static void
who_leaves_hands_it_over(void **state)
{
    (void)state;
    run_fiber(publish_and_yield, NULL);
    assert_int_equal(weft_sem_take(&told), WEFT_OK);
    run_fiber(publish_and_wait, NULL);
    assert_int_equal(wf_load(&ran, acquire), 2);
}

static void
publish_again(struct wf_stealable *stealable)
{
    run(stealable);
    wf_stealable_publish(&more);
}

static struct wf_stealable chain = {.run = publish_again};

static void
publish_and_end(void *stealable)
{
    wf_stealable_publish(stealable);
}

/* Work that a fiber leaves when it ends is run, and so is work that this work
 * publishes. */
static void
who_ends_does_it(void **state)
{
    (void)state;
    run_fiber(publish_and_end, &work);
    assert_int_equal(wf_load(&ran, acquire), 1);
    run_fiber(publish_and_end, &chain);
    assert_int_equal(wf_load(&ran, acquire), 2);
    assert_int_equal(wf_load(&ran_more, acquire), 1);
}

/* ---- no fiber can be made ---- */

static void
keep_it(void *unused)
{
    (void)unused;
    wf_stealable_publish(&work);
    weft_fiber_yield();
    CHECK(wf_load(&ran, acquire) == 0);
    CHECK(!wf_stealable_reclaim(&more));
    CHECK(wf_stealable_reclaim(&work));
    CHECK(!wf_stealable_reclaim(&work));
    wf_stealable_publish(&work);
    weft_fiber_yield();
    CHECK(wf_load(&ran, acquire) == 0);
}

static void
without_a_fiber_it_is_kept(void **state)
{
    (void)state;
    run_fiber(keep_it, NULL);
    /* the work ran when the fiber ended */
    assert_int_equal(wf_load(&ran, acquire), 1);
}

/* ---- a worker that is stuck ---- */

static struct wf_worker stuck;

static void
a_watcher_starts_a_fiber_for_it(void **state)
{
    (void)state;
    wf_store(&stuck.stealable, &work, relaxed);
    wf_stealable_steal(&stuck);
    assert_null(wf_load(&stuck.stealable, relaxed));
    assert_int_equal(weft_sem_take(&told), WEFT_OK);
    wf_stealable_steal(&stuck); /* no work is left */
    WAIT_FOR(wf_tasks_alive() == 0);
    assert_int_equal(wf_load(&ran, acquire), 1);
}

static struct weft_sem held;

static void
hold(void *unused)
{
    (void)unused;
    CHECK(weft_sem_take(&held) == WEFT_OK);
}

static void
without_a_fiber_a_watcher_leaves_it(void **state)
{
    (void)state;
    weft_fiber fiber = spawn(hold, NULL);
    wf_store(&stuck.stealable, &work, relaxed);
    wf_stealable_steal(&stuck);
    assert_ptr_equal(wf_load(&stuck.stealable, relaxed), &work);
    wf_store(&stuck.stealable, NULL, relaxed);
    weft_sem_give(&held, 1);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    assert_int_equal(wf_load(&ran, acquire), 0);
}

/* A plain thread keeps its work to itself. */
static void
a_thread_publishes_nothing(void **state)
{
    (void)state;
    wf_stealable_publish(&work);
    assert_true(wf_stealable_reclaim(&work));
    assert_int_equal(wf_load(&ran, acquire), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(fn, setup) cmocka_unit_test_setup_teardown(fn, setup, workers_stop)
        TEST(what_is_taken_back_is_not_run, with_fibers),
        TEST(who_leaves_hands_it_over, with_fibers),
        TEST(who_ends_does_it, with_fibers),
        TEST(without_a_fiber_it_is_kept, with_one_fiber),
        TEST(a_watcher_starts_a_fiber_for_it, with_fibers),
        TEST(without_a_fiber_a_watcher_leaves_it, with_one_fiber),
        TEST(a_thread_publishes_nothing, with_fibers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
