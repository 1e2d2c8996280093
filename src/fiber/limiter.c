/* SPDX-License-Identifier: MIT */
/*
 * A token bucket in one word: the time at which the bucket is full if nothing
 * more is taken. Taking n tokens moves this time n/rate seconds into the
 * future. The tokens may be used as soon as this time is at most burst/rate
 * seconds ahead of now. So one exchange makes a reservation.
 *
 * Waiters form a queue in the order of their reservations. Only the first
 * waiter, the leader, sleeps until its tokens are available. `behind_ns` is the
 * time that the other waiters have reserved, so the word minus `behind_ns`
 * gives the leader's own time. If a waiter is cancelled, its reservation is
 * subtracted from the word, and from `behind_ns` if the waiter is not the
 * leader. So the next leader finds an earlier time. While somebody waits, the
 * word is so far ahead that nobody gets tokens without queueing up.
 *
 * Source: the generic cell rate algorithm, ITU-T I.371.
 */
#include "fiber/fiber.h"

#include <errno.h>

#define NS 1000000000u
#define RATE_MAX 1000000000u /* tokens a second: one token a nanosecond */
#define RETRY_MS 1000        /* pause between tries in a very long wait */

static _Atomic uint64_t *
full_of(struct weft_limiter *l)
{
    return (_Atomic uint64_t *)&l->full_ns;
}

/* Returns the time for `n` tokens, rounded up, so that the rate is never
 * exceeded. */
static uint64_t
ns_of(const struct weft_limiter *l, uint32_t n)
{
    return ((uint64_t)n * NS + l->rate - 1) / l->rate;
}

weft_err
weft_limiter_init(struct weft_limiter *l, uint32_t rate, uint32_t burst)
{
    *l = (struct weft_limiter){0};
    if (rate == 0 || rate > RATE_MAX || burst == 0)
        return -EINVAL;
    l->rate = rate;
    l->burst = burst;
    return WEFT_OK;
}

/* Reserve `n` tokens if these tokens will be available by the deadline. *at_ns
 * receives the time from which the tokens are available. false: nothing was
 * reserved, because the tokens come too late or `full_ns` would overflow. */
static bool
reserve(struct weft_limiter *l, uint32_t n, uint64_t now, uint64_t deadline_ns,
        uint64_t *at_ns)
{
    uint64_t ahead = ns_of(l, l->burst);
    /* relaxed: the exchange checks this value */
    uint64_t full = wf_load(full_of(l), relaxed);
    for (;;) {
        uint64_t from = WF_MAX(full, now), takes = ns_of(l, n);
        if (takes > UINT64_MAX - from)
            return false;
        uint64_t next = from + takes;
        *at_ns = next - now <= ahead ? now : next - ahead;
        if (*at_ns > now && *at_ns > deadline_ns)
            return false;
        if (wf_cas(full_of(l), &full, next, acq_rel))
            return true;
    }
}

bool
weft_limiter_try_take(struct weft_limiter *l, uint32_t n)
{
    uint64_t at;
    return n <= l->burst && reserve(l, n, wf_sys_now_ns(), 0, &at);
}

/* Queue up behind the leader, and wait until the caller is the leader itself.
 * The queue is locked at the call and at the return. WEFT_ECANCEL: the caller
 * was cancelled, and is not the leader. */
static weft_err
await_turn(struct weft_limiter *l, uint64_t takes)
{
    struct weft_waitnode node = {.item = &takes};
    l->behind_ns += takes;
    weft_err err =
        wf_waitq_wait(&l->waiters, &node, WEFT_NEVER, true, WEFT_WAIT_SLEEP);
    wf_waitq_lock(&l->waiters);
    if (err)
        l->behind_ns -= takes;
    return err;
}

/* Make the next waiter the leader. Called with the queue locked; returns with
 * the queue unlocked. */
static void
leave_turn(struct weft_limiter *l)
{
    struct weft_waitnode *next = wf_waitq_pop(&l->waiters);
    l->is_led = next != NULL;
    if (next)
        l->behind_ns -= *(const uint64_t *)next->item;
    wf_waitq_unlock(&l->waiters);
    wf_waitq_grant(next);
}

/* Wait for tokens that are reserved. Called with the queue locked; returns with
 * the queue unlocked. */
static weft_err
await_tokens(struct weft_limiter *l, uint64_t takes)
{
    weft_err err = l->is_led ? await_turn(l, takes) : WEFT_OK;
    if (err) {
        wf_sub(full_of(l), takes, relaxed); /* ordered by the lock */
        wf_waitq_unlock(&l->waiters);
        return err;
    }
    l->is_led = true;
    uint64_t others = l->behind_ns + ns_of(l, l->burst);
    uint64_t full = wf_load(full_of(l), relaxed); /* ordered by the lock */
    wf_waitq_unlock(&l->waiters);
    if (full > others)
        err = weft_sleep_until(full - others);
    wf_waitq_lock(&l->waiters);
    if (err) /* after a cancel, later waiters get their tokens earlier */
        wf_sub(full_of(l), takes, relaxed);
    leave_turn(l);
    return err;
}

weft_err
weft_limiter_take_until(struct weft_limiter *l, uint32_t n,
                        uint64_t deadline_ns)
{
    uint64_t at;
    if (n > l->burst)
        return -EINVAL;
    for (;;) {
        uint64_t now = wf_sys_now_ns();
        if (reserve(l, n, now, now, &at))
            return WEFT_OK;
        wf_waitq_lock(&l->waiters);
        if (reserve(l, n, now, deadline_ns, &at))
            break;
        wf_waitq_unlock(&l->waiters);
        if (deadline_ns != WEFT_NEVER)
            return WEFT_ETIMEOUT;
        /* other waiters may give up their reservations meanwhile */
        weft_err err = weft_sleep_ms(RETRY_MS);
        if (err)
            return err;
    }
    return await_tokens(l, ns_of(l, n));
}

weft_err
weft_limiter_take(struct weft_limiter *l, uint32_t n)
{
    return weft_limiter_take_until(l, n, WEFT_NEVER);
}
