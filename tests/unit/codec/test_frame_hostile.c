/* SPDX-License-Identifier: MIT */
/* Hostile frames: cut off, changed, and with lengths or counts that are too
 * large. */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/frames.h"
#include "unit/codec/known.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define MESSAGE "80 01 00 01 00 00 00 01 6d 00 00 00 07 00" /* m(), 14 bytes */
#define COMPACT "82 21 07 01 6d 00"
#define JSON "5b 31 2c 22 6d 22 2c 31 2c 37 2c 7b 7d 5d"

#define N_VECTORS (sizeof vectors / sizeof *vectors)

/* Write the frame of a vector. Returns its size, or 0 if the vector has
 * none. */
static size_t
frame_of(const struct vector *v, uint8_t *bytes)
{
    size_t len = unhex(v->hex, bytes);
    return strncmp(v->frame, "unframed", 8) == 0 ? 0 : len;
}

/* A frame that can be opened can be closed and opened again. */
static void
check_round(const struct opened *o)
{
    struct weft_chain out = {0};
    struct opened again;
    assert_int_equal(close_again(&o->frame, &o->message, &out), 0);
    uint8_t *bytes = flatten(&out);
    open_bytes(&again, bytes + 4, out.len - 4, 11, NULL);
    assert_int_equal(again.err, 0);
    assert_int_equal(again.message.len, o->message.len);
    assert_int_equal(again.frame.headers.len, o->frame.headers.len);
    opened_free(&again);
    free(bytes);
    weft_chain_clear(&out);
}

static void
every_truncation_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_VECTORS; i++) {
        uint8_t bytes[256];
        size_t len = frame_of(&vectors[i], bytes);
        struct opened whole;
        if (len == 0)
            continue;
        open_bytes(&whole, bytes + 4, len - 4, len, NULL);
        size_t around = len - 4 - whole.message.len;
        if (whole.frame.dialect.framing == WEFT_TTHEADER_FRAMED)
            around -= 4; /* a cut inner length may look like old binary */
        for (size_t n = 0; n + 4 < len; n++)
            for (size_t piece = 1; piece < 40; piece += 13) {
                struct opened o;
                open_bytes(&o, bytes + 4, n, piece, NULL);
                if (n <= around || whole.frame.dialect.zlib)
                    assert_true(o.err != WEFT_OK);
                if (!o.err)
                    check_round(&o);
                opened_free(&o);
            }
        opened_free(&whole);
    }
}

static void
every_changed_byte_is_survived(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_VECTORS; i++) {
        uint8_t bytes[256];
        size_t len = frame_of(&vectors[i], bytes);
        for (size_t at = 4; at < len; at++)
            for (unsigned change = 1; change < 512; change *= 2) {
                struct opened o;
                bytes[at] =
                    (uint8_t)(bytes[at] ^ (change & 0x100 ? 0xff : change));
                open_bytes(&o, bytes + 4, len - 4, len, NULL);
                if (!o.err)
                    check_round(&o);
                opened_free(&o);
                bytes[at] =
                    (uint8_t)(bytes[at] ^ (change & 0x100 ? 0xff : change));
            }
    }
}

/* The same for all bytes of a connection, with and without frames. */
static void
every_changed_connection_is_survived(void **state)
{
    (void)state;
    struct weft_limits limits =
        wf_limits_of(&(struct weft_limits){.message_size = 200});
    for (size_t i = 0; i < N_VECTORS; i++) {
        uint8_t bytes[256];
        size_t len = unhex(vectors[i].hex, bytes);
        for (size_t at = 0; at < len; at++)
            for (unsigned change = 1; change < 512; change *= 2) {
                bytes[at] =
                    (uint8_t)(bytes[at] ^ (change & 0x100 ? 0xff : change));
                struct weft_chain in = chain_of(bytes, len, 50);
                struct wf_cutter cutter;
                struct wf_cut cut;
                wf_cutter_init(&cutter, &limits);
                weft_err err = wf_cut(&cutter, &in, &cut);
                if (err)
                    assert_true(!cut.whole && cut.body == 0);
                else
                    assert_true(cut.head + cut.body <= in.len);
                wf_cutter_fini(&cutter);
                weft_chain_clear(&in);
                bytes[at] =
                    (uint8_t)(bytes[at] ^ (change & 0x100 ? 0xff : change));
            }
    }
}

/* ---- malformed frames ---- */

static const struct {
    const char *hex; /* without its length */
    weft_err err;
    enum wf_guess guess;
} bad[] = {
    {"90 01 00 01", WEFT_EUNKNOWNPROTO, 0},
    {"20 80 01 00 01", WEFT_EUNKNOWNPROTO, 0},
    {"20 20", WEFT_EUNKNOWNPROTO, 0},
    {"0f", WEFT_EUNKNOWNPROTO, 0},
    {"0fff 0000 00000007 00", WEFT_EFRAME, 0},
    {"0fff 0000 00000007 0000" MESSAGE, WEFT_EFRAME, 0},
    {"0fff 0000 00000007 0005 00 00 0000" MESSAGE, WEFT_EFRAME, 0},
    {"0fff 0000 00000007 0001 00 00 0000", WEFT_EUNKNOWNPROTO, 0},
    /* a protocol that is wrong or unknown, and numbers that are too long */
    {"0fff 0000 00000007 0001 02 00 0000" MESSAGE, WEFT_EFRAME, 0},
    {"0fff 0000 00000007 0001 00 00 0000" COMPACT, WEFT_EFRAME, 0},
    {"0fff 0000 00000007 0001 00 00 0000" JSON, WEFT_EFRAME, 0},
    {"0fff 0000 00000007 0001 03 00 0000" MESSAGE, WEFT_EUNKNOWNPROTO, 0},
    {"0fff 0000 00000007 0002 ff ff ff ff ff ff 0000" MESSAGE, WEFT_EFRAME, 0},
    {"0fff 0000 00000007 0001 80 80 80 80" MESSAGE, WEFT_EFRAME, 0},
    /* transforms: HMAC, snappy, unknown; several of them; huge counts */
    {"0fff 0000 00000007 0001 00 01 0200" MESSAGE, WEFT_ETRANSFORM, 0},
    {"0fff 0000 00000007 0001 00 01 0300" MESSAGE, WEFT_ETRANSFORM, 0},
    {"0fff 0000 00000007 0001 00 01 6300" MESSAGE, WEFT_ETRANSFORM, 0},
    {"0fff 0000 00000007 0001 00 02 0102" MESSAGE, WEFT_ETRANSFORM, 0},
    {"0fff 0000 00000007 0002 00 03 010101 000000" MESSAGE, WEFT_ETRANSFORM, 0},
    {"0fff 0000 00000007 0002 00 ff ff ff ff 07 0000" MESSAGE, WEFT_ETRANSFORM,
     0},
    {"0fff 0000 00000007 0001 00 01 0100" MESSAGE, WEFT_ETRANSFORM, 0},
    /* pairs */
    {"0fff 0000 00000007 0002 00 00 01 01 05 61 62 63" MESSAGE, WEFT_EFRAME, 0},
    {"0fff 0000 00000007 0002 00 00 01 01 01 61 7f 63" MESSAGE, WEFT_EFRAME, 0},
    {"0fff 0000 00000007 0002 00 00 01 02 01 61 01 63" MESSAGE, WEFT_EFRAME, 0},
    {"0fff 0000 00000007 0002 00 00 01 ff ff ff ff 07" MESSAGE, WEFT_EFRAME, 0},
    {"0fff 0000 00000007 0002 00 00 01 01 ff ff ff ff" MESSAGE, WEFT_EFRAME, 0},
    /* TTHeader */
    {"1000 0000 00000001 00", WEFT_EFRAME, 0},
    {"1000 0000 00000001 0000" MESSAGE, WEFT_EFRAME, 0},
    {"1000 0000 00000001 0005 00 00 0000" MESSAGE, WEFT_EFRAME, 0},
    {"1000 0000 00000001 ffff 00 00 0000" MESSAGE, WEFT_EFRAME, 0},
    {"1000 0000 00000001 0001 00 00 0000", WEFT_EUNKNOWNPROTO, 0},
    {"1000 0000 00000001 0001 00 00 0000 90 01 00 01", WEFT_EUNKNOWNPROTO, 0},
    {"1000 0000 00000001 0001 04 00 0000 90 01 00 01", WEFT_EUNKNOWNPROTO, 0},
    {"1000 0000 00000001 0001 00 00 0000" COMPACT, WEFT_EFRAME, 0},
    {"1000 0000 00000001 0001 00 00 0000" JSON, WEFT_EFRAME, 0},
    {"1000 0000 00000001 0001 02 00 0000" MESSAGE, WEFT_EFRAME, 0},
    {"1000 0000 00000001 0001 01 00 0000" MESSAGE, WEFT_EUNKNOWNPROTO, 0},
    {"1000 0000 00000001 0001 05 00 0000" MESSAGE, WEFT_EUNKNOWNPROTO, 0},
    {"1000 0002 00000001 0001 00 00 0000" MESSAGE, WEFT_EUNKNOWNPROTO,
     WF_GUESS_STREAM},
    {"1000 0000 00000001 0001 10 00 0000" MESSAGE, WEFT_EUNKNOWNPROTO,
     WF_GUESS_STREAM},
    {"1000 0000 00000001 0001 11 00 0000" MESSAGE, WEFT_EUNKNOWNPROTO,
     WF_GUESS_STREAM},
    {"1000 0000 00000001 0001 00 01 0000" MESSAGE, WEFT_ETRANSFORM, 0},
    {"1000 0000 00000001 0001 00 ff 0000" MESSAGE, WEFT_ETRANSFORM, 0},
    {"1000 0000 00000001 0001 00 00 0200" MESSAGE, WEFT_EFRAME, 0},
    {"1000 0000 00000001 0001 00 00 0001" MESSAGE, WEFT_EFRAME, 0},
    {"1000 0000 00000001 0002 00 00 01 ffff 0001 61" MESSAGE, WEFT_EFRAME, 0},
    {"1000 0000 00000001 0002 00 00 10 0001 ffff 61" MESSAGE, WEFT_EFRAME, 0},
    {"1000 0000 00000001 0002 00 00 11 0004 616263" MESSAGE, WEFT_EFRAME, 0},
    /* the inner length differs from the length of the message */
    {"1000 0000 00000001 0001 00 00 0000 0000000d" MESSAGE, WEFT_EFRAME, 0},
    {"1000 0000 00000001 0001 00 00 0000 0000000f" MESSAGE, WEFT_EFRAME, 0},
    /* crc32c: of other bytes, and a text that is no number */
    {"1000 0000 00000001 0006 00 00 01 0001 0006 637263333263 0008"
     "3030303030303030 00" MESSAGE,
     WEFT_ECHECKSUM, 0},
    {"1000 0000 00000001 0004 00 00 01 0001 0006 637263333263 0000 00" MESSAGE,
     WEFT_ECHECKSUM, 0},
};

static void
what_cannot_be_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint8_t bytes[256];
        struct opened o;
        size_t len = unhex(bad[i].hex, bytes);
        open_bytes(&o, bytes, len, len, NULL);
        if (o.err != bad[i].err)
            fail_msg("%s: %s", bad[i].hex, weft_err_name(o.err));
        assert_int_equal(o.frame.guess, bad[i].guess);
        opened_free(&o);
    }
}

/* ---- many headers ---- */

/* Fill a block with as many headers as fit. Its count claims more. */
static size_t
crowded(uint8_t *bytes, const char *front, const char *pair, uint32_t words)
{
    size_t len = unhex(front, bytes);
    size_t end = 10 + 4 * (size_t)words;
    bytes[8] = (uint8_t)(words >> 8);
    bytes[9] = (uint8_t)words;
    uint8_t one[16];
    size_t n = unhex(pair, one);
    for (; len + n <= end; len += n)
        memcpy(bytes + len, one, n);
    memset(bytes + len, 0, end - len);
    return end + unhex(MESSAGE, bytes + end);
}

static void
crowds_are_bounded_by_their_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *front, *pair;
    } rows[] = {
        /* claimed counts: a million, and 65,535 */
        {"0fff 0000 00000007 0000 00 00 01 c0 84 3d", "01 61 00"},
        {"0fff 0000 00000007 0000 00 00 01 c0 84 3d", "00 00"},
        {"1000 0000 00000007 0000 00 00 01 ffff", "0001 61 0000"},
        {"1000 0000 00000007 0000 00 00 01 ffff", "0000 0000"},
        {"1000 0000 00000007 0000 00 00 10 ffff", "0001 0000"},
        {"1000 0000 00000007 0000 00 00 10 ffff", "fff0 0000"},
    };
    static uint8_t bytes[66000];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t len = crowded(bytes, rows[i].front, rows[i].pair, 16383);
        struct opened o;
        open_bytes(&o, bytes, len, 4000, NULL);
        assert_int_equal(o.err, WEFT_EFRAME);
        /* 16 bytes for each printed string and 32 for each header; the array of
         * headers is there twice while it grows */
        assert_true(o.limits.memory - o.arena.left < (3 << 20));
        opened_free(&o);

        struct weft_limits tight = {.memory = 70000};
        open_bytes(&o, bytes, len, 4000, &tight);
        assert_true(o.err == WEFT_EBUDGET || o.frame.headers.len == 0);
        opened_free(&o);
    }
}

/* The greatest number of headers that fits is read. */
static void
a_crowd_that_fits_is_read(void **state)
{
    (void)state;
    static uint8_t bytes[66000];
    size_t len = crowded(bytes, "1000 0000 00000007 0000 00 00 10 3331",
                         "0001 0001 61", 16383);
    struct opened o;
    open_bytes(&o, bytes, len, 65536, NULL);
    assert_int_equal(o.err, 0);
    assert_int_equal(o.frame.headers.len, 0x3331);
    check_round(&o);
    opened_free(&o);
}

#define TEST(f) cmocka_unit_test_teardown(f, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_truncation_is_seen),
        TEST(every_changed_byte_is_survived),
        TEST(every_changed_connection_is_survived),
        TEST(what_cannot_be_is_refused),
        TEST(crowds_are_bounded_by_their_bytes),
        TEST(a_crowd_that_fits_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
