/* SPDX-License-Identifier: MIT */
/*
 * Writes the compact protocol: the head of a message, and values whose code is
 * too long to be inline in <weft/codec.h>.
 */
#include "codec/binary/compact.h"

#define MOST_BYTES 10 /* a varint has at most so many bytes */

void
weft_compact_write_u64_slow(struct weft_writer *w, uint64_t v)
{
    if (!weft_write_ready(w, MOST_BYTES))
        return;
    uint8_t *at = w->at; /* a copy, because a uint8_t store may alias w->at */
    for (; v >= 0x80; v >>= 7)
        *at++ = (uint8_t)(v | 0x80);
    *at++ = (uint8_t)v;
    w->at = at;
}

void
weft_compact_write_str_slow(struct weft_writer *w, struct weft_str v)
{
    weft_compact_write_str(w, v);
}

void
weft_compact_write_id_slow(struct weft_writer *w, uint8_t code, int16_t id)
{
    weft_bin_write_i8(w, (int8_t)code);
    weft_compact_write_i16(w, id);
}

void
wf_compact_write_message(struct weft_writer *w, struct weft_str name,
                         int32_t type, int32_t seqid)
{
    weft_bin_write_i8(w, (int8_t)0x82);
    weft_bin_write_i8(w, (int8_t)((type & 7) << 5 | 1));
    weft_compact_write_u64(w, (uint32_t)seqid);
    weft_compact_write_str(w, name);
}
