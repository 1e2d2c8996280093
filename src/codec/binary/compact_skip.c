/* SPDX-License-Identifier: MIT */
/*
 * Skips compact values without recursion: one value, or a whole message whose
 * bytes are still arriving (wf_compact_pass).
 */
#include "codec/binary/compact.h"

static bool
is_fixed(uint8_t wire)
{
    return wire == WEFT_BOOL || wire == WEFT_I8 || wire == WEFT_DOUBLE ||
           wire == WEFT_UUID;
}

static weft_err
begin_string(struct wf_skip *skip, struct weft_reader *r, int64_t extra)
{
    int32_t len;
    weft_err err = wf_compact_read_size(r, &len);
    if (err)
        return err;
    if (len > (int64_t)weft_reader_left(r) + extra)
        return skip->too_long;
    skip->pending = (size_t)len;
    return WEFT_OK;
}

/* `left` is the number of bytes that can follow the head of the container. */
static weft_err
enter_items(struct wf_skip *skip, bool is_map,
            const struct wf_compact_items *items, int64_t left)
{
    uint32_t n = (uint32_t)items->count << is_map;
    /* An empty container may have any types, but counts as a level. */
    if (n == 0)
        return skip->depth < skip->max_depth ? WEFT_OK : WEFT_EDEPTH;
    uint32_t key = wf_compact_min(items->key);
    uint32_t value = wf_compact_min(items->value);
    if (key == 0 || value == 0)
        return WEFT_EWIRETYPE;
    int64_t bytes = (int64_t)items->count * (value + (is_map ? key : 0));
    if (bytes > left)
        return skip->too_long;
    if (!is_fixed(items->key) || !is_fixed(items->value))
        return wf_skip_enter(skip, n, items->key, items->value);
    if (skip->depth == skip->max_depth)
        return WEFT_EDEPTH;
    skip->pending = (size_t)bytes;
    return WEFT_OK;
}

static weft_err
begin_container(struct wf_skip *skip, struct weft_reader *r, int64_t extra)
{
    bool is_map = skip->wire == WEFT_MAP;
    struct wf_compact_items items;
    weft_err err = wf_compact_read_items(r, is_map, &items);
    if (err)
        return err;
    int64_t left = (int64_t)weft_reader_left(r) + extra;
    return enter_items(skip, is_map, &items, left);
}

/* Begin the next value, of type skip->wire: read a number, make the bytes of
 * another base type pending, or enter a struct or container. */
static weft_err
begin(struct wf_skip *skip, struct weft_reader *r, int64_t extra)
{
    int64_t number;
    switch (skip->wire) {
    case WEFT_I16:
    case WEFT_I32:
    case WEFT_I64:
        return wf_compact_read_base(r, skip->wire, &number);
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
        skip->pending = wf_compact_min(skip->wire);
        return WEFT_OK;
    }
}

/* Read the head of the next field, or the end of the struct. `left` of the
 * level holds the previous field, in the form that weft_compact_read_field
 * takes. */
static weft_err
next_field(struct wf_skip *skip, struct weft_reader *r)
{
    struct wf_skip_level *top = &skip->levels[skip->depth - 1];
    struct wf_field_head head;
    uint32_t field = top->left;
    weft_err err = wf_compact_read_field(r, &field, &head);
    if (err)
        return err;
    top->left = field;
    if (head.wire == WEFT_STOP)
        skip->depth--;
    else if (head.wire != WEFT_BOOL) /* the head of a bool contains the value */
        skip->wire = head.wire;
    return WEFT_OK;
}

static weft_err
step(struct wf_skip *skip, struct weft_reader *r, int64_t extra)
{
    if (skip->wire == WEFT_STOP)
        return wf_skip_next_item(skip) ? WEFT_OK : next_field(skip, r);
    weft_err err = begin(skip, r, extra);
    if (!err)
        skip->wire = WEFT_STOP;
    return err;
}

weft_err
wf_compact_pass(struct wf_skip *skip, struct weft_reader *r, int64_t extra)
{
    for (;;) {
        weft_err err = wf_skip_pending(skip, r);
        if (err || (skip->wire == WEFT_STOP && skip->depth == 0))
            return err;
        struct weft_reader before = *r;
        err = step(skip, r, extra);
        if (err == WEFT_ETRUNC)
            *r = before; /* a partial head is read again from its start */
        if (err)
            return err;
    }
}

weft_err
wf_compact_skip(struct weft_reader *r, uint8_t wire)
{
    struct wf_skip skip;
    wf_skip_init(&skip, wire, r->depth, WEFT_ESIZE);
    /* No value has the type WEFT_STOP. */
    return wire == WEFT_STOP ? WEFT_EWIRETYPE : wf_compact_pass(&skip, r, 0);
}

weft_err
wf_compact_skip_items(struct weft_reader *r, bool is_map,
                      const struct wf_compact_items *items)
{
    struct wf_skip skip;
    wf_skip_init(&skip, WEFT_STOP, r->depth, WEFT_ESIZE);
    int64_t left = (int64_t)weft_reader_left(r);
    weft_err err = enter_items(&skip, is_map, items, left);
    return err ? err : wf_compact_pass(&skip, r, 0);
}

weft_err
wf_compact_pass_head(struct wf_skip *skip, struct weft_reader *r,
                     uint32_t name_size)
{
    struct weft_reader ahead = *r;
    uint8_t b[2];
    uint64_t seqid;
    int32_t name;
    weft_err err = weft_read_raw(&ahead, b, 1);
    if (err)
        return err;
    if (b[0] != 0x82)
        return WEFT_EVERSION;
    if ((err = weft_read_raw(&ahead, b + 1, 1)))
        return err;
    if ((b[1] & 0x1f) != 1)
        return WEFT_EVERSION;
    if ((err = weft_compact_read_u64_slow(&ahead, &seqid)) ||
        (err = wf_compact_read_size(&ahead, &name)))
        return err;
    if ((uint32_t)name > name_size)
        return WEFT_ESIZE;
    *r = ahead;
    skip->pending = (size_t)name;
    skip->wire = WEFT_STRUCT;
    return WEFT_OK;
}
