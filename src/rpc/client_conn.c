/* SPDX-License-Identifier: MIT */
/*
 * One connection of a client: cuts and delivers replies, and ends the
 * connection. client_pending.c has the calls that wait on a connection.
 */
#include "rpc/client_lanes.h"
#include "rpc/headers.h"

#include <errno.h>

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

static weft_err
deliver(struct wf_client_conn *conn, struct weft_chain *message)
{
    uint32_t seq;
    weft_err err = wf_client_conn_peek(conn, message, &seq);
    if (err)
        err = wf_client_conn_end_only(conn, err);
    else
        wf_client_conn_end_call(conn, seq, message, WEFT_OK);
    weft_chain_clear(message);
    return err;
}

/* ---- replies above the limit ---- */

/* Begin to skip a reply that is too long. Only a framed reply can be skipped:
 * the input begins with the length of the frame. */
static weft_err
begin_skip(struct wf_client_conn *conn)
{
    uint8_t b[4];
    if (conn->cutter.mode != WF_CUT_FRAMED ||
        weft_chain_copy_out(&conn->in, 0, b, sizeof b) != sizeof b)
        return WEFT_ETOOBIG; /* the reply's end is not known */
    conn->skip = weft_load_be32(b);
    conn->is_told = false;
    if (conn->skip > WF_LARGEST_FRAME)
        return WEFT_EPROTOCOL; /* these bytes are no length */
    weft_chain_drop(&conn->in, sizeof b);
    return WEFT_OK;
}

/* Drop bytes of a reply that is too long. As soon as the sequence number of the
 * reply has arrived, end its call with WEFT_ETOOBIG. */
static weft_err
skip_some(struct wf_client_conn *conn)
{
    uint32_t seq;
    weft_err err = WEFT_OK;
    if (!conn->is_told) {
        if (conn->in.len < WF_MIN(conn->skip, wf_client_conn_head_size(conn)))
            return WEFT_OK;
        if (wf_client_conn_peek(conn, &conn->in, &seq))
            err = wf_client_conn_end_only(conn, WEFT_ETOOBIG);
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

/* Deliver the next message, if it is whole. *go_on receives true if the caller
 * has to call cut_one again. */
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
    wf_unpacker_taken(conn->unpacker, &conn->in);
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
        if (conn->hint > 0) /* bytes arrived */
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
            return; /* this fiber stays the reader; no other reader starts */
        }
    } while (!wf_sock_read_end(s, &seen));
}

/* ---- life ---- */

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
    /* each call that waits holds a reference to s */
    WF_CHECK(wf_load(&conn->n_waiting, relaxed) == 0);
    wf_cutter_fini(&conn->cutter);
    weft_chain_clear(&conn->in);
    free_conn(conn);
}

static const struct wf_sock_ops ops = {
    .readable = readable, .failed = failed, .closed = closed};

/* Set up how replies are cut. The dialect of the client decides this. */
static weft_err
speak(struct wf_client_conn *conn, const struct weft_dialect *d)
{
    bool http = wf_is_in_http(d);
    wf_cutter_init(&conn->cutter, &conn->limits);
    conn->cutter.mode =
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
                           &conn->limits, NULL, &conn->unpacker);
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
    conn->lane = client->lane;
    conn->is_once = client->lane && client->lane->lanes->is_once;
    conn->is_pooled = client->lane && client->lane->lanes->is_pool;
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
