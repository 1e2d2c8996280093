/* SPDX-License-Identifier: MIT */
/*
 * The sending and ending half of a connection of the server: sends replies, and
 * ends the connection when no call is in flight. The reading half is serve.c.
 */
#include "rpc/server.h"

#include <errno.h>

/* ---- replies ---- */

void
wf_server_conn_send(struct wf_server_conn *conn, struct weft_chain *replies,
                    unsigned flags)
{
    if (replies->len > 0 &&
        wf_unpacker_send(conn->unpacker, conn->sock, replies, flags))
        wf_sock_fail(conn->sock, -ENOMEM); /* the first error is kept */
}

/* ---- the end of calls and connections ---- */

/* End the output, because no call is in flight and no more calls will come. A
 * second call does no harm. */
static void
push_end(struct wf_server_conn *conn, uint32_t ending)
{
    unsigned flags = WF_WRITE_LAST;
    if (!(ending & WF_ENDING_INPUT)) {
        /* relaxed: a reader that cuts a batch at this moment may not see
         * `shut`. The calls of that batch are refused, because the server
         * stops, and the refusals are dropped. */
        flags = WF_WRITE_SHUT;
        wf_store(&conn->shut, true, relaxed);
    }
    wf_sock_end(conn->sock, flags);
}

/*
 * A thread that ends a call subtracts from in_flight and then loads `ending`
 * and `throttled`; a thread that sets `ending` or `throttled` loads in_flight
 * afterwards. All these accesses are seq_cst, so at least one of the two
 * threads sees what the other thread did.
 *
 * Calls may begin, and `ending` may then be set, after the subtraction and
 * before the load of `ending`. So the thread that ended a call loads in_flight
 * once more: if it is not 0, the last of those calls ends the connection.
 */
static void
end_for(struct wf_server_conn *conn, uint32_t why)
{
    uint32_t ending = wf_or(&conn->ending, why, seq_cst) | why;
    if (wf_load(&conn->in_flight, seq_cst) == 0 ||
        WF_MUTANT(stop_ends_busy_conn))
        push_end(conn, ending);
}

void
wf_server_conn_end(struct wf_sock *s, void *unused)
{
    (void)unused;
    end_for(s->owner, WF_ENDING_STOP);
}

void
wf_server_conn_close(struct wf_server_conn *conn, weft_err bad)
{
    if (bad) /* relaxed: `bad` is read after the socket's end */
        wf_store(&conn->bad, bad, relaxed);
    end_for(conn, WF_ENDING_INPUT);
}

void
wf_server_conn_calls_ended(struct wf_server_conn *conn, uint32_t n)
{
    struct weft_server *server = conn->server;
    uint32_t before = wf_sub(&conn->in_flight, n, seq_cst);
    WF_DCHECK(n > 0 && before >= n);
    uint32_t ending = wf_load(&conn->ending, seq_cst);
    if (WEFT_UNLIKELY(ending) && wf_load(&conn->in_flight, seq_cst) == 0 &&
        !WF_MUTANT(last_call_ends_no_conn))
        push_end(conn, ending);
    if (WEFT_UNLIKELY(wf_load(&conn->throttled, seq_cst))) {
        struct wf_task *reader = wf_load(&conn->sock->reader, seq_cst);
        if (reader && !WF_MUTANT(throttled_reader_unwoken))
            wf_wake(reader);
    }
    /* The server still exists: it is freed only after its connections are
     * closed, and the caller's reference keeps this connection open. */
    wf_gauge_sub(&server->in_flight, n);
    if (WEFT_UNLIKELY(wf_load(&server->stopping, seq_cst)) &&
        !WF_MUTANT(last_call_wakes_no_stop))
        wf_waitq_wake_all(&server->quiet);
}

/* ---- why a connection ended ---- */

static enum wf_closed
closed_of(weft_err why)
{
    switch (why) {
    case WEFT_ECLOSED:
    case WEFT_EEOF:
        return WF_CLOSED_PEER;
    case WEFT_ESTOPPING:
        return WF_CLOSED_STOPPED;
    case WEFT_ETIMEOUT:
        return WF_CLOSED_FORCED;
    case WEFT_EIDLE:
        return WF_CLOSED_IDLE;
    case WEFT_EREADTIMEOUT:
        return WF_CLOSED_READ_TIMEOUT;
    case WEFT_EWRITETIMEOUT:
        return WF_CLOSED_WRITE_TIMEOUT;
    case -ENOMEM:
    case WEFT_EFIBERS:
        return WF_CLOSED_NO_RESOURCE;
    default:
        return wf_err_band(why) == WF_BAND_BYTES ? WF_CLOSED_BAD_BYTES
                                                 : WF_CLOSED_BROKEN;
    }
}

void
wf_server_conn_count_end(struct wf_server_conn *conn, weft_err why)
{
    weft_err bad = wf_load(&conn->bad, relaxed);
    if (why == WEFT_ECLOSED && bad) /* closed after an error reply */
        why = bad;
    enum wf_closed closed = closed_of(why);
    wf_add(&wf_counters_mine(conn->server->counters)->closed[closed], 1,
           relaxed);
    if (closed == WF_CLOSED_PEER || closed == WF_CLOSED_STOPPED ||
        closed == WF_CLOSED_IDLE)
        return;
    wf_log_limited(WEFT_LOG_INFO, "a connection was closed: %s: %s",
                   weft_err_name(why), weft_err_text(why));
}

/* With the request FIONREAD: true if the kernel has bytes to read. With
 * TIOCOUTQ: true if the peer has not acknowledged all bytes. False if the
 * kernel cannot tell. */
static bool
kernel_has(const struct wf_sock *s, unsigned long request)
{
    int bytes = 0;
    return !wf_sys_ioctl(s->fd, request, &bytes) && bytes > 0;
}

bool
wf_server_conn_has_input(const struct wf_server_conn *conn)
{
    return kernel_has(conn->sock, FIONREAD);
}

bool
wf_server_conn_is_settled(const struct wf_server_conn *conn)
{
    const struct wf_sock *s = conn->sock;
    if (wf_load(&conn->in_flight, seq_cst) > 0 ||
        wf_load(&s->queued, relaxed) > 0)
        return false;
    return !kernel_has(s, TIOCOUTQ) && !kernel_has(s, FIONREAD);
}
