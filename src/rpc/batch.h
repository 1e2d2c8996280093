/* SPDX-License-Identifier: MIT */
/*
 * The messages of one read of a connection.
 *
 * The reader cuts every whole message and gives up its role. Its fiber then
 * runs the batch: one message after the other, without a switch between them.
 * The replies are sent in one write at the end. Before the fiber runs a
 * handler, it publishes the rest of the batch, with the replies so far, as
 * stealable (fiber.h). If the handler waits or holds its worker for long,
 * another fiber steals the rest at once, and the first fiber answers its own
 * call only. So at any time one fiber owns the batch: the fiber that published
 * the batch, or the fiber that stole it.
 *
 * Between two messages a batch that has run for some ms yields, so that other
 * connections of its worker are served, too.
 *
 * A batch of one message has no rest, so it is not published.
 */
#ifndef WEFT_RPC_BATCH_H
#define WEFT_RPC_BATCH_H

#include "rpc/server.h"

#define WF_BATCH_MAX 120u /* messages */

struct wf_batch {
    struct wf_stealable stealable;
    /* A batch on the heap holds a reference to the connection's socket. */
    struct wf_server_conn *conn;
    struct weft_chain in;   /* whole messages */
    struct weft_chain cork; /* replies not written yet */
    uint32_t n, at;         /* number of messages; how many are taken */
    uint32_t max;           /* bound of n, from the connection's limit */
    uint32_t begun;         /* messages that are counted as in flight */
    uint32_t ended; /* calls not yet reported to wf_server_conn_calls_ended */
    bool may_be_stolen; /* the batch lies on the heap */
    bool is_last;       /* no later message is accepted */
    struct {
        uint32_t head, body; /* bytes before a message; bytes of the message */
    } messages[WF_BATCH_MAX];
};

/* The limit of queued bytes: a call or a read begins only while fewer bytes are
 * queued. */
static inline size_t
wf_queue_limit(const struct wf_sock *s)
{
    return s->max_queued / 2 + 1;
}

/* Run a batch that lies on the caller's stack. Returns when all messages have
 * run, or another fiber has stolen the batch. If the batch has several
 * messages, it first moves to the heap, so that another fiber can steal it. */
void wf_batch_run(struct wf_batch *b);

#endif
