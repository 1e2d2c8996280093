/* SPDX-License-Identifier: MIT */
/*
 * Opens a frame, closes it, and opens it again: every opened frame can be
 * closed, and keeps its meaning. When it is closed for the first time, headers
 * may change their order, and integer keys their name.
 *
 * The first byte of the input chooses the limits and the size of the pieces.
 */
#include "fuzz.h"
#include "codec/codec.h"

#include <stdlib.h>

struct opened {
    struct weft_arena arena;
    struct weft_chain message;
    struct wf_frame frame;
};

static struct weft_limits limits;

static weft_err
open_frame(struct opened *o)
{
    weft_arena_init(&o->arena, limits.memory);
    weft_err err = wf_frame_open(&o->message, &limits, &o->arena, &o->frame);
    check(!o->frame.guess || err == WEFT_EUNKNOWNPROTO);
    return err;
}

static void
drop(struct opened *o)
{
    weft_chain_clear(&o->message);
    weft_arena_fini(&o->arena);
}

/* Close and open the frame once more, from a copy of its message. */
static void
reopen(const struct opened *from, struct opened *to)
{
    struct weft_chain copy = {0};
    uint8_t length[4];
    to->message = (struct weft_chain){0};
    check(!weft_chain_share(&from->message, 0, from->message.len, &copy));
    check(!wf_frame_close(&from->frame, &copy, &to->message));
    check(weft_chain_copy_out(&to->message, 0, length, 4) == 4);
    check(weft_load_be32(length) == to->message.len - 4);
    weft_chain_drop(&to->message, 4);
    check(!open_frame(to));
}

static void
check_same_bytes(const struct weft_chain *a, const struct weft_chain *b)
{
    struct weft_reader ra, rb;
    check(a->len == b->len);
    weft_reader_init(&ra, a, NULL, 0);
    weft_reader_init(&rb, b, NULL, 0);
    for (size_t i = 0; i < a->len; i++) {
        int8_t x = 0, y = 0;
        check(!weft_bin_read_i8(&ra, &x));
        check(!weft_bin_read_i8(&rb, &y));
        check(x == y);
    }
}

static void
check_same(const struct opened *a, const struct opened *b)
{
    const struct wf_frame *f = &a->frame, *g = &b->frame;
    check(f->dialect.framing == g->dialect.framing);
    check(f->dialect.protocol == g->dialect.protocol);
    check(f->dialect.zlib == g->dialect.zlib);
    check(f->has_crc == g->has_crc);
    check(f->flags == g->flags && f->seqid == g->seqid);
    check(f->headers.len == g->headers.len);
    check_same_bytes(&a->message, &b->message);
}

static void
check_same_headers(const struct weft_headers *a, const struct weft_headers *b)
{
    for (uint32_t i = 0; i < a->len; i++) {
        check(weft_str_eq(a->items[i].key, b->items[i].key));
        check(weft_str_eq(a->items[i].value, b->items[i].value));
    }
}

static void
check_again(const struct opened *first)
{
    struct opened second, third;
    reopen(first, &second);
    check_same(first, &second);
    reopen(&second, &third);
    check_same(&second, &third);
    check_same_headers(&second.frame.headers, &third.frame.headers);
    drop(&third);
    drop(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opened first = {.message = {0}};
    if (size < 2)
        return 0;
    limits = wf_limits_of(&(struct weft_limits){
        .message_size = data[0] & 1 ? 300 : 70000,
        .memory = data[0] & 2 ? 2000 : 0,
        .header_size = data[0] & 4 ? 40 : 0,
    });
    size_t piece = (size_t)1 << (data[0] >> 3 & 7);
    bool is_tight = data[0] & 3;
    for (size_t at = 1; at < size; at += piece)
        check(!weft_chain_append_ref(&first.message, data + at,
                                     WF_MIN(piece, size - at), NULL, NULL));
    weft_err err = open_frame(&first);
    if (!err) {
        /* The tight limits hold for the input, not for the frame that is made
         * from it. */
        if (is_tight)
            limits = wf_limits_of(NULL);
        check_again(&first);
    }
    drop(&first);
    return 0;
}
