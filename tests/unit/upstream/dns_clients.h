/* SPDX-License-Identifier: MIT */
/* Clients whose servers a name server of the test tells. Included after
 * cmocka.h. */
#ifndef WEFT_TESTS_UPSTREAM_DNS_CLIENTS_H
#define WEFT_TESTS_UPSTREAM_DNS_CLIENTS_H

#include "upstream/dns.h"

#include "dns_stub.h"
#include "unit/rpc/rpc_test.h"

#include <weft/upstream.h>

#define HOUR_S 3600u
#define NEVER_S 1000000000u /* longer than any refresh_ms */

static struct dns_stub stub;
static char at_stub[32];
static struct house house;

static inline struct dns_zone
zone_of(const char *a, const char *b)
{
    return (struct dns_zone){
        .hosts = {{.name = "inbox.test", .addresses = {a, a ? b : NULL}}},
        .ttl_s = HOUR_S};
}

static inline void
set(const struct dns_zone *zone)
{
    dns_stub_set(&stub, zone);
}

/* A client of a name, which `servers` know. A service has no port. */
static inline struct weft_client *
new_client_of(const char *servers, const char *name, uint32_t refresh_ms)
{
    const struct weft_upstream_options upstream = {.balance = WEFT_ROUND_ROBIN,
                                                   .refresh_ms = refresh_ms};
    const struct weft_client_options options = {.upstream = &upstream};
    struct weft_client *client;
    char target[200];
    if (*name == '_')
        snprintf(target, sizeof target, "srv://%s/%s", servers, name);
    else
        snprintf(target, sizeof target, "dns://%s/%s:%u", servers, name,
                 (unsigned)house_port(&house));
    MUST(!weft_client_new(target, &options, &client));
    return client;
}

static inline struct weft_client *
new_client(uint32_t refresh_ms)
{
    return new_client_of(at_stub, "inbox.test", refresh_ms);
}

static inline struct weft_client *
new_service(uint32_t refresh_ms)
{
    return new_client_of(at_stub, "_inbox._tcp.test", refresh_ms);
}

static inline struct weft_client_stats
stats_of(struct weft_client *client)
{
    struct weft_client_stats stats;
    weft_client_get_stats(client, &stats);
    return stats;
}

/* Returns the list as "ADDRESS=WEIGHT ...", in the order of the addresses. */
static inline const char *
list_of(struct weft_client *client)
{
    static char text[400];
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    size_t at = 0;
    MUST(!weft_client_get_endpoints(client, &arena, &views));
    text[0] = '\0';
    for (uint32_t i = 0; i < views.len && at < sizeof text; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s=%u",
                               i ? " " : "", views.items[i].address.ptr,
                               (unsigned)views.items[i].weight);
    weft_arena_fini(&arena);
    return text;
}

static inline uint32_t
n_servers(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    MUST(!weft_client_get_endpoints(client, &arena, &views));
    weft_arena_fini(&arena);
    return views.len;
}

static inline weft_err
add(struct weft_client *client)
{
    int64_t sum;
    return call_add(client, 1, 2, &sum);
}

static inline int
asked(void)
{
    return wf_load(&stub.n_udp, seq_cst);
}

/* ---- the program ---- */

static inline int
dns_start(void **state)
{
    const struct weft_runtime_options options = {.workers = 2};
    (void)state;
    alarm(300);
    MUST(!weft_runtime_start(&options));
    house_open(&house, NULL, NULL, NULL);
    dns_stub_open(&stub);
    snprintf(at_stub, sizeof at_stub, "127.0.0.1:%u", (unsigned)stub.port);
    return 0;
}

static inline int
dns_stop(void **state)
{
    (void)state;
    dns_stub_close(&stub);
    house_close(&house);
    return weft_runtime_stop();
}

#endif
