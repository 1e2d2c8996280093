/* SPDX-License-Identifier: MIT */
/*
 * The calls of a client that wait on a connection: each takes a slot, and ends
 * by its reply, by its caller or by the connection's end.
 *
 * Proof that every call ends exactly once.
 *
 * The word of a slot is 0 (free), or a sequence number with CLAIMED (a caller
 * prepares the slot) or WAITING. The word changes in these ways, each time by
 * one atomic operation:
 *
 *   enter   0 -> (seq, CLAIMED) -> (seq, WAITING)   by the caller
 *   take    (seq, WAITING) -> 0                     by reply, failure, caller
 *
 * 1. take succeeds for exactly one thread. A caller that took its own call has
 *    timed out or was cancelled, and no other thread touches the call after
 *    that. Any other thread that took the call writes the result, then sets
 *    `done`, and then wakes the task.
 * 2. A caller that could not take its call waits for `done`, so the call stays
 *    on its stack as long as another thread touches it. The wake needs only the
 *    task, whose pointer is read before `done` is set, and whose memory is
 *    never unmapped.
 * 3. A late reply finds another word in the slot: no sequence number is used
 *    twice on a connection (WF_SEQ_MAX).
 * 4. When the connection fails, a thread first sets the socket's error, then
 *    tries take on every slot (wf_client_conn_end_calls). A caller first does
 *    enter, then queues its request, which loads the error. Both threads
 *    execute a full fence between their two steps. So either the failing thread
 *    finds the slot WAITING, or the queueing returns the error and the caller
 *    takes its call itself.
 *
 * Attacked by tests/stress/stress_calls.c.
 */
#include "rpc/client_lanes.h"

enum { WAITING = 1, CLAIMED = 2 };

#define WORD(seq, state) ((uint64_t)(seq) << 2 | (state))

static struct wf_call_slot *
slot_of(struct wf_client_conn *conn, uint32_t seq)
{
    return &conn->slots[seq & (conn->size - 1)];
}

/*
 * The caller adds to n_waiting and then loads `retired`; the task that retires
 * the connection sets `retired` and then loads n_waiting. These four accesses
 * are seq_cst, so either the call does not begin, or the retiring task sees a
 * call in flight. In the second case the last call in flight closes the
 * connection when it ends.
 *
 * Another call may enter, and the connection may then be retired, after
 * count_off has subtracted and before count_off loads `retired`. So count_off
 * loads n_waiting once more: if it is not 0, the call that entered closes the
 * connection when it ends.
 */
static void
count_off(struct wf_client_conn *conn)
{
    uint32_t before = wf_sub(&conn->n_waiting, 1, seq_cst);
    WF_DCHECK(before > 0);
    if (before == 1 && WEFT_UNLIKELY(wf_load(&conn->retired, seq_cst)) &&
        wf_load(&conn->n_waiting, seq_cst) == 0 &&
        !WF_MUTANT(retired_conn_stays))
        wf_sock_end(conn->sock, WF_WRITE_LAST);
}

void
wf_client_conn_retire(struct wf_client_conn *conn)
{
    wf_store(&conn->retired, true, seq_cst);
    if (wf_load(&conn->n_waiting, seq_cst) == 0)
        wf_sock_end(conn->sock, WF_WRITE_LAST);
}

static void
end_if_once(struct wf_client_conn *conn)
{
    if (WEFT_UNLIKELY(conn->is_once) && !WF_MUTANT(lane_used_twice))
        wf_client_conn_retire(conn);
}

/* Take the call with the number `seq` out of its slot. NULL: the call is not in
 * the slot. */
static struct wf_pending_call *
take(struct wf_client_conn *conn, uint32_t seq)
{
    struct wf_call_slot *slot = slot_of(conn, seq);
    uint64_t word = WORD(seq, WAITING);
    if (WF_MUTANT(reply_ends_other_call))
        word = (wf_load(&slot->word, relaxed) & ~(uint64_t)3) | WAITING;
    if (wf_load(&slot->word, acquire) != word)
        return NULL;
    struct wf_pending_call *call = slot->call;
    if (!wf_cas(&slot->word, &word, 0, acq_rel))
        return NULL;
    WF_DCHECK(call);
    count_off(conn);
    if (WEFT_UNLIKELY(conn->lane != NULL)) {
        end_if_once(conn);
        wf_lane_give(conn->lane);
    }
    return call;
}

/* Copy the HTTP headers now, because the parser keeps the headers only until
 * it reads the next message. */
static weft_err
take_headers(const struct wf_client_conn *conn, struct wf_pending_call *call)
{
    if (WEFT_LIKELY(!conn->unpacker || !conn->unpacker->http))
        return WEFT_OK;
    call->status = wf_http_status(conn->unpacker->http);
    return wf_http_headers(conn->unpacker->http, call->arena, &call->headers);
}

static void
complete(struct wf_pending_call *call, struct weft_chain *reply, weft_err err)
{
    struct wf_task *task = call->task;
    WF_DCHECK(!wf_load(&call->done, relaxed));
    if (reply)
        weft_chain_splice(reply, &call->reply);
    call->err = err;
    wf_store(&call->done, true, release); /* the caller may return now */
    if (!WF_MUTANT(reply_without_wake))
        wf_wake(task);
}

/* ---- callers ---- */

/* Count a call that is about to begin. Returns an error if the call may not
 * begin; then the call is not counted. */
static weft_err
count_on(struct wf_client_conn *conn)
{
    weft_err err = WEFT_OK;
    if (wf_add(&conn->n_waiting, 1, seq_cst) >= conn->max)
        err = WEFT_ETOOMANYCALLS;
    else if (WEFT_UNLIKELY(wf_load(&conn->retired, seq_cst)))
        err = WEFT_EIDLE;
    if (WEFT_UNLIKELY(err) && !WF_MUTANT(refused_call_counted))
        count_off(conn);
    return err;
}

static uint32_t
next_number(struct wf_client_conn *conn)
{
    uint32_t seq = wf_add(&conn->next_seq, 1, relaxed); /* needs no order */
    if (WEFT_UNLIKELY(seq >= WF_SEQ_MAX))
        wf_client_conn_retire(conn);
    return seq;
}

weft_err
wf_client_conn_enter(struct wf_client_conn *conn, struct wf_pending_call *call,
                     uint32_t *seq)
{
    weft_err err = count_on(conn);
    if (err)
        return err;
    for (;;) { /* max < size, so some number has a free slot */
        *seq = next_number(conn);
        if (!call)
            return WEFT_OK;
        struct wf_call_slot *slot = slot_of(conn, *seq);
        uint64_t free = 0;
        if (!wf_cas(&slot->word, &free, WORD(*seq, CLAIMED), acq_rel))
            continue;
        if (!WF_MUTANT(call_stored_late))
            slot->call = call;
        wf_store(&slot->word, WORD(*seq, WAITING), release);
        /* proof, point 4: the slot is stored before the error is loaded */
        wf_fence();
        if (WF_MUTANT(call_stored_late))
            slot->call = call;
        return WEFT_OK;
    }
}

void
wf_client_conn_sent(struct wf_client_conn *conn)
{
    end_if_once(conn);
    count_off(conn);
}

void
wf_client_conn_hold(struct wf_client_conn *conn)
{
    wf_add(&conn->n_waiting, 1, seq_cst);
}

bool
wf_client_conn_leave(struct wf_client_conn *conn, uint32_t seq)
{
    return take(conn, seq) != NULL;
}

void
wf_client_conn_give_up(struct wf_client_conn *conn)
{
    if (conn->is_pooled && !WF_MUTANT(given_up_conn_kept))
        wf_client_conn_retire(conn);
}

/* Returns false if no stray is expected. relaxed: see wf_client_conn_forgo. */
static bool
expects_stray(struct wf_client_conn *conn)
{
    uint32_t n = wf_load(&conn->forgone, relaxed);
    while (n > 0)
        if (wf_cas(&conn->forgone, &n, n - 1, relaxed))
            return true;
    return false;
}

/* `forgone` is raised before the slot is free: a reader that finds the slot
 * free has acquired what the caller did before, and expects the stray. */
bool
wf_client_conn_forgo(struct wf_client_conn *conn, uint32_t seq)
{
    wf_client_conn_give_up(conn);
    if (!WF_MUTANT(late_reply_reported))
        wf_add(&conn->forgone, 1, relaxed);
    if (wf_client_conn_leave(conn, seq))
        return true;
    (void)expects_stray(conn);
    return false;
}

/* ---- a silent peer ---- */

/* All loads are hints. A stale value may keep the connection in use; then the
 * next call that times out retires the connection. */
void
wf_client_conn_late(struct wf_client_conn *conn, uint64_t heard_ns,
                    uint64_t begun_ns, uint32_t silent_ms)
{
    uint64_t since = wf_load(&conn->silent_ns, relaxed);
    if (wf_load(&conn->heard_ns, relaxed) != heard_ns ||
        wf_load(&conn->retired, relaxed) || WF_MUTANT(silent_conn_kept))
        return;
    if (wf_load(&conn->silent_mark, relaxed) != heard_ns) {
        since = begun_ns;
        wf_store(&conn->silent_ns, since, relaxed);
        wf_store(&conn->silent_mark, heard_ns, relaxed);
    }
    if (wf_sys_now_ns() < wf_timeout_end(since, silent_ms))
        return;
    wf_client_note(conn->client_id, WF_CLIENT_REPLACED, WEFT_EREADTIMEOUT);
    wf_client_conn_retire(conn);
}

/* ---- replies ---- */

/* In JSON each character of the method's name takes up to 6 bytes. */
size_t
wf_client_conn_head_size(const struct wf_client_conn *conn)
{
    return (size_t)conn->limits.name_size * 6 + 64;
}

/* A name that is too long is no error here: the task that made the call finds
 * the error when it reads the reply. */
weft_err
wf_client_conn_peek(struct wf_client_conn *conn, struct weft_chain *message,
                    uint32_t *seq)
{
    uint8_t b[8];
    size_t size = WF_MIN(message->len, wf_client_conn_head_size(conn));
    struct weft_message head;
    size_t n = weft_chain_copy_out(message, 0, b, sizeof b);
    uint32_t magic = (uint32_t)b[0] << 8 | b[1];
    if (conn->cutter.mode == WF_CUT_FRAMED && n == sizeof b &&
        (magic == WF_THEADER_MAGIC || magic == WF_TTHEADER_MAGIC)) {
        *seq = weft_load_be32(b + 4);
        return WEFT_OK;
    }
    weft_err err = wf_message_peek(message, 0, (uint32_t)size, NULL, &head);
    if (err == WEFT_EBUDGET) { /* the name lies in two runs */
        if (weft_chain_pull(message, size))
            err = wf_message_peek(message, 0, (uint32_t)size, NULL, &head);
    }
    if (!err)
        *seq = (uint32_t)head.seqid;
    return err;
}

static void
note_stray(struct wf_client_conn *conn, uint32_t seq)
{
    if (expects_stray(conn))
        return;
    wf_store(&conn->last_stray, seq, relaxed);
    wf_add(&conn->strays, 1, relaxed);
    wf_client_note(conn->client_id, WF_CLIENT_STRAY, WEFT_OK);
}

void
wf_client_conn_end_call(struct wf_client_conn *conn, uint32_t seq,
                        struct weft_chain *reply, weft_err err)
{
    struct wf_pending_call *call = take(conn, seq);
    if (!call)
        note_stray(conn, seq);
    else if (err)
        complete(call, NULL, err);
    else
        complete(call, reply, take_headers(conn, call));
}

/* The loop may miss a call that takes a slot while the loop runs. That does no
 * harm: the reply arrived before the request of this call was sent, so the
 * reply is not for this call. */
weft_err
wf_client_conn_end_only(struct wf_client_conn *conn, weft_err err)
{
    uint64_t only = 0;
    for (uint32_t i = 0; i < conn->size; i++) {
        uint64_t word = wf_load(&conn->slots[i].word, relaxed); /* a hint */
        if ((word & 3) != WAITING)
            continue;
        if (only)
            return err;
        only = word;
    }
    if (!only)
        return err;
    wf_client_conn_end_call(conn, (uint32_t)(only >> 2), NULL, err);
    return WEFT_OK;
}

/* ---- the end of the connection ---- */

void
wf_client_conn_end_calls(struct wf_client_conn *conn, weft_err why,
                         enum wf_call_end end)
{
    /* proof, point 4: the error is stored before the slots are loaded */
    wf_fence();
    for (uint32_t i = 0; i < conn->size; i++) {
        uint64_t word = wf_load(&conn->slots[i].word, acquire);
        if ((word & 3) != WAITING)
            continue;
        struct wf_pending_call *call = take(conn, (uint32_t)(word >> 2));
        if (!call)
            continue;
        call->end = (uint8_t)end;
        complete(call, NULL, why);
    }
}
