/* SPDX-License-Identifier: MIT */
/*
 * Reads the strings of JSON, and the values that Thrift's JSON writes as
 * strings: binary as base64, and UUIDs.
 */
#include "codec/json/escape.h"
#include "codec/json/scan.h"

#define UUID_LEN 36

/* ---- finding the end ---- */

/* Count the bytes up to the quote that ends a string; r stands after the quote
 * that begins the string. */
static weft_err
measure(const struct weft_reader *r, size_t *len)
{
    struct weft_reader ahead = *r;
    for (*len = 0;; ++*len) {
        const uint8_t *end = wf_json_pass_plain(ahead.at, ahead.end);
        uint8_t c;
        *len += (size_t)(end - ahead.at);
        ahead.at = end;
        weft_err err = weft_read_raw(&ahead, &c, 1);
        if (err || c == '"')
            return err;
        if (c == '\\') { /* an escaped quote does not end the string */
            if ((err = weft_read_raw(&ahead, &c, 1)))
                return err;
            ++*len;
        }
    }
}

weft_err
wf_json_skip_str(struct weft_reader *r)
{
    size_t len;
    weft_err err = wf_json_expect(r, '"');
    if (err || (err = measure(r, &len)))
        return err;
    wf_reader_pass(r, len + 1);
    return WEFT_OK;
}

/* Read the part of an escape after the backslash. The part may lie in several
 * runs. */
static weft_err
read_escape(struct weft_reader *r, uint8_t **to)
{
    uint8_t copy[WF_ESCAPE_MOST];
    uint32_t code;
    size_t n = WF_MIN(weft_reader_left(r), sizeof copy);
    const uint8_t *s = r->at;
    if ((size_t)(r->end - s) < n) {
        struct weft_reader ahead = *r;
        weft_err err = weft_read_raw(&ahead, copy, n);
        if (err)
            return err;
        s = copy;
    }
    const uint8_t *end = wf_read_escape(s, s + n, &code);
    if (!end || wf_is_surrogate(code))
        return WEFT_EPROTOCOL;
    wf_reader_pass(r, (size_t)(end - s));
    *to = wf_put_utf8(*to, code);
    return WEFT_OK;
}

/* ---- text ---- */

/* Copy the string to `text` and resolve its escapes. `text` has room for all
 * bytes before the closing quote. */
static weft_err
unescape(struct weft_reader *r, uint8_t *text, struct weft_str *v)
{
    uint8_t *to = text;
    for (;;) {
        const uint8_t *end = wf_json_pass_plain(r->at, r->end);
        uint8_t c;
        memcpy(to, r->at, (size_t)(end - r->at));
        to += end - r->at;
        r->at = end;
        weft_err err = weft_read_raw(r, &c, 1);
        if (!err && c == '"')
            break;
        if (!err && c == '\\')
            err = read_escape(r, &to);
        else if (!err) /* the first byte of the next run, or a control
                          character that the peer did not escape */
            *to++ = c;
        if (err)
            return err;
    }
    *v = (struct weft_str){(const char *)text, (uint32_t)(to - text)};
    return WEFT_OK;
}

weft_err
wf_json_read_str(struct weft_reader *r, struct weft_str *v)
{
    weft_err err = wf_json_expect(r, '"');
    if (err)
        return err;
    const uint8_t *end = wf_json_pass_plain(r->at, r->end);
    if (end < r->end && *end == '"' && end - r->at <= INT32_MAX) {
        *v = (struct weft_str){(const char *)r->at, (uint32_t)(end - r->at)};
        r->at = end + 1;
        return WEFT_OK;
    }
    size_t len;
    if ((err = measure(r, &len)))
        return err;
    if (len > INT32_MAX)
        return WEFT_ESIZE;
    uint8_t *text = r->arena ? weft_arena_alloc(r->arena, len) : NULL;
    if (!text)
        return WEFT_EBUDGET;
    wf_buf_note_copy(len);
    return unescape(r, text, v);
}

/* ---- base64 and uuid ---- */

/* One more than the value of a base64 digit; 0: the character is no digit. */
static const uint8_t base64[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,
    ['G'] = 7,  ['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12,
    ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,
    ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30,
    ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36,
    ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
    ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54,
    ['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60,
    ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

/* Decode len digits without padding; `to` has room for their bytes. Unused bits
 * must be zero, so that no two texts mean the same bytes (RFC 4648, 3.5).
 */
static weft_err
decode_digits(const char *text, uint32_t len, uint8_t *to)
{
    const uint8_t *s = (const uint8_t *)text;
    for (; len >= 4; len -= 4, s += 4) {
        uint32_t a = base64[s[0]], b = base64[s[1]], c = base64[s[2]],
                 d = base64[s[3]];
        if (!a || !b || !c || !d)
            return WEFT_EPROTOCOL;
        uint32_t bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
        *to++ = (uint8_t)(bits >> 16);
        *to++ = (uint8_t)(bits >> 8);
        *to++ = (uint8_t)bits;
    }
    uint32_t bits = 0, left = 0;
    for (uint32_t i = 0; i < len; i++) {
        if (!base64[s[i]])
            return WEFT_EPROTOCOL;
        bits |= (base64[s[i]] - 1u) << (18 - 6 * i);
        if (i > 0)
            *to++ = (uint8_t)(bits >> (24 - 8 * i));
        left = bits & 0xffffffu >> 8 * i;
    }
    return left ? WEFT_EPROTOCOL : WEFT_OK;
}

weft_err
wf_json_decode_base64(struct weft_str text, bool is_strict,
                      struct weft_arena *memory, struct weft_str *v)
{
    uint32_t n = text.len;
    while (n > 0 && text.len - n < 2 && text.ptr[n - 1] == '=')
        n--;
    if (n % 4 == 1 || (text.len % 4 != 0 && (is_strict || n < text.len)))
        return WEFT_EPROTOCOL;
    uint32_t len = n / 4 * 3 + (n % 4 ? n % 4 - 1 : 0);
    if (len == 0) {
        *v = (struct weft_str){text.ptr, 0};
        return WEFT_OK;
    }
    uint8_t *bytes = memory ? weft_arena_alloc(memory, len) : NULL;
    if (!bytes)
        return WEFT_EBUDGET;
    *v = (struct weft_str){(const char *)bytes, len};
    return decode_digits(text.ptr, n, bytes);
}

weft_err
wf_json_read_binary(struct weft_reader *r, struct weft_str *v)
{
    struct weft_str text;
    weft_err err = wf_json_read_str(r, &text);
    return err ? err : wf_json_decode_base64(text, false, r->arena, v);
}

weft_err
wf_json_decode_uuid(struct weft_str text, struct weft_uuid *v)
{
    uint8_t *to = v->bytes;
    if (text.len != UUID_LEN)
        return WEFT_EPROTOCOL;
    for (int i = 0; i < UUID_LEN; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text.ptr[i] != '-')
                return WEFT_EPROTOCOL;
            continue;
        }
        int high = wf_hex_digit((uint8_t)text.ptr[i]),
            low = wf_hex_digit((uint8_t)text.ptr[++i]);
        if (high < 0 || low < 0)
            return WEFT_EPROTOCOL;
        *to++ = (uint8_t)(high << 4 | low);
    }
    return WEFT_OK;
}

weft_err
wf_json_read_uuid(struct weft_reader *r, struct weft_uuid *v)
{
    char text[UUID_LEN + 1];
    weft_err err = wf_json_expect(r, '"');
    if (err || (err = weft_read_raw(r, text, sizeof text)))
        return err;
    if (text[UUID_LEN] != '"')
        return WEFT_EPROTOCOL;
    return wf_json_decode_uuid((struct weft_str){text, UUID_LEN}, v);
}
