/* SPDX-License-Identifier: MIT */
/* What the files of the server share. */
#ifndef WEFT_RPC_SERVER_H
#define WEFT_RPC_SERVER_H

#include "net/net.h"
#include "rpc/counters.h"
#include "rpc/route.h"
#include "rpc/rpc.h"
#include "rpc/unpack.h"

#define WF_ACCEPTORS_MAX 16

/* What wf_server_add_registry was given. */
struct wf_registration {
    const struct wf_registry_ops *ops;
    void *it;
    uint32_t leave_ms;
};

struct weft_server {
    void *block;                        /* the memory of this struct */
    struct weft_server_options options; /* every default filled in */
    volatile uint32_t live;             /* WF_LIVE until the server is freed */
    struct wf_routes routes;            /* constant after the start */
    /* Around all handlers, the first one outermost; constant after the
     * start. */
    struct wf_interceptor {
        weft_interceptor_fn fn;
        void *user;
    } interceptors[WEFT_INTERCEPTORS_MAX];
    uint32_t n_interceptors;
    struct wf_acceptor *acceptors[WF_ACCEPTORS_MAX];
    uint32_t n_acceptors;
    struct wf_conns conns;
    _Atomic bool stopping;
    _Atomic bool started;
    struct wf_stop stop;
    struct weft_arena_pool memory; /* for arenas and large messages */
    /* Calls that were cut and have not ended. A reader adds to in_flight and
     * then loads `stopping`. Both accesses are seq_cst; the proof in server.c
     * says why. */
    struct wf_gauge in_flight;
    struct weft_waitq quiet; /* tasks that wait until in_flight is 0 */
    struct wf_registration registrations[WF_REGISTRIES_MAX];
    uint32_t n_registrations;            /* constant after the start */
    struct wf_server_counters *counters; /* a part for each worker, see
                                            fiber/gauge.h */
};

/* A connection of the server. The connection is the `owner` of its socket, and
 * is freed when the last reference to the socket is given up. */
struct wf_server_conn {
    struct wf_sock *sock; /* no reference: the socket lives longer */
    struct weft_server *server;
    struct wf_cutter cutter;      /* used by the reader only */
    struct weft_chain in;         /* a partial message; for the reader */
    struct wf_unpacker *unpacker; /* for zlib or HTTP, else NULL; set by the
                                  reader before the first message */
    size_t hint;                  /* size of the last read; for the reader */
    _Atomic uint64_t begun_ns;    /* when the partial message began; 0: none */
    uint32_t max_calls;           /* limit of in_flight; HTTP lowers it to 1 */
    _Atomic uint32_t in_flight;
    _Atomic bool throttled; /* the reader waits until in_flight falls */
    /* Bits of enum wf_ending: the reasons to end the connection as soon as no
     * call is in flight. */
    _Atomic uint32_t ending;
    _Atomic bool shut; /* the output of the connection is shut */
    bool refused;      /* over the limit of connections; constant */
    /* Why the input cannot be cut any further, or 0. If `bad` is not 0, the
     * connection is closed with WEFT_ECLOSED after the replies, but is counted
     * under the error `bad`. */
    _Atomic weft_err bad;
};

enum wf_ending {
    WF_ENDING_STOP = 1,  /* the server stops */
    WF_ENDING_INPUT = 2, /* the input has ended, or cannot be cut */
};

/* ---- server_conn.c ---- */

/* Send replies. If the send fails, the connection fails. */
void wf_server_conn_send(struct wf_server_conn *conn,
                         struct weft_chain *replies, unsigned flags);

/* Record the end of `n` calls of a connection, with a reply or without. */
void wf_server_conn_calls_ended(struct wf_server_conn *conn, uint32_t n);

/* Accept no more input of the connection, and close it after the replies of its
 * calls. `bad`: what is wrong with the input, or 0. */
void wf_server_conn_close(struct wf_server_conn *conn, weft_err bad);

/* Count a failed connection under the reason `why`, and log an unusual
 * reason. */
void wf_server_conn_count_end(struct wf_server_conn *conn, weft_err why);

/* True if the kernel has bytes that weft has not read yet. */
bool wf_server_conn_has_input(const struct wf_server_conn *conn);

/* True if the connection has nothing in flight: no call, no byte of a reply
 * that the peer has not acknowledged, no input. Then a close loses nothing. */
bool wf_server_conn_is_settled(const struct wf_server_conn *conn);

/* End a connection as soon as it has no call in flight. */
void wf_server_conn_end(struct wf_sock *s, void *unused);

/* ---- server_options.c ---- */

/* Copy what the options point to. -EINVAL, -ENOMEM: nothing is kept.
 * wf_server_options_drop frees the copies. */
weft_err wf_server_options_keep(struct weft_server_options *options)
    WEFT_CHECKED;
void wf_server_options_drop(struct weft_server_options *options);

/* ---- server_registries.c ---- */

/* Begin to register the server. Errors: those of `start`. */
weft_err wf_server_enter_registries(struct weft_server *server) WEFT_CHECKED;

/* Deregister the server, and give clients time to learn of it. At most half of
 * the time until the deadline, so that the rest is left for the calls in
 * flight. */
void wf_server_leave_registries(struct weft_server *server,
                                uint64_t deadline_ns);

/* End what wf_server_leave_registries waits for. */
void wf_server_hurry_registries(struct weft_server *server);
void wf_server_drop_registries(struct weft_server *server);

/* Returns the deadline of a stop that begins now. */
uint64_t wf_server_stop_end(const struct weft_server *server);

/* ---- server_waits.c ---- */

/* Log how many calls have not ended, and the methods of at most two of these
 * calls. */
void wf_server_tell_waits(struct weft_server *server);

/* ---- serve.c ---- */

/* Serve an accepted connection. Each acceptor of a server calls this
 * function. */
void wf_serve_accepted(void *server, int fd);

#endif
