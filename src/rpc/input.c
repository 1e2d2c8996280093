/* SPDX-License-Identifier: MIT */
/* Stage: cut. Cuts the bytes of a connection into the messages of a batch. */
#include "rpc/input.h"

#include "rpc/call.h"
#include "rpc/headers.h"

/* Answer a message that cannot be cut, if its head has arrived. */
static void
refuse_cut(struct wf_server_conn *conn, weft_err err, struct weft_chain *reply)
{
    struct weft_message head;
    struct weft_arena arena; /* holds a name that lies in two blocks */
    struct wf_frame frame = {.dialect.framing = WEFT_UNFRAMED,
                             .dialect.protocol = conn->cutter.protocol};
    const struct weft_limits *limits = &conn->server->options.limits;
    size_t off = 0;
    if (conn->cutter.mode == WF_CUT_FRAMED) {
        frame.dialect.framing = WEFT_FRAMED;
        off = 4;
    }
    weft_arena_init(&arena, limits->memory);
    if (!wf_message_peek(&conn->in, off, limits->name_size, &arena, &head) &&
        head.type == WEFT_CALL)
        wf_call_refuse(&frame, &head, err, (struct weft_str){NULL, 0}, reply);
    weft_arena_fini(&arena);
}

void
wf_input_reject(struct wf_server_conn *conn, weft_err err)
{
    struct weft_chain reply = {0};
    struct wf_server_counters *n = wf_counters_mine(conn->server->counters);
    wf_add(err == WEFT_EOVERLOAD ? &n->overloads : &n->bad_messages, 1,
           relaxed);
    if (err == WEFT_EUNKNOWNPROTO)
        wf_add(&n->unrecognised[conn->cutter.guess], 1, relaxed);
    else if (!conn->unpacker || !conn->unpacker->http)
        refuse_cut(conn, err, &reply);
    else if (wf_http_refuse(err, &reply))
        weft_chain_clear(&reply); /* no memory: close without an answer */
    wf_server_conn_send(conn, &reply, WF_WRITE_NOW);
}

/* True if the options name a dialect that needs this kind of unpacker, or no
 * dialect at all. */
static bool
is_allowed(const struct weft_server_options *o, uint8_t kind)
{
    for (uint32_t i = 0; i < o->n_dialects; i++) {
        const struct weft_dialect *d = &o->dialects[i];
        if (kind == WF_CUT_HTTP ? wf_is_in_http(d)
                                : d->zlib || wf_is_in_zlib(d))
            return true;
    }
    return o->n_dialects == 0;
}

/* Make an unpacker, because the first bytes are zlib or HTTP. */
static weft_err
begin_stream(struct wf_server_conn *conn, struct wf_batch *b)
{
    const struct weft_limits *limits = &conn->server->options.limits;
    uint8_t kind = conn->cutter.mode;
    if (conn->unpacker)
        return WEFT_EUNKNOWNPROTO; /* a second unpacker: zlib in zlib */
    if (!is_allowed(&conn->server->options, kind)) {
        conn->cutter.guess =
            kind == WF_CUT_HTTP ? WF_GUESS_HTTP : WF_GUESS_ZLIB;
        return WEFT_EUNKNOWNPROTO;
    }
    weft_err err = wf_unpacker_new(kind, true, limits, &conn->server->memory,
                                   &conn->unpacker);
    if (err)
        return err;
    if (conn->unpacker->http)
        wf_http_serve_paths(conn->unpacker->http, conn->server->options.paths,
                            conn->server->options.n_paths);
    weft_chain_splice(&conn->in, &conn->unpacker->raw);
    wf_cutter_init(&conn->cutter, limits);
    if (kind == WF_CUT_HTTP) {
        conn->cutter.mode = WF_CUT_FRAMED;
        conn->max_calls = 1; /* responses keep the order of requests */
        b->max = 1;
    }
    return WEFT_OK;
}

/* Unpack more input, because there is no whole message to cut. *go_on receives
 * true if bytes were added, so that the caller cuts again. */
static weft_err
unpack(struct wf_server_conn *conn, struct wf_batch *b, bool *go_on)
{
    *go_on = false;
    if (WEFT_UNLIKELY(conn->cutter.mode >= WF_CUT_ZLIB)) {
        weft_err err = begin_stream(conn, b);
        if (err)
            return err;
    }
    if (WEFT_LIKELY(!conn->unpacker))
        return WEFT_OK;
    /* A call in flight still reads the head of its request, and unpacking the
     * next request overwrites that head. throttle() lets a reader go on if the
     * connection has failed, so in_flight is checked here, too. acquire: pairs
     * with the subtraction in wf_server_conn_calls_ended. */
    if (conn->unpacker->http && wf_load(&conn->in_flight, acquire) > 0)
        return WEFT_OK;
    if (wf_load(&conn->shut, relaxed)) /* no more calls are accepted */
        weft_chain_clear(&conn->unpacker->raw);
    return wf_unpacker_read(conn->unpacker, conn->sock, &conn->in, go_on);
}

weft_err
wf_input_cut(struct wf_server_conn *conn, struct wf_batch *b,
             struct wf_cut *last, bool *more)
{
    weft_err err = WEFT_OK;
    while (!(*more = b->n >= b->max)) {
        bool go_on;
        err = wf_cut(&conn->cutter, &conn->in, last);
        if (!err && !last->whole) {
            /* The batch runs before more input is inflated. */
            if (b->n > 0 && wf_unpacker_has_more(conn->unpacker)) {
                *more = true;
                break;
            }
            err = unpack(conn, b, &go_on);
            if (!err && go_on)
                continue;
        }
        if (err || !last->whole)
            break;
        err = weft_chain_cut(&conn->in, last->head + last->body, &b->in);
        if (err)
            break;
        wf_unpacker_taken(conn->unpacker, &conn->in);
        b->messages[b->n].head = (uint32_t)last->head;
        b->messages[b->n].body = (uint32_t)last->body;
        b->n++;
        if (conn->unpacker && conn->unpacker->http)
            b->is_last = wf_http_is_last(conn->unpacker->http);
    }
    return err;
}
