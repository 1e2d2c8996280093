/* SPDX-License-Identifier: MIT */
/*
 * weft/inline/codec.h: the end of weft/codec.h, which includes this file. First
 * come the bodies of its inline functions, then functions that only generated
 * code may call (runs and rooms). The weftc that generates this code must have
 * the same version as this header.
 */
#ifndef WEFT_INLINE_CODEC_H
#define WEFT_INLINE_CODEC_H

#include <weft/codec.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define WEFT_FLAT static inline __attribute__((always_inline))
#else
#define WEFT_FLAT static inline
#endif

/* ---- out of line ---- */

/* The slow paths: for a value that crosses two runs, and for a writer that has
 * no room left. */
WEFT_API weft_err weft_read_slow(struct weft_reader *r, void *dst, size_t len);
WEFT_API weft_err weft_read_str_slow(struct weft_reader *r, int32_t len,
                                     struct weft_str *v);
WEFT_API bool weft_write_room(struct weft_writer *w, size_t len);
WEFT_API void weft_write_bytes_slow(struct weft_writer *w, const void *ptr,
                                    size_t len);

/* The address of the items of a list, set or map that is set but empty. */
WEFT_API extern const uint64_t weft_no_items[2];
#define WEFT_NO_ITEMS ((uintptr_t)weft_no_items)

/* Drop repeated items and keys in a field that was just read; `field` is its
 * index in the descriptor. */
WEFT_API weft_err weft_read_unique(struct weft_reader *r,
                                   const struct weft_struct *desc,
                                   uint32_t field, void *value) WEFT_CHECKED;

/* Does a struct have its initial value, and lack a required value? Then it
 * cannot be written. If the field with the struct was neither set nor read, the
 * writer leaves the field out. */
WEFT_API bool weft_write_leaves_out(const struct weft_struct *desc,
                                    const void *record);

/* A record cannot be written: find the required field that is not set. */
WEFT_API void weft_write_refuse(struct weft_writer *w,
                                const struct weft_struct *desc,
                                const void *record);

/* Returns the next n bytes, 8 at most, even if they lie in several runs. NULL:
 * fewer than n bytes are left. */
WEFT_API const uint8_t *weft_read_few_slow(struct weft_reader *r, size_t n);
WEFT_API weft_err weft_bin_read_str_slow(struct weft_reader *r,
                                         struct weft_str *v);
WEFT_API weft_err weft_bin_read_field_slow(struct weft_reader *r,
                                           uint32_t *field);

WEFT_API void weft_bin_write_str_slow(struct weft_writer *w, struct weft_str v);

/* The slow paths of compact: for varints of two or more bytes, and for whole
 * ids. */
WEFT_API weft_err weft_compact_read_u32_slow(struct weft_reader *r,
                                             uint32_t *v);
WEFT_API weft_err weft_compact_read_u64_slow(struct weft_reader *r,
                                             uint64_t *v);
WEFT_API weft_err weft_compact_read_str_slow(struct weft_reader *r,
                                             struct weft_str *v);
WEFT_API weft_err weft_compact_read_field_slow(struct weft_reader *r,
                                               uint32_t *field);
WEFT_API void weft_compact_write_u64_slow(struct weft_writer *w, uint64_t v);
WEFT_API void weft_compact_write_str_slow(struct weft_writer *w,
                                          struct weft_str v);
WEFT_API void weft_compact_write_id_slow(struct weft_writer *w, uint8_t code,
                                         int16_t id);

/* ---- binary ---- */

static inline size_t
weft_reader_left(const struct weft_reader *r)
{
    return (size_t)(r->end - r->at) + r->more;
}

static inline weft_err
weft_read_raw(struct weft_reader *r, void *dst, size_t len)
{
    if (WEFT_UNLIKELY((size_t)(r->end - r->at) < len))
        return weft_read_slow(r, dst, len);
    memcpy(dst, r->at, len);
    r->at += len;
    return WEFT_OK;
}

static inline weft_err
weft_bin_read_bool(struct weft_reader *r, bool *v)
{
    uint8_t raw;
    weft_err err = weft_read_raw(r, &raw, 1);
    if (!err)
        *v = raw != 0;
    return err;
}

static inline weft_err
weft_bin_read_i8(struct weft_reader *r, int8_t *v)
{
    return weft_read_raw(r, v, 1);
}

static inline weft_err
weft_bin_read_i16(struct weft_reader *r, int16_t *v)
{
    uint8_t b[2];
    weft_err err = weft_read_raw(r, b, 2);
    if (!err)
        *v = (int16_t)(uint16_t)((uint32_t)b[0] << 8 | b[1]);
    return err;
}

static inline uint32_t
weft_load_be32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           b[3];
}

static inline uint64_t
weft_load_be64(const uint8_t *b)
{
    return (uint64_t)weft_load_be32(b) << 32 | weft_load_be32(b + 4);
}

static inline void
weft_store_be32(uint8_t *b, uint32_t v)
{
    b[0] = (uint8_t)(v >> 24);
    b[1] = (uint8_t)(v >> 16);
    b[2] = (uint8_t)(v >> 8);
    b[3] = (uint8_t)v;
}

static inline void
weft_store_be64(uint8_t *b, uint64_t v)
{
    weft_store_be32(b, (uint32_t)(v >> 32));
    weft_store_be32(b + 4, (uint32_t)v);
}

static inline weft_err
weft_bin_read_i32(struct weft_reader *r, int32_t *v)
{
    uint8_t b[4];
    weft_err err = weft_read_raw(r, b, 4);
    if (!err)
        *v = (int32_t)weft_load_be32(b);
    return err;
}

static inline weft_err
weft_bin_read_i64(struct weft_reader *r, int64_t *v)
{
    uint8_t b[8];
    weft_err err = weft_read_raw(r, b, 8);
    if (!err)
        *v = (int64_t)weft_load_be64(b);
    return err;
}

static inline weft_err
weft_bin_read_double(struct weft_reader *r, double *v)
{
    uint8_t b[8];
    weft_err err = weft_read_raw(r, b, 8);
    if (!err) {
        uint64_t bits = weft_load_be64(b);
        memcpy(v, &bits, sizeof bits);
    }
    return err;
}

static inline weft_err
weft_bin_read_uuid(struct weft_reader *r, struct weft_uuid *v)
{
    return weft_read_raw(r, v->bytes, 16);
}

static inline weft_err
weft_bin_read_str(struct weft_reader *r, struct weft_str *v)
{
    int32_t len;
    weft_err err = weft_bin_read_i32(r, &len);
    if (WEFT_UNLIKELY(err))
        return err;
    if (WEFT_UNLIKELY(len < 0 || r->end - r->at < len))
        return weft_read_str_slow(r, len, v);
    v->ptr = (const char *)r->at;
    v->len = (uint32_t)len;
    r->at += len;
    return WEFT_OK;
}

static inline weft_err
weft_bin_read_field(struct weft_reader *r, uint32_t *field)
{
    if (WEFT_LIKELY(r->end - r->at >= 3)) {
        uint32_t wire = r->at[0];
        *field = (uint32_t)r->at[1] << 16 | (uint32_t)r->at[2] << 8 | wire;
        if (wire == WEFT_STOP) {
            *field = WEFT_STOP;
            r->at += 1;
        } else {
            r->at += 3;
        }
        return WEFT_OK;
    }
    uint8_t b[3] = {0, 0, 0};
    weft_err err = weft_read_raw(r, b, 1);
    if (!err && b[0] != WEFT_STOP)
        err = weft_read_raw(r, b + 1, 2);
    if (!err)
        *field = (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[0];
    return err;
}

static inline weft_err
weft_read_enter(struct weft_reader *r)
{
    if (WEFT_UNLIKELY(r->depth == 0))
        return WEFT_EDEPTH;
    r->depth--;
    return WEFT_OK;
}

static inline void
weft_read_leave(struct weft_reader *r)
{
    r->depth++;
}

static inline bool
weft_write_enter(struct weft_writer *w)
{
    if (WEFT_UNLIKELY(w->depth == 0)) {
        weft_writer_fail(w, WEFT_EDEPTH);
        return false;
    }
    w->depth--;
    return true;
}

static inline void
weft_write_leave(struct weft_writer *w)
{
    w->depth++;
}

static inline bool
weft_write_ready(struct weft_writer *w, size_t len)
{
    return WEFT_LIKELY((size_t)(w->end - w->at) >= len) ||
           weft_write_room(w, len);
}

static inline void
weft_bin_write_i8(struct weft_writer *w, int8_t v)
{
    if (weft_write_ready(w, 1))
        *w->at++ = (uint8_t)v;
}

static inline void
weft_bin_write_bool(struct weft_writer *w, bool v)
{
    weft_bin_write_i8(w, v ? 1 : 0);
}

static inline void
weft_bin_write_i16(struct weft_writer *w, int16_t v)
{
    if (!weft_write_ready(w, 2))
        return;
    *w->at++ = (uint8_t)((uint16_t)v >> 8);
    *w->at++ = (uint8_t)v;
}

static inline void
weft_bin_write_i32(struct weft_writer *w, int32_t v)
{
    if (!weft_write_ready(w, 4))
        return;
    weft_store_be32(w->at, (uint32_t)v);
    w->at += 4;
}

static inline void
weft_bin_write_i64(struct weft_writer *w, int64_t v)
{
    if (!weft_write_ready(w, 8))
        return;
    weft_store_be64(w->at, (uint64_t)v);
    w->at += 8;
}

static inline void
weft_bin_write_double(struct weft_writer *w, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    weft_bin_write_i64(w, (int64_t)bits);
}

static inline void
weft_bin_write_uuid(struct weft_writer *w, struct weft_uuid v)
{
    if (!weft_write_ready(w, 16))
        return;
    memcpy(w->at, v.bytes, 16);
    w->at += 16;
}

static inline void
weft_bin_write_str(struct weft_writer *w, struct weft_str v)
{
    size_t left = (size_t)(w->end - w->at);
    if (WEFT_UNLIKELY(v.len >= WEFT_REF_MIN || left < (size_t)v.len + 4 ||
                      v.ptr == NULL)) {
        weft_bin_write_i32(w, (int32_t)v.len);
        weft_write_bytes_slow(w, v.ptr, v.len);
        return;
    }
    weft_store_be32(w->at, v.len);
    if (v.len > 0)
        memcpy(w->at + 4, v.ptr, v.len);
    w->at += (size_t)v.len + 4;
}

static inline void
weft_bin_write_field(struct weft_writer *w, uint8_t wire, int16_t id)
{
    if (!weft_write_ready(w, 3))
        return;
    w->at[0] = wire;
    w->at[1] = (uint8_t)((uint16_t)id >> 8);
    w->at[2] = (uint8_t)id;
    w->at += 3;
}

static inline void
weft_bin_write_stop(struct weft_writer *w)
{
    weft_bin_write_i8(w, WEFT_STOP);
}

static inline void
weft_bin_write_list(struct weft_writer *w, uint8_t wire, uint32_t len)
{
    if (!weft_write_ready(w, 5))
        return;
    w->at[0] = wire;
    weft_store_be32(w->at + 1, len);
    w->at += 5;
}

static inline void
weft_bin_write_map(struct weft_writer *w, uint8_t key, uint8_t value,
                   uint32_t len)
{
    if (!weft_write_ready(w, 6))
        return;
    w->at[0] = key;
    w->at[1] = value;
    weft_store_be32(w->at + 2, len);
    w->at += 6;
}

static inline weft_err
weft_bin_skip_field(struct weft_reader *r, uint32_t field)
{
    return weft_bin_skip(r, (uint8_t)field);
}

/* ---- compact ---- */

/* Indexed by wire type: the type's four bits in compact. The code of bool is
 * for the element type of a container, and for a field that is true. */
static const uint8_t weft_compact_codes[] = {0, 0, 1, 3,  7,  0,  4, 0, 5,
                                             0, 6, 8, 12, 11, 10, 9, 13};
#define WEFT_COMPACT_TRUE 1u
#define WEFT_COMPACT_FALSE 2u

static inline weft_err
weft_compact_read_u32(struct weft_reader *r, uint32_t *v)
{
    if (WEFT_UNLIKELY(r->at == r->end || *r->at >= 0x80))
        return weft_compact_read_u32_slow(r, v);
    *v = *r->at++;
    return WEFT_OK;
}

static inline weft_err
weft_compact_read_u64(struct weft_reader *r, uint64_t *v)
{
    if (WEFT_UNLIKELY(r->at == r->end || *r->at >= 0x80))
        return weft_compact_read_u64_slow(r, v);
    *v = *r->at++;
    return WEFT_OK;
}

/* Old peers write 0 for false, others 2. */
static inline weft_err
weft_compact_read_bool(struct weft_reader *r, bool *v)
{
    uint8_t raw;
    weft_err err = weft_read_raw(r, &raw, 1);
    if (!err)
        *v = raw == WEFT_COMPACT_TRUE;
    return err;
}

static inline weft_err
weft_compact_read_i8(struct weft_reader *r, int8_t *v)
{
    return weft_read_raw(r, v, 1);
}

static inline weft_err
weft_compact_read_i32(struct weft_reader *r, int32_t *v)
{
    uint32_t raw;
    weft_err err = weft_compact_read_u32(r, &raw);
    if (!err)
        *v = (int32_t)(raw >> 1 ^ (0 - (raw & 1)));
    return err;
}

static inline weft_err
weft_compact_read_i16(struct weft_reader *r, int16_t *v)
{
    int32_t wide;
    weft_err err = weft_compact_read_i32(r, &wide);
    if (WEFT_UNLIKELY(err))
        return err;
    if (WEFT_UNLIKELY(wide < INT16_MIN || wide > INT16_MAX))
        return WEFT_EPROTOCOL;
    *v = (int16_t)wide;
    return WEFT_OK;
}

static inline weft_err
weft_compact_read_i64(struct weft_reader *r, int64_t *v)
{
    uint64_t raw;
    weft_err err = weft_compact_read_u64(r, &raw);
    if (!err)
        *v = (int64_t)(raw >> 1 ^ (0 - (raw & 1)));
    return err;
}

static inline uint64_t
weft_load_le64(const uint8_t *b)
{
    return (uint64_t)b[7] << 56 | (uint64_t)b[6] << 48 | (uint64_t)b[5] << 40 |
           (uint64_t)b[4] << 32 | (uint64_t)b[3] << 24 | (uint64_t)b[2] << 16 |
           (uint64_t)b[1] << 8 | b[0];
}

static inline void
weft_store_le64(uint8_t *b, uint64_t v)
{
    b[0] = (uint8_t)v;
    b[1] = (uint8_t)(v >> 8);
    b[2] = (uint8_t)(v >> 16);
    b[3] = (uint8_t)(v >> 24);
    b[4] = (uint8_t)(v >> 32);
    b[5] = (uint8_t)(v >> 40);
    b[6] = (uint8_t)(v >> 48);
    b[7] = (uint8_t)(v >> 56);
}

static inline weft_err
weft_compact_read_double(struct weft_reader *r, double *v)
{
    uint8_t b[8];
    weft_err err = weft_read_raw(r, b, 8);
    if (!err) {
        uint64_t bits = weft_load_le64(b);
        memcpy(v, &bits, sizeof bits);
    }
    return err;
}

static inline weft_err
weft_compact_read_uuid(struct weft_reader *r, struct weft_uuid *v)
{
    return weft_read_raw(r, v->bytes, 16);
}

static inline weft_err
weft_compact_read_str(struct weft_reader *r, struct weft_str *v)
{
    uint32_t len;
    weft_err err = weft_compact_read_u32(r, &len);
    if (WEFT_UNLIKELY(err))
        return err;
    if (WEFT_UNLIKELY(len > INT32_MAX))
        return WEFT_ESIZE;
    if (WEFT_UNLIKELY((size_t)(r->end - r->at) < len))
        return weft_read_str_slow(r, (int32_t)len, v);
    v->ptr = (const char *)r->at;
    v->len = len;
    r->at += len;
    return WEFT_OK;
}

static inline weft_err
weft_compact_read_field(struct weft_reader *r, uint32_t *field)
{
    if (WEFT_UNLIKELY(r->at == r->end))
        return weft_compact_read_field_slow(r, field);
    uint32_t b = *r->at;
    if (b == WEFT_STOP) {
        *field = WEFT_STOP;
        r->at++;
        return WEFT_OK;
    }
    int32_t id = (int16_t)(*field >> 8) + (int32_t)(b >> 4);
    if (WEFT_UNLIKELY(b < 16 || (b & 15) == 0 || id > INT16_MAX))
        return weft_compact_read_field_slow(r, field);
    *field = WEFT_FIELD(id, b & 15);
    r->at++;
    return WEFT_OK;
}

static inline void
weft_compact_write_u64(struct weft_writer *w, uint64_t v)
{
    if (WEFT_LIKELY(v < 0x80 && w->at < w->end))
        *w->at++ = (uint8_t)v;
    else
        weft_compact_write_u64_slow(w, v);
}

static inline void
weft_compact_write_i8(struct weft_writer *w, int8_t v)
{
    weft_bin_write_i8(w, v);
}

static inline void
weft_compact_write_bool(struct weft_writer *w, bool v)
{
    weft_bin_write_i8(w, v ? WEFT_COMPACT_TRUE : WEFT_COMPACT_FALSE);
}

static inline void
weft_compact_write_i64(struct weft_writer *w, int64_t v)
{
    uint64_t sign = v < 0 ? UINT64_MAX : 0;
    weft_compact_write_u64(w, (uint64_t)v << 1 ^ sign);
}

static inline void
weft_compact_write_i32(struct weft_writer *w, int32_t v)
{
    weft_compact_write_i64(w, v);
}

static inline void
weft_compact_write_i16(struct weft_writer *w, int16_t v)
{
    weft_compact_write_i64(w, v);
}

static inline void
weft_compact_write_double(struct weft_writer *w, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    if (!weft_write_ready(w, 8))
        return;
    weft_store_le64(w->at, bits);
    w->at += 8;
}

static inline void
weft_compact_write_uuid(struct weft_writer *w, struct weft_uuid v)
{
    weft_bin_write_uuid(w, v);
}

static inline void
weft_compact_write_str(struct weft_writer *w, struct weft_str v)
{
    size_t left = (size_t)(w->end - w->at);
    if (WEFT_UNLIKELY(v.len >= WEFT_REF_MIN || left < (size_t)v.len + 2 ||
                      v.ptr == NULL)) {
        weft_compact_write_u64(w, v.len);
        weft_write_bytes_slow(w, v.ptr, v.len);
        return;
    }
    *w->at++ = (uint8_t)(v.len < 0x80 ? v.len : v.len | 0x80);
    if (v.len >= 0x80)
        *w->at++ = (uint8_t)(v.len >> 7);
    if (v.len > 0)
        memcpy(w->at, v.ptr, v.len);
    w->at += v.len;
}

static inline void
weft_compact_write_head(struct weft_writer *w, int16_t *last, uint32_t code,
                        int16_t id)
{
    int32_t delta = id - *last;
    *last = id;
    if (WEFT_UNLIKELY(delta < 1 || delta > 15))
        weft_compact_write_id_slow(w, (uint8_t)code, id);
    else
        weft_bin_write_i8(w, (int8_t)((uint32_t)delta << 4 | code));
}

static inline void
weft_compact_write_field(struct weft_writer *w, int16_t *last, uint8_t wire,
                         int16_t id)
{
    weft_compact_write_head(w, last, weft_compact_codes[wire], id);
}

static inline void
weft_compact_write_bool_field(struct weft_writer *w, int16_t *last, int16_t id,
                              bool v)
{
    weft_compact_write_head(w, last, v ? WEFT_COMPACT_TRUE : WEFT_COMPACT_FALSE,
                            id);
}

static inline void
weft_compact_write_stop(struct weft_writer *w)
{
    weft_bin_write_stop(w);
}

static inline void
weft_compact_write_list(struct weft_writer *w, uint8_t wire, uint32_t len)
{
    uint32_t code = weft_compact_codes[wire];
    if (!weft_write_ready(w, 1))
        return;
    *w->at++ = (uint8_t)((len < 15 ? len : 15) << 4 | code);
    if (len >= 15)
        weft_compact_write_u64(w, len);
}

static inline void
weft_compact_write_map(struct weft_writer *w, uint8_t key, uint8_t value,
                       uint32_t len)
{
    uint32_t code = weft_compact_codes[key];
    weft_compact_write_u64(w, len);
    if (len == 0 || !weft_write_ready(w, 1))
        return;
    *w->at++ = (uint8_t)(code << 4 | weft_compact_codes[value]);
}

/* ---- runs: what generated readers keep in registers ---- */

/*
 * A reader's position in its run. Between begin and end the reader's own
 * position is out of date; other code may use the reader only between an end
 * and a begin. A run stays in registers only as long as its address is not
 * taken: so all functions that take its address are WEFT_FLAT.
 */
struct weft_run {
    const uint8_t *at, *end;
};

WEFT_FLAT struct weft_run
weft_run_begin(const struct weft_reader *r)
{
    struct weft_run in = {r->at, r->end};
    return in;
}

WEFT_FLAT void
weft_run_end(struct weft_reader *r, const struct weft_run *in)
{
    r->at = in->at;
}

/* An addition to the address takes one instruction less per check than a
 * subtraction. */
WEFT_FLAT bool
weft_run_has(const struct weft_run *in, size_t n)
{
    return WEFT_LIKELY((uintptr_t)in->at + n <= (uintptr_t)in->end);
}

/* Read n bytes, 8 at most, from one or several runs. */
WEFT_FLAT weft_err
weft_run_take(struct weft_reader *r, struct weft_run *in, size_t n,
              const uint8_t **b)
{
    if (weft_run_has(in, n)) {
        *b = in->at;
        in->at += n;
        return WEFT_OK;
    }
    weft_run_end(r, in);
    *b = weft_read_few_slow(r, n);
    *in = weft_run_begin(r);
    return *b ? WEFT_OK : WEFT_ETRUNC;
}

/*
 * weft_bin_next_x and weft_compact_next_x read as weft_bin_read_x and
 * weft_compact_read_x, at the position of the run. If a value crosses the end
 * of the run, the functions use the reader, and afterwards `in` is the next
 * run.
 *
 * weft_x_follows consumes the head of the field `next` if it comes next, and
 * sets *field, the previous field, to `next`. false: nothing was consumed, and
 * weft_x_next_field finds out which field comes next. weft_x_next_field also
 * tries `first`, the likely first field of a struct, while *field is 0; first
 * == 0 means none.
 */

WEFT_FLAT weft_err
weft_bin_next_bool(struct weft_reader *r, struct weft_run *in, bool *v)
{
    const uint8_t *b;
    weft_err err = weft_run_take(r, in, 1, &b);
    if (!err)
        *v = b[0] != 0;
    return err;
}

WEFT_FLAT weft_err
weft_bin_next_i8(struct weft_reader *r, struct weft_run *in, int8_t *v)
{
    const uint8_t *b;
    weft_err err = weft_run_take(r, in, 1, &b);
    if (!err)
        *v = (int8_t)b[0];
    return err;
}

WEFT_FLAT weft_err
weft_bin_next_i16(struct weft_reader *r, struct weft_run *in, int16_t *v)
{
    const uint8_t *b;
    weft_err err = weft_run_take(r, in, 2, &b);
    if (!err)
        *v = (int16_t)(uint16_t)((uint32_t)b[0] << 8 | b[1]);
    return err;
}

WEFT_FLAT weft_err
weft_bin_next_i32(struct weft_reader *r, struct weft_run *in, int32_t *v)
{
    const uint8_t *b;
    weft_err err = weft_run_take(r, in, 4, &b);
    if (!err)
        *v = (int32_t)weft_load_be32(b);
    return err;
}

WEFT_FLAT weft_err
weft_bin_next_i64(struct weft_reader *r, struct weft_run *in, int64_t *v)
{
    const uint8_t *b;
    weft_err err = weft_run_take(r, in, 8, &b);
    if (!err)
        *v = (int64_t)weft_load_be64(b);
    return err;
}

WEFT_FLAT weft_err
weft_bin_next_double(struct weft_reader *r, struct weft_run *in, double *v)
{
    const uint8_t *b;
    weft_err err = weft_run_take(r, in, 8, &b);
    if (!err) {
        uint64_t bits = weft_load_be64(b);
        memcpy(v, &bits, sizeof bits);
    }
    return err;
}

WEFT_FLAT weft_err
weft_bin_next_uuid(struct weft_reader *r, struct weft_run *in,
                   struct weft_uuid *v)
{
    weft_run_end(r, in);
    weft_err err = weft_bin_read_uuid(r, v);
    *in = weft_run_begin(r);
    return err;
}

WEFT_FLAT weft_err
weft_bin_next_str(struct weft_reader *r, struct weft_run *in,
                  struct weft_str *v)
{
    ptrdiff_t left = in->end - in->at - 4;
    if (WEFT_LIKELY(left >= 0)) {
        /* A negative length becomes a size that exceeds each run. */
        size_t len = (size_t)(int32_t)weft_load_be32(in->at);
        if (WEFT_LIKELY(len <= (size_t)left)) {
            v->ptr = (const char *)in->at + 4;
            v->len = (uint32_t)len;
            in->at += 4 + len;
            return WEFT_OK;
        }
    }
    weft_run_end(r, in);
    weft_err err = weft_bin_read_str_slow(r, v);
    *in = weft_run_begin(r);
    return err;
}

WEFT_FLAT bool
weft_bin_follows(struct weft_run *in, uint32_t *field, uint32_t next)
{
    const uint8_t *b = in->at;
    /* The head of a field has three bytes: its type, and two bytes of its id.
     * `want` has them in the order of the wire, so that one load of four bytes
     * and one comparison are enough; the fourth byte is masked off. */
    uint32_t want =
        (next & 0xff) | (next >> 16 & 0xff) << 8 | (next >> 8 & 0xff) << 16;
    if (!weft_run_has(in, 4))
        return false;
    uint32_t got = (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 |
                   (uint32_t)b[1] << 8 | b[0];
    if ((got & 0xffffff) != want)
        return false;
    in->at = b + 3;
    *field = next;
    return true;
}

WEFT_FLAT weft_err
weft_bin_next_field(struct weft_reader *r, struct weft_run *in, uint32_t *field,
                    uint32_t first)
{
    const uint8_t *b = in->at;
    if (*field == 0 && first && weft_bin_follows(in, field, first))
        return WEFT_OK;
    if (weft_run_has(in, 1) && b[0] == WEFT_STOP) {
        *field = WEFT_STOP;
        in->at = b + 1;
        return WEFT_OK;
    }
    if (weft_run_has(in, 3)) {
        *field = (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[0];
        in->at = b + 3;
        return WEFT_OK;
    }
    uint32_t slow = WEFT_STOP;
    weft_run_end(r, in);
    weft_err err = weft_bin_read_field_slow(r, &slow);
    *in = weft_run_begin(r);
    *field = slow;
    return err;
}

WEFT_FLAT weft_err
weft_compact_next_bool(struct weft_reader *r, struct weft_run *in, bool *v)
{
    const uint8_t *b;
    weft_err err = weft_run_take(r, in, 1, &b);
    if (!err)
        *v = b[0] == WEFT_COMPACT_TRUE;
    return err;
}

WEFT_FLAT weft_err
weft_compact_next_i8(struct weft_reader *r, struct weft_run *in, int8_t *v)
{
    return weft_bin_next_i8(r, in, v);
}

/* Read a varint of one or two bytes; false: the slow path decides. */
WEFT_FLAT bool
weft_compact_next_short(struct weft_run *in, uint32_t *v)
{
    const uint8_t *b = in->at;
    if (!weft_run_has(in, 2))
        return false;
    *v = b[0];
    if (b[0] < 0x80) {
        in->at = b + 1;
        return true;
    }
    *v += ((uint32_t)b[1] - 1) << 7; /* subtracts the 0x80 of b[0] */
    in->at = b[1] < 0x80 ? b + 2 : b;
    return b[1] < 0x80;
}

WEFT_FLAT weft_err
weft_compact_next_i32(struct weft_reader *r, struct weft_run *in, int32_t *v)
{
    uint32_t raw;
    weft_err err = WEFT_OK;
    if (!weft_compact_next_short(in, &raw)) {
        uint32_t slow = 0;
        weft_run_end(r, in);
        err = weft_compact_read_u32_slow(r, &slow);
        *in = weft_run_begin(r);
        raw = slow;
    }
    if (!err)
        *v = (int32_t)(raw >> 1 ^ (0 - (raw & 1)));
    return err;
}

WEFT_FLAT weft_err
weft_compact_next_i16(struct weft_reader *r, struct weft_run *in, int16_t *v)
{
    int32_t wide = 0;
    weft_err err = weft_compact_next_i32(r, in, &wide);
    if (WEFT_UNLIKELY(err))
        return err;
    if (WEFT_UNLIKELY(wide < INT16_MIN || wide > INT16_MAX))
        return WEFT_EPROTOCOL;
    *v = (int16_t)wide;
    return WEFT_OK;
}

WEFT_FLAT weft_err
weft_compact_next_i64(struct weft_reader *r, struct weft_run *in, int64_t *v)
{
    uint32_t few;
    uint64_t raw = 0;
    weft_err err = WEFT_OK;
    if (weft_compact_next_short(in, &few)) {
        raw = few;
    } else {
        uint64_t slow = 0;
        weft_run_end(r, in);
        err = weft_compact_read_u64_slow(r, &slow);
        *in = weft_run_begin(r);
        raw = slow;
    }
    if (!err)
        *v = (int64_t)(raw >> 1 ^ (0 - (raw & 1)));
    return err;
}

WEFT_FLAT weft_err
weft_compact_next_double(struct weft_reader *r, struct weft_run *in, double *v)
{
    const uint8_t *b;
    weft_err err = weft_run_take(r, in, 8, &b);
    if (!err) {
        uint64_t bits = weft_load_le64(b);
        memcpy(v, &bits, sizeof bits);
    }
    return err;
}

WEFT_FLAT weft_err
weft_compact_next_uuid(struct weft_reader *r, struct weft_run *in,
                       struct weft_uuid *v)
{
    return weft_bin_next_uuid(r, in, v);
}

WEFT_FLAT weft_err
weft_compact_next_str(struct weft_reader *r, struct weft_run *in,
                      struct weft_str *v)
{
    const uint8_t *b = in->at;
    if (weft_run_has(in, 1) && WEFT_LIKELY(b[0] < 0x80) &&
        weft_run_has(in, (size_t)b[0] + 1)) {
        v->ptr = (const char *)b + 1;
        v->len = b[0];
        in->at = b + 1 + b[0];
        return WEFT_OK;
    }
    weft_run_end(r, in);
    weft_err err = weft_compact_read_str_slow(r, v);
    *in = weft_run_begin(r);
    return err;
}

/* Most heads are one byte, and that byte is a constant if the previous field is
 * known. For a bool, next has the code of true, and next + 1 the code of
 * false. */
WEFT_FLAT bool
weft_compact_follows(struct weft_run *in, uint32_t *field, uint32_t next)
{
    uint32_t delta = (next >> 8) - (*field >> 8);
    uint32_t code = next & 15;
    if (delta < 1 || delta > 15 || !weft_run_has(in, 1))
        return false;
    uint32_t more = in->at[0] - (delta << 4 | code);
    if (more > (code == WEFT_COMPACT_TRUE))
        return false;
    in->at++;
    *field = next + more;
    return true;
}

WEFT_FLAT weft_err
weft_compact_next_field(struct weft_reader *r, struct weft_run *in,
                        uint32_t *field, uint32_t first)
{
    if (*field == 0 && first && weft_compact_follows(in, field, first))
        return WEFT_OK;
    if (weft_run_has(in, 1)) {
        uint32_t b = in->at[0], id = (*field >> 8) + (b >> 4);
        if (b == WEFT_STOP) {
            *field = WEFT_STOP;
            in->at++;
            return WEFT_OK;
        }
        if (WEFT_LIKELY(b >= 16 && (b & 15) && id <= INT16_MAX)) {
            *field = id << 8 | (b & 15);
            in->at++;
            return WEFT_OK;
        }
    }
    uint32_t slow = *field;
    weft_run_end(r, in);
    weft_err err = weft_compact_read_field_slow(r, &slow);
    *in = weft_run_begin(r);
    *field = slow;
    return err;
}

/* ---- runs: structs, containers, boxes ---- */

/* Clears in pieces of 64 bytes, so that compilers do not use rep stos, whose
 * start takes longer than clearing a struct of usual size. */
WEFT_FLAT void
weft_zero(void *record, size_t size)
{
    uint8_t *at = (uint8_t *)record;
    for (; size >= 64; size -= 64, at += 64)
        memset(at, 0, 64);
    memset(at, 0, size);
}

/* Returns room for items, not zeroed. NULL: the slow path decides. */
WEFT_FLAT void *
weft_read_room(struct weft_reader *r, uint64_t size)
{
    struct weft_arena *arena = r->arena;
    uint64_t taken = (size + 15) & ~UINT64_C(15);
    if (WEFT_UNLIKELY(!arena || taken > (size_t)(arena->end - arena->at) ||
                      taken > arena->left))
        return NULL;
    void *room = arena->at;
    arena->at += taken;
    arena->left -= (size_t)taken;
    return room;
}

/* As weft_read_box, but the room is not zeroed: the struct's read function
 * zeroes it first. */
WEFT_FLAT void *
weft_next_box(struct weft_reader *r, size_t size)
{
    void *box = weft_read_room(r, size);
    return WEFT_LIKELY(box != NULL) ? box : weft_read_box(r, size);
}

/* Take n items of at least min bytes after a head of `head` bytes; false: the
 * slow path decides. */
WEFT_FLAT bool
weft_next_items(struct weft_reader *r, struct weft_run *in, size_t head,
                uint32_t n, uint32_t min, size_t item_size, void *vec)
{
    struct weft_vec_i8 v = {(int8_t *)WEFT_NO_ITEMS, 0, 0};
    uint64_t left = (uint64_t)(in->end - in->at) - head;
    if (WEFT_UNLIKELY(n > INT32_MAX || (uint64_t)n * min > left ||
                      r->depth == 0))
        return false;
    v.len = v.cap = n;
    if (n > 0 &&
        !(v.items = (int8_t *)weft_read_room(r, (uint64_t)n * item_size)))
        return false;
    memcpy(vec, &v, sizeof v);
    r->depth--;
    in->at += head;
    return true;
}

/* Indexed by wire type: the fewest bytes of a value in binary. In compact the
 * fewest is one byte, except for double and UUID. */
static const uint8_t weft_bin_least[] = {0, 0, 1, 1, 8, 0, 2, 0, 4,
                                         0, 8, 4, 1, 6, 5, 5, 16};

WEFT_FLAT uint32_t
weft_compact_least(uint8_t wire)
{
    return wire == WEFT_DOUBLE ? 8 : wire == WEFT_UUID ? 16 : 1;
}

/*
 * weft_x_next_list and weft_x_next_map read as weft_x_read_list and
 * weft_x_read_map, but the items are not zeroed: the caller reads each item, or
 * subtracts the unread items from len. If the types do not fit, the function
 * has ended the run.
 */

WEFT_FLAT weft_err
weft_bin_next_list(struct weft_reader *r, struct weft_run *in, uint8_t wire,
                   size_t item_size, void *vec, bool *fits)
{
    if (weft_run_has(in, 5) && WEFT_LIKELY(in->at[0] == wire) &&
        weft_next_items(r, in, 5, weft_load_be32(in->at + 1),
                        weft_bin_least[wire], item_size, vec)) {
        *fits = true;
        return WEFT_OK;
    }
    weft_run_end(r, in);
    weft_err err = weft_bin_read_list(r, wire, item_size, vec, fits);
    *in = weft_run_begin(r);
    return err;
}

WEFT_FLAT weft_err
weft_bin_next_map(struct weft_reader *r, struct weft_run *in, uint8_t key,
                  uint8_t value, size_t item_size, void *vec, bool *fits)
{
    if (weft_run_has(in, 6) &&
        WEFT_LIKELY(in->at[0] == key && in->at[1] == value) &&
        weft_next_items(r, in, 6, weft_load_be32(in->at + 2),
                        (uint32_t)weft_bin_least[key] + weft_bin_least[value],
                        item_size, vec)) {
        *fits = true;
        return WEFT_OK;
    }
    weft_run_end(r, in);
    weft_err err = weft_bin_read_map(r, key, value, item_size, vec, fits);
    *in = weft_run_begin(r);
    return err;
}

/* The fast paths of compact read counts that fit in one byte: fewer than 15
 * items of a list, 1 to 127 pairs of a map. */
WEFT_FLAT weft_err
weft_compact_next_list(struct weft_reader *r, struct weft_run *in, uint8_t wire,
                       size_t item_size, void *vec, bool *fits)
{
    if (weft_run_has(in, 1)) {
        uint32_t b = in->at[0];
        if (WEFT_LIKELY((b & 15) == weft_compact_codes[wire] && b < 0xf0) &&
            weft_next_items(r, in, 1, b >> 4, weft_compact_least(wire),
                            item_size, vec)) {
            *fits = true;
            return WEFT_OK;
        }
    }
    weft_run_end(r, in);
    weft_err err = weft_compact_read_list(r, wire, item_size, vec, fits);
    *in = weft_run_begin(r);
    return err;
}

WEFT_FLAT weft_err
weft_compact_next_map(struct weft_reader *r, struct weft_run *in, uint8_t key,
                      uint8_t value, size_t item_size, void *vec, bool *fits)
{
    if (weft_run_has(in, 2)) {
        uint32_t n = in->at[0], codes = in->at[1];
        if (WEFT_LIKELY(n > 0 && n < 0x80 &&
                        codes >> 4 == weft_compact_codes[key] &&
                        (codes & 15) == weft_compact_codes[value]) &&
            weft_next_items(r, in, 2, n,
                            weft_compact_least(key) + weft_compact_least(value),
                            item_size, vec)) {
            *fits = true;
            return WEFT_OK;
        }
    }
    weft_run_end(r, in);
    weft_err err = weft_compact_read_map(r, key, value, item_size, vec, fits);
    *in = weft_run_begin(r);
    return err;
}

/* ---- rooms: what generated writers keep in registers ---- */

/* The room of a writer. Between begin and end the writer's own position is out
 * of date; other code, weft_writer_fail included, may use the writer only
 * between an end and a begin. */
struct weft_room {
    uint8_t *at, *end;
};

WEFT_FLAT struct weft_room
weft_room_begin(const struct weft_writer *w)
{
    struct weft_room out = {w->at, w->end};
    return out;
}

WEFT_FLAT void
weft_room_end(struct weft_writer *w, const struct weft_room *out)
{
    w->at = out->at;
}

WEFT_FLAT bool
weft_room_has(const struct weft_room *out, size_t len)
{
    return WEFT_LIKELY((uintptr_t)out->at + len <= (uintptr_t)out->end);
}

/* Get room for len bytes, at least one. false: there is no room, and the writer
 * keeps the error. */
WEFT_FLAT bool
weft_room_ready(struct weft_writer *w, struct weft_room *out, size_t len)
{
    if (weft_room_has(out, len))
        return true;
    weft_room_end(w, out);
    bool ok = weft_write_room(w, len);
    *out = weft_room_begin(w);
    return ok;
}

/*
 * weft_bin_put_x and weft_compact_put_x write as weft_bin_write_x and
 * weft_compact_write_x into room that the caller has got: in binary as much as
 * the bytes of the value; in compact WEFT_COMPACT_HEAD for the head of a field,
 * and WEFT_COMPACT_VARINT for an integer of 16 bits or more. Functions that
 * take a writer get the room themselves.
 */
#define WEFT_COMPACT_HEAD 4u
#define WEFT_COMPACT_VARINT 10u

WEFT_FLAT void
weft_bin_put_i8(struct weft_room *out, int8_t v)
{
    *out->at++ = (uint8_t)v;
}

WEFT_FLAT void
weft_bin_put_bool(struct weft_room *out, bool v)
{
    *out->at++ = v ? 1 : 0;
}

WEFT_FLAT void
weft_bin_put_i16(struct weft_room *out, int16_t v)
{
    out->at[0] = (uint8_t)((uint16_t)v >> 8);
    out->at[1] = (uint8_t)v;
    out->at += 2;
}

WEFT_FLAT void
weft_bin_put_i32(struct weft_room *out, int32_t v)
{
    weft_store_be32(out->at, (uint32_t)v);
    out->at += 4;
}

WEFT_FLAT void
weft_bin_put_i64(struct weft_room *out, int64_t v)
{
    weft_store_be64(out->at, (uint64_t)v);
    out->at += 8;
}

WEFT_FLAT void
weft_bin_put_double(struct weft_room *out, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    weft_bin_put_i64(out, (int64_t)bits);
}

WEFT_FLAT void
weft_bin_put_uuid(struct weft_room *out, struct weft_uuid v)
{
    memcpy(out->at, v.bytes, 16);
    out->at += 16;
}

WEFT_FLAT void
weft_bin_put_field(struct weft_room *out, uint8_t wire, int16_t id)
{
    out->at[0] = wire;
    out->at[1] = (uint8_t)((uint16_t)id >> 8);
    out->at[2] = (uint8_t)id;
    out->at += 3;
}

/* Most strings are short, and two overlapping moves are faster than a call. */
WEFT_FLAT void
weft_copy_short(uint8_t *to, const char *from, size_t n)
{
    if (n > 32) {
        memcpy(to, from, n);
    } else if (n >= 16) {
        memcpy(to, from, 16);
        memcpy(to + n - 16, from + n - 16, 16);
    } else if (n >= 8) {
        memcpy(to, from, 8);
        memcpy(to + n - 8, from + n - 8, 8);
    } else if (n >= 4) {
        memcpy(to, from, 4);
        memcpy(to + n - 4, from + n - 4, 4);
    } else if (n > 0) {
        to[0] = (uint8_t)from[0];
        to[n / 2] = (uint8_t)from[n / 2];
        to[n - 1] = (uint8_t)from[n - 1];
    }
}

/* Is there room for a head and the string after it? false: the slow path
 * decides. */
WEFT_FLAT bool
weft_room_has_str(const struct weft_room *out, size_t head, struct weft_str v)
{
    return WEFT_LIKELY(v.len < WEFT_REF_MIN && (v.ptr || v.len == 0)) &&
           weft_room_has(out, head + v.len);
}

WEFT_FLAT void
weft_bin_put_bytes(struct weft_room *out, struct weft_str v)
{
    weft_store_be32(out->at, v.len);
    weft_copy_short(out->at + 4, v.ptr, v.len);
    out->at += (size_t)v.len + 4;
}

WEFT_FLAT void
weft_bin_put_str(struct weft_writer *w, struct weft_room *out,
                 struct weft_str v)
{
    if (weft_room_has_str(out, 4, v)) {
        weft_bin_put_bytes(out, v);
        return;
    }
    weft_room_end(w, out);
    weft_bin_write_str_slow(w, v);
    *out = weft_room_begin(w);
}

WEFT_FLAT void
weft_bin_put_head(struct weft_writer *w, struct weft_room *out, uint8_t wire,
                  int16_t id)
{
    if (weft_room_ready(w, out, 3))
        weft_bin_put_field(out, wire, id);
}

WEFT_FLAT void
weft_bin_put_str_field(struct weft_writer *w, struct weft_room *out, int16_t id,
                       struct weft_str v)
{
    if (weft_room_has_str(out, 7, v)) {
        weft_bin_put_field(out, WEFT_STRING, id);
        weft_bin_put_bytes(out, v);
        return;
    }
    weft_bin_put_head(w, out, WEFT_STRING, id);
    weft_room_end(w, out);
    weft_bin_write_str_slow(w, v);
    *out = weft_room_begin(w);
}

WEFT_FLAT void
weft_bin_put_stop(struct weft_writer *w, struct weft_room *out)
{
    if (weft_room_ready(w, out, 1))
        *out->at++ = WEFT_STOP;
}

WEFT_FLAT void
weft_bin_put_list(struct weft_writer *w, struct weft_room *out, uint8_t wire,
                  uint32_t len)
{
    if (!weft_room_ready(w, out, 5))
        return;
    out->at[0] = wire;
    weft_store_be32(out->at + 1, len);
    out->at += 5;
}

WEFT_FLAT void
weft_bin_put_map(struct weft_writer *w, struct weft_room *out, uint8_t key,
                 uint8_t value, uint32_t len)
{
    if (!weft_room_ready(w, out, 6))
        return;
    out->at[0] = key;
    out->at[1] = value;
    weft_store_be32(out->at + 2, len);
    out->at += 6;
}

/* Write two to eight bytes without a branch for each byte: the shifts spread
 * the groups of seven bits, and all bytes but the last get 0x80. The bytes that
 * are stored after the last one are overwritten later. */
WEFT_FLAT void
weft_compact_put_varint(struct weft_room *out, uint64_t v)
{
    if (v < 0x80) {
        *out->at++ = (uint8_t)v;
        return;
    }
    for (; WEFT_UNLIKELY(v >> 56 != 0); v >>= 7)
        *out->at++ = (uint8_t)(v | 0x80);
    uint32_t last = (uint32_t)(63 - __builtin_clzll(v)) / 7;
    v = (v & 0x0fffffffu) | (v & 0xfffffff0000000u) << 4;
    v = (v & 0x00003fff00003fffu) | (v & 0x0fffc0000fffc000u) << 2;
    v = (v & 0x007f007f007f007fu) | (v & 0x3f803f803f803f80u) << 1;
    v |= ((UINT64_C(1) << 8 * last) - 1) & 0x8080808080808080u;
    weft_store_le64(out->at, v);
    out->at += last + 1;
}

WEFT_FLAT void
weft_compact_put_bool(struct weft_room *out, bool v)
{
    *out->at++ = v ? WEFT_COMPACT_TRUE : WEFT_COMPACT_FALSE;
}

WEFT_FLAT void
weft_compact_put_i8(struct weft_room *out, int8_t v)
{
    weft_bin_put_i8(out, v);
}

WEFT_FLAT void
weft_compact_put_i64(struct weft_room *out, int64_t v)
{
    uint64_t sign = v < 0 ? UINT64_MAX : 0;
    weft_compact_put_varint(out, (uint64_t)v << 1 ^ sign);
}

WEFT_FLAT void
weft_compact_put_i32(struct weft_room *out, int32_t v)
{
    weft_compact_put_i64(out, v);
}

WEFT_FLAT void
weft_compact_put_i16(struct weft_room *out, int16_t v)
{
    weft_compact_put_i64(out, v);
}

WEFT_FLAT void
weft_compact_put_double(struct weft_room *out, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    weft_store_le64(out->at, bits);
    out->at += 8;
}

WEFT_FLAT void
weft_compact_put_uuid(struct weft_room *out, struct weft_uuid v)
{
    weft_bin_put_uuid(out, v);
}

/* Write one byte, or the code of the type and then the whole id. */
WEFT_FLAT void
weft_compact_put_code(struct weft_room *out, int16_t *last, uint32_t code,
                      int16_t id)
{
    int32_t delta = id - *last;
    *last = id;
    if (delta >= 1 && delta <= 15) {
        *out->at++ = (uint8_t)((uint32_t)delta << 4 | code);
        return;
    }
    uint32_t raw = (uint32_t)id << 1 ^ (id < 0 ? UINT32_MAX : 0);
    *out->at++ = (uint8_t)code;
    for (; raw >= 0x80; raw >>= 7)
        *out->at++ = (uint8_t)(raw | 0x80);
    *out->at++ = (uint8_t)raw;
}

WEFT_FLAT void
weft_compact_put_field(struct weft_room *out, int16_t *last, uint8_t wire,
                       int16_t id)
{
    weft_compact_put_code(out, last, weft_compact_codes[wire], id);
}

WEFT_FLAT void
weft_compact_put_bool_field(struct weft_room *out, int16_t *last, int16_t id,
                            bool v)
{
    weft_compact_put_code(out, last, v ? WEFT_COMPACT_TRUE : WEFT_COMPACT_FALSE,
                          id);
}

/* The length of a string below WEFT_REF_MIN takes at most two bytes. */
WEFT_FLAT void
weft_compact_put_bytes(struct weft_room *out, struct weft_str v)
{
    *out->at++ = (uint8_t)(v.len < 0x80 ? v.len : v.len | 0x80);
    if (v.len >= 0x80)
        *out->at++ = (uint8_t)(v.len >> 7);
    weft_copy_short(out->at, v.ptr, v.len);
    out->at += v.len;
}

WEFT_FLAT void
weft_compact_put_str(struct weft_writer *w, struct weft_room *out,
                     struct weft_str v)
{
    if (weft_room_has_str(out, 2, v)) {
        weft_compact_put_bytes(out, v);
        return;
    }
    weft_room_end(w, out);
    weft_compact_write_str_slow(w, v);
    *out = weft_room_begin(w);
}

WEFT_FLAT void
weft_compact_put_head(struct weft_writer *w, struct weft_room *out,
                      int16_t *last, uint8_t wire, int16_t id)
{
    if (weft_room_ready(w, out, WEFT_COMPACT_HEAD))
        weft_compact_put_field(out, last, wire, id);
}

WEFT_FLAT void
weft_compact_put_str_field(struct weft_writer *w, struct weft_room *out,
                           int16_t *last, int16_t id, struct weft_str v)
{
    if (weft_room_has_str(out, WEFT_COMPACT_HEAD + 2, v)) {
        weft_compact_put_field(out, last, WEFT_STRING, id);
        weft_compact_put_bytes(out, v);
        return;
    }
    weft_compact_put_head(w, out, last, WEFT_STRING, id);
    weft_room_end(w, out);
    weft_compact_write_str_slow(w, v);
    *out = weft_room_begin(w);
}

WEFT_FLAT void
weft_compact_put_stop(struct weft_writer *w, struct weft_room *out)
{
    weft_bin_put_stop(w, out);
}

WEFT_FLAT void
weft_compact_put_list(struct weft_writer *w, struct weft_room *out,
                      uint8_t wire, uint32_t len)
{
    uint32_t code = weft_compact_codes[wire];
    if (!weft_room_ready(w, out, 1 + WEFT_COMPACT_VARINT))
        return;
    *out->at++ = (uint8_t)((len < 15 ? len : 15) << 4 | code);
    if (len >= 15)
        weft_compact_put_varint(out, len);
}

WEFT_FLAT void
weft_compact_put_map(struct weft_writer *w, struct weft_room *out, uint8_t key,
                     uint8_t value, uint32_t len)
{
    uint32_t code = weft_compact_codes[key];
    if (!weft_room_ready(w, out, 1 + WEFT_COMPACT_VARINT))
        return;
    weft_compact_put_varint(out, len);
    if (len > 0)
        *out->at++ = (uint8_t)(code << 4 | weft_compact_codes[value]);
}

#ifdef __cplusplus
}
#endif

#include <weft/inline/struct.h>

#endif
