/* SPDX-License-Identifier: MIT */
/*
 * Clients of many servers call while servers are killed and restarted, links
 * are cut, and the list of servers is replaced. No call runs twice, and when
 * all is quiet again, every server answers, and no attempt is in flight.
 */
#include "ledger_calls.h"

#include <weft/upstream.h>

#include <errno.h>

#define SERVERS 4
#define CALLERS 6
#define CALLS 40

static const struct weft_endpoint endpoints[SERVERS] = {
    {.address = "s0:9090", .weight = 1},
    {.address = "s1:9090", .weight = 3},
    {.address = "s2:9090", .weight = 1},
    {.address = "s3:9090", .weight = 2}};
static weft_sim_host servers[SERVERS], caller;
static uint32_t failing; /* 1 while faults happen */

static void
serve(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(!ledger_serve());
}

/* ---- the client ---- */

static void
call(void *arg)
{
    ledger_ask_some(arg, 1, CALLS);
}

/* What the client tells of its endpoints while it calls them. */
static void
look(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    WEFT_SIM_CHECK(!weft_client_get_endpoints(client, &arena, &views));
    for (uint32_t i = 0; i < views.len; i++) {
        const struct weft_endpoint_view *v = &views.items[i];
        WEFT_SIM_CHECK(v->in_flight <= CALLERS);
        WEFT_SIM_SOMETIMES("an attempt is in flight", v->in_flight > 0);
        WEFT_SIM_SOMETIMES("an attempt has failed", v->failures > 0);
    }
    weft_arena_fini(&arena);
}

/* Draw which servers are in the list. */
static void
replace(void *arg)
{
    struct weft_client *client = arg;
    while (failing) {
        struct weft_endpoint some[SERVERS];
        uint32_t n = 0;
        for (int i = 0; i < SERVERS; i++)
            if (weft_sim_random(3))
                some[n++] = endpoints[i];
        look(client);
        WEFT_SIM_SOMETIMES("the list is empty", n == 0);
        weft_err err = weft_client_set_endpoints(client, some, n);
        WEFT_SIM_CHECK(!err || err == -ENOMEM);
        (void)weft_sleep_ms((int64_t)weft_sim_random(400));
    }
}

/* Each server gets a call, and then nothing is in flight. */
static void
look_at_all(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    WEFT_SIM_CHECK(!weft_client_get_endpoints(client, &arena, &views));
    WEFT_SIM_CHECK(views.len == SERVERS);
    for (uint32_t i = 0; i < views.len; i++) {
        const struct weft_endpoint_view *v = &views.items[i];
        WEFT_SIM_CHECK(v->in_flight == 0 && v->failures <= v->attempts);
        WEFT_SIM_CHECK(v->weight == endpoints[i].weight);
    }
    weft_arena_fini(&arena);
}

/* Call a server with a key. Returns the server's place in `endpoints`, or -1 if
 * the first attempt had no reply. */
static int
server_of(struct weft_client *client, uint64_t key)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    const struct weft_call_options options = {
        .info = &info, .hash_key = {(const char *)&key, sizeof key}};
    struct ledger_run_args args = {.number = 0};
    struct ledger_run_result result = {0};
    int found = -1;
    weft_err err = ledger_Ledger_run(client, &arena, &args, &result, &options);
    for (int i = 0; i < SERVERS && !err && info.attempts.len == 1; i++)
        if (weft_str_eq(info.attempts.items[0].endpoint,
                        weft_str_of(endpoints[i].address)))
            found = i;
    weft_arena_fini(&arena);
    return found;
}

/* While only one call is in flight, each call of a key goes to one server. */
static void
look_at_keys(struct weft_client *client)
{
    uint32_t n_calls[SERVERS] = {0}, n_used = 0;
    for (int i = 0; i < 20; i++) {
        uint64_t key = weft_sim_random(1000000);
        int first = server_of(client, key), second = server_of(client, key);
        WEFT_SIM_CHECK(first < 0 || second < 0 || first == second);
        if (first >= 0)
            n_calls[first]++;
    }
    for (int i = 0; i < SERVERS; i++)
        n_used += n_calls[i] > 0;
    WEFT_SIM_SOMETIMES("keys go to every server", n_used == SERVERS);
}

static void
be_client(void *arg)
{
    (void)arg;
    const struct weft_runtime_options options = {
        .workers = 1 + (uint32_t)weft_sim_random(3)};
    const struct weft_upstream_options upstream = {
        .balance = (enum weft_balance)weft_sim_random(5),
        .max_attempts = 1 + (uint32_t)weft_sim_random(4)};
    const struct weft_client_options client_options = {.upstream = &upstream};
    struct weft_client *client;
    weft_fiber fibers[CALLERS], other;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_client_new("list:s0:9090,s1:9090;weight=3",
                                    &client_options, &client));
    WEFT_SIM_CHECK(!weft_fiber_start(replace, client, &other));
    start_all(call, &client, fibers, CALLERS);
    join_all(fibers, CALLERS);
    wait_for_quiet(&failing);
    WEFT_SIM_CHECK(!weft_fiber_join(other));
    for (int i = 0; i < SERVERS; i++) {
        WEFT_SIM_CHECK(!weft_client_set_endpoints(client, &endpoints[i], 1));
        ledger_ask_in_quiet(client);
    }
    WEFT_SIM_CHECK(!weft_client_set_endpoints(client, endpoints, SERVERS));
    look_at_all(client);
    if (upstream.balance == WEFT_CONSISTENT_HASH)
        look_at_keys(client);
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- faults ---- */

static void
hurt_one(void)
{
    weft_sim_host s = servers[weft_sim_random(SERVERS)];
    int64_t ms = (int64_t)weft_sim_random(1500);
    if (weft_sim_random(2)) {
        weft_sim_kill(s);
        (void)weft_sleep_ms(ms);
        weft_sim_restart(s);
        return;
    }
    weft_sim_cut(caller, s, true);
    weft_sim_cut(s, caller, true);
    (void)weft_sleep_ms(ms);
    weft_sim_cut(caller, s, false);
    weft_sim_cut(s, caller, false);
}

static void
fail(void *arg)
{
    uint64_t until = weft_sim_random(6000) * (uint64_t)MS;
    (void)arg;
    weft_sim_faults(WEFT_SIM_INTERRUPTED | WEFT_SIM_RESET | WEFT_SIM_SLOW |
                    WEFT_SIM_MAYBE);
    while (weft_sim_now_ns() < until) {
        (void)weft_sleep_ms((int64_t)weft_sim_random(500));
        hurt_one();
    }
    end_faults(&failing);
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1", "s2", "s3"};
    failing = 1;
    for (int i = 0; i < SERVERS; i++)
        servers[i] = weft_sim_host_new(names[i], serve, NULL);
    caller = weft_sim_host_new("caller", be_client, NULL);
    weft_sim_host_new("chaos", fail, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "servers",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
