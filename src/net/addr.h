/* SPDX-License-Identifier: MIT */
/* Addresses as text and as the kernel wants them; see weft/net.h. */
#ifndef WEFT_NET_ADDR_H
#define WEFT_NET_ADDR_H

#include "base/base.h"

#include <netinet/in.h>
#include <sys/un.h>

struct wf_addr {
    union {
        struct sockaddr sa;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_un un;
        struct sockaddr_storage storage;
    } any;
    socklen_t len;
};

/* Take an address apart. Returns 1 if it names no host, and *out is its one
 * address; 0: the host is put into host, and *port points into text.
 * WEFT_EADDRESS. */
int wf_addr_split(const char *text, struct wf_addr *out, char host[256],
                  const char **port) WEFT_CHECKED;

/* 0 for a unix socket. */
uint16_t wf_addr_port(const struct wf_addr *addr);
void wf_addr_set_port(struct wf_addr *addr, uint16_t port);

/* Is the address the wildcard of IPv4 or IPv6? */
bool wf_addr_is_any(const struct wf_addr *addr);

/* As text, cut to size with its NUL. */
void wf_addr_print(const struct wf_addr *addr, char *text, size_t size);

#endif
