/* SPDX-License-Identifier: MIT */
/*
 * Functions around the handlers of a server, one inside the other.
 *
 * call->stage says how many of them have begun; the handler is the last stage.
 * While a stage runs, `stage` is its number plus one, so weft_proceed finds the
 * next one. When weft_proceed returns, the stages inside are over, whatever
 * they did, and no later weft_proceed may begin one: else a function that lets
 * the call proceed twice would get past one that has refused it.
 */
#include "rpc/call.h"
#include "rpc/headers.h"

#include <errno.h>

weft_err
weft_server_intercept(struct weft_server *server, weft_interceptor_fn fn,
                      void *user)
{
    if (!fn)
        return -EINVAL;
    if (wf_load(&server->started, relaxed))
        return -EBUSY;
    if (server->n_interceptors == WEFT_INTERCEPTORS_MAX)
        return WEFT_EFULL;
    server->interceptors[server->n_interceptors++] =
        (struct wf_interceptor){fn, user};
    return WEFT_OK;
}

static weft_err
handle(struct weft_call *call)
{
    const struct wf_route *route = call->route;
    return route->method->invoke(route->table, call, call->args, call->result);
}

static weft_err
begin_stage(struct weft_call *call)
{
    const struct weft_server *server = call->server;
    uint32_t i = call->stage++;
    if (i == server->n_interceptors)
        return handle(call);
    return server->interceptors[i].fn(call, server->interceptors[i].user);
}

weft_err
wf_call_invoke(struct weft_call *call, const void *args)
{
    call->args = args;
    return WEFT_LIKELY(call->server->n_interceptors == 0) ? handle(call)
                                                          : begin_stage(call);
}

weft_err
weft_proceed(struct weft_call *call)
{
    uint32_t n = call->server->n_interceptors;
    if (n == 0 || call->stage > n)
        return -EALREADY;
    weft_err err = begin_stage(call);
    call->stage = n + 1;
    return err;
}

const void *
weft_call_args(const struct weft_call *call)
{
    return call->args;
}

void *
weft_call_result(struct weft_call *call)
{
    return call->result;
}
