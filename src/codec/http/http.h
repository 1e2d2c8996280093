/* SPDX-License-Identifier: MIT */
/*
 * The module header of http: HTTP/1.1. With Thrift in HTTP a message is the
 * body of a POST, the reply is the body of its response. llhttp parses these
 * bytes; in builds without llhttp wf_http_new returns NULL. A client that asks
 * for anything else (weft/http.h) needs no llhttp.
 *
 *   http.c         cuts the bytes into parts (reader.h)
 *   lines.c        finds where a part that has lines ends
 *   head.c         checks the headers of a message
 *   body.c         makes a chain of the body
 *   http_none.c    replaces these four files in builds without llhttp
 *   path.c         checks targets and hosts (chars.h), and compares paths
 *   http_write.c   writes requests, responses and refusals
 *   request.c      writes a request of any kind
 *   response.c     reads a response of any kind, line by line
 *   llhttp_names.h gives llhttp's functions names of our own
 *
 * Other folders include this header through codec.h.
 */
#ifndef WEFT_CODEC_HTTP_H
#define WEFT_CODEC_HTTP_H

#include <weft/codec.h>

#include "base/base.h"

struct wf_frame;
struct wf_http;

#define WF_HTTP_HEADERS 256u   /* greatest number of headers in a message */
#define WF_HTTP_OWN_HEADERS 8u /* reserved for the headers of HTTP itself */

/* Make a parser of requests, or of responses; the limits must outlive the
 * parser. NULL: no memory, or a build without llhttp. */
struct wf_http *wf_http_new(bool of_requests, const struct weft_limits *limits)
    WEFT_CHECKED;
void wf_http_free(struct wf_http *http);

/* Accept only requests for these paths; n == 0: accept all. The paths must
 * outlive the parser. */
void wf_http_serve_paths(struct wf_http *http, const char *const *paths,
                         uint32_t n);

enum wf_http_event {
    WF_HTTP_MORE,     /* the input is used up */
    WF_HTTP_CONTINUE, /* send wf_http_continue, and call wf_http_read again */
    WF_HTTP_MESSAGE,  /* four bytes of length and a body were appended to `out`;
                         a response without a body appends nothing */
};

/*
 * Remove bytes from the input, but none after the end of a message, and append
 * the body to `out`. Large pieces of the body are not copied. Trailers are
 * dropped.
 *
 * Errors: WEFT_EPROTOCOL (the input is not HTTP, or could be read in two ways),
 * WEFT_EVERSION (neither HTTP/1.0 nor 1.1), WEFT_ETOOBIG (body), WEFT_EHEADER
 * (a head or trailer above limits.header_size), WEFT_ESIZE (a URL above 8,192
 * bytes), WEFT_ETRANSFORM (a transfer coding other than chunked), WEFT_EMSGTYPE
 * (a request other than POST, or a response with status 101), WEFT_ENOSERVICE
 * (a path that is not served), -ENOMEM. After an error nothing more can be
 * read; wf_http_refuse makes the response that tells the peer why. A response
 * with a body above the limit counts as a message without a body, see
 * wf_http_is_too_big.
 */
weft_err wf_http_read(struct wf_http *http, struct weft_chain *in,
                      struct weft_chain *out, enum wf_http_event *event)
    WEFT_CHECKED;

/*
 * Tell the parser that the connection has ended. A response without a length
 * ends with its connection: its body is appended to `out`, and *event receives
 * WF_HTTP_MESSAGE. Errors: WEFT_EEOF (within a message), -ENOMEM, and the error
 * of an earlier wf_http_read.
 */
weft_err wf_http_end(struct wf_http *http, struct weft_chain *out,
                     enum wf_http_event *event) WEFT_CHECKED;

/* wf_http_status returns the status of the response that was read.
 * wf_http_is_too_big is true if the body of that response was dropped because
 * the body was above the limit. */
uint32_t wf_http_status(const struct wf_http *http);
bool wf_http_is_too_big(const struct wf_http *http);

/* True if a message has begun to arrive, but has not arrived in full. */
bool wf_http_is_partial(const struct wf_http *http);

/* Copy the headers of the whole message into the arena, with keys in lower
 * case, and free the parser's copy. Headers that only HTTP may set
 * (wf_http_owns) are left out, except host. Errors: WEFT_EBUDGET. */
weft_err wf_http_headers(struct wf_http *http, struct weft_arena *arena,
                         struct weft_headers *headers) WEFT_CHECKED;

/* True if the message that was read is the last one of its connection. */
bool wf_http_is_last(const struct wf_http *http);

/* Append a response that tells the peer the error that wf_http_read
 * returned. */
weft_err wf_http_refuse(weft_err why, struct weft_chain *out) WEFT_CHECKED;

/* ---- path.c ---- */

/* True if the path may stand in the first line of a request (RFC 9112,
 * 3.2.1). */
bool wf_http_path_is_valid(const char *path);

/* True if the target is a path, or a whole URL (RFC 9112, 3.2.1 and 3.2.2). */
bool wf_http_target_is_valid(struct weft_str target);

/* True if `host` is a host, perhaps with ":" and a port. An empty host is
 * valid, too (RFC 9110, 7.2). */
bool wf_http_host_is_valid(struct weft_str host);

/* True if the target of a request, "/path?query" or a whole URL, names
 * `path`. */
bool wf_http_path_is_asked_for(const char *path, struct weft_str target);

/* ---- http_write.c ---- */

extern const char wf_http_continue[]; /* "HTTP/1.1 100 ..." */

/* Flags of a frame (wf_frame.flags). WF_HTTP_REQUEST: write a request, not a
 * response. WF_HTTP_LAST: tell the peer that this message is the last one of
 * the connection. */
enum wf_http_flags {
    WF_HTTP_REQUEST = 1,
    WF_HTTP_LAST = 2,
};

/* True if `key`, in upper or lower case, names a header about the connection,
 * the framing or the format of the body (RFC 9110, RFC 9112). Users may not
 * write such headers, because a request with two lengths or two hosts can be
 * read in two ways. */
bool wf_http_owns(struct weft_str key);

/* The greatest number of bytes that wf_http_close writes in a head in addition
 * to the path and the headers. */
#define WF_HTTP_REST ((size_t)256)

/* Check that HTTP can carry the header. Errors: WEFT_EHEADER. */
weft_err wf_http_check(const struct weft_header *header) WEFT_CHECKED;

/* Close a frame of HTTP, as wf_frame_close does for other dialects. Errors:
 * WEFT_EHEADER (a header that HTTP cannot carry, too many headers, or a head
 * above WEFT_HEADER_SIZE), -ENOMEM. An empty message is the response to a
 * one-way call. */
weft_err wf_http_close(const struct wf_frame *frame, struct weft_chain *message,
                       struct weft_chain *out) WEFT_CHECKED;

/* ---- request.c: requests of any kind ---- */

struct wf_http_request {
    const char *method, *path, *host;
    const struct weft_headers *headers; /* but those of HTTP itself */
    struct weft_str body;
    bool has_body; /* the request has a Content-Length, perhaps of 0 */
};

/* True if only HTTP itself may write the header: it is about the connection or
 * the framing, or names the host. */
bool wf_http_is_reserved(struct weft_str key);

/* Append a request to `out`. Errors: -EINVAL (method or path), WEFT_EHEADER
 * (*refused is then the index of the header that HTTP cannot carry, or that is
 * reserved), -ENOMEM. After an error `out` has a part of the request: clear
 * `out`. */
weft_err wf_http_write_request(const struct wf_http_request *request,
                               struct weft_chain *out, uint32_t *refused)
    WEFT_CHECKED;

/* ---- response.c: responses of any kind ---- */

/* What the caller brings next. */
enum wf_http_want {
    WF_HTTP_WANTS_LINE,    /* a line: wf_http_response_line */
    WF_HTTP_WANTS_DATA,    /* at most `left` bytes of the body:
                              wf_http_response_data */
    WF_HTTP_WANTS_REST,    /* bytes of the body, until the connection ends */
    WF_HTTP_WANTS_NOTHING, /* the response is whole */
};

struct wf_http_response {
    uint8_t want;       /* enum wf_http_want */
    uint8_t part;       /* what the next line is; response.c */
    bool is_head;       /* the response to HEAD, which has no body */
    bool is_old;        /* HTTP/1.0 */
    bool has_head;      /* the head is whole, and `status` is the final one */
    bool stays;         /* after the response, the connection may be used again;
                          valid if has_head */
    bool closes, keeps; /* a header says so */
    bool has_length, is_chunked;
    uint32_t status;
    uint32_t n_headers;
    uint64_t length;  /* Content-Length */
    uint64_t left;    /* bytes to read, of the body or of the chunk */
    size_t head_size; /* limit for all lines before the body, for the lines
                         between two chunks, and for all trailers */
    size_t left_size; /* what is left of this limit */
};

/* Begin a response. `is_head`: its request is HEAD. */
void wf_http_response_init(struct wf_http_response *r, bool is_head,
                           size_t head_size);

/*
 * Take a line, with its line end. If it is a header, *header is a view of the
 * line; else the key is empty. After an interim response, such as "100
 * Continue", r->status is 0 again: drop the headers that came before. Errors:
 * WEFT_EPROTOCOL (the line is not HTTP, or could be read in two ways),
 * WEFT_EVERSION (neither HTTP/1.0 nor 1.1), WEFT_EHEADER (more than
 * WF_HTTP_HEADERS headers, or lines above head_size), WEFT_ETRANSFORM (a
 * transfer coding other than chunked), WEFT_EMSGTYPE (status 101). After an
 * error the response cannot be read any more.
 */
weft_err wf_http_response_line(struct wf_http_response *r, struct weft_str line,
                               struct weft_header *header) WEFT_CHECKED;

/* Note that n bytes of the body were taken; at most `left` of them with
 * WF_HTTP_WANTS_DATA. */
void wf_http_response_data(struct wf_http_response *r, size_t n);

#endif
