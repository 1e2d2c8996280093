/* SPDX-License-Identifier: MIT */
/* What the tests of the JSON protocol share. Include it after cmocka.h. */
#ifndef WEFT_TESTS_UNIT_CODEC_JSON_TEXT_H
#define WEFT_TESTS_UNIT_CODEC_JSON_TEXT_H

#include "codec/json/json.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"
#include "unit/codec/values.h"
#include "unit/codec/vectors.h"

static struct weft_arena arena;

static inline int
begin(void **state)
{
    (void)state;
    weft_arena_init(&arena, 0);
    return 0;
}

static inline int
end(void **state)
{
    weft_arena_fini(&arena);
    return balance_check(state);
}

/* Read a copy of the text of exactly its size, so that ASan reports a read of
 * one byte too many. Also skip it: what can be read can be skipped. */
static inline weft_err
read_text(const struct weft_struct *desc, const char *text, void *record)
{
    size_t len = strlen(text);
    char *copy = weft_arena_alloc(&arena, len);
    memcpy(copy, text, len);
    weft_err err =
        decode_as(desc, WEFT_JSON, (uint8_t *)copy, len, &arena, record);
    struct weft_reader r;
    weft_reader_init_flat(&r, copy, len, NULL, 0);
    weft_err skipped = wf_tjson_skip(&r, WEFT_STRUCT);
    if (!err)
        assert_int_equal(skipped, 0);
    return err;
}

static inline void
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

/* The value is written as this text, and the text is read as this value. */
static inline void
check_text(const struct weft_struct *desc, const void *record, const char *text)
{
    void *back = weft_arena_alloc(&arena, desc->size);
    check_written(desc, record, text);
    assert_int_equal(read_text(desc, text, back), 0);
    assert_true(weft_struct_equal(desc, record, back));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

#endif
