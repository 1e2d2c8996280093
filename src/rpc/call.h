/* SPDX-License-Identifier: MIT */
/*
 * A call, from its message to its reply. It lives in one small block with the
 * first part of its arena, holds the blocks of its message, and goes when its
 * handler has ended and no byte of its reply waits to be sent.
 */
#ifndef WEFT_RPC_CALL_H
#define WEFT_RPC_CALL_H

#include "rpc/server.h"

struct weft_call {
    struct weft_block *home; /* where the call itself lies */
    _Atomic uint32_t refs;   /* its runner, who answers later, strings sent */
    struct weft_chain message;
    struct weft_arena arena;
    struct wf_server_conn
        *conn; /* its socket is referred to by the runner, or by
                             the call once it is detached */
    const struct wf_route *route;
    struct wf_frame frame; /* of the message */
    struct weft_message head;
    struct weft_str why; /* what weft_call_fail said */
    struct weft_headers reply_headers;
    void *result;
    uint64_t deadline_ns;
    int32_t business;   /* what weft_call_business said */
    uint32_t uncounted; /* calls of its batch that are in flight by the
                           server's count, but have ended or not begun */
    bool detached;
    bool has_seqid; /* the caller can be answered */
};

/* A call for a message, which is taken. NULL: no memory, and the message is
 * cleared. */
struct weft_call *wf_call_new(struct wf_server_conn *conn,
                              struct weft_chain *message);
void wf_call_unref(struct weft_call *call);

/*
 * Decode, handle, encode. The reply is appended to `reply` if there is one to
 * send now. Runs the handler, so it may wait. The calling fiber refers to the
 * socket. Gives the call up. false: the call was detached, and ends later.
 */
bool wf_call_run(struct weft_call *call, struct weft_chain *reply);

/* Write an exception reply in a frame for a message of which at least the head
 * is known. */
void wf_call_refuse(const struct wf_frame *frame,
                    const struct weft_message *head, weft_err err,
                    struct weft_str why, struct weft_chain *reply);

/* ---- call_meta.c ---- */

/* Take what came beside the message: the service that is asked for, if any, and
 * how long the caller waits. 0, or WEFT_EBUDGET. */
weft_err wf_call_take_headers(struct weft_call *call, struct weft_str *service)
    WEFT_CHECKED;

/* The headers that a business status travels in. WEFT_EHEADER. */
weft_err wf_call_put_business(struct weft_call *call) WEFT_CHECKED;

#endif
