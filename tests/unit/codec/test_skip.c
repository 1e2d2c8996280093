/* SPDX-License-Identifier: MIT */
/* Skipping values: every type, and a pause after every byte. */
#include "codec/codec.h"
#include "codec/binary/skip.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static weft_err
skip_hex(uint8_t wire, const char *hex, uint32_t depth, size_t *left)
{
    static uint8_t bytes[4096];
    struct weft_reader r;
    weft_reader_init_flat(&r, bytes, unhex(hex, bytes), NULL, depth);
    weft_err err = weft_bin_skip(&r, wire);
    *left = weft_reader_left(&r);
    return err;
}

/* A value of each type, without any byte after it. */
static const struct {
    uint8_t wire;
    const char *hex;
} values[] = {
    {WEFT_BOOL, "02"},
    {WEFT_I8, "ff"},
    {WEFT_I16, "01 02"},
    {WEFT_I32, "01 02 03 04"},
    {WEFT_I64, "01 02 03 04 05 06 07 08"},
    {WEFT_DOUBLE, "3f f8 00 00 00 00 00 00"},
    {WEFT_UUID, "01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10"},
    {WEFT_STRING, "00 00 00 03 61 62 63"},
    {WEFT_STRING, "00 00 00 00"},
    {WEFT_STRUCT, "00"},
    {WEFT_STRUCT, "08 00 01 00 00 00 05 0b 7f ff 00 00 00 01 61 00"},
    {WEFT_LIST, "08 00 00 00 02 00 00 00 01 00 00 00 02"},
    {WEFT_LIST, "0b 00 00 00 02 00 00 00 01 61 00 00 00 00"},
    {WEFT_SET, "0c 00 00 00 03 00 00 00"},
    {WEFT_SET, "01 00 00 00 00"},
    {WEFT_LIST, "0f 00 00 00 01 10 00 00 00 00"},
    {WEFT_MAP, "08 06 00 00 00 02 00 00 00 01 00 02 00 00 00 03 00 04"},
    {WEFT_MAP, "0b 08 00 00 00 02 00 00 00 01 61 00 00 00 01"
               "00 00 00 00 00 00 00 02"},
    {WEFT_MAP, "08 0c 00 00 00 02 00 00 00 01 00 00 00 00 02 03 00 01 09 00"},
    {WEFT_MAP, "00 00 00 00 00 00"},
    {WEFT_MAP, "0d 0f 00 00 00 01 02 02 00 00 00 00 02 00 00 00 01 01"},
};

#define N_VALUES (sizeof values / sizeof *values)

static void
every_type_is_passed_over(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_VALUES; i++) {
        size_t left;
        weft_err err = skip_hex(values[i].wire, values[i].hex, 0, &left);
        if (err || left)
            fail_msg("value %zu: %s, %zu left", i, weft_err_name(err), left);
    }
}

static void
every_value_that_ends_early_is_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_VALUES; i++) {
        uint8_t bytes[64];
        size_t len = unhex(values[i].hex, bytes);
        for (size_t n = 0; n < len; n++) {
            struct weft_chain chain = chain_of(bytes, n, n + 1);
            struct weft_reader r;
            weft_reader_init(&r, &chain, NULL, 0);
            weft_err err = weft_bin_skip(&r, values[i].wire);
            assert_true(err == WEFT_ETRUNC || err == WEFT_ESIZE);
            weft_chain_clear(&chain);
        }
    }
}

/* The skipper gets one byte more each time, and must end with the last byte. */
static void
every_value_can_come_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_VALUES; i++) {
        uint8_t bytes[64];
        size_t len = unhex(values[i].hex, bytes), passed = 0;
        struct wf_skip skip;
        wf_skip_init(&skip, values[i].wire, WEFT_DEPTH, WEFT_ETOOBIG);
        for (size_t n = 0; n <= len; n++) {
            struct weft_reader r;
            weft_reader_init_flat(&r, bytes + passed, n - passed, NULL, 0);
            weft_err err = wf_skip_run(&skip, &r, (int64_t)(len - n));
            passed = n - weft_reader_left(&r);
            assert_int_equal(err, n < len ? WEFT_ETRUNC : WEFT_OK);
        }
        assert_int_equal(passed, len);
    }
}

static void
what_is_no_type_is_refused(void **state)
{
    (void)state;
    static const char zeros[] = "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00";
    for (unsigned wire = 0; wire < 256; wire++) {
        size_t left;
        char hex[64];
        bool is_type = wf_wire_min((uint8_t)wire) > 0;
        if (!is_type) {
            assert_int_equal(skip_hex((uint8_t)wire, zeros, 0, &left),
                             WEFT_EWIRETYPE);
            /* Type 0 ends a struct, so it is valid there. */
            snprintf(hex, sizeof hex, "%02x 00 01 00 00 00 00", wire);
            assert_int_equal(skip_hex(WEFT_STRUCT, hex, 0, &left),
                             wire ? WEFT_EWIRETYPE : WEFT_OK);
            snprintf(hex, sizeof hex, "%02x 00 00 00 01 00", wire);
            assert_int_equal(skip_hex(WEFT_LIST, hex, 0, &left),
                             WEFT_EWIRETYPE);
            snprintf(hex, sizeof hex, "%02x 08 00 00 00 01 00 00 00 00", wire);
            assert_int_equal(skip_hex(WEFT_MAP, hex, 0, &left), WEFT_EWIRETYPE);
            snprintf(hex, sizeof hex, "08 %02x 00 00 00 01 00 00 00 00", wire);
            assert_int_equal(skip_hex(WEFT_MAP, hex, 0, &left), WEFT_EWIRETYPE);
        }
    }
    assert_int_equal(
        wf_wire_min(1) + wf_wire_min(5) + wf_wire_min(7) + wf_wire_min(9), 0);
}

static void
counts_beyond_the_bytes_are_refused(void **state)
{
    (void)state;
    static const uint8_t wires[] = {
        WEFT_BOOL,   WEFT_I8,     WEFT_DOUBLE, WEFT_I16, WEFT_I32,  WEFT_I64,
        WEFT_STRING, WEFT_STRUCT, WEFT_MAP,    WEFT_SET, WEFT_LIST, WEFT_UUID,
    };
    static const char *const counts[] = {"7f ff ff ff", "ff ff ff ff",
                                         "80 00 00 00", "00 00 01 00"};
    for (size_t i = 0; i < sizeof wires; i++)
        for (int k = 0; k < 4; k++) {
            char hex[128];
            size_t left;
            snprintf(hex, sizeof hex, "%02x %s 00 00 00 00 00 00 00 00",
                     wires[i], counts[k]);
            assert_int_equal(skip_hex(WEFT_LIST, hex, 0, &left), WEFT_ESIZE);
            assert_int_equal(skip_hex(WEFT_SET, hex, 0, &left), WEFT_ESIZE);
            snprintf(hex, sizeof hex, "02 %02x %s 00 00 00 00 00 00 00 00",
                     wires[i], counts[k]);
            assert_int_equal(skip_hex(WEFT_MAP, hex, 0, &left), WEFT_ESIZE);
        }
}

static void
nesting_ends_at_the_depth(void **state)
{
    (void)state;
    /* n lists of a list, the innermost empty. */
    for (uint32_t n = 1; n <= 70; n++) {
        char hex[4096] = "";
        size_t left;
        for (uint32_t i = 1; i < n; i++)
            strcat(hex, "0f 00 00 00 01 ");
        strcat(hex, "08 00 00 00 00");
        assert_int_equal(skip_hex(WEFT_LIST, hex, 0, &left),
                         n <= WEFT_DEPTH ? WEFT_OK : WEFT_EDEPTH);
        assert_int_equal(skip_hex(WEFT_LIST, hex, 7, &left),
                         n <= 7 ? WEFT_OK : WEFT_EDEPTH);
    }
}

static void
structs_nest_to_the_same_depth(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= 70; n++) {
        char hex[4096] = "";
        size_t left;
        for (uint32_t i = 1; i < n; i++)
            strcat(hex, "0c 00 01 ");
        for (uint32_t i = 1; i <= n; i++)
            strcat(hex, "00 ");
        assert_int_equal(skip_hex(WEFT_STRUCT, hex, 0, &left),
                         n <= WEFT_DEPTH ? WEFT_OK : WEFT_EDEPTH);
    }
}

#define BALANCED(f) cmocka_unit_test_teardown(f, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BALANCED(every_type_is_passed_over),
        BALANCED(every_value_that_ends_early_is_an_error),
        BALANCED(every_value_can_come_byte_by_byte),
        BALANCED(what_is_no_type_is_refused),
        BALANCED(counts_beyond_the_bytes_are_refused),
        BALANCED(nesting_ends_at_the_depth),
        BALANCED(structs_nest_to_the_same_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
