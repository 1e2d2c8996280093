/* SPDX-License-Identifier: MIT */
/* A connection on its own: reader, writer, hooks, and their time-outs. */
#include "trial_server.h"
#include "wire.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define MS 1000000u

/* ---- a listener whose hooks count ---- */

static struct {
    struct weft_listener *listener;
    _Atomic int connects, requests, closes, overlaps;
    _Atomic uint64_t bytes; /* taken by on_request */
    _Atomic weft_err why;   /* of the last close */
    _Atomic bool busy;
    void (*request)(struct weft_conn *conn);
} place;

static void
on_connect(struct weft_conn *conn, void *user)
{
    (void)conn;
    MUST(user == &place);
    wf_add(&place.connects, 1, relaxed);
}

static void
on_request(struct weft_conn *conn, void *user)
{
    (void)user;
    MUST(weft_conn_len(conn) > 0);
    wf_add(&place.requests, 1, relaxed);
    place.request(conn);
}

static void
on_close(struct weft_conn *conn, weft_err why, void *user)
{
    (void)conn;
    (void)user;
    wf_store(&place.why, why, relaxed);
    wf_add(&place.closes, 1, release);
}

static const struct weft_conn_hooks hooks = {on_connect, on_request, on_close};

static void
listen_with(void (*request)(struct weft_conn *conn),
            const struct weft_conn_options *options)
{
    memset(&place, 0, sizeof place);
    place.request = request;
    MUST(!weft_listen("127.0.0.1:0", &hooks, &place, options, &place.listener));
}

static struct weft_conn *
dial_with(const struct weft_conn_options *options)
{
    char address[32];
    struct weft_conn *conn;
    snprintf(address, sizeof address, "127.0.0.1:%u",
             (unsigned)weft_listener_port(place.listener));
    MUST(!weft_dial(address, options, weft_after_ms(LONG_MS), &conn));
    return conn;
}

static int
dial_plain(void)
{
    return wire_dial(weft_listener_port(place.listener));
}

static void
stop_after(int closes)
{
    AWAIT(wf_load(&place.closes, acquire) >= closes);
    weft_listener_stop(place.listener);
    assert_int_equal(wf_load(&place.closes, acquire), closes);
    assert_int_equal(wf_load(&place.connects, relaxed), closes);
}

/* ---- what on_request does ---- */

static void
echo_lines(struct weft_conn *conn)
{
    const uint8_t *line;
    size_t n;
    if (weft_conn_until(conn, '\n', &line, &n))
        return;
    MUST(line[n - 1] == '\n');
    MUST(!weft_conn_write(conn, line, n));
    MUST(!weft_conn_flush(conn));
}

static void
echo_everything(struct weft_conn *conn)
{
    struct weft_chain chain = {0};
    MUST(!weft_conn_slice(conn, weft_conn_len(conn), &chain));
    weft_conn_append_chain(conn, &chain);
    MUST(!weft_conn_flush(conn));
}

static void
take_everything(struct weft_conn *conn)
{
    size_t n = weft_conn_len(conn);
    MUST(!weft_conn_skip(conn, n));
    wf_add(&place.bytes, n, release);
}

/* Waits for a second byte, and takes all there is then. */
static void
take_two_or_more(struct weft_conn *conn)
{
    if (weft_conn_wait(conn, 2) && weft_conn_len(conn) == 0)
        return;
    take_everything(conn);
}

static void
take_nothing(struct weft_conn *conn)
{
    (void)conn;
}

static void
wait_for_more(struct weft_conn *conn)
{
    wf_store(&place.busy, true, release);
    weft_err err = weft_conn_wait(conn, 1000);
    wf_store(&place.why, err, relaxed);
    wf_store(&place.busy, false, release);
    take_everything(conn);
}

/* ---- reading ---- */

static void
lines_there_and_back(void **state)
{
    (void)state;
    listen_with(echo_lines, NULL);
    struct weft_conn *conn = dial_with(NULL);
    char line[5000];
    for (size_t len = 1; len < sizeof line; len += len / 3 + 1) {
        memset(line, 'a' + (int)(len % 26), len - 1);
        line[len - 1] = '\n';
        MUST(!weft_conn_write(conn, line, len));
        MUST(!weft_conn_flush(conn));
        const uint8_t *back;
        size_t n;
        assert_int_equal(weft_conn_until(conn, '\n', &back, &n), WEFT_OK);
        assert_int_equal(n, len);
        assert_memory_equal(back, line, n);
        weft_conn_release(conn);
    }
    weft_conn_close(conn);
    stop_after(1);
    assert_int_equal(wf_load(&place.why, relaxed), WEFT_EEOF);
}

static void
every_way_to_read(void **state)
{
    (void)state;
    enum { SIZE = 1 << 20 };
    listen_with(echo_everything, NULL);
    struct weft_conn *conn = dial_with(NULL);
    uint8_t *room = weft_conn_reserve(conn, SIZE);
    assert_non_null(room);
    for (size_t i = 0; i < SIZE; i++)
        room[i] = (uint8_t)(i * 31 >> 3);
    uint8_t *copy = malloc(SIZE);
    memcpy(copy, room, SIZE);
    MUST(!weft_conn_commit(conn, SIZE));
    MUST(!weft_conn_flush(conn));
    const uint8_t *bytes;
    size_t at = 0;
    assert_int_equal(weft_conn_peek(conn, 100000, &bytes), WEFT_OK);
    assert_memory_equal(bytes, copy, 100000);
    for (size_t n = 1; n < 5000; n += 37, at += n - 37) {
        assert_int_equal(weft_conn_next(conn, n, &bytes), WEFT_OK);
        assert_memory_equal(bytes, copy + at, n);
    }
    weft_conn_release(conn);
    assert_int_equal(weft_conn_skip(conn, 1000), WEFT_OK);
    at += 1000;
    struct weft_chain chain = {0};
    assert_int_equal(weft_conn_slice(conn, 300000, &chain), WEFT_OK);
    const uint8_t *run = weft_chain_pull(&chain, 300000);
    assert_memory_equal(run, copy + at, 300000);
    at += 300000;
    weft_chain_clear(&chain);
    assert_int_equal(weft_conn_next(conn, SIZE - at, &bytes), WEFT_OK);
    assert_memory_equal(bytes, copy + at, SIZE - at);
    assert_int_equal(weft_conn_len(conn), 0);
    weft_conn_close(conn);
    free(copy);
    stop_after(1);
}

static void
the_end_of_input(void **state)
{
    (void)state;
    uint16_t port = 0;
    int listener = wire_listen(&port, 4);
    char address[32], peer[64];
    struct weft_conn *conn;
    const uint8_t *bytes;
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port);
    MUST(!weft_dial(address, NULL, WEFT_NEVER, &conn));
    assert_int_equal(weft_conn_peer(conn, peer, sizeof peer), WEFT_OK);
    assert_string_equal(peer, address);
    int fd = wire_accept(listener);
    MUST(wire_send(fd, "12345", 5));
    close(fd);
    assert_int_equal(weft_conn_wait(conn, 6), WEFT_EEOF);
    assert_int_equal(weft_conn_next(conn, 6, &bytes), WEFT_EEOF);
    assert_int_equal(weft_conn_next(conn, 5, &bytes),
                     WEFT_OK); /* still there */
    assert_memory_equal(bytes, "12345", 5);
    assert_int_equal(weft_conn_wait(conn, 1), WEFT_EEOF);
    weft_conn_close(conn);
    MUST(!weft_dial(address, NULL, WEFT_NEVER, &conn));
    fd = wire_accept(listener);
    wire_reset(fd);
    assert_int_equal(weft_conn_wait(conn, 1), -ECONNRESET);
    weft_conn_close(conn);
    close(listener);
    assert_int_equal(weft_dial(address, NULL, WEFT_NEVER, &conn),
                     -ECONNREFUSED);
    assert_null(conn);
    assert_int_equal(weft_dial("no port", NULL, WEFT_NEVER, &conn),
                     WEFT_EADDRESS);
}

struct waiter {
    struct weft_conn *conn;
    _Atomic bool ready;
    weft_err err;
};

static void
wait_for_bytes(void *arg)
{
    struct waiter *w = arg;
    wf_store(&w->ready, true, release);
    w->err = weft_conn_wait(w->conn, 10);
}

static void
waits_that_end_without_bytes(void **state)
{
    (void)state;
    listen_with(take_nothing, NULL);
    struct weft_conn_options options = {.read_timeout_ms = 30};
    struct weft_conn *conn = dial_with(&options);
    const uint8_t *bytes;
    assert_int_equal(weft_conn_wait(conn, 1), WEFT_EREADTIMEOUT);
    assert_int_equal(weft_conn_wait_until(conn, 1, weft_after_ms(5)),
                     WEFT_ETIMEOUT);
    assert_int_equal(weft_conn_next(conn, 1, &bytes), WEFT_EREADTIMEOUT);
    weft_conn_close(conn);
    struct waiter w = {.conn = dial_with(NULL)};
    weft_fiber fiber;
    MUST(!weft_fiber_start(&fiber, wait_for_bytes, &w));
    AWAIT(wf_load(&w.ready, acquire));
    weft_fiber_cancel(fiber);
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(w.err, WEFT_ECANCEL);
    options = (struct weft_conn_options){.max_input = 1000};
    weft_conn_close(w.conn);
    w.conn = dial_with(&options);
    assert_int_equal(weft_conn_wait(w.conn, 1001), WEFT_EBUFFERFULL);
    weft_conn_close(w.conn);
    stop_after(3);
}

static void
a_delimiter_that_does_not_come(void **state)
{
    (void)state;
    listen_with(echo_everything, NULL);
    struct weft_conn_options options = {.max_input = 3000};
    struct weft_conn *conn = dial_with(&options);
    char text[4000];
    const uint8_t *bytes;
    size_t n;
    memset(text, 'x', sizeof text);
    MUST(!weft_conn_write(conn, text, sizeof text));
    MUST(!weft_conn_flush(conn));
    assert_int_equal(weft_conn_until(conn, '\n', &bytes, &n), WEFT_EBUFFERFULL);
    assert_int_equal(weft_conn_len(conn), 3000);
    assert_int_equal(weft_conn_skip(conn, 2500), WEFT_OK);
    MUST(!weft_conn_write(conn, "\n", 1));
    MUST(!weft_conn_flush(conn));
    assert_int_equal(weft_conn_until(conn, '\n', &bytes, &n), WEFT_OK);
    assert_int_equal(n, 1501);
    weft_conn_close(conn);
    stop_after(1);
}

static _Atomic uint32_t hogs;
static _Atomic bool hogs_end;

static void
hog(void *arg)
{
    (void)arg;
    wf_add(&hogs, 1, release);
    while (!wf_load(&hogs_end, acquire))
        ;
}

/* Keep every worker busy, so that what comes meanwhile is one event. */
static void
send_as_one_event(int fd, const void *bytes, size_t n)
{
    weft_fiber fibers[2];
    wf_store(&hogs, 0, relaxed);
    wf_store(&hogs_end, false, relaxed);
    for (int i = 0; i < 2; i++)
        MUST(!weft_fiber_start(&fibers[i], hog, NULL));
    AWAIT(wf_load(&hogs, acquire) == 2);
    MUST(wire_send(fd, bytes, n));
    wf_store(&hogs_end, true, release);
    for (int i = 0; i < 2; i++)
        MUST(!weft_fiber_join(fibers[i]));
}

/* More than one read takes, while on_request waits for two bytes: what is left
 * then is not forgotten when it returns, though no event tells of it. */
static void
nothing_is_left_unread(void **state)
{
    (void)state;
    enum { SIZE = 100000 };
    uint8_t *bytes = calloc(1, SIZE);
    listen_with(take_two_or_more, NULL);
    for (int i = 0; i < 3; i++) {
        wf_store(&place.bytes, 0, relaxed);
        int fd = dial_plain(), before = wf_load(&place.requests, relaxed);
        MUST(wire_send(fd, bytes, 1));
        AWAIT(wf_load(&place.requests, relaxed) > before);
        MUST(!weft_sleep_ms(5)); /* it waits by now, most likely */
        send_as_one_event(fd, bytes, SIZE - 1);
        AWAIT(wf_load(&place.bytes, acquire) == SIZE);
        close(fd);
    }
    free(bytes);
    stop_after(3);
}

/* The end that on_request itself comes to. */
static void
an_end_inside_a_line(void **state)
{
    (void)state;
    for (int reset = 0; reset < 2; reset++) {
        listen_with(echo_lines, NULL);
        int fd = dial_plain();
        MUST(wire_send(fd, "no line feed", 12));
        AWAIT(wf_load(&place.requests, relaxed) == 1);
        MUST(!weft_sleep_ms(5)); /* it waits by now, most likely */
        if (reset)
            wire_reset(fd);
        else
            close(fd);
        AWAIT(wf_load(&place.closes, acquire) == 1);
        assert_int_equal(wf_load(&place.why, relaxed),
                         reset ? -ECONNRESET : WEFT_EEOF);
        stop_after(1);
    }
}

/* ---- hooks ---- */

static void
closed_with(weft_err why)
{
    AWAIT(wf_load(&place.closes, acquire) == 1);
    assert_int_equal(wf_load(&place.why, relaxed), why);
    stop_after(1);
}

static void
every_reason_to_close(void **state)
{
    (void)state;
    listen_with(take_everything, NULL);
    int fd = dial_plain();
    AWAIT(wf_load(&place.connects, relaxed) == 1); /* without a byte */
    close(fd);
    closed_with(WEFT_EEOF);
    listen_with(take_everything, NULL);
    fd = dial_plain();
    AWAIT(wf_load(&place.connects, relaxed) == 1);
    wire_reset(fd);
    closed_with(-ECONNRESET);
    struct weft_conn_options idle = {.idle_timeout_ms = 40};
    listen_with(take_everything, &idle);
    fd = dial_plain();
    MUST(wire_send(fd, "x", 1));
    assert_true(wire_ends(fd));
    close(fd);
    closed_with(WEFT_EIDLE);
    listen_with(weft_conn_close, NULL);
    fd = dial_plain();
    MUST(wire_send(fd, "x", 1));
    assert_true(wire_ends(fd));
    close(fd);
    closed_with(WEFT_ECLOSED);
}

static void
a_stop_wakes_who_waits(void **state)
{
    (void)state;
    listen_with(wait_for_more, NULL);
    int fd = dial_plain();
    MUST(wire_send(fd, "x", 1));
    AWAIT(wf_load(&place.busy, acquire));
    int silent = dial_plain();
    AWAIT(wf_load(&place.connects, relaxed) == 2);
    weft_listener_stop(place.listener);
    assert_int_equal(wf_load(&place.closes, acquire), 2);
    assert_false(wf_load(&place.busy, acquire));
    assert_true(wire_ends(silent));
    close(fd);
    close(silent);
    weft_listener_stop(NULL);
}

static void
too_many_connections(void **state)
{
    (void)state;
    struct weft_conn_options options = {.max_connections = 2};
    listen_with(take_everything, &options);
    int a = dial_plain(), b = dial_plain();
    AWAIT(wf_load(&place.connects, relaxed) == 2);
    int c = dial_plain();
    assert_true(wire_ends(c));
    close(a);
    AWAIT(wf_load(&place.closes, relaxed) == 1);
    close(c);
    close(b);
    stop_after(2);
}

static void
connections_that_go_at_once(void **state)
{
    (void)state;
    enum { N = 500 };
    listen_with(take_everything, NULL);
    for (int i = 0; i < N; i++) {
        int fd = dial_plain();
        if (i % 3 == 0)
            MUST(wire_send(fd, "x", 1));
        if (i % 2)
            wire_reset(fd);
        else
            close(fd);
    }
    AWAIT(wf_load(&place.closes, acquire) > N / 2);
    (void)weft_sleep_ms(20);
    int n = wf_load(&place.connects, relaxed); /* a reset may be gone before */
    stop_after(n);
}

/* An input that on_request does not take stops, and then ends. */
static void
a_full_input_that_nobody_takes(void **state)
{
    (void)state;
    struct weft_conn_options options = {.max_input = 50000};
    uint8_t *bytes = calloc(1, 8 << 20);
    listen_with(take_nothing, &options);
    int fd = dial_plain();
    assert_false(wire_send(fd, bytes, 8 << 20));
    close(fd);
    free(bytes);
    closed_with(WEFT_EBUFFERFULL);
}

static int
start(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 2};
    alarm(60);
    return weft_start(&options);
}

static int
stop(void **state)
{
    (void)state;
    return weft_stop();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_there_and_back),
        cmocka_unit_test(every_way_to_read),
        cmocka_unit_test(the_end_of_input),
        cmocka_unit_test(waits_that_end_without_bytes),
        cmocka_unit_test(a_delimiter_that_does_not_come),
        cmocka_unit_test(nothing_is_left_unread),
        cmocka_unit_test(an_end_inside_a_line),
        cmocka_unit_test(every_reason_to_close),
        cmocka_unit_test(a_stop_wakes_who_waits),
        cmocka_unit_test(too_many_connections),
        cmocka_unit_test(connections_that_go_at_once),
        cmocka_unit_test(a_full_input_that_nobody_takes),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
