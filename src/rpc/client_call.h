/* SPDX-License-Identifier: MIT */
/*
 * One call of a client. client_run.c begins a call and ends it, client_call.c
 * writes its request and reads its reply.
 */
#ifndef WEFT_RPC_CLIENT_CALL_H
#define WEFT_RPC_CLIENT_CALL_H

#include "rpc/client_conn.h"

/* What a call waited for, if it was not sent. */
enum wf_call_lacks {
    WF_LACKS_NOTHING = 0, /* the deadline passed before the wait began */
    WF_LACKS_SERVERS,     /* the list of the servers */
    WF_LACKS_ADDRESS,     /* the look-up of the host */
    WF_LACKS_CONNECTION,
    WF_LACKS_LANE, /* a free connection of the pool */
};

/* A call that a client makes; everything that the struct points to is
 * borrowed. */
struct wf_client_call {
    struct weft_client *front;  /* the client that the user calls */
    struct weft_client *client; /* the client that sends the call: `front`, or
                                   an endpoint; NULL: none is chosen */
    const struct weft_client_options *options; /* every default filled in */
    const char *host;                          /* value of HTTP's header Host */
    const struct weft_method *method;
    const void *args;
    void *result;
    struct weft_arena *arena; /* only the task uses it */
    /* A second arena, for names and headers of the request, and for headers of
     * HTTP's response: the fiber that sends the call, or the reader, may use
     * this arena while the task uses `arena`. If the task waits from the
     * beginning to the end of the call, `side` is equal to `arena`. */
    struct weft_arena *side;
    const struct weft_call_options *call; /* may be NULL */
    struct weft_call_info *info;          /* filled in at the end */
    /* The headers of the call whose handler makes this call. NULL: no handler
     * makes this call, or the dialect has no headers. */
    const struct weft_headers *came;
    uint64_t begun_ns, deadline_ns;
    /* When the call is given up: its deadline, or for an attempt that another
     * one may follow an earlier time. */
    uint64_t until_ns;
    uint64_t heard_ns;    /* conn->heard_ns when the call began */
    struct wf_task *task; /* the task that begins the call, and ends it */
    /* A call that had to connect is sent by a fiber of its own. Only this fiber
     * uses the call until the fiber stores true in is_begun. This store is the
     * last access of the fiber to the call. */
    weft_fiber sender;
    _Atomic bool is_begun;
    /* The connection on which the call waits for its reply, with a reference to
     * the socket. NULL: the call has ended, with `err`. */
    struct wf_client_conn *conn;
    struct wf_lane *lane; /* which the call has, and not its slot; or NULL */
    struct wf_pending_call waiting;
    weft_err err;
    struct wf_attempt *attempt; /* NULL: the client has one server */
    int tries;                  /* number of tries that sent nothing */
    /* what happened to the call: */
    weft_err cause;              /* why the connection broke, or was not made */
    struct weft_str odd;         /* the peer's invalid bytes; escaped */
    struct weft_refused refused; /* which argument was refused */
    struct weft_str bad_header;  /* the key of a header that was refused */
    bool is_full;                /* no room for bad_header in the request */
    uint8_t reach;               /* enum weft_call_reach */
    uint8_t lacks;               /* enum wf_call_lacks */
    int32_t seqid;               /* sequence id of the request, as it is sent */
    int32_t last_stray;          /* sequence id of the last stray reply */
    uint64_t strays;             /* count of stray replies at the time-out */
};

/* ---- client_run.c ---- */

/* Begin a call. The caller has set the method, args, result, arena, side, call,
 * info and is_begun of `x`; the other members of `x` are zero. After -ENOMEM
 * the call has ended. */
weft_err wf_client_call_begin(struct wf_client_call *x,
                              struct weft_client *client) WEFT_CHECKED;

/* Send the request. Returns false if the call has to wait first, but `may_wait`
 * is false: the caller then calls this function again with `may_wait`. */
bool wf_client_call_start(struct wf_client_call *x, bool may_wait);

/* Wait until the fiber that sends the request, if there is one, has stored
 * is_begun. */
void wf_client_call_await_sender(struct wf_client_call *x);

/* True if the call has ended, or wf_client_call_take would not wait now. */
bool wf_client_call_is_over(const struct wf_client_call *x);

/* Wait until the request has a reply or an error, and read the reply. Returns
 * whether the request has to be sent again (wf_client_call_start). */
bool wf_client_call_take(struct wf_client_call *x);

/* Wait until the call has ended: with its reply, at its deadline, or when the
 * task is cancelled. */
void wf_client_call_wait(struct wf_client_call *x);

/* End the call now with WEFT_ECANCEL, unless it has ended. */
void wf_client_call_cancel(struct wf_client_call *x);

/* Fill in the call's info, and decrement `users` of the client. Returns the
 * call's error. */
weft_err wf_client_call_end(struct wf_client_call *x);

/* ---- client_call.c ---- */

/* Write the request and queue it. Errors: those of encoding and of
 * wf_sock_write, and WEFT_EHEADER. After an error nothing was queued. */
weft_err wf_client_call_send(struct wf_client_call *x, uint32_t seq)
    WEFT_CHECKED;

/* Read the reply and fill in the info. The arena takes over the blocks of the
 * reply. */
weft_err wf_client_call_read(struct wf_client_call *x) WEFT_CHECKED;

#endif
