/* SPDX-License-Identifier: MIT */
/* Makes a chain of the body of a message: views of large pieces, copies of
 * small pieces. */
#if WF_HTTP

#include "codec/http/reader.h"

#define GATHER 4096u /* smaller pieces of a body are gathered */
#define LITTLE 512u  /* first size of `small`; a slow peer sends few bytes */

void
wf_http_forget_body(struct wf_http *http)
{
    weft_chain_clear(&http->body);
    wf_sys_free(http->small);
    http->small = NULL;
}

/* Append the small pieces to the body. */
static weft_err
flush_small(struct wf_http *http)
{
    if (!http->small)
        return WEFT_OK;
    weft_err err = weft_chain_append_ref(
        &http->body, http->small, http->small_len, wf_sys_free, http->small);
    if (!err)
        http->small = NULL;
    return err;
}

/* Make room for one more byte in `small`. */
static weft_err
make_room(struct wf_http *http)
{
    if (http->small && http->small_len < http->small_size)
        return WEFT_OK;
    uint32_t size = http->small ? GATHER : LITTLE;
    uint8_t *more = wf_sys_malloc(size);
    if (!more)
        return -ENOMEM;
    if (http->small)
        memcpy(more, http->small, http->small_len);
    else
        http->small_len = 0;
    wf_sys_free(http->small);
    http->small = more;
    http->small_size = size;
    return WEFT_OK;
}

static weft_err
gather(struct wf_http *http, const char *at, size_t len)
{
    weft_err err = WEFT_OK;
    while (len > 0 && !err) {
        err = make_room(http);
        if (err)
            break;
        size_t n = WF_MIN(len, http->small_size - http->small_len);
        memcpy(http->small + http->small_len, at, n);
        http->small_len += (uint32_t)n;
        at += n;
        len -= n;
        if (http->small_len == GATHER)
            err = flush_small(http);
    }
    return err;
}

static size_t
body_len(const struct wf_http *http)
{
    return http->body.len + (http->small ? http->small_len : 0);
}

/* Refuse a body above the limit. On a server this error ends the input; a
 * client skips the body, because other responses follow. */
static weft_err
drop_body(struct wf_http *http)
{
    wf_http_forget_body(http);
    return http->of_requests ? WEFT_ETOOBIG : WEFT_OK;
}

/*
 * Add a piece to the body. A view of a piece costs a slice and keeps a whole
 * block in memory. So a piece is copied and gathered if the piece is small, or
 * shorter than the lines of HTTP before it. So a body never keeps much more
 * than twice its bytes in memory. A body that arrives in one piece is not
 * copied.
 */
static weft_err
add_body(struct wf_http *http, const char *at, size_t len)
{
    bool is_all =
        http->part == FIXED && body_len(http) == 0 && http->left == len;
    size_t idle = http->idle;
    http->idle = 0;
    if (body_len(http) + len > http->limits->message_size)
        http->is_too_big = true;
    if (http->is_too_big)
        return drop_body(http);
    if (!is_all && (len < GATHER || idle > len))
        return gather(http, at, len);
    weft_err err = flush_small(http);
    if (err)
        return err;
    return weft_chain_share(http->in, (size_t)(at - http->run), len,
                            &http->body);
}

int
wf_http_on_body(llhttp_t *parser, const char *at, size_t len)
{
    struct wf_http *http = parser->data;
    weft_err err = add_body(http, at, len);
    if (err)
        return wf_http_fail(http, err);
    if (http->part == REST)
        return 0;
    WF_DCHECK(len <= http->left);
    http->left -= len;
    if (http->part == DATA && http->left == 0)
        wf_http_move(http, DATA_END);
    return 0;
}

int
wf_http_on_size_end(llhttp_t *parser)
{
    struct wf_http *http = parser->data;
    http->left = parser->content_length;
    WF_DCHECK(body_len(http) <= http->limits->message_size);
    if (http->left > http->limits->message_size - body_len(http)) {
        http->is_too_big = true;
        if (drop_body(http))
            return wf_http_fail(http, WEFT_ETOOBIG);
    }
    wf_http_move(http, http->left > 0 ? DATA : TRAILER);
    return 0;
}

weft_err
wf_http_give_body(struct wf_http *http, struct weft_chain *out)
{
    uint8_t length[4];
    weft_err err = flush_small(http);
    if (err)
        return err;
    WF_DCHECK(http->body.len <= http->limits->message_size);
    if (http->body.len == 0)
        return http->of_requests ? WEFT_EPROTOCOL : WEFT_OK;
    weft_store_be32(length, (uint32_t)http->body.len);
    err = weft_chain_append(out, length, sizeof length);
    if (!err)
        weft_chain_splice(&http->body, out);
    return err;
}

#endif
