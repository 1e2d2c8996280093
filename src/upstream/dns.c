/* SPDX-License-Identifier: MIT */
/*
 * The resolver of `dns:HOST:PORT`: every address of the name is a server. The C
 * library does not tell how long an address is valid, so the name is looked up
 * again after refresh_ms.
 */
#include "upstream/upstream.h"

#include <weft/net.h>

#include <errno.h>

#define LOOK_UP_MS 10000

static weft_err
publish(struct weft_resolver *resolver, struct weft_arena *arena,
        const struct weft_addresses *addresses)
{
    struct weft_endpoint *endpoints =
        weft_arena_zalloc(arena, addresses->len * sizeof *endpoints);
    if (!endpoints)
        return -ENOMEM;
    for (uint32_t i = 0; i < addresses->len; i++)
        endpoints[i].address = addresses->items[i];
    return weft_resolver_publish(resolver, endpoints, addresses->len);
}

weft_err
wf_resolve_dns(struct weft_resolver *resolver, const char *address, void *user)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_addresses addresses;
    (void)user;
    weft_err err = weft_resolve_until(address, weft_after_ms(LOOK_UP_MS),
                                      &arena, &addresses);
    if (err == WEFT_EADDRESS)
        weft_resolver_explain(resolver, "the host is unknown");
    else if (err == WEFT_ETIMEOUT)
        weft_resolver_explain(resolver, "no answer came within %d ms",
                              LOOK_UP_MS);
    if (!err)
        err = publish(resolver, &arena, &addresses);
    weft_arena_fini(&arena);
    return err;
}
