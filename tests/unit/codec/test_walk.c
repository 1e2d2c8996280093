/* SPDX-License-Identifier: MIT */
/* Walking through the JSON of another program. */
#include "unit/codec/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void
values_are_skipped(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        weft_err err;
    } rows[] = {
        {"{} ", 0},
        {" [ ]", 0},
        {"{\"a\":[1,-2.5e3,true,false,null,\"\\u00e9\"],\"b\":{}}", 0},
        {"[[[[]]]]", 0},
        {"{\"a\":1,}", WEFT_EPROTOCOL},
        {"[1,]", WEFT_EPROTOCOL},
        {"[1 2]", WEFT_EPROTOCOL},
        {"[,1]", WEFT_EPROTOCOL},
        {"{\"a\" 1}", WEFT_EPROTOCOL},
        {"{a:1}", WEFT_EPROTOCOL},
        {"[tru]", WEFT_EPROTOCOL},
        {"[01]", WEFT_EPROTOCOL},
        {"[}", WEFT_EPROTOCOL},
        {"[1", WEFT_ETRUNC},
        {"{\"a", WEFT_ETRUNC},
        {"", WEFT_ETRUNC},
        {"[] x", WEFT_ETRAILING},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct weft_reader r;
        weft_reader_init_flat(&r, rows[i].text, strlen(rows[i].text), &arena,
                              0);
        uint32_t depth = r.depth;
        weft_err err = wf_walk_skip(&r);
        if (!err)
            assert_int_equal(r.depth, depth);
        if (!err)
            err = wf_walk_end(&r);
        if (err != rows[i].err)
            fail_msg("row %zu: %s", i, weft_err_text(err));
        weft_arena_fini(&arena);
    }
}

static void
the_depth_is_bounded(void **state)
{
    (void)state;
    char text[201];
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_reader r;
    memset(text, '[', sizeof text);
    weft_reader_init_flat(&r, text, sizeof text, &arena, 0);
    assert_int_equal(wf_walk_skip(&r), WEFT_EDEPTH);
    /* The last level that is allowed. A value there is no array. */
    weft_reader_init_flat(&r, text, sizeof text, &arena, 0);
    bool more;
    while (r.depth > 0)
        assert_int_equal(wf_walk_open(&r, '[', &more), WEFT_OK);
    struct weft_reader copy = r;
    assert_int_equal(wf_walk_open(&copy, '[', &more), WEFT_EDEPTH);
    assert_int_equal(wf_walk_open(&r, '{', &more), WEFT_EPROTOCOL);
    weft_arena_fini(&arena);
}

static void
numbers_with_and_without_quotes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        weft_err err;
        uint64_t v;
    } rows[] = {
        {"7,", 0, 7},
        {"\"7\"", 0, 7},
        {"\"0100\"", 0, 100},
        {"100,", 0, 100},
        {"101,", WEFT_EPROTOCOL, 0},
        {"-1,", WEFT_EPROTOCOL, 0},
        {"1.5,", WEFT_EPROTOCOL, 0},
        {"\"\"", WEFT_EPROTOCOL, 0},
        {"[]", WEFT_EPROTOCOL, 0},
        {"99999999999999999999999,", WEFT_EPROTOCOL, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct weft_reader r;
        uint64_t v;
        weft_reader_init_flat(&r, rows[i].text, strlen(rows[i].text), &arena,
                              0);
        weft_err err = wf_walk_number(&r, 100, &v);
        if (err != rows[i].err || (!err && v != rows[i].v))
            fail_msg("row %zu: %s", i, weft_err_text(err));
        weft_arena_fini(&arena);
    }
}

static void
bytes_in_base64(void **state)
{
    (void)state;
    char text[40];
    for (uint32_t n = 0; n < 9; n++) {
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct weft_chain out = {0};
        struct weft_reader r;
        struct weft_str bytes = {"\0/s/\xff\xfe~!", n}, back;
        assert_int_equal(wf_walk_put_binary(&out, bytes), 0);
        size_t len = weft_chain_copy_out(&out, 0, text, sizeof text);
        weft_reader_init_flat(&r, text, len, &arena, 0);
        assert_int_equal(wf_walk_binary(&r, &back), 0);
        assert_true(weft_str_eq(bytes, back));
        weft_chain_clear(&out);
        weft_arena_fini(&arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_skipped),
        cmocka_unit_test(the_depth_is_bounded),
        cmocka_unit_test(numbers_with_and_without_quotes),
        cmocka_unit_test(bytes_in_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
