/* SPDX-License-Identifier: MIT */
/*
 * One connection of a client, and the calls that wait for a reply on it. A call
 * is found by its sequence number: the number modulo the size of a table is the
 * index of its slot. Exactly one of reply, time-out, cancel and failure of the
 * connection takes a call out of its slot; proof in client_conn.c.
 */
#ifndef WEFT_RPC_CLIENT_CONN_H
#define WEFT_RPC_CLIENT_CONN_H

#include "rpc/rpc.h"
#include "rpc/unpack.h"

/* A call that waits for its reply; on its caller's stack. */
struct wf_pending_call {
    struct wf_task *task;
    struct weft_arena
        *arena; /* used by the reader while it completes the call */
    struct weft_chain reply;     /* one message, as wf_envelope_open wants it */
    struct weft_headers headers; /* of HTTP, in the arena */
    weft_err err;
    _Atomic bool done; /* reply and err are final; who sets it touches
                          the call no more */
};

struct wf_call_slot {
    _Atomic uint64_t word; /* 0 free, else sequence number << 2 and a state */
    struct wf_pending_call *call; /* written before the word says WAITING */
};

/* The owner of a client's socket. */
struct wf_client_conn {
    struct wf_sock *sock; /* no reference: the socket outlives it */
    struct weft_limits limits;
    struct wf_cutter cutter;      /* the reader's */
    struct weft_chain in;         /* the reader's */
    struct wf_unpacker *unpacker; /* zlib or HTTP; NULL: none */
    size_t hint;                  /* bytes of the last read; the reader's */
    _Atomic uint32_t next_seq;
    _Atomic uint32_t n_waiting; /* slots that are taken, or about to be */
    _Atomic uint64_t strays;    /* replies to no call in a slot */
    uint32_t size;              /* of the table, a power of two */
    uint32_t max;               /* of n_waiting */
    struct wf_call_slot slots[];
};

/* Make a connection of a connected descriptor, which is taken also on an error.
 * The caller gets one reference to its socket. -ENOMEM or an errno of epoll. */
weft_err wf_client_conn_new(int fd, const struct weft_client_options *options,
                            struct wf_client_conn **out) WEFT_CHECKED;

/* The connection of a live socket, with a reference to the socket; or NULL. */
struct wf_client_conn *wf_client_conn_ref(uint64_t sock_id);
void wf_client_conn_unref(struct wf_client_conn *conn);

/* Take a slot for a call; *seq is the sequence number to send it with. A oneway
 * call (call == NULL) gets a number, but no slot. WEFT_ETOOMANYCALLS. */
weft_err wf_client_conn_enter(struct wf_client_conn *conn,
                              struct wf_pending_call *call, uint32_t *seq)
    WEFT_CHECKED;

/* Give the slot back. false: another thread completes the call right now, and
 * sets call->done soon. */
bool wf_client_conn_leave(struct wf_client_conn *conn, uint32_t seq)
    WEFT_CHECKED;

#endif
