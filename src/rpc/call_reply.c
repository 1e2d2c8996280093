/* SPDX-License-Identifier: MIT */
/* Stage: encode. Makes the reply of one call: from its result, or from the
 * error instead of a result. */
#include "rpc/call.h"
#include "rpc/headers.h"
#include "rpc/result_check.h"
#include "rpc/unpack.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* limits of the memory that a reply keeps: see pins_too_much */
#define PINNED_RATIO 4u
#define PINNED_FREE ((size_t)128 << 10)
#define QUEUE_SHORT ((size_t)256 << 10)

/* ---- exceptions ---- */

/* The type number of the TApplicationException that the caller gets. Kitex has
 * a number of its own for an unknown service. */
static int32_t
app_type(const struct wf_frame *frame, weft_err err)
{
    bool kitex = wf_is_ttheader(&frame->dialect);
    return kitex && err == WEFT_ENOSERVICE ? 20 : weft_err_thrift(err);
}

void
wf_call_refuse(const struct wf_frame *frame, const struct weft_message *head,
               weft_err err, struct weft_str why, struct weft_chain *reply)
{
    char text[256];
    if (!why.ptr) {
        snprintf(text, sizeof text, "%s: %s", weft_err_name(err),
                 weft_err_text(err));
        why = weft_str_of(text);
    }
    struct wf_app_exception x = {
        .text = why, .type = app_type(frame, err), .has.w = {3}};
    struct wf_envelope e = {
        .frame = frame,
        .head = {head->name, head->seqid, WEFT_EXCEPTION},
        .desc = &wf_app_exception_desc,
        .record = &x,
    };
    if (wf_envelope_write(&e, reply)) /* no memory */
        weft_chain_clear(reply);
}

/* Returns the frame of a reply: the frame of the request with other headers. */
static struct wf_frame
frame_of_reply(const struct wf_frame *frame, const struct weft_headers *headers)
{
    struct wf_frame reply = *frame;
    reply.headers = *headers;
    return reply;
}

/* ---- results ---- */

/* How many bytes a reply keeps in memory if a part of the reply refers to the
 * call. */
static size_t
kept_by(const struct weft_call *call)
{
    return call->home->total + call->arena.budget - call->arena.left +
           wf_chain_pinned(&call->message);
}

/* True if a part of the reply holds a reference to the call. */
static bool
is_referred_to(const struct weft_call *call)
{
    /* relaxed: only this fiber adds references now, while it encodes */
    return wf_load(&call->refs, relaxed) > 1;
}

/*
 * A reply that refers to strings of its call keeps the whole call in memory
 * until the reply is sent. So the strings are copied if the call takes too
 * much memory: more than PINNED_RATIO times the bytes of the reply, plus
 * PINNED_FREE. If QUEUE_SHORT bytes of replies already wait for the peer, the
 * limit is twice the bytes of the reply.
 */
static bool
pins_too_much(const struct weft_call *call, size_t len)
{
    size_t queued = wf_load(&call->conn->sock->queued, relaxed);
    size_t most =
        queued < QUEUE_SHORT ? PINNED_RATIO * len + PINNED_FREE : 2 * len;
    return kept_by(call) > most;
}

/* Count the memory that the reply keeps, except the bytes of the reply, which
 * the queue already counts. */
static void
count_pinned(struct weft_call *call, size_t len)
{
    size_t kept = kept_by(call);
    if (kept <= len)
        return;
    call->pinned = kept - len;
    wf_sock_pin(call->conn->sock, call->pinned);
}

void
wf_call_refused(struct weft_call *call, weft_err err,
                const struct weft_refused *refused)
{
    char text[256];
    wf_refused_text(text, sizeof text, refused);
    call->why =
        weft_arena_printf(&call->arena, "%s: %s", weft_err_name(err), text);
}

static weft_err
write_result(struct weft_call *call, const struct weft_struct *desc,
             struct weft_chain *reply)
{
#ifdef WEFT_DEBUG
    if (wf_result_dangles(desc, call->result, call->frame_address))
        WF_MISUSED("the result of a handler points into the handler's stack");
#endif
    struct wf_frame f = frame_of_reply(&call->frame, &call->reply_headers.list);
    struct weft_refused refused = {NULL, NULL};
    struct wf_envelope e = {
        .frame = &f,
        .head = {call->head.name, call->head.seqid, WEFT_REPLY},
        .desc = desc,
        .record = call->result,
        .owner = call,
        .ref = wf_call_ref,
        .unref = wf_call_unref,
        .refused = &refused,
    };
    weft_err err = wf_envelope_write(&e, reply);
    if (WEFT_UNLIKELY(refused.in != NULL))
        wf_call_refused(call, err, &refused);
    if (err || WEFT_LIKELY(!is_referred_to(call)))
        return err;
    if (!pins_too_much(call, reply->len)) {
        count_pinned(call, reply->len);
        return WEFT_OK;
    }
    weft_chain_clear(reply);
    e.owner = NULL;
    return wf_envelope_write(&e, reply);
}

/* Peers that speak TTHeader read the status from the headers and expect an
 * empty result. Other peers get an exception, and also the headers if the
 * dialect has headers. */
static weft_err
write_business(struct weft_call *call, struct weft_chain *reply)
{
    weft_err err = wf_call_put_business(call);
    if (err || !wf_is_ttheader(&call->frame.dialect))
        return WEFT_EBUSINESS;
    ((struct weft_result *)call->result)->which = WEFT_RESULT_NONE;
    struct weft_struct empty = *call->route->method->result;
    err = write_result(call, &empty, reply);
    if (err != WEFT_EREQUIRED)
        return err;
    /* The success value lacks a required field: send an empty result. */
    weft_chain_clear(reply);
    empty.n_fields = 0;
    empty.write_binary = empty.write_compact = NULL;
    return write_result(call, &empty, reply);
}

/* True if the text begins with the name of an error, like "WEFT_EIDL: x". A
 * name that this server does not know counts, too: a newer client may know this
 * name. */
static bool
names_an_error(struct weft_str text)
{
    static const char prefix[] = "WEFT_E";
    size_t at = sizeof prefix - 1;
    if (text.len < at || memcmp(text.ptr, prefix, at) != 0)
        return false;
    while (at < text.len && text.ptr[at] >= 'A' && text.ptr[at] <= 'Z')
        at++;
    return at < text.len && text.ptr[at] == ':';
}

static bool
begins_with_name_of(weft_err err, struct weft_str text)
{
    const char *name = weft_err_name(err);
    size_t len = strlen(name);
    return text.len > len && memcmp(text.ptr, name, len) == 0 &&
           text.ptr[len] == ':';
}

/* The text of an exception. A client of weft reads the error from the name at
 * the beginning of the text. A handler may forward a text of another server
 * that begins with the name of another error. The client must not read that
 * name, because that error may say that the call was not executed. So the name
 * of `err` is put before such a text. If there is no memory, the text is
 * absent. */
static struct weft_str
text_of(struct weft_call *call, weft_err err)
{
    struct weft_str why = call->why;
    if (WEFT_LIKELY(!names_an_error(why)) || begins_with_name_of(err, why))
        return why;
    return weft_arena_printf(&call->arena, "%s: %.*s", weft_err_name(err),
                             WEFT_FMT(why));
}

static void
write_exception(struct weft_call *call, weft_err err, struct weft_chain *reply)
{
    struct wf_frame f = frame_of_reply(&call->frame, &call->reply_headers.list);
    wf_call_refuse(&f, &call->head, err, text_of(call, err), reply);
}

/* ---- HTTP ---- */

static bool
is_http(const struct weft_call *call)
{
    return call->frame.dialect.framing == WEFT_HTTP || call->in_http;
}

/* Make an HTTP response with this body. If there is no memory, the response is
 * empty. */
static void
close_http(const struct weft_call *call, struct weft_chain *body,
           struct weft_chain *response)
{
    struct wf_frame f = {.dialect.framing = WEFT_HTTP,
                         .flags = call->http_flags};
    if (wf_http_close(&f, body, response))
        weft_chain_clear(response);
}

/* If the reply is empty, there was no memory for it: close the connection, so
 * that the peer does not wait any longer, and does not take a later response
 * for the answer to this request. */
static void
fail_unanswered(const struct weft_call *call, const struct weft_chain *reply)
{
    if (WEFT_UNLIKELY(reply->len == 0))
        wf_sock_fail(call->conn->sock, -ENOMEM);
}

/* If the call came in the body of an HTTP request, put the reply into the body
 * of an HTTP response. */
static void
wrap_http(const struct weft_call *call, struct weft_chain *reply)
{
    if (WEFT_LIKELY(!call->in_http) || reply->len == 0)
        return;
    struct weft_chain body = *reply;
    *reply = (struct weft_chain){0};
    close_http(call, &body, reply);
}

void
wf_call_answer_oneway(struct weft_call *call)
{
    struct weft_chain nothing = {0}, reply = {0};
    if (!is_http(call))
        return;
    close_http(call, &nothing, &reply);
    fail_unanswered(call, &reply);
    wf_server_conn_send(call->conn, &reply, WF_WRITE_NOW);
    call->is_answered = true;
}

/* Send an HTTP status that says why the request was not served, and close the
 * connection. `bad`: what is wrong with the bytes of the request, or 0. */
static void
refuse_http(struct weft_call *call, weft_err err, weft_err bad,
            struct weft_chain *reply)
{
    if (wf_http_refuse(err, reply))
        wf_sock_fail(call->conn->sock, -ENOMEM);
    else
        wf_server_conn_close(call->conn, bad);
}

/* ---- the answer ---- */

/* True if the result has a declared exception. The field with id 0 is the value
 * of success, and no exception. */
static bool
is_thrown(const struct weft_call *call)
{
    const struct weft_struct *desc = call->route->method->result;
    int32_t which = ((const struct weft_result *)call->result)->which;
    for (uint32_t i = 0; which != 0 && i < desc->n_fields; i++)
        if (desc->fields[i].id == which)
            return true;
    return false;
}

/*
 * Returns the error that the caller gets if the handler returned `err`. Some
 * errors can only come from another call, which the handler made: errors that a
 * peer reported, and WEFT_ETHROWN if the result of this call has no exception.
 * These errors become WEFT_EHANDLER, because such an error may say that the
 * other call was not executed, but this call was executed. A positive number is
 * no error, and becomes WEFT_EHANDLER, too.
 */
weft_err
wf_call_returned(struct weft_call *call, weft_err err)
{
    bool is_own = !weft_err_is_peer(err) && err <= 0;
    if (is_own && (err != WEFT_ETHROWN || is_thrown(call)))
        return err;
    if (!call->why.ptr)
        call->why = weft_arena_printf(
            &call->arena, "WEFT_EHANDLER: a call of the handler's own: %s: %s",
            weft_err_name(err), weft_err_text(err));
    return WEFT_EHANDLER;
}

void
wf_call_answer(struct weft_call *call, weft_err err, struct weft_chain *reply)
{
    struct wf_server_counters *n =
        wf_counters_mine(call->conn->server->counters);
    if (call->head.type == WEFT_ONEWAY) {
        wf_add(&n->oneways, 1, relaxed);
        if (is_http(call) && !call->is_answered) /* the handler did not run */
            refuse_http(call, err, WEFT_OK, reply);
        return;
    }
    err = wf_call_returned(call, err);
    bool has_result = err == WEFT_OK || err == WEFT_ETHROWN;
    if (has_result)
        err = write_result(call, call->route->method->result, reply);
    else if (err == WEFT_EBUSINESS && call->business)
        err = write_business(call, reply);
    if (!err) {
        wf_add(&n->replies, 1, relaxed);
    } else {
        weft_chain_clear(reply); /* `reply` may hold a part of the result */
        wf_add(&n->exceptions, 1, relaxed);
        write_exception(call, err, reply);
    }
    wrap_http(call, reply);
    fail_unanswered(call, reply);
}

void
wf_call_cannot_answer(struct weft_call *call, weft_err err,
                      struct weft_chain *reply)
{
    struct wf_server_conn *conn = call->conn;
    struct wf_server_counters *n = wf_counters_mine(conn->server->counters);
    wf_add(&n->bad_messages, 1, relaxed);
    if (err == WEFT_EUNKNOWNPROTO)
        wf_add(&n->unrecognised[call->frame.guess], 1, relaxed);
    if (is_http(call))
        refuse_http(call, err, err, reply);
    else
        wf_sock_fail(conn->sock, err);
}
