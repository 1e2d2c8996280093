/* SPDX-License-Identifier: MIT */
/* Reads and writes base values by their wire type (value.c). Also defines the
 * head of a field and the layout of a vec. */
#ifndef WEFT_CODEC_VALUE_H
#define WEFT_CODEC_VALUE_H

#include "codec/codec.h"

/* The id and the type that a struct has before each value. */
struct wf_field_head {
    int16_t id;
    uint8_t wire; /* enum weft_wire; WEFT_STOP: the struct ends here */
    bool value;   /* compact: the value of a bool; the head contains it */
};

/* Read a value of a base type into its C type. A bool is read from a byte of
 * its own, as in a container. Errors: those of weft_<protocol>_read_x,
 * WEFT_EWIRETYPE. */
weft_err wf_bin_read_base(struct weft_reader *r, uint8_t wire, void *value)
    WEFT_CHECKED;
weft_err wf_compact_read_base(struct weft_reader *r, uint8_t wire, void *value)
    WEFT_CHECKED;

/* Write a value of a base type; errors stick in the writer. */
void wf_bin_write_base(struct weft_writer *w, uint8_t wire, const void *value);
void wf_compact_write_base(struct weft_writer *w, uint8_t wire,
                           const void *value);

/* The layout of every vec. wf_vec_load and wf_vec_store use memcpy, because in
 * a generated vec `items` is a pointer of another type. */
struct wf_vec {
    void *items;
    uint32_t len, cap;
};

static inline struct wf_vec
wf_vec_load(const void *vec)
{
    struct wf_vec v;
    memcpy(&v, vec, sizeof v);
    return v;
}

static inline void
wf_vec_store(void *vec, struct wf_vec v)
{
    memcpy(vec, &v, sizeof v);
}

#endif
