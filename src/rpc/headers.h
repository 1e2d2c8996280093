/* SPDX-License-Identifier: MIT */
/* Headers that are sent beside a message: the names that weft itself reads and
 * writes, and functions that server and client share. */
#ifndef WEFT_RPC_HEADERS_H
#define WEFT_RPC_HEADERS_H

#include "rpc/rpc.h"

#define WF_SERVICE "isn"             /* TTHeader: the name of the service */
#define WF_TT_TIMEOUT ":rpc_timeout" /* time-out in ms, in TTHeader */
#define WF_TIMEOUT "client_timeout"  /* time-out in ms, in other dialects */
/* On a request that is sent again: how often it was sent before. The prefix
 * lets it be forwarded. Kitex uses the same name for the same. */
#define WF_RETRY WEFT_PERSIST "RetryReq"
#define WF_BUSINESS "biz-status"       /* decimal, not 0 */
#define WF_BUSINESS_TEXT "biz-message" /* text for people */

static inline bool
wf_is_ttheader(const struct weft_dialect *d)
{
    return d->framing == WEFT_TTHEADER || d->framing == WEFT_TTHEADER_FRAMED;
}

static inline bool
wf_has_headers(const struct weft_dialect *d)
{
    return d->framing >= WEFT_THEADER;
}

/* True if each message or frame of the dialect is the body of an HTTP
 * message. */
static inline bool
wf_is_in_http(const struct weft_dialect *d)
{
    return d->framing == WEFT_HTTP || d->around == WEFT_IN_HTTP;
}

/* True if the whole connection is one zlib stream. In dialects with headers
 * `zlib` means that each message is compressed by itself. */
static inline bool
wf_is_in_zlib(const struct weft_dialect *d)
{
    return d->around == WEFT_IN_ZLIB || (d->zlib && !wf_has_headers(d));
}

/* Headers that are sent with one message. */
struct wf_sent_headers {
    struct weft_headers list;
    size_t bytes;            /* size of the head: see wf_headers_have_room */
    struct weft_str refused; /* key of the header that was refused */
    /* the header was refused because the head is full */
    bool is_full;
};

/* Check that the dialect can carry this header. WEFT_EHEADER: the dialect
 * cannot. */
weft_err wf_header_check(const struct weft_dialect *d, struct weft_str key,
                         struct weft_str value) WEFT_CHECKED;

/* Check a header and add it; `key` and `value` are borrowed. WEFT_EHEADER: the
 * dialect cannot carry the header, or the head is full; WEFT_EBUDGET. */
weft_err wf_header_put(const struct weft_dialect *d, struct weft_arena *arena,
                       struct wf_sent_headers *headers, struct weft_str key,
                       struct weft_str value) WEFT_CHECKED;
weft_err wf_header_put_number(const struct weft_dialect *d,
                              struct weft_arena *arena,
                              struct wf_sent_headers *headers, const char *key,
                              int64_t value) WEFT_CHECKED;

/* The value of the last header with this key; absent if there is no such
 * header. */
struct weft_str wf_header_get(const struct weft_headers *headers,
                              struct weft_str key);

/* Read a decimal number. false: the text is no number, or the number is outside
 * of min..max. */
bool wf_header_number(struct weft_str text, int64_t min, int64_t max,
                      int64_t *number);

/* Restore the usual spelling of the prefixes RPC_PERSIST_ and RPC_TRANSIT_ in a
 * key, because HTTP may change keys to lower case. WEFT_EBUDGET. */
weft_err wf_header_from_http(struct weft_arena *arena,
                             struct weft_header *header) WEFT_CHECKED;

/* Returns the headers of the call that the calling fiber handles. NULL: the
 * fiber handles no call. */
const struct weft_headers *wf_headers_handled(void);

/* Copy the headers that have to be forwarded. `from`: the headers of the call
 * that a handler handles. `to`: the headers of a call that this handler
 * makes. */
weft_err wf_header_inherit(const struct weft_dialect *d,
                           struct weft_arena *arena,
                           const struct weft_headers *from,
                           struct wf_sent_headers *to) WEFT_CHECKED;

#endif
