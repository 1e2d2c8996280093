/* SPDX-License-Identifier: MIT */
/*
 * The module header of frame: what surrounds a message. Private to codec.
 *
 *   sniff.c     recognizes the dialect by the first bytes
 *   cut.c       finds where a message ends
 *   pass.h      the state of skipping a message that has no frame
 *   frame.c     opens and closes frames; THeader and TTHeader share this code
 *   header.c    adds a header that was received
 *   header_size.c  counts the bytes that headers take
 *   sink.h      writes or measures a block of headers
 *   theader.c   reads and writes Apache's block of headers
 *   ttheader.c  reads and writes Kitex' block of headers
 *   zlib.c      runs zlib from chain to chain; zlib_none.c replaces zlib.c in
 *               builds without zlib
 *   crc32c.c    computes the checksum of a TTHeader's payload
 *
 * THeader and TTHeader have a block of headers after ten bytes of equal layout.
 */
#ifndef WEFT_CODEC_FRAME_H
#define WEFT_CODEC_FRAME_H

#include "codec/codec.h"
#include "codec/frame/sink.h"

/* Add a received header to the frame. A header without a key is dropped.
 * Errors: WEFT_EBUDGET. */
weft_err wf_frame_add(struct weft_reader *r, struct wf_frame *frame,
                      struct weft_str key, struct weft_str value) WEFT_CHECKED;

/*
 * Read the block of headers, which lies in the arena of the reader. Sets the
 * frame's headers and protocol, and whether the message is compressed. The
 * block has the same number for binary and for old binary. *crc receives the
 * value of the header crc32c; without this header *crc is unchanged.
 */
weft_err wf_theader_read(struct weft_reader *r, struct wf_frame *frame)
    WEFT_CHECKED;
weft_err wf_ttheader_read(struct weft_reader *r, struct wf_frame *frame,
                          struct weft_str *crc) WEFT_CHECKED;

/* Write the block, without padding. `crc` is the value of the header crc32c;
 * NULL: do not write this header. */
weft_err wf_theader_write(struct wf_sink *sink, const struct wf_frame *frame)
    WEFT_CHECKED;
weft_err wf_ttheader_write(struct wf_sink *sink, const struct wf_frame *frame,
                           const char *crc) WEFT_CHECKED;

/* The _size functions return how many bytes one header takes in the block. The
 * other bytes of the block are never more than the _REST constants. */
#define WF_THEADER_REST ((size_t)8)
#define WF_TTHEADER_REST ((size_t)32) /* includes the header crc32c */
size_t wf_theader_size(const struct weft_header *header);
size_t wf_ttheader_size(const struct weft_header *header);

/* Continue a CRC-32C with more bytes; `crc` is 0 in the first call. */
uint32_t wf_crc32c(uint32_t crc, const void *ptr, size_t len);

/*
 * wf_zlib_unpack inflates the zlib stream that the chain contains, and
 * wf_zlib_pack deflates the bytes of the chain to a zlib stream. The result
 * replaces the contents of the chain. Errors: WEFT_ETRANSFORM (malformed, or
 * not built in), WEFT_ETOOBIG (more than `limit` bytes), -ENOMEM; after an
 * error the contents of the chain are undefined.
 */
weft_err wf_zlib_unpack(struct weft_chain *chain, size_t limit) WEFT_CHECKED;
weft_err wf_zlib_pack(struct weft_chain *chain) WEFT_CHECKED;

#endif
