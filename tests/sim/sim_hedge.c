/* SPDX-License-Identifier: MIT */
/*
 * One server at a time of five is killed, frozen or cut off, while calls are
 * hedged, cancelled and refused. Each call ends once, no copy goes to the
 * server that has the call, and hedges stay within the budget. Then one of the
 * servers takes 50 ms now and then: with hedging nearly no call is that slow.
 */
#include "ledger.h"

#include "fibers.h"
#include "hurt_server.h"

#include <weft/upstream.h>

#include <errno.h>
#include <string.h>

#define SERVERS 5
#define CALLERS 4
#define CALLS 400     /* of a measurement */
#define NUMBERS 65536 /* more than a run has calls */
#define SLOW_TURN 8   /* every 8th request of the slow server is slow */
#define GIVEN_MS 15
#define TARGET "list:s0:9090,s1:9090,s2:9090,s3:9090,s4:9090"
#define PERIOD_NS 10000000000u /* of the reserve */

static weft_sim_host servers[SERVERS], caller;
static uint32_t failing, turn;
static bool refusing;            /* servers refuse each call, after a while */
static uint8_t runs[NUMBERS];    /* executions of each call */
static uint8_t allowed[NUMBERS]; /* its attempts that may have been executed */

static struct weft_client *
new_client(uint32_t hedge_ms, uint32_t timeout_ms, uint32_t max_attempts)
{
    const struct weft_upstream_options upstream = {.balance = WEFT_ROUND_ROBIN,
                                                   .hedge_ms = hedge_ms,
                                                   .attempt_timeout_ms =
                                                       timeout_ms,
                                                   .max_attempts = max_attempts,
                                                   .eject_failures = WEFT_NONE};
    const struct weft_client_options options = {
        .dialect.framing = weft_sim_random(2) ? WEFT_TTHEADER : WEFT_HTTP,
        .upstream = &upstream};
    struct weft_client *client;
    WEFT_SIM_CHECK(!weft_client_new(TARGET, &options, &client));
    return client;
}

/* ---- the servers ---- */

static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    (void)call;
    weft_sim_call_run((uint64_t)args->number);
    runs[args->number % NUMBERS]++;
    result->success = args->number;
    return weft_sleep_ms(args->ms);
}

/* Only the slow server is given `is_slow`, which the others do not have. */
static weft_err
run(struct weft_call *call, const struct ledger_run_args *args,
    struct ledger_run_result *result)
{
    const bool *is_slow = weft_call_user(call);
    result->success = args->number;
    if (refusing) {
        weft_err err = weft_sleep_ms(4 * GIVEN_MS);
        return err ? err : WEFT_EOVERLOAD;
    }
    return *is_slow && turn++ % SLOW_TURN == 0 ? weft_sleep_ms(50) : WEFT_OK;
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = run,
                                                       .slow = slow};
    const struct weft_runtime_options runtime = {
        .workers = 1 + (uint32_t)weft_sim_random(2)};
    const struct weft_server_options options = {.stop_timeout_ms = 500};
    struct weft_server *server;
    WEFT_SIM_CHECK(!weft_runtime_start(&runtime));
    WEFT_SIM_CHECK(!weft_server_new(&options, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, arg));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- what holds for every call ---- */

/* True if the call failed, but another server could have answered it. */
static bool
might_go_on(weft_err err)
{
    return err == WEFT_EBROKEN || err == WEFT_EOVERLOAD - WEFT_PEER;
}

static void
look(const struct weft_call_info *info, weft_err err, bool idempotent)
{
    const struct weft_call_attempts *list = &info->attempts;
    uint32_t n_ok = 0, n_cancelled = 0;
    for (uint32_t i = 0; i < list->len; i++) {
        n_ok += list->items[i].err == WEFT_OK;
        n_cancelled += list->items[i].err == WEFT_ECANCEL;
        WEFT_SIM_CHECK(list->items[i].endpoint.len > 0);
    }
    if (!err)
        WEFT_SIM_CHECK(n_ok == 1 && n_cancelled <= 1);
    /* the other copy would have been awaited */
    WEFT_SIM_CHECK(!might_go_on(err) || n_cancelled == 0);
    WEFT_SIM_CHECK(idempotent || n_ok + n_cancelled <= 1);
    if (err || n_cancelled == 0)
        return;
    const struct weft_call_attempt *a = &list->items[list->len - 2];
    WEFT_SIM_CHECK(!weft_str_eq(a[0].endpoint, a[1].endpoint));
    WEFT_SIM_SOMETIMES("the copy is faster", !a[1].err);
    WEFT_SIM_SOMETIMES("the copy is slower", !a[0].err);
    WEFT_SIM_SOMETIMES("a call is hedged after a retry", list->len > 2);
}

/* The budget pays a tenth of the calls, and lends ten hedges in a period. */
static void
check_stats(struct weft_client *client, uint64_t n_calls, uint64_t begun_ns)
{
    struct weft_client_stats stats;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    uint64_t periods = weft_now_ns() / PERIOD_NS - begun_ns / PERIOD_NS + 1;
    weft_client_get_stats(client, &stats);
    WEFT_SIM_CHECK(stats.hedges <= n_calls / 10 + 10 * periods);
    WEFT_SIM_CHECK(stats.hedges_won <= stats.hedges);
    WEFT_SIM_CHECK(!weft_client_get_endpoints(client, &arena, &views));
    for (uint32_t i = 0; i < views.len; i++)
        WEFT_SIM_CHECK(views.items[i].in_flight == 0);
    weft_arena_fini(&arena);
}

/* ---- a server that is slow now and then ---- */

static weft_err
call_run(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    const struct weft_call_options options = {.info = &info,
                                              .idempotent = true};
    struct ledger_run_args args = {.number = 7};
    struct ledger_run_result result = {0};
    weft_err err = ledger_Ledger_run(client, &arena, &args, &result, &options);
    look(&info, err, true);
    WEFT_SIM_CHECK(err || result.success == 7);
    weft_arena_fini(&arena);
    return err;
}

static int
compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Returns the 99th percentile of calls after `warm` other ones. */
static uint64_t
measure(uint32_t hedge_ms, int warm)
{
    static uint64_t took[CALLS];
    struct weft_client *client = new_client(hedge_ms, 0, 0);
    struct weft_client_stats stats;
    uint64_t begun_ns = weft_now_ns();
    for (int i = -warm; i < CALLS; i++) {
        uint64_t since = weft_now_ns();
        WEFT_SIM_CHECK(!call_run(client));
        if (i >= 0)
            took[i] = weft_now_ns() - since;
        (void)weft_sleep_ms(20);
    }
    qsort(took, CALLS, sizeof *took, compare);
    weft_client_get_stats(client, &stats);
    WEFT_SIM_CHECK((stats.hedges > 0) == (hedge_ms > 0));
    WEFT_SIM_CHECK(hedge_ms == 0 || stats.hedges_won > 0);
    WEFT_SIM_CHECK(stats.strays == 0);
    check_stats(client, (uint64_t)(CALLS + warm), begun_ns);
    weft_client_free(client);
    return took[CALLS * 99 / 100];
}

/* The measured delay is known after 5 s. */
static void
compare_tails(void *arg)
{
    (void)arg;
    uint64_t plain = measure(0, 2 * SERVERS);
    uint64_t given = measure(GIVEN_MS, 2 * SERVERS);
    WEFT_SIM_CHECK(plain >= 50 * (uint64_t)MS);
    WEFT_SIM_CHECK(given < plain);
    if (weft_sim_random(4) == 0)
        WEFT_SIM_CHECK(5 * measure(WEFT_HEDGE_P95, CALLS) < plain);
}

/* ---- calls while servers fail ---- */

static struct {
    struct weft_client *client;
    uint64_t n_calls;
} shared;

enum how { CALLED, BEGUN, CANCELLED, HOWS };

static weft_err
make_call(enum how how, struct weft_arena *arena, struct ledger_slow_args *args,
          struct ledger_slow_result *result,
          const struct weft_call_options *options)
{
    struct weft_pending pending;
    if (how == CALLED)
        return ledger_Ledger_slow(shared.client, arena, args, result, options);
    ledger_Ledger_slow_begin(shared.client, arena, args, result, options,
                             &pending);
    if (how == BEGUN)
        return weft_await(&pending);
    uint64_t until = weft_now_ns() + below(60) * (uint64_t)MS;
    int found = weft_await_any_until(&pending, 1, until);
    WEFT_SIM_CHECK(found == 0 || found == WEFT_ETIMEOUT ||
                   found == WEFT_ECANCEL || found == -EINVAL);
    return weft_pending_cancel(&pending);
}

static void
ask(void)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    bool idempotent = below(4) > 0;
    uint64_t deadline = weft_now_ns() + (30 + below(600)) * (uint64_t)MS;
    uint64_t number = weft_sim_call_begin(deadline, idempotent);
    const struct weft_call_options options = {
        .deadline_ns = deadline, .info = &info, .idempotent = idempotent};
    struct ledger_slow_args args = {.number = (int64_t)number,
                                    .ms = (int32_t)(below(8) ? 0 : below(80))};
    struct ledger_slow_result result = {0};
    WEFT_SIM_CHECK(number < NUMBERS);
    weft_err err =
        make_call((enum how)below(HOWS), &arena, &args, &result, &options);
    weft_sim_call_end(number, err, info.reach, (uint64_t)result.success);
    look(&info, err, idempotent);
    for (uint32_t i = 0; i < info.attempts.len; i++)
        if (info.attempts.items[i].reach != WEFT_CALL_NOT_SENT)
            allowed[number]++;
    shared.n_calls++;
    weft_arena_fini(&arena);
}

static void
call(void *arg)
{
    (void)arg;
    while (failing) {
        ask();
        if (below(4) == 0)
            (void)weft_sleep_ms((int64_t)below(40));
    }
}

/* A fiber whose calls a cancel ends, wherever they are. */
static void
call_until_cancelled(void *arg)
{
    (void)arg;
    while (failing && !weft_fiber_cancelled())
        ask();
}

static void
cancel_some(void)
{
    while (failing) {
        weft_fiber fiber = start(call_until_cancelled, NULL);
        (void)weft_sleep_ms((int64_t)below(100));
        weft_fiber_cancel(fiber);
        WEFT_SIM_CHECK(!weft_fiber_join(fiber));
    }
}

static void
call_all(void)
{
    weft_fiber fibers[CALLERS];
    uint64_t begun_ns = weft_now_ns();
    uint32_t hedge_ms = below(4) ? 1 + (uint32_t)below(40) : WEFT_HEDGE_P95;
    shared.client = new_client(hedge_ms, below(2) ? 100 : 0, 0);
    start_all(call, NULL, fibers, CALLERS);
    cancel_some();
    join_all(fibers, CALLERS);
    check_stats(shared.client, shared.n_calls, begun_ns);
    weft_client_free(shared.client);
}

/* Each server refuses each call after the time of a hedge, so all attempts
 * follow, and the call is hedged once. */
static void
call_refusing(void)
{
    struct weft_client *client = new_client(GIVEN_MS, 0, 8);
    for (int i = 0; i < 2 * SERVERS; i++) /* connect to all */
        WEFT_SIM_CHECK(!call_run(client));
    refusing = true;
    for (int i = 0; i < 3; i++) {
        struct weft_client_stats before, after;
        weft_client_get_stats(client, &before);
        WEFT_SIM_CHECK(call_run(client) == WEFT_EOVERLOAD - WEFT_PEER);
        weft_client_get_stats(client, &after);
        WEFT_SIM_CHECK(after.hedges - before.hedges <= 1);
        WEFT_SIM_CHECK(after.hedges_won - before.hedges_won <= 1);
    }
    refusing = false;
    weft_client_free(client);
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    call_all();
    call_refusing();
    if (options.workers > 1)
        compare_tails(NULL);
    else
        WEFT_SIM_CHECK(!weft_fiber_join(start(compare_tails, NULL)));
    for (uint32_t i = 0; i < NUMBERS; i++)
        WEFT_SIM_CHECK(runs[i] <= allowed[i]);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- faults ---- */

static void
fail(void *arg)
{
    (void)arg;
    weft_sim_faults(WEFT_SIM_INTERRUPTED);
    for (int i = 0; i < 3; i++) {
        (void)weft_sleep_ms(300 + (int64_t)below(700));
        hurt_server(servers[below(SERVERS)], caller, 1000);
    }
    (void)weft_sleep_ms(2000); /* the last server has come back */
    end_faults(&failing);
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1", "s2", "s3", "s4"};
    static bool is_slow[SERVERS] = {true};
    failing = 1;
    turn = 0;
    refusing = false;
    shared.n_calls = 0;
    memset(runs, 0, sizeof runs);
    memset(allowed, 0, sizeof allowed);
    for (int i = 0; i < SERVERS; i++)
        servers[i] = weft_sim_host_new(names[i], serve, &is_slow[i]);
    caller = weft_sim_host_new("caller", be_client, NULL);
    weft_sim_host_new("chaos", fail, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "hedge",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
