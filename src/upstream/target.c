/* SPDX-License-Identifier: MIT */
/*
 * Makes a client from the text of its target. A target is an address, or
 *
 *   list:ENTRY[,ENTRY]...      see entries.c
 *   file:PATH
 *   dns:[//SERVER/]HOST:PORT   see dns_name.c
 *   srv:[//SERVER/]NAME
 *   etcd:HOST:PORT/PREFIX
 *   consul:HOST:PORT/SERVICE[?QUERY]
 *   zk:ADDRESS[,ADDRESS].../PATH
 *
 * If the user has a resolver of his own, that resolver reads the target.
 */
#include "upstream/consul.h"
#include "upstream/dns.h"
#include "upstream/zk.h"

#include <errno.h>
#include <string.h>

/* ---- list: ---- */

static weft_err
take_list(struct wf_upstream *up, const char *target, char *text)
{
    struct wf_entries entries;
    char why[WF_WHY] = "";
    weft_err err = wf_entries_read(text, ',', &entries, why);
    if (!err)
        err = wf_snapshot_publish(up, entries.items, entries.n, why);
    if (*why)
        wf_log(WEFT_LOG_ERROR, "%.40s...: %s", target, why);
    wf_entries_free(&entries);
    return err;
}

/* Give the client the list of its target. */
static weft_err
begin_list(struct wf_upstream *up, const char *target)
{
    const char *entries = strchr(target, ':') + 1;
    size_t size = strlen(entries) + 1;
    char *copy = wf_sys_malloc(size);
    weft_err err = copy ? WEFT_OK : -ENOMEM;
    if (copy)
        err = take_list(up, target, memcpy(copy, entries, size));
    wf_sys_free(copy);
    return err;
}

/* ---- file:, dns: and srv: ---- */

static weft_err
begin_file(struct wf_upstream *up, const char *target)
{
    const char *path = strchr(target, ':') + 1;
    return *path ? wf_resolver_new(up, target, path, wf_resolve_file, NULL)
                 : WEFT_EADDRESS;
}

static weft_err
begin_dns(struct wf_upstream *up, const char *target)
{
    const char *name = strchr(target, ':') + 1;
    weft_err err = wf_dns_check(name);
    return err ? err : wf_resolver_new(up, target, name, wf_resolve_dns, NULL);
}

static weft_err
begin_srv(struct wf_upstream *up, const char *target)
{
    const char *name = strchr(target, ':') + 1;
    weft_err err = wf_srv_check(name);
    return err ? err : wf_resolver_new(up, target, name, wf_resolve_srv, NULL);
}

/* ---- etcd:, consul: and zk: ---- */

static weft_err
begin_etcd(struct wf_upstream *up, const char *target)
{
    const char *name = strchr(target, ':') + 1;
    weft_err err = wf_registry_check(name);
    return err ? err : wf_resolver_new(up, target, name, wf_resolve_etcd, NULL);
}

static weft_err
begin_consul(struct wf_upstream *up, const char *target)
{
    const char *name = strchr(target, ':') + 1;
    weft_err err = wf_registry_check(name);
    if (!err)
        err = wf_consul_check(strchr(name, '/') + 1);
    return err ? err
               : wf_resolver_new(up, target, name, wf_resolve_consul, NULL);
}

static weft_err
begin_zk(struct wf_upstream *up, const char *target)
{
    const char *name = strchr(target, ':') + 1;
    weft_err err = wf_zk_check(name);
    return err ? err : wf_resolver_new(up, target, name, wf_resolve_zk, NULL);
}

/* ---- a resolver of the user ---- */

static weft_err
begin_own(struct wf_upstream *up, const char *target)
{
    return wf_resolver_new(up, target, target, up->options.resolve,
                           up->options.user);
}

/* ---- targets ---- */

typedef weft_err begin_fn(struct wf_upstream *up, const char *target);

/* Returns how a client of many servers gets its list. NULL: the target is an
 * address. */
static begin_fn *
kind_of(const char *target, const struct weft_client_options *options)
{
    if (options && options->upstream && options->upstream->resolve)
        return begin_own;
    if (strncmp(target, "list:", 5) == 0)
        return begin_list;
    if (strncmp(target, "file:", 5) == 0)
        return begin_file;
    if (strncmp(target, "dns:", 4) == 0)
        return begin_dns;
    if (strncmp(target, "srv:", 4) == 0)
        return begin_srv;
    if (strncmp(target, "etcd:", 5) == 0)
        return begin_etcd;
    if (strncmp(target, "consul:", 7) == 0)
        return begin_consul;
    if (strncmp(target, "zk:", 3) == 0)
        return begin_zk;
    return NULL;
}

weft_err
weft_client_new(const char *target, const struct weft_client_options *options,
                struct weft_client **out)
{
    begin_fn *begin = kind_of(target, options);
    if (!begin)
        return wf_client_new(target, options, out);
    weft_err err = wf_upstream_new(target, options, out);
    if (err)
        return err;
    err = begin(wf_upstream_of(*out), wf_client_address(*out));
    if (err) {
        weft_client_free(*out);
        *out = NULL;
    }
    return err;
}

/* ---- the list of a client ---- */

weft_err
weft_client_set_endpoints(struct weft_client *client,
                          const struct weft_endpoint *endpoints, uint32_t n)
{
    struct wf_upstream *up = wf_upstream_of(client);
    char why[WF_WHY] = "";
    if (!up || up->resolver)
        return -EINVAL;
    weft_err err = wf_snapshot_publish(up, endpoints, n, why);
    if (*why)
        wf_log_limited(WEFT_LOG_ERROR, "weft_client_set_endpoints: %s", why);
    return err;
}

struct look {
    struct wf_upstream *up;
    struct weft_arena *arena;
    struct weft_endpoint_views *views;
    weft_err err;
};

static void
view(const struct wf_item *item, void *arg)
{
    struct look *look = arg;
    const struct wf_endpoint *endpoint = item->endpoint;
    const struct wf_load *loads = wf_load(&endpoint->loads, acquire);
    const char *address = endpoint->address;
    uint64_t now = wf_sys_now_ns(), seen = 0;
    struct weft_endpoint_view *v =
        weft_push(look->arena, look->views, sizeof *v);
    if (!v) {
        look->err = WEFT_EBUDGET;
        return;
    }
    v->address =
        weft_arena_str(look->arena, address, (uint32_t)strlen(address));
    if (!v->address.ptr)
        look->err = WEFT_EBUDGET;
    if (wf_health_view(look->up, endpoint, look->arena, v))
        look->err = WEFT_EBUDGET;
    if (wf_breaker_view(item->endpoint, look->arena, v))
        look->err = WEFT_EBUDGET;
    v->weight = item->weight;
    v->is_near = item->is_near;
    /* the list cannot be replaced meanwhile */
    if (wf_tags_view(wf_load(&look->up->list, relaxed), item, look->arena,
                     &v->tag))
        look->err = WEFT_EBUDGET;
    v->in_flight = (uint32_t)wf_endpoint_in_flight(endpoint);
    for (uint32_t i = 0; loads && i < wf_parts_count(); i++) {
        uint64_t at = wf_load(&loads[i].seen_ns, relaxed);
        v->attempts += wf_load(&loads[i].begun, relaxed);
        v->failures += wf_load(&loads[i].failed, relaxed);
        if (at <= seen)
            continue;
        seen = at; /* so far the newest latency: report it */
        v->latency_ns = wf_load_decayed(wf_load(&loads[i].latency_ns, relaxed),
                                        now - WF_MIN(at, now));
    }
}

weft_err
weft_client_get_endpoints(struct weft_client *client, struct weft_arena *arena,
                          struct weft_endpoint_views *views)
{
    struct wf_upstream *up = wf_upstream_of(client);
    struct look look = {up, arena, views, WEFT_OK};
    *views = (struct weft_endpoint_views){0};
    if (!up)
        return -EINVAL;
    wf_health_end_ejections(up, wf_sys_now_ns());
    wf_snapshot_each_item(up, view, &look);
    return look.err;
}

weft_err
weft_client_get_policy(struct weft_client *client,
                       const struct weft_method *method,
                       struct weft_arena *arena, struct weft_policy_view *view)
{
    struct wf_upstream *up = wf_upstream_of(client);
    *view = (struct weft_policy_view){0};
    if (!up || !up->policies)
        return -EINVAL;
    return wf_policies_view(up->policies, method, arena, view);
}
