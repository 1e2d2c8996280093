/* SPDX-License-Identifier: MIT */
/*
 * Makes load. Each caller is a fiber; there are as many as calls may be in
 * flight.
 *
 * Closed loop: a caller calls again when it has its reply. Open loop: one
 * fiber, the clock, puts the time at which a call is due into a channel, and a
 * free caller takes this time and calls. A latency begins when its call was
 * due, so a server that stalls does not delay the clock and cannot hide its
 * stall (Gil Tene's "coordinated omission"). A call that is due while every
 * caller waits for a reply is sent late; a call that is still due at the end is
 * counted as not sent.
 *
 * Counts are relaxed atomics, because no other data depends on the counts, and
 * the last read of a count is after the join of every fiber.
 */
#include "bench_load.h"
#include "base/base.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define BROKEN_PAUSE_MS 10 /* before the next call over a broken connection */
/* The shortest sleep; calls that become due during a sleep are sent after the
 * sleep. */
#define LEAST_NAP_NS 20000

/* ---- callers ---- */

static void
note(struct wb_load *l, uint64_t due, uint64_t now,
     const struct wb_outcome *out)
{
    atomic_fetch_add_explicit(&l->ended, !out->is_broken, memory_order_relaxed);
    if (due < l->begin_ns || out->err == WEFT_ECANCEL)
        return; /* a call of the warm-up, or an interrupted call */
    atomic_fetch_add_explicit(&l->calls, 1, memory_order_relaxed);
    if (!out->is_right)
        atomic_fetch_add_explicit(&l->failed, 1, memory_order_relaxed);
    if (out->is_timed)
        wb_record(&l->latency, now - due);
}

/* Make a call and record it. Returns the time when it ended. */
static uint64_t
call(struct wb_caller *c, struct weft_arena *arena, uint64_t due)
{
    struct wb_load *l = c->load;
    bool counts = due >= l->begin_ns;
    struct wb_outcome out =
        wb_call(l->target, c->client, arena, counts ? &l->failures : NULL);
    uint64_t now = weft_now_ns();
    note(l, due, now, &out);
    if (!out.is_broken || l->shape->rate > 0)
        return now;
    (void)weft_sleep_ms(BROKEN_PAUSE_MS); /* if cancelled, the caller ends
                                             anyway */
    return weft_now_ns();
}

static bool
is_over(struct wb_load *l, uint64_t now)
{
    return now >= atomic_load_explicit(&l->until_ns, memory_order_relaxed);
}

static void
call_again(void *arg)
{
    struct wb_caller *c = arg;
    struct weft_arena arena;
    if (weft_sem_take(&c->load->go))
        return; /* cancelled: the other callers could not be started */
    uint64_t now = weft_now_ns();
    weft_arena_init(&arena, 0);
    while (!is_over(c->load, now))
        now = call(c, &arena, now);
    weft_arena_fini(&arena);
}

static void
count_unsent(struct wb_load *l, uint64_t due)
{
    if (due >= l->begin_ns)
        atomic_fetch_add_explicit(&l->unsent, 1, memory_order_relaxed);
}

/* A caller takes due calls from the clock. A caller that was free when a call
 * was due makes the call, even if it wakes shortly after the end. */
static void
call_when_due(void *arg)
{
    struct wb_caller *c = arg;
    struct wb_load *l = c->load;
    struct weft_arena arena;
    uint64_t due, free_since = 0;
    weft_arena_init(&arena, 0);
    while (weft_chan_recv(l->due, &due) == WEFT_OK) {
        uint64_t now = weft_now_ns();
        if (free_since > due && is_over(l, now)) {
            count_unsent(l, due);
            continue;
        }
        if (due >= l->begin_ns)
            wb_record(&l->late, now - due);
        free_since = call(c, &arena, due);
    }
    weft_arena_fini(&arena);
}

/* ---- the clock ---- */

/* The gap to the next due call: constant, or random as in a Poisson process.
 * The generator is splitmix64, by Steele, Lea and Flood; its fixed seed gives
 * each run the same load. */
static double
next_gap_ns(struct wb_load *l)
{
    double gap = 1e9 / l->shape->rate;
    if (!l->shape->poisson)
        return gap;
    uint64_t z = l->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return -gap * log(((double)(z >> 11) + 0.5) / 9007199254740992.0);
}

/* Sleep by a timerfd, because the runtime's own sleep may be 0.2 ms late. */
static weft_err
nap_until(int fd, uint64_t due)
{
    uint64_t now, n;
    while ((now = weft_now_ns()) < due) {
        uint64_t wake = due - now < LEAST_NAP_NS ? now + LEAST_NAP_NS : due;
        struct itimerspec at = {.it_value = {(time_t)(wake / 1000000000),
                                             (long)(wake % 1000000000)}};
        if (timerfd_settime(fd, TFD_TIMER_ABSTIME, &at, NULL) < 0)
            /* Not -errno: after a wait the fiber may be on another thread, but
             * the compiler may still use the address of errno from before the
             * wait. */
            return wf_errno();
        int events = weft_fd_wait(fd, WEFT_FD_READ);
        if (events < 0)
            return events;
        weft_err err = read(fd, &n, sizeof n) < 0 ? wf_errno() : WEFT_OK;
        if (err && err != -EAGAIN)
            return err;
    }
    return WEFT_OK;
}

/* The clock: tells the callers of each call when it is due. */
static void
run_clock(void *arg)
{
    struct wb_load *l = arg;
    double at = 0;
    uint64_t due = l->start_ns;
    weft_err err = WEFT_OK;
    while (!err && !is_over(l, due)) {
        err = nap_until(l->timer, due);
        if (!err)
            err = weft_chan_send_until(l->due, &due, l->end_ns);
        if (err)
            break;
        at += next_gap_ns(l);
        due = l->start_ns + (uint64_t)at;
    }
    if (err == WEFT_ETIMEOUT) /* the queue was full until the end */
        for (; due < l->end_ns; due = l->start_ns + (uint64_t)at) {
            count_unsent(l, due);
            at += next_gap_ns(l);
        }
    else if (err != WEFT_ECANCEL)
        l->clock_err = err;
    weft_chan_close(l->due);
}

/* ---- from the start to the end ---- */

static weft_err
start_callers(struct wb_load *l)
{
    const struct wb_shape *s = l->shape;
    weft_err err = WEFT_OK;
    for (uint32_t i = 0; i < l->max_callers && !err; i++) {
        l->callers[i] =
            (struct wb_caller){l, l->target->clients[i % s->connections]};
        err = weft_fiber_start(s->rate > 0 ? call_when_due : call_again,
                               &l->callers[i], &l->fibers[i]);
        l->n_callers += !err;
    }
    return err;
}

/* The time begins after the start of all callers, because the start may take
 * long. */
static weft_err
start(struct wb_load *l)
{
    weft_err err = start_callers(l);
    if (err)
        return err;
    l->start_ns = weft_now_ns();
    l->begin_ns = l->start_ns + (uint64_t)(l->shape->warm_up_s * 1e9);
    l->end_ns = l->begin_ns + (uint64_t)(l->shape->seconds * 1e9);
    atomic_store_explicit(&l->until_ns, l->end_ns, memory_order_relaxed);
    if (l->shape->rate > 0)
        return weft_fiber_start(run_clock, l, &l->clock);
    weft_sem_give(&l->go, l->n_callers);
    return WEFT_OK;
}

/* After an interrupt or a failed start, do not wait for replies. */
static void
end_fibers(struct wb_load *l, bool at_once)
{
    if (at_once) {
        atomic_store_explicit(&l->until_ns, 0, memory_order_relaxed);
        weft_fiber_cancel(l->clock);
        for (uint32_t i = 0; i < l->n_callers; i++)
            weft_fiber_cancel(l->fibers[i]);
    }
    weft_fiber_join(l->clock);
    for (uint32_t i = 0; i < l->n_callers; i++)
        weft_fiber_join(l->fibers[i]);
}

static void
free_load(struct wb_load *l)
{
    if (l->timer >= 0)
        close(l->timer);
    weft_chan_free(l->due);
    free(l->callers);
    free(l->fibers);
    free(l);
}

static struct wb_load *
new_load(const struct wb_target *t, const struct wb_shape *shape)
{
    struct wb_load *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->target = t;
    l->shape = shape;
    l->max_callers = shape->connections * shape->in_flight;
    l->callers = calloc(l->max_callers, sizeof *l->callers);
    l->fibers = calloc(l->max_callers, sizeof *l->fibers);
    l->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    pthread_mutex_init(&l->failures.lock, NULL);
    if (l->callers && l->fibers && l->timer >= 0 &&
        !weft_chan_new(sizeof(uint64_t), l->max_callers, &l->due))
        return l;
    free_load(l);
    return NULL;
}

enum wt_code
wb_load(const struct wb_target *t, const struct wb_shape *shape,
        struct weft_arena *arena, struct bench_Run *run)
{
    struct wb_load *l = new_load(t, shape);
    if (!l) {
        wt_error("there is no memory for %u callers",
                 (unsigned)(shape->connections * shape->in_flight));
        return WT_BROKEN;
    }
    wb_catch_interrupt();
    weft_err err = start(l);
    if (!err)
        err = wb_watch(l, arena, run);
    end_fibers(l, err || wb_interrupted());
    if (!err)
        err = l->clock_err ? l->clock_err : wb_harvest(l, arena, run);
    if (err)
        wt_error("the load ended early: %s", weft_err_text(err));
    free_load(l);
    return err ? WT_BROKEN : WT_OK;
}
