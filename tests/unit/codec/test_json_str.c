/* SPDX-License-Identifier: MIT */
/* JSON: strings and base64. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "unit/codec/json_text.h"

static weft_err
read_str(const char *text, struct weft_str *v)
{
    struct mixed m;
    char json[512];
    snprintf(json, sizeof json, "{\"3\":{\"str\":%s}}", text);
    weft_err err = read_text(&mixed_desc, json, &m);
    *v = m.text;
    return err;
}

static void
strings_that_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct weft_str value;
    } rows[] = {
        {"\"\"", WEFT_STR_INIT("")},
        {"\"a/b\"", WEFT_STR_INIT("a/b")},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", WEFT_STR_INIT("\"\\/\b\f\n\r\t")},
        {"\"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00\"",
         WEFT_STR_INIT("A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")},
        {"\"\\u0000x\"", WEFT_STR_INIT("\0x")},
        {"\"\xc3\xa9\xf0\x9f\x98\x80\x7f\"",
         WEFT_STR_INIT("\xc3\xa9\xf0\x9f\x98\x80\x7f")},
        {"\"\\uffff\\ud7ff\\ue000\"",
         WEFT_STR_INIT("\xef\xbf\xbf\xed\x9f\xbf\xee\x80\x80")},
        {"\"\\ud800\\udc00\\udbff\\udfff\"",
         WEFT_STR_INIT("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")},
        /* Bytes that are not UTF-8 are returned unchanged, as Apache's
         * libraries do. */
        {"\"\xff\"", WEFT_STR_INIT("\xff")},
        {"\"\xc3\\u00a9\x80\"", WEFT_STR_INIT("\xc3\xc2\xa9\x80")},
        {"\"\xed\xa0\x80\xc0\x80\"", WEFT_STR_INIT("\xed\xa0\x80\xc0\x80")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_str v;
        assert_int_equal(read_str(rows[i].text, &v), 0);
        if (!weft_str_eq(v, rows[i].value))
            fail_msg("row %zu", i);
    }
}

static void
strings_that_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "\"\\x41\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud83d\"",
        "\"\\ud83dx\"",
        "\"\\ud83d\\n\"",
        "\"\\ud83d\\u0041\"",
        "\"\\ud83d\\udbff\"",
        "\"\\ud83d\\ue000\"",
        "\"\\ude00\"",
        "'a'",
        "a",
        "1",
        "null",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_str v;
        weft_err err = read_str(rows[i], &v);
        if (err != WEFT_EPROTOCOL)
            fail_msg("%s: %s", rows[i], weft_err_name(err));
    }
}

static void
strings_that_are_written(void **state)
{
    (void)state;
    struct choice c = {.which = 2};
    c.as.text = WEFT_STR("a\"\\/\b\t\n\f\r\x01\x0b\x1f\0\x7f\xc3\xa9");
    check_text(
        &choice_desc, &c,
        "{\"2\":{\"str\":\"a\\\"\\\\/\\b\\t\\n\\f\\r\\u0001\\u000b\\u001f"
        "\\u0000\x7f\xc3\xa9\"}}");
    c.as.text = WEFT_STR("\xff\xc3\"\xed\xa0\x80");
    check_text(&choice_desc, &c,
               "{\"2\":{\"str\":\"\xff\xc3\\\"\xed\xa0\x80\"}}");
    weft_err err;
    size_t len;
    c.as.text = (struct weft_str){NULL, 1};
    free(encode_as(&choice_desc, WEFT_JSON, &c, &len, &err));
    assert_int_equal(err, WEFT_EVALUE);
}

/* Control characters without escapes are accepted, because five other libraries
 * write and read them. */
static void
control_characters_that_are_not_escaped(void **state)
{
    (void)state;
    char json[] = "{\"2\":{\"str\":\"x?x\\\"?\"}}";
    for (int byte = 0; byte < 0x20; byte++)
        for (size_t piece = 1; piece <= sizeof json; piece++) {
            char text[] = {'x', (char)byte, 'x', '"', (char)byte};
            struct choice back;
            struct weft_reader r;
            json[14] = json[18] = (char)byte;
            struct weft_chain chain =
                chain_of((uint8_t *)json, sizeof json - 1, piece);
            weft_reader_init(&r, &chain, &arena, 0);
            assert_int_equal(
                weft_struct_read(&choice_desc, WEFT_JSON, &r, &back), 0);
            assert_int_equal(back.as.text.len, sizeof text);
            assert_memory_equal(back.as.text.ptr, text, sizeof text);
            weft_chain_clear(&chain);
        }
}

/* A string is scanned eight bytes at a time, so each kind of byte is tried at
 * each place, and in slices of each size. */
static void
every_byte_in_every_place(void **state)
{
    (void)state;
    char text[20];
    for (size_t at = 0; at < sizeof text; at++)
        for (int byte = 0; byte < 256; byte++) {
            weft_err err;
            size_t len, piece = 1 + (at * 256 + (size_t)byte) % 24;
            memset(text, byte % 3 ? 'x' : 0x80 | byte, sizeof text);
            text[at] = (char)byte;
            struct choice back, c = {.which = 2};
            c.as.text = (struct weft_str){text, sizeof text};
            uint8_t *bytes = encode_as(&choice_desc, WEFT_JSON, &c, &len, &err);
            assert_int_equal(err, 0);
            struct weft_chain chain = chain_of(bytes, len, piece);
            struct weft_reader r;
            weft_reader_init(&r, &chain, &arena, 0);
            assert_int_equal(
                weft_struct_read(&choice_desc, WEFT_JSON, &r, &back), 0);
            assert_true(weft_struct_equal(&choice_desc, &c, &back));
            weft_reader_init(&r, &chain, NULL, 0);
            assert_int_equal(wf_tjson_skip(&r, WEFT_STRUCT), 0);
            assert_int_equal(weft_reader_left(&r), 0);
            weft_chain_clear(&chain);
            free(bytes);
        }
}

/* base64 is written in pieces; these lengths are around their size. */
static void
binary_of_every_length(void **state)
{
    (void)state;
    char bytes[800];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 37 + i / 256);
    for (uint32_t n = 0; n < sizeof bytes; n++) {
        struct sample back, s = {.has = {HAS(HAS_BLOB)}};
        weft_err err;
        size_t len;
        s.blob = (struct weft_str){bytes, n};
        uint8_t *text = encode_as(&sample_desc, WEFT_JSON, &s, &len, &err);
        assert_int_equal(err, 0);
        assert_int_equal(
            decode_as(&sample_desc, WEFT_JSON, text, len, &arena, &back), 0);
        assert_true(weft_str_eq(s.blob, back.blob));
        free(text);
    }
}

static weft_err
read_blob(const char *text, struct weft_str *v)
{
    struct sample s;
    char json[128];
    snprintf(json, sizeof json, "{\"8\":{\"str\":%s},\"17\":{\"i32\":1}}",
             text);
    weft_err err = read_text(&sample_desc, json, &s);
    *v = s.blob;
    return err;
}

static void
binary_is_base64(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct weft_str value;
    } rows[] = {
        {"\"\"", WEFT_STR_INIT("")},
        {"\"Zg==\"", WEFT_STR_INIT("f")},
        {"\"Zg\"", WEFT_STR_INIT("f")},
        {"\"Zm8=\"", WEFT_STR_INIT("fo")},
        {"\"Zm8\"", WEFT_STR_INIT("fo")},
        {"\"Zm9v\"", WEFT_STR_INIT("foo")},
        {"\"+\\/\\u002b/\"", WEFT_STR_INIT("\xfb\xff\xbf")},
    };
    struct weft_str v;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(read_blob(rows[i].text, &v), 0);
        assert_true(weft_str_eq(v, rows[i].value));
    }
    static const char *const bad[] = {
        "\"Z\"",     "\"Zg===\"", "\"Z===\"",       "\"Zm9v!\"", "\"Zm 9v\"",
        "\"=Zm9\"",  "\"-_-_\"",  "\"\xc3\xa9vv\"", "\"Zg=\"",   "\"Zm8==\"",
        "\"Zm9v=\"", "\"====\"",  "\"Zg==Zg==\"",   "\"Zh==\"",  "\"Zh\"",
        "\"Zm9=\"",  "\"Zm9\"",   "\"Zv\"",         "\"Zm/\"",   "\"=\""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(read_blob(bad[i], &v), WEFT_EPROTOCOL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(strings_that_are_read),
        TEST(strings_that_are_refused),
        TEST(strings_that_are_written),
        TEST(every_byte_in_every_place),
        TEST(control_characters_that_are_not_escaped),
        TEST(binary_of_every_length),
        TEST(binary_is_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
