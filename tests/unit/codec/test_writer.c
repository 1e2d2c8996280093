/* SPDX-License-Identifier: MIT */
/* The writer: room, references, frames, and errors, which the writer keeps
 * until fini. */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static int refs, unrefs;

static void
ref(void *owner)
{
    (void)owner;
    refs++;
}

static void
unref(void *owner)
{
    (void)owner;
    unrefs++;
}

static void
nothing_written_is_nothing(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    struct weft_writer w;
    weft_writer_init(&w, &c);
    assert_int_equal(weft_writer_fini(&w), 0);
    assert_int_equal(c.len, 0);
}

static void
many_small_values_go_over_blocks(void **state)
{
    (void)state;
    enum { N = 100000 };
    struct weft_chain c = {0};
    struct weft_writer w;
    weft_writer_init(&w, &c);
    for (int64_t i = 0; i < N; i++)
        weft_bin_write_i64(&w, i * i);
    assert_int_equal(weft_writer_fini(&w), 0);
    assert_int_equal(c.len, N * 8);
    struct weft_reader r;
    weft_reader_init(&r, &c, NULL, 0);
    for (int64_t i = 0; i < N; i++) {
        int64_t v;
        assert_int_equal(weft_bin_read_i64(&r, &v), 0);
        assert_true(v == i * i);
    }
    weft_chain_clear(&c);
}

/* Strings whose sizes are around every limit, one after the other. */
static void
strings_of_every_size_come_back(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0,     1,     500,   4095,  4096,
                                     4097,  65000, 65468, 65472, 65473,
                                     65536, 70000, 200000};
    enum { N = sizeof sizes / sizeof *sizes };
    static char bytes[200000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 13 >> 2);
    for (int by_ref = 0; by_ref < 2; by_ref++) {
        struct weft_chain c = {0};
        struct weft_writer w;
        refs = unrefs = 0;
        weft_writer_init(&w, &c);
        if (by_ref)
            weft_writer_owner(&w, &c, ref, unref);
        for (size_t i = 0; i < N * N; i++) {
            weft_bin_write_str(&w, (struct weft_str){bytes, sizes[i / N]});
            weft_bin_write_str(&w, (struct weft_str){bytes, sizes[i % N]});
        }
        assert_int_equal(weft_writer_fini(&w), 0);
        assert_int_equal(refs, by_ref ? 9 * N * 2 : 0);
        struct weft_reader r;
        struct weft_arena arena;
        weft_reader_init(&r, &c, &arena, 0);
        for (size_t i = 0; i < N * N * 2; i++) {
            uint32_t want = sizes[i % 2 ? i / 2 % N : i / 2 / N];
            struct weft_str s;
            weft_arena_init(&arena, 0);
            assert_int_equal(weft_bin_read_str(&r, &s), 0);
            assert_int_equal(s.len, want);
            assert_memory_equal(s.ptr, bytes, want);
            weft_arena_fini(&arena);
        }
        assert_int_equal(weft_reader_left(&r), 0);
        assert_int_equal(unrefs, 0);
        weft_chain_clear(&c);
        assert_int_equal(unrefs, refs);
    }
}

static void
large_strings_are_not_copied_for_an_owner(void **state)
{
    (void)state;
    static char bytes[100000];
    struct wf_buf_stats before, after;
    struct weft_chain c = {0};
    struct weft_writer w;
    refs = unrefs = 0;
    weft_writer_init(&w, &c);
    weft_writer_owner(&w, bytes, ref, unref);
    wf_buf_stats(&before);
    weft_bin_write_field(&w, WEFT_STRING, 1);
    weft_bin_write_str(&w, (struct weft_str){bytes, sizeof bytes});
    weft_bin_write_stop(&w);
    assert_int_equal(weft_writer_fini(&w), 0);
    wf_buf_stats(&after);
    assert_int_equal(after.large_copies, before.large_copies);
    assert_ptr_equal(c.head->next->ptr, bytes);
    assert_int_equal(refs, 1);
    weft_chain_clear(&c);
    assert_int_equal(unrefs, 1);
}

static void
the_first_error_stays(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    struct weft_writer w;
    weft_writer_init(&w, &c);
    weft_bin_write_i32(&w, 1);
    weft_writer_fail(&w, WEFT_EREQUIRED);
    weft_writer_fail(&w, WEFT_EVALUE);
    weft_bin_write_i64(&w, 1);
    weft_bin_write_str(&w, WEFT_STR("text"));
    weft_bin_write_field(&w, WEFT_I32, 1);
    weft_bin_write_uuid(&w, (struct weft_uuid){{0}});
    assert_int_equal(weft_writer_fini(&w), WEFT_EREQUIRED);
    assert_int_equal(c.len, 0);
}

static void
a_string_that_no_length_can_tell_is_an_error(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    struct weft_writer w;
    weft_writer_init(&w, &c);
    weft_bin_write_str(&w, (struct weft_str){"x", 0x80000000u});
    assert_int_equal(weft_writer_fini(&w), WEFT_EVALUE);
    weft_chain_clear(&c);
    weft_writer_init(&w, &c);
    weft_bin_write_str(&w, (struct weft_str){NULL, 5});
    assert_int_equal(weft_writer_fini(&w), WEFT_EVALUE);
    weft_chain_clear(&c);
}

static void
an_absent_string_is_written_empty(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    struct weft_writer w;
    uint8_t b[4];
    weft_writer_init(&w, &c);
    weft_bin_write_str(&w, (struct weft_str){NULL, 0});
    assert_int_equal(weft_writer_fini(&w), 0);
    assert_int_equal(weft_chain_copy_out(&c, 0, b, 4), 4);
    assert_int_equal(weft_load_be32(b), 0);
    weft_chain_clear(&c);
}

static void
depth_is_counted(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    struct weft_writer w;
    weft_writer_init(&w, &c);
    for (uint32_t i = 0; i < WEFT_DEPTH; i++)
        assert_true(weft_write_enter(&w));
    assert_false(weft_write_enter(&w));
    assert_int_equal(weft_writer_fini(&w), WEFT_EDEPTH);
    weft_writer_init(&w, &c);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_true(weft_write_enter(&w));
        weft_write_leave(&w);
    }
    assert_int_equal(weft_writer_fini(&w), 0);
}

/* The length of a frame comes before it, whatever its size and wherever a block
 * ends. */
static void
a_frame_counts_what_is_in_it(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0, 10, 5000, 70000, 3, 65470, 1};
    static char bytes[70000];
    struct weft_chain c = {0};
    struct weft_writer w;
    refs = unrefs = 0;
    weft_writer_init(&w, &c);
    weft_writer_owner(&w, bytes, ref, unref);
    for (int round = 0; round < 40; round++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            struct wf_length_mark frame;
            wf_length_begin(&w, &frame);
            weft_bin_write_i8(&w, 42);
            weft_bin_write_str(&w, (struct weft_str){bytes, sizes[i]});
            wf_length_end(&w, &frame);
        }
    assert_int_equal(weft_writer_fini(&w), 0);
    for (int round = 0; round < 40; round++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            uint8_t b[5];
            assert_int_equal(weft_chain_copy_out(&c, 0, b, 5), 5);
            assert_int_equal(weft_load_be32(b), sizes[i] + 5);
            assert_int_equal(b[4], 42);
            weft_chain_drop(&c, weft_load_be32(b) + 4);
        }
    assert_int_equal(c.len, 0);
    assert_int_equal(unrefs, refs);
}

static void
a_failed_frame_stays_out_of_the_way(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    struct weft_writer w;
    struct wf_length_mark frame;
    weft_writer_init(&w, &c);
    weft_writer_fail(&w, WEFT_EVALUE);
    wf_length_begin(&w, &frame);
    wf_length_end(&w, &frame);
    assert_int_equal(weft_writer_fini(&w), WEFT_EVALUE);
    weft_writer_init(&w, &c);
    wf_length_begin(&w, &frame);
    weft_writer_fail(&w, WEFT_EVALUE);
    wf_length_end(&w, &frame);
    assert_int_equal(weft_writer_fini(&w), WEFT_EVALUE);
    assert_int_equal(c.len, 0);
}

#define BALANCED(f) cmocka_unit_test_teardown(f, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BALANCED(nothing_written_is_nothing),
        BALANCED(many_small_values_go_over_blocks),
        BALANCED(strings_of_every_size_come_back),
        BALANCED(large_strings_are_not_copied_for_an_owner),
        BALANCED(the_first_error_stays),
        BALANCED(a_string_that_no_length_can_tell_is_an_error),
        BALANCED(an_absent_string_is_written_empty),
        BALANCED(depth_is_counted),
        BALANCED(a_frame_counts_what_is_in_it),
        BALANCED(a_failed_frame_stays_out_of_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
