/* SPDX-License-Identifier: MIT */
/* Converts addresses between text and the structs of the kernel; see
 * weft/net.h. */
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

/* Split the text of an address. Returns 1 if the text names no host: *out
 * receives the address. Returns 0 if the text names a host: the host is copied
 * to `host`, and *port points into `text`. WEFT_EADDRESS: the text is no
 * address. */
int wf_addr_split(const char *text, struct wf_addr *out, char host[256],
                  const char **port) WEFT_CHECKED;

/* The port of the address; 0 for a unix socket. */
uint16_t wf_addr_port(const struct wf_addr *addr);
void wf_addr_set_port(struct wf_addr *addr, uint16_t port);

/* True if the address is the wildcard of IPv4 or IPv6. */
bool wf_addr_is_any(const struct wf_addr *addr);

/* Write the address as text, at most `size` bytes including the NUL. */
void wf_addr_print(const struct wf_addr *addr, char *text, size_t size);

#endif
