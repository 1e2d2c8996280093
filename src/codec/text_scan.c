/* SPDX-License-Identifier: MIT */
/* The words of JSON text. Source: RFC 8259; \udc80 to \udcff as in PEP 383. */
#include "codec/text.h"

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
    uint8_t got;
    weft_err err = wf_text_look(t, what, &got);
    if (err)
        return err;
    if (got != (uint8_t)c)
        return wf_text_fail(t, t->r.at, WEFT_EPROTOCOL, "%s is expected here",
                            what);
    t->r.at++;
    return WEFT_OK;
}

weft_err
wf_text_accept(struct wf_text *t, char c, bool *is_there)
{
    uint8_t got;
    weft_err err = wf_text_look(t, "more", &got);
    if (err)
        return err;
    *is_there = got == (uint8_t)c;
    t->r.at += *is_there;
    return WEFT_OK;
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

/* Bytes up to the quote that ends a string. What stands between is checked,
 * except for what follows a backslash. */
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

static int
hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four digits at s, or -1. */
static int32_t
read_hex4(const uint8_t *s, const uint8_t *end)
{
    int32_t code = 0;
    if (end - s < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(s[i]);
        if (digit < 0)
            return -1;
        code = code << 4 | digit;
    }
    return code;
}

static uint8_t *
put_utf8(uint8_t *to, uint32_t code)
{
    if (code < 0x80) {
        *to++ = (uint8_t)code;
        return to;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const uint8_t marks[] = {0, 0xc0, 0xe0, 0xf0};
    *to++ = (uint8_t)(marks[more] | code >> 6 * more);
    while (more-- > 0)
        *to++ = (uint8_t)(0x80 | (code >> 6 * more & 0x3f));
    return to;
}

/* Behind \u. A pair of surrogates is one character; \udc80 to \udcff alone is
 * a byte that is no UTF-8. */
static const uint8_t *
read_code(const uint8_t *s, const uint8_t *end, uint8_t **to)
{
    int32_t code = read_hex4(s, end);
    if (code < 0)
        return NULL;
    s += 4;
    if (code >= 0xdc80 && code <= 0xdcff) {
        *(*to)++ = (uint8_t)(code & 0xff);
        return s;
    }
    if (code >= 0xd800 && code <= 0xdfff) {
        bool has_low = end - s >= 6 && s[0] == '\\' && s[1] == 'u';
        int32_t low = has_low ? read_hex4(s + 2, end) : -1;
        if (code > 0xdbff || low < 0xdc00 || low > 0xdfff)
            return NULL;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        s += 6;
    }
    *to = put_utf8(*to, (uint32_t)code);
    return s;
}

/* Behind a backslash; NULL: there is no such escape. */
static const uint8_t *
read_escape(const uint8_t *s, const uint8_t *end, uint8_t **to)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    if (s < end && *s == 'u')
        return read_code(s + 1, end, to);
    const char *found = s < end && *s ? strchr(letters, *s) : NULL;
    if (!found)
        return NULL;
    *(*to)++ = (uint8_t)meant[found - letters];
    return s + 1;
}

/* No escape is shorter than what it means. */
static weft_err
unescape(struct wf_text *t, size_t len, struct weft_str *v)
{
    const uint8_t *s = t->r.at, *end = s + len;
    uint8_t *room = weft_arena_alloc(t->r.arena, len), *to = room;
    if (!room)
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
    *v = (struct weft_str){(const char *)room, (uint32_t)(to - room)};
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
