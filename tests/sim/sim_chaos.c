/* SPDX-License-Identifier: MIT */
/*
 * While clients call, servers are killed and restarted, links are cut and
 * restored, and connections are reset. When all is quiet again, each server
 * answers.
 */
#include "ledger_calls.h"

#define SERVERS 3
#define CLIENTS 2
#define CALLERS 6
#define CALLS 40

static weft_sim_host servers[SERVERS], clients[CLIENTS];
static uint32_t failing; /* 1 while faults happen */

static void
serve(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(!ledger_serve());
}

/* ---- clients ---- */

static void
call(void *arg)
{
    ledger_ask_some(arg, SERVERS, CALLS);
}

static void
be_client(void *arg)
{
    static const char *const names[SERVERS] = {"s0:9090", "s1:9090", "s2:9090"};
    (void)arg;
    const struct weft_runtime_options options = {
        .workers = 1 + (uint32_t)weft_sim_random(3)};
    struct weft_client *handles[SERVERS];
    weft_fiber fibers[CALLERS];
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    for (int i = 0; i < SERVERS; i++)
        WEFT_SIM_CHECK(!weft_client_new(names[i], NULL, &handles[i]));
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
cut(bool both)
{
    weft_sim_host c = clients[weft_sim_random(CLIENTS)];
    weft_sim_host s = servers[weft_sim_random(SERVERS)];
    bool there = both || weft_sim_random(2);
    bool back = both || !there;
    if (there)
        weft_sim_cut(c, s, true);
    if (back)
        weft_sim_cut(s, c, true);
    (void)weft_sleep_ms((int64_t)weft_sim_random(1500));
    weft_sim_cut(c, s, false);
    weft_sim_cut(s, c, false);
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
    uint64_t until = weft_sim_random(6000) * (uint64_t)MS;
    (void)arg;
    weft_sim_faults(WEFT_SIM_INTERRUPTED | WEFT_SIM_RESET | WEFT_SIM_SLOW |
                    WEFT_SIM_MAYBE);
    while (weft_sim_now_ns() < until) {
        (void)weft_sleep_ms((int64_t)weft_sim_random(500));
        switch (weft_sim_random(3)) {
        case 0:
            cut(true);
            break;
        case 1:
            cut(false);
            break;
        default:
            kill_one();
        }
    }
    end_faults(&failing);
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1", "s2"};
    static const char *const others[CLIENTS] = {"c0", "c1"};
    failing = 1;
    for (int i = 0; i < SERVERS; i++)
        servers[i] = weft_sim_host_new(names[i], serve, NULL);
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = weft_sim_host_new(others[i], be_client, NULL);
    weft_sim_host_new("chaos", fail, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "chaos",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
