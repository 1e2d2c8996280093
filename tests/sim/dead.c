/* SPDX-License-Identifier: MIT */
/*
 * Connections whose peer is gone, in both kernels at once: the real loopback
 * device goes down, and the simulated host is cut off from itself. Each
 * connection must end in the same way in both. silence.c tests how long that
 * takes.
 */
#include "both.h"

#include <weft/sim.h>

#include "sim.h"

#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <string.h>

#define NOT_ALLOWED 77 /* exit status */

static struct both_address there; /* the address of the listener */

static struct both
dial(void)
{
    const short out = POLLOUT;
    struct both fd = both_socket(AF_INET, SOCK_STREAM);
    both_connect(fd, &there);
    both_poll(&fd, &out, 1, -1);
    return fd;
}

static void
set(struct both fd, int level, int name, int value)
{
    both_set(fd, level, name, &value, sizeof value);
}

static struct both
probing(void)
{
    struct both fd = dial();
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, 1);
    return fd;
}

/* A connection that can send no more bytes, because its peer reads nothing. */
static struct both
stuffed(void)
{
    static const char bytes[65536];
    struct both fd = dial();
    for (int still = 0; still < 5; still++, both_settle())
        while (send(fd.real, bytes, sizeof bytes, MSG_NOSIGNAL) > 0)
            still = 0;
    for (int still = 0; still < 5; still++, both_settle())
        while (wf_sys_send(fd.sim, bytes, sizeof bytes) > 0)
            still = 0;
    set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 500);
    return fd;
}

/* A connection that is not established, because the backlog is full. */
static struct both
asking(void)
{
    struct both fd = both_socket(AF_INET, SOCK_STREAM);
    set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 1200);
    both_connect(fd, &there);
    return fd;
}

static void
set_device(bool up)
{
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = up ? IFF_UP : 0};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (ioctl(fd, SIOCSIFFLAGS, &lo))
        weft_sim_fail("the loopback device: %s", strerror(errno));
    (void)syscall(SYS_close, fd);
    weft_sim_cut((weft_sim_host){0}, (weft_sim_host){0}, !up);
}

/* both_write would wait until the byte arrives, and here it never does. */
static void
send_one(struct both fd)
{
    WEFT_SIM_CHECK(send(fd.real, "x", 1, MSG_NOSIGNAL) == 1);
    WEFT_SIM_CHECK(wf_sys_send(fd.sim, "x", 1) == 1);
}

static void
await_error(struct both fd)
{
    struct pollfd real = {.fd = fd.real}, sim = {.fd = fd.sim};
    WEFT_SIM_CHECK(poll(&real, 1, -1) == 1);
    WEFT_SIM_CHECK(wf_sys_poll(&sim, 1, -1) == 1);
}

static void
compare_end(struct both fd)
{
    const short all = POLLIN | POLLOUT | POLLRDHUP;
    both_poll(&fd, &all, 1, 0);
    both_ioctl(fd, SIOCINQ);
    if (weft_sim_random(2))
        both_get(fd, SOL_SOCKET, SO_ERROR);
    both_read(fd, BOTH_RECV, 1);
    both_write(fd, BOTH_SEND, "x", 1);
    both_get(fd, SOL_SOCKET, SO_ERROR);
    both_name(fd, true, &(struct both_address){0});
    both_connect(fd, &there);
    both_poll(&fd, &all, 1, 0);
    both_close(fd);
}

/* The sender has given up, and now its peer reads. The peer's kernel tells the
 * sender of the wider window, and the sender's kernel answers that the
 * connection has ended. */
static void
read_after_the_end(struct both fd)
{
    static char bytes[65536];
    ssize_t real = 1, sim = 1;
    while (real > 0 || real == -EAGAIN) {
        real = recv(fd.real, bytes, sizeof bytes, 0);
        real = real < 0 ? -errno : real;
        both_settle();
    }
    while (sim > 0 || sim == -EAGAIN) {
        sim = wf_sys_recv(fd.sim, bytes, sizeof bytes);
        both_settle();
    }
    both_did("read after the end", fd.sim, real, sim, true);
    both_close(fd);
}

static void
run(void *arg)
{
    struct both fds[4], listener, full, readers[3];
    int64_t err;
    (void)arg;
    ws.send_buffer = ws.receive_buffer = 1u << 20;
    both_begin();
    there.len = sizeof(struct sockaddr_in);
    const struct sockaddr_in in = {.sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    memcpy(&there.any, &in, sizeof in);
    listener = both_socket(AF_INET, SOCK_STREAM);
    both_bind(listener, &there);
    both_name(listener, false, &there);
    both_listen(listener, 3);
    fds[0] = probing();
    fds[1] = dial();
    set(fds[1], IPPROTO_TCP, TCP_USER_TIMEOUT, 500);
    fds[2] = stuffed();
    full = dial();
    fds[3] = asking();
    set_device(false);
    send_one(fds[1]);
    for (int i = 0; i < 4; i++)
        await_error(fds[i]);
    set_device(true);
    for (int i = 0; i < 3; i++)
        readers[i] = both_accept(listener, &err);
    read_after_the_end(readers[2]);
    both_close(readers[1]);
    both_close(readers[0]);
    for (int i = 0; i < 4; i++)
        compare_end(fds[i]);
    both_close(full);
    both_close(listener);
    both_end();
}

static void
set_up(void)
{
    weft_sim_host_new("one", run, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "dead",
                                                      .set_up = set_up};
    if (!both_may_have_own_network()) {
        printf("skipped: no network of its own is allowed\n");
        return NOT_ALLOWED;
    }
    both_share();
    return weft_sim_main(argc, argv, &scenario);
}
