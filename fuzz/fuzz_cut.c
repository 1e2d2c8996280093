/* SPDX-License-Identifier: MIT */
/*
 * Cuts a connection's input into messages twice: the whole input at once, and
 * in pieces. Both must find the same messages and the same error. Bytes that
 * are cut without a frame must be exactly one message.
 *
 * The first byte of the input chooses the limit and the size of the pieces.
 */
#include "fuzz.h"
#include "codec/codec.h"

#include <stdlib.h>

enum { MAX_CUTS = 4096 };

struct result {
    size_t bodies[MAX_CUTS];
    size_t n;
    size_t rest; /* bytes that were not cut */
    weft_err err;
    struct wf_cutter kind; /* with mode, protocol and guess of the input */
};

static struct weft_limits limits;
static uint64_t seed;

/* A message that was cut without a frame ends with its struct. JSON is
 * excepted, since the cutter counts only brackets there. */
static void
check_message(enum weft_protocol protocol, const struct weft_chain *message)
{
    if (protocol == WEFT_JSON)
        return;
    struct weft_arena arena;
    struct weft_reader r;
    struct weft_message m, peeked;
    weft_arena_init(&arena, 0);
    weft_reader_init(&r, message, &arena, 0);
    check(!wf_message_read(protocol, &r, limits.name_size, &m));
    check(!wf_struct_skip(protocol, &r));
    check(weft_reader_left(&r) == 0);
    check(!wf_message_peek(message, 0, 0, &arena, &peeked));
    check(weft_str_eq(m.name, peeked.name) && m.seqid == peeked.seqid);
    weft_arena_fini(&arena);
}

static void
take(struct wf_cutter *cutter, struct weft_chain *in, struct result *result)
{
    while (!result->err && result->n < MAX_CUTS) {
        struct wf_cut cut;
        struct weft_chain message = {0};
        result->err = wf_cut(cutter, in, &cut);
        if (result->err || !cut.whole)
            break;
        check(cut.body <= limits.message_size);
        check(cut.head + cut.body <= in->len);
        check(cut.head + cut.body > 0);
        weft_chain_drop(in, cut.head);
        check(!weft_chain_cut(in, cut.body, &message));
        if (cut.head == 0)
            check_message(cutter->protocol, &message);
        weft_chain_clear(&message);
        result->bodies[result->n++] = cut.body;
    }
    result->rest = in->len;
}

static void
cut_at_once(const uint8_t *data, size_t size, struct result *result)
{
    struct weft_chain in = {0};
    struct wf_cutter cutter;
    wf_cutter_init(&cutter, &limits);
    check(!weft_chain_append_ref(&in, data, size, NULL, NULL));
    take(&cutter, &in, result);
    result->kind = cutter;
    wf_cutter_fini(&cutter);
    weft_chain_clear(&in);
}

/* Append input as a socket's reader does, in the thread's block, or as a slice
 * of other memory. Returns how many bytes. */
static size_t
feed(struct weft_chain *in, const uint8_t *data, size_t n)
{
    if (draw(&seed, 2)) {
        check(!weft_chain_append_ref(in, data, n, NULL, NULL));
        return n;
    }
    struct wf_read_buffer room = {.limit = n};
    check(wf_chain_read_prepare(in, &room) == n);
    memcpy(room.iov[0].iov_base, data, room.iov[0].iov_len);
    n = room.iov[0].iov_len;
    wf_chain_read_commit(in, &room, n);
    return n;
}

static void
cut_in_pieces(const uint8_t *data, size_t size, size_t piece,
              struct result *result)
{
    struct weft_chain in = {0};
    struct wf_cutter cutter;
    wf_cutter_init(&cutter, &limits);
    for (size_t at = 0; at < size && !result->err;) {
        size_t n = 1 + draw(&seed, piece);
        at += feed(&in, data + at, n < size - at ? n : size - at);
        take(&cutter, &in, result);
        if (draw(&seed, 3) == 0)
            check(!wf_chain_compact(&in));
    }
    result->kind = cutter;
    wf_cutter_fini(&cutter);
    weft_chain_clear(&in);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct result whole, pieces;
    static const size_t sizes[] = {0, 40, 300, 70000};
    if (size < 2)
        return 0;
    seed = data[0];
    limits =
        wf_limits_of(&(struct weft_limits){.message_size = sizes[data[0] & 3]});
    size_t piece = (size_t)1 << (data[0] >> 2 & 7);
    whole.n = pieces.n = 0;
    whole.err = pieces.err = 0;
    cut_at_once(data + 1, size - 1, &whole);
    cut_in_pieces(data + 1, size - 1, piece, &pieces);

    /* If the input exceeds the limit and has another error, too, each may
     * report a different one of them. */
    if (whole.err != WEFT_ETOOBIG && pieces.err != WEFT_ETOOBIG)
        check(whole.err == pieces.err);
    check(!whole.err == !pieces.err);
    check(whole.n == pieces.n);
    for (size_t i = 0; i < whole.n; i++)
        check(whole.bodies[i] == pieces.bodies[i]);
    check(whole.kind.mode == pieces.kind.mode);
    check(whole.kind.protocol == pieces.kind.protocol);
    check(whole.kind.guess == pieces.kind.guess);
    if (!whole.err)
        check(whole.rest == pieces.rest);
    return 0;
}
