/* SPDX-License-Identifier: MIT */
/*
 * The parts of a frame with headers. Both kinds have a block of headers behind
 * ten bytes that look the same; frame.c does what they share. Private to codec.
 */
#ifndef WEFT_CODEC_FRAME_H
#define WEFT_CODEC_FRAME_H

#include "codec/codec.h"

#define WF_LARGEST_FRAME 0x3fffffffu /* more is no length in any dialect */

/* Where a block is written; with at == NULL it is only measured. */
struct wf_sink {
    uint8_t *at;
    size_t len; /* so far */
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

/* A header of the wire into the frame. One without a key says nothing and is
 * left out. Errors: WEFT_EBUDGET. */
weft_err wf_frame_add(struct weft_reader *r, struct wf_frame *frame,
                      struct weft_str key, struct weft_str value) WEFT_CHECKED;

/*
 * Read the block of headers, which lies in the arena of the reader. The frame's
 * protocol is as the block says, in which old binary counts as binary. *n_zlib
 * is how often the message was packed; *crc what the header crc32c says, as it
 * was if there is none.
 */
weft_err wf_theader_read(struct weft_reader *r, struct wf_frame *frame,
                         uint32_t *n_zlib) WEFT_CHECKED;
weft_err wf_ttheader_read(struct weft_reader *r, struct wf_frame *frame,
                          struct weft_str *crc) WEFT_CHECKED;

/* Write the block, without padding. crc is the header crc32c, or NULL. */
weft_err wf_theader_write(struct wf_sink *sink, const struct wf_frame *frame)
    WEFT_CHECKED;
weft_err wf_ttheader_write(struct wf_sink *sink, const struct wf_frame *frame,
                           const char *crc) WEFT_CHECKED;

/* CRC-32C of more bytes, 0 before the first. */
uint32_t wf_crc32c(uint32_t crc, const void *ptr, size_t len);

/* A whole zlib stream: what it unpacks to takes its place, or the reverse.
 * Errors: WEFT_ETRANSFORM (malformed, or not built in), WEFT_ETOOBIG (more than
 * limit bytes), -ENOMEM; the chain is of no more use then. */
weft_err wf_zlib_unpack(struct weft_chain *chain, size_t limit) WEFT_CHECKED;
weft_err wf_zlib_pack(struct weft_chain *chain) WEFT_CHECKED;

#endif
