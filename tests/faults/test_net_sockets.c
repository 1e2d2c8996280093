/* SPDX-License-Identifier: MIT */
/*
 * What a host may say to one who makes sockets and listens, and what the kernel
 * is told: each call is answered as the test wants, or passed on and
 * noted.
 */
#include "descriptors.h"
#include "net/dial.h"

#include <weft/fiber.h>
#include <weft/net.h>

#include "base/base.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define TRIES 16 /* of a port that is free on each address */

static struct {
    _Atomic int binds, bind_fails; /* the first so many fail: address in use */
    _Atomic bool no_ipv6, no_port;
    _Atomic int listen_err, backlog;
    _Atomic int options, no_delays, reuse_ports, v6_only, v6_off;
} host;

static weft_err
passed_on(int result)
{
    return result < 0 ? wf_errno() : result;
}

static int
shim_socket(int family, int type)
{
    if (family == AF_INET6 && wf_load(&host.no_ipv6, relaxed))
        return -EAFNOSUPPORT;
    return passed_on(socket(family, type, 0));
}

static int
shim_bind(int fd, const struct sockaddr *a, socklen_t n)
{
    if (wf_add(&host.binds, 1, relaxed) < wf_load(&host.bind_fails, relaxed))
        return -EADDRINUSE;
    return passed_on(bind(fd, a, n));
}

static int
shim_listen(int fd, int backlog)
{
    wf_store(&host.backlog, backlog, relaxed);
    int err = wf_load(&host.listen_err, relaxed);
    return err ? err : passed_on(listen(fd, backlog));
}

static int
shim_getsockname(int fd, struct sockaddr *a, socklen_t *n)
{
    if (wf_load(&host.no_port, relaxed))
        return -ENOBUFS;
    return passed_on(getsockname(fd, a, n));
}

static int
shim_setsockopt(int fd, int level, int name, const void *v, socklen_t n)
{
    int value = 0;
    memcpy(&value, v, WF_MIN((size_t)n, sizeof value));
    wf_add(&host.options, 1, relaxed);
    if (level == IPPROTO_TCP && name == TCP_NODELAY && value)
        wf_add(&host.no_delays, 1, release);
    if (level == SOL_SOCKET && name == SO_REUSEPORT && value)
        wf_add(&host.reuse_ports, 1, relaxed);
    if (level == IPPROTO_IPV6 && name == IPV6_V6ONLY)
        wf_add(value ? &host.v6_only : &host.v6_off, 1, relaxed);
    return passed_on(setsockopt(fd, level, name, v, n));
}

/* ---- a listener ---- */

static void
take_all(struct weft_conn *conn, void *user)
{
    (void)user;
    (void)!weft_conn_skip(conn, weft_conn_len(conn));
}

static const struct weft_conn_hooks hooks = {.on_request = take_all};

/* Can it be reached at that host? */
static void
assert_reached(const struct weft_listener *l, const char *name)
{
    char address[64];
    struct weft_conn *conn;
    snprintf(address, sizeof address, "%s:%u", name,
             (unsigned)weft_listener_port(l));
    assert_int_equal(weft_dial(address, NULL, WEFT_NEVER, &conn), WEFT_OK);
    weft_conn_close(conn);
}

static weft_err
listen_at(const char *address, const struct weft_conn_options *options)
{
    struct weft_listener *l;
    weft_err err = weft_listen(address, &hooks, NULL, options, &l);
    assert_int_equal(!err, l != NULL);
    weft_listener_free(l);
    return err;
}

/* ":port" listens for IPv4 on a host without IPv6, on the same port; an address
 * that is IPv6's is refused. */
static void
a_host_without_ipv6(void **state)
{
    (void)state;
    struct weft_listener *l, *again;
    char address[32];
    wf_store(&host.no_ipv6, true, relaxed);
    assert_int_equal(weft_listen(":0", &hooks, NULL, NULL, &l), WEFT_OK);
    assert_int_not_equal(weft_listener_port(l), 0);
    assert_reached(l, "127.0.0.1");
    snprintf(address, sizeof address, ":%u", (unsigned)weft_listener_port(l));
    assert_int_equal(weft_listen(address, &hooks, NULL, NULL, &again),
                     -EADDRINUSE);
    weft_listener_free(l);
    assert_int_equal(weft_listen(address, &hooks, NULL, NULL, &again), WEFT_OK);
    assert_int_equal(weft_listener_port(again), atoi(address + 1));
    assert_reached(again, "127.0.0.1");
    weft_listener_free(again);
    assert_int_equal(listen_at("[::1]:0", NULL), -EAFNOSUPPORT);
    assert_int_equal(listen_at("127.0.0.1:0", NULL), WEFT_OK);
}

/* Port 0 is tried a few times, for a name whose other address uses the port
 * that was free for the first; a given port once. */
static void
ports_are_tried(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        int fails;
        weft_err err;
        int tries;
    } rows[] = {
        {"127.0.0.1:0", 1, WEFT_OK, 2},
        {"127.0.0.1:0", TRIES - 1, WEFT_OK, TRIES},
        {"127.0.0.1:0", TRIES, -EADDRINUSE, TRIES},
        {"127.0.0.1:1023", 1, -EADDRINUSE, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        wf_store(&host.binds, 0, relaxed);
        wf_store(&host.bind_fails, rows[i].fails, relaxed);
        assert_int_equal(listen_at(rows[i].address, NULL), rows[i].err);
        assert_int_equal(wf_load(&host.binds, relaxed), rows[i].tries);
    }
}

/* The reason is told. */
static void
a_host_that_refuses_to_listen(void **state)
{
    (void)state;
    wf_store(&host.listen_err, -EOPNOTSUPP, relaxed);
    assert_int_equal(listen_at("127.0.0.1:0", NULL), -EOPNOTSUPP);
    wf_store(&host.listen_err, 0, relaxed);
    wf_store(&host.no_port, true, relaxed);
    assert_int_equal(listen_at("127.0.0.1:0", NULL), -ENOBUFS);
}

static void
the_backlog_is_told(void **state)
{
    (void)state;
    static const struct {
        uint32_t backlog;
        int told;
    } rows[] = {{0, 4096}, {7, 7}, {UINT32_MAX - 1, INT_MAX}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_conn_options options = {.backlog = rows[i].backlog};
        assert_int_equal(listen_at("127.0.0.1:0", &options), WEFT_OK);
        assert_int_equal(wf_load(&host.backlog, relaxed), rows[i].told);
    }
}

/* Both ends of a connection send small messages at once; a port is shared only
 * if that is asked for; the wildcard takes both families. */
static void
the_kernel_is_told_how(void **state)
{
    (void)state;
    struct weft_listener *l;
    struct weft_conn_options options = {.reuse_port = true};
    assert_int_equal(weft_listen("127.0.0.1:0", &hooks, NULL, NULL, &l), 0);
    assert_int_equal(wf_load(&host.reuse_ports, relaxed), 0);
    assert_reached(l, "127.0.0.1");
    /* The dialler's, and that of the listener. */
    while (wf_load(&host.no_delays, acquire) < 2)
        usleep(1000);
    weft_listener_free(l);
    assert_int_equal(listen_at("127.0.0.1:0", &options), WEFT_OK);
    assert_int_equal(wf_load(&host.reuse_ports, relaxed), 1);
    assert_int_equal(wf_load(&host.v6_off, relaxed), 0);
    assert_int_equal(listen_at(":0", NULL), WEFT_OK);
    assert_int_equal(wf_load(&host.v6_off, relaxed), 1);
    assert_int_equal(wf_load(&host.v6_only, relaxed), 0);

    int options_before = wf_load(&host.options, relaxed);
    assert_int_equal(listen_at("unix:@weft-net-sockets", &options), WEFT_OK);
    assert_int_equal(wf_load(&host.options, relaxed), options_before);
}

static int
tcp_option(int fd, int name)
{
    int value = -1;
    socklen_t len = sizeof value;
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, name, &value, &len), 0);
    return value;
}

/* A peer whose host has gone is noticed within the time-out. */
static void
a_dead_peer_is_probed(void **state)
{
    (void)state;
    static const struct {
        uint32_t timeout_ms;
        int idle, interval;
    } rows[] = {{500, 1, 1},
                {20000, 21, 7},
                {9000000, 3600, 3001},
                {20000000, 3600, 3600}};
    int alive = 0;
    socklen_t len = sizeof alive;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        wf_notice_dead_peer(fd, rows[i].timeout_ms);
        assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &alive, &len),
                         0);
        assert_int_equal(alive, 1);
        assert_int_equal(tcp_option(fd, TCP_KEEPIDLE), rows[i].idle);
        assert_int_equal(tcp_option(fd, TCP_KEEPINTVL), rows[i].interval);
        assert_int_equal(tcp_option(fd, TCP_KEEPCNT), 3);
        assert_int_equal(tcp_option(fd, TCP_USER_TIMEOUT), rows[i].timeout_ms);
        close(fd);
    }
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    wf_notice_dead_peer(fd, WEFT_NONE);
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &alive, &len), 0);
    assert_int_equal(alive, 0);
    close(fd);
}

static int
begin(void **state)
{
    (void)state;
    memset(&host, 0, sizeof host);
    return 0;
}

static int usual; /* descriptors that are open before a test */

/* Nothing stays open. What was closed may still linger; what never goes is
 * ended by the alarm of start. */
static int
end(void **state)
{
    (void)state;
    while (open_descriptors() != usual)
        usleep(1000);
    return 0;
}

static int
start(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 2};
    struct weft_listener *l;
    alarm(120);
    wf_shim.socket = shim_socket;
    wf_shim.bind = shim_bind;
    wf_shim.listen = shim_listen;
    wf_shim.getsockname = shim_getsockname;
    wf_shim.setsockopt = shim_setsockopt;
    weft_err err = weft_runtime_start(&options);
    if (!err) /* starts the poller */
        err = weft_listen("127.0.0.1:0", &hooks, NULL, NULL, &l);
    if (!err)
        weft_listener_free(l);
    usual = open_descriptors();
    return err;
}

static int
stop(void **state)
{
    (void)state;
    return weft_runtime_stop();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_host_without_ipv6),           TEST(ports_are_tried),
        TEST(a_host_that_refuses_to_listen), TEST(the_backlog_is_told),
        TEST(the_kernel_is_told_how),        TEST(a_dead_peer_is_probed),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
