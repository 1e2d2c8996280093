/* SPDX-License-Identifier: MIT */
/* Runs a batch of messages, as batch.h describes. */
#include "rpc/batch.h"

#include "rpc/call.h"

#include <errno.h>
#include <string.h>

#define CORK_MAX ((size_t)256 << 10) /* reply bytes that force a write */
#define TURN_NS 2000000u /* how long a batch runs before it yields */

static void
flush(struct wf_batch *b)
{
    wf_server_conn_send(b->conn, &b->cork, WF_WRITE_ANYWAY);
    if (b->ended > 0)
        wf_server_conn_calls_ended(b->conn, b->ended);
    b->ended = 0;
}

/* Wait before a call begins, while too many bytes are queued. So each finished
 * reply can be queued at once, and the queue exceeds its bound only by the
 * replies of calls that ran at the same time. */
static void
wait_writable(struct wf_batch *b)
{
    struct wf_sock *s = b->conn->sock;
    size_t limit = wf_queue_limit(s);
    /* relaxed: `queued` is only compared with a limit. */
    if (WEFT_LIKELY(wf_load(&s->queued, relaxed) < limit) ||
        WF_MUTANT(batch_ignores_queue))
        return;
    flush(b);
    /* If the socket fails, run_rest skips the calls. If this fiber is
     * cancelled, the calls still run. */
    (void)!wf_sock_wait_writable(s, limit, WEFT_NEVER);
}

static struct weft_call *
next_call(struct wf_batch *b)
{
    struct weft_chain message = {0};
    WF_DCHECK(b->at < b->n && b->n <= WF_BATCH_MAX);
    uint32_t i = b->at++;
    weft_chain_drop(&b->in, b->messages[i].head);
    if (weft_chain_cut(&b->in, b->messages[i].body, &message))
        return NULL; /* no memory: run_rest drops this message and the rest */
    return wf_call_new(b->conn->server, b->conn, &message);
}

/* Send the reply of one call, because another fiber stole the rest of the batch
 * while the handler ran. */
static void
answer_alone(struct wf_server_conn *conn, struct weft_chain *reply, bool ended)
{
    wf_server_conn_send(conn, reply, WF_WRITE_LATER | WF_WRITE_ANYWAY);
    if (ended)
        wf_server_conn_calls_ended(conn, 1);
}

/* If the batch has run for TURN_NS, let other fibers of its worker run. */
static void
give_way(struct wf_batch *b, uint64_t *since_ns)
{
    uint64_t now = wf_sys_coarse_ns();
    if (WEFT_LIKELY(now - *since_ns < TURN_NS && !WF_MAYBE("give way")))
        return;
    *since_ns = now;
    flush(b);
    weft_fiber_yield();
}

/* Drop the rest of the batch. The connection has failed, so no caller can get a
 * reply. */
static void
skip_rest(struct wf_batch *b)
{
    b->ended += b->n - b->at;
    b->at = b->n;
    weft_chain_clear(&b->in);
}

/* Run the rest of the batch. The caller must not use the batch afterwards. */
static void
run_rest(struct wf_batch *b)
{
    uint64_t since_ns = wf_sys_coarse_ns();
    while (b->at < b->n) {
        struct wf_server_conn *conn = b->conn;
        struct weft_chain reply = {0};
        wait_writable(b);
        if (WEFT_UNLIKELY(wf_sock_error(conn->sock)) &&
            !WF_MUTANT(dead_conn_calls_run)) {
            skip_rest(b);
            break;
        }
        struct weft_call *call = next_call(b);
        if (!call) { /* no memory: fail the socket, so no caller waits */
            wf_sock_fail(conn->sock, -ENOMEM);
            b->ended++;
            continue;
        }
        call->uncounted = b->ended + (b->n - b->at);
        bool published = b->may_be_stolen && (b->at < b->n || b->cork.len > 0);
        if (published)
            wf_stealable_publish(&b->stealable);
        bool ended = wf_call_run(call, &reply);
        if (published && !wf_stealable_reclaim(&b->stealable)) {
            answer_alone(conn, &reply, ended);
            return;
        }
        weft_chain_splice(&reply, &b->cork);
        b->ended += ended && !WF_MUTANT(call_end_not_counted);
        if (b->cork.len >= CORK_MAX)
            flush(b);
        if (b->at < b->n)
            give_way(b, &since_ns);
    }
    flush(b);
    if (b->may_be_stolen) {
        wf_sock_unref(b->conn->sock);
        wf_sys_free(b);
    }
}

/* Run the rest of a stolen batch on a fiber of its own. */
static void
run_stolen(struct wf_stealable *stealable)
{
    struct wf_batch *b = WF_CONTAINER(stealable, struct wf_batch, stealable);
    /* The batch may be stolen again, together with its reference to the socket.
     * So this fiber holds its own reference while its handlers run. */
    struct wf_sock *s = wf_sock_more(b->conn->sock);
    flush(b);
    run_rest(b);
    wf_sock_unref(s);
}

void
wf_batch_run(struct wf_batch *b)
{
    struct wf_batch *larger = NULL;
    if (b->n > 1)
        larger = wf_sys_malloc(sizeof *larger);
    if (larger) {
        memcpy(larger, b,
               offsetof(struct wf_batch, messages) +
                   b->n * sizeof b->messages[0]);
        larger->may_be_stolen = true;
        larger->stealable.run = run_stolen;
        wf_sock_more(b->conn->sock);
        b = larger;
    }
    run_rest(b);
}
