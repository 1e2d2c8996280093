/* SPDX-License-Identifier: MIT */
/* What the kernel may answer when weft makes sockets and listens, and what weft
 * asks of the kernel. The test decides what a call returns, or notes the call
 * and passes it to the kernel. */
#include "descriptors.h"

#include <weft/fiber.h>
#include <weft/net.h>

#include "base/base.h"
#include "net/poll.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <cmocka.h>

#define TRIES 16 /* to find a port that is free on each address */

static struct {
    _Atomic int binds;
    _Atomic uint32_t bind_fails; /* bit n: the nth bind, from 0, fails */
    _Atomic int accepts, accept_err;
    _Atomic bool no_ipv6, no_port;
    _Atomic int listen_err, backlog, opens;
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
    /* No call on a socket may block, and no program that is executed may
     * inherit one. */
    if (type != (SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC))
        abort();
    if (family == AF_INET6 && wf_load(&host.no_ipv6, relaxed))
        return -EAFNOSUPPORT;
    return passed_on(socket(family, type, 0));
}

static int
shim_accept4(int fd, int flags)
{
    if (!(flags & SOCK_CLOEXEC))
        abort();
    wf_add(&host.accepts, 1, release);
    int err = wf_load(&host.accept_err, relaxed);
    return err ? err : passed_on(accept4(fd, NULL, NULL, flags));
}

static int
shim_bind(int fd, const struct sockaddr *a, socklen_t n)
{
    int nth = wf_add(&host.binds, 1, relaxed);
    if (wf_load(&host.bind_fails, relaxed) >> nth & 1)
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

/* Each socket is registered once, edge-triggered, for all events that
 * matter. */
static int
shim_epoll_ctl(int epoll, int op, int fd, struct epoll_event *e)
{
    const uint32_t all =
        EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | (uint32_t)EPOLLET;
    bool is_socket = op == EPOLL_CTL_ADD && e->data.u64 > 1 &&
                     !(e->data.u64 & WF_POLL_WAITER);
    if (is_socket && e->events != all)
        abort();
    return passed_on(epoll_ctl(epoll, op, fd, e));
}

/* weft opens only the reserve of an acceptor. */
static int
shim_open(const char *path, int flags, mode_t mode)
{
    if (!(flags & O_CLOEXEC))
        abort();
    wf_add(&host.opens, 1, relaxed);
    return passed_on(open(path, flags, mode));
}

/* ---- a listener ---- */

static void
take_all(struct weft_conn *conn, void *user)
{
    (void)user;
    (void)!weft_conn_skip(conn, weft_conn_len(conn));
}

static const struct weft_conn_hooks hooks = {.on_request = take_all};

/* A dial to that host reaches the listener. */
static void
assert_reached(const struct weft_listener *l, const char *name)
{
    char address[64];
    struct weft_conn *conn;
    snprintf(address, sizeof address, "%s:%u", name,
             (unsigned)weft_listener_port(l));
    assert_int_equal(weft_dial_until(address, NULL, WEFT_NEVER, &conn),
                     WEFT_OK);
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

/* On a host without IPv6, ":port" listens for IPv4 only, on the port that it
 * names, and an IPv6 address is refused. */
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

static int
two_addresses(const char *name, const char *port, const struct addrinfo *hints,
              struct addrinfo **found)
{
    struct addrinfo numeric = *hints, *second;
    if (hints->ai_flags & AI_NUMERICHOST)
        return getaddrinfo(name, port, hints, found);
    numeric.ai_flags |= AI_NUMERICHOST;
    int err = getaddrinfo("127.0.0.1", port, &numeric, found);
    if (!err)
        err = getaddrinfo("127.0.0.2", port, &numeric, &second);
    if (!err)
        (*found)->ai_next = second;
    return err;
}

/* For port 0 several ports are tried, because the port that is free at the
 * first address of a name may be in use at the second. A given port is tried
 * once. */
static void
ports_are_tried(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        uint32_t fails;
        weft_err err;
        int binds;
    } rows[] = {
        {"127.0.0.1:0", 1, WEFT_OK, 2},
        {"127.0.0.1:0", (1u << (TRIES - 1)) - 1, WEFT_OK, TRIES},
        {"127.0.0.1:0", (1u << TRIES) - 1, -EADDRINUSE, TRIES},
        {"127.0.0.1:1023", 1, -EADDRINUSE, 1},
        {"two.test:0", 0x2, WEFT_OK, 4},
        {"two.test:0", 0xaaaaaaaa, -EADDRINUSE, 2 * TRIES},
        {"two.test:1023", 0x1, -EADDRINUSE, 1},
    };
    wf_shim.getaddrinfo = two_addresses;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        wf_store(&host.binds, 0, relaxed);
        wf_store(&host.bind_fails, rows[i].fails, relaxed);
        assert_int_equal(listen_at(rows[i].address, NULL), rows[i].err);
        assert_int_equal(wf_load(&host.binds, relaxed), rows[i].binds);
    }
    struct weft_listener *l;
    wf_store(&host.binds, 0, relaxed);
    wf_store(&host.bind_fails, 2, relaxed);
    assert_int_equal(weft_listen("two.test:0", &hooks, NULL, NULL, &l), 0);
    assert_reached(l, "127.0.0.1");
    assert_reached(l, "127.0.0.2");
    weft_listener_free(l);
    wf_shim.getaddrinfo = NULL;
}

/* A listener can be freed while the process has no descriptor left. */
static void
a_stop_without_descriptors(void **state)
{
    (void)state;
    struct weft_listener *l;
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    weft_log_set_level(WEFT_LOG_NONE);
    wf_store(&host.accept_err, -EMFILE, relaxed);
    assert_int_equal(weft_listen("127.0.0.1:0", &hooks, NULL, NULL, &l), 0);
    a.sin_port = htons(weft_listener_port(l));
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    while (wf_load(&host.accepts, acquire) == 0)
        usleep(1000);
    weft_listener_free(l);
    weft_log_set_level(WEFT_LOG_WARN);
    close(fd);
}

static _Atomic int n_found;

static void
note_wait(void *user, const struct weft_fiber_info *info)
{
    if (info->state == WEFT_FIBER_WAITING &&
        info->waits_for == *(enum weft_wait *)user)
        wf_add(&n_found, 1, relaxed);
}

static void
await_a_wait(enum weft_wait wait)
{
    wf_store(&n_found, 0, relaxed);
    while (wf_load(&n_found, relaxed) == 0) {
        sched_yield();
        weft_fiber_list(note_wait, &wait);
    }
}

/* An acceptor waits when it has accepted all connections, and pauses while the
 * process or the system has no memory or descriptor for another one: it does
 * not spin. */
static void
an_acceptor_rests(void **state)
{
    (void)state;
    struct weft_listener *l;
    assert_int_equal(weft_listen("127.0.0.1:0", &hooks, NULL, NULL, &l), 0);
    await_a_wait(WEFT_WAIT_ACCEPT);
    int accepts = wf_load(&host.accepts, acquire);
    assert_reached(l, "127.0.0.1");
    while (wf_load(&host.accepts, acquire) == accepts)
        usleep(1000);
    await_a_wait(WEFT_WAIT_ACCEPT);
    weft_listener_free(l);
}

static void
an_acceptor_pauses(void **state)
{
    (void)state;
    static const int errs[] = {-EMFILE, -ENFILE, -ENOBUFS, -ENOMEM};
    weft_log_set_level(WEFT_LOG_NONE);
    for (size_t i = 0; i < sizeof errs / sizeof *errs; i++) {
        struct weft_listener *l;
        assert_int_equal(weft_listen("127.0.0.1:0", &hooks, NULL, NULL, &l), 0);
        wf_store(&host.accept_err, errs[i], relaxed);
        assert_reached(l, "127.0.0.1");
        await_a_wait(WEFT_WAIT_SLEEP);
        weft_listener_free(l);
        wf_store(&host.accept_err, 0, relaxed);
    }
    weft_log_set_level(WEFT_LOG_WARN);
}

static void
nothing(void *unused)
{
    (void)unused;
}

/* An acceptor that always finds another connection lets other fibers run, even
 * on the only worker. */
static void
an_acceptor_gives_way(void **state)
{
    (void)state;
    struct weft_runtime_options one = {.workers = 1}, two = {.workers = 2};
    struct weft_listener *l;
    weft_fiber fiber;
    assert_int_equal(weft_runtime_stop(), 0);
    assert_int_equal(weft_runtime_start(&one), 0);
    wf_store(&host.accept_err, -ECONNABORTED, relaxed);
    assert_int_equal(weft_listen("127.0.0.1:0", &hooks, NULL, NULL, &l), 0);
    int opens = wf_load(&host.opens, relaxed);
    while (wf_load(&host.accepts, acquire) < 100)
        usleep(100);
    /* the reserve was not used */
    assert_int_equal(wf_load(&host.opens, relaxed), opens);
    assert_int_equal(weft_fiber_start(nothing, NULL, &fiber), 0);
    assert_int_equal(weft_fiber_join(fiber), 0);
    weft_listener_free(l);
    assert_int_equal(weft_runtime_stop(), 0);
    assert_int_equal(weft_runtime_start(&two), 0);
    wf_store(&host.accept_err, 0, relaxed);
    assert_int_equal(listen_at("127.0.0.1:0", NULL), 0); /* starts the poller */
}

/* weft_listen returns the error of the call that fails. */
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

/* Both ends of a connection send small messages without a delay; a port is
 * shared only if an option asks for that; the wildcard takes both families. */
static void
the_kernel_is_told_how(void **state)
{
    (void)state;
    struct weft_listener *l;
    struct weft_conn_options options = {.reuse_port = true};
    assert_int_equal(weft_listen("127.0.0.1:0", &hooks, NULL, NULL, &l), 0);
    assert_int_equal(wf_load(&host.reuse_ports, relaxed), 0);
    assert_reached(l, "127.0.0.1");
    /* One by the end that dials, one by the end that accepts. */
    while (wf_load(&host.no_delays, acquire) < 2)
        usleep(1000);
    weft_listener_free(l);
    assert_int_equal(listen_at("127.0.0.1:0", &options), WEFT_OK);
    assert_int_equal(wf_load(&host.reuse_ports, relaxed), 1);
    assert_int_equal(wf_load(&host.v6_off, relaxed), 0);
    assert_int_equal(listen_at(":0", NULL), WEFT_OK);
    assert_int_equal(wf_load(&host.v6_off, relaxed), 1);
    assert_int_equal(wf_load(&host.v6_only, relaxed), 0);

    /* A closed socket has left its path: weft_listen learns that from a connect
     * that does not wait. */
    char dir[] = "/tmp/weft-sockets-XXXXXX", path[64];
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "unix:%s/s", dir);
    strcpy(a.sun_path, path + 5);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    close(fd);
    assert_int_equal(listen_at(path, NULL), WEFT_OK);
    assert_int_equal(rmdir(dir), 0);

    int options_before = wf_load(&host.options, relaxed);
    snprintf(path, sizeof path, "unix:@weft-sockets-%d", (int)getpid());
    assert_int_equal(listen_at(path, &options), WEFT_OK);
    assert_int_equal(wf_load(&host.options, relaxed), options_before);
}

static int
begin(void **state)
{
    (void)state;
    _Atomic int *const counts[] = {
        &host.binds,   &host.accepts, &host.accept_err, &host.listen_err,
        &host.backlog, &host.options, &host.no_delays,  &host.reuse_ports,
        &host.v6_only, &host.v6_off};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        wf_store(counts[i], 0, relaxed);
    wf_store(&host.bind_fails, 0, relaxed);
    wf_store(&host.no_ipv6, false, relaxed);
    wf_store(&host.no_port, false, relaxed);
    return 0;
}

static int usual; /* descriptors that are open before a test */

/* A test leaves no descriptor open. */
static int
end(void **state)
{
    (void)state;
    await_descriptors(usual);
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
    wf_shim.accept4 = shim_accept4;
    wf_shim.bind = shim_bind;
    wf_shim.listen = shim_listen;
    wf_shim.getsockname = shim_getsockname;
    wf_shim.setsockopt = shim_setsockopt;
    wf_shim.epoll_ctl = shim_epoll_ctl;
    wf_shim.open = shim_open;
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
        TEST(a_host_without_ipv6),        TEST(ports_are_tried),
        TEST(a_stop_without_descriptors), TEST(a_host_that_refuses_to_listen),
        TEST(an_acceptor_pauses),         TEST(an_acceptor_rests),
        TEST(an_acceptor_gives_way),      TEST(the_backlog_is_told),
        TEST(the_kernel_is_told_how),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
