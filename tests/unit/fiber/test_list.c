/* SPDX-License-Identifier: MIT */
/* The list of fibers: it says of each fiber what the fiber waits for. */
#include "fiber/task.h"
#include "fibers.h"

#include <unistd.h>

static struct weft_fiber_info found;
static int n_found, n_all;

struct search {
    weft_fiber fiber;
    enum weft_fiber_state state;
    enum weft_wait wait;
};

static void
look(void *user, const struct weft_fiber_info *info)
{
    const struct search *s = user;
    n_all++;
    if (s && s->fiber.id == info->fiber.id) {
        found = *info;
        n_found++;
    }
}

/* Is the fiber listed once, in this state and with this reason to wait? */
static bool
does(weft_fiber fiber, enum weft_fiber_state state, enum weft_wait wait)
{
    struct search s = {fiber, state, wait};
    n_found = 0;
    weft_fiber_list(look, &s);
    CHECK(n_found <= 1);
    return n_found == 1 && found.state == state && found.waits_for == wait;
}

static weft_fiber
spawn_named(const char *name, void (*fn)(void *arg), void *arg)
{
    const struct weft_fiber_options o = {.name = name};
    weft_fiber fiber;
    CHECK(weft_fiber_start_with(&o, fn, arg, &fiber) == WEFT_OK);
    return fiber;
}

/* ---- what fibers wait for ---- */

static struct weft_mutex mutex;
static struct weft_rwlock rwlock;
static struct weft_cond cond;
static struct weft_sem sem, blocked;
static struct weft_chan *chan;
static struct weft_group group;
static struct weft_once once;
static weft_fiber other;
static int fds[2];

static void
wait_for_mutex(void *arg)
{
    (void)arg;
    CHECK(weft_mutex_lock(&mutex) == WEFT_ECANCEL);
}

static void
wait_for_reading(void *arg)
{
    (void)arg;
    CHECK(weft_rwlock_read(&rwlock) == WEFT_ECANCEL);
}

static void
wait_for_writing(void *arg)
{
    (void)arg;
    CHECK(weft_rwlock_write(&rwlock) == WEFT_ECANCEL);
}

static void
wait_for_cond(void *arg)
{
    struct weft_mutex own = {0};
    (void)arg;
    CHECK(weft_mutex_try_lock(&own));
    CHECK(weft_cond_wait(&cond, &own) == WEFT_ECANCEL);
}

static void
wait_for_sem(void *arg)
{
    (void)arg;
    CHECK(weft_sem_take(&sem) == WEFT_ECANCEL);
}

static void
wait_to_send(void *arg)
{
    (void)arg;
    CHECK(weft_chan_send(chan, "") == WEFT_ECANCEL);
}

static void
wait_to_receive(void *arg)
{
    char item;
    (void)arg;
    CHECK(weft_chan_recv(chan, &item) == WEFT_ECANCEL);
}

static void
wait_for_group(void *arg)
{
    (void)arg;
    CHECK(weft_group_wait(&group) == WEFT_ECANCEL);
}

static void
nothing(void *arg)
{
    (void)arg;
}

static void
wait_for_once(void *arg)
{
    (void)arg;
    CHECK(weft_once(&once, nothing, NULL) == WEFT_ECANCEL);
}

static void
wait_for_end(void *arg)
{
    (void)arg;
    CHECK(weft_fiber_join(other) == WEFT_ECANCEL);
}

static void
wait_for_time(void *arg)
{
    (void)arg;
    CHECK(weft_sleep_ms(LONG_MS) == WEFT_ECANCEL);
}

static void
wait_for_fd(void *arg)
{
    (void)arg;
    CHECK(weft_fd_wait(fds[0], WEFT_FD_READ) == WEFT_ECANCEL);
}

static const struct {
    void (*fn)(void *arg);
    enum weft_wait wait;
    const char *name;
} waits[] = {
    {wait_for_mutex, WEFT_WAIT_MUTEX, "mutex"},
    {wait_for_reading, WEFT_WAIT_RWLOCK, "read-write lock"},
    {wait_for_writing, WEFT_WAIT_RWLOCK, "read-write lock"},
    {wait_for_cond, WEFT_WAIT_COND, "condition"},
    {wait_for_sem, WEFT_WAIT_SEM, "semaphore"},
    {wait_to_send, WEFT_WAIT_SEND, "room in a channel"},
    {wait_to_receive, WEFT_WAIT_RECEIVE, "item of a channel"},
    {wait_for_group, WEFT_WAIT_GROUP, "wait group"},
    {wait_for_once, WEFT_WAIT_ONCE, "once"},
    {wait_for_end, WEFT_WAIT_JOIN, "end of a fiber"},
    {wait_for_time, WEFT_WAIT_SLEEP, "time"},
    {wait_for_fd, WEFT_WAIT_FD, "descriptor"},
};

static uint64_t polled_ns; /* the last poll of the worker, before the wait */

/* The function of a fiber: wait as row `arg` of waits says. */
static void
note_and_wait(void *arg)
{
    polled_ns = wf_worker_now_ns();
    waits[*(const size_t *)arg].fn(NULL);
}

static void
hold_once(void *arg)
{
    CHECK(weft_sem_take(arg) == WEFT_OK);
}

static void
begin_once(void *arg)
{
    CHECK(weft_once(&once, hold_once, arg) == WEFT_OK);
}

static void
each_wait_is_named(void **state)
{
    (void)state;
    struct weft_sem end = {0};
    other = spawn(hold_once, &end);
    weft_fiber runner = spawn(begin_once, &end);
    assert_int_equal(pipe(fds), 0);
    assert_true(weft_mutex_try_lock(&mutex) && weft_rwlock_try_write(&rwlock));
    weft_group_add(&group, 1);
    WAIT_FOR(n_waiters(&end.waiters) == 2);
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        assert_int_equal(weft_chan_new(1, 0, &chan), WEFT_OK);
        weft_fiber fiber = spawn_named(waits[i].name, note_and_wait, &i);
        WAIT_FOR(does(fiber, WEFT_FIBER_WAITING, waits[i].wait));
        assert_string_equal(found.name, waits[i].name);
        assert_string_equal(weft_wait_text(found.waits_for), waits[i].name);
        assert_true(found.since_ns <= weft_now_ns());
        assert_true(found.since_ns >= (polled_ns & ~WF_WAIT_WHY));
        assert_int_equal(found.deadline_ns == WEFT_NEVER,
                         waits[i].wait != WEFT_WAIT_SLEEP);
        weft_fiber_cancel(fiber);
        assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
        assert_false(does(fiber, WEFT_FIBER_WAITING, waits[i].wait));
        assert_int_equal(n_found, 0);
        weft_chan_free(chan);
    }
    weft_sem_give(&end, 2);
    assert_int_equal(weft_fiber_join(other), WEFT_OK);
    assert_int_equal(weft_fiber_join(runner), WEFT_OK);
    close(fds[0]);
    close(fds[1]);
}

static void
take_until(void *arg)
{
    CHECK(weft_sem_take_until(&sem, *(uint64_t *)arg) == WEFT_OK);
    CHECK(weft_sem_take(&sem) == WEFT_OK);
}

static void
a_deadline_is_that_of_the_wait(void **state)
{
    (void)state;
    uint64_t deadline = weft_after_ms(LONG_MS);
    weft_fiber fiber = spawn(take_until, &deadline);
    WAIT_FOR(does(fiber, WEFT_FIBER_WAITING, WEFT_WAIT_SEM));
    assert_int_equal(found.deadline_ns, deadline);
    assert_string_equal(found.name, "");
    weft_sem_give(&sem, 1);
    WAIT_FOR(does(fiber, WEFT_FIBER_WAITING, WEFT_WAIT_SEM) &&
             found.deadline_ns == WEFT_NEVER);
    weft_sem_give(&sem, 1);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
}

static void
wait_on_a_thread(void *arg)
{
    (void)arg;
    CHECK(weft_sem_take(&blocked) == WEFT_OK);
}

static void
block(void *arg)
{
    CHECK(weft_blocking(wait_on_a_thread, arg) == WEFT_OK);
}

static void
a_blocking_function_is_waited_for(void **state)
{
    (void)state;
    weft_fiber fiber = spawn(block, NULL);
    WAIT_FOR(does(fiber, WEFT_FIBER_WAITING, WEFT_WAIT_BLOCKING));
    weft_sem_give(&blocked, 1);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
}

/* A cancelled fiber that ignores its cancel is paused at each wait. */
static void
ignore_cancel(void *arg)
{
    while (!wf_load((_Atomic bool *)arg, acquire))
        (void)weft_sleep_ms(LONG_MS);
}

static void
a_pause_after_a_cancel_shows(void **state)
{
    (void)state;
    _Atomic bool ready = false;
    weft_fiber fiber = spawn(ignore_cancel, &ready);
    weft_fiber_cancel(fiber);
    WAIT_FOR(does(fiber, WEFT_FIBER_WAITING, WEFT_WAIT_PAUSE));
    wf_store(&ready, true, release);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
}

/* ---- fibers that do not wait ---- */

static _Atomic bool go_on;

static void
keep_running(void *arg)
{
    (void)arg;
    while (!wf_load(&go_on, acquire))
        wf_cpu_relax();
}

static void
who_runs_and_who_is_ready(void **state)
{
    workers_stop(state);
    workers_start(1);
    go_on = false;
    weft_fiber runs = spawn(keep_running, NULL);
    WAIT_FOR(does(runs, WEFT_FIBER_RUNNING, WEFT_WAIT_NONE));
    assert_int_equal(found.since_ns, 0);
    assert_true(found.deadline_ns == WEFT_NEVER);
    weft_fiber ready = spawn(nothing, NULL);
    assert_true(does(ready, WEFT_FIBER_READY, WEFT_WAIT_NONE));
    wf_store(&go_on, true, release);
    assert_int_equal(weft_fiber_join(runs), WEFT_OK);
    assert_int_equal(weft_fiber_join(ready), WEFT_OK);
    workers_stop(state);
    two_workers(state);
}

static void
list_itself(void *arg)
{
    (void)arg;
    CHECK(does(weft_fiber_self(), WEFT_FIBER_RUNNING, WEFT_WAIT_NONE));
}

static void
who_has_ended_is_listed_for_its_result(void **state)
{
    (void)state;
    const struct weft_fiber_options keeping = {.keep_result = true};
    weft_fiber fiber;
    run_fiber(list_itself, NULL);
    assert_int_equal(weft_fiber_start_with(&keeping, nothing, NULL, &fiber), 0);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    assert_true(does(fiber, WEFT_FIBER_ENDED, WEFT_WAIT_NONE));
    assert_int_equal(weft_fiber_join_result(fiber, NULL), WEFT_OK);
    n_all = 0; /* this thread and ended fibers are not listed */
    WAIT_FOR((n_all = 0, weft_fiber_list(look, NULL), n_all == 0));
}

static void
every_wait_has_a_text(void **state)
{
    (void)state;
    for (int i = WEFT_WAIT_NONE; i <= WEFT_WAIT_END; i++) {
        assert_string_not_equal(weft_wait_text((enum weft_wait)i), "unknown");
        for (int k = 0; k < i; k++)
            assert_string_not_equal(weft_wait_text((enum weft_wait)i),
                                    weft_wait_text((enum weft_wait)k));
    }
    assert_string_equal(weft_wait_text(WEFT_WAIT_END + 1), "unknown");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wait_is_named),
        cmocka_unit_test(a_deadline_is_that_of_the_wait),
        cmocka_unit_test(a_blocking_function_is_waited_for),
        cmocka_unit_test(a_pause_after_a_cancel_shows),
        cmocka_unit_test(who_runs_and_who_is_ready),
        cmocka_unit_test(who_has_ended_is_listed_for_its_result),
        cmocka_unit_test(every_wait_has_a_text),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
