/* SPDX-License-Identifier: MIT */
/*
 * The resolvers of `dns:` and `srv:`. Each address of a name is a server.
 *
 * An answer says how long it is valid; then the name is looked up again, but
 * not sooner than LEAST_MS after the last time, and at the latest after
 * refresh_ms. getaddrinfo does not say it, so there refresh_ms alone counts.
 */
#include "upstream/dns.h"

#include <weft/net.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LOOK_UP_MS 10000
/* So a name whose answers are valid for no time does not flood the servers. */
#define LEAST_MS 1000u

/* ---- by getaddrinfo ---- */

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

/* Say why a look-up has failed. Returns the error. */
static weft_err
explain(struct weft_resolver *resolver, weft_err err)
{
    if (err == WEFT_EADDRESS)
        weft_resolver_explain(resolver, "the host is unknown");
    else if (err == WEFT_ETIMEOUT)
        weft_resolver_explain(resolver, "no answer came within %d ms",
                              LOOK_UP_MS);
    return err;
}

static weft_err
ask_libc(struct weft_resolver *resolver, const char *address)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_addresses addresses;
    weft_err err = weft_resolve_until(address, weft_after_ms(LOOK_UP_MS),
                                      &arena, &addresses);
    if (err)
        err = explain(resolver, err);
    else
        err = publish(resolver, &arena, &addresses);
    weft_arena_fini(&arena);
    return err;
}

/* ---- one look-up by c-ares ---- */

struct lookup {
    struct weft_resolver *resolver;
    struct wf_dns *dns;
    uint64_t deadline_ns;
    uint32_t ttl_s;
    struct weft_arena arena;
    struct wf_registry_list list;
};

/* Ask questions, and wait for all answers. */
static weft_err
ask(struct lookup *l, struct wf_dns_question *questions, uint32_t n)
{
    weft_err err = wf_dns_ask(l->dns, questions, n, l->deadline_ns);
    if (err == WEFT_ETIMEOUT)
        return explain(l->resolver, err);
    for (uint32_t i = 0; i < n && !err; i++) {
        struct wf_dns_question *q = &questions[i];
        if (!q->err)
            l->ttl_s = WF_MIN(l->ttl_s, q->ttl_s);
        else if (q->err != WEFT_EADDRESS)
            err = q->err;
        if (err)
            weft_resolver_explain(l->resolver, "`%.100s`: %s", q->name, q->why);
    }
    return err;
}

/* Add the addresses of an answer as servers. */
static weft_err
add(struct lookup *l, const struct wf_dns_addresses *found, unsigned port,
    uint32_t weight)
{
    weft_err err = WEFT_OK;
    for (uint32_t i = 0; i < found->len && !err; i++) {
        struct weft_str address =
            weft_arena_printf(&l->arena, "%s:%u", found->items[i], port);
        err = address.ptr ? wf_registry_add(
                                &l->list, &l->arena,
                                &(struct weft_endpoint){.address = address.ptr,
                                                        .weight = weight})
                          : WEFT_EBUDGET;
        if (l->list.len > WF_ENDPOINTS_MAX) {
            weft_resolver_explain(l->resolver, "more than %u addresses",
                                  WF_ENDPOINTS_MAX);
            err = -E2BIG;
        }
    }
    return err;
}

/* Look up, publish, and say when to look up again. */
static weft_err
run(struct weft_resolver *resolver, const struct wf_dns_name *name,
    weft_err (*look_up)(struct lookup *l, const char *name))
{
    struct lookup l = {.resolver = resolver,
                       .deadline_ns = weft_after_ms(LOOK_UP_MS),
                       .ttl_s = INT32_MAX,
                       .arena = WEFT_ARENA_INIT};
    weft_err err = wf_dns_open(name->servers, &l.arena, &l.dns);
    if (err)
        return err;
    err = look_up(&l, name->name);
    wf_dns_close(l.dns);
    if (!err) {
        uint32_t least_ms = WF_MUTANT(ttl_without_floor) ? 1 : LEAST_MS;
        wf_resolver_valid_for(resolver,
                              WF_MAX((uint64_t)l.ttl_s * 1000, least_ms));
        err = wf_registry_publish(l.list.items, l.list.len, resolver);
    }
    weft_arena_fini(&l.arena);
    return err;
}

/* ---- dns: ---- */

static weft_err
look_host_up(struct lookup *l, const char *address)
{
    const char *colon = strrchr(address, ':');
    struct weft_str host =
        weft_arena_str(&l->arena, address, (size_t)(colon - address));
    struct wf_dns_question q = {.name = host.ptr};
    if (!host.ptr)
        return WEFT_EBUDGET;
    weft_err err = ask(l, &q, 1);
    if (!err && q.err)
        err = explain(l->resolver, q.err);
    return err ? err
               : add(l, &q.found, (unsigned)strtoul(colon + 1, NULL, 10), 1);
}

/* True if an address of the target must be looked up by c-ares: it is no
 * numeric address, and no test answers in the place of name servers. Nor is it
 * localhost, for which c-ares 1.18 leaks 10 bytes. */
static bool
needs_servers(const struct wf_dns_name *name)
{
    size_t dots = strspn(name->name, "0123456789.");
    if (!wf_dns_is_there() || name->name[0] == '[' || name->name[dots] == ':' ||
        strncmp(name->name, "unix:", 5) == 0 ||
        strncasecmp(name->name, "localhost:", 10) == 0)
        return false;
    return *name->servers || !wf_sys_answers_names();
}

weft_err
wf_resolve_dns(struct weft_resolver *resolver, const char *text, void *user)
{
    struct wf_dns_name name;
    (void)user;
    weft_err err = wf_dns_read_name(text, &name);
    if (err)
        return err;
    return needs_servers(&name) ? run(resolver, &name, look_host_up)
                                : ask_libc(resolver, name.name);
}

/* ---- srv: ---- */

static int
by_host(const void *a, const void *b)
{
    const struct wf_srv_record *x = a, *y = b;
    return strcasecmp(x->host, y->host);
}

/* Add the servers of the records, which are sorted by their hosts, as the
 * questions are. A host without an address is left out. */
static weft_err
add_hosts(struct lookup *l, const struct wf_srv_records *records,
          const struct wf_dns_question *hosts)
{
    weft_err err = WEFT_OK;
    for (uint32_t i = 0; i < records->len && !err; i++) {
        const struct wf_srv_record *record = &records->items[i];
        if (i > 0 && by_host(record, record - 1) != 0)
            hosts++;
        if (!hosts->err)
            err = add(l, &hosts->found, record->port, record->weight);
        else
            wf_log_limited(WEFT_LOG_WARN,
                           "srv: a server is left out: the host `%.100s` is "
                           "unknown",
                           record->host);
    }
    return err;
}

/* Ask for the addresses of the hosts, once for each. */
static weft_err
look_hosts_up(struct lookup *l, struct wf_srv_records *records)
{
    uint32_t n = 0;
    struct wf_dns_question *hosts =
        weft_arena_zalloc(&l->arena, records->len * sizeof *hosts);
    if (!hosts)
        return WEFT_EBUDGET;
    qsort(records->items, records->len, sizeof *records->items, by_host);
    for (uint32_t i = 0; i < records->len; i++)
        if (i == 0 || by_host(&records->items[i], &records->items[i - 1]) != 0)
            hosts[n++].name = records->items[i].host;
    weft_err err = ask(l, hosts, n);
    return err ? err : add_hosts(l, records, hosts);
}

static weft_err
look_service_up(struct lookup *l, const char *name)
{
    struct wf_dns_question q = {.name = name, .is_service = true};
    weft_err err = ask(l, &q, 1);
    if (!err && q.err) {
        weft_resolver_explain(l->resolver, "the name has no SRV record of a "
                                           "server");
        err = q.err;
    }
    if (!err)
        err = look_hosts_up(l, &q.records);
    if (!err && l->list.len == 0) {
        weft_resolver_explain(l->resolver, "no host of the service is known");
        err = WEFT_EADDRESS;
    }
    return err;
}

weft_err
wf_resolve_srv(struct weft_resolver *resolver, const char *text, void *user)
{
    struct wf_dns_name name;
    (void)user;
    weft_err err = wf_dns_read_name(text, &name);
    if (!err && !*name.servers && wf_sys_answers_names()) {
        weft_resolver_explain(resolver, "simulated names have no SRV records; "
                                        "name a server: srv://ADDRESS/NAME");
        err = -ENOTSUP;
    }
    return err ? err : run(resolver, &name, look_service_up);
}
