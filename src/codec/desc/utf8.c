/* SPDX-License-Identifier: MIT */
/*
 * Measures a character of UTF-8, and copies text with escapes for the control
 * characters that a terminal obeys.
 */
#include "codec/codec.h"
#include "codec/desc/record.h"

uint32_t
wf_measure_utf8(const uint8_t *s, uint32_t left)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || n > left)
        return 0;
    uint32_t code = s[0] & (0x7fu >> n);
    for (uint32_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3f);
    }
    bool is_surrogate = code >= 0xd800 && code < 0xe000;
    return code < least[n] || code > 0x10ffff || is_surrogate ? 0 : n;
}

/* The number of bytes of the character at s. 0: the bytes are not UTF-8, or the
 * character is a control character. A terminal obeys control characters, also
 * U+0080 to U+009F. */
static uint32_t
measure_shown(const uint8_t *s, uint32_t left)
{
    if (s[0] < 0x80)
        return s[0] >= 0x20 && s[0] != 0x7f;
    uint32_t n = wf_measure_utf8(s, left);
    return n == 2 && s[0] == 0xc2 && s[1] < 0xa0 ? 0 : n;
}

size_t
wf_escape_text(char *to, size_t size, struct weft_str text)
{
    const uint8_t *s = (const uint8_t *)text.ptr; /* absent: NULL */
    uint32_t left = text.len;
    size_t len = 0;
    while (left > 0) {
        uint32_t n = measure_shown(s, left);
        if (len + (n ? n : 4) >= size)
            break;
        if (n > 0)
            memcpy(to + len, s, n);
        else
            (void)snprintf(to + len, 5, "\\x%02x", *s);
        len += n ? n : 4;
        s += n ? n : 1;
        left -= n ? n : 1;
    }
    if (size > 0)
        to[len] = 0;
    return len;
}
