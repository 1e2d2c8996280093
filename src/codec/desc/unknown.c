/* SPDX-License-Identifier: MIT */
/*
 * Keeps unknown fields. Their values are stored in binary, the most common
 * protocol: reading converts compact values to binary, and writing in compact
 * converts the values back.
 */
#include "codec/desc/table.h"

/* ---- from one protocol to the other ---- */

struct mover {
    /* The bytes to read are binary if `to_compact` is true, else compact. */
    struct weft_reader *from;
    struct weft_writer *to;
    bool to_compact;
    size_t most; /* bytes that may still be written */
};

static weft_err move_value(struct mover *m, uint8_t wire);

static weft_err
move_base(struct mover *m, uint8_t wire)
{
    union {
        int64_t integer;
        double real;
        struct weft_str str;
        struct weft_uuid uuid;
    } v;
    weft_err err = m->to_compact ? wf_bin_read_base(m->from, wire, &v)
                                 : wf_compact_read_base(m->from, wire, &v);
    if (err)
        return err;
    if (m->to_compact)
        wf_compact_write_base(m->to, wire, &v);
    else
        wf_bin_write_base(m->to, wire, &v);
    return m->to->err;
}

static weft_err
read_items(struct mover *m, bool is_map, struct wf_compact_items *items)
{
    if (!m->to_compact)
        return wf_compact_read_items(m->from, is_map, items);
    uint8_t b[6];
    weft_err err = weft_read_raw(m->from, b, is_map ? 6 : 5);
    if (err)
        return err;
    items->key = b[0];
    items->value = b[is_map];
    items->count = (int32_t)weft_load_be32(b + 1 + is_map);
    return items->count < 0 ? WEFT_ESIZE : WEFT_OK;
}

/* An empty container may have invalid types; WEFT_STOP replaces them. */
static uint8_t
true_wire(uint8_t wire)
{
    return wf_wire_min(wire) ? wire : WEFT_STOP;
}

static void
write_items(struct mover *m, bool is_map, const struct wf_compact_items *items)
{
    uint8_t key = true_wire(items->key), value = true_wire(items->value);
    uint32_t count = (uint32_t)items->count;
    if (m->to_compact && is_map)
        weft_compact_write_map(m->to, key, value, count);
    else if (m->to_compact)
        weft_compact_write_list(m->to, value, count);
    else if (is_map)
        weft_bin_write_map(m->to, key, value, count);
    else
        weft_bin_write_list(m->to, value, count);
}

static weft_err
move_items(struct mover *m, bool is_map)
{
    struct wf_compact_items items;
    weft_err err = read_items(m, is_map, &items);
    if (err)
        return err;
    write_items(m, is_map, &items);
    for (int32_t i = 0; i < items.count && !err; i++) {
        if (is_map)
            err = move_value(m, items.key);
        if (!err)
            err = move_value(m, items.value);
    }
    return err;
}

/* Convert the head of a field. For a bool convert the value, too, because
 * compact stores head and value together. */
static weft_err
move_head(struct mover *m, uint32_t *field, int16_t *last,
          struct wf_field_head *head)
{
    weft_err err;
    if (!m->to_compact) {
        if ((err = wf_compact_read_field(m->from, field, head)) || !head->wire)
            return err;
        weft_bin_write_field(m->to, head->wire, head->id);
        if (head->wire == WEFT_BOOL)
            weft_bin_write_bool(m->to, head->value);
        return WEFT_OK;
    }
    if ((err = weft_bin_read_field(m->from, field)))
        return err;
    head->id = (int16_t)(*field >> 8);
    head->wire = (uint8_t)*field;
    if (wf_wire_min(head->wire) == 0)
        return head->wire ? WEFT_EWIRETYPE : WEFT_OK;
    if (head->wire != WEFT_BOOL)
        weft_compact_write_field(m->to, last, head->wire, head->id);
    else if (!(err = weft_bin_read_bool(m->from, &head->value)))
        weft_compact_write_bool_field(m->to, last, head->id, head->value);
    return err;
}

static weft_err
move_struct(struct mover *m)
{
    uint32_t field = 0;
    int16_t last = 0;
    for (;;) {
        struct wf_field_head head;
        weft_err err = move_head(m, &field, &last, &head);
        if (!err && head.wire == WEFT_STOP)
            break;
        if (!err && head.wire != WEFT_BOOL)
            err = move_value(m, head.wire);
        if (err)
            return err;
    }
    weft_bin_write_stop(m->to);
    return m->to->err;
}

/* The reader's limit for depth bounds the recursion. */
static weft_err
move_value(struct mover *m, uint8_t wire)
{
    if (wire < WEFT_STRUCT || wire > WEFT_LIST)
        return move_base(m, wire);
    if (m->to->chain->len > m->most)
        return WEFT_EBUDGET;
    weft_err err = weft_read_enter(m->from);
    if (err)
        return err;
    err =
        wire == WEFT_STRUCT ? move_struct(m) : move_items(m, wire == WEFT_MAP);
    weft_read_leave(m->from);
    return err;
}

/* ---- reading ---- */

static void *
take_bytes(struct weft_reader *r, uint32_t field, uint8_t wire, size_t len,
           struct weft_vec_unknown *vec)
{
    void *bytes = r->arena ? weft_arena_alloc(r->arena, len) : NULL;
    struct weft_unknown *kept =
        bytes ? weft_push(r->arena, vec, sizeof *kept) : NULL;
    if (!kept)
        return NULL;
    *kept = (struct weft_unknown){
        .bytes = {bytes, (uint32_t)len},
        .id = (int16_t)(field >> 8),
        .wire = wire,
    };
    return bytes;
}

weft_err
weft_bin_read_unknown(struct weft_reader *r, uint32_t field,
                      struct weft_vec_unknown *vec)
{
    struct weft_reader start = *r;
    weft_err err = weft_bin_skip_field(r, field);
    if (err)
        return err;
    size_t len = weft_reader_left(&start) - weft_reader_left(r);
    void *bytes = take_bytes(r, field, (uint8_t)field, len, vec);
    return bytes ? weft_read_raw(&start, bytes, len) : WEFT_EBUDGET;
}

/* Convert the value into a chain, and keep a copy of the chain's bytes in the
 * arena. The rest of the arena's budget also bounds the bytes of the chain. */
static weft_err
keep_moved(struct weft_reader *r, uint32_t field, uint8_t wire,
           struct weft_vec_unknown *vec)
{
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    struct mover m = {r, &w, false, r->arena ? r->arena->left : 0};
    weft_writer_init(&w, &chain);
    weft_err err = WEFT_OK, ended;
    if (wire == WEFT_BOOL)
        weft_bin_write_bool(&w, (field & 0xff) == WEFT_COMPACT_TRUE);
    else
        err = move_value(&m, wire);
    if ((ended = weft_writer_fini(&w)) && !err)
        err = ended;
    void *bytes = err ? NULL : take_bytes(r, field, wire, chain.len, vec);
    if (bytes)
        weft_chain_copy_out(&chain, 0, bytes, chain.len);
    else if (!err)
        err = WEFT_EBUDGET;
    weft_chain_clear(&chain);
    return err;
}

/* Skip the value first, so that a malformed value costs no memory. */
weft_err
weft_compact_read_unknown(struct weft_reader *r, uint32_t field,
                          struct weft_vec_unknown *vec)
{
    struct weft_reader start = *r;
    weft_err err = weft_compact_skip_field(r, field);
    if (err)
        return err;
    return keep_moved(&start, field, wf_compact_wire(field), vec);
}

/* ---- writing ---- */

/* A program may fill in unknown fields itself. So the bytes of each unknown
 * field are checked before they are written: the bytes must be exactly one
 * value of the field's type. A reader would read any further bytes as other
 * fields. */

static weft_err
open_kept(const struct weft_writer *w, const struct weft_unknown *kept,
          struct weft_reader *r)
{
    if (!kept->bytes.ptr && kept->bytes.len > 0)
        return WEFT_EVALUE;
    weft_reader_init_flat(r, kept->bytes.ptr, kept->bytes.len, NULL, 0);
    r->depth = w->depth;
    return WEFT_OK;
}

static weft_err
write_binary(struct weft_writer *w, const struct weft_unknown *kept)
{
    struct weft_reader r;
    weft_err err = open_kept(w, kept, &r);
    if (!err)
        err = weft_bin_skip(&r, kept->wire);
    if (err || weft_reader_left(&r) > 0)
        return err ? err : WEFT_ETRAILING;
    weft_bin_write_field(w, kept->wire, kept->id);
    weft_write_bytes_slow(w, kept->bytes.ptr, kept->bytes.len);
    return WEFT_OK;
}

static weft_err
write_compact(struct weft_writer *w, int16_t *last,
              const struct weft_unknown *kept)
{
    struct weft_reader r;
    struct mover m = {&r, w, true, SIZE_MAX};
    bool v;
    if (wf_wire_min(kept->wire) == 0)
        return WEFT_EWIRETYPE;
    weft_err err = open_kept(w, kept, &r);
    if (err)
        return err;
    if (kept->wire != WEFT_BOOL) {
        weft_compact_write_field(w, last, kept->wire, kept->id);
        err = move_value(&m, kept->wire);
    } else if (!(err = weft_bin_read_bool(&r, &v))) {
        weft_compact_write_bool_field(w, last, kept->id, v);
    }
    if (err || weft_reader_left(&r) > 0)
        return err ? err : WEFT_ETRAILING;
    return WEFT_OK;
}

/* If the writer itself has failed, the writer keeps its first error. */
static void
refuse(struct weft_writer *w, weft_err err)
{
    weft_writer_fail(w, err == WEFT_EDEPTH ? WEFT_EDEPTH : WEFT_EVALUE);
}

void
weft_bin_write_unknown(struct weft_writer *w,
                       const struct weft_vec_unknown *vec)
{
    weft_err err = vec->len > 0 && !vec->items ? WEFT_EVALUE : WEFT_OK;
    for (uint32_t i = 0; i < vec->len && !err && !w->err; i++)
        err = write_binary(w, &vec->items[i]);
    if (err)
        refuse(w, err);
}

void
weft_compact_write_unknown(struct weft_writer *w, int16_t *last,
                           const struct weft_vec_unknown *vec)
{
    weft_err err = vec->len > 0 && !vec->items ? WEFT_EVALUE : WEFT_OK;
    for (uint32_t i = 0; i < vec->len && !err && !w->err; i++)
        err = write_compact(w, last, &vec->items[i]);
    if (err)
        refuse(w, err);
}
