/* SPDX-License-Identifier: MIT */
#include "rpc/stream.h"

#include <errno.h>

#define INFLATE_MAX ((size_t)256 << 10) /* bytes between two looks at them */

static weft_err
make_parts(struct wf_stream *stream, bool of_requests,
           const struct weft_limits *limits)
{
    if (stream->kind == WF_FRAMING_HTTP) {
        stream->http = wf_http_new(of_requests, limits);
        return stream->http ? WEFT_OK : -ENOMEM;
    }
    weft_err err = wf_inflater_new(&stream->inflater);
    return err ? err : wf_deflater_new(&stream->deflater);
}

weft_err
wf_stream_new(uint8_t kind, bool of_requests, const struct weft_limits *limits,
              struct wf_stream **out)
{
    if (kind == WF_FRAMING_ZLIB ? !WF_ZLIB : !WF_HTTP)
        return WEFT_EUNKNOWNPROTO;
    struct wf_stream *stream = wf_sys_zalloc(sizeof *stream);
    if (!stream)
        return -ENOMEM;
    stream->kind = kind;
    weft_err err = make_parts(stream, of_requests, limits);
    if (err)
        wf_stream_free(stream);
    else
        *out = stream;
    return err;
}

void
wf_stream_free(struct wf_stream *stream)
{
    if (!stream)
        return;
    weft_chain_clear(&stream->raw);
    wf_inflater_free(stream->inflater);
    wf_deflater_free(stream->deflater);
    wf_http_free(stream->http);
    wf_sys_free(stream);
}

static weft_err
send_continue(struct wf_sock *s)
{
    struct weft_chain bytes = {0};
    struct weft_str text = weft_str_of(wf_http_continue);
    weft_err err = weft_chain_append(&bytes, text.ptr, text.len);
    return err ? err : wf_sock_write(s, &bytes, WF_WRITE_NOW);
}

static weft_err
unpack_http(struct wf_stream *stream, struct wf_sock *s, struct weft_chain *in,
            bool *progress)
{
    enum wf_http_event event;
    weft_err err = wf_http_read(stream->http, &stream->raw, in, &event);
    while (!err && event == WF_HTTP_CONTINUE) {
        err = send_continue(s);
        if (!err)
            err = wf_http_read(stream->http, &stream->raw, in, &event);
    }
    *progress = event == WF_HTTP_MESSAGE; /* which may be empty */
    return err;
}

weft_err
wf_stream_unpack(struct wf_stream *stream, struct wf_sock *s,
                 struct weft_chain *in, bool *progress)
{
    if (stream->kind == WF_FRAMING_HTTP)
        return unpack_http(stream, s, in, progress);
    size_t before = in->len;
    weft_err err = wf_inflate(stream->inflater, &stream->raw, in, INFLATE_MAX);
    *progress = in->len > before;
    return err;
}

weft_err
wf_stream_send(struct wf_stream *stream, struct wf_sock *s,
               struct weft_chain *bytes, unsigned flags)
{
    if (WEFT_LIKELY(!stream) || !stream->deflater)
        return wf_sock_write(s, bytes, flags);
    struct weft_chain packed = {0};
    /* Of a cancelled fiber, too, the reply is whole and in its place. */
    while (weft_mutex_lock(&stream->sending))
        weft_fiber_yield();
    weft_err err = wf_deflate(stream->deflater, bytes, &packed);
    if (!err)
        err = wf_sock_write(s, &packed, flags);
    weft_mutex_unlock(&stream->sending);
    weft_chain_clear(bytes);
    weft_chain_clear(&packed);
    return err;
}
