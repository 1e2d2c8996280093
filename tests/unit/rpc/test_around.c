/* SPDX-License-Identifier: MIT */
/* Frames with headers in HTTP and in a zlib stream: which of them a client
 * sends, which of them a server with a list of dialects accepts, and what a
 * client does with a reply that is no frame. test_dialects.c has calls that
 * succeed. */
#include "peer.h"

static struct house house;

static weft_err
call_in(struct weft_dialect dialect)
{
    struct weft_client_options options = {.dialect = dialect};
    struct weft_client *client;
    int64_t sum = 0;
    MUST(!weft_client_new(house.address, &options, &client));
    weft_err err = call_add(client, 40, 2, &sum);
    weft_client_free(client);
    assert_int_equal(sum, err ? 0 : 42);
    return err;
}

static void
only_frames_with_headers_lie_in_something(void **state)
{
    static const struct weft_dialect none[] = {
        {WEFT_FRAMED, WEFT_BINARY, false, WEFT_IN_HTTP},
        {WEFT_FRAMED, WEFT_BINARY, false, WEFT_IN_ZLIB},
        {WEFT_UNFRAMED, WEFT_BINARY, false, WEFT_IN_ZLIB},
        {WEFT_HTTP, WEFT_BINARY, false, WEFT_IN_ZLIB},
        {WEFT_HTTP, WEFT_BINARY, false, WEFT_IN_HTTP},
        {WEFT_THEADER, WEFT_BINARY, false, WEFT_IN_HTTP + 1},
    };
    struct weft_client *client;
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct weft_client_options options = {.dialect = none[i]};
        assert_int_equal(weft_client_new("127.0.0.1:1", &options, &client),
                         -EINVAL);
        assert_null(client);
    }
}

/* An address and a path of HTTP do not change the framing. */
static void
a_url_and_a_path(void **state)
{
    static const char *const paths[] = {"/thrift"};
    struct weft_server_options server = {.paths = paths, .n_paths = 1};
    struct weft_client_options options = {
        .dialect = {WEFT_THEADER, WEFT_BINARY, false, WEFT_IN_HTTP}};
    struct weft_client *client;
    char url[200];
    int64_t sum;
    (void)state;
#if !WF_HTTP
    skip();
#endif
    house_open(&house, NULL, &server, NULL);
    snprintf(url, sizeof url, "http://%s/thrift", house.address);
    MUST(!weft_client_new(url, &options, &client));
    assert_int_equal(client->options.dialect.framing, WEFT_THEADER);
    assert_int_equal(call_add(client, 1, 2, &sum), WEFT_OK);
    weft_client_free(client);
    options.path = "/thrift";
    MUST(!weft_client_new(house.address, &options, &client));
    assert_int_equal(call_add(client, 1, 2, &sum), WEFT_OK);
    weft_client_free(client);
    options.path = "/other";
    MUST(!weft_client_new(house.address, &options, &client));
    assert_int_equal(call_add(client, 1, 2, &sum), WEFT_ENOSERVICE - WEFT_PEER);
    weft_client_free(client);
    options.dialect.around = WEFT_IN_ZLIB;
    options.path = NULL;
    assert_int_equal(weft_client_new(url, &options, &client), WEFT_EADDRESS);
    house_close(&house);
}

static void
a_server_names_what_is_around(void **state)
{
    const struct weft_dialect plain = {WEFT_THEADER, WEFT_BINARY, false,
                                       WEFT_ALONE},
                              in_http = {WEFT_THEADER, WEFT_BINARY, false,
                                         WEFT_IN_HTTP},
                              in_zlib = {WEFT_THEADER, WEFT_BINARY, false,
                                         WEFT_IN_ZLIB},
                              http = {WEFT_HTTP, WEFT_BINARY, false,
                                      WEFT_ALONE};
    struct weft_server_options options = {.dialects = &in_http,
                                          .n_dialects = 1};
    (void)state;
#if !WF_HTTP || !WF_ZLIB
    skip();
#endif
    house_open(&house, NULL, &options, NULL);
    assert_int_equal(call_in(in_http), WEFT_OK);
    assert_int_not_equal(call_in(plain), WEFT_OK);
    assert_int_not_equal(call_in(http), WEFT_OK);
    assert_int_not_equal(call_in(in_zlib), WEFT_OK);
    house_close(&house);

    options.dialects = &in_zlib;
    house_open(&house, NULL, &options, NULL);
    assert_int_equal(call_in(in_zlib), WEFT_OK);
    assert_int_not_equal(call_in(plain), WEFT_OK);
    assert_int_not_equal(call_in(in_http), WEFT_OK);
    house_close(&house);

    options.dialects = &http; /* HTTP includes frames in HTTP */
    house_open(&house, NULL, &options, NULL);
    assert_int_equal(call_in(http), WEFT_OK);
    assert_int_equal(call_in(in_http), WEFT_OK);
    assert_int_not_equal(call_in(plain), WEFT_OK);
    house_close(&house);
}

/* Answer one call in HTTP with this body. */
static weft_err
answered_by(struct weft_str body)
{
    struct weft_client_options options = {
        .dialect = {WEFT_THEADER, WEFT_BINARY, false, WEFT_IN_HTTP}};
    struct peer p;
    char request[1024], head[100];
    peer_open(&p, &options);
    struct caller a = {.client = p.client};
    caller_start(&a);
    peer_accept(&p, true);
    MUST(wire_some(p.fd, request, sizeof request) > 0);
    int len = snprintf(head, sizeof head,
                       "HTTP/1.1 200 OK\r\nContent-Length: %u\r\n\r\n",
                       (unsigned)body.len);
    MUST(wire_send(p.fd, head, (size_t)len));
    MUST(wire_send(p.fd, body.ptr, body.len));
    caller_join(&a);
    peer_close(&p);
    return a.err;
}

static void
a_body_that_is_no_frame(void **state)
{
    (void)state;
#if !WF_HTTP
    skip();
#endif
    assert_int_equal(answered_by(WEFT_STR("\x80\1\0\2")), WEFT_EPROTOCOL);
    assert_int_equal(answered_by(WEFT_STR("\0\0")), WEFT_EPROTOCOL);
    assert_int_equal(answered_by(WEFT_STR("\0\0\0\3ab")), WEFT_EPROTOCOL);
    assert_int_equal(answered_by(WEFT_STR("\0\0\0\1ab")), WEFT_EPROTOCOL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_frames_with_headers_lie_in_something),
        cmocka_unit_test(a_url_and_a_path),
        cmocka_unit_test(a_server_names_what_is_around),
        cmocka_unit_test(a_body_that_is_no_frame),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
