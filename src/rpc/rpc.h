/* SPDX-License-Identifier: MIT */
/*
 * The module header of rpc. It declares what the folder upstream needs for
 * clients of many servers, and for their checks.
 *
 * The server:
 *   server.h          shared declarations; server.c starts and stops a server
 *   server_options.c  copies what a server's options point to
 *   server_waits.c    logs what a stop waits for
 *   server_registries.c  registers a server, and deregisters it
 *   service.c         runs a server until a signal comes
 *   route.h           finds the handler of a method by its name
 *   idl.h             the method by which a server sends its IDL
 *   health.h          the method by which a server says whether it stops
 *   serve.c           reads a connection: accept, read, cut, run
 *   input.h           cuts the bytes into messages
 *   batch.h           runs the messages of one read
 *   server_conn.c     sends replies, and ends connections
 *   counters.h        what a server counts, for weft_server_get_stats
 *
 * A call of the server:
 *   call.h            a call, from message to reply; call_life.c makes and
 *                     frees calls, call.c runs the handler
 *   intercept.c       functions around the handlers
 *   charge.c          counts a call's message in the server's memory
 *   call_headers.c    functions for handlers, and the headers of a call
 *   call_reply.c      makes the reply
 *   result_check.h    checks in debug builds where a result points
 *   local.c           calls without a connection
 *
 * The client:
 *   client.h          shared declarations; client.c makes and frees clients,
 *                     client_life.c has the memory and counters of clients
 *   client_address.c  where a client connects to
 *   client_connect.c  which connection a call uses
 *   client_lanes.h    the connections of a client that has more than one
 *   client_conn.h     one connection; client_pending.c has the calls that wait
 *                     on a connection
 *   client_http.c     what is different over HTTP
 *   client_call.h     one call: writes its request, reads its reply;
 *                     client_run.c begins a call and ends it
 *   client_attempt.c  attempts of a call to one of many servers
 *   client_hedge.c    two copies of a call, of which the faster one counts
 *   client_whole.c    calls of a client that makes calls of other clients
 *   pending.c         calls that were begun, and are awaited later;
 *                     client_begun.h lists those of a task
 *   client_why.c      writes why a call failed
 *
 * The client of other HTTP servers (weft/http.h):
 *   http.h            shared declarations; http_client.c makes and frees
 *                     clients, http_ask.c sends a request and reads the head
 *                     of its response, http_exchange.c reads the body,
 *                     http_why.c writes why that failed
 *
 * Both:
 *   headers.h         headers beside a message
 *   unpack.h          what lies between bytes and messages: zlib, HTTP
 */
#ifndef WEFT_RPC_RPC_H
#define WEFT_RPC_RPC_H

#include <weft/rpc.h>

#include "base/base.h"
#include "buf/buf.h"
#include "codec/codec.h"
#include "fiber/fiber.h"
#include "net/net.h"

/* Messages of at most this size do not count against max_memory. The limits of
 * calls and connections bound the memory of such messages. */
#define WF_CHARGED_MIN ((size_t)4 << 10)

/* ---- the method weft.health: health.c ---- */

/* The method, as a server has it and a client calls it. Its arguments have no
 * field; a client gives WF_HEALTH_ARGS bytes of zeros. */
extern const struct weft_method wf_health_method;
#define WF_HEALTH_ARGS 1

struct wf_health_result {
    int32_t which;
    struct weft_str success; /* one of the texts below */
};
#define WF_HEALTH_SERVING "SERVING"
#define WF_HEALTH_STOPPING "STOPPING"

/* ---- clients of many servers: src/upstream ---- */

#define WF_CALL_TIMEOUT_MS 10000u /* the default of call_timeout_ms */

/* How a call of a client of many servers is made: the options of the client, or
 * what its policy says of the method. */
struct wf_plan {
    uint32_t timeout_ms; /* of a call without a deadline; or WEFT_NONE */
    uint32_t max_attempts;
    uint32_t attempt_timeout_ms; /* or WEFT_NONE */
    uint32_t hedge_ms;           /* 0: no hedge; or WEFT_HEDGE_P95 */
    uint32_t retry_pause_ms;
};

/* A call of a client of many servers, and the latest attempt of this call. */
struct wf_attempt {
    const struct wf_plan *plan; /* the client's, or `own_plan` */
    struct wf_plan own_plan;    /* a copy, so the call keeps its policy */
    struct weft_arena *arena;   /* the call's arena, for `tried` */
    uint64_t deadline_ns;       /* the call's deadline */
    uint64_t begun_ns;          /* when this attempt began */
    uint64_t pause_ns;          /* when the next attempt begins; 0: at once */
    uint64_t until_ns;          /* when this attempt is given up */
    uint64_t hedge_ns;          /* when a copy is sent elsewhere; 0: never */
    struct weft_str key;        /* hash_key of the call's options */
    uint32_t partition;         /* of the same; 0: any */
    weft_err err;               /* `err` and `reach`: how this attempt ended */
    enum weft_call_reach reach;
    bool is_idempotent; /* the call may be executed more than once */
    bool is_unknown;    /* a handler may have seen an attempt that has ended */
    bool is_for_retry;  /* a handler makes the call on behalf of a retry */
    uint32_t n_sent; /* attempts that have ended, and whose request was sent */
    bool is_hedged;  /* the call has had its copy */
    bool is_copy;    /* this attempt is the copy */
    bool has_twin;   /* the call and its copy are in flight: if one fails, the
                        other one is the next attempt */
    bool is_outrun;  /* the copy was answered before this attempt */
    /* used by upstream only; zero before the first attempt */
    void *endpoint;
    uint32_t part;
    bool is_paid;  /* the budget has paid for the next attempt */
    bool is_trial; /* see upstream/breaker.h */
    struct wf_tried *tried;
};

/* A call of a client whose calls are functions; everything is borrowed. */
struct wf_whole_call {
    const struct weft_method *method;
    struct weft_arena *arena; /* for the reply; no other task uses it */
    const void *args;
    void *result;
    struct weft_call_options options; /* deadline_ns and info are set */
};

/* What upstream does for a client of many servers. Each server is an endpoint,
 * for which there is a client of one address. `end` is called once for every
 * attempt that `begin` has begun.
 *
 * If `call` is set, the calls of the client make no attempts. The client then
 * needs only `call`, `add_stats`, `close` and `free`. */
struct wf_upstream_ops {
    /* Make a call, and fill in its info. weft_client_call runs this function in
     * the task that calls, weft_client_begin in a fiber of the call's own. Both
     * may be cancelled. Errors as weft_client_call. */
    weft_err (*call)(void *upstream, const struct wf_whole_call *call);
    /* Copy to a->own_plan what the policy of the client says of the method.
     * Only for clients without a plan, see wf_client_set_plan. */
    void (*plan)(void *upstream, const struct weft_method *method,
                 struct wf_attempt *a);
    /* Wait until the servers are known. If this needs a wait, but `may_wait` is
     * false, *found receives false. WEFT_ETIMEOUT, WEFT_ECANCEL, WEFT_ECLOSED,
     * errors of weft_fiber_start. */
    weft_err (*find)(void *upstream, uint64_t deadline_ns, bool may_wait,
                     bool *found);
    /* Returns why no server is known, in the arena; absent: no reason. */
    struct weft_str (*why_none)(void *upstream, struct weft_arena *arena);
    /* Choose the endpoint of the next attempt, and set until_ns; never waits.
     * WEFT_ENOENDPOINT, WEFT_ECLOSED, -ENOMEM. */
    weft_err (*begin)(void *upstream, struct wf_attempt *a,
                      struct weft_client **endpoint);
    /* The attempt has lasted until a->until_ns, which is before the deadline.
     * Returns whether it is given up, because another one may follow. */
    bool (*give_up)(void *upstream, struct wf_attempt *a);
    /* The attempt `a` has no answer at a->hedge_ns. Begin `copy`, a second
     * attempt of the same call on another endpoint. false: it has not begun,
     * because no other endpoint is connected, or the budget does not pay for
     * it. */
    bool (*hedge)(void *upstream, struct wf_attempt *a, struct wf_attempt *copy,
                  struct weft_client **endpoint);
    /* The attempt has ended, and its endpoint is no longer used. Returns
     * whether another attempt follows. */
    bool (*end)(void *upstream, struct wf_attempt *a);
    void (*add_stats)(void *upstream, struct weft_client_stats *stats);
    /* End all calls with WEFT_ECLOSED; no attempt may begin any more. */
    void (*close)(void *upstream);
    void (*free)(void *upstream); /* called when no call is left */
};

/* ---- registries of a server: src/upstream ---- */

#define WF_REGISTRIES_MAX 8

/* What upstream does for a server that is registered. `it` is what
 * wf_server_add_registry was given. */
struct wf_registry_ops {
    /* The server accepts connections: begin to register it. Never waits.
     * WEFT_EADDRESS: no client can connect to the address; errors of
     * weft_fiber_start. */
    weft_err (*start)(void *it, const struct weft_server *server);
    /* Begin to deregister the server, if `start` was called. */
    void (*leave)(void *it, uint64_t until_ns);
    /* Wait until that is done, and clients had time to learn of it: until
     * until_ns of `leave` at most. No cancel ends the wait. */
    void (*await)(void *it);
    /* Let `await` return soon. Any thread calls this, also meanwhile. */
    void (*hurry)(void *it);
    void (*free)(void *it);
};

/* Add a registry to a server, which then owns `it`. `leave_ms`: how long
 * `leave` may last; a stop gets so much more time. -EBUSY: the server has been
 * started; WEFT_EFULL: it has WF_REGISTRIES_MAX registries. */
weft_err wf_server_add_registry(struct weft_server *server,
                                const struct wf_registry_ops *ops, void *it,
                                uint32_t leave_ms) WEFT_CHECKED;

/* Call `fn` for all that were added with these ops. */
void wf_server_each_registry(const struct weft_server *server,
                             const struct wf_registry_ops *ops,
                             void (*fn)(void *it, void *arg), void *arg);

/* Write the first address of a server that listens. Returns whether a client
 * can connect to it, as wf_acceptor_address. */
bool wf_server_address(const struct weft_server *server, char *text,
                       size_t size) WEFT_CHECKED;

/* ---- the clients of upstream ---- */

/* Make a client of one address. Errors: those of weft_client_new. */
weft_err wf_client_new(const char *address,
                       const struct weft_client_options *options,
                       struct weft_client **out) WEFT_CHECKED;

/* Make a client of many servers. On success the client owns `upstream`. Errors:
 * those of wf_client_new, except the errors of the address. */
weft_err wf_client_new_front(const char *target,
                             const struct weft_client_options *options,
                             const struct wf_upstream_ops *ops, void *upstream,
                             struct weft_client **out) WEFT_CHECKED;

/* Let all calls of a client of many servers have one plan, which must live as
 * long as the client. Without it ops->plan is asked before each call. */
void wf_client_set_plan(struct weft_client *client, const struct wf_plan *plan);

/* Returns the `upstream` of a client. NULL: the client was not made with these
 * ops. */
void *wf_client_upstream(const struct weft_client *client,
                         const struct wf_upstream_ops *ops);

const char *wf_client_address(const struct weft_client *client);

/* The options with every default filled in; the client owns their strings. */
const struct weft_client_options *
wf_client_options(const struct weft_client *client);

/* True if the client failed to connect and does not try again yet. This is a
 * hint: it may be out of date. */
bool wf_client_rests(const struct weft_client *client, uint64_t now);

/* True if the client has a connection, even one that is ending. */
bool wf_client_is_connected(const struct weft_client *client);

/* Let the connection end when no call is in flight on it. */
void wf_client_drain(struct weft_client *client);

/* ---- parts of a client whose calls are functions: src/upstream ---- */

/* Let another client own a client: only wf_client_free_part frees it then.
 * Returns false if another client owns it already. */
bool wf_client_take_part(struct weft_client *client);

/* Undo wf_client_take_part. */
void wf_client_give_part_back(struct weft_client *client);

/* Free a client that another client owns, as weft_client_free does. */
void wf_client_free_part(struct weft_client *client);

/* End all calls of a client of any kind, as weft_client_free does. Calls that
 * begin afterwards end with WEFT_ECLOSED. */
void wf_client_end_calls(struct weft_client *client);

/* True if the calling fiber executes a retry, or a call that was made for one:
 * its calls are not sent again, because retries at every hop would multiply. */
bool wf_is_for_retry(void);

/* End the calls of all connections with WEFT_ECLOSED; no call can begin after
 * that. Until the deadline at most, send the queued bytes, and over HTTP wait
 * for the responses of oneway calls. Then close the connections. */
void wf_client_close(struct weft_client *client, uint64_t deadline_ns);

#endif
