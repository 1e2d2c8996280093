/* SPDX-License-Identifier: MIT */
/*
 * Mutex, condition and semaphore, over wait queues.
 *
 * A mutex's state is FREE, LOCKED, or LOCKED with WAITERS. One exchange,
 * without the queue's lock, changes FREE to LOCKED or LOCKED to FREE. WAITERS
 * is set and cleared under that lock, and a mutex with WAITERS is unlocked only
 * under that lock. So an unlock never misses a waiter in the queue. If a waiter
 * is in the queue, unlock hands the mutex over: the mutex stays LOCKED and
 * belongs to the waiter whose node is granted. The grant, or the exchange to
 * FREE, is the last step, after the queue is unlocked: the new owner may free
 * the mutex at once.
 */
#include "fiber/fiber.h"

#include <errno.h>

#define FREE 0u
#define LOCKED 1u
#define WAITERS 2u

static _Atomic uint32_t *
state_of(struct weft_mutex *mutex)
{
    return (_Atomic uint32_t *)&mutex->state;
}

bool
weft_mutex_try_lock(struct weft_mutex *mutex)
{
    uint32_t seen = FREE;
    return wf_cas(state_of(mutex), &seen, LOCKED, acquire);
}

/* Lock the mutex if it is FREE (true), else set WAITERS (false). Called with
 * the queue locked. */
static bool
lock_or_mark(struct weft_mutex *mutex)
{
    uint32_t seen = wf_load(state_of(mutex), relaxed);
    for (;;) {
        uint32_t want = seen == FREE ? LOCKED : LOCKED | WAITERS;
        want = WF_MUTANT(waiter_not_marked) ? LOCKED : want;
        if (wf_cas(state_of(mutex), &seen, want, acquire))
            return seen == FREE;
    }
}

static weft_err
lock_slow(struct weft_mutex *mutex, uint64_t deadline_ns, bool cancellable)
{
    struct weft_waitnode node;
    wf_waitq_lock(&mutex->waiters);
    if (lock_or_mark(mutex)) {
        wf_waitq_unlock(&mutex->waiters);
        return WEFT_OK;
    }
    return wf_waitq_wait(&mutex->waiters, &node, deadline_ns, cancellable,
                         WEFT_WAIT_MUTEX);
}

weft_err
weft_mutex_lock_until(struct weft_mutex *mutex, uint64_t deadline_ns)
{
    return WEFT_LIKELY(weft_mutex_try_lock(mutex))
               ? WEFT_OK
               : lock_slow(mutex, deadline_ns, true);
}

weft_err
weft_mutex_lock(struct weft_mutex *mutex)
{
    return weft_mutex_lock_until(mutex, WEFT_NEVER);
}

void
weft_mutex_unlock(struct weft_mutex *mutex)
{
    uint32_t seen = LOCKED;
    struct weft_waitnode *node = NULL;
    while (!node && !wf_cas(state_of(mutex), &seen, FREE, release)) {
        if (seen == FREE)
            WF_MISUSED("weft_mutex_unlock: the mutex is not locked");
        wf_waitq_lock(&mutex->waiters);
        node = wf_waitq_pop(&mutex->waiters);
        if (!mutex->waiters.head || WF_MUTANT(waiters_mark_cleared))
            /* relaxed: the queue's lock orders this store */
            wf_store(state_of(mutex), LOCKED, relaxed);
        wf_waitq_unlock(&mutex->waiters);
        seen = LOCKED; /* if `node` is NULL, the waiter has given up */
    }
    wf_waitq_grant(node);
}

/* ---- condition ---- */

weft_err
weft_cond_wait_until(struct weft_cond *cond, struct weft_mutex *mutex,
                     uint64_t deadline_ns)
{
    struct weft_waitnode node;
    bool too_early = WF_MUTANT(cond_unlocks_first);
    if (too_early)
        weft_mutex_unlock(mutex);
    wf_waitq_lock(&cond->waiters);
    wf_waitq_push(&cond->waiters, &node, wf_task_known());
    wf_waitq_unlock(&cond->waiters);
    /* The waiter is queued before the unlock, so it misses no signal. */
    if (!too_early)
        weft_mutex_unlock(mutex);
    weft_err err = wf_waitq_await(&cond->waiters, &node, deadline_ns, true,
                                  WEFT_WAIT_COND);
    if (!weft_mutex_try_lock(mutex))
        WF_CHECK(lock_slow(mutex, WEFT_NEVER,
                           WF_MUTANT(cond_relock_cancelled)) == WEFT_OK);
    return err;
}

weft_err
weft_cond_wait(struct weft_cond *cond, struct weft_mutex *mutex)
{
    return weft_cond_wait_until(cond, mutex, WEFT_NEVER);
}

void
weft_cond_signal(struct weft_cond *cond)
{
    wf_waitq_lock(&cond->waiters);
    struct weft_waitnode *node = wf_waitq_pop(&cond->waiters);
    wf_waitq_unlock(&cond->waiters);
    wf_waitq_grant(node);
}

void
weft_cond_broadcast(struct weft_cond *cond)
{
    wf_waitq_wake_all(&cond->waiters);
}

/* ---- semaphore; the queue's lock protects the count ---- */

bool
weft_sem_try_take(struct weft_sem *sem)
{
    wf_waitq_lock(&sem->waiters);
    bool taken = sem->count > 0;
    sem->count -= taken;
    wf_waitq_unlock(&sem->waiters);
    return taken;
}

weft_err
weft_sem_take_until(struct weft_sem *sem, uint64_t deadline_ns)
{
    struct weft_waitnode node;
    wf_waitq_lock(&sem->waiters);
    if (sem->count > 0) {
        sem->count--;
        wf_waitq_unlock(&sem->waiters);
        return WEFT_OK;
    }
    return wf_waitq_wait(&sem->waiters, &node, deadline_ns, true,
                         WEFT_WAIT_SEM);
}

weft_err
weft_sem_take(struct weft_sem *sem)
{
    return weft_sem_take_until(sem, WEFT_NEVER);
}

void
weft_sem_give(struct weft_sem *sem, uint32_t n)
{
    while (n > 0) {
        wf_waitq_lock(&sem->waiters);
        struct weft_waitnode *node = wf_waitq_pop(&sem->waiters);
        uint32_t given = node && !WF_MUTANT(sem_gives_one) ? 1 : n;
        if (!node && n > UINT32_MAX - sem->count)
            WF_MISUSED("weft_sem_give: the count would reach 2^32");
        if (!node)
            sem->count += n;
        wf_waitq_unlock(&sem->waiters);
        wf_waitq_grant(node);
        n -= given;
    }
}
