/* SPDX-License-Identifier: MIT */
/* Implements struct weft_group (a wait group) and struct weft_once. The lock of
 * the wait queue protects the count of a weft_group and the state of a
 * weft_once. */
#include "fiber/fiber.h"

/* ---- wait group ---- */

void
weft_group_add(struct weft_group *group, uint32_t n)
{
    wf_waitq_lock(&group->waiters);
    if (n > UINT32_MAX - group->count)
        WF_MISUSED("weft_group_add: the count would reach 2^32");
    group->count += n;
    wf_waitq_unlock(&group->waiters);
}

void
weft_group_done(struct weft_group *group)
{
    struct weft_waitnode *nodes = NULL;
    wf_waitq_lock(&group->waiters);
    if (group->count == 0)
        WF_MISUSED("weft_group_done: no work is under way");
    if (--group->count == WF_MUTANT(group_opens_early))
        nodes = wf_waitq_pop_all(&group->waiters);
    wf_waitq_unlock(&group->waiters);
    wf_waitq_grant_all(nodes); /* a waiter may free the group now */
}

weft_err
weft_group_wait_until(struct weft_group *group, uint64_t deadline_ns)
{
    struct weft_waitnode node;
    wf_waitq_lock(&group->waiters);
    if (group->count > 0)
        return wf_waitq_wait(&group->waiters, &node, deadline_ns, true,
                             WEFT_WAIT_GROUP);
    wf_waitq_unlock(&group->waiters);
    return WEFT_OK;
}

weft_err
weft_group_wait(struct weft_group *group)
{
    return weft_group_wait_until(group, WEFT_NEVER);
}

/* ---- once ---- */

enum { FRESH = 0, RUNNING = 1, DONE = 2 };

static _Atomic uint32_t *
state_of(struct weft_once *once)
{
    return (_Atomic uint32_t *)&once->state;
}

static void
run_first(struct weft_once *once, void (*fn)(void *arg), void *arg)
{
    fn(arg);
    wf_waitq_lock(&once->waiters);
    /* release: publishes what fn wrote; pairs with the acquire in
     * weft_once_until */
    wf_store(state_of(once), DONE, release);
    struct weft_waitnode *nodes = wf_waitq_pop_all(&once->waiters);
    wf_waitq_unlock(&once->waiters);
    wf_waitq_grant_all(nodes);
}

weft_err
weft_once_until(struct weft_once *once, void (*fn)(void *arg), void *arg,
                uint64_t deadline_ns)
{
    struct weft_waitnode node;
    if (WEFT_LIKELY(wf_load(state_of(once), acquire) == DONE))
        return WEFT_OK;
    wf_waitq_lock(&once->waiters);
    /* relaxed: the lock orders this load */
    uint32_t state = wf_load(state_of(once), relaxed);
    if (state == RUNNING)
        return wf_waitq_wait(&once->waiters, &node, deadline_ns, true,
                             WEFT_WAIT_ONCE);
    if (state == FRESH && !WF_MUTANT(once_runs_twice))
        wf_store(state_of(once), RUNNING, relaxed);
    wf_waitq_unlock(&once->waiters);
    if (state == FRESH)
        run_first(once, fn, arg);
    return WEFT_OK;
}

weft_err
weft_once(struct weft_once *once, void (*fn)(void *arg), void *arg)
{
    return weft_once_until(once, fn, arg, WEFT_NEVER);
}
