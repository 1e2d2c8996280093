/* SPDX-License-Identifier: MIT */
/*
 * One call from begin to end: sends the request, waits for the reply, and sends
 * the request again if certainly no handler sees it.
 *
 * One task at a time uses a call: the task that begins the call. If the call
 * has to connect and this task does not wait, a fiber connects and sends
 * (pending.c), and only the fiber uses the call until the fiber stores
 * is_begun. The reader of the connection also uses the call's `waiting`, as the
 * proof in client_pending.c says.
 */
#include "rpc/client_lanes.h"
#include "rpc/headers.h"

#include <errno.h>

#define COARSE_NS 20000000u /* a coarse clock is behind by less than this */
#define MAX_TRIES 3         /* maximum number of tries to send a call */

/* ---- sending ---- */

/* True if until_ns passed before the call began. begun_ns may be too early, by
 * less than COARSE_NS. */
static bool
comes_too_late(const struct wf_client_call *x)
{
    return x->until_ns < x->begun_ns + COARSE_NS &&
           x->until_ns <= wf_sys_now_ns();
}

/* Send the request over x->conn. *waits receives true if the call waits for its
 * reply now. *again receives true if the connection is retired or has failed,
 * and certainly no handler sees the call. */
static weft_err
send_on(struct wf_client_call *x, bool *waits, bool *again)
{
    uint32_t seq;
    bool oneway = x->method->oneway;
    struct wf_client_conn *conn = x->conn;
    x->heard_ns = wf_load(&conn->heard_ns, relaxed);
    weft_err err =
        wf_client_conn_enter(conn, oneway ? NULL : &x->waiting, &seq);
    *again = err == WEFT_EIDLE;
    if (err)
        return err;
    if (!oneway)
        x->lane = NULL; /* who takes the call out of its slot gives it back */
    err = wf_client_call_send(x, seq);
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
    *waits = true;
    return WEFT_OK;
}

/* Send the request once, over the connection of `client`. *found receives false
 * if no connection is ready and `may_wait` is false. */
static inline weft_err
try_over(struct wf_client_call *x, struct weft_client *client, bool may_wait,
         bool *found, bool *again)
{
    bool waits = false;
    weft_err err = WEFT_OK;
    x->conn = wf_client_find_conn(client, x->begun_ns);
    if (WEFT_UNLIKELY(!x->conn)) {
        *found = may_wait;
        if (may_wait)
            err = wf_client_make_conn(client, x, &x->conn);
        if (!x->conn)
            return err;
    }
    err = send_on(x, &waits, again);
    if (!waits) {
        wf_client_conn_unref(x->conn);
        x->conn = NULL;
    }
    return err;
}

/* As try_over, for a client that has several connections. */
static __attribute__((noinline)) weft_err
try_lane(struct wf_client_call *x, bool may_wait, bool *found, bool *again)
{
    wf_client_trim(x->client, x->begun_ns);
    weft_err err = wf_lane_take(x, may_wait, &x->lane);
    if (!x->lane) {
        *found = err || may_wait;
        return err;
    }
    err = try_over(x, x->lane->client, may_wait, found, again);
    if (x->lane)
        wf_lane_give(x->lane);
    x->lane = NULL;
    return err;
}

static weft_err
try_send(struct wf_client_call *x, bool may_wait, bool *found, bool *again)
{
    x->waiting = (struct wf_pending_call){.task = x->task, .arena = x->side};
    x->reach = WEFT_CALL_NOT_SENT;
    if (WEFT_UNLIKELY(comes_too_late(x)))
        return WEFT_ETIMEOUT;
    if (WEFT_UNLIKELY(x->client->lanes != NULL))
        return try_lane(x, may_wait, found, again);
    return try_over(x, x->client, may_wait, found, again);
}

/* Send the request to x->client. Returns false if the call would have to wait
 * first, but `may_wait` is false. */
static bool
send_request(struct wf_client_call *x, bool may_wait)
{
    bool found, again;
    do {
        found = true;
        again = false;
        x->err = try_send(x, may_wait, &found, &again);
        if (!found)
            return false;
    } while (again && ++x->tries < MAX_TRIES);
    if (again)
        x->err = wf_client_note_broken(x, x->err);
    return true;
}

/* send_request for a client of many servers: begin attempts until a request is
 * sent, or no further attempt follows. */
static bool
make_attempts(struct wf_client_call *x, bool may_wait)
{
    do {
        bool found = true;
        if (!x->client)
            x->err = wf_attempt_begin(x, may_wait, &found);
        if (!found)
            return false;
        if (!x->client)
            return true;
        if (!send_request(x, may_wait))
            return false;
    } while (!x->conn && wf_attempt_end(x));
    return true;
}

bool
wf_client_call_start(struct wf_client_call *x, bool may_wait)
{
    if (WEFT_LIKELY(!x->attempt))
        return send_request(x, may_wait);
    return make_attempts(x, may_wait);
}

/* ---- waiting ---- */

/* Wait until the fiber that sends the request has stored is_begun. The waits of
 * that fiber end at the call's deadline. */
static void
await_sender(struct wf_client_call *x)
{
    bool told = false;
    while (!wf_load(&x->is_begun, acquire)) {
        if (!told && wf_task_cancelled(x->task)) {
            weft_fiber_cancel(x->sender);
            told = true;
        }
        wf_park(WEFT_WAIT_REPLY);
    }
}

void
wf_client_call_await_sender(struct wf_client_call *x)
{
    await_sender(x);
}

/* Give the slot of the call back. false: another thread ends the call. Not
 * inline, because most calls do not need it. */
static __attribute__((noinline)) bool
leave(struct wf_client_call *x)
{
    uint32_t seq = (uint32_t)x->seqid;
    wf_client_conn_give_up(x->conn);
    if (x->until_ns < x->deadline_ns)
        return wf_client_conn_forgo(x->conn, seq);
    return wf_client_conn_leave(x->conn, seq);
}

/* Wait until the call is done. After until_ns or a cancel, end the call here,
 * unless another thread is ending it already. */
static weft_err
await_reply(struct wf_client_call *x)
{
    struct wf_pending_call *call = &x->waiting;
    bool late = false, over = false; /* over: another thread ends the call */
    while (!wf_load(&call->done, acquire)) {
        bool cancelled = wf_task_cancelled(call->task);
        if (WEFT_UNLIKELY(late) && !cancelled && x->until_ns < x->deadline_ns)
            late = wf_attempt_give_up(x);
        if (WEFT_UNLIKELY(cancelled || late) && !over) {
            if (leave(x) || WF_MUTANT(caller_leaves_taken_call))
                return cancelled ? wf_cancel_error() : wf_client_note_late(x);
            over = true;
        }
        late = !wf_park_until(
            over || WF_MUTANT(call_waits_untimed) ? WEFT_NEVER : x->until_ns,
            WEFT_WAIT_REPLY);
    }
    WF_DCHECK(call->end <= WF_END_RESEND);
    if (call->end == WF_END_REPLY)
        x->reach = WEFT_CALL_ANSWERED;
    if (call->end != WF_END_BROKEN)
        return call->err;
    wf_client_note_odd(x, call->err);
    return wf_client_note_broken(x, call->err);
}

/* Free what has arrived of the reply, and give up the reference to the
 * connection. */
static void
let_go(struct wf_client_call *x)
{
    weft_chain_clear(&x->waiting.reply);
    wf_client_conn_unref(x->conn);
    x->conn = NULL;
}

/* The body of wf_client_call_take; inline, so that wf_client_call_wait is
 * fast. */
static inline bool
take(struct wf_client_call *x)
{
    x->err = await_reply(x);
    bool again = x->waiting.end == WF_END_RESEND;
    if (!x->err)
        x->err = wf_client_call_read(x);
    let_go(x);
    if (!again && WEFT_UNLIKELY(x->attempt != NULL))
        again = wf_attempt_end(x);
    return again;
}

bool
wf_client_call_take(struct wf_client_call *x)
{
    return take(x);
}

void
wf_client_call_wait(struct wf_client_call *x)
{
    if (WEFT_UNLIKELY(!wf_load(&x->is_begun, acquire)))
        await_sender(x);
    /* The loop is finite: the number of attempts is limited, and over HTTP a
     * request is sent again only after another request got its response. */
    while (x->conn)
        if (WEFT_UNLIKELY(take(x)))
            (void)wf_client_call_start(x, true);
}

bool
wf_client_call_is_over(const struct wf_client_call *x)
{
    bool is_begun = wf_load(&x->is_begun, acquire);
    if (!is_begun && !WF_MUTANT(unsent_call_is_over))
        return false;
    return !x->conn || wf_load(&x->waiting.done, acquire);
}

void
wf_client_call_cancel(struct wf_client_call *x)
{
    if (!wf_load(&x->is_begun, acquire)) {
        if (!WF_MUTANT(cancel_leaves_sender))
            weft_fiber_cancel(x->sender);
        await_sender(x);
    }
    if (!x->conn || !leave(x))
        return; /* the call has ended, or another thread ends it */
    let_go(x);
    x->err = WEFT_ECANCEL;
    if (x->attempt)
        (void)wf_attempt_end(x); /* no attempt follows a cancel */
}

/* ---- one call ---- */

static void
set_times(struct wf_client_call *x)
{
    uint64_t deadline = x->call ? x->call->deadline_ns : 0;
    /* Do not use the time of the worker's last poll: that time is old if a
     * fiber has held the worker since the poll. With an old time, a connection
     * that was idle for long looks recently used, and is_usable does not check
     * whether the peer has closed the connection. */
    x->begun_ns = deadline ? wf_sys_coarse_ns() : wf_sys_now_ns();
    if (deadline == 0)
        deadline = wf_timeout_end(x->begun_ns, x->options->call_timeout_ms);
    uint64_t inherited = wf_task_deadline();
    x->until_ns = x->deadline_ns = WF_MIN(deadline, inherited);
}

weft_err
wf_client_call_begin(struct wf_client_call *x, struct weft_client *client)
{
    x->front = client;
    x->client = client;
    x->options = &client->options;
    x->host = client->host;
    if (wf_has_headers(&client->options.dialect))
        x->came = wf_headers_handled();
    *x->info = (struct weft_call_info){.app_type = -1};
    if (!x->method->oneway) /* set before the first error can occur */
        ((struct weft_result *)x->result)->which = WEFT_RESULT_NONE;
    if (WEFT_UNLIKELY(wf_slot_failed(&client->slot)))
        WF_MISUSED("weft_client_call: the client has been freed");
    x->task = wf_task_self();
    if (WEFT_UNLIKELY(!x->task))
        return -ENOMEM;
    set_times(x);
    /* relaxed: `users` is above 0 until the owner frees the client */
    wf_add(&client->users, 1, relaxed);
    return WEFT_OK;
}

weft_err
wf_client_call_end(struct wf_client_call *x)
{
    x->info->reach = x->reach;
    if (WEFT_UNLIKELY(x->err)) {
        wf_client_explain(x->front, x, x->err, x->info);
        if (x->attempt && x->attempt->is_unknown && !x->reach)
            x->info->reach = WEFT_CALL_MAYBE_HANDLED;
    }
    wf_client_leave(x->front);
    return x->err;
}

/* Not inline, so that a call to one server needs no stack for an attempt. */
static __attribute__((noinline)) weft_err
call_one_of_many(struct wf_client_call *x)
{
    struct wf_attempt attempt = {0};
    if (wf_client_has_whole_calls(x->front)) {
        wf_whole_call_run(x);
        return wf_client_call_end(x);
    }
    wf_attempts_init(x, &attempt);
    (void)make_attempts(x, true);
    wf_hedged_wait(x);
    return wf_client_call_end(x);
}

weft_err
weft_client_call(struct weft_client *client, const struct weft_method *method,
                 struct weft_arena *arena, const void *args, void *result,
                 const struct weft_call_options *options)
{
    struct weft_call_info unasked;
    struct wf_client_call x = {
        .method = method,
        .args = args,
        .result = result,
        .arena = arena,
        .side = arena,
        .call = options,
        .info = options && options->info ? options->info : &unasked,
        .is_begun = true,
    };
    weft_err err = wf_client_call_begin(&x, client);
    if (err)
        return err;
    if (WEFT_UNLIKELY(client->ops != NULL))
        return call_one_of_many(&x);
    (void)send_request(&x, true);
    wf_client_call_wait(&x);
    return wf_client_call_end(&x);
}
