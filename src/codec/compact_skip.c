/* SPDX-License-Identifier: MIT */
#include "codec/compact.h"
#include "codec/skip.h"

/* Levels as those of binary's skip; of a struct, left is the field before. */
struct skip {
    struct weft_reader *r;
    uint32_t depth; /* levels entered */
    struct wf_skip_level levels[WEFT_DEPTH];
};

static weft_err
enter(struct skip *skip, uint32_t left, uint8_t even, uint8_t odd)
{
    if (skip->depth >= WEFT_DEPTH || skip->depth >= skip->r->depth)
        return WEFT_EDEPTH;
    skip->levels[skip->depth++] = (struct wf_skip_level){left, {even, odd}};
    return WEFT_OK;
}

static weft_err
enter_items(struct skip *skip, bool is_map,
            const struct wf_compact_items *items)
{
    uint32_t n = (uint32_t)items->count;
    if (n == 0) /* the types do not matter then */
        return enter(skip, 0, WEFT_BOOL, WEFT_BOOL);
    uint32_t key = wf_compact_min(items->key);
    uint32_t value = wf_compact_min(items->value);
    if (key == 0 || value == 0)
        return WEFT_EWIRETYPE;
    if ((uint64_t)n * (value + (is_map ? key : 0)) > weft_reader_left(skip->r))
        return WEFT_ESIZE;
    return enter(skip, n << is_map, items->key, items->value);
}

static weft_err
pass(struct weft_reader *r, size_t n)
{
    if (weft_reader_left(r) < n)
        return WEFT_ETRUNC;
    wf_reader_pass(r, n);
    return WEFT_OK;
}

static weft_err
pass_str(struct weft_reader *r)
{
    int32_t len;
    weft_err err = wf_compact_read_size(r, &len);
    if (err)
        return err;
    return pass(r, (size_t)len) ? WEFT_ESIZE : WEFT_OK;
}

/* Pass over a value, or enter it if it has parts. */
static weft_err
begin(struct skip *skip, uint8_t wire)
{
    int64_t number;
    struct wf_compact_items items;
    weft_err err;
    switch (wire) {
    case WEFT_BOOL:
    case WEFT_I8:
        return pass(skip->r, 1);
    case WEFT_I16:
    case WEFT_I32:
    case WEFT_I64:
        return wf_compact_read_base(skip->r, wire, &number);
    case WEFT_DOUBLE:
    case WEFT_UUID:
        return pass(skip->r, wf_compact_min(wire));
    case WEFT_STRING:
        return pass_str(skip->r);
    case WEFT_STRUCT:
        return enter(skip, 0, WEFT_STOP, WEFT_STOP);
    case WEFT_LIST:
    case WEFT_SET:
    case WEFT_MAP:
        err = wf_compact_read_items(skip->r, wire == WEFT_MAP, &items);
        return err ? err : enter_items(skip, wire == WEFT_MAP, &items);
    default:
        return WEFT_EWIRETYPE;
    }
}

static weft_err
next_field(struct skip *skip, struct wf_skip_level *top)
{
    struct wf_field_head head;
    weft_err err = wf_compact_read_field(skip->r, &top->left, &head);
    if (err || head.wire == WEFT_BOOL)
        return err;
    if (head.wire != WEFT_STOP)
        return begin(skip, head.wire);
    skip->depth--;
    return WEFT_OK;
}

/* Every round consumes bytes or leaves a level. */
static weft_err
run(struct skip *skip)
{
    weft_err err = WEFT_OK;
    while (!err && skip->depth > 0) {
        struct wf_skip_level *top = &skip->levels[skip->depth - 1];
        if (top->wires[0] == WEFT_STOP)
            err = next_field(skip, top);
        else if (top->left == 0)
            skip->depth--;
        else
            err = begin(skip, top->wires[top->left-- & 1]);
    }
    return err;
}

weft_err
wf_compact_skip(struct weft_reader *r, uint8_t wire)
{
    struct skip skip;
    skip.r = r;
    skip.depth = 0;
    weft_err err = begin(&skip, wire);
    return err ? err : run(&skip);
}

weft_err
wf_compact_skip_items(struct weft_reader *r, bool is_map,
                      const struct wf_compact_items *items)
{
    struct skip skip;
    skip.r = r;
    skip.depth = 0;
    weft_err err = enter_items(&skip, is_map, items);
    return err ? err : run(&skip);
}
