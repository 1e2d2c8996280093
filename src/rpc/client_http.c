/* SPDX-License-Identifier: MIT */
/*
 * HTTP as a client speaks it. Responses come in the order of the requests, so
 * each belongs to the oldest request without one, whatever its body says. A
 * oneway call has a response, too, which nobody waits for. Apache's C++ server
 * sends none, against RFC 9112: there the sequence id of the next response
 * tells that it is not the oneway call's.
 */
#include "rpc/client.h"

#define TEXT_MAX 200u /* bytes of a body that become a text */

/* Requests without a response. Callers put them in under `sending`, so that the
 * order here is that of the bytes; the reader takes them out. */
struct wf_http_order {
    struct weft_mutex sending;
    _Atomic uint32_t in;  /* released after the entry is written */
    _Atomic uint32_t out; /* the reader's; callers read it for the bound */
    uint32_t size;        /* a power of two */
    uint64_t entries[];   /* sequence number << 1 | is it oneway */
};

struct wf_http_order *
wf_http_order_new(uint32_t size)
{
    WF_DCHECK(size > 0 && (size & (size - 1)) == 0);
    struct wf_http_order *order =
        wf_sys_zalloc(sizeof *order + size * sizeof order->entries[0]);
    if (order)
        order->size = size;
    return order;
}

void
wf_http_order_free(struct wf_http_order *order)
{
    wf_sys_free(order);
}

static weft_err
send_locked(struct wf_client_conn *conn, struct weft_chain *request,
            uint64_t entry)
{
    struct wf_http_order *order = conn->order;
    uint32_t in = wf_load(&order->in, relaxed); /* only we write it */
    /* acquire: the reader has read the entry that is overwritten */
    if (in - wf_load(&order->out, acquire) >= order->size)
        return WEFT_ETOOMANYCALLS;
    order->entries[in & (order->size - 1)] = entry;
    wf_store(&order->in, in + 1, release); /* before the response can come */
    weft_err err = wf_sock_write(conn->sock, request, WF_WRITE_LATER);
    if (err)
        wf_store(&order->in, in, release); /* no response will come */
    return err;
}

weft_err
wf_http_order_send(struct wf_client_conn *conn, struct weft_chain *request,
                   uint32_t seq, bool oneway)
{
    struct wf_http_order *order = conn->order;
    wf_mutex_lock_surely(&order->sending);
    weft_err err = send_locked(conn, request, (uint64_t)seq << 1 | oneway);
    weft_mutex_unlock(&order->sending);
    return err;
}

/* The oldest request without a response. false: there is none. */
static bool
take_oldest(struct wf_http_order *order, uint32_t *seq, bool *oneway)
{
    uint32_t out = wf_load(&order->out, relaxed);
    uint32_t in = wf_load(&order->in, acquire);
    if ((int32_t)(in - out) <= 0)
        return false;
    uint64_t entry = order->entries[out & (order->size - 1)];
    *seq = (uint32_t)(entry >> 1);
    *oneway = entry & 1;
    wf_store(&order->out, out + 1, release);
    return true;
}

/* The request that the response belongs to. false: there is none. */
static bool
take_request(struct wf_client_conn *conn, uint32_t *seq, bool *oneway)
{
    uint32_t said;
    if (!take_oldest(conn->order, seq, oneway))
        return false;
    if (!*oneway || conn->in.len == 0 ||
        wf_http_status(conn->unpacker->http) != 200 ||
        wf_client_conn_peek(conn, &conn->in, &said))
        return true;
    bool found = true;
    while (found && *oneway && *seq != said)
        found = take_oldest(conn->order, seq, oneway);
    return found;
}

/* Drop the lengths before the message: that of the body, and that of a frame in
 * the body. WEFT_EPROTOCOL: the body is no frame. */
static weft_err
drop_lengths(struct wf_client_conn *conn)
{
    uint8_t length[4];
    if (conn->in.len == 0)
        return WEFT_OK;
    weft_chain_drop(&conn->in, sizeof length);
    if (!conn->has_inner_frame || wf_http_status(conn->unpacker->http) != 200)
        return WEFT_OK;
    if (weft_chain_copy_out(&conn->in, 0, length, sizeof length) != 4 ||
        weft_load_be32(length) != conn->in.len - sizeof length)
        return WEFT_EPROTOCOL;
    weft_chain_drop(&conn->in, sizeof length);
    return WEFT_OK;
}

weft_err
wf_client_take_response(struct wf_client_conn *conn)
{
    const struct wf_http *http = conn->unpacker->http;
    uint32_t seq;
    bool oneway;
    weft_err err = drop_lengths(conn);
    if (!take_request(conn, &seq, &oneway))
        return WEFT_EPROTOCOL; /* a response to no request */
    if (wf_http_is_too_big(http))
        err = WEFT_ETOOBIG;
    else if (conn->in.len == 0 && wf_http_status(http) == 200)
        err = WEFT_EMISSING;
    if (!oneway)
        wf_client_conn_end_call(conn, seq, &conn->in, err);
    weft_chain_clear(&conn->in);
    if (wf_http_is_last(http)) {
        /* The server must not handle what comes after (RFC 9112, 9.6). */
        wf_client_conn_retire(conn);
        wf_client_conn_end_calls(conn, WEFT_EEOF, WF_END_RESEND);
    }
    return WEFT_OK;
}

void
wf_client_end_responses(struct wf_client_conn *conn)
{
    enum wf_http_event event;
    if (!wf_http_end(conn->unpacker->http, &conn->in, &event) &&
        event == WF_HTTP_MESSAGE)
        (void)!wf_client_take_response(conn); /* it has ended in any case */
}

/* ---- statuses ---- */

static weft_err
error_of(uint32_t status)
{
    static const struct {
        uint32_t status;
        weft_err err;
    } rows[] = {
        {400, WEFT_EPROTOCOL},    {404, WEFT_ENOSERVICE}, {405, WEFT_EMSGTYPE},
        {408, WEFT_EREADTIMEOUT}, {413, WEFT_ETOOBIG},    {414, WEFT_ESIZE},
        {429, WEFT_EOVERLOAD},    {431, WEFT_EHEADER},    {500, WEFT_EHANDLER},
        {501, WEFT_ETRANSFORM},   {502, WEFT_EBROKEN},    {503, WEFT_EOVERLOAD},
        {504, WEFT_ETIMEOUT},     {505, WEFT_EVERSION},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].status == status)
            return rows[i].err - WEFT_PEER;
    return WEFT_EHTTP - WEFT_PEER;
}

weft_err
wf_client_read_status(struct weft_arena *arena, uint32_t status,
                      const struct weft_chain *body,
                      struct weft_call_info *info)
{
    char line[TEXT_MAX];
    size_t len = weft_chain_copy_out(body, 0, line, sizeof line), n = 0;
    while (n < len && line[n] != '\r' && line[n] != '\n')
        n++;
    info->text =
        weft_arena_printf(arena, "HTTP status %u%s%.*s", (unsigned)status,
                          n > 0 ? ": " : "", (int)n, line);
    info->http_status = (int32_t)status;
    return error_of(status);
}
