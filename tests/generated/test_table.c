/* SPDX-License-Identifier: MIT */
/*
 * Compares the code that reads and writes by table with the code that weftc
 * generates, in binary and in compact. Random values must give the same bytes.
 * Random and damaged bytes must give the same error or the same value, in one
 * run and in many short ones.
 */
#include "people.h"

#include "../unit/codec/values.h"
#include "codec/desc/table.h"

#include <stdlib.h>

static const struct weft_struct *const descs[] = {
    &all_Person_desc,
    &all_Nested_desc,
    &all_Optional_desc,
    &all_Required_desc,
    &all_Defaults_desc,
    &all_Wide_desc,
    &all_Empty_desc,
    &all_Void_desc,
    &all_Words_desc,
    &all_Shape_desc,
    &all_Tree_desc,
    &all_List_desc,
    &all_A_B_desc,
    &all_Oops_desc,
    &all_Keeper_desc,
    &all_KeepsAll_desc,
    &all_KeepingUnion_desc,
    &all_Many_desc,
    &all_Hello_greet_args_desc,
    &all_Hello_greet_result_desc,
    &all_Hello_find_result_desc,
    &all_Hello_all_result_desc,
    &all_Hello_moods_args_desc,
    &all_Hello_moods_result_desc,
    &all_Hello_shape_result_desc,
    &all_Hello_nothing_result_desc,
    &shared_Base_ping_result_desc,
};

#define N_DESCS (sizeof descs / sizeof *descs)

/* ---- the two codecs ---- */

enum codec { TABLE, LINE };

static weft_err
read_by(enum codec codec, const struct weft_struct *desc, bool is_compact,
        struct weft_reader *r, void *record)
{
    if (codec == TABLE)
        return wf_table_read(desc, is_compact, r, record);
    return (is_compact ? desc->read_compact : desc->read_binary)(r, record);
}

static struct bytes
write_by(enum codec codec, const struct weft_struct *desc, bool is_compact,
         struct weft_arena *arena, const void *record)
{
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    if (codec == TABLE)
        wf_table_write(desc, is_compact, &w, record);
    else
        (is_compact ? desc->write_compact : desc->write_binary)(&w, record);
    assert_int_equal(weft_writer_fini(&w), WEFT_OK);
    struct bytes bytes = {weft_arena_alloc(arena, chain.len), chain.len};
    assert_non_null(bytes.ptr);
    weft_chain_copy_out(&chain, 0, bytes.ptr, bytes.len);
    weft_chain_clear(&chain);
    return bytes;
}

/* The table and the code must write the same bytes. Returns these. */
static struct bytes
check_write(struct weft_arena *arena, const struct weft_struct *desc,
            bool is_compact, const void *record)
{
    struct bytes table = write_by(TABLE, desc, is_compact, arena, record);
    struct bytes line = write_by(LINE, desc, is_compact, arena, record);
    assert_int_equal(table.len, line.len);
    assert_memory_equal(table.ptr, line.ptr, line.len);
    return line;
}

/* ---- reading ---- */

/* The result of a reader. */
struct outcome {
    void *record;
    weft_err err;
    size_t left;
};

static struct outcome
read_flat(enum codec codec, const struct weft_struct *desc, bool is_compact,
          struct weft_arena *arena, struct bytes bytes)
{
    struct weft_reader r;
    struct outcome o = {weft_arena_alloc(arena, desc->size), WEFT_OK, 0};
    assert_non_null(o.record);
    memset(o.record, 0xee, desc->size);
    /* The copy has exactly the size of the bytes, so that ASan reports a read
     * beyond them. */
    uint8_t *copy = weft_arena_alloc(arena, bytes.len);
    assert_non_null(copy);
    memcpy(copy, bytes.ptr, bytes.len);
    weft_reader_init_flat(&r, copy, bytes.len, arena, 0);
    o.err = read_by(codec, desc, is_compact, &r, o.record);
    o.left = weft_reader_left(&r);
    if (!o.err)
        assert_int_equal(r.depth, WEFT_DEPTH);
    return o;
}

static struct outcome
read_pieces(enum codec codec, const struct weft_struct *desc, bool is_compact,
            struct weft_arena *arena, struct bytes bytes, size_t piece)
{
    struct weft_chain chain = {NULL, NULL, 0};
    for (size_t at = 0; at < bytes.len; at += piece) {
        size_t n = bytes.len - at < piece ? bytes.len - at : piece;
        assert_int_equal(
            weft_chain_append_ref(&chain, bytes.ptr + at, n, NULL, NULL),
            WEFT_OK);
    }
    struct weft_reader r;
    struct outcome o = {weft_arena_alloc(arena, desc->size), WEFT_OK, 0};
    assert_non_null(o.record);
    weft_reader_init(&r, &chain, arena, 0);
    o.err = read_by(codec, desc, is_compact, &r, o.record);
    o.left = weft_reader_left(&r);
    weft_chain_clear(&chain);
    return o;
}

static void
check_same(struct weft_arena *arena, const struct weft_struct *desc,
           struct outcome a, struct outcome b)
{
    assert_int_equal(a.err, b.err);
    if (a.err)
        return;
    assert_int_equal(a.left, b.left);
    assert_true(weft_struct_equal(desc, a.record, b.record));
    assert_true(weft_struct_hash(desc, a.record) ==
                weft_struct_hash(desc, b.record));
    const struct weft_result *result = a.record;
    if (desc->is_result && result->which == WEFT_RESULT_NONE)
        return; /* a success that was not set may be refused */
    for (int is_compact = 0; is_compact < 2; is_compact++) {
        struct bytes x = check_write(arena, desc, is_compact, a.record);
        struct bytes y = check_write(arena, desc, is_compact, b.record);
        assert_int_equal(x.len, y.len);
        assert_memory_equal(x.ptr, y.ptr, x.len);
    }
}

/* Read the bytes by table and by code, in one run and in pieces. Returns the
 * error, which is the same each time. */
static weft_err
check_bytes(struct dice *dice, const struct weft_struct *desc, bool is_compact,
            struct bytes bytes)
{
    struct weft_arena *arena = dice->arena;
    size_t piece = 1 + roll(dice, 9);
    struct outcome table = read_flat(TABLE, desc, is_compact, arena, bytes);
    struct outcome line = read_flat(LINE, desc, is_compact, arena, bytes);
    check_same(arena, desc, table, line);
    check_same(arena, desc, line,
               read_pieces(TABLE, desc, is_compact, arena, bytes, piece));
    check_same(arena, desc, line,
               read_pieces(LINE, desc, is_compact, arena, bytes, piece));
    return line.err;
}

/* ---- the tests ---- */

/* Truncate the bytes, and change more and more of them. */
static void
damage(struct dice *dice, const struct weft_struct *desc, bool is_compact,
       struct bytes bytes)
{
    for (int i = 0; i < 6 && bytes.len > 0; i++) {
        uint32_t at = roll(dice, (uint32_t)bytes.len);
        struct bytes part = {bytes.ptr, at};
        assert_int_not_equal(check_bytes(dice, desc, is_compact, part),
                             WEFT_OK);
        uint8_t old = bytes.ptr[at];
        bytes.ptr[at] ^= (uint8_t)(1u << roll(dice, 8));
        (void)check_bytes(dice, desc, is_compact, bytes);
        bytes.ptr[at] = old;
    }
    for (int i = 0; i < 10 && bytes.len > 0; i++) {
        uint8_t *at = &bytes.ptr[roll(dice, (uint32_t)bytes.len)];
        *at = (uint8_t)(roll(dice, 2) ? roll(dice, 17) : roll(dice, 256));
        (void)check_bytes(dice, desc, is_compact, bytes);
    }
}

static void
check_value(struct dice *dice, const struct weft_struct *desc, bool is_compact,
            const void *record)
{
    struct bytes bytes = check_write(dice->arena, desc, is_compact, record);
    assert_int_equal(check_bytes(dice, desc, is_compact, bytes), WEFT_OK);
    struct outcome back = read_flat(LINE, desc, is_compact, dice->arena, bytes);
    assert_int_equal(back.left, 0);
    assert_true(weft_struct_equal(desc, record, back.record));
    damage(dice, desc, is_compact, bytes);
}

static void
random_values(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct dice dice = {3, &arena};
    for (int i = 0; i < 8; i++)
        for (size_t k = 0; k < N_DESCS; k++) {
            weft_arena_init(&arena, (size_t)1 << 30);
            void *record = roll_room(&dice, descs[k]->size);
            roll_record(&dice, descs[k], record, 4);
            check_value(&dice, descs[k], false, record);
            check_value(&dice, descs[k], true, record);
            weft_arena_fini(&arena);
        }
}

/* Fields with any id and type; some have an id and a type of the struct. */
static void
random_bytes(void **state)
{
    (void)state;
    static const uint8_t wires[] = {2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15, 16};
    struct weft_arena arena;
    struct dice dice = {4, &arena};
    uint8_t raw[64];
    int read = 0;
    for (int i = 0; i < 10000; i++) {
        struct bytes bytes = {raw, roll(&dice, sizeof raw)};
        bool is_compact = i % 2;
        for (size_t at = 0; at < bytes.len; at++)
            raw[at] = (uint8_t)(roll(&dice, 3)   ? 0
                                : roll(&dice, 4) ? roll(&dice, 18)
                                                 : roll(&dice, 256));
        raw[0] = wires[roll(&dice, sizeof wires)];
        raw[1] = 0;
        if (is_compact)
            raw[0] = (uint8_t)(raw[0] | roll(&dice, 16) << 4);
        weft_arena_init(&arena, 0);
        read +=
            !check_bytes(&dice, descs[roll(&dice, N_DESCS)], is_compact, bytes);
        weft_arena_fini(&arena);
    }
    assert_true(read > 250); /* so some of the random bytes are valid */
}

/* Write by a table without one field, as if the IDL did not have this field. */
static weft_err
check_without(struct dice *dice, const struct weft_struct *desc,
              bool is_compact, uint32_t missing, const void *record)
{
    struct weft_struct part = *desc;
    struct weft_field *fields =
        roll_room(dice, desc->n_fields * sizeof *fields);
    part.n_fields = 0;
    for (uint32_t i = 0; i < desc->n_fields; i++)
        if (i != missing)
            memcpy(&fields[part.n_fields++], &desc->fields[i], sizeof *fields);
    part.fields = fields;
    struct bytes bytes =
        write_by(TABLE, &part, is_compact, dice->arena, record);
    return check_bytes(dice, desc, is_compact, bytes);
}

static void
any_field_may_be_missing(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct dice dice = {7, &arena};
    for (size_t k = 0; k < 2 * N_DESCS; k++) {
        const struct weft_struct *desc = descs[k / 2];
        weft_arena_init(&arena, (size_t)1 << 30);
        void *record = roll_room(&dice, desc->size);
        const struct weft_result *result = record;
        do { /* roll until it is a success: others need their member */
            roll_record(&dice, desc, record, 3);
        } while (desc->is_result && result->which != 0);
        if (desc->kind == WEFT_RECORD_UNION && !desc->is_result)
            memset(record, 0, desc->size);
        for (uint32_t i = 0; i < desc->n_fields; i++) {
            bool must = desc->kind != WEFT_RECORD_UNION &&
                        desc->fields[i].requiredness == WEFT_REQUIRED;
            assert_int_equal(check_without(&dice, desc, k % 2, i, record),
                             must ? WEFT_EREQUIRED : WEFT_OK);
        }
        weft_arena_fini(&arena);
    }
}

/* Structs have code, unless an annotation says that they use their tables. */
static void
who_has_code(void **state)
{
    (void)state;
    static const struct weft_struct *const tabled[] = {&all_Tabled_desc,
                                                       &all_TabledKeeper_desc};
    for (size_t k = 0; k < N_DESCS; k++) {
        assert_true(descs[k]->read_binary && descs[k]->read_compact);
        assert_true(descs[k]->write_binary && descs[k]->write_compact);
    }
    for (size_t k = 0; k < 2; k++) {
        assert_true(!tabled[k]->read_binary && !tabled[k]->read_compact);
        assert_true(!tabled[k]->write_binary && !tabled[k]->write_compact);
    }
}

/* X_read and X_write use the binary protocol, by code or by table. */
static void
typed_functions(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct dice dice = {5, &arena};
    for (int i = 0; i < 50; i++) {
        struct all_Tabled value, back;
        struct weft_chain chain = {NULL, NULL, 0};
        struct weft_writer w;
        struct weft_reader r;
        weft_arena_init(&arena, 0);
        roll_record(&dice, &all_Tabled_desc, &value, 4);
        weft_writer_init(&w, &chain);
        all_Tabled_write(&w, &value);
        assert_int_equal(weft_writer_fini(&w), WEFT_OK);
        struct bytes bytes =
            write_by(TABLE, &all_Tabled_desc, false, &arena, &value);
        assert_int_equal(chain.len, bytes.len);
        weft_reader_init(&r, &chain, &arena, 0);
        assert_int_equal(all_Tabled_read(&r, &back), WEFT_OK);
        assert_true(all_Tabled_equal(&value, &back));
        assert_true(all_Tabled_hash(&value) == all_Tabled_hash(&back));
        weft_chain_clear(&chain);
        weft_arena_fini(&arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_values),
        cmocka_unit_test(random_bytes),
        cmocka_unit_test(any_field_may_be_missing),
        cmocka_unit_test(who_has_code),
        cmocka_unit_test(typed_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
