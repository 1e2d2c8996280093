/* SPDX-License-Identifier: MIT */
/*
 * WEFT_LOCALITY_AWARE: of four servers the one that answers first gets most of
 * the calls. Then another one is the nearest, and then it freezes: no call
 * fails, and the others get all of them. When it goes on, it gets most again.
 */
#include "ledger.h"

#include "fibers.h"

#include <weft/upstream.h>

#include <stddef.h>
#include <string.h>

#define SERVERS 4
#define CALLERS 4
#define NEAR_MS 5
#define FAR_MS 50
#define BURST 200 /* calls, in less than a second */
#define SECOND (1000 * (uint64_t)MS)
#define TARGET "list:s0:9090,s1:9090,s2:9090,s3:9090"

static weft_sim_host servers[SERVERS];
static uint32_t near, runs[SERVERS];
static bool over;

/* ---- the servers ---- */

static weft_err
run(struct weft_call *call, const struct ledger_run_args *args,
    struct ledger_run_result *result)
{
    ptrdiff_t me = (weft_sim_host *)weft_call_user(call) - servers;
    weft_sim_call_run((uint64_t)args->number);
    runs[me]++;
    result->success = args->number;
    return weft_sleep_ms(me == near ? NEAR_MS : FAR_MS);
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = run};
    struct weft_server *server;
    WEFT_SIM_CHECK(!weft_server_new(NULL, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, arg));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- the client ---- */

static void
call(void *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    uint64_t deadline = weft_after_ms(9000);
    const struct weft_call_options options = {
        .deadline_ns = deadline, .info = &info, .idempotent = true};
    uint64_t number = weft_sim_call_begin(deadline, true);
    struct ledger_run_args args = {.number = (int64_t)number};
    struct ledger_run_result result = {0};
    weft_err err = ledger_Ledger_run(client, &arena, &args, &result, &options);
    weft_sim_call_end(number, err, info.reach, (uint64_t)result.success);
    if (err)
        weft_sim_fail("a call has failed: %s (%.*s)", weft_err_text(err),
                      (int)info.text.len, info.text.ptr);
    weft_arena_fini(&arena);
}

static void
call_on(void *client)
{
    while (!over)
        call(client);
}

/* Freeze the nearest server, begin a call every 2 ms, and look how many wait
 * for it: not as many as before, although no failure tells yet. */
static void
call_beside_frozen(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views list = {0};
    weft_fiber fibers[BURST];
    weft_sim_freeze(servers[near], true);
    for (int i = 0; i < BURST; i++) {
        fibers[i] = start(call, client);
        (void)weft_sleep_ms(2);
    }
    WEFT_SIM_CHECK(!weft_client_get_endpoints(client, &arena, &list));
    WEFT_SIM_CHECK(list.len == SERVERS);
    weft_sim_note("%u of %d calls wait", list.items[near].in_flight, BURST);
    WEFT_SIM_CHECK(list.items[near].in_flight <= BURST * 3 / 4);
    weft_arena_fini(&arena);
    weft_sim_freeze(servers[near], false);
    join_all(fibers, BURST);
}

/* Let the client learn for 5 s, and count for 5 s. Returns the percentage of
 * calls that server i has got. */
static uint32_t
part_of(uint32_t i)
{
    uint32_t all = 0;
    (void)weft_sleep_ms(5000);
    memset(runs, 0, sizeof runs);
    (void)weft_sleep_ms(5000);
    for (int k = 0; k < SERVERS; k++)
        all += runs[k];
    WEFT_SIM_CHECK(all > 200);
    weft_sim_note("server %u: %u of %u calls", i, runs[i], all);
    return runs[i] * 100 / all;
}

static void
look(struct weft_client *client)
{
    near = (uint32_t)weft_sim_random(SERVERS);
    WEFT_SIM_CHECK(part_of(near) >= 80);
    near = (near + 1) % SERVERS;
    WEFT_SIM_CHECK(part_of(near) >= 80);
    call_beside_frozen(client);
    weft_sim_freeze(servers[near], true);
    WEFT_SIM_CHECK(part_of(near) == 0);
    weft_sim_freeze(servers[near], false);
    (void)weft_sleep_ms(42000); /* an ejection lasts 30 s */
    WEFT_SIM_CHECK(part_of(near) >= 80);
}

static void
be_client(void *arg)
{
    (void)arg;
    const struct weft_runtime_options runtime = {
        .workers = 1 + (uint32_t)weft_sim_random(2)};
    const struct weft_upstream_options upstream = {.balance =
                                                       WEFT_LOCALITY_AWARE,
                                                   .attempt_timeout_ms = 1000,
                                                   .max_attempts = 4};
    const struct weft_client_options options = {.upstream = &upstream};
    struct weft_client *client;
    weft_fiber fibers[CALLERS];
    WEFT_SIM_CHECK(!weft_runtime_start(&runtime));
    WEFT_SIM_CHECK(!weft_client_new(TARGET, &options, &client));
    for (int i = 0; i < CALLERS; i++)
        fibers[i] = start(call_on, client);
    look(client);
    over = true;
    join_all(fibers, CALLERS);
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1", "s2", "s3"};
    for (int i = 0; i < SERVERS; i++)
        servers[i] = weft_sim_host_new(names[i], serve, &servers[i]);
    weft_sim_host_new("caller", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "locality",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
