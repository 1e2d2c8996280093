/* SPDX-License-Identifier: MIT */
/* The room that a socket's reads fill, and compaction of partial messages. */
#include "buf/buf.h"
#include "unit/buf/balance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Append up to n bytes of a counting pattern, as a read does. Returns how many
 * bytes had room. */
static size_t
feed(struct weft_chain *chain, size_t n, size_t need, size_t hint)
{
    struct wf_read_buffer room = {
        .need = need, .hint = hint, .limit = SIZE_MAX};
    size_t most = wf_chain_read_prepare(chain, &room);
    size_t take = WF_MIN(n, most), at = 0;
    for (int i = 0; i < room.n_iov && at < take; i++) {
        uint8_t *to = room.iov[i].iov_base;
        for (size_t k = 0; k < room.iov[i].iov_len && at < take; k++, at++)
            to[k] = (uint8_t)(chain->len + at);
    }
    wf_chain_read_commit(chain, &room, take);
    return take;
}

static void
assert_pattern(const struct weft_chain *chain, size_t len)
{
    size_t at = 0;
    assert_int_equal(chain->len, len);
    for (const struct weft_slice *s = chain->head; s; s = s->next)
        for (size_t k = 0; k < s->len; k++, at++)
            if (s->ptr[k] != (uint8_t)at)
                fail_msg("byte %zu is wrong", at);
    assert_int_equal(at, len);
}

static size_t
count_slices(const struct weft_chain *chain)
{
    size_t n = 0;
    for (const struct weft_slice *s = chain->head; s; s = s->next)
        n++;
    return n;
}

static size_t live(enum wf_block_class class)
{
    struct wf_buf_stats stats;
    wf_buf_stats(&stats);
    return stats.blocks[class];
}

static void
reads_of_one_socket_merge(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    for (int i = 0; i < 50; i++)
        assert_int_equal(feed(&c, 100, 0, 0), 100);
    assert_pattern(&c, 5000);
    assert_int_equal(count_slices(&c), 1);
    weft_chain_clear(&c);
}

static void
sockets_share_the_block_and_keep_it_hot(void **state)
{
    (void)state;
    struct weft_chain a = {0}, b = {0};
    for (int i = 0; i < 1000; i++) {
        feed(&a, 300, 0, 0);
        feed(&b, 200, 0, 0);
        assert_pattern(&a, 300);
        assert_pattern(&b, 200);
        weft_chain_clear(&a);
        weft_chain_clear(&b);
    }
    assert_true(live(WF_BLOCK_64K) <= 1);
}

static void
nothing_read_changes_nothing(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    for (int i = 0; i < 100; i++)
        assert_int_equal(feed(&c, 0, 0, 200000), 0);
    assert_int_equal(c.len, 0);
    assert_true(live(WF_BLOCK_64K) <= 4);
}

static void
there_is_always_room_for_a_usual_read(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    for (size_t sum = 0; sum < 300000;) {
        struct wf_read_buffer room = {.limit = SIZE_MAX};
        assert_true(wf_chain_read_prepare(&c, &room) >= 4096);
        wf_chain_read_commit(&c, &room, 0);
        sum += feed(&c, 1500, 0, 0);
    }
    weft_chain_clear(&c);
}

static void
a_busy_socket_gets_several_blocks(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    assert_true(feed(&c, SIZE_MAX, 0, 200000) >= 200000);
    assert_pattern(&c, c.len);
    assert_in_range(count_slices(&c), 4, 4);
    weft_chain_clear(&c);
    /* A read may return less than the hint. */
    assert_int_equal(feed(&c, 10, 0, 200000), 10);
    assert_int_equal(feed(&c, 10, 0, SIZE_MAX), 10);
    assert_pattern(&c, 20);
    assert_int_equal(count_slices(&c), 1);
    weft_chain_clear(&c);
}

static void
never_more_than_the_limit(void **state)
{
    (void)state;
    static const size_t limits[] = {0, 1, 4095, 65472, 65473, 100000, 150000};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        for (size_t hint = 0; hint <= 300000; hint += 100000) {
            struct weft_chain c = {0};
            struct wf_read_buffer room = {.hint = hint, .limit = limits[i]};
            assert_true(wf_chain_read_prepare(&c, &room) <= limits[i]);
            wf_chain_read_commit(&c, &room, 0);
        }
}

static void
a_large_message_is_gathered_in_one_run(void **state)
{
    (void)state;
    enum { NEED = 1000000 };
    struct weft_chain c = {0};
    feed(&c, 5000, 0, 0);
    while (c.len < NEED)
        feed(&c, 30000, NEED, 30000);
    assert_pattern(&c, c.len);
    assert_int_equal(c.head->len, NEED);
    assert_int_equal(live(WF_BLOCK_EXACT), 1);
    /* The bytes after the message lie in the thread's block for reads. */
    assert_true(c.len > NEED);
    assert_int_equal(count_slices(&c), 2);
    weft_chain_clear(&c);
}

static void
a_length_alone_takes_no_memory(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    feed(&c, 4, 0, 0);
    feed(&c, 4, 16000000, 0);
    assert_int_equal(live(WF_BLOCK_EXACT), 0);
    weft_chain_clear(&c);
}

static void
a_need_that_grows_is_not_copied_over_and_over(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    size_t moves = 0;
    while (c.len < 2000000) {
        const uint8_t *before = c.head ? c.head->ptr : NULL;
        feed(&c, 50000, c.len + 70000, 0);
        moves += c.head->ptr != before;
    }
    assert_pattern(&c, c.len);
    assert_true(moves <= 6);
    weft_chain_clear(&c);
}

static void
a_small_rest_lets_its_block_go(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    feed(&c, 100, 0, 0);
    assert_int_equal(wf_chain_compact(&c), 0);
    assert_pattern(&c, 100);
    assert_int_equal(live(WF_BLOCK_512), 1);
    wf_buf_cache_trim();
    assert_int_equal(live(WF_BLOCK_64K), 0);
    weft_chain_clear(&c);
    wf_buf_cache_trim();
}

static void
what_uses_its_block_stays(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    assert_int_equal(wf_chain_compact(&c), 0);
    feed(&c, 40000, 0, 0);
    const uint8_t *before = c.head->ptr;
    assert_int_equal(wf_chain_compact(&c), 0);
    assert_ptr_equal(c.head->ptr, before);
    assert_pattern(&c, 40000);
    weft_chain_clear(&c);
}

static void
shared_bytes_are_not_extended_in_place(void **state)
{
    (void)state;
    struct weft_chain c = {0}, view = {0};
    feed(&c, 100, 0, 0);
    assert_int_equal(wf_chain_compact(&c), 0);
    assert_int_equal(weft_chain_share(&c, 0, 100, &view), 0);
    feed(&c, 100, 0, 0);
    assert_int_equal(wf_chain_compact(&c), 0);
    assert_pattern(&c, 200);
    assert_pattern(&view, 100);
    weft_chain_clear(&c);
    weft_chain_clear(&view);
}

/* After the bytes of `front` the block still has those of `c`, from which
 * `front` was cut. So a read cannot extend the bytes of `front` in place. */
static void
what_ends_before_its_block_is_not_extended(void **state)
{
    (void)state;
    struct weft_chain c = {0}, front = {0};
    feed(&c, 100, 0, 0);
    assert_int_equal(wf_chain_compact(&c), 0);
    weft_chain_drop(&c, 30);
    assert_int_equal(weft_chain_cut(&c, 20, &front), 0);
    weft_chain_clear(&c);
    feed(&front, 10, 0, 0); /* the pattern from 20 on; the block has 50 there */
    assert_int_equal(wf_chain_compact(&front), 0);
    assert_int_equal(count_slices(&front), 1);
    assert_int_equal(front.head->ptr[19], 49);
    assert_int_equal(front.head->ptr[20], 20);
    assert_int_equal(front.head->ptr[29], 29);
    weft_chain_clear(&front);
}

/* A block that has room is filled, even if a smaller one would be enough. */
static void
what_fits_its_block_stays_there(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    feed(&c, 1000, 0, 0);
    assert_int_equal(wf_chain_compact(&c), 0);
    assert_int_equal(live(WF_BLOCK_4K), 1);
    weft_chain_drop(&c, 999);
    const uint8_t *before = c.head->ptr;
    feed(&c, 100, 0, 0);
    assert_int_equal(wf_chain_compact(&c), 0);
    assert_ptr_equal(c.head->ptr, before);
    assert_int_equal(count_slices(&c), 1);
    assert_int_equal(c.head->ptr[0], (uint8_t)999);
    assert_int_equal(c.head->ptr[1], 1);
    assert_int_equal(c.head->ptr[100], 100);
    weft_chain_clear(&c);
    wf_buf_cache_trim();
}

/* Bytes that need a block of this size stay in it, because a copy would free no
 * memory. */
static void
what_needs_such_a_block_stays_in_it(void **state)
{
    (void)state;
    struct weft_chain c = {0}, front = {0};
    feed(&c, 1000, 0, 0);
    assert_int_equal(wf_chain_compact(&c), 0);
    assert_int_equal(weft_chain_cut(&c, 900, &front), 0);
    weft_chain_clear(&c);
    const uint8_t *before = front.head->ptr;
    assert_int_equal(wf_chain_compact(&front), 0);
    assert_ptr_equal(front.head->ptr, before);
    weft_chain_clear(&front);
}

/* Bytes that exactly fill a small block get a larger one, because more will
 * come. */
static void
a_copy_has_room_to_grow(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    feed(&c, 512 - WF_BLOCK_HEAD, 0, 0);
    assert_int_equal(wf_chain_compact(&c), 0);
    assert_int_equal(live(WF_BLOCK_512), 0);
    assert_int_equal(live(WF_BLOCK_4K), 1);
    weft_chain_clear(&c);
}

static void
a_message_byte_by_byte_stays_small(void **state)
{
    (void)state;
    struct weft_chain c = {0}, other = {0};
    for (int i = 0; i < 10000; i++) {
        feed(&c, 1, 0, 0);
        feed(&other, 1, 0, 0); /* keeps the bytes of c from merging */
        assert_int_equal(wf_chain_compact(&c), 0);
        assert_true(count_slices(&c) <= 1);
        weft_chain_clear(&other);
    }
    assert_pattern(&c, 10000);
    assert_int_equal(live(WF_BLOCK_16K), 1);
    weft_chain_clear(&c);
}

#define BALANCED(f) cmocka_unit_test_teardown(f, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BALANCED(reads_of_one_socket_merge),
        BALANCED(sockets_share_the_block_and_keep_it_hot),
        BALANCED(nothing_read_changes_nothing),
        BALANCED(there_is_always_room_for_a_usual_read),
        BALANCED(a_busy_socket_gets_several_blocks),
        BALANCED(never_more_than_the_limit),
        BALANCED(a_large_message_is_gathered_in_one_run),
        BALANCED(a_length_alone_takes_no_memory),
        BALANCED(a_need_that_grows_is_not_copied_over_and_over),
        BALANCED(a_small_rest_lets_its_block_go),
        BALANCED(what_uses_its_block_stays),
        BALANCED(shared_bytes_are_not_extended_in_place),
        BALANCED(what_ends_before_its_block_is_not_extended),
        BALANCED(what_fits_its_block_stays_there),
        BALANCED(what_needs_such_a_block_stays_in_it),
        BALANCED(a_copy_has_room_to_grow),
        BALANCED(a_message_byte_by_byte_stays_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
