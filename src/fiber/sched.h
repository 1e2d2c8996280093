/* SPDX-License-Identifier: MIT */
/* The functions that the files of the scheduler call in each other. */
#ifndef WEFT_FIBER_SCHED_H
#define WEFT_FIBER_SCHED_H

#include "fiber/worker.h"

/* ---- worker.c: queues and running ---- */

void *wf_worker_main(void *worker);

/* Make a parked task ready. */
void wf_sched_ready(struct wf_task *task);

/* Make a new task ready. */
void wf_sched_start(struct wf_task *task);

struct wf_task *wf_sched_take_shared(void);
bool wf_sched_any_shared(void);

/* ---- park.c ---- */

/* Park a fiber that has left its stack. false: the fiber was woken meanwhile,
 * and the caller must queue the fiber; true: another worker may run the fiber
 * already. */
bool wf_park_commit(struct wf_task *task);

/* From now on the calling plain thread calls note_wait(true) before it waits in
 * a call of weft, and note_wait(false) after the wait. */
void wf_park_tell(void (*note_wait)(bool begins));

/* ---- sleep.c: what a worker does when there is nothing to run ---- */

/* The workers; fixed while they run. */
extern struct wf_worker *wf_workers[WF_WORKERS_MAX];
extern uint32_t wf_n_workers;

/* How many workers are asleep. */
extern _Atomic uint32_t wf_n_sleepers;

/* Search for a task, and return it. If there is none, sleep until the worker is
 * woken, and return NULL. The worker interrupts its sleep to watch the other
 * workers. */
struct wf_task *wf_sleep(struct wf_worker *w);

/* Called before a worker runs a fiber, if the worker was searching or another
 * worker sleeps: wake a sleeper for the work that stays in the queues. */
void wf_sleep_found(struct wf_worker *w);

/* Called after work was queued that another worker can take: wake a sleeper, if
 * no worker searches. */
void wf_sleep_notify(void);

/* Called by the worker `w`: poll for events until the deadline at most, then
 * fire the timers that are due. */
void wf_sleep_poll(struct wf_worker *w, uint64_t deadline_ns);

/* Poll for the events of another worker, which is stuck. Does not wait. */
void wf_sleep_poll_for(struct wf_worker *stuck);

/* True if the worker is asleep. A hint. */
bool wf_sleep_is_asleep(uint32_t index);

/* Wake a worker that may be asleep. Called after the worker was taken out of
 * the set of sleepers, or after a timer was armed that fires before all other
 * timers of the worker. */
void wf_sleep_kick(struct wf_worker *w);

/* Make all workers leave their loops. Called when no fiber is left. */
void wf_sleep_stop(void);
bool wf_sleep_stopping(void);
void wf_sleep_reset(void);

/* ---- warm.c: stacks that a worker keeps for its next fibers ---- */

/* Give the pages of some warm stacks back to the host, if the next step of this
 * trimming is due. Called by a worker that goes to sleep or sleeps. Returns the
 * time of the next step, or WEFT_NEVER if the worker keeps only few stacks. */
uint64_t wf_warm_trim(struct wf_worker *w);

/* ---- watch.c: takes over what waits for a stuck worker ---- */

#define WF_WATCH_NS ((uint64_t)500000) /* time between two looks */
/* Time between two looks after a look has found a worker stuck. */
#define WF_ALERT_NS ((uint64_t)100000)

/* Take a look if one is due. A worker calls this function outside of fibers,
 * after a poll. Returns whether any worker was awake at the last look. */
bool wf_watch(struct wf_worker *w);

/* Returns when the next look is due. */
uint64_t wf_watch_next_ns(void);

void wf_watch_reset(void);

/* Wait until no look is under way. */
void wf_watch_settle(void);

/* ---- held.c: work that holds its worker ---- */

/* The lock `busy` of watch.c protects the state of held.c. */

/* Work that has held its worker for long. The name is copied during a look,
 * because the original is valid only during a look. */
struct wf_held {
    char name[96]; /* empty: nothing is to be reported */
    uint64_t ns;
};

/* Both functions are called during a look. wf_held_look notes that the worker
 * `stuck` has made no progress up to `now_ns`; this worker may have left its
 * fiber by now. wf_held_forget notes that a worker is not stuck. */
void wf_held_look(struct wf_worker *stuck, uint64_t now_ns);
void wf_held_forget(uint32_t worker);

/* *held receives the work that must be reported now; held->name is empty if
 * there is no such work. */
void wf_held_take(uint64_t now_ns, struct wf_held *held);

/* Report the work. Called without the lock `busy`. */
void wf_held_tell(const struct wf_held *held);

void wf_held_reset(void);

#endif
