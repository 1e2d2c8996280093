/* SPDX-License-Identifier: MIT */
/* The functions with which a handler reads its call, and adds headers and a
 * text to the reply. Also reads the headers of a request before the handler
 * runs. */
#include "rpc/call.h"
#include "rpc/headers.h"

#include <stdio.h>
#include <string.h>

#define TIMEOUT_MAX_MS ((int64_t)1 << 31)

/* ---- headers of a request ---- */

/* Rename the header RPC_TRANSIT_x, which is meant for this server, so that no
 * call forwards the header. */
static weft_err
rename_transit(struct weft_call *call, struct weft_header *h)
{
    size_t prefix = strlen(WEFT_TRANSIT), upstream = strlen(WEFT_UPSTREAM);
    if (h->key.len <= prefix || memcmp(h->key.ptr, WEFT_TRANSIT, prefix) != 0)
        return WEFT_OK;
    if (h->key.len >= upstream &&
        memcmp(h->key.ptr, WEFT_UPSTREAM, upstream) == 0)
        return WEFT_OK;
    h->key = weft_arena_printf(&call->arena, WEFT_UPSTREAM "%.*s",
                               (int)(h->key.len - prefix), h->key.ptr + prefix);
    return h->key.ptr ? WEFT_OK : WEFT_EBUDGET;
}

static weft_err
take_header(struct weft_call *call, struct weft_header *h)
{
    weft_err err = WEFT_OK;
    if (call->frame.dialect.framing == WEFT_HTTP)
        err = wf_header_from_http(&call->arena, h);
    return err ? err : rename_transit(call, h);
}

/* Set the deadline to the earlier of the caller's time limit and the server's
 * own. */
static void
take_deadline(struct weft_call *call, struct weft_str ms)
{
    int64_t number;
    uint32_t ours = call->server->options.call_timeout_ms;
    if (ours != WEFT_NONE)
        call->deadline_ns = wf_timeout_from_now(ours);
    if (ms.ptr && wf_header_number(ms, 1, TIMEOUT_MAX_MS, &number))
        call->deadline_ns = WF_MIN(call->deadline_ns, weft_after_ms(number));
}

weft_err
wf_call_take_headers(struct weft_call *call, struct weft_str *service)
{
    const struct weft_dialect *d = &call->frame.dialect;
    struct weft_headers *headers = &call->frame.headers;
    struct weft_str ms = {NULL, 0};
    weft_err err = WEFT_OK;
    if (headers->len > 0) {
        bool tt = wf_is_ttheader(d);
        const char *key = tt ? WF_TT_TIMEOUT : WF_TIMEOUT;
        ms = wf_header_get(headers, weft_str_of(key));
        if (tt && !service->ptr)
            *service = wf_header_get(headers, WEFT_STR(WF_SERVICE));
        for (uint32_t i = 0; i < headers->len && !err; i++)
            err = take_header(call, &headers->items[i]);
    }
    take_deadline(call, ms);
    return err;
}

/* ---- what a handler may ask and say ---- */

struct weft_arena *
weft_call_arena(struct weft_call *call)
{
    return &call->arena;
}

void *
weft_call_user(const struct weft_call *call)
{
    return call->route->user;
}

uint64_t
weft_call_deadline(const struct weft_call *call)
{
    return call->deadline_ns;
}

struct weft_str
weft_call_method(const struct weft_call *call)
{
    return call->head.name;
}

const struct weft_method *
weft_call_descriptor(const struct weft_call *call)
{
    return call->route->method;
}

int32_t
weft_call_seqid(const struct weft_call *call)
{
    return call->head.seqid;
}

struct weft_str
weft_call_peer(struct weft_call *call)
{
    char text[128];
    if (!call->conn || wf_sock_peer(call->conn->sock, text, sizeof text))
        return (struct weft_str){NULL, 0};
    return weft_arena_printf(&call->arena, "%s", text);
}

static void WEFT_PRINTF(2, 0)
    say_why(struct weft_call *call, const char *fmt, va_list args)
{
    char text[1024];
    int n = vsnprintf(text, sizeof text, fmt, args);
    if (n > 0)
        call->why = weft_arena_str(&call->arena, text,
                                   WF_MIN((size_t)n, sizeof text - 1));
}

weft_err
weft_call_fail(struct weft_call *call, weft_err err, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    say_why(call, fmt, args);
    va_end(args);
    return err;
}

struct weft_dialect
weft_call_dialect(const struct weft_call *call)
{
    struct weft_dialect d = call->frame.dialect;
    const struct wf_unpacker *unpacker =
        call->conn ? call->conn->unpacker : NULL;
    if (call->in_http)
        d.around = WEFT_IN_HTTP;
    if (!unpacker || unpacker->kind != WF_CUT_ZLIB)
        return d;
    /* In a dialect with headers, d.zlib says whether the message in a frame is
     * compressed. So d.around says that the frames lie in a zlib stream. */
    if (wf_has_headers(&d))
        d.around = WEFT_IN_ZLIB;
    else
        d.zlib = true;
    return d;
}

const struct weft_headers *
weft_call_headers(const struct weft_call *call)
{
    return &call->frame.headers;
}

struct weft_str
weft_call_header(const struct weft_call *call, struct weft_str key)
{
    return wf_header_get(&call->frame.headers, key);
}

weft_err
weft_call_set_header(struct weft_call *call, struct weft_str key,
                     struct weft_str value)
{
    struct wf_sent_headers before = call->reply_headers;
    weft_err err = wf_header_put(&call->frame.dialect, &call->arena,
                                 &call->reply_headers, key, value);
    if (err) /* checked before the copy: a refusal costs no memory */
        return err;
    struct weft_header *h = &call->reply_headers.list.items[before.list.len];
    h->key = weft_arena_str(&call->arena, key.ptr, key.len);
    h->value = weft_arena_str(&call->arena, value.ptr, value.len);
    if (h->key.ptr && h->value.ptr)
        return WEFT_OK;
    call->reply_headers.list.len = before.list.len;
    call->reply_headers.bytes = before.bytes;
    return WEFT_EBUDGET;
}

weft_err
weft_call_business(struct weft_call *call, int32_t status, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    say_why(call, fmt, args);
    va_end(args);
    call->business = status;
    return WEFT_EBUSINESS;
}

weft_err
wf_call_put_business(struct weft_call *call)
{
    const struct weft_dialect *d = &call->frame.dialect;
    struct wf_sent_headers *headers = &call->reply_headers;
    weft_err err = wf_header_put_number(d, &call->arena, headers, WF_BUSINESS,
                                        call->business);
    if (!err && call->why.ptr)
        err = wf_header_put(d, &call->arena, headers,
                            WEFT_STR(WF_BUSINESS_TEXT), call->why);
    return err;
}
