/* SPDX-License-Identifier: MIT */
/*
 * Each caller has its own client, in a random dialect, and all call one server.
 * The network is slow and resets connections. Later it works again, and the
 * server answers in each dialect.
 */
#include "ledger_calls.h"

#include "../service/dialects.h"

#define CLIENTS 2
#define CALLERS 5
#define CALLS 25

static uint32_t callers_left;

static void
serve(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(!ledger_serve());
}

static struct weft_client *
client_of_some_dialect(void)
{
    uint64_t i = weft_sim_random(N_DIALECTS);
    struct weft_client_options options = {.dialect = dialects[i]};
    struct weft_client *client;
    weft_sim_note("a client of dialect %d", (int)i);
    WEFT_SIM_CHECK(!weft_client_new("server:9090", &options, &client));
    return client;
}

static void
call(void *arg)
{
    (void)arg;
    struct weft_client *client = client_of_some_dialect();
    for (int i = 0; i < CALLS; i++)
        ledger_ask(client);
    end_faults(&callers_left);
    wait_for_quiet(&callers_left);
    ledger_ask_in_quiet(client);
    weft_client_free(client);
}

static void
be_client(void *arg)
{
    (void)arg;
    const struct weft_runtime_options options = {
        .workers = 1 + (uint32_t)weft_sim_random(3)};
    weft_fiber fibers[CALLERS];
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    start_all(call, NULL, fibers, CALLERS);
    join_all(fibers, CALLERS);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    callers_left = CLIENTS * CALLERS;
    weft_sim_host_new("server", serve, NULL);
    weft_sim_host_new("c0", be_client, NULL);
    weft_sim_host_new("c1", be_client, NULL);
    weft_sim_faults(WEFT_SIM_INTERRUPTED | WEFT_SIM_RESET | WEFT_SIM_SLOW |
                    WEFT_SIM_MAYBE);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "dialects",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
