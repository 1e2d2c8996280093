/* SPDX-License-Identifier: MIT */
/*
 * Gathers the headers of a message in one text, and checks the headers that say
 * how the body ends, or where the request goes. Source: RFC 9110, RFC 9112.
 */
#if WF_HTTP

#include "codec/http/reader.h"

#define URL_MAX 8192u

void
wf_http_forget_head(struct wf_http *http)
{
    wf_sys_free(http->text);
    http->text = NULL;
    http->text_len = http->text_size = http->text_value = 0;
    http->n_headers = 0;
}

/* Append to the text of the headers. limits.header_size bounds the head. The
 * text is not longer than the head, because the text has a NUL in place of each
 * colon and each line end. */
static int
add_text(struct wf_http *http, const char *at, size_t len)
{
    if (len == 0) /* llhttp may report an empty span at the end of a run */
        return 0;
    if (http->text_len + len > http->text_size) {
        size_t size = WF_MAX(2 * (http->text_len + len), (size_t)512);
        char *text = wf_sys_malloc(size);
        if (!text)
            return wf_http_fail(http, -ENOMEM);
        if (http->text_len > 0)
            memcpy(text, http->text, http->text_len);
        wf_sys_free(http->text);
        http->text = text;
        http->text_size = (uint32_t)size;
    }
    WF_CHECK(http->text_len + len <= http->text_size);
    memcpy(http->text + http->text_len, at, len);
    http->text_len += (uint32_t)len;
    return 0;
}

int
wf_http_on_url(llhttp_t *parser, const char *at, size_t len)
{
    struct wf_http *http = parser->data;
    http->url_len += (uint32_t)WF_MIN(len, (size_t)URL_MAX + 1);
    if (http->url_len > URL_MAX)
        return wf_http_fail(http, WEFT_ESIZE);
    return add_text(http, at, len);
}

/* True if the target has the right form for the method. Two methods have other
 * forms than POST (RFC 9112, 3.2); both methods are refused later. */
static bool
is_target_of(uint8_t method, struct weft_str url)
{
    return method == HTTP_CONNECT ||
           (method == HTTP_OPTIONS && weft_str_eq(url, WEFT_STR("*"))) ||
           wf_http_target_is_valid(url);
}

int
wf_http_on_url_end(llhttp_t *parser)
{
    struct wf_http *http = parser->data;
    struct weft_str url = {http->text, http->text_len};
    if (!is_target_of(parser->method, url))
        return wf_http_fail(http, WEFT_EPROTOCOL);
    http->text_len = 0; /* the headers follow */
    for (uint32_t i = 0; i < http->n_paths; i++)
        if (wf_http_path_is_asked_for(http->paths[i], url))
            return 0;
    return http->n_paths > 0 ? wf_http_fail(http, WEFT_ENOSERVICE) : 0;
}

static char
to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

int
wf_http_on_key(llhttp_t *parser, const char *at, size_t len)
{
    struct wf_http *http = parser->data;
    uint32_t from = http->text_len;
    if (len == 0)
        return 0;
    if (add_text(http, at, len))
        return -1;
    for (char *c = http->text + from; c < http->text + http->text_len; c++)
        *c = to_lower(*c);
    return 0;
}

int
wf_http_on_key_end(llhttp_t *parser)
{
    struct wf_http *http = parser->data;
    if (http->n_headers == WF_HTTP_HEADERS)
        return wf_http_fail(http, WEFT_EHEADER);
    if (add_text(http, "", 1))
        return -1;
    http->text_value = http->text_len;
    return 0;
}

int
wf_http_on_value(llhttp_t *parser, const char *at, size_t len)
{
    struct wf_http *http = parser->data;
    return add_text(http, http->is_tab ? "\t" : at, len);
}

/* True if the two texts are equal except for upper and lower case; `other` is
 * in lower case. */
static bool
is_word(struct weft_str s, struct weft_str other)
{
    if (s.len != other.len)
        return false;
    for (uint32_t i = 0; i < s.len; i++)
        if (to_lower(s.ptr[i]) != other.ptr[i])
            return false;
    return true;
}

static struct weft_str
trim(struct weft_str s)
{
    for (; s.len > 0 && wf_http_is_blank(s.ptr[0]); s.len--)
        s.ptr++;
    while (s.len > 0 && wf_http_is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

/* Remove the next item from a list; *item receives the item, which may be
 * empty. Returns false if no item is left. */
static bool
next_item(struct weft_str *list, struct weft_str *item)
{
    if (!list->ptr)
        return false;
    const char *comma = memchr(list->ptr, ',', list->len);
    uint32_t len = comma ? (uint32_t)(comma - list->ptr) : list->len;
    *item = trim((struct weft_str){list->ptr, len});
    *list = comma ? (struct weft_str){comma + 1, list->len - len - 1}
                  : (struct weft_str){NULL, 0};
    return true;
}

/* weft knows only the coding "chunked". If "chunked" is not the last coding, or
 * is applied twice, the end of the body is unknown (RFC 9112, 6.1 and 6.3). */
static weft_err
check_coding(const struct wf_http *http, struct weft_str list)
{
    struct weft_str item;
    uint32_t n = 0;
    bool is_chunked = false;
    if (http->parser.http_minor == 0)
        return WEFT_EPROTOCOL;
    while (next_item(&list, &item)) {
        if (item.len == 0)
            continue;
        if (is_chunked)
            return WEFT_EPROTOCOL;
        is_chunked = is_word(item, WEFT_STR("chunked"));
        n++;
    }
    if (!is_chunked)
        return WEFT_EPROTOCOL;
    return n == 1 ? WEFT_OK : WEFT_ETRANSFORM;
}

static void
note_connection(struct wf_http *http, struct weft_str list)
{
    struct weft_str item;
    while (next_item(&list, &item)) {
        http->closes |= is_word(item, WEFT_STR("close"));
        http->keeps |= is_word(item, WEFT_STR("keep-alive"));
    }
}

/* Only one header may say how the body ends, because two such headers could
 * differ. */
static weft_err
note_header(struct wf_http *http, const struct weft_header *h)
{
    weft_err err = WEFT_OK;
    bool is_length = weft_str_eq(h->key, WEFT_STR("content-length"));
    bool is_coding = weft_str_eq(h->key, WEFT_STR("transfer-encoding"));
    if (is_length || is_coding) {
        if (http->has_length)
            return WEFT_EPROTOCOL;
        http->has_length = true;
        if (is_coding)
            err = check_coding(http, h->value);
    } else if (weft_str_eq(h->key, WEFT_STR("host")) && http->of_requests) {
        if (http->has_host)
            return WEFT_EPROTOCOL;
        http->has_host = true;
        if (!wf_http_host_is_valid(h->value))
            return WEFT_EPROTOCOL;
    } else if (weft_str_eq(h->key, WEFT_STR("connection"))) {
        note_connection(http, h->value);
    } else if (weft_str_eq(h->key, WEFT_STR("expect"))) {
        http->expects = is_word(h->value, WEFT_STR("100-continue"));
    }
    return err;
}

int
wf_http_on_value_end(llhttp_t *parser)
{
    struct wf_http *http = parser->data;
    if (add_text(http, "", 1))
        return -1;
    const char *at = http->text + http->text_value, *name = at - 1;
    while (name > http->text && name[-1])
        name--;
    struct weft_header h = {
        {name, (uint32_t)(at - 1 - name)},
        trim((struct weft_str){at, http->text_len - 1 - http->text_value})};
    if (wf_http_check(&h)) /* llhttp accepts a space before the colon */
        return wf_http_fail(http, WEFT_EPROTOCOL);
    weft_err err = note_header(http, &h);
    http->n_headers++;
    return err ? wf_http_fail(http, err) : 0;
}

weft_err
wf_http_check_head(struct wf_http *http)
{
    const llhttp_t *p = &http->parser;
    bool chunked = p->flags & F_CHUNKED;
    if (p->http_major != 1 || p->http_minor > 1)
        return WEFT_EVERSION;
    if (http->of_requests && p->http_minor > 0 && !http->has_host)
        return WEFT_EPROTOCOL;
    if (http->of_requests && p->method != HTTP_POST)
        return WEFT_EMSGTYPE;
    if (p->status_code == 101 && !http->of_requests)
        return WEFT_EMSGTYPE; /* weft's requests ask for no upgrade */
    http->is_too_big =
        !chunked && p->content_length > http->limits->message_size;
    return http->is_too_big && http->of_requests ? WEFT_ETOOBIG : WEFT_OK;
}

static weft_err
add_header(struct weft_str k, struct weft_str v, struct weft_arena *arena,
           struct weft_headers *headers)
{
    struct weft_header *h = weft_push(arena, headers, sizeof *h);
    if (!h)
        return WEFT_EBUDGET;
    h->key = weft_arena_str(arena, k.ptr, k.len);
    h->value = weft_arena_str(arena, v.ptr, v.len);
    return h->key.ptr && h->value.ptr ? WEFT_OK : WEFT_EBUDGET;
}

weft_err
wf_http_headers(struct wf_http *http, struct weft_arena *arena,
                struct weft_headers *headers)
{
    weft_err err = WEFT_OK;
    const char *at = http->text;
    for (uint32_t i = 0; i < http->n_headers && !err; i++) {
        struct weft_str k = weft_str_of(at), v = weft_str_of(at + k.len + 1);
        at += (size_t)k.len + 1 + v.len + 1;
        if (!wf_http_owns(k) || weft_str_eq(k, WEFT_STR("host")))
            err = add_header(k, trim(v), arena, headers);
    }
    wf_http_forget_head(http);
    return err;
}

#endif
