/* SPDX-License-Identifier: MIT */
/*
 * After the start, memory, descriptors and threads run out at times on all
 * hosts. Calls may fail, but what weft promises of them holds. Later all works
 * as before, and nothing has leaked.
 */
#include "ledger_calls.h"

#define CLIENTS 2
#define CALLERS 6
#define CALLS 40

static uint32_t callers_left;

static void
serve(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(!ledger_serve());
}

static void
call(void *arg)
{
    for (int i = 0; i < CALLS; i++)
        ledger_ask(arg);
    end_faults(&callers_left);
}

static void
be_client(void *arg)
{
    (void)arg;
    const struct weft_runtime_options options = {
        .workers = 1 + (uint32_t)weft_sim_random(3)};
    struct weft_client *client;
    weft_fiber fibers[CALLERS];
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_client_new("server:9090", NULL, &client));
    start_all(call, client, fibers, CALLERS);
    (void)weft_sleep_ms(1);
    if (callers_left)
        weft_sim_faults(WEFT_SIM_NO_MEMORY | WEFT_SIM_NO_DESCRIPTOR |
                        WEFT_SIM_NO_THREAD | WEFT_SIM_RESET | WEFT_SIM_MAYBE);
    join_all(fibers, CALLERS);
    wait_for_quiet(&callers_left);
    ledger_ask_in_quiet(client);
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    callers_left = CLIENTS * CALLERS;
    weft_sim_host_new("server", serve, NULL);
    weft_sim_host_new("c0", be_client, NULL);
    weft_sim_host_new("c1", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "scarce",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
