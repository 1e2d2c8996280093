/* SPDX-License-Identifier: MIT */
/* What the kernel may answer to a dial: the test decides what the first calls
 * of connect(2) return, and passes later ones to the kernel. */
#include "descriptors.h"
#include "net/dial.h"
#include "waiting.h"

#include <weft/fiber.h>
#include <weft/net.h>

#include "base/base.h"

#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct {
    _Atomic int connects, connect_fails; /* calls; how many of the first fail */
    _Atomic int connect_errs[8];
    _Atomic bool nameless;      /* getsockname fails */
    _Atomic uint64_t frozen_ns; /* what the clock shows; 0: the real time */
} host;

static weft_err
passed_on(int result)
{
    return result < 0 ? wf_errno() : result;
}

static int
shim_connect(int fd, const struct sockaddr *a, socklen_t n)
{
    int nth = wf_add(&host.connects, 1, relaxed);
    if (nth < wf_load(&host.connect_fails, relaxed))
        return wf_load(&host.connect_errs[nth % 8], relaxed);
    return passed_on(connect(fd, a, n));
}

static int
shim_getsockname(int fd, struct sockaddr *a, socklen_t *n)
{
    if (wf_load(&host.nameless, relaxed))
        return -ENOBUFS;
    return passed_on(getsockname(fd, a, n));
}

static uint64_t
shim_now_ns(void)
{
    struct timespec t;
    uint64_t frozen = wf_load(&host.frozen_ns, relaxed);
    clock_gettime(CLOCK_MONOTONIC, &t);
    return frozen ? frozen
                  : (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void
take_all(struct weft_conn *conn, void *user)
{
    (void)user;
    (void)!weft_conn_skip(conn, weft_conn_len(conn));
}

static const struct weft_conn_hooks hooks = {.on_request = take_all};

static void
fail_connects(int n, const int errs[])
{
    wf_store(&host.connects, 0, relaxed);
    wf_store(&host.connect_fails, n, relaxed);
    for (int i = 0; i < 8; i++)
        wf_store(&host.connect_errs[i], errs[i], relaxed);
}

/* A dial goes on after a full backlog and after a signal. */
static void
a_connect_is_tried_again(void **state)
{
    (void)state;
    static const int errs[8] = {-EAGAIN, -EINTR,  -EAGAIN, -EAGAIN,
                                -EINTR,  -EAGAIN, -EAGAIN, -EAGAIN};
    static const int refused[8] = {-EAGAIN, -EACCES};
    struct weft_listener *l;
    char address[64];
    snprintf(address, sizeof address, "unix:@weft-dial-%d", (int)getpid());
    assert_int_equal(weft_listen(address, &hooks, NULL, NULL, &l), 0);
    fail_connects(5, errs);
    int fd = wf_dial(address, WEFT_NEVER, NULL);
    assert_true(fd > 2);
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(wf_load(&host.connects, relaxed), 6);
    close(fd);
    fail_connects(INT_MAX, errs); /* one try, even if the deadline has passed */
    uint64_t now = weft_now_ns();
    wf_store(&host.frozen_ns, now, relaxed);
    assert_int_equal(wf_dial(address, now, NULL), WEFT_ETIMEOUT);
    wf_store(&host.frozen_ns, 0, relaxed);
    assert_int_equal(wf_load(&host.connects, relaxed), 1);
    fail_connects(0, errs); /* it connects, although getsockname fails */
    wf_store(&host.nameless, true, relaxed);
    fd = wf_dial(address, WEFT_NEVER, NULL);
    wf_store(&host.nameless, false, relaxed);
    assert_true(fd > 2);
    close(fd);
    fail_connects(2, refused);
    assert_int_equal(wf_dial(address, WEFT_NEVER, NULL), -EACCES);
    assert_int_equal(wf_load(&host.connects, relaxed), 2);
    fail_connects(0, errs);
    weft_listener_free(l);
}

static int
two_addresses(const char *name, const char *port, const struct addrinfo *hints,
              struct addrinfo **found)
{
    if (hints->ai_flags & AI_NUMERICHOST)
        return EAI_NONAME;
    struct addrinfo numeric = *hints, *second;
    (void)name;
    numeric.ai_flags |= AI_NUMERICHOST;
    int err = getaddrinfo("127.0.0.1", port, &numeric, found);
    if (!err)
        err = getaddrinfo("127.0.0.2", port, &numeric, &second);
    if (!err)
        (*found)->ai_next = second;
    return err;
}

static int
tcp_option(int fd, int name)
{
    int value = -1;
    socklen_t len = sizeof value;
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, name, &value, &len), 0);
    return value;
}

/* If the dial of two addresses fails, it returns the first error, unless that
 * error says only that this host cannot use such addresses. */
static void
the_reason_that_tells_most(void **state)
{
    (void)state;
    static const int rows[][3] = {
        {-ECONNREFUSED, -ETIMEDOUT, -ECONNREFUSED},
        {-ECONNREFUSED, -ENETUNREACH, -ECONNREFUSED},
        {-ENETUNREACH, -ECONNREFUSED, -ECONNREFUSED},
        {-EADDRNOTAVAIL, -ECONNREFUSED, -ECONNREFUSED},
        {-EAFNOSUPPORT, -ECONNREFUSED, -ECONNREFUSED},
        {-EAFNOSUPPORT, -ENETUNREACH, -ENETUNREACH},
        {-EHOSTUNREACH, -ECONNREFUSED, -EHOSTUNREACH},
    };
    wf_shim.getaddrinfo = two_addresses;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int errs[8] = {rows[i][0], rows[i][1]};
        fail_connects(2, errs);
        assert_int_equal(wf_dial("two.test:9", WEFT_NEVER, NULL), rows[i][2]);
        assert_int_equal(wf_load(&host.connects, relaxed), 2);
    }
    struct weft_listener *l;
    char address[32];
    assert_int_equal(weft_listen("127.0.0.2:0", &hooks, NULL, NULL, &l), 0);
    snprintf(address, sizeof address, "two.test:%u",
             (unsigned)weft_listener_port(l));
    fail_connects(1, (int[8]){-ENETUNREACH});
    int fd = wf_dial(address, WEFT_NEVER, NULL);
    assert_true(fd > 2);
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    assert_int_equal(tcp_option(fd, TCP_NODELAY), 1);
    close(fd);
    weft_listener_free(l);
    wf_shim.getaddrinfo = NULL;
}

/* ---- an address that does not answer ---- */

/* A listener that ignores every SYN. */
static int
listen_silently(uint16_t port)
{
    struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {1, &drop};
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                            .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(
        setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program),
        0);
    return fd;
}

struct dial {
    char address[32];
    _Atomic int fd;
};

static void
dial_two(void *arg)
{
    struct dial *dial = arg;
    wf_store(&dial->fd, wf_dial(dial->address, WEFT_NEVER, NULL), release);
}

static void
nothing(void *unused)
{
    (void)unused;
}

/* The second address is tried 250 ms after the first. The clock stands still
 * until the test moves it by that much. */
static void
the_second_one_has_its_time(void **state)
{
    (void)state;
    struct weft_listener *l;
    struct dial dial = {.fd = 0};
    weft_fiber dialler;
    assert_int_equal(weft_listen("127.0.0.2:0", &hooks, NULL, NULL, &l), 0);
    uint16_t port = weft_listener_port(l);
    int silent = listen_silently(port);
    snprintf(dial.address, sizeof dial.address, "two.test:%u", (unsigned)port);
    wf_shim.getaddrinfo = two_addresses;
    uint64_t now = weft_now_ns();
    wf_store(&host.frozen_ns, now, relaxed);
    assert_int_equal(weft_fiber_start(dial_two, &dial, &dialler), 0);
    while (wf_load(&host.connects, relaxed) == 0 ||
           waits_for(dialler) != WEFT_WAIT_FD)
        assert_int_equal(wf_load(&dial.fd, acquire), 0);
    assert_int_equal(wf_load(&host.connects, relaxed), 1);
    wf_store(&host.frozen_ns, now + 251000000, relaxed);
    /* until the worker has checked its timers */
    while (wf_load(&dial.fd, acquire) == 0) {
        weft_fiber fiber;
        assert_int_equal(weft_fiber_start(nothing, NULL, &fiber), 0);
        assert_int_equal(weft_fiber_join(fiber), 0);
    }
    assert_int_equal(wf_load(&host.connects, relaxed), 2);
    assert_true(wf_load(&dial.fd, acquire) > 2);
    wf_store(&host.frozen_ns, 0, relaxed);
    wf_shim.getaddrinfo = NULL;
    close(wf_load(&dial.fd, relaxed));
    close(silent);
    weft_listener_free(l);
}

/* The socket options that weft sets let TCP notice a dead host within the
 * time-out. */
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
    wf_store(&host.connects, 0, relaxed);
    wf_store(&host.connect_fails, 0, relaxed);
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
    wf_shim.now_ns = shim_now_ns;
    wf_shim.connect = shim_connect;
    wf_shim.getsockname = shim_getsockname;
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
        TEST(a_connect_is_tried_again),
        TEST(the_reason_that_tells_most),
        TEST(the_second_one_has_its_time),
        TEST(a_dead_peer_is_probed),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
