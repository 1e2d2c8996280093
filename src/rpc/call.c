/* SPDX-License-Identifier: MIT */
/* Stations: frame, decode, handle, encode, of one call. */
#include "rpc/call.h"

#include <errno.h>
#include <stdio.h>

#define HOME_SIZE (((size_t)4 << 10) - WF_BLOCK_HEAD)

/* ---- life ---- */

struct weft_call *
wf_call_new(struct wf_peer *peer, struct weft_chain *message)
{
    struct weft_block *home = wf_block_new(HOME_SIZE);
    if (!home) {
        weft_chain_clear(message);
        return NULL;
    }
    struct weft_call *call = (struct weft_call *)(void *)home->data;
    *call = (struct weft_call){
        .home = home,
        .message = *message,
        .peer = peer,
        .deadline_ns = WEFT_NEVER,
        .framing = peer->cutter.framing,
    };
    *message = (struct weft_chain){0};
    wf_store(&call->refs, 1, relaxed);
    const struct weft_limits *limits = &peer->server->options.limits;
    wf_arena_init_with(&call->arena, limits->memory, call + 1,
                       HOME_SIZE - sizeof *call);
    return call;
}

static void
call_ref(void *owner)
{
    struct weft_call *call = owner;
    wf_add(&call->refs, 1, relaxed); /* the caller's own keeps it alive */
}

static void
call_unref(void *owner)
{
    struct weft_call *call = owner;
    if (wf_sub(&call->refs, 1, acq_rel) > 1)
        return;
    weft_arena_fini(&call->arena);
    weft_chain_clear(&call->message);
    wf_block_unref(call->home);
}

void
wf_call_unref(struct weft_call *call)
{
    call_unref(call);
}

/* ---- encode ---- */

static void
begin_reply(struct weft_writer *w, struct wf_frame *frame,
            const struct weft_message *head, uint8_t framing, int32_t type)
{
    if (framing == WF_FRAMING_FRAMED)
        wf_frame_begin(w, frame);
    weft_bin_write_message(w, head->name, type, head->seqid);
}

static weft_err
end_reply(struct weft_writer *w, const struct wf_frame *frame, uint8_t framing)
{
    if (framing == WF_FRAMING_FRAMED)
        wf_frame_end(w, frame);
    return weft_writer_fini(w);
}

void
wf_call_refuse(const struct weft_message *head, uint8_t framing, weft_err err,
               struct weft_str why, struct weft_chain *reply)
{
    char text[256];
    struct weft_writer w;
    struct wf_frame frame;
    if (!why.ptr) {
        snprintf(text, sizeof text, "%s: %s", weft_err_name(err),
                 weft_err_text(err));
        why = weft_str_of(text);
    }
    weft_writer_init(&w, reply);
    begin_reply(&w, &frame, head, framing, WEFT_EXCEPTION);
    wf_write_app_exception(&w, why, weft_err_thrift(err));
    if (end_reply(&w, &frame, framing)) /* no memory: the caller times out */
        weft_chain_clear(reply);
}

static weft_err
write_result(struct weft_call *call, struct weft_chain *reply)
{
    struct weft_writer w;
    struct wf_frame frame;
    weft_writer_init(&w, reply);
    weft_writer_owner(&w, call, call_ref, call_unref);
    begin_reply(&w, &frame, &call->head, call->framing, WEFT_REPLY);
    call->route->method->write_result(&w, call->result);
    return end_reply(&w, &frame, call->framing);
}

/* Write what the caller is to get, if anything. */
static void
answer(struct weft_call *call, weft_err err, struct weft_chain *reply)
{
    struct wf_server_counters *n = &call->peer->server->counters;
    if (call->head.type == WEFT_ONEWAY) {
        wf_add(&n->oneways, 1, relaxed);
        return;
    }
    if (err == WEFT_OK || err == WEFT_ETHROWN) {
        err = write_result(call, reply);
        if (!err) {
            wf_add(&n->replies, 1, relaxed);
            return;
        }
        weft_chain_clear(reply); /* it holds a part of the result */
    }
    wf_add(&n->exceptions, 1, relaxed);
    wf_call_refuse(&call->head, call->framing, err, call->why, reply);
}

/* ---- frame and decode ---- */

static weft_err
read_args(struct weft_call *call, struct weft_reader *r, void **args)
{
    const struct weft_method *m = call->route->method;
    *args = weft_arena_zalloc(&call->arena, m->args->size);
    call->result = NULL;
    if (m->result)
        call->result = weft_arena_zalloc(&call->arena, m->result->size);
    if (!*args || (m->result && !call->result))
        return WEFT_EBUDGET;
    if (m->result)
        m->result->init(call->result);
    weft_err err = m->read_args(r, *args);
    if (!err && weft_reader_left(r) > 0)
        err = WEFT_ETRAILING;
    return err;
}

/* Whether a call may be handled at all. */
static weft_err
admit(const struct weft_call *call)
{
    struct weft_server *server = call->peer->server;
    if (call->peer->refused)
        return WEFT_ETOOMANYCONNS;
    if (WEFT_UNLIKELY(wf_load(&server->stopping, seq_cst)))
        return WEFT_ESTOPPING;
    /* relaxed: a limit, not an order */
    if (wf_load(&server->in_flight, relaxed) <=
        (uint64_t)server->options.max_calls + call->uncounted)
        return WEFT_OK;
    wf_add(&server->counters.overloads, 1, relaxed);
    return WEFT_EOVERLOAD;
}

static weft_err
read_call(struct weft_call *call, void **args)
{
    struct weft_reader r;
    struct weft_server *server = call->peer->server;
    const struct weft_limits *limits = &server->options.limits;
    weft_reader_init(&r, &call->message, &call->arena, limits->depth);
    weft_err err = weft_bin_read_message(&r, limits->name_size, &call->head);
    if (err)
        return err;
    call->has_seqid = true;
    if (call->head.type != WEFT_CALL && call->head.type != WEFT_ONEWAY)
        return WEFT_EMSGTYPE;
    err = admit(call);
    if (err)
        return err;
    call->route = wf_routes_find(&server->routes, call->head.name);
    if (!call->route)
        return WEFT_ENOMETHOD;
    if (call->route->method->oneway) /* whatever the caller wrote */
        call->head.type = WEFT_ONEWAY;
    err = read_args(call, &r, args);
    if (err)
        wf_add(&server->counters.bad_messages, 1, relaxed);
    return err;
}

/* ---- handle ---- */

static weft_err
handle(struct weft_call *call, const void *args)
{
    const struct wf_route *route = call->route;
    uint32_t timeout_ms = call->peer->server->options.call_timeout_ms;
    if (timeout_ms)
        call->deadline_ns = weft_after_ms(timeout_ms);
    wf_task_work(call->deadline_ns, call->peer->server);
    weft_err err =
        route->method->invoke(route->table, call, args, call->result);
    wf_task_work(WEFT_NEVER, NULL);
    return err;
}

bool
wf_call_run(struct weft_call *call, struct weft_chain *reply)
{
    void *args = NULL;
    weft_err err = read_call(call, &args);
    if (!call->has_seqid || err == WEFT_EMSGTYPE) {
        wf_add(&call->peer->server->counters.bad_messages, 1, relaxed);
        wf_sock_fail(call->peer->sock, err);
        wf_call_unref(call);
        return true;
    }
    if (!err)
        err = handle(call, args);
    bool ended = !call->detached;
    if (ended)
        answer(call, err, reply);
    wf_call_unref(call);
    return ended;
}

/* ---- what a handler may ask ---- */

struct weft_arena *
weft_call_arena(struct weft_call *call)
{
    return &call->arena;
}

void *
weft_call_user(const struct weft_call *call)
{
    return call->route->user;
}

uint64_t
weft_call_deadline(const struct weft_call *call)
{
    return call->deadline_ns;
}

struct weft_str
weft_call_method(const struct weft_call *call)
{
    return call->head.name;
}

int32_t
weft_call_seqid(const struct weft_call *call)
{
    return call->head.seqid;
}

struct weft_str
weft_call_peer(struct weft_call *call)
{
    char text[128];
    if (wf_sock_peer(call->peer->sock, text, sizeof text))
        return (struct weft_str){NULL, 0};
    return weft_arena_printf(&call->arena, "%s", text);
}

weft_err
weft_call_fail(struct weft_call *call, weft_err err, const char *fmt, ...)
{
    char text[1024];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n > 0)
        call->why = weft_arena_str(&call->arena, text,
                                   WF_MIN((size_t)n, sizeof text - 1));
    return err;
}

void
weft_call_detach(struct weft_call *call)
{
    call->detached = true;
    call_ref(call);
    wf_sock_more(call->peer->sock);
}

void
weft_call_finish(struct weft_call *call, weft_err err)
{
    struct weft_chain reply = {0};
    struct wf_peer *peer = call->peer;
    struct wf_sock *s = peer->sock;
    answer(call, err, &reply);
    if (reply.len > 0 &&
        wf_sock_write(s, &reply, WF_WRITE_LATER | WF_WRITE_ANYWAY))
        wf_sock_fail(s, -ENOMEM); /* the first reason stays */
    wf_call_unref(call);
    wf_serve_ended(peer, 1);
    wf_sock_unref(s);
}
