/* SPDX-License-Identifier: MIT */
/* A fiber continues on another thread. Then the addresses of thread-locals
 * change, but its variables, its fiber-locals and its task do not. Row 56 of
 * docs/threats.md. */
#include "fibers.h"

#include "fiber/task.h"

#include <pthread.h>
#include <sched.h>

static _Thread_local int of_thread;

/* Not inlined, because a compiler assumes that the address of a thread-local
 * never changes, and may keep the address over a switch. */
__attribute__((noinline)) static void *
address_of_local(void)
{
    void *p = &of_thread;
    __asm__ volatile("" : "+r"(p));
    return p;
}

__attribute__((noinline)) static void *
address_of_errno(void)
{
    void *p = &errno;
    __asm__ volatile("" : "+r"(p));
    return p;
}

struct hold {
    _Atomic int stage;
    weft_fiber other, here;
};

static void
hold_until(struct hold *hold, int stage)
{
    uint64_t until = weft_after_ms(LONG_MS);
    while (wf_load(&hold->stage, acquire) < stage && weft_now_ns() < until)
        sched_yield();
    CHECK(wf_load(&hold->stage, acquire) >= stage);
}

static void
hold_other_worker(void *arg)
{
    struct hold *hold = arg;
    wf_store(&hold->stage, 1, release);
    hold_until(hold, 2);
}

static void
hold_this_worker(void *arg)
{
    struct hold *hold = arg;
    wf_store(&hold->stage, 2, release);
    hold_until(hold, 3);
}

/* Move this fiber to the other worker. A first fiber keeps the other worker
 * busy. A second one then runs on this worker: it releases the first, and keeps
 * this worker busy until the other worker has taken this fiber. */
static void
migrate(struct hold *hold)
{
    wf_store(&hold->stage, 0, relaxed);
    hold->other = spawn(hold_other_worker, hold);
    hold_until(hold, 1);
    hold->here = spawn(hold_this_worker, hold);
    weft_fiber_yield();
    wf_store(&hold->stage, 3, release);
}

static void
join_holders(struct hold *hold)
{
    CHECK(weft_fiber_join(hold->other) == WEFT_OK);
    CHECK(weft_fiber_join(hold->here) == WEFT_OK);
}

static void
move_about(void *arg)
{
    int *moves = arg;
    weft_fiber self = weft_fiber_self();
    weft_local key;
    CHECK(weft_local_new(NULL, &key) == WEFT_OK);
    CHECK(weft_local_set(key, &key) == WEFT_OK);
    wf_task_work(12345, NULL, NULL, NULL);
    struct hold hold;
    double sum = 0.5;
    for (int i = 0; i < 200; i++) {
        uint32_t worker = wf_worker_index();
        void *local = address_of_local(), *err = address_of_errno();
        errno = EDOM;
        sum += i;
        migrate(&hold);
        CHECK((wf_worker_index() == worker) == (address_of_local() == local));
        CHECK((wf_worker_index() == worker) == (address_of_errno() == err));
        *moves += wf_worker_index() != worker;
        CHECK(wf_sys_close(-1) == -EBADF); /* sets this thread's errno */
        CHECK(weft_fiber_self().id == self.id && weft_local_get(key) == &key);
        CHECK(wf_task_deadline() == 12345);
        join_holders(&hold);
    }
    CHECK(sum > 19900 && sum < 19901);
}

static void
a_fiber_survives_its_thread(void **state)
{
    (void)state;
    int moves = 0;
    run_fiber(move_about, &moves);
    assert_in_range(moves, 150, 200);
}

/* ---- which fiber runs next on a worker ---- */

static struct weft_sem ping, pong;
static _Atomic int bystander_ran;
static int rounds;

static void
play(void *arg)
{
    (void)arg;
    while (!wf_load(&bystander_ran, relaxed)) {
        CHECK(weft_sem_take(&ping) == WEFT_OK);
        weft_sem_give(&pong, 1);
        rounds++;
    }
}

static void
play_back(void *arg)
{
    (void)arg;
    while (!wf_load(&bystander_ran, relaxed)) {
        weft_sem_give(&ping, 1);
        CHECK(weft_sem_take(&pong) == WEFT_OK);
    }
    weft_sem_give(&ping, 1);
}

static void
stand_by(void *arg)
{
    (void)arg;
    wf_store(&bystander_ran, 1, relaxed);
}

static void
start_players(void *arg)
{
    (void)arg;
    (void)spawn(play, NULL);
    (void)spawn(play_back, NULL);
    (void)spawn(stand_by, NULL);
}

/* Two fibers that always wake each other do not keep other fibers from
 * running. */
static void
a_pair_does_not_starve_others(void **state)
{
    (void)state;
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    workers_start(1);
    for (int i = 0; i < 50; i++) {
        ping = pong = (struct weft_sem){0};
        bystander_ran = rounds = 0;
        run_fiber(start_players, NULL);
        WAIT_FOR(wf_tasks_alive() == 0);
        assert_in_range(rounds, 0, 64); /* 16 in a row, and some more */
    }
}

#define YIELDERS 250

static _Atomic int slept;

static void
yield_until_slept(void *arg)
{
    (void)arg;
    uint64_t until = weft_after_ms(LONG_MS);
    while (!wf_load(&slept, relaxed) && weft_now_ns() < until)
        weft_fiber_yield();
    CHECK(slept);
}

static void
sleep_a_little(void *arg)
{
    (void)arg;
    CHECK(weft_sleep_ms(2) == WEFT_OK);
    slept = 1;
}

/* A ring that is always nearly full delays neither timers nor the fibers that
 * plain threads start. */
static void
many_that_yield_do_not_starve_timers(void **state)
{
    (void)state;
    weft_fiber fibers[YIELDERS];
    slept = 0;
    for (int i = 0; i < YIELDERS; i++)
        fibers[i] = spawn(yield_until_slept, NULL);
    run_fiber(sleep_a_little, NULL);
    for (int i = 0; i < YIELDERS; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fiber_survives_its_thread),
        cmocka_unit_test(a_pair_does_not_starve_others),
        cmocka_unit_test(many_that_yield_do_not_starve_timers),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
