/* SPDX-License-Identifier: MIT */
#include "codec/json/scan.h"

#define SAFE_DIGITS 18 /* digits that always fit in an int64_t */

static weft_err
look(struct weft_reader *r, uint8_t *c)
{
    const uint8_t *b = r->at < r->end ? r->at : wf_reader_peek(r, 1);
    if (!b)
        return WEFT_ETRUNC;
    *c = *b;
    return WEFT_OK;
}

weft_err
wf_json_look_slow(struct weft_reader *r, uint8_t *c)
{
    for (;;) {
        weft_err err = look(r, c);
        if (err || (*c != ' ' && *c != '\n' && *c != '\r' && *c != '\t'))
            return err;
        r->at++;
    }
}

weft_err
wf_json_expect_slow(struct weft_reader *r, char c)
{
    uint8_t got;
    weft_err err = wf_json_look_slow(r, &got);
    if (err)
        return err;
    if (got != (uint8_t)c)
        return WEFT_EPROTOCOL;
    r->at++;
    return WEFT_OK;
}

weft_err
wf_json_read_word(struct weft_reader *r, char *word, size_t size)
{
    for (size_t n = 0; n < size; n++) {
        uint8_t c;
        weft_err err = look(r, &c);
        if (err)
            return err;
        if (!wf_json_is_of_word(c)) {
            word[n] = '\0';
            return WEFT_OK;
        }
        word[n] = (char)c;
        r->at++;
    }
    return WEFT_ESIZE;
}

/* ---- numbers ---- */

weft_err
wf_json_read_number(struct weft_reader *r, char word[WF_JSON_NUMBER_SIZE],
                    bool *is_quoted)
{
    uint8_t c;
    weft_err err = wf_json_look(r, &c);
    if (err)
        return err;
    *is_quoted = c == '"';
    r->at += *is_quoted;
    err = wf_json_read_word(r, word, WF_JSON_NUMBER_SIZE);
    if (err || !*is_quoted)
        return err;
    if ((err = look(r, &c)))
        return err;
    r->at++;
    return c == '"' ? WEFT_OK : WEFT_EPROTOCOL;
}

/* Returns the position after the digits; NULL: there is no digit. */
static const char *
pass_digits(const char *s)
{
    const char *first = s;
    while (*s >= '0' && *s <= '9')
        s++;
    return s == first ? NULL : s;
}

bool
wf_json_is_number(const char *word, bool is_whole)
{
    const char *first = word + (*word == '-'), *s = pass_digits(first);
    if (!s || (*first == '0' && s > first + 1))
        return false;
    if (is_whole)
        return *s == '\0';
    if (*s == '.' && !(s = pass_digits(s + 1)))
        return false;
    if (*s == 'e' || *s == 'E') {
        s += s[1] == '+' || s[1] == '-' ? 2 : 1;
        if (!(s = pass_digits(s)))
            return false;
    }
    return *s == '\0';
}

/* Read a number only if the number has at most SAFE_DIGITS digits, and the run
 * of bytes at r->at goes on after the number. Returns false if nothing was
 * read. The caller then uses slower code, which also reports errors. */
static bool
read_short_int(struct weft_reader *r, bool is_quoted, int64_t *v)
{
    const uint8_t *s = r->at, *end = r->end;
    if (is_quoted && (s == end || *s++ != '"'))
        return false;
    bool is_negative = s < end && *s == '-';
    s += is_negative;
    const uint8_t *first = s;
    uint64_t got = 0; /* `got` is not used if it overflows */
    for (; s < end && *s >= '0' && *s <= '9'; s++)
        got = got * 10 + (*s - '0');
    if (s == end || s == first || s - first > SAFE_DIGITS)
        return false;
    if (is_quoted ? *s++ != '"' : wf_json_is_of_word(*s))
        return false;
    *v = is_negative ? -(int64_t)got : (int64_t)got;
    r->at = s;
    return true;
}

/* Read decimal digits. Accept leading zeros, because Node's library writes
 * leading zeros in small 64-bit numbers. */
static weft_err
read_any_int(struct weft_reader *r, bool is_quoted, int64_t *v)
{
    char word[WF_JSON_NUMBER_SIZE];
    bool has_quotes;
    weft_err err = wf_json_read_number(r, word, &has_quotes);
    if (err)
        return err;
    bool is_negative = word[0] == '-', is_over = false;
    const char *end = word + is_negative;
    while (*end >= '0' && *end <= '9')
        end++;
    if (has_quotes != is_quoted || end == word + is_negative || *end)
        return WEFT_EPROTOCOL;
    int64_t got = 0;
    for (const char *s = word + is_negative; s < end; s++) {
        int64_t digit = is_negative ? '0' - *s : *s - '0';
        is_over |= __builtin_mul_overflow(got, 10, &got);
        is_over |= __builtin_add_overflow(got, digit, &got);
    }
    *v = got;
    return is_over ? WEFT_EPROTOCOL : WEFT_OK;
}

weft_err
wf_json_read_int(struct weft_reader *r, bool is_quoted, int64_t min,
                 int64_t max, int64_t *v)
{
    int64_t got;
    if (WEFT_UNLIKELY(!read_short_int(r, is_quoted, &got))) {
        weft_err err = read_any_int(r, is_quoted, &got);
        if (err)
            return err;
    }
    if (got < min || got > max)
        return WEFT_EPROTOCOL;
    *v = got;
    return WEFT_OK;
}
