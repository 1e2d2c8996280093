/* SPDX-License-Identifier: MIT */
/*
 * The connection of weft/net.h: a zero-copy reader and writer on a socket. Its
 * reader holds the reader's role of the socket (read.c): on_request holds it
 * until it returns, the user of a dialled connection as long as that lives. To
 * wait, the reader stores itself in sock->reader and parks until the event
 * counter moves.
 */
#include "net/conn.h"

#include "net/dial.h"

#include <errno.h>

#define MAX_INPUT ((size_t)16 << 20)
#define MAX_QUEUED ((size_t)64 << 20)
#define WRITE_TIMEOUT_MS 20000u

struct weft_conn *
wf_conn_new(int fd, const struct wf_sock_ops *ops,
            const struct weft_conn_options *options)
{
    struct weft_conn_options o =
        options ? *options : (struct weft_conn_options){0};
    struct weft_conn *conn = wf_sys_zalloc(sizeof *conn);
    if (!conn)
        return NULL;
    conn->read_timeout_ms = o.read_timeout_ms;
    conn->idle_timeout_ms = o.idle_timeout_ms;
    conn->max_input = o.max_input ? o.max_input : MAX_INPUT;
    conn->sock = wf_sock_new(fd, ops, conn);
    if (!conn->sock) {
        wf_sys_free(conn);
        return NULL;
    }
    conn->sock->max_queued = o.max_queued ? o.max_queued : MAX_QUEUED;
    conn->sock->lends = true;
    conn->sock->write_timeout_ms =
        o.write_timeout_ms ? o.write_timeout_ms : WRITE_TIMEOUT_MS;
    /* Now: the kernel forgets it when the connection has failed. */
    conn->peer_err = wf_sock_peer_addr(conn->sock, &conn->peer);
    return conn;
}

void
wf_conn_clear(struct weft_conn *conn)
{
    weft_chain_clear(&conn->in);
    weft_chain_clear(&conn->taken);
    weft_chain_clear(&conn->out);
}

void
wf_conn_finish(struct weft_conn *conn)
{
    struct wf_sock *s = conn->sock;
    struct weft_chain none = {0};
    wf_conn_clear(conn);
    if (wf_sock_write(s, &none, WF_WRITE_LAST))
        wf_sock_fail(s, WEFT_ECLOSED);
    wf_sock_unref(s);
}

void
wf_conn_abandon(struct weft_conn *conn)
{
    struct wf_sock *s = conn->sock;
    wf_sock_fail(s, WEFT_ECLOSED);
    wf_sock_unref(s);
}

void
wf_conn_closed(struct wf_sock *s)
{
    wf_conn_clear(s->owner);
    wf_sys_free(s->owner);
}

void
wf_conn_failed(struct wf_sock *s, weft_err why)
{
    (void)why;
    wf_sock_start_reader(wf_sock_more(s));
}

/* ---- dialling ---- */

static void
never_readable(struct wf_sock *s)
{
    (void)s; /* the reader's role is the user's */
    WF_UNREACHABLE();
}

weft_err
weft_dial(const char *address, const struct weft_conn_options *options,
          uint64_t deadline_ns, struct weft_conn **out)
{
    static const struct wf_sock_ops ops = {.readable = never_readable,
                                           .failed = wf_conn_failed,
                                           .closed = wf_conn_closed};
    *out = NULL;
    int fd = wf_dial(address, deadline_ns);
    if (fd < 0)
        return fd;
    struct weft_conn *conn = wf_conn_new(fd, &ops, options);
    if (!conn) {
        (void)wf_sys_close(fd);
        return -ENOMEM;
    }
    conn->seen = 1;
    wf_store(&conn->sock->events, 1, relaxed); /* published by the watch */
    weft_err err = wf_sock_watch(conn->sock);
    if (err)
        wf_conn_abandon(conn);
    else
        *out = conn;
    return err;
}

void
weft_conn_close(struct weft_conn *conn)
{
    if (!conn->listener) {
        wf_conn_finish(conn);
        return;
    }
    /* Its reader ends it, and may do so as soon as it sees `closing`. */
    struct wf_sock *s = wf_sock_more(conn->sock);
    wf_store(&conn->closing, true, seq_cst);
    wf_sock_start_reader(s);
}

weft_err
weft_conn_peer(const struct weft_conn *conn, char *text, size_t size)
{
    if (!conn->peer_err)
        wf_addr_print(&conn->peer, text, size);
    return conn->peer_err;
}

/* ---- reading ---- */

size_t
weft_conn_len(const struct weft_conn *conn)
{
    return conn->in.len;
}

weft_err
wf_conn_fill(struct weft_conn *conn, size_t need)
{
    struct wf_read_buffer buffer = {.need = need,
                                    .limit = conn->max_input - conn->in.len};
    if (conn->end || buffer.limit == 0)
        return conn->end;
    weft_err err = wf_sock_read(conn->sock, &conn->in, &buffer, &conn->drained);
    if (err != -ENOMEM) /* the next read may find memory */
        conn->end = err;
    return err;
}

/* Wait for an event that no read has answered for. */
static weft_err
await_event(struct weft_conn *conn, struct wf_task *self, uint64_t deadline_ns)
{
    struct wf_sock *s = conn->sock;
    uint64_t now;
    while ((now = wf_load(&s->events, seq_cst)) == conn->seen) {
        if (wf_task_cancelled(self))
            return wf_cancel_error();
        if (!wf_park_until(deadline_ns))
            return WEFT_ETIMEOUT;
    }
    conn->seen = now;
    return WEFT_OK;
}

static weft_err
wait_slow(struct weft_conn *conn, size_t n, uint64_t deadline_ns)
{
    struct wf_task *self = wf_task_self();
    if (!self)
        return -ENOMEM;
    wf_store(&conn->sock->reader, self, seq_cst); /* before await_event looks */
    weft_err err = WEFT_OK;
    while (!err) {
        err = wf_conn_fill(conn, n);
        if (conn->in.len >= n) {
            err = WEFT_OK;
            break;
        }
        if (wf_sock_error(
                conn->sock)) /* why it failed, not how the read ended */
            err = wf_sock_error(conn->sock);
        if (!err && wf_load(&conn->closing, seq_cst))
            err = WEFT_ECLOSED;
        if (!err && conn->drained)
            err = await_event(conn, self, deadline_ns);
    }
    wf_store(&conn->sock->reader, NULL,
             relaxed); /* a late wake is spurious, which wf_park allows */
    return err;
}

weft_err
weft_conn_wait_until(struct weft_conn *conn, size_t n, uint64_t deadline_ns)
{
    if (WEFT_LIKELY(conn->in.len >= n))
        return WEFT_OK;
    if (n > conn->max_input)
        return WEFT_EBUFFERFULL;
    if (!conn->read_timeout_ms)
        return wait_slow(conn, n, deadline_ns);
    uint64_t limit = weft_after_ms(conn->read_timeout_ms);
    weft_err err = wait_slow(conn, n, WF_MIN(limit, deadline_ns));
    return err == WEFT_ETIMEOUT && limit < deadline_ns ? WEFT_EREADTIMEOUT
                                                       : err;
}

weft_err
weft_conn_wait(struct weft_conn *conn, size_t n)
{
    return weft_conn_wait_until(conn, n, WEFT_NEVER);
}

weft_err
weft_conn_peek_until(struct weft_conn *conn, size_t n, uint64_t deadline_ns,
                     const uint8_t **bytes)
{
    weft_err err = weft_conn_wait_until(conn, n, deadline_ns);
    if (err)
        return err;
    *bytes = weft_chain_pull(&conn->in, n);
    return *bytes ? WEFT_OK : -ENOMEM;
}

weft_err
weft_conn_peek(struct weft_conn *conn, size_t n, const uint8_t **bytes)
{
    return weft_conn_peek_until(conn, n, WEFT_NEVER, bytes);
}

static void
note_taken(struct weft_conn *conn, size_t n)
{
    conn->searched = conn->searched > n ? conn->searched - n : 0;
}

weft_err
weft_conn_slice_until(struct weft_conn *conn, size_t n, uint64_t deadline_ns,
                      struct weft_chain *to)
{
    weft_err err = weft_conn_wait_until(conn, n, deadline_ns);
    if (!err)
        err = weft_chain_cut(&conn->in, n, to);
    if (!err)
        note_taken(conn, n);
    return err;
}

weft_err
weft_conn_slice(struct weft_conn *conn, size_t n, struct weft_chain *to)
{
    return weft_conn_slice_until(conn, n, WEFT_NEVER, to);
}

weft_err
weft_conn_next_until(struct weft_conn *conn, size_t n, uint64_t deadline_ns,
                     const uint8_t **bytes)
{
    weft_err err = weft_conn_peek_until(conn, n, deadline_ns, bytes);
    return err ? err : weft_conn_slice(conn, n, &conn->taken);
}

weft_err
weft_conn_next(struct weft_conn *conn, size_t n, const uint8_t **bytes)
{
    return weft_conn_next_until(conn, n, WEFT_NEVER, bytes);
}

weft_err
weft_conn_skip_until(struct weft_conn *conn, size_t n, uint64_t deadline_ns)
{
    weft_err err = weft_conn_wait_until(conn, n, deadline_ns);
    if (err)
        return err;
    weft_chain_drop(&conn->in, n);
    note_taken(conn, n);
    return WEFT_OK;
}

weft_err
weft_conn_skip(struct weft_conn *conn, size_t n)
{
    return weft_conn_skip_until(conn, n, WEFT_NEVER);
}

weft_err
weft_conn_next_through_until(struct weft_conn *conn, uint8_t delimiter,
                             uint64_t deadline_ns, const uint8_t **bytes,
                             size_t *n)
{
    if (conn->delimiter != delimiter)
        conn->searched = 0;
    conn->delimiter = delimiter;
    for (;;) {
        size_t at = weft_chain_find(&conn->in, conn->searched, delimiter);
        if (at != SIZE_MAX) {
            *n = at + 1;
            return weft_conn_next(conn, *n, bytes);
        }
        conn->searched = conn->in.len;
        weft_err err =
            weft_conn_wait_until(conn, conn->in.len + 1, deadline_ns);
        if (err)
            return err;
    }
}

weft_err
weft_conn_next_through(struct weft_conn *conn, uint8_t delimiter,
                       const uint8_t **bytes, size_t *n)
{
    return weft_conn_next_through_until(conn, delimiter, WEFT_NEVER, bytes, n);
}

void
weft_conn_release(struct weft_conn *conn)
{
    weft_chain_clear(&conn->taken);
}

/* ---- writing ---- */

uint8_t *
weft_conn_reserve(struct weft_conn *conn, size_t n)
{
    size_t room;
    conn->reserved = weft_chain_reserve(&conn->out, n, &room);
    return conn->reserved;
}

weft_err
weft_conn_commit(struct weft_conn *conn, size_t n)
{
    return weft_chain_commit(&conn->out, conn->reserved, n);
}

weft_err
weft_conn_write(struct weft_conn *conn, const void *ptr, size_t n)
{
    return weft_chain_append(&conn->out, ptr, n);
}

weft_err
weft_conn_append(struct weft_conn *conn, const void *ptr, size_t n,
                 void (*done)(void *arg), void *arg)
{
    return weft_chain_append_ref(&conn->out, ptr, n, done, arg);
}

void
weft_conn_append_chain(struct weft_conn *conn, struct weft_chain *chain)
{
    weft_chain_splice(chain, &conn->out);
}

weft_err
weft_conn_flush_until(struct weft_conn *conn, uint64_t deadline_ns)
{
    if (conn->out.len == 0)
        return wf_sock_error(conn->sock);
    weft_err err =
        wf_sock_wait_writable(conn->sock, conn->sock->max_queued, deadline_ns);
    return err ? err : wf_sock_write(conn->sock, &conn->out, WF_WRITE_ANYWAY);
}

weft_err
weft_conn_flush(struct weft_conn *conn)
{
    return weft_conn_flush_until(conn, WEFT_NEVER);
}

weft_err
weft_conn_send(struct weft_conn *conn, struct weft_chain *chain)
{
    return wf_sock_write(conn->sock, chain, WF_WRITE_NOW);
}
