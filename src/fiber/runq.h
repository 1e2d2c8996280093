/* SPDX-License-Identifier: MIT */
/*
 * The run queue of a worker: a ring, and one slot for the fiber that was woken
 * last, which runs before the fibers in the ring. The owner pushes to one end
 * of the ring; the owner and thieves take from the other end (first in, first
 * out). The proof is in runq.c. What the owner does at every switch is inline.
 */
#ifndef WEFT_FIBER_RUNQ_H
#define WEFT_FIBER_RUNQ_H

#include "fiber/task.h"

#ifndef WF_RUNQ_SIZE /* tests/weak sets a smaller size */
#define WF_RUNQ_SIZE 256u
#endif

struct wf_runq {
    _Alignas(64) _Atomic uint64_t head; /* next index to take */
    _Atomic uint64_t tail;              /* next free index */
    _Atomic(struct wf_task *) last;     /* the LIFO slot */
    _Atomic(struct wf_task *) ring[WF_RUNQ_SIZE];
};

static inline _Atomic(struct wf_task *) *
wf_runq_at(struct wf_runq *q, uint64_t i)
{
    return &q->ring[i & (WF_RUNQ_SIZE - 1)];
}

/* Called by the owner: add a task to the ring. false: the ring is full. */
static inline bool
wf_runq_push(struct wf_runq *q, struct wf_task *task)
{
    uint64_t tail = wf_load(&q->tail, relaxed); /* written by the owner */
    uint64_t head = wf_load(&q->head, acquire); /* pairs with wf_runq_steal */
    if (tail - head >= WF_RUNQ_SIZE + WF_MUTANT(ring_takes_one_more))
        return false;
    wf_store(wf_runq_at(q, tail), task, relaxed); /* published by the tail */
    wf_store(&q->tail, tail + 1, release);
    return true;
}

/* Called by the owner. Put a task into the slot; returns the task that was
 * there before, or NULL. */
static inline struct wf_task *
wf_runq_push_last(struct wf_runq *q, struct wf_task *task)
{
    /* no acquire: only the owner fills the slot, so the owner itself has put
     * the earlier task there */
    return wf_xchg(&q->last, task, release);
}

/* Called by the owner: take the oldest task of the ring. NULL: the ring is
 * empty. */
static inline struct wf_task *
wf_runq_pop(struct wf_runq *q)
{
    uint64_t tail = wf_load(&q->tail, relaxed); /* written by the owner */
    uint64_t head = wf_load(&q->head, relaxed); /* checked by the exchange */
    while (head != tail) {
        struct wf_task *task = wf_load(wf_runq_at(q, head), relaxed);
        /* relaxed: the owner itself wrote this task into its place, and the
         * owner alone overwrites the place. This exchange continues the release
         * sequence of earlier exchanges by thieves. */
        if (wf_cas(&q->head, &head, head + 1, relaxed))
            return task;
    }
    return NULL;
}

/* Called by anybody: take the task in the slot. NULL: the slot is empty. */
static inline struct wf_task *
wf_runq_take_last(struct wf_runq *q)
{
    struct wf_task *seen = wf_load(&q->last, relaxed);
    if (!seen) /* an empty slot costs no exchange */
        return NULL;
    struct wf_task *task = wf_xchg(&q->last, NULL, acquire);
    return WF_MUTANT(slot_taken_twice) ? seen : task;
}

/* Called by the owner of `to`; the ring of `to` has room for WF_RUNQ_SIZE / 2
 * tasks. Move half of the tasks in the ring of `from` to the ring of `to`,
 * except one task, which is returned. NULL: `from` had no task. */
struct wf_task *wf_runq_steal(struct wf_runq *from, struct wf_runq *to);

/* Called by anybody: returns how many tasks the ring had a moment ago. */
static inline uint64_t
wf_runq_len(struct wf_runq *q)
{
    /* relaxed: a hint; a caller that must not miss a task executes a fence
     * before this call */
    uint64_t head = wf_load(&q->head, relaxed);
    uint64_t tail = wf_load(&q->tail, relaxed);
    return tail > head ? tail - head : 0;
}

#endif
