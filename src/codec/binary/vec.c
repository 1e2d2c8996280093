/* SPDX-License-Identifier: MIT */
/*
 * Reads and writes lists and sets of base types and of structs, in binary and
 * compact. All generated files call these functions, which use the same
 * primitives as straight-line code.
 */
#include "codec/codec.h"

/* ---- lists of base types ---- */

/* `most` is the largest encoded size of an item in bytes; 0: there is no limit.
 * `place` is passed to the put function before the item: `&out`, or `w, &out`.
 * Reading and writing are in one macro: if VEC passed `word` to a second macro,
 * the preprocessor would expand `bool`, which is itself a macro. */
#define VEC(api, word, wire, most, place)                                    \
    weft_err weft_##api##_read_vec_##word(                                   \
        struct weft_reader *r, struct weft_vec_##word *v, bool *fits)        \
    {                                                                        \
        struct weft_run in = weft_run_begin(r);                              \
        weft_err err =                                                       \
            weft_##api##_next_list(r, &in, wire, sizeof *v->items, v, fits); \
        if (err || !*fits)                                                   \
            return err;                                                      \
        uint32_t i = 0;                                                      \
        for (; i < v->len; i++) {                                            \
            err = weft_##api##_next_##word(r, &in, &v->items[i]);            \
            if (err)                                                         \
                break;                                                       \
        }                                                                    \
        v->len = i; /* only items that were read */                          \
        weft_run_end(r, &in);                                                \
        weft_read_leave(r);                                                  \
        return err;                                                          \
    }                                                                        \
    void weft_##api##_write_vec_##word(struct weft_writer *w,                \
                                       const struct weft_vec_##word *v)      \
    {                                                                        \
        if (v->len > 0 && !v->items)                                         \
            weft_writer_fail(w, WEFT_EVALUE);                                \
        if (w->err || !weft_write_enter(w))                                  \
            return;                                                          \
        struct weft_room out = weft_room_begin(w);                           \
        weft_##api##_put_list(w, &out, wire, v->len);                        \
        for (uint32_t i = 0; i < v->len; i++) {                              \
            if (most > 0 && !weft_room_ready(w, &out, most))                 \
                break;                                                       \
            weft_##api##_put_##word(place, v->items[i]);                     \
        }                                                                    \
        weft_room_end(w, &out);                                              \
        weft_write_leave(w);                                                 \
    }
#define IN_ROOM &out
#define ANYWHERE w, &out

VEC(bin, bool, WEFT_BOOL, 1, IN_ROOM)
VEC(bin, i8, WEFT_I8, 1, IN_ROOM)
VEC(bin, i16, WEFT_I16, 2, IN_ROOM)
VEC(bin, i32, WEFT_I32, 4, IN_ROOM)
VEC(bin, i64, WEFT_I64, 8, IN_ROOM)
VEC(bin, double, WEFT_DOUBLE, 8, IN_ROOM)
VEC(bin, str, WEFT_STRING, 0, ANYWHERE)
VEC(bin, uuid, WEFT_UUID, 16, IN_ROOM)
VEC(compact, bool, WEFT_BOOL, 1, IN_ROOM)
VEC(compact, i8, WEFT_I8, 1, IN_ROOM)
VEC(compact, i16, WEFT_I16, 10, IN_ROOM)
VEC(compact, i32, WEFT_I32, 10, IN_ROOM)
VEC(compact, i64, WEFT_I64, 10, IN_ROOM)
VEC(compact, double, WEFT_DOUBLE, 8, IN_ROOM)
VEC(compact, str, WEFT_STRING, 0, ANYWHERE)
VEC(compact, uuid, WEFT_UUID, 16, IN_ROOM)

/* ---- lists of structs ---- */

struct vec {
    char *items;
    uint32_t len, cap;
};

/* Call the straight-line code of the struct; if the struct has no such code,
 * use its descriptor. */
#define STRUCTS(api, name, protocol)                                        \
    weft_err weft_##api##_read_structs(struct weft_reader *r, void *vec,    \
                                       const struct weft_struct *desc,      \
                                       bool *fits)                          \
    {                                                                       \
        struct vec *v = vec;                                                \
        const weft_read_fn read = desc->read_##name;                        \
        const uint32_t size = desc->size;                                   \
        struct weft_run in = weft_run_begin(r);                             \
        weft_err err =                                                      \
            weft_##api##_next_list(r, &in, WEFT_STRUCT, size, v, fits);     \
        if (err || !*fits)                                                  \
            return err;                                                     \
        weft_run_end(r, &in);                                               \
        uint32_t i = 0;                                                     \
        char *item = v->items;                                              \
        for (const uint32_t n = v->len; i < n; i++, item += size) {         \
            err = read ? read(r, item)                                      \
                       : weft_struct_read(desc, protocol, r, item);         \
            if (err)                                                        \
                break;                                                      \
        }                                                                   \
        v->len = i; /* only items that were read */                         \
        weft_read_leave(r);                                                 \
        return err;                                                         \
    }                                                                       \
    void weft_##api##_write_structs(struct weft_writer *w, const void *vec, \
                                    const struct weft_struct *desc)         \
    {                                                                       \
        const struct vec *v = vec;                                          \
        const weft_write_fn write = desc->write_##name;                     \
        const uint32_t size = desc->size, n = v->len;                       \
        const char *item = v->items;                                        \
        if (n > 0 && !item)                                                 \
            weft_writer_fail(w, WEFT_EVALUE);                               \
        if (w->err || !weft_write_enter(w))                                 \
            return;                                                         \
        struct weft_room out = weft_room_begin(w);                          \
        weft_##api##_put_list(w, &out, WEFT_STRUCT, n);                     \
        weft_room_end(w, &out);                                             \
        for (uint32_t i = 0; i < n; i++, item += size) {                    \
            if (write)                                                      \
                write(w, item);                                             \
            else                                                            \
                weft_struct_write(desc, protocol, w, item);                 \
        }                                                                   \
        weft_write_leave(w);                                                \
    }

STRUCTS(bin, binary, WEFT_BINARY)
STRUCTS(compact, compact, WEFT_COMPACT)
