/* SPDX-License-Identifier: MIT */
/*
 * A client checks its four servers, and makes hardly any calls. One server
 * dies, freezes or is cut off, twice. The checks notice it within their time,
 * and no call goes to it. When the server is back, the checks notice that, too,
 * and the server is used again, as the same endpoint. If all servers are dead,
 * all are tried. The list changes while checks are in flight, and a server that
 * has left it is checked no more. A second client has its servers checked, too,
 * and is freed in the middle of its checks. (Row 115 of docs/threats.md.)
 */
#include "ledger_serve.h"

#include "fibers.h"

#include <weft/upstream.h>

#include <stdio.h>

#define SECOND (1000 * (uint64_t)MS)
#define SERVERS 4
#define CALL_MS 200 /* deadline of each call */
/* A client waits so long, at most, before it connects again: 32 times
 * retry_connect_ms. */
#define REST_NS (640 * (uint64_t)MS)

enum hurt { DEAD, FROZEN, CUT_OFF, HURTS };

static const char *const names[SERVERS] = {"s0", "s1", "s2", "s3"};
static weft_sim_host servers[SERVERS], caller;
static uint32_t weak; /* the server that fails */
static struct weft_upstream_options options;

/* ---- the servers ---- */

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
    const struct weft_runtime_options runtime = {.workers =
                                                     1 + (uint32_t)below(3)};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&runtime));
    serve_for_others(NULL, &table);
}

static void
hurt(enum hurt how, bool on)
{
    weft_sim_host s = servers[weak];
    switch (how) {
    case DEAD:
        (on ? weft_sim_kill : weft_sim_restart)(s);
        break;
    case FROZEN:
        weft_sim_freeze(s, on);
        break;
    default:
        weft_sim_cut(caller, s, on);
        weft_sim_cut(s, caller, on);
        break;
    }
}

/* A connect succeeds although the process is frozen. */
static enum hurt
any_hurt(void)
{
    enum hurt how = (enum hurt)below(HURTS);
    return how == FROZEN && options.check == WEFT_CHECK_CONNECT ? DEAD : how;
}

/* ---- bounds ---- */

/* The longest time from one check of an endpoint to the next. */
static uint64_t
longest_pause(void)
{
    uint64_t ns = options.check_ms * (uint64_t)MS;
    uint64_t timeout = options.check_timeout_ms * (uint64_t)MS;
    return (ns > timeout ? ns : timeout) + ns / 10 + SLACK_NS;
}

static uint64_t
longest_until(uint32_t n_checks)
{
    return n_checks * longest_pause() +
           options.check_timeout_ms * (uint64_t)MS + SLACK_NS;
}

/* ---- the client ---- */

static weft_err
ask(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    uint64_t deadline = weft_now_ns() + CALL_MS * (uint64_t)MS;
    const struct weft_call_options call = {.deadline_ns = deadline,
                                           .info = &info};
    uint64_t number = weft_sim_call_begin(deadline, false);
    struct ledger_run_args args = {.number = (int64_t)number};
    struct ledger_run_result result = {0};
    weft_err err = ledger_Ledger_run(client, &arena, &args, &result, &call);
    weft_sim_call_end(number, err, info.reach, (uint64_t)result.success);
    weft_arena_fini(&arena);
    return err;
}

/* Returns what the client knows of a server; address.ptr is NULL if the server
 * is not in the list. */
static struct weft_endpoint_view
look(struct weft_client *client, uint32_t server)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    struct weft_endpoint_view found = {.weight = 0};
    char name[16];
    snprintf(name, sizeof name, "%s:9090", names[server]);
    WEFT_SIM_CHECK(!weft_client_get_endpoints(client, &arena, &views));
    for (uint32_t i = 0; i < views.len; i++)
        if (weft_str_eq(views.items[i].address, weft_str_of(name)))
            found = views.items[i];
    WEFT_SIM_CHECK((found.reason.len > 0) == (found.changed_ns > 0));
    found.address = found.reason = (struct weft_str){0};
    weft_arena_fini(&arena);
    return found;
}

static struct weft_endpoint_view
wait_for(struct weft_client *client, uint32_t server,
         enum weft_endpoint_state state, uint64_t most_ns)
{
    uint64_t until = weft_now_ns() + most_ns;
    struct weft_endpoint_view v = look(client, server);
    while (v.state != state) {
        if (weft_now_ns() > until)
            weft_sim_fail("after %llu ms the checks do not notice that %s is "
                          "%s; check_ms %u, timeout %u, %u failures, %u "
                          "successes",
                          (unsigned long long)(most_ns / MS), names[server],
                          state == WEFT_ENDPOINT_EJECTED ? "gone" : "back",
                          options.check_ms, options.check_timeout_ms,
                          options.check_failures, options.check_successes);
        (void)weft_sleep_ms(1 + (int64_t)below(10));
        v = look(client, server);
    }
    return v;
}

static void
others_are_usable(struct weft_client *client)
{
    for (uint32_t i = 0; i < SERVERS; i++)
        WEFT_SIM_CHECK(i == weak ||
                       look(client, i).state == WEFT_ENDPOINT_USABLE);
}

/* ---- one server ---- */

/* The server fails, while nobody calls it. */
static void
fail_once(struct weft_client *client)
{
    enum hurt how = any_hurt();
    struct weft_endpoint_view before = look(client, weak);
    uint64_t attempts = before.attempts, begun = weft_now_ns();
    uint32_t n = before.ejections + 1;
    hurt(how, true);
    struct weft_endpoint_view v =
        wait_for(client, weak, WEFT_ENDPOINT_EJECTED,
                 longest_until(options.check_failures));
    WEFT_SIM_CHECK(v.ejections == n && v.changed_ns >= begun);
    WEFT_SIM_CHECK(v.attempts == attempts && v.failures == before.failures);
    for (int i = 0; i < 10; i++) {
        WEFT_SIM_CHECK(!ask(client));
        (void)weft_sleep_ms((int64_t)below(300));
        v = look(client, weak);
        WEFT_SIM_CHECK(v.state == WEFT_ENDPOINT_EJECTED && v.ejections == n);
        WEFT_SIM_CHECK(v.attempts == attempts);
        others_are_usable(client);
    }
    hurt(how, false);
    /* The first check may use a connection whose bytes were lost. */
    v = wait_for(client, weak, WEFT_ENDPOINT_USABLE,
                 longest_until(options.check_successes + 2) + REST_NS +
                     2 * SECOND);
    WEFT_SIM_CHECK(v.ejections == n && v.attempts == attempts);
    for (int i = 0; look(client, weak).attempts == attempts; i++) {
        WEFT_SIM_CHECK(i < 1000);
        (void)ask(client);
        (void)weft_sleep_ms((int64_t)below(10));
    }
    WEFT_SIM_SOMETIMES("a server that died is back", how == DEAD);
    WEFT_SIM_SOMETIMES("a server that was frozen is back", how == FROZEN);
    WEFT_SIM_SOMETIMES("a server that was cut off is back", how == CUT_OFF);
}

/* ---- all servers ---- */

/* Each client whose checks all fail tries all servers. */
static void
fail_all(struct weft_client *client)
{
    for (uint32_t i = 0; i < SERVERS; i++)
        weft_sim_kill(servers[i]);
    for (uint32_t i = 0; i < SERVERS; i++)
        (void)wait_for(client, i, WEFT_ENDPOINT_EJECTED,
                       longest_until(options.check_failures));
    uint64_t attempts = look(client, weak).attempts;
    for (int i = 0; look(client, weak).attempts == attempts; i++) {
        WEFT_SIM_CHECK(i < 1000);
        WEFT_SIM_CHECK(ask(client));
        (void)weft_sleep_ms((int64_t)below(10));
    }
    for (uint32_t i = 0; i < SERVERS; i++)
        weft_sim_restart(servers[i]);
    for (uint32_t i = 0; i < SERVERS; i++)
        (void)wait_for(client, i, WEFT_ENDPOINT_USABLE,
                       longest_until(options.check_successes + 1) + REST_NS);
}

/* ---- another list ---- */

/* Replace the list again and again while the weak server does not answer, so
 * that its check is in flight when the server leaves the list. */
static void
change_list(struct weft_client *client)
{
    static const struct weft_endpoint all[SERVERS] = {
        {.address = "s0:9090", .weight = 1},
        {.address = "s1:9090", .weight = 1},
        {.address = "s2:9090", .weight = 1},
        {.address = "s3:9090", .weight = 1}};
    enum hurt how = any_hurt();
    hurt(how, true);
    for (int i = 0; i < 20; i++) {
        struct weft_endpoint some[SERVERS];
        uint32_t n = 0;
        for (uint32_t k = 0; k < SERVERS; k++)
            if (k != weak || below(2))
                some[n++] = all[k];
        WEFT_SIM_CHECK(!weft_client_set_endpoints(client, some, n));
        (void)weft_sleep_ms((int64_t)below(options.check_ms));
    }
    hurt(how, false);
    WEFT_SIM_CHECK(!weft_client_set_endpoints(client, all, SERVERS));
    for (uint32_t i = 0; i < SERVERS; i++)
        (void)wait_for(client, i, WEFT_ENDPOINT_USABLE,
                       longest_until(options.check_successes + 2) + REST_NS +
                           2 * SECOND);
}

/* ---- the host of the clients ---- */

static void
new_client(struct weft_client **client)
{
    const struct weft_client_options client_options = {
        .upstream = &options, .connect_timeout_ms = 100};
    WEFT_SIM_CHECK(!weft_client_new("list:s0:9090,s1:9090,s2:9090,s3:9090",
                                    &client_options, client));
    while (ask(*client)) /* the servers may not have started yet */
        (void)weft_sleep_ms(10);
    for (uint32_t i = 0; i < SERVERS; i++)
        (void)wait_for(*client, i, WEFT_ENDPOINT_USABLE, 10 * SECOND);
}

/* Freed while its checks are in flight. */
static void
leave_early(void *arg)
{
    struct weft_client *client;
    (void)arg;
    new_client(&client);
    (void)weft_sleep_ms((int64_t)below(3000));
    weft_client_free(client);
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options runtime = {.workers =
                                                     1 + (uint32_t)below(3)};
    struct weft_client *client;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&runtime));
    new_client(&client);
    weft_fiber other = start(leave_early, NULL);
    (void)weft_sleep_ms(1000); /* until all servers have started */
    fail_once(client);
    fail_once(client);
    change_list(client);
    fail_all(client);
    WEFT_SIM_CHECK(!weft_fiber_join(other));
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    weak = (uint32_t)below(SERVERS);
    options = (struct weft_upstream_options){
        .balance = WEFT_ROUND_ROBIN,
        .eject_failures = WEFT_NONE,
        .check_ms = 100 + (uint32_t)below(400),
        .check = (enum weft_check)below(2),
        .check_timeout_ms = 60 + (uint32_t)below(500),
        .check_failures = 1 + (uint32_t)below(3),
        .check_successes = 1 + (uint32_t)below(3)};
    for (int i = 0; i < SERVERS; i++)
        servers[i] = weft_sim_host_new(names[i], serve, NULL);
    caller = weft_sim_host_new("caller", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "checks",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
