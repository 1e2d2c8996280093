/* SPDX-License-Identifier: MIT */
/* Reads and writes the heads of messages in strict and old binary, reads the
 * heads of containers, and has the slow paths for strings and fields. The
 * functions for other values are inline, in <weft/inline/codec.h>. */
#include "codec/binary/skip.h"
#include "codec/binary/value.h"

#define VERSION 0x80010000u
#define VERSION_MASK 0xffff0000u /* the third byte is unused */

weft_err
weft_bin_read_message(struct weft_reader *r, uint32_t name_size,
                      struct weft_message *m)
{
    int32_t word, len, seqid;
    weft_err err = weft_bin_read_i32(r, &word);
    if (err)
        return err;
    if (((uint32_t)word & VERSION_MASK) != VERSION)
        return WEFT_EVERSION;
    if ((err = weft_bin_read_i32(r, &len)))
        return err;
    if (len < 0 || (uint32_t)len > (name_size ? name_size : WEFT_NAME_SIZE))
        return WEFT_ESIZE;
    if ((size_t)len > weft_reader_left(r))
        return WEFT_ETRUNC;
    struct weft_str name;
    if ((err = weft_read_str_slow(r, len, &name)) ||
        (err = weft_bin_read_i32(r, &seqid)))
        return err;
    *m = (struct weft_message){name, seqid, word & 0xff};
    return WEFT_OK;
}

weft_err
wf_old_read_message(struct weft_reader *r, uint32_t name_size,
                    struct weft_message *m)
{
    int32_t len, seqid;
    int8_t type;
    weft_err err = weft_bin_read_i32(r, &len);
    if (err)
        return err;
    if (len < 0 || (uint32_t)len > (name_size ? name_size : WEFT_NAME_SIZE))
        return WEFT_ESIZE;
    if ((size_t)len > weft_reader_left(r))
        return WEFT_ETRUNC;
    struct weft_str name;
    err = weft_read_str_slow(r, len, &name);
    if (!err)
        err = weft_bin_read_i8(r, &type);
    if (!err)
        err = weft_bin_read_i32(r, &seqid);
    if (!err)
        *m = (struct weft_message){name, seqid, type};
    return err;
}

void
wf_old_write_message(struct weft_writer *w, struct weft_str name, int32_t type,
                     int32_t seqid)
{
    weft_bin_write_str(w, name);
    weft_bin_write_i8(w, (int8_t)type);
    weft_bin_write_i32(w, seqid);
}

void
weft_bin_write_message(struct weft_writer *w, struct weft_str name,
                       int32_t type, int32_t seqid)
{
    weft_bin_write_i32(w, (int32_t)(VERSION | (uint32_t)(type & 0xff)));
    weft_bin_write_str(w, name);
    weft_bin_write_i32(w, seqid);
}

weft_err
weft_bin_read_str_slow(struct weft_reader *r, struct weft_str *v)
{
    return weft_bin_read_str(r, v);
}

weft_err
weft_bin_read_field_slow(struct weft_reader *r, uint32_t *field)
{
    return weft_bin_read_field(r, field);
}

void
weft_bin_write_str_slow(struct weft_writer *w, struct weft_str v)
{
    weft_bin_write_str(w, v);
}

weft_err
wf_take_items(struct weft_reader *r, int32_t count, uint32_t min,
              size_t item_size, void *vec)
{
    if (count < 0 || (uint64_t)count * min > weft_reader_left(r))
        return WEFT_ESIZE;
    weft_err err = weft_read_enter(r);
    if (err)
        return err;
    struct wf_vec v = {(void *)WEFT_NO_ITEMS, (uint32_t)count, (uint32_t)count};
    if (count > 0) {
        size_t size;
        if (__builtin_mul_overflow((size_t)count, item_size, &size) ||
            !(v.items = weft_read_box(r, size)))
            return WEFT_EBUDGET;
    }
    wf_vec_store(vec, v);
    return WEFT_OK;
}

static weft_err
skip_items(struct weft_reader *r, bool is_map, uint8_t key, uint8_t value,
           int32_t count)
{
    struct wf_skip skip;
    wf_skip_init(&skip, WEFT_STOP, r->depth, WEFT_ESIZE);
    weft_err err = wf_skip_items(&skip, is_map, key, value, count,
                                 (int64_t)weft_reader_left(r));
    return err ? err : wf_skip_run(&skip, r, 0);
}

weft_err
weft_bin_read_list(struct weft_reader *r, uint8_t wire, size_t item_size,
                   void *vec, bool *fits)
{
    uint8_t b[5];
    weft_err err = weft_read_raw(r, b, sizeof b);
    if (err)
        return err;
    int32_t count = (int32_t)weft_load_be32(b + 1);
    *fits = b[0] == wire;
    if (!*fits)
        return skip_items(r, false, b[0], b[0], count);
    return wf_take_items(r, count, wf_wire_min(wire), item_size, vec);
}

weft_err
weft_bin_read_map(struct weft_reader *r, uint8_t key, uint8_t value,
                  size_t item_size, void *vec, bool *fits)
{
    uint8_t b[6];
    weft_err err = weft_read_raw(r, b, sizeof b);
    if (err)
        return err;
    int32_t count = (int32_t)weft_load_be32(b + 2);
    *fits = count == 0 || (b[0] == key && b[1] == value);
    if (!*fits)
        return skip_items(r, true, b[0], b[1], count);
    uint32_t min = wf_wire_min(key) + wf_wire_min(value);
    return wf_take_items(r, count, min, item_size, vec);
}
