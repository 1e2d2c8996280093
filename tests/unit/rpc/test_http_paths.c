/* SPDX-License-Identifier: MIT */
/* A server that serves some paths of HTTP answers requests for others with 404;
 * one that names none serves all. */
#include "rpc_test.h"

#include <stdlib.h>

static struct house house;

static void
open_house(const char *const *paths, uint32_t n)
{
#if !WF_HTTP
    skip();
#endif
    struct weft_server_options options = {.paths = paths, .n_paths = n};
    house_open(&house, NULL, &options, NULL);
}

/* Send one request of add(40, 2) for the target. Returns the status of the
 * response, and its body as text, if it is short. */
static int
ask(const char *method, const char *target, char *body, size_t size)
{
    struct bytes b = {0}, call = {0};
    char line[9000];
    size_t n = 0;
    int fd = wire_dial(house_port(&house));
    put_add(&call, false, 1, 40, 2);
    int len = snprintf(line, sizeof line,
                       "%s %s HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n"
                       "X-Other: v\r\nConnection: close\r\n\r\n",
                       method, target, call.len);
    put(&b, line, (size_t)len);
    put(&b, call.ptr, call.len);
    MUST(wire_send(fd, b.ptr, b.len));
    while (n + 1 < sizeof line && wire_recv(fd, line + n, 1))
        n++;
    line[n] = 0;
    close(fd);
    bytes_free(&b);
    bytes_free(&call);
    MUST(memcmp(line, "HTTP/1.1 ", 9) == 0);
    const char *text = strstr(line, "\r\n\r\n");
    MUST(text);
    snprintf(body, size, "%s", text + 4);
    return atoi(line + 9);
}

static int
status(const char *target)
{
    char body[256];
    return ask("POST", target, body, sizeof body);
}

static void
any_path_is_served_unless_some_are_named(void **state)
{
    (void)state;
    open_house(NULL, 0);
    assert_int_equal(status("/"), 200);
    assert_int_equal(status("/any/path?x=y"), 200);
    assert_int_equal(status("http://h/any"), 200);
    house_close(&house);
}

static void
others_are_answered_with_404(void **state)
{
    static const char *const paths[] = {"/thrift", "/v2/trial"};
    char body[256];
    struct weft_server_stats stats;
    (void)state;
    open_house(paths, 2);
    assert_int_equal(status("/thrift"), 200);
    assert_int_equal(status("/v2/trial"), 200);
    assert_int_equal(status("/thrift?q=/x%2F"), 200);
    assert_int_equal(status("/%74hrift"), 200);
    assert_int_equal(status("http://h:80/v2/trial?x"), 200);
    assert_int_equal(status("/"), 404);
    assert_int_equal(status("/v2"), 404);
    assert_int_equal(status("/v2%2Ftrial"), 404);
    assert_int_equal(status("/thrift/"), 404);
    assert_int_equal(status("http://h/"), 404);
    assert_int_equal(status("http://thrift"), 404);
    assert_int_equal(ask("POST", "/x", body, sizeof body), 404);
    assert_string_equal(body, "nothing is served at this path\n");
    assert_int_equal(ask("GET", "/x", body, sizeof body), 404);
    assert_int_equal(ask("GET", "/thrift", body, sizeof body), 405);
    weft_server_get_stats(house.server, &stats);
    assert_int_equal(stats.bad_messages, 9);
    must_work(&house); /* other dialects have no path to check */
    house_close(&house);
}

/* The path of a request comes byte by byte, or on a connection that has served
 * another path. */
static void
each_request_is_looked_at(void **state)
{
    static const char *const paths[] = {"/thrift"};
    static const char *const targets[] = {"/thrift?", "/thrift", "/thrifty"};
    char line[256];
    struct reply r;
    (void)state;
    open_house(paths, 1);
    int fd = wire_dial(house_port(&house));
    for (int i = 0; i < 3; i++) {
        struct bytes b = {0}, call = {0};
        put_add(&call, false, 1, 40, 2);
        int len = snprintf(line, sizeof line,
                           "POST %s HTTP/1.1\r\nHost: h\r\n"
                           "Content-Length: %zu\r\n\r\n",
                           targets[i], call.len);
        put(&b, line, (size_t)len);
        put(&b, call.ptr, call.len);
        for (size_t at = 0; at < b.len && i < 2; at++)
            MUST(wire_send(fd, b.ptr + at, 1));
        if (i == 2)
            MUST(wire_send(fd, b.ptr, b.len));
        bytes_free(&b);
        bytes_free(&call);
        size_t n = 0;
        while (n < 4 || memcmp(line + n - 4, "\r\n\r\n", 4) != 0)
            MUST(n < sizeof line && wire_recv(fd, line + n++, 1));
        assert_memory_equal(line + 9, i < 2 ? "200" : "404", 3);
        if (i < 2)
            assert_true(wire_reply(fd, false, &r) && r.value == 42);
    }
    close(fd);
    house_close(&house);
}

static void
the_client_says_that_there_is_no_service(void **state)
{
    static const char *const paths[] = {"/thrift"};
    struct weft_client_options options = {.dialect.framing = WEFT_HTTP,
                                          .path = "/thrift"};
    struct weft_client *client;
    int64_t sum;
    (void)state;
    open_house(paths, 1);
    MUST(!weft_client_new(house.address, &options, &client));
    assert_int_equal(call_add(client, 1, 2, &sum), WEFT_OK);
    weft_client_free(client);
    options.path = "/other";
    MUST(!weft_client_new(house.address, &options, &client));
    assert_int_equal(call_add(client, 1, 2, &sum), WEFT_ENOSERVICE - WEFT_PEER);
    weft_client_free(client);
    house_close(&house);
}

/* The server's copy outlives the option. */
static void
options_are_checked_and_copied(void **state)
{
    static const char *const malformed[] = {"thrift", "",   "/a b",
                                            "/a?b",   "/#", NULL};
    const char *many[WEFT_PATHS_MAX + 1];
    char path[] = "/mine";
    struct weft_server *server;
    (void)state;
    for (int i = 0; i < 6; i++) {
        const char *paths[] = {"/fine", malformed[i]};
        struct weft_server_options options = {.paths = paths, .n_paths = 2};
        assert_int_equal(weft_server_new(&options, &server), -EINVAL);
        assert_null(server);
    }
    for (uint32_t i = 0; i <= WEFT_PATHS_MAX; i++)
        many[i] = path;
    struct weft_server_options options = {.paths = many,
                                          .n_paths = WEFT_PATHS_MAX + 1};
    assert_int_equal(weft_server_new(&options, &server), -EINVAL);
    open_house(many, WEFT_PATHS_MAX);
    memset(many, 0, sizeof many);
    memcpy(path, "/thine", 5);
    assert_int_equal(status("/mine"), 200);
    assert_int_equal(status("/thin"), 404);
    house_close(&house);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_path_is_served_unless_some_are_named),
        cmocka_unit_test(others_are_answered_with_404),
        cmocka_unit_test(each_request_is_looked_at),
        cmocka_unit_test(the_client_says_that_there_is_no_service),
        cmocka_unit_test(options_are_checked_and_copied),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
