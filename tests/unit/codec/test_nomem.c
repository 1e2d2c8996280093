/* SPDX-License-Identifier: MIT */
/* Every allocation on a message's way fails once. Each failure is an error, and
 * leaks nothing. */
#include "unit/buf/nomem.h"

#include "base/arena.c"
#include "buf/append.c"
#include "buf/block.c"
#include "buf/cache.c"
#include "buf/chain.c"
#include "buf/read.c"
#undef LEAST_ROOM
#include "codec/binary/binary.c"
#undef VERSION
#include "codec/frame/cut.c"
#include "codec/desc/desc.c"
#include "codec/desc/copy.c"
#include "codec/message.c"
#include "codec/binary/reader.c"
#include "codec/binary/skip.c"
#include "codec/binary/writer.c"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"
#include "unit/codec/sample_desc.h"
#include "unit/codec/sample_read.h"
#include "unit/codec/sample_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static char text[50000];
static int refs;

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
    refs--;
}

static weft_err
run_write(void)
{
    struct sample s;
    struct weft_chain c = {0};
    struct weft_writer w;
    struct wf_length_mark frame;
    sample_fill(&s);
    weft_writer_init(&w, &c);
    weft_writer_owner(&w, text, ref, unref);
    wf_length_begin(&w, &frame);
    for (int i = 0; i < 3; i++) {
        sample_write(&w, &s);
        weft_bin_write_str(&w, (struct weft_str){text, sizeof text});
        weft_bin_write_str(&w, (struct weft_str){text, 4000});
    }
    wf_length_end(&w, &frame);
    weft_err err = weft_writer_fini(&w);
    weft_chain_clear(&c);
    assert_int_equal(refs, 0);
    return err;
}

static uint8_t message[1024];
static size_t message_len;

static weft_err
run_cut(void)
{
    static const struct weft_limits zero;
    struct weft_limits limits = wf_limits_of(&zero);
    struct weft_chain in = {0};
    struct wf_cutter cutter;
    struct wf_cut cut = {0};
    weft_err err = WEFT_OK;
    wf_cutter_init(&cutter, &limits);
    for (size_t at = 0; at < message_len && !err; at += 100) {
        size_t n = WF_MIN(message_len - at, 100);
        err = weft_chain_append(&in, message + at, n);
        if (!err)
            err = wf_cut(&cutter, &in, &cut);
    }
    assert_true(err || cut.whole);
    wf_cutter_fini(&cutter);
    weft_chain_clear(&in);
    return err;
}

static weft_err
run_read(void)
{
    struct weft_arena arena;
    struct weft_reader r;
    struct weft_message m;
    struct sample got, copy;
    struct weft_chain in = {0};
    for (size_t at = 0; at < message_len; at += 100) {
        size_t n = WF_MIN(message_len - at, 100);
        if (weft_chain_append_ref(&in, message + at, n, NULL, NULL)) {
            weft_chain_clear(&in);
            return -ENOMEM;
        }
    }
    weft_arena_init(&arena, 0);
    weft_reader_init(&r, &in, &arena, 0);
    weft_err err = weft_bin_read_message(&r, 0, &m);
    if (!err)
        err = sample_read(&r, &got);
    if (!err)
        err = weft_struct_copy(&sample_desc, &arena, &copy, &got);
    if (!err)
        err = weft_arena_defer(&arena, unref, text);
    else
        refs--;
    weft_arena_fini(&arena);
    weft_chain_clear(&in);
    refs = 0;
    return err;
}

static void
make_message(void)
{
    struct sample s;
    struct weft_chain c = {0};
    struct weft_writer w;
    sample_fill(&s);
    weft_writer_init(&w, &c);
    weft_bin_write_message(&w, WEFT_STR("name"), WEFT_CALL, 1);
    sample_write(&w, &s);
    assert_int_equal(weft_writer_fini(&w), 0);
    message_len = weft_chain_copy_out(&c, 0, message, sizeof message);
    weft_chain_clear(&c);
}

/* Without memory an arena reports that its budget is used up. */
static bool
try_run(weft_err (*run)(void), long n, bool is_once)
{
    wf_buf_cache_trim();
    nomem_begin(n, is_once);
    weft_err err = run();
    long failed = nomem_end();
    if (err)
        assert_true(err == -ENOMEM || err == WEFT_EBUDGET);
    assert_int_equal(!err, failed == 0);
    assert_int_equal(balance_check(NULL), 0);
    return failed > 0;
}

static void
every_allocation_may_fail(void **state)
{
    (void)state;
    static weft_err (*const runs[])(void) = {run_write, run_cut, run_read};
    make_message();
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        for (int is_once = 0; is_once < 2; is_once++) {
            long n = 1;
            while (try_run(runs[i], n, is_once))
                n++;
            print_message("%zu: %ld\n", i, n - 1);
            assert_true(n > 2);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
