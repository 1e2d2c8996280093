/* SPDX-License-Identifier: MIT */
/* The client with HTTP servers of all kinds: how responses end, what statuses
 * mean, and to which path a request goes. */
#include "http_peer.h"

#include <unistd.h>

/* A test of many connections may take longer than the default time-out. */
static const struct weft_client_options http = {.dialect.framing = WEFT_HTTP,
                                                .call_timeout_ms = LONG_MS};

static void
send_result(int fd, const char *head, bool sized, int32_t seqid, int64_t value)
{
    struct bytes body = {0}, b = {0};
    put_reply(&body, WEFT_REPLY, "gate", seqid, value);
    put_response(&b, head, sized, (char *)body.ptr + 4, body.len - 4);
    MUST(wire_send(fd, b.ptr, b.len));
    bytes_free(&body);
    bytes_free(&b);
}

/* Read until the peer's end. */
static void
drain(int fd)
{
    char byte;
    while (wire_some(fd, &byte, 1) > 0)
        ;
}

/* ---- how a response ends ---- */

/* The server announces a close, but does not close: the next call makes a new
 * connection. */
static void
responses_that_are_the_last(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        bool sized;
    } rows[] = {
        {OK_HEAD "Connection: close\r\n", true},
        {"HTTP/1.0 200 OK\r\n", true},
        {"HTTP/1.0 200 OK\r\n", false},
        {OK_HEAD, false},
        {OK_HEAD "connection: Keep-Alive, CLOSE\r\n", true},
    };
    struct peer p;
    peer_open(&p, &http);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct caller a = {.client = p.client};
        caller_start(&a);
        peer_accept(&p, true);
        int32_t seqid = take_post(p.fd, "POST / HTTP/1.1\r\n");
        send_result(p.fd, rows[i].head, rows[i].sized, seqid, (int64_t)i);
        if (!rows[i].sized)
            MUST(!shutdown(p.fd, SHUT_WR));
        caller_join(&a);
        assert_int_equal(a.err, WEFT_OK);
        assert_int_equal(a.result, i);
        assert_true(wire_ends(p.fd)); /* the client closes it */
        close(p.fd);
    }
    p.fd = -1;
    peer_close(&p);
}

static void
a_server_that_keeps_alive(void **state)
{
    (void)state;
    struct peer p;
    peer_open(&p, &http);
    for (int i = 0; i < 5; i++) {
        struct caller a = {.client = p.client};
        caller_start(&a);
        if (i == 0)
            peer_accept(&p, true);
        int32_t seqid = take_post(p.fd, "POST / HTTP/1.1\r\n");
        send_result(p.fd, "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n", true,
                    seqid, i);
        caller_join(&a);
        assert_int_equal(a.err, WEFT_OK);
        assert_int_equal(a.result, i);
    }
    peer_close(&p);
}

/* The server leaves a response out: the next one is for another call. The
 * connection ends, and calls over a new one succeed. */
static void
a_response_is_left_out(void **state)
{
    (void)state;
    struct peer p;
    peer_open(&p, &http);
    struct caller a = {.client = p.client}, b = {.client = p.client};
    caller_start(&a);
    peer_accept(&p, true);
    (void)take_post(p.fd, "POST / HTTP/1.1\r\n");
    caller_start(&b);
    int32_t seqid = take_post(p.fd, "POST / HTTP/1.1\r\n");
    send_result(p.fd, OK_HEAD, true, seqid, 1);
    caller_join(&a);
    caller_join(&b);
    assert_int_equal(a.err, WEFT_EBROKEN);
    assert_int_equal(b.err, WEFT_EBROKEN);
    assert_true(wire_ends(p.fd));
    close(p.fd);
    a = (struct caller){.client = p.client};
    caller_start(&a);
    peer_accept(&p, true);
    seqid = take_post(p.fd, "POST / HTTP/1.1\r\n");
    send_result(p.fd, OK_HEAD, true, seqid, 2);
    caller_join(&a);
    assert_int_equal(a.err, WEFT_OK);
    assert_int_equal(a.result, 2);
    peer_close(&p);
}

/* The server closes each connection after one response. Requests that were sent
 * after the first one are sent again, and every call is answered. */
static void
one_response_a_connection(void **state)
{
    (void)state;
    enum { N = 12 };
    struct peer p;
    static struct caller callers[N];
    peer_open(&p, &http);
    for (int i = 0; i < N; i++) {
        callers[i] = (struct caller){.client = p.client};
        caller_start(&callers[i]);
    }
    for (int i = 0; i < N; i++) {
        peer_accept(&p, true);
        int32_t seqid = take_post(p.fd, "POST ");
        send_result(p.fd, OK_HEAD "Connection: close\r\n", true, seqid, 1);
        drain(p.fd); /* a close with unread input would be a reset */
        close(p.fd);
    }
    for (int i = 0; i < N; i++) {
        caller_join(&callers[i]);
        assert_int_equal(callers[i].err, WEFT_OK);
    }
    p.fd = -1;
    peer_close(&p);
}

/* ---- errors in a response ---- */

static weft_err
fail_with(const char *head, const char *body, int32_t status)
{
    struct peer p;
    struct weft_call_info info;
    struct caller a, b;
    peer_open(&p, &http);
    b = (struct caller){.client = p.client};
    a = (struct caller){.client = p.client, .options.info = &info};
    caller_start(&a);
    peer_accept(&p, true);
    take_post(p.fd, "POST ");
    caller_start(&b);
    int32_t second = take_post(p.fd, "POST ");
    struct bytes r = {0};
    put_response(&r, head, true, body, strlen(body));
    MUST(wire_send(p.fd, r.ptr, r.len));
    bytes_free(&r);
    send_result(p.fd, OK_HEAD, true, second, 2);
    caller_join(&a);
    caller_join(&b); /* the other call is not affected */
    assert_int_equal(b.err, WEFT_OK);
    assert_int_equal(b.result, 2);
    assert_int_equal(info.http_status, status);
    peer_close(&p);
    return a.err;
}

static void
statuses_that_are_errors(void **state)
{
    (void)state;
    static const struct {
        const char *head, *body;
        int32_t status;
        weft_err err;
    } rows[] = {
        {"HTTP/1.1 404 Not Found\r\n", "no such path\nx", 404,
         WEFT_ENOSERVICE - WEFT_PEER},
        {"HTTP/1.1 431 Too Large\r\n", "", 431, WEFT_EHEADER - WEFT_PEER},
        {"HTTP/1.1 500 Oops\r\n", "<html>", 500, WEFT_EHANDLER - WEFT_PEER},
        {"HTTP/1.1 503 Busy\r\n", "later", 503, WEFT_EOVERLOAD - WEFT_PEER},
        {"HTTP/1.1 418 Teapot\r\n", "short\r\nand stout", 418,
         WEFT_EHTTP - WEFT_PEER},
        {OK_HEAD, "", 0, WEFT_EMISSING},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(fail_with(rows[i].head, rows[i].body, rows[i].status),
                         rows[i].err);
}

static void
answer_404(void *arg)
{
    struct peer *p = arg;
    struct bytes r = {0};
    peer_accept(p, true);
    take_post(p->fd, "POST ");
    static const char body[] = "no service here\r\nsecond line";
    put_response(&r, "HTTP/1.1 404 Not Found\r\n", true, body, strlen(body));
    MUST(wire_send(p->fd, r.ptr, r.len));
    bytes_free(&r);
}

static void
the_first_line_of_the_body_is_told(void **state)
{
    (void)state;
    struct peer p;
    weft_fiber fiber;
    struct weft_arena arena;
    struct weft_call_info info;
    struct weft_call_options options = {.info = &info};
    struct trial_gate_args args = {.number = 1};
    struct trial_gate_result result;
    weft_arena_init(&arena, 0);
    peer_open(&p, &http);
    MUST(!weft_fiber_start(answer_404, &p, &fiber));
    assert_int_equal(
        trial_Trial_gate(p.client, &arena, &args, &result, &options),
        WEFT_ENOSERVICE - WEFT_PEER);
    assert_true(
        weft_str_eq(info.text, WEFT_STR("HTTP status 404: no service here")));
    assert_int_equal(info.reach, WEFT_CALL_ANSWERED);
    MUST(!weft_fiber_join(fiber));
    weft_arena_fini(&arena);
    peer_close(&p);
}

/* A body above the limit fails its call; the next response is read. */
static void
a_body_above_the_limit(void **state)
{
    (void)state;
    struct weft_client_options options = http;
    options.limits.message_size = 1000;
    static char body[300000];
    struct peer p;
    struct caller a, b;
    peer_open(&p, &options);
    a = b = (struct caller){.client = p.client};
    caller_start(&a);
    peer_accept(&p, true);
    take_post(p.fd, "POST ");
    caller_start(&b);
    int32_t second = take_post(p.fd, "POST ");
    struct bytes r = {0};
    put_response(&r, OK_HEAD, true, body, sizeof body);
    MUST(wire_send(p.fd, r.ptr, r.len));
    bytes_free(&r);
    send_result(p.fd, OK_HEAD, true, second, 2);
    caller_join(&a);
    caller_join(&b);
    assert_int_equal(a.err, WEFT_ETOOBIG);
    assert_int_equal(b.err, WEFT_OK);
    peer_close(&p);
}

/* A oneway call has a response, good or bad, which must not be given to another
 * call. Apache's C++ server sends none (NULL), so the next response belongs to
 * the next call. */
static void
responses_to_oneway_calls(void **state)
{
    (void)state;
    static const char *const heads[] = {OK_HEAD, "HTTP/1.1 202 Accepted\r\n",
                                        "HTTP/1.1 204 No Content\r\n",
                                        "HTTP/1.1 500 Oops\r\n", NULL};
    struct peer p;
    struct weft_arena arena;
    struct weft_client_stats stats;
    weft_arena_init(&arena, 0);
    peer_open(&p, &http);
    for (int i = 0; i < 5; i++) {
        struct trial_note_args note = {.number = 7};
        struct caller a = {.client = p.client};
        assert_int_equal(trial_Trial_note(p.client, &arena, &note, NULL),
                         WEFT_OK);
        if (i == 0)
            peer_accept(&p, true);
        take_post(p.fd, "POST ");
        caller_start(&a);
        int32_t seqid = take_post(p.fd, "POST ");
        struct bytes r = {0};
        if (heads[i])
            put_response(&r, heads[i], i != 2, "", 0);
        MUST(r.len == 0 || wire_send(p.fd, r.ptr, r.len));
        bytes_free(&r);
        send_result(p.fd, OK_HEAD, true, seqid, i);
        caller_join(&a);
        assert_int_equal(a.err, WEFT_OK);
        assert_int_equal(a.result, i);
    }
    weft_client_get_stats(p.client, &stats);
    assert_int_equal(stats.strays, 0);
    weft_arena_fini(&arena);
    peer_close(&p);
}

/* ---- where a request goes ---- */

static void
call_at(const char *scheme, const char *path,
        struct weft_client_options *options, uint16_t port, int listener,
        const char *begin)
{
    char text[128];
    struct weft_client *client;
    snprintf(text, sizeof text, "%s127.0.0.1:%u%s", scheme, (unsigned)port,
             path);
    MUST(!weft_client_new(text, options, &client));
    struct caller a = {.client = client};
    caller_start(&a);
    int fd = wire_accept(listener);
    int32_t seqid = take_post(fd, begin);
    send_result(fd, OK_HEAD, true, seqid, 3);
    caller_join(&a);
    assert_int_equal(a.err, WEFT_OK);
    weft_client_free(client);
    close(fd);
}

static void
addresses_with_a_path(void **state)
{
    (void)state;
    uint16_t port = 0;
    int listener = wire_listen(&port, 8);
    struct weft_client_options options = http;
    call_at("", "", &options, port, listener, "POST / HTTP/1.1\r\n");
    options.path = "/thrift?x=%20y";
    call_at("", "", &options, port, listener,
            "POST /thrift?x=%20y HTTP/1.1\r\n");
    call_at("http://", "", &options, port, listener,
            "POST /thrift?x=%20y HTTP/1.1\r\n");
    call_at("http://", "", NULL, port, listener, "POST / HTTP/1.1\r\n");
    call_at("HTTP://", "/", NULL, port, listener, "POST / HTTP/1.1\r\n");
    call_at("http://", "/a/b", NULL, port, listener, "POST /a/b HTTP/1.1\r\n");
    close(listener);
}

static void
addresses_that_are_none(void **state)
{
    (void)state;
    static const struct {
        const char *address, *path;
        uint8_t framing;
        weft_err err;
    } rows[] = {
        {"http://", NULL, 0, WEFT_EADDRESS},
        {"http:///x", NULL, 0, WEFT_EADDRESS},
        {"http://h:1/a b", NULL, 0, WEFT_EADDRESS},
        {"http://h:1/a\r\nX: y", NULL, 0, WEFT_EADDRESS},
        {"http://h:1#x", NULL, 0, WEFT_EADDRESS},
        {"http://u@h:1/", NULL, 0, WEFT_EADDRESS},
        {"http://h:1/x", "/y", 0, WEFT_EADDRESS},
        {"http://h:1/x", NULL, WEFT_THEADER, WEFT_EADDRESS},
        {"https://h:1/x", NULL, 0, WEFT_EADDRESS},
        {"h:1", "/x", 0, -EINVAL},
        {"h:1", "x", WEFT_HTTP, -EINVAL},
        {"h:1", "/x\n", WEFT_HTTP, -EINVAL},
        {"h:1", "/x\"", WEFT_HTTP, -EINVAL},
        {"http://h:1/{x}", NULL, 0, WEFT_EADDRESS},
        {"http://h", NULL, 0, WEFT_OK},
        {"http://h/x", NULL, 0, WEFT_OK},
        {"http://[::1]/x", NULL, 0, WEFT_OK},
        {"http://[::1]:8080", NULL, WEFT_HTTP, WEFT_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_client *client;
        struct weft_client_options options = {
            .dialect.framing = rows[i].framing, .path = rows[i].path};
        print_message("%s\n", rows[i].address);
        assert_int_equal(weft_client_new(rows[i].address, &options, &client),
                         rows[i].err);
        assert_true(rows[i].err ? !client : !!client);
        if (client && !strcmp(rows[i].address, "http://[::1]/x"))
            assert_string_equal(client->address, "[::1]:80");
        weft_client_free(client);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_that_are_none),
#if WF_HTTP
        cmocka_unit_test(responses_that_are_the_last),
        cmocka_unit_test(a_server_that_keeps_alive),
        cmocka_unit_test(a_response_is_left_out),
        cmocka_unit_test(one_response_a_connection),
        cmocka_unit_test(statuses_that_are_errors),
        cmocka_unit_test(the_first_line_of_the_body_is_told),
        cmocka_unit_test(a_body_above_the_limit),
        cmocka_unit_test(responses_to_oneway_calls),
        cmocka_unit_test(addresses_with_a_path),
#endif
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
