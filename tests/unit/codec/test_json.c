/* SPDX-License-Identifier: MIT */
/* JSON: its text both ways, and what is refused. */
#include "codec/json.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"
#include "unit/codec/values.h"
#include "unit/codec/vectors.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct weft_arena arena;

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

/* Read text of exactly that size, so that ASan sees one byte too far; and pass
 * over it, which is never more particular. */
static weft_err
read_text(const struct weft_struct *desc, const char *text, void *record)
{
    size_t len = strlen(text);
    char *copy = weft_arena_alloc(&arena, len);
    memcpy(copy, text, len);
    weft_err err =
        decode_as(desc, WEFT_JSON, (uint8_t *)copy, len, &arena, record);
    struct weft_reader r;
    weft_reader_init_flat(&r, copy, len, NULL, 0);
    weft_err skipped = wf_json_skip(&r, WEFT_STRUCT);
    if (!err)
        assert_int_equal(skipped, 0);
    return err;
}

static void
check_written(const struct weft_struct *desc, const void *record,
              const char *text)
{
    weft_err err;
    size_t len;
    uint8_t *bytes = encode_as(desc, WEFT_JSON, record, &len, &err);
    assert_int_equal(err, 0);
    bytes[len] = '\0';
    assert_string_equal((char *)bytes, text);
    free(bytes);
}

/* A value has this text, and that has this value. */
static void
check_text(const struct weft_struct *desc, const void *record, const char *text)
{
    void *back = weft_arena_alloc(&arena, desc->size);
    check_written(desc, record, text);
    assert_int_equal(read_text(desc, text, back), 0);
    assert_true(weft_struct_equal(desc, record, back));
}

static void
the_examples_of_the_format(void **state)
{
    (void)state;
    struct add add = {.a = 5, .b = -3};
    struct sum sum = {.which = 0, .success = 2};
    struct mixed mixed = mixed_value();
    mixed.has[0] = HAS(0);
    check_text(&add_desc, &add, "{\"1\":{\"i32\":5},\"2\":{\"i32\":-3}}");
    check_text(&sum_desc, &sum, "{\"0\":{\"i32\":2}}");
    check_text(&mixed_desc, &mixed,
               "{\"1\":{\"tf\":1},\"3\":{\"str\":\"hi\"},"
               "\"20\":{\"lst\":[\"i32\",3,1,-1,150]},"
               "\"21\":{\"map\":[\"str\",\"tf\",1,{\"k\":0}]},"
               "\"23\":{\"map\":[\"i32\",\"i32\",0,{}]}}");
    struct choice none = {0};
    check_text(&choice_desc, &none, "{}");
}

/* ---- messages ---- */

static weft_err
read_message(const char *text, struct weft_message *m)
{
    struct weft_reader r;
    weft_reader_init_flat(&r, text, strlen(text), &arena, 0);
    weft_err err = wf_message_read(WEFT_JSON, &r, 0, m);
    if (err || (err = wf_struct_skip(WEFT_JSON, &r)))
        return err;
    err = wf_message_read_end(WEFT_JSON, &r);
    return !err && weft_reader_left(&r) > 0 ? WEFT_ETRAILING : err;
}

static void
messages(void **state)
{
    (void)state;
    static const char text[] =
        "[1,\"add\",1,7,{\"1\":{\"i32\":5},\"2\":{\"i32\":-3}}]";
    struct add add = {.a = 5, .b = -3};
    struct weft_message m;
    struct weft_chain chain = {0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    wf_message_write(WEFT_JSON, &w, WEFT_STR("add"), WEFT_CALL, 7);
    weft_struct_write(&add_desc, WEFT_JSON, &w, &add);
    wf_message_write_end(WEFT_JSON, &w);
    assert_int_equal(weft_writer_fini(&w), 0);
    uint8_t *bytes = flatten(&chain);
    assert_int_equal(chain.len, sizeof text - 1);
    assert_memory_equal(bytes, text, chain.len);
    free(bytes);
    weft_chain_clear(&chain);
    assert_int_equal(read_message(text, &m), 0);
    assert_true(weft_str_eq(m.name, WEFT_STR("add")));
    assert_int_equal(m.type, WEFT_CALL);
    assert_int_equal(m.seqid, 7);
    assert_int_equal(read_message(" [ 1 , \"\\u0061\" , 4 , -1 , { } ] ", &m),
                     WEFT_ETRAILING);
    assert_int_equal(m.seqid, -1);
    assert_int_equal(read_message("[2,\"a\",1,7,{}]", &m), WEFT_EVERSION);
    assert_int_equal(read_message("{1,\"a\",1,7,{}]", &m), WEFT_EVERSION);
    assert_int_equal(read_message("[1,\"a\",1,7,{}}", &m), WEFT_EPROTOCOL);
    assert_int_equal(read_message("[1,\"a\",1,2147483648,{}]", &m),
                     WEFT_EPROTOCOL);
    assert_int_equal(read_message("[1,\"a\",1,7,{}", &m), WEFT_ETRUNC);
}

/* ---- strings ---- */

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
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_str v;
        assert_int_equal(read_str(rows[i].text, &v), 0);
        assert_true(weft_str_eq(v, rows[i].value));
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
        "\"\\ude00\"",
        "\"a\nb\"",
        "\"\\u0041\nb\"",
        "\"\xff\"",
        "\"\xc3\"",
        "\"\xc3\\u00a9\"",
        "\"\xed\xa0\x80\"",
        "\"\xc0\x80\"",
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
    weft_err err;
    size_t len;
    c.as.text = WEFT_STR("\xff");
    free(encode_as(&choice_desc, WEFT_JSON, &c, &len, &err));
    assert_int_equal(err, WEFT_EVALUE);
    c.as.text = (struct weft_str){NULL, 1};
    free(encode_as(&choice_desc, WEFT_JSON, &c, &len, &err));
    assert_int_equal(err, WEFT_EVALUE);
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
    static const char *const bad[] = {"\"Z\"",     "\"Zg===\"",     "\"Z===\"",
                                      "\"Zm9v!\"", "\"Zm 9v\"",     "\"=Zm9\"",
                                      "\"-_-_\"",  "\"\xc3\xa9vv\""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(read_blob(bad[i], &v), WEFT_EPROTOCOL);
}

/* ---- numbers ---- */

static weft_err
read_number(const char *field, const char *text, struct sample *s)
{
    char json[512];
    snprintf(json, sizeof json, "{%s%s},\"17\":{\"i32\":1}}", field, text);
    return read_text(&sample_desc, json, s);
}

static void
integers(void **state)
{
    (void)state;
    static const struct {
        const char *field, *text;
        weft_err err;
    } rows[] = {
        {"\"5\":{\"i64\":", "9223372036854775807", 0},
        {"\"5\":{\"i64\":", "-9223372036854775808", 0},
        {"\"5\":{\"i64\":", "-0", 0},
        {"\"5\":{\"i64\":", "9223372036854775808", WEFT_EPROTOCOL},
        {"\"5\":{\"i64\":", "-9223372036854775809", WEFT_EPROTOCOL},
        {"\"5\":{\"i64\":", "99999999999999999999999", WEFT_EPROTOCOL},
        {"\"5\":{\"i64\":", "1.0", WEFT_EPROTOCOL},
        {"\"5\":{\"i64\":", "1e3", WEFT_EPROTOCOL},
        {"\"5\":{\"i64\":", "01", WEFT_EPROTOCOL},
        {"\"5\":{\"i64\":", "+1", WEFT_EPROTOCOL},
        {"\"5\":{\"i64\":", "-", WEFT_EPROTOCOL},
        {"\"5\":{\"i64\":", "\"1\"", WEFT_EPROTOCOL},
        {"\"5\":{\"i64\":", "", WEFT_EPROTOCOL},
        {"\"4\":{\"i32\":", "2147483648", WEFT_EPROTOCOL},
        {"\"3\":{\"i16\":", "-32769", WEFT_EPROTOCOL},
        {"\"2\":{\"i8\":", "128", WEFT_EPROTOCOL},
        {"\"2\":{\"i8\":", "-128", 0},
        {"\"1\":{\"tf\":", "true", WEFT_EPROTOCOL},
        {"\"1\":{\"tf\":", "2", 0},
    };
    struct sample s;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (read_number(rows[i].field, rows[i].text, &s) != rows[i].err)
            fail_msg("%s%s", rows[i].field, rows[i].text);
    assert_int_equal(read_number(rows[0].field, "9007199254740993", &s), 0);
    assert_true(s.large == 9007199254740993);
    char zeros[300];
    memset(zeros, '1', sizeof zeros);
    zeros[sizeof zeros - 1] = '\0';
    assert_int_equal(read_number(rows[0].field, zeros, &s), WEFT_ESIZE);
}

static void
doubles(void **state)
{
    (void)state;
    static const char field[] = "\"6\":{\"dbl\":";
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        {"0", 0},
        {"1.5", 1.5},
        {"-2.5E-1", -0.25},
        {"1e+2", 100},
        {"0.10000000000000001", 0.1},
        {"5e-324", 5e-324},
        {"\"Infinity\"", (double)INFINITY},
        {"inf", (double)INFINITY},
        {"\"-Infinity\"", -(double)INFINITY},
        {"-inf", -(double)INFINITY},
    };
    struct sample s;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(read_number(field, rows[i].text, &s), 0);
        assert_true(s.real == rows[i].value);
    }
    assert_int_equal(read_number(field, "nan", &s), 0);
    assert_true(isnan(s.real));
    static const char *const bad[] = {"1.",    ".5",   "1e",       "1e999",
                                      "\"1\"", "00.5", "infinity", "0x1p3",
                                      "1.5.2", "--1",  "1e+",      "\"\""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(read_number(field, bad[i], &s), WEFT_EPROTOCOL);
}

static void
no_locale_changes_a_number(void **state)
{
    (void)state;
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") &&
        !setlocale(LC_NUMERIC, "de_DE"))
        skip();
    struct mixed m = {.real = 1.5, .has = {HAS(5)}};
    weft_err err;
    size_t len;
    uint8_t *bytes = encode_as(&mixed_desc, WEFT_JSON, &m, &len, &err);
    assert_non_null(memmem(bytes, len, "1.5", 3));
    assert_int_equal(decode_as(&mixed_desc, WEFT_JSON, bytes, len, &arena, &m),
                     0);
    assert_true(m.real == 1.5);
    free(bytes);
    setlocale(LC_NUMERIC, "C");
}

/* ---- structure ---- */

static void
white_space_is_accepted(void **state)
{
    (void)state;
    struct mixed m;
    assert_int_equal(
        read_text(&mixed_desc,
                  " { \"1\" :\t{ \"tf\" : 1 } ,\r\n\"20\":{\"lst\": [ "
                  "\"i32\" , 2 , 1 , 2 ] } , \"21\" : { \"map\" : [ \"str\" , "
                  "\"tf\" , 2 , { \"a\" : 1 , \"b\" : 0 } ] } }",
                  &m),
        0);
    assert_int_equal(m.numbers.len, 2);
    assert_int_equal(m.flags.len, 2);
    assert_true(m.flags.items[0].value);
}

static void
text_that_is_not_this_language(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        weft_err err;
    } rows[] = {
        {"", WEFT_ETRUNC},
        {"[]", WEFT_EPROTOCOL},
        {"{,}", WEFT_EPROTOCOL},
        {"{\"1\":{\"tf\":1},}", WEFT_EPROTOCOL},
        {"{\"1\":{\"tf\":1}\"2\":{\"tf\":1}}", WEFT_EPROTOCOL},
        {"{\"1\":{\"tf\":1,\"tf\":0}}", WEFT_EPROTOCOL},
        {"{\"1\":{}}", WEFT_EPROTOCOL},
        {"{\"1\":{\"no\":1}}", WEFT_EWIRETYPE},
        {"{\"1\":{\"muchtoolong\":1}}", WEFT_EWIRETYPE},
        {"{\"1\":{\"\":1}}", WEFT_EWIRETYPE},
        {"{1:{\"tf\":1}}", WEFT_EPROTOCOL},
        {"{\"32768\":{\"tf\":1}}", WEFT_EPROTOCOL},
        {"{\"20\":{\"lst\":[\"i32\",1]}}", WEFT_EPROTOCOL},
        {"{\"20\":{\"lst\":[\"i32\",1,1,2]}}", WEFT_EPROTOCOL},
        {"{\"20\":{\"lst\":[\"i32\",0,1]}}", WEFT_EPROTOCOL},
        {"{\"20\":{\"lst\":[\"i32\",-1]}}", WEFT_ESIZE},
        {"{\"20\":{\"lst\":[\"i32\",2147483648]}}", WEFT_ESIZE},
        {"{\"20\":{\"lst\":[\"i32\",100,1,2]}}", WEFT_ESIZE},
        {"{\"99\":{\"lst\":[\"i32\",100,1,2]}}", WEFT_ESIZE},
        {"{\"99\":{\"lst\":[\"i32\",1,1,2]}}", WEFT_EPROTOCOL},
        {"{\"21\":{\"map\":[\"str\",\"tf\",1,{}]}}", WEFT_EPROTOCOL},
        {"{\"21\":{\"map\":[\"str\",\"tf\",0,{\"a\":1}]}}", WEFT_EPROTOCOL},
        {"{\"21\":{\"map\":[\"str\",\"tf\",1,{\"a\":1,}]}}", WEFT_EPROTOCOL},
        {"{\"23\":{\"map\":[\"i32\",\"i32\",1,{1:1}]}}", WEFT_EPROTOCOL},
    };
    struct mixed m;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        weft_err err = read_text(&mixed_desc, rows[i].text, &m);
        if (err != rows[i].err)
            fail_msg("%s: %s", rows[i].text, weft_err_name(err));
    }
}

static void
what_is_unknown_is_passed_over(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "\"99\":{\"str\":\"no base64!\"}",
        "\"99\":{\"str\":\"\\\"}\"}",
        "\"99\":{\"uid\":\"00112233-4455-6677-8899-aabbccddeeff\"}",
        "\"99\":{\"rec\":{\"1\":{\"rec\":{}},\"2\":{\"dbl\":\"NaN\"}}}",
        "\"99\":{\"lst\":[\"rec\",2,{},{\"1\":{\"tf\":1}}]}",
        "\"99\":{\"map\":[\"dbl\",\"lst\",2,{\"1.5\":[\"i8\",1,3],"
        "\"NaN\":[\"i8\",0]}]}",
        "\"99\":{\"map\":[\"rec\",\"set\",1,{{\"1\":{\"i8\":1}}:[\"str\",1,"
        "\"x\"]}]}",
        "\"99\":{\"map\":[\"lst\",\"tf\",1,{[\"i64\",1,-5]:1}]}",
        "\"3\":{\"i32\":7}",
        "\"20\":{\"lst\":[\"str\",1,\"x\"]}",
        "\"21\":{\"map\":[\"i32\",\"tf\",1,{\"5\":1}]}",
    };
    struct mixed m;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char json[256];
        snprintf(json, sizeof json, "{%s,\"1\":{\"tf\":1}}", rows[i]);
        weft_err err = read_text(&mixed_desc, json, &m);
        if (err)
            fail_msg("%s: %s", json, weft_err_name(err));
        assert_int_equal(m.has[0], HAS(0));
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_examples_of_the_format),
        TEST(messages),
        TEST(strings_that_are_read),
        TEST(strings_that_are_refused),
        TEST(strings_that_are_written),
        TEST(binary_is_base64),
        TEST(integers),
        TEST(doubles),
        TEST(no_locale_changes_a_number),
        TEST(white_space_is_accepted),
        TEST(text_that_is_not_this_language),
        TEST(what_is_unknown_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
