/* SPDX-License-Identifier: MIT */
/*
 * A connection of the server: read, cut, and run a batch.
 *
 * The reader cuts every whole message there is, gives its role up, and runs the
 * batch on its own fiber: a message after the other, no switch between them,
 * the replies in one write at the end. Before it runs a handler it offers the
 * rest of the batch, with the replies so far, to others (fiber.h). If the
 * handler waits or hogs its worker, another fiber has the rest at once, and
 * this one answers for its own call only. So at any time one fiber has the
 * batch: whoever holds or took the offer.
 *
 * A batch of one has nothing to offer, and costs nothing.
 */
#include "rpc/call.h"

#include <errno.h>
#include <string.h>

#define BATCH_MAX 120u               /* messages */
#define CORK_MAX ((size_t)256 << 10) /* bytes of replies held back */
#define HINT_MAX ((size_t)256 << 10)

struct batch {
    struct wf_offer offer;
    struct wf_peer *peer;   /* on the heap it has a reference to the socket */
    struct weft_chain in;   /* whole messages */
    struct weft_chain cork; /* replies not written yet */
    uint32_t n, at;         /* messages in all, and taken */
    uint32_t max;           /* of n: what the connection may have in flight */
    uint32_t begun;         /* messages that are counted as in flight */
    uint32_t ended;         /* calls not yet reported to wf_serve_ended */
    bool may_offer;         /* it lies on the heap */
    struct {
        uint32_t head, body; /* bytes to drop, and of the message */
    } messages[BATCH_MAX];
};

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

/* ---- running a batch ---- */

/* Fewer bytes than this may be queued when a call or a read begins. */
static size_t
room_of(const struct wf_sock *s)
{
    return s->max_queued / 2 + 1;
}

static void
flush(struct batch *b)
{
    if (b->cork.len > 0 &&
        wf_sock_write(b->peer->sock, &b->cork, WF_WRITE_ANYWAY))
        wf_sock_fail(b->peer->sock, -ENOMEM); /* the first reason stays */
    if (b->ended > 0)
        wf_serve_ended(b->peer, b->ended);
    b->ended = 0;
}

/* The bound of the output: it is waited for before a call begins. So a reply
 * that was made is always taken, and what waits beyond the bound are replies of
 * calls that ran at the same time. */
static void
wait_for_room(struct batch *b)
{
    struct wf_sock *s = b->peer->sock;
    size_t room = room_of(s);
    if (WEFT_LIKELY(wf_load(&s->queued, relaxed) < room)) /* a bound */
        return;
    flush(b);
    if (wf_sock_wait_room(s, room, WEFT_NEVER))
        return; /* it has failed, or we are cancelled: run them all */
}

static struct weft_call *
next_call(struct batch *b)
{
    struct weft_chain message = {0};
    uint32_t i = b->at++;
    weft_chain_drop(&b->in, b->messages[i].head);
    if (weft_chain_cut(&b->in, b->messages[i].body, &message)) {
        weft_chain_drop(&b->in, b->messages[i].body);
        return NULL;
    }
    return wf_call_new(b->peer, &message);
}

/* The batch went to somebody else while our handler ran: answer it alone. */
static void
answer_alone(struct wf_peer *peer, struct weft_chain *reply, bool ended)
{
    if (reply->len > 0 &&
        wf_sock_write(peer->sock, reply, WF_WRITE_LATER | WF_WRITE_ANYWAY))
        wf_sock_fail(peer->sock, -ENOMEM); /* the first reason stays */
    if (ended)
        wf_serve_ended(peer, 1);
}

/* Run what is left of the batch; gives it up. */
static void
run_batch(struct batch *b)
{
    while (b->at < b->n) {
        struct wf_peer *peer = b->peer;
        struct weft_chain reply = {0};
        wait_for_room(b);
        struct weft_call *call = next_call(b);
        if (!call) { /* no memory: a call without an answer must not hang */
            wf_sock_fail(peer->sock, -ENOMEM);
            b->ended++;
            continue;
        }
        call->uncounted = b->ended + (b->n - b->at);
        bool offered = b->may_offer && (b->at < b->n || b->cork.len > 0);
        if (offered)
            wf_offer(&b->offer);
        bool ended = wf_call_run(call, &reply);
        if (offered && !wf_offer_take_back(&b->offer)) {
            answer_alone(peer, &reply, ended);
            return;
        }
        weft_chain_splice(&reply, &b->cork);
        b->ended += ended;
        if (b->cork.len >= CORK_MAX)
            flush(b);
    }
    flush(b);
    if (b->may_offer) {
        wf_sock_unref(b->peer->sock);
        wf_sys_free(b);
    }
}

/* The rest of a batch, on a fiber of its own. */
static void
run_offered(struct wf_offer *offer)
{
    struct batch *b = WF_CONTAINER(offer, struct batch, offer);
    /* A reference for the handlers that this fiber runs: the batch, with its
     * own, may go elsewhere meanwhile. */
    struct wf_sock *s = wf_sock_more(b->peer->sock);
    flush(b);
    run_batch(b);
    wf_sock_unref(s);
}

/* ---- reading a batch ---- */

/* The input cannot be cut any more: answer if its head can be read. */
static void
reject(struct wf_peer *peer, weft_err err)
{
    struct weft_message head;
    struct weft_chain reply = {0};
    struct weft_arena arena; /* for a name that lies in two runs */
    const struct weft_limits *limits = &peer->server->options.limits;
    size_t off = peer->cutter.framing == WF_FRAMING_FRAMED ? 4 : 0;
    wf_add(&peer->server->counters.bad_messages, 1, relaxed);
    weft_arena_init(&arena, limits->memory);
    if (!wf_message_peek(&peer->in, off, limits->name_size, &arena, &head) &&
        head.type == WEFT_CALL) {
        wf_call_refuse(&head, peer->cutter.framing, err,
                       (struct weft_str){NULL, 0}, &reply);
        if (wf_sock_write(peer->sock, &reply, WF_WRITE_NOW))
            wf_sock_fail(peer->sock, err);
    }
    weft_arena_fini(&arena);
}

/* Cut what is whole into the batch. *more: what there is does not fit it. */
static weft_err
cut(struct wf_peer *peer, struct batch *b, struct wf_cut *last, bool *more)
{
    weft_err err = WEFT_OK;
    while (!(*more = b->n >= b->max)) {
        err = wf_cut(&peer->cutter, &peer->in, last);
        if (err || !last->whole)
            break;
        err = weft_chain_cut(&peer->in, last->head + last->body, &b->in);
        if (err)
            break;
        b->messages[b->n].head = (uint32_t)last->head;
        b->messages[b->n].body = (uint32_t)last->body;
        b->n++;
    }
    return err;
}

/* What is left of the input is the beginning of a message; it began now, if
 * another one was cut in front of it. */
static void
note_partial(struct wf_peer *peer, bool progress)
{
    uint64_t before = wf_load(&peer->begun_ns, relaxed); /* only we write it */
    uint64_t begun = before;
    if (peer->in.len == 0)
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
    size_t room = room_of(s);
    uint32_t max = peer->server->options.max_calls_per_connection;
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
fill(struct wf_peer *peer, struct batch *b, bool *more, weft_err *bad)
{
    struct wf_cut last = {0};
    weft_err err = WEFT_OK;
    bool drained = false;
    *bad = cut(peer, b, &last, more);
    while (!err && !*bad && !drained && !*more) {
        struct wf_read_room room = {
            .need = last.need, .hint = peer->hint, .limit = SIZE_MAX};
        size_t before = peer->in.len;
        err = wf_sock_read(peer->sock, &peer->in, &room, &drained);
        peer->hint = WF_MIN(peer->in.len - before, HINT_MAX);
        *bad = cut(peer, b, &last, more);
    }
    return err;
}

/* The calls that were cut are in flight. Before the reader's role is given up:
 * the next reader may find the end of the input, and must see them. */
static void
begin_calls(struct batch *b)
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

/* Run a batch of the reader's stack; several messages go to the heap, so that
 * they can be offered. */
static void
run(struct batch *b)
{
    struct batch *larger = NULL;
    if (b->n > 1)
        larger = wf_sys_malloc(sizeof *larger);
    if (larger) {
        memcpy(larger, b,
               offsetof(struct batch, messages) + b->n * sizeof b->messages[0]);
        larger->may_offer = true;
        larger->offer.run = run_offered;
        wf_sock_more(b->peer->sock);
        b = larger;
    }
    run_batch(b);
}

static void
init_batch(struct batch *b, struct wf_peer *peer)
{
    uint32_t max = peer->server->options.max_calls_per_connection;
    uint32_t begun = wf_load(&peer->in_flight, relaxed); /* only we add to it */
    memset(b, 0, offsetof(struct batch, messages));
    b->peer = peer;
    b->max = begun < max ? WF_MIN(max - begun, BATCH_MAX) : 1;
}

/* The last reader's last steps; it keeps the role, as there is no more. */
static void
end_input(struct wf_peer *peer, weft_err bad)
{
    if (bad)
        reject(peer, bad);
    weft_chain_clear(&peer->in);
    wf_store(&peer->begun_ns, 0, relaxed); /* a hint for overdue */
    end_for(peer, WF_ENDING_INPUT);
}

static void
readable(struct wf_sock *s)
{
    struct wf_peer *peer = s->owner;
    struct batch b;
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
        if (err || bad || more || (peer->refused && b.n > 0))
            break;
        (void)wf_chain_compact(&peer->in); /* no memory: no harm */
    } while (!wf_sock_read_end(s, &seen));
    bool last = err || bad || (peer->refused && b.n > 0);
    if (!last && more && wf_sock_read_pass_on(s)) {
        wf_sock_fail(s, WEFT_EFIBERS);
        last = true;
    }
    if (err && err != WEFT_EEOF)
        wf_sock_fail(s, err);
    run(&b);
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
