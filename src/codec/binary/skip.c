/* SPDX-License-Identifier: MIT */
#include "codec/binary/skip.h"

/* For each wire type: the fewest bytes of a value, 0 if there is no such type;
 * and whether all values of the type have the same number of bytes. */
static const struct {
    uint8_t min;
    bool is_fixed;
} wires[] = {
    [WEFT_BOOL] = {1, true},    [WEFT_I8] = {1, true},
    [WEFT_DOUBLE] = {8, true},  [WEFT_I16] = {2, true},
    [WEFT_I32] = {4, true},     [WEFT_I64] = {8, true},
    [WEFT_STRING] = {4, false}, [WEFT_STRUCT] = {1, false},
    [WEFT_MAP] = {6, false},    [WEFT_SET] = {5, false},
    [WEFT_LIST] = {5, false},   [WEFT_UUID] = {16, true},
};

#define N_WIRES (sizeof wires / sizeof *wires)

uint32_t
wf_wire_min(uint8_t wire)
{
    return wire < N_WIRES ? wires[wire].min : 0;
}

static bool
is_fixed(uint8_t wire)
{
    return wire < N_WIRES && wires[wire].is_fixed;
}

weft_err
wf_skip_enter(struct wf_skip *skip, uint32_t left, uint8_t even, uint8_t odd)
{
    if (skip->depth == skip->max_depth)
        return WEFT_EDEPTH;
    WF_CHECK(skip->depth < WEFT_DEPTH);
    skip->levels[skip->depth++] = (struct wf_skip_level){left, {even, odd}};
    return WEFT_OK;
}

weft_err
wf_skip_items(struct wf_skip *skip, bool is_map, uint8_t key, uint8_t value,
              int32_t count, int64_t left)
{
    if (count < 0)
        return WEFT_ESIZE;
    uint32_t n = (uint32_t)count << is_map;
    if (skip->depth == skip->max_depth)
        return WEFT_EDEPTH;
    if (n == 0)
        return WEFT_OK; /* some peers write invalid types in an empty map */
    uint32_t key_min = wf_wire_min(key), value_min = wf_wire_min(value);
    if (key_min == 0 || value_min == 0)
        return WEFT_EWIRETYPE;
    int64_t bytes = (int64_t)count * (value_min + (is_map ? key_min : 0));
    if (bytes > left)
        return skip->too_long;
    if (!is_fixed(key) || !is_fixed(value))
        return wf_skip_enter(skip, n, key, value);
    skip->pending = (size_t)bytes;
    return WEFT_OK;
}

weft_err
wf_skip_pending(struct wf_skip *skip, struct weft_reader *r)
{
    size_t left = weft_reader_left(r);
    size_t n = skip->pending < left ? skip->pending : left;
    wf_reader_pass(r, n);
    skip->pending -= n;
    return skip->pending > 0 ? WEFT_ETRUNC : WEFT_OK;
}

static weft_err
begin_string(struct wf_skip *skip, struct weft_reader *r, int64_t extra)
{
    const uint8_t *b = wf_reader_peek(r, 4);
    if (!b)
        return WEFT_ETRUNC;
    int32_t len = (int32_t)weft_load_be32(b);
    wf_reader_pass(r, 4);
    if (len < 0)
        return WEFT_ESIZE;
    if (len > (int64_t)weft_reader_left(r) + extra)
        return skip->too_long;
    skip->pending = (size_t)len;
    return WEFT_OK;
}

static weft_err
begin_container(struct wf_skip *skip, struct weft_reader *r, int64_t extra)
{
    bool is_map = skip->wire == WEFT_MAP;
    size_t size = is_map ? 6 : 5;
    const uint8_t *b = wf_reader_peek(r, size);
    if (!b)
        return WEFT_ETRUNC;
    uint8_t key = b[0], value = b[is_map];
    int32_t count = (int32_t)weft_load_be32(b + size - 4);
    wf_reader_pass(r, size);
    int64_t left = (int64_t)weft_reader_left(r) + extra;
    return wf_skip_items(skip, is_map, key, value, count, left);
}

/* Begin the next value, of type skip->wire: make the bytes of a base type
 * pending, or enter a struct or container. */
static weft_err
begin(struct wf_skip *skip, struct weft_reader *r, int64_t extra)
{
    switch (skip->wire) {
    case WEFT_STRING:
        return begin_string(skip, r, extra);
    case WEFT_STRUCT:
        return wf_skip_enter(skip, 0, WEFT_STOP, WEFT_STOP);
    case WEFT_LIST:
    case WEFT_SET:
    case WEFT_MAP:
        return begin_container(skip, r, extra);
    default:
        if (!is_fixed(skip->wire))
            return WEFT_EWIRETYPE;
        skip->pending = wires[skip->wire].min;
        return WEFT_OK;
    }
}

/* Read the head of the next field, or the end of the struct. */
static weft_err
next_field(struct wf_skip *skip, struct weft_reader *r)
{
    const uint8_t *b = wf_reader_peek(r, 1);
    if (!b)
        return WEFT_ETRUNC;
    if (b[0] == WEFT_STOP) {
        WF_DCHECK(skip->depth > 0);
        wf_reader_pass(r, 1);
        skip->depth--;
        return WEFT_OK;
    }
    if (!(b = wf_reader_peek(r, 3)))
        return WEFT_ETRUNC;
    skip->wire = b[0];
    wf_reader_pass(r, 3);
    return WEFT_OK;
}

weft_err
wf_skip_run(struct wf_skip *skip, struct weft_reader *r, int64_t extra)
{
    for (;;) {
        weft_err err = WEFT_OK;
        if (skip->pending > 0)
            err = wf_skip_pending(skip, r);
        else if (skip->wire == WEFT_STOP && skip->depth == 0)
            return WEFT_OK;
        else if (skip->wire == WEFT_STOP)
            err = wf_skip_next_item(skip) ? WEFT_OK : next_field(skip, r);
        else if (!(err = begin(skip, r, extra)))
            skip->wire = WEFT_STOP;
        if (err)
            return err;
    }
}

weft_err
weft_bin_skip(struct weft_reader *r, uint8_t wire)
{
    if (is_fixed(wire) && (size_t)(r->end - r->at) >= wires[wire].min) {
        r->at += wires[wire].min;
        return WEFT_OK;
    }
    struct wf_skip skip;
    wf_skip_init(&skip, wire, r->depth, WEFT_ESIZE);
    /* No value has the type WEFT_STOP. */
    return wire == WEFT_STOP ? WEFT_EWIRETYPE : wf_skip_run(&skip, r, 0);
}
