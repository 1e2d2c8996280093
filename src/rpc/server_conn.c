/* SPDX-License-Identifier: MIT */
/*
 * The sending and ending half of a connection of the server: replies leave, and
 * the connection ends when no call is in flight. Its reading half is serve.c.
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
        wf_sock_fail(conn->sock, -ENOMEM); /* the first reason stays */
}

/* ---- the end of calls and connections ---- */

/* No call is in flight, and no more will come. May be called twice. */
static void
push_end(struct wf_server_conn *conn, uint32_t ending)
{
    struct weft_chain none = {0};
    unsigned flags = WF_WRITE_LAST;
    if (!(ending & WF_ENDING_INPUT)) {
        flags = WF_WRITE_SHUT;
        wf_store(&conn->shut, true, relaxed); /* seen by a later read */
    }
    if (wf_sock_write(conn->sock, &none, flags))
        wf_sock_fail(conn->sock, WEFT_ECLOSED);
}

/*
 * Whoever ends a call subtracts from in_flight and then loads `ending` and
 * `throttled`; whoever sets one of these then loads in_flight. All are seq_cst,
 * so at least one of the two sees what the other did.
 */
static void
end_for(struct wf_server_conn *conn, uint32_t why)
{
    uint32_t ending = wf_or(&conn->ending, why, seq_cst) | why;
    if (wf_load(&conn->in_flight, seq_cst) == 0)
        push_end(conn, ending);
}

void
wf_server_conn_end(struct wf_sock *s, void *unused)
{
    (void)unused;
    end_for(s->owner, WF_ENDING_STOP);
}

void
wf_server_conn_close(struct wf_server_conn *conn)
{
    end_for(conn, WF_ENDING_INPUT);
}

void
wf_server_conn_calls_ended(struct wf_server_conn *conn, uint32_t n)
{
    struct weft_server *server = conn->server;
    uint32_t left = wf_sub(&conn->in_flight, n, seq_cst) - n;
    uint32_t ending = wf_load(&conn->ending, seq_cst);
    if (WEFT_UNLIKELY(ending) && left == 0)
        push_end(conn, ending);
    if (WEFT_UNLIKELY(wf_load(&conn->throttled, seq_cst))) {
        struct wf_task *reader = wf_load(&conn->sock->reader, seq_cst);
        if (reader)
            wf_wake(reader);
    }
    /* The server outlives this: it is freed only after its connections are
     * closed, and the caller's reference keeps this one open. */
    if (wf_sub(&server->in_flight, n, seq_cst) == n &&
        WEFT_UNLIKELY(wf_load(&server->stopping, seq_cst)))
        wf_waitq_wake_all(&server->quiet);
}
