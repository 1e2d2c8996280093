/* SPDX-License-Identifier: MIT */
/* What travels beside a message: names of headers that weft itself reads and
 * writes, for server and client. */
#ifndef WEFT_RPC_META_H
#define WEFT_RPC_META_H

#include "rpc/rpc.h"

#define WF_SERVICE "isn"               /* TTHeader: the service that is meant */
#define WF_TT_TIMEOUT ":rpc_timeout"   /* TTHeader: milliseconds */
#define WF_TIMEOUT "client_timeout"    /* elsewhere: milliseconds */
#define WF_BUSINESS "biz-status"       /* decimal, not 0 */
#define WF_BUSINESS_TEXT "biz-message" /* says what it means */

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

/* Can the dialect carry it? WEFT_EHEADER. */
weft_err wf_header_check(const struct weft_dialect *d, struct weft_str key,
                         struct weft_str value) WEFT_CHECKED;

/* Add one, checked; key and value are borrowed. WEFT_EHEADER, WEFT_EBUDGET. */
weft_err wf_header_put(const struct weft_dialect *d, struct weft_arena *arena,
                       struct weft_headers *headers, struct weft_str key,
                       struct weft_str value) WEFT_CHECKED;
weft_err wf_header_put_number(const struct weft_dialect *d,
                              struct weft_arena *arena,
                              struct weft_headers *headers, const char *key,
                              int64_t value) WEFT_CHECKED;

/* The value of the last one of that key; absent: there is none. */
struct weft_str wf_header_get(const struct weft_headers *headers,
                              struct weft_str key);

/* A decimal number. false: it is none, or outside of min..max. */
bool wf_header_number(struct weft_str text, int64_t min, int64_t max,
                      int64_t *number);

/* What a call of a handler takes along of the headers that it came with. */
weft_err wf_header_inherit(const struct weft_dialect *d,
                           struct weft_arena *arena,
                           const struct weft_headers *from,
                           struct weft_headers *to) WEFT_CHECKED;

#endif
