/* SPDX-License-Identifier: MIT */
/* Bytes for tests: from hexadecimal, into chains of many slices, and back. */
#ifndef WEFT_TESTS_UNIT_CODEC_BYTES_H
#define WEFT_TESTS_UNIT_CODEC_BYTES_H

#include "codec/codec.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Convert text like "80 01 | 0a" to bytes; characters that are no hexadecimal
 * digits are skipped. Returns the number of bytes. */
static inline size_t
unhex(const char *text, uint8_t *out)
{
    size_t digits = 0;
    for (; *text; text++) {
        if (!isxdigit((unsigned char)*text))
            continue;
        int c = tolower((unsigned char)*text);
        int v = c <= '9' ? c - '0' : c - 'a' + 10;
        if (digits % 2 == 0)
            out[digits / 2] = (uint8_t)(v << 4);
        else
            out[digits / 2] = (uint8_t)(out[digits / 2] | v);
        digits++;
    }
    return digits / 2;
}

/* Append bytes as one slice that merges with nothing, in memory of exactly
 * their size, so that ASan reports a read of one byte too many. */
static inline void
add_slice(struct weft_chain *chain, const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    if (!copy)
        abort();
    if (len > 0)
        memcpy(copy, bytes, len);
    if (weft_chain_append_ref(chain, copy, len, free, copy))
        abort();
}

/* A chain of the bytes, in slices of at most `piece` bytes. */
static inline struct weft_chain
chain_of(const uint8_t *bytes, size_t len, size_t piece)
{
    struct weft_chain chain = {0};
    for (size_t at = 0; at < len; at += piece)
        add_slice(&chain, bytes + at, len - at < piece ? len - at : piece);
    return chain;
}

/* A chain of two slices. */
static inline struct weft_chain
chain_of_two(const uint8_t *bytes, size_t len, size_t first)
{
    struct weft_chain chain = {0};
    add_slice(&chain, bytes, first);
    add_slice(&chain, bytes + first, len - first);
    return chain;
}

/* A copy of the bytes of a chain; the caller frees it. */
static inline uint8_t *
flatten(const struct weft_chain *chain)
{
    uint8_t *bytes = malloc(chain->len + 1);
    if (!bytes)
        abort();
    weft_chain_copy_out(chain, 0, bytes, chain->len);
    return bytes;
}

#endif
