/* SPDX-License-Identifier: MIT */
/* Reads characters, strings and words of JSON text. Source: RFC 8259, and PEP
 * 383 for the escapes from \udc80 to \udcff. */
#include "codec/text/text.h"

#include "codec/json/json.h"

weft_err
wf_text_look(struct wf_text *t, const char *what, uint8_t *c)
{
    struct weft_reader *r = &t->r;
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' ||
                              *r->at == '\r' || *r->at == '\t'))
        r->at++;
    if (r->at == r->end)
        return wf_text_fail(t, r->at, WEFT_ETRUNC,
                            "the text ends here; %s is expected", what);
    *c = *r->at;
    return WEFT_OK;
}

weft_err
wf_text_expect(struct wf_text *t, char c, const char *what)
{
    uint8_t got = 0;
    weft_err err = wf_text_look(t, what, &got);
    if (!err && got != (uint8_t)c)
        err = wf_text_fail(t, t->r.at, WEFT_EPROTOCOL, "%s is expected here",
                           what);
    t->r.at += !err;
    return err;
}

weft_err
wf_text_accept(struct wf_text *t, char c, bool *is_there)
{
    uint8_t got = 0;
    weft_err err = wf_text_look(t, "more", &got);
    *is_there = !err && got == (uint8_t)c;
    t->r.at += *is_there;
    return err;
}

weft_err
wf_text_more(struct wf_text *t, char close, bool is_first, bool *more)
{
    bool is_end = false;
    weft_err err = wf_text_accept(t, close, &is_end);
    *more = !is_end;
    if (err || is_end || is_first)
        return err;
    return wf_text_expect(t, ',', close == '}' ? "`,` or `}`" : "`,` or `]`");
}

/* ---- strings ---- */

/* True if these bytes begin a valid character, and the text ends before the
 * character ends. To find out, add continuation bytes: after every valid
 * beginning the smallest or the largest continuation byte is valid. */
static bool
is_cut_utf8(const uint8_t *s, size_t left)
{
    static const uint8_t fills[] = {0x80, 0xbf};
    uint8_t bytes[4];
    for (size_t i = 0; left < sizeof bytes && i < sizeof fills; i++) {
        memset(bytes, fills[i], sizeof bytes);
        memcpy(bytes, s, left);
        if (wf_measure_utf8(bytes, sizeof bytes) > left)
            return true;
    }
    return false;
}

/* Count the bytes up to the quote that ends a string, and check these bytes.
 * Escapes are not checked here; the function unescape checks them. */
static weft_err
measure(struct wf_text *t, size_t *len, bool *is_plain)
{
    const uint8_t *start = t->r.at, *s = start, *end = t->r.end;
    *is_plain = true;
    while (s < end && *s != '"') {
        uint32_t n = 1;
        if (*s == '\\') {
            *is_plain = false;
            n = end - s > 1 && s[1] < 0x80 ? 2 : 1;
        } else if (*s < 0x20) {
            return wf_text_fail(t, s, WEFT_EPROTOCOL,
                                "a control character in a string is written "
                                "\\u%04x",
                                (unsigned)*s);
        } else if (*s >= 0x80) {
            size_t left = (size_t)(end - s);
            n = wf_measure_utf8(s, left < 4 ? (uint32_t)left : 4);
            if (n == 0 && is_cut_utf8(s, left))
                n = (uint32_t)left; /* the text ends before the string ends */
            if (n == 0)
                return wf_text_fail(t, s, WEFT_EPROTOCOL,
                                    "this byte is no UTF-8; to send it as it "
                                    "is, write \\udc%02x",
                                    (unsigned)*s);
        }
        s += n;
    }
    if (s >= end)
        return wf_text_fail(t, start - 1, WEFT_ETRUNC,
                            "this string has no end; a `\"` is missing");
    *len = (size_t)(s - start);
    return WEFT_OK;
}

/* Read an escape and append its character. An escape from \udc80 to \udcff
 * means a byte that is not UTF-8. */
static const uint8_t *
read_escape(const uint8_t *s, const uint8_t *end, uint8_t **to)
{
    uint32_t code;
    s = wf_read_escape(s, end, &code);
    if (s && code >= 0xdc80 && code <= 0xdcff)
        *(*to)++ = (uint8_t)code;
    else if (s && !wf_is_surrogate(code))
        *to = wf_put_utf8(*to, code);
    else
        s = NULL;
    return s;
}

/* Copy the string, and resolve its escapes. No escape is shorter than the bytes
 * that replace it, so len bytes are enough. */
static weft_err
unescape(struct wf_text *t, size_t len, struct weft_str *v)
{
    const uint8_t *s = t->r.at, *end = s + len;
    uint8_t *text = weft_arena_alloc(t->r.arena, len), *to = text;
    if (!text)
        return wf_text_fail(t, s, WEFT_EBUDGET, "%s",
                            weft_err_text(WEFT_EBUDGET));
    while (s < end) {
        const uint8_t *at = s;
        if (*s != '\\') {
            *to++ = *s++;
        } else if (!(s = read_escape(s + 1, end, &to))) {
            return wf_text_fail(t, at, WEFT_EPROTOCOL,
                                "there is no such escape; a backslash is "
                                "written \\\\");
        }
    }
    *v = (struct weft_str){(const char *)text, (uint32_t)(to - text)};
    return WEFT_OK;
}

weft_err
wf_text_read_str(struct wf_text *t, const char *what, struct weft_str *v)
{
    size_t len = 0;
    bool is_plain = true;
    weft_err err = wf_text_expect(t, '"', what);
    if (err || (err = measure(t, &len, &is_plain)))
        return err;
    if (is_plain)
        *v = (struct weft_str){(const char *)t->r.at, (uint32_t)len};
    else
        err = unescape(t, len, v);
    t->r.at += len + 1;
    return err;
}
