/* SPDX-License-Identifier: MIT */
/* How connections and listeners end: by any thread, and without losing a
 * reply. */
#include "conn_test.h"

#include "net/conn.h"

#include <poll.h>

static struct weft_conn *_Atomic known; /* the newest connection */

static void
remember(struct weft_conn *conn, void *user)
{
    on_connect(conn, user);
    wf_store(&known, conn, release);
}

static void
listen_and_remember(void (*request)(struct weft_conn *conn),
                    const struct weft_conn_hooks *with,
                    const struct weft_conn_options *options)
{
    memset(&place, 0, sizeof place);
    wf_store(&known, NULL, relaxed);
    place.request = request;
    MUST(!weft_listen("127.0.0.1:0", with, &place, options, &place.listener));
}

static const struct weft_conn_hooks remembering = {
    .on_connect = remember, .on_request = on_request, .on_close = on_close};

/* The peer never sends a byte. */
static void
closed_by_another_thread(void **state)
{
    (void)state;
    listen_and_remember(take_everything, &remembering, NULL);
    int fd = dial_plain();
    AWAIT(wf_load(&known, acquire));
    weft_conn_close(wf_load(&known, acquire));
    AWAIT(wf_load(&place.closes, acquire) == 1);
    assert_int_equal(wf_load(&place.why, relaxed), WEFT_ECLOSED);
    assert_true(wire_ends(fd));
    close(fd);
    stop_after(1);
}

static _Atomic weft_err waited;

static void
wait_for_more(struct weft_conn *conn)
{
    wf_store(&place.busy, true, release);
    wf_store(&waited, weft_conn_wait(conn, 1000), release);
}

static void
closed_while_its_hook_waits(void **state)
{
    (void)state;
    listen_and_remember(wait_for_more, &remembering, NULL);
    int fd = dial_plain();
    MUST(wire_send(fd, "x", 1));
    AWAIT(wf_load(&place.busy, acquire));
    weft_conn_close(wf_load(&known, acquire));
    AWAIT(wf_load(&place.closes, acquire) == 1);
    assert_int_equal(wf_load(&waited, acquire), WEFT_ECLOSED);
    assert_int_equal(wf_load(&place.requests, relaxed), 1);
    assert_true(wire_ends(fd));
    close(fd);
    stop_after(1);
}

/* ---- unread input ---- */

#define REPLY (256 << 10)
#define INPUT (200 << 10)
static uint8_t reply[REPLY], input[INPUT];

static void
reply_and_close(struct weft_conn *conn)
{
    MUST(!weft_conn_skip(conn, 1));
    MUST(!weft_conn_write(conn, reply, sizeof reply));
    MUST(!weft_conn_flush(conn));
    weft_conn_close(conn);
}

/* Does the peer read all of the reply and then the end, not a reset? */
static bool
reads_it_all(int fd)
{
    static uint8_t got[REPLY];
    uint8_t byte;
    bool whole = wire_recv(fd, got, sizeof got);
    return whole && recv(fd, &byte, 1, 0) == 0;
}

/* The peer's input is unread when the connection ends, or arrives later. */
static void
a_reply_before_unread_input(void **state)
{
    (void)state;
    listen_with(reply_and_close, NULL);
    for (int i = 1; i <= 20; i++) {
        int fd = dial_plain();
        MUST(wire_send(fd, input, i % 2 ? sizeof input : 2));
        AWAIT(wf_load(&place.closes, acquire) == i);
        if (i % 2 == 0) /* this arrives after the connection's end */
            MUST(wire_send(fd, input, sizeof input));
        assert_true(reads_it_all(fd));
        close(fd);
    }
    stop_after(20);
}

/* The same for a client, which closes while a reply is unread. */
static void
a_request_before_an_unread_reply(void **state)
{
    (void)state;
    uint16_t port = 0;
    int listener = wire_listen(&port, 4);
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port);
    struct weft_conn *conn;
    MUST(!weft_dial(address, NULL, &conn));
    int fd = wire_accept(listener);
    MUST(wire_send(fd, input, sizeof input));
    assert_int_equal(weft_conn_wait(conn, 1), WEFT_OK);
    MUST(!weft_conn_write(conn, reply, sizeof reply));
    MUST(!weft_conn_flush(conn));
    weft_conn_close(conn);
    assert_true(reads_it_all(fd));
    close(fd);
    close(listener);
}

/* A stop does not wait for a peer that neither reads nor ends its side. */
static void
a_stop_does_not_linger(void **state)
{
    struct weft_runtime_options options = {.workers = 2};
    (void)state;
    listen_with(reply_and_close, NULL);
    int fd = dial_plain();
    MUST(wire_send(fd, "xy", 2));
    stop_after(1);
    MUST(!weft_runtime_stop() && !weft_runtime_start(&options));
    assert_true(reads_it_all(fd));
    close(fd);
}

/* ---- the peer's address ---- */

static char peer_at_close[64];

static void
note_peer(struct weft_conn *conn, weft_err why, void *user)
{
    MUST(!weft_conn_peer(conn, peer_at_close, sizeof peer_at_close));
    on_close(conn, why, user);
}

static void
the_peer_is_known_to_the_end(void **state)
{
    (void)state;
    static const struct weft_conn_hooks with = {.on_connect = remember,
                                                .on_request = on_request,
                                                .on_close = note_peer};
    for (int reset = 0; reset < 2; reset++) {
        char before[64];
        listen_and_remember(take_everything, &with, NULL);
        int fd = dial_plain();
        AWAIT(wf_load(&known, acquire));
        struct weft_conn *conn =
            weft_conn_ref(weft_conn_id(wf_load(&known, acquire)));
        MUST(conn && !weft_conn_peer(conn, before, sizeof before));
        weft_conn_unref(conn);
        if (reset)
            wire_reset(fd);
        else
            close(fd);
        AWAIT(wf_load(&place.closes, acquire) == 1);
        assert_string_equal(peer_at_close, before);
        stop_after(1);
    }
}

/* ---- the peer ends its input and waits for a reply ---- */

static _Atomic int ends;

static void
on_end(struct weft_conn *conn, void *user)
{
    (void)conn;
    MUST(user == &place);
    wf_add(&ends, 1, release);
}

static const struct weft_conn_hooks ending = {.on_connect = remember,
                                              .on_request = on_request,
                                              .on_close = on_close,
                                              .on_end = on_end};

static void
a_reply_after_the_end_of_input(void **state)
{
    (void)state;
    char got[5];
    listen_and_remember(take_everything, &ending, NULL);
    wf_store(&ends, 0, relaxed);
    int fd = dial_plain();
    MUST(wire_send(fd, "ask", 3));
    MUST(!shutdown(fd, SHUT_WR));
    AWAIT(wf_load(&ends, acquire) == 1);
    assert_int_equal(wf_load(&place.bytes, acquire), 3);
    assert_int_equal(wf_load(&place.closes, acquire), 0);
    struct weft_chain chain = {0};
    MUST(!weft_chain_append(&chain, "reply", 5));
    MUST(!weft_conn_send(wf_load(&known, acquire), &chain));
    assert_true(wire_recv(fd, got, 5));
    weft_conn_close(wf_load(&known, acquire));
    AWAIT(wf_load(&place.closes, acquire) == 1);
    assert_int_equal(wf_load(&place.why, relaxed), WEFT_ECLOSED);
    assert_true(wire_ends(fd));
    assert_int_equal(wf_load(&ends, acquire), 1);
    close(fd);
    stop_after(1);
}

/* This side does not close the connection; it ends when the peer resets it. */
static void
a_failure_after_the_end_of_input(void **state)
{
    (void)state;
    listen_and_remember(take_everything, &ending, NULL);
    wf_store(&ends, 0, relaxed);
    int fd = dial_plain();
    MUST(!shutdown(fd, SHUT_WR));
    AWAIT(wf_load(&ends, acquire) == 1);
    wire_reset(fd);
    AWAIT(wf_load(&place.closes, acquire) == 1);
    assert_int_equal(wf_load(&place.why, relaxed), -EPIPE);
    stop_after(1);
}

/* ---- stop and free ---- */

static _Atomic bool may_end;

static void
hold(struct weft_conn *conn)
{
    take_everything(conn);
    wf_store(&place.busy, true, release);
    while (!wf_load(&may_end, acquire))
        MUST(!weft_sleep_ms(1));
}

static void
end_hold(void *unused)
{
    (void)unused;
    AWAIT(wf_load(&known, acquire) &&
          wf_sock_error(wf_load(&known, acquire)->sock) == WEFT_ESTOPPING);
    wf_store(&may_end, true, release);
}

/* A hook does not return, so the stop fails its connection at the deadline. */
static void
a_stop_with_a_deadline(void **state)
{
    (void)state;
    weft_fiber fiber;
    listen_and_remember(hold, &remembering, NULL);
    wf_store(&may_end, false, relaxed);
    int fd = dial_plain();
    MUST(wire_send(fd, "x", 1));
    AWAIT(wf_load(&place.busy, acquire));
    MUST(!weft_fiber_start(end_hold, NULL, &fiber));
    assert_int_equal(weft_listener_stop_until(place.listener, 0),
                     WEFT_ETIMEOUT);
    assert_int_equal(wf_load(&place.closes, acquire), 1);
    assert_int_equal(wf_load(&place.why, relaxed), WEFT_ESTOPPING);
    assert_int_equal(weft_listener_stop_until(place.listener, 1), WEFT_OK);
    assert_int_equal(weft_listener_port(place.listener), 0);
    weft_listener_free(place.listener);
    MUST(!weft_fiber_join(fiber));
    close(fd);
}

/* Bytes that a hook flushed before the stop are still sent. */
static void
a_stop_sends_what_was_flushed(void **state)
{
    (void)state;
    listen_and_remember(echo_everything, &remembering, NULL);
    int fd = dial_plain();
    MUST(wire_send(fd, input, 1000));
    AWAIT(wf_load(&place.requests, acquire) > 0);
    assert_int_equal(weft_listener_stop(place.listener), WEFT_OK);
    char byte;
    assert_true(wire_recv(fd, &byte, 1));
    weft_listener_free(place.listener);
    weft_listener_free(NULL);
    close(fd);
}

static void
stop_it(void *ended)
{
    weft_listener_free(place.listener);
    wf_store((_Atomic bool *)ended, true, release);
}

/* A stop by a cancelled fiber also waits for the hooks. */
static void
a_stop_by_a_cancelled_fiber(void **state)
{
    (void)state;
    _Atomic bool ended = false;
    weft_fiber fiber;
    listen_and_remember(hold, &remembering, NULL);
    wf_store(&may_end, false, relaxed);
    int fd = dial_plain();
    MUST(wire_send(fd, "x", 1));
    AWAIT(wf_load(&place.busy, acquire));
    MUST(!weft_fiber_start(stop_it, &ended, &fiber));
    weft_fiber_cancel(fiber);
    AWAIT(wf_load(&wf_load(&known, acquire)->closing, acquire));
    assert_false(wf_load(&ended, acquire));
    wf_store(&may_end, true, release);
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(wf_load(&place.closes, acquire), 1);
    close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_by_another_thread),
        cmocka_unit_test(closed_while_its_hook_waits),
        cmocka_unit_test(a_reply_before_unread_input),
        cmocka_unit_test(a_request_before_an_unread_reply),
        cmocka_unit_test(a_stop_does_not_linger),
        cmocka_unit_test(the_peer_is_known_to_the_end),
        cmocka_unit_test(a_reply_after_the_end_of_input),
        cmocka_unit_test(a_failure_after_the_end_of_input),
        cmocka_unit_test(a_stop_with_a_deadline),
        cmocka_unit_test(a_stop_sends_what_was_flushed),
        cmocka_unit_test(a_stop_by_a_cancelled_fiber),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
