/* SPDX-License-Identifier: MIT */
/*
 * Frames within other transports, as Apache's libraries can combine them; the
 * response to oneway calls in HTTP; and servers that accept only some dialects.
 */
#include "rpc_test.h"

#include <stdlib.h>

static struct house house;
static struct trial_Trial_service table;
static struct bytes b;

static void
open_house(const struct weft_server_options *options)
{
    b = (struct bytes){0};
    memset(&house, 0, sizeof house);
    MUST(!weft_server_new(options, &house.server));
    MUST(!trial_Trial_register(house.server, "Trial", &table, &house.trial));
    MUST(!weft_server_listen(house.server, "127.0.0.1:0"));
    MUST(!weft_server_start(house.server));
}

static void
shut_house(void)
{
    MUST(!weft_server_stop(house.server));
    weft_server_free(house.server);
    bytes_free(&b);
}

static int
set_up(void **state)
{
    (void)state;
    table = trial_table;
    return 0;
}

static int
dial(void)
{
    return wire_dial(house_port(&house));
}

/* Put add(x, y) in a THeader frame without a transform. */
static void
put_theader(struct bytes *to, int32_t seqid, int64_t x, int64_t y)
{
    size_t from = frame_begin(to);
    put32(to, 0x0fff0000);
    put32(to, (uint32_t)seqid);
    put16(to, 1);
    put32(to, 0); /* binary, no transform, padding */
    put_add(to, false, seqid, x, y);
    frame_end(to, from);
}

static void
put_request(const struct bytes *body)
{
    char text[128];
    int n = snprintf(
        text, sizeof text,
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", body->len);
    put(&b, text, (size_t)n);
    put(&b, body->ptr, body->len);
}

/* Read a response and its body; returns the status. */
static int
take_response(int fd, uint8_t *body, size_t size, size_t *len)
{
    char head[2048];
    size_t n = 0;
    while (n < 4 || memcmp(head + n - 4, "\r\n\r\n", 4) != 0) {
        MUST(n + 1 < sizeof head && wire_recv(fd, head + n, 1));
        n++;
    }
    head[n] = 0;
    const char *length = strstr(head, "Content-Length: ");
    MUST(length);
    *len = strtoul(length + 16, NULL, 10);
    MUST(*len <= size && wire_recv(fd, body, *len));
    return atoi(head + 9);
}

static int64_t
value_at(const uint8_t *p)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | p[i];
    return (int64_t)v;
}

/* Check a reply of add: a THeader frame without a transform, after its
 * length. */
static void
check_theader(const uint8_t *p, size_t len, int64_t sum)
{
    assert_true(len > 4 + 14 + 12);
    assert_int_equal((size_t)p[2] << 8 | p[3], len - 4);
    assert_int_equal(p[4] << 8 | p[5], 0x0fff);
    assert_int_equal(p[12] << 8 | p[13], 1); /* words of the block */
    assert_int_equal(p[14], 0);              /* binary */
    assert_int_equal(p[15], 0);              /* transforms */
    assert_int_equal(p[18] << 8 | p[19], 0x8001);
    assert_int_equal(p[21], WEFT_REPLY);
    assert_int_equal(value_at(p + len - 9), sum);
}

static void
theader_in_http(void **state)
{
    struct bytes body = {0};
    uint8_t reply[1024];
    size_t len;
    (void)state;
#if !WF_HTTP
    skip();
#endif
    open_house(NULL);
    int fd = dial();
    for (int i = 0; i < 3; i++) {
        b.len = body.len = 0;
        put_theader(&body, i, i, 40);
        put_request(&body);
        MUST(wire_send(fd, b.ptr, b.len));
        assert_int_equal(take_response(fd, reply, sizeof reply, &len), 200);
        check_theader(reply, len, 40 + i);
    }
    /* A plain frame works, too, and an error comes back in the same framing. */
    b.len = body.len = 0;
    put_add(&body, true, 7, 1, 2);
    put_request(&body);
    MUST(wire_send(fd, b.ptr, b.len));
    assert_int_equal(take_response(fd, reply, sizeof reply, &len), 200);
    assert_int_equal((size_t)reply[3], len - 4);
    assert_int_equal(value_at(reply + len - 9), 3);
    b.len = body.len = 0;
    put_number(&body, true, WEFT_CALL, "unknown", 7, 1);
    put_request(&body);
    MUST(wire_send(fd, b.ptr, b.len));
    assert_int_equal(take_response(fd, reply, sizeof reply, &len), 200);
    assert_int_equal((size_t)reply[3], len - 4);
    assert_int_equal(reply[7], WEFT_EXCEPTION);
    close(fd);
    bytes_free(&body);
    shut_house();
}

static void
theader_in_zlib(void **state)
{
    struct weft_chain in = {0}, out = {0};
    struct wf_deflater *deflater;
    struct wf_inflater *inflater;
    uint8_t piece[4096];
    (void)state;
#if !WF_ZLIB
    skip();
#endif
    open_house(NULL);
    MUST(!wf_deflater_new(&deflater) && !wf_inflater_new(&inflater));
    int fd = dial();
    for (int i = 0; i < 3; i++) {
        b.len = 0;
        put_theader(&b, i, i, 40);
        MUST(!weft_chain_append(&in, b.ptr, b.len));
        MUST(!wf_deflate(deflater, &in, &out));
        MUST(out.len < sizeof piece);
        size_t n = weft_chain_copy_out(&out, 0, piece, out.len);
        weft_chain_clear(&out);
        MUST(wire_send(fd, piece, n));
        while (out.len < 4 + 14 + 20) { /* until the reply is there */
            MUST(wire_recv(fd, piece, 1));
            MUST(!weft_chain_append(&in, piece, 1));
            MUST(!wf_inflate(inflater, &in, &out, sizeof piece));
        }
        weft_chain_copy_out(&out, 0, piece, 4);
        size_t whole = 4 + ((size_t)piece[2] << 8 | piece[3]);
        while (out.len < whole) {
            MUST(wire_recv(fd, piece, 1));
            MUST(!weft_chain_append(&in, piece, 1));
            MUST(!wf_inflate(inflater, &in, &out, sizeof piece));
        }
        weft_chain_copy_out(&out, 0, piece, whole);
        check_theader(piece, whole, 40 + i);
        weft_chain_clear(&out);
    }
    wf_deflater_free(deflater);
    wf_inflater_free(inflater);
    weft_chain_clear(&in);
    close(fd);
    shut_house();
}

/* ---- oneway in HTTP ---- */

static weft_err
slow_note(struct weft_call *call, const struct trial_note_args *args)
{
    struct trial *t = weft_call_user(call);
    (void)args;
    wf_add(&t->inside, 1, seq_cst);
    weft_err err = weft_sem_take(&t->gate);
    wf_sub(&t->inside, 1, seq_cst);
    return err;
}

static void
oneway_is_answered_before_it_runs(void **state)
{
    struct bytes body = {0};
    uint8_t reply[1024];
    size_t len;
    (void)state;
#if !WF_HTTP
    skip();
#endif
    table.note = slow_note;
    open_house(NULL);
    int fd = dial();
    put_number(&body, false, WEFT_ONEWAY, "note", 1, 7);
    put_request(&body);
    MUST(wire_send(fd, b.ptr, b.len));
    assert_int_equal(take_response(fd, reply, sizeof reply, &len), 200);
    assert_int_equal(len, 0);
    AWAIT(wf_load(&house.trial.inside, acquire) == 1); /* the call still runs */
    weft_sem_give(&house.trial.gate, 1);
    close(fd);

    /* A oneway call that is refused gets an error status. */
    fd = dial();
    MUST(wire_send(fd, b.ptr, b.len));
    assert_int_equal(take_response(fd, reply, sizeof reply, &len), 200);
    weft_sem_give(&house.trial.gate, 1);
    wf_store(&house.server->stopping, true, seq_cst);
    MUST(wire_send(fd, b.ptr, b.len));
    assert_int_equal(take_response(fd, reply, sizeof reply, &len), 503);
    assert_true(wire_ends(fd));
    wf_store(&house.server->stopping, false, seq_cst);
    close(fd);
    bytes_free(&body);
    shut_house();
}

/* ---- some dialects only ---- */

static bool
serves_binary(bool framed)
{
    struct reply r;
    int fd = dial();
    b.len = 0;
    put_add(&b, framed, 1, 1, 2);
    MUST(wire_send(fd, b.ptr, b.len));
    bool served = wire_reply(fd, framed, &r) && r.value == 3;
    close(fd);
    return served;
}

static bool
serves_http(void)
{
    struct bytes body = {0};
    int fd = dial();
    char c;
    b.len = 0;
    put_add(&body, false, 1, 1, 2);
    put_request(&body);
    bytes_free(&body);
    MUST(wire_send(fd, b.ptr, b.len));
    bool served = wire_recv(fd, &c, 1);
    close(fd);
    return served;
}

static void
only_the_dialects_that_are_named(void **state)
{
    struct weft_dialect framed = {.framing = WEFT_FRAMED};
    struct weft_dialect http = {.framing = WEFT_HTTP};
    struct weft_server_options options = {.dialects = &framed, .n_dialects = 1};
    struct weft_server_stats stats;
    (void)state;
#if !WF_HTTP
    skip();
#endif
    open_house(&options);
    assert_true(serves_binary(true));
    assert_false(serves_http());
    assert_false(serves_binary(false));
    assert_true(serves_binary(true));
    weft_server_get_stats(house.server, &stats);
    assert_int_equal(stats.unrecognised.http, 1);
    shut_house();

    options.dialects = &http;
    open_house(&options);
    assert_true(serves_http());
    assert_false(serves_binary(true));
    shut_house();

    options.n_dialects = WEFT_DIALECTS_MAX + 1;
    assert_int_equal(weft_server_new(&options, &house.server), -EINVAL);
    assert_null(house.server);
}

/* ---- messages that begin and do not go on ---- */

/* Send these bytes and no more: the server must close the connection. */
static void
ends_in_time(const void *ptr, size_t len)
{
    int fd = dial();
    MUST(wire_send(fd, ptr, len));
    if (!wire_ends(fd))
        fail_msg("open after %zu bytes: %.20s", len, (const char *)ptr);
    close(fd);
}

static void
a_partial_request_times_out(void **state)
{
#define HEAD "POST / HTTP/1.1\r\nHost: x\r\n"
#define CHUNKED HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define SIZED HEAD "Content-Length: 1000\r\n\r\n"
    static const char *const parts[] = {
        "PO", "POST / HTTP/1.1\r\nHost", HEAD, SIZED, SIZED "abc", CHUNKED,
    };
    static const char chunk[] = CHUNKED "3\r\nabc\r\n";
    struct weft_server_options options = {.read_timeout_ms = 50};
    struct weft_server_stats stats;
    (void)state;
#if !WF_HTTP
    skip();
#endif
    open_house(&options);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        ends_in_time(parts[i], strlen(parts[i]));
    ends_in_time(chunk, sizeof chunk - 1);
    /* Stop first, because the counters change after the peer sees the end. */
    assert_int_equal(weft_server_stop(house.server), 0);
    weft_server_get_stats(house.server, &stats);
    assert_int_equal(stats.closed.read_timeout,
                     sizeof parts / sizeof *parts + 1);
    shut_house();
}

static void
a_partial_zlib_stream_times_out(void **state)
{
    struct weft_server_options options = {.read_timeout_ms = 100};
    struct weft_chain in = {0}, out = {0};
    struct wf_deflater *deflater;
    uint8_t bytes[1024], c;
    (void)state;
#if !WF_ZLIB
    skip();
#endif
    open_house(&options);
    MUST(!wf_deflater_new(&deflater));
    put_add(&b, true, 1, 1, 2);
    MUST(!weft_chain_append(&in, b.ptr, b.len));
    MUST(!wf_deflate(deflater, &in, &out) && out.len < sizeof bytes);
    size_t n = weft_chain_copy_out(&out, 0, bytes, out.len);
    static const size_t parts[] = {1, 2, 3, 5, 20};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        ends_in_time(bytes, parts[i]);
    /* After a whole message the peer may be silent: its connection stays open
     * although a later connection, with part of a message, timed out. */
    int fd = dial();
    MUST(wire_send(fd, bytes, n) && wire_recv(fd, &c, 1));
    ends_in_time(bytes, 5);
    ssize_t got;
    while ((got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
        ;
    assert_true(got < 0 && errno == EAGAIN); /* still open */
    close(fd);
    wf_deflater_free(deflater);
    weft_chain_clear(&out);
    shut_house();
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, set_up)
    const struct CMUnitTest tests[] = {
        TEST(theader_in_http),
        TEST(theader_in_zlib),
        TEST(oneway_is_answered_before_it_runs),
        TEST(only_the_dialects_that_are_named),
        TEST(a_partial_request_times_out),
        TEST(a_partial_zlib_stream_times_out),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
