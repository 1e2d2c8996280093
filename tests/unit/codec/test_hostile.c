/* SPDX-License-Identifier: MIT */
/*
 * Hostile input: whatever its lengths, counts and depth are, it costs at most
 * 64 KiB and little processor time (cost.h), and needs only a small stack.
 */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"
#include "unit/codec/cost.h"
#include "unit/codec/sample_desc.h"
#include "unit/codec/sample_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define MAX_BYTES 65536u

/* Which promise was broken, if any; checked after each test. */
static const char *broken;

/* Read and skip bytes as a sample; both must be cheap and agree. */
static weft_err
attack(const uint8_t *bytes, size_t len)
{
    struct weft_arena arena;
    struct weft_reader r;
    struct sample got;
    weft_arena_init(&arena, 0);
    uint64_t before = cpu_ns();
    weft_reader_init_flat(&r, bytes, len, &arena, 0);
    weft_err err = sample_read(&r, &got);
    weft_reader_init_flat(&r, bytes, len, &arena, 0);
    weft_err skipped = weft_bin_skip(&r, WEFT_STRUCT);
    if (cpu_ns() - before > most_cpu_ns())
        broken = "time";
    if (arena.budget - arena.left > MAX_BYTES)
        broken = "memory";
    if (err != WEFT_EREQUIRED && !err != !skipped)
        broken = "reading and passing over differ";
    weft_arena_fini(&arena);
    return err;
}

static int
end(void **state)
{
    if (broken)
        print_message("broken: %s\n", broken);
    return broken ? -1 : balance_check(state);
}

static weft_err
attack_hex(const char *hex)
{
    uint8_t bytes[512];
    return attack(bytes, unhex(hex, bytes));
}

static void
huge_lengths_take_nothing(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "0b 00 07",       "0b 00 08",       "0b 00 63",    "0f 00 0a 08",
        "0e 00 0b 0b",    "0d 00 0c 0b 0c", "0f 00 10 0f", "0f 00 63 0c",
        "0d 00 63 02 02", "0e 00 63 10",    "0f 00 0a 02", "0d 00 0c 08 08",
    };
    static const char *const lengths[] = {"7f ff ff ff", "ff ff ff ff",
                                          "80 00 00 00", "00 ff ff ff",
                                          "7f ff ff f0"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
            char hex[128];
            snprintf(hex, sizeof hex, "%s %s 61 62 63 64 65 66 67 68 00",
                     heads[i], lengths[k]);
            assert_int_equal(attack_hex(hex), WEFT_ESIZE);
        }
}

/* An item takes one byte on the wire and a hundred in memory. */
static void
many_small_items_stop_at_the_budget(void **state)
{
    (void)state;
    enum { N = 1000000 };
    static uint8_t bytes[N + 16];
    size_t len = unhex("0d 00 0c 0b 0c 00 02 00 00", bytes);
    len += N;
    struct weft_arena arena;
    struct weft_reader r;
    struct sample got;
    weft_arena_init(&arena, 100000);
    weft_reader_init_flat(&r, bytes, len, &arena, 0);
    uint64_t before = cpu_ns();
    assert_int_equal(sample_read(&r, &got), WEFT_EBUDGET);
    assert_true(cpu_ns() - before < most_cpu_ns());
    weft_arena_fini(&arena);
}

/* Repeat the bytes of one level about a million times. */
static void
nest(const char *hex, uint8_t *bytes, size_t *len)
{
    uint8_t level[16];
    size_t n = unhex(hex, level);
    for (*len = 0; *len + n <= 8000000; *len += n)
        memcpy(bytes + *len, level, n);
}

/* Returns NULL if each input was refused because of its depth. */
static void *
attack_nested(void *arg)
{
    uint8_t *bytes = arg;
    static const char *const levels[] = {
        "0c 00 0e", /* Sample.next in itself */
        "0c 00 63", /* unknown structs */
        "0f 00 63 0f 00 00 00 01 0c 00 00 00 01",
        "0d 00 63 08 0c 00 00 00 01 00 00 00 01",
    };
    size_t len;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        nest(levels[i], bytes, &len);
        if (attack(bytes, len) != WEFT_EDEPTH)
            return arg;
    }
    /* Lists of lists in one field. */
    nest("0f 00 00 00 01", bytes + 3, &len);
    memcpy(bytes, "\x0f\x00\x63", 3);
    return attack(bytes, len + 3) == WEFT_EDEPTH ? NULL : arg;
}

/* Runs on a stack as small as the system allows. */
static void
a_million_levels_need_no_stack(void **state)
{
    (void)state;
    uint8_t *bytes = malloc(8000016);
    pthread_attr_t attr;
    pthread_t thread;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, WF_ASAN || WF_TSAN ? 1 << 20 : 32768);
    assert_int_equal(pthread_create(&thread, &attr, attack_nested, bytes), 0);
    void *failed;
    pthread_join(thread, &failed);
    assert_null(failed);
    pthread_attr_destroy(&attr);
    free(bytes);
}

static void
known_fields_of_other_types_are_passed_over(void **state)
{
    (void)state;
    static const struct {
        const char *wire, *value;
    } values[] = {
        {"02", "01"},
        {"03", "01"},
        {"06", "00 01"},
        {"08", "00 00 00 01"},
        {"0a", "00 00 00 00 00 00 00 01"},
        {"04", "00 00 00 00 00 00 00 01"},
        {"0b", "00 00 00 01 61"},
        {"0c", "00"},
        {"0d", "08 08 00 00 00 00"},
        {"0e", "08 00 00 00 00"},
        {"0f", "08 00 00 00 00"},
        {"10", "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
        {"0f", "0c 00 00 00 02 00 00"},
        {"0e", "02 00 00 00 02 01 01"},
        {"0d", "0b 0b 00 00 00 01 00 00 00 01 61 00 00 00 00"},
    };
    static const char *const ids[] = {
        "ff ff", "00 00", "00 01", "00 02", "00 03", "00 04", "00 05",
        "00 06", "00 07", "00 08", "00 09", "00 0a", "00 0b", "00 0c",
        "00 0d", "00 0e", "00 0f", "00 10", "00 11", "7f ff", "80 00"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        for (size_t k = 0; k < sizeof ids / sizeof *ids; k++) {
            char hex[256];
            /* The required `must` follows, so that only this field can be
             * wrong. */
            snprintf(hex, sizeof hex, "%s %s %s 08 00 11 00 00 00 01 00",
                     values[i].wire, ids[k], values[i].value);
            weft_err err = attack_hex(hex);
            /* Point and Sample have required fields of their own. */
            if (err && err != WEFT_EREQUIRED)
                fail_msg("%s: %s", hex, weft_err_name(err));
        }
}

static void
duplicate_fields_cost_what_they_are(void **state)
{
    (void)state;
    /* The field `numbers` comes 1,000 times; each replaces the one before. */
    static uint8_t bytes[20000];
    size_t len = 0;
    for (int i = 0; i < 1000; i++)
        len += unhex("0f 00 0a 08 00 00 00 01 00 00 00 01", bytes + len);
    len += unhex("08 00 11 00 00 00 01 00", bytes + len);
    assert_int_equal(attack(bytes, len), 0);
}

static void
text_is_passed_through_by_length(void **state)
{
    (void)state;
    uint8_t bytes[64];
    struct weft_reader r;
    struct sample got;
    size_t len = unhex("0b 00 07 00 00 00 06 ff fe 00 c0 80 61 |"
                       "08 00 11 00 00 00 01 00",
                       bytes);
    weft_reader_init_flat(&r, bytes, len, NULL, 0);
    assert_int_equal(sample_read(&r, &got), 0);
    assert_true(weft_str_eq(got.text, WEFT_STR("\xff\xfe\0\xc0\x80\x61")));
}

/* ---- the cutter ---- */

static weft_err
attack_cutter(const uint8_t *bytes, size_t len)
{
    struct weft_limits limits = wf_limits_of(NULL);
    struct weft_chain in = chain_of(bytes, len, len);
    struct wf_cutter cutter;
    struct wf_cut cut;
    struct wf_buf_stats stats, after;
    wf_buf_stats(&stats);
    wf_cutter_init(&cutter, &limits);
    uint64_t before = cpu_ns();
    weft_err err = wf_cut(&cutter, &in, &cut);
    assert_true(cpu_ns() - before < most_cpu_ns());
    wf_buf_stats(&after);
    assert_int_equal(after.bytes, stats.bytes);
    wf_cutter_fini(&cutter);
    weft_chain_clear(&in);
    return err;
}

static void
messages_without_frame_are_refused_early(void **state)
{
    (void)state;
    uint8_t *bytes = malloc(8000100);
    size_t head = unhex("80 01 00 01 00 00 00 01 61 00 00 00 01", bytes), len;
    nest("0c 00 01", bytes + head, &len);
    assert_int_equal(attack_cutter(bytes, head + len), WEFT_EDEPTH);
    len = unhex("0b 00 01 7f ff ff ff", bytes + head);
    assert_int_equal(attack_cutter(bytes, head + len), WEFT_ETOOBIG);
    len = unhex("0f 00 01 0c 7f ff ff ff", bytes + head);
    assert_int_equal(attack_cutter(bytes, head + len), WEFT_ETOOBIG);
    len = unhex("0d 00 01 0a 0a 00 fa 00 00", bytes + head);
    assert_int_equal(attack_cutter(bytes, head + len), WEFT_ETOOBIG);
    len = unhex("0f 00 01 01 00 00 00 01", bytes + head);
    assert_int_equal(attack_cutter(bytes, head + len), WEFT_EWIRETYPE);
    free(bytes);
}

static void
a_frame_length_alone_takes_nothing(void **state)
{
    (void)state;
    struct weft_limits limits = wf_limits_of(NULL);
    struct weft_chain in = {0};
    struct wf_cutter cutter;
    struct wf_cut cut;
    struct wf_buf_stats stats;
    wf_cutter_init(&cutter, &limits);
    struct wf_read_buffer room = {.limit = 65536};
    wf_chain_read_prepare(&in, &room);
    memcpy(room.iov[0].iov_base, "\x00\xfa\x00\x00\x80\x01\x00\x01", 8);
    wf_chain_read_commit(&in, &room, 8);
    assert_int_equal(wf_cut(&cutter, &in, &cut), 0);
    room = (struct wf_read_buffer){.need = cut.need, .limit = 65536};
    wf_chain_read_prepare(&in, &room);
    wf_chain_read_commit(&in, &room, 0);
    assert_int_equal(wf_chain_compact(&in), 0);
    wf_buf_stats(&stats);
    assert_true(stats.bytes <= MAX_BYTES + 512);
    wf_cutter_fini(&cutter);
    weft_chain_clear(&in);
}

#define TEST(f) cmocka_unit_test_teardown(f, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(huge_lengths_take_nothing),
        TEST(many_small_items_stop_at_the_budget),
        TEST(a_million_levels_need_no_stack),
        TEST(known_fields_of_other_types_are_passed_over),
        TEST(duplicate_fields_cost_what_they_are),
        TEST(text_is_passed_through_by_length),
        TEST(messages_without_frame_are_refused_early),
        TEST(a_frame_length_alone_takes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
