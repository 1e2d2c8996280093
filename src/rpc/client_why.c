/* SPDX-License-Identifier: MIT */
/* Writes the text of an error that arose in this process: what failed, at which
 * address, and what the system said. */
#include "rpc/client.h"

/* ---- what a call remembers for its text ---- */

weft_err
wf_client_note_late(struct wf_client_call *x)
{
    struct wf_client_conn *conn = x->conn;
    x->strays = wf_load(&conn->strays, relaxed);
    x->last_stray = (int32_t)wf_load(&conn->last_stray, relaxed);
    wf_client_conn_late(conn, x->heard_ns, x->begun_ns,
                        x->options->silent_timeout_ms);
    return WEFT_ETIMEOUT;
}

weft_err
wf_client_note_broken(struct wf_client_call *x, weft_err why)
{
    if (why == WEFT_ECLOSED || WF_MUTANT(errno_reaches_caller))
        return why;
    x->cause = why;
    return wf_err_band(why) == WF_BAND_BYTES ? why : WEFT_EBROKEN;
}

void
wf_client_note_odd(struct wf_client_call *x, weft_err why)
{
    const struct wf_client_conn *conn = x->conn;
    char text[4 * sizeof conn->odd.bytes + 1];
    if (wf_err_band(why) != WF_BAND_BYTES)
        return;
    struct weft_str odd = {conn->odd.bytes, conn->odd.len};
    (void)wf_escape_text(text, sizeof text, odd);
    x->odd = weft_arena_printf(x->arena, "%s", text);
}

/* ---- the text ---- */

static struct weft_str
why_no_connection(const struct weft_client *client,
                  const struct wf_client_call *x)
{
    if (x->cause == WEFT_ETIMEOUT)
        return weft_arena_printf(
            x->side, "%s: %s within %u ms", client->address,
            x->lacks == WF_LACKS_ADDRESS ? "the look-up of the host did not end"
                                         : "no connection could be made",
            (unsigned)client->options.connect_timeout_ms);
    /* weft_client_new has refused malformed addresses, so only the look-up of
     * the host can fail with WEFT_EADDRESS here. */
    const char *why = x->cause == WEFT_EADDRESS ? "its host is unknown"
                                                : weft_err_text(x->cause);
    return weft_arena_printf(x->side, "%s: no connection could be made: %s",
                             client->address, why);
}

static struct weft_str
why_all_busy(const struct weft_client *client, const struct wf_client_call *x)
{
    return weft_arena_printf(x->side,
                             "%s: all %u connections are busy, so the call was "
                             "not sent: is pool_max too small?",
                             client->address,
                             (unsigned)client->options.pool_max);
}

static struct weft_str
why_not_sent_in_time(const struct weft_client *client,
                     const struct wf_client_call *x)
{
    static const char *const texts[] = {
        [WF_LACKS_NOTHING] = "the deadline had passed",
        [WF_LACKS_SERVERS] = "no list of servers came in time",
        [WF_LACKS_ADDRESS] = "the look-up of the host did not end in time",
        [WF_LACKS_CONNECTION] = "no connection was made in time",
    };
    if (x->lacks == WF_LACKS_LANE)
        return why_all_busy(client, x);
    return weft_arena_printf(x->side, "%s: %s, so the call was not sent",
                             client->address, texts[x->lacks]);
}

static struct weft_str
why_late(const struct weft_client *client, const struct wf_client_call *x)
{
    struct weft_str name = {x->method->name, x->method->name_len};
    if (x->reach == WEFT_CALL_NOT_SENT)
        return why_not_sent_in_time(client, x);
    if (x->strays == 0)
        return weft_arena_printf(x->side, "%s: no reply to %.*s in time",
                                 client->address, WEFT_FMT(name));
    return weft_arena_printf(
        x->side,
        "%s: no reply to %.*s in time; %llu replies to no call came, the last "
        "one with sequence id %d",
        client->address, WEFT_FMT(name), (unsigned long long)x->strays,
        (int)x->last_stray);
}

static struct weft_str
why_broken(const struct weft_client *client, const struct wf_client_call *x)
{
    const char *why = weft_err_text(x->cause);
    if (x->odd.len == 0)
        return weft_arena_printf(x->side, "%s: the connection broke: %s",
                                 client->address, why);
    return weft_arena_printf(x->side,
                             "%s: the connection broke: %s: the server sent "
                             "`%.*s`; are the port and "
                             "the dialect right?",
                             client->address, why, WEFT_FMT(x->odd));
}

static struct weft_str
why_not_written(const struct weft_client *client,
                const struct wf_client_call *x)
{
    char text[256];
    wf_refused_text(text, sizeof text, &x->refused);
    return weft_arena_printf(x->side, "%s: the call was not sent: %s",
                             client->address, text);
}

static struct weft_str
why_no_header(const struct weft_client *client, const struct wf_client_call *x)
{
    char key[256];
    bool is_http = x->options->dialect.framing == WEFT_HTTP;
    const char *why = x->is_full ? "with the others there is no room for"
                      : is_http && wf_http_owns(x->bad_header)
                          ? "only HTTP itself may write"
                          : "the dialect cannot carry";
    (void)wf_escape_text(key, sizeof key, x->bad_header);
    return weft_arena_printf(x->side,
                             "%s: the call was not sent: %s the header `%s`",
                             client->address, why, key);
}

/* The text for an error that the other functions do not describe. */
static struct weft_str
why_else(const struct weft_client *client, const struct wf_client_call *x,
         weft_err err)
{
    static const char *const states[] = {
        [WEFT_CALL_NOT_SENT] = "the call was not sent",
        [WEFT_CALL_MAYBE_HANDLED] = "nobody waits for the reply",
        [WEFT_CALL_ANSWERED] = "the reply cannot be used",
    };
    return weft_arena_printf(x->side, "%s: %s: %s", client->address,
                             states[x->reach], weft_err_text(err));
}

static struct weft_str
why_no_server(const struct weft_client *client, const struct wf_client_call *x)
{
    struct weft_str why = client->ops->why_none(client->upstream, x->side);
    return weft_arena_printf(x->side, "%s: %s%s%.*s", client->address,
                             weft_err_text(WEFT_ENOENDPOINT),
                             why.len ? ": " : "", WEFT_FMT(why));
}

void
wf_client_explain(const struct weft_client *client,
                  const struct wf_client_call *x, weft_err err,
                  struct weft_call_info *info)
{
    if (info->text.ptr || weft_err_is_peer(err))
        return;
    if (err == WEFT_ENOENDPOINT) {
        info->text = why_no_server(client, x);
        return;
    }
    if (err == WEFT_ECONNECT)
        info->text = why_no_connection(client, x);
    else if (err == WEFT_ETOOMANYCALLS && x->lacks == WF_LACKS_LANE)
        info->text = why_all_busy(client, x);
    else if (err == WEFT_ETIMEOUT)
        info->text = why_late(client, x);
    else if (x->refused.in)
        info->text = why_not_written(client, x);
    else if (x->bad_header.ptr)
        info->text = why_no_header(client, x);
    else if (err == WEFT_ECLOSED)
        info->text = weft_arena_printf(x->side, "%s: the client was freed",
                                       client->address);
    else if (x->cause)
        info->text = why_broken(client, x);
    else if (err != WEFT_ETHROWN)
        info->text = why_else(client, x, err);
}
