/* SPDX-License-Identifier: MIT */
/*
 * As many small calls as the simulator can make, in the ledger. The only faults
 * are resets of connections.
 */
#include "fibers.h"
#include "ledger.h"
#include "ledger_serve.h"

#include <weft/rpc.h>
#include <weft/sim.h>

#define SERVERS 2
#define CLIENTS 2
#define CALLERS 32
#define CALLS 100

static weft_err
run(struct weft_call *call, const struct ledger_run_args *args,
    struct ledger_run_result *result)
{
    (void)call;
    weft_sim_call_run((uint64_t)args->number);
    result->success = args->number;
    return WEFT_OK;
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = run};
    (void)arg;
    serve_for_others(NULL, &table);
}

static void
call_once(struct weft_client *client, struct weft_arena *arena)
{
    struct weft_call_info info;
    uint64_t deadline = weft_after_ms(2000);
    const struct weft_call_options options = {.deadline_ns = deadline,
                                              .info = &info};
    uint64_t number = weft_sim_call_begin(deadline, false);
    struct ledger_run_args args = {.number = (int64_t)number};
    struct ledger_run_result result = {0};
    weft_err err = ledger_Ledger_run(client, arena, &args, &result, &options);
    weft_sim_call_end(number, err, info.reach, (uint64_t)result.success);
    if (err) {
        WEFT_SIM_SOMETIMES("a call fails", true);
        (void)weft_sleep_ms(1);
    }
}

static void
call(void *arg)
{
    struct weft_client **to = arg;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    for (int i = 0; i < CALLS; i++) {
        call_once(to[i % SERVERS], &arena);
        weft_arena_reset(&arena);
    }
    weft_arena_fini(&arena);
}

static void
be_client(void *arg)
{
    static const char *const names[SERVERS] = {"s0:9090", "s1:9090"};
    struct weft_client *to[SERVERS];
    weft_fiber callers[CALLERS];
    (void)arg;
    for (int i = 0; i < SERVERS; i++)
        WEFT_SIM_CHECK(!weft_client_new(names[i], NULL, &to[i]));
    (void)weft_sleep_ms(1); /* by then the servers listen */
    start_all(call, to, callers, CALLERS);
    join_all(callers, CALLERS);
    for (int i = 0; i < SERVERS; i++)
        weft_client_free(to[i]);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    weft_sim_host_new("s0", serve, NULL);
    weft_sim_host_new("s1", serve, NULL);
    weft_sim_host_new("c0", be_client, NULL);
    weft_sim_host_new("c1", be_client, NULL);
    weft_sim_plan("faults reset at %u us for 100 us",
                  1000 + (unsigned)weft_sim_random(10000));
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "volume",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
