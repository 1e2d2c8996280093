/* SPDX-License-Identifier: MIT */
/* Park and wake, with deadlines, and the wait queues over them: no wake is
 * lost, and a task that goes on sees what its waker did. */
#define WEFT_SHIM 1

#include "futex.h"

#include "fiber/park.c"

#include <string.h>

static struct wf_task tasks[WEAK_THREADS];
static struct wf_worker workers[WEAK_THREADS];
static bool has_task[WEAK_THREADS]; /* plain threads get theirs at their first
                                     * wait */
static char stacks[WEAK_THREADS];   /* each fiber writes to its stack before it
                                     * parks */
static _Atomic uint32_t queued[WEAK_THREADS];
static bool ready[WEAK_THREADS]; /* the fiber is in a run queue */
static _Atomic uint32_t flags[2];

/* ---- fibers: all of the scheduler that park.c calls ---- */

struct wf_worker *
wf_worker_self(void)
{
    return tasks[weak_self()].is_thread ? NULL : &workers[weak_self()];
}

struct wf_task *
wf_task_known(void)
{
    return has_task[weak_self()] ? &tasks[weak_self()] : NULL;
}

struct wf_task *
wf_task_self(void)
{
    struct wf_task *task = &tasks[weak_self()];
    if (!has_task[weak_self()]) {
        weak_write(task, sizeof *task);
        wf_store(&task->state, WF_TASK_RUNNING, relaxed);
        has_task[weak_self()] = true;
    }
    return task;
}

bool
wf_task_cancelled(const struct wf_task *task)
{
    (void)task;
    return false;
}

weft_err
wf_cancel_error(void)
{
    return WEFT_ECANCEL;
}

/* The fiber has left its stack, and its worker commits the park. The waker puts
 * the fiber into a run queue, and then it goes on. */
void
wf_worker_leave(struct wf_worker *w, enum wf_after after)
{
    uint32_t i = (uint32_t)(w - workers);
    (void)after;
    weak_write(&stacks[i], 1);
    if (!wf_park_commit(&tasks[i]))
        return;
    weak_sleep(&ready[i]);
    ready[i] = false;
    (void)wf_xchg(&queued[i], 0, acquire);
}

void
wf_stealable_hand_over(struct wf_worker *w)
{
    (void)w;
}

/* The waker's worker may run the fiber right here. */
void
wf_sched_ready(struct wf_task *task)
{
    uint32_t i = (uint32_t)(task - tasks);
    weak_write(&stacks[i], 1);
    WEAK_CHECK(wf_xchg(&queued[i], 1, release) == 0);
    ready[i] = true;
}

/* ---- plain threads: a futex ---- */

static bool times_out; /* does the first wait with a deadline time out? */

#define DEADLINE 100

static bool
passes(uint64_t until_ns)
{
    return times_out && until_ns != WEFT_NEVER;
}

void
wf_sys_nap(void)
{
    weak_spin();
}

/* ---- timers: one, under a lock as in the wheel ---- */

static struct wf_spin wheel;
static struct wf_timer *armed;
static bool was_armed;
static bool clock_runs; /* the timer was armed, or no thread will arm it */

void
wf_timer_start(struct wf_timer *timer, uint64_t deadline_ns,
               void (*fire)(struct wf_timer *timer))
{
    (void)deadline_ns;
    wf_spin_lock(&wheel);
    weak_write(timer, sizeof(struct alarm));
    timer->fire = fire;
    armed = timer;
    was_armed = clock_runs = true;
    wf_spin_unlock(&wheel);
}

bool
wf_timer_cancel(struct wf_timer *timer)
{
    if (!was_armed)
        return false;
    wf_spin_lock(&wheel);
    armed = NULL;
    wf_spin_unlock(&wheel);
    weak_write(timer, sizeof(struct alarm)); /* the timer's memory ends */
    return false;
}

static void
fire(void)
{
    weak_sleep(&clock_runs);
    wf_spin_lock(&wheel);
    struct wf_timer *timer = armed;
    armed = NULL;
    if (timer) {
        weak_read(timer, sizeof(struct alarm));
        timer->fire(timer);
    }
    wf_spin_unlock(&wheel);
}

/* ---- a condition ---- */

struct wf_shim wf_shim;
static struct weft_waitq queue;
static struct weft_waitnode node;
static char item; /* data that comes with a grant */
static bool set;  /* protected by the lock of the queue */

static void
begin_as(bool is_thread)
{
    memset(&wf_shim, 0, sizeof wf_shim);
    wf_shim.now_ns = now_ns;
    memset(tasks, 0, sizeof tasks);
    memset((void *)flags, 0, sizeof flags);
    memset((void *)queued, 0, sizeof queued);
    memset(ready, 0, sizeof ready);
    futex_begin();
    memset(&queue, 0, sizeof queue);
    memset(&node, 0, sizeof node);
    for (uint32_t i = 0; i < WEAK_THREADS; i++) {
        has_task[i] = true;
        tasks[i].is_thread = is_thread;
        wf_store(&workers[i].current, &tasks[i], relaxed);
    }
    wf_store(&wheel.held, 0, relaxed);
    armed = NULL;
    was_armed = clock_runs = set = times_out = false;
    weak_write(&node, sizeof node);
}

static void
begin_fiber(void)
{
    begin_as(false);
}

static void
begin_thread(void)
{
    begin_as(true);
}

static void
begin_timed(void)
{
    begin_as(true);
    times_out = true;
}

/* Check the flag, park, and check again. */
static void
wait_for_one(void)
{
    while (!wf_load(&flags[0], relaxed))
        wf_park(WEFT_WAIT_SLEEP);
}

static void
wait_for_two(void)
{
    while (!wf_load(&flags[0], relaxed) || !wf_load(&flags[1], relaxed))
        wf_park(WEFT_WAIT_SLEEP);
}

static void
wake_by_first(void)
{
    wf_store(&flags[0], 1, relaxed);
    wf_wake(&tasks[0]);
}

static void
wake_by_second(void)
{
    wf_store(&flags[1], 1, relaxed);
    wf_wake(&tasks[0]);
}

static void
wait_timed(void)
{
    while (!wf_load(&flags[0], relaxed))
        if (!wf_park_until(times_out ? DEADLINE : WEFT_NEVER, WEFT_WAIT_SLEEP))
            times_out = false;
}

static void
wait_for_alarm(void)
{
    while (wf_park_until(DEADLINE, WEFT_WAIT_SLEEP))
        ;
}

/* ---- queues ---- */

static void
begin_unnamed(void)
{
    begin_as(true);
    has_task[0] = false;
    weak_write(&tasks[0], sizeof tasks[0]);
}

static void
wait_in_queue(uint64_t deadline_ns)
{
    wf_waitq_lock(&queue);
    if (set) {
        wf_waitq_unlock(&queue);
        clock_runs = true;
        return;
    }
    weft_err err =
        wf_waitq_wait(&queue, &node, deadline_ns, true, WEFT_WAIT_SLEEP);
    if (!err)
        weak_read(&item, 1);
    weak_free(&node, sizeof node);
}

static void
wait_long(void)
{
    wait_in_queue(WEFT_NEVER);
}

static void
wait_short(void)
{
    wait_in_queue(DEADLINE);
}

static void
grant(void)
{
    wf_waitq_lock(&queue);
    set = true;
    struct weft_waitnode *first = wf_waitq_pop(&queue);
    wf_waitq_unlock(&queue);
    if (first)
        weak_write(&item, 1);
    wf_waitq_grant(first);
}

int
main(void)
{
    static const struct weak_test tests[] = {
        {"fiber", begin_fiber, {wait_for_one, wake_by_first}, NULL, 0},
        {"thread", begin_thread, {wait_for_one, wake_by_first}, NULL, 0},
        {"fiber, two wakers",
         begin_fiber,
         {wait_for_two, wake_by_first, wake_by_second},
         NULL,
         2},
        {"thread, two wakers",
         begin_thread,
         {wait_for_two, wake_by_first, wake_by_second},
         NULL,
         2},
        {"thread with a deadline",
         begin_timed,
         {wait_timed, wake_by_first},
         NULL,
         0},
        {"alarm", begin_fiber, {wait_for_alarm, fire}, NULL, 0},
        {"queue, fiber", begin_fiber, {wait_long, grant}, NULL, 0},
        {"queue, thread", begin_thread, {wait_long, grant}, NULL, 0},
        {"queue, first wait", begin_unnamed, {wait_long, grant}, NULL, 0},
        {"queue with a deadline", begin_timed, {wait_short, grant}, NULL, 0},
        {"queue with an alarm",
         begin_fiber,
         {wait_short, grant, fire},
         NULL,
         2},
        {0},
    };
    static const char *const files[] = {"park.c", "spin.h", NULL};
    static const struct weak_excuse excuses[] = {
        {0},
    };
    return weak_main(&(struct weak_part){tests, files, excuses});
}
