/* SPDX-License-Identifier: MIT */
/*
 * A fiber's stealable work stands in one word of the worker that runs the
 * fiber. A thread that exchanges this word for NULL and gets the work must do
 * the work, or start a fiber for it. The fiber itself does this exchange when
 * it takes the work back or leaves the worker; a watcher does the exchange if
 * the worker is stuck. The fiber cannot be on another worker while its work
 * stands in the word, because the fiber takes the work out when it leaves the
 * worker.
 *
 * Order: publishing releases, a watcher's exchange acquires. The fiber's own
 * exchanges are relaxed, because the fiber itself has published the work.
 * tests/weak/weak_stealable.c tests the memory orders.
 */
#include "fiber/stealable.h"

#include "fiber/sched.h"

static void
run_stealable(void *arg)
{
    struct wf_stealable *stealable = arg;
    stealable->run(stealable);
}

void
wf_stealable_publish(struct wf_stealable *stealable)
{
    struct wf_worker *w = wf_worker_self();
    if (!w)
        return;
    WF_DCHECK(!wf_load(&w->stealable, relaxed) && !wf_worker_task(w)->kept);
    /* release: pairs with the acquire in wf_stealable_steal */
    wf_store(&w->stealable, stealable, release);
}

bool
wf_stealable_reclaim(struct wf_stealable *stealable)
{
    struct wf_worker *w = wf_worker_self();
    if (!w)
        return true;
    if (wf_load(&w->stealable, relaxed) == stealable &&
        (wf_xchg(&w->stealable, NULL, relaxed) == stealable ||
         WF_MUTANT(stealable_taken_twice)))
        return true;
    if (wf_worker_task(w)->kept != stealable)
        return false;
    wf_worker_task(w)->kept = NULL;
    return true;
}

void
wf_stealable_hand_over(struct wf_worker *w)
{
    struct wf_stealable *stealable = wf_xchg(&w->stealable, NULL, relaxed);
    if (!stealable)
        return;
    struct wf_task *task = wf_task_new(run_stealable, stealable);
    if (task)
        wf_sched_start(task);
    else if (!WF_MUTANT(kept_work_dropped))
        /* no fiber can be made: this fiber runs the work later */
        wf_worker_task(w)->kept = stealable;
}

void
wf_stealable_end(void)
{
    for (;;) {
        struct wf_worker *w = wf_worker_self();
        struct wf_stealable *stealable = wf_worker_task(w)->kept;
        if (!stealable && wf_load(&w->stealable, relaxed))
            stealable = wf_xchg(&w->stealable, NULL, relaxed);
        if (!stealable)
            return;
        wf_worker_task(w)->kept = NULL;
        stealable->run(stealable);
    }
}

void
wf_stealable_steal(struct wf_worker *stuck)
{
    if (!wf_load(&stuck->stealable, relaxed))
        return;
    /* Make the fiber first: work that was taken cannot be put back. */
    struct wf_task *task = wf_task_new(run_stealable, NULL);
    if (!task)
        return;
    task->arg = wf_xchg(&stuck->stealable, NULL, acquire);
    if (task->arg)
        wf_sched_start(task);
    else
        wf_task_discard(task);
}
