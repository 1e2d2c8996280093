/* SPDX-License-Identifier: MIT */
/*
 * Passing over binary values without recursion, and stopping wherever the bytes
 * end, to go on when more have come. Private to codec.
 */
#ifndef WEFT_CODEC_SKIP_H
#define WEFT_CODEC_SKIP_H

#include "codec/codec.h"

/* A struct or container that was entered and not yet left. */
struct wf_skip_level {
    uint32_t left;    /* container: values still to come, of a map two each */
    uint8_t wires[2]; /* the next value is of wires[left & 1]; {0}: a struct */
};

struct wf_skip {
    size_t pending;    /* bytes to pass over before anything else is read */
    weft_err too_long; /* the error for a length that cannot be true */
    uint32_t depth;    /* levels entered */
    uint32_t max_depth;
    uint8_t wire; /* of the value that is due; 0: none */
    struct wf_skip_level levels[WEFT_DEPTH];
};

/* Begin with one value. Lengths beyond what can follow are too_long. */
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

/* Begin with the items of a container whose head has been read: pairs of key
 * and value for a map, value twice for a list or set. left is how many bytes
 * can follow. */
weft_err wf_skip_items(struct wf_skip *skip, bool is_map, uint8_t key,
                       uint8_t value, int32_t count, int64_t left);

/*
 * Go on. 0: it is passed. WEFT_ETRUNC: the reader stands at a head that is not
 * whole, or at its end; call again with what follows. extra is how many bytes
 * may come behind those of the reader, negative if those are too many already.
 * Every round consumes bytes or leaves a level, so that the work is bounded by
 * the bytes.
 */
weft_err wf_skip_run(struct wf_skip *skip, struct weft_reader *r,
                     int64_t extra);

/* Enter a struct or container, as struct wf_skip_level says. Errors:
 * WEFT_EDEPTH. */
weft_err wf_skip_enter(struct wf_skip *skip, uint32_t left, uint8_t even,
                       uint8_t odd) WEFT_CHECKED;

/* In a container the next of its items is due, or it is left. false: it is a
 * struct, whose fields are each protocol's own. */
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

/* Pass over what is pending. WEFT_ETRUNC: some of it is. */
weft_err wf_skip_pending(struct wf_skip *skip, struct weft_reader *r)
    WEFT_CHECKED;

/* The fewest bytes that a value of a wire type has; 0: no such type. */
uint32_t wf_wire_min(uint8_t wire);

/* ---- the reader's cursor ---- */

/* Pass over n bytes that are there. */
void wf_reader_pass(struct weft_reader *r, size_t n);

/* The next n <= 8 bytes, where they are or in scratch, not consumed; NULL: not
 * so many are there. */
const uint8_t *wf_reader_peek(struct weft_reader *r, size_t n);

/* Enter a container and take zeroed room for its items, which have at least
 * min bytes each on the wire. Errors: WEFT_ESIZE, WEFT_EDEPTH, WEFT_EBUDGET. */
weft_err wf_take_items(struct weft_reader *r, int32_t count, uint32_t min,
                       size_t item_size, void *vec) WEFT_CHECKED;

#endif
