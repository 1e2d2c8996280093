/* SPDX-License-Identifier: MIT */
/*
 * A client has three servers in its zone, and three elsewhere. While the near
 * ones are well, all calls go there. If one, two or all of them are killed, the
 * part of the calls that the client's options say goes elsewhere, and all come
 * back when the servers do. All calls succeed, but for those that are in flight
 * when a server dies. No call runs twice.
 */
#include "ledger.h"

#include "fibers.h"

#include <weft/upstream.h>

#include <stddef.h>

#define NEAR 3
#define SERVERS (2 * NEAR)
#define SECOND (1000 * (uint64_t)MS)
#define CALLS 300
#define CALL_MS 200

static weft_sim_host servers[SERVERS];
static uint32_t n_handled[SERVERS];

/* ---- the servers ---- */

static weft_err
run(struct weft_call *call, const struct ledger_run_args *args,
    struct ledger_run_result *result)
{
    ptrdiff_t me = (weft_sim_host *)weft_call_user(call) - servers;
    n_handled[me]++;
    weft_sim_call_run((uint64_t)args->number);
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

/* ---- the client ---- */

static weft_err
ask(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    uint64_t deadline = weft_now_ns() + CALL_MS * (uint64_t)MS;
    const struct weft_call_options options = {.deadline_ns = deadline,
                                              .info = &info};
    uint64_t number = weft_sim_call_begin(deadline, false);
    struct ledger_run_args args = {.number = (int64_t)number};
    struct ledger_run_result result = {0};
    weft_err err = ledger_Ledger_run(client, &arena, &args, &result, &options);
    weft_sim_call_end(number, err, info.reach, (uint64_t)result.success);
    weft_arena_fini(&arena);
    return err;
}

/* Returns how many of CALLS calls, which all succeed, go far. */
static uint32_t
count_far(struct weft_client *client)
{
    uint32_t before = 0, after = 0;
    for (int i = NEAR; i < SERVERS; i++)
        before += n_handled[i];
    for (int i = 0; i < CALLS; i++)
        WEFT_SIM_CHECK(!ask(client));
    for (int i = NEAR; i < SERVERS; i++)
        after += n_handled[i];
    weft_sim_note("%u of %d calls go far", (unsigned)(after - before), CALLS);
    return after - before;
}

/* Ask on until the client knows that so many near servers are gone. */
static void
wait_for(struct weft_client *client, uint32_t n_gone)
{
    uint64_t until = weft_now_ns() + 60 * SECOND;
    uint32_t n;
    do {
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct weft_endpoint_views views;
        WEFT_SIM_CHECK(weft_now_ns() < until);
        (void)ask(client);
        (void)weft_sleep_ms((int64_t)below(50));
        WEFT_SIM_CHECK(!weft_client_get_endpoints(client, &arena, &views));
        n = 0;
        for (uint32_t i = 0; i < views.len; i++) {
            WEFT_SIM_CHECK(views.items[i].is_near == (i < NEAR));
            n += views.items[i].state != WEFT_ENDPOINT_USABLE;
        }
        weft_arena_fini(&arena);
    } while (n != n_gone);
}

/* With n of three near servers the rest of n / 3 * 1.4 goes far. The bounds are
 * 6 standard deviations away. */
static void
check_part(struct weft_client *client, uint32_t n_gone)
{
    double near = (NEAR - n_gone) / (double)NEAR * 1.4;
    double part = near < 1 ? 1 - near : 0;
    double difference = count_far(client) - CALLS * part;
    WEFT_SIM_CHECK(difference * difference <=
                   36 * CALLS * part * (1 - part) + 1e-6);
}

static void
be_client(void *arg)
{
    static const enum weft_balance ways[] = {WEFT_P2C, WEFT_ROUND_ROBIN,
                                             WEFT_RANDOM};
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    const struct weft_upstream_options upstream = {.balance = ways[below(3)],
                                                   .zone = "a",
                                                   .check_ms = 500,
                                                   .check_timeout_ms = 300};
    const struct weft_client_options client_options = {
        .upstream = &upstream, .connect_timeout_ms = 100};
    struct weft_client *client;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_client_new(
        "list:s0:9090;zone=a,s1:9090;zone=a,s2:9090;weight=1;zone=a,"
        "s3:9090;zone=b,s4:9090,s5:9090;zone=b",
        &client_options, &client));
    check_part(client, 0);
    for (uint32_t i = 0; i < NEAR; i++) {
        weft_sim_kill(servers[i]);
        wait_for(client, i + 1);
        check_part(client, i + 1);
    }
    for (uint32_t i = 0; i < NEAR; i++)
        weft_sim_restart(servers[i]);
    wait_for(client, 0);
    check_part(client, 0);
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1", "s2",
                                               "s3", "s4", "s5"};
    for (int i = 0; i < SERVERS; i++) {
        n_handled[i] = 0;
        servers[i] = weft_sim_host_new(names[i], serve, &servers[i]);
    }
    weft_sim_host_new("caller", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "zones",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
