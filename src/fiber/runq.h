/* SPDX-License-Identifier: MIT */
/*
 * The run queue of a worker: a ring that its owner pushes to, from which the
 * owner and thieves take at the other end (first in, first out), and one slot
 * before it for the fiber that was woken last. Proof in runq.c. What the owner
 * does with every switch is inline.
 */
#ifndef WEFT_FIBER_RUNQ_H
#define WEFT_FIBER_RUNQ_H

#include "fiber/task.h"

#ifndef WF_RUNQ_SIZE /* tests/weak has a smaller one */
#define WF_RUNQ_SIZE 256u
#endif

struct wf_runq {
    _Alignas(64) _Atomic uint64_t head; /* next to take; any thread */
    _Atomic uint64_t tail;              /* next free; written by the owner */
    _Atomic(struct wf_task *) last;     /* the LIFO slot; any thread */
    _Atomic(struct wf_task *) ring[WF_RUNQ_SIZE];
};

static inline _Atomic(struct wf_task *) *
wf_runq_at(struct wf_runq *q, uint64_t i)
{
    return &q->ring[i & (WF_RUNQ_SIZE - 1)];
}

/* Called by the owner. false: the ring is full. */
static inline bool
wf_runq_push(struct wf_runq *q, struct wf_task *task)
{
    uint64_t tail = wf_load(&q->tail, relaxed); /* our own */
    uint64_t head = wf_load(&q->head, acquire); /* pairs with the exchanges */
    if (tail - head >= WF_RUNQ_SIZE + WF_MUTANT(ring_takes_one_more))
        return false;
    wf_store(wf_runq_at(q, tail), task, relaxed); /* published by tail */
    wf_store(&q->tail, tail + 1, release);
    return true;
}

/* Called by the owner. Put a task into the slot; returns the one that it
 * replaces. */
static inline struct wf_task *
wf_runq_push_last(struct wf_runq *q, struct wf_task *task)
{
    /* release alone: only the owner fills the slot, so the owner has put the
     * task there that it replaces */
    return wf_xchg(&q->last, task, release);
}

/* Called by the owner: the oldest of the ring, or NULL. */
static inline struct wf_task *
wf_runq_pop(struct wf_runq *q)
{
    uint64_t tail = wf_load(&q->tail, relaxed); /* our own */
    uint64_t head = wf_load(&q->head, relaxed); /* the exchange decides */
    while (head != tail) {
        struct wf_task *task = wf_load(wf_runq_at(q, head), relaxed);
        /* relaxed: only the owner pops, and writes the place before and after.
         * What a thief has released stays visible through this exchange. */
        if (wf_cas(&q->head, &head, head + 1, relaxed))
            return task;
    }
    return NULL;
}

/* Called by anybody: take what is in the slot, or NULL. */
static inline struct wf_task *
wf_runq_take_last(struct wf_runq *q)
{
    struct wf_task *seen = wf_load(&q->last, relaxed);
    if (!seen) /* a miss costs no exchange */
        return NULL;
    struct wf_task *task = wf_xchg(&q->last, NULL, acquire);
    return WF_MUTANT(slot_taken_twice) ? seen : task;
}

/* Called by the owner of `to`, whose ring is empty: move half of `from`'s ring;
 * one of them is returned. NULL: there was none. */
struct wf_task *wf_runq_steal(struct wf_runq *from, struct wf_runq *to);

/* Called by anybody: how many the ring had a moment ago. */
static inline uint64_t
wf_runq_len(struct wf_runq *q)
{
    /* relaxed: a hint; a caller that must not miss a task has a fence before
     * it */
    uint64_t head = wf_load(&q->head, relaxed);
    uint64_t tail = wf_load(&q->tail, relaxed);
    return tail > head ? tail - head : 0;
}

#endif
