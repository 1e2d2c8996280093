/* SPDX-License-Identifier: MIT */
/*
 * A server that may have only a few fibers. Calls fail while no fiber is left;
 * the other calls are answered. When there are only a few calls again, all are
 * answered, and at the stop only the endless call is in flight, if there is
 * one.
 */
#include "ledger.h"

#include "fibers.h"

#include <weft/rpc.h>

#include "base/base.h"

#define CALLERS 8
#define CALLS 12

static struct {
    uint32_t begun, ended;
} handlers;

static bool endless; /* a handler runs that ends only by a cancel */

static weft_err
run(struct weft_call *call, const struct ledger_run_args *args,
    struct ledger_run_result *result)
{
    (void)call;
    handlers.begun++;
    result->success = args->number;
    for (uint64_t ms = below(4); ms > 0; ms--)
        wf_sys_nap(); /* a watcher may take the rest of the batch meanwhile */
    handlers.ended++;
    return WEFT_OK;
}

static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    (void)call;
    handlers.begun++;
    result->success = args->number;
    (void)weft_sleep_ms(args->ms);
    handlers.ended++;
    return WEFT_OK;
}

static weft_err
large(struct weft_call *call, const struct ledger_large_args *args,
      struct ledger_large_result *result)
{
    (void)call;
    (void)args;
    (void)result;
    while (!weft_fiber_cancelled()) /* the stop cancels it */
        (void)weft_sleep_ms(1000000);
    return WEFT_ECANCEL;
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {
        .run = run, .slow = slow, .large = large};
    const struct weft_runtime_options options = {
        .workers = 1 + (uint32_t)weft_sim_random(3),
        .max_fibers = 3 + (uint32_t)weft_sim_random(6)};
    struct weft_server *server;
    struct weft_server_stats stats;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_server_new(NULL, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, NULL));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(handlers.begun == handlers.ended);
    weft_server_get_stats(server, &stats);
    WEFT_SIM_CHECK(stats.calls_in_flight == endless);
    uint64_t begun = weft_now_ns();
    WEFT_SIM_CHECK(weft_server_stop_until(server, begun + 50 * (uint64_t)MS) ==
                   (endless ? WEFT_ETIMEOUT : WEFT_OK));
    WEFT_SIM_CHECK(weft_now_ns() - begun < 2000 * (uint64_t)MS);
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static weft_err
ask(struct weft_client *client, int32_t ms)
{
    struct weft_arena arena;
    struct ledger_slow_args args = {.number = ms, .ms = ms};
    struct ledger_slow_result result = {0};
    const struct weft_call_options options = {
        .deadline_ns = weft_now_ns() + 2000 * (uint64_t)MS};
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_slow(client, &arena, &args, &result, &options);
    WEFT_SIM_CHECK(err || result.success == ms);
    /* The server closes a connection for which it has no fiber, so no call
     * waits on it. */
    WEFT_SIM_CHECK(err != WEFT_ETIMEOUT);
    weft_arena_fini(&arena);
    return err;
}

/* The caller gives up, and the handler does not end by itself. */
static void
ask_endless(struct weft_client *client)
{
    struct weft_arena arena;
    struct ledger_large_args args = {.size = 1};
    struct ledger_large_result result = {0};
    const struct weft_call_options options = {.deadline_ns =
                                                  weft_now_ns() + 50 * MS};
    weft_arena_init(&arena, 0);
    endless = ledger_Ledger_large(client, &arena, &args, &result, &options) ==
              WEFT_ETIMEOUT;
    weft_arena_fini(&arena);
}

static weft_err
ask_run(struct weft_client *client, int64_t number)
{
    struct weft_arena arena;
    struct ledger_run_args args = {.number = number};
    struct ledger_run_result result = {0};
    const struct weft_call_options options = {
        .deadline_ns = weft_now_ns() + 2000 * (uint64_t)MS};
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_run(client, &arena, &args, &result, &options);
    WEFT_SIM_CHECK(err || result.success == number);
    WEFT_SIM_CHECK(err != WEFT_ETIMEOUT);
    weft_arena_fini(&arena);
    return err;
}

static void
call(void *arg)
{
    for (int i = 0; i < CALLS; i++)
        if (below(2) ? ask(arg, (int32_t)weft_sim_random(10)) : ask_run(arg, i))
            (void)weft_sleep_ms((int64_t)weft_sim_random(100));
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options options = {
        .workers = 1 + (uint32_t)weft_sim_random(3)};
    struct weft_client *client;
    weft_fiber fibers[CALLERS];
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_client_new("server:9090", NULL, &client));
    start_all(call, client, fibers, CALLERS);
    join_all(fibers, CALLERS);
    (void)weft_sleep_ms(1000);
    weft_err err = WEFT_ECONNECT;
    for (int i = 0; err && i < 5; i++)
        if ((err = ask(client, 1)))
            (void)weft_sleep_ms(1000);
    WEFT_SIM_CHECK(!err);
    ask_endless(client);
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    weft_sim_host_new("server", serve, NULL);
    weft_sim_host_new("client", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "few",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
