/* SPDX-License-Identifier: MIT */
/* One header, for every kind of heads: adding a received one, and the room that
 * it takes. */
#include "codec/frame/frame.h"

weft_err
wf_frame_add(struct weft_reader *r, struct wf_frame *frame, struct weft_str key,
             struct weft_str value)
{
    struct weft_headers *headers = &frame->headers;
    if (key.len == 0)
        return WEFT_OK;
    struct weft_header *header =
        weft_push(r->arena, headers, sizeof *headers->items);
    if (!header)
        return WEFT_EBUDGET;
    *header = (struct weft_header){key, value};
    return WEFT_OK;
}

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
