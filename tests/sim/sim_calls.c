/* SPDX-License-Identifier: MIT */
/* Two servers and two clients. Each call of a fiber returns its own number, and
 * runs once. */
#include "ledger.h"
#include "ledger_serve.h"

#include <weft/fiber.h>
#include <weft/rpc.h>
#include <weft/sim.h>

#include <stdio.h>
#include <stdlib.h>

#define CALLERS 4
#define CALLS 25
#define HOSTS 2

static uint32_t runs[HOSTS * CALLERS * CALLS];

static weft_err
run(struct weft_call *call, const struct ledger_run_args *args,
    struct ledger_run_result *result)
{
    (void)call;
    runs[args->number]++;
    result->success = args->number;
    return WEFT_OK;
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = run};
    const struct weft_runtime_options options = {.workers = 2};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    serve_for_others(NULL, &table);
}

struct caller {
    struct weft_client *client;
    int64_t first;
};

static void
call(void *arg)
{
    struct caller *c = arg;
    for (int64_t i = 0; i < CALLS; i++) {
        struct ledger_run_args args = {.number = c->first + i};
        struct ledger_run_result result = {0};
        struct weft_arena arena;
        weft_arena_init(&arena, 0);
        weft_err err =
            ledger_Ledger_run(c->client, &arena, &args, &result, NULL);
        if (err || result.success != args.number)
            weft_sim_fail("call %ld: %s", (long)args.number,
                          weft_err_text(err));
        weft_arena_fini(&arena);
    }
}

static void
ask(void *arg)
{
    const int64_t host = *(int64_t *)arg;
    const struct weft_runtime_options options = {.workers = 2};
    struct weft_client *client;
    struct caller callers[CALLERS];
    weft_fiber fibers[CALLERS];
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_client_new(host ? "a:9090" : "b:9090", NULL, &client));
    (void)weft_sleep_ms(1); /* by then the servers listen */
    for (int64_t i = 0; i < CALLERS; i++) {
        callers[i] = (struct caller){client, (host * CALLERS + i) * CALLS};
        WEFT_SIM_CHECK(!weft_fiber_start(call, &callers[i], &fibers[i]));
    }
    for (int i = 0; i < CALLERS; i++)
        WEFT_SIM_CHECK(!weft_fiber_join(fibers[i]));
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    static int64_t numbers[HOSTS] = {0, 1};
    weft_sim_host_new("a", serve, NULL);
    weft_sim_host_new("b", serve, NULL);
    weft_sim_host_new("c", ask, &numbers[0]);
    weft_sim_host_new("d", ask, &numbers[1]);
}

static void
check(void)
{
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        if (runs[i] != 1)
            weft_sim_fail("call %zu ran %u times", i, runs[i]);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {
        .name = "calls", .set_up = set_up, .check = check};
    return weft_sim_main(argc, argv, &scenario);
}
