/* SPDX-License-Identifier: MIT */
/* The checksum, by the processor's instruction and by tables. */
#include "codec/frame/crc32c.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void
known_sums(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        uint32_t crc;
    } rows[] = {
        {"", 0, 0},
        {"123456789", 9, 0xe3069283}, /* the usual check value */
        /* RFC 3720, B.4, where the sum is the bytes aa 36 91 8a */
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32,
         0x8a9136aa},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t cut = 0; cut <= rows[i].len; cut++) {
            const char *rest = rows[i].text + cut;
            uint32_t crc = wf_crc32c(0, rows[i].text, cut);
            assert_int_equal(wf_crc32c(crc, rest, rows[i].len - cut),
                             rows[i].crc);
        }
}

static void
both_ways_agree(void **state)
{
    (void)state;
    uint8_t bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * i + 7 * i);
    for (size_t at = 0; at < 9; at++)
        for (size_t len = 0; len < sizeof bytes - at; len++)
            assert_int_equal(wf_crc32c(1, bytes + at, len),
                             ~by_table(~1u, bytes + at, len));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_sums),
        cmocka_unit_test(both_ways_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
