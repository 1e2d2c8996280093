/* SPDX-License-Identifier: MIT */
/*
 * One server of six refuses every second or third call, so it never fails often
 * in a row. The client compares the success rates, and ejects this server
 * alone; then the server gets no call until the ejection has ended. Another
 * server refuses a few calls, and is never ejected. If the list is shorter than
 * the options say, nobody is ejected.
 */
#include "ledger.h"

#include "fibers.h"

#include <weft/upstream.h>

#include <stddef.h>
#include <string.h>

#define SERVERS 6
#define CALLERS 3
#define SECOND (1000 * (uint64_t)MS)
#define RATE_MS 2000
#define EJECT_MS 3000

static weft_sim_host servers[SERVERS];
static uint32_t every[SERVERS]; /* refuses the n-th call; 0: none */
static uint32_t turns[SERVERS];
static uint32_t n_handled[SERVERS];
static bool is_over;

static weft_err
run(struct weft_call *call, const struct ledger_run_args *args,
    struct ledger_run_result *result)
{
    ptrdiff_t me = (weft_sim_host *)weft_call_user(call) - servers;
    n_handled[me]++;
    if (every[me] > 0 && ++turns[me] % every[me] == 0)
        return WEFT_EOVERLOAD;
    result->success = args->number;
    return WEFT_OK;
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = run};
    struct weft_server *server;
    WEFT_SIM_CHECK(!weft_runtime_start(NULL));
    WEFT_SIM_CHECK(!weft_server_new(NULL, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, arg));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
ask_on(void *arg)
{
    while (!is_over) {
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct ledger_run_args args = {.number = 7};
        struct ledger_run_result result = {0};
        weft_err err = ledger_Ledger_run(arg, &arena, &args, &result, NULL);
        WEFT_SIM_CHECK(!err || weft_err_is_retryable(err));
        weft_arena_fini(&arena);
        (void)weft_sleep_ms((int64_t)below(10));
    }
}

/* Returns the state of the server `weak`. No other one is ever ejected. */
static enum weft_endpoint_state
look(struct weft_client *client, uint32_t weak)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    enum weft_endpoint_state state = WEFT_ENDPOINT_USABLE;
    WEFT_SIM_CHECK(!weft_client_get_endpoints(client, &arena, &views));
    for (uint32_t i = 0; i < views.len; i++) {
        const struct weft_endpoint_view *v = &views.items[i];
        WEFT_SIM_CHECK(i == weak || v->state == WEFT_ENDPOINT_USABLE);
        WEFT_SIM_CHECK(v->state == WEFT_ENDPOINT_USABLE ||
                       strncmp(v->reason.ptr, "of its last ", 12) == 0);
        if (i == weak)
            state = v->state;
    }
    weft_arena_fini(&arena);
    return state;
}

static void
wait_for(struct weft_client *client, uint32_t weak,
         enum weft_endpoint_state state, uint64_t most_ns)
{
    uint64_t until = weft_now_ns() + most_ns;
    while (look(client, weak) != state) {
        if (weft_now_ns() > until)
            weft_sim_fail("the endpoint is not %s",
                          state == WEFT_ENDPOINT_EJECTED ? "ejected"
                                                         : "usable");
        (void)weft_sleep_ms(10);
    }
}

/* The server is ejected twice, for as long as the options say. */
static void
eject_twice(struct weft_client *client, uint32_t weak)
{
    for (uint32_t i = 1; i <= 2; i++) {
        wait_for(client, weak, WEFT_ENDPOINT_EJECTED,
                 3 * RATE_MS * (uint64_t)MS);
        uint64_t at = weft_now_ns();
        (void)weft_sleep_ms(500); /* older calls may still come */
        uint32_t before = n_handled[weak];
        wait_for(client, weak, WEFT_ENDPOINT_USABLE,
                 (i * EJECT_MS + 100) * (uint64_t)MS);
        WEFT_SIM_CHECK(n_handled[weak] <= before + CALLERS);
        WEFT_SIM_CHECK(weft_now_ns() >= at + (EJECT_MS - 100) * (uint64_t)MS);
    }
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    bool is_short = below(4) == 0;
    uint32_t weak = (uint32_t)below(SERVERS);
    const struct weft_upstream_options upstream = {
        .balance = WEFT_ROUND_ROBIN,
        .eject_ms = EJECT_MS,
        .eject_rate_ms = RATE_MS,
        .eject_rate_attempts = 40,
        .eject_rate_endpoints = is_short ? SERVERS + 1 : 0};
    const struct weft_client_options client_options = {.upstream = &upstream};
    struct weft_client *client;
    weft_fiber fibers[CALLERS];
    (void)arg;
    every[weak] = 2 + (uint32_t)below(2);
    every[(weak + 1) % SERVERS] = 50;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(
        !weft_client_new("list:s0:9090,s1:9090,s2:9090,s3:9090,s4:9090,s5:9090",
                         &client_options, &client));
    start_all(ask_on, client, fibers, CALLERS);
    for (int i = 0; i < 100 && is_short; i++) {
        (void)weft_sleep_ms(100);
        WEFT_SIM_CHECK(look(client, weak) == WEFT_ENDPOINT_USABLE);
    }
    if (!is_short)
        eject_twice(client, weak);
    is_over = true;
    join_all(fibers, CALLERS);
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1", "s2",
                                               "s3", "s4", "s5"};
    is_over = false;
    for (int i = 0; i < SERVERS; i++) {
        every[i] = turns[i] = n_handled[i] = 0;
        servers[i] = weft_sim_host_new(names[i], serve, &servers[i]);
    }
    weft_sim_host_new("caller", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "rates",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
