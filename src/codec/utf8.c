/* SPDX-License-Identifier: MIT */
#include "codec/codec.h"
#include "codec/desc.h"

#define NOT_ASCII UINT64_C(0x8080808080808080)

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

bool
wf_is_utf8(struct weft_str text)
{
    const uint8_t *s = (const uint8_t *)text.ptr;
    for (uint32_t i = 0; i < text.len;) {
        uint64_t word;
        if (text.len - i >= sizeof word) { /* most text is ASCII */
            memcpy(&word, s + i, sizeof word);
            if (!(word & NOT_ASCII)) {
                i += (uint32_t)sizeof word;
                continue;
            }
        }
        uint32_t n = s[i] < 0x80 ? 1 : wf_measure_utf8(s + i, text.len - i);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}
