/* SPDX-License-Identifier: MIT */
/* Values and heads of strict binary, compared with bytes that other libraries
 * made. */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <cmocka.h>

static struct weft_chain out;
static struct weft_writer w;
static struct weft_arena arena;

static int
begin(void **state)
{
    (void)state;
    weft_writer_init(&w, &out);
    weft_arena_init(&arena, 0);
    return 0;
}

static int
end(void **state)
{
    weft_chain_clear(&out);
    weft_arena_fini(&arena);
    return balance_check(state);
}

static void
assert_written(const char *hex)
{
    uint8_t want[256];
    size_t len = unhex(hex, want);
    assert_int_equal(weft_writer_fini(&w), 0);
    assert_int_equal(out.len, len);
    uint8_t *got = flatten(&out);
    assert_memory_equal(got, want, len);
    free(got);
}

static struct weft_reader
reader_of(const char *hex)
{
    static uint8_t bytes[256];
    struct weft_reader r;
    weft_reader_init_flat(&r, bytes, unhex(hex, bytes), &arena, 0);
    return r;
}

static const char add_call[] =
    "80 01 00 01 00 00 00 03 61 64 64 00 00 00 07 |"
    "08 00 01 00 00 00 05 | 08 00 02 ff ff ff fd | 00";

static void
a_call_is_written_as_others_do(void **state)
{
    (void)state;
    weft_bin_write_message(&w, WEFT_STR("add"), WEFT_CALL, 7);
    weft_bin_write_field(&w, WEFT_I32, 1);
    weft_bin_write_i32(&w, 5);
    weft_bin_write_field(&w, WEFT_I32, 2);
    weft_bin_write_i32(&w, -3);
    weft_bin_write_stop(&w);
    assert_written(add_call);
}

static void
a_call_is_read_as_others_wrote_it(void **state)
{
    (void)state;
    struct weft_reader r = reader_of(add_call);
    struct weft_message m;
    uint32_t field;
    int32_t v;
    assert_int_equal(weft_bin_read_message(&r, 0, &m), 0);
    assert_true(weft_str_eq(m.name, WEFT_STR("add")));
    assert_int_equal(m.type, WEFT_CALL);
    assert_int_equal(m.seqid, 7);
    assert_int_equal(weft_bin_read_field(&r, &field), 0);
    assert_int_equal(field, WEFT_FIELD(1, WEFT_I32));
    assert_int_equal(weft_bin_read_i32(&r, &v), 0);
    assert_int_equal(v, 5);
    assert_int_equal(weft_bin_read_field(&r, &field), 0);
    assert_int_equal(field, WEFT_FIELD(2, WEFT_I32));
    assert_int_equal(weft_bin_read_i32(&r, &v), 0);
    assert_int_equal(v, -3);
    assert_int_equal(weft_bin_read_field(&r, &field), 0);
    assert_int_equal(field, WEFT_STOP);
    assert_int_equal(weft_reader_left(&r), 0);
    assert_int_equal(weft_bin_read_field(&r, &field), WEFT_ETRUNC);
}

static void
a_reply_has_field_zero(void **state)
{
    (void)state;
    weft_bin_write_message(&w, WEFT_STR("add"), WEFT_REPLY, 7);
    weft_bin_write_field(&w, WEFT_I32, 0);
    weft_bin_write_i32(&w, 2);
    weft_bin_write_stop(&w);
    assert_written("80 01 00 02 00 00 00 03 61 64 64 00 00 00 07 |"
                   "08 00 00 00 00 00 02 | 00");
}

static const char exception_x[] =
    "80 01 00 03 00 00 00 01 78 00 00 00 07 | 0b 00 01 00 00 00 18"
    "49 6e 76 61 6c 69 64 20 6d 65 74 68 6f 64 20 6e 61 6d 65 3a 20 27 78 27"
    "| 08 00 02 00 00 00 01 | 00";

static weft_err
read_exception(struct weft_reader *r, struct weft_str *text, int32_t *type)
{
    struct wf_app_exception got;
    weft_err err =
        weft_struct_read(&wf_app_exception_desc, WEFT_BINARY, r, &got);
    *text = got.text;
    *type = got.type;
    return err;
}

static void
an_application_exception_goes_and_comes(void **state)
{
    (void)state;
    struct weft_str text = WEFT_STR("Invalid method name: 'x'");
    weft_bin_write_message(&w, WEFT_STR("x"), WEFT_EXCEPTION, 7);
    struct wf_app_exception sent = {.text = text, .type = 1};
    weft_struct_write(&wf_app_exception_desc, WEFT_BINARY, &w, &sent);
    assert_written(exception_x);

    struct weft_reader r = reader_of(exception_x);
    struct weft_message m;
    struct weft_str got;
    int32_t type;
    assert_int_equal(weft_bin_read_message(&r, 0, &m), 0);
    assert_int_equal(m.type, WEFT_EXCEPTION);
    assert_int_equal(read_exception(&r, &got, &type), 0);
    assert_true(weft_str_eq(got, text));
    assert_int_equal(type, 1);
    assert_int_equal(weft_reader_left(&r), 0);
    assert_int_equal(r.depth, WEFT_DEPTH);
}

static void
strange_fields_of_an_exception_are_passed_over(void **state)
{
    (void)state;
    struct weft_reader r = reader_of(
        "08 00 01 00 00 00 09 | 0b 00 03 00 00 00 01 78 | 02 00 02 01 |"
        "0c 00 04 08 00 01 00 00 00 01 00 | 08 00 02 00 00 00 06 | 00");
    struct weft_str text;
    int32_t type;
    assert_int_equal(read_exception(&r, &text, &type), 0);
    assert_null(text.ptr);
    assert_int_equal(type, 6);
    r = reader_of("00");
    assert_int_equal(read_exception(&r, &text, &type), 0);
    assert_int_equal(type, 0);
    r = reader_of("0b 00 01 00 00 00 05 61");
    assert_int_equal(read_exception(&r, &text, &type), WEFT_ESIZE);
    r = reader_of("01 00 01 00");
    assert_int_equal(read_exception(&r, &text, &type), WEFT_EWIRETYPE);
    r = reader_of("00");
    r.depth = 0;
    assert_int_equal(read_exception(&r, &text, &type), WEFT_EDEPTH);
}

static const char mixed[] =
    "02 00 01 01  02 00 02 00  0b 00 03 00 00 00 02 68 69"
    "0f 00 14 08 00 00 00 03 00 00 00 01 ff ff ff ff 00 00 00 96"
    "0d 00 15 0b 02 00 00 00 01 00 00 00 01 6b 00"
    "04 00 16 3f f8 00 00 00 00 00 00  0d 00 17 08 08 00 00 00 00  00";

static void
a_mixed_struct_is_written_as_others_do(void **state)
{
    (void)state;
    weft_bin_write_field(&w, WEFT_BOOL, 1);
    weft_bin_write_bool(&w, true);
    weft_bin_write_field(&w, WEFT_BOOL, 2);
    weft_bin_write_bool(&w, false);
    weft_bin_write_field(&w, WEFT_STRING, 3);
    weft_bin_write_str(&w, WEFT_STR("hi"));
    weft_bin_write_field(&w, WEFT_LIST, 20);
    weft_bin_write_list(&w, WEFT_I32, 3);
    weft_bin_write_i32(&w, 1);
    weft_bin_write_i32(&w, -1);
    weft_bin_write_i32(&w, 150);
    weft_bin_write_field(&w, WEFT_MAP, 21);
    weft_bin_write_map(&w, WEFT_STRING, WEFT_BOOL, 1);
    weft_bin_write_str(&w, WEFT_STR("k"));
    weft_bin_write_bool(&w, false);
    weft_bin_write_field(&w, WEFT_DOUBLE, 22);
    weft_bin_write_double(&w, 1.5);
    weft_bin_write_field(&w, WEFT_MAP, 23);
    weft_bin_write_map(&w, WEFT_I32, WEFT_I32, 0);
    weft_bin_write_stop(&w);
    assert_written(mixed);
}

/* Read the containers of the mixed struct; the rest is skipped. */
static void
a_mixed_struct_is_read_as_others_wrote_it(void **state)
{
    (void)state;
    struct pair {
        struct weft_str key;
        bool value;
    };
    struct weft_reader r = reader_of(mixed);
    struct weft_vec_i32 list = {0};
    struct {
        struct pair *items;
        uint32_t len, cap;
    } map = {0};
    uint32_t field;
    bool fits;
    while (!weft_bin_read_field(&r, &field) && field != WEFT_STOP) {
        if (field == WEFT_FIELD(20, WEFT_LIST)) {
            assert_int_equal(weft_bin_read_list(&r, WEFT_I32, 4, &list, &fits),
                             0);
            assert_true(fits);
            for (uint32_t i = 0; i < list.len; i++)
                assert_int_equal(weft_bin_read_i32(&r, &list.items[i]), 0);
            weft_read_leave(&r);
        } else if (field == WEFT_FIELD(21, WEFT_MAP)) {
            assert_int_equal(weft_bin_read_map(&r, WEFT_STRING, WEFT_BOOL,
                                               sizeof(struct pair), &map,
                                               &fits),
                             0);
            assert_int_equal(weft_bin_read_str(&r, &map.items[0].key), 0);
            assert_int_equal(weft_bin_read_bool(&r, &map.items[0].value), 0);
            weft_read_leave(&r);
        } else {
            assert_int_equal(weft_bin_skip(&r, (uint8_t)field), 0);
        }
    }
    assert_int_equal(weft_reader_left(&r), 0);
    assert_int_equal(list.len, 3);
    assert_int_equal(list.items[2], 150);
    assert_int_equal(map.len, 1);
    assert_true(weft_str_eq(map.items[0].key, WEFT_STR("k")));
    assert_int_equal(r.depth, WEFT_DEPTH);
}

static void
extreme_values_come_back(void **state)
{
    (void)state;
    static const double reals[] = {0.0, -0.0, INFINITY, -INFINITY, 4.9e-324};
    weft_bin_write_i8(&w, INT8_MIN);
    weft_bin_write_i16(&w, INT16_MIN);
    weft_bin_write_i32(&w, INT32_MIN);
    weft_bin_write_i64(&w, INT64_MIN);
    weft_bin_write_i64(&w, 0x0123456789abcdef);
    for (int i = 0; i < 5; i++)
        weft_bin_write_double(&w, reals[i]);
    weft_bin_write_double(&w, NAN);
    assert_int_equal(weft_writer_fini(&w), 0);

    struct weft_reader r;
    weft_reader_init(&r, &out, &arena, 0);
    int8_t i8 = 0;
    int16_t i16 = 0;
    int32_t i32 = 0;
    int64_t i64 = 0;
    double real = 0;
    assert_int_equal(weft_bin_read_i8(&r, &i8), 0);
    assert_int_equal(weft_bin_read_i16(&r, &i16), 0);
    assert_int_equal(weft_bin_read_i32(&r, &i32), 0);
    assert_int_equal(weft_bin_read_i64(&r, &i64), 0);
    assert_true(i8 == INT8_MIN && i16 == INT16_MIN && i32 == INT32_MIN);
    assert_true(i64 == INT64_MIN);
    assert_int_equal(weft_bin_read_i64(&r, &i64), 0);
    assert_true(i64 == 0x0123456789abcdef);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(weft_bin_read_double(&r, &real), 0);
        assert_memory_equal(&real, &reals[i], sizeof real);
    }
    assert_int_equal(weft_bin_read_double(&r, &real), 0);
    assert_true(real != real);
}

static void
any_byte_but_zero_is_true(void **state)
{
    (void)state;
    struct weft_reader r = reader_of("00 01 02 ff");
    for (int i = 0; i < 4; i++) {
        bool v;
        assert_int_equal(weft_bin_read_bool(&r, &v), 0);
        assert_int_equal(v, i > 0);
    }
}

static void
a_value_that_is_cut_off_leaves_the_output(void **state)
{
    (void)state;
    struct weft_reader r = reader_of("01 02 03");
    int32_t i32 = 99;
    int64_t i64 = 99;
    double real = 99;
    struct weft_uuid id = {{99}};
    struct weft_str str = WEFT_STR("99");
    assert_int_equal(weft_bin_read_i32(&r, &i32), WEFT_ETRUNC);
    assert_int_equal(weft_bin_read_i64(&r, &i64), WEFT_ETRUNC);
    assert_int_equal(weft_bin_read_double(&r, &real), WEFT_ETRUNC);
    assert_int_equal(weft_bin_read_uuid(&r, &id), WEFT_ETRUNC);
    assert_int_equal(weft_bin_read_str(&r, &str), WEFT_ETRUNC);
    assert_true(i32 == 99 && i64 == 99 && real > 98 && id.bytes[0] == 99);
    assert_int_equal(str.len, 2);
    struct weft_reader none = reader_of("");
    int8_t i8 = 9;
    int16_t i16 = 9;
    bool flag = true;
    assert_int_equal(weft_bin_read_i8(&none, &i8), WEFT_ETRUNC);
    assert_int_equal(weft_bin_read_i16(&none, &i16), WEFT_ETRUNC);
    assert_int_equal(weft_bin_read_bool(&none, &flag), WEFT_ETRUNC);
    assert_true(i8 == 9 && i16 == 9 && flag);
}

static void
a_string_is_a_view_where_it_lies(void **state)
{
    (void)state;
    struct weft_reader r = reader_of("00 00 00 02 68 69 | 00 00 00 00");
    const uint8_t *bytes = r.at;
    struct weft_str s;
    assert_int_equal(weft_bin_read_str(&r, &s), 0);
    assert_ptr_equal(s.ptr, bytes + 4);
    assert_int_equal(s.len, 2);
    assert_int_equal(weft_bin_read_str(&r, &s), 0);
    assert_non_null(s.ptr);
    assert_int_equal(s.len, 0);
    assert_int_equal(arena.budget - arena.left, 0);
}

static void
sizes_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const char *const sizes[] = {"ff ff ff ff", "80 00 00 00",
                                        "7f ff ff ff", "00 00 00 05 61 62"};
    for (int i = 0; i < 4; i++) {
        struct weft_reader r = reader_of(sizes[i]);
        struct weft_str s;
        assert_int_equal(weft_bin_read_str(&r, &s), WEFT_ESIZE);
    }
}

static void
heads_of_messages_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        weft_err err;
    } rows[] = {
        {"", WEFT_ETRUNC},
        {"80 01 00", WEFT_ETRUNC},
        {"80 01 00 01", WEFT_ETRUNC},
        {"80 01 00 01 00 00 00 02 61", WEFT_ETRUNC},
        {"80 01 00 01 00 00 00 01 61 00 00 00", WEFT_ETRUNC},
        {"80 01 00 01 ff ff ff ff", WEFT_ESIZE},
        {"80 01 00 01 00 00 04 01", WEFT_ESIZE},
        {"80 01 00 01 7f ff ff ff", WEFT_ESIZE},
        {"00 00 00 03 61 64 64 01 00 00 00 07", WEFT_EVERSION},
        {"80 02 00 01 00 00 00 00 00 00 00 00", WEFT_EVERSION},
        {"82 21 07 03 61 64 64 15", WEFT_EVERSION},
        {"80 01 ff 04 00 00 00 00 ff ff ff ff", WEFT_OK},
        {"80 01 00 63 00 00 00 01 00 80 00 00 00", WEFT_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_reader r = reader_of(rows[i].hex);
        struct weft_message m = {.seqid = 42};
        weft_err err = weft_bin_read_message(&r, 0, &m);
        if (err != rows[i].err)
            fail_msg("%s: %s", rows[i].hex, weft_err_name(err));
        if (err)
            assert_int_equal(m.seqid, 42);
    }
    struct weft_reader r = reader_of(add_call);
    struct weft_message m;
    assert_int_equal(weft_bin_read_message(&r, 2, &m), WEFT_ESIZE);
    r = reader_of("80 01 00 63 00 00 00 01 00 80 00 00 00");
    assert_int_equal(weft_bin_read_message(&r, 1, &m), 0);
    assert_int_equal(m.type, 0x63);
    assert_true(m.seqid == INT32_MIN);
}

static void
negative_ids_are_ids(void **state)
{
    (void)state;
    struct weft_reader r = reader_of("0b ff ff 00 00 00 00 | 02 7f ff 01");
    uint32_t field;
    assert_int_equal(weft_bin_read_field(&r, &field), 0);
    assert_int_equal(field, WEFT_FIELD(-1, WEFT_STRING));
    assert_int_equal(weft_bin_skip(&r, WEFT_STRING), 0);
    assert_int_equal(weft_bin_read_field(&r, &field), 0);
    assert_int_equal(field, WEFT_FIELD(32767, WEFT_BOOL));
}

/* ---- containers ---- */

static void
elements_of_another_type_are_passed_over(void **state)
{
    (void)state;
    struct weft_reader r = reader_of("08 00 00 00 02 00 00 00 01 00 00 00 02 |"
                                     "0b 00 00 00 01 00 00 00 01 78 | 2a");
    struct weft_vec_i64 vec = {(int64_t[]){7}, 1, 0};
    bool fits = true;
    int8_t last;
    assert_int_equal(weft_bin_read_list(&r, WEFT_I64, 8, &vec, &fits), 0);
    assert_false(fits);
    assert_int_equal(weft_bin_read_list(&r, WEFT_I64, 8, &vec, &fits), 0);
    assert_false(fits);
    assert_int_equal(vec.len, 1);
    assert_int_equal(vec.items[0], 7);
    assert_int_equal(weft_bin_read_i8(&r, &last), 0);
    assert_int_equal(last, 42);
    assert_int_equal(r.depth, WEFT_DEPTH);
}

static void
an_empty_map_fits_whatever_its_types(void **state)
{
    (void)state;
    struct weft_reader r = reader_of("00 00 00 00 00 00 | 08 08 00 00 00 01"
                                     "00 00 00 01 00 00 00 02");
    struct weft_vec_i64 vec;
    bool fits = false;
    assert_int_equal(
        weft_bin_read_map(&r, WEFT_STRING, WEFT_I32, 24, &vec, &fits), 0);
    assert_true(fits);
    weft_read_leave(&r);
    assert_int_equal(vec.len, 0);
    assert_non_null(vec.items); /* present, although empty */
    assert_int_equal(
        weft_bin_read_map(&r, WEFT_STRING, WEFT_I32, 24, &vec, &fits), 0);
    assert_false(fits);
    assert_int_equal(weft_reader_left(&r), 0);
}

static void
items_are_zeroed_and_budgeted(void **state)
{
    (void)state;
    struct weft_reader r = reader_of("0c 00 00 00 03 00 00 00");
    struct big {
        uint8_t bytes[100];
    };
    struct {
        struct big *items;
        uint32_t len, cap;
    } vec;
    bool fits;
    assert_int_equal(
        weft_bin_read_list(&r, WEFT_STRUCT, sizeof(struct big), &vec, &fits),
        0);
    assert_int_equal(vec.len, 3);
    assert_int_equal(vec.cap, 3);
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(vec.items[i / 100].bytes[i % 100], 0);

    struct weft_arena small;
    weft_arena_init(&small, 299);
    r = reader_of("0c 00 00 00 03 00 00 00");
    r.arena = &small;
    assert_int_equal(
        weft_bin_read_list(&r, WEFT_STRUCT, sizeof(struct big), &vec, &fits),
        WEFT_EBUDGET);
    weft_arena_fini(&small);
    r = reader_of("0c 00 00 00 03 00 00 00");
    r.arena = NULL;
    assert_int_equal(
        weft_bin_read_list(&r, WEFT_STRUCT, sizeof(struct big), &vec, &fits),
        WEFT_EBUDGET);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_call_is_written_as_others_do),
        TEST(a_call_is_read_as_others_wrote_it),
        TEST(a_reply_has_field_zero),
        TEST(an_application_exception_goes_and_comes),
        TEST(strange_fields_of_an_exception_are_passed_over),
        TEST(a_mixed_struct_is_written_as_others_do),
        TEST(a_mixed_struct_is_read_as_others_wrote_it),
        TEST(extreme_values_come_back),
        TEST(any_byte_but_zero_is_true),
        TEST(a_value_that_is_cut_off_leaves_the_output),
        TEST(a_string_is_a_view_where_it_lies),
        TEST(sizes_that_cannot_be_are_refused),
        TEST(heads_of_messages_are_checked),
        TEST(negative_ids_are_ids),
        TEST(elements_of_another_type_are_passed_over),
        TEST(an_empty_map_fits_whatever_its_types),
        TEST(items_are_zeroed_and_budgeted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
