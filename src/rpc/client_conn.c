/* SPDX-License-Identifier: MIT */
/*
 * One connection of a client: its calls, its replies, its end.
 *
 * Proof that every call ends exactly once.
 *
 * The word of a slot is 0 (free), or a sequence number with CLAIMED (a caller
 * prepares it) or WAITING. It changes in these ways, each time by one atomic
 * operation:
 *
 *   enter   0 -> (seq, CLAIMED) -> (seq, WAITING)   by the caller
 *   take    (seq, WAITING) -> 0                     by reply, failure, caller
 *
 * 1. take succeeds for exactly one of them. A caller that took its own call has
 *    timed out or was cancelled, and no other thread touches the call after
 *    that. Whoever else took it writes the result, then sets `done`, and then
 *    wakes the task.
 * 2. A caller that could not take its call waits for `done`, so the call stays
 *    on its stack as long as another thread touches it. The wake needs only the
 *    task, which is read before `done` is set, and is never unmapped.
 * 3. A late reply finds another word in the slot: its number is used again only
 *    after 2^32 calls of the connection.
 * 4. When the connection fails, the socket's error is set first, then every
 *    slot is taken once (failed). A caller enters first, then queues its
 *    request, which loads the error. Both have a full fence in between: so
 *    either the failure finds the slot WAITING, or the queueing returns the
 *    error and the caller takes its call itself.
 *
 * One file, because callers, replies and the failure of the connection take
 * calls out of the same slots, and the proof is about all of them.
 *
 * Attacked by tests/stress/stress_calls.c.
 */
#include "rpc/client.h"
#include "rpc/headers.h"

#include <errno.h>

enum { WAITING = 1, CLAIMED = 2 };

#define WORD(seq, state) ((uint64_t)(seq) << 2 | (state))

static struct wf_call_slot *
slot_of(struct wf_client_conn *conn, uint32_t seq)
{
    return &conn->slots[seq & (conn->size - 1)];
}

/*
 * The caller adds to n_waiting and then looks at `retired`; the task that
 * retires the connection sets `retired` and then looks at n_waiting. All are
 * seq_cst, so either the call does not begin, or the retiring task sees it. The
 * last call that ends then closes the connection.
 */
static void
count_off(struct wf_client_conn *conn)
{
    uint32_t before = wf_sub(&conn->n_waiting, 1, seq_cst);
    WF_DCHECK(before > 0);
    if (before == 1 && WEFT_UNLIKELY(wf_load(&conn->retired, seq_cst)) &&
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

/* Take the call of that number out of its slot; NULL: it is not there. */
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
    return call;
}

/* The parser keeps the headers of HTTP until it reads the next message. */
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
    wf_store(&call->done, true, release); /* the caller may be gone now */
    if (!WF_MUTANT(reply_without_wake))
        wf_wake(task);
}

/* ---- callers ---- */

/* May a call begin? It is counted if it may. */
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
    uint32_t seq = wf_add(&conn->next_seq, 1, relaxed); /* any order will do */
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
    for (;;) { /* max < size, so some number finds a free slot */
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
        wf_fence(); /* the slot, then the socket's error: see 4 */
        if (WF_MUTANT(call_stored_late))
            slot->call = call;
        return WEFT_OK;
    }
}

void
wf_client_conn_sent(struct wf_client_conn *conn)
{
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

/* ---- a silent peer ---- */

/* All loads are hints: one late call more or less makes no difference. */
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

weft_err
wf_client_conn_send(struct wf_client_conn *conn, struct weft_chain *request,
                    uint32_t seq, bool oneway)
{
    if (WEFT_UNLIKELY(conn->order))
        return wf_http_order_send(conn, request, seq, oneway);
    return wf_unpacker_send(conn->unpacker, conn->sock, request,
                            WF_WRITE_LATER);
}

/* ---- replies ---- */

/* Bytes from which the sequence id of a reply can be read. In JSON a character
 * of a name takes up to 6. */
static size_t
head_size(const struct wf_client_conn *conn)
{
    return (size_t)conn->limits.name_size * 6 + 64;
}

/* The sequence id of a reply; in frames with headers that of the header. A name
 * that is too long does not matter here: the caller finds it when it reads the
 * reply. */
weft_err
wf_client_conn_peek(struct wf_client_conn *conn, struct weft_chain *message,
                    uint32_t *seq)
{
    uint8_t b[8];
    size_t size = WF_MIN(message->len, head_size(conn));
    struct weft_message head;
    size_t n = weft_chain_copy_out(message, 0, b, sizeof b);
    uint32_t magic = (uint32_t)b[0] << 8 | b[1];
    if (conn->cutter.framing == WF_CUT_FRAMED && n == sizeof b &&
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

/* A reply came whose sequence number cannot be read. If only one call waits,
 * the reply is for that call, which ends. If more calls wait, return the error:
 * the connection is of no more use. The reply is not for a call that enters
 * meanwhile, because the request of that call leaves after the reply came. */
static weft_err
end_only_call(struct wf_client_conn *conn, weft_err err)
{
    uint64_t only = 0;
    for (uint32_t i = 0; i < conn->size; i++) {
        uint64_t word = wf_load(&conn->slots[i].word, relaxed); /* see take */
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

static weft_err
deliver(struct wf_client_conn *conn, struct weft_chain *message)
{
    uint32_t seq;
    weft_err err = wf_client_conn_peek(conn, message, &seq);
    if (err)
        err = end_only_call(conn, err);
    else
        wf_client_conn_end_call(conn, seq, message, WEFT_OK);
    weft_chain_clear(message);
    return err;
}

/* ---- replies above the limit ---- */

/* The input begins with the length of a frame that is too long. */
static weft_err
begin_skip(struct wf_client_conn *conn)
{
    uint8_t b[4];
    if (conn->cutter.framing != WF_CUT_FRAMED ||
        weft_chain_copy_out(&conn->in, 0, b, sizeof b) != sizeof b)
        return WEFT_ETOOBIG; /* its end is not known */
    conn->skip = weft_load_be32(b);
    conn->is_told = false;
    if (conn->skip > WF_LARGEST_FRAME)
        return WEFT_EPROTOCOL; /* this is no length */
    weft_chain_drop(&conn->in, sizeof b);
    return WEFT_OK;
}

/* The call of a reply that is too long fails as soon as the reply's sequence
 * number has come. The bytes of the reply are dropped. */
static weft_err
skip_some(struct wf_client_conn *conn)
{
    uint32_t seq;
    weft_err err = WEFT_OK;
    if (!conn->is_told) {
        if (conn->in.len < WF_MIN(conn->skip, head_size(conn)))
            return WEFT_OK;
        if (wf_client_conn_peek(conn, &conn->in, &seq))
            err = end_only_call(conn, WEFT_ETOOBIG);
        else
            wf_client_conn_end_call(conn, seq, NULL, WEFT_ETOOBIG);
        conn->is_told = true;
    }
    size_t n = WF_MIN(conn->in.len, conn->skip);
    weft_chain_drop(&conn->in, n);
    conn->skip -= n;
    return err;
}

/* ---- the input ---- */

/* Deliver the next message, if it is whole; sets *go_on then. */
static weft_err
cut_one(struct wf_client_conn *conn, struct wf_cut *last, bool *go_on)
{
    struct weft_chain message = {0};
    *go_on = false;
    if (WEFT_UNLIKELY(conn->skip > 0)) {
        weft_err err = skip_some(conn);
        *last = (struct wf_cut){0};
        if (err || conn->skip > 0)
            return err;
    }
    weft_err err = wf_cut(&conn->cutter, &conn->in, last);
    if (WEFT_UNLIKELY(err == WEFT_ETOOBIG) &&
        !WF_MUTANT(large_reply_ends_conn)) {
        err = begin_skip(conn);
        *go_on = !err;
    }
    if (err || *go_on || !last->whole)
        return err;
    *go_on = true;
    weft_chain_drop(&conn->in, last->head);
    err = weft_chain_cut(&conn->in, last->body, &message);
    return err ? err : deliver(conn, &message);
}

/* Deliver every message that is whole. */
static weft_err
cut(struct wf_client_conn *conn, struct wf_cut *last)
{
    bool go_on = true;
    weft_err err = WEFT_OK;
    while (!err && go_on) {
        if (conn->order)
            go_on = false;
        else
            err = cut_one(conn, last, &go_on);
        if (err || go_on || !conn->unpacker)
            continue;
        err = wf_unpacker_read(conn->unpacker, conn->sock, &conn->in, &go_on);
        if (!err && go_on && conn->order)
            err = wf_client_take_response(conn);
    }
    return err;
}

static weft_err
read_replies(struct wf_client_conn *conn)
{
    struct wf_cut last = {0};
    bool drained = false;
    weft_err err = cut(conn, &last);
    while (!err && !drained) {
        err = wf_unpacker_fill(conn->unpacker, conn->sock, &conn->in, last.need,
                               &conn->hint, &drained);
        if (conn->hint > 0) /* bytes came */
            wf_store(&conn->heard_ns, wf_worker_now_ns(), relaxed);
        weft_err bad = cut(conn, &last);
        err = err ? err : bad;
    }
    if (err == WEFT_EEOF && conn->order)
        wf_client_end_responses(conn);
    wf_unpacker_compact(conn->unpacker, &conn->in);
    return err;
}

static void
readable(struct wf_sock *s)
{
    struct wf_client_conn *conn = s->owner;
    uint64_t seen = wf_sock_read_begin(s);
    do {
        weft_err err = read_replies(conn);
        if (err) {
            struct wf_odd_bytes *odd = &conn->odd;
            if (wf_err_band(err) == WF_BAND_BYTES)
                odd->len = (uint8_t)weft_chain_copy_out(
                    &conn->in, 0, odd->bytes, sizeof odd->bytes);
            wf_sock_fail(s, err);
            return; /* we stay the reader, so no other one starts */
        }
    } while (!wf_sock_read_end(s, &seen));
}

/* ---- life ---- */

void
wf_client_conn_end_calls(struct wf_client_conn *conn, weft_err why,
                         enum wf_call_end end)
{
    wf_fence(); /* the socket's error, then the slots: see 4 */
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

static void
failed(struct wf_sock *s, weft_err why)
{
    struct wf_client_conn *conn = s->owner;
    bool is_idle = wf_load(&conn->n_waiting, relaxed) == 0;
    if (why != WEFT_ECLOSED)
        wf_client_note(conn->client_id,
                       is_idle ? WF_CLIENT_ENDED : WF_CLIENT_BROKEN, why);
    wf_client_conn_end_calls(conn, why, WF_END_BROKEN);
    if (conn->order)
        wf_http_order_wake(conn->order);
}

static void
free_conn(struct wf_client_conn *conn)
{
    wf_unpacker_free(conn->unpacker);
    wf_http_order_free(conn->order);
    wf_sys_free(conn);
}

static void
closed(struct wf_sock *s)
{
    struct wf_client_conn *conn = s->owner;
    WF_CHECK(wf_load(&conn->n_waiting, relaxed) == 0); /* calls refer to s */
    wf_cutter_fini(&conn->cutter);
    weft_chain_clear(&conn->in);
    free_conn(conn);
}

static const struct wf_sock_ops ops = {
    .readable = readable, .failed = failed, .closed = closed};

/* Set up how replies are cut, by the dialect of the client. */
static weft_err
speak(struct wf_client_conn *conn, const struct weft_dialect *d)
{
    bool http = wf_is_in_http(d);
    wf_cutter_init(&conn->cutter, &conn->limits);
    conn->cutter.framing =
        d->framing == WEFT_UNFRAMED ? WF_CUT_UNFRAMED : WF_CUT_FRAMED;
    conn->cutter.protocol = d->protocol;
    conn->has_inner_frame = d->around == WEFT_IN_HTTP;
    if (!http && !wf_is_in_zlib(d))
        return WEFT_OK;
    if (http)
        conn->order = wf_http_order_new(conn->size);
    if (http && !conn->order)
        return -ENOMEM;
    return wf_unpacker_new(http ? WF_CUT_HTTP : WF_CUT_ZLIB, false,
                           &conn->limits, &conn->unpacker);
}

static struct wf_client_conn *
make_conn(const struct weft_client *client)
{
    const struct weft_client_options *options = &client->options;
    uint32_t size = 16;
    while (size <= options->max_calls)
        size *= 2;
    struct wf_client_conn *conn =
        wf_sys_zalloc(sizeof *conn + size * sizeof conn->slots[0]);
    if (!conn)
        return NULL;
    conn->limits = options->limits;
    conn->size = size;
    conn->max = options->max_calls;
    conn->client_id = wf_slot_id(&client->slot);
    wf_store(&conn->heard_ns, wf_sys_now_ns(), relaxed);
    WF_DCHECK(conn->max < conn->size);
    return conn;
}

weft_err
wf_client_conn_new(int fd, const struct weft_client *client,
                   struct wf_client_conn **out)
{
    const struct weft_client_options *options = &client->options;
    struct wf_client_conn *conn = make_conn(client);
    weft_err err = conn ? speak(conn, &options->dialect) : -ENOMEM;
    struct wf_sock *s = err ? NULL : wf_sock_new(fd, &ops, conn);
    if (!s) {
        if (conn)
            free_conn(conn);
        (void)wf_sys_close(fd);
        return err ? err : -ENOMEM;
    }
    conn->sock = s;
    s->max_queued = options->max_queued;
    s->write_timeout_ms = options->write_timeout_ms;
    wf_notice_dead_peer(fd, options->write_timeout_ms);
    err = wf_sock_watch(s);
    if (err) {
        wf_sock_fail(s, err);
        wf_sock_unref(s);
        return err;
    }
    *out = conn;
    return WEFT_OK;
}

struct wf_client_conn *
wf_client_conn_ref(uint64_t sock_id)
{
    struct wf_sock *s = wf_sock_ref(sock_id);
    return s ? s->owner : NULL;
}

void
wf_client_conn_unref(struct wf_client_conn *conn)
{
    wf_sock_unref(conn->sock);
}
