/* SPDX-License-Identifier: MIT */
/*
 * The client makes calls over one connection. The first call makes the
 * connection; after the connection breaks, the next call makes a new
 * connection.
 */
#include "rpc/client.h"
#include "rpc/headers.h"

#include <errno.h>
#include <string.h>

#define MAX_CALLS 65536u
#define COARSE_NS 20000000u /* a coarse clock is late by less than this */
#define MAX_TRIES 3         /* of a call that was certainly not sent */

/* ---- life ---- */

static weft_err
fill_in(struct weft_client_options *o)
{
    o->limits = wf_limits_of(&o->limits);
    o->connect_timeout_ms = wf_option(o->connect_timeout_ms, 1000);
    o->call_timeout_ms = wf_option(o->call_timeout_ms, 10000);
    o->max_calls = wf_option_count(o->max_calls, 4096, MAX_CALLS);
    o->max_queued = wf_option_size(o->max_queued, (size_t)16 << 20);
    o->write_timeout_ms = wf_option(o->write_timeout_ms, 20000);
    o->retry_connect_ms = wf_option(o->retry_connect_ms, 20);
    o->idle_timeout_ms = wf_option(o->idle_timeout_ms, 300000);
    o->silent_timeout_ms = wf_option(o->silent_timeout_ms, 1000);
    o->flush_timeout_ms = wf_option(o->flush_timeout_ms, 5000);
    return o->max_calls > MAX_CALLS ? -EINVAL : WEFT_OK;
}

weft_err
weft_client_new(const char *address, const struct weft_client_options *options,
                struct weft_client **out)
{
    *out = NULL;
    struct weft_client *client = wf_client_alloc();
    if (!client)
        return -ENOMEM;
    if (options)
        client->options = *options;
    weft_err err = fill_in(&client->options);
    if (!err)
        err = wf_client_take_address(client, address);
    if (!err && !weft_dialect_exists(&client->options.dialect))
        err = -EINVAL;
    if (!err)
        err = wf_client_take_service(client);
    client->options.service = client->service;
    client->options.path = client->path;
    if (err) {
        (void)wf_client_fail(client);
        wf_client_unref(client);
        return err;
    }
    wf_store(&client->users, 1, relaxed);
    *out = client;
    return WEFT_OK;
}

static void
leave(struct weft_client *client)
{
    uint32_t before = wf_sub(&client->users, 1, acq_rel);
    WF_CHECK(before > 0); /* 0: the client was freed while in use */
    if (before == 1)
        weft_sem_give(&client->unused, 1);
}

void
weft_client_free(struct weft_client *client)
{
    if (!client)
        return;
    if (!wf_client_fail(client))
        WF_MISUSED("weft_client_free: the client has been freed already");
    wf_client_close(client);
    leave(client);
    wf_sem_take_surely(&client->unused);
    wf_client_unref(client);
}

/* ---- a call ---- */

/* Returns WEFT_ETIMEOUT for a call whose deadline has passed, and which has
 * given its slot back. */
static weft_err
note_late(struct wf_client_conn *conn, struct wf_client_call *x)
{
    x->strays = wf_load(&conn->strays, relaxed);
    x->last_stray = (int32_t)wf_load(&conn->last_stray, relaxed);
    wf_client_conn_late(conn, x->heard_ns, x->begun_ns,
                        x->options->silent_timeout_ms);
    return WEFT_ETIMEOUT;
}

/* Returns the error of a call whose connection broke. Invalid bytes of the peer
 * have errors of their own. Every other cause is reported as WEFT_EBROKEN, with
 * the cause in the text. */
static weft_err
note_broken(struct wf_client_call *x, weft_err why)
{
    if (why == WEFT_ECLOSED || WF_MUTANT(errno_reaches_caller))
        return why;
    x->cause = why;
    return wf_err_band(why) == WF_BAND_BYTES ? why : WEFT_EBROKEN;
}

/* If bytes of the peer broke the connection, keep these bytes for the text of
 * the error. The reader stored the bytes before it failed the socket. */
static void
note_odd(const struct wf_client_conn *conn, struct wf_client_call *x,
         weft_err why)
{
    char text[4 * sizeof conn->odd.bytes + 1];
    if (wf_err_band(why) != WF_BAND_BYTES)
        return;
    struct weft_str odd = {conn->odd.bytes, conn->odd.len};
    (void)wf_escape_text(text, sizeof text, odd);
    x->odd = weft_arena_printf(x->arena, "%s", text);
}

/* Wait until the call is done. After its deadline or a cancel, end the call
 * here, unless another thread is ending it already. *again receives true if the
 * call has to be sent again. */
static weft_err
await(struct wf_client_conn *conn, struct wf_client_call *x,
      struct wf_pending_call *call, uint32_t seq, bool *again)
{
    bool late = false, over = false; /* over: another thread ends the call */
    while (!wf_load(&call->done, acquire)) {
        bool cancelled = wf_task_cancelled(call->task);
        if (!over && (cancelled || late)) {
            if (wf_client_conn_leave(conn, seq) ||
                WF_MUTANT(caller_leaves_taken_call))
                return cancelled ? wf_cancel_error() : note_late(conn, x);
            over = true;
        }
        late = !wf_park_until(
            over || WF_MUTANT(call_waits_untimed) ? WEFT_NEVER : x->deadline_ns,
            WEFT_WAIT_REPLY);
    }
    WF_DCHECK(call->end <= WF_END_RESEND);
    *again = call->end == WF_END_RESEND;
    if (call->end == WF_END_REPLY)
        x->reach = WEFT_CALL_ANSWERED;
    if (call->end != WF_END_BROKEN)
        return call->err;
    note_odd(conn, x, call->err);
    return note_broken(x, call->err);
}

/* ---- one call from begin to end ---- */

static void
set_times(const struct weft_client *client, struct wf_client_call *x)
{
    uint64_t deadline = x->call ? x->call->deadline_ns : 0;
    /* Do not use the time of the worker's last poll, because a fiber may have
     * held the worker since. With an old time a connection looks as if it was
     * just used, and nothing checks whether the peer has closed it. */
    x->begun_ns = deadline ? wf_sys_coarse_ns() : wf_sys_now_ns();
    if (deadline == 0)
        deadline = wf_timeout_end(x->begun_ns, client->options.call_timeout_ms);
    uint64_t inherited = wf_task_deadline();
    x->deadline_ns = WF_MIN(deadline, inherited);
}

/* True if the deadline passed before the call began. begun_ns may be some ms in
 * the past. */
static bool
comes_too_late(const struct wf_client_call *x)
{
    return x->deadline_ns < x->begun_ns + COARSE_NS &&
           x->deadline_ns <= wf_sys_now_ns();
}

/* Make the call over this connection. *again receives true if the connection
 * has ended and certainly no handler sees the call. */
static weft_err
call_on(struct wf_client_conn *conn, struct wf_client_call *x,
        struct wf_pending_call *call, bool *again)
{
    uint32_t seq;
    bool oneway = x->method->oneway;
    x->heard_ns = wf_load(&conn->heard_ns, relaxed);
    weft_err err = wf_client_conn_enter(conn, oneway ? NULL : call, &seq);
    *again = err == WEFT_EIDLE;
    if (err)
        return err;
    err = wf_client_call_send(x, conn, seq);
    if (!err)
        x->reach = WEFT_CALL_MAYBE_HANDLED;
    else
        *again = err == wf_sock_error(conn->sock);
    if (oneway) {
        wf_client_conn_sent(conn);
        return err;
    }
    if (err && !WF_MUTANT(unsent_call_waits) && wf_client_conn_leave(conn, seq))
        return err;
    *again = false;
    return await(conn, x, call, seq, again);
}

static weft_err
try_call(struct weft_client *client, struct wf_client_call *x,
         struct weft_call_info *info, bool *again)
{
    struct wf_pending_call call = {.task = wf_task_self(), .arena = x->arena};
    struct wf_client_conn *conn;
    *again = false;
    x->reach = WEFT_CALL_NOT_SENT;
    if (!call.task)
        return -ENOMEM;
    if (WEFT_UNLIKELY(comes_too_late(x)))
        return WEFT_ETIMEOUT;
    weft_err err = wf_client_get_conn(client, x, &conn);
    if (err)
        return err;
    err = call_on(conn, x, &call, again);
    if (!err && !x->method->oneway)
        err = wf_client_call_read(x, conn, &call, info);
    weft_chain_clear(&call.reply);
    wf_client_conn_unref(conn);
    return err;
}

weft_err
weft_client_call(struct weft_client *client, const struct weft_method *method,
                 const void *args, void *result, struct weft_arena *arena,
                 const struct weft_call_options *options)
{
    struct weft_call_info unasked;
    struct weft_call_info *info =
        options && options->info ? options->info : &unasked;
    struct wf_client_call x = {
        .options = &client->options,
        .host = client->host,
        .method = method,
        .args = args,
        .result = result,
        .arena = arena,
        .call = options,
    };
    *info = (struct weft_call_info){.app_type = -1};
    if (!method->oneway) /* before anything can fail */
        ((struct weft_result *)result)->which = WEFT_RESULT_NONE;
    if (WEFT_UNLIKELY(wf_slot_failed(&client->slot)))
        WF_MISUSED("weft_client_call: the client has been freed");
    set_times(client, &x);
    /* the owner's count keeps `users` above 0 */
    wf_add(&client->users, 1, relaxed);
    weft_err err;
    bool again;
    int tries = 0;
    /* each resend over HTTP follows a response to another request, so the loop
     * ends */
    do {
        err = try_call(client, &x, info, &again);
        tries += x.reach == WEFT_CALL_NOT_SENT;
    } while (again && tries < MAX_TRIES);
    if (again)
        err = note_broken(&x, err);
    info->reach = x.reach;
    if (WEFT_UNLIKELY(err))
        wf_client_explain(client, &x, err, info);
    leave(client);
    return err;
}
