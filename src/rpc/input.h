/* SPDX-License-Identifier: MIT */
/* The input of a connection of the server: what a reader does between two
 * reads. */
#ifndef WEFT_RPC_INPUT_H
#define WEFT_RPC_INPUT_H

#include "rpc/batch.h"

/* Bytes that were read and not yet unpacked or cut. */
static inline struct weft_chain *
wf_input_of(struct wf_server_conn *conn)
{
    return conn->unpacker ? &conn->unpacker->raw : &conn->in;
}

/* Cut what is whole into the batch. *more: what there is does not fit it.
 * Errors: those of wf_cut and wf_unpacker_read; wf_input_reject tells the peer.
 */
weft_err wf_input_cut(struct wf_server_conn *conn, struct wf_batch *b,
                      struct wf_cut *last, bool *more) WEFT_CHECKED;

/* The input cannot be cut any more: count it, answer if its head can be read.
 */
void wf_input_reject(struct wf_server_conn *conn, weft_err err);

#endif
