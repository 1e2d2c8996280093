/* SPDX-License-Identifier: MIT */
/* Random programs make calls that a socket refuses. */
#include "kernel.h"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/un.h>

#define UNKNOWN 9999 /* no option, and no ioctl of a socket */

static bool
is_bound_tcp(const struct slot *s)
{
    return s->kind == TCP && s->has_place;
}

/* An address that no host has (TEST-NET-1), one of another family, or one that
 * is cut short. */
static struct both_address
bad_address(void)
{
    struct both_address a = {.len = sizeof(struct sockaddr_in)};
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(0xc0000201u)};
    switch (below(3)) {
    case 0:
        in.sin_family = AF_APPLETALK;
        in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        break;
    case 1:
        a.len = 4 + (socklen_t)below(8);
        break;
    default:
        break;
    }
    memcpy(&a.any, &in, sizeof in);
    return a;
}

/* Bind a socket to the address and the port of another one. */
static void
bind_again(struct both fd)
{
    const struct slot *s = any(is_bound_tcp);
    const int on = below(2) > 0;
    if (!s || s->at.any.ss_family != AF_INET || !s->at.real)
        return;
    both_set(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    both_bind(fd, &s->at);
}

static void
misuse_option(struct both fd, int level)
{
    const int on = 1;
    switch (below(4)) {
    case 0:
        both_get(fd, level, UNKNOWN);
        break;
    case 1:
        both_get(fd, UNKNOWN, 1);
        break;
    case 2:
        both_set(fd, SOL_SOCKET, SO_LINGER, &on, sizeof on);
        break;
    default:
        both_ioctl(fd, below(2) ? UNKNOWN : SIOCOUTQ);
    }
}

/* Two sockets share a port only if both have SO_REUSEPORT. */
static void
share_a_port(void)
{
    const int on = 1;
    struct both fds[2];
    struct both_address a = {.len = sizeof(struct sockaddr_in)};
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    memcpy(&a.any, &in, sizeof in);
    for (int i = 0; i < 2; i++) {
        fds[i] = both_socket(AF_INET, SOCK_STREAM);
        if (below(4))
            both_set(fds[i], SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
        both_bind(fds[i], &a);
        both_name(fds[i], false, &a);
        both_listen(fds[i], 1);
    }
    both_bind(fds[0], &a);
    both_close(fds[0]);
    both_close(fds[1]);
}

void
do_misuse(void)
{
    if (n_free() < 3)
        return;
    int family = below(3) ? AF_INET : AF_UNIX;
    int level =
        family == AF_INET ? (below(2) ? IPPROTO_TCP : SOL_SOCKET) : SOL_SOCKET;
    struct both fd = both_socket(family, SOCK_STREAM);
    struct both_address bad = bad_address();
    int64_t result;
    switch (below(7)) {
    case 0:
        both_bind(fd, &bad);
        break;
    case 1:
        both_shutdown(fd, 3);
        break;
    case 2:
        both_accept(fd, &result);
        break;
    case 3:
        if (family == AF_INET)
            bind_again(fd);
        break;
    case 4:
        share_a_port();
        break;
    default:
        misuse_option(fd, level);
    }
    both_close(fd);
}
