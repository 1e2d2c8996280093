/* SPDX-License-Identifier: MIT */
/* Adds a received header to a frame, in THeader and in TTHeader. */
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
