/* SPDX-License-Identifier: MIT */
/*
 * Reads from a connection. on_request has the reader's role of the socket
 * (read.c) until it returns; the user of a dialled connection has the role as
 * long as the connection lives. To wait, the reader stores itself in
 * sock->reader and parks until the event counter changes.
 *
 * The thread that reports an event adds to the counter and then loads
 * sock->reader. The reader stores itself in sock->reader and then loads the
 * counter. These four accesses are seq_cst, so the thread finds the reader, or
 * the reader finds the new count. A close counts as an event.
 * tests/weak/weak_read.c tests the memory orders.
 */
#include "net/conn.h"

#include <errno.h>

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

/* Wait until the event counter differs from conn->seen. */
static weft_err
await_event(struct weft_conn *conn, struct wf_task *self, uint64_t deadline_ns)
{
    struct wf_sock *s = conn->sock;
    uint64_t now;
    while ((now = wf_load(&s->events, seq_cst)) == conn->seen) {
        if (wf_task_cancelled(self))
            return wf_cancel_error();
        if (WF_MUTANT(reader_named_late))
            wf_store(&s->reader, self, seq_cst);
        if (!wf_park_until(deadline_ns, WEFT_WAIT_READ))
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
    /* The reader stores itself before it loads the counter. */
    if (!WF_MUTANT(reader_named_late))
        wf_store(&conn->sock->reader, self, seq_cst);
    weft_err err = WEFT_OK;
    while (!err) {
        err = wf_conn_fill(conn, n);
        if (conn->in.len >= n) {
            err = WEFT_OK;
            break;
        }
        /* If the socket has failed, its error is the cause, and the error of
         * the read is only a consequence. */
        if (wf_sock_error(conn->sock))
            err = wf_sock_error(conn->sock);
        if (!err && wf_load(&conn->closing, acquire))
            err = WEFT_ECLOSED;
        if (!err && conn->drained)
            err = await_event(conn, self, deadline_ns);
    }
    /* An event may still wake this task after the store. wf_park allows such a
     * spurious wake. */
    wf_store(&conn->sock->reader, NULL, relaxed);
    return err;
}

weft_err
weft_conn_wait_until(struct weft_conn *conn, size_t n, uint64_t deadline_ns)
{
    if (WEFT_LIKELY(conn->in.len >= n))
        return WEFT_OK;
    if (n > conn->max_input)
        return WEFT_EBUFFERFULL;
    if (conn->read_timeout_ms == WEFT_NONE)
        return wait_slow(conn, n, deadline_ns);
    uint64_t limit = wf_timeout_from_now(conn->read_timeout_ms);
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
