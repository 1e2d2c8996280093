/* SPDX-License-Identifier: MIT */
/*
 * Checks targets of requests, checks hosts, and compares the path of a request
 * with the path of a server. Two paths are the same if they differ only where
 * one path has a letter, a digit or a character of "-._~", and the other path
 * has the same character as %XX. So %61 is `a`, but %2F is not `/`. Source: RFC
 * 3986, 2.3, 3.2 and 6.2.2; RFC 9112, 3.2.
 */
#include "codec/http/chars.h"
#include "codec/http/http.h"

#include <string.h>

#define PATH_SIZE 8192u /* bytes; a longer path is refused */
#define ESCAPED 0x100u  /* marks a reserved byte that was written as %XX */

#define UNRESERVED "-._~"
#define NAME UNRESERVED "!$&'()*+;=" /* no comma: it would separate two hosts */
#define PATH NAME ",:@/?"            /* allowed in a path or a query */

/* True if s has only letters, digits, the characters of `others`, and escapes
 * %XX. */
static bool
is_made_of(struct weft_str s, const char *others)
{
    for (uint32_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '%' && !wf_http_is_plain_or(others, s.ptr[i]))
            return false;
        if (s.ptr[i] == '%' &&
            (s.len - i < 3 || wf_hex_digit((uint8_t)s.ptr[i + 1]) < 0 ||
             wf_hex_digit((uint8_t)s.ptr[i + 2]) < 0))
            return false;
    }
    return true;
}

bool
wf_http_path_is_valid(const char *path)
{
    size_t len = strlen(path);
    return len <= PATH_SIZE && path[0] == '/' &&
           is_made_of(weft_str_of(path), PATH);
}

/* The number of bytes before the first `c` in s; if s has no `c`, the length of
 * s. */
static uint32_t
span(struct weft_str s, char c)
{
    const char *at = s.len > 0 ? memchr(s.ptr, c, s.len) : NULL;
    return at ? (uint32_t)(at - s.ptr) : s.len;
}

static struct weft_str
after(struct weft_str s, uint32_t n)
{
    return (struct weft_str){s.ptr + n, s.len - n};
}

/* True if s is an IPv6 address. A zone in the address is accepted, though
 * clients should leave zones out. */
static bool
is_ipv6(struct weft_str s)
{
    struct weft_str number = {s.ptr, span(s, '%')};
    bool has_colon = span(number, ':') < number.len;
    for (uint32_t i = 0; i < number.len; i++)
        if (wf_hex_digit((uint8_t)s.ptr[i]) < 0 && s.ptr[i] != ':' &&
            s.ptr[i] != '.')
            return false;
    for (uint32_t i = number.len; i < s.len; i++)
        if (!wf_http_is_plain_or(UNRESERVED "%", s.ptr[i]))
            return false;
    return has_colon;
}

bool
wf_http_host_is_valid(struct weft_str host)
{
    uint32_t len = span(host, ':');
    if (host.len > 0 && host.ptr[0] == '[') {
        len = span(host, ']');
        if (len == host.len ||
            !is_ipv6((struct weft_str){host.ptr + 1, len - 1}))
            return false;
        len++;
    } else if (!is_made_of((struct weft_str){host.ptr, len}, NAME)) {
        return false;
    }
    struct weft_str port = after(host, len);
    for (uint32_t i = 0; i < port.len; i++)
        if (i == 0 ? port.ptr[i] != ':' : !wf_http_is_digit(port.ptr[i]))
            return false;
    return true;
}

/* Divide a URL into its authority and the part after the authority. Returns
 * false if `url` has no "://". */
static bool
cut_url(struct weft_str url, struct weft_str *authority, struct weft_str *rest)
{
    static const char mark[] = "://";
    uint32_t from = 0;
    while (from + 3 <= url.len && memcmp(url.ptr + from, mark, 3) != 0)
        from++;
    if (from + 3 > url.len)
        return false;
    *rest = after(url, from + 3);
    uint32_t len = WF_MIN(span(*rest, '/'), span(*rest, '?'));
    *authority = (struct weft_str){rest->ptr, len};
    *rest = after(*rest, len);
    return true;
}

bool
wf_http_target_is_valid(struct weft_str target)
{
    struct weft_str authority, rest;
    if (target.len > 0 && target.ptr[0] == '/')
        return is_made_of(target, PATH);
    /* The host of a URL must not be empty (RFC 9110, 4.2.1). */
    return cut_url(target, &authority, &rest) && span(authority, ':') > 0 &&
           wf_http_host_is_valid(authority) && is_made_of(rest, PATH);
}

static bool
is_unreserved(int c)
{
    return c < 0x80 && wf_http_is_plain_or(UNRESERVED, (char)c);
}

/* Remove the next character from s, and return it. */
static unsigned
next(struct weft_str *s)
{
    char c = s->ptr[0];
    int high = -1, low = -1;
    if (c == '%' && s->len >= 3) {
        high = wf_hex_digit((uint8_t)s->ptr[1]);
        low = wf_hex_digit((uint8_t)s->ptr[2]);
    }
    bool escaped = high >= 0 && low >= 0;
    uint32_t n = escaped ? 3 : 1;
    s->ptr += n;
    s->len -= n;
    if (!escaped)
        return (uint8_t)c;
    int byte = high << 4 | low;
    return is_unreserved(byte) ? (unsigned)byte : (unsigned)byte | ESCAPED;
}

static bool
is_same(struct weft_str a, struct weft_str b)
{
    while (a.len > 0 && b.len > 0)
        if (next(&a) != next(&b))
            return false;
    return a.len == b.len;
}

/* The part of a request's target before "?", without scheme and authority. */
static struct weft_str
path_of(struct weft_str target)
{
    struct weft_str authority, rest = target;
    if (target.len == 0 || target.ptr[0] != '/') {
        /* the target is "*", or the target of CONNECT */
        if (!cut_url(target, &authority, &rest))
            return (struct weft_str){target.ptr, 0};
        if (rest.len == 0 || rest.ptr[0] == '?')
            return WEFT_STR("/");
    }
    return (struct weft_str){rest.ptr, span(rest, '?')};
}

bool
wf_http_path_is_asked_for(const char *path, struct weft_str target)
{
    return is_same(weft_str_of(path), path_of(target));
}
