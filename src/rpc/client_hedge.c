/* SPDX-License-Identifier: MIT */
/*
 * Hedging: if an attempt has no answer in time, a copy of the call goes to a
 * second server, and the first answer counts. Source: Dean and Barroso, The
 * Tail at Scale.
 *
 * The copy is a struct wf_client_call of its own, of the same task, which waits
 * for either. It lives only while its task waits here.
 *
 * Proof that the call ends once, with the result of one of both.
 *
 * 1. Call and copy have each their own slot and their own `waiting`, so the
 *    proof in client_pending.c holds for each: a reader completes it, or the
 *    task takes it out of its slot. `race` returns only after one of these has
 *    happened to each, so no thread touches call or copy after that.
 * 2. The reader of the call may use x->side, which may be x->arena. So the task
 *    touches neither while the call is in flight: whatever the copy needs lies
 *    in an arena of the copy. If the copy wins, the arena of the call takes
 *    over this arena; by then the call is out of its slot.
 * 3. The task alone writes the result. It reads the second reply only if the
 *    first one was a failure, so one reply counts.
 * 4. A wake may come after its reply was taken. Each wait of weft looks again
 *    at what it waits for, so such a wake does no harm.
 *
 * Attacked by tests/sim/sim_hedge.c.
 */
#include "rpc/client.h"

struct copy {
    struct wf_client_call x;
    struct wf_attempt attempt;
    struct weft_call_info info;
    struct weft_arena arena;
};

static void
free_copy(void *arg)
{
    struct copy *c = arg;
    weft_arena_fini(&c->arena);
    wf_sys_free(c);
}

/* ---- beginning ---- */

static struct copy *
make(const struct wf_client_call *x)
{
    struct copy *c = wf_sys_zalloc(sizeof *c);
    if (!c)
        return NULL;
    weft_arena_init(&c->arena, x->arena->budget);
    c->arena.pool = x->arena->pool;
    return c;
}

static void
fill(struct copy *c, const struct wf_client_call *x, struct weft_client *client)
{
    c->info = (struct weft_call_info){.app_type = -1};
    c->x = (struct wf_client_call){
        .front = x->front,
        .client = client,
        .options = &client->options,
        .host = client->host,
        .method = x->method,
        .args = x->args,
        .result = x->result,
        .arena = &c->arena,
        .side = &c->arena,
        .call = x->call,
        .info = &c->info,
        .came = x->came,
        .begun_ns = c->attempt.begun_ns,
        .deadline_ns = x->deadline_ns,
        .until_ns = x->deadline_ns,
        .task = x->task,
        .is_begun = true,
        .attempt = &c->attempt,
    };
}

/* Send a copy. NULL: no copy was sent, and the call goes on alone. */
static struct copy *
begin(struct wf_client_call *x)
{
    struct wf_attempt *a = x->attempt;
    struct weft_client *front = x->front, *client;
    struct copy *c = make(x);
    a->hedge_ns = 0;
    if (!c)
        return NULL;
    if (front->ops->hedge(front->upstream, a, &c->attempt, &client)) {
        fill(c, x, client);
        (void)wf_client_call_start(&c->x, false);
        a->is_hedged = a->has_twin = c->x.conn != NULL;
        if (c->x.conn)
            return c;
        if (c->x.client) /* the connection has ended meanwhile */
            (void)wf_attempt_end(&c->x);
    }
    free_copy(c);
    return NULL;
}

/* ---- waiting ---- */

static bool
is_done(const struct wf_client_call *x)
{
    return wf_load(&x->waiting.done, acquire);
}

/* Wait for the reply until hedge_ns. True if this time has passed. */
static bool
becomes_due(const struct wf_client_call *x)
{
    while (!is_done(x) && !wf_task_cancelled(x->task))
        if (!wf_park_until(x->attempt->hedge_ns, WEFT_WAIT_REPLY))
            return !is_done(x);
    return false;
}

/* Wait until the call `x` or its copy `y` is done, and return which. If the
 * deadline or a cancel ends the wait, return `x`, whose attempt is then no
 * longer given up earlier. */
static struct wf_client_call *
await_first(struct wf_client_call *x, struct wf_client_call *y)
{
    bool late = false;
    for (;;) {
        if (is_done(x))
            return x;
        if (is_done(y))
            return y;
        if (late || wf_task_cancelled(x->task))
            break;
        late = !wf_park_until(x->deadline_ns, WEFT_WAIT_REPLY);
    }
    x->until_ns = x->attempt->until_ns = x->deadline_ns;
    return x;
}

/* As wf_client_call_take. But a request that HTTP would send again to the same
 * server counts as broken. Returns whether another attempt follows. */
static bool
take(struct wf_client_call *x)
{
    bool again = wf_client_call_take(x);
    if (!again || !x->client)
        return again;
    x->err = WEFT_EBROKEN;
    return wf_attempt_end(x);
}

/* ---- ending ---- */

/* The call or copy `x` is not needed any more: drop its reply, even if the
 * reply comes now. */
static void
drop(struct wf_client_call *x, weft_err err)
{
    bool is_free = wf_client_conn_forgo(x->conn, (uint32_t)x->seqid);
    while (!is_free && !is_done(x))
        wf_park(WEFT_WAIT_REPLY);
    weft_chain_clear(&x->waiting.reply);
    wf_client_conn_unref(x->conn);
    x->conn = NULL;
    x->err = err;
    x->attempt->is_outrun = !x->attempt->is_copy && err == WEFT_ECANCEL;
    (void)wf_attempt_end(x); /* none follows */
}

/* List the copy for the caller, after the first attempt. */
static void
list(struct wf_client_call *x, const struct copy *c)
{
    if (c->info.attempts.len == 0)
        return;
    const struct weft_call_attempt *from = c->info.attempts.items;
    struct weft_call_attempt *to =
        weft_push(x->side, &x->info->attempts, sizeof *to);
    if (!to)
        return;
    *to = *from;
    to->endpoint =
        weft_arena_str(x->side, from->endpoint.ptr, from->endpoint.len);
    if (from->text.ptr)
        to->text = weft_arena_str(x->side, from->text.ptr, from->text.len);
}

/* The copy has decided how the call ends. */
static void
adopt(struct wf_client_call *x, struct copy *c)
{
    struct weft_call_attempts attempts = x->info->attempts;
    x->err = c->x.err;
    x->reach = c->x.reach;
    x->cause = c->x.cause;
    x->odd = c->x.odd;
    x->attempt->pause_ns = c->attempt.pause_ns;
    *x->info = c->info;
    weft_err err = weft_arena_defer(x->arena, free_copy, c);
    if (err) {
        *x->info = (struct weft_call_info){.app_type = -1};
        ((struct weft_result *)x->result)->which = WEFT_RESULT_NONE;
        x->odd = (struct weft_str){NULL, 0};
        x->err = err;
        free_copy(c);
    }
    x->info->attempts = attempts;
}

/* Call and copy are in flight. Returns when both have ended: true if another
 * attempt follows. */
static bool
race(struct wf_client_call *x, struct copy *c)
{
    struct wf_client_call *last = await_first(x, &c->x);
    struct wf_client_call *other = last == x ? &c->x : x;
    bool more = take(last);
    if (more) { /* the other one is the next attempt */
        ((struct weft_result *)x->result)->which = WEFT_RESULT_NONE;
        other->attempt->has_twin = false;
        more = take(other);
        last = other;
    } else {
        bool is_late = last->err == WEFT_ETIMEOUT;
        drop(other, is_late ? WEFT_ETIMEOUT : WEFT_ECANCEL);
    }
    x->attempt->has_twin = false;
    x->attempt->n_sent++;
    x->attempt->is_unknown |= c->attempt.is_unknown;
    list(x, c);
    if (last == x)
        free_copy(c);
    else
        adopt(x, c);
    return more;
}

void
wf_hedged_wait(struct wf_client_call *x)
{
    wf_client_call_await_sender(x);
    while (x->conn && x->attempt->hedge_ns > 0) {
        struct copy *c = becomes_due(x) ? begin(x) : NULL;
        if (c ? race(x, c) : wf_client_call_take(x))
            (void)wf_client_call_start(x, true);
    }
    wf_client_call_wait(x);
}
