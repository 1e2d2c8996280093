/* SPDX-License-Identifier: MIT */
/* The n-th system call or allocation of each kind fails, once or from there on,
 * while a listener and connections to it start, echo and stop. Each failure is
 * returned as an error or has no effect, no byte is lost or changed, nothing
 * hangs or stays open, and a listener that was started goes on. */
#include "shim.h"
#include "descriptors.h"

#include <weft/fiber.h>
#include <weft/net.h>

#include "buf/buf.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define MUST(cond)                                                          \
    ((cond) ? (void)0                                                       \
            : (fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, \
                       #cond),                                              \
               abort()))

#define ECHOES 100
#define SIZE 20000u

static size_t
block_bytes(void)
{
    struct wf_buf_stats stats;
    wf_buf_cache_trim();
    wf_buf_stats(&stats);
    return stats.bytes;
}

static _Atomic int connects, closes;

static void
on_connect(struct weft_conn *conn, void *user)
{
    (void)conn;
    (void)user;
    wf_add(&connects, 1, relaxed);
}

/* If the bytes cannot be sent back, the peer sees the end of the connection. */
static void
echo_back(struct weft_conn *conn, void *user)
{
    struct weft_chain chain = {0};
    (void)user;
    if (weft_conn_slice(conn, weft_conn_len(conn), &chain)) {
        weft_conn_close(conn);
        return;
    }
    weft_conn_append_chain(conn, &chain);
    if (weft_conn_flush(conn))
        weft_conn_close(conn);
}

static void
on_close(struct weft_conn *conn, weft_err why, void *user)
{
    (void)conn;
    (void)user;
    MUST(why);
    wf_add(&closes, 1, relaxed);
}

static const struct weft_conn_hooks hooks = {
    .on_connect = on_connect, .on_request = echo_back, .on_close = on_close};

static uint8_t bytes[SIZE];

/* Send n bytes, and receive the same bytes. */
static weft_err
echo(struct weft_conn *conn, size_t n)
{
    const uint8_t *back;
    weft_err err = weft_conn_write(conn, bytes, n);
    if (!err)
        err = weft_conn_flush(conn);
    if (!err)
        err = weft_conn_next(conn, n, &back);
    if (!err)
        MUST(memcmp(back, bytes, n) == 0);
    return err;
}

/* Send up to `echoes` messages over one connection, until one does not come
 * back. 0 if all came back and the connection ended well. */
static weft_err
dial_and_echo(const char *address, int echoes)
{
    struct weft_conn *conn;
    const struct weft_conn_options options = {.read_timeout_ms = 300,
                                              .write_timeout_ms = 300};
    weft_err err =
        weft_dial_until(address, &options, weft_after_ms(300), &conn);
    MUST(!err == (conn != NULL));
    if (err)
        return err;
    for (int i = 0; i < echoes && !err; i++)
        err = echo(conn, i % 10 == 9 ? SIZE : 1 + (size_t)i);
    if (!err)
        err = weft_conn_end(conn);
    weft_conn_close(conn);
    return err;
}

/* An error is allowed if the shim made a call fail. So is a time-out: the
 * machine may be busy, and a dial ends in no other way if no fiber accepts its
 * connection. */
static bool
may_fail(weft_err why)
{
    return shim_failures() > 0 || why == WEFT_ETIMEOUT ||
           why == WEFT_EREADTIMEOUT || why == WEFT_EWRITETIMEOUT;
}

struct life {
    struct weft_listener *listener;
    char address[32];
};

static weft_err
begin(struct life *l)
{
    struct weft_runtime_options runtime = {.workers = 2};
    const struct weft_conn_options options = {.read_timeout_ms = 1000,
                                              .idle_timeout_ms = 2000};
    weft_err err = weft_runtime_start(&runtime);
    if (err)
        return err;
    err = weft_listen("127.0.0.1:0", &hooks, NULL, &options, &l->listener);
    MUST(!err == (l->listener != NULL));
    if (!err)
        snprintf(l->address, sizeof l->address, "127.0.0.1:%u",
                 (unsigned)weft_listener_port(l->listener));
    return err;
}

static void
end(struct life *l)
{
    if (l->listener) {
        weft_err err =
            weft_listener_stop_until(l->listener, weft_after_ms(1500));
        MUST(!err || err == WEFT_ETIMEOUT || err == -ENOMEM);
    }
    weft_listener_free(l->listener);
    MUST(!weft_runtime_stop());
}

/* Returns whether the n-th call was made, and failed. */
static bool
live_with(enum shim_call call, uint32_t nth, int err, enum shim_how how)
{
    struct life l = {NULL, ""};
    int before = open_descriptors();
    size_t held = block_bytes();
    wf_store(&connects, 0, relaxed);
    wf_store(&closes, 0, relaxed);
    shim_fail_as(call, nth, err, how);
    weft_err why = begin(&l);
    MUST(!why || shim_failures() > 0);
    if (!why) {
        why = dial_and_echo(l.address, ECHOES);
        MUST(!why || may_fail(why));
        (void)!dial_and_echo(l.address, 1);
        if (how == SHIM_UNTIL_HEALED)
            shim_heal();
        uint64_t until = weft_after_ms(20000);
        while (how != SHIM_FOR_GOOD && dial_and_echo(l.address, 10)) {
            MUST(weft_now_ns() < until);
            (void)weft_sleep_ms(1);
        }
    }
    end(&l);
    bool came = shim_failures() > 0;
    shim_fail(call, 0, 0);
    if (open_descriptors() != before || block_bytes() != held)
        fprintf(stderr, "%s %u, %d: left behind\n", shim_names[call], nth,
                (int)how);
    MUST(open_descriptors() == before && block_bytes() == held);
    MUST(wf_load(&connects, relaxed) == wf_load(&closes, relaxed));
    return came;
}

static void
nth_call_fails(enum shim_call call, int err, uint32_t most)
{
    uint32_t n = 1, runs = 0;
    for (bool came = true; came && n <= most; runs++) {
        came = live_with(call, n, err, SHIM_ONCE);
        if (came)
            came = live_with(call, n, err,
                             runs % 2 ? SHIM_UNTIL_HEALED : SHIM_FOR_GOOD);
        n += n < 10 ? 1 : n / 4;
    }
    printf("%s: up to the %uth\n", shim_names[call], n);
}

static void
set_up_fails(void **state)
{
    (void)state;
    nth_call_fails(SHIM_socket, EMFILE, 10);
    nth_call_fails(SHIM_bind, EADDRINUSE, 10);
    nth_call_fails(SHIM_listen, EADDRINUSE, 10);
    nth_call_fails(SHIM_setsockopt, ENOMEM, 20);
    nth_call_fails(SHIM_getsockopt, ENOMEM, 20);
    nth_call_fails(SHIM_getsockname, ENOBUFS, 20);
    nth_call_fails(SHIM_getpeername, ENOBUFS, 20);
    nth_call_fails(SHIM_connect, ENETUNREACH, 20);
    nth_call_fails(SHIM_open, EMFILE, 20);
    nth_call_fails(SHIM_sigaltstack, ENOMEM, 4);
}

static void
accepting_fails(void **state)
{
    (void)state;
    nth_call_fails(SHIM_accept4, EMFILE, 4);
    nth_call_fails(SHIM_accept4, ECONNABORTED, 4);
    nth_call_fails(SHIM_accept4, EINTR, 4);
}

static void
the_poller_fails(void **state)
{
    (void)state;
    nth_call_fails(SHIM_epoll_create1, EMFILE, 10);
    nth_call_fails(SHIM_eventfd, EMFILE, 10);
    nth_call_fails(SHIM_timerfd_create, EMFILE, 10);
    nth_call_fails(SHIM_epoll_ctl, ENOSPC, 20);
    nth_call_fails(SHIM_epoll_pwait2, ENOSYS, 20);
}

static void
bytes_fail(void **state)
{
    (void)state;
    nth_call_fails(SHIM_recv, ECONNRESET, 400);
    nth_call_fails(SHIM_recv, ENOBUFS, 400);
    nth_call_fails(SHIM_readv, ECONNRESET, 400);
    nth_call_fails(SHIM_send, EPIPE, 400);
    nth_call_fails(SHIM_sendmsg, EPIPE, 400);
    nth_call_fails(SHIM_shutdown, ENOTCONN, 10);
}

static void
the_host_has_no_memory(void **state)
{
    (void)state;
    nth_call_fails(SHIM_malloc, ENOMEM, 1000);
    nth_call_fails(SHIM_mmap, ENOMEM, 100);
    nth_call_fails(SHIM_madvise, ENOMEM, 40);
    nth_call_fails(SHIM_thread, EAGAIN, 20);
}

static int
set_up(void **state)
{
    (void)state;
    alarm(500);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    weft_log_set_level(WEFT_LOG_NONE);
    shim_install();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_up_fails),
        cmocka_unit_test(accepting_fails),
        cmocka_unit_test(the_poller_fails),
        cmocka_unit_test(bytes_fail),
        cmocka_unit_test(the_host_has_no_memory),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
