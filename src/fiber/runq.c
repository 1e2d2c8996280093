/* SPDX-License-Identifier: MIT */
/*
 * Proof.
 *
 * Let H be `head` and T be `tail`; both only grow. The queue has the indices
 * from H to T - 1; the place of index i is ring[i modulo SIZE]. T is written by
 * the owner alone. H moves by compare and exchange, by the owner (pop) and by
 * thieves (steal).
 *
 * 1. No task is lost. The owner writes the place of an index, and then stores
 *    T + 1: the index enters the queue. The index leaves the queue when an
 *    exchange moves H past the index.
 * 2. No task is taken twice: H passes an index once, and only the thread whose
 *    exchange moved H past the index uses the task that it has read at the
 *    index.
 * 3. The thread that moved H has read the task that was pushed. Index i + SIZE
 *    has the same place as index i. The owner writes this place again only
 *    after the owner has seen H > i (push checks T - H < SIZE). A thief that
 *    read the place after such a write had an old H. The exchange of this thief
 *    fails, because H never returns to an earlier value (64 bits do not wrap).
 * 4. Order: the store of T is a release, and publishes the place and what the
 *    owner wrote to the task; a thief loads T with acquire. A thief reads the
 *    places before its exchange of H, which is a release; the owner loads H
 *    with acquire before the owner overwrites these places, in push and when
 *    the owner steals into its own ring. All other accesses are relaxed: an
 *    exchange with an old H fails, and the owner knows what the owner has
 *    pushed.
 * 5. A thief copies the tasks into its own ring above its own T, where no other
 *    thief reads (thieves stop at T), and publishes the copies by a store of T.
 *    The callers of wf_runq_steal make sure that the thief's ring has room for
 *    half of SIZE tasks.
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
