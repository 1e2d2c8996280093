/* SPDX-License-Identifier: MIT */
/*
 * Unknown fields that are kept. If a value is read into a struct without any
 * known field and written again, it is unchanged, in the same and in the other
 * protocol, by table and by code. Kept fields also count in copies,
 * comparisons, hashes and prints.
 */
#include "people.h"

#include "../unit/codec/values.h"

#include <stdlib.h>

static const enum weft_protocol protos[] = {WEFT_BINARY, WEFT_COMPACT};

static struct bytes
bytes_of(struct weft_arena *arena, const struct weft_struct *desc,
         enum weft_protocol proto, const void *record)
{
    weft_err err;
    struct bytes bytes;
    uint8_t *copy = encode_as(desc, proto, record, &bytes.len, &err);
    assert_int_equal(err, WEFT_OK);
    bytes.ptr = weft_arena_alloc(arena, bytes.len);
    assert_non_null(bytes.ptr);
    memcpy(bytes.ptr, copy, bytes.len);
    free(copy);
    return bytes;
}

static void *
value_of(struct weft_arena *arena, const struct weft_struct *desc,
         enum weft_protocol proto, struct bytes bytes)
{
    void *record = weft_arena_alloc(arena, desc->size);
    assert_non_null(record);
    assert_int_equal(
        decode_as(desc, proto, bytes.ptr, bytes.len, arena, record), WEFT_OK);
    return record;
}

/* ---- every type as an unknown field ---- */

/* Read the record in protocol `in` as the struct `through`, write this in
 * protocol `out`, and read the record again. The record must be unchanged. */
static void
check_through(struct weft_arena *arena, const struct weft_struct *desc,
              const void *record, const struct weft_struct *through,
              enum weft_protocol in, enum weft_protocol out)
{
    struct bytes bytes = bytes_of(arena, desc, in, record);
    const void *kept = value_of(arena, through, in, bytes);
    void *copy = weft_arena_alloc(arena, through->size);
    assert_int_equal(weft_struct_copy(through, arena, copy, kept), WEFT_OK);
    assert_true(weft_struct_equal(through, copy, kept));
    assert_true(weft_struct_hash(through, copy) ==
                weft_struct_hash(through, kept));
    memset(bytes.ptr, 0xee, bytes.len); /* kept fields must be copies */
    bytes = bytes_of(arena, through, out, copy);
    assert_true(
        weft_struct_equal(desc, record, value_of(arena, desc, out, bytes)));
}

static void
values_come_through(void **state)
{
    (void)state;
    static const struct weft_struct *const descs[] = {
        &all_Person_desc,   &all_Nested_desc, &all_Optional_desc,
        &all_Required_desc, &all_Wide_desc,   &all_Words_desc,
        &all_Tabled_desc,   &all_Tree_desc};
    struct weft_arena arena;
    struct dice dice = {6, &arena};
    for (size_t i = 0; i < 60 * sizeof descs / sizeof *descs; i++) {
        const struct weft_struct *desc =
            descs[i % (sizeof descs / sizeof *descs)];
        weft_arena_init(&arena, (size_t)1 << 30);
        void *record = roll_room(&dice, desc->size);
        roll_record(&dice, desc, record, 4);
        for (size_t k = 0; k < 4; k++)
            check_through(&arena, desc, record, &all_KeepsAll_desc,
                          protos[k & 1], protos[k >> 1]);
        weft_arena_fini(&arena);
    }
}

/* Keeper knows the fields 1 and 5, and TabledKeeper knows the field 3. */
static void
known_ones_are_not_kept(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct all_Optional o;
    weft_arena_init(&arena, 0);
    fill_optional(&arena, &o);
    for (size_t k = 0; k < 2; k++) {
        struct bytes bytes =
            bytes_of(&arena, &all_Optional_desc, protos[k], &o);
        /* Field 1 is a bool in Optional and an i32 in Keeper; the types of
         * field 5 differ, too. Both are kept as unknown fields. */
        const struct all_Keeper *keeper =
            value_of(&arena, &all_Keeper_desc, protos[k], bytes);
        assert_int_equal(keeper->unknown.len, 15);
        assert_false(keeper->has.known);
        const struct weft_unknown *first = &keeper->unknown.items[0];
        assert_int_equal(first->id, 1);
        assert_int_equal(first->wire, WEFT_BOOL);
        assert_int_equal(first->bytes.len, 1);
        assert_int_equal(first->bytes.ptr[0], 1);
    }
    struct all_Hello_greet_args args = {.name = WEFT_STR("x"), .times = 7};
    for (size_t k = 0; k < 2; k++) {
        struct bytes bytes =
            bytes_of(&arena, &all_Hello_greet_args_desc, protos[k], &args);
        const struct all_KeepingUnion *u =
            value_of(&arena, &all_KeepingUnion_desc, protos[k], bytes);
        assert_int_equal(u->which, 0);
        assert_int_equal(u->unknown.len, 2);
        assert_int_equal(u->unknown.items[1].wire, WEFT_I32);
        assert_memory_equal(u->unknown.items[1].bytes.ptr, "\0\0\0\7", 4);
    }
    weft_arena_fini(&arena);
}

/* ---- unknown fields are part of the value ---- */

static struct weft_unknown
kept(int16_t id, uint8_t wire, struct weft_str bytes)
{
    return (struct weft_unknown){bytes, id, wire};
}

static void
they_are_part_of_the_value(void **state)
{
    (void)state;
    struct weft_unknown x = kept(9, WEFT_I16, WEFT_STR("\0\1"));
    struct weft_unknown y = kept(9, WEFT_I16, WEFT_STR("\0\2"));
    struct all_Keeper a = {.known = 1, .unknown = {&x, 1, 0}}, b = a;
    assert_true(all_Keeper_equal(&a, &b));
    b.unknown.items = &y;
    assert_false(all_Keeper_equal(&a, &b));
    assert_true(all_Keeper_hash(&a) != all_Keeper_hash(&b));
    b.unknown.len = 0;
    assert_false(all_Keeper_equal(&a, &b));
    char text[64] = {0};
    FILE *out = fmemopen(text, sizeof text, "w");
    assert_non_null(out);
    all_Keeper_print(out, &a);
    fclose(out);
    assert_string_equal(text, "Keeper{known: 1, 9: 0x0001}");
}

static weft_err
write_kept(enum weft_protocol proto, struct weft_unknown x)
{
    struct all_Keeper a = {.unknown = {&x, 1, 0}};
    size_t len;
    weft_err err;
    free(encode_as(&all_Keeper_desc, proto, &a, &len, &err));
    return err;
}

/* A user may add an unknown field whose bytes are not a value, or more than
 * one. To write it fails. */
static void
bytes_that_are_no_value(void **state)
{
    (void)state;
    static const struct {
        uint8_t wire;
        struct weft_str bytes;
        weft_err err;
    } rows[] = {
        {WEFT_I32, {"\0\0\0\1", 4}, WEFT_OK},
        {WEFT_I32, {"\0\0\1", 3}, WEFT_EVALUE},
        {WEFT_I32, {"\0\0\0\1\0", 5}, WEFT_EVALUE},
        {WEFT_I32, {NULL, 4}, WEFT_EVALUE},
        {WEFT_BOOL, {"\1", 1}, WEFT_OK},
        {WEFT_BOOL, {"\1\1", 2}, WEFT_EVALUE},
        {WEFT_BOOL, {NULL, 0}, WEFT_EVALUE},
        {1, {"\0", 1}, WEFT_EVALUE},
        {99, {"\0", 1}, WEFT_EVALUE},
        {0, {"\0", 1}, WEFT_EVALUE},
        {WEFT_STRING, {"\0\0\0\2ab", 6}, WEFT_OK},
        {WEFT_STRING, {"\0\0\0\5ab", 6}, WEFT_EVALUE},
        {WEFT_STRING, {"\0\0\0\1ab", 6}, WEFT_EVALUE},
        {WEFT_LIST, {"\x08\xff\xff\xff\xff", 5}, WEFT_EVALUE},
        {WEFT_LIST, {"\x08\x7f\xff\xff\xff", 5}, WEFT_EVALUE},
        {WEFT_LIST, {"\0\0\0\0\0", 5}, WEFT_OK},
        {WEFT_LIST, {"\x08\0\0\0\0\1", 6}, WEFT_EVALUE},
        {WEFT_MAP, {"\0\0\0\0\0\0", 6}, WEFT_OK},
        {WEFT_STRUCT, {"\0", 1}, WEFT_OK},
        {WEFT_STRUCT, {"\0\0", 2}, WEFT_EVALUE},
        {WEFT_STRUCT, {"\x08\0\1\0\0\0\1", 7}, WEFT_EVALUE},
        {WEFT_STRUCT, {"\x63\0\1\0", 4}, WEFT_EVALUE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t k = 0; k < 2; k++)
            assert_int_equal(
                write_kept(protos[k], kept(2, rows[i].wire, rows[i].bytes)),
                rows[i].err);
}

static void
fields_without_memory(void **state)
{
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct all_Keeper a = {.unknown = {NULL, 1, 0}};
        size_t len;
        weft_err err;
        free(encode_as(&all_Keeper_desc, protos[k], &a, &len, &err));
        assert_int_equal(err, WEFT_EVALUE);
    }
}

/* Write an unknown list at a depth at which `levels` more are allowed. */
static weft_err
write_list_at(enum weft_protocol proto, uint32_t levels)
{
    struct weft_unknown list = kept(1, WEFT_LIST, WEFT_STR("\x03\0\0\0\1a"));
    struct weft_vec_unknown vec = {&list, 1, 0};
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    int16_t last = 0;
    weft_writer_init(&w, &chain);
    w.depth = levels;
    if (proto == WEFT_BINARY)
        weft_bin_write_unknown(&w, &vec);
    else
        weft_compact_write_unknown(&w, &last, &vec);
    weft_err err = weft_writer_fini(&w);
    weft_chain_clear(&chain);
    return err;
}

/* A reader would refuse a value that is nested deeper. */
static void
a_value_that_is_too_deep(void **state)
{
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        assert_int_equal(write_list_at(protos[k], 1), WEFT_OK);
        assert_int_equal(write_list_at(protos[k], 0), WEFT_EDEPTH);
    }
}

/* ---- bounds ---- */

/* A field of one byte takes more than one byte of memory, but all together take
 * no more than the budget. */
static void
budget_is_kept(void **state)
{
    (void)state;
    static uint8_t raw[100001];
    memset(raw, 0x11, sizeof raw - 1); /* in compact: a bool whose id is one
                                        * more than the last */
    for (size_t budget = 1000; budget < 20000000; budget *= 4) {
        struct weft_arena arena;
        struct all_KeepsAll all;
        weft_arena_init(&arena, budget);
        /* After 32,767 fields there is no higher id. */
        weft_err err = decode_as(&all_KeepsAll_desc, WEFT_COMPACT, raw,
                                 sizeof raw, &arena, &all);
        assert_int_equal(err, budget < 3000000 ? WEFT_EBUDGET : WEFT_EPROTOCOL);
        weft_arena_fini(&arena);
    }
}

/* A list of numbers becomes eight times as long when it is converted from
 * compact to binary. */
static void
budget_bounds_what_is_moved(void **state)
{
    (void)state;
    static uint8_t raw[100006] = {0x19, 0xf6, 0xa0, 0x8d, 0x06};
    struct weft_arena arena;
    struct all_KeepsAll all;
    weft_arena_init(&arena, 700000);
    assert_int_equal(decode_as(&all_KeepsAll_desc, WEFT_COMPACT, raw,
                               sizeof raw, &arena, &all),
                     WEFT_EBUDGET);
    weft_arena_fini(&arena);
    weft_arena_init(&arena, 900000);
    assert_int_equal(decode_as(&all_KeepsAll_desc, WEFT_COMPACT, raw,
                               sizeof raw, &arena, &all),
                     WEFT_OK);
    assert_int_equal(all.unknown.items[0].bytes.len, 800005);
    weft_arena_fini(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_through),
        cmocka_unit_test(known_ones_are_not_kept),
        cmocka_unit_test(they_are_part_of_the_value),
        cmocka_unit_test(bytes_that_are_no_value),
        cmocka_unit_test(fields_without_memory),
        cmocka_unit_test(a_value_that_is_too_deep),
        cmocka_unit_test(budget_is_kept),
        cmocka_unit_test(budget_bounds_what_is_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
