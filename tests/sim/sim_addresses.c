/* SPDX-License-Identifier: MIT */
/*
 * A name that stands for three hosts. A client reaches a host that lives,
 * whatever happened to the others. If a look-up fails, the dial returns its
 * error. After a new answer, dials go to another host. Then hosts die and
 * look-ups fail by chance while clients call.
 */
#include "ledger_calls.h"

#include <weft/net.h>

#include <errno.h>

#define SERVERS 3
#define CALLERS 4
#define CALLS 30
#define TURNS 6 /* faults, one after the other, while clients call */

static weft_sim_host servers[SERVERS], asker;

static void
serve(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(!ledger_serve());
}

/* ---- each fault alone ---- */

static void
stand_for(size_t first, size_t n)
{
    weft_sim_name("shop", servers + first, n);
}

static weft_err
try_to_dial(int64_t ms)
{
    struct weft_conn *conn;
    weft_err err = weft_dial_until("shop:9090", NULL, weft_after_ms(ms), &conn);
    if (!err)
        weft_conn_close(conn);
    return err;
}

static void
cut(weft_sim_host host, bool on)
{
    weft_sim_cut(asker, host, on);
    weft_sim_cut(host, asker, on);
}

/* A dial succeeds, whichever of the three hosts is gone. */
static void
miss_one(void)
{
    weft_sim_host gone = servers[weft_sim_random(SERVERS)];
    cut(gone, true); /* the host is silent */
    WEFT_SIM_CHECK(!try_to_dial(2000));
    cut(gone, false);
    weft_sim_kill(gone); /* the host refuses */
    WEFT_SIM_CHECK(!try_to_dial(2000));
    weft_sim_restart(gone); /* the host refuses until it listens */
    WEFT_SIM_CHECK(!try_to_dial(2000));
    weft_sim_power_off(gone);
    WEFT_SIM_CHECK(!try_to_dial(2000));
    weft_sim_restart(gone);
    (void)weft_sleep_ms(100);
}

/* The next address is tried as soon as one has refused, also while a silent one
 * has not failed yet. */
static void
miss_two(void)
{
    uint64_t begun = weft_now_ns();
    size_t silent = weft_sim_random(SERVERS);
    weft_sim_host refuses =
        servers[(silent + 1 + weft_sim_random(2)) % SERVERS];
    cut(servers[silent], true);
    weft_sim_kill(refuses);
    WEFT_SIM_CHECK(!try_to_dial(2000));
    WEFT_SIM_CHECK(weft_now_ns() - begun < 450 * (uint64_t)MS);
    cut(servers[silent], false);
    weft_sim_restart(refuses);
    (void)weft_sleep_ms(100);
}

/* If every host refuses, so does the dial, without a wait. */
static void
miss_all(void)
{
    for (int i = 0; i < SERVERS; i++)
        weft_sim_kill(servers[i]);
    WEFT_SIM_CHECK(try_to_dial(2000) == -ECONNREFUSED);
    for (int i = 0; i < SERVERS; i++)
        weft_sim_restart(servers[i]);
    (void)weft_sleep_ms(100);
}

static void
follow_the_answer(void)
{
    weft_sim_kill(servers[0]);
    stand_for(0, 1);
    WEFT_SIM_CHECK(try_to_dial(1000) == -ECONNREFUSED);
    stand_for(0, 0);
    WEFT_SIM_CHECK(try_to_dial(1000) == WEFT_EADDRESS);
    stand_for(1, 1);
    WEFT_SIM_CHECK(!try_to_dial(1000));
    weft_sim_plan("name shop s0 at %d ms for 1 s",
                  (int)(weft_sim_now_ns() / MS) + 1000);
    (void)weft_sleep_ms(1500);
    WEFT_SIM_CHECK(try_to_dial(400) == -ECONNREFUSED);
    (void)weft_sleep_ms(1000);
    WEFT_SIM_CHECK(!try_to_dial(1000));
    weft_sim_restart(servers[0]);
    stand_for(0, SERVERS);
}

static void
look_up_in_vain(void)
{
    weft_sim_names_fail(asker, true);
    WEFT_SIM_CHECK(try_to_dial(1000) == WEFT_ERESOLVE);
    weft_sim_names_fail(asker, false);
    weft_sim_names_slow(asker, true);
    weft_err err = try_to_dial(1000);
    WEFT_SIM_CHECK(!err || err == WEFT_ETIMEOUT);
    WEFT_SIM_SOMETIMES("a look-up is slow", err == WEFT_ETIMEOUT);
    WEFT_SIM_SOMETIMES("a slow look-up ends in time", !err);
    WEFT_SIM_CHECK(!try_to_dial(6000));
    weft_sim_names_slow(asker, false);
    WEFT_SIM_CHECK(!try_to_dial(1000));
}

/* ---- all faults together ---- */

/* Each answer names a host, so a name is unknown only because of a fault. */
static void
dial_among_faults(void)
{
    weft_err err = try_to_dial(300);
    (void)err; /* unused with mutants, which have no marks */
    WEFT_SIM_SOMETIMES("the resolver fails", err == WEFT_ERESOLVE);
    WEFT_SIM_SOMETIMES("the name is unknown", err == WEFT_EADDRESS);
    WEFT_SIM_SOMETIMES("a dial succeeds among faults", !err);
}

static void
call(void *arg)
{
    for (int i = 0; i < CALLS; i++) {
        ledger_ask(arg);
        if (weft_sim_random(8) == 0)
            dial_among_faults();
        if (weft_sim_random(4) == 0)
            (void)weft_sleep_ms((int64_t)weft_sim_random(400));
    }
}

static void
let_one_fail(void)
{
    weft_sim_host host = servers[weft_sim_random(SERVERS)];
    uint64_t how = weft_sim_random(3);
    if (how == 0)
        weft_sim_kill(host);
    else if (how == 1)
        weft_sim_power_off(host);
    else
        cut(host, true);
    stand_for(weft_sim_random(2), 1 + weft_sim_random(2));
    (void)weft_sleep_ms((int64_t)weft_sim_random(1500));
    cut(host, false);
    weft_sim_restart(host);
}

static void
call_among_faults(void)
{
    struct weft_client *clients[CALLERS];
    weft_fiber fibers[CALLERS];
    weft_sim_faults(WEFT_SIM_NAMES | WEFT_SIM_RESET);
    for (int i = 0; i < CALLERS; i++) {
        WEFT_SIM_CHECK(!weft_client_new("shop:9090", NULL, &clients[i]));
        WEFT_SIM_CHECK(!weft_fiber_start(call, clients[i], &fibers[i]));
    }
    for (int i = 0; i < TURNS; i++)
        let_one_fail();
    for (int i = 0; i < CALLERS; i++)
        WEFT_SIM_CHECK(!weft_fiber_join(fibers[i]));
    weft_sim_faults(0);
    stand_for(0, SERVERS);
    (void)weft_sleep_ms(100);
    for (int i = 0; i < CALLERS; i++) {
        ledger_ask_in_quiet(clients[i]);
        weft_client_free(clients[i]);
    }
}

static void
ask(void *arg)
{
    const struct weft_runtime_options options = {
        .workers = 1 + (uint32_t)weft_sim_random(3)};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    (void)weft_sleep_ms(100); /* by then the servers listen */
    miss_one();
    miss_two();
    miss_all();
    follow_the_answer();
    look_up_in_vain();
    call_among_faults();
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1", "s2"};
    for (int i = 0; i < SERVERS; i++)
        servers[i] = weft_sim_host_new(names[i], serve, NULL);
    asker = weft_sim_host_new("asker", ask, NULL);
    stand_for(0, SERVERS);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "addresses",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
