/* SPDX-License-Identifier: MIT */
/* Makes a call from a message, reads the arguments, and frees the call when the
 * last reference to the call is given up. */
#include "rpc/call.h"

#define HOME_SIZE (((size_t)4 << 10) - WF_BLOCK_HEAD)

struct weft_call *
wf_call_new(struct weft_server *server, struct wf_server_conn *conn,
            struct weft_chain *message)
{
    struct weft_block *home = wf_block_new(HOME_SIZE);
    if (!home) {
        weft_chain_clear(message);
        return NULL;
    }
    struct weft_call *call = (struct weft_call *)(void *)home->data;
    *call = (struct weft_call){
        .home = home,
        .message = *message,
        .server = server,
        .conn = conn,
        .deadline_ns = WEFT_NEVER,
        .state = WF_CALL_RUNNING,
    };
    *message = (struct weft_chain){0};
    wf_store(&call->refs, 1, relaxed);
    wf_arena_init_with(&call->arena, server->options.limits.memory, call + 1,
                       HOME_SIZE - sizeof *call);
    call->arena.pool = &server->memory;
    return call;
}

void
wf_call_ref(void *owner)
{
    struct weft_call *call = owner;
    wf_add(&call->refs, 1, relaxed); /* the caller holds a reference already */
}

void
wf_call_unref(void *owner)
{
    struct weft_call *call = owner;
    uint32_t before = wf_sub(&call->refs, 1, acq_rel);
    WF_CHECK(before > 0);
    if (before > 1)
        return;
    weft_arena_fini(&call->arena);
    weft_chain_clear(&call->message);
    if (call->charged > 0)
        wf_pool_give(call->arena.pool, call->charged);
    if (call->pinned > 0) /* the caller holds a reference to the socket */
        wf_sock_unpin(call->conn->sock, call->pinned);
    wf_block_unref(call->home);
}

weft_err
wf_call_read_args(struct weft_call *call, struct weft_reader *r, void **args)
{
    const struct weft_method *m = call->route->method;
    *args = weft_arena_zalloc(&call->arena, m->args->size);
    call->result = NULL;
    if (m->result)
        call->result = weft_arena_zalloc(&call->arena, m->result->size);
    if (!*args || (m->result && !call->result))
        return WEFT_EBUDGET;
    if (m->result)
        m->result->init(call->result);
    enum weft_protocol protocol = call->frame.dialect.protocol;
    return wf_envelope_read(m->args, protocol, r, *args);
}
