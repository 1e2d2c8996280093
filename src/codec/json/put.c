/* SPDX-License-Identifier: MIT */
/* Writes whole numbers, strings, base64 and UUIDs of JSON. */
#include "codec/json/scan.h"

static inline void
put_bytes(struct weft_writer *w, const void *bytes, size_t len)
{
    if (!weft_write_ready(w, len))
        return;
    memcpy(w->at, bytes, len);
    w->at += len;
}

void
wf_json_put(struct weft_writer *w, const char *text)
{
    put_bytes(w, text, strlen(text));
}

uint8_t *
wf_json_format_int(uint8_t *to, int64_t v)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021"
                                "22232425262728293031323334353637383940414243"
                                "44454647484950515253545556575859606162636465"
                                "66676869707172737475767778798081828384858687"
                                "888990919293949596979899";
    uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    if (v < 0)
        *to++ = '-';
    int n = 1;
    for (uint64_t limit = 10; left >= limit; limit *= 10)
        n++; /* the last limit, 10^19, fits 64 bits, and exceeds every `left` */
    uint8_t *at = to + n;
    for (; left >= 100; left /= 100)
        memcpy(at -= 2, pairs + left % 100 * 2, 2);
    if (left >= 10)
        memcpy(at - 2, pairs + left * 2, 2);
    else
        at[-1] = (uint8_t)('0' + left);
    return to + n;
}

void
wf_json_write_int(struct weft_writer *w, int64_t v)
{
    if (weft_write_ready(w, WF_JSON_INT_SIZE))
        w->at = wf_json_format_int(w->at, v);
}

static const char hex[] = "0123456789abcdef";

void
wf_json_write_uuid(struct weft_writer *w, const struct weft_uuid *v)
{
    char text[38], *to = text;
    *to++ = '"';
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *to++ = '-';
        *to++ = hex[v->bytes[i] >> 4];
        *to++ = hex[v->bytes[i] & 0xf];
    }
    *to = '"';
    put_bytes(w, text, sizeof text);
}

/* ---- strings ---- */

static void
put_escaped(struct weft_writer *w, char c)
{
    static const char letters[] = "btn\0fr"; /* the letters of \b to \r */
    char text[] = {'\\', c, '0', '0', '0', '0', '\0'};
    if (c == '"' || c == '\\') {
        text[2] = '\0';
    } else if (c >= '\b' && c <= '\r' && letters[c - '\b']) {
        text[1] = letters[c - '\b'];
        text[2] = '\0';
    } else {
        text[1] = 'u';
        text[4] = hex[c >> 4 & 0xf];
        text[5] = hex[c & 0xf];
    }
    wf_json_put(w, text);
}

/* Write bytes without escapes. WEFT_REF_MIN bytes or more are appended by
 * reference. */
static void
put_plain(struct weft_writer *w, const uint8_t *bytes, size_t len)
{
    if (len >= WEFT_REF_MIN)
        weft_write_bytes_slow(w, bytes, len);
    else if (len > 0)
        put_bytes(w, bytes, len);
}

void
wf_json_write_str(struct weft_writer *w, struct weft_str v)
{
    const uint8_t *s = (const uint8_t *)v.ptr;
    if (v.len > 0 && !s) {
        weft_writer_fail(w, WEFT_EVALUE);
        return;
    }
    wf_json_put_char(w, '"');
    for (size_t left = v.len; left > 0 && !w->err;) {
        size_t n = (size_t)(wf_json_pass_plain(s, s + left) - s);
        put_plain(w, s, n);
        s += n;
        left -= n;
        if (left > 0) {
            put_escaped(w, (char)*s++);
            left--;
        }
    }
    wf_json_put_char(w, '"');
}

/* ---- base64 ---- */

#define PIECE 384u /* bytes that one step encodes; a multiple of 3 */

static uint8_t *
put_base64(uint8_t *to, const uint8_t *s, uint32_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    for (; len >= 3; len -= 3, s += 3, to += 4) {
        uint32_t bits = (uint32_t)s[0] << 16 | (uint32_t)s[1] << 8 | s[2];
        to[0] = (uint8_t)digits[bits >> 18];
        to[1] = (uint8_t)digits[bits >> 12 & 63];
        to[2] = (uint8_t)digits[bits >> 6 & 63];
        to[3] = (uint8_t)digits[bits & 63];
    }
    if (len == 0)
        return to;
    /* Write padding, because some peers need it and all peers accept it. */
    uint32_t bits = (uint32_t)s[0] << 16 | (len > 1 ? (uint32_t)s[1] << 8 : 0);
    to[0] = (uint8_t)digits[bits >> 18];
    to[1] = (uint8_t)digits[bits >> 12 & 63];
    to[2] = len > 1 ? (uint8_t)digits[bits >> 6 & 63] : '=';
    to[3] = '=';
    return to + 4;
}

void
wf_json_write_binary(struct weft_writer *w, struct weft_str v)
{
    const uint8_t *s = (const uint8_t *)v.ptr;
    if (v.len > 0 && !s) {
        weft_writer_fail(w, WEFT_EVALUE);
        return;
    }
    wf_json_put_char(w, '"');
    for (uint32_t left = v.len, n; left > 0; left -= n, s += n) {
        n = WF_MIN(left, PIECE);
        if (!weft_write_ready(w, (n + 2) / 3 * 4))
            return;
        w->at = put_base64(w->at, s, n);
    }
    wf_json_put_char(w, '"');
}
