/* SPDX-License-Identifier: MIT */
/*
 * A struct with every type: whole, cut off at every byte, with every byte
 * changed, and split over slices in every way.
 */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"
#include "unit/codec/sample_desc.h"
#include "unit/codec/sample_read.h"
#include "unit/codec/sample_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct sample filled;
static uint8_t *bytes; /* of the filled sample */
static size_t n_bytes;

static uint8_t *
encode(const struct sample *s, size_t *len)
{
    struct weft_chain chain = {0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    sample_write(&w, s);
    assert_int_equal(weft_writer_fini(&w), 0);
    uint8_t *flat = flatten(&chain);
    *len = chain.len;
    weft_chain_clear(&chain);
    return flat;
}

static int
begin(void **state)
{
    (void)state;
    sample_fill(&filled);
    bytes = encode(&filled, &n_bytes);
    return 0;
}

static int
end(void **state)
{
    free(bytes);
    return balance_check(state);
}

static void
what_is_written_is_read_again(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    struct weft_reader r;
    struct sample got;
    weft_reader_init_flat(&r, bytes, n_bytes, &arena, 0);
    assert_int_equal(sample_read(&r, &got), 0);
    assert_int_equal(weft_reader_left(&r), 0);
    assert_int_equal(r.depth, WEFT_DEPTH);
    assert_true(weft_struct_equal(&sample_desc, &filled, &got));
    size_t len;
    uint8_t *again = encode(&got, &len);
    assert_int_equal(len, n_bytes);
    assert_memory_equal(again, bytes, len);
    free(again);
    weft_arena_fini(&arena);
}

static void
check_chain(const struct weft_chain *chain)
{
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    struct weft_reader r;
    struct sample got;
    weft_reader_init(&r, chain, &arena, 0);
    assert_int_equal(sample_read(&r, &got), 0);
    assert_int_equal(weft_reader_left(&r), 0);
    assert_true(weft_struct_equal(&sample_desc, &filled, &got));
    weft_reader_init(&r, chain, NULL, 0);
    assert_int_equal(weft_bin_skip(&r, WEFT_STRUCT), 0);
    assert_int_equal(weft_reader_left(&r), 0);
    weft_arena_fini(&arena);
}

static void
slices_make_no_difference(void **state)
{
    (void)state;
    for (size_t at = 0; at <= n_bytes; at++) {
        struct weft_chain chain = chain_of_two(bytes, n_bytes, at);
        check_chain(&chain);
        weft_chain_clear(&chain);
    }
    for (size_t piece = 1; piece < 20; piece++) {
        struct weft_chain chain = chain_of(bytes, n_bytes, piece);
        check_chain(&chain);
        weft_chain_clear(&chain);
    }
}

static weft_err
read_chain(const struct weft_chain *chain, struct weft_arena *arena,
           struct sample *got)
{
    struct weft_reader r;
    weft_reader_init(&r, chain, arena, 0);
    return sample_read(&r, got);
}

static weft_err
skip_chain(const struct weft_chain *chain)
{
    struct weft_reader r;
    weft_reader_init(&r, chain, NULL, 0);
    return weft_bin_skip(&r, WEFT_STRUCT);
}

static void
every_truncation_is_an_error(void **state)
{
    (void)state;
    for (size_t len = 0; len < n_bytes; len++)
        for (size_t piece = 1; piece <= n_bytes; piece *= 3) {
            struct weft_chain chain = chain_of(bytes, len, piece);
            struct weft_arena arena;
            struct sample got;
            weft_arena_init(&arena, 0);
            weft_err err = read_chain(&chain, &arena, &got);
            assert_true(err == WEFT_ETRUNC || err == WEFT_ESIZE);
            err = skip_chain(&chain);
            assert_true(err == WEFT_ETRUNC || err == WEFT_ESIZE);
            weft_arena_fini(&arena);
            weft_chain_clear(&chain);
        }
}

/* A value that could be read is equal after it is written and read again. */
static void
check_value(const struct sample *s)
{
    size_t len;
    uint8_t *flat = encode(s, &len);
    struct weft_arena arena;
    struct weft_reader r;
    struct sample again;
    weft_arena_init(&arena, 0);
    weft_reader_init_flat(&r, flat, len, &arena, 0);
    assert_int_equal(sample_read(&r, &again), 0);
    assert_int_equal(weft_reader_left(&r), 0);
    assert_true(weft_struct_equal(&sample_desc, s, &again));
    weft_arena_fini(&arena);
    free(flat);
}

static size_t
try_changed(const uint8_t *changed, size_t len)
{
    size_t n_read = 0;
    struct weft_chain chain = chain_of(changed, len, len);
    struct weft_arena arena;
    struct sample got;
    weft_arena_init(&arena, 0);
    weft_err err = read_chain(&chain, &arena, &got);
    if (!err) {
        check_value(&got);
        n_read = 1;
        assert_int_equal(skip_chain(&chain), 0);
    } else {
        assert_true(err <= WEFT_ETRUNC && err > -0x2000);
    }
    weft_arena_fini(&arena);
    weft_chain_clear(&chain);
    return n_read;
}

static void
every_flipped_byte_is_an_error_or_a_value(void **state)
{
    (void)state;
    static const uint8_t masks[] = {0xff, 0x80, 0x01, 0x0f};
    size_t n_read = 0;
    for (size_t at = 0; at < n_bytes; at++)
        for (size_t i = 0; i < sizeof masks; i++) {
            bytes[at] ^= masks[i];
            n_read += try_changed(bytes, n_bytes);
            bytes[at] ^= masks[i];
        }
    assert_true(n_read > n_bytes); /* most changes still give a valid value */
}

static void
every_byte_value_in_every_place(void **state)
{
    (void)state;
    for (size_t at = 0; at < n_bytes; at++) {
        uint8_t old = bytes[at];
        for (unsigned v = 0; v < 256; v += 1 + (WF_ASAN ? 16 : 0)) {
            bytes[at] = (uint8_t)v;
            try_changed(bytes, n_bytes);
        }
        bytes[at] = old;
    }
}

static void
a_missing_required_field_is_named(void **state)
{
    (void)state;
    struct weft_reader r;
    struct sample got;
    weft_reader_init_flat(&r, "\0", 1, NULL, 0);
    assert_int_equal(sample_read(&r, &got), WEFT_EREQUIRED);
    assert_true(got.last); /* the default */
}

static void
a_union_holds_the_last_member(void **state)
{
    (void)state;
    uint8_t two[64];
    size_t len = unhex("0a 00 01 00 00 00 00 00 00 00 05 |"
                       "0b 00 02 00 00 00 01 78 | 08 00 01 00 00 00 00 | 00",
                       two);
    struct weft_reader r;
    struct choice got;
    weft_reader_init_flat(&r, two, len, NULL, 0);
    assert_int_equal(choice_read(&r, &got), 0);
    assert_int_equal(got.which, 2);
    assert_true(weft_str_eq(got.as.text, WEFT_STR("x")));
}

static void
a_duplicate_field_is_the_last_one(void **state)
{
    (void)state;
    uint8_t twice[64];
    size_t len =
        unhex("08 00 01 00 00 00 01 | 08 00 01 00 00 00 02 | 00", twice);
    struct weft_reader r;
    struct point got;
    weft_reader_init_flat(&r, twice, len, NULL, 0);
    assert_int_equal(point_read(&r, &got), 0);
    assert_int_equal(got.x, 2);
}

/* Samples in samples, `levels` of them. */
static struct sample *
nest(uint32_t levels)
{
    struct sample *s = calloc(levels, sizeof *s);
    for (uint32_t i = 0; i < levels; i++) {
        sample_init(&s[i]);
        s[i].next = i + 1 < levels ? &s[i + 1] : NULL;
    }
    return s;
}

static weft_err
encode_nested(uint32_t levels, struct weft_chain *chain)
{
    struct sample *s = nest(levels);
    struct weft_writer w;
    weft_writer_init(&w, chain);
    sample_write(&w, s);
    free(s);
    return weft_writer_fini(&w);
}

static void
depth_has_the_same_end_for_all(void **state)
{
    (void)state;
    struct weft_chain chain = {0};
    struct weft_arena arena;
    struct sample got;
    weft_arena_init(&arena, 0);
    /* The innermost sample has containers, which need one level more. */
    assert_int_equal(encode_nested(WEFT_DEPTH, &chain), WEFT_EDEPTH);
    weft_chain_clear(&chain);
    assert_int_equal(encode_nested(WEFT_DEPTH - 1, &chain), 0);
    assert_int_equal(read_chain(&chain, &arena, &got), 0);
    assert_int_equal(skip_chain(&chain), 0);

    struct sample copy;
    assert_int_equal(weft_struct_copy(&sample_desc, &arena, &copy, &got), 0);
    assert_true(weft_struct_equal(&sample_desc, &copy, &got));
    struct weft_reader r;
    weft_reader_init(&r, &chain, &arena, WEFT_DEPTH - 1);
    assert_int_equal(sample_read(&r, &got), WEFT_EDEPTH);
    weft_reader_init(&r, &chain, &arena, WEFT_DEPTH - 1);
    assert_int_equal(weft_bin_skip(&r, WEFT_STRUCT), WEFT_EDEPTH);
    weft_chain_clear(&chain);

    struct sample *deep = nest(WEFT_DEPTH);
    assert_int_equal(weft_struct_copy(&sample_desc, &arena, &copy, deep),
                     WEFT_EDEPTH);
    assert_null(copy.next);
    assert_true(copy.last);
    assert_false(weft_struct_equal(&sample_desc, deep, deep));
    free(deep);
    weft_arena_fini(&arena);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read_again),
        TEST(slices_make_no_difference),
        TEST(every_truncation_is_an_error),
        TEST(every_flipped_byte_is_an_error_or_a_value),
        TEST(every_byte_value_in_every_place),
        TEST(a_missing_required_field_is_named),
        TEST(a_union_holds_the_last_member),
        TEST(a_duplicate_field_is_the_last_one),
        TEST(depth_has_the_same_end_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
