/* SPDX-License-Identifier: MIT */
/* Blocks, their counts, and threads that share them. */
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
a_block_has_the_smallest_class_that_fits(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        enum wf_block_class class;
    } rows[] = {
        {0, WF_BLOCK_512},          {448, WF_BLOCK_512},
        {449, WF_BLOCK_4K},         {4032, WF_BLOCK_4K},
        {4033, WF_BLOCK_16K},       {16320, WF_BLOCK_16K},
        {16321, WF_BLOCK_64K},      {WF_BLOCK_ROOM, WF_BLOCK_64K},
        {65473, WF_BLOCK_EXACT},    {1 << 20, WF_BLOCK_EXACT},
        {20 << 20, WF_BLOCK_EXACT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_block *block = wf_block_new(rows[i].size);
        assert_non_null(block);
        assert_int_equal(block->class, rows[i].class);
        assert_true(block->size >= rows[i].size);
        assert_true(wf_block_alone(block));
        assert_int_equal(live(rows[i].class), 1);
        if (block->size > 0) {
            block->data[0] = 1;
            block->data[block->size - 1] = 2;
        }
        wf_block_unref(block);
        wf_buf_cache_trim();
        assert_int_equal(live(rows[i].class), 0);
    }
    assert_null(wf_block_new(SIZE_MAX));
    assert_null(wf_block_new(SIZE_MAX / 2 + 1));
}

static void
the_last_reference_frees(void **state)
{
    (void)state;
    struct weft_block *block = wf_block_new(100000);
    wf_block_ref(block);
    wf_block_ref(block);
    assert_false(wf_block_alone(block));
    wf_block_unref(block);
    wf_block_unref(block);
    assert_true(wf_block_alone(block));
    assert_int_equal(live(WF_BLOCK_EXACT), 1);
    wf_block_unref(block);
    wf_buf_cache_trim();
    assert_int_equal(live(WF_BLOCK_EXACT), 0);
}

static void
small_appends_take_one_block(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(weft_chain_append(&c, "0123456789", 10), 0);
        weft_chain_clear(&c);
    }
    assert_true(live(WF_BLOCK_64K) <= 1);
}

/* A larger piece is not split to fill up a block with less than 512 bytes
 * left. */
static void
few_bytes_are_not_split(void **state)
{
    static const struct {
        size_t left, len, first;
    } rows[] = {{511, 512, 512}, {511, 513, 513}, {512, 513, 512}};
    static char bytes[WF_BLOCK_ROOM];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_chain c = {0}, next = {0};
        wf_buf_cache_trim();
        assert_int_equal(
            weft_chain_append(&c, bytes, sizeof bytes - rows[i].left), 0);
        assert_int_equal(weft_chain_append(&next, bytes, rows[i].len), 0);
        assert_int_equal(next.len, rows[i].len);
        assert_int_equal(next.head->len, rows[i].first);
        weft_chain_clear(&c);
        weft_chain_clear(&next);
    }
}

static void
large_copies_are_counted(void **state)
{
    (void)state;
    static uint8_t bytes[WF_LARGE_COPY];
    struct wf_buf_stats before, after;
    struct weft_chain c = {0};
    wf_buf_stats(&before);
    assert_int_equal(weft_chain_append(&c, bytes, sizeof bytes - 1), 0);
    wf_buf_stats(&after);
    assert_int_equal(after.large_copies - before.large_copies, 0);
    assert_int_equal(weft_chain_append(&c, bytes, sizeof bytes), 0);
    wf_buf_stats(&after);
    assert_int_equal(after.large_copies - before.large_copies, 1);
    weft_chain_clear(&c);
    assert_int_equal(weft_chain_append_ref(&c, bytes, 1, NULL, NULL), 0);
    assert_int_equal(weft_chain_append_ref(&c, bytes, sizeof bytes, NULL, NULL),
                     0);
    assert_non_null(weft_chain_pull(&c, sizeof bytes - 1));
    wf_buf_stats(&after);
    assert_int_equal(after.large_copies - before.large_copies, 1);
    assert_non_null(weft_chain_pull(&c, sizeof bytes));
    wf_buf_stats(&after);
    assert_int_equal(after.large_copies - before.large_copies, 2);
    weft_chain_clear(&c);
}

/* ---- threads ---- */

enum { MESSAGES = 20000, THREADS = 3 };

/* Each maker thread sends numbered words to a taker thread through a pipe. */
static struct pipe {
    struct wf_spin lock;
    struct weft_chain chain;
    size_t sent; /* under the lock */
} pipes[THREADS];

static void *
make(void *arg)
{
    struct pipe *pipe = arg;
    for (uint32_t i = 0; i < MESSAGES; i++) {
        struct weft_chain c = {0}, piece = {0};
        if (weft_chain_append(&c, &i, sizeof i) ||
            weft_chain_append(&c, "0123456789", i % 11) ||
            weft_chain_cut(&c, 4 + i % 11, &piece))
            return arg;
        wf_spin_lock(&pipe->lock);
        weft_chain_splice(&piece, &pipe->chain);
        pipe->sent++;
        wf_spin_unlock(&pipe->lock);
    }
    return NULL;
}

/* Take what is in the pipe and read it, so blocks of the maker's thread are
 * freed on this thread. */
static void *
take(void *arg)
{
    struct pipe *pipe = arg;
    struct weft_chain c = {0};
    for (uint32_t i = 0; i < MESSAGES;) {
        wf_spin_lock(&pipe->lock);
        weft_chain_splice(&pipe->chain, &c);
        wf_spin_unlock(&pipe->lock);
        if (c.len == 0)
            sched_yield();
        for (; c.len > 0; i++) {
            uint32_t got;
            char text[10];
            weft_chain_copy_out(&c, 0, &got, sizeof got);
            weft_chain_copy_out(&c, 4, text, i % 11);
            if (got != i || memcmp(text, "0123456789", i % 11) != 0)
                return arg;
            weft_chain_drop(&c, 4 + i % 11);
        }
    }
    return NULL;
}

static void
blocks_are_freed_on_other_threads(void **state)
{
    (void)state;
    pthread_t makers[THREADS], takers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(wf_sys_thread(&makers[i], make, &pipes[i]), 0);
        assert_int_equal(wf_sys_thread(&takers[i], take, &pipes[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        pthread_join(makers[i], &failed);
        assert_null(failed);
        pthread_join(takers[i], &failed);
        assert_null(failed);
    }
    /* Each thread's cache was freed when the thread ended. */
    struct wf_buf_stats stats;
    wf_buf_stats(&stats);
    assert_int_equal(stats.bytes, 0);
    assert_int_equal(stats.slices, 0);
}

/* Threads read a shared chain while its owner appends to the same block. */
static _Atomic int n_ready;

static void *
read_shared(void *arg)
{
    struct weft_chain *view = arg;
    wf_add(&n_ready, 1, relaxed);
    uint64_t sum = 0;
    for (const struct weft_slice *s = view->head; s; s = s->next)
        for (size_t i = 0; i < s->len; i++)
            sum += s->ptr[i];
    weft_chain_clear(view);
    return sum == 1000 * 'x' ? NULL : arg;
}

static void
bytes_that_were_shared_never_change(void **state)
{
    (void)state;
    char text[1000];
    memset(text, 'x', sizeof text);
    for (int round = 0; round < 50; round++) {
        struct weft_chain all = {0}, views[THREADS] = {{0}};
        pthread_t threads[THREADS];
        assert_int_equal(weft_chain_append(&all, text, sizeof text), 0);
        for (int i = 0; i < THREADS; i++) {
            assert_int_equal(weft_chain_share(&all, 0, sizeof text, &views[i]),
                             0);
            assert_int_equal(wf_sys_thread(&threads[i], read_shared, &views[i]),
                             0);
        }
        weft_chain_clear(&all);
        for (int i = 0; i < 300; i++) {
            assert_int_equal(weft_chain_append(&all, "yyyyyyyy", 8), 0);
            weft_chain_clear(&all);
        }
        for (int i = 0; i < THREADS; i++) {
            void *failed;
            pthread_join(threads[i], &failed);
            assert_null(failed);
        }
    }
}

/* A thread-specific destructor that frees a chain. It may run after the
 * destructor of the thread's cache. */
static void
free_late(void *arg)
{
    weft_chain_clear(arg);
}

static pthread_key_t late_key;

static void *
leave_a_chain(void *arg)
{
    if (weft_chain_append(arg, "late", 4))
        return arg;
    pthread_setspecific(late_key, arg);
    return NULL;
}

static void
a_thread_may_free_chains_while_it_ends(void **state)
{
    (void)state;
    struct weft_chain chain = {0};
    pthread_t thread;
    void *failed;
    assert_int_equal(pthread_key_create(&late_key, free_late), 0);
    assert_int_equal(wf_sys_thread(&thread, leave_a_chain, &chain), 0);
    pthread_join(thread, &failed);
    assert_null(failed);
    pthread_key_delete(late_key);
    assert_int_equal(chain.len, 0);
}

#define BALANCED(f) cmocka_unit_test_teardown(f, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BALANCED(a_block_has_the_smallest_class_that_fits),
        BALANCED(the_last_reference_frees),
        BALANCED(small_appends_take_one_block),
        BALANCED(few_bytes_are_not_split),
        BALANCED(large_copies_are_counted),
        BALANCED(blocks_are_freed_on_other_threads),
        BALANCED(bytes_that_were_shared_never_change),
        BALANCED(a_thread_may_free_chains_while_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
