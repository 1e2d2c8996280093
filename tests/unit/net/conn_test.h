/* SPDX-License-Identifier: MIT */
/* A listener whose hooks count, for the tests of connections. */
#ifndef WEFT_TESTS_CONN_TEST_H
#define WEFT_TESTS_CONN_TEST_H

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
    _Atomic uint64_t bytes; /* that on_request has taken */
    _Atomic weft_err why;   /* of the last close */
    _Atomic bool busy;
    _Atomic uint64_t asked; /* id of the connection of the last call */
    void (*request)(struct weft_conn *conn);
} place;

static inline void
on_connect(struct weft_conn *conn, void *user)
{
    (void)conn;
    MUST(user == &place);
    wf_add(&place.connects, 1, relaxed);
}

static inline void
on_request(struct weft_conn *conn, void *user)
{
    (void)user;
    MUST(weft_conn_len(conn) > 0);
    wf_store(&place.asked, weft_conn_id(conn).id, release);
    wf_add(&place.requests, 1, release);
    place.request(conn);
}

static inline void
on_close(struct weft_conn *conn, weft_err why, void *user)
{
    (void)conn;
    (void)user;
    wf_store(&place.why, why, relaxed);
    wf_add(&place.closes, 1, release);
}

static const struct weft_conn_hooks hooks = {
    .on_connect = on_connect, .on_request = on_request, .on_close = on_close};

static inline void
listen_with(void (*request)(struct weft_conn *conn),
            const struct weft_conn_options *options)
{
    memset(&place, 0, sizeof place);
    place.request = request;
    MUST(!weft_listen("127.0.0.1:0", &hooks, &place, options, &place.listener));
}

static inline struct weft_conn *
dial_with(const struct weft_conn_options *options)
{
    char address[32];
    struct weft_conn *conn;
    snprintf(address, sizeof address, "127.0.0.1:%u",
             (unsigned)weft_listener_port(place.listener));
    MUST(!weft_dial_until(address, options, weft_after_ms(LONG_MS), &conn));
    return conn;
}

static inline int
dial_plain(void)
{
    return wire_dial(weft_listener_port(place.listener));
}

static inline void
stop_after(int closes)
{
    AWAIT(wf_load(&place.closes, acquire) >= closes);
    weft_listener_free(place.listener);
    assert_int_equal(wf_load(&place.closes, acquire), closes);
    assert_int_equal(wf_load(&place.connects, relaxed), closes);
}

/* ---- what on_request does ---- */

static inline void
echo_lines(struct weft_conn *conn)
{
    const uint8_t *line;
    size_t n;
    if (weft_conn_next_through(conn, '\n', &line, &n))
        return;
    MUST(line[n - 1] == '\n');
    MUST(!weft_conn_write(conn, line, n));
    MUST(!weft_conn_flush(conn));
}

static inline void
echo_everything(struct weft_conn *conn)
{
    struct weft_chain chain = {0};
    MUST(!weft_conn_slice(conn, weft_conn_len(conn), &chain));
    weft_conn_append_chain(conn, &chain);
    MUST(!weft_conn_flush(conn));
}

static inline void
take_everything(struct weft_conn *conn)
{
    size_t n = weft_conn_len(conn);
    MUST(!weft_conn_skip(conn, n));
    wf_add(&place.bytes, n, release);
}

static inline void
take_nothing(struct weft_conn *conn)
{
    (void)conn;
}

static inline int
start(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 2};
    alarm(300);
    return weft_runtime_start(&options);
}

static inline int
stop(void **state)
{
    (void)state;
    return weft_runtime_stop();
}

#endif
