/* SPDX-License-Identifier: MIT */
/* Reads and writes addresses, finds the host of an address, and chooses free
 * ports. */
#include "tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define LOOPBACK 0x7f000001u

static bool
is_v4_mapped(const struct in6_addr *a)
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(a, prefix, sizeof prefix) == 0;
}

int
ws_place_of(const struct sockaddr *a, socklen_t n, struct ws_place *place)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    if (n < sizeof in)
        return -EINVAL;
    if (a->sa_family == AF_INET) {
        memcpy(&in, a, sizeof in);
        *place =
            (struct ws_place){ntohl(in.sin_addr.s_addr), ntohs(in.sin_port)};
        return 0;
    }
    if (a->sa_family != AF_INET6 || n < sizeof in6)
        return -EAFNOSUPPORT;
    memcpy(&in6, a, sizeof in6);
    uint32_t address = 0;
    if (is_v4_mapped(&in6.sin6_addr))
        address = (uint32_t)in6.sin6_addr.s6_addr[12] << 24 |
                  (uint32_t)in6.sin6_addr.s6_addr[13] << 16 |
                  (uint32_t)in6.sin6_addr.s6_addr[14] << 8 |
                  in6.sin6_addr.s6_addr[15];
    else if (IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr))
        address = LOOPBACK;
    else if (!IN6_IS_ADDR_UNSPECIFIED(&in6.sin6_addr))
        return -EADDRNOTAVAIL;
    *place = (struct ws_place){address, ntohs(in6.sin6_port)};
    return 0;
}

socklen_t
ws_place_write(const struct ws_place *place, int family, struct sockaddr *a,
               socklen_t size)
{
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons(place->port),
                             .sin_addr.s_addr = htonl(place->address)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
                               .sin6_port = htons(place->port)};
    if (family == AF_INET) {
        memcpy(a, &in, WF_MIN(size, sizeof in));
        return sizeof in;
    }
    if (place->address) {
        uint32_t address = htonl(place->address);
        in6.sin6_addr.s6_addr[10] = in6.sin6_addr.s6_addr[11] = 0xff;
        memcpy(&in6.sin6_addr.s6_addr[12], &address, sizeof address);
    }
    memcpy(a, &in6, WF_MIN(size, sizeof in6));
    return sizeof in6;
}

struct ws_host *
ws_place_host(const struct ws_place *place, struct ws_host *asking)
{
    if (place->address >> 24 == 127 || place->address == 0)
        return asking;
    for (uint32_t i = 0; i < ws.n_hosts; i++)
        if (ws.hosts[i]->address == place->address)
            return ws.hosts[i];
    return NULL;
}

static struct ws_tcp *
socket_at(const struct ws_host *host, uint32_t fd)
{
    struct ws_file *file = host->files[fd];
    return file && file->ops == &ws_tcp_ops ? (void *)file : NULL;
}

static bool
overlap(const struct ws_place *a, const struct ws_place *b)
{
    return a->port == b->port &&
           (!a->address || !b->address || a->address == b->address);
}

struct ws_tcp *
ws_listener_at(const struct ws_host *host, const struct ws_place *place)
{
    for (uint32_t fd = 0; fd < host->cap_files; fd++) {
        struct ws_tcp *tcp = socket_at(host, fd);
        if (tcp && tcp->state == WS_LISTENING && overlap(&tcp->local, place))
            return tcp;
    }
    return NULL;
}

struct ws_tcp *
ws_tcp_dialling(const struct ws_tcp *child)
{
    const struct ws_host *host = child->file.host;
    for (uint32_t fd = 0; fd < host->cap_files; fd++) {
        struct ws_tcp *tcp = socket_at(host, fd);
        if (tcp && tcp->state == WS_CONNECTING &&
            tcp->local.port == child->local.port &&
            tcp->local.address == child->local.address &&
            tcp->remote.port == child->remote.port &&
            tcp->remote.address == child->remote.address)
            return tcp;
    }
    return NULL;
}

/* Two sockets may have the same address and port if both have SO_REUSEPORT, or
 * if both have SO_REUSEADDR and the other socket does not listen. */
bool
ws_place_is_free(const struct ws_tcp *tcp, const struct ws_place *place)
{
    const struct ws_host *host = tcp->file.host;
    for (uint32_t fd = 0; fd < host->cap_files; fd++) {
        const struct ws_tcp *other = socket_at(host, fd);
        if (!other || other == tcp || !overlap(&other->local, place))
            continue;
        if (tcp->shares && other->shares)
            continue;
        if (!tcp->reuses || !other->reuses || other->state == WS_LISTENING)
            return false;
    }
    return true;
}

static bool
is_in_use(const struct ws_host *host, uint16_t port)
{
    for (uint32_t fd = 0; fd < host->cap_files; fd++) {
        const struct ws_tcp *tcp = socket_at(host, fd);
        if (tcp && tcp->local.port == port)
            return true;
    }
    return false;
}

uint16_t
ws_free_port(struct ws_host *host)
{
    uint16_t port;
    do {
        port = host->next_port++;
        if (host->next_port == 0)
            host->next_port = 32768;
    } while (is_in_use(host, port));
    return port;
}
