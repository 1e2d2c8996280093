/* SPDX-License-Identifier: MIT */
/* JSON: integers and doubles. */
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "unit/codec/json_text.h"

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
        {"\"5\":{\"i64\":", "01", 0},
        {"\"5\":{\"i64\":", "0x1", WEFT_EPROTOCOL},
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
    assert_int_equal(read_number(rows[0].field, "-000000000001", &s), 0);
    assert_true(s.large == -1);
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

static double
ten_to(int power)
{
    char text[16];
    snprintf(text, sizeof text, "1e%d", power);
    return strtod(text, NULL);
}

/* Reading gives the same double as strtod, whichever of the algorithms is
 * used. */
static void
check_reading(const char *text)
{
    struct sample s;
    double v = strtod(text, NULL);
    if (read_number("\"6\":{\"dbl\":", text, &s) || s.real != v ||
        signbit(s.real) != signbit(v))
        fail_msg("%s: %.17g", text, s.real);
}

static void
doubles_are_read_to_the_last_bit(void **state)
{
    (void)state;
    struct dice dice = {.state = 7};
    static const char *const edges[] = {"-0",
                                        "-0.0",
                                        "0.0000000000000000001",
                                        "9007199254740993",
                                        "9007199254740992.5",
                                        "9007199254740993.5",
                                        "9999999999999999999",
                                        "18446744073709551615",
                                        "18446744073709551616",
                                        "0.5000000000000000001",
                                        "1.0000000000000001110223",
                                        "1.00000000000000011102",
                                        "0.1000000000000000055",
                                        "7450580596923828125",
                                        "2.2250738585072014e-308"};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        check_reading(edges[i]);
    for (int i = 0; i < 50000; i++) {
        char text[64];
        uint64_t digits = (uint64_t)roll_int(&dice) >> 1;
        uint32_t n = 1 + roll(&dice, 19);
        snprintf(text, sizeof text, "%s%" PRIu64 ".%0*" PRIu64,
                 roll(&dice, 2) ? "-" : "", digits >> roll(&dice, 63), (int)n,
                 digits % (uint64_t)ten_to((int)n - 1));
        check_reading(text);
        if (i % 256 == 0)
            weft_arena_reset(&arena);
    }
}

/* The text is read back as the same double, and so is the text that libc
 * writes. */
static void
check_writing(double v)
{
    struct weft_chain chain = {0};
    struct weft_writer w;
    char text[64], libc[64];
    weft_writer_init(&w, &chain);
    wf_json_write_double(&w, v);
    assert_int_equal(weft_writer_fini(&w), 0);
    text[weft_chain_copy_out(&chain, 0, text, sizeof text - 1)] = '\0';
    weft_chain_clear(&chain);
    double got = strtod(text, NULL);
    snprintf(libc, sizeof libc, "%.17g", v);
    if (got != v || signbit(got) != signbit(v))
        fail_msg("%s is not %.17g", text, v);
    check_reading(text);
    check_reading(libc);
}

static void
doubles_are_written_so_that_they_read_back(void **state)
{
    (void)state;
    struct dice dice = {.state = 11};
    for (int power = -25; power <= 25; power++)
        for (int k = -2; k <= 2; k++) {
            uint64_t bits;
            double v = ten_to(power);
            memcpy(&bits, &v, sizeof bits);
            bits += (uint64_t)(int64_t)k;
            memcpy(&v, &bits, sizeof bits);
            check_writing(v);
            check_writing(-v);
        }
    for (int i = 0; i < 50000; i++) {
        uint64_t bits = (uint64_t)roll_int(&dice) ^ (uint64_t)roll_int(&dice);
        double v, whole = (double)(int64_t)bits;
        /* Most exponents are in the range that is handled without libc. */
        if (i % 4 > 0)
            bits = (bits & ~(UINT64_C(0x7ff) << 52)) |
                   (uint64_t)(1010 + roll(&dice, 80)) << 52;
        memcpy(&v, &bits, sizeof v);
        if (isfinite(v))
            check_writing(v);
        check_writing(whole);
        check_writing(whole / ten_to((int)roll(&dice, 19)));
        if (i % 256 == 0)
            weft_arena_reset(&arena);
    }
}

static void
doubles_that_people_write_stay_short(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1, "1"},
        {-12, "-12"},
        {18.95, "18.95"},
        {0.1, "0.1"},
        {1e15, "1000000000000000"},
        {123456.789012, "123456.789012"},
        {0.000001, "0.000001"},
        {-2.5, "-2.5"},
        {1 / 3., "0.33333333333333331"},
        {1e300, "1.0000000000000001e+300"},
        {9007199254740993e0, "9007199254740992"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mixed m = {.real = rows[i].value, .has = {HAS(5)}};
        char text[256];
        snprintf(text, sizeof text,
                 "{\"3\":{\"str\":\"\"},\"20\":{\"lst\":"
                 "[\"i32\",0]},\"21\":{\"map\":[\"str\",\"tf\",0,{}]},"
                 "\"22\":{\"dbl\":%s},\"23\":{\"map\":[\"i32\",\"i32\",0,{}]}}",
                 rows[i].text);
        check_text(&mixed_desc, &m, text);
    }
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(integers),
        TEST(doubles),
        TEST(doubles_are_read_to_the_last_bit),
        TEST(doubles_are_written_so_that_they_read_back),
        TEST(doubles_that_people_write_stay_short),
        TEST(no_locale_changes_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
