/* SPDX-License-Identifier: MIT */
/* The client of weft/http.h with servers of all kinds: how responses end, which
 * connections are kept, what is sent again, and what errors say. Row 111 of
 * docs/threats.md. */
#include "http_script.h"

#include <poll.h>

#define OK "HTTP/1.1 200 OK\r\n"
#define SIZED OK "Content-Length: 3\r\n\r\nabc"
#define ANY UINT32_MAX
#define SCRIPT(...) ((const char *const[]){__VA_ARGS__, NULL})

#define ASSERT_HAS(text, part) \
    assert_non_null((text).ptr ? strstr((text).ptr, (part)) : NULL)

/* ---- whole responses ---- */

static void
a_request_and_its_response(void **state)
{
    (void)state;
    struct script s;
    struct weft_header header = {WEFT_STR_INIT("X-Id"), WEFT_STR_INIT("7")};
    script_open(&s, NULL,
                SCRIPT("accept", "take",
                       "HTTP/1.1 201 Created\r\nX-Name: A b\r\nx-name: c\r\n"
                       "Content-Length: 5\r\n\r\nhe",
                       "llo"));
    const struct weft_http_request request = {.path = "/a?b=c",
                                              .headers = {&header, 1, 1},
                                              .body = WEFT_STR_INIT("{}")};
    assert_int_equal(script_call(&s, &request), 0);
    assert_int_equal(s.r.status, 201);
    assert_int_equal(s.r.body.len, 5);
    assert_string_equal(s.r.body.ptr, "hello");
    assert_null(s.r.text.ptr);
    assert_int_equal(s.r.headers.len, 3);
    assert_string_equal(s.r.headers.items[0].key.ptr, "x-name");
    assert_string_equal(s.r.headers.items[0].value.ptr, "A b");
    assert_string_equal(s.r.headers.items[1].value.ptr, "c");
    char asked[200];
    snprintf(asked, sizeof asked,
             "POST /a?b=c HTTP/1.1\r\nHost: %s\r\nContent-Length: 2\r\n"
             "X-Id: 7\r\n\r\n{}",
             s.address);
    assert_string_equal(s.asked, asked);
    script_close(&s);
}

struct row {
    const char *method, *response;
    bool closes; /* the server closes after the response */
    weft_err err;
    uint32_t status;
    const char *body;
    uint32_t n_kept;  /* connections afterwards */
    const char *text; /* a part of the error's text */
};

static const struct row rows[] = {
    {NULL, SIZED, false, 0, 200, "abc", 1, NULL},
    {NULL, OK "Content-Length: 0\r\n\r\n", false, 0, 200, "", 1, NULL},
    {NULL, OK "\r\nabc", true, 0, 200, "abc", 0, NULL},
    {NULL, "HTTP/1.0 200 OK\r\n\r\nabc", true, 0, 200, "abc", 0, NULL},
    {NULL, "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", false, 0, 200,
     "abc", 0, NULL},
    {NULL,
     "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: "
     "3\r\n\r\nabc",
     false, 0, 200, "abc", 1, NULL},
    {NULL, OK "Connection: close\r\nContent-Length: 3\r\n\r\nabc", false, 0,
     200, "abc", 0, NULL},
    {NULL,
     OK "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\nX: "
        "y\r\n\r\n",
     false, 0, 200, "abc", 1, NULL},
    {NULL, "HTTP/1.1 100 Continue\r\n\r\n" SIZED, false, 0, 200, "abc", 1,
     NULL},
    {"HEAD", OK "Content-Length: 3\r\n\r\n", false, 0, 200, "", 1, NULL},
    {NULL, "HTTP/1.1 204 No Content\r\n\r\n", false, 0, 204, "", 1, NULL},
    {NULL, "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", false, 0,
     304, "", 1, NULL},
    {NULL, "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 3\r\n\r\nabc",
     false, 0, 302, "abc", 1, NULL},
    {NULL, "HTTP/1.1 500 Oh\r\nContent-Length: 3\r\n\r\nabc", false, 0, 500,
     "abc", 1, NULL},
    {NULL, SIZED "d", false, 0, 200, "abc", ANY, NULL}, /* "d" may come later */

    {NULL, "", true, WEFT_EBROKEN, 0, "", 0,
     "GET /`: the connection ended before a response came: the peer has "
     "closed"},
    {NULL, "HTTP/1.", true, WEFT_EBROKEN, 0, "", 0,
     "the connection ended within the response"},
    {NULL, OK "Content-", true, WEFT_EBROKEN, 200, "", 0,
     "the connection ended within the response"},
    {NULL, OK "Content-Length: 4\r\n\r\nabc", true, WEFT_EBROKEN, 200, "", 0,
     "the connection ended within the response"},
    {NULL, OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", true,
     WEFT_EBROKEN, 200, "", 0, "the connection ended within the response"},
    {NULL, "SSH-2.0-x\x01\r\n", false, WEFT_EPROTOCOL, 0, "", 0,
     "the server sent `SSH-2.0-x\\x01"},
    {NULL, "HTTP/2.0 200 OK\r\n", false, WEFT_EVERSION, 0, "", 0,
     "the server sent `HTTP/2.0 200 OK"},
    {NULL, "HTTP/1.1 101 Switching\r\n", false, WEFT_EMSGTYPE, 101, "", 0,
     "the server sent `HTTP/1.1 101"},
    {NULL, OK "Transfer-Encoding: gzip\r\n", false, WEFT_ETRANSFORM, 200, "", 0,
     "Transfer-Encoding: gzip"},
    {NULL, OK "Transfer-Encoding: chunked\r\n\r\nx\r\n", false, WEFT_EPROTOCOL,
     200, "", 0, "the server sent `x"},
};

static void
play_row(const struct row *row)
{
    struct script s;
    script_open(&s, NULL,
                SCRIPT("accept", "take", row->response,
                       row->closes ? "close" : "wait"));
    weft_err err =
        script_call(&s, &(struct weft_http_request){.method = row->method});
    if (err != row->err)
        fail_msg("row %zu: %s: %s", (size_t)(row - rows), weft_err_text(err),
                 s.r.text.ptr ? s.r.text.ptr : "");
    assert_int_equal(s.r.status, row->status);
    assert_string_equal(s.r.body.ptr ? s.r.body.ptr : "", row->body);
    if (row->n_kept != ANY)
        assert_int_equal(s.http->n_kept, row->n_kept);
    if (row->text) {
        ASSERT_HAS(s.r.text, row->text);
        ASSERT_HAS(s.r.text, s.address);
    }
    script_go(&s);
    script_close(&s);
}

static void
responses_of_all_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        play_row(&rows[i]);
}

/* One byte at a time: the client waits in the middle of every line. */
static void
a_response_byte_by_byte(void **state)
{
    (void)state;
    static const char response[] =
        OK "A: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    static char bytes[sizeof response][2];
    const char *steps[sizeof response + 2] = {"accept", "take"};
    for (size_t i = 0; i + 1 < sizeof response; i++) {
        bytes[i][0] = response[i];
        steps[i + 2] = bytes[i];
    }
    struct script s;
    script_open(&s, NULL, steps);
    assert_int_equal(script_get(&s), 0);
    assert_string_equal(s.r.body.ptr, "abc");
    script_close(&s);
}

/* ---- limits and options ---- */

static void
a_body_above_the_limit(void **state)
{
    (void)state;
    static const struct weft_http_options options = {.body_size = 2};
    static const char *const responses[] = {
        SIZED, OK "\r\nabc",
        OK "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"};
    for (size_t i = 0; i < sizeof responses / sizeof *responses; i++) {
        struct script s;
        script_open(&s, &options,
                    SCRIPT("accept", "take", responses[i], "ends"));
        assert_int_equal(script_get(&s), WEFT_ETOOBIG);
        ASSERT_HAS(s.r.text, "the body is larger than body_size: 2 bytes");
        script_close(&s);
    }
}

static void
a_head_above_the_limit(void **state)
{
    (void)state;
    static const struct weft_http_options options = {.head_size = 100};
    static const char *const responses[] = {
        OK "A: 12345678901234567890\r\nB: 12345678901234567890\r\n"
           "C: 12345678901234567890\r\nD: 12345678901234567890\r\n",
        OK "A: 12345678901234567890123456789012345678901234567890"
           "12345678901234567890123456789012345678901234567890",
    };
    for (size_t i = 0; i < sizeof responses / sizeof *responses; i++) {
        struct script s;
        script_open(&s, &options,
                    SCRIPT("accept", "take", responses[i], "ends"));
        assert_int_equal(script_get(&s), WEFT_EHEADER);
        ASSERT_HAS(s.r.text, "the response cannot be read");
        script_close(&s);
    }
}

static void
addresses_and_options_that_are_none(void **state)
{
    (void)state;
    struct weft_http *http;
    assert_int_equal(weft_http_new("nonsense", NULL, &http), WEFT_EADDRESS);
    assert_null(http);
    assert_int_equal(
        weft_http_new("h:1", &(struct weft_http_options){.max_kept = 1025},
                      &http),
        -EINVAL);
    weft_http_free(NULL);
    weft_http_close(NULL);
}

/* What cannot be sent is refused before a connection is made. */
static void
requests_that_cannot_be_sent(void **state)
{
    (void)state;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_http *http;
    struct weft_http_response r;
    struct weft_header host = {WEFT_STR_INIT("hOst"), WEFT_STR_INIT("b")},
                       odd = {WEFT_STR_INIT("a b"), WEFT_STR_INIT("b")};
    MUST(!weft_http_new("127.0.0.1:1", NULL, &http));
    assert_int_equal(
        weft_http_call_until(http, &(struct weft_http_request){.path = "/ b"},
                             WEFT_NEVER, &arena, &r),
        -EINVAL);
    ASSERT_HAS(r.text, "127.0.0.1:1: `GET / b`: the request was not sent");
    assert_int_equal(weft_http_call_until(
                         http,
                         &(struct weft_http_request){.headers = {&host, 1, 1}},
                         WEFT_NEVER, &arena, &r),
                     WEFT_EHEADER);
    ASSERT_HAS(r.text, "only weft may write the header `hOst`");
    assert_int_equal(weft_http_call_until(
                         http,
                         &(struct weft_http_request){.headers = {&odd, 1, 1}},
                         WEFT_NEVER, &arena, &r),
                     WEFT_EHEADER);
    ASSERT_HAS(r.text, "HTTP cannot carry the header `a b`");
    weft_http_free(http);
    weft_arena_fini(&arena);
}

static void
no_server(void **state)
{
    (void)state;
    uint16_t port = 0;
    char address[32];
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_http *http;
    struct weft_http_response r;
    close(wire_listen(&port, 1));
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port);
    MUST(!weft_http_new(address, NULL, &http));
    assert_int_equal(weft_http_call_until(http, &(struct weft_http_request){0},
                                          WEFT_NEVER, &arena, &r),
                     WEFT_ECONNECT);
    ASSERT_HAS(r.text, "no connection could be made: Connection refused");
    weft_http_free(http);
    weft_arena_fini(&arena);
}

/* ---- deadlines ---- */

/* The first request makes the connection, so that the short deadline of the
 * second one cannot pass before the request is sent. */
static void
open_connected(struct script *s, const struct weft_http_options *options,
               const char *const *steps)
{
    script_open(s, options, steps);
    assert_int_equal(script_get(s), 0);
    assert_int_equal(s->http->n_kept, 1);
}

static void
a_server_that_does_not_answer(void **state)
{
    (void)state;
    struct script s;
    open_connected(&s, NULL, SCRIPT("accept", "take", SIZED, "take", "ends"));
    assert_int_equal(weft_http_call_until(s.http,
                                          &(struct weft_http_request){0},
                                          weft_after_ms(20), &s.arena, &s.r),
                     WEFT_ETIMEOUT);
    ASSERT_HAS(s.r.text, "no response came in time");
    script_close(&s);
}

/* The option counts for calls without a deadline. */
static void
the_call_timeout(void **state)
{
    (void)state;
    static const struct weft_http_options options = {.call_timeout_ms = 20};
    struct script s;
    struct weft_http_exchange *x;
    open_connected(&s, &options,
                   SCRIPT("accept", "take", SIZED, "take", "ends", "accept",
                          "take", SIZED, "take", "ends"));
    assert_int_equal(
        weft_http_call(s.http, &(struct weft_http_request){0}, &s.arena, &s.r),
        WEFT_ETIMEOUT);
    assert_int_equal(script_get(&s), 0);
    assert_int_equal(weft_http_open(s.http, &(struct weft_http_request){0},
                                    &s.arena, &s.r, &x),
                     WEFT_ETIMEOUT);
    assert_null(x);
    script_close(&s);
}

/* The server goes on to send, so that no wait alone takes long. */
static void
a_server_that_drips(void **state)
{
    (void)state;
    struct script s;
    open_connected(&s, NULL, SCRIPT("accept", "take", SIZED, "take", "drip"));
    assert_int_equal(weft_http_call_until(s.http,
                                          &(struct weft_http_request){0},
                                          weft_after_ms(50), &s.arena, &s.r),
                     WEFT_ETIMEOUT);
    script_close(&s);
}

static void
the_read_timeout(void **state)
{
    (void)state;
    static const struct weft_http_options options = {.read_timeout_ms = 20};
    struct script s;
    script_open(&s, &options, SCRIPT("accept", "take", "ends"));
    assert_int_equal(script_get(&s), WEFT_EREADTIMEOUT);
    ASSERT_HAS(s.r.text, "in time: the peer sent nothing for too long");
    script_close(&s);
}

/* ---- kept connections ---- */

static void
a_connection_is_used_again(void **state)
{
    (void)state;
    struct script s;
    script_open(
        &s, NULL,
        SCRIPT("accept", "take", SIZED, "take", SIZED, "take", SIZED, "ends"));
    for (int i = 0; i < 3; i++)
        assert_int_equal(script_get(&s), 0);
    weft_http_free(s.http);
    s.http = NULL;
    script_close(&s);
}

static void
no_connection_is_kept(void **state)
{
    (void)state;
    static const struct weft_http_options none = {.max_kept = WEFT_NONE};
    struct script s;
    script_open(&s, &none,
                SCRIPT("accept", "take", SIZED, "ends", "accept", "take", SIZED,
                       "ends"));
    assert_int_equal(script_get(&s), 0);
    assert_int_equal(script_get(&s), 0);
    script_close(&s);
}

/* The option counts: of two exchanges at once, one connection stays. */
static void
only_max_kept_are_kept(void **state)
{
    (void)state;
    static const struct weft_http_options one = {.max_kept = 1};
    struct script s;
    struct weft_http_exchange *x;
    struct weft_chain body = {0};
    script_open(&s, &one,
                SCRIPT("accept", "take", OK "Content-Length: 3\r\n\r\na",
                       "wait", "bc", "accept", "take", SIZED, "take", SIZED));
    assert_int_equal(
        weft_http_open_until(s.http, &(struct weft_http_request){0},
                             weft_after_ms(LONG_MS), &s.arena, &s.r, &x),
        0);
    script_go(&s);
    assert_int_equal(script_get(&s), 0);
    assert_int_equal(s.http->n_kept, 1);
    do
        assert_int_equal(weft_http_read_until(x, weft_after_ms(LONG_MS), &body),
                         0);
    while (body.len < 3);
    assert_int_equal(weft_http_read_until(x, weft_after_ms(LONG_MS), &body), 0);
    assert_int_equal(body.len, 3);
    weft_http_close(x);
    weft_chain_clear(&body);
    assert_int_equal(s.http->n_kept, 1);
    assert_int_equal(script_get(&s), 0);
    script_close(&s);
}

static void
an_idle_connection_is_not_used(void **state)
{
    (void)state;
    static const struct weft_http_options options = {.idle_timeout_ms = 1};
    struct script s;
    script_open(
        &s, &options,
        SCRIPT("accept", "take", SIZED, "ends", "accept", "take", SIZED));
    assert_int_equal(script_get(&s), 0);
    uint64_t until_ns = s.http->kept[0].until_ns;
    AWAIT(weft_now_ns() > until_ns);
    assert_int_equal(script_get(&s), 0);
    script_close(&s);
}

/* True if the kernel has bytes or an end to read, or an error. */
static bool
has_event(const struct weft_conn *conn)
{
    struct pollfd p = {.fd = weft_conn_fd(conn), .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

/* The server has closed the kept connection, or has sent bytes on it that
 * belong to no request: the next request is sent on a new one, whatever its
 * method is. */
static void
a_kept_connection_is_checked_before_use(void **state)
{
    (void)state;
    static const char *const ends[] = {"close", "reset", "shut",
                                       "HTTP/1.1 408 Timeout\r\n\r\n"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct script s;
        script_open(&s, NULL,
                    SCRIPT("accept", "take", SIZED, "wait", ends[i], "wait",
                           "accept", "take", SIZED));
        assert_int_equal(script_get(&s), 0);
        script_go(&s);
        AWAIT(has_event(s.http->kept[0].conn));
        script_go(&s);
        assert_int_equal(
            script_call(&s, &(struct weft_http_request){.method = "POST"}), 0);
        assert_string_equal(s.r.body.ptr, "abc");
        script_close(&s);
    }
}

/* The server ends a kept connection when it reads the request. A request that
 * may be repeated is sent again, once, and another one is not. */
static void
a_kept_connection_ends_under_a_request(void **state)
{
    (void)state;
    static const struct {
        struct weft_http_request request;
        bool repeats;
    } requests[] = {
        {{.method = "GET"}, true},
        {{.method = "PUT", .body = WEFT_STR_INIT("x")}, true},
        {{.method = "POST", .is_idempotent = true}, true},
        {{.method = "POST"}, false},
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        struct script s;
        bool repeats = requests[i].repeats;
        script_open(&s, NULL,
                    SCRIPT("accept", "take", SIZED, "take", "close",
                           repeats ? "accept" : NULL, "take", SIZED));
        assert_int_equal(script_get(&s), 0);
        assert_int_equal(script_call(&s, &requests[i].request),
                         repeats ? 0 : WEFT_EBROKEN);
        if (!repeats)
            ASSERT_HAS(s.r.text,
                       "the kept connection ended before a response came");
        script_close(&s);
    }
}

/* A second time, or after a byte of the response, nothing is repeated. */
static void
nothing_is_repeated_twice(void **state)
{
    (void)state;
    struct script s;
    script_open(&s, NULL,
                SCRIPT("accept", "take", SIZED, "take", "close", "accept",
                       "take", "close"));
    assert_int_equal(script_get(&s), 0);
    assert_int_equal(script_get(&s), WEFT_EBROKEN);
    script_close(&s);
    script_open(&s, NULL,
                SCRIPT("accept", "take", SIZED, "take", "H", "close"));
    assert_int_equal(script_get(&s), 0);
    assert_int_equal(script_get(&s), WEFT_EBROKEN);
    ASSERT_HAS(s.r.text, "the connection ended within the response");
    script_close(&s);
}

/* ---- piece by piece ---- */

static void
a_body_piece_by_piece(void **state)
{
    (void)state;
    struct script s;
    struct weft_http_exchange *x;
    struct weft_chain piece = {0};
    char text[8];
    script_open(&s, NULL,
                SCRIPT("accept", "take",
                       OK "Transfer-Encoding: chunked\r\n\r\n", "wait",
                       "3\r\none\r\n", "wait", "3\r\ntwo\r\n", "ends"));
    assert_int_equal(
        weft_http_open_until(s.http, &(struct weft_http_request){0},
                             weft_after_ms(LONG_MS), &s.arena, &s.r, &x),
        0);
    /* A read that was late loses nothing. */
    assert_int_equal(weft_http_read_until(x, weft_now_ns(), &piece),
                     WEFT_ETIMEOUT);
    assert_non_null(strstr(weft_http_text(x), "did not go on in time"));
    script_go(&s);
    while (piece.len < 3)
        assert_int_equal(
            weft_http_read_until(x, weft_after_ms(LONG_MS), &piece), 0);
    assert_string_equal(weft_http_text(x), "");
    script_go(&s);
    while (piece.len < 6)
        assert_int_equal(
            weft_http_read_until(x, weft_after_ms(LONG_MS), &piece), 0);
    text[weft_chain_copy_out(&piece, 0, text, 7)] = '\0';
    assert_string_equal(text, "onetwo");
    weft_http_close(x); /* the server is told: its connection ends */
    weft_chain_clear(&piece);
    script_close(&s);
}

static void
a_body_that_breaks(void **state)
{
    (void)state;
    struct script s;
    struct weft_http_exchange *x;
    struct weft_chain piece = {0};
    script_open(&s, NULL,
                SCRIPT("accept", "take",
                       OK "Transfer-Encoding: chunked\r\n\r\n2\r\na", "close"));
    assert_int_equal(
        weft_http_open_until(s.http, &(struct weft_http_request){0},
                             weft_after_ms(LONG_MS), &s.arena, &s.r, &x),
        0);
    assert_int_equal(weft_http_read(x, &piece), 0);
    assert_int_equal(weft_http_read(x, &piece), WEFT_EBROKEN);
    assert_non_null(strstr(weft_http_text(x), "ended within the response"));
    assert_int_equal(weft_http_read(x, &piece), WEFT_EBROKEN);
    assert_int_equal(piece.len, 1);
    weft_http_close(x);
    weft_chain_clear(&piece);
    script_close(&s);
}

/* ---- cancel ---- */

struct reader {
    struct script *s;
    struct weft_http_exchange *x;
    weft_err err;
    _Atomic bool opened;
};

static void
read_for_ever(void *arg)
{
    struct reader *reader = arg;
    struct script *s = reader->s;
    struct weft_chain piece = {0};
    reader->err =
        weft_http_open_until(s->http, &(struct weft_http_request){0},
                             WEFT_NEVER, &s->arena, &s->r, &reader->x);
    wf_store(&reader->opened, true, release);
    if (!reader->err)
        reader->err = weft_http_read(reader->x, &piece);
    weft_http_close(reader->x);
    weft_chain_clear(&piece);
}

static void
a_watch_is_cancelled(void **state)
{
    (void)state;
    struct script s;
    struct reader reader = {.s = &s};
    weft_fiber fiber;
    script_open(&s, NULL, SCRIPT("accept", "take", OK "\r\n", "ends"));
    MUST(!weft_fiber_start(read_for_ever, &reader, &fiber));
    AWAIT(wf_load(&reader.opened, acquire));
    weft_fiber_cancel(fiber);
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(reader.err, WEFT_ECANCEL);
    script_close(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_and_its_response),
        cmocka_unit_test(responses_of_all_kinds),
        cmocka_unit_test(a_response_byte_by_byte),
        cmocka_unit_test(a_body_above_the_limit),
        cmocka_unit_test(a_head_above_the_limit),
        cmocka_unit_test(addresses_and_options_that_are_none),
        cmocka_unit_test(requests_that_cannot_be_sent),
        cmocka_unit_test(no_server),
        cmocka_unit_test(a_server_that_does_not_answer),
        cmocka_unit_test(the_call_timeout),
        cmocka_unit_test(a_server_that_drips),
        cmocka_unit_test(the_read_timeout),
        cmocka_unit_test(a_connection_is_used_again),
        cmocka_unit_test(no_connection_is_kept),
        cmocka_unit_test(only_max_kept_are_kept),
        cmocka_unit_test(an_idle_connection_is_not_used),
        cmocka_unit_test(a_kept_connection_is_checked_before_use),
        cmocka_unit_test(a_kept_connection_ends_under_a_request),
        cmocka_unit_test(nothing_is_repeated_twice),
        cmocka_unit_test(a_body_piece_by_piece),
        cmocka_unit_test(a_body_that_breaks),
        cmocka_unit_test(a_watch_is_cancelled),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
