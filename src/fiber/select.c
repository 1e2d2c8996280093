/* SPDX-License-Identifier: MIT */
/*
 * Select: of several waits of one task exactly one happens.
 *
 * Proof.
 *
 * A round of a select takes the locks of all channels of the select, in the
 * order of their addresses. The round checks whether a case is ready and, if no
 * case is ready, puts a node into the queue of each channel; then the round
 * releases the locks. So nothing can happen to any of the channels between the
 * check and the last node. All nodes point to the select's word `chosen`, which
 * is 0 until one exchange sets it.
 *
 * 1. A task that finds a node of a select in a channel's queue has that channel
 *    locked, and must first choose: the task exchanges `chosen` from 0 to the
 *    number of the case. If the exchange fails, another case was chosen before;
 *    the task drops the node and tries the next waiter. So one case at most
 *    happens, and an item goes to the waiter that was chosen for it, or the
 *    item stays where it is.
 * 2. The task that selects gives up at its deadline, after a cancel, or after
 *    an event of a descriptor. To give up, the task exchanges `chosen` from 0
 *    to SELF. Either the exchange succeeds, and no channel can choose any more;
 *    or a case was chosen before, and has happened.
 * 3. A select that checks its cases is in no queue, so this select never
 *    chooses itself. Two selects never choose each other at the same time: the
 *    select that checks holds the lock of the shared channel and is in no
 *    queue; only the other select is in the queue. The select that checks gives
 *    or takes the item as a plain send or receive does.
 * 4. All rounds take the locks in one order, so rounds do not wait for each
 *    other in a circle. The lock of a queue is taken last, and only one such
 *    lock at a time.
 * 5. A task for which a case was chosen waits for the grant of that case's
 *    node, which is the waker's last access to the node. Before the task
 *    returns, it takes its other nodes off their queues. A waker that has
 *    popped one of these other nodes has failed to choose the select, and does
 *    not touch the node after it has unlocked the queue.
 * 6. An event of a descriptor only makes the task check again. The event takes
 *    nothing, so nothing is lost if the event is ignored.
 *
 * A round begins its check at a random case, so each case that is ready has a
 * chance of at least 1 in n, the number of cases. The locks are held while 64
 * cases at the most are checked. The select of the Go runtime locks all
 * channels, too.
 *
 * Test: tests/stress/stress_select.c.
 */
#include "fiber/chan.h"
#include "fiber/task.h"

#include <errno.h>
#include <limits.h>

#define SELF UINT32_MAX
#define AGAIN INT_MIN /* neither a case nor an error: an event arrived */

/* What a case of a channel keeps in its private words. */
struct entry {
    struct weft_waitnode node;
    struct weft_select_case *next; /* the next in `sorted` */
};

_Static_assert(sizeof(struct entry) <=
                   sizeof(((struct weft_select_case *)0)->words),
               "the private words of a case");

static struct entry *
entry_of(struct weft_select_case *c)
{
    return (struct entry *)(void *)c->words;
}

static bool
has_chan(const struct weft_select_case *c)
{
    return c->kind == WEFT_SELECT_SEND || c->kind == WEFT_SELECT_RECV;
}

static struct weft_waitq *
queue_of(const struct weft_select_case *c)
{
    return c->kind == WEFT_SELECT_SEND ? &c->chan->senders
                                       : &c->chan->receivers;
}

static bool
is_valid(const struct weft_select_case *c, bool with_fds)
{
    switch (c->kind) {
    case WEFT_SELECT_NONE:
        return true;
    case WEFT_SELECT_SEND:
    case WEFT_SELECT_RECV:
        return c->chan && c->item;
    case WEFT_SELECT_FD:
        return with_fds && c->events & (WEFT_FD_READ | WEFT_FD_WRITE);
    }
    return false;
}

/* ---- all channels ---- */

static void
sort(struct wf_select *s)
{
    s->sorted = NULL;
    for (uint32_t i = 0; i < s->n; i++) {
        struct weft_select_case *c = &s->cases[i], **at = &s->sorted;
        if (!has_chan(c))
            continue;
        while (*at && (uintptr_t)(*at)->chan < (uintptr_t)c->chan)
            at = &entry_of(*at)->next;
        entry_of(c)->next = *at;
        *at = c;
    }
}

/* Returns the next case in `sorted` that has another channel. */
static struct weft_select_case *
next_chan(struct weft_select_case *c)
{
    const struct weft_chan *chan = c->chan;
    do
        c = entry_of(c)->next;
    while (c && c->chan == chan);
    return c;
}

static void
lock_all(struct wf_select *s)
{
    for (struct weft_select_case *c = s->sorted; c; c = next_chan(c))
        wf_spin_lock(&c->chan->lock);
}

static void
unlock_all(struct wf_select *s)
{
    for (struct weft_select_case *c = s->sorted; c; c = next_chan(c))
        wf_spin_unlock(&c->chan->lock);
}

/* Put one node for each case into the queue of its channel. Called with all
 * channels locked. */
static void
queue_up(struct wf_select *s)
{
    for (struct weft_select_case *c = s->sorted; c; c = entry_of(c)->next) {
        struct weft_waitnode *node = &entry_of(c)->node;
        node->item = c->item;
        node->select = s;
        node->index = (uint8_t)(c - s->cases);
        wf_waitq_lock(queue_of(c));
        wf_waitq_push(queue_of(c), node, s->task);
        wf_waitq_unlock(queue_of(c));
    }
}

static void
leave_all(struct wf_select *s)
{
    for (struct weft_select_case *c = s->sorted; c; c = entry_of(c)->next)
        (void)wf_waitq_leave(queue_of(c), &entry_of(c)->node);
}

/* ---- one round ---- */

/* The state of the random generator is in the task, and stays there when
 * another fiber gets the task. */
uint32_t
wf_task_random(struct wf_task *task)
{
    if (task->random == 0)
        task->random = wf_sys_random() | 1;
    task->random = task->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(task->random >> 32);
}

/* Let a case happen if the case is ready. Called with all channels locked. */
static bool
try_case(struct weft_select_case *c, struct weft_waitnode **woken)
{
    switch (c->kind) {
    case WEFT_SELECT_SEND:
        return wf_chan_try_send(c->chan, c->item, woken, &c->err);
    case WEFT_SELECT_RECV:
        return wf_chan_try_recv(c->chan, c->item, woken, &c->err);
    case WEFT_SELECT_FD:
        return c->found || c->err;
    case WEFT_SELECT_NONE:
        break;
    }
    return false;
}

/* Check all cases once. Returns the index of the case that has happened. -1: no
 * case is ready; if `may_wait`, the task is in the queues of all channels
 * now. */
static int
look(struct wf_select *s, bool may_wait)
{
    struct weft_waitnode *woken = NULL;
    uint32_t first = s->task ? wf_task_random(s->task) % s->n : 0;
    int found = -1;
    lock_all(s);
    for (uint32_t k = 0; k < s->n && found < 0; k++) {
        uint32_t i = (first + k) % s->n;
        if (try_case(&s->cases[i], &woken))
            found = (int)i;
    }
    if (found < 0 && may_wait)
        queue_up(s);
    unlock_all(s);
    wf_waitq_grant(woken);
    return found;
}

/* Wait until a case is chosen. Returns 0 if a case is chosen, else the reason
 * why the task has given up. */
static int
await(struct wf_select *s, uint64_t deadline_ns,
      const struct wf_select_fds *fds)
{
    bool late = false;
    while (!wf_load(&s->chosen, acquire)) {
        int why = WEFT_OK;
        if (fds && fds->came(s->cases, s->n))
            why = AGAIN;
        else if (wf_task_cancelled(s->task))
            why = WEFT_ECANCEL;
        else if (late)
            why = WEFT_ETIMEOUT;
        if (why &&
            (wf_select_choose(s, SELF) || WF_MUTANT(select_gives_up_chosen)))
            return why;
        if (!why)
            late = !wf_park_until(deadline_ns, WEFT_WAIT_SELECT);
    }
    return WEFT_OK;
}

/* Wait in all queues. Returns the index of the case that has happened, or the
 * reason why no case has happened. */
static int
wait_in_all(struct wf_select *s, uint64_t deadline_ns,
            const struct wf_select_fds *fds)
{
    int why = fds ? fds->watch(s->cases, s->n, s->task) : WEFT_OK;
    if (why && !wf_select_choose(s, SELF))
        why = WEFT_OK;
    if (!why)
        why = await(s, deadline_ns, fds);
    if (fds)
        fds->forget(s->cases, s->n);
    if (!WF_MUTANT(select_leaves_nodes))
        leave_all(s);
    if (why)
        return why;
    int i = (int)wf_load(&s->chosen, relaxed) - 1;
    struct weft_waitnode *node = &entry_of(&s->cases[i])->node;
    while (!wf_load(&node->granted, acquire) && !WF_MUTANT(select_skips_grant))
        wf_park(WEFT_WAIT_SELECT);
    s->cases[i].err = node->item ? WEFT_OK : WEFT_ECLOSED;
    return i;
}

static int
round_of(struct wf_select *s, uint64_t deadline_ns,
         const struct wf_select_fds *fds)
{
    wf_store(&s->chosen, 0, relaxed); /* the channels' locks order this store */
    weft_err err = fds ? fds->look(s->cases, s->n) : WEFT_OK;
    if (err)
        return err;
    bool may_wait = deadline_ns > 0 && s->task;
    int found = look(s, may_wait);
    if (found >= 0)
        return found;
    if (may_wait)
        return wait_in_all(s, deadline_ns, fds);
    return deadline_ns > 0 ? -ENOMEM : WEFT_ETIMEOUT;
}

int
wf_select(struct weft_select_case *cases, uint32_t n, uint64_t deadline_ns,
          const struct wf_select_fds *fds)
{
    struct wf_select s = {.cases = cases, .n = n, .task = wf_task_self()};
    bool has_fd = false;
    if (n == 0 || n > WEFT_SELECT_MAX)
        return -EINVAL;
    for (uint32_t i = 0; i < n; i++) {
        if (!is_valid(&cases[i], fds != NULL))
            return -EINVAL;
        has_fd |= cases[i].kind == WEFT_SELECT_FD;
    }
    sort(&s);
    int found;
    while ((found = round_of(&s, deadline_ns, has_fd ? fds : NULL)) == AGAIN)
        if (deadline_ns <= wf_sys_now_ns())
            deadline_ns = 0; /* check once more, without a wait */
    return found == WEFT_ECANCEL ? wf_cancel_error() : found;
}
