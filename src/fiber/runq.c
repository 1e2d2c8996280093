/* SPDX-License-Identifier: MIT */
/*
 * Proof.
 *
 * Let H be `head` and T be `tail`; both only grow. The queue is ring[H..T),
 * each index taken modulo the size. T is written by the owner alone. H moves by
 * compare and exchange, by the owner (pop) and by thieves (steal).
 *
 * 1. No task is lost: an index enters the queue when the owner has written the
 *    place of that index and stores T + 1, and leaves the queue when an
 *    exchange moves H past it.
 * 2. No task is taken twice: H passes an index once, and only the thread whose
 *    exchange moved H past the index uses the task that it has read at the
 *    index.
 * 3. The thread that moved H has read what was pushed: the owner writes index i
 *    + SIZE, which has the place of index i, only after it has seen H > i (push
 *    checks T - H < SIZE). A thief that read the place after such a write had
 *    an old H. The exchange of this thief fails, because H never returns to an
 *    earlier value (64 bits do not wrap).
 * 4. Order: the store of T releases the place and what the pusher wrote to the
 *    task; a thief has loaded T with acquire. A thief's exchange of H releases
 *    its reads of the places; the owner loads H with acquire before it
 *    overwrites these places, in push and when it steals into its own ring. All
 *    other accesses are relaxed: an exchange with an old H fails, and the owner
 *    knows what it has pushed itself.
 * 5. A thief copies into its own ring above its own T, where no other thief
 *    reads (thieves stop at T), and publishes the copies by a store of T. The
 *    callers of wf_runq_steal make sure that the thief's ring has room for SIZE
 *    / 2 tasks.
 *
 * The slot `last` is a single word; each exchange hands the task in the slot to
 * exactly one thread.
 *
 * Tests: tests/stress/stress_runq.c; for the memory orders
 * tests/weak/weak_runq.c.
 */
#include "fiber/runq.h"

struct wf_task *
wf_runq_steal(struct wf_runq *from, struct wf_runq *to)
{
    /* relaxed: only the caller writes this tail */
    uint64_t mine = wf_load(&to->tail, relaxed);
    /* acquire: pairs with the exchanges of thieves, as in wf_runq_push */
    uint64_t first = wf_load(&to->head, acquire);
    /* relaxed: the exchange checks this value */
    uint64_t head = wf_load(&from->head, relaxed);
    for (;;) {
        uint64_t tail = wf_load(&from->tail, acquire); /* pairs with push */
        if (tail <= head)
            return NULL;
        uint64_t n = (tail - head + 1) / 2;
        if (n > WF_RUNQ_SIZE / 2) { /* head is too old */
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
