/* SPDX-License-Identifier: MIT */
#include "net/addr.h"

#include "net/dial.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static int
unix_addr(const char *path, struct wf_addr *out)
{
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof out->any.un.sun_path)
        return WEFT_EADDRESS;
    memset(out, 0, sizeof *out);
    out->any.un.sun_family = AF_UNIX;
    memcpy(out->any.un.sun_path, path, len);
    out->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
    /* an abstract name begins with a NUL and does not end with one */
    if (path[0] == '@') {
        out->any.un.sun_path[0] = 0;
        out->len--;
    }
    return 1;
}

/* Split "host:port" or "[host]:port" into the host and the port. */
static bool
split(const char *text, char host[256], const char **port)
{
    const char *colon = strrchr(text, ':');
    if (!colon)
        return false;
    size_t len = (size_t)(colon - text);
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    } else if (memchr(text, ':', len)) {
        return false; /* IPv6 without brackets is ambiguous */
    }
    if (len >= 256)
        return false;
    memcpy(host, text, len);
    host[len] = 0;
    *port = colon + 1;
    return strcmp(host, "*") != 0; /* getaddrinfo would return the loopback
                                      address for "*" */
}

static bool
is_port(const char *text)
{
    unsigned value = 0;
    for (const char *p = text; *p; p++) {
        if (*p < '0' || *p > '9' || p - text >= 5)
            return false;
        value = value * 10 + (unsigned)(*p - '0');
    }
    return *text && value <= 65535;
}

weft_err
wf_address_check(const char *text)
{
    struct wf_addr addr;
    char host[256];
    const char *port;
    if (strncmp(text, "unix:", 5) == 0)
        return unix_addr(text + 5, &addr) < 0 ? WEFT_EADDRESS : WEFT_OK;
    return split(text, host, &port) && is_port(port) && *host ? WEFT_OK
                                                              : WEFT_EADDRESS;
}

/* Set *out to the IPv6 wildcard address, for a text without a host, such as
 * ":9090". A socket with this address accepts IPv4 and IPv6 connections. */
static int
wildcard(const char *port, struct wf_addr *out)
{
    memset(out, 0, sizeof *out);
    out->any.in6.sin6_family = AF_INET6;
    out->any.in6.sin6_addr = in6addr_any;
    out->any.in6.sin6_port = htons((uint16_t)strtoul(port, NULL, 10));
    out->len = sizeof out->any.in6;
    return 1;
}

int
wf_addr_split(const char *text, struct wf_addr *out, char host[256],
              const char **port)
{
    if (strncmp(text, "unix:", 5) == 0)
        return unix_addr(text + 5, out);
    if (!split(text, host, port) || !is_port(*port))
        return WEFT_EADDRESS;
    return *host ? 0 : wildcard(*port, out);
}

/* A pointer to the port in the address. NULL: the address has no port. */
static in_port_t *
port_of(const struct wf_addr *addr)
{
    struct wf_addr *a = (struct wf_addr *)(uintptr_t)addr;
    if (a->any.sa.sa_family == AF_INET)
        return &a->any.in.sin_port;
    return a->any.sa.sa_family == AF_INET6 ? &a->any.in6.sin6_port : NULL;
}

uint16_t
wf_addr_port(const struct wf_addr *addr)
{
    const in_port_t *port = port_of(addr);
    return port ? ntohs(*port) : 0;
}

void
wf_addr_set_port(struct wf_addr *addr, uint16_t port)
{
    in_port_t *at = port_of(addr);
    if (at)
        *at = htons(port);
}

bool
wf_addr_is_any(const struct wf_addr *addr)
{
    if (addr->any.sa.sa_family == AF_INET)
        return addr->any.in.sin_addr.s_addr == htonl(INADDR_ANY);
    return addr->any.sa.sa_family == AF_INET6 &&
           IN6_IS_ADDR_UNSPECIFIED(&addr->any.in6.sin6_addr);
}

static void
print_unix(const struct wf_addr *addr, char *text, size_t size)
{
    size_t head = offsetof(struct sockaddr_un, sun_path);
    size_t len = addr->len > head ? addr->len - head : 0;
    const char *path = addr->any.un.sun_path;
    if (len == 0)
        snprintf(text, size, "unix:");
    else if (path[0] == 0)
        snprintf(text, size, "unix:@%.*s", (int)len - 1, path + 1);
    else
        snprintf(text, size, "unix:%.*s", (int)strnlen(path, len), path);
}

void
wf_addr_print(const struct wf_addr *addr, char *text, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "?";
    if (addr->any.sa.sa_family == AF_UNIX) {
        print_unix(addr, text, size);
    } else if (addr->any.sa.sa_family == AF_INET) {
        inet_ntop(AF_INET, &addr->any.in.sin_addr, host, sizeof host);
        snprintf(text, size, "%s:%u", host,
                 (unsigned)ntohs(addr->any.in.sin_port));
    } else {
        const struct sockaddr_in6 *in6 = &addr->any.in6;
        inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
        unsigned port = ntohs(in6->sin6_port), scope = in6->sin6_scope_id;
        if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
            snprintf(text, size, "%s:%u", host + 7, port);
        else if (scope)
            snprintf(text, size, "[%s%%%u]:%u", host, scope, port);
        else
            snprintf(text, size, "[%s]:%u", host, port);
    }
}
