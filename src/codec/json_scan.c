/* SPDX-License-Identifier: MIT */
#include "codec/json.h"
#include "codec/skip.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>

/* The longest number that is looked at: more than 17 digits, a sign and an
 * exponent, but a peer may like zeros. */
#define NUMBER_SIZE 128u

#define SPECIAL_MAX 10u /* -Infinity and a NUL */

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
wf_json_look(struct weft_reader *r, uint8_t *c)
{
    for (;;) {
        weft_err err = look(r, c);
        if (err || (*c != ' ' && *c != '\n' && *c != '\r' && *c != '\t'))
            return err;
        r->at++;
    }
}

weft_err
wf_json_expect(struct weft_reader *r, char c)
{
    uint8_t got;
    weft_err err = wf_json_look(r, &got);
    if (err)
        return err;
    if (got != (uint8_t)c)
        return WEFT_EPROTOCOL;
    r->at++;
    return WEFT_OK;
}

static bool
is_of_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '.';
}

weft_err
wf_json_read_word(struct weft_reader *r, char *word, size_t size)
{
    for (size_t n = 0; n < size; n++) {
        uint8_t c;
        weft_err err = look(r, &c);
        if (err)
            return err;
        if (!is_of_word(c)) {
            word[n] = '\0';
            return WEFT_OK;
        }
        word[n] = (char)c;
        r->at++;
    }
    return WEFT_ESIZE;
}

/* ---- numbers ---- */

/* A word, in quotes or not; *is_quoted tells. */
static weft_err
read_maybe_quoted(struct weft_reader *r, char *word, bool *is_quoted)
{
    uint8_t c;
    weft_err err = wf_json_look(r, &c);
    if (err)
        return err;
    *is_quoted = c == '"';
    r->at += *is_quoted;
    if ((err = wf_json_read_word(r, word, NUMBER_SIZE)) || !*is_quoted)
        return err;
    if ((err = look(r, &c)))
        return err;
    r->at++;
    return c == '"' ? WEFT_OK : WEFT_EPROTOCOL;
}

static const char *
pass_digits(const char *s)
{
    while (*s >= '0' && *s <= '9')
        s++;
    return s;
}

/* Behind the whole part of a number: digits without a zero in front. NULL:
 * there is none. */
static const char *
pass_whole(const char *s)
{
    s += *s == '-';
    const char *end = pass_digits(s);
    return end == s || (*s == '0' && end > s + 1) ? NULL : end;
}

static bool
is_number(const char *s)
{
    if (!(s = pass_whole(s)))
        return false;
    if (*s == '.') {
        const char *end = pass_digits(s + 1);
        if (end == s + 1)
            return false;
        s = end;
    }
    if (*s == 'e' || *s == 'E') {
        s += s[1] == '+' || s[1] == '-' ? 2 : 1;
        const char *end = pass_digits(s);
        if (end == s)
            return false;
        s = end;
    }
    return *s == '\0';
}

weft_err
wf_json_read_int(struct weft_reader *r, bool is_quoted, int64_t min,
                 int64_t max, int64_t *v)
{
    char word[NUMBER_SIZE];
    bool has_quotes;
    weft_err err = read_maybe_quoted(r, word, &has_quotes);
    if (err)
        return err;
    const char *end = pass_whole(word);
    if (has_quotes != is_quoted || !end || *end)
        return WEFT_EPROTOCOL;
    bool is_negative = word[0] == '-', is_over = false;
    int64_t got = 0;
    for (const char *s = word + is_negative; s < end; s++) {
        int64_t digit = is_negative ? '0' - *s : *s - '0';
        is_over |= __builtin_mul_overflow(got, 10, &got);
        is_over |= __builtin_add_overflow(got, digit, &got);
    }
    if (is_over || got < min || got > max)
        return WEFT_EPROTOCOL;
    *v = got;
    return WEFT_OK;
}

/* What is no number, as the languages spell it. */
static bool
find_special(const char *word, double *v)
{
    static const struct {
        char word[SPECIAL_MAX];
        double value;
    } specials[] = {
        {"NaN", (double)NAN},
        {"nan", (double)NAN},
        {"Infinity", (double)INFINITY},
        {"inf", (double)INFINITY},
        {"-Infinity", -(double)INFINITY},
        {"-inf", -(double)INFINITY},
    };
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        if (strcmp(word, specials[i].word) == 0) {
            *v = specials[i].value;
            return true;
        }
    return false;
}

weft_err
wf_json_read_double(struct weft_reader *r, bool is_quoted, double *v)
{
    char word[NUMBER_SIZE];
    bool has_quotes;
    weft_err err = read_maybe_quoted(r, word, &has_quotes);
    if (err)
        return err;
    if (find_special(word, v))
        return has_quotes || !is_quoted ? WEFT_OK : WEFT_EPROTOCOL;
    if (has_quotes != is_quoted || !is_number(word))
        return WEFT_EPROTOCOL;
    /* The program's locale may have another decimal point. */
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t old = uselocale(c);
    double got = strtod(word, NULL);
    uselocale(old);
    if (c)
        freelocale(c);
    if (isinf(got))
        return WEFT_EPROTOCOL;
    *v = got;
    return WEFT_OK;
}
