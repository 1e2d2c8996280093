/* SPDX-License-Identifier: MIT */
/*
 * Reads HTTP. This file cuts the bytes into parts, and llhttp parses them.
 * llhttp calls head.c with what it finds in a head, and body.c with the bytes
 * of a body.
 *
 * llhttp gets the bytes part by part: a head, a chunk's size, its data, and so
 * on. A part that consists of lines is cut by lines.c, where every line must
 * end in CR LF. llhttp must find the end of the part at the same byte
 * (`moved`), otherwise the message could be read in two ways. Source: RFC 9110,
 * RFC 9112.
 */
#if WF_HTTP

#include "codec/http/reader.h"

/* ---- from one part to the next ---- */

/* Prepare to read a head. */
static void
begin(struct wf_http *http)
{
    wf_http_forget_head(http);
    http->is_whole = http->expects = http->waits = false;
    http->has_length = http->has_host = false;
    http->closes = http->keeps = false;
    http->url_len = 0;
    http->idle = 0;
    wf_http_move(http, HEAD);
}

/* True if this is the last message of the connection (RFC 9112, 9.3). llhttp
 * also obeys the header Proxy-Connection. So this function sets the flags of
 * llhttp again, by the header Connection alone. */
static bool
find_last(struct wf_http *http)
{
    llhttp_t *parser = &http->parser;
    parser->flags &= (uint16_t) ~(F_CONNECTION_CLOSE | F_CONNECTION_KEEP_ALIVE);
    if (http->closes)
        parser->flags |= F_CONNECTION_CLOSE;
    else if (http->keeps)
        parser->flags |= F_CONNECTION_KEEP_ALIVE;
    return !llhttp_should_keep_alive(parser);
}

static int
head_ends(llhttp_t *parser)
{
    struct wf_http *http = parser->data;
    bool chunked = parser->flags & F_CHUNKED;
    weft_err err = wf_http_check_head(http);
    if (err)
        return wf_http_fail(http, err);
    parser->upgrade = 0; /* upgrades are ignored (RFC 9110, 7.8) */
    http->is_last = find_last(http);
    http->left = parser->content_length;
    http->idle = 0;
    bool has_body = chunked || http->left > 0;
    bool is_bare = parser->status_code == 204 || parser->status_code == 304;
    if (!http->has_length && !http->of_requests && !is_bare)
        wf_http_move(http, REST);
    else
        wf_http_move(http, chunked ? SIZE : FIXED);
    http->waits = http->expects && http->of_requests && has_body &&
                  parser->http_minor > 0;
    return http->waits ? HPE_PAUSED : 0;
}

/* llhttp also calls this function for the last chunk, which has no data. */
static int
chunk_ends(llhttp_t *parser)
{
    struct wf_http *http = parser->data;
    if (http->part == DATA_END)
        wf_http_move(http, SIZE);
    return 0;
}

/* llhttp also calls this function for "100 Continue", which is not the response
 * to a request. */
static int
message_ends(llhttp_t *parser)
{
    struct wf_http *http = parser->data;
    http->is_whole = http->of_requests || parser->status_code / 100 != 1;
    wf_http_move(http, HEAD);
    return HPE_PAUSED; /* the next bytes are another head */
}

static const llhttp_settings_t settings = {
    .on_url = wf_http_on_url,
    .on_url_complete = wf_http_on_url_end,
    .on_header_field = wf_http_on_key,
    .on_header_value = wf_http_on_value,
    .on_header_field_complete = wf_http_on_key_end,
    .on_header_value_complete = wf_http_on_value_end,
    .on_headers_complete = head_ends,
    .on_body = wf_http_on_body,
    .on_chunk_header = wf_http_on_size_end,
    .on_chunk_complete = chunk_ends,
    .on_message_complete = message_ends,
};

/* ---- life ---- */

struct wf_http *
wf_http_new(bool of_requests, const struct weft_limits *limits)
{
    struct wf_http *http = wf_sys_zalloc(sizeof *http);
    if (!http)
        return NULL;
    llhttp_init(&http->parser, of_requests ? HTTP_REQUEST : HTTP_RESPONSE,
                &settings);
    http->parser.data = http;
    http->limits = limits;
    http->of_requests = of_requests;
    return http;
}

void
wf_http_free(struct wf_http *http)
{
    if (!http)
        return;
    wf_http_forget_head(http);
    wf_http_forget_body(http);
    wf_sys_free(http);
}

void
wf_http_serve_paths(struct wf_http *http, const char *const *paths, uint32_t n)
{
    http->paths = paths;
    http->n_paths = n;
}

/* ---- reading ---- */

static bool
has_lines(uint8_t part)
{
    return part != FIXED && part != REST && part != DATA;
}

static weft_err
error_of(const struct wf_http *http, llhttp_errno_t e)
{
    if (http->err)
        return http->err;
    if (e == HPE_OK || e == HPE_PAUSED)
        return WEFT_OK;
    bool is_known = http->parser.http_major == 1 && http->parser.http_minor < 2;
    return e == HPE_INVALID_VERSION && !is_known ? WEFT_EVERSION
                                                 : WEFT_EPROTOCOL;
}

/* Give bytes to llhttp. */
static weft_err
show(struct wf_http *http, const char *at, size_t len)
{
    http->run = at;
    llhttp_errno_t e = llhttp_execute(&http->parser, at, len);
    weft_err err = error_of(http, e);
    if (!err && e == HPE_PAUSED &&
        llhttp_get_error_pos(&http->parser) != at + len)
        err = WEFT_EPROTOCOL;
    return err;
}

/* Parse the bytes of the current part in the first slice; *taken receives the
 * number of these bytes. */
static weft_err
parse(struct wf_http *http, const struct weft_chain *in, size_t *taken)
{
    const char *run = (const char *)in->head->ptr;
    size_t len = in->head->len;
    bool lines = has_lines(http->part);
    struct wf_http_pass pass = {.view = WF_HTTP_SHOWN};
    weft_err err = WEFT_OK;
    if (lines)
        err = wf_http_pass_lines(http, run, len, &pass);
    else
        pass.taken = http->part == REST ? len : (size_t)WF_MIN(http->left, len);
    *taken = pass.taken;
    if (err)
        return err;
    WF_DCHECK(*taken > 0 && *taken <= len);
    http->in = in;
    http->moved = false;
    http->is_tab = pass.view == WF_HTTP_AS_SPACE;
    if (pass.view == WF_HTTP_SHOWN)
        err = show(http, run, *taken);
    for (size_t i = 0; i < *taken && !err && http->is_tab; i++)
        err = show(http, " ", 1);
    if (err)
        return err;
    return lines && pass.ends != http->moved ? WEFT_EPROTOCOL : WEFT_OK;
}

/* Find out why llhttp has paused: after a message, or before a body that the
 * peer sends after "100 Continue". Returns WF_HTTP_MORE if the message was only
 * an interim response. */
static enum wf_http_event
take_pause(struct wf_http *http, struct weft_chain *out)
{
    llhttp_resume(&http->parser);
    if (http->waits) {
        http->waits = false;
        return WF_HTTP_CONTINUE;
    }
    if (!http->is_whole) {
        begin(http);
        return WF_HTTP_MORE;
    }
    http->err = wf_http_give_body(http, out);
    return WF_HTTP_MESSAGE;
}

weft_err
wf_http_read(struct wf_http *http, struct weft_chain *in,
             struct weft_chain *out, enum wf_http_event *event)
{
    *event = WF_HTTP_MORE;
    if (http->is_whole && in->len > 0)
        begin(http);
    while (in->len > 0 && !http->err && *event == WF_HTTP_MORE) {
        size_t taken;
        http->err = parse(http, in, &taken);
        if (http->err)
            break;
        weft_chain_drop(in, taken);
        if (llhttp_get_errno(&http->parser) == HPE_PAUSED)
            *event = take_pause(http, out);
    }
    return http->err;
}

weft_err
wf_http_end(struct wf_http *http, struct weft_chain *out,
            enum wf_http_event *event)
{
    *event = WF_HTTP_MORE;
    if (http->err)
        return http->err;
    if (http->part == HEAD && http->part_len == 0)
        return WEFT_OK;
    if (http->part != REST)
        return WEFT_EEOF;
    http->is_whole = true;
    *event = WF_HTTP_MESSAGE;
    wf_http_move(http, HEAD);
    return http->err = wf_http_give_body(http, out);
}

bool
wf_http_is_partial(const struct wf_http *http)
{
    return http->part != HEAD || http->part_len > 0;
}

uint32_t
wf_http_status(const struct wf_http *http)
{
    return http->parser.status_code;
}

bool
wf_http_is_too_big(const struct wf_http *http)
{
    return http->is_too_big;
}

bool
wf_http_is_last(const struct wf_http *http)
{
    return http->is_last;
}

#endif
