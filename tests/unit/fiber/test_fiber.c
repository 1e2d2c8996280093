/* SPDX-License-Identifier: MIT */
#include "fibers.h"

#include "fiber/worker.h"

static void
set(void *arg)
{
    wf_store((_Atomic int *)arg, 1, release);
}

static void
wait_for_ever(void *arg)
{
    struct weft_sem never = {0};
    (void)arg;
    CHECK(weft_sem_take(&never) == WEFT_ECANCEL);
}

static void
a_fiber_runs_and_is_joined(void **state)
{
    (void)state;
    static _Atomic int ran; /* static: nobody joins the last fiber */
    weft_fiber fiber = spawn(set, &ran);
    assert_int_not_equal(fiber.id, 0);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    assert_int_equal(ran, 1);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    assert_int_equal(weft_fiber_join((weft_fiber){0}), WEFT_OK);
    assert_int_equal(weft_fiber_join((weft_fiber){~0ull}), WEFT_OK);
    assert_int_equal(weft_fiber_start(set, &ran, NULL), WEFT_OK);
}

static void
join_in_vain(void *arg)
{
    weft_fiber *sleeper = arg;
    CHECK(weft_fiber_join_until(*sleeper, weft_now_ns()) == WEFT_ETIMEOUT);
    CHECK(weft_fiber_join_until(*sleeper, weft_after_ms(2)) == WEFT_ETIMEOUT);
    CHECK(weft_fiber_join(weft_fiber_self()) == -EDEADLK);
    CHECK(weft_fiber_join_until(weft_fiber_self(), 1) == -EDEADLK);
    weft_fiber_cancel(weft_fiber_self());
    CHECK(weft_fiber_join(*sleeper) == WEFT_ECANCEL);
}

static void
a_join_ends_early(void **state)
{
    (void)state;
    weft_fiber sleeper = spawn(wait_for_ever, NULL);
    run_fiber(join_in_vain, &sleeper);
    assert_int_equal(weft_fiber_join_until(sleeper, weft_after_ms(1)),
                     WEFT_ETIMEOUT);
    weft_fiber_cancel(sleeper);
    assert_int_equal(weft_fiber_join(sleeper), WEFT_OK);
}

static void
join(void *arg)
{
    CHECK(weft_fiber_join(*(weft_fiber *)arg) == WEFT_OK);
}

static void
many_join_one(void **state)
{
    (void)state;
    weft_fiber joiners[50], sleeper = spawn(wait_for_ever, NULL);
    for (int i = 0; i < 50; i++)
        joiners[i] = spawn(join, &sleeper);
    weft_fiber_cancel(sleeper);
    for (int i = 0; i < 50; i++)
        assert_int_equal(weft_fiber_join(joiners[i]), WEFT_OK);
}

struct pair {
    weft_fiber other;
    struct weft_sem known;
};

static void
join_the_other(void *arg)
{
    struct pair *pair = arg;
    CHECK(weft_sem_take(&pair->known) == WEFT_OK);
    CHECK(weft_fiber_join_until(pair->other, weft_after_ms(5)) ==
          WEFT_ETIMEOUT);
}

static void
joining_each_other_ends_by_deadline(void **state)
{
    (void)state;
    struct pair pair = {{0}, {0}};
    weft_fiber a = spawn(join_the_other, &pair);
    pair.other = spawn(join, &a);
    weft_sem_give(&pair.known, 1);
    assert_int_equal(weft_fiber_join(pair.other), WEFT_OK);
    assert_int_equal(weft_fiber_join(a), WEFT_OK);
}

static void
old_ids_name_nobody(void **state)
{
    (void)state;
    _Atomic int ran = 0;
    weft_fiber old = spawn(set, &ran), now;
    assert_int_equal(weft_fiber_join(old), WEFT_OK);
    for (int i = 0; i < 1000; i++) { /* the slot is used again */
        now = spawn(set, &ran);
        assert_int_not_equal(now.id, old.id);
        assert_int_equal(weft_fiber_join(now), WEFT_OK);
    }
    now = spawn(wait_for_ever, NULL);
    weft_fiber_cancel(old); /* must not cancel the fiber `now` */
    weft_fiber_cancel((weft_fiber){old.id + 1});
    assert_int_equal(weft_fiber_join(old), WEFT_OK);
    assert_int_equal(weft_fiber_join_until(now, weft_after_ms(2)),
                     WEFT_ETIMEOUT);
    weft_fiber_cancel(now);
    assert_int_equal(weft_fiber_join(now), WEFT_OK);
}

static void
know_myself(void *arg)
{
    weft_fiber *told = arg;
    weft_fiber self = weft_fiber_self();
    CHECK(self.id != 0);
    for (int i = 0; i < 100; i++) {
        weft_fiber_yield();
        CHECK(weft_fiber_self().id == self.id);
    }
    *told = self;
}

static void
a_fiber_knows_its_id(void **state)
{
    (void)state;
    weft_fiber told = {0}, fiber = spawn(know_myself, &told);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    assert_int_equal(told.id, fiber.id);
    assert_int_equal(weft_fiber_self().id, 0);
    assert_false(weft_fiber_cancelled());
    weft_fiber_yield();
}

static void
sleep_a_while(void *arg)
{
    (void)arg;
    for (int i = 0; i < 10; i++) {
        uint64_t until = weft_now_ns() + 300000u * (unsigned)i;
        CHECK(weft_sleep_until(until) == WEFT_OK);
        CHECK(weft_now_ns() >= until);
    }
    uint64_t before = weft_now_ns();
    CHECK(weft_sleep_ms(3) == WEFT_OK);
    CHECK(weft_now_ns() - before >= 3000000);
    CHECK(weft_sleep_ms(0) == WEFT_OK);
    CHECK(weft_sleep_ms(-1) == WEFT_OK);
    CHECK(weft_sleep_until(0) == WEFT_OK);
}

static void
nobody_wakes_early(void **state)
{
    (void)state;
    weft_fiber fibers[20];
    for (int i = 0; i < 20; i++)
        fibers[i] = spawn(sleep_a_while, NULL);
    sleep_a_while(NULL); /* a plain thread can sleep, too */
    for (int i = 0; i < 20; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
}

static void
be_cancelled(void *arg)
{
    struct weft_sem *began = arg;
    weft_sem_give(began, 1);
    CHECK(weft_sleep_until(WEFT_NEVER) == WEFT_ECANCEL);
    CHECK(weft_fiber_cancelled());
    CHECK(weft_sleep_until(WEFT_NEVER) == WEFT_ECANCEL); /* fails again */
    struct weft_mutex free_one = {0};
    CHECK(weft_mutex_lock(&free_one) == WEFT_OK);
    struct weft_sem full = {.count = 1};
    CHECK(weft_sem_take(&full) == WEFT_OK);
}

static void
cancel_ends_a_sleep(void **state)
{
    (void)state;
    struct weft_sem began = {0};
    weft_fiber fiber = spawn(be_cancelled, &began);
    assert_int_equal(weft_sem_take(&began), WEFT_OK);
    weft_fiber_cancel(fiber);
    weft_fiber_cancel(fiber);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
}

/* This fiber gets the task of one that was cancelled, but is not cancelled
 * itself. */
static void
not_cancelled(void *arg)
{
    (void)arg;
    CHECK(!weft_fiber_cancelled());
    CHECK(weft_sleep_ms(0) == WEFT_OK);
    CHECK(wf_task_deadline() == WEFT_NEVER);
    wf_task_work(5, NULL, NULL, NULL);
    CHECK(wf_task_deadline() == 5);
    weft_fiber_cancel(weft_fiber_self());
}

static void
a_new_fiber_is_fresh(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        run_fiber(not_cancelled, NULL);
    assert_int_equal(wf_task_deadline(), WEFT_NEVER);
}

/* ---- what other folders ask about a fiber ---- */

/* The bytes of a frame are alive, the bytes below it on the stack are dead. */
static void
look_at_its_stack(void *arg)
{
    uint8_t *frame = __builtin_frame_address(0);
    uint8_t *low = wf_worker_task(wf_worker_self())->context.low;
    (void)arg;
    CHECK(wf_stack_is_dead(frame - 1, frame) && wf_stack_is_dead(low, frame));
    CHECK(!wf_stack_is_dead(frame, frame) && !wf_stack_is_dead(low - 1, frame));
}

static void
a_stack_below_its_frame_is_dead(void **state)
{
    (void)state;
    int here[2];
    run_fiber(look_at_its_stack, NULL);
    /* the stack of a plain thread */
    assert_false(wf_stack_is_dead(here, here + 1));
}

static void
yield_once(void *arg)
{
    weft_fiber_yield();
    wf_store((_Atomic int *)arg, 1, release);
}

/* A worker is busy while it has other fibers to run. */
static void
be_alone_and_not(void *arg)
{
    _Atomic int ran = 0;
    (void)arg;
    CHECK(!wf_worker_busy());
    weft_fiber fiber = spawn(yield_once, (void *)&ran);
    CHECK(wf_worker_busy());
    weft_fiber_yield();
    CHECK(wf_worker_busy());
    CHECK(weft_fiber_join(fiber) == WEFT_OK);
    CHECK(ran == 1);
}

static void
who_is_alone_is_not_busy(void **state)
{
    (void)state;
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    workers_start(1);
    run_fiber(be_alone_and_not, NULL);
    assert_false(wf_worker_busy());
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    workers_start(2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fiber_runs_and_is_joined),
        cmocka_unit_test(a_join_ends_early),
        cmocka_unit_test(many_join_one),
        cmocka_unit_test(joining_each_other_ends_by_deadline),
        cmocka_unit_test(old_ids_name_nobody),
        cmocka_unit_test(a_fiber_knows_its_id),
        cmocka_unit_test(nobody_wakes_early),
        cmocka_unit_test(cancel_ends_a_sleep),
        cmocka_unit_test(a_new_fiber_is_fresh),
        cmocka_unit_test(a_stack_below_its_frame_is_dead),
        cmocka_unit_test(who_is_alone_is_not_busy),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
