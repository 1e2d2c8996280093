/* SPDX-License-Identifier: MIT */
/*
 * Reads a struct with every type by descriptor, from one run and from many
 * slices. Both must give the same result, and skipping the struct must end at
 * the same byte. The value must be unchanged after it was written and read
 * again, in the protocol of the fuzzer that includes this file and in binary.
 * Except in JSON, the same holds if a struct without fields keeps all of its
 * fields as unknown ones, which are then written and read again.
 *
 * The size of the slices is 1 plus the first byte of the input.
 */
#ifndef WEFT_FUZZ_TABLE_H
#define WEFT_FUZZ_TABLE_H

#include "fuzz.h"

#include "codec/codec.h"

#include "../tests/unit/codec/sample_desc.h"
#include "../tests/unit/codec/values.h"

#define BUDGET ((size_t)1 << 20)

/* The value that was written must be read again as the same value, and then be
 * written as the same bytes. */
static inline void
check_encoding(enum weft_protocol proto, const struct sample *s)
{
    struct weft_arena arena;
    struct sample again;
    size_t len, again_len;
    weft_err err;
    weft_arena_init(&arena, 0);
    uint8_t *bytes = encode_as(&sample_desc, proto, s, &len, &err);
    check(!err);
    check(!decode_as(&sample_desc, proto, bytes, len, &arena, &again));
    check(weft_struct_equal(&sample_desc, s, &again));
    check(weft_struct_hash(&sample_desc, s) ==
          weft_struct_hash(&sample_desc, &again));
    uint8_t *same = encode_as(&sample_desc, proto, &again, &again_len, &err);
    check(!err && again_len == len && memcmp(same, bytes, len) == 0);
    free(same);
    free(bytes);
    weft_arena_fini(&arena);
}

/* Skipping JSON does not check strings, so it refuses fewer inputs than
 * reading. */
static inline void
check_skip(enum weft_protocol proto, const uint8_t *data, size_t size,
           weft_err err, size_t left)
{
    struct weft_reader r;
    weft_reader_init_flat(&r, data, size, NULL, 0);
    weft_err skipped = wf_struct_skip(proto, &r);
    if (!err)
        check(!skipped && weft_reader_left(&r) == left);
    else if (proto != WEFT_JSON && err != WEFT_EREQUIRED && err != WEFT_EBUDGET)
        check(skipped);
}

/* ---- unknown fields ---- */

struct keeper {
    struct weft_vec_unknown unknown;
};

static const struct weft_struct keeper_desc = {
    .name = "Keeper", .size = sizeof(struct keeper), .keeps_unknown = true};

/* Bytes that a protocol has written must be read as the same value. Returns the
 * bytes, which the caller frees. */
static inline uint8_t *
check_kept(enum weft_protocol proto, const struct keeper *k, size_t *len,
           struct weft_arena *arena)
{
    struct keeper again;
    weft_err err;
    size_t again_len;
    uint8_t *bytes = encode_as(&keeper_desc, proto, k, len, &err);
    check(!err);
    check(!decode_as(&keeper_desc, proto, bytes, *len, arena, &again));
    check(again.unknown.len == k->unknown.len);
    uint8_t *same = encode_as(&keeper_desc, proto, &again, &again_len, &err);
    check(!err && again_len == *len && memcmp(same, bytes, *len) == 0);
    free(same);
    return bytes;
}

/* s is the sample read from the bytes, or NULL. */
static inline void
check_unknown(enum weft_protocol proto, const uint8_t *data, size_t size,
              const struct sample *s)
{
    static const enum weft_protocol others[] = {WEFT_BINARY, WEFT_COMPACT};
    struct weft_arena arena;
    struct weft_reader r;
    struct keeper k;
    weft_arena_init(&arena, 64 * BUDGET);
    weft_reader_init_flat(&r, data, size, &arena, 0);
    weft_err err = weft_struct_read(&keeper_desc, proto, &r, &k);
    check(!s || !err || err == WEFT_EBUDGET);
    for (size_t i = 0; !err && i < 2; i++) {
        struct sample as_sample;
        size_t len;
        uint8_t *bytes = check_kept(others[i], &k, &len, &arena);
        if (s) {
            check(!decode_as(&sample_desc, others[i], bytes, len, &arena,
                             &as_sample));
            check(weft_struct_equal(&sample_desc, s, &as_sample));
        }
        free(bytes);
    }
    weft_arena_fini(&arena);
}

static inline void
check_message(enum weft_protocol proto, const struct weft_chain *chain)
{
    struct weft_arena arena;
    struct weft_reader r;
    struct weft_message m;
    weft_arena_init(&arena, BUDGET);
    weft_reader_init(&r, chain, &arena, 0);
    if (!wf_message_read(proto, &r, 0, &m) && !wf_struct_skip(proto, &r)) {
        check(m.name.len <= WEFT_NAME_SIZE);
        (void)!wf_message_read_end(proto, &r);
    }
    weft_arena_fini(&arena);
}

static inline struct weft_chain
split(const uint8_t *data, size_t size, size_t piece)
{
    struct weft_chain chain = {0};
    for (size_t at = 0; at < size; at += piece) {
        size_t n = size - at < piece ? size - at : piece;
        check(!weft_chain_append_ref(&chain, data + at, n, NULL, NULL));
    }
    return chain;
}

static inline void
fuzz_table(enum weft_protocol proto, const uint8_t *data, size_t size)
{
    if (size < 1)
        return;
    struct weft_chain chain = split(data + 1, size - 1, 1u + data[0]);
    struct weft_arena flat_arena, chain_arena;
    struct weft_reader flat, r;
    struct sample a, b;
    weft_arena_init(&flat_arena, BUDGET);
    weft_arena_init(&chain_arena, 4 * BUDGET); /* for copied strings, too */
    weft_reader_init_flat(&flat, data + 1, size - 1, &flat_arena, 0);
    weft_reader_init(&r, &chain, &chain_arena, 0);
    weft_err err = weft_struct_read(&sample_desc, proto, &flat, &a);
    weft_err chain_err = weft_struct_read(&sample_desc, proto, &r, &b);
    if (err != WEFT_EBUDGET && chain_err != WEFT_EBUDGET)
        check(err == chain_err);
    check_skip(proto, data + 1, size - 1, err, weft_reader_left(&flat));
    if (!err && !chain_err) {
        check(weft_reader_left(&flat) == weft_reader_left(&r));
        check(flat.depth == WEFT_DEPTH);
        check(weft_struct_equal(&sample_desc, &a, &b));
        check_encoding(proto, &a);
        check_encoding(WEFT_BINARY, &b);
    }
    if (proto != WEFT_JSON)
        check_unknown(proto, data + 1, size - 1, err ? NULL : &a);
    check_message(proto, &chain);
    weft_arena_fini(&flat_arena);
    weft_arena_fini(&chain_arena);
    weft_chain_clear(&chain);
}

#endif
