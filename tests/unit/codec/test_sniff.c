/* SPDX-License-Identifier: MIT */
/* What a connection speaks: every row of the table, cut short at every byte. */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { LOOK = 16, LONGEST = 4 + 64 + 1 };

struct row {
    const char *hex;
    size_t told; /* how many bytes are needed to tell */
    weft_err err;
    uint8_t framing, protocol, guess;
};

#define UNKNOWN(hex, told, guess)                               \
    {                                                           \
        hex, told, WEFT_EUNKNOWNPROTO, WF_CUT_UNKNOWN, 0, guess \
    }
#define FRAMED(hex, told)                                 \
    {                                                     \
        hex, told, WEFT_OK, WF_CUT_FRAMED, WEFT_BINARY, 0 \
    }
#define NONE(hex, told, protocol)                        \
    {                                                    \
        hex, told, WEFT_OK, WF_CUT_UNFRAMED, protocol, 0 \
    }
#define HTTP(hex, told)                                             \
    {                                                               \
        hex, told, WEFT_OK, WF_CUT_HTTP, WEFT_BINARY, WF_GUESS_HTTP \
    }
#define ZLIB(hex)                                                \
    {                                                            \
        hex, 2, WEFT_OK, WF_CUT_ZLIB, WEFT_BINARY, WF_GUESS_ZLIB \
    }

#define WHITE16 "20 09 0a 0d 20 20 20 20 20 20 20 20 20 20 20 20 "
#define WHITE64 WHITE16 WHITE16 WHITE16 WHITE16

static const struct row rows[] = {
    /* no frame */
    NONE("80 01 00 01 00 00 00 04", 2, WEFT_BINARY),
    NONE("80 01 ff 02", 2, WEFT_BINARY),
    UNKNOWN("80 00 00 01", 2, 0),
    UNKNOWN("80 02", 2, 0),
    NONE("82 21 07 03", 2, WEFT_COMPACT),
    NONE("82 81", 2, WEFT_COMPACT),
    NONE("82 e1", 2, WEFT_COMPACT),
    UNKNOWN("82 22", 2, 0),
    UNKNOWN("82 20", 2, 0),
    NONE("5b 31 2c 22", 1, WEFT_JSON),
    /* white space */
    NONE("20 5b 31 2c 22 61 64 64", 2, WEFT_JSON),
    NONE("09 5b 31 2c 22 61 64 64", 2, WEFT_JSON),
    NONE("0a 5b 31 2c 22 61 64 64", 2, WEFT_JSON),
    NONE("0d 0a 5b 31 2c 22 61 64", 3, WEFT_JSON),
    NONE("0d 0a 20 09 5b 31 2c 22", 5, WEFT_JSON),
    NONE(WHITE64 "5b 31", 65, WEFT_JSON),
    UNKNOWN(WHITE64 WHITE16 "5b", 69, 0),
    UNKNOWN("0b 5b 31 2c 22", 5, 0),
    UNKNOWN("0a 7b 31 2c 22", 5, 0),
    UNKNOWN("0a 80 01 00 01", 5, 0),
    FRAMED("00 00 00 1a 0a 5b 31 2c", 6),
    FRAMED("00 00 00 1a 0d 0a 20 09 5b 31", 9),
    FRAMED("00 00 00 1a" WHITE64 "5b 31", 69),
    UNKNOWN("00 00 00 1a" WHITE64 "20 5b", 69, 0),
    UNKNOWN("00 00 00 1a 0a 80 01 00", 6, 0),
    UNKNOWN("00 00 00 1a 0a 47 45 54 20", 6, 0),
    HTTP("0d 0a 50 4f 53 54 20", 6),
    HTTP("0d 0a 47 45 54 20 2f", 6),
    UNKNOWN("0a 50 4f 53 54 20", 5, 0),
    UNKNOWN("0a 0d 50 4f 53 54 20", 5, 0),
    UNKNOWN("0d 0a 0a 50 4f 53 54", 5, 0),
    UNKNOWN("0d 0a 0d 0a 50 4f 53 54", 5, 0),
    UNKNOWN("0d 0a 50 52 49 20", 5, 0),
    FRAMED("0a 00 00 00 80 01", 6), /* later refused as too long */
    /* a connection in zlib */
    ZLIB("78 01 00"),
    ZLIB("78 5e 00"),
    ZLIB("78 9c 00"),
    ZLIB("78 da 00"),
    ZLIB("48 0d 00"),
    ZLIB("48 89 00"),
    ZLIB("58 09 00"),
    FRAMED("08 1d 00 00 80 01", 6), /* not zlib: windows below 4 KiB */
    FRAMED("18 19 00 00 80 01", 6),
    FRAMED("28 15 00 00 80 01", 6),
    FRAMED("38 11 00 00 80 01", 6),
    UNKNOWN("78 00", 2, 0),
    UNKNOWN("78 9d", 2, 0),
    UNKNOWN("88 1c", 1, 0),
    UNKNOWN("79 9c", 1, 0),
    HTTP("47 45 54 20 2f", 4),
    HTTP("50 4f 53 54 20", 4),
    HTTP("50 55 54 20 2f", 4),
    HTTP("48 45 41 44 20", 4),
    HTTP("4f 50 54 49 4f", 4),
    HTTP("44 45 4c 45 54", 4),
    HTTP("50 41 54 43 48", 4),
    UNKNOWN("47 45 54 2f", 4, 0),
    UNKNOWN("47 4f", 2, 0),
    UNKNOWN("50 5a", 2, 0),
    UNKNOWN("48 45 41 52", 4, 0),
    /* other protocols */
    UNKNOWN("50 52 49 20 2a 20 48 54", 4, WF_GUESS_HTTP2),
    UNKNOWN("53 53 48 2d 32 2e 30", 4, WF_GUESS_SSH),
    UNKNOWN("16 03 01 02 00 01 00 01", 2, WF_GUESS_TLS),
    UNKNOWN("16 03 01 00 80 01 00 01", 2, WF_GUESS_TLS),
    UNKNOWN("ff af 00 14 00 01", 2, WF_GUESS_MESH),
    UNKNOWN("ff ff ff ff", 2, 0),
    UNKNOWN("40 00 00 00 80 01", 1, 0),
    UNKNOWN("61", 1, 0),
    /* frames */
    {"00 00 00 00", 4, WEFT_ESIZE, 0, 0, 0},
    FRAMED("00 00 00 29 80 01 00 01", 6),
    FRAMED("00 00 00 1a 82 21 07 03", 6),
    FRAMED("00 00 00 1a 82 e1 07 03", 6),
    FRAMED("00 00 00 1a 5b 31 2c 22", 5),
    FRAMED("00 00 00 1a 0f ff 00 00", 6),
    FRAMED("00 00 00 1a 10 00 00 00", 6),
    FRAMED("16 04 00 00 80 01", 6),
    FRAMED("3f ff ff ff 80 01", 6),
    UNKNOWN("00 00 00 1a 80 02", 6, 0),
    UNKNOWN("00 00 00 1a 82 00", 6, 0),
    UNKNOWN("00 00 00 1a 0f fe", 6, 0),
    UNKNOWN("00 00 00 1a 10 01", 6, 0),
    UNKNOWN("00 00 00 1a 90 01 00 01", 5, 0),
    UNKNOWN("00 00 00 03 80 01", 5, 0),
    UNKNOWN("00 00 00 03 20", 5, 0),
    /* frames of old binary */
    FRAMED("00 00 00 1b 00 00 00 03 61 64 64 01", 12),
    FRAMED("00 00 00 1b 00 00 00 01 61 04", 10),
    FRAMED("00 00 04 1b 00 00 04 00 61 64 64 6d 65 6d 6f 72", 16),
    UNKNOWN("00 00 00 1b 00 00 00 03 61 64 64 02", 12, 0),
    UNKNOWN("00 00 00 1b 00 00 00 03 61 64 20", 11, 0),
    UNKNOWN("00 00 00 1b 00 00 00 00", 8, 0),
    UNKNOWN("00 00 00 1b 00 00 04 01", 8, 0),
    UNKNOWN("00 00 00 1b 00 00 05 00", 7, 0),
    UNKNOWN("00 00 00 1b 00 01", 6, 0),
    UNKNOWN("00 00 00 1b 01", 5, 0),
    /* old binary without a frame */
    NONE("00 00 00 03 61 64 64 01 00 00 00 07", 8, WEFT_OLD_BINARY),
    NONE("00 00 00 03 61 64 64 04 00 00 00 07", 8, WEFT_OLD_BINARY),
    NONE("00 00 00 01 61 01", 6, WEFT_OLD_BINARY),
    NONE("00 00 00 0b 41 3a 61 5f 2e 2d 7a 5a 30 39 61 01", 16,
         WEFT_OLD_BINARY),
    NONE("00 00 04 00 41 3a 61 5f 2e 2d 7a 5a 30 39 61 61", 16,
         WEFT_OLD_BINARY),
    UNKNOWN("00 00 00 03 61 64 64 02", 8, 0),
    UNKNOWN("00 00 00 03 61 64 64 00", 8, 0),
    UNKNOWN("00 00 00 05 61 64 64 00", 8, 0),
    UNKNOWN("00 00 04 01 61", 5, 0),
};

static struct weft_limits limits;

static weft_err
sniff(const uint8_t *bytes, size_t n, size_t piece, struct wf_cutter *cutter)
{
    struct weft_chain in = chain_of(bytes, n, piece);
    struct wf_cut cut;
    wf_cutter_init(cutter, &limits);
    weft_err err = wf_cut(cutter, &in, &cut);
    wf_cutter_fini(cutter);
    weft_chain_clear(&in);
    return err;
}

/* Check the result of n bytes against the row. For a feature that is not built
 * in, the result is only a guess. A frame that is too long is refused whatever
 * is in it. */
static void
expect(const struct row *row, size_t n, weft_err err,
       const struct wf_cutter *got)
{
    struct row want = *row;
    if (n < row->told)
        want = (struct row){.hex = row->hex};
    else if (row->framing >= WF_CUT_ZLIB && got->guess)
        want = (struct row)UNKNOWN(row->hex, row->told, row->guess);
    else
        want.guess = row->err ? row->guess : 0;
    bool is_late = want.framing && (err == WEFT_ESIZE || err == WEFT_ETOOBIG);
    if ((err != want.err && !is_late) || got->mode != want.framing ||
        got->protocol != want.protocol || got->guess != want.guess)
        fail_msg("%s: at %zu framing %u protocol %u guess %u %s", row->hex, n,
                 got->mode, got->protocol, got->guess, weft_err_name(err));
}

static void
check_rows(const struct row *some, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++) {
        uint8_t bytes[96];
        size_t len = unhex(some[i].hex, bytes);
        assert_true(len >= some[i].told);
        for (size_t n = 0; n <= len; n++)
            for (size_t piece = 1; piece < 6; piece += 2) {
                struct wf_cutter cutter;
                weft_err err = sniff(bytes, n, piece, &cutter);
                expect(&some[i], n, err, &cutter);
            }
    }
}

static void
every_row_is_told_at_its_byte(void **state)
{
    (void)state;
    limits = wf_limits_of(NULL);
    check_rows(rows, sizeof rows / sizeof *rows);
}

/* Bytes that look like white space are the length of a frame if the limit
 * allows that length. */
static void
white_space_may_be_a_length(void **state)
{
    (void)state;
    static const struct row large[] = {
        NONE("0a 5b 31 2c 22 61 64 64", 5, WEFT_JSON),
        FRAMED("0d 0a 20 09 20 5b 31", 6),
        FRAMED("0a 5b 31 2c 80 01", 6),
        FRAMED("0d 0a 20 09 5b", 5),
        HTTP("0d 0a 50 4f 53 54 20", 6),
    };
    limits = wf_limits_of(&(struct weft_limits){.message_size = SIZE_MAX});
    check_rows(large, sizeof large / sizeof *large);
    static const struct row above[] = {
        NONE("0a 5b 31 2c 80 01", 2, WEFT_JSON),
    };
    limits = wf_limits_of(&(struct weft_limits){.message_size = 0x09ffffff});
    check_rows(above, 1);
}

/* The first `most` bytes always decide, and more bytes do not change a
 * result. */
static void
decided_by(size_t most, const uint8_t *likely, size_t n_likely, int rounds)
{
    limits = wf_limits_of(NULL);
    uint32_t seed = 1;
    for (int round = 0; round < rounds; round++) {
        uint8_t bytes[LONGEST];
        for (size_t i = 0; i < most; i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = seed >> 31 ? likely[(seed >> 16) % n_likely]
                                  : (uint8_t)(seed >> 20);
        }
        uint8_t told = WF_CUT_UNKNOWN;
        weft_err err = WEFT_OK;
        for (size_t n = 1; n <= most; n += 3) {
            struct wf_cutter cutter;
            if (err) /* more bytes do not undo a refusal */
                assert_true(sniff(bytes, n, most, &cutter) != WEFT_OK);
            err = sniff(bytes, n, most, &cutter);
            if (told)
                assert_int_equal(cutter.mode, told);
            told = cutter.mode;
        }
        assert_true(told || err);
    }
}

static void
the_first_bytes_decide(void **state)
{
    (void)state;
    static const uint8_t likely[] = {0x00, 0x00, 0x00, 0x01, 0x03, 0x80, 0x82,
                                     0x5b, 0x0f, 0xff, 0x10, 0x61, 0x48, 0x78};
    static const uint8_t white[] = {0x20, 0x09, 0x0a, 0x0d, 0x5b, 0x00, 0x50};
    decided_by(LOOK, likely, sizeof likely, 20000);
    decided_by(LONGEST, white, sizeof white, 2000);
}

#define TEST(f) cmocka_unit_test_teardown(f, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_row_is_told_at_its_byte),
        TEST(white_space_may_be_a_length),
        TEST(the_first_bytes_decide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
