/* SPDX-License-Identifier: MIT */
/*
 * Reads responses of any kind, for a client of HTTP: the caller brings each
 * line, and says how many bytes of the body it has taken. What a line means
 * depends on the lines before it, which struct wf_http_response holds. Where a
 * server could be understood in two ways, the line is refused. Source: RFC
 * 9110, RFC 9112.
 */
#include "codec/http/chars.h"
#include "codec/http/http.h"

#include <string.h>

/* What the next line is. */
enum part {
    STATUS,   /* "HTTP/1.1 200 OK" */
    HEADER,   /* a header, or the empty line after the headers */
    SIZE,     /* the size of a chunk */
    DATA_END, /* the empty line after the data of a chunk */
    TRAILER,  /* a trailer, or the empty line after the trailers */
};

void
wf_http_response_init(struct wf_http_response *r, bool is_head,
                      size_t head_size)
{
    *r = (struct wf_http_response){
        .is_head = is_head, .head_size = head_size, .left_size = head_size};
}

/* ---- single lines ---- */

static struct weft_str
trim(struct weft_str s)
{
    while (s.len > 0 && wf_http_is_blank(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && wf_http_is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

/* "HTTP/1.1 200 OK": the reason may be empty. Some servers leave out the space
 * before an empty reason. A later minor version than 1 is read as 1. */
static weft_err
read_status(struct wf_http_response *r, struct weft_str line)
{
    static const char begin[] = "HTTP/";
    const char *at = line.ptr;
    if (line.len < 12 || memcmp(at, begin, 5) != 0)
        return WEFT_EPROTOCOL;
    if (at[5] != '1' || at[6] != '.' || !wf_http_is_digit(at[7]))
        return WEFT_EVERSION;
    if (at[8] != ' ' || (line.len > 12 && at[12] != ' '))
        return WEFT_EPROTOCOL;
    uint32_t status = 0;
    for (int i = 9; i < 12; i++) {
        if (!wf_http_is_digit(at[i]))
            return WEFT_EPROTOCOL;
        status = status * 10 + (uint32_t)(at[i] - '0');
    }
    if (status < 100)
        return WEFT_EPROTOCOL;
    r->status = status;
    r->is_old = at[7] == '0';
    return status == 101 ? WEFT_EMSGTYPE : WEFT_OK;
}

/* "Key: value". A line that begins with a blank would continue the previous
 * line; no client has to accept such a line (RFC 9112, 5.2). */
static weft_err
read_pair(struct weft_str line, struct weft_header *pair)
{
    uint32_t n = 0;
    while (n < line.len && wf_http_is_token(line.ptr[n]))
        n++;
    if (n == 0 || n == line.len || line.ptr[n] != ':')
        return WEFT_EPROTOCOL;
    pair->key = (struct weft_str){line.ptr, n};
    pair->value = trim((struct weft_str){line.ptr + n + 1, line.len - n - 1});
    return WEFT_OK;
}

/* "1a; name=value": what follows the size is ignored. */
static weft_err
read_size(struct weft_str line, uint64_t *size)
{
    uint32_t n = 0;
    uint64_t sum = 0;
    int digit;
    for (; n < line.len; n++) {
        if ((digit = wf_hex_digit((uint8_t)line.ptr[n])) < 0)
            break;
        if (sum > UINT64_MAX >> 4)
            return WEFT_EPROTOCOL;
        sum = sum << 4 | (uint64_t)digit;
    }
    struct weft_str rest = trim((struct weft_str){line.ptr + n, line.len - n});
    if (n == 0 || (rest.len > 0 && rest.ptr[0] != ';'))
        return WEFT_EPROTOCOL;
    *size = sum;
    return WEFT_OK;
}

/* ---- headers that say how the body ends ---- */

static weft_err
note_length(struct wf_http_response *r, struct weft_str value)
{
    uint64_t sum = 0;
    if (r->has_length || r->is_chunked || value.len == 0)
        return WEFT_EPROTOCOL;
    for (uint32_t i = 0; i < value.len; i++) {
        unsigned digit = (unsigned)(value.ptr[i] - '0');
        if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
            return WEFT_EPROTOCOL;
        sum = sum * 10 + digit;
    }
    r->has_length = true;
    r->length = sum;
    return WEFT_OK;
}

static weft_err
note_coding(struct wf_http_response *r, struct weft_str value)
{
    if (r->has_length || r->is_chunked || r->is_old)
        return WEFT_EPROTOCOL;
    if (!wf_http_is_word(value, "chunked"))
        return WEFT_ETRANSFORM;
    r->is_chunked = true;
    return WEFT_OK;
}

/* "Connection: a, b". */
static void
note_connection(struct wf_http_response *r, struct weft_str value)
{
    while (value.len > 0) {
        const char *comma = memchr(value.ptr, ',', value.len);
        uint32_t n = comma ? (uint32_t)(comma - value.ptr) : value.len;
        struct weft_str word = trim((struct weft_str){value.ptr, n});
        r->closes |= wf_http_is_word(word, "close");
        r->keeps |= wf_http_is_word(word, "keep-alive");
        n += comma != NULL;
        value = (struct weft_str){value.ptr + n, value.len - n};
    }
}

static weft_err
note_header(struct wf_http_response *r, const struct weft_header *h)
{
    if (wf_http_is_word(h->key, "content-length"))
        return note_length(r, h->value);
    if (wf_http_is_word(h->key, "transfer-encoding"))
        return note_coding(r, h->value);
    if (wf_http_is_word(h->key, "connection"))
        note_connection(r, h->value);
    return WEFT_OK;
}

/* ---- the order of the lines ---- */

static void
want_data(struct wf_http_response *r, uint64_t size)
{
    r->left = size;
    r->want = size > 0 ? WF_HTTP_WANTS_DATA : WF_HTTP_WANTS_NOTHING;
}

/* The head is whole: find out how the body ends (RFC 9112, 6.3). */
static void
end_head(struct wf_http_response *r)
{
    bool has_none = r->is_head || r->status == 204 || r->status == 304;
    if (r->status < 200) { /* the head of the final response follows */
        size_t left = r->left_size;
        wf_http_response_init(r, r->is_head, r->head_size);
        r->left_size = left; /* all heads of a response count together */
        return;
    }
    r->has_head = true;
    r->stays = !r->closes && (!r->is_old || r->keeps);
    if (has_none) {
        r->want = WF_HTTP_WANTS_NOTHING;
        /* Such a body must not be there. A server that announces a body for
         * this status may also send it. */
        if (r->status == 204 && (r->is_chunked || r->length > 0))
            r->stays = false;
    } else if (r->is_chunked) {
        r->part = SIZE;
    } else if (r->has_length) {
        want_data(r, r->length);
    } else {
        r->want = WF_HTTP_WANTS_REST;
        r->stays = false;
    }
}

static weft_err
take_header(struct wf_http_response *r, struct weft_str line,
            struct weft_header *header)
{
    if (line.len == 0) {
        end_head(r);
        return WEFT_OK;
    }
    if (r->n_headers++ == WF_HTTP_HEADERS)
        return WEFT_EHEADER;
    weft_err err = read_pair(line, header);
    return err ? err : note_header(r, header);
}

static weft_err
take_size(struct wf_http_response *r, struct weft_str line)
{
    uint64_t size;
    weft_err err = read_size(line, &size);
    if (err)
        return err;
    r->part = size > 0 ? DATA_END : TRAILER;
    if (size > 0)
        want_data(r, size);
    return WEFT_OK;
}

/* Trailers have no meaning here, and are dropped. */
static weft_err
take_trailer(struct wf_http_response *r, struct weft_str line)
{
    struct weft_header trailer;
    if (line.len > 0)
        return read_pair(line, &trailer);
    r->want = WF_HTTP_WANTS_NOTHING;
    return WEFT_OK;
}

/* Count the line, and remove its end. */
static weft_err
cut_end(struct wf_http_response *r, struct weft_str *line)
{
    if (line->len > r->left_size)
        return WEFT_EHEADER;
    r->left_size -= line->len;
    if (line->len < 2 || memcmp(line->ptr + line->len - 2, "\r\n", 2) != 0)
        return WEFT_EPROTOCOL;
    line->len -= 2;
    return wf_http_is_value(*line) ? WEFT_OK : WEFT_EPROTOCOL;
}

weft_err
wf_http_response_line(struct wf_http_response *r, struct weft_str line,
                      struct weft_header *header)
{
    *header = (struct weft_header){{0}, {0}};
    weft_err err = cut_end(r, &line);
    if (err)
        return err;
    switch (r->part) {
    case STATUS:
        r->part = HEADER;
        return read_status(r, line);
    case HEADER:
        return take_header(r, line, header);
    case SIZE:
        return take_size(r, line);
    case DATA_END:
        r->part = SIZE;
        return line.len == 0 ? WEFT_OK : WEFT_EPROTOCOL;
    default:
        return take_trailer(r, line);
    }
}

void
wf_http_response_data(struct wf_http_response *r, size_t n)
{
    if (r->want != WF_HTTP_WANTS_DATA)
        return; /* the end of the connection ends this body */
    WF_DCHECK(n <= r->left);
    r->left -= n;
    if (r->left > 0)
        return;
    r->want = r->is_chunked ? WF_HTTP_WANTS_LINE : WF_HTTP_WANTS_NOTHING;
    /* The lines between two chunks may be as long as a head, and the trailers,
     * too. */
    r->left_size = r->head_size;
}
