/* SPDX-License-Identifier: MIT */
/*
 * A third server comes into the list of a client. The client counts in how many
 * of its calls the new server is the first choice: just after that, in the
 * middle of the slow start, and after its end.
 */
#include "fibers.h"
#include "ledger_answers.h"
#include "ledger_serve.h"

#include <weft/upstream.h>

#define SERVERS 3
#define CALLS 300

static const struct weft_endpoint endpoints[SERVERS] = {
    {.address = "s0:9090", .weight = 1},
    {.address = "s1:9090", .weight = 1},
    {.address = "s2:9090", .weight = 1}};

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = answer_number};
    (void)arg;
    serve_for_others(NULL, &table);
}

/* True if the call went to the new server. */
static bool
goes_to_new(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    const struct weft_call_options options = {.info = &info};
    struct ledger_run_args args = {.number = 0};
    struct ledger_run_result result = {0};
    WEFT_SIM_CHECK(
        !ledger_Ledger_run(client, &arena, &args, &result, &options));
    WEFT_SIM_CHECK(info.attempts.len > 0);
    bool is_new = weft_str_eq(info.attempts.items[0].endpoint,
                              weft_str_of(endpoints[2].address));
    weft_arena_fini(&arena);
    return is_new;
}

/* How many of CALLS calls after the time `from` go to the new server. */
static uint32_t
count_after(struct weft_client *client, uint64_t from)
{
    uint32_t n = 0;
    WEFT_SIM_CHECK(!weft_sleep_until(from));
    for (int i = 0; i < CALLS; i++)
        n += goes_to_new(client);
    weft_sim_note("the new server gets %u of %d calls", (unsigned)n, CALLS);
    return n;
}

/* Of CALLS calls the new server should get a third, and with a slow start 14 at
 * the beginning and 60 in the middle. The bounds are 6 standard deviations
 * away. By p2c a server with a low latency gets up to two thirds; then it
 * should be 50 at the beginning. */
static void
look_at_parts(struct weft_client *client, enum weft_balance balance,
              uint64_t window)
{
    uint64_t now = weft_now_ns();
    bool is_even = balance != WEFT_P2C;
    WEFT_SIM_CHECK(!weft_client_set_endpoints(client, endpoints, SERVERS));
    uint32_t n = count_after(client, now);
    WEFT_SIM_CHECK(!window || n < (is_even ? 38 : 90));
    WEFT_SIM_CHECK(window || !is_even || n > 50);
    n = count_after(client, now + window / 2);
    WEFT_SIM_CHECK(!window || !is_even || (n > 20 && n < 102));
    n = count_after(client, now + window);
    WEFT_SIM_CHECK(!is_even || (n > 50 && n < 150));
}

static void
be_client(void *arg)
{
    (void)arg;
    static const enum weft_balance ways[] = {WEFT_P2C, WEFT_ROUND_ROBIN,
                                             WEFT_RANDOM};
    static const uint32_t windows_ms[] = {0, 20000, 60000, WEFT_NONE};
    const struct weft_upstream_options upstream = {
        .balance = ways[weft_sim_random(3)],
        .slow_start_ms = windows_ms[weft_sim_random(4)]};
    const struct weft_client_options options = {.upstream = &upstream};
    uint32_t ms = upstream.slow_start_ms;
    ms = ms == 0 ? 30000 : ms == WEFT_NONE ? 0 : ms;
    struct weft_client *client;
    WEFT_SIM_CHECK(!weft_runtime_start(NULL));
    WEFT_SIM_CHECK(!weft_client_new("list:", &options, &client));
    WEFT_SIM_CHECK(!weft_client_set_endpoints(client, endpoints, SERVERS - 1));
    for (int i = 0; i < 20; i++)
        WEFT_SIM_CHECK(!goes_to_new(client));
    look_at_parts(client, upstream.balance, ms * (uint64_t)MS);
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1", "s2"};
    for (int i = 0; i < SERVERS; i++)
        weft_sim_host_new(names[i], serve, NULL);
    weft_sim_host_new("caller", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "slow_start",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
