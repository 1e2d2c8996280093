/* SPDX-License-Identifier: MIT */
/* What the files of the client share. */
#ifndef WEFT_RPC_CLIENT_H
#define WEFT_RPC_CLIENT_H

#include "rpc/client_call.h"

/* How many retired connections of a client may still have calls in flight. */
#define WF_RETIRED_MAX 8u

/* Rare events of a client. Each event is counted, and logged at a bounded
 * rate. */
enum wf_client_event {
    WF_CLIENT_CONNECTED, /* is not logged */
    WF_CLIENT_NOT_CONNECTED,
    WF_CLIENT_BROKEN,   /* the connection broke with calls in flight */
    WF_CLIENT_REPLACED, /* the peer was silent while calls timed out */
    WF_CLIENT_STRAY,    /* a reply that no call waits for */
    WF_CLIENT_ENDED,    /* the peer, or an error, ended an idle connection */
    WF_CLIENT_EVENTS,
};

/* A client lies in a slab, whose memory is never unmapped. So weft notices the
 * use of a freed client, and a connection can look up a client that may have
 * been freed. */
struct weft_client {
    struct wf_slot slot;
    char *address;
    char *host;             /* value of HTTP's header Host */
    char *path;             /* the path of HTTP requests, or NULL */
    char *service;          /* a copy of options->service or NULL */
    struct wf_lanes *lanes; /* owned; NULL: the client has one connection */
    struct wf_lane *lane;   /* of which it is the client; may be NULL */
    const struct wf_upstream_ops *ops;  /* NULL: the client has one server */
    void *upstream;                     /* passed to the functions in `ops` */
    const struct wf_plan *plan;         /* of all calls; NULL: ask `ops` */
    _Atomic bool is_part;               /* another client owns this one */
    struct weft_client_options options; /* every default filled in */
    _Atomic uint64_t sock_id;           /* the connection's id; 0: none yet */
    /* socket ids of retired connections; a place with a stale id is free */
    _Atomic uint64_t retired[WF_RETIRED_MAX];
    _Atomic bool closing;   /* weft_client_free was called */
    _Atomic uint32_t users; /* calls in flight, and the owner */
    struct weft_sem unused; /* given when the last user leaves */
    /* how often each event happened */
    _Atomic uint64_t events[WF_CLIENT_EVENTS];
    struct weft_mutex connecting; /* guards all fields below */
    _Atomic uint64_t retry_ns;    /* when the next connect may begin */
    uint32_t pause_ms;     /* last back-off; 0: the last connect worked */
    uint32_t next_retired; /* index of the id to replace in `retired` */
    weft_err connect_err;  /* why the last connect failed */
    /* True if the connect that is under way, or else the last connect, has
     * found the addresses of the server. Also read without the lock. */
    _Atomic bool is_looked_up;
};

/* ---- client_life.c ---- */

/* Make a client that is all zero, with one reference; NULL: no memory, or too
 * many clients. */
struct weft_client *wf_client_alloc(void);

/* Make the client's id stale. Returns false if the id is stale already. */
bool wf_client_fail(struct weft_client *client);

/* Give a reference up; when the last reference is given up, the client is
 * freed. */
void wf_client_unref(struct weft_client *client);

/* Count an event of the client with this id, and log the event with `why`. Does
 * nothing if the client was freed. */
void wf_client_note(uint64_t client_id, enum wf_client_event event,
                    weft_err why);

/* ---- client.c ---- */

/* Decrement `users`, which the call incremented when it began. */
void wf_client_leave(struct weft_client *client);

/* ---- client_address.c ---- */

/* wf_client_take_address sets `address`, `host`, `path` and the dialect;
 * wf_client_take_target sets only `address` and `path`; wf_client_take_service
 * copies the service. Errors: WEFT_EADDRESS; -EINVAL: the path is not valid, or
 * the dialect has no path; -ENOMEM. */
weft_err wf_client_take_address(struct weft_client *client, const char *address)
    WEFT_CHECKED;
weft_err wf_client_take_target(struct weft_client *client, const char *target)
    WEFT_CHECKED;
weft_err wf_client_take_service(struct weft_client *client) WEFT_CHECKED;

/* ---- client_connect.c ---- */

/* Returns the connection for a call that begins at `now`, or NULL if no
 * connection is ready. The caller gets a reference to the socket of the
 * connection. Never waits. */
struct wf_client_conn *wf_client_find_conn(struct weft_client *client,
                                           uint64_t now);

/*
 * Connect, or wait until another call has connected. *out receives the
 * connection, with a reference to its socket. Errors: those of the wait,
 * WEFT_ETIMEOUT or WEFT_ECANCEL; WEFT_ECLOSED: the client is being freed;
 * WEFT_ECONNECT, with the cause in x->cause; -ENOMEM.
 */
weft_err wf_client_make_conn(struct weft_client *client,
                             struct wf_client_call *x,
                             struct wf_client_conn **out) WEFT_CHECKED;

/* Close the connections of a pool that no call has used for pool_idle_ms, but
 * for the first pool_min ones. Looks only now and then. */
void wf_client_trim(struct weft_client *client, uint64_t now);

/* ---- client_attempt.c: attempts of a client of many servers ---- */

/* Let the call, which has begun, make attempts. `a` is zero. */
void wf_attempts_init(struct wf_client_call *x, struct wf_attempt *a);

/* Begin the next attempt. If a pause must end first, but `may_wait` is false,
 * no attempt begins, and *found receives false. */
weft_err wf_attempt_begin(struct wf_client_call *x, bool may_wait, bool *found)
    WEFT_CHECKED;

/* The attempt has lasted until x->until_ns. Returns whether it has to end now,
 * because another one may follow. If not, until_ns becomes the deadline of the
 * call. */
bool wf_attempt_give_up(struct wf_client_call *x);

/* The attempt has ended with x->err. Returns whether another attempt
 * follows. */
bool wf_attempt_end(struct wf_client_call *x);

/* ---- client_hedge.c ---- */

/* As wf_client_call_wait, for a call to one of many servers. If an attempt has
 * no answer at attempt->hedge_ns, a copy of the call goes to another server. */
void wf_hedged_wait(struct wf_client_call *x);

/* ---- client_whole.c: calls of a client whose calls are functions ---- */

static inline bool
wf_client_has_whole_calls(const struct weft_client *client)
{
    return client->ops && client->ops->call;
}

/* Make the call, which has begun, and wait for its end. */
void wf_whole_call_run(struct wf_client_call *x);

/* ---- client_http.c ---- */

/* Wait until the oneway calls of a connection have responses, or the server has
 * ended the connection properly. If the wait fails, log how many calls have no
 * response. The caller holds the connection (wf_client_conn_hold). */
void wf_client_await_responses(const struct weft_client *client,
                               struct wf_client_conn *conn,
                               uint64_t deadline_ns);

/* ---- client_why.c ---- */

/* Record that a call has timed out. The call has given its slot back. Returns
 * WEFT_ETIMEOUT. */
weft_err wf_client_note_late(struct wf_client_call *x);

/* Returns the error of a call whose connection broke. Invalid bytes of the peer
 * have errors of their own. Every other cause is reported as WEFT_EBROKEN, with
 * the cause in the text. */
weft_err wf_client_note_broken(struct wf_client_call *x, weft_err why);

/* If bytes of the peer broke the connection, keep these bytes for the text of
 * the error. The reader stored the bytes before it failed the socket. */
void wf_client_note_odd(struct wf_client_call *x, weft_err why);

/* Set info->text to what failed, at which address, and what the system said,
 * unless the peer has sent a text. */
void wf_client_explain(const struct weft_client *client,
                       const struct wf_client_call *x, weft_err err,
                       struct weft_call_info *info);

#endif
