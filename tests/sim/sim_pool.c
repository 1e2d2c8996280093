/* SPDX-License-Identifier: MIT */
/*
 * As the scenario chaos, with clients that have several connections or a pool:
 * servers are killed and restarted, links are cut, and connections are reset,
 * while calls run, wait for a connection, time out and are cancelled. Each call
 * ends once, and none runs twice.
 */
#include "ledger_calls.h"

#define SERVERS 2
#define CALLERS 8
#define CALLS 30

static weft_sim_host servers[SERVERS], client;
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
    ledger_ask_some(arg, SERVERS, CALLS);
}

static struct weft_client_options
draw(void)
{
    struct weft_client_options o = {0};
    if (weft_sim_random(3) == 0) {
        o.connections = 2 + (uint32_t)weft_sim_random(3);
        return o;
    }
    o.pool_max = 1 + (uint32_t)weft_sim_random(CALLERS);
    o.pool_min = (uint32_t)weft_sim_random(o.pool_max + 1);
    o.pool_idle_ms = (uint32_t)weft_sim_random(200);
    o.pool_once = weft_sim_random(4) == 0;
    return o;
}

static void
be_client(void *arg)
{
    static const char *const names[SERVERS] = {"s0:9090", "s1:9090"};
    (void)arg;
    const struct weft_runtime_options options = {
        .workers = 1 + (uint32_t)weft_sim_random(3)};
    struct weft_client *handles[SERVERS];
    weft_fiber fibers[CALLERS];
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    for (int i = 0; i < SERVERS; i++) {
        const struct weft_client_options o = draw();
        WEFT_SIM_CHECK(!weft_client_new(names[i], &o, &handles[i]));
        if (weft_sim_random(2))
            (void)!weft_client_warm_until(handles[i], weft_after_ms(500));
    }
    start_all(call, handles, fibers, CALLERS);
    join_all(fibers, CALLERS);
    wait_for_quiet(&failing);
    for (int i = 0; i < SERVERS; i++) {
        ledger_ask_in_quiet(handles[i]);
        weft_client_free(handles[i]);
    }
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- faults ---- */

static void
cut(void)
{
    weft_sim_host s = servers[weft_sim_random(SERVERS)];
    uint64_t which = weft_sim_random(3);
    weft_sim_cut(client, s, which != 0);
    weft_sim_cut(s, client, which != 1);
    (void)weft_sleep_ms((int64_t)weft_sim_random(1500));
    weft_sim_cut(client, s, false);
    weft_sim_cut(s, client, false);
}

static void
kill_one(void)
{
    weft_sim_host s = servers[weft_sim_random(SERVERS)];
    weft_sim_kill(s);
    (void)weft_sleep_ms((int64_t)weft_sim_random(1000));
    weft_sim_restart(s);
}

static void
fail(void *arg)
{
    uint64_t until = weft_sim_random(5000) * (uint64_t)MS;
    (void)arg;
    weft_sim_faults(WEFT_SIM_INTERRUPTED | WEFT_SIM_RESET | WEFT_SIM_SLOW |
                    WEFT_SIM_MAYBE);
    while (weft_sim_now_ns() < until) {
        (void)weft_sleep_ms((int64_t)weft_sim_random(500));
        if (weft_sim_random(2))
            cut();
        else
            kill_one();
    }
    end_faults(&failing);
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1"};
    failing = 1;
    for (int i = 0; i < SERVERS; i++)
        servers[i] = weft_sim_host_new(names[i], serve, NULL);
    client = weft_sim_host_new("client", be_client, NULL);
    weft_sim_host_new("chaos", fail, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "pool",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
