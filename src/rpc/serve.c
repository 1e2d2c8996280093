/* SPDX-License-Identifier: MIT */
/* A connection of the server: read, cut, hand over as a batch, and end. */
#include "rpc/batch.h"
#include "rpc/input.h"

#include <errno.h>
#include <string.h>

#define HINT_MAX ((size_t)256 << 10)

/* ---- replies ---- */

void
wf_peer_send(struct wf_peer *peer, struct weft_chain *replies, unsigned flags)
{
    if (replies->len > 0 &&
        wf_stream_send(peer->stream, peer->sock, replies, flags))
        wf_sock_fail(peer->sock, -ENOMEM); /* the first reason stays */
}

/* ---- the end of calls and connections ---- */

/* No call is in flight, and none will be. Harmless twice. */
static void
push_end(struct wf_peer *peer, uint32_t ending)
{
    struct weft_chain none = {0};
    unsigned flags = WF_WRITE_LAST;
    if (!(ending & WF_ENDING_INPUT)) {
        flags = WF_WRITE_SHUT;
        wf_store(&peer->shut, true, relaxed); /* seen by a later read */
    }
    if (wf_sock_write(peer->sock, &none, flags))
        wf_sock_fail(peer->sock, WEFT_ECLOSED);
}

/*
 * Who ends a call subtracts and then looks at `ending` and `throttled`; who
 * sets these then looks at the count. All are seq_cst, so one sees the other.
 */
static void
end_for(struct wf_peer *peer, uint32_t why)
{
    uint32_t ending = wf_or(&peer->ending, why, seq_cst) | why;
    if (wf_load(&peer->in_flight, seq_cst) == 0)
        push_end(peer, ending);
}

void
wf_serve_end(struct wf_sock *s, void *unused)
{
    (void)unused;
    end_for(s->owner, WF_ENDING_STOP);
}

void
wf_serve_close(struct wf_peer *peer)
{
    end_for(peer, WF_ENDING_INPUT);
}

void
wf_serve_ended(struct wf_peer *peer, uint32_t n)
{
    struct weft_server *server = peer->server;
    uint32_t left = wf_sub(&peer->in_flight, n, seq_cst) - n;
    uint32_t ending = wf_load(&peer->ending, seq_cst);
    if (WEFT_UNLIKELY(ending) && left == 0)
        push_end(peer, ending);
    if (WEFT_UNLIKELY(wf_load(&peer->throttled, seq_cst))) {
        struct wf_task *reader = wf_load(&peer->sock->reader, seq_cst);
        if (reader)
            wf_wake(reader);
    }
    /* The server is not freed before its connections are closed, which needs
     * the reference that the caller still holds. */
    if (wf_sub(&server->in_flight, n, seq_cst) == n &&
        WEFT_UNLIKELY(wf_load(&server->stopping, seq_cst)))
        wf_waitq_wake_all(&server->quiet);
}

/* ---- reading a batch ---- */

/* What is left of the input is the beginning of a message; it began now, if
 * another one was cut in front of it. */
static void
note_partial(struct wf_peer *peer, bool progress)
{
    uint64_t before = wf_load(&peer->begun_ns, relaxed); /* only we write it */
    uint64_t begun = before;
    if (peer->in.len == 0 && wf_input_of(peer)->len == 0)
        begun = 0;
    else if (progress || !before)
        begun = wf_worker_now_ns();
    if (begun != before)
        wf_store(&peer->begun_ns, begun, relaxed); /* a hint for overdue */
}

/* Before reading more: wait while too many calls are in flight, or too many
 * bytes of replies are queued. */
static void
throttle(struct wf_peer *peer)
{
    struct wf_sock *s = peer->sock;
    size_t room = wf_room_of(s);
    uint32_t max = peer->max_calls;
    /* relaxed: limits, not an order */
    if (WEFT_LIKELY(wf_load(&s->queued, relaxed) < room &&
                    wf_load(&peer->in_flight, relaxed) < max))
        return;
    wf_store(&peer->begun_ns, 0, relaxed); /* a message that we keep waiting */
    if (wf_sock_wait_room(s, room, WEFT_NEVER))
        return; /* the read will tell */
    if (wf_load(&peer->in_flight, relaxed) < max)
        return;
    wf_store(&s->reader, wf_task_self(), seq_cst);
    wf_store(&peer->throttled, true, seq_cst);
    while (wf_load(&peer->in_flight, seq_cst) > max / 2 && !wf_sock_error(s))
        wf_park();
    wf_store(&peer->throttled, false, seq_cst);
    wf_store(&s->reader, NULL, relaxed);
}

/* Read and cut until there is nothing more, or the batch is full (*more). *bad:
 * why no more can be cut. */
static weft_err
fill(struct wf_peer *peer, struct wf_batch *b, bool *more, weft_err *bad)
{
    struct wf_cut last = {0};
    weft_err err = WEFT_OK;
    bool drained = false;
    *bad = wf_input_cut(peer, b, &last, more);
    while (!err && !*bad && !drained && !*more) {
        struct wf_read_room room = {
            .need = last.need, .hint = peer->hint, .limit = SIZE_MAX};
        struct weft_chain *in = wf_input_of(peer);
        size_t before = in->len;
        err = wf_sock_read(peer->sock, in, &room, &drained);
        peer->hint = WF_MIN(in->len - before, HINT_MAX);
        *bad = wf_input_cut(peer, b, &last, more);
    }
    return err;
}

/* The calls that were cut are in flight. Before the reader's role is given up:
 * the next reader may find the end of the input, and must see them. */
static void
begin_calls(struct wf_batch *b)
{
    uint32_t n = b->n - b->begun;
    struct wf_peer *peer = b->peer;
    if (n == 0)
        return;
    b->begun = b->n;
    wf_add(&peer->in_flight, n, seq_cst);
    wf_add(&peer->server->in_flight, n, seq_cst);
    wf_add(&peer->server->counters.calls, n, relaxed);
}

static void
init_batch(struct wf_batch *b, struct wf_peer *peer)
{
    uint32_t max = peer->max_calls;
    uint32_t begun = wf_load(&peer->in_flight, relaxed); /* only we add to it */
    memset(b, 0, offsetof(struct wf_batch, messages));
    b->peer = peer;
    b->max = begun < max ? WF_MIN(max - begun, WF_BATCH_MAX) : 1;
}

/* The last reader's last steps; it keeps the role, as there is no more. */
static void
end_input(struct wf_peer *peer, weft_err bad)
{
    if (bad)
        wf_input_reject(peer, bad);
    weft_chain_clear(&peer->in);
    weft_chain_clear(wf_input_of(peer));
    wf_store(&peer->begun_ns, 0, relaxed); /* a hint for overdue */
    end_for(peer, WF_ENDING_INPUT);
}

static void
readable(struct wf_sock *s)
{
    struct wf_peer *peer = s->owner;
    struct wf_batch b;
    bool more;
    weft_err err, bad;
    throttle(peer);
    init_batch(&b, peer);
    uint32_t seen = wf_sock_read_begin(s);
    do {
        err = fill(peer, &b, &more, &bad);
        if (wf_load(&peer->shut, relaxed) && b.begun == 0) {
            weft_chain_clear(&b.in); /* these are not accepted */
            b.n = 0;
        }
        note_partial(peer, b.n > b.begun);
        begin_calls(&b);
        if (err || bad || more || b.is_last || (peer->refused && b.n > 0))
            break;
        (void)wf_chain_compact(&peer->in); /* no memory: no harm */
    } while (!wf_sock_read_end(s, &seen));
    bool last = err || bad || b.is_last || (peer->refused && b.n > 0);
    if (!last && more && wf_sock_read_pass_on(s)) {
        wf_sock_fail(s, WEFT_EFIBERS);
        last = true;
    }
    if (err && err != WEFT_EEOF)
        wf_sock_fail(s, err);
    wf_batch_run(&b);
    if (last)
        end_input(peer, bad);
}

/* ---- the life of a connection ---- */

static void
failed(struct wf_sock *s, weft_err why)
{
    struct wf_task *reader = wf_load(&s->reader, seq_cst);
    (void)why;
    if (reader)
        wf_wake(reader); /* it may be throttled */
}

static void
closed(struct wf_sock *s)
{
    struct wf_peer *peer = s->owner;
    wf_cutter_fini(&peer->cutter);
    wf_stream_free(peer->stream);
    weft_chain_clear(&peer->in);
    wf_sys_free(peer);
}

static bool
is_over(uint64_t since_ns, uint32_t timeout_ms, uint64_t now_ns)
{
    return since_ns && now_ns > since_ns &&
           now_ns - since_ns > (uint64_t)timeout_ms * 1000000u;
}

static weft_err
overdue(struct wf_sock *s, uint64_t now_ns)
{
    struct wf_peer *peer = s->owner;
    const struct weft_server_options *o = &peer->server->options;
    uint32_t idle_ms = peer->refused
                           ? WF_MIN(o->read_timeout_ms, o->idle_timeout_ms)
                           : o->idle_timeout_ms;
    /* relaxed: whether it is seen now or at the next sweep is the same */
    if (is_over(wf_load(&peer->begun_ns, relaxed), o->read_timeout_ms, now_ns))
        return WEFT_EREADTIMEOUT;
    if (wf_load(&peer->in_flight, relaxed) == 0 &&
        is_over(wf_load(&s->last_ns, relaxed), idle_ms, now_ns))
        return WEFT_EIDLE;
    return WEFT_OK;
}

static const struct wf_sock_ops ops = {readable, failed, closed, overdue};

static struct wf_peer *
new_peer(struct weft_server *server, int fd)
{
    struct wf_peer *peer = wf_sys_zalloc(sizeof *peer);
    if (!peer)
        return NULL;
    peer->server = server;
    peer->max_calls = server->options.max_calls_per_connection;
    wf_cutter_init(&peer->cutter, &server->options.limits);
    peer->sock = wf_sock_new(fd, &ops, peer);
    if (peer->sock)
        return peer;
    wf_sys_free(peer);
    return NULL;
}

void
wf_serve_accepted(void *owner, int fd)
{
    struct weft_server *server = owner;
    const struct weft_server_options *o = &server->options;
    uint32_t n = wf_conns_count(&server->conns);
    /* Those over the limit get an error reply, but not without a bound. */
    uint32_t spare = o->max_connections / 8 + 16;
    struct wf_peer *peer = NULL;
    if (n < o->max_connections + spare)
        peer = new_peer(server, fd);
    if (n >= o->max_connections)
        wf_add(&server->counters.refused, 1, relaxed);
    else
        wf_add(&server->counters.accepted, 1, relaxed);
    if (!peer) {
        (void)wf_sys_close(fd);
        return;
    }
    struct wf_sock *s = peer->sock;
    peer->refused = n >= o->max_connections;
    s->max_queued = o->max_queued;
    s->write_timeout_ms = o->write_timeout_ms;
    wf_no_delay(fd);
    wf_conns_add(&server->conns, s);
    weft_err err = wf_sock_watch(s);
    if (err)
        wf_sock_fail(s, err);
    else if (wf_load(&server->stopping, seq_cst))
        wf_serve_end(s, NULL);
    wf_sock_unref(s);
}
