/* SPDX-License-Identifier: MIT */
/* What the reader of a server connection does with the input after each
 * read. */
#ifndef WEFT_RPC_INPUT_H
#define WEFT_RPC_INPUT_H

#include "rpc/batch.h"

/* The chain to which each read appends its bytes: input to unpack, or, without
 * an unpacker, input to cut. */
static inline struct weft_chain *
wf_input_of(struct wf_server_conn *conn)
{
    return wf_unpacker_input(conn->unpacker, &conn->in);
}

/* Move whole messages into the batch. *more receives true if the batch is full.
 * Errors: those of wf_cut and wf_unpacker_read; wf_input_reject answers the
 * peer. */
weft_err wf_input_cut(struct wf_server_conn *conn, struct wf_batch *b,
                      struct wf_cut *last, bool *more) WEFT_CHECKED;

/* Count an input that cannot be cut any further, and answer the peer if the
 * head of the message can be read. */
void wf_input_reject(struct wf_server_conn *conn, weft_err err);

#endif
