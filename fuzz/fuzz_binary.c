/* SPDX-License-Identifier: MIT */
/*
 * A struct of every type, read from one run and from many slices: both must say
 * the same, agree with passing over it, and what was read must survive being
 * written, copied, compared and printed.
 *
 * The first byte of the input is the size of the slices.
 */
#include "codec/codec.h"

#include "../tests/unit/codec/sample_desc.h"
#include "../tests/unit/codec/sample_read.h"
#include "../tests/unit/codec/sample_write.h"

#include <stdlib.h>

#define BUDGET ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool ok)
{
    if (!ok)
        abort();
}

static struct weft_chain
encode(const struct sample *s)
{
    struct weft_chain chain = {0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    sample_write(&w, s);
    check(!weft_writer_fini(&w));
    return chain;
}

static bool
equal_bytes(const struct weft_chain *a, const struct weft_chain *b)
{
    for (size_t at = 0; at < a->len; at += 256) {
        uint8_t x[256], y[256];
        size_t n = weft_chain_copy_out(a, at, x, sizeof x);
        if (weft_chain_copy_out(b, at, y, sizeof y) != n || memcmp(x, y, n))
            return false;
    }
    return a->len == b->len;
}

/* Written and read again it is the same value, and then the same bytes. */
static void
check_encoding(const struct sample *s)
{
    struct weft_chain first = encode(s), second;
    struct weft_arena arena;
    struct weft_reader r;
    struct sample again;
    weft_arena_init(&arena, 0);
    weft_reader_init(&r, &first, &arena, 0);
    check(!sample_read(&r, &again));
    check(weft_reader_left(&r) == 0);
    check(weft_struct_equal(&sample_desc, s, &again));
    second = encode(&again);
    check(equal_bytes(&first, &second));
    weft_arena_fini(&arena);
    weft_chain_clear(&first);
    weft_chain_clear(&second);
}

static void
check_engine(const struct sample *s)
{
    struct weft_arena arena;
    struct sample copy;
    char text[256];
    weft_arena_init(&arena, 0);
    check(!weft_struct_copy(&sample_desc, &arena, &copy, s));
    check(weft_struct_equal(&sample_desc, s, &copy));
    FILE *out = fmemopen(text, sizeof text, "w");
    if (out) {
        weft_struct_print(&sample_desc, out, &copy);
        fclose(out);
    }
    weft_arena_fini(&arena);
}

static void
check_skip(const uint8_t *data, size_t size, weft_err err, size_t left)
{
    struct weft_reader r;
    weft_reader_init_flat(&r, data, size, NULL, 0);
    weft_err skipped = weft_bin_skip(&r, WEFT_STRUCT);
    if (!err)
        check(!skipped && weft_reader_left(&r) == left);
    else if (err != WEFT_EREQUIRED && err != WEFT_EBUDGET)
        check(skipped);
}

static struct weft_chain
split(const uint8_t *data, size_t size, size_t piece)
{
    struct weft_chain chain = {0};
    for (size_t at = 0; at < size; at += piece) {
        size_t n = size - at < piece ? size - at : piece;
        check(!weft_chain_append_ref(&chain, data + at, n, NULL, NULL));
    }
    return chain;
}

static void
check_others(const struct weft_chain *chain)
{
    struct weft_arena arena;
    struct weft_reader r;
    struct weft_message m;
    struct weft_str text;
    int32_t type;
    weft_arena_init(&arena, BUDGET);
    weft_reader_init(&r, chain, &arena, 0);
    if (!weft_bin_read_message(&r, 0, &m))
        check(m.name.len <= WEFT_NAME_SIZE);
    weft_reader_init(&r, chain, &arena, 0);
    (void)!wf_read_app_exception(&r, &text, &type);
    weft_arena_fini(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct weft_chain chain = split(data + 1, size - 1, 1 + data[0]);
    struct weft_arena flat_arena, chain_arena;
    struct weft_reader flat, r;
    struct sample a, b;
    weft_arena_init(&flat_arena, BUDGET);
    weft_arena_init(&chain_arena, 2 * BUDGET); /* strings are copied there */
    weft_reader_init_flat(&flat, data + 1, size - 1, &flat_arena, 0);
    weft_reader_init(&r, &chain, &chain_arena, 0);
    weft_err err = sample_read(&flat, &a);
    weft_err chain_err = sample_read(&r, &b);
    if (err != WEFT_EBUDGET)
        check(err == chain_err);
    check_skip(data + 1, size - 1, err, weft_reader_left(&flat));
    if (!err) {
        check(weft_reader_left(&flat) == weft_reader_left(&r));
        check(flat.depth == WEFT_DEPTH);
        check(weft_struct_equal(&sample_desc, &a, &b));
        check_encoding(&a);
        check_engine(&b);
    }
    check_others(&chain);
    weft_arena_fini(&flat_arena);
    weft_arena_fini(&chain_arena);
    weft_chain_clear(&chain);
    return 0;
}
