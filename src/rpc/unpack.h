/* SPDX-License-Identifier: MIT */
/*
 * What lies between the bytes of a connection and its messages, where these are
 * not simply behind each other: one zlib stream in each direction, or HTTP.
 * Made when the first bytes tell; most connections have none.
 */
#ifndef WEFT_RPC_STREAM_H
#define WEFT_RPC_STREAM_H

#include "rpc/rpc.h"

struct wf_unpacker {
    uint8_t kind;          /* WF_CUT_ZLIB or WF_CUT_HTTP */
    struct weft_chain raw; /* as read from the socket; the reader's */
    struct wf_inflater *inflater;
    struct wf_http *http;
    struct weft_mutex sending; /* of the deflater, until the bytes are queued */
    struct wf_deflater *deflater;
};

/* of_requests: HTTP of a server. limits outlives it. -ENOMEM;
 * WEFT_EUNKNOWNPROTO: not built in. */
weft_err wf_unpacker_new(uint8_t kind, bool of_requests,
                         const struct weft_limits *limits,
                         struct wf_unpacker **unpacker) WEFT_CHECKED;
void wf_unpacker_free(struct wf_unpacker *unpacker);

/*
 * Unpack some of raw to the end of `in`: of HTTP one body, of zlib a bounded
 * part. *progress: it is worth to cut, and then to come again. s: to be told
 * that it may continue, by HTTP. Errors: those of wf_http_read and wf_inflate.
 */
weft_err wf_unpacker_read(struct wf_unpacker *unpacker, struct wf_sock *s,
                          struct weft_chain *in, bool *progress) WEFT_CHECKED;

/* As wf_sock_write, packed if the stream does; NULL does not. May wait for
 * others that pack. */
weft_err wf_unpacker_send(struct wf_unpacker *unpacker, struct wf_sock *s,
                          struct weft_chain *bytes, unsigned flags)
    WEFT_CHECKED;

#endif
