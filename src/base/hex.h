/* SPDX-License-Identifier: MIT */
/* Reads a hexadecimal digit, for escapes in JSON and in URLs. */
#ifndef WEFT_BASE_HEX_H
#define WEFT_BASE_HEX_H

#include <stdint.h>

/* Returns the value of a hexadecimal digit. -1: `c` is no such digit. */
static inline int
wf_hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
