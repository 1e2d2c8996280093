/* SPDX-License-Identifier: MIT */
#include "rpc/client_call.h"

#include "rpc/headers.h"

#include <string.h>

/* ---- the request ---- */

/* Returns the first of these that is not NULL: the service of the call; the
 * service of the method, if the client is multiplexed; the service of the
 * client. Otherwise returns NULL. */
static const char *
service_of(const struct wf_client_call *x)
{
    if (x->call && x->call->service)
        return x->call->service;
    if (x->options->multiplexed && x->method->service)
        return x->method->service;
    return x->options->service;
}

/* True if the header came with the call whose handler makes this call. */
static bool
is_forwarded(const struct wf_client_call *x, const struct weft_header *h)
{
    for (uint32_t i = 0; x->came && i < x->came->len; i++)
        if (x->came->items[i].key.ptr == h->key.ptr)
            return true;
    return false;
}

/* Add the headers that the user gave to the call. A handler may forward all
 * headers of its caller. Of the forwarded headers, those that HTTP itself
 * writes are left out, because their values describe another connection, or are
 * an attack. */
static weft_err
put_own(const struct wf_client_call *x, struct wf_sent_headers *headers)
{
    const struct weft_headers *own = x->call ? x->call->headers : NULL;
    const struct weft_dialect *d = &x->options->dialect;
    weft_err err = WEFT_OK;
    for (uint32_t i = 0; own && i < own->len && !err; i++) {
        const struct weft_header *h = &own->items[i];
        if (d->framing == WEFT_HTTP && wf_http_owns(h->key) &&
            is_forwarded(x, h))
            continue;
        err = wf_header_put(d, x->side, headers, h->key, h->value);
    }
    return err;
}

/* Add the header with the time limit, in milliseconds and rounded up, so that
 * the server does not give up before the caller does. */
static weft_err
put_timeout(const struct wf_client_call *x, struct wf_sent_headers *headers)
{
    const struct weft_dialect *d = &x->options->dialect;
    uint64_t now = wf_sys_now_ns();
    if (x->until_ns == WEFT_NEVER || x->until_ns <= now)
        return WEFT_OK;
    uint64_t ms = (x->until_ns - now + 999999u) / 1000000u;
    return wf_header_put_number(d, x->side, headers,
                                wf_is_ttheader(d) ? WF_TT_TIMEOUT : WF_TIMEOUT,
                                (int64_t)ms);
}

/* Add the header that says how often the request was sent before, unless it was
 * not, or the user has added the header. */
static weft_err
put_retry(const struct wf_client_call *x, struct wf_sent_headers *headers)
{
    uint32_t n_sent = x->call ? x->call->sent_before : 0;
    if (x->attempt)
        n_sent = x->attempt->n_sent;
    if (n_sent == 0 || wf_header_get(&headers->list, WEFT_STR(WF_RETRY)).ptr)
        return WEFT_OK;
    return wf_header_put_number(&x->options->dialect, x->side, headers,
                                WF_RETRY, n_sent);
}

static weft_err
put_host(const struct wf_client_call *x, struct weft_headers *headers)
{
    struct weft_header *h = weft_push(x->side, headers, sizeof *h);
    if (!h)
        return WEFT_EBUDGET;
    *h = (struct weft_header){WEFT_STR("Host"), weft_str_of(x->host)};
    return wf_http_check(h);
}

/* Add all headers to the request, if the dialect has headers. */
static weft_err
put_all(const struct wf_client_call *x, struct wf_sent_headers *headers)
{
    const struct weft_dialect *d = &x->options->dialect;
    weft_err err = put_own(x, headers);
    if (!err && wf_has_headers(d))
        err = put_retry(x, headers); /* in front of an inherited one */
    if (!err && wf_has_headers(d) && x->came)
        err = wf_header_inherit(d, x->side, x->came, headers);
    if (err || !wf_has_headers(d))
        return err;
    const char *service = wf_is_ttheader(d) ? service_of(x) : NULL;
    if (!err && service)
        err = wf_header_put(d, x->side, headers, WEFT_STR(WF_SERVICE),
                            weft_str_of(service));
    return err ? err : put_timeout(x, headers);
}

static size_t
path_len(const struct wf_client_call *x)
{
    return x->options->path ? strlen(x->options->path) : 1;
}

static weft_err
put_headers(struct wf_client_call *x, struct weft_headers *list)
{
    const struct weft_dialect *d = &x->options->dialect;
    struct wf_sent_headers headers = {0};
    weft_err err = WEFT_OK;
    if (d->framing == WEFT_HTTP && !(err = put_host(x, &headers.list)))
        headers.bytes = path_len(x) + wf_header_size(d, headers.list.items);
    if (!err)
        err = put_all(x, &headers);
    if (err == WEFT_EHEADER) {
        x->bad_header = headers.refused;
        x->is_full = headers.is_full;
    }
    *list = headers.list;
    return err;
}

static struct weft_str
name_of(const struct wf_client_call *x)
{
    const char *service = service_of(x);
    struct weft_str name = {x->method->name, x->method->name_len};
    if (!service || wf_is_ttheader(&x->options->dialect))
        return name;
    return weft_arena_printf(x->side, "%s:%.*s", service, (int)name.len,
                             name.ptr);
}

/* Put the frame into the body of an HTTP request. */
static weft_err
wrap_in_http(const struct wf_client_call *x, struct weft_chain *request)
{
    struct weft_chain body = *request;
    struct wf_frame frame = {.dialect.framing = WEFT_HTTP,
                             .flags = WF_HTTP_REQUEST,
                             .path = x->options->path};
    *request = (struct weft_chain){0};
    weft_err err = put_host(x, &frame.headers);
    if (!err)
        err = wf_http_close(&frame, &body, request);
    weft_chain_clear(&body);
    return err;
}

weft_err
wf_client_call_send(struct wf_client_call *x, uint32_t seq)
{
    struct weft_chain request = {0};
    bool is_http = x->options->dialect.framing == WEFT_HTTP;
    struct wf_frame frame = {
        .dialect = x->options->dialect,
        .flags = is_http ? WF_HTTP_REQUEST : 0,
        .seqid = (int32_t)seq,
        .path = x->options->path,
    };
    struct wf_envelope e = {
        .frame = &frame,
        .head = {name_of(x), (int32_t)seq,
                 x->method->oneway ? WEFT_ONEWAY : WEFT_CALL},
        .desc = x->method->args,
        .record = x->args,
        .refused = &x->refused,
    };
    x->seqid = (int32_t)seq;
    weft_err err = e.head.name.ptr ? WEFT_OK : WEFT_EBUDGET;
    if (!err)
        err = put_headers(x, &frame.headers);
    if (!err)
        err = wf_envelope_write(&e, &request);
    if (!err && x->options->dialect.around == WEFT_IN_HTTP)
        err = wrap_in_http(x, &request);
    if (!err)
        err = wf_client_conn_send(x->conn, &request, seq, x->method->oneway);
    weft_chain_clear(&request);
    return err;
}

/* ---- the reply ---- */

static void
free_chain(void *chain)
{
    weft_chain_clear(chain);
}

/* Let the arena own the blocks of a reply, to which strings of the result
 * point. */
static weft_err
keep_reply(struct weft_arena *arena, struct weft_chain *reply,
           struct weft_chain **kept)
{
    *kept = weft_arena_alloc(arena, sizeof **kept);
    if (!*kept)
        return WEFT_EBUDGET;
    **kept = *reply;
    weft_err err = weft_arena_defer(arena, free_chain, *kept);
    if (!err)
        *reply = (struct weft_chain){0};
    return err;
}

/* Find the error in the text of an exception: a weft server begins the text
 * with the error's name. */
static weft_err
error_in(struct weft_str text)
{
    static const struct {
        const char *name;
        weft_err err;
    } rows[] = {
#define WEFT_ERROR(name, number, retryable, thrift, text) \
    {"WEFT_" #name ":", number},
#include <weft/err.def>
#undef WEFT_ERROR
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t len = strlen(rows[i].name);
        if (text.len >= len && memcmp(text.ptr, rows[i].name, len) == 0)
            return rows[i].err;
    }
    return WEFT_OK;
}

static weft_err
error_of(int32_t type, struct weft_str text)
{
    static const weft_err by_type[] = {
        WEFT_EAPP,       WEFT_ENOMETHOD,     WEFT_EMSGTYPE,     WEFT_ENAME,
        WEFT_EAPP,       WEFT_EMISSING,      WEFT_EHANDLER,     WEFT_EPROTOCOL,
        WEFT_ETRANSFORM, WEFT_EUNKNOWNPROTO, WEFT_EUNKNOWNPROTO};
    weft_err err = error_in(text);
    if (!err && type == 20) /* Kitex: unknown service */
        err = WEFT_ENOSERVICE;
    if (!err)
        err = type >= 0 && type <= 10 ? by_type[type] : WEFT_EAPP;
    return err - WEFT_PEER;
}

static weft_err
read_exception(enum weft_protocol protocol, struct weft_reader *r,
               struct weft_call_info *info)
{
    struct wf_app_exception x = {.type = 0};
    weft_err err = weft_struct_read(&wf_app_exception_desc, protocol, r, &x);
    if (err)
        return err;
    info->text = x.text;
    info->app_type = x.type;
    return error_of(x.type, x.text);
}

static weft_err
read_result(const struct wf_client_call *x, enum weft_protocol protocol,
            struct weft_reader *r)
{
    const struct weft_struct *desc = x->method->result;
    desc->init(x->result);
    weft_err err = wf_envelope_read(desc, protocol, r, x->result);
    if (err)
        return err;
    int32_t which = ((const struct weft_result *)x->result)->which;
    if (which == WEFT_RESULT_NONE)
        return WEFT_EMISSING;
    return which == 0 ? WEFT_OK : WEFT_ETHROWN;
}

/* Read a business status from the headers. Returns 0 if there is no status. */
static weft_err
read_business(struct weft_call_info *info)
{
    int64_t status;
    struct weft_str text = wf_header_get(&info->headers, WEFT_STR(WF_BUSINESS));
    if (!text.ptr || !wf_header_number(text, INT32_MIN, INT32_MAX, &status) ||
        status == 0)
        return WEFT_OK;
    info->business = (int32_t)status;
    text = wf_header_get(&info->headers, WEFT_STR(WF_BUSINESS_TEXT));
    if (text.ptr) /* without a text, info keeps the exception's text */
        info->text = text;
    return WEFT_EBUSINESS - WEFT_PEER;
}

static weft_err
read_message(const struct wf_client_call *x, enum weft_protocol protocol,
             struct weft_reader *r, struct weft_call_info *info)
{
    struct weft_message head;
    struct weft_str name = {x->method->name, x->method->name_len};
    weft_err err =
        wf_message_read(protocol, r, x->options->limits.name_size, &head);
    if (err)
        return err;
    if (head.type == WEFT_EXCEPTION) {
        err = read_exception(protocol, r, info);
        weft_err business = read_business(info);
        return business ? business : err;
    }
    if (head.type != WEFT_REPLY)
        return WEFT_EMSGTYPE;
    if (!weft_str_eq(head.name, name))
        return WEFT_ENAME;
    /* the frame and the message have different sequence ids */
    if (head.seqid != x->seqid)
        return WEFT_ESEQID;
    err = read_business(info);
    return err ? err : read_result(x, protocol, r);
}

weft_err
wf_client_call_read(struct wf_client_call *x)
{
    struct wf_pending_call *reply = &x->waiting;
    struct weft_call_info *info = x->info;
    struct weft_chain *kept;
    struct weft_reader r;
    struct wf_frame frame;
    if (reply->status != 0 && reply->status != 200) {
        info->headers = reply->headers;
        return wf_client_read_status(x->arena, reply->status, &reply->reply,
                                     info);
    }
    weft_err err = keep_reply(x->arena, &reply->reply, &kept);
    if (!err)
        err = wf_envelope_open(&x->conn->cutter, kept, x->arena, &frame);
    if (err)
        return err;
    bool is_http = x->options->dialect.framing == WEFT_HTTP;
    info->headers = is_http ? reply->headers : frame.headers;
    weft_reader_init(&r, kept, x->arena, x->options->limits.depth);
    return read_message(x, frame.dialect.protocol, &r, info);
}
