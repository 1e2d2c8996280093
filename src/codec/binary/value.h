/* SPDX-License-Identifier: MIT */
/* What both binary protocols, and everybody to their right, say of values. */
#ifndef WEFT_CODEC_VALUE_H
#define WEFT_CODEC_VALUE_H

#include "codec/codec.h"

/* The head of a field. */
struct wf_field_head {
    int16_t id;
    uint8_t wire; /* enum weft_wire; WEFT_STOP: the struct ends here */
    bool value;   /* compact: of a bool, which has no bytes after its head */
};

/* The C value of a base type, by its wire type; a bool is that of a
 * container. Errors: those of the weft_<protocol>_read_x, WEFT_EWIRETYPE. */
weft_err wf_bin_read_base(struct weft_reader *r, uint8_t wire, void *value)
    WEFT_CHECKED;
weft_err wf_compact_read_base(struct weft_reader *r, uint8_t wire, void *value)
    WEFT_CHECKED;

/* The same of writing; errors stick in the writer. */
void wf_bin_write_base(struct weft_writer *w, uint8_t wire, const void *value);
void wf_compact_write_base(struct weft_writer *w, uint8_t wire,
                           const void *value);

/* What every vec looks like. They are copied in and out, because their items
 * are pointers of other types. */
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
