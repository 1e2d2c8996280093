/* SPDX-License-Identifier: MIT */
/*
 * Paths of URLs: is this one well-formed, and does a request ask for it? Two
 * paths are the same if they differ only in how they write letters, digits and
 * "-._~": as themselves or as %XX. So %61 is `a`, but %2F is not `/`. Source:
 * RFC 3986, 2.3 and 6.2.2; RFC 9112, 3.2.
 */
#include "codec/http/chars.h"
#include "codec/http/http.h"

#include <string.h>

#define PATH_SIZE 8192u /* bytes; a longer URL is refused */
#define ESCAPED 0x100u  /* a byte that does not stand for itself */

bool
wf_http_path_is_valid(const char *path)
{
    size_t len = strlen(path);
    for (size_t i = 0; i < len; i++) {
        if (path[i] <= ' ' || path[i] > '~' || path[i] == '#')
            return false;
        if (path[i] == '%' &&
            (wf_http_hex(path[i + 1]) < 0 || wf_http_hex(path[i + 2]) < 0))
            return false;
    }
    return len <= PATH_SIZE && path[0] == '/';
}

static bool
is_unreserved(int c)
{
    int low = c | 0x20;
    return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') ||
           (c > 0 && strchr("-._~", c));
}

/* Take the next character off. */
static unsigned
next(struct weft_str *s)
{
    char c = s->ptr[0];
    int high = -1, low = -1;
    if (c == '%' && s->len >= 3) {
        high = wf_http_hex(s->ptr[1]);
        low = wf_http_hex(s->ptr[2]);
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
    static const char mark[] = "://";
    uint32_t from = 0, to;
    if (target.len == 0 || target.ptr[0] != '/') {
        while (from + 3 <= target.len &&
               memcmp(target.ptr + from, mark, 3) != 0)
            from++;
        if (from + 3 > target.len)
            return (struct weft_str){target.ptr, 0}; /* "*", or of CONNECT */
        from += 3;
        while (from < target.len && target.ptr[from] != '/' &&
               target.ptr[from] != '?')
            from++;
        if (from == target.len || target.ptr[from] == '?')
            return WEFT_STR("/");
    }
    to = from;
    while (to < target.len && target.ptr[to] != '?')
        to++;
    return (struct weft_str){target.ptr + from, to - from};
}

bool
wf_http_path_is_asked_for(const char *path, struct weft_str target)
{
    return is_same(weft_str_of(path), path_of(target));
}
