/* SPDX-License-Identifier: MIT */
/* Counts the bytes that headers take in each kind of head, and tells whether
 * the headers fit. */
#include "codec/frame/frame.h"

size_t
wf_header_size(const struct weft_dialect *d, const struct weft_header *header)
{
    switch (d->framing) {
    case WEFT_HTTP:
        return (size_t)header->key.len + header->value.len + strlen(": \r\n");
    case WEFT_THEADER:
        return wf_theader_size(header);
    default:
        return wf_ttheader_size(header);
    }
}

bool
wf_headers_have_room(const struct weft_dialect *d, uint32_t n, size_t bytes)
{
    bool is_http = d->framing == WEFT_HTTP;
    size_t rest = is_http                      ? WF_HTTP_REST
                  : d->framing == WEFT_THEADER ? WF_THEADER_REST
                                               : WF_TTHEADER_REST;
    if (is_http && n > WF_HTTP_HEADERS - WF_HTTP_OWN_HEADERS)
        return false;
    return bytes <= WEFT_HEADER_SIZE - rest;
}
