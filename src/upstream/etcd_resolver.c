/* SPDX-License-Identifier: MIT */
/*
 * The resolver of `etcd:HOST:PORT/PREFIX`: the servers are the values of all
 * keys below "/PREFIX/". A server that has been restarted is there twice until
 * its old lease ends, so an address that is there twice counts once.
 */
#include "upstream/etcd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
by_address(const void *a, const void *b)
{
    const struct weft_endpoint *x = a, *y = b;
    int order = strcmp(x->address, y->address);
    return order ? order : x->weight < y->weight ? 1 : -(x->weight > y->weight);
}

/* Sort, and keep the highest weight of each address. Returns how many are
 * left. */
static uint32_t
drop_doubles(struct weft_endpoint *items, uint32_t n)
{
    uint32_t kept = 0;
    if (n > 0)
        qsort(items, n, sizeof *items, by_address);
    for (uint32_t i = 0; i < n; i++)
        if (i == 0 || strcmp(items[i].address, items[i - 1].address) != 0)
            items[kept++] = items[i];
    return kept;
}

static weft_err
publish(const struct weft_endpoint *endpoints, uint32_t n, void *resolver)
{
    struct weft_endpoint *items = wf_sys_malloc(n * sizeof *items + 1);
    if (!items)
        return -ENOMEM;
    if (n > 0)
        memcpy(items, endpoints, n * sizeof *items);
    weft_err err =
        weft_resolver_publish(resolver, items, drop_doubles(items, n));
    wf_sys_free(items);
    return err;
}

/* The prefix of the keys: what follows the address, with one `/` at its end. */
static struct weft_str
prefix_of(const char *path, struct weft_arena *arena)
{
    size_t n = strlen(path);
    return weft_arena_printf(arena, "%s%s", path,
                             path[n - 1] == '/' ? "" : "/");
}

static weft_err
follow(struct weft_resolver *resolver, struct weft_http *http,
       struct weft_str prefix)
{
    struct wf_etcd etcd = {
        .http = http, .prefix = prefix, .on_list = publish, .user = resolver};
    if (!prefix.ptr)
        return WEFT_EBUDGET;
    weft_err err = wf_etcd_follow(&etcd);
    if (*etcd.why)
        weft_resolver_explain(resolver, "%s", etcd.why);
    return err;
}

weft_err
wf_resolve_etcd(struct weft_resolver *resolver, const char *name, void *user)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_http *http;
    const char *path = strchr(name, '/'); /* begin_etcd has found it */
    struct weft_str address =
        weft_arena_str(&arena, name, (size_t)(path - name));
    (void)user;
    weft_err err =
        address.ptr ? weft_http_new(address.ptr, NULL, &http) : WEFT_EBUDGET;
    if (!err) {
        err = follow(resolver, http, prefix_of(path, &arena));
        weft_http_free(http);
    }
    weft_arena_fini(&arena);
    return err;
}
