/* SPDX-License-Identifier: MIT */
/*
 * A call goes over three servers, each of which calls the next one through a
 * pool, and cancels the handlers of a connection that is gone. When the caller
 * cancels its call, lets it time out, or dies, the last handler ends within
 * 10 ms. The other calls go on. Row 119 of docs/threats.md.
 */
#include "ledger.h"

#include "fibers.h"

#include <weft/rpc.h>

#include <stddef.h>

#define HOPS 3
#define CALLS 8
#define REACH_MS 10 /* so soon the end of a call reaches the last handler */
#define TIMEOUT_MS 400
#define LONG_MS 2000 /* a call that nothing ends */

static weft_sim_host hosts[HOPS], caller;

/* Where each call is: its last handler has begun, and has ended. */
static struct leaf {
    uint64_t begun_ns, ended_ns,
        over_ns; /* over: the caller's call has ended */
    bool is_cancelled;
} leaves[CALLS];

/* ---- the servers ---- */

static weft_err
wait_in_leaf(const struct ledger_slow_args *args)
{
    struct leaf *leaf = &leaves[args->number];
    leaf->begun_ns = weft_sim_now_ns();
    weft_err err = weft_sleep_ms(args->ms);
    leaf->ended_ns = weft_sim_now_ns();
    leaf->is_cancelled = err == WEFT_ECANCEL;
    return err;
}

static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    struct weft_client *next = weft_call_user(call);
    return next ? ledger_Ledger_slow(next, weft_call_arena(call), args, result,
                                     NULL)
                : wait_in_leaf(args);
}

/* A client of a server that may not listen yet. */
static struct weft_client *
connect_to(const char *address)
{
    static const struct weft_client_options pool = {.pool_min = 1,
                                                    .pool_max = CALLS};
    struct weft_client *client;
    WEFT_SIM_CHECK(!weft_client_new(address, &pool, &client));
    while (weft_client_warm_until(client, weft_after_ms(100)))
        (void)weft_sleep_ms(1);
    return client;
}

static void
serve(void *arg)
{
    static const char *const names[HOPS] = {"", "h1:9090", "h2:9090"};
    static const struct ledger_Ledger_service table = {.slow = slow};
    static const struct weft_server_options options = {.cancel_when_gone =
                                                           true};
    ptrdiff_t next = (weft_sim_host *)arg - hosts + 1;
    struct weft_client *client = next < HOPS ? connect_to(names[next]) : NULL;
    struct weft_server *server;
    WEFT_SIM_CHECK(!weft_server_new(&options, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, client));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- the caller ---- */

enum fate { LASTS, CANCELLED, LATE, FATES };

static struct one_call {
    struct weft_client *client;
    enum fate fate;
    weft_fiber fiber;
} calls[CALLS];

static void
call(void *arg)
{
    struct one_call *one = arg;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct ledger_slow_args args = {.number = one - calls, .ms = LONG_MS};
    struct ledger_slow_result result = {0};
    const struct weft_call_options options = {
        .deadline_ns =
            one->fate == LATE ? weft_after_ms(TIMEOUT_MS) : WEFT_NEVER};
    weft_err err =
        ledger_Ledger_slow(one->client, &arena, &args, &result, &options);
    leaves[one - calls].over_ns = weft_sim_now_ns();
    WEFT_SIM_CHECK(err == (one->fate == LATE        ? WEFT_ETIMEOUT
                           : one->fate == CANCELLED ? WEFT_ECANCEL
                                                    : WEFT_OK));
    weft_arena_fini(&arena);
}

static void
wait_until_all_wait(void)
{
    for (int i = 0; i < CALLS; i++)
        while (!leaves[i].begun_ns)
            (void)weft_sleep_ms(1);
}

static void
be_caller(void *arg)
{
    struct weft_client *client = connect_to("h0:9090");
    (void)arg;
    for (int i = 0; i < CALLS; i++) {
        calls[i].client = client;
        calls[i].fate = (enum fate)weft_sim_random(FATES);
        WEFT_SIM_CHECK(!weft_fiber_start(call, &calls[i], &calls[i].fiber));
    }
    wait_until_all_wait();
    (void)weft_sleep_ms((int64_t)weft_sim_random(TIMEOUT_MS / 2));
    for (int i = 0; i < CALLS; i++)
        if (calls[i].fate == CANCELLED)
            weft_fiber_cancel(calls[i].fiber);
    for (int i = 0; i < CALLS; i++)
        WEFT_SIM_CHECK(!weft_fiber_join(calls[i].fiber));
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- what must hold ---- */

static bool
ended_soon_after(const struct leaf *leaf, uint64_t over_ns)
{
    return leaf->is_cancelled && leaf->ended_ns &&
           leaf->ended_ns <= over_ns + REACH_MS * (uint64_t)MS;
}

static void
look(uint64_t killed_ns)
{
    for (int i = 0; i < CALLS; i++) {
        const struct leaf *leaf = &leaves[i];
        bool is_killed = !leaf->over_ns;
        uint64_t over = is_killed ? killed_ns : leaf->over_ns;
        if (is_killed || calls[i].fate != LASTS)
            WEFT_SIM_CHECK(ended_soon_after(leaf, over));
        else
            WEFT_SIM_CHECK(!leaf->is_cancelled && leaf->ended_ns);
        WEFT_SIM_SOMETIMES("a cancel reaches the last handler",
                           !is_killed && calls[i].fate == CANCELLED);
        WEFT_SIM_SOMETIMES("a time-out reaches the last handler",
                           !is_killed && calls[i].fate == LATE);
        WEFT_SIM_SOMETIMES("the caller dies", is_killed);
    }
}

static void
watch(void *arg)
{
    uint64_t killed = 0;
    (void)arg;
    wait_until_all_wait();
    if (weft_sim_random(3) == 0) {
        (void)weft_sleep_ms((int64_t)weft_sim_random(TIMEOUT_MS));
        weft_sim_kill(caller);
        killed = weft_sim_now_ns();
        (void)weft_sleep_ms(REACH_MS + 1);
    } else {
        (void)weft_sleep_ms(2 * LONG_MS);
    }
    look(killed);
}

static void
set_up(void)
{
    static const char *const names[HOPS] = {"h0", "h1", "h2"};
    for (int i = 0; i < HOPS; i++)
        hosts[i] = weft_sim_host_new(names[i], serve, &hosts[i]);
    caller = weft_sim_host_new("caller", be_caller, NULL);
    weft_sim_host_new("watch", watch, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "cascade",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
