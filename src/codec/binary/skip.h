/* SPDX-License-Identifier: MIT */
/*
 * Skipping binary values without recursion. It stops wherever the bytes end,
 * and resumes when more have come. Private to codec.
 */
#ifndef WEFT_CODEC_SKIP_H
#define WEFT_CODEC_SKIP_H

#include "codec/codec.h"

/* A struct or container that was entered and not yet left. */
struct wf_skip_level {
    uint32_t left; /* container: values still to come; a map has two per pair */
    uint8_t
        wires[2]; /* the next value has type wires[left & 1]; {0}: a struct */
};

struct wf_skip {
    size_t pending;    /* bytes to skip before anything else is read */
    weft_err too_long; /* the error for a length beyond what can follow */
    uint32_t depth;    /* levels entered */
    uint32_t max_depth;
    uint8_t wire; /* type of the value that is due; 0: none */
    struct wf_skip_level levels[WEFT_DEPTH];
};

/* Begin with one value. too_long is the error for lengths beyond what can
 * follow. */
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
 * and value for a map, value twice for a list or set. left: the number of bytes
 * that can follow. */
weft_err wf_skip_items(struct wf_skip *skip, bool is_map, uint8_t key,
                       uint8_t value, int32_t count, int64_t left);

/*
 * Resume. 0: the value has been skipped. WEFT_ETRUNC: the reader is at a
 * partial head, or at its end; call again with the bytes that follow. extra:
 * the number of bytes that may come after those of the reader, negative if
 * there are too many already. Each round consumes bytes or leaves a level, so
 * the work is bounded by the bytes.
 */
weft_err wf_skip_run(struct wf_skip *skip, struct weft_reader *r,
                     int64_t extra);

/* Enter a struct or container, as struct wf_skip_level says. Errors:
 * WEFT_EDEPTH. */
weft_err wf_skip_enter(struct wf_skip *skip, uint32_t left, uint8_t even,
                       uint8_t odd) WEFT_CHECKED;

/* Take the next item of a container, or leave it after the last. false: this is
 * a struct, whose fields each protocol reads itself. */
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

/* Skip the pending bytes. WEFT_ETRUNC: some of them are still to come. */
weft_err wf_skip_pending(struct wf_skip *skip, struct weft_reader *r)
    WEFT_CHECKED;

/* The fewest bytes that a value of a wire type takes; 0: no such type. */
uint32_t wf_wire_min(uint8_t wire);

/* ---- the reader's cursor ---- */

/* Skip n bytes, which must be there. */
void wf_reader_pass(struct weft_reader *r, size_t n);

/* The next n <= 8 bytes, in place or copied to scratch, not consumed; NULL:
 * there are fewer. */
const uint8_t *wf_reader_peek(struct weft_reader *r, size_t n);

/* Enter a container and take zeroed room for its items, which take at least min
 * bytes each on the wire. Errors: WEFT_ESIZE, WEFT_EDEPTH, WEFT_EBUDGET. */
weft_err wf_take_items(struct weft_reader *r, int32_t count, uint32_t min,
                       size_t item_size, void *vec) WEFT_CHECKED;

#endif
