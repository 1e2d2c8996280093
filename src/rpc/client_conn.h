/* SPDX-License-Identifier: MIT */
/*
 * One connection of a client, and the calls that wait for a reply on it. A call
 * is found by its sequence number: the number modulo the size of a table is the
 * index of its slot. Exactly one of reply, time-out, cancel and failure of the
 * connection takes a call out of its slot; the proof is in client_pending.c.
 */
#ifndef WEFT_RPC_CLIENT_CONN_H
#define WEFT_RPC_CLIENT_CONN_H

#include "rpc/rpc.h"
#include "rpc/unpack.h"

/* How a call ended. */
enum wf_call_end {
    WF_END_REPLY,  /* a reply has come, valid or not */
    WF_END_CLIENT, /* the client was freed */
    WF_END_BROKEN, /* the connection broke; the error says why */
    WF_END_RESEND, /* no handler will see the call, which is sent again */
};

/* A call that waits for its reply. The struct lies on the caller's stack. */
struct wf_pending_call {
    struct wf_task *task;
    /* Used by the reader while it completes the call. */
    struct weft_arena *arena;
    struct weft_chain reply;     /* one message, for wf_envelope_open */
    struct weft_headers headers; /* HTTP headers, in the arena */
    uint32_t status; /* HTTP status; if not 200, `reply` is the body */
    uint8_t end;     /* enum wf_call_end */
    weft_err err;
    _Atomic bool done; /* all fields are final, and no other thread uses them */
};

struct wf_call_slot {
    _Atomic uint64_t word; /* 0: free; else sequence number << 2 | state */
    struct wf_pending_call *call; /* written before the word says WAITING */
};

/* The first bytes of an input from which no reply can be cut. */
struct wf_odd_bytes {
    char bytes[12];
    uint8_t len;
};

/* A client connection. sock->owner is the connection itself. */
struct wf_client_conn {
    struct wf_sock *sock; /* no reference: the socket lives longer */
    struct weft_limits limits;
    struct wf_cutter cutter;      /* used by the reader only */
    struct weft_chain in;         /* used by the reader only */
    struct wf_unpacker *unpacker; /* zlib or HTTP; NULL: none */
    size_t hint;                  /* reader only: length of the last read */
    struct wf_http_order *order;  /* unanswered requests; NULL: not HTTP */
    struct wf_lane *lane;         /* which the slots give back; may be NULL */
    bool is_pooled;               /* one call at a time; constant */
    bool is_once;                 /* one call at all; constant */
    bool has_inner_frame;         /* each HTTP body has a frame; constant */
    size_t skip;                  /* bytes of a too long reply still to drop */
    bool is_told;                 /* the call of the dropped reply has ended */
    struct wf_odd_bytes odd;      /* stored before the socket fails */
    uint64_t client_id;           /* the id of the client's slot; constant */
    _Atomic uint64_t heard_ns;    /* approximate time of the last input */
    _Atomic uint64_t silent_ns;   /* begin of the first call that timed out */
    _Atomic uint64_t silent_mark; /* value of heard_ns when silent_ns was set */
    _Atomic uint32_t next_seq;
    _Atomic uint32_t n_waiting; /* calls that wait for a reply, and oneway calls
                                   that are being sent */
    _Atomic bool retired;       /* no call may begin any more */
    _Atomic uint64_t strays;    /* replies that no call waits for */
    _Atomic uint32_t last_stray; /* the sequence id of the last stray reply */
    _Atomic uint32_t forgone;    /* how many strays are expected */
    uint32_t size;               /* number of slots, a power of two */
    uint32_t max;                /* limit of n_waiting */
    struct wf_call_slot slots[];
};

/* A connection is retired at this sequence number, so that no number is used
 * twice on a connection. A few calls may still begin before the connection is
 * retired; there are enough numbers above WF_SEQ_MAX for these calls. */
#define WF_SEQ_MAX 0xf0000000u

/* Make a connection that owns the connected descriptor `fd`. After an error the
 * descriptor is closed. The caller gets one reference to the socket. Errors:
 * -ENOMEM and those of wf_sock_watch. */
weft_err wf_client_conn_new(int fd, const struct weft_client *client,
                            struct wf_client_conn **out) WEFT_CHECKED;

/* The connection whose socket has this id, with a new reference to the socket.
 * NULL: the id is stale. */
struct wf_client_conn *wf_client_conn_ref(uint64_t sock_id);
void wf_client_conn_unref(struct wf_client_conn *conn);

/* Queue the request with the sequence number `seq`; `oneway`: the call has no
 * slot. Errors: those of wf_sock_write, and WEFT_ETOOMANYCALLS: too many oneway
 * calls over HTTP wait for their responses. */
weft_err wf_client_conn_send(struct wf_client_conn *conn,
                             struct weft_chain *request, uint32_t seq,
                             bool oneway) WEFT_CHECKED;

/* Take a slot for a call; *seq receives the sequence number of the request. A
 * oneway call (call == NULL) gets a number, but no slot, and ends with
 * wf_client_conn_sent. Errors: WEFT_ETOOMANYCALLS, and WEFT_EIDLE: the
 * connection is retired. */
weft_err wf_client_conn_enter(struct wf_client_conn *conn,
                              struct wf_pending_call *call, uint32_t *seq)
    WEFT_CHECKED;

/* Give the slot back. false: another thread completes the call right now, and
 * sets call->done soon. */
bool wf_client_conn_leave(struct wf_client_conn *conn, uint32_t seq)
    WEFT_CHECKED;

/* A call that was sent is about to leave without a reply: if only one call at a
 * time may use the connection, no further call uses it. */
void wf_client_conn_give_up(struct wf_client_conn *conn);

/* As wf_client_conn_leave, for a call that the caller gives up although its
 * deadline has not passed: its late reply is dropped, and is not reported. */
bool wf_client_conn_forgo(struct wf_client_conn *conn, uint32_t seq)
    WEFT_CHECKED;

/* End a oneway call, whether or not it was queued. */
void wf_client_conn_sent(struct wf_client_conn *conn);

/* Keep the connection open, even if it is retired, until
 * wf_client_conn_sent. */
void wf_client_conn_hold(struct wf_client_conn *conn);

/* Note that a call has timed out. The call began at `begun_ns`, when
 * conn->heard_ns was `heard_ns`. Retires the connection if the first call that
 * timed out began `silent_ms` ago, and no byte has arrived since that call
 * began. */
void wf_client_conn_late(struct wf_client_conn *conn, uint64_t heard_ns,
                         uint64_t begun_ns, uint32_t silent_ms);

/* Let no further call begin, and close the connection when no call is in flight
 * and all queued bytes are sent. A second call does no harm. */
void wf_client_conn_retire(struct wf_client_conn *conn);

/* *seq receives the sequence id of a reply: the id in the frame if the frame
 * has headers, else the id in the message. May pull the head of the message
 * into one run. Errors: those of wf_message_peek; WEFT_EBUDGET: no memory to
 * pull the head. */
weft_err wf_client_conn_peek(struct wf_client_conn *conn,
                             struct weft_chain *message, uint32_t *seq)
    WEFT_CHECKED;

/* How many bytes of a reply are enough to read its sequence id. */
size_t wf_client_conn_head_size(const struct wf_client_conn *conn);

/* End the call with the number `seq`: with `reply` if `err` is WEFT_OK, else
 * with `err`. */
void wf_client_conn_end_call(struct wf_client_conn *conn, uint32_t seq,
                             struct weft_chain *reply, weft_err err);

/* End the call of a reply whose sequence number cannot be read. If exactly one
 * call waits, the reply is for this call, which ends with `err`. Otherwise
 * returns `err`, and the connection has to end. */
weft_err wf_client_conn_end_only(struct wf_client_conn *conn, weft_err err)
    WEFT_CHECKED;

/* End all calls that wait. */
void wf_client_conn_end_calls(struct wf_client_conn *conn, weft_err why,
                              enum wf_call_end end);

/* ---- client_http.c ---- */

/* Make an empty list for at most `size` requests without a response. NULL: no
 * memory. */
struct wf_http_order *wf_http_order_new(uint32_t size);
void wf_http_order_free(struct wf_http_order *order);
weft_err wf_http_order_send(struct wf_client_conn *conn,
                            struct weft_chain *request, uint32_t seq,
                            bool oneway) WEFT_CHECKED;

/* Wake the task that waits for responses, if there is one. */
void wf_http_order_wake(struct wf_http_order *order);

/* Deliver a whole response; conn->in holds its body, if the response has a
 * body. */
weft_err wf_client_take_response(struct wf_client_conn *conn) WEFT_CHECKED;

/* Call this after the end of the input. If only this end shows where the body
 * of the last response ends, deliver that response. */
void wf_client_end_responses(struct wf_client_conn *conn);

/* Returns the error for an HTTP status, and sets info->text from the body. */
weft_err wf_client_read_status(struct weft_arena *arena, uint32_t status,
                               const struct weft_chain *body,
                               struct weft_call_info *info);

#endif
