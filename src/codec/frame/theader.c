/* SPDX-License-Identifier: MIT */
/* Reads and writes the block of headers in Apache's THeader, whose numbers are
 * varints. */
#include "codec/binary/binary.h"
#include "codec/frame/frame.h"

#define TRANSFORM_ZLIB 1
#define INFO_PAIRS 1

/* The number in the block for each protocol of enum weft_protocol. The bytes of
 * the message show whether the message is old binary. */
static const uint8_t ids[] = {
    [WEFT_BINARY] = 0,
    [WEFT_COMPACT] = 2,
    [WEFT_JSON] = 1,
    [WEFT_OLD_BINARY] = 0,
};

static weft_err
read_varint(struct weft_reader *r, uint32_t *v)
{
    int32_t got;
    if (wf_compact_read_size(r, &got))
        return WEFT_EFRAME;
    *v = (uint32_t)got;
    return WEFT_OK;
}

static weft_err
read_str(struct weft_reader *r, struct weft_str *v)
{
    uint32_t len;
    weft_err err = read_varint(r, &len);
    if (err)
        return err;
    return weft_read_str_slow(r, (int32_t)len, v) ? WEFT_EFRAME : WEFT_OK;
}

static weft_err
read_protocol(struct weft_reader *r, uint8_t *protocol)
{
    uint32_t id;
    weft_err err = read_varint(r, &id);
    if (err)
        return err;
    for (uint8_t i = WEFT_BINARY; i <= WEFT_JSON; i++)
        if (ids[i] == id) {
            *protocol = i;
            return WEFT_OK;
        }
    return WEFT_EUNKNOWNPROTO;
}

/* Accept at most one transform: no peer needs two transforms, and the size of
 * data that is inflated twice has no useful bound. */
static weft_err
read_transforms(struct weft_reader *r, bool *is_zlib)
{
    uint32_t n, id;
    weft_err err = read_varint(r, &n);
    if (err || n == 0)
        return err;
    if (n > 1)
        return WEFT_ETRANSFORM;
    err = read_varint(r, &id);
    if (!err && id != TRANSFORM_ZLIB)
        return WEFT_ETRANSFORM;
    *is_zlib = !err;
    return err;
}

/* Read pairs. Each pair takes two bytes or more, so a count that is too high
 * causes WEFT_EFRAME. */
static weft_err
read_pairs(struct weft_reader *r, struct wf_frame *frame)
{
    uint32_t n;
    struct weft_str key, value;
    weft_err err = read_varint(r, &n);
    for (; !err && n > 0; n--)
        if (!(err = read_str(r, &key)) && !(err = read_str(r, &value)))
            err = wf_frame_add(r, frame, key, value);
    return err;
}

weft_err
wf_theader_read(struct weft_reader *r, struct wf_frame *frame)
{
    weft_err err = read_protocol(r, &frame->dialect.protocol);
    if (!err)
        err = read_transforms(r, &frame->dialect.zlib);
    /* The loop ends at padding, which begins with the number 0, and at an
     * unknown info block: a block does not contain its length, so the loop
     * cannot skip the block. */
    while (!err && weft_reader_left(r) > 0) {
        uint32_t id;
        if ((err = read_varint(r, &id)) || id != INFO_PAIRS)
            break;
        err = read_pairs(r, frame);
    }
    return err;
}

static void
put_varint(struct wf_sink *sink, uint32_t v)
{
    for (; v >= 0x80; v >>= 7)
        wf_sink_put_u8(sink, v | 0x80);
    wf_sink_put_u8(sink, v);
}

static void
put_str(struct wf_sink *sink, struct weft_str s)
{
    put_varint(sink, s.len);
    wf_sink_put(sink, s.ptr, s.len);
}

size_t
wf_theader_size(const struct weft_header *header)
{
    struct wf_sink sink = {0};
    put_str(&sink, header->key);
    put_str(&sink, header->value);
    return sink.len;
}

weft_err
wf_theader_write(struct wf_sink *sink, const struct wf_frame *frame)
{
    const struct weft_headers *headers = &frame->headers;
    put_varint(sink, ids[frame->dialect.protocol]);
    put_varint(sink, frame->dialect.zlib);
    if (frame->dialect.zlib)
        put_varint(sink, TRANSFORM_ZLIB);
    if (headers->len == 0)
        return WEFT_OK;
    put_varint(sink, INFO_PAIRS);
    put_varint(sink, headers->len);
    for (uint32_t i = 0; i < headers->len; i++) {
        put_str(sink, headers->items[i].key);
        put_str(sink, headers->items[i].value);
    }
    return WEFT_OK;
}
