/* SPDX-License-Identifier: MIT */
/* Where messages end, framed and not, whole and in pieces. */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct weft_limits limits;

/* The example of Kitex: Echo(1: Request{1: "echo", 2: "hi"}). */
static const char echo[] =
    "80 01 00 01 00 00 00 04 45 63 68 6F 00 00 00 01 0C 00 01 0B 00 01 00 00"
    "00 04 65 63 68 6F 0B 00 02 00 00 00 02 68 69 00 00";

enum { ECHO_LEN = 41 };

static int
begin(void **state)
{
    (void)state;
    limits = wf_limits_of(NULL);
    return 0;
}

/* Call a new cutter once with these bytes. */
static weft_err
cut_hex(const char *hex, struct wf_cut *cut)
{
    uint8_t bytes[256];
    size_t len = unhex(hex, bytes);
    struct weft_chain in = chain_of(bytes, len, len + 1);
    struct wf_cutter cutter;
    wf_cutter_init(&cutter, &limits);
    weft_err err = wf_cut(&cutter, &in, cut);
    wf_cutter_fini(&cutter);
    weft_chain_clear(&in);
    return err;
}

static void
defaults_are_finite(void **state)
{
    (void)state;
    assert_int_equal(limits.message_size, 16384000);
    assert_int_equal(limits.memory, 8 * 16384000 + (1 << 20));
    assert_int_equal(limits.depth, 64);
    assert_int_equal(limits.name_size, 1024);
    assert_int_equal(limits.header_size, 65532);
    assert_int_equal(limits.inflate_ratio, 100);
    struct weft_limits asked = {SIZE_MAX, 5, 100, 7, 70000, 5000};
    asked = wf_limits_of(&asked);
    assert_true(asked.message_size == INT32_MAX);
    assert_int_equal(asked.memory, 5);
    assert_int_equal(asked.depth, 64);
    assert_int_equal(asked.name_size, 7);
    assert_int_equal(asked.header_size, 65532);
    assert_int_equal(asked.inflate_ratio, 1032);
}

static void
a_connection_costs_few_bytes(void **state)
{
    (void)state;
    assert_true(sizeof(struct wf_cutter) < 64);
}

static void
framed_and_bare_are_told_apart(void **state)
{
    (void)state;
    struct wf_cut cut;
    char framed[256];
    snprintf(framed, sizeof framed, "00 00 00 29 %s", echo);
    assert_int_equal(cut_hex(framed, &cut), 0);
    assert_true(cut.whole);
    assert_int_equal(cut.head, 4);
    assert_int_equal(cut.body, ECHO_LEN);
    assert_int_equal(cut.need, ECHO_LEN + 4);
    assert_int_equal(cut_hex(echo, &cut), 0);
    assert_true(cut.whole);
    assert_int_equal(cut.head, 0);
    assert_int_equal(cut.body, ECHO_LEN);
}

static void
first_bytes_are_judged_as_soon_as_they_can_be(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        weft_err err;
    } rows[] = {
        {"", WEFT_OK},
        {"80", WEFT_OK},
        {"80 01 00", WEFT_OK},
        {"00 00 00 29", WEFT_OK},
        {"00 00 00 29 80 01 00", WEFT_OK},
        {"00 00 00 00", WEFT_ESIZE},
        {"00 00 00 03 80", WEFT_EUNKNOWNPROTO},
        {"00 fa 00 01 80 01 00 01", WEFT_ETOOBIG},
        {"3f ff ff ff 80 01 00 01", WEFT_ETOOBIG},
        {"00 fa 00 00 80 01 00 01", WEFT_OK},
        {"80 01 00 01 ff ff ff ff", WEFT_ESIZE},
        {"80 01 00 01 00 00 04 01", WEFT_ESIZE},
        {"80 01 00 01 00 00 00 00 00 00 00 00 01", WEFT_OK},
        {"80 01 00 01 00 00 00 00 00 00 00 00 01 00 01", WEFT_EWIRETYPE},
        {"80 01 00 01 00 00 00 00 00 00 00 00 0b 00 01 ff ff ff ff",
         WEFT_ESIZE},
        {"80 01 00 01 00 00 00 00 00 00 00 00 0b 00 01 7f ff ff ff",
         WEFT_ETOOBIG},
        {"80 01 00 01 00 00 00 00 00 00 00 00 0f 00 01 08 7f ff ff ff",
         WEFT_ETOOBIG},
        {"80 01 00 01 00 00 00 00 00 00 00 00 0f 00 01 08 ff ff ff ff",
         WEFT_ESIZE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wf_cut cut = {1, 1, 1, true};
        weft_err err = cut_hex(rows[i].hex, &cut);
        if (err != rows[i].err)
            fail_msg("%s: %s", rows[i].hex, weft_err_name(err));
        if (!err)
            assert_int_equal(cut.head + cut.body + cut.whole, 0);
    }
}

static void
later_frames_are_checked_too(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        weft_err err;
        size_t need;
    } rows[] = {
        {"00 00", WEFT_OK, 0},
        {"00 00 00 00", WEFT_ESIZE, 0},
        {"ff ff ff ff", WEFT_ESIZE, 0},
        {"80 01 00 01", WEFT_ESIZE, 0},
        {"00 fa 00 01", WEFT_ETOOBIG, 0},
        {"00 fa 00 00", WEFT_OK, 16384004},
        {"00 00 00 05 01 02", WEFT_OK, 9},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t piece = 1; piece < 8; piece += 6) {
            uint8_t bytes[16];
            size_t len = unhex(rows[i].hex, bytes);
            struct weft_chain in = chain_of(bytes, len, piece);
            struct wf_cutter cutter;
            struct wf_cut cut;
            wf_cutter_init(&cutter, &limits);
            cutter.mode = WF_CUT_FRAMED;
            assert_int_equal(wf_cut(&cutter, &in, &cut), rows[i].err);
            if (!rows[i].err)
                assert_int_equal(cut.need, rows[i].need);
            weft_chain_clear(&in);
        }
}

/* Cut messages from the input until no whole message is left. Returns their
 * number. */
static int
take_all(struct wf_cutter *cutter, struct weft_chain *in, size_t body)
{
    for (int n = 0;; n++) {
        struct wf_cut cut;
        struct weft_chain message = {0};
        assert_int_equal(wf_cut(cutter, in, &cut), 0);
        if (!cut.whole)
            return n;
        assert_int_equal(cut.body, body);
        weft_chain_drop(in, cut.head);
        assert_int_equal(weft_chain_cut(in, cut.body, &message), 0);
        weft_chain_clear(&message);
    }
}

static void
messages_come_in_any_pieces(void **state)
{
    (void)state;
    enum { N = 5 };
    for (int is_framed = 0; is_framed < 2; is_framed++)
        for (size_t piece = 1; piece < 120; piece++) {
            uint8_t bytes[N * (ECHO_LEN + 4)];
            size_t len = 0, at = 0;
            for (int i = 0; i < N; i++) {
                len += unhex(is_framed ? "00 00 00 29" : "", bytes + len);
                len += unhex(echo, bytes + len);
            }
            struct weft_chain in = {0};
            struct wf_cutter cutter;
            wf_cutter_init(&cutter, &limits);
            int n = 0;
            for (; at < len; at += piece) {
                add_slice(&in, bytes + at, WF_MIN(piece, len - at));
                n += take_all(&cutter, &in, ECHO_LEN);
            }
            assert_int_equal(n, N);
            assert_int_equal(in.len, 0);
            assert_null(cutter.pass);
            wf_cutter_fini(&cutter);
        }
}

static void
what_follows_a_bare_message_must_be_one(void **state)
{
    (void)state;
    uint8_t bytes[64];
    size_t len = unhex(echo, bytes);
    len += unhex("00 00 00 29 80 01 00 01", bytes + len);
    struct weft_chain in = chain_of(bytes, len, len);
    struct wf_cutter cutter;
    struct wf_cut cut;
    wf_cutter_init(&cutter, &limits);
    assert_int_equal(wf_cut(&cutter, &in, &cut), 0);
    assert_true(cut.whole);
    weft_chain_drop(&in, cut.body);
    assert_int_equal(wf_cut(&cutter, &in, &cut), WEFT_EVERSION);
    wf_cutter_fini(&cutter);
    weft_chain_clear(&in);
}

static void
a_partial_message_without_frame_tells_what_it_needs(void **state)
{
    (void)state;
    struct wf_cut cut;
    assert_int_equal(cut_hex("80 01 00 01 00 00 00 00 00 00 00 00"
                             "0b 00 01 00 01 00 00 61 62",
                             &cut),
                     0);
    assert_false(cut.whole);
    assert_int_equal(cut.need, 19 + 0x10000);
    assert_int_equal(cut_hex("80 01 00 01 00 00 00 00 00 00 00 00 0b 00", &cut),
                     0);
    assert_int_equal(cut.need, 0);
}

/* A message with a string of `text` bytes. */
static struct weft_chain
make_message(size_t text, bool is_framed)
{
    struct weft_chain c = {0};
    struct weft_writer w;
    struct wf_length_mark frame;
    char *bytes = calloc(text + 1, 1);
    weft_writer_init(&w, &c);
    if (is_framed)
        wf_length_begin(&w, &frame);
    weft_bin_write_message(&w, WEFT_STR("m"), WEFT_CALL, 77);
    weft_bin_write_field(&w, WEFT_STRING, 1);
    weft_bin_write_str(&w, (struct weft_str){bytes, (uint32_t)text});
    weft_bin_write_stop(&w);
    if (is_framed)
        wf_length_end(&w, &frame);
    assert_int_equal(weft_writer_fini(&w), 0);
    free(bytes);
    return c;
}

static void
the_size_limit_is_exact(void **state)
{
    (void)state;
    /* The message has 21 bytes around its text. */
    limits = wf_limits_of(&(struct weft_limits){.message_size = 1021});
    for (int is_framed = 0; is_framed < 2; is_framed++)
        for (size_t text = 999; text <= 1001; text++) {
            struct weft_chain c = make_message(text, is_framed);
            struct wf_cutter cutter;
            struct wf_cut cut;
            wf_cutter_init(&cutter, &limits);
            assert_int_equal(wf_cut(&cutter, &c, &cut),
                             text > 1000 ? WEFT_ETOOBIG : WEFT_OK);
            wf_cutter_fini(&cutter);
            weft_chain_clear(&c);
        }
}

static void
a_message_without_end_stops_at_the_limit(void **state)
{
    (void)state;
    limits = wf_limits_of(&(struct weft_limits){.message_size = 1000});
    uint8_t bytes[16];
    struct weft_chain in = chain_of(
        bytes, unhex("80 01 00 01 00 00 00 00 00 00 00 00", bytes), 12);
    struct wf_cutter cutter;
    struct wf_cut cut;
    wf_cutter_init(&cutter, &limits);
    weft_err err;
    while (!(err = wf_cut(&cutter, &in, &cut))) {
        assert_false(cut.whole);
        assert_true(in.len < 1000);
        add_slice(&in, (const uint8_t *)"\x03\x00\x01\x05", 4);
    }
    assert_int_equal(err, WEFT_ETOOBIG);
    wf_cutter_fini(&cutter);
    weft_chain_clear(&in);
}

static void
pipelined_messages_do_not_count_as_one(void **state)
{
    (void)state;
    limits = wf_limits_of(&(struct weft_limits){.message_size = 50});
    struct weft_chain in = {0};
    uint8_t bytes[64];
    size_t len = unhex(echo, bytes);
    for (int i = 0; i < 10; i++)
        add_slice(&in, bytes, len);
    struct wf_cutter cutter;
    wf_cutter_init(&cutter, &limits);
    assert_int_equal(take_all(&cutter, &in, ECHO_LEN), 10);
    wf_cutter_fini(&cutter);
}

/* Bytes that arrive one by one must take a bounded number of steps each: the
 * cutter remembers where it stopped, and resumes there. */
static void
bytes_are_seen_once(void **state)
{
    (void)state;
    struct weft_chain message = make_message(300000, false), in = {0};
    uint8_t *bytes = flatten(&message);
    struct wf_cutter cutter;
    struct wf_cut cut = {0};
    wf_cutter_init(&cutter, &limits);
    for (size_t i = 0; i < message.len; i++) {
        assert_false(cut.whole);
        assert_int_equal(weft_chain_append(&in, bytes + i, 1), 0);
        assert_int_equal(wf_cut(&cutter, &in, &cut), 0);
        assert_true(in.len - cutter.passed < 8 || cut.whole);
    }
    assert_true(cut.whole);
    wf_cutter_fini(&cutter);
    free(bytes);
    weft_chain_clear(&in);
    weft_chain_clear(&message);
}

static void
the_head_can_be_seen_before_the_rest(void **state)
{
    (void)state;
    uint8_t bytes[64];
    size_t len = unhex("00 00 00 29", bytes);
    len += unhex(echo, bytes + len);
    for (size_t n = 0; n <= len; n++)
        for (size_t piece = 1; piece <= 64; piece += 9) {
            struct weft_chain in = chain_of(bytes, n, piece);
            struct weft_message m = {0};
            struct weft_arena arena;
            weft_arena_init(&arena, 0);
            weft_err err = wf_message_peek(&in, 4, 0, &arena, &m);
            assert_int_equal(err, n < 20 ? WEFT_ETRUNC : WEFT_OK);
            if (!err) {
                assert_int_equal(m.seqid, 1);
                assert_int_equal(m.type, WEFT_CALL);
                assert_true(weft_str_eq(m.name, WEFT_STR("Echo")));
            }
            assert_int_equal(in.len, n);
            weft_arena_fini(&arena);
            weft_chain_clear(&in);
        }
    struct weft_chain split = chain_of(bytes, len, 13);
    struct weft_message m;
    assert_int_equal(wf_message_peek(&split, 4, 3, NULL, &m), WEFT_ESIZE);
    assert_int_equal(wf_message_peek(&split, 4, 0, NULL, &m), WEFT_EBUDGET);
    assert_int_equal(wf_message_peek(&split, 5, 0, NULL, &m), WEFT_EVERSION);
    weft_chain_clear(&split);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(defaults_are_finite),
        TEST(a_connection_costs_few_bytes),
        TEST(framed_and_bare_are_told_apart),
        TEST(first_bytes_are_judged_as_soon_as_they_can_be),
        TEST(later_frames_are_checked_too),
        TEST(messages_come_in_any_pieces),
        TEST(what_follows_a_bare_message_must_be_one),
        TEST(a_partial_message_without_frame_tells_what_it_needs),
        TEST(the_size_limit_is_exact),
        TEST(a_message_without_end_stops_at_the_limit),
        TEST(pipelined_messages_do_not_count_as_one),
        TEST(bytes_are_seen_once),
        TEST(the_head_can_be_seen_before_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
