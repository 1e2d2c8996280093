/* SPDX-License-Identifier: MIT */
/* Requests of the ledger as bytes, for peers that do not use weft's client. */
#ifndef WEFT_TESTS_SIM_FRAMES_H
#define WEFT_TESTS_SIM_FRAMES_H

#include <stdint.h>
#include <string.h>

#define FRAME_MAX 48 /* bytes of a framed call of slow or large, at most */

static inline void
put_be(uint8_t *to, uint64_t value, int size)
{
    for (int i = 0; i < size; i++)
        to[i] = (uint8_t)(value >> 8 * (size - 1 - i));
}

/* Write slow(1, value) or large(1, value) in the strict binary protocol.
 * Returns the number of bytes. */
static inline size_t
put_frame(uint8_t out[FRAME_MAX], const char *name, uint32_t seq, int32_t value)
{
    size_t len = strlen(name);
    uint8_t *p = out + 12 + len;
    memset(out, 0, FRAME_MAX);
    put_be(out, 31 + len, 4);
    put_be(out + 4, 0x80010001u, 4);
    put_be(out + 8, len, 4);
    memcpy(out + 12, name, len);
    put_be(p, seq, 4);
    put_be(p + 4, 0x0a0001, 3); /* the field 1, an i64 */
    put_be(p + 7, 1, 8);
    put_be(p + 15, 0x080002, 3); /* the field 2, an i32 */
    put_be(p + 18, (uint32_t)value, 4);
    return 35 + len;
}

#endif
