/* SPDX-License-Identifier: MIT */
/*
 * weft/http.h: a client of HTTP/1.1, for servers that are not RPC servers. It
 * needs no other library. Thrift over HTTP is a dialect of rpc.h.
 *
 *     struct weft_http *http;
 *     struct weft_arena arena = WEFT_ARENA_INIT;
 *     struct weft_http_response r;
 *     weft_err err = weft_http_new("127.0.0.1:8500", NULL, &http);
 *     if (!err)
 *         err = weft_http_call(http,
 *                              &(struct weft_http_request){.path = "/v1/kv/a"},
 *                              &arena, &r);
 *     if (!err)
 *         printf("%u: %.*s\n", r.status, WEFT_FMT(r.body));
 *
 * Every status is a success here, also 404. A redirect is not followed. A
 * connection is kept for the next request if the server allows it.
 */
#ifndef WEFT_HTTP_H
#define WEFT_HTTP_H

#include <weft/base.h>
#include <weft/buf.h>
#include <weft/codec.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weft_http;          /* a client of one address */
struct weft_http_exchange; /* a request, and its response that still comes */

/** Zero in any field means the default. A time may be WEFT_NONE, a size
 * WEFT_UNLIMITED_SIZE. */
struct weft_http_options {
    uint32_t connect_timeout_ms; /* default 10,000 */
    uint32_t call_timeout_ms;    /* of weft_http_call, and of weft_http_open;
                                    default 30,000 */
    uint32_t read_timeout_ms;    /* of one wait for bytes; default: none */
    uint32_t dead_timeout_ms;    /* a connection ends if the peer's host
                                    acknowledges nothing for so long; default
                                    20,000 */
    uint32_t idle_timeout_ms;    /* a connection without a request for so long
                                    is not used again; make it shorter than the
                                    server's; default 30,000 */
    uint32_t max_kept;           /* connections without a request that are kept;
                                    WEFT_NONE: none; default 8, at most 1,024 */
    size_t head_size;            /* bytes of the lines before a body; default
                                    65,536, at most 2^31 - 1 */
    size_t body_size;            /* bytes of a body, of weft_http_call; default
                                    16 MiB, at most 2^31 - 1 */
};

struct weft_http_request {
    const char *method;          /* NULL: GET, or with a body POST */
    const char *path;            /* such as "/v1/kv/a?index=7"; NULL: "/" */
    struct weft_headers headers; /* not those about the connection, the framing
                                    or the host, which weft writes itself */
    struct weft_str body;        /* ptr NULL: none */
    bool is_idempotent; /* the request may be sent twice, as GET, HEAD, OPTIONS,
                           PUT and DELETE may always be: if a kept connection
                           ends before a byte of the response, weft sends the
                           request again, once, on a new connection */
};

struct weft_http_response {
    uint32_t status;
    struct weft_headers headers; /* with keys in lower case, without trailers */
    struct weft_str body;        /* of weft_http_call */
    struct weft_str text;        /* after an error: what failed, where, and what
                                    the system said. ptr NULL: no memory */
};

/**
 * Make a client of one address. It connects with the first request.
 *
 * Shape    address as in the head of net.h; options may be NULL
 * Owner    address and options are borrowed for the call; *http is given, end
 *          it with weft_http_free
 * Blocks   never     Thread  any
 * Errors   WEFT_EADDRESS: not an address; -EINVAL: max_kept is too large;
 *          -ENOMEM; *http is then NULL
 */
WEFT_API weft_err weft_http_new(const char *address,
                                const struct weft_http_options *options,
                                struct weft_http **http) WEFT_CHECKED;

/**
 * Free a client, and close its kept connections. NULL is legal.
 *
 * Owner    http is taken; no exchange of it may be open
 * Blocks   never     Thread  any, while no other uses it
 * Errors   none; the process aborts if an exchange is open
 */
WEFT_API void weft_http_free(struct weft_http *http);

/**
 * Send a request, and wait for the whole response, for call_timeout_ms at most.
 *
 * Shape    in a handler, the deadline of the call counts, too
 * Owner    request is borrowed for the call; what *response points to is the
 *          arena's
 * Blocks   until the response is whole, or the time is over
 * Thread   any fiber or thread, also several at once with one client
 * Errors   -EINVAL: the method or the path is malformed, or the method is
 *          CONNECT; WEFT_EHEADER: HTTP cannot carry a header, or a header is
 *          weft's own, or the response has more than 256 headers or more than
 *          head_size bytes before its body; WEFT_ECONNECT: no connection could
 *          be made; WEFT_ETIMEOUT, WEFT_EREADTIMEOUT, WEFT_ECANCEL;
 *          WEFT_EBROKEN: the connection ended before the response did, so the
 *          server may have handled the request; WEFT_ETOOBIG: the body is above
 *          body_size; WEFT_EPROTOCOL: the response is not HTTP, or could be
 *          read in two ways; WEFT_EVERSION: it is neither HTTP/1.0 nor 1.1;
 *          WEFT_ETRANSFORM: its transfer coding is not chunked; WEFT_EMSGTYPE:
 *          its status is 101; WEFT_EBUDGET: the arena has no memory;
 *          WEFT_ECLOSED: the runtime was stopped; -ENOMEM, errors of
 *          weft_dial
 */
WEFT_API weft_err weft_http_call(struct weft_http *http,
                                 const struct weft_http_request *request,
                                 struct weft_arena *arena,
                                 struct weft_http_response *response)
    WEFT_CHECKED;

/**
 * As weft_http_call, at most until the deadline.
 *
 * Shape    deadline_ns monotonic; in a handler, the deadline of the call
 *          counts, too
 * Owner    as weft_http_call
 * Blocks   until the response is whole, or the deadline
 * Thread   as weft_http_call     Errors  as weft_http_call
 */
WEFT_API weft_err weft_http_call_until(struct weft_http *http,
                                       const struct weft_http_request *request,
                                       uint64_t deadline_ns,
                                       struct weft_arena *arena,
                                       struct weft_http_response *response)
    WEFT_CHECKED;

/**
 * Send a request, and wait for the head of the response, for call_timeout_ms at
 * most. weft_http_read then reads the body piece by piece, as it comes: of a
 * watch, for example, that never ends.
 *
 * Shape    as weft_http_call; response->body stays empty
 * Owner    as weft_http_call; *exchange is given, end it with weft_http_close,
 *          also if the body has ended
 * Blocks   until the head is there, or the time is over
 * Thread   as weft_http_call
 * Errors   as weft_http_call, without WEFT_ETOOBIG; *exchange is then NULL
 */
WEFT_API weft_err weft_http_open(struct weft_http *http,
                                 const struct weft_http_request *request,
                                 struct weft_arena *arena,
                                 struct weft_http_response *response,
                                 struct weft_http_exchange **exchange)
    WEFT_CHECKED;

/**
 * As weft_http_open, at most until the deadline.
 *
 * Shape    as weft_http_open; deadline_ns monotonic
 * Owner    as weft_http_open
 * Blocks   until the head is there, or the deadline
 * Thread   as weft_http_call     Errors  as weft_http_open
 */
WEFT_API weft_err weft_http_open_until(struct weft_http *http,
                                       const struct weft_http_request *request,
                                       uint64_t deadline_ns,
                                       struct weft_arena *arena,
                                       struct weft_http_response *response,
                                       struct weft_http_exchange **exchange)
    WEFT_CHECKED;

/**
 * Wait for the next piece of the body, and append what has come, without the
 * framing of HTTP. If nothing was appended, the body has ended.
 *
 * Shape    appends at most head_size bytes
 * Owner    `to` is the caller's, and the bytes stay valid in it
 * Blocks   until at least one byte is there; read_timeout_ms bounds each wait
 * Thread   one at a time with the exchange
 * Errors   WEFT_EREADTIMEOUT, WEFT_ECANCEL, -ENOMEM, and in a handler
 *          WEFT_ETIMEOUT: the read may be tried again, and no byte is lost;
 *          WEFT_EBROKEN, WEFT_EPROTOCOL, WEFT_EHEADER, WEFT_ECLOSED as
 *          weft_http_call: all later reads return the same error
 */
WEFT_API weft_err weft_http_read(struct weft_http_exchange *exchange,
                                 struct weft_chain *to) WEFT_CHECKED;

/**
 * As weft_http_read, at most until the deadline.
 *
 * Shape    as weft_http_read; deadline_ns monotonic
 * Owner    as weft_http_read
 * Blocks   until at least one byte is there, or the deadline
 * Thread   as weft_http_read
 * Errors   WEFT_ETIMEOUT: the read may be tried again; and as weft_http_read
 */
WEFT_API weft_err weft_http_read_until(struct weft_http_exchange *exchange,
                                       uint64_t deadline_ns,
                                       struct weft_chain *to) WEFT_CHECKED;

/**
 * Why the last weft_http_read of the exchange failed, as
 * weft_http_response.text; "" if it did not.
 *
 * Owner    the text is the exchange's, valid until its next call
 * Blocks   never     Thread  one at a time with the exchange
 * Errors   none
 */
WEFT_API const char *weft_http_text(const struct weft_http_exchange *exchange);

/**
 * End an exchange. If the body has not ended, the connection is reset, so that
 * the server stops sending. NULL is legal.
 *
 * Owner    exchange is taken
 * Blocks   never     Thread  one at a time with the exchange
 * Errors   none
 */
WEFT_API void weft_http_close(struct weft_http_exchange *exchange);

#ifdef __cplusplus
}
#endif

#endif
