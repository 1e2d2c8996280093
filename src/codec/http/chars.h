/* SPDX-License-Identifier: MIT */
/* Tells which characters are allowed in tokens, values and other texts of HTTP.
 * Source: RFC 3986, RFC 9110. */
#ifndef WEFT_CODEC_HTTP_CHARS_H
#define WEFT_CODEC_HTTP_CHARS_H

#include <weft/base.h>

#include <string.h>
#include <strings.h>

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

/* True if all characters may stand in the value of a header. */
static inline bool
wf_http_is_value(struct weft_str s)
{
    for (uint32_t i = 0; i < s.len; i++)
        if (!wf_http_is_text(s.ptr[i]))
            return false;
    return true;
}

/* True if s is the word; the case does not matter in HTTP. */
static inline bool
wf_http_is_word(struct weft_str s, const char *word)
{
    return s.len == strlen(word) && strncasecmp(s.ptr, word, s.len) == 0;
}

#endif
