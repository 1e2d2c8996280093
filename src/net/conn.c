/* SPDX-License-Identifier: MIT */
/* Begins and ends connections of weft/net.h, and writes to connections.
 * conn_read.c reads from connections. */
#include "net/conn.h"

#include "net/dial.h"

#include <errno.h>

#define MAX_INPUT ((size_t)16 << 20)
#define MAX_QUEUED ((size_t)64 << 20)
#define WRITE_TIMEOUT_MS 20000u
#define CONNECT_TIMEOUT_MS 10000u

struct weft_conn *
wf_conn_new(int fd, const struct wf_sock_ops *ops,
            const struct weft_conn_options *options)
{
    struct weft_conn_options o =
        options ? *options : (struct weft_conn_options){0};
    struct weft_conn *conn = wf_sys_zalloc(sizeof *conn);
    if (!conn)
        return NULL;
    conn->read_timeout_ms = wf_option(o.read_timeout_ms, WEFT_NONE);
    conn->idle_timeout_ms = wf_option(o.idle_timeout_ms, WEFT_NONE);
    conn->max_input = wf_option_size(o.max_input, MAX_INPUT);
    conn->sock = wf_sock_new(fd, ops, conn);
    if (!conn->sock) {
        wf_sys_free(conn);
        return NULL;
    }
    conn->sock->max_queued = wf_option_size(o.max_queued, MAX_QUEUED);
    conn->sock->lends = true;
    conn->sock->write_timeout_ms =
        wf_option(o.write_timeout_ms, WRITE_TIMEOUT_MS);
    conn->live = WF_LIVE;
    /* Get the peer's address now, because the kernel forgets the address when
     * the connection fails. */
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
    wf_conn_clear(conn);
    wf_sock_end(s, WF_WRITE_LAST);
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
    struct weft_conn *conn = s->owner;
    wf_conn_clear(conn);
    conn->live = 0;
    wf_sys_free(conn);
}

void
wf_conn_failed(struct wf_sock *s, weft_err why)
{
    (void)why;
    wf_sock_start_reader(wf_sock_more(s));
}

/* ---- dialling ---- */

/* Make a connection without a listener. The connection owns the descriptor; if
 * there is an error, the descriptor is closed. */
static weft_err
begin(int fd, const struct weft_conn_options *options, struct weft_conn **out)
{
    static const struct wf_sock_ops ops = {.readable = wf_sock_never_readable,
                                           .failed = wf_conn_failed,
                                           .closed = wf_conn_closed};
    struct weft_conn *conn = wf_conn_new(fd, &ops, options);
    if (!conn) {
        (void)wf_sys_close(fd);
        return -ENOMEM;
    }
    conn->seen = 1;
    /* wf_sock_watch publishes the counter */
    wf_store(&conn->sock->events, 1, relaxed);
    weft_err err = wf_sock_watch(conn->sock);
    if (err)
        wf_conn_abandon(conn);
    else
        *out = conn;
    return err;
}

weft_err
weft_dial_until(const char *address, const struct weft_conn_options *options,
                uint64_t deadline_ns, struct weft_conn **out)
{
    *out = NULL;
    int fd = wf_dial(address, deadline_ns, NULL);
    return fd < 0 ? fd : begin(fd, options, out);
}

weft_err
weft_dial(const char *address, const struct weft_conn_options *options,
          struct weft_conn **out)
{
    uint32_t asked_ms = options ? options->connect_timeout_ms : 0;
    uint32_t timeout_ms = wf_option(asked_ms, CONNECT_TIMEOUT_MS);
    return weft_dial_until(address, options, wf_timeout_from_now(timeout_ms),
                           out);
}

weft_err
weft_conn_adopt(int fd, const struct weft_conn_options *options,
                struct weft_conn **out)
{
    int type = 0;
    socklen_t len = sizeof type;
    struct wf_addr peer = {.len = sizeof peer.any};
    *out = NULL;
    weft_err err = wf_sys_getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len);
    if (!err && type != SOCK_STREAM)
        err = -EPROTOTYPE;
    if (!err) /* -ENOTCONN: it is not connected, or it listens */
        err = wf_sys_getpeername(fd, &peer.any.sa, &peer.len);
    if (!err)
        err = wf_sys_set_nonblocking(fd);
    if (err)
        (void)wf_sys_close(fd);
    return err ? err : begin(fd, options, out);
}

void
weft_conn_close(struct weft_conn *conn)
{
    wf_live_check(&conn->live, "weft_conn_close: it has been closed already");
    if (conn->listener) {
        weft_conn_shutdown(conn);
    } else {
        conn->live = 0;
        wf_conn_finish(conn);
    }
}

void
weft_conn_shutdown(struct weft_conn *conn)
{
    /* If the connection belongs to a listener, the reader may end the
     * connection as soon as the reader sees `closing`. So this function holds a
     * reference. */
    struct wf_sock *s = wf_sock_more(conn->sock);
    /* release: a reader that sees the flag also sees what this thread wrote
     * before. wf_sock_start_reader counts an event, which makes the reader load
     * the flag; see conn_read.c. */
    wf_store(&conn->closing, true, release);
    if (WF_MUTANT(close_waits_for_input))
        wf_sock_unref(s);
    else
        wf_sock_start_reader(s);
}

void
weft_conn_abort(struct weft_conn *conn)
{
    wf_live_check(&conn->live, "weft_conn_abort: it has been closed already");
    struct wf_sock *s = wf_sock_more(conn->sock);
    wf_sock_reset(s);
    if (!conn->listener) {
        conn->live = 0;
        wf_conn_finish(conn);
    }
    wf_sock_unref(s);
}

weft_err
weft_conn_end(struct weft_conn *conn)
{
    /* only this function sets the flag */
    if (wf_load(&conn->sent_end, relaxed))
        return conn->out.len > 0 ? weft_conn_flush(conn)
                                 : wf_sock_error(conn->sock);
    weft_err err =
        wf_sock_write(conn->sock, &conn->out, WF_WRITE_ANYWAY | WF_WRITE_SHUT);
    if (!err)
        wf_store(&conn->sent_end, true, relaxed);
    return err;
}

/* ---- names ---- */

weft_connid
weft_conn_id(const struct weft_conn *conn)
{
    return (weft_connid){wf_slot_id(&conn->sock->slot)};
}

struct weft_conn *
weft_conn_ref(weft_connid id)
{
    struct wf_sock *s = wf_sock_ref(id.id);
    if (!s)
        return NULL;
    if (!s->lends) { /* the socket does not belong to a weft_conn */
        wf_sock_unref(s);
        return NULL;
    }
    /* relaxed. The reference is counted only after it is taken: only_lent in
     * conns.c relies on this order. */
    wf_add(&s->n_lent, 1, relaxed);
    return s->owner;
}

void
weft_conn_unref(struct weft_conn *conn)
{
    struct wf_sock *s = conn->sock;
    if (wf_sub(&s->n_lent, 1, relaxed) == 0)
        WF_MISUSED("weft_conn_unref: no reference of weft_conn_ref is held");
    wf_sock_unref(s);
}

void
weft_conn_set_user(struct weft_conn *conn, void *user)
{
    conn->user = user;
}

void *
weft_conn_user(const struct weft_conn *conn)
{
    return conn->user;
}

int
weft_conn_fd(const struct weft_conn *conn)
{
    return conn->sock->fd;
}

weft_err
weft_conn_local(const struct weft_conn *conn, char *text, size_t size)
{
    struct wf_addr addr = {.len = sizeof addr.any};
    weft_err err = wf_sys_getsockname(conn->sock->fd, &addr.any.sa, &addr.len);
    if (!err)
        wf_addr_print(&addr, text, size);
    return err;
}

weft_err
weft_conn_peer(const struct weft_conn *conn, char *text, size_t size)
{
    if (!conn->peer_err)
        wf_addr_print(&conn->peer, text, size);
    return conn->peer_err;
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
weft_conn_append_ref(struct weft_conn *conn, const void *ptr, size_t n,
                     void (*done)(void *arg), void *arg)
{
    return weft_chain_append_ref(&conn->out, ptr, n, done, arg);
}

void
weft_conn_append_chain(struct weft_conn *conn, struct weft_chain *chain)
{
    weft_chain_splice(chain, &conn->out);
}

/* Returns 0, or why nothing more can be sent. While another thread calls
 * weft_conn_end, the result may still be 0: the caller's bytes are then sent
 * before the end, or dropped. */
static weft_err
why_unsendable(const struct weft_conn *conn)
{
    weft_err err = wf_sock_error(conn->sock);
    if (!err && wf_load(&conn->sent_end, relaxed))
        err = WEFT_ECLOSED;
    return err;
}

weft_err
weft_conn_flush_until(struct weft_conn *conn, uint64_t deadline_ns)
{
    weft_err gone = why_unsendable(conn);
    if (gone)
        weft_chain_clear(&conn->out);
    if (gone || conn->out.len == 0)
        return gone;
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
    weft_err gone = why_unsendable(conn);
    if (gone)
        weft_chain_clear(chain);
    return gone ? gone : wf_sock_write(conn->sock, chain, WF_WRITE_NOW);
}
