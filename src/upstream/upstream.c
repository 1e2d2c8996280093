/* SPDX-License-Identifier: MIT */
/* Makes, closes and frees the struct wf_upstream of a client of many
 * servers. */
#include "upstream/upstream.h"

#include <errno.h>

#define ATTEMPTS 3u
#define PAUSE_MS 25u
#define REFRESH_MS 30000u
#define SLOW_START_MS 30000u

static void
close_endpoint(struct wf_endpoint *endpoint, void *arg)
{
    const uint64_t *deadline_ns = arg;
    wf_client_close(endpoint->client, *deadline_ns);
}

static void
close_all(void *upstream)
{
    struct wf_upstream *up = upstream;
    uint64_t deadline =
        wf_timeout_from_now(up->endpoint_options.flush_timeout_ms);
    wf_store(&up->closing, true, seq_cst);
    if (up->resolver)
        wf_resolver_close(up->resolver);
    if (up->checks)
        wf_checks_close(up->checks);
    wf_snapshot_each(up, close_endpoint, &deadline);
}

static void
free_all(void *upstream)
{
    struct wf_upstream *up = upstream;
    wf_snapshot_free_all(up);
    wf_resolver_free(up->resolver);
    wf_checks_free(up->checks);
    wf_parts_free(up->parts, sizeof *up->parts);
    wf_parts_free(up->latencies, sizeof *up->latencies);
    wf_sys_free(up->zones.own);
    wf_sys_free(up);
}

void
wf_stats_add(struct weft_client_stats *sum, const struct weft_client *client)
{
    struct weft_client_stats one;
    weft_client_get_stats(client, &one);
    sum->connects += one.connects;
    sum->failed_connects += one.failed_connects;
    sum->broken += one.broken;
    sum->replaced += one.replaced;
    sum->strays += one.strays;
    sum->ended += one.ended;
    sum->lookups += one.lookups;
    sum->failed_lookups += one.failed_lookups;
    sum->lists += one.lists;
    sum->empty_lists += one.empty_lists;
    sum->hedges += one.hedges;
    sum->hedges_won += one.hedges_won;
}

static void
add_endpoint(struct wf_endpoint *endpoint, void *arg)
{
    wf_stats_add(arg, endpoint->client);
}

static void
add_stats(void *upstream, struct weft_client_stats *stats)
{
    struct wf_upstream *up = upstream;
    wf_snapshot_each(up, add_endpoint, stats);
    for (uint32_t i = 0; i < wf_parts_count(); i++) { /* relaxed: counters */
        stats->hedges += wf_load(&up->parts[i].hedges, relaxed);
        stats->hedges_won += wf_load(&up->parts[i].hedges_won, relaxed);
    }
    if (up->resolver)
        wf_resolver_add_stats(up->resolver, stats);
}

static weft_err
find(void *upstream, uint64_t deadline_ns, bool may_wait, bool *found)
{
    struct wf_upstream *up = upstream;
    if (WEFT_UNLIKELY(up->checks != NULL))
        wf_checks_ensure(up->checks);
    return up->resolver
               ? wf_resolver_await(up->resolver, deadline_ns, may_wait, found)
               : WEFT_OK;
}

static struct weft_str
why_none(void *upstream, struct weft_arena *arena)
{
    struct wf_upstream *up = upstream;
    uint32_t n = wf_load(&up->ejections.n_listed, relaxed);
    if (n > 0) /* so this is why there is none */
        return weft_arena_printf(arena, "the breakers of all %u are open",
                                 (unsigned)n);
    return up->resolver ? wf_resolver_why(up->resolver, arena)
                        : (struct weft_str){0};
}

static const struct wf_upstream_ops ops = {
    .find = find,
    .why_none = why_none,
    .begin = wf_upstream_begin,
    .give_up = wf_upstream_give_up,
    .hedge = wf_upstream_hedge,
    .end = wf_upstream_end,
    .add_stats = add_stats,
    .close = close_all,
    .free = free_all,
};

struct wf_upstream *
wf_upstream_of(const struct weft_client *client)
{
    return wf_client_upstream(client, &ops);
}

/* ---- making ---- */

static weft_err
fill_in(struct weft_upstream_options *o)
{
    o->max_attempts = o->max_attempts ? o->max_attempts : ATTEMPTS;
    o->retry_pause_ms = wf_option(o->retry_pause_ms, PAUSE_MS);
    o->refresh_ms = wf_option(o->refresh_ms, REFRESH_MS);
    if (o->retry_pause_ms == WEFT_NONE)
        o->retry_pause_ms = 0;
    o->attempt_timeout_ms = wf_option(o->attempt_timeout_ms, WEFT_NONE);
    if (o->hedge_ms == WEFT_NONE)
        o->hedge_ms = 0;
    o->client_index =
        o->client_index ? o->client_index - 1 : (uint32_t)wf_sys_random();
    o->slow_start_ms = wf_option(o->slow_start_ms, SLOW_START_MS);
    if (o->slow_start_ms == WEFT_NONE)
        o->slow_start_ms = 0;
    if (o->max_attempts > WF_ATTEMPTS_MAX ||
        (unsigned)o->balance > WEFT_CONSISTENT_HASH)
        return -EINVAL;
    weft_err err = wf_health_fill_in(o);
    if (!err)
        err = wf_rates_fill_in(o);
    if (!err)
        err = wf_breaker_fill_in(o);
    return err ? err : wf_checks_fill_in(o);
}

static weft_err
fill(struct wf_upstream *up, const struct weft_client_options *options)
{
    if (options)
        up->endpoint_options = *options;
    if (options && options->upstream)
        up->options = *options->upstream;
    up->parts = wf_parts_new(sizeof *up->parts);
    struct wf_snapshot *list = wf_sys_zalloc(sizeof *list);
    wf_store(&up->list, list, relaxed); /* nobody else has `up` yet */
    if (up->options.hedge_ms == WEFT_HEDGE_P95)
        up->latencies = wf_parts_new(sizeof *up->latencies);
    if (up->options.hedge_ms == WEFT_HEDGE_P95 && !up->latencies)
        return -ENOMEM;
    weft_err err = up->parts && list ? fill_in(&up->options) : -ENOMEM;
    wf_rates_init(up);
    if (!err)
        err = wf_zone_init(up);
    return err ? err : wf_checks_new(up);
}

weft_err
wf_upstream_new(const char *target, const struct weft_client_options *options,
                struct weft_client **out)
{
    *out = NULL;
    struct wf_upstream *up = wf_sys_zalloc(sizeof *up);
    if (!up)
        return -ENOMEM;
    weft_err err = fill(up, options);
    if (!err)
        err = wf_client_new_front(target, options, &ops, up, out);
    if (err) {
        free_all(up);
        return err;
    }
    /* the client has filled in the defaults, and has copied the strings */
    up->endpoint_options = *wf_client_options(*out);
    return WEFT_OK;
}
