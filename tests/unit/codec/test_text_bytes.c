/* SPDX-License-Identifier: MIT */
/* Every byte and pair of bytes, and the limits of UTF-8, in a string of JSON
 * text: compared with a plain reader of RFC 3629, and read back. */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/sample_desc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* Returns the code point at s, and sets *n to its bytes; 0: there is none. */
static uint32_t
code_at(const uint8_t *s, size_t left, size_t *n)
{
    static const struct {
        uint8_t from, to; /* of the first byte */
        size_t n;
        uint32_t least;
    } forms[] = {{0x00, 0x7f, 1, 0},
                 {0xc0, 0xdf, 2, 0x80},
                 {0xe0, 0xef, 3, 0x800},
                 {0xf0, 0xf7, 4, 0x10000}};
    for (size_t i = 0; i < 4; i++) {
        if (s[0] < forms[i].from || s[0] > forms[i].to || forms[i].n > left)
            continue;
        uint32_t code = s[0] - forms[i].from;
        bool follows = true;
        for (size_t k = 1; k < forms[i].n; k++) {
            follows = follows && s[k] >= 0x80 && s[k] <= 0xbf;
            code = code << 6 | (s[k] & 0x3fu);
        }
        bool legal = follows && code >= forms[i].least && code <= 0x10ffff &&
                     (code < 0xd800 || code > 0xdfff);
        *n = legal ? forms[i].n : 0;
        return code;
    }
    *n = 0;
    return 0;
}

/* Write the JSON text that these bytes must become. */
static void
want_of(const uint8_t *s, size_t len, char *at)
{
    static const char *const letters[128] = {['"'] = "\\\"",
                                             ['\\'] = "\\\\",
                                             ['\n'] = "\\n",
                                             ['\r'] = "\\r",
                                             ['\t'] = "\\t"};
    at += sprintf(at, "{\"text\":\"");
    for (size_t i = 0, n; i < len; i += n ? n : 1) {
        uint32_t code = code_at(s + i, len - i, &n);
        if (n == 0)
            at += sprintf(at, "\\udc%02x", s[i]);
        else if (n == 1 && letters[code])
            at += sprintf(at, "%s", letters[code]);
        else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
            at += sprintf(at, "\\u%04x", (unsigned)code);
        else
            at += sprintf(at, "%.*s", (int)n, (const char *)s + i);
    }
    strcpy(at, "\"}");
}

static struct weft_arena arena;

static void
assert_printed(const void *bytes, size_t len)
{
    char want[128], text[128] = "";
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    struct choice c = {.which = 2}, back = {0};
    /* ASan reports a read past the end of this copy. */
    char *exact = weft_arena_alloc(&arena, len);
    assert_non_null(exact);
    memcpy(exact, bytes, len);
    c.as.text = (struct weft_str){exact, (uint32_t)len};
    weft_writer_init(&w, &chain);
    weft_struct_to_json(&choice_desc, &w, &c, 0);
    assert_int_equal(weft_writer_fini(&w), 0);
    size_t n = weft_chain_copy_out(&chain, 0, text, sizeof text - 1);
    weft_chain_clear(&chain);
    want_of(bytes, len, want);
    assert_string_equal(text, want);
    struct weft_str view = {text, (uint32_t)n};
    assert_int_equal(
        weft_struct_from_json(&choice_desc, view, &arena, &back, NULL), 0);
    assert_true(weft_str_eq(back.as.text, c.as.text));
    weft_arena_reset(&arena);
}

static void
every_byte_and_pair(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++) {
        uint8_t s[3] = {(uint8_t)a};
        assert_printed(s, 1);
        for (unsigned b = 0; b < 256; b++) {
            s[1] = (uint8_t)b;
            assert_printed(s, 2);
        }
    }
}

/* Sequences of three and four bytes at both sides of each limit, whole and cut
 * short. */
static void
the_borders_of_utf8(void **state)
{
    (void)state;
    static const uint8_t firsts[] = {0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
                                     0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8};
    static const uint8_t next[] = {0x7f, 0x80, 0x8f, 0x90,
                                   0x9f, 0xa0, 0xbf, 0xc0};
    for (size_t i = 0; i < sizeof firsts; i++)
        for (size_t k = 0; k < 8 * 8 * 8; k++) {
            const uint8_t s[] = {'a', firsts[i], next[k % 8], next[k / 8 % 8],
                                 next[k / 64]};
            for (size_t len = 2; len <= sizeof s; len++)
                assert_printed(s, len);
        }
}

static int
begin(void **state)
{
    (void)state;
    weft_arena_init(&arena, 0);
    return 0;
}

static int
end(void **state)
{
    weft_arena_fini(&arena);
    return balance_check(state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_byte_and_pair, begin, end),
        cmocka_unit_test_setup_teardown(the_borders_of_utf8, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
