/* SPDX-License-Identifier: MIT */
/* Stages: frame, decode, handle. Runs one call, from its message to the end of
 * its handler, or to weft_call_finish. */
#include "rpc/call.h"
#include "rpc/headers.h"
#include "rpc/health.h"
#include "rpc/unpack.h"

/* ---- frame and decode ---- */

/* Returns 0 if the server may handle the call, or the error with which the
 * server refuses the call. */
static weft_err
admit(const struct weft_call *call)
{
    struct weft_server *server = call->conn->server;
    if (call->conn->refused)
        return WEFT_ETOOMANYCONNS;
    if (WF_MUTANT(stop_accepts_calls))
        return WEFT_OK;
    if (WEFT_UNLIKELY(wf_load(&server->stopping, seq_cst)))
        return WEFT_ESTOPPING;
    /* relaxed: the values are only compared with limits */
    if (!wf_gauge_is_above(&server->in_flight,
                           (uint64_t)server->options.max_calls +
                               call->uncounted) &&
        wf_load(&server->memory.used, relaxed) < server->memory.max)
        return WEFT_OK;
    wf_add(&wf_counters_mine(server->counters)->overloads, 1, relaxed);
    return WEFT_EOVERLOAD;
}

/* True if the body of an HTTP request is a frame: Apache's libraries send
 * THeader over HTTP in this way. A frame begins with the number of bytes that
 * follow; a message without a frame does not. */
static bool
has_inner_frame(const struct weft_chain *message)
{
    uint8_t length[4];
    return weft_chain_copy_out(message, 0, length, 4) == 4 &&
           message->len > 4 && weft_load_be32(length) == message->len - 4;
}

static bool
is_named(const struct weft_server_options *o, struct weft_dialect d)
{
    for (uint32_t i = 0; i < o->n_dialects; i++)
        if (o->dialects[i].framing == d.framing &&
            o->dialects[i].protocol == d.protocol &&
            o->dialects[i].zlib == d.zlib && o->dialects[i].around == d.around)
            return true;
    return false;
}

/* True if the server's options allow the dialect of the call. Options that name
 * HTTP or zlib also allow frames inside HTTP or zlib. */
static bool
is_served_here(const struct weft_call *call)
{
    const struct weft_server_options *o = &call->conn->server->options;
    if (WEFT_LIKELY(o->n_dialects == 0))
        return true;
    struct weft_dialect d = weft_call_dialect(call);
    if (d.around == WEFT_ALONE || is_named(o, d))
        return is_named(o, d);
    if (d.around == WEFT_IN_HTTP)
        d.framing = WEFT_HTTP;
    else
        d.zlib = true;
    d.around = WEFT_ALONE;
    return is_named(o, d);
}

/* Take the frame off. A frame with headers has a sequence id of its own, which
 * is enough to answer the call, even if the message cannot be read. */
static weft_err
open_frame(struct weft_call *call, const struct weft_limits *limits)
{
    struct wf_server_conn *conn = call->conn;
    struct wf_cutter cutter = {.limits = limits,
                               .mode = conn->cutter.mode,
                               .protocol = conn->cutter.protocol};
    struct wf_http *http = conn->unpacker ? conn->unpacker->http : NULL;
    if (http) {
        call->in_http = has_inner_frame(&call->message);
        call->http_flags = wf_http_is_last(http) ? WF_HTTP_LAST : 0;
    }
    if (call->in_http)
        weft_chain_drop(&call->message, 4);
    weft_err err =
        wf_envelope_open(&cutter, &call->message, &call->arena, &call->frame);
    call->has_seqid = err && err != WEFT_EUNKNOWNPROTO &&
                      wf_has_headers(&call->frame.dialect);
    if (http && !call->in_http) {
        call->frame.dialect.framing = WEFT_HTTP;
        call->frame.flags = call->http_flags;
    }
    if (http && !err)
        err = wf_http_headers(http, &call->arena, &call->frame.headers);
    if (!err && !is_served_here(call))
        err = WEFT_EUNKNOWNPROTO;
    call->head =
        (struct weft_message){.seqid = call->frame.seqid, .type = WEFT_CALL};
    return err;
}

/* Find the method and its handler. */
static weft_err
find_route(struct weft_call *call)
{
    struct weft_str service;
    struct weft_server *server = call->conn->server;
    weft_err err = wf_route_split(&call->head.name, &service);
    weft_err bad = wf_call_take_headers(call, &service);
    if (err || bad)
        return err ? err : bad;
    err =
        wf_routes_find(&server->routes, service, call->head.name, &call->route);
    /* the IDL decides what is oneway */
    if (!err && call->route->method->oneway)
        call->head.type = WEFT_ONEWAY;
    return err;
}

static weft_err
read_head(struct weft_call *call, struct weft_reader *r)
{
    const struct weft_limits *limits = &call->conn->server->options.limits;
    weft_reader_init(r, &call->message, &call->arena, limits->depth);
    weft_err err = wf_message_read(call->frame.dialect.protocol, r,
                                   limits->name_size, &call->head);
    if (err)
        return err;
    call->has_seqid = true;
    if (call->head.type != WEFT_CALL && call->head.type != WEFT_ONEWAY)
        return WEFT_EMSGTYPE;
    return WEFT_OK;
}

/* True if the server stops, and the call may be one of weft.health, which is
 * answered all the same. */
static bool
may_ask_health(const struct weft_call *call, weft_err refused)
{
    return refused == WEFT_ESTOPPING && wf_health_is_named(call->head.name);
}

/* Returns how a call ends that was let in only as one of weft.health. */
static weft_err
check_health(const struct weft_call *call, weft_err err)
{
    bool is_health = !err && call->route->method == &wf_health_method;
    return is_health ? err : WEFT_ESTOPPING;
}

static weft_err
read_call(struct weft_call *call, void **args)
{
    struct weft_reader r;
    const struct weft_limits *limits = &call->conn->server->options.limits;
    struct weft_limits head_only;
    weft_err refused = admit(call);
    if (WEFT_UNLIKELY(refused)) { /* do not inflate the message */
        head_only = *limits;
        head_only.message_size = 0;
        limits = &head_only;
    }
    weft_err err = open_frame(call, limits);
    if (!err && !refused && call->message.len > WF_CHARGED_MIN)
        refused = wf_call_charge(call);
    if (!err)
        err = read_head(call, &r);
    bool asks_health =
        WEFT_UNLIKELY(refused) && !err && may_ask_health(call, refused);
    if (WEFT_UNLIKELY(refused) && !asks_health && call->has_seqid &&
        err != WEFT_EMSGTYPE)
        err = refused;
    if (!err)
        err = find_route(call);
    if (WEFT_UNLIKELY(asks_health))
        err = check_health(call, err);
    if (err)
        return err;
    err = wf_call_read_args(call, &r, args);
    if (err)
        wf_add(&wf_counters_mine(call->conn->server->counters)->bad_messages, 1,
               relaxed);
    return err;
}

/* ---- handle ---- */

#define HELD "without a wait; weft_blocking takes what blocks"

void
wf_call_tell_holds(const char *method, uint64_t ns)
{
    wf_log(WEFT_LOG_WARN,
           "the handler of %s has held its thread for %u ms, and goes on " HELD,
           method, (unsigned)(ns / 1000000u));
}

/* Log that a handler held its worker for `ns` before it returned. While the
 * handler runs, only an idle worker can log the hold. Logs once a second at
 * most. */
static void
tell_held(const struct weft_method *method, uint64_t ns)
{
    static WF_GLOBAL struct wf_log_limit once = {.most = 1};
    wf_log_sparsely(&once, WEFT_LOG_WARN,
                    "the handler of %s held its thread for %u ms " HELD,
                    method->name, (unsigned)(ns / 1000000u));
}

static weft_err
handle(struct weft_call *call, const void *args)
{
    const struct wf_route *route = call->route;
    struct wf_server_conn *conn = call->conn;
    bool alone = conn->server->options.cancel_when_gone;
    wf_task_work(call->deadline_ns, alone ? (void *)conn : conn->server, call,
                 route->method->name);
    if (WEFT_UNLIKELY(alone)) {
        /* This fiber has stored that it works for `conn`, and then loads the
         * error. The thread that fails the socket stores the error and then
         * cancels the fibers that work for `conn`. So this fiber sees the
         * error, or that thread sees this fiber. */
        wf_fence();
        if (wf_sock_error(conn->sock) && !WF_MUTANT(gone_caller_unnoticed)) {
            wf_task_work(WEFT_NEVER, NULL, NULL, NULL);
            return WEFT_ECANCEL;
        }
    }
    uint64_t mark = wf_worker_mark(), begun = wf_sys_coarse_ns();
    weft_err err = wf_call_invoke(call, args);
    if (wf_worker_mark() == mark) {
        uint64_t held = wf_sys_coarse_ns() - begun;
        if (WEFT_UNLIKELY(held >= WF_HELD_NS))
            tell_held(route->method, held);
    }
    wf_task_work(WEFT_NEVER, NULL, NULL, NULL);
    return err;
}

const struct weft_call *
wf_call_handled(void)
{
    return wf_task_working_for();
}

const struct weft_headers *
wf_headers_handled(void)
{
    const struct weft_call *call = wf_call_handled();
    return call ? &call->frame.headers : NULL;
}

/* Store the stack frame that called the handler, for wf_result_dangles. */
static void
note_frame(struct weft_call *call, const void *frame)
{
#ifdef WEFT_DEBUG
    call->frame_address = frame;
#else
    (void)call;
    (void)frame;
#endif
}

bool
wf_call_run(struct weft_call *call, struct weft_chain *reply)
{
    void *args = NULL;
    weft_err err = read_call(call, &args);
    if (!call->has_seqid || err == WEFT_EMSGTYPE) {
        wf_call_cannot_answer(call, err, reply);
        wf_call_unref(call);
        return true;
    }
    if (!err && call->head.type == WEFT_ONEWAY)
        wf_call_answer_oneway(call);
    if (!err)
        err = handle(call, args);
    /* relaxed: only the handler, which ran on this fiber, can detach the
     * call */
    bool ended = wf_load(&call->state, relaxed) == WF_CALL_RUNNING;
    if (ended) {
        wf_store(&call->state, WF_CALL_ENDED, relaxed);
        note_frame(call, __builtin_frame_address(0));
        wf_call_answer(call, err, reply);
    }
    wf_call_unref(call);
    return ended;
}

/* ---- answering later ---- */

/* The exchange of a detach releases, and the exchange of a finish acquires. So
 * the fiber or thread that finishes a call sees what the handler wrote before
 * the detach. */

bool
weft_call_is_detached(const struct weft_call *call)
{
    return wf_load(&call->state, acquire) != WF_CALL_RUNNING;
}

void
weft_call_detach(struct weft_call *call)
{
    uint32_t state = WF_CALL_RUNNING;
    if (!wf_cas(&call->state, &state, WF_CALL_DETACHED, acq_rel))
        WF_MISUSED(state == WF_CALL_DETACHED
                       ? "weft_call_detach: the call is detached already"
                       : "weft_call_detach: the call has ended");
    if (!WF_MUTANT(detach_takes_no_ref))
        wf_call_ref(call);
    if (call->conn) {
        wf_sock_more(call->conn->sock);
        wf_routes_detached(&call->server->routes, call->route);
    }
}

void
weft_call_finish(struct weft_call *call, weft_err err)
{
    struct weft_chain reply = {0};
    uint32_t state = WF_CALL_DETACHED;
    if (!wf_cas(&call->state, &state, WF_CALL_ENDED, acq_rel))
        WF_MISUSED(
            state == WF_CALL_RUNNING
                ? "weft_call_finish: the call is not detached"
                : "weft_call_finish: the call has been finished already");
    if (call->local) {
        wf_local_end(call, err, __builtin_frame_address(0));
        return;
    }
    struct wf_server_conn *conn = call->conn;
    struct wf_sock *s = conn->sock;
    wf_routes_finished(&call->server->routes, call->route);
    note_frame(call, __builtin_frame_address(0));
    wf_call_answer(call, err, &reply);
    wf_server_conn_send(conn, &reply, WF_WRITE_LATER | WF_WRITE_ANYWAY);
    wf_call_unref(call);
    wf_server_conn_calls_ended(conn, 1);
    if (!WF_MUTANT(finish_keeps_sock))
        wf_sock_unref(s);
}
