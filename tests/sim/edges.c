/* SPDX-License-Identifier: MIT */
/*
 * What the simulated kernel does between two hosts, or after minutes, where
 * sim_kernel does not compare it with the real kernel: a SYN to a backlog that
 * stays full, two sockets that connect to each other, a wait that is
 * interrupted, two threads whose epolls watch one file, and programs, which it
 * cannot start.
 */
#include "base/base.h"

#include <weft/fiber.h>
#include <weft/os.h>
#include <weft/sim.h>

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define SECOND 1000000000u

static bool full_is_told;

static struct sockaddr_in
at(uint32_t host, uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(0x0a000000u | host),
                                .sin_port = htons(port)};
}

static int
new_socket(void)
{
    int fd = wf_sys_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
    WEFT_SIM_CHECK(fd >= 0);
    return fd;
}

static int
connect_to(int fd, uint32_t host, uint16_t port)
{
    struct sockaddr_in to = at(host, port);
    return wf_sys_connect(fd, (void *)&to, sizeof to);
}

static short
wait_for(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};
    int n;
    while ((n = wf_sys_poll(&p, 1, -1)) == -EINTR)
        ;
    WEFT_SIM_CHECK(n == 1);
    return p.revents;
}

static int
error_of(int fd)
{
    int err = 0;
    socklen_t n = sizeof err;
    WEFT_SIM_CHECK(!wf_sys_getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &n));
    return err;
}

static void
sleep_until(uint64_t ns)
{
    struct timespec t = wf_timespec_of(ns - weft_sim_now_ns());
    (void)wf_sys_nanosleep(&t);
}

/* ---- a backlog that stays full ---- */

static void
listen_and_sleep(int fd)
{
    struct sockaddr_in here = at(1, 80);
    WEFT_SIM_CHECK(!wf_sys_bind(fd, (void *)&here, sizeof here));
    WEFT_SIM_CHECK(!wf_sys_listen(fd, 0));
}

/* Linux sends a SYN seven times, and gives up after 127 s. */
static void
find_it_full(void)
{
    int first = new_socket(), second = new_socket();
    WEFT_SIM_CHECK(connect_to(first, 1, 80) == -EINPROGRESS);
    WEFT_SIM_CHECK(wait_for(first, POLLOUT) == POLLOUT);
    uint64_t begun = weft_sim_now_ns();
    WEFT_SIM_CHECK(connect_to(second, 1, 80) == -EINPROGRESS);
    WEFT_SIM_CHECK(wait_for(second, POLLOUT) == (POLLOUT | POLLERR | POLLHUP));
    WEFT_SIM_CHECK(error_of(second) == ETIMEDOUT);
    WEFT_SIM_CHECK((weft_sim_now_ns() - begun) / SECOND == 127);
    full_is_told = true;
    WEFT_SIM_CHECK(!wf_sys_close(first));
    WEFT_SIM_CHECK(!wf_sys_close(second));
}

/* The SYN is sent again after pauses of 1, 2, 4, 8, 16 and 32 s, so last at 203
 * s. The backlog has room from 200 s on. */
static void
find_a_place(void)
{
    sleep_until(140ull * SECOND);
    int fd = new_socket();
    WEFT_SIM_CHECK(connect_to(fd, 1, 80) == -EINPROGRESS);
    WEFT_SIM_CHECK(wait_for(fd, POLLOUT) == POLLOUT);
    WEFT_SIM_CHECK(!error_of(fd));
    WEFT_SIM_CHECK(weft_sim_now_ns() / SECOND == 203);
    WEFT_SIM_CHECK(!wf_sys_close(fd));
}

static void
make_a_place(int listener)
{
    sleep_until(200ull * SECOND);
    int fd = wf_sys_accept4(listener, SOCK_NONBLOCK);
    WEFT_SIM_CHECK(fd >= 0);
    WEFT_SIM_CHECK(!wf_sys_close(fd));
    sleep_until(210ull * SECOND);
}

/* ---- two sockets that connect to each other ---- */

static void
meet(uint32_t own, uint32_t other)
{
    struct sockaddr_in here = at(own, 90);
    char sent = (char)own, got = 0;
    int fd = new_socket();
    WEFT_SIM_CHECK(!wf_sys_bind(fd, (void *)&here, sizeof here));
    sleep_until(3ull * SECOND);
    WEFT_SIM_CHECK(connect_to(fd, other, 90) == -EINPROGRESS);
    WEFT_SIM_CHECK(wait_for(fd, POLLOUT) == POLLOUT);
    WEFT_SIM_CHECK(!error_of(fd));
    WEFT_SIM_CHECK(wf_sys_write(fd, &sent, 1) == 1);
    (void)wait_for(fd, POLLIN);
    WEFT_SIM_CHECK(wf_sys_read(fd, &got, 1) == 1 && got == (char)other);
    WEFT_SIM_CHECK(!wf_sys_shutdown(fd, SHUT_WR));
    (void)wait_for(fd, POLLRDHUP);
    WEFT_SIM_CHECK(wf_sys_read(fd, &got, 1) == 0);
    WEFT_SIM_CHECK(!wf_sys_close(fd));
}

/* ---- a wait that is interrupted ---- */

/* Only a call that has to wait is interrupted. */
static void
be_interrupted(void)
{
    int ready = wf_sys_eventfd(1, EFD_NONBLOCK), ep = wf_sys_epoll_create1(0);
    struct pollfd p = {.fd = ready, .events = POLLIN};
    struct epoll_event e = {.events = EPOLLIN};
    const struct timespec second = {.tv_sec = 1};
    WEFT_SIM_CHECK(!wf_sys_epoll_ctl(ep, EPOLL_CTL_ADD, ready, &e));
    weft_sim_faults(WEFT_SIM_INTERRUPTED);
    for (int i = 0; i < 100; i++) {
        WEFT_SIM_CHECK(wf_sys_poll(&p, 1, 1000) == 1);
        WEFT_SIM_CHECK(wf_sys_epoll_wait(ep, &e, 1, 1000) == 1);
        WEFT_SIM_CHECK(wf_sys_epoll_pwait2(ep, &e, 1, &second) == 1);
    }
    weft_sim_faults(0);
    WEFT_SIM_CHECK(!wf_sys_close(ready));
    WEFT_SIM_CHECK(!wf_sys_close(ep));
}

/* ---- a clock that is slow ---- */

/* The time-out of poll(2) is one of the host's clock. */
static void
poll_slowly(weft_sim_host self)
{
    struct pollfd none = {.fd = -1};
    weft_sim_drift(self, -500000);
    uint64_t began = wf_sys_now_ns();
    WEFT_SIM_CHECK(wf_sys_poll(&none, 1, 1000) == 0);
    uint64_t took = wf_sys_now_ns() - began;
    WEFT_SIM_CHECK(took >= SECOND && took < SECOND + SECOND / 100);
    weft_sim_drift(self, 0);
}

/* ---- two epolls with one file ---- */

static int shared;     /* an eventfd */
static uint32_t woken; /* threads that got its event */

static void *
watch(void *arg)
{
    struct epoll_event e = {.events = EPOLLIN | *(uint32_t *)arg};
    int ep = wf_sys_epoll_create1(0);
    WEFT_SIM_CHECK(!wf_sys_epoll_ctl(ep, EPOLL_CTL_ADD, shared, &e));
    int n;
    while ((n = wf_sys_epoll_wait(ep, &e, 1, 500)) == -EINTR)
        ;
    woken += n == 1;
    WEFT_SIM_CHECK(!wf_sys_close(ep));
    return NULL;
}

/* Returns how many of two threads get an event. */
static uint32_t
share(uint32_t how)
{
    pthread_t threads[2];
    const uint64_t count = 1;
    woken = 0;
    shared = wf_sys_eventfd(0, EFD_NONBLOCK);
    for (int i = 0; i < 2; i++)
        WEFT_SIM_CHECK(!wf_sys_thread(&threads[i], watch, &how));
    sleep_until(weft_sim_now_ns() + SECOND / 10);
    WEFT_SIM_CHECK(wf_sys_write(shared, &count, sizeof count) == sizeof count);
    for (int i = 0; i < 2; i++)
        wf_sys_join(threads[i]);
    WEFT_SIM_CHECK(!wf_sys_close(shared));
    return woken;
}

static void
share_with_all(void)
{
    WEFT_SIM_CHECK(share(0) == 2);
    WEFT_SIM_CHECK(share(EPOLLET) == 2);
    WEFT_SIM_CHECK(share(EPOLLEXCLUSIVE) == 1);
}

/* ---- programs ---- */

/* When main ends, none of the pipes that were made for the program is left. */
static void
lack_programs(void *arg)
{
    const struct weft_process_options echo = {.file = "/bin/echo",
                                              .in = WEFT_STREAM_PIPE,
                                              .out = WEFT_STREAM_PIPE,
                                              .err = WEFT_STREAM_PIPE};
    struct weft_process *process;
    (void)arg;
    WEFT_SIM_CHECK(weft_process_start(&echo, &process) == -ENOSYS);
    WEFT_SIM_CHECK(!process);
}

static void
three(void *arg)
{
    weft_fiber fiber;
    poll_slowly((weft_sim_host){2}); /* three itself */
    lack_programs(arg);
    WEFT_SIM_CHECK(!weft_fiber_start(lack_programs, NULL, &fiber));
    WEFT_SIM_CHECK(!weft_fiber_join(fiber));
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
one(void *arg)
{
    (void)arg;
    share_with_all();
    int fd = new_socket();
    listen_and_sleep(fd);
    meet(1, 2);
    be_interrupted();
    make_a_place(fd);
    WEFT_SIM_CHECK(!wf_sys_close(fd));
}

static void
two(void *arg)
{
    (void)arg;
    meet(2, 1);
    find_it_full();
    find_a_place();
}

static void
set_up(void)
{
    weft_sim_link(&(struct weft_sim_link){.min_ns = 10000000});
    weft_sim_host_new("one", one, NULL);
    weft_sim_host_new("two", two, NULL);
    weft_sim_host_new("three", three, NULL);
}

static void
check(void)
{
    WEFT_SIM_CHECK(full_is_told);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {
        .name = "edges", .set_up = set_up, .check = check};
    return weft_sim_main(argc, argv, &scenario);
}
