/* SPDX-License-Identifier: MIT */
#include "codec/binary/compact.h"

#define PROTOCOL_ID 0x82
#define VERSION 1
/* A list with at least so many items has its count after the head. */
#define SHORT_COUNT 15

/* A varint has at most 5 bytes for 32 bits, and at most 10 bytes for 64
 * bits. */
enum { BYTES_OF_32 = 5, BYTES_OF_64 = 10 };

/* The wire type of each four-bit code. */
static const uint8_t wires[16] = {
    WEFT_STOP, WEFT_BOOL, WEFT_BOOL,   WEFT_I8,     WEFT_I16,
    WEFT_I32,  WEFT_I64,  WEFT_DOUBLE, WEFT_STRING, WEFT_LIST,
    WEFT_SET,  WEFT_MAP,  WEFT_STRUCT, WEFT_UUID,
};

uint32_t
wf_compact_min(uint8_t wire)
{
    if (wire == WEFT_DOUBLE || wire == WEFT_UUID)
        return wf_wire_min(wire);
    return wf_wire_min(wire) ? 1 : 0;
}

/* ---- numbers ---- */

/* Read a varint byte by byte, because it may lie in two runs of bytes. Errors:
 * WEFT_ETRUNC; WEFT_EPROTOCOL: the varint is too long. */
static weft_err
read_varint(struct weft_reader *r, uint32_t max_bytes, uint64_t *v)
{
    uint64_t got = 0;
    for (uint32_t i = 0; i < max_bytes; i++) {
        uint8_t b;
        weft_err err = weft_read_raw(r, &b, 1);
        if (err)
            return err;
        if (i == BYTES_OF_64 - 1 && b > 1)
            break;
        got |= (uint64_t)(b & 0x7f) << 7 * i;
        if (b < 0x80) {
            *v = got;
            return WEFT_OK;
        }
    }
    return WEFT_EPROTOCOL;
}

/* Read a varint of at most eight bytes with one load: clear the loaded bytes
 * after the varint, then join its groups of seven bits. Returns the length of
 * the varint; 0: the varint is longer, or less than eight bytes of the run are
 * left. */
static inline uint32_t
load_varint(const struct weft_reader *r, uint64_t *v)
{
    if (WEFT_UNLIKELY(r->end - r->at < 8))
        return 0;
    uint64_t word = weft_load_le64(r->at);
    uint64_t ends = ~word & 0x8080808080808080u;
    if (WEFT_UNLIKELY(ends == 0))
        return 0;
    word &= (ends ^ (ends - 1)) & 0x7f7f7f7f7f7f7f7fu;
    word = (word & 0x007f007f007f007fu) | (word & 0x7f007f007f007f00u) >> 1;
    word = (word & 0x00003fff00003fffu) | (word & 0x3fff00003fff0000u) >> 2;
    *v = (word & 0x0fffffffu) | (word & 0x0fffffff00000000u) >> 4;
    return (uint32_t)__builtin_ctzll(ends) / 8 + 1;
}

weft_err
weft_compact_read_u64_slow(struct weft_reader *r, uint64_t *v)
{
    uint32_t n = load_varint(r, v);
    if (WEFT_UNLIKELY(n == 0))
        return read_varint(r, BYTES_OF_64, v);
    r->at += n;
    return WEFT_OK;
}

/*
 * Read a varint of 32 bits that has two bytes or more. Such a varint has five
 * bytes at most, so one step for each byte is enough. The step of a byte also
 * adds the byte's bit 0x80, which is set in all bytes except the last. The
 * "- 1" in the next step subtracts this bit. Returns the length; 0: the varint
 * is invalid.
 */
static inline uint32_t
load_varint32(const uint8_t *at, uint32_t *v)
{
    *v = at[0] + (((uint32_t)at[1] - 1) << 7);
    if (at[1] < 0x80)
        return 2;
    *v += ((uint32_t)at[2] - 1) << 14;
    if (at[2] < 0x80)
        return 3;
    *v += ((uint32_t)at[3] - 1) << 21;
    if (at[3] < 0x80)
        return 4;
    *v += ((uint32_t)at[4] - 1) << 28;
    return at[4] < 16 ? 5 : 0;
}

weft_err
weft_compact_read_u32_slow(struct weft_reader *r, uint32_t *v)
{
    if (WEFT_LIKELY(r->end - r->at >= BYTES_OF_32 && *r->at >= 0x80)) {
        uint32_t n = load_varint32(r->at, v);
        r->at += n;
        return n ? WEFT_OK : WEFT_EPROTOCOL;
    }
    uint64_t got = 0;
    weft_err err = read_varint(r, BYTES_OF_32, &got);
    if (err)
        return err;
    if (got > UINT32_MAX)
        return WEFT_EPROTOCOL;
    *v = (uint32_t)got;
    return WEFT_OK;
}

weft_err
wf_compact_read_size(struct weft_reader *r, int32_t *size)
{
    uint32_t got;
    weft_err err = weft_compact_read_u32(r, &got);
    if (err)
        return err;
    if (got > INT32_MAX)
        return WEFT_ESIZE;
    *size = (int32_t)got;
    return WEFT_OK;
}

/* ---- heads ---- */

weft_err
wf_compact_read_message(struct weft_reader *r, uint32_t name_size,
                        struct weft_message *m)
{
    uint8_t b[2];
    uint64_t seqid; /* some peers sign-extend the id to 64 bits */
    int32_t len;
    struct weft_str name;
    weft_err err = weft_read_raw(r, b, sizeof b);
    if (err)
        return err;
    if (b[0] != PROTOCOL_ID || (b[1] & 0x1f) != VERSION)
        return WEFT_EVERSION;
    if ((err = read_varint(r, BYTES_OF_64, &seqid)) ||
        (err = wf_compact_read_size(r, &len)))
        return err;
    if ((uint32_t)len > (name_size ? name_size : WEFT_NAME_SIZE))
        return WEFT_ESIZE;
    if ((size_t)len > weft_reader_left(r))
        return WEFT_ETRUNC;
    if ((err = weft_read_str_slow(r, len, &name)))
        return err;
    *m = (struct weft_message){name, (int32_t)(uint32_t)seqid, b[1] >> 5};
    return WEFT_OK;
}

weft_err
weft_compact_read_str_slow(struct weft_reader *r, struct weft_str *v)
{
    return weft_compact_read_str(r, v);
}

weft_err
weft_compact_read_field_slow(struct weft_reader *r, uint32_t *field)
{
    uint8_t b;
    int32_t id = (int16_t)(*field >> 8);
    weft_err err = weft_read_raw(r, &b, 1);
    if (err)
        return err;
    if (b == WEFT_STOP) {
        *field = WEFT_STOP;
        return WEFT_OK;
    }
    if (wires[b & 15] == WEFT_STOP)
        return WEFT_EWIRETYPE;
    int16_t whole;
    if (b >= 16)
        id += b >> 4;
    else if (!(err = weft_compact_read_i16(r, &whole)))
        id = whole;
    if (err || id > INT16_MAX)
        return err ? err : WEFT_EPROTOCOL;
    *field = WEFT_FIELD(id, b & 15);
    return WEFT_OK;
}

weft_err
wf_compact_read_field(struct weft_reader *r, uint32_t *field,
                      struct wf_field_head *head)
{
    weft_err err = weft_compact_read_field(r, field);
    if (err)
        return err;
    head->id = (int16_t)(*field >> 8);
    head->wire = wires[*field & 15];
    head->value = (*field & 15) == WEFT_COMPACT_TRUE;
    return head->wire || *field == WEFT_STOP ? WEFT_OK : WEFT_EWIRETYPE;
}

uint8_t
wf_compact_wire(uint32_t field)
{
    return wires[field & 15];
}

weft_err
wf_compact_read_items(struct weft_reader *r, bool is_map,
                      struct wf_compact_items *items)
{
    uint8_t b = 0;
    weft_err err = is_map ? wf_compact_read_size(r, &items->count)
                          : weft_read_raw(r, &b, 1);
    if (!err && is_map && items->count > 0)
        err = weft_read_raw(r, &b, 1);
    if (err)
        return err;
    items->value = wires[b & 0xf];
    items->key = is_map ? wires[b >> 4] : items->value;
    if (is_map)
        return WEFT_OK;
    items->count = b >> 4;
    return items->count < SHORT_COUNT ? WEFT_OK
                                      : wf_compact_read_size(r, &items->count);
}
