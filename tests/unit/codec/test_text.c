/* SPDX-License-Identifier: MIT */
/*
 * JSON text: its form, random values that are written and read back, and the
 * message for every mistake.
 */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/sample_desc.h"
#include "unit/codec/values.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* ---- helpers ---- */

/* Write the record as text that ends with a NUL. The caller frees it. */
static char *
print(const struct weft_struct *desc, const void *record, int indent)
{
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    weft_struct_to_json(desc, &w, record, indent);
    assert_int_equal(weft_writer_fini(&w), 0);
    size_t len = chain.len;
    char *text = malloc(len + 1);
    assert_non_null(text);
    weft_chain_copy_out(&chain, 0, text, len);
    text[len] = '\0';
    weft_chain_clear(&chain);
    return text;
}

static void
assert_prints(const struct sample *s, int indent, const char *want)
{
    char *text = print(&sample_desc, s, indent);
    assert_string_equal(text, want);
    free(text);
}

/* Parse a copy of exactly `len` bytes, so that ASan reports a read of one byte
 * too many. */
static weft_err
parse(const struct weft_struct *desc, const char *text, size_t len,
      struct weft_arena *arena, void *record, struct weft_json_error *why)
{
    char *copy = weft_arena_alloc(arena, len ? len : 1);
    char *exact = malloc(len ? len : 1);
    assert_true(copy && exact);
    memcpy(exact, text, len);
    struct weft_arena probe;
    weft_arena_init(&probe, 0);
    struct weft_str view = {exact, (uint32_t)len};
    weft_err probed = weft_struct_from_json(desc, view, &probe, record, NULL);
    weft_arena_fini(&probe);
    free(exact);
    memcpy(copy, text, len);
    view.ptr = copy;
    weft_err err = weft_struct_from_json(desc, view, arena, record, why);
    assert_int_equal(err, probed);
    return err;
}

static void
assert_refused(const struct weft_struct *desc, const char *text,
               weft_err want_err, uint32_t column, const char *want)
{
    struct weft_arena arena;
    struct sample s;
    struct weft_json_error why;
    weft_arena_init(&arena, 0);
    weft_err err = parse(desc, text, strlen(text), &arena, &s, &why);
    assert_string_equal(why.text, want);
    assert_int_equal(err, want_err);
    assert_int_equal(why.line, 1);
    assert_int_equal(why.column, column);
    assert_int_equal(why.offset, column - 1);
    weft_arena_fini(&arena);
}

static void
refuse_sample(const char *text, uint32_t column, const char *want)
{
    assert_refused(&sample_desc, text, WEFT_EPROTOCOL, column, want);
}

/* ---- the form of the text ---- */

static const char full[] =
    "{\"negative\":\"minus one\",\"flag\":true,\"tiny\":-128,"
    "\"small\":4660,\"color\":\"BLUE\",\"large\":-9223372036854775808,"
    "\"real\":1.5,\"text\":\"a\\u0000b\\udcff \xc3\xa9\\n\\\"\","
    "\"blob\":\"AAH+\",\"id\":\"01234567-89ab-cdef-fedc-ba9876543210\","
    "\"numbers\":[1,-1,-2147483648],\"words\":[\"warp\",\"weft\",\"\"],"
    "\"places\":{\"home\":{\"x\":3,\"y\":4},\"work\":{\"x\":-3}},"
    "\"origin\":{\"x\":1,\"y\":2},\"next\":{\"negative\":\"\",\"flag\":false,"
    "\"tiny\":0,\"small\":0,\"color\":0,\"large\":0,\"real\":0,\"text\":\"\","
    "\"id\":\"00000000-0000-0000-0000-000000000000\",\"numbers\":[],"
    "\"words\":[],\"places\":{},\"origin\":{\"x\":0},"
    "\"choice\":{\"text\":\"chosen\"},\"table\":[],\"must\":18},"
    "\"choice\":{\"point\":{\"x\":9}},\"table\":[[0.1,-0,1e+300],[]],"
    "\"must\":17,\"last\":false}";

static void
all_of_it_on_one_line(void **state)
{
    (void)state;
    struct sample s;
    sample_fill(&s);
    assert_prints(&s, 0, full);
}

static void
indented_for_people(void **state)
{
    (void)state;
    static struct point point = {.x = 1};
    char *text = print(&point_desc, &point, 2);
    assert_string_equal(text, "{\n  \"x\": 1\n}");
    free(text);
    struct choice none = {.which = 0};
    text = print(&choice_desc, &none, 2);
    assert_string_equal(text, "{}");
    free(text);
}

static void
lists_of_lists_are_broken_once(void **state)
{
    (void)state;
    static double row[] = {1, 2.5};
    static struct weft_vec_double rows[] = {{row, 2, 0}, {NULL, 0, 0}};
    struct vec_row table = {rows, 2, 0};
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    char text[64];
    weft_writer_init(&w, &chain);
    weft_value_to_json(&type_table, &w, &table, 2);
    assert_int_equal(weft_writer_fini(&w), 0);
    size_t len = weft_chain_copy_out(&chain, 0, text, sizeof text - 1);
    text[len] = '\0';
    assert_string_equal(text, "[\n  [1, 2.5],\n  []\n]");
    weft_chain_clear(&chain);
}

static void
strings_cannot_hurt_a_terminal(void **state)
{
    (void)state;
    struct choice c = {.which = 2};
    c.as.text = WEFT_STR("\x1b[2J\x7f\xc2\x9b"
                         "1m\xe2\x82");
    char *text = print(&choice_desc, &c, 0);
    assert_string_equal(text, "{\"text\":\"\\u001b[2J\\u007f\\u009b1m"
                              "\\udce2\\udc82\"}");
    free(text);
}

static void
doubles_are_short_and_exact(void **state)
{
    (void)state;
    static const struct {
        double v;
        const char *text;
    } rows[] = {
        {0.1, "0.1"},
        {5, "5"},
        {1 / 3., "0.3333333333333333"},
        {5e-324, "4.94065645841247e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {(double)NAN, "\"NaN\""},
        {-(double)INFINITY, "\"-Infinity\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_chain chain = {NULL, NULL, 0};
        struct weft_writer w;
        char text[64];
        weft_writer_init(&w, &chain);
        weft_value_to_json(&type_double, &w, &rows[i].v, 0);
        assert_int_equal(weft_writer_fini(&w), 0);
        size_t len = weft_chain_copy_out(&chain, 0, text, sizeof text - 1);
        text[len] = '\0';
        assert_string_equal(text, rows[i].text);
        weft_chain_clear(&chain);
    }
}

/* ---- written and read back ---- */

static bool
words_come_twice(const struct sample *s)
{
    for (uint32_t i = 0; i < s->words.len; i++)
        for (uint32_t k = 0; k < i; k++)
            if (weft_str_eq(s->words.items[i], s->words.items[k]))
                return true;
    for (uint32_t i = 0; i < s->places.len; i++)
        for (uint32_t k = 0; k < i; k++)
            if (weft_str_eq(s->places.items[i].key, s->places.items[k].key))
                return true;
    return s->next && words_come_twice(s->next);
}

/* Returns whether the value is read back. It is refused if a word or key comes
 * twice. */
static bool
comes_back(const struct sample *s, int indent)
{
    struct weft_arena arena;
    struct sample got;
    struct weft_json_error why;
    char *text = print(&sample_desc, s, indent);
    weft_arena_init(&arena, 0);
    weft_err err = parse(&sample_desc, text, strlen(text), &arena, &got, &why);
    if (words_come_twice(s)) {
        assert_int_equal(err, WEFT_EPROTOCOL);
        assert_non_null(strstr(why.text, "comes twice"));
    } else {
        assert_string_equal(why.text, "");
        assert_int_equal(err, 0);
        assert_true(weft_struct_equal(&sample_desc, s, &got));
        assert_prints(&got, indent, text);
    }
    weft_arena_fini(&arena);
    free(text);
    return err == 0;
}

static void
random_values_come_back(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct sample s;
    int n_back = 0;
    weft_arena_init(&arena, 0);
    struct dice dice = {7, &arena};
    sample_fill(&s);
    assert_true(comes_back(&s, 0));
    assert_true(comes_back(&s, 3));
    for (int i = 0; i < 500; i++) {
        roll_record(&dice, &sample_desc, &s, 6);
        n_back += comes_back(&s, i % 3);
        weft_arena_reset(&arena);
    }
    assert_true(n_back > 250);
    weft_arena_fini(&arena);
}

static struct sample
read_good(struct weft_arena *arena, const char *text)
{
    struct sample s;
    struct weft_json_error why;
    weft_err err = parse(&sample_desc, text, strlen(text), arena, &s, &why);
    assert_string_equal(why.text, "");
    assert_int_equal(err, 0);
    return s;
}

static void
what_is_left_out_has_its_default(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    struct sample s = read_good(&arena, " { \"must\" : 3 } \n");
    assert_int_equal(s.must, 3);
    assert_true(s.last);
    assert_int_equal(s.has[0], 0);
    s = read_good(&arena, "{\"must\":3,\"last\":true,\"text\":null}");
    assert_int_equal(s.has[0], HAS(HAS_LAST));
    weft_arena_fini(&arena);
}

static void
many_spellings_are_read(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    struct sample s = read_good(
        &arena,
        "{\"must\":-2147483648,\"color\":7,\"real\":\"-Infinity\","
        "\"te\\u0078t\":\"\\ud83d\\ude00\\/\\udcff\\u00e9\",\"blob\":\"AAH+\","
        "\"id\":\"01234567-89AB-cdef-fedc-ba9876543210\","
        "\"numbers\":[ ],\"words\":[\"\"]}");
    assert_int_equal(s.must, INT32_MIN);
    assert_int_equal(s.color, 7);
    assert_true(isinf(s.real) && s.real < 0);
    assert_true(weft_str_eq(s.text, WEFT_STR("\xf0\x9f\x98\x80/\xff\xc3\xa9")));
    assert_true(weft_str_eq(s.blob, WEFT_STR("\x00\x01\xfe")));
    assert_int_equal(s.words.len, 1);
    s = read_good(&arena, "{\"must\":1,\"color\":\"RED\",\"real\":1e2}");
    assert_int_equal(s.color, RED);
    assert_true(s.real == 100);
    weft_arena_fini(&arena);
}

/* ---- mistakes ---- */

static void
names_are_corrected(void **state)
{
    (void)state;
    refuse_sample("{\"nubmers\":[1]}", 2,
                  "Sample has no field `nubmers`; did you mean `numbers`?");
    refuse_sample("{\"Must\":1}", 2,
                  "Sample has no field `Must`; did you mean `must`?");
    refuse_sample("{\"zzzzzzzz\":1}", 2,
                  "Sample has no field `zzzzzzzz`; its first is `negative`");
    refuse_sample("{\"color\":\"GREEN\"}", 10,
                  "color: Color has no value `GREEN`; it may be given as a "
                  "number");
    refuse_sample("{\"color\":\"Blu\"}", 10,
                  "color: Color has no value `Blu`; did you mean `BLUE`?");
}

static void
the_path_is_told(void **state)
{
    (void)state;
    refuse_sample("{\"places\":{\"home\":{\"x\":1,\"z\":2}}}", 26,
                  "places[\"home\"]: Point has no field `z`; its first is `x`");
    refuse_sample("{\"next\":{\"table\":[[1],[2,true]]}}", 26,
                  "next.table[1][1]: a number is expected, or \"NaN\", "
                  "\"Infinity\" or \"-Infinity\"");
    assert_refused(&sample_desc, "{\"next\":{\"must\":1,\"origin\":{}}}",
                   WEFT_EREQUIRED, 28,
                   "next.origin: Point needs the field `x`");
    assert_refused(&sample_desc, "{}", WEFT_EREQUIRED, 1,
                   "Sample needs the field `must`");
    assert_refused(&sample_desc, "{\"must\":null}", WEFT_EREQUIRED, 2,
                   "must: Sample needs this field, it cannot be null");
}

static void
what_comes_twice_is_told(void **state)
{
    (void)state;
    refuse_sample("{\"must\":1,\"flag\":true,\"must\":2}", 23,
                  "this field comes twice; leave one out");
    refuse_sample("{\"words\":[\"a\",\"b\",\"\\u0061\"]}", 19,
                  "words: this item of a set comes twice; leave one out");
    refuse_sample("{\"places\":{\"a\":{\"x\":1},\"a\":{\"x\":2}}}", 24,
                  "places: this key of a map comes twice; leave one out");
    refuse_sample("{\"choice\":{\"number\":1,\"text\":\"\"}}", 23,
                  "choice.text: Choice is a union; give one member only");
}

static void
values_must_fit(void **state)
{
    (void)state;
    refuse_sample("{\"tiny\":128}", 9,
                  "tiny: a whole number from -128 to 127 is expected, "
                  "without quotes");
    refuse_sample("{\"small\":1.5}", 10,
                  "small: a whole number from -32768 to 32767 is expected, "
                  "without quotes");
    refuse_sample("{\"large\":9223372036854775808}", 10,
                  "large: a whole number from -9223372036854775808 to "
                  "9223372036854775807 is expected, without quotes");
    refuse_sample("{\"flag\":1}", 9, "flag: true or false is expected");
    refuse_sample("{\"real\":1e999}", 9,
                  "real: a number is expected, or \"NaN\", \"Infinity\" or "
                  "\"-Infinity\"");
    refuse_sample("{\"blob\":\"a\"}", 9,
                  "blob: binary is expected as a string in base64, with "
                  "padding");
    refuse_sample("{\"id\":\"0123\"}", 7,
                  "id: a uuid is expected: "
                  "\"01234567-89ab-cdef-0123-456789abcdef\"");
    refuse_sample("{\"text\":5}", 9, "text: a string is expected here");
    refuse_sample("{\"numbers\":{}}", 12, "numbers: `[` is expected here");
    refuse_sample("{\"places\":[]}", 11,
                  "places: `{` of a map is expected here");
}

static void
json_must_be_json(void **state)
{
    (void)state;
    refuse_sample("[]", 1, "`{` is expected here");
    refuse_sample("{must:1}", 2,
                  "the name of a field, in double quotes, is expected here");
    refuse_sample("{\"must\" 1}", 9, "must: `:` is expected here");
    refuse_sample("{\"must\":1 \"flag\":true}", 11,
                  "`,` or `}` is expected here");
    refuse_sample("{\"numbers\":[1,]}", 15,
                  "numbers[1]: a whole number from -2147483648 to 2147483647 "
                  "is expected, without quotes");
    refuse_sample("{\"text\":\"\\x\"}", 10,
                  "text: there is no such escape; a backslash is written \\\\");
    refuse_sample("{\"text\":\"\\ud800\"}", 10,
                  "text: there is no such escape; a backslash is written \\\\");
    refuse_sample("{\"text\":\"\\\xc3\xa9\"}", 10,
                  "text: there is no such escape; a backslash is written \\\\");
    refuse_sample("{\"text\":\"a\xff\"}", 11,
                  "text: this byte is no UTF-8; to send it as it is, write "
                  "\\udcff");
    refuse_sample("{\"text\":\"\t\"}", 10,
                  "text: a control character in a string is written \\u0009");
    assert_refused(&sample_desc, "{\"text\":\"abc", WEFT_ETRUNC, 9,
                   "text: this string has no end; a `\"` is missing");
    assert_refused(&sample_desc, "{\"text\":\"\\", WEFT_ETRUNC, 9,
                   "text: this string has no end; a `\"` is missing");
    assert_refused(&sample_desc, "{\"must\"", WEFT_ETRUNC, 8,
                   "must: the text ends here; `:` is expected");
    assert_refused(&sample_desc, "{\"must\":1 ", WEFT_ETRUNC, 11,
                   "the text ends here; more is expected");
    assert_refused(&sample_desc, "", WEFT_ETRUNC, 1,
                   "the text ends here; `{` is expected");
    assert_refused(&sample_desc, "{\"must\":1}}", WEFT_ETRAILING, 11,
                   "the value ends before this; leave it out");
}

/* RFC 8259 lets a reader limit the length of numbers. The error names the
 * limit; it does not say that a number is missing. */
static void
a_long_number_is_told(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    char digits[128], text[256];
    memset(digits, '1', sizeof digits);
    snprintf(text, sizeof text, "{\"must\":1,\"real\":1.%.124s}", digits);
    struct sample s = read_good(&arena, text);
    assert_true(s.real > 1.1 && s.real < 1.2);
    snprintf(text, sizeof text, "{\"must\":1,\"real\":1.%.125s}", digits);
    refuse_sample(text, 18, "real: a number has at most 126 characters here");
    weft_arena_fini(&arena);
}

/* Each of these is no JSON, or has a form that the writer does not write. */
static void
loose_forms_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "\"must\":01",
        "\"must\":-01",
        "\"must\":00",
        "\"must\":-00",
        "\"must\":-",
        "\"must\":+1",
        "\"must\":\"1\"",
        "\"must\":1.0",
        "\"color\":02",
        "\"color\":\"2\"",
        "\"numbers\":[1,02]",
        "\"real\":01",
        "\"real\":-00.5",
        "\"real\":1.",
        "\"real\":.5",
        "\"real\":1e",
        "\"real\":NaN",
        "\"real\":-Infinity",
        "\"real\":-inf",
        "\"real\":-nan",
        "\"real\":\"inf\"",
        "\"real\":\"-inf\"",
        "\"real\":\"nan\"",
        "\"real\":\"-NaN\"",
        "\"real\":\"NAN\"",
        "\"real\":\"+Infinity\"",
        "\"real\":\"1\"",
        "\"real\":\"\"",
        "\"flag\":True",
        "\"flag\":truex",
        "\"flag\":\"true\"",
        "\"text\":nul",
        "\"text\":NULL",
        "\"text\":nullx",
        "\"blob\":\"Zg\"",
        "\"blob\":\"Zg=\"",
        "\"blob\":\"Zg===\"",
        "\"blob\":\"Zm8\"",
        "\"blob\":\"Zm8==\"",
        "\"blob\":\"Zm9v=\"",
        "\"blob\":\"Zm9v====\"",
        "\"blob\":\"=\"",
        "\"blob\":\"====\"",
        "\"blob\":\"Zh==\"",
        "\"blob\":\"Zv==\"",
        "\"blob\":\"Zm9=\"",
        "\"blob\":\"Zg==Zg==\"",
        "\"blob\":\"Zm 9v\"",
        "\"blob\":\"-_-_\"",
        "\"blob\":5",
        "\"id\":\"0123456789abcdeffedcba9876543210\"",
        "\"id\":\"{01234567-89ab-cdef-fedc-ba9876543210}\"",
        "\"id\":\"01234567-89ab-cdef-fedc-ba987654321\"",
        "\"id\":\"01234567-89ab-cdef-fedc-ba9876543210a\"",
        "\"id\":\"01234567-89ab-cdef-fedc-ba987654321\\n\"",
        "\"id\":5",
    };
    struct weft_arena arena;
    struct sample s;
    char text[128];
    weft_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(text, sizeof text, "{%s}", rows[i]);
        weft_err err =
            parse(&sample_desc, text, strlen(text), &arena, &s, NULL);
        if (err != WEFT_EPROTOCOL)
            fail_msg("%s: %s", text, weft_err_name(err));
    }
    weft_arena_fini(&arena);
}

static void
lines_are_counted(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct sample s;
    struct weft_json_error why;
    static const char text[] = "{\n  \"must\": 1,\n  \"flag\": no\n}";
    weft_arena_init(&arena, 0);
    assert_int_equal(parse(&sample_desc, text, strlen(text), &arena, &s, &why),
                     WEFT_EPROTOCOL);
    assert_int_equal(why.line, 3);
    assert_int_equal(why.column, 11);
    weft_arena_fini(&arena);
}

/* ---- hostile text ---- */

static void
every_byte_may_be_wrong(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct sample s;
    char text[sizeof full];
    size_t len = strlen(full);
    weft_arena_init(&arena, 0);
    for (size_t i = 0; i < len; i++) {
        static const char bytes[] = "\"\\{}[],:0n\xff";
        memcpy(text, full, len + 1);
        text[i] = bytes[i % (sizeof bytes)];
        if (!parse(&sample_desc, text, len, &arena, &s, NULL))
            (void)comes_back(&s, 0);
        weft_arena_reset(&arena);
    }
    weft_arena_fini(&arena);
}

/* A caller that reads a text in pieces learns that more bytes are needed,
 * wherever the piece ends. */
static void
what_ends_too_early_is_told(void **state)
{
    (void)state;
    static const char *const texts[] = {
        full,
        "{\"must\":-1,\"real\":-12.5e+30,\"large\":-0}",
        "{\"real\":0.5,\"must\":10}",
        "{\"real\":\"-Infinity\",\"must\":1 }",
        "{ \"text\" : null , \"flag\" : true, \"last\" : false,\"must\":1}",
        "{\"text\":\"\xe0\xa0\x80\xed\x9f\xbf\xf0\x90\x80\x80\xf4\x8f\xbf"
        "\xbf\",\"must\":1}",
        "{\"text\":\"\\ud83d\\ude00\\/\\n\\udcff\",\"must\":1}",
    };
    struct weft_arena arena;
    struct sample s;
    weft_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t n = 0; n <= strlen(texts[i]); n++) {
            weft_err want = n < strlen(texts[i]) ? WEFT_ETRUNC : WEFT_OK;
            weft_err err = parse(&sample_desc, texts[i], n, &arena, &s, NULL);
            if (err != want)
                fail_msg("%.*s: %s", (int)n, texts[i], weft_err_name(err));
            weft_arena_reset(&arena);
        }
    /* More text would not make these valid. */
    static const char *const rows[] = {
        "{\"must\":01",     "{\"must\":x",         "{\"flag\":tx",
        "{\"text\":nx",     "{\"real\":1.e",       "{\"real\":-I",
        "{\"text\":\"\xff", "{\"text\":\"\xed\xa0"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        weft_err err =
            parse(&sample_desc, rows[i], strlen(rows[i]), &arena, &s, NULL);
        if (err != WEFT_EPROTOCOL)
            fail_msg("%s: %s", rows[i], weft_err_name(err));
    }
    weft_arena_fini(&arena);
}

static void
too_deep_is_refused(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct sample s;
    struct weft_json_error why;
    char text[4096], *to = text;
    for (int i = 0; i < 64; i++)
        to += sprintf(to, "{\"must\":1,\"next\":");
    to += sprintf(to, "{\"must\":1}");
    for (int i = 0; i < 64; i++)
        *to++ = '}';
    weft_arena_init(&arena, 0);
    assert_int_equal(
        parse(&sample_desc, text, (size_t)(to - text), &arena, &s, &why),
        WEFT_EDEPTH);
    assert_non_null(strstr(why.text, "next.next"));
    /* The path is shortened, the reason is not. */
    assert_non_null(strstr(why.text, "...: nested deeper than 64 levels"));
    /* With one level less the text can be read, but its innermost lists are too
     * deep to be written. */
    size_t one = strlen("{\"must\":1,\"next\":");
    assert_int_equal(parse(&sample_desc, text + one,
                           (size_t)(to - text) - one - 1, &arena, &s, &why),
                     0);
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    weft_struct_to_json(&sample_desc, &w, &s, 0);
    assert_int_equal(weft_writer_fini(&w), WEFT_EDEPTH);
    weft_chain_clear(&chain);
    assert_true(comes_back(s.next, 0));
    weft_arena_fini(&arena);
}

/* Neither a long path nor a long name makes the text too long. */
static void
a_long_reason_is_cut(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct sample s;
    struct weft_json_error why;
    char text[4096], *to = text;
    for (int i = 0; i < 40; i++)
        to += sprintf(to, "{\"must\":1,\"next\":");
    to += sprintf(to, "{\"%01000d\":1}", 0);
    weft_arena_init(&arena, 0);
    assert_int_equal(
        parse(&sample_desc, text, (size_t)(to - text), &arena, &s, &why),
        WEFT_EPROTOCOL);
    assert_non_null(strstr(why.text, "...: Sample has no field `000"));
    assert_int_equal(strlen(why.text), sizeof why.text - 1);
    weft_arena_fini(&arena);
}

static void
memory_is_bounded(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct sample s;
    struct weft_json_error why;
    static char text[300000];
    char *to = text + sprintf(text, "{\"table\":[[]");
    while (to - text < 290000)
        to += sprintf(to, ",[]");
    to += sprintf(to, "],\"must\":1}");
    weft_arena_init(&arena, 100000);
    assert_int_equal(weft_struct_from_json(&sample_desc, weft_str_of(text),
                                           &arena, &s, &why),
                     WEFT_EBUDGET);
    weft_arena_fini(&arena);
    /* The budgets grow, so that each allocation is once the first one to
     * fail. */
    weft_err err = WEFT_EBUDGET;
    for (size_t budget = 16; err; budget += 16) {
        weft_arena_init(&arena, budget);
        err = weft_struct_from_json(&sample_desc, weft_str_of(full), &arena, &s,
                                    &why);
        assert_true(!err || (err == WEFT_EBUDGET && why.text[0]));
        assert_int_equal(s.must, err ? 0 : 17);
        weft_arena_fini(&arena);
    }
}

#define TEST(f) cmocka_unit_test_teardown(f, balance_check)

/* An error shows a name from the text, which must not steer a terminal. */
static void
errors_are_one_plain_line(void **state)
{
    (void)state;
    struct sample s;
    struct weft_arena arena;
    struct weft_json_error why;
    weft_arena_init(&arena, 0);
    struct weft_str text =
        WEFT_STR("{\"must\":1,\"\\u001b[31m\\u0085\\u007f\\n\\udc9b\":1}");
    assert_int_equal(
        weft_struct_from_json(&sample_desc, text, &arena, &s, &why),
        WEFT_EPROTOCOL);
    assert_non_null(strstr(why.text, "\\x1b[31m\\xc2\\x85\\x7f\\x0a\\x9b"));
    for (const char *c = why.text; *c; c++)
        assert_true(*c >= 0x20 && *c < 0x7f);
    weft_arena_fini(&arena);
}

/* Which bytes are shown unchanged, which are escaped, and where the text is cut
 * off. */
static void
text_is_escaped_for_terminals(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } rows[] = {
        {"", ""},
        {"a ~\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
         "a ~\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"\x1b[2J", "\\x1b[2J"},
        {"\x7f\t\r\n", "\\x7f\\x09\\x0d\\x0a"},
        {"\x80\x9b\xff", "\\x80\\x9b\\xff"},
        {"\xc2\x80\xc2\x9f\xc2\xa0", "\\xc2\\x80\\xc2\\x9f\xc2\xa0"},
        {"\xc3", "\\xc3"},
    };
    char shown[64];
    assert_int_equal(wf_escape_text(shown, sizeof shown, (struct weft_str){0}),
                     0);
    assert_string_equal(shown, "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_str text = weft_str_of(rows[i].text);
        size_t len = wf_escape_text(shown, sizeof shown, text);
        assert_string_equal(shown, rows[i].shown);
        assert_int_equal(len, strlen(shown));
        for (size_t size = 1; size <= len; size++) {
            memset(shown, '#', sizeof shown);
            size_t n = wf_escape_text(shown, size, text);
            assert_true(n < size && n + 4 >= size && shown[n] == 0);
            assert_memory_equal(shown, rows[i].shown, n);
            assert_int_equal(shown[size], '#');
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_are_one_plain_line),
        cmocka_unit_test(text_is_escaped_for_terminals),
        TEST(all_of_it_on_one_line),
        TEST(indented_for_people),
        TEST(lists_of_lists_are_broken_once),
        TEST(strings_cannot_hurt_a_terminal),
        TEST(doubles_are_short_and_exact),
        TEST(random_values_come_back),
        TEST(what_is_left_out_has_its_default),
        TEST(many_spellings_are_read),
        TEST(names_are_corrected),
        TEST(the_path_is_told),
        TEST(what_comes_twice_is_told),
        TEST(values_must_fit),
        TEST(json_must_be_json),
        TEST(loose_forms_are_refused),
        TEST(a_long_number_is_told),
        TEST(lines_are_counted),
        TEST(what_ends_too_early_is_told),
        TEST(every_byte_may_be_wrong),
        TEST(too_deep_is_refused),
        TEST(a_long_reason_is_cut),
        TEST(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
