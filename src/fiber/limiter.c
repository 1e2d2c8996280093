/* SPDX-License-Identifier: MIT */
/*
 * Token bucket, as one word: the time at which the bucket would be full if
 * nothing more were taken. Taking n tokens moves that time n/rate seconds into
 * the future; the tokens may be used once it is at most burst/rate ahead of
 * now. So a reservation is one exchange, and waiters are served in the order of
 * their reservations.
 *
 * Source: the generic cell rate algorithm, ITU-T I.371.
 */
#include "fiber/fiber.h"

#include <errno.h>

#define NS 1000000000u
#define RATE_MAX 1000000000u /* tokens a second: one a nanosecond */
#define RETRY_MS 1000        /* a caller that would wait for centuries */

static _Atomic uint64_t *
full_of(struct weft_limiter *l)
{
    return (_Atomic uint64_t *)&l->full_ns;
}

/* Rounded up, so that the rate is never exceeded. */
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

/* Reserve n tokens that are there by the deadline; *at_ns: when they are. A
 * moment that the clock cannot express, centuries from now, is after every
 * deadline. */
static bool
reserve(struct weft_limiter *l, uint32_t n, uint64_t now, uint64_t deadline_ns,
        uint64_t *at_ns)
{
    uint64_t ahead = ns_of(l, l->burst);
    uint64_t full = wf_load(full_of(l), relaxed); /* the exchange looks again */
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

weft_err
weft_limiter_take_until(struct weft_limiter *l, uint32_t n,
                        uint64_t deadline_ns)
{
    uint64_t at, now = wf_sys_now_ns();
    weft_err err;
    if (n > l->burst)
        return -EINVAL;
    while (!reserve(l, n, now, deadline_ns, &at)) {
        if (deadline_ns != WEFT_NEVER)
            return WEFT_ETIMEOUT;
        err = weft_sleep_ms(RETRY_MS); /* others may give up theirs */
        if (err)
            return err;
        now = wf_sys_now_ns();
    }
    err = at > now ? weft_sleep_until(at) : WEFT_OK;
    if (err) /* cancelled: those who come later need not wait for us */
        wf_sub(full_of(l), ns_of(l, n), relaxed);
    return err;
}

weft_err
weft_limiter_take(struct weft_limiter *l, uint32_t n)
{
    return weft_limiter_take_until(l, n, WEFT_NEVER);
}
