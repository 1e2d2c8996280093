/* SPDX-License-Identifier: MIT */
/*
 * Begins and ends attempts, and decides whether another attempt follows.
 *
 * A call is sent again if it is certain that no handler has seen it. An
 * idempotent call is also sent again if a handler may have seen it, and may be
 * hedged: sent to a second server while the first one works. Every hedge, and
 * every retry after a request that was sent, is paid from a budget (budget.c).
 */
#include "upstream/upstream.h"

#include <errno.h>

#define PAUSE_MOST_MS 1000u

/* relaxed: whoever reads n_parts too early misses a part for a moment */
static void
note_part(struct wf_upstream *up, uint32_t index)
{
    uint32_t old = wf_load(&up->n_parts, relaxed);
    while (old <= index && !wf_cas(&up->n_parts, &old, index + 1, relaxed))
        continue;
}

/* The first attempt of a call pays into the budget. */
static void
earn(struct wf_upstream *up, struct wf_part *part)
{
    if (WEFT_UNLIKELY(wf_load(&part->tokens, relaxed) == 0))
        note_part(up, (uint32_t)(part - up->parts)); /* perhaps the first */
    wf_budget_earn(&part->tokens, wf_tuned(&up->tuned, WF_RETRY_PERCENT));
}

/* True if an attempt may follow a request that was sent. The call of a handler
 * that executes a retry is not sent again, because retries at every hop would
 * multiply. */
static bool
may_retry(struct wf_upstream *up, struct wf_attempt *a, uint64_t now)
{
    if (a->is_for_retry && !WF_MUTANT(retries_multiply))
        return false;
    if (a->is_paid)
        return true;
    return wf_budget_take(&up->parts[wf_parts_index()].tokens, &up->reserve,
                          wf_tuned(&up->tuned, WF_RETRY_RESERVE), now);
}

/* ---- beginning ---- */

static weft_err
choose(struct wf_upstream *up, const struct wf_snapshot *list,
       struct wf_attempt *a)
{
    struct wf_part *part = &up->parts[a->part];
    if (WEFT_UNLIKELY(a->partition))
        list = wf_schemes_list(list, a->partition);
    if (!list || list->n == 0)
        return WEFT_ENOENDPOINT;
    struct wf_endpoint *endpoint;
    struct wf_load *loads;
    do { /* again if another thread was faster, and has begun the trial */
        endpoint = wf_balance(up, list, part, a, a->begun_ns);
        if (!endpoint)
            return WEFT_ENOENDPOINT;
        loads = wf_endpoint_loads(endpoint);
        if (!loads)
            return -ENOMEM;
    } while (WEFT_UNLIKELY(up->options.breaker) &&
             !wf_breaker_admits(endpoint, a));
    if (WEFT_UNLIKELY(a->is_copy) && !may_retry(up, a, a->begun_ns))
        return WEFT_EOVERLOAD;
    if (!a->tried)
        earn(up, part);
    /* relaxed: the release store in wf_snapshot_leave orders this add */
    wf_add(&loads[a->part].begun, 1, relaxed);
    if (up->options.balance == WEFT_CONSISTENT_HASH)
        wf_add(&part->in_flight, 1, relaxed); /* only compared */
    a->endpoint = endpoint;
    return WEFT_OK;
}

/* True if no further attempt is allowed after this one. */
static bool
is_last(const struct wf_attempt *a)
{
    uint32_t n_ended = a->tried ? a->tried->n : 0;
    return n_ended + 1 >= a->plan->max_attempts;
}

static uint64_t
end_of(const struct wf_attempt *a)
{
    if (!a->is_idempotent || is_last(a))
        return a->deadline_ns;
    uint64_t end = wf_timeout_end(a->begun_ns, a->plan->attempt_timeout_ms);
    return WF_MIN(end, a->deadline_ns);
}

/* Returns after which time without an answer a call is hedged; 0: never. */
static uint64_t
hedge_delay(const struct wf_upstream *up, const struct wf_attempt *a)
{
    if (a->plan->hedge_ms == WEFT_HEDGE_P95)
        return wf_latency_p95(&up->latencies[a->part]);
    return (uint64_t)a->plan->hedge_ms * 1000000u;
}

/* Set a->hedge_ns. `tried` is made now, because when the copy begins, the
 * reader of the connection may use the arena. */
static void
plan_hedge(const struct wf_upstream *up, struct wf_attempt *a)
{
    uint64_t delay = hedge_delay(up, a), at = a->begun_ns + delay;
    bool may = a->is_idempotent || WF_MUTANT(any_call_hedged);
    a->hedge_ns = 0;
    if (delay == 0 || !may || at >= a->until_ns || is_last(a) ||
        (a->is_hedged && !WF_MUTANT(call_hedged_twice)))
        return;
    if (!a->tried)
        a->tried = weft_arena_zalloc(a->arena, sizeof *a->tried);
    if (a->tried)
        a->hedge_ns = at;
}

weft_err
wf_upstream_begin(void *upstream, struct wf_attempt *a,
                  struct weft_client **endpoint)
{
    struct wf_upstream *up = upstream;
    if (wf_load(&up->closing, seq_cst))
        return WEFT_ECLOSED;
    a->until_ns = end_of(a);
    a->is_paid = a->is_trial = false;
    if (WEFT_UNLIKELY(wf_health_is_due(&up->ejections, a->begun_ns)))
        wf_health_end_ejections(up, a->begun_ns);
    if (WEFT_UNLIKELY(wf_rates_are_due(&up->rates, a->begun_ns)))
        wf_rates_compare(up, a->begun_ns);
    a->part = wf_parts_index();
    weft_err err = choose(up, wf_snapshot_enter(up, a->part), a);
    wf_snapshot_leave(up, a->part);
    if (err)
        return err;
    *endpoint = ((struct wf_endpoint *)a->endpoint)->client;
    if (WEFT_UNLIKELY(a->plan->hedge_ms > 0))
        plan_hedge(up, a);
    return WEFT_OK;
}

/* Source: Dean and Barroso, The Tail at Scale. A copy goes only to an endpoint
 * that is connected: to connect may take longer than the answer that is
 * late. */
bool
wf_upstream_hedge(void *upstream, struct wf_attempt *a, struct wf_attempt *copy,
                  struct weft_client **endpoint)
{
    struct wf_upstream *up = upstream;
    if (wf_load(&up->closing, seq_cst))
        return false;
    *copy = *a;
    copy->begun_ns = wf_sys_now_ns();
    copy->until_ns = a->deadline_ns;
    copy->part = wf_parts_index();
    copy->n_sent++; /* so its server knows that the request was sent before */
    copy->is_copy = copy->has_twin = true;
    copy->is_paid = copy->is_trial = false;
    /* Only for the choice: `a` itself goes on. */
    if (!WF_MUTANT(copy_to_same_server))
        a->tried->endpoints[a->tried->n++] = a->endpoint;
    weft_err err = choose(up, wf_snapshot_enter(up, copy->part), copy);
    wf_snapshot_leave(up, copy->part);
    if (!WF_MUTANT(copy_to_same_server))
        a->tried->n--;
    if (!err)
        *endpoint = ((struct wf_endpoint *)copy->endpoint)->client;
    return !err;
}

/* ---- the next attempt ---- */

/* True if the bytes of the server are no reply to the call. A reply that is too
 * large for this client is none of these: another server would send the same
 * reply. */
static bool
is_garbage(weft_err err)
{
    if (err == WEFT_EBUDGET || err == WEFT_ETOOBIG)
        return false;
    return wf_err_band(err) == WF_BAND_BYTES || err == WEFT_ENAME ||
           err == WEFT_ESEQID;
}

/* True if the attempt was given up before the call's deadline. */
static bool
is_given_up(const struct wf_attempt *a)
{
    return a->err == WEFT_ETIMEOUT && a->until_ns < a->deadline_ns;
}

bool
wf_attempt_may_go_elsewhere(const struct wf_attempt *a)
{
    if (weft_err_is_peer(a->err))
        return weft_err_is_retryable(a->err);
    if (is_given_up(a))
        return true;
    if (a->reach != WEFT_CALL_NOT_SENT)
        return (a->is_idempotent || WF_MUTANT(any_call_repeated)) &&
               (a->err == WEFT_EBROKEN || is_garbage(a->err));
    return weft_err_is_retryable(a->err) || weft_err_is_connection(a->err);
}

/* Add the endpoint to a->tried. false: this was the last attempt that is
 * allowed, or there is no memory. */
static bool
note_tried(struct wf_attempt *a)
{
    if (!a->tried)
        a->tried = weft_arena_zalloc(a->arena, sizeof *a->tried);
    if (!a->tried || is_last(a))
        return false;
    a->tried->endpoints[a->tried->n++] = a->endpoint;
    return true;
}

/* Returns the pause before the next attempt in ns. The pause is random, so that
 * the callers of a server that fails do not come back at the same moment. */
static uint64_t
pause_of(struct wf_upstream *up, const struct wf_attempt *a)
{
    uint32_t part = wf_parts_index(), n = a->tried->n;
    const struct wf_snapshot *list = wf_snapshot_enter(up, part);
    if (a->partition)
        list = wf_schemes_list(list, a->partition);
    /* without a list the next attempt does not begin, and may say so at once */
    bool is_known = !list || n < list->n;
    wf_snapshot_leave(up, part);
    if (is_known)
        return 0; /* there is an endpoint that was not tried */
    uint64_t ms = (uint64_t)a->plan->retry_pause_ms << (n - 1);
    uint64_t most = WF_MIN(ms, PAUSE_MOST_MS) * 1000000u;
    return most ? 1 + wf_sys_random() % most : 0;
}

static bool
goes_on(struct wf_upstream *up, struct wf_attempt *a, uint64_t now)
{
    if (!a->err || !wf_attempt_may_go_elsewhere(a) ||
        wf_load(&up->closing, seq_cst))
        return false;
    if (a->is_copy && a->reach == WEFT_CALL_NOT_SENT)
        return false; /* the call goes on without a copy */
    if (!note_tried(a))
        return false;
    if (a->has_twin)
        return !WF_MUTANT(failed_copy_ends_call);
    uint64_t pause = pause_of(up, a);
    if (a->deadline_ns <= now + pause)
        return false;
    if (a->reach != WEFT_CALL_NOT_SENT && !may_retry(up, a, now))
        return false;
    a->pause_ns = pause ? now + pause : 0;
    return true;
}

bool
wf_upstream_give_up(void *upstream, struct wf_attempt *a)
{
    struct wf_upstream *up = upstream;
    a->is_paid = may_retry(up, a, wf_sys_now_ns());
    return a->is_paid;
}

/* ---- ending ---- */

bool
wf_attempt_has_failed(const struct wf_attempt *a)
{
    if (weft_err_is_peer(a->err))
        return weft_err_is_retryable(a->err);
    if (!a->err || a->err == WEFT_ETHROWN || a->err == WEFT_ECANCEL ||
        a->err == WEFT_ECLOSED)
        return false;
    if (a->reach == WEFT_CALL_NOT_SENT)
        return weft_err_is_connection(a->err) || a->err == WEFT_ETIMEOUT;
    return a->reach == WEFT_CALL_MAYBE_HANDLED || is_garbage(a->err);
}

static void
note_failure(struct wf_upstream *up, struct wf_endpoint *endpoint,
             const struct wf_attempt *a, uint64_t now)
{
    struct wf_load *load = &wf_endpoint_loads(endpoint)[a->part];
    wf_add(&load->failed, 1, relaxed); /* only a statistic */
    wf_health_failed(up, endpoint, a, now);
    if (a->reach == WEFT_CALL_NOT_SENT && up->resolver)
        wf_resolver_hint(up->resolver);
}

static void
note_flow(const struct wf_attempt *a, uint64_t took, bool failed, uint64_t now)
{
    struct wf_flow *flows = wf_endpoint_flows(a->endpoint);
    if (flows) /* otherwise there is no memory: the endpoint is not measured */
        wf_flow_note(&flows[a->part], took, failed, now);
}

/* An attempt that was outrun would have taken longer still. If it did not
 * count, a server that is slow would look fast, and so would all answers
 * together. */
static void
note_time(struct wf_upstream *up, struct wf_load *load,
          const struct wf_attempt *a, bool failed, uint64_t now)
{
    uint64_t took = now - a->begun_ns;
    bool has_time = a->reach == WEFT_CALL_ANSWERED || a->is_outrun;
    if (failed || has_time)
        wf_load_note(load, took, failed, now);
    if (up->options.balance == WEFT_LOCALITY_AWARE && (failed || has_time))
        note_flow(a, took, failed, now);
    if (WEFT_UNLIKELY(up->latencies != NULL) && has_time)
        wf_latency_note(&up->latencies[wf_parts_index()], took, now);
}

/* Count a copy that has ended. It has won if it has an answer, and no attempt
 * follows. */
static void
note_copy(struct wf_upstream *up, const struct wf_attempt *a, bool more)
{
    struct wf_part *part = &up->parts[a->part];
    if (a->reach != WEFT_CALL_NOT_SENT) /* relaxed: only counters */
        wf_add(&part->hedges, 1, relaxed);
    if (a->reach == WEFT_CALL_ANSWERED && !more)
        wf_add(&part->hedges_won, 1, relaxed);
}

bool
wf_upstream_end(void *upstream, struct wf_attempt *a)
{
    struct wf_upstream *up = upstream;
    struct wf_endpoint *endpoint = a->endpoint;
    struct wf_load *load = &wf_endpoint_loads(endpoint)[a->part];
    uint64_t now = wf_sys_now_ns();
    bool failed = wf_attempt_has_failed(a);
    if (failed)
        note_failure(up, endpoint, a, now);
    else if (a->reach == WEFT_CALL_ANSWERED)
        wf_health_answered(&endpoint->health);
    if (WEFT_UNLIKELY(up->options.breaker))
        wf_breaker_note(up, endpoint, a, failed, now);
    note_time(up, load, a, failed, now);
    if (up->options.balance == WEFT_CONSISTENT_HASH)
        wf_sub(&up->parts[a->part].in_flight, 1, relaxed);
    bool more = goes_on(up, a, now);
    if (WEFT_UNLIKELY(a->is_copy))
        note_copy(up, a, more);
    /* The last access to the endpoint, which may be freed now. */
    wf_add(&load->ended, 1, release);
    return more;
}
