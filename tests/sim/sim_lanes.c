/* SPDX-License-Identifier: MIT */
/*
 * Which connection a call uses, if a client has several or a pool, and when
 * connections are made and closed. The counter `connects` of the client tells.
 */
#include "fibers.h"
#include "ledger_serve.h"

#include <weft/rpc.h>

#define MOST 4

static enum part {
    SPREAD,   /* the connection with fewer calls is chosen */
    WARM,     /* connections are made before the first call */
    ONCE,     /* each call has a connection of its own */
    IDLE,     /* connections of a pool that are not needed are closed */
    GIVEN_UP, /* a call that times out takes its connection with it */
    WAITS,    /* a call waits for a connection until its deadline */
    FREED,    /* the client is freed while a call waits */
    PARTS,
} part;

/* ---- the server ---- */

static weft_err
run(struct weft_call *call, const struct ledger_run_args *args,
    struct ledger_run_result *result)
{
    (void)call;
    result->success = args->number;
    return WEFT_OK;
}

static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    (void)call;
    result->success = args->number;
    return weft_sleep_ms(args->ms);
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = run,
                                                       .slow = slow};
    (void)arg;
    serve_for_others(NULL, &table);
}

/* ---- the client ---- */

static struct weft_client *client;

/* A call that the server holds for `ms`. */
struct slow_call {
    int32_t ms;
    uint32_t timeout_ms;
    weft_err err;
    weft_fiber fiber;
};

static void
ask(void *arg)
{
    struct slow_call *c = arg;
    struct ledger_slow_args args = {.number = 1, .ms = c->ms};
    struct ledger_slow_result result = {0};
    const struct weft_call_options options = {.deadline_ns =
                                                  weft_after_ms(c->timeout_ms)};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    c->err = ledger_Ledger_slow(client, &arena, &args, &result, &options);
    weft_arena_fini(&arena);
}

static weft_err
ask_now(int32_t ms, uint32_t timeout_ms)
{
    struct slow_call c = {.ms = ms, .timeout_ms = timeout_ms};
    ask(&c);
    return c.err;
}

static void
begin(struct slow_call *c)
{
    *c = (struct slow_call){.ms = 500, .timeout_ms = 5000};
    WEFT_SIM_CHECK(!weft_fiber_start(ask, c, &c->fiber));
    (void)weft_sleep_ms(50); /* by then the call is sent */
}

static void
end(struct slow_call *c, weft_err err)
{
    WEFT_SIM_CHECK(!weft_fiber_join(c->fiber));
    WEFT_SIM_CHECK(c->err == err);
}

static void
must_have_made(uint64_t n)
{
    struct weft_client_stats stats;
    weft_client_get_stats(client, &stats);
    if (stats.connects != n)
        weft_sim_fail("%d connections were made, not %d", (int)stats.connects,
                      (int)n);
}

static void
ask_side_by_side(int n)
{
    struct slow_call calls[MOST];
    for (int i = 0; i < n; i++)
        begin(&calls[i]);
    for (int i = 0; i < n; i++)
        end(&calls[i], WEFT_OK);
}

/* ---- the parts ---- */

static void
spread(void)
{
    ask_side_by_side(2);
    must_have_made(2);
}

static void
warm(void)
{
    WEFT_SIM_CHECK(!weft_client_warm_until(client, weft_after_ms(5000)));
    must_have_made(3);
    ask_side_by_side(3);
    must_have_made(3);
}

static void
once(void)
{
    for (uint64_t i = 1; i < 4; i++) {
        WEFT_SIM_CHECK(!ask_now(0, 5000));
        must_have_made(i);
    }
}

static void
idle(void)
{
    ask_side_by_side(MOST);
    must_have_made(MOST);
    (void)weft_sleep_ms(29000);
    ask_side_by_side(MOST); /* none was idle for long enough */
    must_have_made(MOST);
    (void)weft_sleep_ms(31000);
    ask_side_by_side(MOST); /* all but pool_min are made again */
    must_have_made(MOST + MOST - 1);
    for (int i = 0; i < 70; i++) {
        WEFT_SIM_CHECK(!ask_now(0, 5000)); /* keeps one connection warm */
        (void)weft_sleep_ms(1000);
    }
    must_have_made(MOST + MOST - 1);
    ask_side_by_side(MOST);
    must_have_made(MOST + MOST - 1 + MOST - 1);
}

static void
given_up(void)
{
    WEFT_SIM_CHECK(ask_now(500, 100) == WEFT_ETIMEOUT);
    WEFT_SIM_CHECK(!ask_now(0, 5000));
    must_have_made(2);
}

static void
waits(void)
{
    struct slow_call first;
    begin(&first);
    WEFT_SIM_CHECK(ask_now(0, 100) == WEFT_ETIMEOUT);
    WEFT_SIM_CHECK(!ask_now(0, 5000));
    end(&first, WEFT_OK);
    must_have_made(1);
}

static void
freed(void)
{
    struct slow_call calls[2];
    begin(&calls[0]);
    begin(&calls[1]);
    weft_client_free(client);
    end(&calls[0], WEFT_ECLOSED);
    end(&calls[1], WEFT_ECLOSED);
    client = NULL;
}

static const struct {
    void (*run)(void);
    struct weft_client_options options;
} parts[PARTS] = {
    [SPREAD] = {spread, {.connections = 2}},
    [WARM] = {warm, {.pool_max = 3, .pool_min = 3}},
    [ONCE] = {once, {.pool_max = 2, .pool_once = true}},
    [IDLE] = {idle, {.pool_max = MOST, .pool_min = 1}},
    [GIVEN_UP] = {given_up, {.pool_max = 1}},
    [WAITS] = {waits, {.pool_max = 1}},
    [FREED] = {freed, {.pool_max = 1}},
};

static void
be_client(void *arg)
{
    (void)arg;
    const struct weft_runtime_options options = {
        .workers = 1 + (uint32_t)weft_sim_random(3)};
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    (void)weft_sleep_ms(10); /* by then the server listens */
    WEFT_SIM_CHECK(
        !weft_client_new("server:9090", &parts[part].options, &client));
    parts[part].run();
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    part = (enum part)weft_sim_random(PARTS);
    weft_sim_host_new("server", serve, NULL);
    weft_sim_host_new("client", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "lanes",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
