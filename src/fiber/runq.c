/* SPDX-License-Identifier: MIT */
/*
 * Proof.
 *
 * Let H be head, T tail; both only grow. The queue is ring[H..T), each index
 * taken modulo the size. T is written by the owner alone. H moves by compare
 * and exchange, by the owner (pop) and by thieves (steal).
 *
 * 1. No task is lost: an index enters the queue when the owner stores T + 1
 *    behind writing the slot, and leaves it by an exchange of H that passes it.
 * 2. No task is taken twice: H passes an index once, and only the winner of
 *    that exchange uses what it read there.
 * 3. What the winner read is what was pushed: the owner writes slot i + SIZE
 *    only after it has seen H > i (push checks T - H < SIZE). A thief that read
 *    slot i after such a write had an old H, and loses the exchange, because
 *    H never comes back to a value (64 bits do not wrap).
 * 4. Order: T's store releases the slot and what the pusher knew of the task;
 *    who takes it has loaded T with acquire. H's exchange releases the reading
 *    of the slots; the owner loads H with acquire before it overwrites them.
 * 5. A thief copies into its own ring above its own T, where no other thief
 *    looks (they stop at T), and publishes by storing T. Its ring must have
 *    room for SIZE / 2, which holds as it steals only when it is empty.
 *
 * The slot `last` is a single word; exchanges hand its content to exactly one.
 *
 * Attacked by tests/stress/stress_runq.c.
 */
#include "fiber/runq.h"

#define AT(q, i) (&(q)->ring[(i) & (WF_RUNQ_SIZE - 1)])

bool
wf_runq_push(struct wf_runq *q, struct wf_task *task)
{
    uint64_t tail = wf_load(&q->tail, relaxed); /* our own */
    uint64_t head = wf_load(&q->head, acquire); /* pairs with the exchanges */
    if (tail - head >= WF_RUNQ_SIZE)
        return false;
    wf_store(AT(q, tail), task, relaxed); /* published by tail */
    wf_store(&q->tail, tail + 1, release);
    return true;
}

struct wf_task *
wf_runq_push_last(struct wf_runq *q, struct wf_task *task)
{
    return wf_xchg(&q->last, task, acq_rel);
}

struct wf_task *
wf_runq_take_last(struct wf_runq *q)
{
    if (!wf_load(&q->last, relaxed)) /* a miss costs no exchange */
        return NULL;
    return wf_xchg(&q->last, NULL, acq_rel);
}

struct wf_task *
wf_runq_pop(struct wf_runq *q)
{
    uint64_t tail = wf_load(&q->tail, relaxed); /* our own */
    uint64_t head = wf_load(&q->head, acquire);
    while (head != tail) {
        struct wf_task *task = wf_load(AT(q, head), relaxed);
        if (wf_cas(&q->head, &head, head + 1, acq_rel))
            return task;
    }
    return NULL;
}

struct wf_task *
wf_runq_steal(struct wf_runq *from, struct wf_runq *to)
{
    uint64_t mine = wf_load(&to->tail, relaxed); /* our own */
    uint64_t head = wf_load(&from->head, acquire);
    for (;;) {
        uint64_t tail = wf_load(&from->tail, acquire); /* pairs with push */
        if (tail <= head)
            return NULL;
        uint64_t n = (tail - head + 1) / 2;
        if (n > WF_RUNQ_SIZE / 2) { /* head is old */
            head = wf_load(&from->head, acquire);
            continue;
        }
        for (uint64_t i = 0; i < n; i++)
            wf_store(AT(to, mine + i), wf_load(AT(from, head + i), relaxed),
                     relaxed);
        if (wf_cas(&from->head, &head, head + n, acq_rel)) {
            wf_store(&to->tail, mine + n - 1, release);
            return wf_load(AT(to, mine + n - 1), relaxed);
        }
    }
}
