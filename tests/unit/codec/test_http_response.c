/* SPDX-License-Identifier: MIT */
/* Requests of a client of HTTP, and responses to it: those that RFC 9110 and
 * RFC 9112 allow, and those that they forbid, as rows. Row 110 of
 * docs/threats.md. */
#include "unit/codec/bytes.h"

#include <errno.h>
#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define HEAD_SIZE 400u

/* ---- responses ---- */

struct row {
    const char *bytes;
    weft_err err;
    const char *told; /* what tell prints; NULL: the response is not whole */
};

#define OK "HTTP/1.1 200 OK\r\n"
#define LENGTH3 OK "Content-Length: 3\r\n\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"
#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X400 X50 X50 X50 X50 X50 X50 X50 X50

static const struct row rows[] = {
    /* how the body ends */
    {LENGTH3 "abc", 0, "200 stays content-length=3|abc"},
    {OK "Content-Length: 0\r\n\r\n", 0, "200 stays content-length=0|"},
    {OK "content-LENGTH:\t003 \r\n\r\nabc", 0,
     "200 stays content-length=003|abc"},
    {LENGTH3 "ab", 0, NULL},
    {OK "\r\nabc", 0, "200 rest|abc"},
    {OK "\r\n", 0, "200 rest|"},
    {"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", 0,
     "200 content-length=3|abc"},
    {"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: "
     "3\r\n\r\nabc",
     0, "200 stays connection=Keep-Alive content-length=3|abc"},
    {OK "Connection: x, CLOSE ,keep-alive\r\nContent-Length: 0\r\n\r\n", 0,
     "200 connection=x, CLOSE ,keep-alive content-length=0|"},
    {"HTTP/1.1 204 No Content\r\n\r\n", 0, "204 stays|"},
    {"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n", 0,
     "204 content-length=3|"},
    {"HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", 0,
     "304 stays content-length=3|"},
    {"HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", 0,
     "404 stays content-length=0|"},
    {"HTTP/1.1 302\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n", 0,
     "302 stays location=/b content-length=0|"},

    /* chunks */
    {CHUNKED "3\r\nabc\r\n0\r\n\r\n", 0,
     "200 stays transfer-encoding=chunked|abc"},
    {CHUNKED "1\r\na\r\n2;x=\"y\"\r\nbc\r\n000\r\nA: b\r\nC:\r\n\r\n", 0,
     "200 stays transfer-encoding=chunked|abc"},
    {CHUNKED "0\r\n\r\n", 0, "200 stays transfer-encoding=chunked|"},
    {CHUNKED "3\r\nabc\r\n", 0, NULL},
    {CHUNKED "3\r\nabc\r\n0\r\n", 0, NULL},
    {CHUNKED "3\r\nabcd\r\n", WEFT_EPROTOCOL, NULL},
    {CHUNKED "g\r\n", WEFT_EPROTOCOL, NULL},
    {CHUNKED "\r\n", WEFT_EPROTOCOL, NULL},
    {CHUNKED "-1\r\n", WEFT_EPROTOCOL, NULL},
    {CHUNKED "0x1\r\n", WEFT_EPROTOCOL, NULL},
    {CHUNKED " 1\r\n", WEFT_EPROTOCOL, NULL},
    {CHUNKED "1 1\r\n", WEFT_EPROTOCOL, NULL},
    {CHUNKED "10000000000000000\r\n", WEFT_EPROTOCOL, NULL},
    {CHUNKED "1\n", WEFT_EPROTOCOL, NULL},
    {CHUNKED "0\r\nno colon\r\n\r\n", WEFT_EPROTOCOL, NULL},
    {CHUNKED "1;" X400 "\r\n", WEFT_EHEADER, NULL},
    {CHUNKED "0\r\na:" X400 "\r\n", WEFT_EHEADER, NULL},

    /* interim responses */
    {"HTTP/1.1 100 Continue\r\nA: b\r\n\r\n" LENGTH3 "abc", 0,
     "200 stays content-length=3|abc"},
    {"HTTP/1.1 103 x\r\n\r\nHTTP/1.1 102 x\r\n\r\n" LENGTH3 "abc", 0,
     "200 stays content-length=3|abc"},
    {"HTTP/1.1 100 x\r\nContent-Length: 9\r\n\r\n" LENGTH3 "abc", 0,
     "200 stays content-length=3|abc"},
    {"HTTP/1.1 101 x\r\n", WEFT_EMSGTYPE, NULL},
    {"HTTP/1.1 100 " X50 X50 X50 "\r\n\r\nHTTP/1.1 100 " X50 X50 X50
     "\r\n\r\nHTTP/1.1 200 " X50 X50 X50 "\r\n",
     WEFT_EHEADER, NULL},

    /* two lengths, or none that is sure */
    {LENGTH3 "abcd", 0, "200 stays content-length=3|abc+d"},
    {OK "Content-Length: 3\r\nContent-Length: 3\r\n", WEFT_EPROTOCOL, NULL},
    {OK "Content-Length: 3, 3\r\n", WEFT_EPROTOCOL, NULL},
    {OK "Content-Length: +3\r\n", WEFT_EPROTOCOL, NULL},
    {OK "Content-Length:\r\n", WEFT_EPROTOCOL, NULL},
    {OK "Content-Length: 18446744073709551616\r\n", WEFT_EPROTOCOL, NULL},
    {OK "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", WEFT_EPROTOCOL,
     NULL},
    {OK "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", WEFT_EPROTOCOL,
     NULL},
    {OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
     WEFT_EPROTOCOL, NULL},
    {OK "Transfer-Encoding: gzip, chunked\r\n", WEFT_ETRANSFORM, NULL},
    {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n", WEFT_EPROTOCOL, NULL},

    /* first lines, and lines that are none */
    {"HTTP/1.7 200\r\n\r\n", 0, "200 rest|"},
    {"HTTP/2.0 200 OK\r\n", WEFT_EVERSION, NULL},
    {"HTTP/0.9 200 OK\r\n", WEFT_EVERSION, NULL},
    {"http/1.1 200 OK\r\n", WEFT_EPROTOCOL, NULL},
    {"HTTP/1.1  200 OK\r\n", WEFT_EPROTOCOL, NULL},
    {"HTTP/1.1 20 OK\r\n", WEFT_EPROTOCOL, NULL},
    {"HTTP/1.1 2000 OK\r\n", WEFT_EPROTOCOL, NULL},
    {"HTTP/1.1 099 OK\r\n", WEFT_EPROTOCOL, NULL},
    {"HTTP/1.1 200 a\rb\r\n", WEFT_EPROTOCOL, NULL},
    {"HTTP/1.1 200 OK\n", WEFT_EPROTOCOL, NULL},
    {"\r\n" LENGTH3 "abc", WEFT_EPROTOCOL, NULL},
    {"SSH-2.0-OpenSSH_9.2p1\r\n", WEFT_EPROTOCOL, NULL},
    {OK " a: b\r\n", WEFT_EPROTOCOL, NULL},
    {OK "a : b\r\n", WEFT_EPROTOCOL, NULL},
    {OK ": b\r\n", WEFT_EPROTOCOL, NULL},
    {OK "a\r\n", WEFT_EPROTOCOL, NULL},
    {OK "a: b\x01\r\n", WEFT_EPROTOCOL, NULL},
    {OK "a: b\r\n c\r\n", WEFT_EPROTOCOL, NULL},
    {OK "a:" X400 "\r\n", WEFT_EHEADER, NULL},
};

static weft_err
feed_line(struct wf_http_response *r, const char **at, FILE *heads)
{
    const char *end = strchr(*at, '\n') + 1;
    struct weft_header h;
    weft_err err = wf_http_response_line(
        r, (struct weft_str){*at, (uint32_t)(end - *at)}, &h);
    *at = end;
    if (r->status == 0)
        rewind(heads);
    if (h.key.len > 0 && r->status > 0)
        fputc(' ', heads);
    for (uint32_t i = 0; i < h.key.len; i++)
        fputc(h.key.ptr[i] | 0x20, heads);
    if (h.key.len > 0)
        fprintf(heads, "=%.*s", WEFT_FMT(h.value));
    return err;
}

/* Read a response, whose bytes come in pieces; print what was read. */
static weft_err
tell(const char *at, bool is_head, size_t piece, char *told, size_t size)
{
    char heads[500] = "", body[100] = "";
    struct wf_http_response r;
    FILE *file = fmemopen(heads, sizeof heads, "w");
    weft_err err = WEFT_OK;
    *told = '\0';
    wf_http_response_init(&r, is_head, HEAD_SIZE);
    while (!err && *at && r.want != WF_HTTP_WANTS_NOTHING) {
        size_t n = strlen(at) < piece ? strlen(at) : piece;
        if (r.want == WF_HTTP_WANTS_LINE && !strchr(at, '\n'))
            break;
        if (r.want == WF_HTTP_WANTS_LINE) {
            err = feed_line(&r, &at, file);
            continue;
        }
        if (r.want == WF_HTTP_WANTS_DATA)
            n = n < r.left ? n : (size_t)r.left;
        strncat(body, at, n);
        wf_http_response_data(&r, n);
        at += n;
    }
    fputc('\0', file);
    fclose(file);
    bool is_rest = r.want == WF_HTTP_WANTS_REST;
    if (!err && (r.want == WF_HTTP_WANTS_NOTHING || is_rest))
        snprintf(told, size, "%u%s%s%s|%s%s%s", (unsigned)r.status,
                 is_rest   ? " rest"
                 : r.stays ? " stays"
                           : "",
                 heads, "", body, *at ? "+" : "", at);
    return err;
}

static void
responses_of_all_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t piece = 1; piece < 4; piece += 2) {
            char told[700];
            weft_err err = tell(rows[i].bytes, false, piece, told, sizeof told);
            if (err != rows[i].err ||
                strcmp(told, rows[i].told ? rows[i].told : "") != 0)
                fail_msg("row %zu: %s: %s", i, weft_err_text(err), told);
        }
}

static void
a_response_to_head_has_no_body(void **state)
{
    (void)state;
    char told[700];
    assert_int_equal(tell(LENGTH3 OK, true, 1, told, sizeof told), 0);
    assert_string_equal(told, "200 stays content-length=3|+" OK);
    assert_int_equal(tell(CHUNKED, true, 1, told, sizeof told), 0);
    assert_string_equal(told, "200 stays transfer-encoding=chunked|");
    assert_int_equal(
        tell("HTTP/1.1 100 x\r\n\r\n" LENGTH3, true, 1, told, sizeof told), 0);
    assert_string_equal(told, "200 stays content-length=3|");
}

static void
more_headers_than_allowed(void **state)
{
    (void)state;
    struct wf_http_response r;
    struct weft_header h;
    wf_http_response_init(&r, false, SIZE_MAX);
    assert_int_equal(wf_http_response_line(&r, WEFT_STR(OK), &h), 0);
    for (uint32_t i = 0; i < WF_HTTP_HEADERS; i++)
        assert_int_equal(wf_http_response_line(&r, WEFT_STR("a: b\r\n"), &h),
                         0);
    assert_int_equal(wf_http_response_line(&r, WEFT_STR("a: b\r\n"), &h),
                     WEFT_EHEADER);
}

/* Between two chunks lines may be as long as a head, however many there are. */
static void
very_many_chunks(void **state)
{
    (void)state;
    struct wf_http_response r;
    struct weft_header h;
    wf_http_response_init(&r, false, HEAD_SIZE);
    assert_int_equal(wf_http_response_line(&r, WEFT_STR(OK), &h), 0);
    assert_int_equal(wf_http_response_line(
                         &r, WEFT_STR("Transfer-Encoding: chunked\r\n"), &h),
                     0);
    assert_int_equal(wf_http_response_line(&r, WEFT_STR("\r\n"), &h), 0);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(wf_http_response_line(&r, WEFT_STR("1\r\n"), &h), 0);
        assert_int_equal(r.left, 1);
        wf_http_response_data(&r, 1);
        assert_int_equal(wf_http_response_line(&r, WEFT_STR("\r\n"), &h), 0);
    }
}

/* ---- requests ---- */

static weft_err
write_one(const struct wf_http_request *request, char *text, size_t size,
          uint32_t *refused)
{
    struct weft_chain out = {0};
    weft_err err = wf_http_write_request(request, &out, refused);
    text[weft_chain_copy_out(&out, 0, text, size - 1)] = '\0';
    weft_chain_clear(&out);
    return err;
}

static void
requests_are_written(void **state)
{
    (void)state;
    char text[500];
    uint32_t refused;
    struct weft_header items[] = {
        {WEFT_STR_INIT("Accept"), WEFT_STR_INIT("a/b")},
        {WEFT_STR_INIT("content-type"), WEFT_STR_INIT("c/d")},
        {WEFT_STR_INIT("X"), WEFT_STR_INIT("")}};
    struct weft_headers headers = {items, 3, 3};
    struct wf_http_request r = {
        "POST", "/a?b=%20", "h:1", &headers, WEFT_STR_INIT("body"), true};
    assert_int_equal(write_one(&r, text, sizeof text, &refused), 0);
    assert_string_equal(text, "POST /a?b=%20 HTTP/1.1\r\nHost: h:1\r\n"
                              "Content-Length: 4\r\nAccept: a/b\r\n"
                              "content-type: c/d\r\nX: \r\n\r\nbody");
    headers.len = 0;
    r = (struct wf_http_request){"HEAD", "/", "h", &headers, {0}, false};
    assert_int_equal(write_one(&r, text, sizeof text, &refused), 0);
    assert_string_equal(text, "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
}

/* What would let a caller's text add lines, or a second length. */
static void
requests_are_refused(void **state)
{
    (void)state;
    static const char *const paths[] = {"",          "a",   "/ b",
                                        "/\r\nA: b", "/%0", "/#a"};
    static const char *const methods[] = {"", "GET ", "G\nT", "CONNECT"};
    static const struct weft_header items[] = {
        {WEFT_STR_INIT("Content-Length"), WEFT_STR_INIT("1")},
        {WEFT_STR_INIT("transfer-encoding"), WEFT_STR_INIT("chunked")},
        {WEFT_STR_INIT("Host"), WEFT_STR_INIT("h")},
        {WEFT_STR_INIT("Connection"), WEFT_STR_INIT("close")},
        {WEFT_STR_INIT("Expect"), WEFT_STR_INIT("100-continue")},
        {WEFT_STR_INIT("a b"), WEFT_STR_INIT("c")},
        {WEFT_STR_INIT(""), WEFT_STR_INIT("c")},
        {WEFT_STR_INIT("a"), WEFT_STR_INIT("b\r\nc: d")}};
    char text[500];
    uint32_t refused;
    struct weft_headers headers = {0};
    struct wf_http_request r = {"GET", "/", "h", &headers, {0}, false};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        r.path = paths[i];
        assert_int_equal(write_one(&r, text, sizeof text, &refused), -EINVAL);
    }
    r.path = "/";
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        r.method = methods[i];
        assert_int_equal(write_one(&r, text, sizeof text, &refused), -EINVAL);
    }
    r.method = "GET";
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        struct weft_header two[] = {{WEFT_STR_INIT("a"), WEFT_STR_INIT("b")},
                                    items[i]};
        headers = (struct weft_headers){two, 2, 2};
        assert_int_equal(write_one(&r, text, sizeof text, &refused),
                         WEFT_EHEADER);
        assert_int_equal(refused, 1);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(responses_of_all_kinds),
        cmocka_unit_test(a_response_to_head_has_no_body),
        cmocka_unit_test(more_headers_than_allowed),
        cmocka_unit_test(very_many_chunks),
        cmocka_unit_test(requests_are_written),
        cmocka_unit_test(requests_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
