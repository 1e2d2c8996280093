/* SPDX-License-Identifier: MIT */
/* The client of a server in the same process (weft_client_local). */
#include "upstream/upstream.h"

#include <weft/combine.h>

/* Returns the error that a client elsewhere would get. */
static weft_err
as_of_peer(weft_err err, enum weft_call_reach reach)
{
    if (err == WEFT_ENOMETHOD || err == WEFT_ENOSERVICE)
        return err - WEFT_PEER;
    if (!err || reach != WEFT_CALL_ANSWERED || err == WEFT_ETHROWN ||
        err == WEFT_EMISSING || err == WEFT_EBUDGET)
        return err;
    return (wf_err_band(err) == WF_BAND_HOST ? WEFT_EHANDLER : err) - WEFT_PEER;
}

static weft_err
call_inside(void *upstream, const struct wf_whole_call *c)
{
    weft_err err = weft_server_call(upstream, c->method, c->arena, c->args,
                                    c->result, &c->options);
    return as_of_peer(err, c->options.info->reach);
}

static void
add_none(void *upstream, struct weft_client_stats *stats)
{
    (void)upstream;
    (void)stats;
}

/* The calls in flight end with their handlers, and the server stays its
 * owner's. */
static void
leave(void *upstream)
{
    (void)upstream;
}

static const struct wf_upstream_ops ops = {
    .call = call_inside,
    .add_stats = add_none,
    .close = leave,
    .free = leave,
};

weft_err
weft_client_local(struct weft_server *server, struct weft_client **out)
{
    static const struct weft_client_options options = {.call_timeout_ms =
                                                           WEFT_NONE};
    return wf_client_new_front("local", &options, &ops, server, out);
}
