/* SPDX-License-Identifier: MIT */
/* The compact protocol: known bytes are written and read, wrong ones are
 * refused. */
#include "codec/binary/compact.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"
#include "unit/codec/values.h"
#include "unit/codec/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* The value is written as these bytes, and they are read as this value. */
static void
check_bytes(const struct weft_struct *desc, enum weft_protocol proto,
            const void *record, const char *hex)
{
    uint8_t expected[256], back[512];
    size_t n = unhex(hex, expected), len;
    weft_err err;
    uint8_t *bytes = encode_as(desc, proto, record, &len, &err);
    assert_int_equal(err, 0);
    assert_int_equal(len, n);
    assert_memory_equal(bytes, expected, n);
    free(bytes);
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    assert_int_equal(decode_as(desc, proto, expected, n, &arena, back), 0);
    assert_true(weft_struct_equal(desc, record, back));
    weft_arena_fini(&arena);
}

static void
the_examples_of_the_format(void **state)
{
    (void)state;
    struct add add = {.a = 5, .b = -3};
    struct sum sum = {.which = 0, .success = 2};
    struct mixed mixed = mixed_value();
    check_bytes(&add_desc, WEFT_COMPACT, &add, "15 0a 15 05 00");
    check_bytes(&sum_desc, WEFT_COMPACT, &sum, "05 00 04 00");
    check_bytes(&mixed_desc, WEFT_COMPACT, &mixed,
                "11 12 18 02 68 69 09 28 35 02 01 ac 02 1b 01 81 01 6b 02 17"
                "00 00 00 00 00 00 f8 3f 1b 00 00");
    check_bytes(&add_desc, WEFT_BINARY, &add,
                "08 00 01 00 00 00 05 08 00 02 ff ff ff fd 00");
    check_bytes(&sum_desc, WEFT_BINARY, &sum, "08 00 00 00 00 00 02 00");
    check_bytes(&mixed_desc, WEFT_BINARY, &mixed,
                "02 00 01 01 02 00 02 00 0b 00 03 00 00 00 02 68 69"
                "0f 00 14 08 00 00 00 03 00 00 00 01 ff ff ff ff 00 00 00 96"
                "0d 00 15 0b 02 00 00 00 01 00 00 00 01 6b 00"
                "04 00 16 3f f8 00 00 00 00 00 00"
                "0d 00 17 08 08 00 00 00 00 00");
}

/* ---- heads of messages ---- */

static weft_err
read_message(const char *hex, uint32_t name_size, struct weft_message *m)
{
    static uint8_t bytes[64];
    struct weft_reader r;
    weft_reader_init_flat(&r, bytes, unhex(hex, bytes), NULL, 0);
    weft_err err = wf_compact_read_message(&r, name_size, m);
    if (!err)
        assert_int_equal(weft_reader_left(&r), 0);
    return err;
}

static void
check_message(int32_t type, int32_t seqid, const char *hex)
{
    uint8_t expected[64], got[64];
    size_t n = unhex(hex, expected);
    struct weft_chain chain = {0};
    struct weft_writer w;
    struct weft_message m;
    weft_writer_init(&w, &chain);
    wf_compact_write_message(&w, WEFT_STR("add"), type, seqid);
    assert_int_equal(weft_writer_fini(&w), 0);
    assert_int_equal(chain.len, n);
    weft_chain_copy_out(&chain, 0, got, n);
    assert_memory_equal(got, expected, n);
    weft_chain_clear(&chain);
    assert_int_equal(read_message(hex, 0, &m), 0);
    assert_true(weft_str_eq(m.name, WEFT_STR("add")));
    assert_int_equal(m.type, type);
    assert_int_equal(m.seqid, seqid);
}

static void
heads_of_messages(void **state)
{
    (void)state;
    check_message(WEFT_CALL, 7, "82 21 07 03 61 64 64");
    check_message(WEFT_REPLY, 7, "82 41 07 03 61 64 64");
    check_message(WEFT_ONEWAY, -1, "82 81 ff ff ff ff 0f 03 61 64 64");
    struct weft_message m;
    /* A negative sequence id that was extended to 64 bits. */
    assert_int_equal(
        read_message("82 21 ff ff ff ff ff ff ff ff ff 01 00", 0, &m), 0);
    assert_int_equal(m.seqid, -1);
    assert_int_equal(read_message("83 21 07 00", 0, &m), WEFT_EVERSION);
    assert_int_equal(read_message("82 22 07 00", 0, &m), WEFT_EVERSION);
    assert_int_equal(read_message("82 21 07 03 61 64 64", 2, &m), WEFT_ESIZE);
    assert_int_equal(read_message("82 21 07 ff ff ff ff 0f", 0, &m),
                     WEFT_ESIZE);
    assert_int_equal(read_message("82 21 07 03 61 64", 0, &m), WEFT_ETRUNC);
    assert_int_equal(read_message("82", 0, &m), WEFT_ETRUNC);
    assert_int_equal(
        read_message("82 21 ff ff ff ff ff ff ff ff ff 02 00", 0, &m),
        WEFT_EPROTOCOL);
}

/* ---- numbers ---- */

union number {
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
};

static int64_t
widen(uint8_t wire, const union number *n)
{
    return wire == WEFT_I8    ? n->i8
           : wire == WEFT_I16 ? n->i16
           : wire == WEFT_I32 ? n->i32
                              : n->i64;
}

/* Far from the end of the input eight bytes are examined at once, which must
 * give the same value. */
static void
check_far_from_the_end(uint8_t wire, const char *hex, weft_err err, int64_t v)
{
    uint8_t bytes[64] = {0};
    union number got;
    struct weft_reader r;
    size_t n = unhex(hex, bytes);
    if (err == WEFT_ETRUNC)
        return;
    weft_reader_init_flat(&r, bytes, n + 8, NULL, 0);
    assert_int_equal(wf_compact_read_base(&r, wire, &got), err);
    if (!err) {
        assert_int_equal(weft_reader_left(&r), 8);
        assert_true(widen(wire, &got) == v);
    }
}

static weft_err
read_number(uint8_t wire, const char *hex, int64_t *v)
{
    uint8_t bytes[32];
    union number got = {0};
    struct weft_reader r;
    weft_reader_init_flat(&r, bytes, unhex(hex, bytes), NULL, 0);
    weft_err err = wf_compact_read_base(&r, wire, &got);
    *v = widen(wire, &got);
    struct weft_reader s;
    weft_reader_init_flat(&s, bytes, unhex(hex, bytes), NULL, 0);
    assert_int_equal(wf_compact_skip(&s, wire), err);
    if (!err)
        assert_int_equal(weft_reader_left(&r), 0);
    check_far_from_the_end(wire, hex, err, *v);
    return err;
}

static void
check_number(uint8_t wire, int64_t v, const char *hex)
{
    uint8_t expected[32], got[32];
    size_t n = unhex(hex, expected);
    int64_t back;
    int32_t i32 = (int32_t)v;
    int16_t i16 = (int16_t)v;
    int8_t i8 = (int8_t)v;
    struct weft_chain chain = {0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    wf_compact_write_base(&w, wire,
                          wire == WEFT_I8    ? (void *)&i8
                          : wire == WEFT_I16 ? (void *)&i16
                          : wire == WEFT_I32 ? (void *)&i32
                                             : (void *)&v);
    assert_int_equal(weft_writer_fini(&w), 0);
    assert_int_equal(chain.len, n);
    weft_chain_copy_out(&chain, 0, got, n);
    assert_memory_equal(got, expected, n);
    weft_chain_clear(&chain);
    assert_int_equal(read_number(wire, hex, &back), 0);
    assert_true(back == v);
}

static void
numbers_at_their_ends(void **state)
{
    (void)state;
    check_number(WEFT_I8, -128, "80");
    check_number(WEFT_I16, 0, "00");
    check_number(WEFT_I16, -1, "01");
    check_number(WEFT_I16, 1, "02");
    check_number(WEFT_I16, INT16_MAX, "fe ff 03");
    check_number(WEFT_I16, INT16_MIN, "ff ff 03");
    check_number(WEFT_I32, 63, "7e");
    check_number(WEFT_I32, 64, "80 01");
    check_number(WEFT_I32, INT32_MAX, "fe ff ff ff 0f");
    check_number(WEFT_I32, INT32_MIN, "ff ff ff ff 0f");
    check_number(WEFT_I64, INT64_MAX, "fe ff ff ff ff ff ff ff ff 01");
    check_number(WEFT_I64, INT64_MIN, "ff ff ff ff ff ff ff ff ff 01");
}

static void
numbers_longer_than_their_type(void **state)
{
    (void)state;
    static const struct {
        uint8_t wire;
        const char *hex;
        weft_err err;
    } rows[] = {
        {WEFT_I16, "80 80 04", WEFT_EPROTOCOL},
        {WEFT_I16, "ff ff ff ff 0f", WEFT_EPROTOCOL},
        {WEFT_I32, "80 80 80 80 10", WEFT_EPROTOCOL},
        {WEFT_I32, "80 80 80 80 80 00", WEFT_EPROTOCOL},
        {WEFT_I64, "80 80 80 80 80 80 80 80 80 02", WEFT_EPROTOCOL},
        {WEFT_I64, "80 80 80 80 80 80 80 80 80 80 00", WEFT_EPROTOCOL},
        {WEFT_I32, "80 80 80 80", WEFT_ETRUNC},
        {WEFT_I64, "ff ff ff ff ff ff ff ff ff", WEFT_ETRUNC},
        {WEFT_I32, "", WEFT_ETRUNC},
        /* longer than needed, but it fits */
        {WEFT_I32, "80 80 80 80 00", WEFT_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t v;
        assert_int_equal(read_number(rows[i].wire, rows[i].hex, &v),
                         rows[i].err);
    }
}

/* ---- fields ---- */

static void
check_field(int16_t last, int16_t id, uint8_t wire, bool value, const char *hex)
{
    uint8_t expected[8], got[8];
    size_t n = unhex(hex, expected);
    struct wf_field_head head;
    int16_t at = last;
    struct weft_chain chain = {0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    if (wire == WEFT_BOOL)
        weft_compact_write_bool_field(&w, &at, id, value);
    else
        weft_compact_write_field(&w, &at, wire, id);
    assert_int_equal(weft_writer_fini(&w), 0);
    assert_int_equal(at, id);
    assert_int_equal(chain.len, n);
    weft_chain_copy_out(&chain, 0, got, n);
    assert_memory_equal(got, expected, n);
    weft_chain_clear(&chain);
    struct weft_reader r;
    weft_reader_init_flat(&r, expected, n, NULL, 0);
    uint32_t field = WEFT_FIELD(last, 1);
    assert_int_equal(wf_compact_read_field(&r, &field, &head), 0);
    assert_int_equal((int16_t)(field >> 8), id);
    assert_int_equal(head.id, id);
    assert_int_equal(head.wire, wire);
    if (wire == WEFT_BOOL)
        assert_int_equal(head.value, value);
}

static weft_err
read_field(const char *hex, int16_t last)
{
    uint8_t bytes[8];
    struct wf_field_head head;
    struct weft_reader r;
    weft_reader_init_flat(&r, bytes, unhex(hex, bytes), NULL, 0);
    uint32_t field = WEFT_FIELD(last, 1);
    return wf_compact_read_field(&r, &field, &head);
}

static void
heads_of_fields(void **state)
{
    (void)state;
    check_field(0, 1, WEFT_BOOL, true, "11");
    check_field(1, 2, WEFT_BOOL, false, "12");
    check_field(0, 15, WEFT_I8, false, "f3");
    check_field(0, 16, WEFT_I8, false, "03 20");
    check_field(5, 5, WEFT_I16, false, "04 0a");
    check_field(5, 4, WEFT_I32, false, "05 08");
    check_field(0, 0, WEFT_I64, false, "06 00");
    check_field(0, -1, WEFT_DOUBLE, false, "07 01");
    check_field(-1, 1, WEFT_STRING, false, "28");
    check_field(0, INT16_MAX, WEFT_LIST, false, "09 fe ff 03");
    check_field(0, INT16_MIN, WEFT_SET, false, "0a ff ff 03");
    check_field(32766, INT16_MAX, WEFT_MAP, false, "1b");
    check_field(2, 3, WEFT_STRUCT, false, "1c");
    check_field(2, 3, WEFT_UUID, false, "1d");
    assert_int_equal(read_field("1e", 0), WEFT_EWIRETYPE);
    assert_int_equal(read_field("1f", 0), WEFT_EWIRETYPE);
    assert_int_equal(read_field("10", 0), WEFT_EWIRETYPE);
    assert_int_equal(read_field("2b", 32766), WEFT_EPROTOCOL);
    assert_int_equal(read_field("05 80 80 04", 0), WEFT_EPROTOCOL);
    assert_int_equal(read_field("05", 0), WEFT_ETRUNC);
}

/* ---- containers ---- */

static weft_err
read_mixed(const char *hex, struct mixed *m, struct weft_arena *arena)
{
    static uint8_t bytes[512];
    return decode_as(&mixed_desc, WEFT_COMPACT, bytes, unhex(hex, bytes), arena,
                     m);
}

static void
bools_of_containers(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct mixed m;
    weft_arena_init(&arena, 0);
    /* The type of a bool may be 1 or 2 here. Of its values only 1 is true. */
    static const char *const hex[] = {
        "0b 2a 04 81 01 61 01 01 62 02 01 63 00 01 64 03 00",
        "0b 2a 04 82 01 61 01 01 62 02 01 63 00 01 64 03 00"};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(read_mixed(hex[i], &m, &arena), 0);
        assert_int_equal(m.flags.len, 4);
        assert_true(m.flags.items[0].value);
        for (int k = 1; k < 4; k++)
            assert_false(m.flags.items[k].value);
    }
    weft_arena_fini(&arena);
}

static void
counts_of_fourteen_and_fifteen(void **state)
{
    (void)state;
    int32_t zeros[15] = {0};
    struct mixed m = {.numbers = {zeros, 14, 0}};
    check_bytes(&mixed_desc, WEFT_COMPACT, &m,
                "38 00 09 28 e5 0000000000000000000000000000 1b 00 2b 00 00");
    m.numbers.len = 15;
    check_bytes(&mixed_desc, WEFT_COMPACT, &m,
                "38 00 09 28 f5 0f 000000000000000000000000000000"
                "1b 00 2b 00 00");
}

static void
containers_of_other_types_are_absent(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct mixed m;
    weft_arena_init(&arena, 0);
    /* A list of strings where the IDL has a list of i32 is skipped; the text
     * after it is read. */
    assert_int_equal(
        read_mixed("09 28 28 01 61 01 62 08 06 01 63 00", &m, &arena), 0);
    assert_int_equal(m.numbers.len, 0);
    assert_false(m.has[0] & HAS(3));
    assert_true(weft_str_eq(m.text, WEFT_STR("c")));
    assert_int_equal(read_mixed("09 28 1e 00 00", &m, &arena), WEFT_EWIRETYPE);
    weft_arena_fini(&arena);
}

#define TEST(f) cmocka_unit_test_teardown(f, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_examples_of_the_format),
        TEST(heads_of_messages),
        TEST(numbers_at_their_ends),
        TEST(numbers_longer_than_their_type),
        TEST(heads_of_fields),
        TEST(bools_of_containers),
        TEST(counts_of_fourteen_and_fifteen),
        TEST(containers_of_other_types_are_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
