/* SPDX-License-Identifier: MIT */
/*
 * Skips binary values without recursion. Skipping stops wherever the bytes end,
 * and resumes when more bytes have arrived. Private to codec.
 */
#ifndef WEFT_CODEC_SKIP_H
#define WEFT_CODEC_SKIP_H

#include "codec/codec.h"

/* A struct or container that was entered and not yet left. */
struct wf_skip_level {
    uint32_t left; /* values not begun yet; an entry of a map counts as
                      two, its key and its value */
    /* The type of the next value is wires[left & 1]; {0}: the level is a
     * struct. */
    uint8_t wires[2];
};

struct wf_skip {
    size_t pending;    /* bytes to skip before anything else is read */
    weft_err too_long; /* returned if a length exceeds what can follow */
    uint32_t depth;    /* number of entered levels */
    uint32_t max_depth;
    uint8_t wire; /* type of the value to begin next; 0: none */
    struct wf_skip_level levels[WEFT_DEPTH];
};

/* Prepare to skip one value of type `wire`. WEFT_STOP: another function decides
 * later what is skipped, for instance wf_skip_items. */
static inline void
wf_skip_init(struct wf_skip *skip, uint8_t wire, uint32_t depth,
             weft_err too_long)
{
    skip->pending = 0;
    skip->too_long = too_long;
    skip->depth = 0;
    skip->max_depth = depth < WEFT_DEPTH ? depth : WEFT_DEPTH;
    skip->wire = wire;
}

/* Prepare to skip the items of a container whose head has been read. For a list
 * or set, key and value are both the type of its element. `left` is the number
 * of bytes that can follow the head. */
weft_err wf_skip_items(struct wf_skip *skip, bool is_map, uint8_t key,
                       uint8_t value, int32_t count, int64_t left);

/*
 * Start to skip, or resume. Returns 0 if the value has been skipped.
 * WEFT_ETRUNC: the reader stands at a partial head, or has no more bytes; call
 * again with the bytes that follow. `extra` is the number of bytes that may
 * follow the reader's bytes; it is negative if the reader already has too many
 * bytes. Every value takes at least one byte, so the number of bytes bounds the
 * work.
 */
weft_err wf_skip_run(struct wf_skip *skip, struct weft_reader *r,
                     int64_t extra);

/* Enter a struct or container. The arguments become the members of a new struct
 * wf_skip_level. Errors: WEFT_EDEPTH. */
weft_err wf_skip_enter(struct wf_skip *skip, uint32_t left, uint8_t even,
                       uint8_t odd) WEFT_CHECKED;

/* Set the type of the container's next item, or leave the container after its
 * last item. Returns false in a struct, because each protocol has its own code
 * for the fields of a struct. */
static inline bool
wf_skip_next_item(struct wf_skip *skip)
{
    struct wf_skip_level *top = &skip->levels[skip->depth - 1];
    if (top->wires[0] == WEFT_STOP)
        return false;
    if (top->left == 0)
        skip->depth--;
    else
        skip->wire = top->wires[top->left-- & 1];
    return true;
}

/* Skip the pending bytes. WEFT_ETRUNC: some of the pending bytes have not
 * arrived. */
weft_err wf_skip_pending(struct wf_skip *skip, struct weft_reader *r)
    WEFT_CHECKED;

/* The fewest bytes that a value of a wire type takes; 0: no such type. */
uint32_t wf_wire_min(uint8_t wire);

/* ---- the reader's cursor ---- */

/* Skip n bytes; the reader must have at least n bytes left. */
void wf_reader_pass(struct weft_reader *r, size_t n);

/* Return the next `n` bytes, at most 8, without consuming them. Bytes that lie
 * in several runs are copied to r->scratch. NULL: fewer than `n` bytes are
 * left. */
const uint8_t *wf_reader_peek(struct weft_reader *r, size_t n);

/* Enter a container and allocate zeroed room for its items. Each item takes at
 * least `min` bytes on the wire. Errors: WEFT_ESIZE, WEFT_EDEPTH,
 * WEFT_EBUDGET. */
weft_err wf_take_items(struct weft_reader *r, int32_t count, uint32_t min,
                       size_t item_size, void *vec) WEFT_CHECKED;

#endif
