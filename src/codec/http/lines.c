/* SPDX-License-Identifier: MIT */
/*
 * The head, the line before a chunk and the trailer of a message are made of
 * lines. This file finds the end of such a part, and decides which of its bytes
 * are given to llhttp. llhttp accepts bytes that RFC 9112 forbids,
 * and gives a meaning to bytes that have no meaning. So this file checks the
 * bytes first. Source: RFC 9110, RFC 9112.
 */
#if WF_HTTP

#include "codec/http/reader.h"

#define CHUNK_LINE_MAX 16384u /* bytes; Node has the same limit */

/* True if the line that has ended is the last line of the part. */
static bool
ends_part(const struct wf_http *http)
{
    bool is_empty = http->line_len == 2;
    if (http->part == HEAD)
        return is_empty && http->has_line;
    return http->part == TRAILER ? is_empty : true;
}

/*
 * Returns the error for a head or trailer that is too long. The error is
 * WEFT_ESIZE if the limit was reached within the target, else WEFT_EHEADER. The
 * target also has a limit of its own (wf_http_on_url), but llhttp sees the
 * target only after this check.
 */
static weft_err
too_long(const struct wf_http *http)
{
    bool in_target = http->part == HEAD && http->of_requests &&
                     !http->has_line && http->n_spaces == 1;
    return in_target ? WEFT_ESIZE : WEFT_EHEADER;
}

static weft_err
count_byte(struct wf_http *http)
{
    bool is_chunk = http->part == SIZE || http->part == DATA_END;
    http->line_len++;
    http->idle++;
    if (is_chunk)
        return ++http->part_len > CHUNK_LINE_MAX ? WEFT_EPROTOCOL : WEFT_OK;
    return ++http->part_len > http->limits->header_size ? too_long(http)
                                                        : WEFT_OK;
}

static bool
is_line_end(char c)
{
    return c == '\r' || c == '\n';
}

/* "POST / HTTP/1.1": check that only one space follows a word, and that the
 * protocol is HTTP; llhttp accepts more spaces, and other protocols. llhttp
 * checks the other characters. */
static bool
check_request_line(struct wf_http *http, char c)
{
    static const char protocol[] = "HTTP/";
    if (c == ' ') {
        http->n_spaces++;
        http->word_at = http->line_len + 1;
        return http->last != ' ';
    }
    size_t at = http->line_len - http->word_at;
    return http->n_spaces != 2 || at >= strlen(protocol) || c == protocol[at];
}

/* "HTTP/1.1 200 OK": check that there are three digits; llhttp accepts any
 * number of digits, even none. Some servers leave out the space after the
 * digits. */
static bool
check_status_line(const struct wf_http *http, char c)
{
    size_t at = http->line_len, digits = strlen("HTTP/1.1 ");
    if (at >= digits && at < digits + 3)
        return wf_http_is_digit(c);
    if (at == digits + 3)
        return c == ' ' || c == '\r';
    return wf_http_is_text(c) || is_line_end(c);
}

/*
 * Trailers have no meaning here (RFC 9110, 6.5.1), but llhttp would apply
 * "Connection: close", for example. So llhttp sees only the empty line after
 * the trailers.
 */
static bool
check_trailer(struct wf_http *http, char c)
{
    if (is_line_end(c))
        return http->has_colon || http->line_len == 0 || http->last == '\r';
    if (http->has_colon)
        return wf_http_is_text(c);
    http->has_colon = c == ':';
    return c == ':' ? http->line_len > 0 : wf_http_is_token(c);
}

/* The position in a chunk's line. The comment of each value lists what may come
 * next, apart from blanks and the end of the line. */
enum extension {
    NUMBER,    /* a digit of the chunk's size, or ";" */
    GAP,       /* ";" */
    NAME_DUE,  /* a name */
    NAME,      /* more of the name, or "=", or ";" */
    NAMED,     /* "=" or ";" */
    VALUE_DUE, /* a token, or a quoted string */
    TOKEN,     /* more of the token, or ";" */
    QUOTED,    /* the rest of a quoted string */
    ESCAPED,   /* the character after a backslash */
    UNQUOTED,  /* ";" */
    WRONG,
};

/* The position after a character of a quoted string. */
static enum extension
after_quoted(enum extension at, char c)
{
    if (!wf_http_is_text(c))
        return WRONG;
    if (at == ESCAPED || (c != '"' && c != '\\'))
        return QUOTED;
    return c == '"' ? UNQUOTED : ESCAPED;
}

/* The position after a blank. Blanks may stand before and after ";" and "=". */
static enum extension
after_blank(enum extension at)
{
    if (at == NAME || at == NAMED)
        return NAMED;
    return at == NAME_DUE || at == VALUE_DUE ? at : GAP;
}

static enum extension
after_char(enum extension at, char c)
{
    bool is_due = at == NAME_DUE || at == VALUE_DUE;
    if (at == QUOTED || at == ESCAPED)
        return after_quoted(at, c);
    if (wf_http_is_blank(c))
        return after_blank(at);
    if (c == ';')
        return is_due ? WRONG : NAME_DUE;
    if (c == '=')
        return at == NAME || at == NAMED ? VALUE_DUE : WRONG;
    if (c == '"')
        return at == VALUE_DUE ? QUOTED : WRONG;
    if (!wf_http_is_token(c))
        return WRONG;
    if (is_due)
        return at == NAME_DUE ? NAME : TOKEN;
    return at == NAME || at == TOKEN ? at : WRONG;
}

/*
 * "3; name = value": extensions are ignored (RFC 9112, 7.1.1). llhttp accepts
 * some wrong extensions and refuses some right ones. So llhttp sees and checks
 * only the size.
 */
static bool
check_size(struct wf_http *http, char c)
{
    uint8_t at = http->extension;
    if (is_line_end(c))
        return at == NUMBER || at == NAME || at == TOKEN || at == UNQUOTED;
    if (at != NUMBER || c == ';' || wf_http_is_blank(c))
        http->extension = (uint8_t)after_char(at, c);
    return http->extension != WRONG;
}

/* Return in which form llhttp gets the next byte. After a length, a coding or
 * "close", llhttp accepts spaces but no tabs. Tabs are valid there, too
 * (RFC 9110, 5.6.3). So llhttp gets a space for each tab in a value. */
static enum wf_http_view
view_of(const struct wf_http *http, char c)
{
    bool is_ended = http->line_len == 1 && http->last == '\r';
    bool is_empty = (http->line_len == 0 || is_ended) && is_line_end(c);
    bool is_size = http->extension == NUMBER && c != ';';
    if (http->part == TRAILER)
        return is_empty ? WF_HTTP_SHOWN : WF_HTTP_HIDDEN;
    if (http->part == SIZE && !is_line_end(c))
        return is_size && !wf_http_is_blank(c) ? WF_HTTP_SHOWN : WF_HTTP_HIDDEN;
    return c == '\t' && http->has_colon ? WF_HTTP_AS_SPACE : WF_HTTP_SHOWN;
}

/* True if the next byte may stand at this position. */
static bool
check_byte(struct wf_http *http, char c)
{
    /* In some positions llhttp accepts CR or LF alone, which other parsers
     * refuse. */
    if ((http->last == '\r') != (c == '\n'))
        return false;
    /* A line that begins with a blank continues the previous line, or is not a
     * header (RFC 9112, 2.2 and 5.2). */
    if (http->line_len == 0 && wf_http_is_blank(c))
        return false;
    if (http->part == TRAILER)
        return check_trailer(http, c);
    if (http->part == SIZE)
        return check_size(http, c);
    if (http->part != HEAD)
        return true;
    if (http->has_line) {
        http->has_colon |= c == ':';
        return true;
    }
    return http->of_requests ? check_request_line(http, c)
                             : check_status_line(http, c);
}

static weft_err
pass_byte(struct wf_http *http, char c, bool *ends)
{
    if (!check_byte(http, c))
        return WEFT_EPROTOCOL;
    weft_err err = count_byte(http);
    http->last = c;
    if (err || c != '\n')
        return err;
    *ends = ends_part(http);
    http->has_line |= http->line_len > 2;
    http->line_len = 0;
    http->has_colon = false;
    return WEFT_OK;
}

weft_err
wf_http_pass_lines(struct wf_http *http, const char *at, size_t len,
                   struct wf_http_pass *pass)
{
    *pass = (struct wf_http_pass){.view = view_of(http, at[0])};
    while (pass->taken < len && !pass->ends) {
        char c = at[pass->taken];
        if (view_of(http, c) != pass->view)
            break;
        weft_err err = pass_byte(http, c, &pass->ends);
        if (err)
            return err;
        pass->taken++;
    }
    return WEFT_OK;
}

#endif
