/* SPDX-License-Identifier: MIT */
/* The system has no memory, no threads, or no guards for stacks: each failure
 * is returned as an error, leaks nothing, and later calls succeed. */
#include "unit/fiber/fibers.h"

#include "fiber/blocking.h"
#include "fiber/sched.h"
#include "net/poll.h"

#include <poll.h>
#include <sched.h>
#include <semaphore.h>

/* ---- the n-th call fails, and perhaps all later ones ---- */

static _Atomic int countdown; /* 0: no more failures */
static _Atomic bool failed;
static _Atomic bool for_good;

static bool
fails(void)
{
    int n = wf_load(&countdown, relaxed);
    if (n == 0)
        return false;
    if (n > 1) {
        wf_store(&countdown, n - 1, relaxed);
        return false;
    }
    if (!for_good)
        wf_store(&countdown, 0, relaxed);
    wf_store(&failed, true, relaxed);
    return true;
}

static void *
failing_malloc(size_t n)
{
    return fails() ? NULL : malloc(n);
}

static void *
failing_mmap(size_t n, int prot, int flags)
{
    if (fails())
        return NULL;
    void *p = mmap(NULL, n, prot, flags | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static _Atomic int n_threads; /* that weft has asked for */

static int
failing_thread(pthread_t *thread, void *(*run)(void *), void *arg)
{
    wf_add(&n_threads, 1, relaxed);
    return fails() ? -EAGAIN : -pthread_create(thread, NULL, run, arg);
}

static void
fail_at(int n, bool also_later)
{
    for_good = also_later;
    wf_store(&failed, false, relaxed);
    wf_store(&countdown, n, relaxed);
}

/* Stop the failures. Returns whether a call has failed. */
static bool
has_failed(void)
{
    wf_store(&countdown, 0, relaxed);
    return wf_load(&failed, relaxed);
}

static void
nothing(void *arg)
{
    (void)arg;
}

/* ---- a plain thread for whose task there is no memory ---- */

static struct weft_mutex mutex;
static struct weft_cond cond;
static struct weft_sem sem;

static void *
give_and_signal(void *arg)
{
    WAIT_FOR(n_waiters(&sem.waiters) == 1);
    weft_sem_give(&sem, 1);
    WAIT_FOR(n_waiters(&cond.waiters) == 1);
    CHECK(weft_mutex_lock(&mutex) == WEFT_OK);
    weft_cond_signal(&cond);
    WAIT_FOR(n_waiters(&mutex.waiters) == 1);
    weft_mutex_unlock(&mutex);
    return arg;
}

/* This has to be the first test, because no task has been made yet: each wait
 * tries to make one, fails, and waits without a task. None of these waits
 * starts the workers. */
static void
a_thread_without_memory_waits_all_the_same(void **state)
{
    (void)state;
    pthread_t other;
    weft_local key;
    assert_int_equal(weft_local_new(NULL, &key), WEFT_OK);
    assert_null(weft_local_get(key));
    fail_at(1, true);
    uint64_t until = weft_after_ms(2);
    assert_int_equal(weft_sem_take_until(&sem, until), WEFT_ETIMEOUT);
    assert_true(weft_now_ns() >= until);
    assert_int_equal(weft_sleep_ms(2), WEFT_OK);
    assert_int_equal(pthread_create(&other, NULL, give_and_signal, NULL), 0);
    assert_int_equal(weft_sem_take(&sem), WEFT_OK);
    assert_int_equal(weft_mutex_lock(&mutex), WEFT_OK);
    assert_int_equal(weft_cond_wait(&cond, &mutex), WEFT_OK);
    assert_false(weft_mutex_try_lock(&mutex));
    weft_mutex_unlock(&mutex);
    assert_int_equal(pthread_join(other, NULL), 0);
    assert_true(has_failed());
    assert_int_equal(weft_sem_take_until(&sem, weft_after_ms(2)),
                     WEFT_ETIMEOUT); /* the thread has a task now */
    assert_int_equal(weft_runtime_workers(), 0);
}

/* ---- a spin lock whose holder has lower real-time priority ---- */

static struct wf_spin spin;
static _Atomic int n_sleeps;

static int
count_sleep(const struct timespec *t)
{
    wf_add(&n_sleeps, 1, relaxed);
    return nanosleep(t, NULL) ? -errno : 0;
}

static void *
lock_spin(void *arg)
{
    wf_spin_lock(&spin);
    wf_spin_unlock(&spin);
    return arg;
}

/* A waiter that only yields never lets a holder of lower priority run. */
static void
who_spins_for_long_sleeps(void **state)
{
    (void)state;
    pthread_t other;
    wf_shim.nanosleep = count_sleep;
    wf_spin_lock(&spin);
    assert_int_equal(pthread_create(&other, NULL, lock_spin, NULL), 0);
    WAIT_FOR(n_sleeps > 0);
    wf_spin_unlock(&spin);
    assert_int_equal(pthread_join(other, NULL), 0);
    wf_shim.nanosleep = NULL;
}

static void
a_start_may_fail_anywhere(void **state)
{
    (void)state;
    struct weft_runtime_options o = {.workers = 3};
    int failures = 0;
    for (int n = 1; n < 50; n++) {
        fail_at((n + 1) / 2, n % 2);
        weft_err err = weft_runtime_start(&o);
        assert_int_equal(err != 0, has_failed());
        failures += has_failed();
        if (err) {
            assert_int_equal(weft_runtime_workers(), 0);
            fail_at(1, true);
            assert_int_equal(weft_fiber_start(nothing, NULL, NULL), -ENOMEM);
            assert_true(has_failed());
            assert_int_equal(weft_runtime_workers(), 0);
        }
        run_fiber(nothing, NULL); /* starts the workers if they do not run */
        assert_int_equal(weft_runtime_stop(), WEFT_OK);
    }
    /* one mapping, and per worker 2 allocations and 1 thread; each fails once
     * alone and once with all that follow */
    assert_int_equal(failures, 20);
}

/* ---- fibers and their stacks ---- */

static void
take(void *arg)
{
    CHECK(weft_sem_take(arg) == WEFT_OK);
}

/* Start fibers that park, until a mapping for the next fiber fails: weft
 * refuses that fiber, and all the others live on. */
static void
a_fiber_may_have_no_memory(void **state)
{
    (void)state;
    for (int n = 1; n < 8; n++) {
        struct weft_runtime_options o = {
            .workers = 2, .stack_size = (size_t)(64 + 4 * n) << 10};
        struct weft_sem end = {0};
        uint32_t parked = 0;
        assert_int_equal(weft_runtime_start(&o), WEFT_OK);
        fail_at(n, true);
        weft_err err = WEFT_OK;
        while (parked < 5000 && !(err = weft_fiber_start(take, &end, NULL)))
            parked++;
        assert_true(has_failed());
        assert_int_equal(err, WEFT_EFIBERS);
        assert_true(parked >= (uint32_t)(n > 2 ? 64 * (n - 2) : 0));
        assert_int_equal(wf_tasks_alive(), parked);
        assert_int_equal(weft_fiber_start(take, &end, NULL), WEFT_OK);
        weft_sem_give(&end, parked + 1);
        assert_int_equal(weft_runtime_stop(), WEFT_OK);
    }
}

/* ---- guards ---- */

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

static int n_protected;

static int
count_mprotect(void *p, size_t n, int prot)
{
    n_protected++;
    return mprotect(p, n, prot) ? -errno : 0;
}

static int
old_madvise(void *p, size_t n, int advice)
{
    (void)p;
    (void)n;
    return advice == MADV_DONTNEED || advice == MADV_NOHUGEPAGE ? 0 : -EINVAL;
}

static int
nodding_madvise(void *p, size_t n, int advice)
{
    (void)p;
    (void)n;
    (void)advice;
    return 0;
}

static void
look_at_guard(void *arg)
{
    const struct wf_context *c = &wf_task_self()->context;
    (void)arg;
    CHECK(is_readable(c->low) && !is_readable(c->low - 1));
    CHECK(!is_readable(c->low - c->guard));
}

/* Each call passes another size, so that the stack is a new one. */
static void
look_at_guards(size_t size)
{
    struct weft_runtime_options o = {.workers = 1, .stack_size = size};
    assert_int_equal(weft_runtime_start(&o), WEFT_OK);
    run_fiber(look_at_guard, NULL);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
}

static void
every_stack_has_a_guard(void **state)
{
    (void)state;
    wf_shim.mprotect = count_mprotect;
    look_at_guards(64 << 10);
    wf_shim.madvise = nodding_madvise; /* without effect, as in some
                                          emulators */
    n_protected = 0;
    look_at_guards(68 << 10);
    assert_int_equal(n_protected, 1);
    wf_shim.madvise = old_madvise;
    look_at_guards(72 << 10);
    assert_int_equal(n_protected, 2);
    wf_shim.madvise = NULL;
}

static int
failing_mprotect(void *p, size_t n, int prot)
{
    return fails() ? -ENOMEM : count_mprotect(p, n, prot);
}

/* mprotect fails, as it does at the limit of mappings. A stack without a guard
 * is not used, but kept: it gets its guard later. */
static void
no_guard_no_fiber(void **state)
{
    (void)state;
    struct weft_runtime_options o = {.workers = 1, .stack_size = 80 << 10};
    wf_shim.madvise = old_madvise;
    wf_shim.mprotect = failing_mprotect;
    assert_int_equal(weft_runtime_start(&o), WEFT_OK);
    for_good = true;
    countdown = 1;
    for (int i = 0; i < 200; i++)
        assert_int_equal(weft_fiber_start(nothing, NULL, NULL), WEFT_EFIBERS);
    assert_int_equal(wf_tasks_alive(), 0);
    countdown = 0;
    run_fiber(look_at_guard, NULL);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    wf_shim.madvise = NULL;
    wf_shim.mprotect = NULL;
}

/* ---- a watcher receives the event of the poller's alarm ---- */

#define SLEEPER 1 /* a worker; the index of a plain thread is 0 */

static _Atomic int heard; /* alarms of SLEEPER; a watcher gets the first */

static void *
be_the_watcher(void *arg)
{
    wf_sleep_poll_for(wf_workers[SLEEPER]);
    return arg;
}

/* The alarm goes off at once, and a watcher receives its event before the
 * worker goes on: as if the kernel had preempted the worker here. */
static int
settime_and_watch(int fd, int flags, const struct itimerspec *t,
                  struct itimerspec *was)
{
    if (wf_worker_index() != SLEEPER || !wf_worker_self() ||
        wf_add(&heard, 1, relaxed) > 0)
        return timerfd_settime(fd, flags, t, was) ? -errno : 0;
    const struct itimerspec at_once = {.it_value = {.tv_nsec = 1}};
    CHECK(timerfd_settime(fd, flags, &at_once, was) == 0);
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    CHECK(poll(&ready, 1, LONG_MS) == 1);
    pthread_t watcher;
    CHECK(pthread_create(&watcher, NULL, be_the_watcher, NULL) == 0);
    CHECK(pthread_join(watcher, NULL) == 0);
    return 0;
}

static _Atomic bool stays[2]; /* by worker: its fiber keeps it busy */
static _Atomic int n_kept;

static void
keep_a_worker(void *arg)
{
    uint32_t index = wf_worker_index();
    (void)arg;
    wf_add(&n_kept, 1, acq_rel);
    while (wf_load(&stays[index], acquire))
        sched_yield();
}

static void
sleep_long(void *arg)
{
    CHECK(wf_worker_index() == SLEEPER);
    wf_store((_Atomic bool *)arg, true, release);
    CHECK(weft_sleep_ms(400) == WEFT_OK);
}

/* Keep both workers busy, and release SLEEPER first, so that it runs the fiber
 * that sleeps. */
static void
sleep_on_the_worker(void)
{
    _Atomic bool sleeps = false;
    stays[0] = stays[1] = true;
    n_kept = 0;
    weft_fiber fibers[3] = {spawn(keep_a_worker, NULL),
                            spawn(keep_a_worker, NULL)};
    WAIT_FOR(wf_load(&n_kept, acquire) == 2);
    fibers[2] = spawn(sleep_long, &sleeps);
    wf_store(&stays[SLEEPER], false, release);
    WAIT_FOR(wf_load(&sleeps, acquire));
    wf_store(&stays[0], false, release);
    for (int i = 0; i < 3; i++)
        assert_int_equal(
            weft_fiber_join_until(fibers[i], weft_after_ms(LONG_MS)), WEFT_OK);
}

static void
no_alarm_is_lost_to_a_watcher(void **state)
{
    (void)state;
    wf_shim.timerfd_settime = settime_and_watch;
    workers_start(2);
    assert_int_equal(wf_poll_ensure(), WEFT_OK);
    do /* until the fiber sleeps long enough to set an alarm */
        sleep_on_the_worker();
    while (wf_load(&heard, relaxed) == 0);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    wf_shim.timerfd_settime = NULL;
}

/* ---- what else needs memory or a thread ---- */

static void
be_refused(void *arg)
{
    weft_local key = *(weft_local *)arg;
    int value;
    struct weft_chan *chan;
    fail_at(1, true);
    CHECK(weft_local_set(key, &value) == -ENOMEM);
    CHECK(!weft_local_get(key));
    CHECK(weft_chan_new(8, 8, &chan) == -ENOMEM && !chan);
    CHECK(weft_blocking(nothing, NULL) == -EAGAIN);
    CHECK(has_failed());
    CHECK(weft_blocking(nothing, NULL) == WEFT_OK);
    fail_at(1, true); /* one thread exists now, which is enough */
    CHECK(weft_blocking(nothing, NULL) == WEFT_OK);
    (void)has_failed();
    CHECK(weft_local_set(key, &value) == WEFT_OK);
}

static void
a_refusal_is_an_error(void **state)
{
    (void)state;
    weft_local key;
    assert_int_equal(weft_local_new(NULL, &key), WEFT_OK);
    workers_start(1);
    run_fiber(be_refused, &key);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
}

/* ---- the threads of weft_blocking ---- */

#define AT_WORK 16

static void
block_often(void *arg)
{
    (void)arg;
    for (int i = 0; i < 200; i++)
        CHECK(weft_blocking(nothing, NULL) == WEFT_OK);
}

/* A thread counts as idle before its caller goes on, and a new thread counts as
 * idle before it runs. So weft starts no further thread while one of them could
 * take the job. */
static void
no_more_threads_than_jobs_at_work(void **state)
{
    (void)state;
    weft_fiber fibers[AT_WORK];
    workers_start(2);
    n_threads = 0;
    run_fiber(block_often, NULL);
    assert_int_equal(n_threads, 1);
    for (int i = 0; i < AT_WORK; i++)
        fibers[i] = spawn(block_often, NULL);
    for (int i = 0; i < AT_WORK; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_in_range(n_threads, 1, AT_WORK);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
}

/* The only thread is busy and no other can be started, so the job is not run
 * before its deadline. */
static void
block_in_vain(void *arg)
{
    (void)arg;
    CHECK(weft_blocking_until(nothing, NULL, weft_after_ms(1)) ==
          WEFT_ETIMEOUT);
}

static void
a_job_that_was_withdrawn_needs_no_thread(void **state)
{
    (void)state;
    struct holder h = {.begun = {0}};
    assert_int_equal(sem_init(&h.end, 0, 0), 0);
    workers_start(2);
    weft_fiber holder = spawn(hold_in_fiber, &h);
    assert_int_equal(weft_sem_take(&h.begun), WEFT_OK);
    fail_at(1, true);
    run_fiber(block_in_vain, NULL);
    assert_true(has_failed());
    sem_post(&h.end);
    assert_int_equal(weft_fiber_join(holder), WEFT_OK);
    n_threads = 0;
    run_fiber(block_often, NULL);
    assert_int_equal(n_threads, 0);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
}

/* The wait of an idle thread times out. Before the thread has the lock again a
 * job is queued for that thread, which still counts as idle. */
static struct weft_sem waits, queue_it;
static _Atomic int n_waits;
static _Atomic bool is_idle; /* the first job has been taken */

static int
time_out_late(pthread_cond_t *work, pthread_mutex_t *lock, uint64_t until_ns)
{
    struct timespec until = {.tv_sec = (time_t)(until_ns / 1000000000u)};
    if (wf_add(&n_waits, 1, relaxed) > 0)
        return -pthread_cond_timedwait(work, lock, &until);
    pthread_mutex_unlock(lock);
    weft_sem_give(&waits, 1);
    CHECK(weft_sem_take(&queue_it) == WEFT_OK);
    pthread_mutex_lock(lock);
    return -ETIMEDOUT;
}

static void
queue_a_job_late(void *arg)
{
    (void)arg;
    CHECK(weft_blocking(nothing, NULL) == WEFT_OK);
    CHECK(weft_sem_take(&waits) == WEFT_OK); /* the thread is idle */
    n_threads = 0;
    wf_store(&is_idle, true, seq_cst);
    CHECK(weft_blocking_until(nothing, NULL, weft_after_ms(LONG_MS)) ==
          WEFT_OK);
    CHECK(n_threads == 0);
}

static void
an_idle_thread_takes_a_late_job(void **state)
{
    (void)state;
    wf_shim.cond_wait = time_out_late;
    workers_start(1);
    weft_fiber fiber = spawn(queue_a_job_late, NULL);
    /* is_idle tells the second job from the first, which was queued, too. */
    WAIT_FOR(wf_load(&is_idle, seq_cst) && wf_blocking_queued() == 1);
    weft_sem_give(&queue_it, 1);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    wf_shim.cond_wait = NULL;
}

int
main(void)
{
    /* wf_shim is not atomic, so set it while no other thread runs. */
    wf_shim = (struct wf_shim){.malloc = failing_malloc,
                               .mmap = failing_mmap,
                               .thread = failing_thread};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_without_memory_waits_all_the_same),
        cmocka_unit_test(who_spins_for_long_sleeps),
        cmocka_unit_test(a_start_may_fail_anywhere),
        cmocka_unit_test(a_fiber_may_have_no_memory),
        cmocka_unit_test(every_stack_has_a_guard),
        cmocka_unit_test(no_guard_no_fiber),
        cmocka_unit_test(no_alarm_is_lost_to_a_watcher),
        cmocka_unit_test(a_refusal_is_an_error),
        cmocka_unit_test(no_more_threads_than_jobs_at_work),
        cmocka_unit_test(a_job_that_was_withdrawn_needs_no_thread),
        cmocka_unit_test(an_idle_thread_takes_a_late_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
