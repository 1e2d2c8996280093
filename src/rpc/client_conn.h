/* SPDX-License-Identifier: MIT */
/*
 * One connection of a client, and the calls that wait for a reply on it. A call
 * is found by its sequence number: the number modulo the size of a table is its
 * place. Exactly one of reply, time-out, cancel and broken connection takes a
 * call off its place; proof in client_conn.c.
 */
#ifndef WEFT_RPC_LINE_H
#define WEFT_RPC_LINE_H

#include "rpc/rpc.h"
#include "rpc/unpack.h"

/* A call that waits; on its caller's stack. */
struct wf_pending_call {
    struct wf_task *task;
    struct weft_arena *arena;    /* the reader's while it completes the call */
    struct weft_chain reply;     /* one message, as wf_envelope_open wants it */
    struct weft_headers headers; /* of HTTP, in the arena */
    weft_err err;
    _Atomic bool done; /* reply and err are final; the last touch of it */
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
    _Atomic uint64_t strays;    /* replies that nobody waited for */
    uint32_t size;              /* of the table, a power of two */
    uint32_t max;               /* of n_waiting */
    struct wf_call_slot slots[];
};

/* A line over a connected descriptor, which is taken, with one reference to its
 * socket for the caller. -ENOMEM or an errno of epoll. */
weft_err wf_line_new(int fd, const struct weft_client_options *options,
                     struct wf_client_conn **out) WEFT_CHECKED;

/* The line of a live socket, with a reference to the socket; or NULL. */
struct wf_client_conn *wf_line_ref(uint64_t sock_id);
void wf_line_unref(struct wf_client_conn *conn);

/* Take a place for a call; *seq is the number to send it with. Without a place
 * (call == NULL: oneway) the number is merely unused. WEFT_ETOOMANYCALLS. */
weft_err wf_line_enter(struct wf_client_conn *conn,
                       struct wf_pending_call *call, uint32_t *seq)
    WEFT_CHECKED;

/* Give the place back. false: somebody completes the call right now, and
 * call->done will be true. */
bool wf_line_leave(struct wf_client_conn *conn, uint32_t seq) WEFT_CHECKED;

#endif
