/* SPDX-License-Identifier: MIT */
/*
 * The run queue of a worker: a ring that its owner pushes to, from which the
 * owner and thieves take at the other end (first in, first out), and one slot
 * before it for the fiber that was woken last. Proof in runq.c.
 */
#ifndef WEFT_FIBER_RUNQ_H
#define WEFT_FIBER_RUNQ_H

#include "fiber/task.h"

#define WF_RUNQ_SIZE 256u

struct wf_runq {
    _Alignas(64) _Atomic uint64_t head; /* next to take; any thread */
    _Atomic uint64_t tail;              /* next free; written by the owner */
    _Atomic(struct wf_task *) last;     /* the LIFO slot; any thread */
    _Atomic(struct wf_task *) ring[WF_RUNQ_SIZE];
};

/* By the owner. false: the ring is full. */
bool wf_runq_push(struct wf_runq *q, struct wf_task *task);

/* By the owner. Put a task into the slot; returns whom it drove out. */
struct wf_task *wf_runq_push_last(struct wf_runq *q, struct wf_task *task);

/* By the owner: the oldest of the ring, or NULL. */
struct wf_task *wf_runq_pop(struct wf_runq *q);

/* By anybody: what is in the slot, or NULL. */
struct wf_task *wf_runq_take_last(struct wf_runq *q);

/* By the owner of `to`, whose ring is empty: move half of `from`'s ring; one of
 * them is returned. NULL: there was none. */
struct wf_task *wf_runq_steal(struct wf_runq *from, struct wf_runq *to);

/* By anybody: how many are in the ring, perhaps no longer. */
static inline uint64_t
wf_runq_len(struct wf_runq *q)
{
    uint64_t head = wf_load(&q->head, acquire);
    uint64_t tail = wf_load(&q->tail, acquire);
    return tail > head ? tail - head : 0;
}

#endif
