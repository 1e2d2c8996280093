/* SPDX-License-Identifier: MIT */
/* The text of the targets `dns:` and `srv:`. */
#include "upstream/dns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_LEN 253 /* of a name in DNS */
#define SERVER_MAX 64    /* bytes of ADDRESS:PORT; any one is shorter */

/* True if the text is ADDRESS:PORT, with a numeric address and a port other
 * than 0. */
static bool
is_numeric(const char *text)
{
    unsigned char address[sizeof(struct in6_addr)];
    char host[SERVER_MAX];
    const char *colon = strrchr(text, ':');
    if (wf_address_check(text) || !colon ||
        strspn(colon, ":0") == strlen(colon))
        return false;
    bool is_ipv6 = *text == '[';
    if (is_ipv6 && (colon - text < 2 || colon[-1] != ']'))
        return false;
    size_t len = (size_t)(colon - text) - (is_ipv6 ? 2 : 0);
    memcpy(host, text + is_ipv6, len);
    host[len] = '\0';
    return inet_pton(is_ipv6 ? AF_INET6 : AF_INET, host, address) == 1;
}

/* Append a server ADDRESS[:PORT] of `len` bytes to the list. */
static weft_err
add_server(const char *text, size_t len, char *list, size_t size)
{
    char server[SERVER_MAX];
    size_t used = strlen(list);
    if (len == 0 || len > sizeof server - sizeof ":53")
        return WEFT_EADDRESS;
    memcpy(server, text, len);
    server[len] = '\0';
    if (!strchr(server, ':') || server[len - 1] == ']')
        strcat(server, ":53");
    if (!is_numeric(server) || used + strlen(server) + 2 > size)
        return WEFT_EADDRESS;
    snprintf(list + used, size - used, "%s%s", used ? "," : "", server);
    return WEFT_OK;
}

weft_err
wf_dns_read_name(const char *text, struct wf_dns_name *name)
{
    weft_err err = WEFT_OK;
    *name = (struct wf_dns_name){.name = text};
    if (strncmp(text, "//", 2) != 0)
        return WEFT_OK;
    const char *slash = strchr(text + 2, '/');
    if (!slash)
        return WEFT_EADDRESS;
    name->name = slash + 1;
    const char *at = text + 2;
    for (bool more = at < slash; more && !err;) {
        size_t len = strcspn(at, ",/");
        err = add_server(at, len, name->servers, sizeof name->servers);
        more = at[len] == ',';
        at += len + 1;
    }
    return err;
}

static weft_err
check_ares(const char *kind, const char *text)
{
    if (wf_dns_is_there())
        return WEFT_OK;
    wf_log(WEFT_LOG_ERROR,
           "%s%.100s: this build of weft has no c-ares; install it (Debian: "
           "libc-ares-dev), and build weft again",
           kind, text);
    return -ENOTSUP;
}

weft_err
wf_dns_check(const char *text)
{
    struct wf_dns_name name;
    weft_err err = wf_dns_read_name(text, &name);
    if (!err)
        err = wf_address_check(name.name);
    return err || !*name.servers ? err : check_ares("dns:", text);
}

weft_err
wf_srv_check(const char *text)
{
    struct wf_dns_name name;
    weft_err err = wf_dns_read_name(text, &name);
    if (err)
        return err;
    size_t len = strlen(name.name);
    if (len == 0 || len > NAME_MAX_LEN)
        return WEFT_EADDRESS;
    for (const char *c = name.name; *c; c++)
        if (*c <= ' ' || strchr("/:;,\\", *c) || (unsigned char)*c >= 0x7f)
            return WEFT_EADDRESS;
    return check_ares("srv:", text);
}
