/* SPDX-License-Identifier: MIT */
/* Writes, or only measures, the block of headers of a frame. */
#ifndef WEFT_CODEC_FRAME_SINK_H
#define WEFT_CODEC_FRAME_SINK_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The memory that a block is written to; if `at` is NULL, the block is only
 * measured. */
struct wf_sink {
    uint8_t *at;
    size_t len; /* number of bytes so far */
};

static inline void
wf_sink_put(struct wf_sink *sink, const void *ptr, size_t len)
{
    if (sink->at && len > 0)
        memcpy(sink->at + sink->len, ptr, len);
    sink->len += len;
}

static inline void
wf_sink_put_u8(struct wf_sink *sink, uint32_t v)
{
    wf_sink_put(sink, &(uint8_t){(uint8_t)v}, 1);
}

static inline void
wf_sink_put_u16(struct wf_sink *sink, uint32_t v)
{
    wf_sink_put_u8(sink, v >> 8);
    wf_sink_put_u8(sink, v);
}

#endif
