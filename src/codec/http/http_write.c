/* SPDX-License-Identifier: MIT */
/* Writes HTTP: requests, responses, and refusals. */
#include "codec/codec.h"
#include "codec/http/chars.h"
#include "codec/http/http.h"

#include <stdio.h>
#include <string.h>

const char wf_http_continue[] = "HTTP/1.1 100 Continue\r\n\r\n";

static bool
is_token(struct weft_str s)
{
    for (uint32_t i = 0; i < s.len; i++)
        if (!wf_http_is_token(s.ptr[i]))
            return false;
    return s.len > 0;
}

bool
wf_http_owns(struct weft_str key)
{
    static const char *const names[] = {
        "accept",           "connection", "content-length", "content-type",
        "expect",           "host",       "http2-settings", "keep-alive",
        "proxy-connection", "te",         "trailer",        "transfer-encoding",
        "upgrade",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (wf_http_is_word(key, names[i]))
            return true;
    return false;
}

weft_err
wf_http_check(const struct weft_header *h)
{
    return is_token(h->key) && wf_http_is_value(h->value) ? WEFT_OK
                                                          : WEFT_EHEADER;
}

static weft_err
append(struct weft_chain *out, struct weft_str s)
{
    return weft_chain_append(out, s.ptr, s.len);
}

static weft_err
append_header(struct weft_chain *out, const struct weft_header *h)
{
    weft_err err = append(out, h->key);
    if (!err)
        err = append(out, WEFT_STR(": "));
    if (!err)
        err = append(out, h->value);
    return err ? err : append(out, WEFT_STR("\r\n"));
}

/* Refuse a head that is too large. A peer that receives such a head closes the
 * connection, and all calls on the connection fail. */
static weft_err
check_headers(const struct weft_headers *headers, size_t len)
{
    if (headers->len > WF_HTTP_HEADERS - WF_HTTP_OWN_HEADERS)
        return WEFT_EHEADER;
    len += strlen("\r\n");
    for (uint32_t i = 0; i < headers->len; i++) {
        const struct weft_header *h = &headers->items[i];
        weft_err err = wf_http_check(h);
        if (err)
            return err;
        len += (size_t)h->key.len + h->value.len + strlen(": \r\n");
    }
    return len > WEFT_HEADER_SIZE ? WEFT_EHEADER : WEFT_OK;
}

weft_err
wf_http_close(const struct wf_frame *frame, struct weft_chain *message,
              struct weft_chain *out)
{
    char text[WF_HTTP_REST - 16];
    bool request = frame->flags & WF_HTTP_REQUEST;
    struct weft_str path = weft_str_of(frame->path ? frame->path : "/");
    int len = snprintf(
        text, sizeof text,
        "%s\r\nContent-Type: application/x-thrift\r\nContent-Length: %zu\r\n%s",
        request ? " HTTP/1.1\r\nAccept: application/x-thrift"
                : "HTTP/1.1 200 OK",
        message->len,
        frame->flags & WF_HTTP_LAST ? "Connection: close\r\n" : "");
    size_t before = request ? strlen("POST ") + path.len : 0;
    weft_err err = check_headers(&frame->headers, (size_t)len + before);
    if (!err && request)
        err = append(out, WEFT_STR("POST "));
    if (!err && request)
        err = append(out, path);
    if (!err)
        err = weft_chain_append(out, text, (size_t)len);
    for (uint32_t i = 0; i < frame->headers.len && !err; i++)
        err = append_header(out, &frame->headers.items[i]);
    if (!err)
        err = append(out, WEFT_STR("\r\n"));
    if (err)
        weft_chain_clear(message);
    else
        weft_chain_splice(message, out);
    return err;
}

weft_err
wf_http_refuse(weft_err why, struct weft_chain *out)
{
    static const struct {
        weft_err why;
        const char *status;
        const char *text; /* NULL: send the text of the error */
    } rows[] = {
        {WEFT_ETOOBIG, "413 Content Too Large", NULL},
        {WEFT_EHEADER, "431 Request Header Fields Too Large", NULL},
        {WEFT_ESIZE, "414 URI Too Long", NULL},
        {WEFT_ENOSERVICE, "404 Not Found", "nothing is served at this path"},
        {WEFT_EMSGTYPE, "405 Method Not Allowed\r\nAllow: POST", NULL},
        {WEFT_ETRANSFORM, "501 Not Implemented", NULL},
        {WEFT_EVERSION, "505 HTTP Version Not Supported", NULL},
        {WEFT_EOVERLOAD, "503 Service Unavailable", NULL},
        {WEFT_ESTOPPING, "503 Service Unavailable", NULL},
        {WEFT_ETOOMANYCONNS, "503 Service Unavailable", NULL},
        {0, "400 Bad Request", NULL},
    };
    size_t i = 0;
    while (rows[i].why && rows[i].why != why)
        i++;
    const char *why_text = rows[i].text ? rows[i].text : weft_err_text(why);
    char text[512];
    int len = snprintf(text, sizeof text,
                       "HTTP/1.1 %s\r\nContent-Type: text/plain\r\n"
                       "Content-Length: %zu\r\nConnection: close\r\n\r\n%s\n",
                       rows[i].status, strlen(why_text) + 1, why_text);
    return weft_chain_append(out, text, (size_t)len);
}
