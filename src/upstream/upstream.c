/* SPDX-License-Identifier: MIT */
/* Makes, closes and frees the struct wf_upstream of a client of many
 * servers. */
#include "upstream/upstream.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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
    if (up->policies)
        wf_policies_close(up->policies);
    wf_snapshot_each(up, close_endpoint, &deadline);
}

static void
free_all(void *upstream)
{
    struct wf_upstream *up = upstream;
    wf_snapshot_free_all(up);
    wf_resolver_free(up->resolver);
    wf_checks_free(up->checks);
    wf_policies_free(up->policies);
    wf_parts_free(up->parts, sizeof *up->parts);
    wf_parts_free(up->latencies, sizeof *up->latencies);
    wf_parts_free(up->turns, WF_PARTITIONS_MAX * sizeof *up->turns);
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
    sum->untagged += one.untagged;
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
    stats->untagged = wf_load(&up->n_untagged, relaxed);
    if (up->resolver)
        wf_resolver_add_stats(up->resolver, stats);
}

weft_err
wf_upstream_find(void *upstream, uint64_t deadline_ns, bool may_wait,
                 bool *found)
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
    if (up->options.by_tag)
        return weft_arena_printf(arena,
                                 "its partition has no server now, or the "
                                 "breakers of all of them are open");
    if (n > 0) /* so this is why there is none */
        return weft_arena_printf(arena, "the breakers of all %u are open",
                                 (unsigned)n);
    return up->resolver ? wf_resolver_why(up->resolver, arena)
                        : (struct weft_str){0};
}

static const struct wf_upstream_ops ops = {
    .plan = wf_policies_plan,
    .find = wf_upstream_find,
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
        (unsigned)o->balance > WEFT_LOCALITY_AWARE ||
        (o->by_tag && (o->subset_size || o->zone)))
        return -EINVAL;
    weft_err err = wf_health_fill_in(o);
    if (!err)
        err = wf_rates_fill_in(o);
    if (!err)
        err = wf_breaker_fill_in(o);
    return err ? err : wf_checks_fill_in(o);
}

/* The values of the options for which `given` has a value are the user's. */
static void
get_values(const struct weft_client_options *filled,
           const struct weft_upstream_options *o, uint32_t timeout_ms,
           const struct weft_upstream_options *given,
           struct wf_policy_values *v)
{
    const uint32_t plan[] = {filled->call_timeout_ms, o->max_attempts,
                             o->attempt_timeout_ms, o->hedge_ms,
                             o->retry_pause_ms};
    const uint32_t given_plan[] = {timeout_ms, given->max_attempts,
                                   given->attempt_timeout_ms, given->hedge_ms,
                                   given->retry_pause_ms};
    const uint32_t tuned[WF_TUNED] = {
        [WF_EJECT_FAILURES] = o->eject_failures,
        [WF_EJECT_MS] = o->eject_ms,
        [WF_EJECT_PERCENT] = o->eject_percent,
        [WF_PANIC_PERCENT] = o->panic_percent,
        [WF_RETRY_PERCENT] = WF_BUDGET_PERCENT,
        [WF_RETRY_RESERVE] = WF_BUDGET_RESERVE,
        [WF_BREAKER_PERCENT] = o->breaker ? o->breaker_percent : 0,
        [WF_BREAKER_WINDOW] = o->breaker_window,
        [WF_BREAKER_MS] = o->breaker_ms,
        [WF_BREAKER_MOST_MS] = o->breaker_most_ms};
    const uint32_t given_tuned[WF_TUNED] = {
        [WF_EJECT_FAILURES] = given->eject_failures,
        [WF_EJECT_MS] = given->eject_ms,
        [WF_EJECT_PERCENT] = given->eject_percent,
        [WF_PANIC_PERCENT] = given->panic_percent,
        [WF_BREAKER_PERCENT] = given->breaker,
        [WF_BREAKER_WINDOW] = given->breaker_window,
        [WF_BREAKER_MS] = given->breaker_ms,
        [WF_BREAKER_MOST_MS] = given->breaker_most_ms};
    for (uint32_t i = 0; i < WF_PLANNED; i++) {
        v->plan.values[i] = plan[i];
        v->plan.from[i] = given_plan[i] ? WF_FROM_OPTION : WF_FROM_DEFAULT;
    }
    for (uint32_t i = 0; i < WF_TUNED; i++) {
        v->tuned.values[i] = tuned[i];
        v->tuned.from[i] = given_tuned[i] ? WF_FROM_OPTION : WF_FROM_DEFAULT;
    }
}

weft_err
weft_policy_check(struct weft_str text, struct weft_arena *arena,
                  struct weft_str *values, struct weft_json_error *why)
{
    const struct weft_client_options client = {.call_timeout_ms =
                                                   WF_CALL_TIMEOUT_MS};
    const struct weft_upstream_options none = {0};
    struct weft_upstream_options options = {0};
    struct wf_policy_values base;
    struct wf_policy *policy;
    *values = (struct weft_str){0};
    WF_CHECK(!fill_in(&options)); /* the defaults are valid */
    get_values(&client, &options, 0, &none, &base);
    weft_err err = wf_policy_read(text, &base, &policy, why);
    if (err)
        return err;
    err = wf_policy_put(policy, NULL, arena, values);
    wf_policy_free(policy);
    if (err)
        snprintf(why->text, sizeof why->text, "%s", weft_err_text(err));
    return err;
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
    bool measures =
        up->options.hedge_ms == WEFT_HEDGE_P95 || up->options.policy;
    if (measures)
        up->latencies = wf_parts_new(sizeof *up->latencies);
    if (measures && !up->latencies)
        return -ENOMEM;
    bool has_turns =
        up->options.by_tag && up->options.balance == WEFT_ROUND_ROBIN;
    if (has_turns)
        up->turns = wf_parts_new(WF_PARTITIONS_MAX * sizeof *up->turns);
    if (has_turns && !up->turns)
        return -ENOMEM;
    weft_err err = up->parts && list ? fill_in(&up->options) : -ENOMEM;
    wf_rates_init(up);
    if (!err)
        err = wf_zone_init(up);
    return err ? err : wf_checks_new(up);
}

/* Let calls have the values of the options, or of a policy. */
static weft_err
plan(struct wf_upstream *up, struct weft_client *client,
     const struct weft_client_options *options)
{
    static const struct weft_upstream_options none = {0};
    const struct weft_upstream_options *given =
        options && options->upstream ? options->upstream : &none;
    struct wf_policy_values v;
    const char *policy = up->options.policy;
    up->options.policy = NULL; /* borrowed until now */
    get_values(&up->endpoint_options, &up->options,
               options ? options->call_timeout_ms : 0, given, &v);
    memcpy(&up->plan, v.plan.values, sizeof up->plan);
    wf_tune(&up->tuned, v.tuned.values);
    if (policy)
        up->options.breaker = true; /* if its percentage says so */
    if (policy)
        return wf_policies_new(up, policy, &v);
    wf_client_set_plan(client, &up->plan);
    return WEFT_OK;
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
    err = plan(up, *out, options);
    if (err) {
        weft_client_free(*out);
        *out = NULL;
    }
    return err;
}
