/* SPDX-License-Identifier: MIT */
/* Writing what JSON values are made of. */
#include "codec/json.h"
#include "codec/desc.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>

#define DIGITS_OF_64 20 /* with a sign */

static void
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

void
wf_json_write_int(struct weft_writer *w, int64_t v)
{
    char text[DIGITS_OF_64], *end = text + sizeof text, *at = end;
    uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do
        *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (v < 0)
        *--at = '-';
    put_bytes(w, at, (size_t)(end - at));
}

void
wf_json_write_double(struct weft_writer *w, double v)
{
    if (!isfinite(v)) {
        wf_json_put(w, isnan(v) ? "\"NaN\""
                       : v > 0  ? "\"Infinity\""
                                : "\"-Infinity\"");
        return;
    }
    char text[32];
    /* The program's locale may have another decimal point. */
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t old = uselocale(c);
    snprintf(text, sizeof text, "%.17g", v);
    uselocale(old);
    if (c)
        freelocale(c);
    wf_json_put(w, text);
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

static bool
must_escape(char c)
{
    return c == '"' || c == '\\' || (uint8_t)c < 0x20;
}

static void
put_escaped(struct weft_writer *w, char c)
{
    static const char letters[] = "btn\0fr"; /* from \b on */
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

void
wf_json_write_str(struct weft_writer *w, struct weft_str v)
{
    if ((v.len > 0 && !v.ptr) || !wf_is_utf8(v)) {
        weft_writer_fail(w, WEFT_EVALUE);
        return;
    }
    wf_json_put(w, "\"");
    for (uint32_t i = 0, run = 0; i < v.len; i += run) {
        for (run = 0; i + run < v.len && !must_escape(v.ptr[i + run]);)
            run++;
        if (run > 0)
            weft_write_bytes_slow(w, v.ptr + i, run);
        if (i + run < v.len)
            put_escaped(w, v.ptr[i + run++]);
    }
    wf_json_put(w, "\"");
}

void
wf_json_write_binary(struct weft_writer *w, struct weft_str v)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *s = (const uint8_t *)v.ptr;
    if (v.len > 0 && !s) {
        weft_writer_fail(w, WEFT_EVALUE);
        return;
    }
    wf_json_put(w, "\"");
    /* With padding: all peers accept it, and some need it. */
    for (uint32_t i = 0; i < v.len && !w->err; i += 3) {
        uint32_t left = v.len - i, bits = (uint32_t)s[i] << 16;
        if (left > 1)
            bits |= (uint32_t)s[i + 1] << 8;
        if (left > 2)
            bits |= s[i + 2];
        char text[4] = {digits[bits >> 18], digits[bits >> 12 & 63],
                        left > 1 ? digits[bits >> 6 & 63] : '=',
                        left > 2 ? digits[bits & 63] : '='};
        put_bytes(w, text, sizeof text);
    }
    wf_json_put(w, "\"");
}
