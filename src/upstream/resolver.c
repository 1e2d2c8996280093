/* SPDX-License-Identifier: MIT */
/*
 * Runs the function that finds the servers of a client, in a background fiber.
 *
 * The first call of the client starts the fiber, and so does the first call
 * after the runtime has stopped and started again. Calls wait until the first
 * list has been published, or until the function has failed. After that, calls
 * use the last list, whatever the function does: `ready` tells them that they
 * need not look further.
 */
#include "upstream/pause.h"
#include "upstream/upstream.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A hint makes a look-up begin earlier, but not earlier than this after the
 * last one. */
#define HINT_MS 1000u
/* A list is replaced at most ten times a second. */
#define PUBLISH_NS 100000000u

struct weft_resolver {
    struct wf_upstream *up;
    weft_resolve_fn resolve;
    void *user;
    const char *target; /* for the log */
    const char *name;
    uint32_t refresh_ms;
    uint32_t rest_ms;   /* at most refresh_ms; only the fiber uses this field */
    _Atomic bool ready; /* the fiber runs, and a list was published */
    _Atomic bool hinted;   /* a look-up should begin soon */
    struct weft_sem look;  /* given with `hinted` */
    uint64_t published_ns; /* only the fiber uses this field */
    weft_err told;         /* the last error in the log; as published_ns */
    _Atomic uint64_t n_lookups, n_lists, n_empty;
    struct weft_mutex lock;
    struct weft_cond changed; /* of the fields below, which `lock` guards */
    weft_fiber fiber;
    bool runs, found, closing;
    bool explained; /* the present look-up has set `why` */
    weft_err err;   /* of the last look-up */
    char why[WF_WHY];
    uint64_t n_failed;
};

/* ---- how a look-up went ---- */

/* Log an error that is new, and the end of errors. Only the fiber writes the
 * fields that are read here. */
static void
tell(struct weft_resolver *r, weft_err err)
{
    if (err == r->told)
        return;
    r->told = err;
    if (err)
        wf_log_limited(WEFT_LOG_WARN,
                       "%s: the servers cannot be looked up: %s%s", r->target,
                       r->why, r->found ? "; the last list is kept" : "");
    else
        wf_log_limited(WEFT_LOG_INFO, "%s: the look-up succeeds again",
                       r->target);
}

/* A look-up has ended, or its function has published a list, and goes on. A
 * function that returns without an error, and has published no list, has found
 * no server. */
static void
note(struct weft_resolver *r, weft_err err)
{
    wf_mutex_lock_surely(&r->lock);
    r->err = err;
    r->n_failed += err != WEFT_OK;
    if (!err) {
        r->why[0] = '\0';
        r->found = true;
        wf_store(&r->ready, true, release);
    } else if (!r->explained) {
        snprintf(r->why, sizeof r->why, "%s", weft_err_text(err));
    }
    r->explained = false;
    weft_cond_broadcast(&r->changed);
    weft_mutex_unlock(&r->lock);
    tell(r, err);
}

/* ---- for the function ---- */

void
weft_resolver_explain(struct weft_resolver *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    wf_mutex_lock_surely(&r->lock);
    vsnprintf(r->why, sizeof r->why, format, args);
    r->explained = true;
    weft_mutex_unlock(&r->lock);
    va_end(args);
}

static weft_err
take(struct weft_resolver *r, const struct weft_endpoint *endpoints, uint32_t n)
{
    char why[WF_WHY] = "";
    weft_err err = wf_snapshot_publish(r->up, endpoints, n, why);
    if (*why)
        weft_resolver_explain(r, "%s", why);
    return err;
}

weft_err
weft_resolver_publish(struct weft_resolver *r,
                      const struct weft_endpoint *endpoints, uint32_t n)
{
    weft_err err = weft_sleep_until(r->published_ns + PUBLISH_NS);
    if (!err && n > 0)
        err = take(r, endpoints, n);
    if (err)
        return err;
    r->published_ns = wf_sys_now_ns();
    wf_add(n ? &r->n_lists : &r->n_empty, 1, relaxed); /* counters */
    if (n == 0)
        wf_log_limited(WEFT_LOG_WARN, "%s: the look-up has found no server%s",
                       r->target, r->found ? "; the last list is kept" : "");
    note(r, WEFT_OK);
    return WEFT_OK;
}

void
wf_resolver_valid_for(struct weft_resolver *r, uint64_t ms)
{
    if (!WF_MUTANT(ttl_ignored))
        r->rest_ms = (uint32_t)WF_MIN(ms, r->refresh_ms);
}

/* ---- the fiber ---- */

/* Wait for the next look-up. */
static weft_err
rest(struct weft_resolver *r, uint32_t n_failed)
{
    uint64_t now = wf_sys_now_ns();
    if (n_failed) {
        uint32_t most = WF_MAX(r->refresh_ms, WF_PAUSE_FIRST_MS);
        return weft_sleep_until(now + wf_pause_ns(n_failed, most));
    }
    weft_err err =
        weft_sem_take_until(&r->look, wf_timeout_end(now, r->rest_ms));
    if (err)
        return err == WEFT_ETIMEOUT ? WEFT_OK : err;
    uint64_t ms = WF_MIN(HINT_MS, r->rest_ms);
    err = weft_sleep_until(wf_timeout_end(now, (uint32_t)ms));
    /* relaxed: a hint that came before needs no other look-up than the one that
     * begins now */
    wf_store(&r->hinted, false, relaxed);
    return err;
}

static void
look_up(void *arg)
{
    struct weft_resolver *r = arg;
    uint32_t n_failed = 0;
    do {
        r->rest_ms = r->refresh_ms;
        weft_err err = r->resolve(r, r->name, r->user);
        if (weft_fiber_cancelled())
            break;
        wf_add(&r->n_lookups, 1, relaxed); /* a counter */
        note(r, err);
        n_failed = err ? n_failed + 1 : 0;
    } while (!rest(r, n_failed));
    wf_mutex_lock_surely(&r->lock);
    r->runs = false;
    /* relaxed, here and in wf_resolver_close: a call that still sees true uses
     * the last list, or finds the client closing */
    wf_store(&r->ready, false, relaxed);
    weft_cond_broadcast(&r->changed);
    weft_mutex_unlock(&r->lock);
}

/* ---- for calls ---- */

/* Start the fiber if it does not run. The lock is held. If there is a list, an
 * error does no harm: the next call tries again. */
static weft_err
start(struct weft_resolver *r)
{
    static const struct weft_fiber_options options = {.name = "resolver",
                                                      .background = true};
    if (r->runs)
        return WEFT_OK;
    r->err = WEFT_OK;
    weft_err err = weft_fiber_start_with(&options, look_up, r, &r->fiber);
    r->runs = !err;
    wf_store(&r->ready, r->runs && r->found, release);
    return r->found ? WEFT_OK : err;
}

weft_err
wf_resolver_await(struct weft_resolver *r, uint64_t deadline_ns, bool may_wait,
                  bool *found)
{
    /* acquire: pairs with the release stores, after the first list was
     * published */
    if (WEFT_LIKELY(wf_load(&r->ready, acquire)))
        return WEFT_OK;
    wf_mutex_lock_surely(&r->lock);
    weft_err err = r->closing ? WEFT_ECLOSED : start(r);
    while (!err && !r->found && !r->err && may_wait) {
        err = weft_cond_wait_until(&r->changed, &r->lock, deadline_ns);
        if (r->closing)
            err = WEFT_ECLOSED;
        else if (!err && !r->runs) /* the runtime stops */
            break;
    }
    *found = may_wait || err || r->found || r->err;
    weft_mutex_unlock(&r->lock);
    return err;
}

struct weft_str
wf_resolver_why(struct weft_resolver *r, struct weft_arena *arena)
{
    struct weft_str why = {0};
    wf_mutex_lock_surely(&r->lock);
    if (*r->why)
        why = weft_arena_printf(arena, "%s", r->why);
    weft_mutex_unlock(&r->lock);
    return why;
}

/* relaxed: the flag only lets one of many hints give the semaphore. */
void
wf_resolver_hint(struct weft_resolver *r)
{
    if (!wf_load(&r->hinted, relaxed) && !wf_xchg(&r->hinted, true, relaxed))
        weft_sem_give(&r->look, 1);
}

void
wf_resolver_add_stats(struct weft_resolver *r, struct weft_client_stats *stats)
{
    wf_mutex_lock_surely(&r->lock);
    stats->lookups = wf_load(&r->n_lookups, relaxed);
    stats->lists = wf_load(&r->n_lists, relaxed);
    stats->empty_lists = wf_load(&r->n_empty, relaxed);
    stats->failed_lookups = r->n_failed;
    weft_mutex_unlock(&r->lock);
}

/* ---- life ---- */

weft_err
wf_resolver_new(struct wf_upstream *up, const char *target, const char *name,
                weft_resolve_fn resolve, void *user)
{
    struct weft_resolver *r = wf_sys_zalloc(sizeof *r);
    if (!r)
        return -ENOMEM;
    r->up = up;
    r->resolve = resolve;
    r->user = user;
    r->target = target;
    r->name = name;
    r->refresh_ms = up->options.refresh_ms;
    up->resolver = r;
    return WEFT_OK;
}

void
wf_resolver_close(struct weft_resolver *r)
{
    wf_mutex_lock_surely(&r->lock);
    r->closing = true;
    weft_fiber fiber = r->fiber;
    wf_store(&r->ready, false, relaxed);
    weft_cond_broadcast(&r->changed);
    weft_mutex_unlock(&r->lock);
    if (fiber.id == 0)
        return;
    if (fiber.id == weft_fiber_self().id)
        WF_MISUSED("weft_client_free: a resolver's function must not free its "
                   "own client");
    weft_fiber_cancel(fiber);
    wf_join_surely(fiber);
}

void
wf_resolver_free(struct weft_resolver *r)
{
    wf_sys_free(r);
}
