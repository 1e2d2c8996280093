/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of the client of weft/http.h. http_client.c has the
 * client and its kept connections, http_ask.c sends a request and reads the
 * head of its response, http_exchange.c reads the body, http_why.c writes why
 * that failed.
 */
#ifndef WEFT_RPC_HTTP_H
#define WEFT_RPC_HTTP_H

#include "rpc/rpc.h"

#include <weft/http.h>

struct wf_kept_conn {
    struct weft_conn *conn;
    uint64_t until_ns; /* not used after this time */
};

struct weft_http {
    char *address;
    const char *host;                 /* what the header Host says */
    struct weft_http_options options; /* every default filled in */
    _Atomic uint32_t n_open;          /* exchanges */
    struct wf_spin lock;              /* guards the fields below */
    uint32_t n_kept;
    struct wf_kept_conn kept[]; /* options.max_kept; the newest is the last */
};

/* How far an exchange has come. */
enum wf_http_stage {
    WF_HTTP_WRITES,   /* nothing was done yet */
    WF_HTTP_CONNECTS, /* it has no connection yet */
    WF_HTTP_AWAITS,   /* no byte of the response has come */
    WF_HTTP_READS,    /* a part of the response has come */
};

struct weft_http_exchange {
    struct weft_http *http;
    struct weft_conn *conn; /* NULL: none, or given up */
    bool is_kept;           /* another request has used `conn` before */
    uint8_t stage;          /* enum wf_http_stage */
    uint32_t refused;       /* index of a header that cannot be sent */
    weft_err err;           /* no further read can succeed */
    weft_err cause;         /* why there is no connection; 0: by time-out */
    struct wf_http_response in;
    struct weft_str odd; /* the line of the response that cannot be read */
    char what[128];      /* "GET /path", perhaps cut off */
    char text[512];      /* why the last call failed */
};

/* ---- http_client.c ---- */

/* Returns a kept connection on which nothing has come. NULL: there is none. */
struct weft_conn *wf_http_take_kept(struct weft_http *http);

/* Keep a connection for the next request, or close it. */
void wf_http_keep(struct weft_http *http, struct weft_conn *conn);

/* ---- http_why.c ---- */

/* Write x->text for the error of a call, and return the error. `request` is
 * needed for errors before a request was sent. */
weft_err wf_exchange_explain(struct weft_http_exchange *x,
                             const struct weft_http_request *request,
                             weft_err err);

/* ---- http_ask.c ---- */

/* Send the request and read the head of the response; wf_exchange_end ends the
 * exchange. After an error the exchange has ended. Errors as
 * weft_http_open. */
weft_err wf_exchange_begin(struct weft_http_exchange *x, struct weft_http *http,
                           const struct weft_http_request *request,
                           uint64_t deadline_ns, struct weft_arena *arena,
                           struct weft_http_response *response) WEFT_CHECKED;
void wf_exchange_end(struct weft_http_exchange *x);

/* Take the next line of the response. The caller releases what it has taken
 * (weft_conn_release) when it needs *header no more. Errors: those of
 * weft_conn_next_through_until and wf_http_response_line. */
weft_err wf_exchange_line(struct weft_http_exchange *x, uint64_t deadline_ns,
                          struct weft_header *header) WEFT_CHECKED;

/* If the response is whole, let the next request have the connection. */
void wf_exchange_settle(struct weft_http_exchange *x);

/* Reset the connection, if there is one. */
void wf_exchange_give_up(struct weft_http_exchange *x);

/* Returns the error for the caller: WEFT_EBROKEN if the connection was lost,
 * whose reason goes to x->cause. */
weft_err wf_exchange_error(struct weft_http_exchange *x, weft_err err);

/* Returns the earlier deadline: this one, or that of the calling fiber. */
uint64_t wf_exchange_deadline(uint64_t deadline_ns);

#endif
