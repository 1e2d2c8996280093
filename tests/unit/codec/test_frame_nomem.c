/* SPDX-License-Identifier: MIT */
/* Every allocation for a frame fails once. Each failure is an error, and leaks
 * nothing. */
#include "unit/buf/nomem.h"

#include "base/arena.c"
#include "buf/append.c"
#include "buf/block.c"
#include "buf/cache.c"
#include "buf/chain.c"
#include "buf/read.c"
#include "codec/frame/frame.c"
#include "codec/frame/zlib.c"
#include "codec/frame/zlib_none.c"
#include "unit/buf/balance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static uint8_t text[30000];

static weft_err
fill(struct weft_chain *c)
{
    weft_err err = WEFT_OK;
    for (int i = 0; i < 4 && !err; i++)
        err = weft_chain_append(c, text, sizeof text);
    return err;
}

static weft_err
close_and_open(const struct weft_dialect *dialect)
{
    static struct weft_header header = {WEFT_STR_INIT("key"),
                                        {(char *)text, 20000}};
    static struct weft_header number = {WEFT_STR_INIT(":4711"),
                                        WEFT_STR_INIT("value")};
    struct weft_header both[] = {header, number};
    struct wf_frame frame = {.dialect = *dialect, .headers = {both, 2, 2}};
    frame.has_crc = true;
    struct weft_limits limits = wf_limits_of(NULL);
    struct weft_chain message = {0}, out = {0};
    weft_err err = fill(&message);
    if (err) {
        weft_chain_clear(&message);
        return err;
    }
    err = wf_frame_close(&frame, &message, &out);
    assert_int_equal(message.len, 0);
    if (err) {
        assert_int_equal(out.len, 0);
        return err;
    }
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_chain_drop(&out, 4);
    err = wf_frame_open(&out, &limits, &arena, &frame);
    assert_true(err || out.len == 4 * sizeof text);
    weft_arena_fini(&arena);
    weft_chain_clear(&out);
    return err;
}

static weft_err
run_theader(void)
{
    return close_and_open(
        &(struct weft_dialect){WEFT_THEADER, WEFT_BINARY, false, WEFT_ALONE});
}

static weft_err
run_ttheader(void)
{
    return close_and_open(&(struct weft_dialect){
        WEFT_TTHEADER_FRAMED, WEFT_BINARY, false, WEFT_ALONE});
}

/* Both directions of a zlib connection, and a compressed frame. */
static weft_err
run_zlib(void)
{
    struct wf_inflater *inflater;
    struct wf_deflater *deflater;
    struct weft_chain plain = {0}, packed = {0}, out = {0};
    weft_err err = wf_inflater_new(&inflater);
    if (err)
        return err;
    if (!(err = wf_deflater_new(&deflater)))
        err = fill(&plain);
    if (!err)
        err = wf_deflate(deflater, &plain, &packed);
    if (!err)
        err = wf_inflate(inflater, &packed, &out, SIZE_MAX);
    assert_true(err || out.len == 4 * sizeof text);
    weft_chain_clear(&plain);
    weft_chain_clear(&packed);
    weft_chain_clear(&out);
    wf_deflater_free(deflater);
    wf_inflater_free(inflater);
    return err ? err
               : close_and_open(&(struct weft_dialect){
                     WEFT_THEADER, WEFT_BINARY, true, WEFT_ALONE});
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
fail_each(weft_err (*run)(void))
{
    for (int is_once = 0; is_once < 2; is_once++) {
        long n = 1;
        while (try_run(run, n, is_once))
            n++;
        assert_true(n > 5);
    }
}

static void
every_allocation_may_fail(void **state)
{
    (void)state;
    /* the first byte of binary, and bytes that zlib cannot shorten */
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
    text[0] = 0x80;
    fail_each(run_theader);
    fail_each(run_ttheader);
    if (run_zlib() != WEFT_ETRANSFORM)
        fail_each(run_zlib);
}

/* After two bytes, which only begin a stream, a connection has no memory for
 * zlib yet. */
static void
a_stream_that_only_begins_takes_nothing(void **state)
{
    (void)state;
    struct wf_inflater *inflater;
    struct wf_deflater *deflater;
    struct weft_chain in = {0}, out = {0};
    if (wf_inflater_new(&inflater))
        skip();
    assert_int_equal(wf_deflater_new(&deflater), 0);
    assert_int_equal(weft_chain_append(&in, "\x78\x9c", 2), 0);
    nomem_begin(1, false);
    assert_int_equal(wf_inflate(inflater, &in, &out, 1000), 0);
    assert_int_equal(wf_deflate(deflater, &out, &in), 0);
    assert_int_equal(nomem_end(), 0);
    assert_int_equal(in.len, 2);
    wf_inflater_free(inflater);
    wf_deflater_free(deflater);
    weft_chain_clear(&in);
    assert_int_equal(balance_check(NULL), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(a_stream_that_only_begins_takes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
