/* SPDX-License-Identifier: MIT */
/* Running a batch: what it is and why, see batch.h. */
#include "rpc/batch.h"

#include "rpc/call.h"

#include <errno.h>
#include <string.h>

#define CORK_MAX ((size_t)256 << 10) /* bytes of replies held back */

static void
flush(struct wf_batch *b)
{
    wf_peer_send(b->peer, &b->cork, WF_WRITE_ANYWAY);
    if (b->ended > 0)
        wf_serve_ended(b->peer, b->ended);
    b->ended = 0;
}

/* The bound of the output: it is waited for before a call begins. So a reply
 * that was made is always taken, and what waits beyond the bound are replies of
 * calls that ran at the same time. */
static void
wait_for_room(struct wf_batch *b)
{
    struct wf_sock *s = b->peer->sock;
    size_t room = wf_room_of(s);
    if (WEFT_LIKELY(wf_load(&s->queued, relaxed) < room)) /* a bound */
        return;
    flush(b);
    if (wf_sock_wait_room(s, room, WEFT_NEVER))
        return; /* it has failed, or we are cancelled: run them all */
}

static struct weft_call *
next_call(struct wf_batch *b)
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
    wf_peer_send(peer, reply, WF_WRITE_LATER | WF_WRITE_ANYWAY);
    if (ended)
        wf_serve_ended(peer, 1);
}

/* Run what is left of the batch; gives it up. */
static void
run_rest(struct wf_batch *b)
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
    struct wf_batch *b = WF_CONTAINER(offer, struct wf_batch, offer);
    /* A reference for the handlers that this fiber runs: the batch, with its
     * own, may go elsewhere meanwhile. */
    struct wf_sock *s = wf_sock_more(b->peer->sock);
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
        larger->may_offer = true;
        larger->offer.run = run_offered;
        wf_sock_more(b->peer->sock);
        b = larger;
    }
    run_rest(b);
}
