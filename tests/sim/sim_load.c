/* SPDX-License-Identifier: MIT */
/*
 * A server with low limits, which stops under load several times, and two
 * clients that call all the time. A stop ends in its time. If the stop does not
 * reach its deadline, each call that the server has begun is answered.
 */
#include "ledger_calls.h"

#define CLIENTS 2
#define CALLERS 12
#define CALLS 25
#define STOPS 4
#define STOP_MS 200

static uint32_t stopping; /* 1 until the last start of the server */

static void
serve_for(int64_t ms)
{
    const struct weft_server_options options = {
        .stop_timeout_ms = STOP_MS,
        .max_calls = 4 + (uint32_t)weft_sim_random(12),
        .max_calls_per_connection = 1 + (uint32_t)weft_sim_random(8),
        .max_queued = (size_t)4096 << weft_sim_random(8),
        .max_memory = (size_t)65536 << weft_sim_random(6),
    };
    uint64_t began = weft_now_ns();
    weft_err stop = 0;
    WEFT_SIM_CHECK(!ledger_serve_for(&options, ms, &stop));
    uint64_t took = weft_now_ns() - began;
    WEFT_SIM_CHECK(!stop || stop == WEFT_ETIMEOUT);
    WEFT_SIM_CHECK(ms < 0 || took < (uint64_t)(ms + STOP_MS + 100) * MS);
    WEFT_SIM_SOMETIMES("a stop has calls in flight at its deadline",
                       stop == WEFT_ETIMEOUT);
    WEFT_SIM_SOMETIMES("a stop under load ends in time", ms >= 0 && !stop);
}

static void
be_server(void *arg)
{
    (void)arg;
    for (int i = 0; i < STOPS; i++) {
        serve_for((int64_t)weft_sim_random(500));
        (void)weft_sleep_ms((int64_t)weft_sim_random(100));
    }
    end_faults(&stopping);
    serve_for(-1);
}

static void
call(void *arg)
{
    for (int i = 0; i < CALLS; i++)
        ledger_ask(arg);
}

static void
be_client(void *arg)
{
    (void)arg;
    struct weft_client *client;
    weft_fiber fibers[CALLERS];
    WEFT_SIM_CHECK(!weft_client_new("server:9090", NULL, &client));
    start_all(call, client, fibers, CALLERS);
    join_all(fibers, CALLERS);
    wait_for_quiet(&stopping);
    ledger_ask_in_quiet(client);
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    stopping = 1;
    weft_sim_host_new("server", be_server, NULL);
    weft_sim_host_new("c0", be_client, NULL);
    weft_sim_host_new("c1", be_client, NULL);
    weft_sim_faults(WEFT_SIM_INTERRUPTED | WEFT_SIM_MAYBE);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "load",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
