/* SPDX-License-Identifier: MIT */
/* zlib for a whole connection and for one message. */
#include "codec/codec.h"
#include "codec/frame/frame.h"
#include "unit/buf/balance.h"
#include "unit/codec/frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static uint32_t seed;

static uint32_t
draw(uint32_t below)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % below;
}

/* Half of the bytes can be compressed, half cannot. */
static void
fill(uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)draw(i % 4096 < 2048 ? 256 : 4);
}

struct pair {
    struct wf_inflater *inflater;
    struct wf_deflater *deflater;
};

static void
begin(struct pair *p)
{
    weft_err err = wf_inflater_new(&p->inflater);
    if (err == WEFT_ETRANSFORM)
        skip();
    assert_int_equal(err, 0);
    assert_int_equal(wf_deflater_new(&p->deflater), 0);
}

static void
end(struct pair *p)
{
    wf_inflater_free(p->inflater);
    wf_deflater_free(p->deflater);
}

/* Messages of any size in any pieces: when all bytes of one message have
 * arrived, the reader can read the whole message without the next. */
static void
what_is_flushed_can_be_read(void **state)
{
    (void)state;
    struct pair p;
    begin(&p);
    static uint8_t bytes[100000];
    for (int round = 0; round < 200; round++) {
        size_t len = 1 + draw(round % 4 ? 300 : sizeof bytes);
        struct weft_chain in = {0}, packed = {0}, wire = {0}, out = {0};
        fill(bytes, len);
        in = chain_of(bytes, len, 1 + draw(5000));
        assert_int_equal(wf_deflate(p.deflater, &in, &packed), 0);
        assert_int_equal(in.len, 0);
        while (packed.len > 0) {
            size_t n = 1 + draw(round % 2 ? 3 : 4000);
            n = WF_MIN(n, packed.len);
            assert_int_equal(weft_chain_cut(&packed, n, &wire), 0);
            size_t limit, before;
            do {
                before = out.len;
                limit = 1 + draw(1000);
                assert_int_equal(wf_inflate(p.inflater, &wire, &out, limit), 0);
                assert_true(out.len - before <= limit);
            } while (out.len - before == limit);
            assert_int_equal(wire.len, 0);
        }
        uint8_t *got = flatten(&out);
        assert_int_equal(out.len, len);
        assert_memory_equal(got, bytes, len);
        free(got);
        weft_chain_clear(&out);
    }
    end(&p);
}

static void
nothing_makes_nothing(void **state)
{
    (void)state;
    struct pair p;
    begin(&p);
    struct weft_chain in = {0}, out = {0};
    assert_int_equal(wf_deflate(p.deflater, &in, &out), 0);
    assert_int_equal(out.len, 0);
    assert_int_equal(wf_inflate(p.inflater, &in, &out, 100), 0);
    assert_int_equal(out.len, 0);
    end(&p);
    wf_inflater_free(NULL);
    wf_deflater_free(NULL);
}

/* The reader limits how much is inflated at once, not the peer. */
static void
a_reader_takes_no_more_than_it_asks_for(void **state)
{
    (void)state;
    struct pair p;
    begin(&p);
    static const uint8_t zeros[1 << 16];
    struct weft_chain in = {0}, packed = {0}, out = {0};
    for (int i = 0; i < 256; i++)
        assert_int_equal(
            weft_chain_append_ref(&in, zeros, sizeof zeros, NULL, NULL), 0);
    assert_int_equal(wf_deflate(p.deflater, &in, &packed), 0);
    size_t total = 0;
    do {
        assert_int_equal(wf_inflate(p.inflater, &packed, &out, 1000), 0);
        assert_true(out.len <= 1000);
        total += out.len;
        bool is_full = out.len == 1000;
        weft_chain_clear(&out);
        if (!is_full)
            break;
    } while (true);
    assert_int_equal(total, 256 * sizeof zeros);
    assert_int_equal(packed.len, 0);
    end(&p);
}

static void
what_is_no_stream_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "78 9d 00 00 00 00",             /* a wrong checksum of the head */
        "78 9c ff ff ff ff",             /* an unknown type of block */
        "78 bb 00 00 00 01",             /* needs a dictionary */
        "78 9c 03 00 00 00 00 02",       /* a wrong checksum of the data */
        "78 9c 03 00 00 00 00 01 00",    /* bytes after the end */
        "78 9c 03 00 00 00 00 01 78 9c", /* a second stream */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t piece = 1; piece < 20; piece += 18) {
            uint8_t bytes[32];
            struct pair p;
            begin(&p);
            size_t len = unhex(rows[i], bytes);
            struct weft_chain in = chain_of(bytes, len, piece), out = {0};
            assert_int_equal(wf_inflate(p.inflater, &in, &out, 100),
                             WEFT_ETRANSFORM);
            assert_int_equal(out.len, 0);
            weft_chain_clear(&in);
            end(&p);
        }
}

/* ---- one message ---- */

/* Compress the message into a THeader frame, without its length. */
static struct weft_chain
packed_frame(struct weft_chain *message)
{
    struct wf_frame f = {
        .dialect = {WEFT_THEADER, WEFT_BINARY, true, WEFT_ALONE}};
    struct weft_chain out = {0};
    assert_int_equal(wf_frame_close(&f, message, &out), 0);
    weft_chain_drop(&out, 4);
    return out;
}

static weft_err
open_packed(struct weft_chain *frame, const struct weft_limits *asked,
            struct wf_frame *f)
{
    struct weft_limits limits = wf_limits_of(asked);
    struct weft_arena arena;
    weft_arena_init(&arena, limits.memory);
    weft_err err = wf_frame_open(frame, &limits, &arena, f);
    weft_arena_fini(&arena);
    return err;
}

static void
a_message_is_packed_whole(void **state)
{
    (void)state;
    struct pair p;
    begin(&p);
    end(&p);
    for (size_t len = 1; len < 300000; len = len * 3 + 1) {
        uint8_t *bytes = malloc(len);
        assert_non_null(bytes);
        fill(bytes, len);
        bytes[0] = 0x80;
        struct weft_chain message = chain_of(bytes, len, 4097);
        struct weft_chain frame = packed_frame(&message);
        size_t size = frame.len;

        /* the limit of what is inflated is exact */
        struct weft_limits less = {.message_size = len - 1};
        struct weft_limits exact = {.message_size = len};
        struct weft_chain copy = {0};
        struct wf_frame f;
        assert_int_equal(weft_chain_share(&frame, 0, size, &copy), 0);
        if (len > 1)
            assert_int_equal(open_packed(&copy, &less, &f), WEFT_ETOOBIG);
        weft_chain_clear(&copy);

        /* without its last byte it is refused */
        assert_int_equal(weft_chain_share(&frame, 0, size - 1, &copy), 0);
        assert_int_equal(open_packed(&copy, NULL, &f), WEFT_ETRANSFORM);
        weft_chain_clear(&copy);

        assert_int_equal(open_packed(&frame, &exact, &f), 0);
        assert_true(f.dialect.zlib && f.dialect.protocol == WEFT_BINARY);
        uint8_t *got = flatten(&frame);
        assert_int_equal(frame.len, len);
        assert_memory_equal(got, bytes, len);
        free(got);
        free(bytes);
        weft_chain_clear(&frame);
    }
}

/* Compressed twice, 193 bytes would inflate to 16 MB. */
static void
two_layers_are_refused(void **state)
{
    (void)state;
    struct pair p;
    begin(&p);
    end(&p);
    uint8_t bytes[64];
    size_t len = unhex("80 01 00 01 00 00 00 01 6d 00 00 00 07 00", bytes);
    struct weft_chain twice = chain_of(bytes, len, len), frame = {0};
    assert_int_equal(wf_zlib_pack(&twice), 0);
    assert_int_equal(wf_zlib_pack(&twice), 0);
    len = unhex("0fff 0000 00000007 0001 00 02 0101", bytes);
    assert_int_equal(weft_chain_append(&frame, bytes, len), 0);
    weft_chain_splice(&twice, &frame);
    struct wf_frame f;
    assert_int_equal(open_packed(&frame, NULL, &f), WEFT_ETRANSFORM);
    assert_int_equal(f.seqid, 7); /* known, so that weft can send an error */
    weft_chain_clear(&frame);
}

/* A THeader frame with compressed zeros, even if zlib compresses them more than
 * weft allows. */
static struct weft_chain
frame_of_zeros(size_t len, size_t *packed)
{
    uint8_t head[16], *zeros = calloc(1, len);
    assert_non_null(zeros);
    zeros[0] = 0x80;
    struct weft_chain message = chain_of(zeros, len, len), frame = {0};
    assert_int_equal(wf_zlib_pack(&message), 0);
    *packed = message.len;
    size_t n = unhex("0fff 0000 00000007 0001 00 01 01 00", head);
    assert_int_equal(weft_chain_append(&frame, head, n), 0);
    weft_chain_splice(&message, &frame);
    free(zeros);
    return frame;
}

/* Messages at the limit of the ratio, and one byte above it. Up to
 * WEFT_INFLATE_FREE any ratio is allowed. */
static void
the_ratio_is_bounded(void **state)
{
    (void)state;
    struct pair p;
    begin(&p);
    end(&p);
    static const struct {
        size_t len;
        uint32_t ratio;
        weft_err err;
    } rows[] = {
        {WEFT_INFLATE_FREE, 0, 0},
        {WEFT_INFLATE_FREE + 1, 0, WEFT_ETOOBIG},
        {8 << 20, 0, WEFT_ETOOBIG},
        {WEFT_INFLATE_FREE + 1, 1032, 0},
        {8 << 20, 1032, 0},
        {8 << 20, UINT32_MAX, 0},
        {WEFT_MESSAGE_SIZE + 1, 1032, WEFT_ETOOBIG},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wf_frame f;
        size_t packed;
        struct weft_limits limits = {.inflate_ratio = rows[i].ratio};
        struct weft_chain frame = frame_of_zeros(rows[i].len, &packed);
        assert_int_equal(open_packed(&frame, &limits, &f), rows[i].err);
        weft_chain_clear(&frame);
        /* the least ratio that is enough, and one less */
        limits.inflate_ratio = (uint32_t)((rows[i].len + packed - 1) / packed);
        frame = frame_of_zeros(rows[i].len, &packed);
        bool fits = rows[i].len <= WEFT_MESSAGE_SIZE;
        assert_int_equal(open_packed(&frame, &limits, &f),
                         fits ? 0 : WEFT_ETOOBIG);
        weft_chain_clear(&frame);
        limits.inflate_ratio--;
        frame = frame_of_zeros(rows[i].len, &packed);
        fits = rows[i].len <= WEFT_INFLATE_FREE;
        assert_int_equal(open_packed(&frame, &limits, &f),
                         fits ? 0 : WEFT_ETOOBIG);
        weft_chain_clear(&frame);
    }
}

/* A message that a peer with the default limits would refuse is not
 * compressed. */
static void
what_packs_too_well_is_sent_as_it_is(void **state)
{
    (void)state;
    struct pair p;
    begin(&p);
    end(&p);
    static uint8_t zeros[8 << 20] = {0x80};
    for (size_t len = 1000; len <= sizeof zeros; len *= 2) {
        struct weft_chain message = chain_of(zeros, len, len);
        struct weft_chain frame = packed_frame(&message);
        struct wf_frame f;
        assert_int_equal(frame.len < len, len <= WEFT_INFLATE_FREE);
        assert_int_equal(open_packed(&frame, NULL, &f), 0);
        assert_int_equal(frame.len, len);
        assert_int_equal(f.dialect.zlib, len <= WEFT_INFLATE_FREE);
        weft_chain_clear(&frame);
    }
}

/* 64 MiB are packed into less than 1 MiB: inflating stops at the limit, and
 * takes no more memory than the limit. */
static void
a_bomb_stops_at_the_limit(void **state)
{
    (void)state;
    struct pair p;
    begin(&p);
    end(&p);
    size_t packed;
    struct weft_chain frame = frame_of_zeros((size_t)64 << 20, &packed);
    assert_true(packed < (1 << 20));
    wf_buf_cache_trim();
    struct wf_buf_stats before, after;
    struct weft_limits limits = {.inflate_ratio = 1032};
    struct wf_frame f;
    wf_buf_stats(&before);
    assert_int_equal(open_packed(&frame, &limits, &f), WEFT_ETOOBIG);
    wf_buf_stats(&after);
    assert_in_range(after.bytes - before.bytes, 0,
                    WEFT_MESSAGE_SIZE + (3 << 20));
    weft_chain_clear(&frame);
}

#define TEST(f) cmocka_unit_test_teardown(f, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_flushed_can_be_read),
        TEST(nothing_makes_nothing),
        TEST(a_reader_takes_no_more_than_it_asks_for),
        TEST(what_is_no_stream_is_refused),
        TEST(a_message_is_packed_whole),
        TEST(two_layers_are_refused),
        TEST(the_ratio_is_bounded),
        TEST(what_packs_too_well_is_sent_as_it_is),
        TEST(a_bomb_stops_at_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
