/* SPDX-License-Identifier: MIT */
/*
 * Walks through JSON of another program twice: once it skips the whole value,
 * once it enters each object and array. Both must end at the same place, with
 * the same error, and at the depth at which they began.
 */
#include "fuzz.h"
#include "codec/codec.h"

static weft_err walk(struct weft_reader *r);

static weft_err
walk_items(struct weft_reader *r, char open)
{
    struct weft_str key;
    bool more;
    weft_err err = wf_walk_open(r, open, &more);
    while (!err && more) {
        if (open == '{')
            err = wf_walk_key(r, &key);
        if (!err)
            err = walk(r);
        if (!err)
            err = wf_walk_next(r, open, &more);
    }
    return err;
}

static weft_err
walk(struct weft_reader *r)
{
    struct weft_reader copy = *r;
    bool more;
    if (wf_walk_open(&copy, '{', &more) != WEFT_EPROTOCOL)
        return walk_items(r, '{');
    copy = *r;
    if (wf_walk_open(&copy, '[', &more) != WEFT_EPROTOCOL)
        return walk_items(r, '[');
    return wf_walk_skip(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_reader skipped, walked;
    weft_reader_init_flat(&skipped, data, size, &arena, 0);
    walked = skipped;
    uint32_t depth = skipped.depth;
    weft_err err = wf_walk_skip(&skipped);
    check(!err == !walk(&walked));
    if (!err) {
        check(skipped.at == walked.at);
        check(skipped.depth == depth && walked.depth == depth);
    }
    weft_arena_fini(&arena);
    return 0;
}
