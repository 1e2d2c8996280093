/* SPDX-License-Identifier: MIT */
/*
 * Clients whose servers a name server tells, which is killed, cut off, frozen,
 * slow, silent, and lies, while servers are killed. A client that had servers
 * keeps some. When all is quiet, each client soon has the servers that were
 * named last, those of the lowest priority alone, because answers expire; and
 * the name server is not asked more often than is promised. Row 68 of
 * docs/threats.md.
 */
#include "ledger_calls.h"

#include "dns_zone.h"
#include "hurt_server.h"

#include <weft/net.h>
#include <weft/upstream.h>

#define SERVERS 3
#define CLIENTS 2
#define CALLERS 2
#define CALLS 15
#define HOUR_MS (3600 * 1000)

/* Hosts have their addresses in the order in which they are made. */
static const char *const addresses[SERVERS] = {"10.0.0.2", "10.0.0.3",
                                               "10.0.0.4"};
static const char *const names[SERVERS] = {"s0.test", "s1.test", "s2.test"};
static const char *const targets[CLIENTS] = {
    "srv://10.0.0.1/_ledger._tcp.test", "dns://10.0.0.1:53/ledger.test:9090"};
static weft_sim_host name_server, servers[SERVERS], caller;
static struct dns_zone zone;
static uint32_t failing; /* 1 while faults happen */
static uint32_t last;    /* the only server when all is quiet */
static uint32_t slow_ms; /* how long an answer takes, at most */

static void
serve(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(!ledger_serve());
}

/* ---- the name server ---- */

static weft_err
answer(struct weft_conn *conn, uint8_t *reply)
{
    uint8_t query[512];
    const uint8_t *bytes;
    int type;
    weft_err err = weft_conn_next(conn, 2, &bytes);
    size_t n = err ? 0 : (size_t)bytes[0] << 8 | bytes[1];
    if (!err)
        err = n > 0 && n <= sizeof query ? weft_conn_next(conn, n, &bytes)
                                         : WEFT_EPROTOCOL;
    if (err)
        return err;
    memcpy(query, bytes, n);
    if (slow_ms)
        (void)weft_sleep_ms((int64_t)below(slow_ms));
    size_t len = dns_reply(&zone, query, n, false, reply + 2, &type);
    reply[0] = (uint8_t)(len >> 8);
    reply[1] = (uint8_t)len;
    if (len > 0)
        err = weft_conn_write(conn, reply, len + 2);
    return err ? err : weft_conn_flush(conn);
}

static void
on_request(struct weft_conn *conn, void *user)
{
    uint8_t *reply = malloc(2 + DNS_REPLY_MAX);
    (void)user;
    WEFT_SIM_CHECK(reply);
    if (answer(conn, reply))
        weft_conn_abort(conn);
    free(reply);
}

static void
be_name_server(void *arg)
{
    static const struct weft_conn_hooks hooks = {.on_request = on_request};
    struct weft_listener *listener;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(NULL));
    WEFT_SIM_CHECK(!weft_listen(":53", &hooks, NULL, NULL, &listener));
    weft_sim_wait_for_others();
    (void)!weft_listener_stop_until(listener, weft_now_ns());
    weft_listener_free(listener);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- what it says ---- */

static uint32_t
draw_ttl(void)
{
    return (uint32_t)below(4);
}

/* All servers are named, but only some have the lowest priority. */
static void
name_all(const bool chosen[SERVERS])
{
    uint32_t n = 0;
    struct dns_host *host = &zone.hosts[0];
    zone =
        (struct dns_zone){.ttl_s = draw_ttl(), .service = "_ledger._tcp.test"};
    host->name = "ledger.test";
    for (int i = 0; i < SERVERS; i++) {
        zone.hosts[1 + i] =
            (struct dns_host){.name = names[i], .addresses = {addresses[i]}};
        zone.records[i] = (struct dns_record){
            chosen[i] ? 1 : 2, (uint16_t)below(4), 9090, names[i]};
        if (chosen[i])
            host->addresses[n++] = addresses[i];
    }
}

static void
name_some(void)
{
    bool chosen[SERVERS];
    for (int i = 0; i < SERVERS; i++)
        chosen[i] = below(2);
    name_all(chosen);
    switch (below(8)) {
    case 0:
        zone.rcode = below(2) ? DNS_NXDOMAIN : DNS_SERVFAIL;
        break;
    case 1:
        zone.wrong_id = true;
        break;
    case 2:
        zone.garbage = true;
        break;
    case 3:
        zone.silent = true;
        break;
    case 4:
        zone.wrong_question = true;
        break;
    default:
        break;
    }
    slow_ms = below(3) ? 0 : (uint32_t)below(3000);
}

static void
name_last(void)
{
    bool chosen[SERVERS] = {false};
    chosen[last] = true;
    name_all(chosen);
    slow_ms = 0;
}

/* ---- the clients ---- */

static uint32_t
look_at(struct weft_client *client, bool *is_last)
{
    char address[32];
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    snprintf(address, sizeof address, "%s:9090", addresses[last]);
    WEFT_SIM_CHECK(!weft_client_get_endpoints(client, &arena, &views));
    *is_last = views.len == 1 && !strcmp(views.items[0].address.ptr, address);
    weft_arena_fini(&arena);
    return views.len;
}

static void
look(void *arg)
{
    struct weft_client *const *clients = arg;
    bool had[CLIENTS] = {false}, is_last;
    while (failing) {
        for (int k = 0; k < CLIENTS; k++) {
            uint32_t n = look_at(clients[k], &is_last);
            WEFT_SIM_CHECK(n > 0 || !had[k]);
            had[k] = n > 0;
        }
        (void)weft_sleep_ms(100);
    }
}

/* An answer is valid for 3 s at most. */
static void
await_last(struct weft_client *client)
{
    bool is_last = false;
    for (int ms = 0; !is_last; ms += 10) {
        (void)look_at(client, &is_last);
        WEFT_SIM_CHECK(ms < 25000);
        (void)weft_sleep_ms(10);
    }
}

static uint64_t
n_lookups(struct weft_client *client)
{
    struct weft_client_stats stats;
    weft_client_get_stats(client, &stats);
    WEFT_SIM_SOMETIMES("a look-up has failed", stats.failed_lookups > 0);
    return stats.lookups;
}

/* When nothing fails, a name is looked up once in a second at most. */
static void
look_at_rest(struct weft_client *client)
{
    uint64_t before = n_lookups(client);
    (void)weft_sleep_ms(10000);
    WEFT_SIM_CHECK(n_lookups(client) - before <= 11);
    WEFT_SIM_CHECK(n_lookups(client) - before >= 2);
}

static void
call(void *arg)
{
    ledger_ask_some(arg, 1, CALLS);
}

static struct weft_client *
new_client(const char *target)
{
    const struct weft_upstream_options upstream = {
        .balance = (enum weft_balance)below(4), .refresh_ms = HOUR_MS};
    const struct weft_client_options options = {.upstream = &upstream};
    struct weft_client *client;
    WEFT_SIM_CHECK(!weft_client_new(target, &options, &client));
    return client;
}

/* A call ends at its deadline although the name server is silent. */
static void
ask_in_silence(void)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct ledger_run_args args = {.number = 0};
    struct ledger_run_result result;
    struct weft_client *client = new_client(targets[below(CLIENTS)]);
    const struct weft_call_options options = {.deadline_ns =
                                                  weft_now_ns() + 300 * MS};
    zone.silent = true;
    WEFT_SIM_CHECK(ledger_Ledger_run(client, &arena, &args, &result,
                                     &options) == WEFT_ETIMEOUT);
    WEFT_SIM_CHECK(weft_now_ns() < options.deadline_ns + SLACK_NS);
    zone.silent = false;
    ledger_ask_in_quiet(client);
    weft_client_free(client);
    weft_arena_fini(&arena);
}

static void
ask_in_quiet(struct weft_client *const *clients)
{
    wait_for_quiet(&failing);
    for (int turn = 0; turn < 2; turn++) {
        name_last();
        for (int k = 0; k < CLIENTS; k++) {
            await_last(clients[k]);
            ledger_ask_in_quiet(clients[k]);
        }
        last = (last + 1) % SERVERS;
    }
    look_at_rest(clients[below(CLIENTS)]);
    ask_in_silence();
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    struct weft_client *clients[CLIENTS];
    weft_fiber fibers[CLIENTS][CALLERS], looker;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    for (int k = 0; k < CLIENTS; k++)
        clients[k] = new_client(targets[k]);
    looker = start(look, clients);
    for (int k = 0; k < CLIENTS; k++)
        start_all(call, &clients[k], fibers[k], CALLERS);
    for (int k = 0; k < CLIENTS; k++)
        join_all(fibers[k], CALLERS);
    join_all(&looker, 1);
    ask_in_quiet(clients);
    for (int k = 0; k < CLIENTS; k++)
        weft_client_free(clients[k]);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- faults ---- */

static void
fail(void *arg)
{
    uint64_t until = below(12000) * (uint64_t)MS;
    (void)arg;
    weft_sim_faults(WEFT_SIM_INTERRUPTED | WEFT_SIM_RESET | WEFT_SIM_SLOW |
                    WEFT_SIM_SHORT | WEFT_SIM_MAYBE);
    while (weft_sim_now_ns() < until) {
        name_some();
        (void)weft_sleep_ms((int64_t)below(2000));
        hurt_server(below(2) ? name_server : servers[below(SERVERS)], caller,
                    1500);
    }
    end_faults(&failing);
}

static void
set_up(void)
{
    static const char *const hosts[SERVERS] = {"s0", "s1", "s2"};
    failing = 1;
    last = (uint32_t)below(SERVERS);
    name_last();
    name_server = weft_sim_host_new("ns", be_name_server, NULL);
    for (int i = 0; i < SERVERS; i++)
        servers[i] = weft_sim_host_new(hosts[i], serve, NULL);
    caller = weft_sim_host_new("caller", be_client, NULL);
    weft_sim_host_new("chaos", fail, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "dns",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
