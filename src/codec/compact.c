/* SPDX-License-Identifier: MIT */
#include "codec/compact.h"
#include "codec/desc.h"
#include "codec/skip.h"

#define PROTOCOL_ID 0x82
#define VERSION 1
#define TRUE_BITS 1 /* a bool field, and the element type of bools */
#define SHORT_COUNT \
    15 /* from this many items on, the count has its own bytes */

/* The longest varint of so many bits. */
enum { BYTES_OF_32 = 5, BYTES_OF_64 = 10 };

/* By the four bits on the wire. */
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

static weft_err
read_varint32(struct weft_reader *r, uint32_t *v)
{
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
    weft_err err = read_varint32(r, &got);
    if (err)
        return err;
    if (got > INT32_MAX)
        return WEFT_ESIZE;
    *size = (int32_t)got;
    return WEFT_OK;
}

static weft_err
read_i32(struct weft_reader *r, int32_t *v)
{
    uint32_t got;
    weft_err err = read_varint32(r, &got);
    if (!err)
        *v = (int32_t)(got >> 1 ^ (0 - (got & 1)));
    return err;
}

static weft_err
read_i16(struct weft_reader *r, int16_t *v)
{
    int32_t got;
    weft_err err = read_i32(r, &got);
    if (err)
        return err;
    if (got < INT16_MIN || got > INT16_MAX)
        return WEFT_EPROTOCOL;
    *v = (int16_t)got;
    return WEFT_OK;
}

static weft_err
read_i64(struct weft_reader *r, int64_t *v)
{
    uint64_t got;
    weft_err err = read_varint(r, BYTES_OF_64, &got);
    if (!err)
        *v = (int64_t)(got >> 1 ^ (0 - (got & 1)));
    return err;
}

/* ---- the other base types ---- */

/* Old peers write 0 for false, and others 2. */
static weft_err
read_bool(struct weft_reader *r, bool *v)
{
    uint8_t b;
    weft_err err = weft_read_raw(r, &b, 1);
    if (!err)
        *v = b == 1;
    return err;
}

static weft_err
read_double(struct weft_reader *r, double *v)
{
    uint8_t b[8];
    weft_err err = weft_read_raw(r, b, sizeof b);
    if (err)
        return err;
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++)
        bits |= (uint64_t)b[i] << 8 * i;
    memcpy(v, &bits, sizeof bits);
    return WEFT_OK;
}

static weft_err
read_str(struct weft_reader *r, struct weft_str *v)
{
    int32_t len;
    weft_err err = wf_compact_read_size(r, &len);
    return err ? err : weft_read_str_slow(r, len, v);
}

weft_err
wf_compact_read_base(struct weft_reader *r, uint8_t wire, void *value)
{
    switch (wire) {
    case WEFT_BOOL:
        return read_bool(r, value);
    case WEFT_I8:
        return weft_read_raw(r, value, 1);
    case WEFT_I16:
        return read_i16(r, value);
    case WEFT_I32:
        return read_i32(r, value);
    case WEFT_I64:
        return read_i64(r, value);
    case WEFT_DOUBLE:
        return read_double(r, value);
    case WEFT_STRING:
        return read_str(r, value);
    case WEFT_UUID:
        return weft_read_raw(r, value, sizeof(struct weft_uuid));
    default:
        return WEFT_EWIRETYPE;
    }
}

/* ---- heads ---- */

weft_err
wf_compact_read_message(struct weft_reader *r, uint32_t name_size,
                        struct weft_message *m)
{
    uint8_t b[2];
    uint64_t seqid; /* some write its sign into all of 64 bits */
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
wf_compact_read_field(struct weft_reader *r, int16_t *last,
                      struct wf_field_head *head)
{
    uint8_t b;
    weft_err err = weft_read_raw(r, &b, 1);
    if (err)
        return err;
    *head = (struct wf_field_head){.wire = wires[b & 0xf],
                                   .value = (b & 0xf) == TRUE_BITS};
    if (b == 0)
        return WEFT_OK;
    if (head->wire == WEFT_STOP)
        return WEFT_EWIRETYPE;
    if (b >> 4 == 0) {
        if ((err = read_i16(r, &head->id)))
            return err;
    } else if (*last > INT16_MAX - (b >> 4)) {
        return WEFT_EPROTOCOL;
    } else {
        head->id = (int16_t)(*last + (b >> 4));
    }
    *last = head->id;
    return WEFT_OK;
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

weft_err
wf_compact_read_list(struct weft_reader *r, uint8_t wire, size_t item_size,
                     void *vec, bool *fits)
{
    struct wf_compact_items items;
    weft_err err = wf_compact_read_items(r, false, &items);
    if (err)
        return err;
    *fits = items.value == wire;
    if (!*fits)
        return wf_compact_skip_items(r, false, &items);
    return wf_take_items(r, items.count, wf_compact_min(wire), item_size, vec);
}

weft_err
wf_compact_read_map(struct weft_reader *r, uint8_t key, uint8_t value,
                    size_t item_size, void *vec, bool *fits)
{
    struct wf_compact_items items;
    weft_err err = wf_compact_read_items(r, true, &items);
    if (err)
        return err;
    *fits = items.count == 0 || (items.key == key && items.value == value);
    if (!*fits)
        return wf_compact_skip_items(r, true, &items);
    uint32_t min = wf_compact_min(key) + wf_compact_min(value);
    return wf_take_items(r, items.count, min, item_size, vec);
}
