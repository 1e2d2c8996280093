/* SPDX-License-Identifier: MIT */
/*
 * Hostile input, read by descriptor: whatever its lengths, counts and depth
 * are, it costs at most 64 KiB and little processor time (cost.h), and needs
 * only a small stack.
 */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"
#include "unit/codec/cost.h"
#include "unit/codec/sample_desc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define MAX_BYTES 65536u

/* Read and skip the bytes. Returns NULL if both cost little and agree, else
 * what is wrong. */
static const char *
attack(enum weft_protocol proto, const uint8_t *bytes, size_t len,
       weft_err expected)
{
    struct weft_arena arena;
    struct weft_reader r;
    struct sample got;
    const char *broken = NULL;
    weft_arena_init(&arena, 0);
    uint64_t before = cpu_ns();
    weft_reader_init_flat(&r, bytes, len, &arena, 0);
    weft_err err = weft_struct_read(&sample_desc, proto, &r, &got);
    weft_reader_init_flat(&r, bytes, len, &arena, 0);
    weft_err skipped = wf_struct_skip(proto, &r);
    if (cpu_ns() - before > most_cpu_ns())
        broken = "time";
    if (arena.budget - arena.left > MAX_BYTES)
        broken = "memory";
    if (err != expected || skipped != expected)
        broken = "the error";
    weft_arena_fini(&arena);
    return broken;
}

static void
huge_lengths_take_nothing(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "78",       "88",          "08 c6 01", "a9 f5",       "ba f8", "bb",
        "09 20 f9", "09 c6 01 fc", "0b c6 01", "0a c6 01 fd", "a9 f1"};
    static const char *const lengths[] = {"ff ff ff ff 07", "ff ff ff ff 0f",
                                          "80 80 80 80 08", "80 80 04",
                                          "f0 ff ff ff 07"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
            char hex[128];
            uint8_t bytes[64];
            snprintf(hex, sizeof hex, "%s %s 8c 61 62 63 64 65 66 67 00",
                     heads[i], lengths[k]);
            size_t len = unhex(hex, bytes);
            const char *broken = attack(WEFT_COMPACT, bytes, len, WEFT_ESIZE);
            if (broken)
                fail_msg("%s: %s", hex, broken);
        }
}

static void
huge_counts_in_json_take_nothing(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "{\"10\":{\"lst\":[\"i32\",2147483647,1,2,3]}}",
        "{\"10\":{\"lst\":[\"i32\",4294967296,1,2,3]}}",
        "{\"10\":{\"lst\":[\"i32\",-1]}}",
        "{\"16\":{\"lst\":[\"lst\",100,[\"dbl\",0]]}}",
        "{\"12\":{\"map\":[\"str\",\"rec\",1000000,{\"a\":{}}]}}",
        "{\"99\":{\"map\":[\"rec\",\"uid\",2,{{}:{}}]}}",
        "{\"99\":{\"set\":[\"str\",99999999,\"a\"]}}",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const uint8_t *text = (const uint8_t *)rows[i];
        const char *broken =
            attack(WEFT_JSON, text, strlen(rows[i]), WEFT_ESIZE);
        if (broken)
            fail_msg("%s: %s", rows[i], broken);
    }
}

/* Strings and numbers take no more memory than their bytes. */
static void
long_strings_and_numbers_in_json(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "{\"7\":{\"str\":\"", "{\"8\":{\"str\":\"", "{\"99\":{\"str\":\""};
    enum { N = 60000 };
    uint8_t *text = malloc(N);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        memset(text, 'A', N);
        memcpy(text, heads[i], strlen(heads[i]));
        assert_null(attack(WEFT_JSON, text, N, WEFT_ETRUNC));
    }
    memset(text, '1', N);
    memcpy(text, "{\"5\":{\"i64\":", 12);
    assert_null(attack(WEFT_JSON, text, N, WEFT_ESIZE));
    memcpy(text, "{\"6\":{\"dbl\":", 12);
    assert_null(attack(WEFT_JSON, text, N, WEFT_ESIZE));
    memset(text, ' ', N);
    assert_null(attack(WEFT_JSON, text, N, WEFT_ETRUNC));
    free(text);
}

static void
check_budget(enum weft_protocol proto, const char *head, size_t n_head,
             const char *item)
{
    enum { N = 300000 };
    size_t n_item = strlen(item);
    uint8_t *bytes = malloc(n_head + N * (n_item + !n_item));
    memcpy(bytes, head, n_head);
    memset(bytes + n_head, 0, N);
    for (size_t i = 0; n_item && i < N; i++)
        memcpy(bytes + n_head + i * n_item, item, n_item);
    struct weft_arena arena;
    struct weft_reader r;
    struct sample got;
    weft_arena_init(&arena, 100000);
    weft_reader_init_flat(&r, bytes, n_head + N * (n_item + !n_item), &arena,
                          0);
    uint64_t before = cpu_ns();
    assert_int_equal(weft_struct_read(&sample_desc, proto, &r, &got),
                     WEFT_EBUDGET);
    assert_true(cpu_ns() - before < most_cpu_ns());
    weft_arena_fini(&arena);
    free(bytes);
}

static void
many_small_items_stop_at_the_budget(void **state)
{
    (void)state;
    /* places: 131,072 pairs of an empty string and an empty struct. */
    check_budget(WEFT_BINARY, "\x0d\x00\x0c\x0b\x0c\x00\x00\x80\x00", 9, "");
    check_budget(WEFT_COMPACT, "\xcb\x80\x80\x08\x8c", 5, "");
    const char *json = "{\"10\":{\"lst\":[\"i32\",131072";
    check_budget(WEFT_JSON, json, strlen(json), ",0");
}

/* Nest each kind of level a million times. Returns what is wrong, or NULL. */
static void *
attack_nested(void *arg)
{
    static const struct {
        enum weft_protocol proto;
        const char *level;
    } rows[] = {
        {WEFT_BINARY, "0c 00 0e"},
        {WEFT_BINARY, "0c 00 63"},
        {WEFT_COMPACT, "ec"},
        {WEFT_COMPACT, "0c 1c"},
        {WEFT_COMPACT, "0c c6 01"},
        {WEFT_COMPACT, "19 1c"},
        {WEFT_COMPACT, "1b 01 3c 01"},
        {WEFT_COMPACT, "19 19 1c"},
        {WEFT_JSON, "{\"14\":{\"rec\":"},
        {WEFT_JSON, "{\"99\":{\"rec\":"},
        {WEFT_JSON, "{\"99\":{\"lst\":[\"rec\",1,"},
        {WEFT_JSON, "{\"99\":{\"map\":[\"rec\",\"tf\",1,{"},
    };
    uint8_t *bytes = arg, level[32];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t len = 0, n = strlen(rows[i].level);
        memcpy(level, rows[i].level, n);
        if (rows[i].proto != WEFT_JSON)
            n = unhex(rows[i].level, level);
        for (; len + n <= 3000000; len += n)
            memcpy(bytes + len, level, n);
        const char *broken = attack(rows[i].proto, bytes, len, WEFT_EDEPTH);
        if (broken)
            return (void *)rows[i].level;
    }
    return NULL;
}

static void
a_million_levels_need_no_stack(void **state)
{
    (void)state;
    uint8_t *bytes = malloc(3000016);
    pthread_attr_t attr;
    pthread_t thread;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, WF_ASAN || WF_TSAN ? 1 << 20 : 32768);
    assert_int_equal(pthread_create(&thread, &attr, attack_nested, bytes), 0);
    void *failed;
    pthread_join(thread, &failed);
    if (failed)
        fail_msg("level %s", (const char *)failed);
    pthread_attr_destroy(&attr);
    free(bytes);
}

#define TEST(f) cmocka_unit_test_teardown(f, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(huge_lengths_take_nothing),
        TEST(huge_counts_in_json_take_nothing),
        TEST(long_strings_and_numbers_in_json),
        TEST(many_small_items_stop_at_the_budget),
        TEST(a_million_levels_need_no_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
