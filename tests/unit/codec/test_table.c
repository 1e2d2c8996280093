/* SPDX-License-Identifier: MIT */
/* Reading and writing by descriptor: random values are written and read back,
 * the results are those of straight-line code, and both refuse or read damaged
 * and split bytes alike. */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"
#include "unit/codec/sample_read.h"
#include "unit/codec/sample_write.h"
#include "unit/codec/values.h"
#include "unit/codec/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const enum weft_protocol protos[] = {WEFT_BINARY, WEFT_COMPACT,
                                            WEFT_JSON};

#define N_PROTOS (sizeof protos / sizeof *protos)

/* A sample with every field set, and with UTF-8 text, so that JSON keeps it
 * unchanged. */
static void
fill(struct sample *s)
{
    sample_fill(s);
    s->text = WEFT_STR("a\0b \xc3\xa9\n\"");
}

static uint8_t *
encode(enum weft_protocol proto, const struct sample *s, size_t *len)
{
    weft_err err;
    uint8_t *bytes = encode_as(&sample_desc, proto, s, len, &err);
    assert_int_equal(err, 0);
    return bytes;
}

/* ---- values ---- */

static void
check_round_trip(enum weft_protocol proto, const struct sample *s)
{
    struct weft_arena arena;
    struct sample got;
    struct weft_reader r;
    size_t len, again_len;
    uint8_t *bytes = encode(proto, s, &len);
    weft_arena_init(&arena, 0);
    weft_reader_init_flat(&r, bytes, len, &arena, 0);
    assert_int_equal(weft_struct_read(&sample_desc, proto, &r, &got), 0);
    assert_int_equal(weft_reader_left(&r), 0);
    assert_int_equal(r.depth, WEFT_DEPTH);
    assert_true(weft_struct_equal(&sample_desc, s, &got));
    uint8_t *again = encode(proto, &got, &again_len);
    assert_int_equal(again_len, len);
    assert_memory_equal(again, bytes, len);
    weft_reader_init_flat(&r, bytes, len, NULL, 0);
    assert_int_equal(wf_struct_skip(proto, &r), 0);
    assert_int_equal(weft_reader_left(&r), 0);
    free(again);
    free(bytes);
    weft_arena_fini(&arena);
}

static void
random_values_come_back(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct sample s;
    weft_arena_init(&arena, 0);
    struct dice dice = {1, &arena};
    fill(&s);
    for (size_t i = 0; i < N_PROTOS; i++)
        check_round_trip(protos[i], &s);
    for (int i = 0; i < 500; i++) {
        roll_record(&dice, &sample_desc, &s, 6);
        check_round_trip(protos[roll(&dice, N_PROTOS)], &s);
        weft_arena_reset(&arena);
    }
    weft_arena_fini(&arena);
}

/* Reading by descriptor and straight-line code give the same result. */
static void
compare_readers(const uint8_t *bytes, size_t len)
{
    struct weft_arena arena;
    struct weft_reader r, line;
    struct sample got, expected;
    weft_arena_init(&arena, 0);
    weft_reader_init_flat(&r, bytes, len, &arena, 0);
    weft_reader_init_flat(&line, bytes, len, &arena, 0);
    weft_err err = weft_struct_read(&sample_desc, WEFT_BINARY, &r, &got);
    assert_int_equal(err, sample_read(&line, &expected));
    if (!err) {
        assert_int_equal(weft_reader_left(&r), weft_reader_left(&line));
        assert_true(weft_struct_equal(&sample_desc, &got, &expected));
        /* Only sample_read sets the has bit of next. Reading by descriptor sets
         * none for a boxed field: its pointer says whether it is present. */
        expected.has[0] &= ~HAS(HAS_NEXT);
        assert_int_equal(got.has[0], expected.has[0]);
    }
    weft_arena_fini(&arena);
}

static void
as_straight_line_code(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct sample s;
    weft_arena_init(&arena, 0);
    struct dice dice = {2, &arena};
    for (int i = 0; i < 200; i++) {
        size_t len;
        roll_record(&dice, &sample_desc, &s, 5);
        uint8_t *bytes = encode(WEFT_BINARY, &s, &len);
        struct weft_chain chain = {0};
        struct weft_writer w;
        weft_writer_init(&w, &chain);
        sample_write(&w, &s);
        assert_int_equal(weft_writer_fini(&w), 0);
        uint8_t *line = flatten(&chain);
        assert_int_equal(chain.len, len);
        assert_memory_equal(line, bytes, len);
        weft_chain_clear(&chain);
        free(line);
        for (int k = 0; k < 50; k++) {
            bytes[roll(&dice, (uint32_t)len)] ^= (uint8_t)roll(&dice, 256);
            compare_readers(bytes, len - roll(&dice, 2) * roll(&dice, 9) % len);
        }
        free(bytes);
        weft_arena_reset(&arena);
    }
    weft_arena_fini(&arena);
}

/* ---- damaged and split ---- */

/* Read damaged bytes: the result is an error, or a value that is equal after it
 * is written and read. Skipping them gives an error in the same cases. */
static weft_err
damage(enum weft_protocol proto, const uint8_t *from, size_t len)
{
    struct weft_arena arena;
    struct weft_reader r;
    struct sample got;
    uint8_t *bytes = malloc(len + !len);
    memcpy(bytes, from, len);
    weft_arena_init(&arena, 0);
    weft_reader_init_flat(&r, bytes, len, &arena, 0);
    weft_err err = weft_struct_read(&sample_desc, proto, &r, &got);
    size_t left = weft_reader_left(&r);
    if (!err)
        check_round_trip(proto, &got);
    weft_reader_init_flat(&r, bytes, len, NULL, 0);
    weft_err skipped = wf_struct_skip(proto, &r);
    /* When JSON is skipped, strings need not be valid text. */
    if (err != WEFT_EREQUIRED && (!err || proto != WEFT_JSON))
        assert_int_equal(!err, !skipped);
    if (!err)
        assert_int_equal(left, weft_reader_left(&r));
    free(bytes);
    weft_arena_fini(&arena);
    return err;
}

static void
cut_off_and_flipped_everywhere(void **state)
{
    (void)state;
    static const uint8_t flips[] = {1, 2, 4, 0x0c, 0x10, 0x40, 0x80, 0xff};
    struct sample s;
    fill(&s);
    for (size_t i = 0; i < N_PROTOS; i++) {
        size_t len;
        uint8_t *bytes = encode(protos[i], &s, &len);
        for (size_t n = 0; n < len; n++) {
            weft_err err = damage(protos[i], bytes, n);
            assert_true(err == WEFT_ETRUNC || err == WEFT_ESIZE);
        }
        for (size_t at = 0; at < len; at++)
            for (size_t f = 0; f < sizeof flips; f++) {
                bytes[at] ^= flips[f];
                (void)damage(protos[i], bytes, len);
                bytes[at] ^= flips[f];
            }
        free(bytes);
    }
}

static void
check_chain(enum weft_protocol proto, struct weft_chain *chain,
            const struct sample *s)
{
    struct weft_arena arena;
    struct weft_reader r;
    struct sample got;
    weft_arena_init(&arena, 0);
    weft_reader_init(&r, chain, &arena, 0);
    assert_int_equal(weft_struct_read(&sample_desc, proto, &r, &got), 0);
    assert_int_equal(weft_reader_left(&r), 0);
    assert_true(weft_struct_equal(&sample_desc, s, &got));
    weft_reader_init(&r, chain, &arena, 0);
    assert_int_equal(wf_struct_skip(proto, &r), 0);
    assert_int_equal(weft_reader_left(&r), 0);
    weft_arena_fini(&arena);
    weft_chain_clear(chain);
}

static void
split_at_every_byte(void **state)
{
    (void)state;
    struct sample s;
    fill(&s);
    for (size_t i = 0; i < N_PROTOS; i++) {
        size_t len;
        uint8_t *bytes = encode(protos[i], &s, &len);
        for (size_t at = 1; at < len; at++) {
            struct weft_chain two = chain_of_two(bytes, len, at);
            check_chain(protos[i], &two, &s);
        }
        for (size_t piece = 1; piece < 9; piece++) {
            struct weft_chain many = chain_of(bytes, len, piece);
            check_chain(protos[i], &many, &s);
        }
        free(bytes);
    }
}

/* ---- rules ---- */

static weft_err
read_hex(enum weft_protocol proto, const char *hex, struct sample *s)
{
    static uint8_t bytes[512];
    static struct weft_arena arena;
    size_t len = unhex(hex, bytes);
    weft_arena_init(&arena, 0);
    weft_err err = decode_as(&sample_desc, proto, bytes, len, &arena, s);
    weft_arena_fini(&arena);
    return err;
}

static void
what_is_absent_and_what_must_not_be(void **state)
{
    (void)state;
    struct sample s;
    assert_int_equal(read_hex(WEFT_BINARY, "00", &s), WEFT_EREQUIRED);
    assert_int_equal(read_hex(WEFT_COMPACT, "00", &s), WEFT_EREQUIRED);
    assert_int_equal(read_hex(WEFT_COMPACT, "05 22 02 00", &s), 0);
    assert_int_equal(s.must, 1);
    assert_true(s.last); /* its default */
    assert_int_equal(s.has[0], 0);
    /* A required i32 that was sent as an i64 is skipped, so the field is
     * missing. */
    assert_int_equal(read_hex(WEFT_COMPACT, "06 22 02 00", &s), WEFT_EREQUIRED);
    /* flag = true, an unknown true, must = 1 */
    assert_int_equal(read_hex(WEFT_COMPACT, "11 01 c8 01 05 22 02 00", &s), 0);
    assert_true(s.flag);
    assert_int_equal(s.has[0], HAS(HAS_FLAG));
}

static void
a_union_has_its_last_member(void **state)
{
    (void)state;
    struct sample s;
    assert_int_equal(
        read_hex(WEFT_COMPACT, "fc 16 04 18 01 61 06 02 06 00 25 02 00", &s),
        0);
    assert_int_equal(s.choice.which, 1);
    assert_int_equal(s.choice.as.number, 3);
    assert_int_equal(
        read_hex(WEFT_COMPACT, "fc 3c 15 02 00 08 04 00 00 25 02 00", &s), 0);
    assert_int_equal(s.choice.which, 2);
    /* A member of another type does not count as set. */
    assert_int_equal(read_hex(WEFT_COMPACT, "fc 15 02 00 25 02 00", &s), 0);
    assert_int_equal(s.choice.which, 0);
}

static weft_err
write_error(const struct weft_struct *desc, const void *record)
{
    weft_err first, err;
    size_t len;
    free(encode_as(desc, WEFT_BINARY, record, &len, &first));
    for (size_t i = 1; i < N_PROTOS; i++) {
        free(encode_as(desc, protos[i], record, &len, &err));
        assert_int_equal(first, err);
    }
    return first;
}

static void
what_cannot_be_written(void **state)
{
    (void)state;
    struct sample s;
    struct sum sum = {.which = -0x10000};
    struct choice choice = {.which = 4};
    assert_int_equal(write_error(&sum_desc, &sum), 0);
    assert_int_equal(write_error(&choice_desc, &choice), WEFT_EVALUE);
    sample_init(&s);
    s.numbers.len = 1;
    assert_int_equal(write_error(&sample_desc, &s), WEFT_EVALUE);
    sample_init(&s);
    s.text = (struct weft_str){NULL, 1};
    assert_int_equal(write_error(&sample_desc, &s), WEFT_EVALUE);
    sample_init(&s);
    s.next = &s;
    assert_int_equal(write_error(&sample_desc, &s), WEFT_EDEPTH);
    size_t len;
    weft_err err;
    sample_init(&s);
    free(encode_as(&sample_desc, (enum weft_protocol)9, &s, &len, &err));
    assert_int_equal(err, WEFT_EUNKNOWNPROTO);
    assert_int_equal(read_hex((enum weft_protocol)9, "00", &s),
                     WEFT_EUNKNOWNPROTO);
}

#define TEST(f) cmocka_unit_test_teardown(f, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(random_values_come_back),
        TEST(as_straight_line_code),
        TEST(cut_off_and_flipped_everywhere),
        TEST(split_at_every_byte),
        TEST(what_is_absent_and_what_must_not_be),
        TEST(a_union_has_its_last_member),
        TEST(what_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
