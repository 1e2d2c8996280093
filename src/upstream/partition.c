/* SPDX-License-Identifier: MIT */
/*
 * A client of a service whose data is divided (weft_client_partition): a
 * fan-out of which most calls take only one part.
 */
#include "upstream/combined.h"

#define SEED 0x7061727469746e73u /* all clients use the same; never changes */

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

static weft_err
call_part(void *upstream, const struct wf_whole_call *c)
{
    struct wf_fan_out *f = upstream;
    const struct weft_fan_call seen = {
        .method = c->method,
        .args = c->args,
        .options = &c->options,
        .arena = c->arena,
        .n = f->combined.n,
        .user = f->options.user,
    };
    uint32_t index = WEFT_ALL_CLIENTS;
    weft_err err = f->route(&seen, &index);
    if (!err && index != WEFT_ALL_CLIENTS && index >= seen.n)
        err = WEFT_ENOENDPOINT;
    if (err) {
        c->options.info->text = weft_arena_printf(
            c->arena, "the call was not sent: route: %s", weft_err_text(err));
        return err;
    }
    if (WF_MUTANT(partition_asks_neighbour) && index != WEFT_ALL_CLIENTS)
        index = (index + 1) % seen.n;
    if (index == WEFT_ALL_CLIENTS)
        return wf_fan_out_call(f, c);
    return weft_client_call(f->combined.parts[index], c->method, c->arena,
                            c->args, c->result, &c->options);
}

static const struct wf_upstream_ops ops = {
    .call = call_part,
    .add_stats = wf_fan_out_add_stats,
    .close = wf_fan_out_close,
    .free = wf_fan_out_free,
};

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
    };
    return wf_fan_out_new(clients, n, &like, &ops, out);
}
