/* SPDX-License-Identifier: MIT */
/*
 * The functions that both sides, weft's codec and Apache's C++ library, offer
 * to the program that measures them. This file is C, so that C and C++ can
 * include it.
 */
#ifndef BENCH_CODEC_BESIDE_H
#define BENCH_CODEC_BESIDE_H

#include <weft/codec.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Messages, each an Order of codec.thrift, in one protocol, back to back. */
struct stream {
    uint8_t *bytes;
    size_t *ends; /* the offset after each message */
    size_t n;
};

/* The stream owns its memory. Ends the process if no memory is left. */
void stream_add(struct stream *s, const uint8_t *bytes, size_t len);
void stream_clear(struct stream *s);

static inline size_t
stream_begin(const struct stream *s, size_t i)
{
    return i > 0 ? s->ends[i - 1] : 0;
}

/* Every function returns whether it succeeded. */
struct side {
    /* Read each message and write it to out, in another protocol. */
    bool (*convert)(enum weft_protocol from, const struct stream *in,
                    enum weft_protocol to, struct stream *out);
    /* Keep the structs of these messages, which are strict binary, for
     * encode. */
    bool (*load)(const struct stream *in);
    /* The functions that are measured. Each handles all messages, `passes`
     * times. */
    bool (*decode)(enum weft_protocol proto, const struct stream *in,
                   long passes);
    bool (*encode)(enum weft_protocol proto, long passes);
};

/* Apache's library in its usual form and in its fastest; see apache.cpp. */
extern const struct side weft_side, apache_side, apache_best_side;

/* ---- the messages ---- */

struct shop_Order;

/* 439 bytes of strict binary: 18 strings, 3 containers, structs in structs. */
void sample_fixed(struct weft_arena *arena, struct shop_Order *order);

/* Orders of several shapes and sizes; the same i gives the same order. */
void sample_mixed(struct weft_arena *arena, uint32_t i,
                  struct shop_Order *order);

/* ---- the least that could be done ---- */

/* The least work for a message: copy it, and branch on the type of each of its
 * fields. */
struct least {
    uint8_t *wires; /* of all fields of all messages */
    size_t *ends;   /* in wires, of each message */
    uint8_t *copy;  /* room for the longest message */
};

void least_init(struct least *l, const struct stream *binary);
void least_fini(struct least *l);
void least_run(const struct least *l, const struct stream *in, long passes);

#ifdef __cplusplus
}
#endif

#endif
