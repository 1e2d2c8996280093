/* SPDX-License-Identifier: MIT */
#include "codec/json/escape.h"

/* Read four hexadecimal digits. Returns the address after the digits; NULL:
 * there are fewer digits. */
static const uint8_t *
read_hex4(const uint8_t *s, const uint8_t *end, uint32_t *code)
{
    *code = 0;
    if (end - s < 4)
        return NULL;
    for (int i = 0; i < 4; i++) {
        int digit = wf_hex_digit(s[i]);
        if (digit < 0)
            return NULL;
        *code = *code << 4 | (uint32_t)digit;
    }
    return s + 4;
}

/* Read the digits after \u. After a first surrogate, read the second surrogate,
 * too. */
static const uint8_t *
read_code(const uint8_t *s, const uint8_t *end, uint32_t *code)
{
    uint32_t low;
    s = read_hex4(s, end, code);
    if (!s || *code < 0xd800 || *code > 0xdbff)
        return s;
    if (end - s < 2 || s[0] != '\\' || s[1] != 'u')
        return NULL;
    s = read_hex4(s + 2, end, &low);
    if (!s || low < 0xdc00 || low > 0xdfff)
        return NULL;
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return s;
}

const uint8_t *
wf_read_escape(const uint8_t *s, const uint8_t *end, uint32_t *code)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    if (s < end && *s == 'u')
        return read_code(s + 1, end, code);
    const char *found = s < end && *s ? strchr(letters, *s) : NULL;
    if (!found)
        return NULL;
    *code = (uint8_t)meant[found - letters];
    return s + 1;
}

uint8_t *
wf_put_utf8(uint8_t *to, uint32_t code)
{
    static const uint8_t marks[] = {0, 0xc0, 0xe0, 0xf0};
    int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    *to++ = (uint8_t)(marks[more] | code >> 6 * more);
    while (more-- > 0)
        *to++ = (uint8_t)(0x80 | (code >> 6 * more & 0x3f));
    return to;
}
