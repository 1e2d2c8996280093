/* SPDX-License-Identifier: MIT */
/* Random programs make and end connections. */
#include "kernel.h"

#include <weft/sim.h>

#include "sim.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

static const struct linger at_once = {1, 0};

static bool
has_waiting(const struct slot *s)
{
    return is_listener(s) && s->waiting > 0;
}

static bool
is_full(const struct slot *s)
{
    return is_listener(s) && s->waiting > s->room;
}

static struct both_address
tcp_address(uint32_t address)
{
    struct both_address a = {.len = sizeof(struct sockaddr_in)};
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(address)};
    memcpy(&a.any, &in, sizeof in);
    return a;
}

/* A loopback address of this run, so that other runs may use the same ports. */
static uint32_t
own_address(void)
{
    return 0x7f000000u | (uint32_t)(ws.seed * 2654435761u >> 8 & 0xfffffcu) | 2;
}

static struct slot *
bound_tcp(void)
{
    struct slot *s = take(TCP, both_socket(AF_INET, SOCK_STREAM));
    uint32_t address = below(8) ? own_address() : INADDR_ANY;
    struct both_address a = tcp_address(address);
    const int on = 1;
    both_bind(s->fd, &a);
    both_set(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    both_name(s->fd, false, &s->at);
    s->has_place = true;
    return s;
}

/* One of a few names. Some are in use, and others belong to sockets that are
 * closed. */
static struct both_address
unix_address(void)
{
    struct both_address a = {.len = 0};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    bool is_abstract = below(4) == 0;
    int n =
        snprintf(un.sun_path + is_abstract, sizeof un.sun_path - is_abstract,
                 "%s/s%d", is_abstract ? folder + 5 : folder, (int)below(8));
    a.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n + 1);
    memcpy(&a.any, &un, sizeof un);
    return a;
}

static const char *
path_of(const struct both_address *a)
{
    return ((const struct sockaddr_un *)&a->any)->sun_path;
}

/* Unlink a name. A later connect to it does not reach the socket that was bound
 * to it. */
static void
free_name(const struct both_address *a)
{
    both_stat(path_of(a));
    both_unlink(path_of(a));
    for (int i = 0; i < SLOTS; i++)
        if (slots[i].kind == UNIX &&
            strcmp(path_of(&slots[i].at), path_of(a)) == 0)
            slots[i].has_place = false;
}

static struct slot *
bound_unix(void)
{
    struct slot *s = take(UNIX, both_socket(AF_UNIX, SOCK_STREAM));
    struct both_address a = unix_address();
    if (below(8) == 0)
        both_listen(s->fd, 1);
    if (both_bind(s->fd, &a) == -EADDRINUSE && *path_of(&a)) {
        free_name(&a);
        both_bind(s->fd, &a);
    }
    s->has_place = both_name(s->fd, false, &s->at) == 0 && s->at.len > 2;
    if (below(8) == 0)
        both_bind(s->fd, &a); /* it has a name already */
    return s;
}

/* Connect to a name that may not exist, or to one that is cut short. */
static void
connect_to_a_name(void)
{
    struct both_address a = unix_address();
    struct both fd = both_socket(AF_UNIX, SOCK_STREAM);
    if (below(2))
        a.len = (socklen_t)below(3);
    for (int i = 0; i < SLOTS; i++)
        if (is_listener(&slots[i]) && slots[i].kind == UNIX)
            a.len = 1; /* illegal, so that no listener gets a connection */
    both_connect(fd, &a);
    both_close(fd);
}

/* All time-outs are too long to end a connection. */
static void
set_number(const struct slot *s)
{
    static const int names[] = {TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT,
                                TCP_NODELAY};
    static const int values[] = {-1, 0, 1, 60, 127, 128, 32767, 32768};
    static const int times[] = {-1, 0, 600000, INT32_MAX};
    socklen_t n = below(10) ? sizeof(int) : 3;
    if (below(4))
        both_set(s->fd, IPPROTO_TCP, names[below(4)], &values[below(8)], n);
    else
        both_set(s->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &times[below(4)], n);
}

static void
get_number(const struct slot *s)
{
    static const int of_tcp[] = {TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT,
                                 TCP_USER_TIMEOUT, TCP_NODELAY};
    static const int of_socket[] = {SO_KEEPALIVE, SO_REUSEADDR, SO_REUSEPORT,
                                    SO_ACCEPTCONN, SO_PROTOCOL};
    if (below(2))
        both_get(s->fd, IPPROTO_TCP, of_tcp[below(5)]);
    else
        both_get(s->fd, SOL_SOCKET, of_socket[below(5)]);
}

void
do_listen(void)
{
    if (n_free() < 3)
        return;
    struct slot *s = below(3) ? bound_tcp() : bound_unix();
    int backlog = (int)below(5);
    if (s->kind == TCP && below(4) == 0)
        both_set(s->fd, SOL_SOCKET, SO_KEEPALIVE, &backlog, sizeof backlog);
    if (s->kind == TCP && below(2))
        set_number(s);
    if (below(8) == 0)
        return; /* a connect to it is refused */
    if (below(4) == 0)
        both_set(s->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    if (!both_listen(s->fd, backlog))
        s->room = backlog;
}

static void
connect_to(struct slot *s, struct slot *to)
{
    int64_t result = both_connect(s->fd, &to->at);
    if (result != -EINPROGRESS && (result || s->kind != UNIX))
        return;
    both_name(s->fd, false, &s->at);
    if (is_listener(to))
        to->clients[to->waiting++] = s;
}

static bool
can_be_dialled(const struct slot *s)
{
    return s->has_place && (s->kind == UNIX || !is_full(s));
}

/* A client closes its connection before it is accepted. */
static void
leave_early(struct slot *s)
{
    if (below(2))
        both_write(s->fd, BOTH_SEND, "early", 5);
    if (below(2))
        both_set(s->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    do_close(s);
}

void
do_connect(void)
{
    struct slot *to = any(can_be_dialled), *s;
    if (!to || n_free() < 2)
        return;
    if (below(30) == 0)
        connect_to_a_name();
    if (below(10) == 0 && (s = any(is_stream)) && s->kind == to->kind) {
        connect_to(s, to);
        return;
    }
    s = take(to->kind,
             both_socket(to->kind == UNIX ? AF_UNIX : AF_INET, SOCK_STREAM));
    connect_to(s, to);
    if (below(8) == 0)
        leave_early(s);
}

/* Connections are accepted in the order in which they were made. */
static void
find_peer(struct slot *s, struct slot *l)
{
    struct slot *client = l->clients[0];
    memmove(&l->clients[0], &l->clients[1], sizeof l->clients - sizeof client);
    l->waiting--;
    if (!client || client->peer)
        return;
    weft_sim_note("%d and %d are connected", s->fd.sim, client->fd.sim);
    client->peer = s;
    s->peer = client;
}

void
do_accept(void)
{
    struct slot *l = any(has_waiting);
    int64_t result;
    const int on = 1;
    if (!l || below(20) == 0)
        l = any(is_socket);
    if (!l || n_free() < 2)
        return;
    struct both fd = both_accept(l->fd, &result);
    if (result)
        return;
    struct slot *s = take(l->kind, fd);
    if (l->kind == TCP) {
        get_number(s); /* some options are inherited from the listener */
        both_set(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    find_peer(s, l);
}

/* A client that finds the backlog full continues to connect. The program makes
 * all its calls before the client sends its SYN again. */
void
do_overflow(void)
{
    struct slot *l = any(is_full);
    if (!l || l->kind != TCP || n_free() < 2)
        return;
    struct slot *s = take(TCP, both_socket(AF_INET, SOCK_STREAM));
    struct both ep = both_epoll();
    const short events = POLLIN | POLLOUT | POLLRDHUP;
    both_epoll_ctl(ep, EPOLL_CTL_ADD, s->fd, EPOLLIN | EPOLLOUT | EPOLLET, 1);
    both_epoll_wait(ep, 1, true);
    both_connect(s->fd, &l->at);
    both_epoll_wait(ep, 1, true);
    for (int i = 0; i < 3; i++) {
        switch (below(7)) {
        case 0:
            both_write(s->fd, BOTH_SEND, "x", 1);
            break;
        case 1:
            both_read(s->fd, BOTH_RECV, 1);
            break;
        case 2:
            both_connect(s->fd, &l->at);
            break;
        case 3:
            both_get(s->fd, SOL_SOCKET, SO_ERROR);
            break;
        case 4:
            both_name(s->fd, true, &(struct both_address){0});
            break;
        case 5:
            both_listen(s->fd, 1);
            break;
        default:
            both_poll(&s->fd, &events, 1, 0);
        }
    }
    if (below(2)) {
        both_shutdown(s->fd, (int)below(3));
        both_poll(&s->fd, &events, 1, 0);
        both_epoll_wait(ep, 1, true);
        if (below(2))
            both_get(s->fd, SOL_SOCKET, SO_ERROR);
        both_poll(&s->fd, &events, 1, 0);
        if (below(2)) {
            both_connect(s->fd, &l->at);
            both_poll(&s->fd, &events, 1, 0);
        }
    }
    both_close(ep);
    do_close(s);
}

void
do_self(void)
{
    if (n_free() < 2)
        return;
    struct slot *s = bound_tcp();
    both_connect(s->fd, &s->at);
    s->peer = s;
    s->room = -1;
}

/* ---- other calls of sockets ---- */

void
do_options(struct slot *s)
{
    const struct linger lingers[] = {at_once, {0, 0}};
    const int on = below(4) > 0;
    if (s->kind == TCP && below(2)) {
        below(2) ? set_number(s) : get_number(s);
        return;
    }
    switch (below(6)) {
    case 0:
        both_set(s->fd, SOL_SOCKET, SO_LINGER, &lingers[below(2)],
                 sizeof *lingers);
        break;
    case 1:
        both_get(s->fd, SOL_SOCKET, SO_ERROR);
        break;
    case 2:
        both_get(s->fd, SOL_SOCKET, below(2) ? SO_TYPE : SO_DOMAIN);
        break;
    case 3:
        both_name(s->fd, below(2), &(struct both_address){0});
        break;
    case 4:
        both_set(s->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        break;
    default:
        if (is_stream(s))
            both_ioctl(s->fd, SIOCINQ);
    }
}

void
do_shutdown(void)
{
    struct slot *s = any(below(8) ? has_peer : is_socket);
    if (!s || s->peer == s) /* connected to itself: its FIN is never
                             * acknowledged */
        return;
    both_shutdown(s->fd, (int)below(3));
    if (is_listener(s) || !s->peer) {
        do_close(s); /* no program uses such a socket again */
    }
}
