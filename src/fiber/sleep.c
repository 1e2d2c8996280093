/* SPDX-License-Identifier: MIT */
/*
 * What workers without work do: search, watch and sleep; and how other threads
 * wake these workers.
 *
 * Proof that no work is left in a queue while a worker sleeps.
 *
 * Let S be the number of searchers and Z the set of sleepers. To make a fiber
 * ready, a thread pushes the fiber to a queue, executes a fence, and then reads
 * Z and S (wf_sleep_notify). The thread wakes nobody if Z is empty (all workers
 * are awake, and check all queues before they sleep) or if S > 0. A worker that
 * goes to sleep joins Z, leaves S, executes a fence, and then checks all queues
 * once more. If each of two threads stores a word, executes a fence, and then
 * loads the word of the other thread, at least one of the two sees the other's
 * store. So either the pusher sees the sleeper in Z and no searcher, and wakes
 * a sleeper; or the last searcher sees the work. That searcher then joins S
 * again, because there may be more work than the one task that the searcher
 * takes: a thread that pushed other work woke nobody if it saw the searcher in
 * S.
 *
 * A waker adds the woken worker to S, so that a burst of pushes wakes only one
 * worker. A searcher that finds work leaves S; the last searcher that leaves S
 * checks all queues once more and wakes another worker if there is more work.
 * Exactly one thread takes a sleeper out of Z: a waker, which must then kick
 * the sleeper, or the sleeper itself.
 *
 * A worker does not call wf_sleep_notify for each task that it pushes to its
 * own ring between two fibers (for events, timers, fibers that yield). Instead
 * the worker checks before it runs a fiber: if its ring is not empty and
 * another worker sleeps, the worker calls wf_sleep_notify (in wf_sleep_found).
 * No fence is needed for this check. If the check misses a worker that is just
 * falling asleep, the work stays in the ring. The worker of this ring is awake;
 * if that worker gets stuck, a look finds the work (watch.c).
 *
 * The task in a worker's LIFO slot does not count as work in this proof: the
 * worker itself is awake and runs this task next. If the worker is stuck in a
 * fiber, a look finds the task (watch.c).
 *
 * At most two sleepers watch, because a sleeper that watches wakes up for each
 * look. As long as a worker is awake and others sleep, at least one sleeper
 * watches: a worker that wakes up by itself, or that was woken and finds work,
 * wakes a sleeper to watch if no sleeper watches (leave_watched). While all
 * workers sleep, watchers wake up less and less often, and then stop watching.
 * A watcher that stops executes a fence and reads Z once more. So either the
 * watcher sees a worker that has just woken, or that worker sees that nobody
 * watches (stop_watch).
 *
 * Order: the fences order all accesses to Z, S and the numbers of sleepers and
 * watchers. These accesses are relaxed; it is enough that each one is atomic. A
 * kick releases, and the worker that it wakes acquires.
 *
 * One file, because searching, watching, sleeping and waking have one proof:
 * each of the four stores what the other three load.
 *
 * Model: tests/models/park.pml. Tests: tests/stress/stress_sched.c; for the
 * memory orders tests/weak/weak_sleep.c.
 */
#include "fiber/sched.h"

#include <string.h>

/* A watcher stops after this many looks in a row that find all workers
 * asleep. */
#define WATCH_QUIET 7u
#define WATCHERS 2u

WF_GLOBAL struct wf_worker *wf_workers[WF_WORKERS_MAX];
WF_GLOBAL uint32_t wf_n_workers;

static WF_GLOBAL _Atomic(const struct wf_poller *) poller;
/* Z, the set of sleepers: one bit for each worker. */
static WF_GLOBAL _Atomic uint64_t sleepers[WF_WORKERS_MAX / 64];
WF_GLOBAL _Atomic uint32_t wf_n_sleepers;
static WF_GLOBAL _Atomic uint32_t n_searchers; /* S, the number of searchers */
static WF_GLOBAL _Atomic uint32_t n_watchers;
static WF_GLOBAL _Atomic bool stopping;

/* ---- waking ---- */

/* Wake a worker that is no longer in Z (the set of sleepers), or that must
 * sleep for a shorter time. */
void
wf_sleep_kick(struct wf_worker *w)
{
    const struct wf_poller *p = wf_load(&poller, acquire);
    if (!p) {
        wf_add(&w->kicks, 1, acq_rel);
        wf_sys_futex_wake(&w->kicks, 1);
        if (!WF_MUTANT(poller_comes_unkicked))
            p = wf_load(&poller, acquire); /* `w` may be moving to the poller */
    }
    if (p)
        p->kick(w->index);
}

/* Take a worker out of Z (the set of sleepers). true: the worker was in Z, and
 * this call took it out. */
static bool
unsleep(uint32_t index)
{
    uint64_t bit = (uint64_t)1 << index % 64;
    if (!(wf_and(&sleepers[index / 64], ~bit, relaxed) & bit))
        return false;
    wf_sub(&wf_n_sleepers, 1, relaxed);
    return true;
}

bool
wf_sleep_is_asleep(uint32_t index)
{
    return wf_load(&sleepers[index / 64], relaxed) >> index % 64 & 1;
}

/* Wake one sleeper as a searcher; the caller has counted the sleeper in S (the
 * number of searchers). false: nobody sleeps, and S is decreased again. */
static bool
wake_some(void)
{
    for (uint32_t i = 0; i < (wf_n_workers + 63) / 64; i++) {
        uint64_t word;
        while ((word = wf_load(&sleepers[i], relaxed)) != 0) {
            uint32_t index = i * 64 + (uint32_t)__builtin_ctzll(word);
            if (unsleep(index)) {
                if (!WF_MUTANT(sleeper_not_kicked))
                    wf_sleep_kick(wf_workers[index]);
                return true;
            }
        }
    }
    wf_sub(&n_searchers, 1, relaxed);
    return false;
}

/* True if a search by the worker `w` finds a task. If `w` is NULL: true if a
 * search by any worker finds a task. */
static bool
work_in_sight(const struct wf_worker *w)
{
    if (wf_sched_any_shared())
        return true;
    for (uint32_t i = 0; i < wf_n_workers; i++)
        if (wf_workers[i] != w && wf_runq_len(&wf_workers[i]->runq) > 0)
            return true;
    return false;
}

/* True if Z (the set of sleepers) is not empty. wf_n_sleepers is not enough
 * here: a thread that takes a worker out of Z decreases wf_n_sleepers only
 * later, and the loop in wake_one must not wait for that thread. */
static bool
any_asleep(void)
{
    for (uint32_t i = 0; i < (wf_n_workers + 63) / 64; i++)
        if (wf_load(&sleepers[i], relaxed) != 0)
            return true;
    return false;
}

/* Wake a sleeper if nobody searches. The CAS counts this thread in S (the
 * number of searchers). A sleeper that is woken takes over this place in S. If
 * there is no sleeper, the thread leaves S, and must check for work once more:
 * other threads may have woken nobody because they saw this thread in S. */
static void
wake_one(void)
{
    uint32_t none;
    do {
        none = 0;
        if (wf_load(&n_searchers, relaxed) > 0 ||
            !wf_cas(&n_searchers, &none, 1, relaxed) || wake_some())
            return;
        /* This thread has left S (the number of searchers); it checks again, as
         * the proof at the head demands. */
        wf_fence();
    } while (!WF_MUTANT(waker_looks_once) && any_asleep() &&
             work_in_sight(NULL));
}

void
wf_sleep_notify(void)
{
    /* This fence is between the push and the loads of Z (the sleepers) and S
     * (the number of searchers), as the proof at the head demands. */
    wf_fence();
    if (wf_load(&wf_n_sleepers, relaxed) == 0)
        return;
    wake_one();
}

/* ---- polling ---- */

void
wf_sleep_poll(struct wf_worker *w, uint64_t deadline_ns)
{
    const struct wf_poller *p = wf_load(&poller, acquire);
    if (p)
        (void)p->poll(w->index, deadline_ns);
    w->poll_ns = wf_sys_now_ns();
    w->tick = 0;
    wf_store(&w->progress, wf_load(&w->progress, relaxed) + 1, relaxed);
    (void)wf_wheel_advance(&w->wheel, w->poll_ns);
}

void
wf_sleep_poll_for(struct wf_worker *stuck)
{
    const struct wf_poller *p = wf_load(&poller, acquire);
    if (p)
        (void)p->poll(stuck->index, 0);
}

/* Sleep in the poller, or on a futex if no poller is set, until the deadline or
 * until the worker has been kicked more than `kicks` times. */
static void
nap(struct wf_worker *w, uint32_t kicks, uint64_t deadline_ns)
{
    if (wf_load(&poller, relaxed)) {
        wf_sleep_poll(w, deadline_ns);
        return;
    }
    (void)wf_sys_futex_wait(&w->kicks, kicks, deadline_ns);
    wf_sleep_poll(w, 0);
}

void
wf_set_poller(const struct wf_poller *p)
{
    const struct wf_poller *none = NULL;
    if (!wf_cas(&poller, &none, p, release))
        return;
    /* Wake the workers that sleep on their futexes, so that they move to the
     * poller. An earlier kick may have woken the futex of a worker that has
     * just moved to the poller, so this function kicks the poller, too. A kick
     * after the poller was set is not lost: wf_sleep_kick loads the poller once
     * more and kicks it. */
    for (uint32_t i = 0; i < wf_n_workers; i++) {
        /* release is enough: this add continues the release sequence of earlier
         * kicks */
        wf_add(&wf_workers[i]->kicks, 1, release);
        wf_sys_futex_wake(&wf_workers[i]->kicks, 1);
        if (!WF_MUTANT(poller_comes_unkicked))
            p->kick(i);
    }
}

/* ---- searching ---- */

static void
start_search(struct wf_worker *w)
{
    if (!w->searching)
        wf_add(&n_searchers, 1, relaxed);
    w->searching = true;
}

/* Returns whether the worker was the last searcher. */
static bool
end_search(struct wf_worker *w)
{
    w->searching = false;
    return wf_sub(&n_searchers, 1, relaxed) == 1;
}

static struct wf_task *
steal(struct wf_worker *w)
{
    w->random = w->random * 6364136223846793005u + 1442695040888963407u;
    uint32_t from = (uint32_t)(w->random >> 33) % wf_n_workers;
    for (uint32_t i = 0; i < wf_n_workers; i++) {
        struct wf_worker *victim = wf_workers[(from + i) % wf_n_workers];
        if (victim == w || WF_MAYBE("steal nothing"))
            continue;
        struct wf_task *task = wf_runq_steal(&victim->runq, &w->runq);
        if (task)
            return task;
    }
    return NULL;
}

static struct wf_task *
search(struct wf_worker *w)
{
    struct wf_task *task = wf_sched_take_shared();
    if (!task && wf_n_workers > 1)
        task = steal(w);
    return task;
}

/* ---- watching ---- */

static bool
start_watch(struct wf_worker *w)
{
    if (wf_n_workers == 1)
        return false;
    if (wf_add(&n_watchers, 1, relaxed) < WATCHERS)
        return w->watching = true;
    wf_sub(&n_watchers, 1, relaxed);
    return false;
}

static void
end_watch(struct wf_worker *w)
{
    if (w->watching)
        wf_sub(&n_watchers, 1, relaxed);
    w->watching = false;
}

/* Stop watching, because the last WATCH_QUIET looks all found every worker
 * asleep. If a worker has just woken, watch again. */
static void
stop_watch(struct wf_worker *w)
{
    end_watch(w);
    wf_fence(); /* pairs with the fence in leave_watched */
    if (WF_MUTANT(watch_ends_unchecked))
        return;
    for (uint32_t i = 0; i < wf_n_workers && !w->watching; i++)
        if (i != w->index && !wf_sleep_is_asleep(i))
            (void)start_watch(w);
}

/* Called by a worker that is awake and not in Z (the set of sleepers): if
 * nobody watches, wake a sleeper to watch. */
static void
leave_watched(void)
{
    if (wf_n_workers == 1 || WF_MUTANT(awake_unwatched))
        return;
    wf_fence(); /* pairs with the fence in stop_watch */
    if (wf_load(&n_watchers, relaxed) == 0 &&
        wf_load(&wf_n_sleepers, relaxed) > 0)
        wake_one();
}

/* ---- sleeping ---- */

/* Returns the time at which a watcher wakes up for the next look. `quiet` is
 * the number of looks in a row that have found all workers asleep. If a look is
 * due already, another watcher may be taking that look, so this watcher rests
 * first. */
static uint64_t
next_look(const struct wf_worker *w, uint32_t quiet)
{
    if (!w->watching)
        return WEFT_NEVER;
    uint64_t rest = quiet ? WF_WATCH_NS << quiet : WF_ALERT_NS;
    return WF_MAX(wf_watch_next_ns(), w->poll_ns + rest);
}

/* Sleep until there is something to run. The worker is in Z (the set of
 * sleepers). */
static void
doze(struct wf_worker *w)
{
    uint32_t quiet = 0;
    start_watch(w);
    if (!WF_MUTANT(busy_worker_never_looks))
        (void)wf_watch(w);
    uint64_t look = next_look(w, quiet), trim = wf_warm_trim(w);
    for (;;) {
        uint32_t kicks = wf_load(&w->kicks, acquire);
        if (wf_runq_len(&w->runq) > 0 || !wf_sleep_is_asleep(w->index) ||
            wf_load(&stopping, relaxed))
            break;
        uint64_t deadline = wf_load(&w->wheel.next_ns, relaxed);
        nap(w, kicks, WF_MIN(WF_MIN(deadline, look), trim));
        if (w->poll_ns >= trim)
            trim = wf_warm_trim(w);
        if (w->poll_ns < look)
            continue;
        quiet = wf_watch(w) ? 0 : quiet + 1;
        if (quiet == WATCH_QUIET) {
            stop_watch(w);
            quiet = 0;
        }
        look = next_look(w, quiet);
    }
    end_watch(w);
}

struct wf_task *
wf_sleep(struct wf_worker *w)
{
    start_search(w);
    struct wf_task *task = search(w);
    if (task)
        return task;
    wf_or(&sleepers[w->index / 64], (uint64_t)1 << w->index % 64, relaxed);
    wf_add(&wf_n_sleepers, 1, relaxed);
    end_search(w);
    /* The worker has joined Z (the sleepers) and left S (the number of
     * searchers); it checks again, as the proof at the head demands. */
    wf_fence();
    bool found = work_in_sight(w) && !WF_MUTANT(sleep_without_look);
    if (!found && !wf_load(&stopping, relaxed))
        doze(w);
    if (!unsleep(w->index))
        w->searching = true; /* the waker has added this worker to S */
    else if (found)
        start_search(w); /* there may be more work than one task */
    else
        leave_watched();
    return NULL;
}

void
wf_sleep_found(struct wf_worker *w)
{
    if (w->searching && end_search(w)) {
        /* The worker has left S (the number of searchers); it checks again, as
         * the proof at the head demands. */
        wf_fence();
        if (work_in_sight(NULL) && !WF_MUTANT(searcher_wakes_none))
            wf_sleep_notify();
        else
            leave_watched();
    } else if (wf_runq_len(&w->runq) > 0) {
        wf_sleep_notify();
    }
}

void
wf_sleep_stop(void)
{
    wf_store(&stopping, true, relaxed);
    for (uint32_t i = 0; i < wf_n_workers; i++)
        if (wf_workers[i]) /* the start may have failed halfway */
            wf_sleep_kick(wf_workers[i]);
}

bool
wf_sleep_stopping(void)
{
    return wf_load(&stopping, relaxed);
}

void
wf_sleep_reset(void)
{
    wf_store(&stopping, false, relaxed);
    wf_store(&n_searchers, 0, relaxed);
    wf_store(&wf_n_sleepers, 0, relaxed);
    wf_store(&n_watchers, 0, relaxed);
    memset(sleepers, 0, sizeof sleepers);
    wf_watch_reset();
    const struct wf_poller *p = wf_xchg(&poller, NULL, relaxed);
    if (p && p->stopped)
        p->stopped();
}
