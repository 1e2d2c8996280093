/* SPDX-License-Identifier: MIT */
/* Messages without a frame, in every protocol: the cutter finds the same ends
 * in whatever pieces the bytes arrive, and examines no byte twice. */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"
#include "unit/codec/sample_desc.h"
#include "unit/codec/values.h"
#include "unit/codec/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct weft_limits limits;

static int
begin(void **state)
{
    (void)state;
    limits = wf_limits_of(NULL);
    return 0;
}

static void
append_message(struct weft_chain *out, enum weft_protocol protocol,
               const struct weft_struct *desc, const void *record)
{
    struct weft_writer w;
    weft_writer_init(&w, out);
    wf_message_write(protocol, &w, WEFT_STR("add"), WEFT_CALL, 70000);
    weft_struct_write(desc, protocol, &w, record);
    wf_message_write_end(protocol, &w);
    assert_int_equal(weft_writer_fini(&w), 0);
}

/* Random messages, and where they end. */
enum { MESSAGES = 40 };

struct stream {
    struct weft_chain bytes;
    size_t ends[MESSAGES];
};

static void
make_stream(struct stream *s, enum weft_protocol protocol)
{
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    struct dice dice = {.state = 7, .arena = &arena};
    *s = (struct stream){{0}, {0}};
    for (int i = 0; i < MESSAGES; i++) {
        struct sample record;
        sample_init(&record);
        roll_record(&dice, &sample_desc, &record, 4);
        append_message(&s->bytes, protocol, &sample_desc, &record);
        s->ends[i] = s->bytes.len;
    }
    weft_arena_fini(&arena);
}

/* Cut whole messages from the input; returns n plus their number. */
static int
take(struct wf_cutter *cutter, struct weft_chain *in, const struct stream *s,
     int n, size_t *at)
{
    for (;; n++) {
        struct wf_cut cut;
        assert_int_equal(wf_cut(cutter, in, &cut), 0);
        if (!cut.whole) {
            assert_true(cut.need == 0 || cut.need > in->len);
            assert_true(cut.need == 0 || *at + cut.need <= s->ends[n]);
            return n;
        }
        assert_int_equal(cut.head, 0);
        *at += cut.body;
        assert_int_equal(*at, s->ends[n]);
        weft_chain_drop(in, cut.body);
    }
}

static void
messages_come_in_any_pieces(void **state)
{
    (void)state;
    for (uint8_t protocol = WEFT_BINARY; protocol <= WEFT_OLD_BINARY;
         protocol++) {
        struct stream s;
        make_stream(&s, protocol);
        uint8_t *bytes = flatten(&s.bytes);
        static const size_t pieces[] = {1, 2, 3, 7, 64, 1000, SIZE_MAX};
        for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
            struct weft_chain in = {0};
            struct wf_cutter cutter;
            wf_cutter_init(&cutter, &limits);
            int n = 0;
            size_t cut = 0;
            for (size_t at = 0; at < s.bytes.len;) {
                size_t len = WF_MIN(pieces[i], s.bytes.len - at);
                if (len < 16) /* merge them, as a socket's reader does */
                    assert_int_equal(weft_chain_append(&in, bytes + at, len),
                                     0);
                else
                    add_slice(&in, bytes + at, len);
                at += len;
                n = take(&cutter, &in, &s, n, &cut);
            }
            assert_int_equal(n, MESSAGES);
            assert_int_equal(cutter.protocol, protocol);
            assert_int_equal(in.len, 0);
            assert_null(cutter.pass);
            wf_cutter_fini(&cutter);
        }
        free(bytes);
        weft_chain_clear(&s.bytes);
    }
}

static void
a_hundred_thousand_in_one_read(void **state)
{
    (void)state;
    enum { N = 100000 };
    struct add add = {5, -3, {3}};
    for (uint8_t protocol = WEFT_BINARY; protocol <= WEFT_OLD_BINARY;
         protocol++) {
        struct weft_chain in = {0};
        struct wf_cutter cutter;
        wf_cutter_init(&cutter, &limits);
        for (int i = 0; i < N; i++)
            append_message(&in, protocol, &add_desc, &add);
        size_t size = in.len / N;
        for (int i = 0; i < N; i++) {
            struct wf_cut cut;
            assert_int_equal(wf_cut(&cutter, &in, &cut), 0);
            assert_true(cut.whole && cut.body == size);
            weft_chain_drop(&in, cut.body);
        }
        assert_int_equal(in.len, 0);
        wf_cutter_fini(&cutter);
    }
}

/* Bytes that arrive one by one must take a bounded number of steps each: the
 * cutter remembers where it stopped, and resumes there. */
static void
bytes_are_seen_once(void **state)
{
    (void)state;
    static struct mixed record;
    static int32_t numbers[50000];
    record = mixed_value();
    record.numbers = (struct weft_vec_i32){numbers, 50000, 0};
    for (int32_t i = 0; i < 50000; i++)
        numbers[i] = i * 7777;
    for (uint8_t protocol = WEFT_BINARY; protocol <= WEFT_OLD_BINARY;
         protocol++) {
        struct weft_chain message = {0}, in = {0};
        append_message(&message, protocol, &mixed_desc, &record);
        uint8_t *bytes = flatten(&message);
        struct wf_cutter cutter;
        struct wf_cut cut = {0};
        wf_cutter_init(&cutter, &limits);
        for (size_t i = 0; i < message.len; i++) {
            assert_false(cut.whole);
            assert_int_equal(weft_chain_append(&in, bytes + i, 1), 0);
            assert_int_equal(wf_cut(&cutter, &in, &cut), 0);
            assert_true(in.len - cutter.passed < 17 || cut.whole);
        }
        assert_true(cut.whole);
        assert_int_equal(cut.body, message.len);
        wf_cutter_fini(&cutter);
        free(bytes);
        weft_chain_clear(&in);
        weft_chain_clear(&message);
    }
}

/* ---- limits ---- */

static void
the_size_limit_is_exact(void **state)
{
    (void)state;
    static char text[900];
    memset(text, 't', sizeof text);
    for (uint8_t protocol = WEFT_BINARY; protocol <= WEFT_OLD_BINARY;
         protocol++)
        for (int over = 0; over < 2; over++) {
            struct mixed record = mixed_value();
            struct weft_chain in = {0};
            record.text = (struct weft_str){text, sizeof text};
            append_message(&in, protocol, &mixed_desc, &record);
            limits = wf_limits_of(
                &(struct weft_limits){.message_size = in.len - (size_t)over});
            struct wf_cutter cutter;
            struct wf_cut cut;
            wf_cutter_init(&cutter, &limits);
            assert_int_equal(wf_cut(&cutter, &in, &cut),
                             over ? WEFT_ETOOBIG : WEFT_OK);
            wf_cutter_fini(&cutter);
            weft_chain_clear(&in);
        }
}

/* Feed a cutter `head` once, and then `piece` until it refuses a byte; returns
 * the error. */
static weft_err
feed_on(const char *head, const char *piece, size_t *fed)
{
    uint8_t bytes[64];
    struct weft_chain in = {0};
    struct wf_cutter cutter;
    struct wf_cut cut;
    weft_err err;
    wf_cutter_init(&cutter, &limits);
    add_slice(&in, bytes, unhex(head, bytes));
    size_t len = unhex(piece, bytes);
    while (!(err = wf_cut(&cutter, &in, &cut)) && !cut.whole)
        assert_int_equal(weft_chain_append(&in, bytes, len), 0);
    *fed = in.len;
    wf_cutter_fini(&cutter);
    weft_chain_clear(&in);
    return err;
}

static void
what_does_not_end_stops_at_the_limit(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"82 21 07 01 6d", "16 02"},                         /* fields */
        {"82 21 07 01 6d 19 fa 80 60", "13 05"},             /* sets */
        {"00 00 00 01 6d 01 00 00 00 07", "03 00 01 05"},    /* fields */
        {"5b 31 2c 22", "61"},                               /* a string */
        {"5b 31 2c 22", "5c 22"},                            /* escapes */
        {"5b", "20"},                                        /* white space */
        {"5b 7b", "22 31 22 3a 7b 22 69 38 22 3a 31 7d 2c"}, /* fields */
    };
    limits = wf_limits_of(&(struct weft_limits){.message_size = 20000});
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t fed;
        weft_err err = feed_on(rows[i][0], rows[i][1], &fed);
        if (err != WEFT_ETOOBIG)
            fail_msg("%s: %s", rows[i][0], weft_err_name(err));
        assert_true(fed >= 20000 && fed < 20032);
    }
}

static void
what_cannot_be_is_refused_at_once(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        weft_err err;
    } rows[] = {
        {"82 21 07 01 6d 18 ff ff ff ff 07", WEFT_ETOOBIG},
        {"82 21 07 01 6d 18 ff ff ff ff 0f", WEFT_ESIZE},
        {"82 21 07 01 6d 18 ff ff ff ff ff", WEFT_EPROTOCOL},
        {"82 21 07 01 6d 15 ff ff ff ff 7f", WEFT_EPROTOCOL},
        {"82 21 07 01 6d 19 f5 ff ff ff ff 07", WEFT_ETOOBIG},
        {"82 21 07 01 6d 19 fd 80 80 40", WEFT_ETOOBIG},
        {"82 21 07 01 6d 1b ff ff ff ff 07 55", WEFT_ETOOBIG},
        {"82 21 07 01 6d 1b 01 e5", WEFT_EWIRETYPE},
        {"82 21 07 01 6d 19 1e", WEFT_EWIRETYPE},
        {"82 21 07 01 6d 1e", WEFT_EWIRETYPE},
        {"82 21 07 81 08", WEFT_ESIZE},
        {"82 21 ff ff ff ff ff ff ff ff ff 7f", WEFT_EPROTOCOL},
        {"00 00 00 01 6d 01 00 00 00 07 01", WEFT_OK},
        {"00 00 00 01 6d 01 00 00 00 07 01 00 01", WEFT_EWIRETYPE},
        {"00 00 00 01 6d 01 00 00 00 07 0b 00 01 80 00 00 00", WEFT_ESIZE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[64];
        size_t len = unhex(rows[i].hex, bytes);
        struct weft_chain in = chain_of(bytes, len, 3);
        struct wf_cutter cutter;
        struct wf_cut cut;
        wf_cutter_init(&cutter, &limits);
        weft_err err = wf_cut(&cutter, &in, &cut);
        if (err != rows[i].err)
            fail_msg("%s: %s", rows[i].hex, weft_err_name(err));
        wf_cutter_fini(&cutter);
        weft_chain_clear(&in);
    }
}

/* Every depth that a reader accepts must be cut, and greater ones refused. */
static void
depth_is_bounded(void **state)
{
    (void)state;
    size_t fed;
    assert_int_equal(feed_on("82 21 07 01 6d", "1c", &fed), WEFT_EDEPTH);
    assert_int_equal(fed, 5 + 64);
    assert_int_equal(feed_on("82 21 07 01 6d 19", "19", &fed), WEFT_EDEPTH);
    assert_int_equal(fed, 6 + 64);
    assert_int_equal(feed_on("00 00 00 01 6d 01 00 00 00 07", "0c 00 01", &fed),
                     WEFT_EDEPTH);
    assert_int_equal(fed, 10 + 3 * 64);
    assert_int_equal(feed_on("5b", "7b", &fed), WEFT_EDEPTH);
    assert_int_equal(fed, 2 + 2 * 64);
}

/* The greatest depth that is allowed, in every protocol. */
static void
the_deepest_is_cut(void **state)
{
    (void)state;
    static struct sample nested[63];
    for (int i = 0; i < 63; i++) {
        sample_init(&nested[i]);
        nested[i].next = i > 0 ? &nested[i - 1] : NULL;
    }
    for (uint8_t protocol = WEFT_BINARY; protocol <= WEFT_OLD_BINARY;
         protocol++) {
        struct weft_chain in = {0};
        struct wf_cutter cutter;
        struct wf_cut cut;
        append_message(&in, protocol, &sample_desc, &nested[62]);
        wf_cutter_init(&cutter, &limits);
        assert_int_equal(wf_cut(&cutter, &in, &cut), 0);
        assert_true(cut.whole && cut.body == in.len);
        wf_cutter_fini(&cutter);
        weft_chain_clear(&in);
    }
}

static void
another_protocol_may_not_follow(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "82 21 07 01 6d 00 80 01",
        "82 21 07 01 6d 00 82 22",
        "5b 5d 82 21",
        "80 01 00 01 00 00 00 01 6d 00 00 00 07 00 82 21 07 01 6d 00 00 00",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[64];
        size_t len = unhex(rows[i], bytes);
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
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(messages_come_in_any_pieces),
        TEST(a_hundred_thousand_in_one_read),
        TEST(bytes_are_seen_once),
        TEST(the_size_limit_is_exact),
        TEST(what_does_not_end_stops_at_the_limit),
        TEST(what_cannot_be_is_refused_at_once),
        TEST(depth_is_bounded),
        TEST(the_deepest_is_cut),
        TEST(another_protocol_may_not_follow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
