/* SPDX-License-Identifier: MIT */
/*
 * The layer between the bytes of a connection and its messages, if there is
 * one: a zlib stream in each direction, or HTTP. A server makes an unpacker
 * when the first bytes need one, a client when its dialect needs one.
 */
#ifndef WEFT_RPC_UNPACK_H
#define WEFT_RPC_UNPACK_H

#include "rpc/rpc.h"

struct wf_unpacker {
    uint8_t kind;          /* WF_CUT_ZLIB or WF_CUT_HTTP */
    struct weft_chain raw; /* bytes from the socket; used by the reader only */
    struct wf_inflater *inflater;
    /* For a zlib stream; used by the reader only. `packed`: how many compressed
     * bytes of the partial message were inflated. `step`: how many compressed
     * bytes were inflated in the last step. `has_more`: the last step
     * inflated as many bytes as a step may. */
    size_t packed, step;
    bool has_more;
    uint32_t ratio;
    struct weft_arena_pool *memory; /* the server's budget, or NULL */
    size_t charged;                 /* bytes taken from `memory` */
    struct wf_http *http;
    /* A sender holds this lock while it deflates and queues bytes. So bytes are
     * queued in the order in which they were deflated. */
    struct weft_mutex sending;
    struct wf_deflater *deflater;
};

/* `of_requests`: the input of HTTP has requests, not responses. The unpacker
 * keeps the pointers `limits` and `memory`. `memory`: NULL, or the pool that
 * is charged for the inflated bytes of a message until the message is whole.
 * -ENOMEM; WEFT_EUNKNOWNPROTO: this build has no zlib or no HTTP. */
weft_err wf_unpacker_new(uint8_t kind, bool of_requests,
                         const struct weft_limits *limits,
                         struct weft_arena_pool *memory,
                         struct wf_unpacker **unpacker) WEFT_CHECKED;
void wf_unpacker_free(struct wf_unpacker *unpacker);

/* The chain that receives the bytes from the socket: `raw` of the unpacker, or
 * `in` if there is no unpacker. */
static inline struct weft_chain *
wf_unpacker_input(struct wf_unpacker *unpacker, struct weft_chain *in)
{
    return unpacker ? &unpacker->raw : in;
}

/* Read once from the socket. `need`: as in wf_read_buffer. *hint is the size of
 * the last read, and receives the size of this read, up to a bound. Errors and
 * *drained as wf_sock_read. */
weft_err wf_unpacker_fill(struct wf_unpacker *unpacker, struct wf_sock *s,
                          struct weft_chain *in, size_t need, size_t *hint,
                          bool *drained) WEFT_CHECKED;

/* Store a partial message in little memory, because the next input may arrive
 * late. */
void wf_unpacker_compact(struct wf_unpacker *unpacker, struct weft_chain *in);

/*
 * Unpack some of `raw` to the end of `in`: one body of HTTP, or a bounded part
 * of a zlib stream. *progress receives true if something was unpacked; then the
 * caller cuts `in` and calls again. HTTP: sends "100 Continue" if a client
 * waits for this response. zlib: yields before the next part of a long stream,
 * and drops the input if the socket has failed. Errors: those of wf_http_read
 * and wf_inflate; WEFT_ETOOBIG: a message inflates to more bytes than its
 * compressed size or the limit of `memory` allows; WEFT_EOVERLOAD: `memory` has
 * no room now.
 */
weft_err wf_unpacker_read(struct wf_unpacker *unpacker, struct wf_sock *s,
                          struct weft_chain *in, bool *progress) WEFT_CHECKED;

/* True if the last step of a zlib stream inflated as many bytes as a step may.
 * Then the next step may inflate more. */
static inline bool
wf_unpacker_has_more(const struct wf_unpacker *unpacker)
{
    return unpacker && unpacker->has_more;
}

/* Tell the unpacker that the caller has taken bytes out of `in`: a whole
 * message, or all bytes. `unpacker` may be NULL. */
void wf_unpacker_taken(struct wf_unpacker *unpacker,
                       const struct weft_chain *in);

/* True if the unpacker has bytes of a message that is not whole. These bytes
 * are in none of its chains. */
bool wf_unpacker_is_partial(const struct wf_unpacker *unpacker);

/* As wf_sock_write, but deflates the bytes if the connection is a zlib stream.
 * If deflated bytes cannot be queued, the socket fails. `unpacker` may be NULL.
 * Waits while another fiber deflates. */
weft_err wf_unpacker_send(struct wf_unpacker *unpacker, struct wf_sock *s,
                          struct weft_chain *bytes, unsigned flags)
    WEFT_CHECKED;

#endif
