/* SPDX-License-Identifier: MIT */
/* What the files of the server share. */
#ifndef WEFT_RPC_SERVER_H
#define WEFT_RPC_SERVER_H

#include "rpc/route.h"
#include "rpc/rpc.h"
#include "rpc/unpack.h"

#define WF_ACCEPTORS_MAX 16

/* Counters; each is bumped by any worker, relaxed, and read as a whole when
 * the server is quiet. */
struct wf_server_counters {
    _Atomic uint64_t accepted, refused, calls, replies, exceptions, oneways,
        overloads, bad_messages, unrecognised[WF_GUESSES];
};

struct weft_server {
    struct weft_server_options options; /* every default filled in */
    struct wf_routes routes;            /* fixed once started */
    struct wf_acceptor *acceptors[WF_ACCEPTORS_MAX];
    uint32_t n_acceptors;
    struct wf_conns conns;
    _Atomic bool stopping;
    bool started;
    /* Calls cut from some input and not yet ended. Added to before `stopping`
     * is looked at; both seq_cst: see server.c. */
    _Alignas(64) _Atomic uint32_t in_flight;
    struct weft_waitq quiet; /* who waits for in_flight to be 0 */
    struct wf_server_counters counters;
};

/* A connection of the server; the owner of its socket. */
struct wf_server_conn {
    struct wf_sock *sock; /* no reference: the socket outlives it */
    struct weft_server *server;
    struct wf_cutter cutter; /* the reader's */
    struct weft_chain in;    /* the reader's: a partial message */
    struct wf_unpacker
        *unpacker;             /* zlib or HTTP; NULL: none. Set by the reader,
                                  before the first message */
    size_t hint;               /* bytes of the last read; the reader's */
    _Atomic uint64_t begun_ns; /* when the partial message began, 0: none */
    uint32_t max_calls;        /* in flight; fixed by the first bytes */
    _Atomic uint32_t in_flight;
    _Atomic bool throttled;  /* the reader waits for in_flight to fall */
    _Atomic uint32_t ending; /* enum wf_ending: why to end it, once no call is
                                in flight */
    _Atomic bool shut;       /* the peer is told that no reply will come */
    bool refused;            /* over the limit of connections; fixed */
};

enum wf_ending {
    WF_ENDING_STOP = 1,  /* the server stops: say so, let the peer end it */
    WF_ENDING_INPUT = 2, /* the peer has ended it, or cannot be understood */
};

/* ---- server_conn.c ---- */

/* Send replies; a failure is the connection's. */
void wf_server_conn_send(struct wf_server_conn *conn,
                         struct weft_chain *replies, unsigned flags);

/* n calls of a connection have ended, replied to or not. */
void wf_server_conn_calls_ended(struct wf_server_conn *conn, uint32_t n);

/* What it sends cannot be trusted any more: close it behind the replies that it
 * is owed. */
void wf_server_conn_close(struct wf_server_conn *conn);

/* End a connection as soon as it has no call in flight. */
void wf_server_conn_end(struct wf_sock *s, void *unused);

/* ---- serve.c ---- */

/* A connection came. A wf_accepted_fn of a server. */
void wf_serve_accepted(void *server, int fd);

#endif
