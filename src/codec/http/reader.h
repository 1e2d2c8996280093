/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files that read HTTP: http.c (parts, and whole messages),
 * lines.c, head.c and body.c. Only included in builds with llhttp. The
 * callbacks of llhttp return 0, or what wf_http_fail returns.
 */
#ifndef WEFT_CODEC_HTTP_READER_H
#define WEFT_CODEC_HTTP_READER_H

#include "codec/codec.h"
#include "codec/http/chars.h"
#include "codec/http/llhttp_names.h"

#include <errno.h>
#include <string.h>

#include <llhttp.h>

/* The kind of the part that the next bytes belong to. */
enum part {
    HEAD,     /* lines, to the empty line */
    FIXED,    /* a body of known length */
    REST,     /* a body that ends with the connection */
    SIZE,     /* the line before a chunk */
    DATA,     /* the data of a chunk */
    DATA_END, /* the line end after the data */
    TRAILER,  /* lines after the last chunk, to an empty line */
};

struct wf_http {
    llhttp_t parser;
    const struct weft_limits *limits;
    const char *const *paths; /* the only paths that are served */
    uint32_t n_paths;         /* 0: all paths are served */
    bool of_requests;
    uint8_t part;    /* enum part */
    bool moved;      /* llhttp has seen the end of the part */
    bool is_whole;   /* the headers belong to a whole message */
    bool expects;    /* the head says that the peer waits for "100 Continue" */
    bool waits;      /* the peer still waits for "100 Continue" */
    bool has_length; /* a header has said how the body ends */
    bool has_host;
    bool closes, keeps; /* the head says: the connection ends / stays open */
    bool is_last;
    bool is_too_big; /* the body is above the limit, and is dropped */
    weft_err err;
    uint32_t url_len;
    char last;         /* the previous byte of the part's lines */
    bool has_line;     /* the part has a line that is not empty */
    bool has_colon;    /* the current header or trailer has its colon */
    bool is_tab;       /* llhttp sees a space in place of a tab */
    uint8_t extension; /* enum extension: the position in a chunk's line */
    uint32_t n_spaces; /* spaces in the first line of a request */
    size_t word_at;    /* where the last word of the first line begins */
    size_t line_len,
        part_len;  /* bytes so far in this line, and in the whole part */
    uint64_t left; /* in FIXED and DATA: bytes to read */
    size_t idle;   /* bytes of HTTP lines since the last byte of the body */
    char *text;    /* keys (in lower case) and values; each ends with a NUL */
    uint32_t text_len, text_size;
    uint32_t text_value; /* where the last value begins in `text` */
    uint32_t n_headers;
    struct weft_chain body;
    uint8_t *small; /* pieces to append to `body`, or NULL */
    uint32_t small_len, small_size;
    /* While llhttp runs: the input, and the bytes that llhttp gets. */
    const struct weft_chain *in;
    const char *run;
};

static inline int
wf_http_fail(struct wf_http *http, weft_err err)
{
    http->err = err;
    return -1;
}

/* Begin a part, and set all counts of its lines to 0. */
static inline void
wf_http_move(struct wf_http *http, enum part part)
{
    http->moved = true;
    http->part = (uint8_t)part;
    http->last = 0;
    http->has_line = http->has_colon = false;
    http->extension = 0;
    http->n_spaces = 0;
    http->word_at = http->line_len = http->part_len = 0;
}

/* ---- lines.c ---- */

enum wf_http_view {
    WF_HTTP_SHOWN,    /* llhttp sees the bytes */
    WF_HTTP_HIDDEN,   /* llhttp does not see the bytes */
    WF_HTTP_AS_SPACE, /* tabs, which llhttp sees as spaces */
};

struct wf_http_pass {
    size_t taken; /* number of bytes that have this view */
    enum wf_http_view view;
    bool ends; /* the part ends after these bytes */
};

/* Check and count the bytes at `at` that have the view of the first byte. Stop
 * at the end of the part. The part has lines, and `len` is not 0. Errors:
 * WEFT_EPROTOCOL, WEFT_EHEADER, WEFT_ESIZE. */
weft_err wf_http_pass_lines(struct wf_http *http, const char *at, size_t len,
                            struct wf_http_pass *pass) WEFT_CHECKED;

/* ---- head.c ---- */

int wf_http_on_url(llhttp_t *parser, const char *at, size_t len);
int wf_http_on_url_end(llhttp_t *parser);
int wf_http_on_key(llhttp_t *parser, const char *at, size_t len);
int wf_http_on_key_end(llhttp_t *parser);
int wf_http_on_value(llhttp_t *parser, const char *at, size_t len);
int wf_http_on_value_end(llhttp_t *parser);

/* Decide, at the end of the head, if the message is accepted. Sets is_too_big.
 * Errors: WEFT_EVERSION, WEFT_EPROTOCOL, WEFT_EMSGTYPE, WEFT_ETOOBIG. */
weft_err wf_http_check_head(struct wf_http *http) WEFT_CHECKED;

/* Free the text of the headers. */
void wf_http_forget_head(struct wf_http *http);

/* ---- body.c ---- */

int wf_http_on_body(llhttp_t *parser, const char *at, size_t len);
int wf_http_on_size_end(llhttp_t *parser);

/* Append the length of the body to `out`, then the body. Errors: WEFT_EPROTOCOL
 * (a request without a body), -ENOMEM. */
weft_err wf_http_give_body(struct wf_http *http, struct weft_chain *out)
    WEFT_CHECKED;

/* Free the part of the body that has arrived. */
void wf_http_forget_body(struct wf_http *http);

#endif
