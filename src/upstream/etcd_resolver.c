/* SPDX-License-Identifier: MIT */
/*
 * The resolver of `etcd:HOST:PORT/PREFIX`: the servers are the values of all
 * keys below "/PREFIX/". A server that has been restarted is there twice until
 * its old lease ends.
 */
#include "upstream/etcd.h"

#include <string.h>

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
    struct wf_etcd etcd = {.http = http,
                           .prefix = prefix,
                           .on_list = wf_registry_publish,
                           .user = resolver};
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
    const char *path;
    (void)user;
    weft_err err = wf_registry_open(name, 0, &http, &path);
    if (!err) {
        err = follow(resolver, http, prefix_of(path, &arena));
        weft_http_free(http);
    }
    weft_arena_fini(&arena);
    return err;
}
