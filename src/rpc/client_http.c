/* SPDX-License-Identifier: MIT */
/*
 * HTTP in the client. Responses come in the order of the requests, so each
 * response belongs to the oldest request without a response. A oneway call has
 * a response, too, for which no task waits. Apache's C++ server breaks RFC 9112
 * and does not answer oneway calls. So if the oldest request is oneway, the
 * sequence id in the response may show that the response belongs to a later
 * request.
 *
 * A client that is freed waits for the responses of its oneway calls: a process
 * that ends with unread input resets the connection, and the server then drops
 * the requests that it has not read. The client stores `awaited`, then loads
 * `out` and `over` and the socket's error. The reader stores `out`, `over` or
 * the error and then loads `awaited`. All these accesses are seq_cst, so the
 * client sees what the reader stored, or the reader wakes the client.
 */
#include "rpc/client.h"

#define TEXT_MAX 200u /* info->text has at most TEXT_MAX bytes of a body */

/* Requests without a response. Callers add requests while they hold `sending`,
 * so that the entries have the order of the sent bytes; the reader removes
 * requests. */
struct wf_http_order {
    struct weft_mutex sending;
    _Atomic uint32_t in;  /* stored with release after the entry is written */
    _Atomic uint32_t out; /* stored by the reader only */
    uint32_t size;        /* a power of two */
    _Atomic bool over;    /* no further response will arrive */
    _Atomic bool awaited; /* a task waits for `changed` */
    struct weft_sem changed;
    uint64_t entries[]; /* sequence number << 1 | oneway */
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
    uint32_t in = wf_load(&order->in, relaxed); /* `sending` guards `in` */
    /* acquire: the reader reads an entry before the reader stores `out` */
    if (in - wf_load(&order->out, acquire) >= order->size)
        return WEFT_ETOOMANYCALLS;
    order->entries[in & (order->size - 1)] = entry;
    /* `in` is stored before the response can arrive */
    wf_store(&order->in, in + 1, release);
    weft_err err = wf_sock_write(conn->sock, request, WF_WRITE_LATER);
    if (err)
        wf_store(&order->in, in, release); /* no response will arrive */
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

void
wf_http_order_wake(struct wf_http_order *order)
{
    if (wf_load(&order->awaited, seq_cst)) /* the head of this file says why */
        weft_sem_give(&order->changed, 1);
}

/* Remove the oldest request without a response. false: there is no such
 * request. */
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
    wf_store(&order->out, out + 1, seq_cst);
    wf_http_order_wake(order);
    return true;
}

/* True if the response says to which request it belongs; *seq receives the
 * sequence id of that request. */
static bool
says(struct wf_client_conn *conn, uint32_t *seq)
{
    return conn->in.len > 0 && wf_http_status(conn->unpacker->http) == 200 &&
           !wf_client_conn_peek(conn, &conn->in, seq);
}

/* Remove the request that the response belongs to. false: there is no such
 * request. */
static bool
take_request(struct wf_client_conn *conn, uint32_t *seq, bool *oneway)
{
    uint32_t said;
    if (!take_oldest(conn->order, seq, oneway))
        return false;
    if (!*oneway || !says(conn, &said))
        return true;
    bool found = true;
    while (found && *oneway && *seq != said)
        found = take_oldest(conn->order, seq, oneway);
    return found;
}

/* Drop the lengths before the message: the length of the body, and the length
 * of a frame in the body. WEFT_EPROTOCOL: the body is no frame. */
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

/* True if the response has another sequence id than `seq`. Then the server has
 * skipped a response, and each later response would end the wrong call. */
static bool
is_misplaced(struct wf_client_conn *conn, uint32_t seq)
{
    uint32_t said;
    return says(conn, &said) && said != seq;
}

weft_err
wf_client_take_response(struct wf_client_conn *conn)
{
    const struct wf_http *http = conn->unpacker->http;
    uint32_t seq;
    bool oneway;
    weft_err err = drop_lengths(conn);
    if (!take_request(conn, &seq, &oneway))
        return WEFT_EPROTOCOL; /* no request waits for this response */
    if (wf_http_is_too_big(http))
        err = WEFT_ETOOBIG;
    else if (conn->in.len == 0 && wf_http_status(http) == 200)
        err = WEFT_EMISSING;
    if (!err && !oneway && is_misplaced(conn, seq))
        return WEFT_ESEQID;
    if (!oneway)
        wf_client_conn_end_call(conn, seq, &conn->in, err);
    weft_chain_clear(&conn->in);
    if (wf_http_is_last(http)) {
        /* The server handles none of the later requests (RFC 9112, 9.6). */
        wf_client_conn_retire(conn);
        wf_store(&conn->order->over, true, seq_cst);
        wf_http_order_wake(conn->order);
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
        (void)!wf_client_take_response(conn); /* the connection ends anyway */
}

/* ---- the end of the client ---- */

/* Returns the number of oneway calls without a response, but not more than
 * `most`. The lock keeps callers from writing entries during the count. */
static uint32_t
unanswered(struct wf_http_order *order, uint32_t most)
{
    uint32_t n = 0;
    wf_mutex_lock_surely(&order->sending);
    uint32_t in = wf_load(&order->in, relaxed);
    for (uint32_t i = wf_load(&order->out, seq_cst);
         (int32_t)(in - i) > 0 && n < most; i++)
        n += order->entries[i & (order->size - 1)] & 1;
    weft_mutex_unlock(&order->sending);
    return n;
}

/* Wait for the responses of all oneway calls. Errors: WEFT_ETIMEOUT, the error
 * of the socket, and WEFT_EEOF: no further response will arrive. */
static weft_err
wait_for_responses(struct wf_client_conn *conn, uint64_t until_ns)
{
    struct wf_http_order *order = conn->order;
    weft_err err = WEFT_OK;
    wf_store(&order->awaited, true, seq_cst);
    while (!err && unanswered(order, 1) > 0) {
        bool over = wf_load(&order->over, seq_cst);
        err = over ? WEFT_EEOF : wf_sock_error(conn->sock);
        if (!err)
            err = weft_sem_take_until(&order->changed, until_ns);
    }
    return err && unanswered(order, 1) > 0 ? err : WEFT_OK;
}

/* Wait for the responses as long as bytes arrive at least every `silent_ms`. */
static weft_err
wait_until_silent(struct wf_client_conn *conn, uint32_t silent_ms,
                  uint64_t deadline_ns)
{
    uint64_t heard, until;
    weft_err err;
    do {
        heard = wf_load(&conn->heard_ns, relaxed);
        until = wf_timeout_from_now(silent_ms);
        err = wait_for_responses(conn, WF_MIN(until, deadline_ns));
    } while (err == WEFT_ETIMEOUT && until < deadline_ns &&
             heard != wf_load(&conn->heard_ns, relaxed));
    return err;
}

/*
 * Some servers do not answer oneway calls. Such a server ends the connection
 * after it has read all calls and the end of the client's output. Then no call
 * is lost. The client shuts its output only after the server has become silent,
 * because some servers drop calls if the output ends earlier.
 */
void
wf_client_await_responses(const struct weft_client *client,
                          struct wf_client_conn *conn, uint64_t deadline_ns)
{
    weft_err err =
        wait_until_silent(conn, client->options.silent_timeout_ms, deadline_ns);
    if (err == WEFT_ETIMEOUT) {
        wf_sock_end(conn->sock, WF_WRITE_SHUT);
        err = wait_for_responses(conn, deadline_ns);
        if (err == WEFT_EEOF)
            return;
    }
    if (err)
        wf_log_limited(WEFT_LOG_WARN,
                       "%s: a client was freed with %u oneway calls that the "
                       "server has not answered and may not have read: %s",
                       client->address,
                       (unsigned)unanswered(conn->order, UINT32_MAX),
                       weft_err_text(err));
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
