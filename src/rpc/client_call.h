/* SPDX-License-Identifier: MIT */
/* The two messages of a call, as a client sees them. */
#ifndef WEFT_RPC_EXCHANGE_H
#define WEFT_RPC_EXCHANGE_H

#include "rpc/client_conn.h"

/* A call to be made; all of it is borrowed. */
struct wf_client_call {
    const struct weft_client_options *options; /* every default filled in */
    const char *address;
    const struct weft_method *method;
    const void *args;
    void *result;
    struct weft_arena *arena;
    const struct weft_call_options *call; /* may be NULL */
    uint64_t deadline_ns;
};

/* Write the request and queue it. Errors of encoding, WEFT_EHEADER and those of
 * wf_sock_write: it was not queued. */
weft_err wf_client_call_send(const struct wf_client_call *x,
                             struct wf_client_conn *conn, uint32_t seq)
    WEFT_CHECKED;

/* Read the reply, which the arena takes, and fill info in (may be NULL). */
weft_err wf_client_call_read(const struct wf_client_call *x,
                             struct wf_client_conn *conn,
                             struct wf_pending_call *reply,
                             struct weft_call_info *info) WEFT_CHECKED;

#endif
