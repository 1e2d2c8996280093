/* SPDX-License-Identifier: MIT */
/*
 * weft's side. It reads into an arena that is reset before each message, and
 * writes to a chain that is cleared after each message. It uses the code that
 * weftc generated, or the descriptor in JSON, which has no generated code.
 */
#include "beside.h"
#include "codec.h"

#include <stdlib.h>

static struct shop_Order *orders;
static size_t n_orders;
static struct weft_arena kept;

static weft_err
read_at(enum weft_protocol proto, const struct stream *in, size_t i,
        struct weft_arena *arena, struct shop_Order *order)
{
    struct weft_reader r;
    size_t begin = stream_begin(in, i);
    weft_reader_init_flat(&r, in->bytes + begin, in->ends[i] - begin, arena, 0);
    return weft_struct_read(&shop_Order_desc, proto, &r, order);
}

static weft_err
write_to(struct weft_chain *chain, enum weft_protocol proto,
         const struct shop_Order *order)
{
    struct weft_writer w;
    weft_writer_init(&w, chain);
    weft_struct_write(&shop_Order_desc, proto, &w, order);
    return weft_writer_fini(&w);
}

static bool
convert(enum weft_protocol from, const struct stream *in, enum weft_protocol to,
        struct stream *out)
{
    static uint8_t bytes[1 << 16];
    struct weft_arena arena;
    struct weft_chain chain = {0};
    weft_err err = WEFT_OK;
    weft_arena_init(&arena, 0);
    for (size_t i = 0; i < in->n && !err; i++) {
        struct shop_Order order;
        if ((err = read_at(from, in, i, &arena, &order)) ||
            (err = write_to(&chain, to, &order)))
            break;
        stream_add(out, bytes,
                   weft_chain_copy_out(&chain, 0, bytes, sizeof bytes));
        weft_chain_clear(&chain);
        weft_arena_reset(&arena);
    }
    weft_chain_clear(&chain);
    weft_arena_fini(&arena);
    return !err;
}

static bool
load(const struct stream *in)
{
    weft_err err = WEFT_OK;
    free(orders);
    weft_arena_fini(&kept);
    weft_arena_init(&kept, 0);
    orders = calloc(in->n, sizeof *orders);
    n_orders = orders ? in->n : 0;
    for (size_t i = 0; i < n_orders && !err; i++)
        err = read_at(WEFT_BINARY, in, i, &kept, &orders[i]);
    return orders && !err;
}

static bool
decode(enum weft_protocol proto, const struct stream *in, long passes)
{
    struct weft_arena arena;
    weft_err err = WEFT_OK;
    weft_arena_init(&arena, 0);
    for (; passes > 0; passes--)
        for (size_t i = 0; i < in->n && !err; i++) {
            struct shop_Order order;
            weft_arena_reset(&arena);
            err = read_at(proto, in, i, &arena, &order);
        }
    weft_arena_fini(&arena);
    return !err;
}

static bool
encode(enum weft_protocol proto, long passes)
{
    struct weft_chain chain = {0};
    weft_err err = WEFT_OK;
    for (; passes > 0; passes--)
        for (size_t i = 0; i < n_orders && !err; i++) {
            err = write_to(&chain, proto, &orders[i]);
            weft_chain_clear(&chain);
        }
    return !err;
}

const struct side weft_side = {convert, load, decode, encode};
