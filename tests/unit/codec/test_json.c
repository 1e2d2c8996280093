/* SPDX-License-Identifier: MIT */
/* The JSON protocol: known text is written and read, other text is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "unit/codec/json_text.h"

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
    assert_int_equal(read_message(" [ 1 , \"\\u0061\" , 4 , -1 , { } ] x", &m),
                     WEFT_ETRAILING);
    /* white space after the message belongs to it: curl sends a file with its
     * last newline */
    assert_int_equal(read_message(" [ 1 , \"\\u0061\" , 4 , -1 , { } ]\n", &m),
                     0);
    assert_int_equal(read_message("[1,\"a\",4,-1,{}] \t\r\n\n", &m), 0);
    assert_int_equal(read_message("[1,\"a\",4,-1,{}]\v", &m), WEFT_ETRAILING);
    assert_int_equal(m.seqid, -1);
    assert_int_equal(read_message("[2,\"a\",1,7,{}]", &m), WEFT_EVERSION);
    assert_int_equal(read_message("{1,\"a\",1,7,{}]", &m), WEFT_EVERSION);
    assert_int_equal(read_message("[1,\"a\",1,7,{}}", &m), WEFT_EPROTOCOL);
    assert_int_equal(read_message("[1,\"a\",1,2147483648,{}]", &m),
                     WEFT_EPROTOCOL);
    assert_int_equal(read_message("[1,\"a\",1,7,{}", &m), WEFT_ETRUNC);
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_examples_of_the_format),
        TEST(messages),
        TEST(white_space_is_accepted),
        TEST(text_that_is_not_this_language),
        TEST(what_is_unknown_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
