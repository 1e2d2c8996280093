/* SPDX-License-Identifier: MIT */
#include "rpc/headers.h"

#include <string.h>
#include <strings.h>

/* The longest text that the length fields of THeader and TTHeader can hold. */
#define TEXT_MAX 65535u

static bool
begins(struct weft_str s, const char *with)
{
    size_t len = strlen(with);
    return s.len >= len && memcmp(s.ptr, with, len) == 0;
}

bool
weft_dialect_exists(const struct weft_dialect *d)
{
    bool is_frame = wf_has_headers(d) && d->framing != WEFT_HTTP;
    if (d->framing > WEFT_HTTP || d->protocol > WEFT_OLD_BINARY ||
        d->around > WEFT_IN_HTTP || (d->around && !is_frame))
        return false;
    if (d->zlib && wf_has_headers(d) && d->framing != WEFT_THEADER)
        return false;
    return !(wf_is_ttheader(d) && d->protocol == WEFT_JSON);
}

weft_err
wf_header_check(const struct weft_dialect *d, struct weft_str key,
                struct weft_str value)
{
    struct weft_header h = {key, value};
    if (!wf_has_headers(d) || key.len == 0 || key.len > TEXT_MAX ||
        value.len > TEXT_MAX)
        return WEFT_EHEADER;
    if (d->framing == WEFT_HTTP)
        return wf_http_owns(key) ? WEFT_EHEADER : wf_http_check(&h);
    bool is_number = key.ptr[0] == ':';
    if (wf_is_ttheader(d) ? wf_ttheader_owns(key) : is_number)
        return WEFT_EHEADER;
    return WEFT_OK;
}

weft_err
wf_header_put(const struct weft_dialect *d, struct weft_arena *arena,
              struct wf_sent_headers *headers, struct weft_str key,
              struct weft_str value)
{
    struct weft_header header = {key, value};
    headers->refused = key;
    headers->is_full = false;
    weft_err err = wf_header_check(d, key, value);
    if (err)
        return err;
    size_t bytes = headers->bytes + wf_header_size(d, &header);
    headers->is_full = !wf_headers_have_room(d, headers->list.len + 1, bytes);
    if (headers->is_full)
        return WEFT_EHEADER;
    struct weft_header *h = weft_push(arena, &headers->list, sizeof *h);
    if (!h)
        return WEFT_EBUDGET;
    *h = header;
    headers->bytes = bytes;
    return WEFT_OK;
}

weft_err
wf_header_put_number(const struct weft_dialect *d, struct weft_arena *arena,
                     struct wf_sent_headers *headers, const char *key,
                     int64_t value)
{
    struct weft_str text = weft_arena_printf(arena, "%lld", (long long)value);
    if (!text.ptr)
        return WEFT_EBUDGET;
    return wf_header_put(d, arena, headers, weft_str_of(key), text);
}

struct weft_str
wf_header_get(const struct weft_headers *headers, struct weft_str key)
{
    for (uint32_t i = headers->len; i > 0; i--)
        if (weft_str_eq(headers->items[i - 1].key, key))
            return headers->items[i - 1].value;
    return (struct weft_str){NULL, 0};
}

bool
wf_header_number(struct weft_str text, int64_t min, int64_t max,
                 int64_t *number)
{
    bool minus = text.len > 0 && text.ptr[0] == '-';
    int64_t n = 0;
    if (text.len - minus == 0 || text.len - minus > 18)
        return false;
    for (uint32_t i = minus; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        n = n * 10 + (text.ptr[i] - '0');
    }
    *number = minus ? -n : n;
    return *number >= min && *number <= max;
}

weft_err
wf_header_from_http(struct weft_arena *arena, struct weft_header *header)
{
    static const char *const prefixes[] = {WEFT_PERSIST, WEFT_UPSTREAM,
                                           WEFT_TRANSIT};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        uint32_t len = (uint32_t)strlen(prefixes[i]);
        struct weft_str key = header->key;
        if (key.len < len || strncasecmp(key.ptr, prefixes[i], len) != 0)
            continue;
        header->key = weft_arena_printf(arena, "%s%.*s", prefixes[i],
                                        (int)(key.len - len), key.ptr + len);
        return header->key.ptr ? WEFT_OK : WEFT_EBUDGET;
    }
    return WEFT_OK;
}

/*
 * Forward RPC_PERSIST_x. RPC_TRANSIT_x is for one hop only: it was renamed to
 * RPC_TRANSIT_UPSTREAM_x on arrival, and is not forwarded.
 */
weft_err
wf_header_inherit(const struct weft_dialect *d, struct weft_arena *arena,
                  const struct weft_headers *from, struct wf_sent_headers *to)
{
    weft_err err = WEFT_OK;
    for (uint32_t i = 0; i < from->len && !err; i++) {
        const struct weft_header *h = &from->items[i];
        /* A header that the call sets itself replaces an inherited one. */
        if (begins(h->key, WEFT_PERSIST) &&
            !wf_header_get(&to->list, h->key).ptr)
            err = wf_header_put(d, arena, to, h->key, h->value);
    }
    return err;
}
