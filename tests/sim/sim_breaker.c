/* SPDX-License-Identifier: MIT */
/*
 * One server of three dies, freezes or is cut off, twice. The client has
 * breakers, and ejects nobody. The breaker of the server opens; after that only
 * single calls go there, as trials, with longer and longer pauses between them.
 * When the server is well again, one of these closes the breaker. The others
 * never open. At the end all servers are cut off: then calls end at once, and
 * after that all servers are used again. No call runs twice.
 */
#include "ledger.h"

#include "fibers.h"
#include "hurt_server.h"
#include "ledger_serve.h"

#include <weft/upstream.h>

#define SECOND (1000 * (uint64_t)MS)
#define SERVERS 3
#define CALLERS 4
#define CALL_MS 100 /* deadline of each call */
#define PAUSE_MS 100
#define MOST_MS 1500

static weft_sim_host servers[SERVERS], caller;
static uint32_t weak;
static bool is_over;
static uint32_t n_refused; /* calls that found all breakers open */

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
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    serve_for_others(NULL, &table);
}

/* ---- calls ---- */

static void
ask_on(void *arg)
{
    while (!is_over) {
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct weft_call_info info;
        uint64_t begun = weft_now_ns(), deadline = begun + CALL_MS * MS;
        const struct weft_call_options options = {.deadline_ns = deadline,
                                                  .info = &info};
        uint64_t number = weft_sim_call_begin(deadline, false);
        struct ledger_run_args args = {.number = (int64_t)number};
        struct ledger_run_result result = {0};
        weft_err err = ledger_Ledger_run(arg, &arena, &args, &result, &options);
        weft_sim_call_end(number, err, info.reach, (uint64_t)result.success);
        n_refused += err == WEFT_ENOENDPOINT;
        weft_arena_fini(&arena);
        (void)weft_sleep_ms((int64_t)below(20));
    }
}

/* ---- what the client knows ---- */

/* Returns what the client knows of server i. */
static struct weft_endpoint_view
look(struct weft_client *client, uint32_t i)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    WEFT_SIM_CHECK(!weft_client_get_endpoints(client, &arena, &views));
    WEFT_SIM_CHECK(views.len == SERVERS); /* sorted by address */
    struct weft_endpoint_view v = views.items[i];
    WEFT_SIM_CHECK(v.ejections == 0 && v.state != WEFT_ENDPOINT_EJECTED);
    WEFT_SIM_CHECK((v.reason.len > 0) == (v.changed_ns > 0));
    v.reason = v.address = (struct weft_str){0};
    weft_arena_fini(&arena);
    return v;
}

/* The others are never open. */
static struct weft_endpoint_view
look_at_weak(struct weft_client *client)
{
    for (uint32_t i = 0; i < SERVERS; i++)
        WEFT_SIM_CHECK(i == weak || look(client, i).openings == 0);
    return look(client, weak);
}

static struct weft_endpoint_view
wait_until(struct weft_client *client, uint32_t i, bool is_usable,
           uint64_t most_ns)
{
    uint64_t until = weft_now_ns() + most_ns;
    struct weft_endpoint_view v = look(client, i);
    while ((v.state == WEFT_ENDPOINT_USABLE) != is_usable) {
        if (weft_now_ns() > until)
            weft_sim_fail("the breaker is not %s",
                          is_usable ? "closed" : "open");
        (void)weft_sleep_ms(10);
        v = look(client, i);
    }
    return v;
}

/* Each pause is twice the last one. So the breaker has not opened n times again
 * before the sum of n pauses has passed. */
static uint64_t
least_time(uint32_t n)
{
    uint64_t sum = 0, pause = PAUSE_MS;
    for (uint32_t i = 0; i < n; i++) {
        sum += pause * MS;
        pause = pause * 2 < MOST_MS ? pause * 2 : MOST_MS;
    }
    return sum;
}

/* While the breaker is open, each call to the server is a trial, and each trial
 * opens it once more. */
static void
watch(struct weft_client *client, const struct weft_endpoint_view *first)
{
    (void)weft_sleep_ms(CALL_MS + 60); /* older calls end */
    struct weft_endpoint_view from = look_at_weak(client);
    uint64_t until = weft_now_ns() + (1000 + below(2000)) * MS;
    while (weft_now_ns() < until) {
        struct weft_endpoint_view v = look_at_weak(client);
        WEFT_SIM_CHECK(v.state == WEFT_ENDPOINT_OPEN ||
                       v.state == WEFT_ENDPOINT_HALF_OPEN);
        WEFT_SIM_CHECK(v.in_flight <= 1);
        WEFT_SIM_CHECK(v.attempts - from.attempts <=
                       v.openings - from.openings + 1);
        if (v.state == WEFT_ENDPOINT_OPEN && first->state == WEFT_ENDPOINT_OPEN)
            WEFT_SIM_CHECK(v.changed_ns - first->changed_ns >=
                           least_time(v.openings - first->openings));
        WEFT_SIM_SOMETIMES("a trial is in flight",
                           v.state == WEFT_ENDPOINT_HALF_OPEN);
        WEFT_SIM_SOMETIMES("a breaker opens for the fourth time",
                           v.openings >= first->openings + 3);
        (void)weft_sleep_ms((int64_t)below(20));
    }
}

/* The server answers again. */
static void
wait_for_answers(struct weft_client *client, uint32_t i)
{
    struct weft_endpoint_view from = look(client, i), v = from;
    uint64_t until = weft_now_ns() + 60 * SECOND;
    while (v.attempts - v.failures < from.attempts - from.failures + 20) {
        WEFT_SIM_CHECK(weft_now_ns() < until);
        (void)weft_sleep_ms(10);
        v = look(client, i);
    }
}

/* ---- the course ---- */

enum hurt { DEAD, FROZEN, CUT_OFF, HURTS };

static void
hurt(uint32_t i, enum hurt how, bool on)
{
    if (how == DEAD)
        (on ? weft_sim_kill : weft_sim_restart)(servers[i]);
    else if (how == FROZEN)
        weft_sim_freeze(servers[i], on);
    else
        cut_both_ways(caller, servers[i], on);
}

static void
fail_once(struct weft_client *client)
{
    enum hurt how = (enum hurt)below(HURTS);
    hurt(weak, how, true);
    struct weft_endpoint_view first =
        wait_until(client, weak, false, 60 * SECOND);
    /* half of 20, or in a full window so many that each count twice */
    WEFT_SIM_CHECK(first.failures >= 6);
    watch(client, &first);
    hurt(weak, how, false);
    (void)wait_until(client, weak, true, 20 * SECOND);
    WEFT_SIM_SOMETIMES("a dead server is found", how == DEAD);
    WEFT_SIM_SOMETIMES("a frozen server is found", how == FROZEN);
    WEFT_SIM_SOMETIMES("a server that is cut off is found", how == CUT_OFF);
    wait_for_answers(client, weak);
}

static void
fail_all(struct weft_client *client)
{
    uint64_t until = weft_now_ns() + 60 * SECOND;
    uint32_t before = n_refused;
    for (uint32_t i = 0; i < SERVERS; i++)
        hurt(i, CUT_OFF, true);
    while (n_refused < before + 20) {
        WEFT_SIM_CHECK(weft_now_ns() < until);
        (void)weft_sleep_ms(10);
    }
    for (uint32_t i = 0; i < SERVERS; i++)
        hurt(i, CUT_OFF, false);
    for (uint32_t i = 0; i < SERVERS; i++)
        (void)wait_until(client, i, true, 20 * SECOND);
    for (uint32_t i = 0; i < SERVERS; i++)
        wait_for_answers(client, i);
}

static void
be_client(void *arg)
{
    static const enum weft_balance ways[] = {WEFT_ROUND_ROBIN, WEFT_RANDOM};
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    const struct weft_upstream_options upstream = {.balance = ways[below(2)],
                                                   .eject_failures = WEFT_NONE,
                                                   .breaker = true,
                                                   .breaker_window = 20,
                                                   .breaker_percent = 50,
                                                   .breaker_ms = PAUSE_MS,
                                                   .breaker_most_ms = MOST_MS};
    const struct weft_client_options client_options = {
        .upstream = &upstream, .connect_timeout_ms = 50};
    struct weft_client *client;
    weft_fiber fibers[CALLERS];
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_client_new("list:s0:9090,s1:9090,s2:9090",
                                    &client_options, &client));
    start_all(ask_on, client, fibers, CALLERS);
    wait_for_answers(client, weak);
    fail_once(client);
    if (below(2))
        (void)weft_sleep_ms((int64_t)below(3000));
    fail_once(client);
    fail_all(client);
    is_over = true;
    join_all(fibers, CALLERS);
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1", "s2"};
    weak = (uint32_t)below(SERVERS);
    is_over = false;
    n_refused = 0;
    for (int i = 0; i < SERVERS; i++)
        servers[i] = weft_sim_host_new(names[i], serve, NULL);
    caller = weft_sim_host_new("caller", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "breaker",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
