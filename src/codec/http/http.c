/* SPDX-License-Identifier: MIT */
/*
 * Reading HTTP. llhttp parses the bytes. Here they are bounded, the body
 * becomes a chain, and the headers are gathered in one text.
 *
 * llhttp gets the bytes part by part: a head, a chunk's size, its data, and so
 * on. A part of lines is cut here, where every line must end in CR LF; llhttp
 * must find the end of the part at the same byte (`moved`), otherwise the
 * message could be read in two ways. Source: RFC 9110, RFC 9112.
 */
#if WF_HTTP

#include "codec/codec.h"
#include "codec/http/llhttp_names.h"

#include <errno.h>
#include <string.h>

#include <llhttp.h>

#define URL_MAX 8192u
#define CHUNK_LINE_MAX 16384u /* a chunk's size with its extensions, as Node */
#define GATHER 4096u          /* smaller pieces of a body are gathered */

/* What the next bytes are. */
enum part {
    HEAD,     /* lines, to an empty one */
    FIXED,    /* a body of known length */
    REST,     /* a body that ends with the connection */
    SIZE,     /* the line before a chunk */
    DATA,     /* of a chunk */
    DATA_END, /* an empty line */
    TRAILER,  /* lines after the last chunk, to an empty one */
};

struct wf_http {
    llhttp_t parser;
    const struct weft_limits *limits;
    bool of_requests;
    uint8_t part;    /* enum part */
    bool moved;      /* llhttp has seen the end of the part */
    bool is_whole;   /* the headers are those of a whole message */
    bool expects;    /* the head says that the peer waits for "100 Continue" */
    bool waits;      /* and now it does */
    bool has_length; /* a header has said how the body ends */
    bool has_host;
    bool is_last;
    bool is_too_big; /* the body is above the limit, and is dropped */
    weft_err err;
    uint32_t url_len;
    char last;                 /* the previous byte of the part's lines */
    bool has_line;             /* the part has a line that is not empty */
    size_t line_len, part_len; /* bytes of the line, of all lines, so far */
    uint64_t left;             /* FIXED, DATA: bytes to come */
    size_t idle; /* bytes of lines since the last byte of the body */
    char *text;  /* keys in lower case and values, a NUL after each */
    uint32_t text_len, text_size,
        text_value; /* text_value: begin of the last */
    uint32_t n_headers;
    struct weft_chain body;
    uint8_t *small; /* GATHER bytes for small pieces after the body, or NULL */
    uint32_t small_len;
    /* While llhttp runs: the input, and the start of its first slice. */
    const struct weft_chain *in;
    const char *run;
};

static int
fail(struct wf_http *http, weft_err err)
{
    http->err = err;
    return -1;
}

/* Begin a part. Lines that it has are counted from here. */
static void
move(struct wf_http *http, enum part part)
{
    http->moved = true;
    http->part = (uint8_t)part;
    http->last = 0;
    http->has_line = false;
    http->line_len = http->part_len = 0;
}

/* ---- the head ---- */

static void
forget_head(struct wf_http *http)
{
    wf_sys_free(http->text);
    http->text = NULL;
    http->text_len = http->text_size = http->text_value = 0;
    http->n_headers = 0;
}

/* The next bytes are a head. */
static void
begin(struct wf_http *http)
{
    forget_head(http);
    http->is_whole = http->expects = http->waits = false;
    http->has_length = http->has_host = false;
    http->url_len = 0;
    http->idle = 0;
    move(http, HEAD);
}

static int
url(llhttp_t *parser, const char *at, size_t len)
{
    struct wf_http *http = parser->data;
    (void)at;
    http->url_len += (uint32_t)WF_MIN(len, (size_t)URL_MAX + 1);
    return http->url_len > URL_MAX ? fail(http, WEFT_ESIZE) : 0;
}

/* limits.header_size, which holds for the whole head, bounds the text, too: a
 * NUL takes the place of a colon or a line's end. */
static int
add_text(struct wf_http *http, const char *at, size_t len)
{
    if (len == 0) /* llhttp ends its spans where the input's runs end */
        return 0;
    if (http->text_len + len > http->text_size) {
        size_t size = WF_MAX(2 * (http->text_len + len), (size_t)512);
        char *text = wf_sys_malloc(size);
        if (!text)
            return fail(http, -ENOMEM);
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

static char
to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static int
key(llhttp_t *parser, const char *at, size_t len)
{
    struct wf_http *http = parser->data;
    uint32_t from = http->text_len;
    if (http->part == TRAILER || len == 0)
        return 0;
    if (add_text(http, at, len))
        return -1;
    for (char *c = http->text + from; c < http->text + http->text_len; c++)
        *c = to_lower(*c);
    return 0;
}

static int
key_ends(llhttp_t *parser)
{
    struct wf_http *http = parser->data;
    if (http->part == TRAILER)
        return 0;
    if (http->n_headers == WF_HTTP_HEADERS)
        return fail(http, WEFT_EHEADER);
    if (add_text(http, "", 1))
        return -1;
    http->text_value = http->text_len;
    return 0;
}

static int
value(llhttp_t *parser, const char *at, size_t len)
{
    struct wf_http *http = parser->data;
    return http->part == TRAILER ? 0 : add_text(http, at, len);
}

/* Equal without regard to case; other is in lower case. */
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

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct weft_str
trim(struct weft_str s)
{
    for (; s.len > 0 && is_blank(s.ptr[0]); s.len--)
        s.ptr++;
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

/* The next item of a list; empty ones count, too. false: there is no more. */
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

/* Only chunked is known. Where it is not the last coding, or is applied twice,
 * the body's end is unknown (RFC 9112, 6.1 and 6.3). */
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

/* Characters of a host and port; an empty host is one, too (RFC 9110, 7.2). */
static weft_err
check_host(struct weft_str host)
{
    static const char others[] = "-._~%!$&'()*+;=:[]";
    for (uint32_t i = 0; i < host.len; i++) {
        char c = to_lower(host.ptr[i]);
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!plain && (!c || !strchr(others, c)))
            return WEFT_EPROTOCOL;
    }
    return WEFT_OK;
}

/* Of headers that say how the body ends, one is allowed: two could differ. */
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
        err = check_host(h->value);
    } else if (weft_str_eq(h->key, WEFT_STR("expect"))) {
        http->expects = is_word(h->value, WEFT_STR("100-continue"));
    }
    return err;
}

static int
value_ends(llhttp_t *parser)
{
    struct wf_http *http = parser->data;
    if (http->part == TRAILER)
        return 0;
    if (add_text(http, "", 1))
        return -1;
    const char *at = http->text + http->text_value, *name = at - 1;
    while (name > http->text && name[-1])
        name--;
    struct weft_header h = {
        {name, (uint32_t)(at - 1 - name)},
        trim((struct weft_str){at, http->text_len - 1 - http->text_value})};
    if (wf_http_check(&h)) /* llhttp takes a space before the colon */
        return fail(http, WEFT_EPROTOCOL);
    weft_err err = note_header(http, &h);
    http->n_headers++;
    return err ? fail(http, err) : 0;
}

/* ---- the message ---- */

static weft_err
check_head(struct wf_http *http)
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
        return WEFT_EMSGTYPE; /* it was not asked for */
    http->is_too_big =
        !chunked && p->content_length > http->limits->message_size;
    return http->is_too_big && http->of_requests ? WEFT_ETOOBIG : WEFT_OK;
}

static int
head_ends(llhttp_t *parser)
{
    struct wf_http *http = parser->data;
    bool chunked = parser->flags & F_CHUNKED;
    weft_err err = check_head(http);
    if (err)
        return fail(http, err);
    parser->upgrade = 0; /* is not taken up (RFC 9110, 7.8) */
    http->is_last = !llhttp_should_keep_alive(parser);
    http->left = parser->content_length;
    http->idle = 0;
    bool has_body = chunked || http->left > 0;
    bool is_bare = parser->status_code == 204 || parser->status_code == 304;
    if (!http->has_length && !http->of_requests && !is_bare)
        move(http, REST);
    else
        move(http, chunked ? SIZE : FIXED);
    http->waits = http->expects && http->of_requests && has_body &&
                  parser->http_minor > 0;
    return http->waits ? HPE_PAUSED : 0;
}

/* Move the small pieces to the body. */
static weft_err
flush_small(struct wf_http *http)
{
    if (!http->small)
        return WEFT_OK;
    weft_err err = weft_chain_append_ref(
        &http->body, http->small, http->small_len, wf_sys_free, http->small);
    if (!err)
        http->small = NULL;
    return err;
}

static weft_err
gather(struct wf_http *http, const char *at, size_t len)
{
    while (len > 0) {
        if (!http->small) {
            http->small = wf_sys_malloc(GATHER);
            http->small_len = 0;
        }
        if (!http->small)
            return -ENOMEM;
        size_t n = WF_MIN(len, GATHER - http->small_len);
        memcpy(http->small + http->small_len, at, n);
        http->small_len += (uint32_t)n;
        at += n;
        len -= n;
        weft_err err = http->small_len == GATHER ? flush_small(http) : WEFT_OK;
        if (err)
            return err;
    }
    return WEFT_OK;
}

static size_t
body_len(const struct wf_http *http)
{
    return http->body.len + (http->small ? http->small_len : 0);
}

/* A body above the limit ends the input of a server. A client passes over it:
 * other responses follow. */
static weft_err
drop_body(struct wf_http *http)
{
    weft_chain_clear(&http->body);
    wf_sys_free(http->small);
    http->small = NULL;
    return http->of_requests ? WEFT_ETOOBIG : WEFT_OK;
}

/*
 * A view of a small piece costs a slice and keeps a whole block, and so does
 * one after lines of more bytes. These are gathered, so that a body never keeps
 * much more than twice its bytes; except for one that has come in one piece.
 */
static weft_err
add_body(struct wf_http *http, const char *at, size_t len)
{
    bool is_all =
        http->part == FIXED && body_len(http) == 0 && http->left == len;
    size_t idle = http->idle;
    http->idle = 0;
    if (body_len(http) + len > http->limits->message_size)
        http->is_too_big = true;
    if (http->is_too_big)
        return drop_body(http);
    if (!is_all && (len < GATHER || idle > len))
        return gather(http, at, len);
    weft_err err = flush_small(http);
    if (err)
        return err;
    return weft_chain_share(http->in, (size_t)(at - http->run), len,
                            &http->body);
}

static int
body(llhttp_t *parser, const char *at, size_t len)
{
    struct wf_http *http = parser->data;
    weft_err err = add_body(http, at, len);
    if (err)
        return fail(http, err);
    if (http->part == REST)
        return 0;
    WF_DCHECK(len <= http->left);
    http->left -= len;
    if (http->part == DATA && http->left == 0)
        move(http, DATA_END);
    return 0;
}

static int
size_ends(llhttp_t *parser)
{
    struct wf_http *http = parser->data;
    http->left = parser->content_length;
    if (http->left > http->limits->message_size - body_len(http)) {
        http->is_too_big = true;
        if (drop_body(http))
            return fail(http, WEFT_ETOOBIG);
    }
    move(http, http->left > 0 ? DATA : TRAILER);
    return 0;
}

/* Also called for the last chunk, after whose size no data comes. */
static int
chunk_ends(llhttp_t *parser)
{
    struct wf_http *http = parser->data;
    if (http->part == DATA_END)
        move(http, SIZE);
    return 0;
}

/* The response to Expect is a message, too, but not the one waited for. */
static int
message_ends(llhttp_t *parser)
{
    struct wf_http *http = parser->data;
    http->is_whole = http->of_requests || parser->status_code / 100 != 1;
    move(http, HEAD);
    return HPE_PAUSED; /* another head follows */
}

static const llhttp_settings_t settings = {
    .on_url = url,
    .on_header_field = key,
    .on_header_value = value,
    .on_header_field_complete = key_ends,
    .on_header_value_complete = value_ends,
    .on_headers_complete = head_ends,
    .on_body = body,
    .on_chunk_header = size_ends,
    .on_chunk_complete = chunk_ends,
    .on_message_complete = message_ends,
};

/* ---- life ---- */

struct wf_http *
wf_http_new(bool of_requests, const struct weft_limits *limits)
{
    struct wf_http *http = wf_sys_zalloc(sizeof *http);
    if (!http)
        return NULL;
    llhttp_init(&http->parser, of_requests ? HTTP_REQUEST : HTTP_RESPONSE,
                &settings);
    http->parser.data = http;
    http->limits = limits;
    http->of_requests = of_requests;
    return http;
}

void
wf_http_free(struct wf_http *http)
{
    if (!http)
        return;
    forget_head(http);
    wf_sys_free(http->small);
    weft_chain_clear(&http->body);
    wf_sys_free(http);
}

/* ---- reading ---- */

static bool
has_lines(uint8_t part)
{
    return part != FIXED && part != REST && part != DATA;
}

/* A line of the part has ended: is it the last one? */
static bool
ends_part(const struct wf_http *http)
{
    bool is_empty = http->line_len == 2;
    if (http->part == HEAD)
        return is_empty && http->has_line;
    return http->part == TRAILER ? is_empty : true;
}

static weft_err
count_line_byte(struct wf_http *http)
{
    bool is_chunk = http->part == SIZE || http->part == DATA_END;
    http->line_len++;
    http->idle++;
    if (is_chunk)
        return ++http->part_len > CHUNK_LINE_MAX ? WEFT_EPROTOCOL : WEFT_OK;
    return ++http->part_len > http->limits->header_size ? WEFT_EHEADER
                                                        : WEFT_OK;
}

/*
 * Find the end of a part of lines; *taken says where it is, or the run is.
 * Every line ends in CR LF, and neither is elsewhere: llhttp takes one of them
 * for both in places, which other parsers do not. A line that begins with a
 * blank is folded, or none (RFC 9112, 2.2 and 5.2).
 */
static weft_err
pass_lines(struct wf_http *http, const char *at, size_t len, size_t *taken,
           bool *ends)
{
    for (*taken = 0; *taken < len && !*ends;) {
        char c = at[(*taken)++];
        if ((http->last == '\r') != (c == '\n') ||
            (http->line_len == 0 && is_blank(c)))
            return WEFT_EPROTOCOL;
        weft_err err = count_line_byte(http);
        if (err)
            return err;
        http->last = c;
        if (c != '\n')
            continue;
        *ends = ends_part(http);
        http->has_line |= http->line_len > 2;
        http->line_len = 0;
    }
    return WEFT_OK;
}

static weft_err
error_of(const struct wf_http *http, llhttp_errno_t e)
{
    if (http->err)
        return http->err;
    if (e == HPE_OK || e == HPE_PAUSED)
        return WEFT_OK;
    bool is_known = http->parser.http_major == 1 && http->parser.http_minor < 2;
    return e == HPE_INVALID_VERSION && !is_known ? WEFT_EVERSION
                                                 : WEFT_EPROTOCOL;
}

/* Parse what one run has of the part; *taken is how much of it. */
static weft_err
parse(struct wf_http *http, const struct weft_chain *in, size_t *taken)
{
    const char *run = (const char *)in->head->ptr;
    size_t len = in->head->len;
    bool lines = has_lines(http->part), ends = false;
    weft_err err = WEFT_OK;
    if (lines)
        err = pass_lines(http, run, len, taken, &ends);
    else
        *taken = http->part == REST ? len : (size_t)WF_MIN(http->left, len);
    if (err)
        return err;
    WF_DCHECK(*taken > 0 && *taken <= len);
    http->in = in;
    http->run = run;
    http->moved = false;
    llhttp_errno_t e = llhttp_execute(&http->parser, run, *taken);
    err = error_of(http, e);
    if (err)
        return err;
    if (e == HPE_PAUSED && llhttp_get_error_pos(&http->parser) != run + *taken)
        return WEFT_EPROTOCOL;
    return lines && ends != http->moved ? WEFT_EPROTOCOL : WEFT_OK;
}

/* Append the body, with its length before it. */
static weft_err
give_body(struct wf_http *http, struct weft_chain *out)
{
    uint8_t length[4];
    weft_err err = flush_small(http);
    if (err)
        return err;
    if (http->body.len == 0)
        return http->of_requests ? WEFT_EPROTOCOL : WEFT_OK;
    weft_store_be32(length, (uint32_t)http->body.len);
    err = weft_chain_append(out, length, sizeof length);
    if (!err)
        weft_chain_splice(&http->body, out);
    return err;
}

/* llhttp is paused: after a message, or before a body that is waited for.
 * WF_HTTP_MORE: go on. */
static enum wf_http_event
take_pause(struct wf_http *http, struct weft_chain *out)
{
    llhttp_resume(&http->parser);
    if (http->waits) {
        http->waits = false;
        return WF_HTTP_CONTINUE;
    }
    if (!http->is_whole) {
        begin(http);
        return WF_HTTP_MORE;
    }
    http->err = give_body(http, out);
    return WF_HTTP_MESSAGE;
}

weft_err
wf_http_read(struct wf_http *http, struct weft_chain *in,
             struct weft_chain *out, enum wf_http_event *event)
{
    *event = WF_HTTP_MORE;
    if (http->is_whole && in->len > 0)
        begin(http);
    while (in->len > 0 && !http->err && *event == WF_HTTP_MORE) {
        size_t taken;
        http->err = parse(http, in, &taken);
        if (http->err)
            break;
        weft_chain_drop(in, taken);
        if (llhttp_get_errno(&http->parser) == HPE_PAUSED)
            *event = take_pause(http, out);
    }
    return http->err;
}

weft_err
wf_http_end(struct wf_http *http, struct weft_chain *out,
            enum wf_http_event *event)
{
    *event = WF_HTTP_MORE;
    if (http->err)
        return http->err;
    if (http->part == HEAD && http->part_len == 0)
        return WEFT_OK;
    if (http->part != REST)
        return WEFT_EEOF;
    http->is_whole = true;
    *event = WF_HTTP_MESSAGE;
    move(http, HEAD);
    return http->err = give_body(http, out);
}

bool
wf_http_is_partial(const struct wf_http *http)
{
    return http->part != HEAD || http->part_len > 0;
}

/* About the connection or the framing, not about the message. */
static bool
is_of_http(struct weft_str key)
{
    static const char *const keys[] = {"connection",        "content-length",
                                       "content-type",      "expect",
                                       "transfer-encoding", "keep-alive"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (weft_str_eq(key, weft_str_of(keys[i])))
            return true;
    return false;
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
        if (!is_of_http(k))
            err = add_header(k, trim(v), arena, headers);
    }
    forget_head(http);
    return err;
}

uint32_t
wf_http_status(const struct wf_http *http)
{
    return http->parser.status_code;
}

bool
wf_http_is_too_big(const struct wf_http *http)
{
    return http->is_too_big;
}

bool
wf_http_is_last(const struct wf_http *http)
{
    return http->is_last;
}

#endif
