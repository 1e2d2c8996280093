/* SPDX-License-Identifier: MIT */
/*
 * The calls of a client that has no servers of its own, but makes each call by
 * a function (wf_upstream_ops.call). Such a function is straight-line code: it
 * makes calls of other clients, and waits for them. So it needs a task that
 * waits. weft_client_call has one, the caller. A call that was begun gets a
 * fiber (pending.c), which is the `sender` of the call: it stores is_begun when
 * the call has ended, and `conn` stays NULL.
 */
#include "rpc/client.h"

void
wf_whole_call_run(struct wf_client_call *x)
{
    struct weft_client *front = x->front;
    struct wf_whole_call call = {
        .method = x->method,
        .arena = x->side,
        .args = x->args,
        .result = x->result,
    };
    if (x->call)
        call.options = *x->call;
    call.options.deadline_ns = x->deadline_ns;
    call.options.info = x->info;
    x->err = front->ops->call(front->upstream, &call);
    x->reach = (uint8_t)x->info->reach;
}
