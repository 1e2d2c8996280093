/* SPDX-License-Identifier: MIT */
/*
 * Proof.
 *
 * Let H be head, T tail; both only grow. The queue is ring[H..T), each index
 * taken modulo the size. T is written by the owner alone. H moves by compare
 * and exchange, by the owner (pop) and by thieves (steal).
 *
 * 1. No task is lost: an index enters the queue when the owner has written the
 *    slot and stores T + 1, and leaves it by an exchange of H that passes it.
 * 2. No task is taken twice: H passes an index once, and only the winner of
 *    that exchange uses what it read there.
 * 3. What the winner read is what was pushed: the owner writes slot i + SIZE
 *    only after it has seen H > i (push checks T - H < SIZE). A thief that read
 *    slot i after such a write had an old H, and loses the exchange, because
 *    H never comes back to a value (64 bits do not wrap).
 * 4. Order: T's store releases the slot and what the pusher knew of the task; a
 *    thief has loaded T with acquire. A thief's exchange of H releases the
 *    reading of the slots; push loads H with acquire before it overwrites them.
 *    All else is relaxed: an old H loses its exchange, and the owner knows what
 *    it has pushed itself.
 * 5. A thief copies into its own ring above its own T, where no other thief
 *    looks (they stop at T), and publishes by storing T. Its ring must have
 *    room for SIZE / 2, which holds as it steals only when it is empty.
 *
 * The slot `last` is a single word; exchanges hand its content to exactly one.
 *
 * Attacked by tests/stress/stress_runq.c; orders by tests/weak/weak_runq.c.
 */
#include "fiber/runq.h"

struct wf_task *
wf_runq_steal(struct wf_runq *from, struct wf_runq *to)
{
    uint64_t mine = wf_load(&to->tail, relaxed); /* our own */
    /* acquire: as in push; the places may have been read by thieves */
    uint64_t first = wf_load(&to->head, acquire);
    uint64_t head = wf_load(&from->head, relaxed); /* the exchange decides */
    for (;;) {
        uint64_t tail = wf_load(&from->tail, acquire); /* pairs with push */
        if (tail <= head)
            return NULL;
        uint64_t n = (tail - head + 1) / 2;
        if (n > WF_RUNQ_SIZE / 2) { /* head is old */
            head = wf_load(&from->head, relaxed);
            continue;
        }
        WF_DCHECK(mine - first + n <= WF_RUNQ_SIZE);
        for (uint64_t i = 0; i < n; i++)
            wf_store(wf_runq_at(to, mine + i),
                     wf_load(wf_runq_at(from, head + i), relaxed), relaxed);
        /* release: pairs with push, which overwrites what was read here */
        if (wf_cas(&from->head, &head, head + n, release) ||
            WF_MUTANT(steal_takes_twice)) {
            n -= WF_MUTANT(steal_loses_one) && n > 1;
            wf_store(&to->tail, mine + n - 1, release);
            return wf_load(wf_runq_at(to, mine + n - 1), relaxed);
        }
    }
}
