/* SPDX-License-Identifier: MIT */
/* What the cache of a thread keeps, for which requests, and up to which
 * bound. */
#include "buf/buf.h"
#include "buf/cache.h"
#include "unit/buf/balance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static size_t live(enum wf_block_class class)
{
    struct wf_buf_stats stats;
    wf_buf_stats(&stats);
    return stats.blocks[class];
}

static void
a_cache_has_a_bound(void **state)
{
    (void)state;
    enum { N = 200 };
    struct weft_block *blocks[N];
    for (int i = 0; i < N; i++)
        assert_non_null(blocks[i] = wf_block_new(WF_BLOCK_ROOM));
    assert_int_equal(live(WF_BLOCK_64K), N);
    for (int i = 0; i < N; i++)
        wf_block_unref(blocks[i]);
    assert_int_equal(live(WF_BLOCK_64K), WF_ASAN ? 0 : 8);
    struct weft_block *again = wf_block_new(WF_BLOCK_ROOM);
    assert_int_equal(live(WF_BLOCK_64K), WF_ASAN ? 1 : 8);
    assert_int_equal(again->used, 0);
    wf_block_unref(again);
}

static void
large_blocks_are_kept_up_to_a_sum(void **state)
{
    (void)state;
    enum { N = 5 };
    struct weft_block *blocks[N];
    for (int i = 0; i < N; i++)
        assert_non_null(blocks[i] = wf_block_new(600000));
    for (int i = 0; i < N; i++)
        wf_block_unref(blocks[i]);
    assert_int_equal(live(WF_BLOCK_EXACT), WF_ASAN ? 0 : 3);
    wf_block_unref(wf_block_new(20 << 20));
    assert_int_equal(live(WF_BLOCK_EXACT), WF_ASAN ? 0 : 3);

    /* A freed block is kept, and given to a request for a little less, but to
     * no other. */
    struct weft_block *less = wf_block_new(500000);
    assert_int_equal(less->size, 500000);
    assert_int_equal(live(WF_BLOCK_EXACT), WF_ASAN ? 1 : 3);
    struct weft_block *little = wf_block_new(70000);
    assert_int_equal(live(WF_BLOCK_EXACT), WF_ASAN ? 2 : 4);
    struct weft_block *more = wf_block_new(700000);
    assert_int_equal(live(WF_BLOCK_EXACT), WF_ASAN ? 3 : 5);
    memset(less->data, 1, less->size);
    memset(more->data, 1, more->size);
    wf_block_unref(less);
    wf_block_unref(little);
    wf_block_unref(more);
}

static struct weft_block *
keep_one(size_t size)
{
    wf_buf_cache_trim();
    struct weft_block *block = wf_block_new(size);
    assert_non_null(block);
    wf_block_unref(block); /* from now on only its address is used */
    return block;
}

/* Does a request get the block of `kept` bytes that was freed just before? */
static bool
serves(size_t kept, size_t request)
{
    struct weft_block *old = keep_one(kept);
    struct weft_block *block = wf_block_new(request);
    bool same = block == old;
    assert_int_equal(live(WF_BLOCK_EXACT), WF_ASAN || same ? 1 : 2);
    assert_int_equal(block->size, request);
    wf_block_unref(block);
    return same;
}

/* A kept block serves requests of its whole size down to a quarter of it. */
static void
a_kept_block_serves_what_fits(void **state)
{
    (void)state;
    const size_t room = wf_block_size_for(600000);
    assert_int_equal(room % 4, 0);
    if (WF_ASAN)
        skip(); /* ASan: nothing is kept */
    assert_true(serves(600000, room));
    assert_false(serves(600000, room + 1));
    assert_true(serves(600000, room / 4));
    assert_false(serves(600000, room / 4 - 1));
}

/* The cache keeps large blocks of 2 MiB in all, and not a byte more. */
static void
large_blocks_are_kept_to_the_byte(void **state)
{
    (void)state;
    const size_t mib = (size_t)1 << 20;
    for (int more = 0; more < 2; more++) {
        struct weft_block *a = wf_block_new(mib - WF_BLOCK_HEAD);
        struct weft_block *b = wf_block_new(mib - WF_BLOCK_HEAD + (size_t)more);
        assert_true(a && b);
        wf_block_unref(a);
        wf_block_unref(b);
        assert_int_equal(live(WF_BLOCK_EXACT), WF_ASAN ? 0 : 2 - more);
        wf_buf_cache_trim();
    }
}

static void
each_class_is_kept_up_to_a_number(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        size_t kept;
    } rows[] = {{448, 64}, {4032, 32}, {16320, 8}, {WF_BLOCK_ROOM, 8}};
    enum { N = 70 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_block *blocks[N], *last = NULL;
        for (int k = 0; k < N; k++)
            assert_non_null(blocks[k] = wf_block_new(rows[i].size));
        enum wf_block_class class = blocks[0]->class;
        for (int k = 0; k < N; k++) {
            blocks[k]->used = 1;
            blocks[k]->is_private = true;
            if ((size_t)k < rows[i].kept)
                last = blocks[k];
            wf_block_unref(blocks[k]);
        }
        assert_int_equal(live(class), WF_ASAN ? 0 : rows[i].kept);
        struct weft_block *again = wf_block_new(rows[i].size);
        if (!WF_ASAN)
            assert_ptr_equal(again, last); /* the one freed last, reset */
        assert_int_equal(again->used, 0);
        assert_false(again->is_private);
        assert_true(wf_block_alone(again));
        wf_block_unref(again);
        wf_buf_cache_trim();
        assert_int_equal(live(class), 0);
    }
}

/* Slices are kept, too, and the blocks of bytes by reference. */
static void
slices_are_kept_up_to_a_number(void **state)
{
    (void)state;
    struct wf_buf_stats stats;
    struct weft_chain c = {0};
    for (int i = 0; i < 300; i++)
        assert_int_equal(weft_chain_append_ref(&c, "x", 1, NULL, NULL), 0);
    wf_buf_stats(&stats);
    assert_int_equal(stats.slices, 300);
    assert_int_equal(stats.blocks[WF_BLOCK_REF], 300);
    weft_chain_clear(&c);
    wf_buf_stats(&stats);
    assert_int_equal(stats.slices, WF_ASAN ? 0 : 256);
    assert_int_equal(stats.blocks[WF_BLOCK_REF], WF_ASAN ? 0 : 64);
    for (int i = 0; i < 100; i++)
        assert_int_equal(weft_chain_append_ref(&c, "x", 1, NULL, NULL), 0);
    wf_buf_stats(&stats);
    assert_int_equal(stats.slices, WF_ASAN ? 100 : 256);
    assert_int_equal(stats.blocks[WF_BLOCK_REF], 100);
    weft_chain_clear(&c);
}

#ifdef WEFT_DEBUG
/* In a debug build a stale pointer finds overwritten bytes. */
static void
freed_bytes_are_overwritten(void **state)
{
    (void)state;
    static const size_t sizes[] = {100, 4000, 16000, 100000};
    if (WF_ASAN)
        skip(); /* ASan reports the read */
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct weft_block *block = wf_block_new(sizes[i]);
        const uint8_t *data = block->data;
        memset(block->data, 'x', sizes[i]);
        /* Not all users of small blocks set `used`. */
        block->used = block->class <= WF_BLOCK_4K ? 1 : sizes[i];
        wf_block_unref(block);
        assert_int_equal(data[0], 0xdb);
        assert_int_equal(data[sizes[i] - 1], 0xdb);
    }
    struct weft_chain c = {0};
    assert_int_equal(weft_chain_append(&c, "stale", 5), 0);
    const uint8_t *stale = c.head->ptr;
    weft_chain_clear(&c);
    assert_int_equal(weft_chain_append(&c, "n", 1), 0);
    assert_ptr_equal(c.head->ptr, stale); /* the block is filled again */
    assert_memory_equal(stale, "n\xdb\xdb\xdb\xdb", 5);
    weft_chain_clear(&c);
}
#endif

#define BALANCED(f) cmocka_unit_test_teardown(f, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BALANCED(a_cache_has_a_bound),
        BALANCED(large_blocks_are_kept_up_to_a_sum),
        BALANCED(a_kept_block_serves_what_fits),
        BALANCED(large_blocks_are_kept_to_the_byte),
        BALANCED(each_class_is_kept_up_to_a_number),
        BALANCED(slices_are_kept_up_to_a_number),
#ifdef WEFT_DEBUG
        BALANCED(freed_bytes_are_overwritten),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
