/* SPDX-License-Identifier: MIT */
/*
 * How connections end if their peer is silent: cut off, frozen, without power
 * or restarted. The real kernel takes the same times: they were measured with a
 * loopback device that is down, and with sockets that no process reads.
 */
#include "base/base.h"

#include <weft/sim.h>

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#define MS 1000000u
#define SECOND 1000000000u
#define SLACK (30 * MS) /* of the network, and of the steps of a case */
#define HELD 64

static weft_sim_host server, client;
static bool over;
static uint32_t n_ends, n_errors; /* ends and errors that the server was told
                                   * of */

static struct sockaddr_in
server_at(uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(0x0a000001u),
                                .sin_port = htons(port)};
}

static int
new_socket(void)
{
    int fd = wf_sys_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
    WEFT_SIM_CHECK(fd >= 0);
    return fd;
}

static short
wait_for(int fd, short events, int ms)
{
    struct pollfd p = {.fd = fd, .events = events};
    return wf_sys_poll(&p, 1, ms) == 1 ? p.revents : 0;
}

static void
sleep_ms(uint64_t ms)
{
    struct timespec t = wf_timespec_of(ms * MS);
    (void)wf_sys_nanosleep(&t);
}

static void
set(int fd, int level, int name, int value)
{
    WEFT_SIM_CHECK(!wf_sys_setsockopt(fd, level, name, &value, sizeof value));
}

/* Times are in seconds, but user_ms in milliseconds; user_ms 0: no user
 * time-out. */
static void
keep_alive(int fd, int idle, int interval, int probes, int user_ms)
{
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, probes);
    set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, user_ms);
}

/* ---- the server: it accepts, and never answers ---- */

struct held {
    int fds[HELD], n;
};

static int
listen_at(uint16_t port)
{
    struct sockaddr_in here = server_at(port);
    int fd = new_socket();
    WEFT_SIM_CHECK(!wf_sys_bind(fd, (void *)&here, sizeof here));
    WEFT_SIM_CHECK(!wf_sys_listen(fd, 10));
    return fd;
}

static void
accept_one(int listener, struct held *held)
{
    WEFT_SIM_CHECK(held->n < HELD);
    held->fds[held->n] = wf_sys_accept4(listener, SOCK_NONBLOCK);
    WEFT_SIM_CHECK(held->fds[held->n] >= 0);
    held->n++;
}

static void
look(const struct held *held)
{
    n_ends = n_errors = 0;
    for (int i = 0; i < held->n; i++) {
        short found = wait_for(held->fds[i], POLLRDHUP, 0);
        n_ends += (found & (POLLRDHUP | POLLERR)) == POLLRDHUP;
        n_errors += (found & POLLERR) != 0;
    }
}

/* Connections of port 82 inherit keepalive from the listener. */
static void
serve(void *arg)
{
    int listener = listen_at(80), alive = listen_at(82);
    struct held held = {.n = 0};
    (void)arg;
    keep_alive(alive, 1, 1, 1, 0);
    while (!over) {
        if (wait_for(listener, POLLIN, 10))
            accept_one(listener, &held);
        if (wait_for(alive, POLLIN, 0))
            accept_one(alive, &held);
        look(&held);
    }
    while (held.n > 0)
        WEFT_SIM_CHECK(!wf_sys_close(held.fds[--held.n]));
    WEFT_SIM_CHECK(!wf_sys_close(listener));
    WEFT_SIM_CHECK(!wf_sys_close(alive));
}

/* ---- the client ---- */

static int
connect_to(uint16_t port)
{
    struct sockaddr_in to = server_at(port);
    int fd = new_socket();
    WEFT_SIM_CHECK(wf_sys_connect(fd, (void *)&to, sizeof to) == -EINPROGRESS);
    return fd;
}

static int
dial(void)
{
    int fd = connect_to(80);
    WEFT_SIM_CHECK(wait_for(fd, POLLOUT, -1) == POLLOUT);
    return fd;
}

static void
cut(bool there, bool back)
{
    weft_sim_cut(client, server, there);
    weft_sim_cut(server, client, back);
}

/* The connection must end with this error, about ms after `since`. */
static void
ends(const char *what, int fd, int error, uint64_t since, uint64_t ms)
{
    int err = 0;
    socklen_t n = sizeof err;
    short found = wait_for(fd, POLLIN, -1);
    uint64_t took = weft_sim_now_ns() - since;
    WEFT_SIM_CHECK(!wf_sys_getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &n));
    weft_sim_note("%s: %d after %d ms", what, err, (int)(took / MS));
    if (err != error || took + SLACK < ms * MS || took > ms * MS + SLACK ||
        (found & (POLLERR | POLLHUP)) != (POLLERR | POLLHUP))
        weft_sim_fail("%s: events 0x%x, error %d after %d ms", what,
                      (unsigned)found, err, (int)(took / MS));
    err = 1; /* the error is reported once */
    WEFT_SIM_CHECK(!wf_sys_getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &n));
    WEFT_SIM_CHECK(!err);
    WEFT_SIM_CHECK(!wf_sys_close(fd));
}

static void
lives(int fd, int ms)
{
    WEFT_SIM_CHECK(!wait_for(fd, POLLIN, ms));
}

/* ---- keepalive ---- */

/* Probes without an answer, because the probes or their answers are lost. */
static void
probe_a_cut(bool there, bool back)
{
    int few = dial(), many = dial(), timed = dial(), late = dial();
    uint64_t begun = weft_sim_now_ns();
    keep_alive(few, 1, 1, 1, 0);
    keep_alive(many, 1, 2, 3, 0);
    keep_alive(timed, 2, 1, 9, 1500);
    keep_alive(late, 1, 1, 9, 3500);
    cut(there, back);
    ends("one probe", few, ETIMEDOUT, begun, 2000);
    ends("user time-out before a probe", timed, ETIMEDOUT, begun, 3000);
    ends("user time-out after probes", late, ETIMEDOUT, begun, 4000);
    ends("three probes", many, ETIMEDOUT, begun, 7000);
    cut(false, false);
}

/* The kernel answers probes even if its process is frozen. A connection without
 * keepalive survives a cut. */
static void
probe_who_answers(void)
{
    int frozen = dial(), other = dial(), off = dial();
    keep_alive(frozen, 1, 1, 1, 0);
    keep_alive(off, 1, 1, 1, 0);
    set(off, SOL_SOCKET, SO_KEEPALIVE, 0);
    weft_sim_freeze(server, true);
    lives(frozen, 60000);
    weft_sim_freeze(server, false);
    cut(true, true);
    lives(other, 60000);
    lives(off, 1);
    cut(false, false);
    WEFT_SIM_CHECK(!wf_sys_close(frozen));
    WEFT_SIM_CHECK(!wf_sys_close(other));
    WEFT_SIM_CHECK(!wf_sys_close(off));
}

/* Lost probes do not count after a later probe was answered. If keepalive is
 * switched on late, the first probe is sent at once. */
static void
probe_again(void)
{
    int fd = dial(), late = dial(), quiet = dial();
    keep_alive(fd, 1, 1, 3, 0);
    for (int i = 0; i < 5; i++) {
        cut(true, true);
        sleep_ms(1900); /* long enough for at most two probes */
        cut(false, false);
        lives(fd, 2000);
    }
    uint64_t begun = weft_sim_now_ns();
    keep_alive(late, 9, 1, 1, 0);
    WEFT_SIM_CHECK(wf_sys_send(fd, "x", 1) == 1);
    sleep_ms(10);
    cut(true, true);
    keep_alive(quiet, 9, 1, 1, 0);
    ends("quiet for longer than idle", quiet, ETIMEDOUT, begun, 1010);
    ends("after many answers", fd, ETIMEDOUT, begun, 4000);
    ends("switched on late", late, ETIMEDOUT, begun, 10000);
    cut(false, false);
}

/* Both ends send probes. The server's end inherits keepalive from its
 * listener. */
static void
probe_from_both(void)
{
    int fd = connect_to(82);
    uint32_t n = n_errors;
    WEFT_SIM_CHECK(wait_for(fd, POLLOUT, -1) == POLLOUT);
    sleep_ms(500);
    cut(true, true);
    sleep_ms(2000);
    WEFT_SIM_CHECK(n_errors == n + 1);
    cut(false, false);
    sleep_ms(500);
    WEFT_SIM_CHECK(!wf_sys_close(fd));
}

/* ---- bytes that are never acknowledged ---- */

static void
send_into_a_cut(bool there, bool back)
{
    int data = dial(), end = dial(), syn, brief = new_socket();
    set(data, IPPROTO_TCP, TCP_USER_TIMEOUT, 2000);
    set(end, IPPROTO_TCP, TCP_USER_TIMEOUT, 5000);
    cut(there, back);
    uint64_t begun = weft_sim_now_ns();
    syn = new_socket();
    set(syn, IPPROTO_TCP, TCP_USER_TIMEOUT, 1500);
    set(brief, IPPROTO_TCP, TCP_USER_TIMEOUT, 500);
    struct sockaddr_in to = server_at(80);
    WEFT_SIM_CHECK(wf_sys_connect(syn, (void *)&to, sizeof to) == -EINPROGRESS);
    (void)wf_sys_connect(brief, (void *)&to, sizeof to);
    WEFT_SIM_CHECK(wf_sys_send(data, "x", 1) == 1);
    WEFT_SIM_CHECK(!wf_sys_shutdown(end, SHUT_WR));
    if (there) { /* checked only when the SYN is sent again */
        ends("a SYN that may be late", brief, ETIMEDOUT, begun, 1000);
        ends("a SYN", syn, ETIMEDOUT, begun, 1500);
    } else {
        WEFT_SIM_CHECK(!wf_sys_close(brief));
        WEFT_SIM_CHECK(!wf_sys_close(syn));
    }
    ends("a byte", data, ETIMEDOUT, begun, 2200);
    ends("an end", end, ETIMEDOUT, begun, 5200);
    cut(false, false);
}

static int
unsent(int fd)
{
    int n = -1;
    WEFT_SIM_CHECK(!wf_sys_ioctl(fd, SIOCOUTQ, &n));
    return n;
}

/* Bytes are sent again after 200 ms, and each time the pause doubles. After an
 * answer the pauses start at 200 ms again. */
static void
send_into_two_cuts(void)
{
    int fd = dial();
    cut(true, true);
    WEFT_SIM_CHECK(wf_sys_send(fd, "x", 1) == 1);
    sleep_ms(6300);
    cut(false, false);
    sleep_ms(6200);
    WEFT_SIM_CHECK(unsent(fd) == 1);
    sleep_ms(200);
    WEFT_SIM_CHECK(unsent(fd) == 0);
    cut(true, true);
    WEFT_SIM_CHECK(wf_sys_send(fd, "x", 1) == 1);
    sleep_ms(100);
    cut(false, false);
    sleep_ms(150);
    WEFT_SIM_CHECK(unsent(fd) == 0);
    WEFT_SIM_CHECK(!wf_sys_close(fd));
}

/* For 102 s the kernel tries to end a connection that was closed. */
static void
close_into_a_cut(void)
{
    int soon = dial(), late = dial();
    sleep_ms(100);
    uint32_t n = n_ends;
    cut(true, true);
    WEFT_SIM_CHECK(!wf_sys_close(soon));
    sleep_ms(90000);
    cut(false, false);
    sleep_ms(60000);
    WEFT_SIM_CHECK(n_ends == n + 1);
    cut(true, true);
    WEFT_SIM_CHECK(!wf_sys_close(late));
    sleep_ms(110000);
    cut(false, false);
    sleep_ms(120000);
    WEFT_SIM_CHECK(n_ends == n + 1);
}

static size_t
fill(int fd)
{
    static uint8_t bytes[65536];
    size_t all = 0;
    ssize_t n;
    for (int still = 0; still < 20; still++, sleep_ms(20))
        while ((n = wf_sys_send(fd, bytes, sizeof bytes)) > 0)
            all += (size_t)n, still = 0;
    return all;
}

/* The window of a slow reader is closed. The user time-out ends the connection
 * although the reader's kernel answers. */
static void
send_to_a_slow_reader(void)
{
    int timed = dial(), other = dial();
    set(timed, IPPROTO_TCP, TCP_USER_TIMEOUT, 30000);
    WEFT_SIM_CHECK(fill(timed) > 0 && fill(other) > 0);
    WEFT_SIM_CHECK(wait_for(timed, POLLIN, 20000) == 0);
    (void)wait_for(timed, POLLIN, -1);
    WEFT_SIM_CHECK(wf_sys_send(timed, "x", 1) == -ETIMEDOUT);
    WEFT_SIM_CHECK(wf_sys_send(timed, "x", 1) == -EPIPE);
    lives(other, 60000);
    WEFT_SIM_CHECK(!wf_sys_close(timed));
    WEFT_SIM_CHECK(!wf_sys_close(other));
}

/* ---- a host that is killed, or loses power ---- */

static void
restart(void)
{
    weft_sim_restart(server);
    sleep_ms(100);
}

/* The kernel of a host without power sends nothing. After the restart it resets
 * connections that it does not know. */
static void
lose_power(void)
{
    int idle = dial(), probing = dial(), sending = dial(), ending = dial();
    keep_alive(probing, 1, 1, 20, 0);
    weft_sim_power_off(server);
    weft_sim_power_off(server); /* a second call does nothing */
    int syn = connect_to(80);
    uint64_t begun = weft_sim_now_ns();
    WEFT_SIM_CHECK(wf_sys_send(sending, "x", 1) == 1);
    WEFT_SIM_CHECK(!wf_sys_shutdown(ending, SHUT_WR));
    lives(sending, 500);
    lives(probing, 1000);
    lives(ending, 1);
    WEFT_SIM_CHECK(!wait_for(syn, POLLOUT, 1));
    restart();
    ends("a probe after the restart", probing, ECONNRESET, begun, 2000);
    /* sent again after 200, 400, 800 and 1600 ms, which is 3 s in all */
    ends("a byte after the restart", sending, ECONNRESET, begun, 3000);
    ends("an end after the restart", ending, ECONNRESET, begun, 3000);
    WEFT_SIM_CHECK(wait_for(syn, POLLOUT, -1) == POLLOUT);
    lives(idle, 60000);
    WEFT_SIM_CHECK(!wf_sys_close(syn));
    WEFT_SIM_CHECK(!wf_sys_close(idle));
}

/* Segments that are on their way when the host loses power do not arrive. */
static void
lose_power_on_the_way(void)
{
    int fd = dial(), silent = dial(); /* its ACK is on the way */
    uint64_t begun = weft_sim_now_ns();
    WEFT_SIM_CHECK(wf_sys_send(fd, "x", 1) == 1);
    int syn = connect_to(80), no = connect_to(81);
    weft_sim_power_off(server);
    lives(fd, 300);
    restart();
    ends("an ACK on the way", silent, ECONNRESET, begun, 600);
    ends("a byte on the way", fd, ECONNRESET, begun, 600);
    ends("a SYN to no listener", no, ECONNREFUSED, begun, 1000);
    WEFT_SIM_CHECK(wait_for(syn, POLLOUT, -1) == POLLOUT);
    WEFT_SIM_CHECK(!wf_sys_close(syn));
}

/* The server has received the byte, but its acknowledgement is lost. */
static void
lose_power_behind_a_cut(void)
{
    int fd = dial(), syn;
    cut(false, true);
    syn = connect_to(80);
    WEFT_SIM_CHECK(wf_sys_send(fd, "x", 1) == 1);
    sleep_ms(100);
    uint64_t begun = weft_sim_now_ns();
    weft_sim_power_off(server);
    cut(false, false);
    lives(fd, 1000);
    restart();
    ends("an answer that was lost", fd, ECONNRESET, begun, 1100);
    WEFT_SIM_CHECK(wait_for(syn, POLLOUT, -1) == POLLOUT);
    WEFT_SIM_CHECK(wf_sys_send(syn, "x", 1) == 1);
    lives(syn, 1000);
    WEFT_SIM_CHECK(!wf_sys_close(syn));
}

/* When a host is killed, its kernel ends all connections, and refuses new ones.
 * If a reset is lost, the peer learns of the end only when it sends
 * something. */
static void
die(void)
{
    int ended = dial(), reset = dial(), deaf = dial(), asking = dial();
    keep_alive(asking, 1, 1, 9, 0);
    WEFT_SIM_CHECK(wf_sys_send(reset, "x", 1) == 1);
    WEFT_SIM_CHECK(wf_sys_send(deaf, "x", 1) == 1);
    WEFT_SIM_CHECK(wf_sys_send(asking, "x", 1) == 1);
    sleep_ms(100);
    uint64_t begun = weft_sim_now_ns();
    weft_sim_kill(server);
    ends("it had not read all", reset, ECONNRESET, begun, 0);
    WEFT_SIM_CHECK(wait_for(ended, POLLRDHUP, -1) == POLLRDHUP);
    ends("nobody listens", connect_to(80), ECONNREFUSED, begun, 0);
    WEFT_SIM_CHECK(!wf_sys_close(ended));
    WEFT_SIM_CHECK(!wf_sys_close(deaf));
    WEFT_SIM_CHECK(!wf_sys_close(asking));
    restart();
    deaf = dial();
    asking = dial();
    int sending = dial(), first = dial();
    set(sending, IPPROTO_TCP, TCP_USER_TIMEOUT, 2000);
    set(first, IPPROTO_TCP, TCP_USER_TIMEOUT, 3000);
    keep_alive(asking, 1, 1, 9, 0);
    WEFT_SIM_CHECK(wf_sys_send(deaf, "x", 1) == 1);
    WEFT_SIM_CHECK(wf_sys_send(asking, "x", 1) == 1);
    WEFT_SIM_CHECK(wf_sys_send(sending, "x", 1) == 1);
    sleep_ms(100);
    cut(false, true);
    begun = weft_sim_now_ns();
    weft_sim_kill(server);
    WEFT_SIM_CHECK(wf_sys_send(sending, "x", 1) == 1);
    WEFT_SIM_CHECK(wf_sys_send(first, "x", 1) == 1);
    ends("a reset that cannot come", sending, ETIMEDOUT, begun, 2200);
    ends("an end that cannot come", first, ETIMEDOUT, begun, 3200);
    cut(false, false);
    ends("a reset that was lost", asking, ECONNRESET, begun, 3900);
    lives(deaf, 60000);
    WEFT_SIM_CHECK(wf_sys_send(deaf, "x", 1) == 1);
    (void)wait_for(deaf, POLLIN, -1);
    WEFT_SIM_CHECK(wf_sys_send(deaf, "x", 1) == -ECONNRESET);
    WEFT_SIM_CHECK(!wf_sys_close(deaf));
    restart();
}

static void
use(void *arg)
{
    (void)arg;
    sleep_ms(100);
    probe_a_cut(true, true);
    probe_a_cut(true, false);
    probe_a_cut(false, true);
    probe_who_answers();
    probe_again();
    probe_from_both();
    send_into_a_cut(true, true);
    send_into_a_cut(true, false);
    send_into_a_cut(false, true);
    send_into_two_cuts();
    close_into_a_cut();
    send_to_a_slow_reader();
    lose_power();
    lose_power_on_the_way();
    lose_power_behind_a_cut();
    die();
    over = true;
}

/* ---- a wait that may not end ---- */

static void
serve_one(void *arg)
{
    int listener = listen_at(80);
    (void)arg;
    (void)wait_for(listener, POLLIN, -1);
    WEFT_SIM_CHECK(wf_sys_accept4(listener, SOCK_NONBLOCK) >= 0);
    (void)wait_for(listener, POLLIN, -1);
}

static void
wait_for_ever(void *arg)
{
    sleep_ms(100);
    int fd = dial();
    keep_alive(fd, 1, 1, 9, 0);
    if (arg)
        cut(true, true);
    (void)wait_for(fd, POLLIN, -1); /* without a cut no event comes */
    WEFT_SIM_CHECK(!wf_sys_close(fd));
    weft_sim_kill(server);
}

static void
set_up(void)
{
    const char *wait = getenv("SILENCE");
    weft_sim_link(&(struct weft_sim_link){
        .min_ns = MS, .mean_ns = MS, .latency = WEFT_SIM_CONSTANT});
    server = weft_sim_host_new("server", wait ? serve_one : serve, NULL);
    client = weft_sim_host_new("client", wait ? wait_for_ever : use,
                               wait && !strcmp(wait, "cut") ? &over : NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {
        .name = "silence", .set_up = set_up, .limit_ns = 2000ull * SECOND};
    return weft_sim_main(argc, argv, &scenario);
}
