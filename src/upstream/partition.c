/* SPDX-License-Identifier: MIT */
/*
 * A client of a service whose data is divided (weft_client_partition): a
 * fan-out of which most calls take only one part. The partitions are the parts;
 * or they are those of one of the schemes into which tags divide the servers of
 * the only part (schemes.h).
 */
#include "upstream/combined.h"

#include <errno.h>

#define SEED 0x7061727469746e73u /* all clients use the same; never changes */
#define SCHEMES_TRIED 4u         /* by one call */

/* The default: by the key. */
static weft_err
route_by_key(const struct weft_fan_call *call, uint32_t *index)
{
    struct weft_str key = call->options->hash_key;
    *index = WEFT_ALL_CLIENTS;
    if (key.ptr)
        *index = (uint32_t)(wf_hash(key, SEED) % call->n);
    return WEFT_OK;
}

/* ---- a call in one scheme ---- */

static weft_err
find_partition(const struct wf_fan_out *f, const struct wf_whole_call *c,
               uint32_t n, uint32_t *index)
{
    const struct weft_fan_call seen = {
        .method = c->method,
        .args = c->args,
        .options = &c->options,
        .arena = c->arena,
        .n = n,
        .user = f->options.user,
    };
    *index = WEFT_ALL_CLIENTS;
    weft_err err = f->route(&seen, index);
    if (!err && *index != WEFT_ALL_CLIENTS && *index >= n)
        err = WEFT_ENOENDPOINT;
    if (err)
        c->options.info->text = weft_arena_printf(
            c->arena, "the call was not sent: route: %s", weft_err_text(err));
    else if (WF_MUTANT(partition_asks_neighbour) && *index != WEFT_ALL_CLIENTS)
        *index = (*index + 1) % n;
    return err;
}

/* Make the call to one of n partitions, or to all. *is_routed receives false if
 * the call has ended before. */
static weft_err
call_in(struct wf_fan_out *f, const struct wf_whole_call *c, uint32_t n,
        bool *is_routed)
{
    uint32_t index;
    weft_err err = find_partition(f, c, n, &index);
    *is_routed = !err;
    if (err)
        return err;
    if (index == WEFT_ALL_CLIENTS)
        return wf_fan_out_to_all(f, c, n);
    struct weft_call_options options = c->options;
    if (f->by_tag)
        options.partition = WF_PARTITION(index, n);
    return weft_client_call(f->combined.parts[f->by_tag ? 0 : index], c->method,
                            c->arena, c->args, c->result, &options);
}

static weft_err
call_part(void *upstream, const struct wf_whole_call *c)
{
    struct wf_fan_out *f = upstream;
    bool is_routed;
    return call_in(f, c, f->combined.n, &is_routed);
}

/* ---- a call in any scheme ---- */

static uint32_t
choose(struct wf_upstream *up)
{
    uint32_t random = wf_task_random(wf_task_self()), part = wf_parts_index();
    uint32_t n = wf_schemes_choose(wf_snapshot_enter(up, part), random);
    wf_snapshot_leave(up, part);
    return n;
}

static bool
is_used(struct wf_upstream *up, uint32_t n)
{
    uint32_t part = wf_parts_index();
    bool has = wf_schemes_have(wf_snapshot_enter(up, part), n);
    wf_snapshot_leave(up, part);
    return has;
}

static weft_err
find_scheme(struct wf_fan_out *f, const struct wf_whole_call *c, uint32_t *n)
{
    struct wf_upstream *up = f->by_tag;
    struct weft_str why = {0};
    bool found;
    weft_err err = wf_upstream_find(up, c->options.deadline_ns, true, &found);
    *n = err ? 0 : choose(up);
    if (err || *n > 0)
        return err;
    if (up->resolver)
        why = wf_resolver_why(up->resolver, c->arena);
    if (!why.ptr)
        why = WEFT_STR("no server has a partition; a tag such as `0/2` says "
                       "which one it has");
    c->options.info->text = weft_arena_printf(
        c->arena, "the call was not sent: %.*s", WEFT_FMT(why));
    return WEFT_ENOENDPOINT;
}

/* True if the call may be made in another scheme, because its own one is no
 * longer used. A call that was sent before is sent again only if a handler
 * does not make it on behalf of a retry: retries at every hop would multiply.
 */
static bool
goes_on(struct wf_fan_out *f, const struct wf_whole_call *c, uint32_t n,
        weft_err err)
{
    enum weft_call_reach reach = c->options.info->reach;
    bool is_idempotent = c->method->idempotent || c->options.idempotent;
    if (!err || is_used(f->by_tag, n) ||
        wf_load(&f->combined.closing, seq_cst) ||
        wf_sys_now_ns() >= c->options.deadline_ns)
        return false;
    if (reach != WEFT_CALL_NOT_SENT &&
        (wf_is_for_retry() || c->options.sent_before > 0))
        return false;
    return wf_combined_may_go_elsewhere(
        err, reach, is_idempotent || WF_MUTANT(open_call_changes_scheme));
}

/* Put the attempts that were made in another scheme before the others. */
static void
prepend(struct weft_call_info *info, struct weft_call_attempts *earlier,
        struct weft_arena *arena)
{
    if (earlier->len == 0) {
        *earlier = info->attempts;
        return;
    }
    for (uint32_t i = 0; i < info->attempts.len; i++) {
        struct weft_call_attempt *a = weft_push(arena, earlier, sizeof *a);
        if (a)
            *a = info->attempts.items[i];
    }
    info->attempts = *earlier;
}

static weft_err
call_scheme(void *upstream, const struct wf_whole_call *c)
{
    struct wf_fan_out *f = upstream;
    struct wf_whole_call call = *c;
    struct weft_call_info *info = c->options.info;
    const struct weft_call_info fresh = *info;
    struct weft_call_attempts attempts = {0};
    bool is_unknown = false, is_routed = true, goes;
    uint32_t k = 0, n;
    weft_err err;
    do {
        *info = fresh;
        err = find_scheme(f, &call, &n);
        if (!err)
            err = call_in(f, &call, n, &is_routed);
        prepend(info, &attempts, c->arena);
        goes = n > 0 && is_routed && ++k < SCHEMES_TRIED &&
               !WF_MUTANT(lost_scheme_fails_call) && goes_on(f, &call, n, err);
        is_unknown |= info->reach == WEFT_CALL_MAYBE_HANDLED;
        call.options.sent_before += info->reach != WEFT_CALL_NOT_SENT;
    } while (goes);
    if (err && is_unknown && info->reach == WEFT_CALL_NOT_SENT)
        info->reach = WEFT_CALL_MAYBE_HANDLED;
    return err;
}

/* ---- the client ---- */

static const struct wf_upstream_ops ops = {
    .call = call_part,
    .add_stats = wf_fan_out_add_stats,
    .close = wf_fan_out_close,
    .free = wf_fan_out_free,
};

static const struct wf_upstream_ops ops_by_tag = {
    .call = call_scheme,
    .add_stats = wf_fan_out_add_stats,
    .close = wf_fan_out_close,
    .free = wf_fan_out_free,
};

/* Returns what the partitions are divided by, if they are those of one client.
 */
static struct wf_upstream *
by_tag(struct weft_client *const *clients, uint32_t n)
{
    struct wf_upstream *up =
        n == 1 && clients[0] ? wf_upstream_of(clients[0]) : NULL;
    return up && up->options.by_tag ? up : NULL;
}

weft_err
weft_client_partition(struct weft_client *const *clients, uint32_t n,
                      const struct weft_partition_options *options,
                      struct weft_client **out)
{
    static const struct weft_partition_options none = {0};
    const struct weft_partition_options *o = options ? options : &none;
    const struct wf_fan_out like = {
        .options = {.name = o->name ? o->name : "partition",
                    .map = o->map,
                    .merge = o->merge,
                    .user = o->user,
                    .fail_limit = o->fail_limit ? o->fail_limit : 1,
                    .call_timeout_ms = o->call_timeout_ms},
        .route = o->route ? o->route : route_by_key,
        .by_tag = by_tag(clients, n),
    };
    return wf_fan_out_new(clients, n, &like, like.by_tag ? &ops_by_tag : &ops,
                          out);
}
