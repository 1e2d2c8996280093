/* SPDX-License-Identifier: MIT */
/* Replaces http.c, lines.c, head.c and body.c in builds without llhttp. */
#include "codec/http/http.h"

#if !WF_HTTP

struct wf_http *
wf_http_new(bool of_requests, const struct weft_limits *limits)
{
    (void)of_requests;
    (void)limits;
    return NULL;
}

void
wf_http_free(struct wf_http *http)
{
    (void)http;
}

void
wf_http_serve_paths(struct wf_http *http, const char *const *paths, uint32_t n)
{
    (void)http;
    (void)paths;
    (void)n;
}

weft_err
wf_http_read(struct wf_http *http, struct weft_chain *in,
             struct weft_chain *out, enum wf_http_event *event)
{
    (void)http;
    (void)in;
    (void)out;
    *event = WF_HTTP_MORE;
    return WEFT_EUNKNOWNPROTO;
}

weft_err
wf_http_end(struct wf_http *http, struct weft_chain *out,
            enum wf_http_event *event)
{
    *event = WF_HTTP_MORE;
    (void)http;
    (void)out;
    return WEFT_EUNKNOWNPROTO;
}

weft_err
wf_http_headers(struct wf_http *http, struct weft_arena *arena,
                struct weft_headers *headers)
{
    (void)http;
    (void)arena;
    (void)headers;
    return WEFT_EUNKNOWNPROTO;
}

uint32_t
wf_http_status(const struct wf_http *http)
{
    (void)http;
    return 0;
}

bool
wf_http_is_too_big(const struct wf_http *http)
{
    (void)http;
    return false;
}

bool
wf_http_is_partial(const struct wf_http *http)
{
    (void)http;
    return false;
}

bool
wf_http_is_last(const struct wf_http *http)
{
    (void)http;
    return true;
}

#endif
