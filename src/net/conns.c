/* SPDX-License-Identifier: MIT */
#include "net/conns.h"

#include <errno.h>

#define EACH 64    /* maximum number of references that ref_some takes */
#define LOOK_MS 10 /* pause between two calls of only_lent */

static void
check(struct wf_sock *s, void *arg)
{
    const uint64_t *now = arg;
    weft_err why = s->ops->overdue ? s->ops->overdue(s, *now) : WEFT_OK;
    if (why)
        wf_sock_fail(s, why);
}

struct sweep {
    struct wf_conns *conns;
    uint32_t period_ms;
};

static void
sweep(void *arg)
{
    struct sweep sweep = *(struct sweep *)arg;
    wf_sys_free(arg);
    while (!weft_sleep_ms(sweep.period_ms)) {
        uint64_t now = wf_sys_now_ns();
        wf_conns_each(sweep.conns, check, &now);
    }
}

/* Milliseconds between sweeps: there are four sweeps in a time-out, but at
 * least 1 and at most 100 sweeps in a second. */
static uint32_t
period_of(uint32_t timeout_ms)
{
    return WF_MIN(WF_MAX(timeout_ms / 4, 10u), 1000u);
}

weft_err
wf_conns_init(struct wf_conns *conns, uint32_t timeout_ms)
{
    *conns = (struct wf_conns){.n = 0};
    wf_list_init(&conns->members);
    if (timeout_ms == WEFT_NONE)
        return WEFT_OK;
    struct sweep *arg = wf_sys_malloc(sizeof *arg);
    if (!arg)
        return -ENOMEM;
    *arg = (struct sweep){conns, period_of(timeout_ms)};
    weft_err err = weft_fiber_start(sweep, arg, &conns->sweeper);
    if (err)
        wf_sys_free(arg);
    return err;
}

void
wf_conns_fini(struct wf_conns *conns)
{
    weft_fiber_cancel(conns->sweeper);
    wf_join_surely(conns->sweeper);
}

void
wf_conns_add(struct wf_conns *conns, struct wf_sock *s)
{
    wf_spin_lock(&conns->lock);
    s->conns = conns;
    wf_list_push(&conns->members, &s->member);
    conns->n++;
    wf_spin_unlock(&conns->lock);
}

/* A waiter may free the set as soon as wf_conns_wait_empty returns WEFT_OK. So
 * this function holds the lock while it wakes the waiter, and
 * wf_conns_wait_empty takes the lock before it returns WEFT_OK. */
void
wf_conns_remove(struct wf_conns *conns, struct wf_sock *s)
{
    wf_spin_lock(&conns->lock);
    wf_list_remove(&s->member);
    if (--conns->n == 0 && !WF_MUTANT(last_conn_unwaited))
        wf_waitq_wake_all(&conns->emptied);
    void (*left)(struct wf_conns *) = conns->n == 0 ? conns->left : NULL;
    wf_spin_unlock(&conns->lock);
    if (left) /* nobody else uses the set any more */
        left(conns);
}

bool
wf_conns_leave(struct wf_conns *conns, void (*left)(struct wf_conns *conns))
{
    wf_spin_lock(&conns->lock);
    bool any = conns->n > 0;
    if (any)
        conns->left = left;
    wf_spin_unlock(&conns->lock);
    return any;
}

void
wf_conns_give_up(struct wf_conns *conns)
{
    wf_spin_lock(&conns->lock);
    conns->given_up = true;
    wf_waitq_wake_all(&conns->emptied);
    wf_spin_unlock(&conns->lock);
}

/* True if each reference to a member is lent. All members have failed. */
static bool
only_lent(struct wf_conns *conns)
{
    bool only = true;
    wf_spin_lock(&conns->lock);
    struct wf_link *link = conns->members.head.next;
    for (; link != &conns->members.head && only; link = link->next) {
        struct wf_sock *s = WF_CONTAINER(link, struct wf_sock, member);
        /* A lent reference is added to `n_lent` after it is taken, and removed
         * from `n_lent` before it is given up. weft_conn_ref lends no new
         * reference to a failed socket. So `refs` equals `n_lent` only if all
         * references were lent when `refs` was loaded. relaxed is enough,
         * because the load of `refs` is an acquire. */
        uint32_t refs = wf_slot_refs(&s->slot);
        only = refs == wf_load(&s->n_lent, relaxed);
    }
    wf_spin_unlock(&conns->lock);
    return only;
}

uint32_t
wf_conns_count(struct wf_conns *conns)
{
    wf_spin_lock(&conns->lock);
    uint32_t n = conns->n;
    wf_spin_unlock(&conns->lock);
    return n;
}

/* Take references to at most EACH members that follow `after` in the list
 * (NULL: from the first member on). Returns how many. */
static int
ref_some(struct wf_conns *conns, struct wf_sock *after,
         struct wf_sock *out[EACH])
{
    int n = 0;
    wf_spin_lock(&conns->lock);
    struct wf_link *link = after ? &after->member : &conns->members.head;
    for (link = link->next; link != &conns->members.head && n < EACH;
         link = link->next) {
        struct wf_sock *s = WF_CONTAINER(link, struct wf_sock, member);
        /* A member that is being closed is skipped. */
        if (wf_slot_try_ref(&s->slot))
            out[n++] = s;
    }
    wf_spin_unlock(&conns->lock);
    return n;
}

void
wf_conns_each(struct wf_conns *conns, void (*fn)(struct wf_sock *s, void *arg),
              void *arg)
{
    struct wf_sock *some[EACH], *last = NULL;
    int n;
    do {
        n = ref_some(conns, last, some);
        for (int i = 0; i < n; i++)
            fn(some[i], arg);
        /* The reference to `last` keeps `last` in the list, so that the next
         * round can continue after `last`. */
        if (last)
            wf_sock_unref(last);
        for (int i = 0; i + 1 < n; i++)
            wf_sock_unref(some[i]);
        last = n > 0 ? some[n - 1] : NULL;
    } while (n == EACH);
    if (last)
        wf_sock_unref(last);
}

weft_err
wf_conns_wait_empty(struct wf_conns *conns, uint64_t deadline_ns)
{
    struct weft_waitnode node;
    weft_err err = WEFT_OK;
    while (!err) {
        wf_spin_lock(&conns->lock);
        bool empty = conns->n == 0, given_up = conns->given_up;
        conns->given_up = false;
        if (!empty && !given_up)
            wf_waitq_lock(&conns->emptied);
        wf_spin_unlock(&conns->lock);
        if (empty)
            break;
        if (given_up)
            return WEFT_ETIMEOUT;
        err = wf_waitq_wait(&conns->emptied, &node, deadline_ns, false,
                            WEFT_WAIT_END);
    }
    return err;
}

uint32_t
wf_conns_wait_lent(struct wf_conns *conns)
{
    while (wf_conns_wait_empty(conns, weft_after_ms(LOOK_MS)))
        if (only_lent(conns))
            return wf_conns_count(conns);
    return 0;
}
