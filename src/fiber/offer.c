/* SPDX-License-Identifier: MIT */
/*
 * An offer stands in one word of its fiber's worker. Whoever exchanges that
 * word for NULL and gets it, has it: the fiber itself when it takes it back or
 * leaves the worker, or a watcher. The fiber does not change workers while its
 * offer stands, because leaving takes it.
 */
#include "fiber/sched.h"

static void
run_offer(void *arg)
{
    struct wf_offer *offer = arg;
    offer->run(offer);
}

void
wf_offer(struct wf_offer *offer)
{
    struct wf_worker *w = wf_worker_self();
    if (!w)
        return;
    WF_DCHECK(!wf_load(&w->offer, relaxed) && !w->current->kept);
    /* release: pairs with the exchange of who takes it */
    wf_store(&w->offer, offer, release);
}

bool
wf_offer_take_back(struct wf_offer *offer)
{
    struct wf_worker *w = wf_worker_self();
    if (!w)
        return true;
    if (wf_load(&w->offer, relaxed) == offer &&
        wf_xchg(&w->offer, NULL, acq_rel) == offer)
        return true;
    if (w->current->kept != offer)
        return false;
    w->current->kept = NULL;
    return true;
}

void
wf_offer_hand_on(struct wf_worker *w)
{
    struct wf_offer *offer = wf_xchg(&w->offer, NULL, acq_rel);
    if (!offer)
        return;
    struct wf_task *task = wf_task_new(run_offer, offer);
    if (task)
        wf_sched_start(task);
    else /* it has to wait for us */
        w->current->kept = offer;
}

void
wf_offer_end(void)
{
    for (;;) {
        struct wf_worker *w = wf_worker_self();
        struct wf_offer *offer = w->current->kept;
        if (!offer && wf_load(&w->offer, relaxed))
            offer = wf_xchg(&w->offer, NULL, acq_rel);
        if (!offer)
            return;
        w->current->kept = NULL;
        offer->run(offer);
    }
}

void
wf_offer_take_from(struct wf_worker *stuck)
{
    if (!wf_load(&stuck->offer, relaxed))
        return;
    /* The fiber first: an offer that was taken cannot be put back. */
    struct wf_task *task = wf_task_new(run_offer, NULL);
    if (!task)
        return;
    task->arg = wf_xchg(&stuck->offer, NULL, acq_rel);
    if (task->arg)
        wf_sched_start(task);
    else
        wf_task_discard(task);
}
