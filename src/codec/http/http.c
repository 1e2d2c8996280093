/* SPDX-License-Identifier: MIT */
/*
 * Reading HTTP. llhttp says what the bytes are; here they are bounded, the body
 * becomes a chain of views of the input, and the head is gathered in one text.
 */
#if WF_HTTP

#include "codec/codec.h"
#include "codec/http/llhttp_names.h"

#include <errno.h>
#include <string.h>

#include <llhttp.h>

#define HEADERS_MAX 256u
#define URL_MAX 8192u

struct line {
    uint32_t key, key_len, value, value_len; /* in text */
};

struct wf_http {
    llhttp_t parser;
    const struct weft_limits *limits;
    bool of_requests;
    bool is_whole; /* text and lines are those of a whole message */
    bool in_head;
    bool expects;    /* the head says that the peer waits for "100 Continue" */
    bool waits;      /* and now it does */
    bool has_length; /* one header has said how the body ends */
    bool is_last;
    weft_err err;
    uint32_t head_len, url_len;
    size_t line_len; /* of the head's line so far */
    char last;       /* the byte before */
    bool has_line;   /* there was one that is not empty */
    char *text;      /* of the headers: keys in lower case, values */
    uint32_t text_len, text_size;
    struct line *lines; /* HEADERS_MAX, or NULL */
    uint32_t n_lines;
    struct weft_chain body;
    /* While llhttp runs: where the input's first slice is. */
    const struct weft_chain *in;
    const char *run;
};

/* ---- the head ---- */

static int
fail(struct wf_http *http, weft_err err)
{
    http->err = err;
    return -1;
}

static void
forget_head(struct wf_http *http)
{
    wf_sys_free(http->text);
    wf_sys_free(http->lines);
    http->text = NULL;
    http->lines = NULL;
    http->text_len = http->text_size = http->n_lines = 0;
    http->head_len = http->url_len = 0;
    http->line_len = 0;
    http->last = 0;
    http->has_line = false;
}

/* What comes next is a head. */
static void
begin(struct wf_http *http)
{
    forget_head(http);
    http->is_whole = http->expects = http->waits = http->has_length = false;
    http->in_head = true;
}

static int
url(llhttp_t *parser, const char *at, size_t len)
{
    struct wf_http *http = parser->data;
    (void)at;
    http->url_len += (uint32_t)WF_MIN(len, (size_t)URL_MAX + 1);
    return http->url_len > URL_MAX ? fail(http, WEFT_EHEADER) : 0;
}

/* Room is bounded by limits.header_size, which the whole head keeps to. */
static int
add_text(struct wf_http *http, const char *at, size_t len, bool lower)
{
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
    for (size_t i = 0; i < len; i++) {
        bool upper = lower && at[i] >= 'A' && at[i] <= 'Z';
        http->text[http->text_len++] = (char)(upper ? at[i] | 0x20 : at[i]);
    }
    return 0;
}

static int
key(llhttp_t *parser, const char *at, size_t len)
{
    return add_text(parser->data, at, len, true);
}

static int
key_ends(llhttp_t *parser)
{
    struct wf_http *http = parser->data;
    if (http->n_lines == HEADERS_MAX)
        return fail(http, WEFT_EHEADER);
    if (!http->lines)
        http->lines = wf_sys_malloc(HEADERS_MAX * sizeof *http->lines);
    if (!http->lines)
        return fail(http, -ENOMEM);
    struct line *line = &http->lines[http->n_lines];
    uint32_t begun = http->n_lines ? line[-1].value + line[-1].value_len : 0;
    *line = (struct line){begun, http->text_len - begun, http->text_len, 0};
    return 0;
}

static int
value(llhttp_t *parser, const char *at, size_t len)
{
    return add_text(parser->data, at, len, false);
}

/* There is no text yet if all so far was empty. */
static struct weft_str
part_of(const struct wf_http *http, uint32_t at, uint32_t len)
{
    return (struct weft_str){len > 0 ? http->text + at : "", len};
}

static int
value_ends(llhttp_t *parser)
{
    struct wf_http *http = parser->data;
    struct line *line = &http->lines[http->n_lines];
    line->value_len = http->text_len - line->value;
    struct weft_header h = {part_of(http, line->key, line->key_len),
                            part_of(http, line->value, line->value_len)};
    if (wf_http_check(&h)) /* llhttp takes a space before the colon */
        return fail(http, WEFT_EPROTOCOL);
    if (weft_str_eq(h.key, WEFT_STR("expect")))
        http->expects = true;
    bool sized = weft_str_eq(h.key, WEFT_STR("content-length"));
    bool coded = weft_str_eq(h.key, WEFT_STR("transfer-encoding"));
    if ((sized || coded) && http->has_length)
        return fail(http, WEFT_EPROTOCOL); /* two could differ */
    http->has_length |= sized || coded;
    http->n_lines++;
    return 0;
}

static int
head_ends(llhttp_t *parser)
{
    struct wf_http *http = parser->data;
    http->in_head = false;
    http->is_last = !llhttp_should_keep_alive(parser);
    bool right = http->of_requests
                     ? parser->method == HTTP_POST
                     : parser->status_code == 200 ||
                           (parser->status_code == 100 && !http->is_last);
    if (!right || parser->upgrade)
        return fail(http, WEFT_EMSGTYPE);
    if (parser->content_length > http->limits->message_size &&
        !(parser->flags & F_CHUNKED))
        return fail(http, WEFT_ETOOBIG);
    http->waits = http->expects && http->of_requests;
    return http->waits ? HPE_PAUSED : 0;
}

/* ---- the body ---- */

static int
body(llhttp_t *parser, const char *at, size_t len)
{
    struct wf_http *http = parser->data;
    if (http->body.len + len > http->limits->message_size)
        return fail(http, WEFT_ETOOBIG);
    /* The input begins with the run that llhttp has. */
    weft_err err =
        weft_chain_share(http->in, (size_t)(at - http->run), len, &http->body);
    return err ? fail(http, err) : 0;
}

/* The response to Expect is one, too, but not the one that is waited for. */
static int
message_ends(llhttp_t *parser)
{
    struct wf_http *http = parser->data;
    http->is_whole = http->of_requests || parser->status_code != 100;
    return HPE_PAUSED; /* what follows is another head */
}

static const llhttp_settings_t settings = {
    .on_url = url,
    .on_header_field = key,
    .on_header_value = value,
    .on_header_field_complete = key_ends,
    .on_header_value_complete = value_ends,
    .on_headers_complete = head_ends,
    .on_body = body,
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
    http->in_head = true;
    return http;
}

void
wf_http_free(struct wf_http *http)
{
    if (!http)
        return;
    forget_head(http);
    weft_chain_clear(&http->body);
    wf_sys_free(http);
}

/* ---- reading ---- */

/* Every line of a head ends with CR LF, and neither is elsewhere; llhttp takes
 * one of them for both, which others do not. Looks to the end of the head: an
 * empty line behind others. */
static weft_err
check_head(struct wf_http *http, const char *at, size_t len)
{
    for (const char *end = at + len; at < end; at++) {
        if ((http->last == '\r') != (*at == '\n'))
            return WEFT_EPROTOCOL;
        if (++http->head_len > http->limits->header_size)
            return WEFT_EHEADER;
        http->last = *at;
        http->line_len++;
        if (*at != '\n')
            continue;
        if (http->line_len == 2 && http->has_line)
            break;
        http->has_line |= http->line_len > 2;
        http->line_len = 0;
    }
    return WEFT_OK;
}

/* Parse one run; *taken says how much of it. */
static weft_err
parse(struct wf_http *http, const struct weft_chain *in, size_t *taken)
{
    http->in = in;
    http->run = (const char *)in->head->ptr;
    size_t len = in->head->len;
    weft_err err = http->in_head ? check_head(http, http->run, len) : WEFT_OK;
    if (err)
        return err;
    llhttp_errno_t e = llhttp_execute(&http->parser, http->run, len);
    *taken = len;
    if (e == HPE_PAUSED)
        *taken = (size_t)(llhttp_get_error_pos(&http->parser) - http->run);
    if (http->err)
        return http->err;
    return e == HPE_OK || e == HPE_PAUSED ? WEFT_OK : WEFT_EPROTOCOL;
}

/* The body leaves behind its length. */
static weft_err
give_body(struct wf_http *http, struct weft_chain *out)
{
    uint8_t length[4];
    if (http->body.len == 0)
        return http->of_requests ? WEFT_EPROTOCOL : WEFT_OK;
    weft_store_be32(length, (uint32_t)http->body.len);
    weft_err err = weft_chain_append(out, length, sizeof length);
    if (!err)
        weft_chain_splice(&http->body, out);
    return err;
}

weft_err
wf_http_read(struct wf_http *http, struct weft_chain *in,
             struct weft_chain *out, enum wf_http_event *event)
{
    *event = WF_HTTP_MORE;
    if (http->is_whole && in->len > 0)
        begin(http);
    while (in->len > 0 && !http->err) {
        size_t taken;
        if (llhttp_get_errno(&http->parser) == HPE_PAUSED)
            llhttp_resume(&http->parser);
        http->err = parse(http, in, &taken);
        if (http->err)
            break;
        weft_chain_drop(in, taken);
        if (llhttp_get_errno(&http->parser) != HPE_PAUSED)
            continue;
        if (http->is_whole) {
            *event = WF_HTTP_MESSAGE;
            http->err = give_body(http, out);
            break;
        }
        if (http->waits) {
            http->waits = false;
            *event = WF_HTTP_CONTINUE;
            break;
        }
        begin(http);
    }
    return http->err;
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

weft_err
wf_http_headers(const struct wf_http *http, struct weft_arena *arena,
                struct weft_headers *headers)
{
    for (uint32_t i = 0; i < http->n_lines; i++) {
        const struct line *line = &http->lines[i];
        struct weft_str k = part_of(http, line->key, line->key_len);
        struct weft_str v = part_of(http, line->value, line->value_len);
        if (is_of_http(k))
            continue;
        struct weft_header *h = weft_push(arena, headers, sizeof *h);
        if (!h)
            return WEFT_EBUDGET;
        h->key = weft_arena_str(arena, k.ptr, k.len);
        h->value = weft_arena_str(arena, v.ptr, v.len);
        if (!h->key.ptr || !h->value.ptr)
            return WEFT_EBUDGET;
    }
    return WEFT_OK;
}

bool
wf_http_is_last(const struct wf_http *http)
{
    return http->is_last;
}

#endif
