/* SPDX-License-Identifier: MIT */
/* One call of a client: writes its request and reads its reply. */
#ifndef WEFT_RPC_CLIENT_CALL_H
#define WEFT_RPC_CLIENT_CALL_H

#include "rpc/client_conn.h"

/* A call that a client makes; everything that the struct points to is
 * borrowed. */
struct wf_client_call {
    const struct weft_client_options *options; /* every default filled in */
    const char *host;                          /* for HTTP */
    const struct weft_method *method;
    const void *args;
    void *result;
    struct weft_arena *arena;
    const struct weft_call_options *call; /* may be NULL */
    uint64_t begun_ns, deadline_ns;
    uint64_t heard_ns; /* conn->heard_ns when the call began */
    /* What happened to the call. */
    weft_err cause;      /* why the connection could not be made, or broke */
    struct weft_str odd; /* the peer's invalid bytes; escaped */
    struct weft_refused refused; /* which argument was refused */
    struct weft_str bad_header;  /* the key of a header that was refused */
    bool is_full;                /* refused because there is no room */
    uint8_t reach;               /* enum weft_call_reach */
    int32_t seqid;               /* of the request */
    int32_t last_stray;          /* sequence id of the last stray reply */
    uint64_t strays;             /* stray replies before the time-out */
};

/* Write the request and queue it. After an error (of encoding, WEFT_EHEADER, or
 * one of wf_sock_write) nothing was queued. */
weft_err wf_client_call_send(struct wf_client_call *x,
                             struct wf_client_conn *conn, uint32_t seq)
    WEFT_CHECKED;

/* Read the reply, whose blocks the arena takes, and fill in `info`. */
weft_err wf_client_call_read(const struct wf_client_call *x,
                             struct wf_client_conn *conn,
                             struct wf_pending_call *reply,
                             struct weft_call_info *info) WEFT_CHECKED;

#endif
