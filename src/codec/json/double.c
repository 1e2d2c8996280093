/* SPDX-License-Identifier: MIT */
/*
 * Reads and writes doubles in decimal. Numbers of moderate size are converted
 * by exact integer arithmetic in 128 bits, all other numbers by libc. A double
 * that is written reads back as the same double. Reading returns the double
 * that is nearest to the text.
 */
#include "codec/json/scan.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define POWERS 20       /* powers of ten below 2^64 */
#define MANTISSA 52     /* stored bits of a double's mantissa */
#define BIAS 1023       /* bias of a double's exponent */
#define SPECIAL_MAX 10u /* bytes of -Infinity and a NUL */

typedef unsigned __int128 wide;

static const uint64_t tens[POWERS] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000),
    UINT64_C(10000000000000000000),
};

/* ---- reading ---- */

/* The number `digits` * 10^`power`. */
struct decimal {
    uint64_t digits;
    int power;
};

static const uint8_t *
pass_digits(const uint8_t *s, const uint8_t *end, uint64_t *digits)
{
    for (; s < end && *s >= '0' && *s <= '9'; s++)
        *digits = *digits * 10 + (*s - '0');
    return s;
}

/* Read a number without sign and exponent at s. Returns the end of the number;
 * NULL: the number has another form or too many digits, or reaches `end`. */
static const uint8_t *
scan_decimal(const uint8_t *s, const uint8_t *end, struct decimal *d)
{
    const uint8_t *first = s, *point;
    *d = (struct decimal){0};
    s = point = pass_digits(s, end, &d->digits);
    if (s == first || (*first == '0' && s > first + 1))
        return NULL;
    if (s < end && *s == '.') {
        s = pass_digits(s + 1, end, &d->digits);
        d->power = (int)(point + 1 - s);
        if (d->power == 0)
            return NULL;
    }
    long n = s - first - (d->power < 0) - (*first == '0');
    return s == end || n >= POWERS || wf_json_is_of_word(*s) ? NULL : s;
}

/* Divide, and round only once. The integer quotient has at least 62 bits, and
 * its last bit is set if there is a remainder. So the quotient converts to the
 * nearest double. */
static double
divide(uint64_t digits, uint64_t by)
{
    int up = __builtin_clzll(digits), by_up = __builtin_clzll(by);
    wide n = (wide)(digits << up) << 63;
    uint64_t quotient = (uint64_t)(n / (by << by_up));
    quotient |= n % (by << by_up) != 0;
    uint64_t bits = (uint64_t)(BIAS + by_up - up - 63) << MANTISSA;
    double scale;
    memcpy(&scale, &bits, sizeof scale);
    return (double)quotient * scale;
}

/* Fast code for wf_json_read_double. Reads a number only if the number has no
 * exponent, and the run of bytes at r->at goes on after the number. Returns
 * false if nothing was read. */
static bool
read_short(struct weft_reader *r, bool is_quoted, double *v)
{
    const uint8_t *s = r->at, *end = r->end;
    struct decimal d;
    if (is_quoted && (s == end || *s++ != '"'))
        return false;
    bool is_negative = s < end && *s == '-';
    s = scan_decimal(s + is_negative, end, &d);
    if (!s || (is_quoted && *s++ != '"'))
        return false;
    double got = d.power < 0 && d.digits > 0 ? divide(d.digits, tens[-d.power])
                                             : (double)d.digits;
    *v = is_negative ? -got : got;
    r->at = s;
    return true;
}

/* Find the value of a word that means NaN or infinity. The libraries of several
 * languages spell these words in different ways. */
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
    char word[WF_JSON_NUMBER_SIZE];
    bool has_quotes;
    if (WEFT_LIKELY(read_short(r, is_quoted, v)))
        return WEFT_OK;
    weft_err err = wf_json_read_number(r, word, &has_quotes);
    if (err)
        return err;
    if (find_special(word, v))
        return has_quotes || !is_quoted ? WEFT_OK : WEFT_EPROTOCOL;
    if (has_quotes != is_quoted || !wf_json_is_number(word, false))
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

/* ---- writing ---- */

#define SIX 1e6     /* six decimals are enough for most numbers */
#define SIX_MAX 9e9 /* below SIX_MAX, v * SIX fits the 53 bits of a double */

/* Round v to 17 or 18 digits. No other double rounds to the same digits. v is
 * at least 1e-3, and below 1e17. */
static struct decimal
to_17_digits(double v)
{
    uint64_t bits;
    int power = 16;
    double limit = 1;
    for (; v < limit && power < POWERS - 1; power++)
        limit /= 10;
    for (limit *= 10; v >= limit; power--)
        limit *= 10;
    memcpy(&bits, &v, sizeof bits);
    int exponent = (int)(bits >> MANTISSA) - BIAS - MANTISSA;
    uint64_t one = UINT64_C(1) << MANTISSA;
    wide n = (wide)((bits & (one - 1)) | one) * tens[power];
    if (exponent >= 0)
        n <<= exponent;
    else
        n = (n + ((wide)1 << (-exponent - 1))) >> -exponent;
    return (struct decimal){(uint64_t)n, -power};
}

/* Find digits that read back as v, which is not negative. Returns false if only
 * libc can find such digits. */
static bool
to_decimal(double v, struct decimal *d)
{
    if (v < SIX_MAX) {
        uint64_t digits = (uint64_t)(v * SIX + 0.5);
        *d = (struct decimal){digits, -6};
        if ((double)digits / SIX == v)
            return true;
    }
    bool fits = v >= 1e-3 && v < 1e17;
    if (fits)
        *d = to_17_digits(v);
    return fits;
}

/* Write the number without zeros at the end of its fraction. */
static void
put_decimal(struct weft_writer *w, struct decimal d)
{
    uint8_t fraction[POWERS + 1], *end = fraction + sizeof fraction, *at = end;
    for (; d.power < 0 && d.digits % 10 == 0; d.power++)
        d.digits /= 10;
    for (bool has_point = d.power < 0; has_point; has_point = d.power < 0) {
        *--at = (uint8_t)('0' + d.digits % 10);
        d.digits /= 10;
        d.power++;
    }
    if (at < end)
        *--at = '.';
    if (!weft_write_ready(w, WF_JSON_INT_SIZE + sizeof fraction))
        return;
    w->at = wf_json_format_int(w->at, (int64_t)d.digits);
    memcpy(w->at, at, (size_t)(end - at));
    w->at += end - at;
}

/* Write v as libc does, but with "." as decimal point. The program's locale may
 * have another decimal point, of any length. */
static void
put_any(struct weft_writer *w, double v)
{
    char text[64], *to = text;
    snprintf(text, sizeof text, "%.17g", v);
    for (const char *s = text; *s; s++)
        if (wf_json_is_of_word((uint8_t)*s) && *s != '.')
            *to++ = *s;
        else if (to == text || to[-1] != '.')
            *to++ = '.';
    *to = '\0';
    wf_json_put(w, text);
}

void
wf_json_write_double(struct weft_writer *w, double v)
{
    struct decimal d;
    if (!isfinite(v)) {
        wf_json_put(w, isnan(v) ? "\"NaN\""
                       : v > 0  ? "\"Infinity\""
                                : "\"-Infinity\"");
        return;
    }
    if (signbit(v)) {
        wf_json_put_char(w, '-');
        v = -v;
    }
    if (to_decimal(v, &d))
        put_decimal(w, d);
    else
        put_any(w, v);
}
