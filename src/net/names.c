/* SPDX-License-Identifier: MIT */
/* Finds the addresses of a host name and gives them to users as text. */
#include "net/resolve.h"

#include <weft/net.h>

#include <netdb.h>
#include <string.h>

#define TEXT_MAX 128 /* bytes; any address is shorter */

/* The texts found so far. `max`: how many texts the list has space for. */
struct list {
    struct weft_arena *arena;
    const char **items;
    uint32_t len, max;
};

static weft_err
begin(struct list *list, uint32_t max)
{
    list->items = weft_arena_alloc(list->arena, max * sizeof *list->items);
    list->max = max;
    return list->items ? WEFT_OK : WEFT_EBUDGET;
}

/* Add an address unless the list has it already. */
static weft_err
add(struct list *list, const struct wf_addr *addr)
{
    char text[TEXT_MAX];
    wf_addr_print(addr, text, sizeof text);
    for (uint32_t i = 0; i < list->len; i++)
        if (!strcmp(list->items[i], text))
            return WEFT_OK;
    struct weft_str kept = weft_arena_str(list->arena, text, strlen(text));
    if (!kept.ptr)
        return WEFT_EBUDGET;
    WF_CHECK(list->len < list->max);
    list->items[list->len++] = kept.ptr;
    return WEFT_OK;
}

static weft_err
add_found(struct list *list, const struct addrinfo *first)
{
    uint32_t n = 0;
    for (const struct addrinfo *a = first; a; a = a->ai_next)
        n++;
    weft_err err = begin(list, n);
    for (const struct addrinfo *a = first; a && !err; a = a->ai_next) {
        struct wf_addr addr = {.len = a->ai_addrlen};
        if (a->ai_addrlen > sizeof addr.any)
            continue;
        memcpy(&addr.any, a->ai_addr, a->ai_addrlen);
        err = add(list, &addr);
    }
    return err || list->len > 0 ? err : WEFT_EADDRESS;
}

weft_err
weft_resolve_until(const char *address, uint64_t deadline_ns,
                   struct weft_arena *arena, struct weft_addresses *addresses)
{
    struct wf_addr addrs[WF_ADDRS_MAX];
    struct wf_found found;
    char host[256];
    const char *port;
    struct list list = {.arena = arena};
    *addresses = (struct weft_addresses){NULL, 0};
    int n = wf_addr_parse(address, addrs, host, &port);
    weft_err err = n < 0 ? n : WEFT_OK;
    if (n > 0)
        err = begin(&list, (uint32_t)n);
    for (int i = 0; i < n && !err; i++)
        err = add(&list, &addrs[i]);
    if (n == 0)
        err = wf_found_get(host, port, deadline_ns, &found);
    if (n == 0 && !err) {
        err = add_found(&list, found.first);
        wf_found_put(&found);
    }
    if (!err)
        *addresses = (struct weft_addresses){list.items, list.len};
    return err;
}

weft_err
weft_resolve(const char *address, struct weft_arena *arena,
             struct weft_addresses *addresses)
{
    return weft_resolve_until(address, WEFT_NEVER, arena, addresses);
}
