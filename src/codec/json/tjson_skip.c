/* SPDX-License-Identifier: MIT */
/*
 * Skips values of Thrift's JSON without recursion. Skipping need not stop and
 * resume, because the message has arrived in full.
 */
#include "codec/json/tjson.h"

/* A struct or container that was entered and not yet left. */
struct level {
    /* The level has `n` values, and `done` of these were skipped. A pair of a
     * map is two values. */
    uint32_t n, done;
    uint8_t wire; /* WEFT_STRUCT, WEFT_MAP or WEFT_LIST (also sets) */
    uint8_t key, value;
};

struct skip {
    struct weft_reader *r;
    uint32_t depth; /* number of entered levels */
    struct level levels[WEFT_DEPTH];
};

static weft_err
enter(struct skip *skip, struct level level)
{
    if (skip->depth >= WEFT_DEPTH || skip->depth >= skip->r->depth)
        return WEFT_EDEPTH;
    skip->levels[skip->depth++] = level;
    return WEFT_OK;
}

static weft_err
enter_items(struct skip *skip, bool is_map, const struct wf_tjson_items *items)
{
    uint32_t n = (uint32_t)items->count;
    uint32_t min = wf_tjson_items_min(is_map, items->key, items->value);
    if ((uint64_t)n * min > weft_reader_left(skip->r))
        return WEFT_ESIZE;
    return enter(skip, (struct level){.n = n << is_map,
                                      .wire = is_map ? WEFT_MAP : WEFT_LIST,
                                      .key = items->key,
                                      .value = items->value});
}

/* Skip a value, or enter it if it is a struct or container. */
static weft_err
begin(struct skip *skip, uint8_t wire, bool is_key)
{
    struct weft_uuid any; /* has room for a value of any base type */
    struct wf_tjson_items items;
    weft_err err;
    switch (wire) {
    case WEFT_STRING:
        return wf_json_skip_str(skip->r);
    case WEFT_STRUCT:
        err = enter(skip, (struct level){.wire = wire});
        return err ? err : wf_json_expect(skip->r, '{');
    case WEFT_LIST:
    case WEFT_SET:
    case WEFT_MAP:
        err = wf_tjson_read_items(skip->r, wire == WEFT_MAP, &items);
        return err ? err : enter_items(skip, wire == WEFT_MAP, &items);
    default:
        return wf_tjson_read_base(skip->r, wire, is_key, &any);
    }
}

static weft_err
next_field(struct skip *skip, struct level *top)
{
    struct wf_field_head head;
    weft_err err = top->done ? wf_json_expect(skip->r, '}') : WEFT_OK;
    if (err || (err = wf_tjson_read_field(skip->r, !top->done, &head)))
        return err;
    top->done = 1;
    if (head.wire != WEFT_STOP)
        return begin(skip, head.wire, false);
    skip->depth--;
    return WEFT_OK;
}

static weft_err
next_item(struct skip *skip, struct level *top)
{
    bool is_map = top->wire == WEFT_MAP;
    bool is_key = is_map && top->done % 2 == 0;
    if (top->done == top->n) {
        skip->depth--;
        return wf_tjson_read_items_end(skip->r, is_map);
    }
    weft_err err = wf_tjson_read_comma(skip->r, is_map, top->done++);
    if (err)
        return err;
    return begin(skip, is_key ? top->key : top->value, is_key);
}

/* Each iteration consumes bytes, so the input bounds the work. */
static weft_err
run(struct skip *skip)
{
    weft_err err = WEFT_OK;
    while (!err && skip->depth > 0) {
        struct level *top = &skip->levels[skip->depth - 1];
        err = top->wire == WEFT_STRUCT ? next_field(skip, top)
                                       : next_item(skip, top);
    }
    return err;
}

weft_err
wf_tjson_skip(struct weft_reader *r, uint8_t wire)
{
    struct skip skip;
    skip.r = r;
    skip.depth = 0;
    weft_err err = begin(&skip, wire, false);
    return err ? err : run(&skip);
}

weft_err
wf_tjson_skip_items(struct weft_reader *r, bool is_map,
                    const struct wf_tjson_items *items)
{
    struct skip skip;
    skip.r = r;
    skip.depth = 0;
    weft_err err = enter_items(&skip, is_map, items);
    return err ? err : run(&skip);
}
