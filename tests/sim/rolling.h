/* SPDX-License-Identifier: MIT */
/*
 * Five servers, which register themselves in a registry, are restarted one
 * after the other, while clients call at a steady rate. No call fails: if the
 * registry is well, not even one that is tried only once; and if it is killed,
 * cut off, or begins anew without data, none that is idempotent and may be
 * tried again. After that every server is registered; a server that has stopped
 * is not; and the registry was not asked more often than is needed. (Rows 116
 * and 117 of docs/threats.md.)
 *
 * The scenario that includes this file defines HOST, TARGET, and the functions
 * that are declared below.
 */
#ifndef WEFT_TESTS_SIM_ROLLING_H
#define WEFT_TESTS_SIM_ROLLING_H

#include "ledger_answers.h"

#include "fibers.h"

#include <weft/net.h>
#include <weft/upstream.h>

/* The registry's data survives the death of its host. begin_registry drops
 * them. */
static weft_err listen_registry(struct weft_listener **listener);
static void begin_registry(void);
static uint32_t n_listed(void);
static void forget_requests(void);
static void look_at_requests(uint64_t seconds); /* since forget_requests */
static void look_at_end(void); /* the restarts are over, calls go on */

#define SERVERS 5
#define CALLERS 3 /* fibers of each client */
#define TTL_MS 3000
#define SOON_MS 30000 /* a connection whose reset was lost ends after 20 s */

static weft_sim_host registry_host, servers[SERVERS], once, again;
static bool hurts, ends, is_over;
static uint32_t left; /* clients that still call */
static struct {
    uint32_t asked; /* how often the server was told to restart */
    uint32_t starts;
    bool held;
} states[SERVERS];

/* ---- the registry ---- */

static void
be_registry(void *arg)
{
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(2)};
    struct weft_listener *listener;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!listen_registry(&listener));
    weft_sim_wait_for_others();
    (void)!weft_listener_stop_until(listener, weft_now_ns());
    weft_listener_free(listener);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- servers ---- */

/* Also counts the execution in the ledger. */
static weft_err
run(struct weft_call *call, const struct ledger_run_args *args,
    struct ledger_run_result *result)
{
    (void)call;
    weft_sim_call_run((uint64_t)args->number);
    result->success = args->number;
    return weft_sleep_ms((int64_t)below(30));
}

/* A pause after a failure lasts 50 ms at least. */
static void
look_at(struct weft_server *server, int i, uint64_t begun)
{
    uint64_t ms = (weft_now_ns() - begun) / MS;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_registration_views views;
    WEFT_SIM_CHECK(!weft_server_get_registrations(server, &arena, &views));
    WEFT_SIM_CHECK(views.len == 1);
    const struct weft_registration_view *v = &views.items[0];
    states[i].held = v->state == WEFT_REGISTRATION_HELD;
    WEFT_SIM_CHECK(v->failures <= 2 + ms / 50);
    WEFT_SIM_SOMETIMES("a registration fails", v->failures > 0);
    WEFT_SIM_SOMETIMES("an entry is renewed", v->renewals > 0);
    WEFT_SIM_SOMETIMES("an entry is made anew", v->registrations > 1);
    weft_arena_fini(&arena);
}

/* Serve until the server is told to restart, or all is over. */
static void
serve_once(int i)
{
    static const struct ledger_Ledger_service table = {.run = run};
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(2)};
    char address[32];
    struct weft_server *server;
    uint32_t asked = states[i].asked;
    snprintf(address, sizeof address, "10.0.0.%d:0", i + 1);
    const struct weft_registry_options how = {.address = address,
                                              .ttl_ms = TTL_MS};
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_server_new(NULL, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, NULL));
    WEFT_SIM_CHECK(!weft_server_add_registry(server, TARGET, &how));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    states[i].starts++;
    uint64_t begun = weft_now_ns();
    while (states[i].asked == asked && !ends) {
        look_at(server, i, begun);
        (void)weft_sleep_ms(20);
    }
    states[i].held = false;
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
serve(void *arg)
{
    while (!ends) {
        serve_once((int)(intptr_t)arg);
        (void)weft_sleep_ms((int64_t)below(1000)); /* a process starts */
    }
}

/* ---- clients ---- */

struct caller {
    struct weft_client *client;
    bool is_once;
    bool has_list; /* a call has succeeded */
};

static void
call(struct caller *c)
{
    bool is_once = c->is_once;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    uint64_t deadline = weft_now_ns() + 5000 * (uint64_t)MS;
    uint64_t number = weft_sim_call_begin(deadline, !is_once);
    struct ledger_run_args args = {.number = (int64_t)number};
    struct ledger_run_result result = {0};
    const struct weft_call_options options = {
        .deadline_ns = deadline, .info = &info, .idempotent = !is_once};
    weft_err err =
        ledger_Ledger_run(c->client, &arena, &args, &result, &options);
    weft_sim_call_end(number, err, info.reach, (uint64_t)result.success);
    WEFT_SIM_SOMETIMES("a call has a second attempt", info.attempts.len > 1);
    c->has_list |= !err;
    /* the registry may be hurt at the first look-up */
    bool is_early = err == WEFT_ENOENDPOINT && !c->has_list;
    if (err && !((is_once || is_early) && hurts))
        weft_sim_fail("call %lu: %.*s", (unsigned long)number,
                      WEFT_FMT(info.text));
    weft_arena_fini(&arena);
}

static void
call_on(void *arg)
{
    struct caller *c = arg;
    while (!is_over) {
        call(c);
        (void)weft_sleep_ms(20);
    }
}

static bool
all_held(void)
{
    for (int i = 0; i < SERVERS; i++)
        if (!states[i].held)
            return false;
    return true;
}

static void
await_all_held(void)
{
    uint64_t until = weft_sim_now_ns() + SOON_MS * (uint64_t)MS;
    while (!all_held() || n_listed() != SERVERS) {
        if (weft_sim_now_ns() > until)
            weft_sim_fail("%u servers are registered", n_listed());
        (void)weft_sleep_ms(20);
    }
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(2)};
    struct caller caller = {.is_once = arg != NULL};
    const struct weft_upstream_options upstream = {.max_attempts =
                                                       caller.is_once ? 1 : 3};
    const struct weft_client_options how = {.upstream = &upstream};
    weft_fiber fibers[CALLERS];
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_client_new(TARGET, &how, &caller.client));
    await_all_held(); /* the first list has all servers */
    start_all(call_on, &caller, fibers, CALLERS);
    join_all(fibers, CALLERS);
    weft_client_free(caller.client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
    if (--left == 0)
        ends = true;
}

/* ---- restarts and faults ---- */

static void
restart(int i)
{
    uint32_t starts = states[i].starts;
    uint64_t until = weft_sim_now_ns() + 2000 * (uint64_t)MS;
    if (!hurts)
        WEFT_SIM_CHECK(n_listed() == SERVERS);
    states[i].asked++;
    while (states[i].starts == starts)
        (void)weft_sleep_ms(20);
    /* as a person does who restarts them: go on when it is registered, or does
     * not become so */
    while (!states[i].held && (!hurts || weft_sim_now_ns() < until + 4000 * MS))
        (void)weft_sleep_ms(20);
}

static void
hurt_registry(void *arg)
{
    (void)arg;
    while (!is_over) {
        (void)weft_sleep_ms((int64_t)below(3000));
        if (below(2)) {
            weft_sim_kill(registry_host);
            (void)weft_sleep_ms((int64_t)below(2 * TTL_MS));
            if (below(2))
                begin_registry();
            weft_sim_restart(registry_host);
            continue;
        }
        weft_sim_host s = servers[below(SERVERS)];
        weft_sim_cut(s, registry_host, true);
        weft_sim_cut(registry_host, s, true);
        (void)weft_sleep_ms((int64_t)below(2 * TTL_MS));
        weft_sim_cut(s, registry_host, false);
        weft_sim_cut(registry_host, s, false);
    }
}

static void
roll(void *arg)
{
    const struct weft_runtime_options options = {.workers = 1};
    weft_fiber hurting = {0};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    await_all_held();
    uint64_t begun = weft_sim_now_ns();
    forget_requests();
    if (hurts)
        hurting = start(hurt_registry, NULL);
    for (int i = 0; i < SERVERS; i++)
        restart(i);
    (void)weft_sleep_ms((int64_t)below(2 * TTL_MS));
    look_at_end();
    is_over = true;
    if (hurts)
        WEFT_SIM_CHECK(!weft_fiber_join(hurting));
    await_all_held();
    look_at_requests((weft_sim_now_ns() - begun) / ((uint64_t)1000 * MS) + 1);
    WEFT_SIM_CHECK(!weft_runtime_stop());
    if (--left == 0)
        ends = true;
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s1", "s2", "s3", "s4", "s5"};
    memset(states, 0, sizeof states);
    begin_registry();
    ends = is_over = false;
    left = 3;
    hurts = below(2);
    for (int i = 0; i < SERVERS; i++)
        servers[i] = weft_sim_host_new(names[i], serve, (void *)(intptr_t)i);
    registry_host = weft_sim_host_new(HOST, be_registry, NULL);
    once = weft_sim_host_new("once", be_client, &once);
    again = weft_sim_host_new("again", be_client, NULL);
    weft_sim_host_new("roll", roll, NULL);
}

/* Each server has deregistered at its end. */
static void
check(void)
{
    WEFT_SIM_CHECK(n_listed() == 0);
    WEFT_SIM_SOMETIMES("the registry is hurt", hurts);
}

#endif
