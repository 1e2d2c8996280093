/* SPDX-License-Identifier: MIT */
#include "upstream/health.h"

#include "upstream/upstream.h"

#include <errno.h>
#include <stdio.h>

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
    uint64_t share = (uint64_t)n * up->options.eject_percent / 100;
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
    return usable * 100 < (uint64_t)n * up->options.panic_percent;
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
    if (n == 1)
        wf_log_limited(WEFT_LOG_INFO, "%s: is usable again", name);
    else if (n > 1)
        wf_log_limited(WEFT_LOG_INFO,
                       "%s: is usable again, and so are %u other endpoints",
                       name, (unsigned)n - 1);
}

void
wf_health_drop(struct wf_upstream *up, struct wf_endpoint *endpoint)
{
    struct wf_ejections *all = &up->ejections;
    wf_spin_lock(&all->lock);
    endpoint->health.is_dropped = true;
    for (struct wf_endpoint **e = &all->list; *e; e = &(*e)->health.next) {
        if (*e != endpoint)
            continue;
        *e = endpoint->health.next;
        make_usable(endpoint, wf_sys_now_ns());
        wf_sub(&all->n, 1, relaxed);
        break;
    }
    wf_spin_unlock(&all->lock);
}

/* ---- an ejection ---- */

/* Set the end of an ejection that begins now. */
static void
set_end(const struct wf_upstream *up, struct wf_health *h, uint64_t now)
{
    uint64_t one = up->options.eject_ms;
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

/* Eject the endpoint. False: it is ejected or dropped already, or as many
 * endpoints are ejected as may be. `limit`: for this number see limit_of. */
static bool
try_eject(struct wf_upstream *up, struct wf_endpoint *endpoint, uint32_t limit,
          const struct wf_failures *why, uint64_t now)
{
    struct wf_ejections *all = &up->ejections;
    struct wf_health *h = &endpoint->health;
    wf_spin_lock(&all->lock);
    bool may = !h->is_dropped && !wf_load(&h->until_ns, relaxed) &&
               wf_load(&all->n, relaxed) < limit;
    if (may) {
        set_end(up, h, now);
        wf_store(&h->changed_ns, now, relaxed);
        h->why = *why;
        h->n_ejections++;
        h->next = all->list;
        all->list = endpoint;
        uint64_t until = wf_load(&h->until_ns, relaxed);
        uint64_t due = wf_load(&all->due_ns, relaxed);
        wf_store(&all->due_ns, due ? WF_MIN(due, until) : until, relaxed);
        wf_add(&all->n, 1, relaxed);
    }
    wf_spin_unlock(&all->lock);
    return may;
}

static void
eject(struct wf_upstream *up, struct wf_endpoint *endpoint,
      const struct wf_failures *why, uint64_t now)
{
    uint32_t n = wf_load(&up->ejections.n_listed, relaxed);
    uint32_t limit = limit_of(up, n);
    if (wf_health_is_due(&up->ejections, now))
        wf_health_end_ejections(up, now);
    uint32_t n_ejected = wf_load(&up->ejections.n, relaxed);
    if (n_ejected >= limit || !try_eject(up, endpoint, limit, why, now))
        return;
    uint64_t until = wf_load(&endpoint->health.until_ns, relaxed);
    wf_log_limited(WEFT_LOG_WARN,
                   "%s: is not used for %u ms after %u failures in a row, the "
                   "last one: %s%s",
                   wf_client_address(endpoint->client),
                   (unsigned)((until - WF_MIN(now, until)) / 1000000u),
                   (unsigned)why->n, weft_err_text(why->last),
                   is_panic(up, n, n_ejected + 1)
                       ? "; too few endpoints are usable, so all are used"
                       : "");
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
    if (is_old || up->options.eject_failures == WEFT_NONE)
        return;
    struct wf_failures why = {1 + wf_add(&h->streak, 1, relaxed), a->err};
    if (why.n >= up->options.eject_failures)
        eject(up, endpoint, &why, now);
}

/* ---- the view ---- */

weft_err
wf_health_view(struct wf_upstream *up, const struct wf_endpoint *endpoint,
               struct weft_arena *arena, struct weft_endpoint_view *view)
{
    const struct wf_health *h = &endpoint->health;
    wf_spin_lock(&up->ejections.lock);
    struct wf_failures why = h->why;
    view->ejections = h->n_ejections;
    view->changed_ns = wf_load(&h->changed_ns, relaxed);
    view->state = wf_load(&h->until_ns, relaxed) ? WEFT_ENDPOINT_EJECTED
                                                 : WEFT_ENDPOINT_USABLE;
    wf_spin_unlock(&up->ejections.lock);
    if (view->state == WEFT_ENDPOINT_EJECTED)
        view->reason =
            weft_arena_printf(arena, "%u failures in a row, the last one: %s",
                              (unsigned)why.n, weft_err_text(why.last));
    else if (view->changed_ns > 0)
        view->reason = WEFT_STR("the ejection has ended");
    else
        return WEFT_OK;
    return view->reason.ptr ? WEFT_OK : WEFT_EBUDGET;
}
