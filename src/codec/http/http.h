/* SPDX-License-Identifier: MIT */
/*
 * Thrift in HTTP/1.1: a message is the body of a POST, the reply that of its
 * response. Parsing is llhttp's; without it wf_http_new gives NULL. Behind the
 * module header codec.h.
 */
#ifndef WEFT_CODEC_HTTP_H
#define WEFT_CODEC_HTTP_H

#include <weft/codec.h>

#include "base/base.h"

struct wf_frame;
struct wf_http;

/* A parser of requests, or of responses. limits outlives it. NULL: no memory,
 * or not built in. */
struct wf_http *wf_http_new(bool of_requests, const struct weft_limits *limits)
    WEFT_CHECKED;
void wf_http_free(struct wf_http *http);

enum wf_http_event {
    WF_HTTP_MORE,     /* the input is used up */
    WF_HTTP_CONTINUE, /* the peer waits for "100 Continue"; go on with what
                         there is */
    WF_HTTP_MESSAGE,  /* out has one more body, behind four bytes of length; a
                         response without a body adds nothing */
};

/*
 * Take bytes off the input, to the end of a message at most. The body goes to
 * out without copying.
 *
 * Errors: WEFT_EPROTOCOL (it is no HTTP, or could be read in two ways),
 * WEFT_ETOOBIG (body), WEFT_EHEADER (head above limits.header_size),
 * WEFT_EMSGTYPE (neither POST nor a response of 200), -ENOMEM. Nothing can be
 * read any more; wf_http_refuse says so to the peer.
 */
weft_err wf_http_read(struct wf_http *http, struct weft_chain *in,
                      struct weft_chain *out, enum wf_http_event *event)
    WEFT_CHECKED;

/* The headers of the message that is whole, copied into the arena; keys in
 * lower case. Of those that are about HTTP itself only host stays. -ENOMEM,
 * WEFT_EBUDGET. */
weft_err wf_http_headers(const struct wf_http *http, struct weft_arena *arena,
                         struct weft_headers *headers) WEFT_CHECKED;

/* Is the message that is whole the last one of its connection? */
bool wf_http_is_last(const struct wf_http *http);

/* Append a response to what wf_http_read gave as an error. */
weft_err wf_http_refuse(weft_err why, struct weft_chain *out) WEFT_CHECKED;

extern const char wf_http_continue[]; /* "HTTP/1.1 100 ..." */

enum wf_http_flags { /* of wf_frame.flags */
                     WF_HTTP_REQUEST =
                         1, /* a request is to be written, not a response */
                     WF_HTTP_LAST =
                         2, /* no other message follows on the connection */
};

/* Can it be a header of HTTP? WEFT_EHEADER. */
weft_err wf_http_check(const struct weft_header *header) WEFT_CHECKED;

/* As wf_frame_close, for HTTP. An empty message is a response to oneway. */
weft_err wf_http_close(const struct wf_frame *frame, struct weft_chain *message,
                       struct weft_chain *out) WEFT_CHECKED;

#endif
