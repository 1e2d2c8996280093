/* SPDX-License-Identifier: MIT */
/*
 * The messages of one read of a connection.
 *
 * The reader cuts every whole message there is, gives its role up, and runs the
 * batch on its own fiber: a message after the other, no switch between them,
 * the replies in one write at the end. Before it runs a handler it offers the
 * rest of the batch, with the replies so far, to others (fiber.h). If the
 * handler waits or hogs its worker, another fiber has the rest at once, and
 * this one answers for its own call only. So at any time one fiber has the
 * batch: whoever holds or took the offer.
 *
 * A batch of one has nothing to offer, and costs nothing.
 */
#ifndef WEFT_RPC_BATCH_H
#define WEFT_RPC_BATCH_H

#include "rpc/server.h"

#define WF_BATCH_MAX 120u /* messages */

struct wf_batch {
    struct wf_stealable stealable;
    struct wf_server_conn
        *conn;              /* on the heap it has a reference to the socket */
    struct weft_chain in;   /* whole messages */
    struct weft_chain cork; /* replies not written yet */
    uint32_t n, at;         /* messages in all, and taken */
    uint32_t max;           /* of n: what the connection may have in flight */
    uint32_t begun;         /* messages that are counted as in flight */
    uint32_t ended; /* calls not yet reported to wf_server_conn_calls_ended */
    bool may_be_stolen; /* it lies on the heap */
    bool is_last;       /* no other message comes behind these */
    struct {
        uint32_t head, body; /* bytes to drop, and of the message */
    } messages[WF_BATCH_MAX];
};

/* Fewer bytes than this may be queued when a call or a read begins. */
static inline size_t
wf_queue_limit(const struct wf_sock *s)
{
    return s->max_queued / 2 + 1;
}

/* Run a batch of the caller's stack, to its end or until somebody else does.
 * Several messages go to the heap, so that they can be offered. */
void wf_batch_run(struct wf_batch *b);

#endif
