/* SPDX-License-Identifier: MIT */
/*
 * The entry of a server in Consul, through an agent: a service with a TTL
 * check, which the server passes again and again. If the server dies, the check
 * becomes critical, and clients no longer find the server; Consul deletes the
 * entry some time later.
 *
 * The id of the entry is random for each start, so that a request of an old
 * process that is late never deletes the entry of a new one. A client counts
 * an address once that is there twice. Source: Consul's HTTP API, Agent.
 */
#include "upstream/consul.h"
#include "upstream/register.h"

#include <stdio.h>
#include <string.h>

#define DELETE_S 60u /* Consul's least time before it deletes an entry */

static weft_err
fail(struct wf_entry *entry, weft_err err, struct weft_str text)
{
    return wf_registry_explain(entry->why, "consul", err, text);
}

/* The name of the service, and the length of this name. */
static const char *
service_of(const struct wf_entry *entry, int *n)
{
    *n = (int)strcspn(entry->path + 1, "?");
    return entry->path + 1;
}

/* The id of the entry in the agent. */
static struct weft_str
id_of(const struct wf_entry *entry, struct weft_arena *arena)
{
    int n;
    const char *service = service_of(entry, &n);
    return weft_arena_printf(arena, "%.*s-%016llx", n, service,
                             (unsigned long long)entry->id);
}

static weft_err
check(const char *name)
{
    weft_err err = wf_registry_check(name);
    if (err)
        return err;
    const char *path = strchr(name, '/');
    err = wf_consul_check(path + 1);
    bool is_coded = memchr(path, '%', strcspn(path, "?"));
    return is_coded ? WEFT_EADDRESS : err;
}

/* Send PUT /v1/agent/WHAT with the query of the target. */
static weft_err
ask(struct wf_entry *entry, struct weft_str what, struct weft_str body,
    uint64_t deadline_ns, struct weft_arena *arena,
    struct weft_http_response *r)
{
    const char *query = entry->path + strcspn(entry->path, "?");
    struct weft_str path =
        weft_arena_printf(arena, "/v1/agent/%.*s%s", WEFT_FMT(what), query);
    const struct weft_http_request request = {
        .method = "PUT", .path = path.ptr, .body = body};
    if (!what.ptr || !path.ptr || !body.ptr)
        return fail(entry, WEFT_EBUDGET, (struct weft_str){0});
    return wf_entry_ask(entry, "consul", &request, deadline_ns, arena, r);
}

/* ---- the entry ---- */

static struct weft_str
write_service(const struct wf_entry *entry, struct weft_arena *arena)
{
    int n, n_host;
    const char *service = service_of(entry, &n), *host = entry->address;
    const char *port = strrchr(host, ':') + 1;
    struct weft_str id = id_of(entry, arena),
                    tags = wf_entry_tags(entry, arena);
    bool is_ipv6 = *host == '[';
    host += is_ipv6;
    n_host = (int)(port - host) - 1 - is_ipv6;
    if (!id.ptr || !tags.ptr)
        return (struct weft_str){0};
    return weft_arena_printf(
        arena,
        "{\"ID\":\"%.*s\",\"Name\":\"%.*s\",\"Address\":\"%.*s\",\"Port\":%s,"
        "\"Tags\":[%.*s],\"Weights\":{\"Passing\":%u,\"Warning\":1},"
        "\"Check\":{\"TTL\":\"%ums\",\"Status\":\"passing\","
        "\"DeregisterCriticalServiceAfter\":\"%us\"}}",
        WEFT_FMT(id), n, service, n_host, host, port, WEFT_FMT(tags),
        (unsigned)entry->weight, (unsigned)entry->ttl_ms, DELETE_S);
}

static weft_err
put(struct wf_entry *entry, uint64_t deadline_ns, struct weft_arena *arena)
{
    struct weft_http_response r = {0};
    entry->may_exist = true;
    weft_err err = ask(entry, WEFT_STR("service/register"),
                       write_service(entry, arena), deadline_ns, arena, &r);
    if (!err && r.status != 200)
        err = fail(entry, WEFT_EHTTP, r.body);
    entry->is_held = !err;
    entry->n_made += !err;
    return err;
}

/* Pass the check. If the agent does not know it, the agent has lost the entry,
 * or has begun anew. */
static weft_err
renew(struct wf_entry *entry, uint64_t deadline_ns, struct weft_arena *arena)
{
    struct weft_http_response r = {0};
    struct weft_str id = id_of(entry, arena);
    weft_err err =
        ask(entry,
            weft_arena_printf(arena, "check/pass/service:%.*s", WEFT_FMT(id)),
            WEFT_STR(""), deadline_ns, arena, &r);
    if (err || r.status == 200)
        return err;
    if (r.status != 404 && r.status != 500) /* 500: older versions */
        return fail(entry, WEFT_EHTTP, r.body);
    entry->is_held = false;
    return WEFT_OK;
}

static weft_err
hold(struct wf_entry *entry, uint64_t deadline_ns)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    if (entry->id == 0)
        entry->id = wf_sys_random() | 1;
    weft_err err = entry->is_held ? renew(entry, deadline_ns, &arena) : WEFT_OK;
    if (!err && !entry->is_held)
        err = put(entry, deadline_ns, &arena);
    weft_arena_fini(&arena);
    return err;
}

static weft_err
leave(struct wf_entry *entry, uint64_t deadline_ns)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_http_response r = {0};
    struct weft_str id = id_of(entry, &arena);
    weft_err err =
        ask(entry,
            weft_arena_printf(&arena, "service/deregister/%.*s", WEFT_FMT(id)),
            WEFT_STR(""), deadline_ns, &arena, &r);
    if (!err && r.status != 200 && r.status != 404) /* 404: it is gone */
        err = fail(entry, WEFT_EHTTP, r.body);
    weft_arena_fini(&arena);
    return err;
}

const struct wf_registry_kind wf_registry_consul = {.name = "consul:",
                                                    .weight_most = 65535,
                                                    .check = check,
                                                    .hold = hold,
                                                    .leave = leave};
