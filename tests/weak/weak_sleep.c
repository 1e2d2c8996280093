/* SPDX-License-Identifier: MIT */
/* Workers that fall asleep while others make work: no work stays in a queue,
 * and while a worker is awake, another one watches. */
#define WEFT_SHIM 1
#define WF_RUNQ_SIZE 4

#include "futex.h"

#include "fiber/runq.c"
#include "fiber/self.c"
#include "fiber/sleep.c"
#include "fiber/worker.c"

#include <errno.h>

#define TASKS 2
#define TIMER_NS 5 /* when the only armed timer is due */

static struct wf_worker workers[2];
static struct wf_task tasks[TASKS];
static struct wf_task busy; /* the fiber that a worker runs now */
static char facts[TASKS];
static int taken[TASKS];

/* ---- what the scheduler calls ---- */

struct wf_shim wf_shim;

bool
wf_watch(struct wf_worker *w)
{
    (void)w;
    return false;
}

uint64_t
wf_watch_next_ns(void)
{
    return WEFT_NEVER;
}

uint64_t
wf_warm_trim(struct wf_worker *w)
{
    (void)w;
    return WEFT_NEVER;
}

/* When the timer is due it wakes a fiber. */
uint32_t
wf_wheel_advance(struct wf_wheel *wheel, uint64_t now)
{
    if (now < TIMER_NS || wf_load(&wheel->next_ns, relaxed) == WEFT_NEVER)
        return 0;
    wf_store(&wheel->next_ns, WEFT_NEVER, relaxed);
    wf_sched_ready(&tasks[0]);
    return 1;
}

/* ---- two ways to sleep; only the timer's deadline passes ---- */

static bool
passes(uint64_t until_ns)
{
    return until_ns == TIMER_NS;
}

/* An epoll with an eventfd. What a thread writes before a kick is visible to
 * the kicked worker after its poll. */
static _Atomic uint32_t kicked[2];
static bool events[2];
static char descriptors; /* made before the poller is set */

static uint32_t
poll_events(uint32_t worker, uint64_t deadline_ns)
{
    weak_read(&descriptors, 1);
    if (deadline_ns == 0)
        return 0;
    if (deadline_ns == TIMER_NS)
        time_ns = TIMER_NS;
    else
        weak_sleep(&events[worker]);
    events[worker] = false;
    return wf_xchg(&kicked[worker], 0, acquire);
}

static void
kick(uint32_t worker)
{
    weak_read(&descriptors, 1);
    (void)wf_xchg(&kicked[worker], 1, release);
    events[worker] = true;
}

static const struct wf_poller epoll = {.poll = poll_events, .kick = kick};

/* ---- workers ---- */

static uint32_t n_running; /* the other threads are plain threads */

static void
become(void)
{
    self = weak_self() < n_running ? &workers[weak_self()] : NULL;
}

static void
begin_with(uint32_t n_workers, const struct wf_poller *p)
{
    memset(&wf_shim, 0, sizeof wf_shim);
    wf_shim.now_ns = now_ns;
    weak_switched = become;
    memset(workers, 0, sizeof workers);
    memset(taken, 0, sizeof taken);
    futex_begin();
    memset(&shared, 0, sizeof shared);
    memset(events, 0, sizeof events);
    memset((void *)kicked, 0, sizeof kicked);
    memset((void *)sleepers, 0, sizeof sleepers);
    wf_store(&poller, p, relaxed);
    wf_store(&wf_n_sleepers, 0, relaxed);
    wf_store(&n_searchers, 0, relaxed);
    wf_store(&n_watchers, 0, relaxed);
    wf_store(&stopping, false, relaxed);
    wf_n_workers = n_running = n_workers;
    for (uint32_t i = 0; i < 2; i++) {
        workers[i].index = i;
        wf_store(&workers[i].wheel.next_ns, WEFT_NEVER, relaxed);
        wf_workers[i] = &workers[i];
    }
}

static void
begin_one(void)
{
    begin_with(1, NULL);
}

static void
begin_one_polls(void)
{
    begin_with(1, &epoll);
}

static void
begin_two(void)
{
    begin_with(2, &epoll);
}

/* A worker runs until it has run a fiber, as in wf_worker_main. After that it
 * is stuck. */
static void
work(void)
{
    struct wf_worker *w = &workers[weak_self()];
    struct wf_task *task;
    do {
        if (!(task = wf_runq_pop(&w->runq)) && !(task = wf_sched_take_shared()))
            task = wf_sleep(w);
    } while (!task);
    if (w->searching || wf_load(&wf_n_sleepers, relaxed) > 0)
        wf_sleep_found(w);
    WEAK_CHECK(taken[task - tasks]++ == 0);
    weak_read(&facts[task - tasks], 1);
}

static void
start(uint32_t i)
{
    weak_write(&facts[i], 1);
    wf_sched_start(&tasks[i]);
}

static void
start_one(void)
{
    start(0);
}

static void
start_two(void)
{
    start(0);
    start(1);
}

static void
all_ran(void)
{
    WEAK_CHECK(taken[0] == 1);
}

static void
two_ran(void)
{
    WEAK_CHECK(taken[0] == 1 && taken[1] == 1);
}

/* Worker 1 runs a fiber that starts another one and goes on. */
static void
start_in_fiber(void)
{
    wf_store(&workers[1].current, &busy, relaxed);
    start(0);
}

/* ---- events that wake a worker, other than work ---- */

static void
work_until_stop(void)
{
    while (!wf_sleep_stopping())
        WEAK_CHECK(!wf_sleep(&workers[weak_self()]));
}

static void
stop(void)
{
    wf_sleep_stop();
}

static void
arm_timer(void)
{
    weak_write(&facts[0], 1);
    wf_spin_lock(&workers[0].wheel.lock);
    wf_store(&workers[0].wheel.next_ns, TIMER_NS, relaxed);
    wf_spin_unlock(&workers[0].wheel.lock);
    wf_sleep_kick(&workers[0]);
}

static void
work_for_timer(void)
{
    struct wf_worker *w = &workers[0];
    while (!wf_sleep(w) && !wf_runq_pop(&w->runq))
        ;
}

static void
set_poller(void)
{
    weak_write(&descriptors, 1);
    wf_set_poller(&epoll);
}

static void
poll_for_another(void)
{
    wf_sleep_poll_for(&workers[0]);
}

/* ---- a searcher finds one task while another comes; worker 1 sleeps ---- */

static void
begin_searching(void)
{
    begin_two();
    n_running = 1;
    sleepers[0] = 2;
    wf_store(&wf_n_sleepers, 1, relaxed);
    wf_store(&n_searchers, 1, relaxed);
    workers[0].searching = true;
    wf_store(&n_watchers, 1, relaxed); /* otherwise worker 0 wakes a watcher */
    share(&tasks[0]);
}

static void
find_one(void)
{
    (void)wf_sched_take_shared();
    wf_sleep_found(&workers[0]);
}

static void
start_second(void)
{
    start(1);
}

static void
other_is_woken(void)
{
    WEAK_CHECK(!wf_sleep_is_asleep(1));
}

/* A waker finds no sleeper: the worker that it saw in the set has just
 * woken. */
static void
find_nobody(void)
{
    wake_one();
}

/* ---- watching: both workers sleep, and worker 0 watches ---- */

static void
begin_watched(void)
{
    begin_two();
    sleepers[0] = 3;
    wf_store(&wf_n_sleepers, 2, relaxed);
    wf_store(&n_watchers, 1, relaxed);
    workers[0].watching = true;
}

static void
begin_watched_twice(void)
{
    begin_watched();
    wf_store(&n_watchers, 2, relaxed);
}

static void
watch(void)
{
    (void)start_watch(&workers[1]);
}

static void
stop_to_watch(void)
{
    stop_watch(&workers[0]);
}

static void
wake_by_itself(void)
{
    if (unsleep(1))
        leave_watched();
}

static void
somebody_watches(void)
{
    WEAK_CHECK(workers[0].watching || !wf_sleep_is_asleep(0));
}

int
main(void)
{
    static const struct weak_test tests[] = {
        {"a thread starts a fiber", begin_one, {work, start_one}, all_ran, 2},
        {"the same, with epoll",
         begin_one_polls,
         {work, start_one},
         all_ran,
         2},
        {"a fiber starts another",
         begin_two,
         {work, start_in_fiber},
         all_ran,
         2},
        {"stop", begin_one, {work_until_stop, stop}, NULL, 0},
        {"stop, with epoll", begin_one_polls, {work_until_stop, stop}, NULL, 0},
        {"timer", begin_one, {work_for_timer, arm_timer}, NULL, 0},
        {"timer, with epoll",
         begin_one_polls,
         {work_for_timer, arm_timer},
         NULL,
         0},
        {"the poller comes",
         begin_one,
         {work, start_one, set_poller},
         all_ran,
         1},
        {"the poller is there",
         begin_one,
         {set_poller, poll_for_another},
         NULL,
         0},
        {"a searcher finds one of two",
         begin_searching,
         {find_one, start_second},
         other_is_woken,
         0},
        {"who watches",
         begin_watched,
         {stop_to_watch, wake_by_itself},
         somebody_watches,
         0},
        {"a third watcher",
         begin_watched_twice,
         {stop_to_watch, watch},
         NULL,
         0},
        {"a waker finds nobody",
         begin_two,
         {find_nobody, work, start_one},
         all_ran,
         1},
        {"two fibers, two workers",
         begin_two,
         {work, work, start_two},
         two_ran,
         1},
        {0},
    };
    static const char *const files[] = {"sleep.c", NULL};
    static const struct weak_excuse excuses[] = {
        {0},
    };
    return weak_main(&(struct weak_part){tests, files, excuses});
}
