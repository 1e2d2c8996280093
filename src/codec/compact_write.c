/* SPDX-License-Identifier: MIT */
#include "codec/compact.h"

#define MOST_BYTES 10 /* of a varint */

/* The four bits of a wire type; of bool, those of an element. */
static const uint8_t bits[] = {
    [WEFT_BOOL] = 1, [WEFT_I8] = 3,   [WEFT_DOUBLE] = 7, [WEFT_I16] = 4,
    [WEFT_I32] = 5,  [WEFT_I64] = 6,  [WEFT_STRING] = 8, [WEFT_STRUCT] = 12,
    [WEFT_MAP] = 11, [WEFT_SET] = 10, [WEFT_LIST] = 9,   [WEFT_UUID] = 13,
};

enum { FALSE_BITS = 2 };

static void
write_byte(struct weft_writer *w, uint32_t b)
{
    if (weft_write_ready(w, 1))
        *w->at++ = (uint8_t)b;
}

static void
write_varint(struct weft_writer *w, uint64_t v)
{
    if (!weft_write_ready(w, MOST_BYTES))
        return;
    for (; v >= 0x80; v >>= 7)
        *w->at++ = (uint8_t)(v | 0x80);
    *w->at++ = (uint8_t)v;
}

static void
write_zigzag(struct weft_writer *w, int64_t v)
{
    uint64_t sign = v < 0 ? UINT64_MAX : 0;
    write_varint(w, (uint64_t)v << 1 ^ sign);
}

static void
write_str(struct weft_writer *w, const void *value)
{
    struct weft_str v;
    memcpy(&v, value, sizeof v);
    write_varint(w, v.len);
    weft_write_bytes_slow(w, v.ptr, v.len);
}

static void
write_double(struct weft_writer *w, const void *value)
{
    uint64_t v;
    memcpy(&v, value, sizeof v);
    if (!weft_write_ready(w, 8))
        return;
    for (int i = 0; i < 8; i++, v >>= 8)
        *w->at++ = (uint8_t)v;
}

void
wf_compact_write_base(struct weft_writer *w, uint8_t wire, const void *value)
{
    switch (wire) {
    case WEFT_BOOL:
        write_byte(w, *(const bool *)value ? 1 : FALSE_BITS);
        break;
    case WEFT_I8:
        weft_bin_write_i8(w, *(const int8_t *)value);
        break;
    case WEFT_I16:
        write_zigzag(w, *(const int16_t *)value);
        break;
    case WEFT_I32:
        write_zigzag(w, *(const int32_t *)value);
        break;
    case WEFT_I64:
        write_zigzag(w, *(const int64_t *)value);
        break;
    case WEFT_DOUBLE:
        write_double(w, value);
        break;
    case WEFT_STRING:
        write_str(w, value);
        break;
    case WEFT_UUID:
        weft_bin_write_uuid(w, *(const struct weft_uuid *)value);
        break;
    default:
        weft_writer_fail(w, WEFT_EWIRETYPE);
    }
}

void
wf_compact_write_message(struct weft_writer *w, struct weft_str name,
                         int32_t type, int32_t seqid)
{
    write_byte(w, 0x82);
    write_byte(w, (uint32_t)(type & 7) << 5 | 1);
    write_varint(w, (uint32_t)seqid);
    write_str(w, &name);
}

void
wf_compact_write_field(struct weft_writer *w, int16_t *last,
                       const struct wf_field_head *head)
{
    int32_t delta = head->id - *last;
    uint32_t b = bits[head->wire];
    if (head->wire == WEFT_BOOL && !head->value)
        b = FALSE_BITS;
    if (delta >= 1 && delta <= 15) {
        write_byte(w, (uint32_t)delta << 4 | b);
    } else {
        write_byte(w, b);
        write_zigzag(w, head->id);
    }
    *last = head->id;
}

void
wf_compact_write_list(struct weft_writer *w, uint8_t wire, uint32_t len)
{
    write_byte(w, (len < 15 ? len : 15) << 4 | bits[wire]);
    if (len >= 15)
        write_varint(w, len);
}

void
wf_compact_write_map(struct weft_writer *w, uint8_t key, uint8_t value,
                     uint32_t len)
{
    write_varint(w, len);
    if (len > 0)
        write_byte(w, (uint32_t)bits[key] << 4 | bits[value]);
}
