/* SPDX-License-Identifier: MIT */
#include "upstream/health.h"

#include "upstream/upstream.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FAILURES 5u
#define EJECT_MS 30000u
#define EJECT_PERCENT 10u
#define PANIC_PERCENT 50u
/* The longest ejection, unless eject_ms is longer. */
#define LONGEST_MS 300000u
/* For each WELL_NS without an ejection, the next ejection is shorter by
 * eject_ms. */
#define WELL_NS 10000000000u
#define EJECT_MS_MAX 86400000u
#define REASON 200 /* size of the text of a reason */

weft_err
wf_health_fill_in(struct weft_upstream_options *o)
{
    o->eject_failures = wf_option(o->eject_failures, FAILURES);
    o->eject_ms = wf_option(o->eject_ms, EJECT_MS);
    o->eject_percent = wf_option(o->eject_percent, EJECT_PERCENT);
    if (o->eject_percent == WEFT_NONE)
        o->eject_percent = 0;
    o->panic_percent = wf_option(o->panic_percent, PANIC_PERCENT);
    if (o->panic_percent == WEFT_NONE)
        o->panic_percent = 0;
    return o->eject_percent > 100 || o->panic_percent > 100 ||
                   o->eject_ms > EJECT_MS_MAX
               ? -EINVAL
               : WEFT_OK;
}

/* ---- how many ---- */

/* How many of n endpoints may be ejected at the same time. */
static uint32_t
limit_of(const struct wf_upstream *up, uint32_t n)
{
    uint64_t share = (uint64_t)n * wf_tuned(&up->tuned, WF_EJECT_PERCENT) / 100;
    if (n == 0)
        return 0;
    if (WF_MUTANT(ejections_without_bound))
        return n;
    return (uint32_t)WF_MIN(WF_MAX(share, 1), n - 1);
}

/* True if so few of n endpoints are usable that ejections are ignored. A list
 * that has just been replaced may have been longer, so n_ejected may exceed
 * n. */
static bool
is_panic(const struct wf_upstream *up, uint32_t n, uint32_t n_ejected)
{
    uint64_t usable = n > n_ejected ? n - n_ejected : 0;
    return usable * 100 < (uint64_t)n * wf_tuned(&up->tuned, WF_PANIC_PERCENT);
}

bool
wf_health_is_heeded(const struct wf_upstream *up, uint32_t n)
{
    /* relaxed: an old value makes the choice worse, but not wrong */
    uint32_t n_ejected = wf_load(&up->ejections.n, relaxed);
    return n_ejected > 0 && !WF_MUTANT(ejected_endpoint_chosen) &&
           (!is_panic(up, n, n_ejected) || WF_MUTANT(panic_ignored));
}

/* ---- the end of an ejection ---- */

/* Make an endpoint usable that is no longer in the list of ejected ones. The
 * lock is held. Attempts that began before `at` say nothing about the endpoint
 * as it is now. */
static void
make_usable(struct wf_endpoint *endpoint, uint64_t at)
{
    struct wf_health *h = &endpoint->health;
    wf_store(&h->streak, 0, relaxed);
    wf_store(&h->changed_ns, at, relaxed);
    wf_store(&h->until_ns, 0, relaxed);
}

/* Make the endpoints usable whose ejection has ended. Returns their number;
 * `name` receives the address of one of them. */
static uint32_t
end_ejections(struct wf_upstream *up, uint64_t now, char *name, size_t size)
{
    struct wf_ejections *all = &up->ejections;
    struct wf_endpoint **place = &all->list;
    uint64_t due = 0;
    uint32_t n = 0;
    wf_spin_lock(&all->lock);
    while (*place) {
        struct wf_endpoint *endpoint = *place;
        uint64_t until = wf_load(&endpoint->health.until_ns, relaxed);
        if (until > now || WF_MUTANT(ejection_never_ends)) {
            due = due ? WF_MIN(due, until) : until;
            place = &endpoint->health.next;
            continue;
        }
        *place = endpoint->health.next;
        make_usable(endpoint, until);
        if (n++ == 0)
            (void)snprintf(name, size, "%s",
                           wf_client_address(endpoint->client));
    }
    wf_store(&all->due_ns, due, relaxed);
    wf_sub(&all->n, n, relaxed);
    wf_spin_unlock(&all->lock);
    return n;
}

void
wf_health_end_ejections(struct wf_upstream *up, uint64_t now)
{
    char name[128];
    uint32_t n = end_ejections(up, now, name, sizeof name);
    if (n > 0)
        wf_store(&up->usable_changed, true, release);
    if (n == 1)
        wf_log_limited(WEFT_LOG_INFO, "%s: is usable again", name);
    else if (n > 1)
        wf_log_limited(WEFT_LOG_INFO,
                       "%s: is usable again, and so are %u other endpoints",
                       name, (unsigned)n - 1);
}

/* End the ejection of one endpoint, if it is ejected. The lock is held.
 * `due_ns` may now be too early, which does no harm: end_ejections sets it
 * anew. */
static bool
end_ejection(struct wf_ejections *all, struct wf_endpoint *endpoint,
             uint64_t now)
{
    struct wf_endpoint **e = &all->list;
    while (*e && *e != endpoint)
        e = &(*e)->health.next;
    if (!*e)
        return false;
    *e = endpoint->health.next;
    make_usable(endpoint, now);
    wf_sub(&all->n, 1, relaxed);
    return true;
}

void
wf_health_drop(struct wf_upstream *up, struct wf_endpoint *endpoint)
{
    struct wf_ejections *all = &up->ejections;
    wf_spin_lock(&all->lock);
    endpoint->health.is_dropped = true;
    (void)end_ejection(all, endpoint, wf_sys_now_ns());
    wf_store(&up->usable_changed, true, release);
    wf_spin_unlock(&all->lock);
}

/* ---- an ejection ---- */

/* Set the end of an ejection, because of attempts, that begins now. */
static void
set_end(const struct wf_upstream *up, struct wf_health *h, uint64_t now)
{
    uint64_t one = wf_tuned(&up->tuned, WF_EJECT_MS);
    uint64_t most = WF_MAX(one, LONGEST_MS);
    uint64_t well =
        (now - wf_load(&h->changed_ns, relaxed)) / (uint64_t)WELL_NS;
    if (WF_MUTANT(ejections_never_forgiven))
        well = 0;
    h->times -= (uint32_t)WF_MIN(well, h->times);
    if (h->times * one < most)
        h->times++;
    uint64_t ms = WF_MIN(h->times * one, most);
    wf_store(&h->until_ns, now + ms * 1000000u, relaxed);
}

/* Put an endpoint that is usable into the list of ejected ones. The lock is
 * held. */
static void
add_ejected(struct wf_ejections *all, struct wf_endpoint *endpoint)
{
    struct wf_health *h = &endpoint->health;
    h->n_ejections++;
    h->next = all->list;
    all->list = endpoint;
    wf_add(&all->n, 1, relaxed);
}

/* True if the endpoint may be ejected for this reason. The lock is held.
 * `limit`: how many may be ejected at the same time, because of attempts. */
static bool
may_eject(const struct wf_ejections *all, const struct wf_health *h,
          const struct wf_failures *why, uint32_t limit)
{
    uint64_t until = wf_load(&h->until_ns, relaxed);
    if (h->is_dropped)
        return false;
    if (why->cause == WF_BY_CHECKS)
        return until != WEFT_NEVER;
    return !until && wf_load(&all->n, relaxed) < limit;
}

/* Eject the endpoint. False: it is ejected for this reason already, it is
 * dropped, or as many endpoints are ejected as may be. If it is ejected because
 * of attempts, and its checks fail, too, this ejection becomes the other
 * kind. */
static bool
try_eject(struct wf_upstream *up, struct wf_endpoint *endpoint, uint32_t limit,
          const struct wf_failures *why, uint64_t now)
{
    struct wf_ejections *all = &up->ejections;
    struct wf_health *h = &endpoint->health;
    wf_spin_lock(&all->lock);
    bool may = may_eject(all, h, why, limit);
    if (may) {
        if (!wf_load(&h->until_ns, relaxed))
            add_ejected(all, endpoint);
        if (why->cause == WF_BY_CHECKS)
            wf_store(&h->until_ns, WEFT_NEVER, relaxed);
        else
            set_end(up, h, now);
        wf_store(&h->changed_ns, now, relaxed);
        wf_store(&up->usable_changed, true, release);
        h->why = *why;
        h->n_passed = 0;
        h->has_passed = false;
        uint64_t until = wf_load(&h->until_ns, relaxed);
        uint64_t due = wf_load(&all->due_ns, relaxed);
        wf_store(&all->due_ns, due ? WF_MIN(due, until) : until, relaxed);
    }
    wf_spin_unlock(&all->lock);
    return may;
}

/* The text of the reason. */
static void
explain(const struct wf_failures *why, char *text, size_t size)
{
    if (why->cause == WF_BY_RATE)
        (void)snprintf(text, size,
                       "of its last %u attempts %.1f %% succeeded, on average "
                       "%.1f %% do",
                       (unsigned)why->n, 100 * why->rate, 100 * why->mean);
    else
        (void)snprintf(
            text, size, "%u %s in a row, the last one: %s", (unsigned)why->n,
            why->cause == WF_BY_CHECKS ? "checks failed" : "failures",
            weft_err_text(why->last));
}

void
wf_health_log(const struct wf_upstream *up, const struct wf_ejected *done,
              uint32_t n_more)
{
    uint32_t n = wf_load(&up->ejections.n_listed, relaxed);
    char why[REASON], time[64], others[64] = "";
    const char *panic = is_panic(up, n, wf_load(&up->ejections.n, relaxed))
                            ? "; too few endpoints are usable, so all are used"
                            : "";
    explain(&done->why, why, sizeof why);
    if (done->why.cause == WF_BY_CHECKS)
        (void)snprintf(time, sizeof time, "until its checks succeed");
    else
        (void)snprintf(time, sizeof time, "for %u ms", (unsigned)done->ms);
    if (n_more > 0)
        (void)snprintf(others, sizeof others, "; so are %u other endpoints",
                       (unsigned)n_more);
    wf_log_limited(WEFT_LOG_WARN, "%s: is not used %s: %s%s%s", done->name,
                   time, why, others, panic);
}

bool
wf_health_eject(struct wf_upstream *up, struct wf_endpoint *endpoint,
                const struct wf_failures *why, uint64_t now,
                struct wf_ejected *done)
{
    uint32_t limit = limit_of(up, wf_load(&up->ejections.n_listed, relaxed));
    if (wf_health_is_due(&up->ejections, now))
        wf_health_end_ejections(up, now);
    bool is_full = wf_load(&up->ejections.n, relaxed) >= limit &&
                   why->cause != WF_BY_CHECKS;
    if (is_full || !try_eject(up, endpoint, limit, why, now))
        return false;
    uint64_t until = wf_load(&endpoint->health.until_ns, relaxed);
    (void)snprintf(done->name, sizeof done->name, "%s",
                   wf_client_address(endpoint->client));
    done->why = *why;
    done->ms = (until - WF_MIN(now, until)) / 1000000u;
    return true;
}

static void
eject(struct wf_upstream *up, struct wf_endpoint *endpoint,
      const struct wf_failures *why, uint64_t now)
{
    struct wf_ejected done;
    if (wf_health_eject(up, endpoint, why, now, &done))
        wf_health_log(up, &done, 0);
}

void
wf_health_failed(struct wf_upstream *up, struct wf_endpoint *endpoint,
                 const struct wf_attempt *a, uint64_t now)
{
    struct wf_health *h = &endpoint->health;
    /* relaxed, here and in wf_health_answered: each word is only a number. If
     * a failure and an answer come at the same time, either may be first. */
    bool is_old = wf_load(&h->until_ns, relaxed) > 0 ||
                  a->begun_ns < wf_load(&h->changed_ns, relaxed);
    if (is_old || wf_tuned(&up->tuned, WF_EJECT_FAILURES) == WEFT_NONE)
        return;
    struct wf_failures why = {.n = 1 + wf_add(&h->streak, 1, relaxed),
                              .last = a->err};
    if (why.n >= wf_tuned(&up->tuned, WF_EJECT_FAILURES))
        eject(up, endpoint, &why, now);
}

/* ---- checks ---- */

/* Count a check. Returns whether the endpoint is usable again because of it.
 * The lock is held. A check that began before the ejection says nothing about
 * its end. */
static bool
count_check(struct wf_upstream *up, struct wf_endpoint *endpoint, weft_err err,
            uint64_t begun_ns, uint64_t now)
{
    struct wf_health *h = &endpoint->health;
    h->n_failed = err ? h->n_failed + 1 : 0;
    if (err)
        h->n_passed = 0;
    else if (begun_ns >= wf_load(&h->changed_ns, relaxed))
        h->n_passed++;
    if (err || h->n_passed < up->options.check_successes ||
        WF_MUTANT(passed_checks_ignored))
        return false;
    bool was_ejected = end_ejection(&up->ejections, endpoint, now);
    h->has_passed = h->has_passed || was_ejected;
    if (was_ejected)
        wf_store(&up->usable_changed, true, release);
    return was_ejected;
}

void
wf_health_checked(struct wf_upstream *up, struct wf_endpoint *endpoint,
                  weft_err err, uint64_t begun_ns, uint64_t now)
{
    struct wf_failures why = {.last = err, .cause = WF_BY_CHECKS};
    wf_spin_lock(&up->ejections.lock);
    bool is_usable = count_check(up, endpoint, err, begun_ns, now);
    why.n = endpoint->health.n_failed;
    wf_spin_unlock(&up->ejections.lock);
    if (is_usable)
        wf_log_limited(WEFT_LOG_INFO, "%s: is usable again: its checks succeed",
                       wf_client_address(endpoint->client));
    if (err && why.n >= up->options.check_failures &&
        !WF_MUTANT(failed_checks_ignored))
        eject(up, endpoint, &why, now);
}

/* ---- the view ---- */

weft_err
wf_health_view(struct wf_upstream *up, const struct wf_endpoint *endpoint,
               struct weft_arena *arena, struct weft_endpoint_view *view)
{
    const struct wf_health *h = &endpoint->health;
    char text[REASON];
    wf_spin_lock(&up->ejections.lock);
    struct wf_failures why = h->why;
    bool has_passed = h->has_passed;
    view->ejections = h->n_ejections;
    view->changed_ns = wf_load(&h->changed_ns, relaxed);
    view->state = wf_load(&h->until_ns, relaxed) ? WEFT_ENDPOINT_EJECTED
                                                 : WEFT_ENDPOINT_USABLE;
    wf_spin_unlock(&up->ejections.lock);
    if (view->state == WEFT_ENDPOINT_EJECTED) {
        explain(&why, text, sizeof text);
        view->reason = weft_arena_str(arena, text, (uint32_t)strlen(text));
    } else if (view->changed_ns > 0)
        view->reason = has_passed ? WEFT_STR("its checks succeed again")
                                  : WEFT_STR("the ejection has ended");
    else
        return WEFT_OK;
    return view->reason.ptr ? WEFT_OK : WEFT_EBUDGET;
}
