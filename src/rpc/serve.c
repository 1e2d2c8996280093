/* SPDX-License-Identifier: MIT */
/*
 * The reading half of a connection of the server: accept, read, cut, run as a
 * batch. The sending and ending half is server_conn.c.
 */
#include "rpc/batch.h"
#include "rpc/input.h"

#include <errno.h>
#include <string.h>

/* ---- reading a batch ---- */

/* After cutting, note when the partial message at the end of the input began.
 * `progress`: a whole message was cut before the partial message. So the
 * partial message begins now. */
static void
note_partial(struct wf_server_conn *conn, bool progress)
{
    /* only the reader stores begun_ns */
    uint64_t before = wf_load(&conn->begun_ns, relaxed);
    uint64_t begun = before;
    if (conn->in.len == 0 && wf_input_of(conn)->len == 0 &&
        !(conn->unpacker && wf_unpacker_is_partial(conn->unpacker)))
        begun = 0;
    else if (progress || !before)
        begun = wf_worker_now_ns();
    if (begun != before) /* relaxed: no other data depends on begun_ns */
        wf_store(&conn->begun_ns, begun, relaxed);
}

/* If the peer has reset the connection, fail the socket. A read would return
 * the same error, but a throttled reader does not read. */
static void
look_for_reset(struct wf_sock *s)
{
    weft_err err = wf_sock_pending_error(s);
    if (err)
        wf_sock_fail(s, err);
}

/* Before the next read, wait as long as too many calls are in flight or too
 * many bytes of replies are queued. The kernel's buffers then fill, so the peer
 * can send no more. */
static void
throttle(struct wf_server_conn *conn)
{
    struct wf_sock *s = conn->sock;
    size_t limit = wf_queue_limit(s);
    uint32_t max = conn->max_calls;
    /* relaxed: the values are only compared with limits */
    if (WEFT_LIKELY((wf_load(&s->queued, relaxed) < limit ||
                     WF_MUTANT(queued_replies_unthrottled)) &&
                    wf_load(&conn->in_flight, relaxed) < max) ||
        WF_MUTANT(reader_not_throttled))
        return;
    /* the read time-out must not run while the server makes the peer wait */
    wf_store(&conn->begun_ns, 0, relaxed);
    if (wf_sock_wait_writable(s, limit, WEFT_NEVER))
        return; /* the next read returns the error */
    if (wf_load(&conn->in_flight, relaxed) < max)
        return;
    wf_store(&s->reader, wf_task_self(), seq_cst);
    wf_store(&conn->throttled, true, seq_cst);
    while ((wf_load(&conn->in_flight, seq_cst) > max / 2 ||
            WF_MUTANT(throttle_parks_unchecked)) &&
           !wf_sock_error(s)) {
        wf_park(WEFT_WAIT_CALLS);
        if (wf_load(&s->hung_up, relaxed))
            look_for_reset(s);
    }
    wf_store(&conn->throttled, false, seq_cst);
    wf_store(&s->reader, NULL, relaxed);
}

/* Read and cut until the socket is empty or the batch is full. *more receives
 * true if the batch is full; *bad receives why the input cannot be cut any
 * further, or 0. */
static weft_err
fill(struct wf_server_conn *conn, struct wf_batch *b, bool *more, weft_err *bad)
{
    struct wf_cut last = {0};
    weft_err err = WEFT_OK;
    bool drained = false;
    *bad = wf_input_cut(conn, b, &last, more);
    while (!err && !*bad && !drained && !*more) {
        err = wf_unpacker_fill(conn->unpacker, conn->sock, &conn->in, last.need,
                               &conn->hint, &drained);
        *bad = wf_input_cut(conn, b, &last, more);
    }
    return err;
}

/* Count the calls of the batch as in flight before this reader gives up its
 * role. The next reader may find the end of the input, and closes the
 * connection at once if no call is in flight. */
static void
begin_calls(struct wf_batch *b)
{
    uint32_t n = b->n - b->begun;
    struct wf_server_conn *conn = b->conn;
    if (n == 0)
        return;
    b->begun = b->n;
    if (!WF_MUTANT(calls_not_counted))
        wf_add(&conn->in_flight, n, seq_cst);
    wf_gauge_add(&conn->server->in_flight, n);
}

static void
init_batch(struct wf_batch *b, struct wf_server_conn *conn)
{
    uint32_t max = conn->max_calls;
    /* only the reader adds to in_flight */
    uint32_t begun = wf_load(&conn->in_flight, relaxed);
    memset(b, 0, offsetof(struct wf_batch, messages));
    b->conn = conn;
    b->max = begun < max ? WF_MIN(max - begun, WF_BATCH_MAX) : 1;
}

/* Answer input that cannot be cut, drop the rest, and close the connection. The
 * caller keeps the reader's role, so no other reader starts. */
static void
end_input(struct wf_server_conn *conn, weft_err bad)
{
    if (bad)
        wf_input_reject(conn, bad);
    weft_chain_clear(&conn->in);
    weft_chain_clear(wf_input_of(conn));
    wf_unpacker_taken(conn->unpacker, &conn->in);
    wf_store(&conn->begun_ns, 0, relaxed); /* no other data depends on it */
    wf_server_conn_close(conn, bad);
}

static void
readable(struct wf_sock *s)
{
    struct wf_server_conn *conn = s->owner;
    struct wf_batch b;
    bool more, last;
    weft_err err, bad;
    throttle(conn);
    init_batch(&b, conn);
    uint64_t seen = wf_sock_read_begin(s);
    do {
        err = fill(conn, &b, &more, &bad);
        if (wf_load(&conn->shut, relaxed) && b.begun == 0) {
            weft_chain_clear(&b.in); /* too late: the calls are not accepted */
            b.n = 0;
        }
        note_partial(conn, b.n > b.begun);
        begin_calls(&b);
        last = err || bad || b.is_last || (conn->refused && b.n > 0);
        if (last || more)
            break;
        wf_unpacker_compact(conn->unpacker, &conn->in);
    } while (!wf_sock_read_end(s, &seen));
    if (!last && more && wf_sock_read_pass_on(s)) {
        wf_sock_fail(s, WEFT_EFIBERS);
        last = true;
    }
    if (err && (err != WEFT_EEOF || conn->server->options.cancel_when_gone ||
                WF_MUTANT(end_of_input_ends_calls)))
        wf_sock_fail(s, err);
    wf_batch_run(&b);
    if (last)
        end_input(conn, bad);
}

/* ---- the life of a connection ---- */

static void
failed(struct wf_sock *s, weft_err why)
{
    struct wf_server_conn *conn = s->owner;
    struct wf_task *reader = wf_load(&s->reader, seq_cst);
    wf_server_conn_count_end(conn, why);
    if (conn->server->options.cancel_when_gone)
        wf_tasks_cancel(conn);
    if (reader)
        wf_wake(reader); /* the reader may be throttled */
}

static void
closed(struct wf_sock *s)
{
    struct wf_server_conn *conn = s->owner;
    wf_cutter_fini(&conn->cutter);
    wf_unpacker_free(conn->unpacker);
    weft_chain_clear(&conn->in);
    wf_sys_free(conn);
}

static weft_err
overdue(struct wf_sock *s, uint64_t now_ns)
{
    struct wf_server_conn *conn = s->owner;
    const struct weft_server_options *o = &conn->server->options;
    uint32_t idle_ms = conn->refused
                           ? WF_MIN(o->read_timeout_ms, o->idle_timeout_ms)
                           : o->idle_timeout_ms;
    /* relaxed: the next sweep sees what this sweep misses */
    if (wf_is_over(wf_load(&conn->begun_ns, relaxed), o->read_timeout_ms,
                   now_ns))
        return WEFT_EREADTIMEOUT;
    if (wf_load(&conn->in_flight, relaxed) == 0 &&
        wf_is_over(wf_load(&s->last_ns, relaxed), idle_ms, now_ns) &&
        /* a request may just have arrived */
        (!wf_server_conn_has_input(conn) ||
         WF_MUTANT(idle_conn_with_input_closed)))
        return WEFT_EIDLE;
    return WEFT_OK;
}

static const struct wf_sock_ops ops = {.readable = readable,
                                       .failed = failed,
                                       .closed = closed,
                                       .overdue = overdue};

static struct wf_server_conn *
new_conn(struct weft_server *server, int fd)
{
    struct wf_server_conn *conn = wf_sys_zalloc(sizeof *conn);
    if (!conn)
        return NULL;
    conn->server = server;
    conn->max_calls = server->options.max_calls_per_connection;
    wf_cutter_init(&conn->cutter, &server->options.limits);
    conn->sock = wf_sock_new(fd, &ops, conn);
    if (conn->sock)
        return conn;
    wf_sys_free(conn);
    return NULL;
}

/* Count a new connection, while `n` other connections are open. `conn` is NULL
 * if the new connection is closed at once. */
static void
count_accepted(struct weft_server *server, uint32_t n,
               const struct wf_server_conn *conn)
{
    struct wf_server_counters *counters = wf_counters_mine(server->counters);
    if (n >= server->options.max_connections) {
        wf_add(&counters->refused, 1, relaxed);
        wf_log_limited(WEFT_LOG_WARN, "a connection was refused: %s",
                       weft_err_text(WEFT_ETOOMANYCONNS));
        return;
    }
    wf_add(&counters->accepted, 1, relaxed);
    if (conn)
        return;
    wf_add(&counters->closed[WF_CLOSED_NO_RESOURCE], 1, relaxed);
    wf_log_limited(WEFT_LOG_WARN, "a connection was closed: %s",
                   weft_err_text(-ENOMEM));
}

void
wf_serve_accepted(void *owner, int fd)
{
    struct weft_server *server = owner;
    const struct weft_server_options *o = &server->options;
    uint32_t n = wf_conns_count(&server->conns);
    /* Connections over the limit get an error reply. The number of such
     * connections is bounded, too: above that bound, connections are closed
     * without a reply. */
    uint64_t most = o->max_connections;
    struct wf_server_conn *conn = NULL;
    if (n < most + most / 8 + 16)
        conn = new_conn(server, fd);
    count_accepted(server, n, conn);
    if (!conn) {
        (void)wf_sys_close(fd);
        return;
    }
    struct wf_sock *s = conn->sock;
    conn->refused = n >= most;
    s->max_queued = o->max_queued;
    s->write_timeout_ms = o->write_timeout_ms;
    wf_no_delay(fd);
    wf_conns_add(&server->conns, s);
    weft_err err = wf_sock_watch(s);
    if (err)
        wf_sock_fail(s, err);
    else if (wf_load(&server->stopping, seq_cst))
        wf_server_conn_end(s, NULL);
    wf_sock_unref(s);
}
