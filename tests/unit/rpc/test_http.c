/* SPDX-License-Identifier: MIT */
/* Thrift in HTTP, byte by byte: rows 16 to 18 of docs/threats.md. */
#include "rpc_test.h"

#include <stdlib.h>

static struct house house;
static struct bytes b;

static int
open_house(void **state)
{
    (void)state;
#if !WF_HTTP
    skip();
#endif
    house_open(&house, NULL, NULL, NULL);
    b = (struct bytes){0};
    return 0;
}

static int
close_house(void **state)
{
    (void)state;
    must_work(&house);
    house_close(&house);
    bytes_free(&b);
    return 0;
}

static int
dial(void)
{
    return wire_dial(house_port(&house));
}

static void
text(const char *s)
{
    put(&b, s, strlen(s));
}

/* Append a whole request of add(x, y), with these header lines. */
static void
put_request(const char *lines, int32_t seqid, int64_t x, int64_t y)
{
    char length[64];
    struct bytes body = {0};
    put_add(&body, false, seqid, x, y);
    text("POST /any/path HTTP/1.1\r\nHost: here\r\n");
    text(lines);
    snprintf(length, sizeof length, "Content-Length: %zu\r\n\r\n", body.len);
    text(length);
    put(&b, body.ptr, body.len);
    bytes_free(&body);
}

/* Read the head of a response, whose status has to be these 3 digits; returns
 * its Content-Length. */
static size_t
head(int fd, const char *status)
{
    char line[4096];
    size_t n = 0;
    while (n < 4 || memcmp(line + n - 4, "\r\n\r\n", 4) != 0) {
        MUST(n + 1 < sizeof line);
        MUST(wire_recv(fd, line + n, 1));
        n++;
    }
    line[n] = 0;
    MUST(memcmp(line, "HTTP/1.1 ", 9) == 0);
    if (memcmp(line + 9, status, 3) != 0)
        fail_msg("%.3s, not %s", line + 9, status);
    if (status[0] == '1')
        return 0;
    const char *length = strstr(line, "Content-Length: ");
    MUST(length);
    return strtoul(length + 16, NULL, 10);
}

static void
answered(int fd, int32_t seqid, int64_t value)
{
    struct reply r;
    assert_true(head(fd, "200") > 0);
    MUST(wire_reply(fd, false, &r));
    assert_int_equal(r.seqid, seqid);
    assert_int_equal(r.value, value);
}

static void
refused(int fd, const char *status)
{
    char body[1024];
    size_t len = head(fd, status);
    MUST(len < sizeof body);
    MUST(wire_recv(fd, body, len));
    assert_true(wire_ends(fd));
    close(fd);
}

/* Send bytes that are no valid request: the server answers with this status,
 * and closes. */
static void
refuses(const char *request, const char *status)
{
    int fd = dial();
    MUST(wire_send(fd, request, strlen(request)));
    refused(fd, status);
}

static void
kept_alive(void **state)
{
    (void)state;
    int fd = dial();
    for (int i = 0; i < 5; i++) {
        b.len = 0;
        put_request("Content-Type: application/x-thrift\r\n", i, i, 2);
        MUST(wire_send(fd, b.ptr, b.len));
        answered(fd, i, i + 2);
    }
    close(fd);
}

static void
a_byte_at_a_time(void **state)
{
    (void)state;
    int fd = dial();
    put_request("X: y\r\n", 7, 40, 2);
    for (size_t i = 0; i < b.len; i++)
        MUST(wire_send(fd, b.ptr + i, 1));
    answered(fd, 7, 42);
    close(fd);
}

/* An empty line may come before the first request of a connection, and before
 * later ones. */
static void
an_empty_line_before(void **state)
{
    (void)state;
    int fd = dial();
    text("\r\n");
    put_request("", 1, 1, 1);
    text("\r\n");
    put_request("", 2, 2, 2);
    for (size_t i = 0; i < b.len; i++)
        MUST(wire_send(fd, b.ptr + i, 1));
    answered(fd, 1, 2);
    answered(fd, 2, 4);
    close(fd);
}

static void
asked_to_close(void **state)
{
    (void)state;
    int fd = dial();
    put_request("Connection: close\r\n", 1, 1, 1);
    put_request("", 2, 2, 2); /* is ignored */
    MUST(wire_send(fd, b.ptr, b.len));
    answered(fd, 1, 2);
    assert_true(wire_ends(fd));
    close(fd);
}

static void
many_pipelined(void **state)
{
    (void)state;
    enum { N = 10000 };
    int fd = dial();
    for (int i = 0; i < N; i++) {
        b.len = 0;
        put_request("", i, i, 1);
        MUST(wire_send(fd, b.ptr, b.len));
        if (i >= 100) /* the sockets' buffers hold 100 responses */
            answered(fd, i - 100, i - 100 + 1);
    }
    shutdown(fd, SHUT_WR);
    for (int i = N - 100; i < N; i++)
        answered(fd, i, i + 1); /* in order, each once */
    assert_true(wire_ends(fd));
    close(fd);
}

static void
in_chunks(void **state)
{
    (void)state;
    struct bytes body = {0};
    char size[32];
    int fd = dial();
    put_add(&body, false, 3, 20, 22);
    for (int times = 0; times < 2; times++) {
        b.len = 0;
        text(
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (size_t at = 0, n; at < body.len; at += n) {
            n = body.len - at < 7 ? body.len - at : 7;
            snprintf(size, sizeof size, "%zx;x=\"y\"\r\n", n);
            text(size);
            put(&b, body.ptr + at, n);
            text("\r\n");
        }
        text("0\r\nTrailer: z\r\nConnection: close\r\n\r\n");
        MUST(wire_send(fd, b.ptr, b.len));
        answered(fd, 3, 42);
    }
    bytes_free(&body);
    close(fd);
}

/* Apache's libraries can put a frame into a request's body. */
static void
a_frame_in_a_body(void **state)
{
    (void)state;
    char length[64];
    struct reply r;
    struct bytes body = {0};
    int fd = dial();
    put_add(&body, true, 3, 20, 22);
    text("POST / HTTP/1.1\r\nHost: x\r\n");
    snprintf(length, sizeof length, "Content-Length: %zu\r\n\r\n", body.len);
    text(length);
    put(&b, body.ptr, body.len);
    for (int times = 0; times < 2; times++) {
        MUST(wire_send(fd, b.ptr, b.len));
        assert_true(head(fd, "200") > 0);
        MUST(wire_reply(fd, true, &r));
        assert_int_equal(r.seqid, 3);
        assert_int_equal(r.value, 42);
    }
    bytes_free(&body);
    close(fd);
}

/* The reply has the header of the request, and its sequence id. */
static void
a_theader_frame_in_a_body(void **state)
{
    (void)state;
    char length[64];
    uint8_t reply[64];
    struct bytes body = {0};
    int fd = dial();
    put(&body, "\0\0\0\0\x0f\xff\0\0\0\0\0\7\0\1\0\0\0\0", 18);
    put_add(&body, false, 3, 20, 22);
    body.ptr[3] = (uint8_t)(body.len - 4);
    text("POST / HTTP/1.1\r\nHost: x\r\n");
    snprintf(length, sizeof length, "Content-Length: %zu\r\n\r\n", body.len);
    text(length);
    put(&b, body.ptr, body.len);
    MUST(wire_send(fd, b.ptr, b.len));
    size_t len = head(fd, "200");
    assert_in_range(len, 18, sizeof reply);
    MUST(wire_recv(fd, reply, len));
    assert_int_equal(weft_load_be32(reply), len - 4);
    assert_memory_equal(reply + 4, "\x0f\xff\0\0\0\0\0\7", 8);
    assert_int_equal(reply[len - 2], 42);
    bytes_free(&body);
    close(fd);
}

static void
waits_for_continue(void **state)
{
    (void)state;
    int fd = dial();
    put_request("Expect: 100-continue\r\n", 5, 2, 3);
    size_t body = b.len;
    while (memcmp(b.ptr + body - 4, "\r\n\r\n", 4) != 0)
        body--;
    for (size_t i = 0; i < body; i++) /* 100 comes after the whole head */
        MUST(wire_send(fd, b.ptr + i, 1));
    (void)head(fd, "100");
    MUST(wire_send(fd, b.ptr + body, b.len - body));
    answered(fd, 5, 5);
    close(fd);
}

static void
oneway_has_an_empty_response(void **state)
{
    (void)state;
    char length[64];
    struct bytes body = {0};
    int fd = dial();
    put_number(&body, false, WEFT_ONEWAY, "note", 9, 4);
    text("POST / HTTP/1.1\r\nHost: x\r\n");
    snprintf(length, sizeof length, "Content-Length: %zu\r\n\r\n", body.len);
    text(length);
    put(&b, body.ptr, body.len);
    put_request("", 10, 3, 4);
    MUST(wire_send(fd, b.ptr, b.len));
    assert_int_equal(head(fd, "200"), 0);
    answered(fd, 10, 7);
    AWAIT(wf_load(&house.trial.noted, acquire) == 1); /* it may run later */
    bytes_free(&body);
    close(fd);
}

static void
other_methods(void **state)
{
    (void)state;
    refuses("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "405");
    refuses("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "405");
    refuses("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", "405");
}

static void
versions_that_are_unknown(void **state)
{
    (void)state;
    refuses("POST / HTTP/9.9\r\nHost: x\r\nContent-Length: 1\r\n\r\na", "505");
    refuses("POST / HTTP/2.0\r\nHost: x\r\nContent-Length: 1\r\n\r\na", "505");
}

/* Heads in which two HTTP parsers could see different requests. */
static void
what_could_be_smuggled(void **state)
{
    (void)state;
#define POST "POST / HTTP/1.1\r\nHost: x\r\n"
    refuses(POST "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            "400");
    refuses(POST "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n",
            "400");
    refuses(POST "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", "400");
    refuses(POST "Content-Length: -4\r\n\r\nabcd", "400");
    refuses(POST "Content-Length: 4x\r\n\r\nabcd", "400");
    refuses(POST "Content-Length: 99999999999999999999\r\n\r\nabcd", "400");
    refuses(POST "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", "400");
    refuses(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "400");
    refuses(POST "Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n", "400");
    refuses(POST "Transfer-Encoding: chunked\r\n\r\n"
                 "fffffffffffffffff\r\nab\r\n",
            "400");
    refuses(POST "Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n", "400");
    refuses(POST "Content-Length: 0\r\n\r\n", "400");
#undef POST
}

/* A head with one mistake, before a good body. */
static void
heads_that_are_malformed(void **state)
{
    (void)state;
    static const char *const lines[] = {"Host : x\r\n",
                                        "A\r\n",
                                        "A: b\n",
                                        ": b\r\n",
                                        "A\x01: b\r\n",
                                        "A: b\x01\r\n",
                                        "Content-Length: 1\r\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        int fd = dial();
        b.len = 0;
        put_request(lines[i], 1, 2, 3);
        MUST(wire_send(fd, b.ptr, b.len));
        refused(fd, "400");
    }
    static const char *const starts[] = {
        "POST / HTTP/1.1\n",    "POST / HTTP/1.1\r",    "POST / http/1.1\r\n",
        "POST  / HTTP/1.1\r\n", "POST /  HTTP/1.1\r\n", "POST / RTSP/1.0\r\n"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        int fd = dial();
        b.len = 0;
        put_request("", 1, 2, 3);
        MUST(wire_send(fd, starts[i], strlen(starts[i])));
        size_t line = strlen("POST /any/path HTTP/1.1\r\n");
        MUST(wire_send(fd, b.ptr + line, b.len - line));
        refused(fd, "400");
    }
}

static void
a_head_that_is_too_large(void **state)
{
    (void)state;
    char *a = malloc(1 << 20);
    memset(a, 'a', 1 << 20);
    a[(1 << 20) - 1] = 0;
    int fd = dial();
    text("POST / HTTP/1.1\r\nX: ");
    put(&b, a, (1 << 20) - 1);
    (void)wire_send(fd, b.ptr, b.len);
    refused(fd, "431");
    b.len = 0;
    text("POST /");
    put(&b, a, (1 << 20) - 1);
    fd = dial();
    (void)wire_send(fd, b.ptr, b.len);
    refused(fd, "414");
    b.len = 0;
    text("POST / HTTP/1.1\r\n");
    for (int i = 0; i < 100000; i++)
        text("a: b\r\n");
    fd = dial();
    (void)wire_send(fd, b.ptr, b.len);
    refused(fd, "431");
    free(a);
}

static void
a_body_that_is_too_large(void **state)
{
    (void)state;
    refuses("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 16384001\r\n\r\n",
            "413");
    refuses("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
            "Content-Length: 99999999999\r\n\r\n",
            "413");
    char *part = calloc(1, 65536);
    int fd = dial();
    text("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    MUST(wire_send(fd, b.ptr, b.len));
    for (int i = 0; i < 300; i++)
        if (!wire_send(fd, "10000\r\n", 7) || !wire_send(fd, part, 65536) ||
            !wire_send(fd, "\r\n", 2))
            break; /* the server has closed it */
    free(part);
    close(fd);
}

static void
a_body_that_is_no_message(void **state)
{
    (void)state;
    refuses("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
            "400");
    struct reply r;
    int fd = dial();
    text("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18\r\n\r\n");
    put_head(&b, WEFT_CALL, "add", 4); /* its struct is cut short */
    put(&b, "\n\0\1", 3);
    MUST(wire_send(fd, b.ptr, b.len));
    assert_true(head(fd, "200") > 0);
    MUST(wire_reply(fd, false, &r));
    assert_int_equal(r.type, WEFT_EXCEPTION);
    assert_int_equal(r.code, 7);
    b.len = 0;
    put_request("", 1, 1, 1);
    MUST(wire_send(fd, b.ptr, b.len));
    answered(fd, 1, 2);
    close(fd);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_house, close_house)
    const struct CMUnitTest tests[] = {
        TEST(kept_alive),
        TEST(a_byte_at_a_time),
        TEST(an_empty_line_before),
        TEST(asked_to_close),
        TEST(many_pipelined),
        TEST(in_chunks),
        TEST(a_frame_in_a_body),
        TEST(a_theader_frame_in_a_body),
        TEST(waits_for_continue),
        TEST(oneway_has_an_empty_response),
        TEST(other_methods),
        TEST(versions_that_are_unknown),
        TEST(what_could_be_smuggled),
        TEST(heads_that_are_malformed),
        TEST(a_head_that_is_too_large),
        TEST(a_body_that_is_too_large),
        TEST(a_body_that_is_no_message),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
