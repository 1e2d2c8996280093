/* SPDX-License-Identifier: MIT */
#include "upstream/upstream.h"

#include <errno.h>

#define WINDOW 1500u
#define WINDOW_MAX 1000000u
#define PERCENT 10u
#define PAUSE_MS 100u
#define MOST_MS 30000u
#define MS_MAX 86400000u
/* The long window is so many times as long, and its bound so many times
 * lower. */
#define LONGER 2u
/* The shortest window of one worker. */
#define SHARE_LEAST 20u
/* After a window of successes the sum of the costs is EPSILON times what it
 * was; DECAY is its logarithm, negated. */
#define EPSILON 0.02f
#define DECAY 3.912023f
#define COST_MOST 2.0f /* of one failure, in average latencies */

weft_err
wf_breaker_fill_in(struct weft_upstream_options *o)
{
    o->breaker_window = wf_option(o->breaker_window, WINDOW);
    o->breaker_percent = wf_option(o->breaker_percent, PERCENT);
    o->breaker_ms = wf_option(o->breaker_ms, PAUSE_MS);
    o->breaker_most_ms = wf_option(o->breaker_most_ms, MOST_MS);
    return o->breaker_window > WINDOW_MAX || o->breaker_percent > 100 ||
                   o->breaker_most_ms > MS_MAX ||
                   o->breaker_ms > o->breaker_most_ms
               ? -EINVAL
               : WEFT_OK;
}

/* ---- the state ---- */

static uint64_t
ns_of(const struct wf_upstream *up, enum wf_tuning which)
{
    return (uint64_t)wf_tuned(&up->tuned, which) * 1000000u;
}

/* Open the breaker. The lock is held. */
static void
open_for(struct wf_breaker *b, uint64_t pause_ns, uint64_t now)
{
    b->pause_ns = pause_ns;
    wf_add(&b->epoch, 1, relaxed);
    wf_store(&b->changed_ns, now, relaxed);
    wf_store(&b->until_ns, now + pause_ns, relaxed);
}

/* The next pause: twice the last one. */
static uint64_t
longer(const struct wf_upstream *up, const struct wf_breaker *b)
{
    uint64_t most = ns_of(up, WF_BREAKER_MOST_MS);
    return WF_MUTANT(breaker_pauses_equal) ? b->pause_ns
                                           : WF_MIN(2 * b->pause_ns, most);
}

/* How long the breaker will be open that was closed until now. If it was closed
 * for long, the pause begins anew. The lock is held. */
static uint64_t
pause_of(const struct wf_upstream *up, const struct wf_breaker *b, uint64_t now)
{
    uint64_t most = ns_of(up, WF_BREAKER_MOST_MS);
    uint64_t well = now - wf_load(&b->changed_ns, relaxed);
    if (b->pause_ns > 0 && well < most)
        return longer(up, b);
    return WF_MIN(ns_of(up, WF_BREAKER_MS), most);
}

static void
trip(struct wf_upstream *up, struct wf_endpoint *endpoint,
     const struct wf_attempt *a, uint64_t now)
{
    struct wf_breaker *b = &endpoint->breaker;
    wf_spin_lock(&b->lock);
    /* another worker may have opened it, and it may even be closed again */
    bool may = !wf_load(&b->until_ns, relaxed) && !b->is_dropped &&
               a->begun_ns >= wf_load(&b->changed_ns, relaxed);
    if (may) {
        open_for(b, pause_of(up, b, now), now);
        b->last = a->err;
        b->is_by_trial = false;
        wf_add(&up->breakers.n_open, 1, relaxed);
        wf_store(&up->usable_changed, true, release);
    }
    unsigned ms = (unsigned)(b->pause_ns / 1000000u);
    wf_spin_unlock(&b->lock);
    if (may)
        wf_log_limited(WEFT_LOG_WARN,
                       "%s: its breaker is open for %u ms: too many attempts "
                       "have failed, the last one: %s",
                       wf_client_address(endpoint->client), ms,
                       weft_err_text(a->err));
}

bool
wf_breaker_admits(struct wf_endpoint *endpoint, struct wf_attempt *a)
{
    struct wf_breaker *b = &endpoint->breaker;
    if (WEFT_LIKELY(!wf_load(&b->until_ns, relaxed)))
        return true;
    wf_spin_lock(&b->lock);
    uint64_t until = wf_load(&b->until_ns, relaxed);
    if (until > 0 && until <= a->begun_ns && !a->is_copy) {
        a->is_trial = true;
        wf_store(&b->changed_ns, a->begun_ns, relaxed);
        if (!WF_MUTANT(many_trials))
            wf_store(&b->until_ns, WEFT_NEVER, relaxed);
    }
    wf_spin_unlock(&b->lock);
    return until == 0 || a->is_trial || WF_MUTANT(open_breaker_unheeded);
}

/* The trial has ended. If it was neither answered nor has failed, the next call
 * is a trial, too. */
static void
end_trial(struct wf_upstream *up, struct wf_endpoint *endpoint,
          const struct wf_attempt *a, bool failed, uint64_t now)
{
    struct wf_breaker *b = &endpoint->breaker;
    bool closes = !failed && a->reach == WEFT_CALL_ANSWERED;
    if (WF_MUTANT(failed_trial_closes))
        closes = true;
    wf_spin_lock(&b->lock);
    bool is_over = b->is_dropped;
    if (is_over) {
        /* nobody uses the state any more */
    } else if (closes) {
        wf_store(&b->until_ns, 0, relaxed);
        wf_store(&b->changed_ns, now, relaxed);
        wf_sub(&up->breakers.n_open, 1, relaxed);
        wf_store(&up->usable_changed, true, release);
    } else {
        uint64_t pause = b->pause_ns;
        open_for(b, failed ? longer(up, b) : 0, now);
        b->pause_ns = failed ? b->pause_ns : pause;
        b->last = failed ? a->err : WEFT_OK;
        b->is_by_trial = true;
    }
    wf_spin_unlock(&b->lock);
    if (!is_over && closes)
        wf_log_limited(WEFT_LOG_INFO, "%s: its breaker is closed again",
                       wf_client_address(endpoint->client));
}

void
wf_breaker_drop(struct wf_upstream *up, struct wf_endpoint *endpoint)
{
    struct wf_breaker *b = &endpoint->breaker;
    wf_spin_lock(&b->lock);
    b->is_dropped = true;
    if (wf_load(&b->until_ns, relaxed)) {
        wf_store(&b->until_ns, 0, relaxed);
        wf_sub(&up->breakers.n_open, 1, relaxed);
        wf_store(&up->usable_changed, true, release);
    }
    wf_spin_unlock(&b->lock);
}

/* ---- the windows; relaxed: see struct wf_breaker_sums ---- */

/* The length of a window of one worker. */
static float
length_of(const struct wf_upstream *up, uint32_t k)
{
    uint32_t n_parts = WF_MAX(wf_load(&up->n_parts, relaxed), 2);
    uint32_t share = wf_tuned(&up->tuned, WF_BREAKER_WINDOW) / (n_parts - 1);
    return (float)(WF_MAX(share, SHARE_LEAST) * (k ? LONGER : 1));
}

/* Forget what is older than the breaker's last change. */
static void
renew(struct wf_breaker_sums *sums, uint32_t epoch)
{
    if (WEFT_LIKELY(wf_load(&sums->epoch, relaxed) == epoch))
        return;
    wf_store(&sums->n, 0, relaxed);
    wf_store(&sums->failed, 0, relaxed);
    for (uint32_t k = 0; k < WF_BREAKER_WINDOWS; k++)
        wf_store(&sums->costs[k], 0, relaxed);
    wf_store(&sums->epoch, epoch, relaxed);
}

static void
count(struct wf_breaker_sums *sums, float longest)
{
    uint32_t n = wf_load(&sums->n, relaxed);
    if ((float)n < longest)
        wf_store(&sums->n, n + 1, relaxed);
}

static void
succeed(const struct wf_upstream *up, struct wf_breaker_sums *sums,
        uint64_t took)
{
    float length = length_of(up, WF_BREAKER_WINDOWS - 1);
    float old = wf_load(&sums->latency_ns, relaxed), new = (float)took + 1;
    count(sums, length);
    if (old > 0)
        new = old + (new - old) * DECAY / length;
    wf_store(&sums->latency_ns, new, relaxed);
    for (uint32_t k = 0; k < WF_BREAKER_WINDOWS; k++) {
        float cost = wf_load(&sums->costs[k], relaxed);
        if (WEFT_UNLIKELY(cost > 0))
            wf_store(&sums->costs[k], cost - cost * DECAY / length_of(up, k),
                     relaxed);
    }
}

/* True if there are too many failures in window k. */
static bool
is_over(const struct wf_upstream *up, const struct wf_breaker_sums *sums,
        uint32_t k)
{
    float length = length_of(up, k);
    float part = (float)wf_tuned(&up->tuned, WF_BREAKER_PERCENT) / 100;
    float bound = length * (k ? part / (float)LONGER : part);
    if ((float)wf_load(&sums->n, relaxed) < length)
        return (float)wf_load(&sums->failed, relaxed) >= bound;
    return wf_load(&sums->costs[k], relaxed) > bound * (1 + EPSILON);
}

/* Returns whether the breaker should open. */
static bool
fail(const struct wf_upstream *up, struct wf_breaker_sums *sums, uint64_t took)
{
    float latency = wf_load(&sums->latency_ns, relaxed);
    float cost = latency > 0 ? (float)took / latency : 1;
    bool opens = false;
    count(sums, length_of(up, WF_BREAKER_WINDOWS - 1));
    wf_store(&sums->failed, wf_load(&sums->failed, relaxed) + 1, relaxed);
    cost = WF_MIN(WF_MAX(cost, 1), COST_MOST);
    for (uint32_t k = 0; k < WF_BREAKER_WINDOWS; k++) {
        float sum = wf_load(&sums->costs[k], relaxed);
        wf_store(&sums->costs[k], sum + cost, relaxed);
        opens = opens || is_over(up, sums, k);
    }
    return opens;
}

/* A server that refuses a call because it has too many works, so this is
 * neither a success nor a failure, except for a trial. Attempts that began
 * before the last change say nothing about the endpoint as it is now. While a
 * policy lets no breaker open, those that are open still have their trials. */
void
wf_breaker_note(struct wf_upstream *up, struct wf_endpoint *endpoint,
                const struct wf_attempt *a, bool failed, uint64_t now)
{
    struct wf_breaker *b = &endpoint->breaker;
    struct wf_breaker_sums *sums =
        &wf_endpoint_loads(endpoint)[a->part].breaker;
    if (WEFT_UNLIKELY(a->is_trial)) {
        end_trial(up, endpoint, a, failed, now);
        return;
    }
    if (wf_tuned(&up->tuned, WF_BREAKER_PERCENT) == 0 ||
        a->begun_ns < wf_load(&b->changed_ns, relaxed) ||
        (failed && weft_err_is_peer(a->err)))
        return;
    renew(sums, wf_load(&b->epoch, relaxed));
    if (!failed && a->reach == WEFT_CALL_ANSWERED)
        succeed(up, sums, now - a->begun_ns);
    else if (failed && fail(up, sums, now - a->begun_ns) &&
             !WF_MUTANT(breaker_never_opens))
        trip(up, endpoint, a, now);
}

/* ---- the view ---- */

/* The reason of the state. The lock is held. */
static const char *
reason_of(const struct wf_breaker *b, uint64_t until)
{
    if (until == 0)
        return "its breaker is closed again";
    if (until == WEFT_NEVER)
        return "one call is in flight as a trial";
    if (!b->is_by_trial)
        return "too many attempts have failed, the last one: ";
    return b->last ? "the trial has failed: "
                   : "the trial has ended without an answer";
}

weft_err
wf_breaker_view(struct wf_endpoint *endpoint, struct weft_arena *arena,
                struct weft_endpoint_view *view)
{
    struct wf_breaker *b = &endpoint->breaker;
    wf_spin_lock(&b->lock);
    uint64_t until = wf_load(&b->until_ns, relaxed);
    uint64_t changed = wf_load(&b->changed_ns, relaxed);
    const char *reason = reason_of(b, until);
    bool has_error = until > 0 && until != WEFT_NEVER && b->last;
    weft_err last = b->last;
    wf_spin_unlock(&b->lock);
    view->openings = wf_load(&b->epoch, relaxed);
    if (view->state != WEFT_ENDPOINT_USABLE ||
        (until == 0 && changed <= view->changed_ns))
        return WEFT_OK;
    view->state = until == 0            ? WEFT_ENDPOINT_USABLE
                  : until == WEFT_NEVER ? WEFT_ENDPOINT_HALF_OPEN
                                        : WEFT_ENDPOINT_OPEN;
    view->changed_ns = changed;
    view->reason = weft_arena_printf(arena, "%s%s", reason,
                                     has_error ? weft_err_text(last) : "");
    return view->reason.ptr ? WEFT_OK : WEFT_EBUDGET;
}
