/* SPDX-License-Identifier: MIT */
/* Writes requests of any kind, for a client of HTTP. Source: RFC 9110, RFC
 * 9112. */
#include "codec/http/chars.h"
#include "codec/http/http.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool
wf_http_is_reserved(struct weft_str key)
{
    static const char *const free_names[] = {"accept", "content-type"};
    for (size_t i = 0; i < sizeof free_names / sizeof *free_names; i++)
        if (wf_http_is_word(key, free_names[i]))
            return false;
    return wf_http_owns(key);
}

/* CONNECT is refused: its response makes the connection a tunnel. */
static bool
is_method(const char *text)
{
    const char *at = text;
    while (wf_http_is_token(*at))
        at++;
    return at > text && !*at && strcmp(text, "CONNECT") != 0;
}

static weft_err
append(struct weft_chain *out, struct weft_str s)
{
    return weft_chain_append(out, s.ptr, s.len);
}

static weft_err
append_line(struct weft_chain *out, struct weft_str a, const char *between,
            struct weft_str b)
{
    weft_err err = append(out, a);
    if (!err)
        err = append(out, weft_str_of(between));
    if (!err)
        err = append(out, b);
    return err ? err : append(out, WEFT_STR("\r\n"));
}

static weft_err
append_headers(struct weft_chain *out, const struct weft_headers *headers,
               uint32_t *refused)
{
    weft_err err = WEFT_OK;
    for (uint32_t i = 0; i < headers->len && !err; i++) {
        const struct weft_header *h = &headers->items[i];
        err = wf_http_is_reserved(h->key) ? WEFT_EHEADER : wf_http_check(h);
        *refused = i;
        if (!err)
            err = append_line(out, h->key, ": ", h->value);
    }
    return err;
}

weft_err
wf_http_write_request(const struct wf_http_request *request,
                      struct weft_chain *out, uint32_t *refused)
{
    char length[32];
    if (!is_method(request->method) || !wf_http_path_is_valid(request->path))
        return -EINVAL;
    weft_err err = append(out, weft_str_of(request->method));
    if (!err)
        err = append_line(out, WEFT_STR(" "), request->path,
                          WEFT_STR(" HTTP/1.1"));
    if (!err)
        err = append_line(out, WEFT_STR("Host"), ": ",
                          weft_str_of(request->host));
    (void)snprintf(length, sizeof length, "%u", (unsigned)request->body.len);
    if (!err && request->has_body)
        err = append_line(out, WEFT_STR("Content-Length"), ": ",
                          weft_str_of(length));
    if (!err)
        err = append_headers(out, request->headers, refused);
    if (!err)
        err = append(out, WEFT_STR("\r\n"));
    return err ? err : append(out, request->body);
}
