/* SPDX-License-Identifier: MIT */
#include "codec/compact.h"

#define MOST_BYTES 10 /* of a varint */

void
weft_compact_write_u64_slow(struct weft_writer *w, uint64_t v)
{
    if (!weft_write_ready(w, MOST_BYTES))
        return;
    uint8_t *at = w->at; /* bytes could be w->at itself, for all C knows */
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

static struct weft_str
load_str(const void *value)
{
    struct weft_str v;
    memcpy(&v, value, sizeof v);
    return v;
}

void
wf_compact_write_base(struct weft_writer *w, uint8_t wire, const void *value)
{
    switch (wire) {
    case WEFT_BOOL:
        weft_compact_write_bool(w, *(const bool *)value);
        break;
    case WEFT_I8:
        weft_compact_write_i8(w, *(const int8_t *)value);
        break;
    case WEFT_I16:
        weft_compact_write_i16(w, *(const int16_t *)value);
        break;
    case WEFT_I32:
        weft_compact_write_i32(w, *(const int32_t *)value);
        break;
    case WEFT_I64:
        weft_compact_write_i64(w, *(const int64_t *)value);
        break;
    case WEFT_DOUBLE:
        weft_compact_write_double(w, *(const double *)value);
        break;
    case WEFT_STRING:
        weft_compact_write_str(w, load_str(value));
        break;
    case WEFT_UUID:
        weft_compact_write_uuid(w, *(const struct weft_uuid *)value);
        break;
    default:
        weft_writer_fail(w, WEFT_EWIRETYPE);
    }
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
