/* SPDX-License-Identifier: MIT */
/*
 * What makes a task wait, against what wakes it: one of the two is stopped
 * before each of its atomic steps while the other runs. No task waits for ever,
 * nothing is given twice or lost, and no waiter stays in a queue.
 */
#include "orders/meet.h"
#include "unit/fiber/fibers.h"

#include <unistd.h>

static struct {
    struct weft_mutex mutex;
    struct weft_cond cond;
    struct weft_sem sem;
    struct weft_chan *chan;
    struct weft_group group;
    struct weft_once once;
    struct weft_rwlock lock;
    struct weft_limiter limiter;
    weft_fiber fiber;
    bool flag;
    _Atomic int inside, ran;
    weft_err first, other;
    int got;
} s;

/* ---- mutex ---- */

static void
work_inside(void)
{
    CHECK(atomic_fetch_add(&s.inside, 1) == 0);
    s.got++; /* TSan reports a race if two threads are inside */
    CHECK(atomic_fetch_sub(&s.inside, 1) == 1);
}

static void
lock_and_unlock(void *arg)
{
    (void)arg;
    CHECK(!weft_mutex_lock(&s.mutex));
    work_inside();
    weft_mutex_unlock(&s.mutex);
}

static void
both_were_inside(void)
{
    CHECK(s.got == 2);
    CHECK(weft_mutex_try_lock(&s.mutex));
    CHECK(n_waiters(&s.mutex.waiters) == 0);
}

static void
hold_mutex(void)
{
    CHECK(!weft_mutex_lock(&s.mutex));
}

static void
lock_late(void *arg)
{
    (void)arg;
    s.first = weft_mutex_lock_until(&s.mutex, weft_now_ns());
    CHECK(!s.first || s.first == WEFT_ETIMEOUT);
    if (!s.first)
        weft_mutex_unlock(&s.mutex);
}

static void
unlock(void *arg)
{
    (void)arg;
    weft_mutex_unlock(&s.mutex);
}

static void
mutex_is_free(void)
{
    CHECK(weft_mutex_try_lock(&s.mutex));
    weft_mutex_unlock(&s.mutex);
    CHECK(weft_mutex_try_lock(&s.mutex));
    CHECK(n_waiters(&s.mutex.waiters) == 0);
}

/* ---- condition ---- */

static void
wait_for_flag(void *arg)
{
    (void)arg;
    CHECK(!weft_mutex_lock(&s.mutex));
    while (!s.flag)
        CHECK(!weft_cond_wait(&s.cond, &s.mutex));
    weft_mutex_unlock(&s.mutex);
}

static void
set_flag(void *arg)
{
    (void)arg;
    CHECK(!weft_mutex_lock(&s.mutex));
    s.flag = true;
    weft_cond_signal(&s.cond);
    weft_mutex_unlock(&s.mutex);
}

static void
set_flag_for_all(void *arg)
{
    (void)arg;
    CHECK(!weft_mutex_lock(&s.mutex));
    s.flag = true;
    weft_mutex_unlock(&s.mutex);
    weft_cond_broadcast(&s.cond);
}

static void
nobody_waits_for_flag(void)
{
    CHECK(n_waiters(&s.cond.waiters) == 0);
    mutex_is_free();
}

static void
wait_late(void *arg)
{
    (void)arg;
    CHECK(!weft_mutex_lock(&s.mutex));
    s.first = weft_cond_wait_until(&s.cond, &s.mutex, weft_now_ns());
    CHECK(!s.first || s.first == WEFT_ETIMEOUT);
    CHECK(!weft_mutex_try_lock(&s.mutex));
    weft_mutex_unlock(&s.mutex);
}

/* ---- semaphore ---- */

static void
take(void *arg)
{
    (void)arg;
    CHECK(!weft_sem_take(&s.sem));
}

static void
give(void *arg)
{
    (void)arg;
    weft_sem_give(&s.sem, 1);
}

static void
take_late(void *arg)
{
    (void)arg;
    s.first = weft_sem_take_until(&s.sem, weft_now_ns());
    CHECK(!s.first || s.first == WEFT_ETIMEOUT);
}

static void
take_or_be_cancelled(void *arg)
{
    (void)arg;
    s.first = weft_sem_take(&s.sem);
    CHECK(!s.first || s.first == WEFT_ECANCEL);
}

static void
give_and_cancel(void *arg)
{
    (void)arg;
    weft_fiber_cancel(s.fiber);
    weft_sem_give(&s.sem, 1);
}

static void
given_once(void)
{
    CHECK(s.sem.count == (s.first ? 1 : 0));
    CHECK(n_waiters(&s.sem.waiters) == 0);
}

/* ---- channel ---- */

static void
make_full(void)
{
    int item = 1;
    CHECK(!weft_chan_new(sizeof(int), 1, &s.chan));
    CHECK(!weft_chan_send(s.chan, &item));
}

static void
make_empty(void)
{
    CHECK(!weft_chan_new(sizeof(int), 1, &s.chan));
}

static void
make_unbuffered(void)
{
    CHECK(!weft_chan_new(sizeof(int), 0, &s.chan));
}

static void
send_two(void *arg)
{
    int item = 2;
    (void)arg;
    s.other = weft_chan_send(s.chan, &item);
}

static void
recv_one(void *arg)
{
    (void)arg;
    s.first = weft_chan_recv(s.chan, &s.got);
}

static void
recv_late(void *arg)
{
    (void)arg;
    s.first = weft_chan_recv_until(s.chan, &s.got, weft_now_ns());
    CHECK(!s.first || s.first == WEFT_ETIMEOUT);
}

static void
send_late(void *arg)
{
    int item = 2;
    (void)arg;
    s.first = weft_chan_send_until(s.chan, &item, weft_now_ns());
    CHECK(!s.first || s.first == WEFT_ETIMEOUT);
}

static void
close_it(void *arg)
{
    (void)arg;
    weft_chan_close(s.chan);
}

static void
one_is_left(void)
{
    CHECK(!s.first && !s.other && s.got == 1);
    CHECK(!weft_chan_recv_until(s.chan, &s.got, 0) && s.got == 2);
    weft_chan_free(s.chan);
}

static void
it_was_handed_over(void)
{
    CHECK(!s.first && !s.other && s.got == 2);
    CHECK(weft_chan_recv_until(s.chan, &s.got, 0) == WEFT_ETIMEOUT);
    weft_chan_free(s.chan);
}

/* If the first receiver timed out, the item is still in the channel. */
static void
it_is_there_once(void)
{
    CHECK(!s.other);
    if (s.first)
        CHECK(!weft_chan_recv_until(s.chan, &s.got, 0));
    CHECK(s.got == 2);
    CHECK(weft_chan_recv_until(s.chan, &s.got, 0) == WEFT_ETIMEOUT);
    weft_chan_free(s.chan);
}

/* If the sender timed out, it has left no item. */
static void
it_was_sent_or_not(void)
{
    CHECK(!s.other && s.got == 1);
    CHECK(weft_chan_recv_until(s.chan, &s.got, 0) ==
          (s.first ? WEFT_ETIMEOUT : WEFT_OK));
    CHECK(s.first || s.got == 2);
    weft_chan_free(s.chan);
}

static void
recv_as_other(void *arg)
{
    (void)arg;
    s.other = weft_chan_recv(s.chan, &s.got);
}

static void
it_was_closed(void)
{
    int item = 3;
    CHECK(s.first == WEFT_ECLOSED);
    CHECK(weft_chan_send(s.chan, &item) == WEFT_ECLOSED);
    weft_chan_free(s.chan);
}

/* ---- group, once, limiter ---- */

static void
add_one(void)
{
    weft_group_add(&s.group, 1);
}

static void
wait_for_group(void *arg)
{
    (void)arg;
    CHECK(!weft_group_wait(&s.group));
}

static void
be_done(void *arg)
{
    (void)arg;
    weft_group_done(&s.group);
}

static void
group_is_empty(void)
{
    CHECK(s.group.count == 0 && n_waiters(&s.group.waiters) == 0);
}

static void
count_run(void *arg)
{
    (void)arg;
    atomic_fetch_add(&s.ran, 1);
}

static void
run_once(void *arg)
{
    (void)arg;
    CHECK(!weft_once(&s.once, count_run, NULL));
    CHECK(atomic_load(&s.ran) == 1);
}

static void
it_ran_once(void)
{
    CHECK(atomic_load(&s.ran) == 1 && n_waiters(&s.once.waiters) == 0);
}

static void
make_limiter(void)
{
    CHECK(!weft_limiter_init(&s.limiter, 1, 1));
}

static void
take_token(void *arg)
{
    (void)arg;
    if (weft_limiter_try_take(&s.limiter, 1))
        atomic_fetch_add(&s.ran, 1);
}

/* ---- read-write lock ---- */

static void
write_lock(void *arg)
{
    (void)arg;
    CHECK(!weft_rwlock_write(&s.lock));
    work_inside();
    weft_rwlock_write_unlock(&s.lock);
}

static void
read_lock(void *arg)
{
    (void)arg;
    CHECK(!weft_rwlock_read(&s.lock));
    CHECK(atomic_load(&s.inside) == 0);
    weft_rwlock_read_unlock(&s.lock);
}

static void
hold_as_reader(void)
{
    CHECK(!weft_rwlock_read(&s.lock));
}

static void
write_late(void *arg)
{
    (void)arg;
    s.first = weft_rwlock_write_until(&s.lock, weft_now_ns());
    CHECK(s.first == WEFT_ETIMEOUT);
}

/* The reader of hold_as_reader still holds the lock, which readers share. No
 * other reader waits. */
static void
lock_has_a_reader(void)
{
    CHECK(s.lock.readers == 1 && !s.lock.writer);
    CHECK(n_waiters(&s.lock.waiters) == 0);
}

static void
lock_is_free(void)
{
    CHECK(!s.lock.readers && !s.lock.writer);
    CHECK(n_waiters(&s.lock.waiters) == 0);
}

/* ---- fibers ---- */

static void
start_a_fiber(void)
{
    s.fiber = spawn(take, NULL);
}

static void
join_it(void *arg)
{
    (void)arg;
    CHECK(!weft_fiber_join(s.fiber));
}

static void
sleep_for_ever(void *arg)
{
    (void)arg;
    CHECK(weft_sleep_ms(10 * LONG_MS) == WEFT_ECANCEL);
}

static void
cancel_it(void *arg)
{
    (void)arg;
    weft_fiber_cancel(s.fiber);
}

/* The reason is set, and then the group is cancelled: see fiber/fiber.h. */
static _Atomic bool reason;

static void
work_for_group(void *arg)
{
    (void)arg;
    wf_task_work(WEFT_NEVER, &s, NULL, NULL);
    atomic_thread_fence(memory_order_seq_cst);
    if (!atomic_load_explicit(&reason, memory_order_relaxed))
        CHECK(weft_sem_take(&s.sem) == WEFT_ECANCEL);
    wf_task_work(WEFT_NEVER, NULL, NULL, NULL);
}

static void
no_reason(void)
{
    atomic_store(&reason, false);
}

static void
cancel_group(void *arg)
{
    (void)arg;
    atomic_store_explicit(&reason, true, memory_order_relaxed);
    wf_tasks_cancel(&s);
}

static void
block(void *arg)
{
    (void)arg;
    s.first = weft_blocking(count_run, NULL);
    CHECK(!s.first || s.first == WEFT_ECANCEL);
    CHECK(atomic_load(&s.ran) == !s.first);
}

/* ---- all of them ---- */

enum { BY_THREAD = 1, BY_FIBER = 2, BY_BOTH = 3 };

static const struct meeting {
    const char *name;
    void (*set_up)(void);
    void (*first)(void *arg);
    void (*other)(void *arg);
    void (*check)(void);
    int by;
} meetings[] = {
    {"two lock a mutex", NULL, lock_and_unlock, lock_and_unlock,
     both_were_inside, BY_BOTH},
    {"late for a mutex", hold_mutex, lock_late, unlock, mutex_is_free, BY_BOTH},
    {"unlocked before a late one", hold_mutex, unlock, lock_late, mutex_is_free,
     BY_BOTH},
    {"a signal", NULL, wait_for_flag, set_flag, nobody_waits_for_flag, BY_BOTH},
    {"a broadcast", NULL, wait_for_flag, set_flag_for_all,
     nobody_waits_for_flag, BY_BOTH},
    {"a signal first", NULL, set_flag, wait_for_flag, nobody_waits_for_flag,
     BY_BOTH},
    {"late for a signal", NULL, wait_late, set_flag, nobody_waits_for_flag,
     BY_BOTH},
    {"a semaphore", NULL, take, give, given_once, BY_BOTH},
    {"a gift first", NULL, give, take, given_once, BY_BOTH},
    {"late for a semaphore", NULL, take_late, give, given_once, BY_BOTH},
    {"a gift or a cancel", NULL, take_or_be_cancelled, give_and_cancel,
     given_once, BY_FIBER},
    {"a full channel", make_full, send_two, recv_one, one_is_left, BY_BOTH},
    {"an empty channel", make_empty, recv_one, send_two, it_was_handed_over,
     BY_BOTH},
    {"sent and received", make_unbuffered, recv_one, send_two,
     it_was_handed_over, BY_BOTH},
    {"received and sent", make_unbuffered, send_two, recv_one,
     it_was_handed_over, BY_BOTH},
    {"late to receive", make_empty, recv_late, send_two, it_is_there_once,
     BY_BOTH},
    {"late to send", make_full, send_late, recv_as_other, it_was_sent_or_not,
     BY_BOTH},
    {"a channel is closed", make_empty, recv_one, close_it, it_was_closed,
     BY_BOTH},
    {"a group", add_one, wait_for_group, be_done, group_is_empty, BY_BOTH},
    {"a group is done first", add_one, be_done, wait_for_group, group_is_empty,
     BY_BOTH},
    {"once", NULL, run_once, run_once, it_ran_once, BY_BOTH},
    {"one token", make_limiter, take_token, take_token, it_ran_once, BY_BOTH},
    {"two writers", NULL, write_lock, write_lock, lock_is_free, BY_BOTH},
    {"a writer and a reader", NULL, write_lock, read_lock, lock_is_free,
     BY_BOTH},
    {"a reader and a writer", NULL, read_lock, write_lock, lock_is_free,
     BY_BOTH},
    {"a reader behind a late writer", hold_as_reader, write_late, read_lock,
     lock_has_a_reader, BY_BOTH},
    {"a late writer before a reader", hold_as_reader, read_lock, write_late,
     lock_has_a_reader, BY_BOTH},
    {"a join", start_a_fiber, join_it, give, NULL, BY_THREAD},
    {"an end and a join", start_a_fiber, give, join_it, NULL, BY_THREAD},
    {"a sleep is cancelled", NULL, sleep_for_ever, cancel_it, NULL, BY_FIBER},
    {"a group is cancelled", no_reason, work_for_group, cancel_group, NULL,
     BY_FIBER},
    {"a call that blocks", NULL, block, cancel_it, NULL, BY_FIBER},
};

static uint32_t step;

static void
be_the_first(void *arg)
{
    const struct meeting *m = arg;
    if (weft_fiber_self().id)
        s.fiber = weft_fiber_self(); /* before meet_arm, because it has an
                                      * atomic step */
    meet_arm(step, m->other, NULL);
    m->first(NULL);
    meet_end();
}

/* Returns how many orders the meeting has. */
static uint32_t
every_order(const struct meeting *m, bool by_fiber)
{
    bool more = true;
    for (step = 1; more; step++) {
        memset(&s, 0, sizeof s);
        if (m->set_up)
            m->set_up();
        if (by_fiber)
            run_fiber(be_the_first, (void *)(uintptr_t)m);
        else
            be_the_first((void *)(uintptr_t)m);
        more = meet_wait();
        if (m->check)
            m->check();
        CHECK(step < 10000);
    }
    return step - 1;
}

static void
every_meeting(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof meetings / sizeof *meetings; i++) {
        const struct meeting *m = &meetings[i];
        for (int by = BY_THREAD; by <= BY_FIBER; by++) {
            if (!(m->by & by))
                continue;
            print_message("%s, %s: ", m->name,
                          by == BY_FIBER ? "fiber" : "thread");
            uint32_t n = every_order(m, by == BY_FIBER);
            print_message("%u orders\n", n);
            assert_true(n > 1);
        }
    }
}

static int
start(void **state)
{
    alarm(300);
    meet_begin();
    return one_worker(state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_meeting),
    };
    return cmocka_run_group_tests(tests, start, workers_stop);
}
