/* SPDX-License-Identifier: MIT */
/* What the files of the scheduler ask of each other. */
#ifndef WEFT_FIBER_SCHED_H
#define WEFT_FIBER_SCHED_H

#include "fiber/worker.h"

/* ---- worker.c: queues and running ---- */

void *wf_worker_main(void *worker);

/* A task that was parked may run. */
void wf_sched_ready(struct wf_task *task);

/* A new task may run. */
void wf_sched_start(struct wf_task *task);

struct wf_task *wf_sched_take_shared(void);
bool wf_sched_any_shared(void);

/* ---- park.c ---- */

/* The fiber has left its stack to park. false: it was woken meanwhile and must
 * be queued; true: it is not ours any more. */
bool wf_park_commit(struct wf_task *task);

/* Set what is called when the calling plain thread goes to sleep in a call of
 * weft, and when it returns. */
void wf_park_tell(void (*note_wait)(bool begins));

/* ---- sleep.c: what a worker does when there is nothing to run ---- */

/* The workers; fixed while they run. */
extern struct wf_worker *wf_workers[WF_WORKERS_MAX];
extern uint32_t wf_n_workers;

/* How many are asleep. */
extern _Atomic uint32_t wf_n_sleepers;

/* Search, watch and sleep, once. Returns a task or NULL. */
struct wf_task *wf_sleep(struct wf_worker *w);

/* Called before a worker runs a fiber, if it was searching or another worker
 * sleeps: wake one for what stays in the queue. */
void wf_sleep_found(struct wf_worker *w);

/* There is work that another worker could take: wake one, if none searches. */
void wf_sleep_notify(void);

/* Look at a worker's timers and poller, waiting until the deadline at most. */
void wf_sleep_poll(struct wf_worker *w, uint64_t deadline_ns);

/* Look at the poller of another worker, which is stuck. */
void wf_sleep_poll_for(struct wf_worker *stuck);

/* Is the worker asleep? A hint. */
bool wf_sleep_is_asleep(uint32_t index);

/* A timer earlier than all others was armed on a worker that may be asleep. */
void wf_sleep_kick(struct wf_worker *w);

/* End all workers: they leave their loops once they have nothing to run. */
void wf_sleep_stop(void);
bool wf_sleep_stopping(void);
void wf_sleep_reset(void);

/* ---- warm.c: stacks that a worker keeps for its next fibers ---- */

/* Give some stacks back if a step is due. Called by a worker that goes to
 * sleep; returns when the next step is due, WEFT_NEVER if it keeps few. */
uint64_t wf_warm_trim(struct wf_worker *w);

/* ---- watch.c: what waits for a worker that is stuck ---- */

#define WF_WATCH_NS ((uint64_t)500000) /* between two looks */
#define WF_ALERT_NS ((uint64_t)100000) /* after a worker was found stuck */

/* Take the look that is due, if one is. A worker calls it outside of fibers,
 * after a poll. Returns whether any worker was awake at the last look. */
bool wf_watch(struct wf_worker *w);

/* When the next look is due. */
uint64_t wf_watch_next_ns(void);

void wf_watch_reset(void);

/* Wait until no look is under way. */
void wf_watch_settle(void);

/* ---- held.c: work that holds its worker; with the lock of the looks ---- */

/* Copied out of a look, because the name is valid only during it. */
struct wf_held {
    char name[96]; /* empty: nothing is to be reported */
    uint64_t ns;
};

/* A watcher found this worker stuck at that time, though the worker may be in
 * the scheduler by now; a watcher found that it is not stuck. */
void wf_held_look(struct wf_worker *stuck, uint64_t now_ns);
void wf_held_forget(uint32_t worker);

/* Get the work that is to be reported now; an empty name: none. */
void wf_held_take(uint64_t now_ns, struct wf_held *held);

/* Report the work; not under the lock. */
void wf_held_tell(const struct wf_held *held);

void wf_held_reset(void);

#endif
