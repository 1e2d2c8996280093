/* SPDX-License-Identifier: MIT */
/*
 * Messages that are cut off or damaged: a reader returns an error, or a value
 * that can be written and read again without a change. The input is one run, or
 * a chain of small slices.
 */
#include "people.h"

#include <stdlib.h>

/* ---- reading any bytes ---- */

static weft_err
read_flat(const struct weft_struct *desc, struct weft_arena *arena,
          struct bytes bytes, void *record)
{
    /* The copy has exactly the size of the bytes, so that ASan reports a read
     * beyond them. */
    uint8_t *copy = malloc(bytes.len ? bytes.len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes.ptr, bytes.len);
    struct weft_reader r;
    weft_reader_init_flat(&r, copy, bytes.len, arena, 0);
    weft_err err = weft_struct_read(desc, WEFT_BINARY, &r, record);
    struct bytes out = {NULL, 0};
    if (!err)
        out = encode(arena, desc, record, WEFT_OK);
    free(copy);
    if (!err) {
        void *again = weft_arena_alloc(arena, desc->size);
        assert_int_equal(decode(arena, desc, out, again), WEFT_OK);
        struct bytes more = encode(arena, desc, again, WEFT_OK);
        assert_int_equal(out.len, more.len);
        assert_memory_equal(out.ptr, more.ptr, out.len);
    }
    return err;
}

/* The same bytes in slices of `step` bytes give the same error. */
static void
read_chain(const struct weft_struct *desc, struct weft_arena *arena,
           struct bytes bytes, size_t step, weft_err expected)
{
    struct weft_chain chain = {NULL, NULL, 0};
    for (size_t at = 0; at < bytes.len; at += step) {
        size_t left = bytes.len - at;
        assert_int_equal(weft_chain_append_ref(&chain, bytes.ptr + at,
                                               left < step ? left : step, NULL,
                                               NULL),
                         WEFT_OK);
    }
    struct weft_reader r;
    void *record = weft_arena_alloc(arena, desc->size);
    weft_reader_init(&r, &chain, arena, 0);
    assert_int_equal(weft_struct_read(desc, WEFT_BINARY, &r, record), expected);
    weft_chain_clear(&chain);
}

static void
attack(const struct weft_struct *desc, struct bytes bytes)
{
    struct weft_arena arena;
    weft_arena_init(&arena, (size_t)4 << 20);
    void *record = weft_arena_alloc(&arena, desc->size);
    assert_non_null(record);
    weft_err err = read_flat(desc, &arena, bytes, record);
    read_chain(desc, &arena, bytes, 7, err);
    weft_arena_fini(&arena);
}

static void
attack_all(const struct weft_struct *desc, const void *record)
{
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    struct bytes good = encode(&arena, desc, record, WEFT_OK);
    for (size_t len = 0; len < good.len; len++) {
        struct bytes cut = {good.ptr, len};
        void *to = weft_arena_alloc(&arena, desc->size);
        weft_err err = decode(&arena, desc, cut, to);
        assert_true(err == WEFT_ETRUNC || err == WEFT_ESIZE);
        attack(desc, cut);
    }
    for (size_t i = 0; i < good.len; i++) {
        static const uint8_t flips[] = {0x01, 0x02, 0x04, 0x0c,
                                        0x40, 0x80, 0xff};
        for (size_t f = 0; f < sizeof flips; f++) {
            good.ptr[i] ^= flips[f];
            attack(desc, good);
            good.ptr[i] ^= flips[f];
        }
    }
    weft_arena_fini(&arena);
}

/* ---- the values ---- */

static void
test_person(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct all_Person person;
    weft_arena_init(&arena, 0);
    fill_person(&arena, &person, 1);
    attack_all(&all_Person_desc, &person);
    weft_arena_fini(&arena);
}

static void
test_nested(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct all_Nested nested;
    weft_arena_init(&arena, 0);
    fill_nested(&arena, &nested);
    attack_all(&all_Nested_desc, &nested);
    weft_arena_fini(&arena);
}

static void
test_flat_structs(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct all_Optional optional;
    struct all_Required required;
    struct all_Defaults defaults;
    struct all_Words words;
    weft_arena_init(&arena, 0);
    fill_optional(&arena, &optional);
    fill_required(&arena, &required);
    all_Defaults_init(&defaults);
    all_Words_init(&words);
    attack_all(&all_Optional_desc, &optional);
    attack_all(&all_Required_desc, &required);
    attack_all(&all_Defaults_desc, &defaults);
    attack_all(&all_Words_desc, &words);
    weft_arena_fini(&arena);
}

static void
test_wide(void **state)
{
    (void)state;
    struct all_Wide wide;
    all_Wide_init(&wide);
    all_Wide_set_last(&wide, 1);
    attack_all(&all_Wide_desc, &wide);
}

/* A wrong count must not cost memory. */
static void
test_counts_are_not_believed(void **state)
{
    (void)state;
    static const uint8_t list[] = {15, 0, 4, 11, 0x7f, 0xff, 0xff, 0xff, 0};
    static const uint8_t map[] = {13, 0, 5, 11, 8, 0x7f, 0xff, 0xff, 0xff, 0};
    struct all_Person person;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    assert_int_equal(decode(&arena, &all_Person_desc,
                            (struct bytes){(uint8_t *)list, sizeof list},
                            &person),
                     WEFT_ESIZE);
    assert_int_equal(decode(&arena, &all_Person_desc,
                            (struct bytes){(uint8_t *)map, sizeof map},
                            &person),
                     WEFT_ESIZE);
    weft_arena_fini(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_person),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_flat_structs),
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_counts_are_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
