/* SPDX-License-Identifier: MIT */
/*
 * Opens and closes the frame of a message. Length and headers are written as
 * one small run before the message, and the size of this run is computed first;
 * the message itself is moved, not copied. After the length, THeader and
 * TTHeader begin with the same members:
 *
 *   u16 magic, u16 flags, i32 sequence id, u16 block size in words, block
 */
#include "codec/frame/frame.h"
#include "codec/json/json.h"

#include <errno.h>
#include <stdio.h>

#define FIXED ((size_t)10) /* bytes before the block */
#define WORD ((size_t)4)   /* bytes; a block has a whole number of words */
#define LENGTH ((size_t)4)
#define FLAG_STREAM 0x0002u /* TTHeader: part of a stream, not a message */

/* CRC-32C in hexadecimal, with a NUL. */
struct digits {
    char text[9];
};

static struct digits
crc_of(uint32_t crc, const struct weft_chain *message)
{
    struct digits digits;
    for (const struct weft_slice *s = message->head; s; s = s->next)
        crc = wf_crc32c(crc, s->ptr, s->len);
    (void)snprintf(digits.text, sizeof digits.text, "%08x", crc);
    return digits;
}

/* ---- opening ---- */

weft_err
wf_protocol_of(const struct weft_chain *message, uint8_t *protocol)
{
    struct weft_reader r;
    uint8_t first;
    weft_reader_init(&r, message, NULL, 0);
    if (wf_json_look(&r, &first))
        return WEFT_EUNKNOWNPROTO;
    bool is_first = weft_reader_left(&r) == message->len;
    if (first == '[')
        *protocol = WEFT_JSON;
    else if (is_first && first == 0x80)
        *protocol = WEFT_BINARY;
    else if (is_first && first == 0x82)
        *protocol = WEFT_COMPACT;
    else if (is_first && first == 0x00)
        *protocol = WEFT_OLD_BINARY;
    else
        return WEFT_EUNKNOWNPROTO;
    return WEFT_OK;
}

/* Remove the frame's header from the message. Copy the block of headers to the
 * arena, so that keys and values can be views of the copy. */
static weft_err
take_block(struct weft_chain *message, const struct weft_limits *limits,
           struct weft_arena *arena, struct wf_frame *frame,
           struct weft_reader *r)
{
    uint8_t b[FIXED];
    if (weft_chain_copy_out(message, 0, b, FIXED) < FIXED)
        return WEFT_EFRAME;
    frame->flags = (uint16_t)(b[2] << 8 | b[3]);
    frame->seqid = (int32_t)weft_load_be32(b + 4);
    size_t size = WORD * ((size_t)b[8] << 8 | b[9]);
    if (size == 0 || size > message->len - FIXED)
        return WEFT_EFRAME;
    if (size > limits->header_size)
        return WEFT_ETOOBIG;
    void *block = weft_arena_alloc(arena, size);
    if (!block)
        return WEFT_EBUDGET;
    weft_chain_copy_out(message, FIXED, block, size);
    weft_chain_drop(message, FIXED + size);
    weft_reader_init_flat(r, block, size, arena, 0);
    return WEFT_OK;
}

/* Check that the message has the protocol that the block names. */
static weft_err
check_protocol(const struct weft_chain *message, struct wf_frame *frame)
{
    uint8_t said = frame->dialect.protocol, found;
    weft_err err = wf_protocol_of(message, &found);
    if (err)
        return err;
    frame->dialect.protocol = found;
    if (found == WEFT_OLD_BINARY)
        found = WEFT_BINARY; /* old binary has the same number in a block */
    return found == said ? WEFT_OK : WEFT_EFRAME;
}

static weft_err
open_theader(struct weft_chain *message, const struct weft_limits *limits,
             struct weft_arena *arena, struct wf_frame *frame)
{
    struct weft_reader r;
    frame->dialect.framing = WEFT_THEADER;
    weft_err err = take_block(message, limits, arena, frame, &r);
    if (!err)
        err = wf_theader_read(&r, frame);
    size_t most = wf_zlib_most(message->len, limits->inflate_ratio);
    if (!err && frame->dialect.zlib)
        err = wf_zlib_unpack(message, WF_MIN(most, limits->message_size));
    return err ? err : check_protocol(message, frame);
}

/* Remove the length before the message, if there is one. The first four bytes
 * are a length if their value is the number of bytes after them. If strict
 * binary follows the four bytes, they must be a length, and another value is an
 * error. A message without a length never looks like one of these two cases. */
static weft_err
open_inner(struct weft_chain *message, struct wf_frame *frame)
{
    uint8_t b[6];
    if (weft_chain_copy_out(message, 0, b, sizeof b) < sizeof b)
        return WEFT_OK;
    uint32_t len = weft_load_be32(b);
    bool is_true = len == message->len - LENGTH;
    bool is_due = len <= WF_LARGEST_FRAME && b[4] == 0x80 && b[5] == 0x01;
    if (!is_true && !is_due)
        return WEFT_OK;
    if (!is_true)
        return WEFT_EFRAME;
    frame->dialect.framing = WEFT_TTHEADER_FRAMED;
    weft_chain_drop(message, LENGTH);
    return WEFT_OK;
}

static weft_err
open_ttheader(struct weft_chain *message, const struct weft_limits *limits,
              struct weft_arena *arena, struct wf_frame *frame)
{
    struct weft_reader r;
    struct weft_str crc = {NULL, 0};
    frame->dialect.framing = WEFT_TTHEADER;
    weft_err err = take_block(message, limits, arena, frame, &r);
    if (err)
        return err;
    if (frame->flags & FLAG_STREAM) {
        frame->guess = WF_GUESS_STREAM;
        return WEFT_EUNKNOWNPROTO;
    }
    if ((err = wf_ttheader_read(&r, frame, &crc)))
        return err;
    frame->has_crc = crc.ptr != NULL;
    if (frame->has_crc) {
        struct digits digits = crc_of(0, message);
        if (!weft_str_eq(crc, weft_str_of(digits.text)))
            return WEFT_ECHECKSUM;
    }
    err = open_inner(message, frame);
    return err ? err : check_protocol(message, frame);
}

weft_err
wf_frame_open(struct weft_chain *message, const struct weft_limits *limits,
              struct weft_arena *arena, struct wf_frame *frame)
{
    uint8_t b[2] = {0, 0};
    *frame = (struct wf_frame){.dialect.framing = WEFT_FRAMED};
    weft_chain_copy_out(message, 0, b, sizeof b);
    switch (b[0] << 8 | b[1]) {
    case WF_THEADER_MAGIC:
        return open_theader(message, limits, arena, frame);
    case WF_TTHEADER_MAGIC:
        return open_ttheader(message, limits, arena, frame);
    default:
        return wf_protocol_of(message, &frame->dialect.protocol);
    }
}

/* ---- closing ---- */

/* The bytes before a message: length, headers, inner length. */
struct front {
    const struct wf_frame *frame;
    const char *crc; /* the header crc32c, or NULL */
    size_t block;    /* bytes, with padding */
    size_t inner;    /* 4 if a length follows the block, else 0 */
    uint32_t message;
};

static bool
is_theader(const struct front *front)
{
    return front->frame->dialect.framing == WEFT_THEADER;
}

static weft_err
write_block(const struct front *front, struct wf_sink *sink)
{
    return is_theader(front)
               ? wf_theader_write(sink, front->frame)
               : wf_ttheader_write(sink, front->frame, front->crc);
}

static weft_err
measure(struct front *front)
{
    const struct weft_headers *headers = &front->frame->headers;
    struct wf_sink sink = {0};
    for (uint32_t i = 0; i < headers->len; i++)
        if (headers->items[i].key.len == 0)
            return WEFT_EHEADER;
    weft_err err = write_block(front, &sink);
    if (err)
        return err;
    front->block = (sink.len + WORD - 1) / WORD * WORD;
    if (front->block > WEFT_HEADER_SIZE)
        return WEFT_EHEADER;
    size_t rest = WF_LARGEST_FRAME - FIXED - front->block - front->inner;
    return front->message > rest ? WEFT_ETOOBIG : WEFT_OK;
}

static weft_err
write_front(const struct front *front, struct weft_chain *out)
{
    size_t room, len = FIXED + front->block + front->inner;
    uint8_t *at = weft_chain_reserve(out, LENGTH + len, &room);
    if (!at)
        return -ENOMEM;
    uint32_t magic = is_theader(front) ? WF_THEADER_MAGIC : WF_TTHEADER_MAGIC;
    uint8_t *block = at + LENGTH + FIXED;
    weft_store_be32(at, (uint32_t)len + front->message);
    weft_store_be32(at + 4, magic << 16 | front->frame->flags);
    weft_store_be32(at + 8, (uint32_t)front->frame->seqid);
    at[12] = (uint8_t)(front->block / WORD >> 8);
    at[13] = (uint8_t)(front->block / WORD);
    memset(block, 0, front->block);
    struct wf_sink sink = {.at = block};
    weft_err err = write_block(front, &sink);
    WF_CHECK(sink.len <= front->block); /* measure() set `block` */
    if (front->inner)
        weft_store_be32(block + front->block, front->message);
    return err ? err : weft_chain_commit(out, at, LENGTH + len);
}

static weft_err
close_with_headers(const struct wf_frame *frame, struct weft_chain *message,
                   struct weft_chain *out)
{
    uint8_t framing = frame->dialect.framing;
    struct front front = {.frame = frame, .message = (uint32_t)message->len};
    struct digits digits;
    if (framing == WEFT_TTHEADER_FRAMED)
        front.inner = LENGTH;
    if (framing != WEFT_THEADER && frame->has_crc) {
        uint8_t len[LENGTH];
        weft_store_be32(len, front.message);
        digits = crc_of(wf_crc32c(0, len, front.inner), message);
        front.crc = digits.text;
    }
    weft_err err = measure(&front);
    return err ? err : write_front(&front, out);
}

static weft_err
close_plain(const struct wf_frame *frame, const struct weft_chain *message,
            struct weft_chain *out)
{
    uint8_t len[LENGTH];
    if (frame->headers.len > 0)
        return WEFT_EHEADER;
    if (frame->dialect.framing == WEFT_UNFRAMED)
        return WEFT_OK;
    weft_store_be32(len, (uint32_t)message->len);
    return weft_chain_append(out, len, sizeof len);
}

/* Compress the message. If a peer with the default limits would refuse to
 * inflate the result, leave the message uncompressed. */
static weft_err
close_theader(const struct wf_frame *frame, struct weft_chain *message,
              struct weft_chain *out)
{
    struct wf_frame plain = *frame;
    struct weft_chain packed = {0};
    size_t len = message->len;
    WF_DCHECK(len <= WF_LARGEST_FRAME);
    weft_err err = WEFT_OK;
    if (frame->dialect.zlib && len > 0) {
        err = weft_chain_share(message, 0, len, &packed);
        if (!err)
            err = wf_zlib_pack(&packed);
        if (!err && len > wf_zlib_most(packed.len, WEFT_INFLATE_RATIO)) {
            plain.dialect.zlib = false;
        } else if (!err) {
            weft_chain_clear(message);
            weft_chain_splice(&packed, message);
        }
        weft_chain_clear(&packed);
    }
    return err ? err : close_with_headers(&plain, message, out);
}

static weft_err
write_head(const struct wf_frame *frame, struct weft_chain *message,
           struct weft_chain *out)
{
    if (message->len > WF_LARGEST_FRAME)
        return WEFT_ETOOBIG;
    switch (frame->dialect.framing) {
    case WEFT_FRAMED:
    case WEFT_UNFRAMED:
        return close_plain(frame, message, out);
    case WEFT_THEADER:
        return close_theader(frame, message, out);
    case WEFT_TTHEADER:
    case WEFT_TTHEADER_FRAMED:
        return close_with_headers(frame, message, out);
    default:
        return WEFT_EUNKNOWNPROTO;
    }
}

weft_err
wf_frame_close(const struct wf_frame *frame, struct weft_chain *message,
               struct weft_chain *out)
{
    weft_err err = write_head(frame, message, out);
    if (err)
        weft_chain_clear(message);
    else
        weft_chain_splice(message, out);
    return err;
}
