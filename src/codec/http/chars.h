/* SPDX-License-Identifier: MIT */
/* Tells which characters are allowed in tokens, values and other texts of HTTP.
 * Source: RFC 3986, RFC 9110. */
#ifndef WEFT_CODEC_HTTP_CHARS_H
#define WEFT_CODEC_HTTP_CHARS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline bool
wf_http_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* True if c is a letter, a digit, or a character of `others`. */
static inline bool
wf_http_is_plain_or(const char *others, char c)
{
    char low = (char)(c | 0x20);
    return (low >= 'a' && low <= 'z') || wf_http_is_digit(c) ||
           (c && strchr(others, c));
}

/* True if c may stand in a token, such as the name of a header (RFC 9110,
 * 5.6.2). */
static inline bool
wf_http_is_token(char c)
{
    return wf_http_is_plain_or("!#$%&'*+-.^_`|~", c);
}

/* True if c may stand in the value of a header. Of the control characters only
 * the tab is allowed (RFC 9110, 5.5). */
static inline bool
wf_http_is_text(char c)
{
    return ((uint8_t)c >= 0x20 || c == '\t') && c != 0x7f;
}

static inline bool
wf_http_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

#endif
