/* SPDX-License-Identifier: MIT */
/*
 * Each kind of fault that a service has to survive, as often as the run has
 * drawn it, while clients call servers by their names. When all is quiet, each
 * server answers each client.
 */
#include "ledger_calls.h"

#include <weft/net.h>

#define SERVERS 4
#define CLIENTS 3
#define CALLERS 4
#define CALLS 25

static uint32_t begun; /* how often a server has begun */

static void
serve(void *arg)
{
    (void)arg;
    begun++;
    WEFT_SIM_CHECK(!ledger_serve());
}

/* In quiet each host lives and can be reached. */
static void
reach(const char *address)
{
    struct weft_conn *conn;
    weft_err err = weft_dial_until(address, NULL, weft_after_ms(200), &conn);
    if (err)
        weft_sim_fail("%s is not reached in quiet: %s", address,
                      weft_err_text(err));
    else
        weft_conn_close(conn);
}

static void
call(void *arg)
{
    ledger_ask_some(arg, SERVERS, CALLS);
}

static void
be_client(void *arg)
{
    static const char *const names[SERVERS] = {"s0:9090", "s1:9090", "s2:9090",
                                               "s3:9090"};
    (void)arg;
    const struct weft_runtime_options options = {
        .workers = 1 + (uint32_t)weft_sim_random(3)};
    struct weft_client *handles[SERVERS];
    weft_fiber fibers[CALLERS];
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    for (int i = 0; i < SERVERS; i++)
        WEFT_SIM_CHECK(!weft_client_new(names[i], NULL, &handles[i]));
    start_all(call, handles, fibers, CALLERS);
    join_all(fibers, CALLERS);
    uint64_t before = weft_sim_now_ns();
    weft_sim_wait_for_quiet();
    weft_sim_note("waited for quiet from %lu ms on",
                  (unsigned long)(before / MS));
    WEFT_SIM_SOMETIMES("the calls end before the faults",
                       weft_sim_now_ns() > before);
    WEFT_SIM_SOMETIMES("the faults end before the calls",
                       weft_sim_now_ns() == before);
    (void)weft_sleep_ms(100); /* by then restarted servers listen */
    for (int i = 0; i < SERVERS; i++) {
        reach(names[i]);
        ledger_ask_in_quiet(handles[i]);
        weft_client_free(handles[i]);
    }
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1", "s2", "s3"};
    static const char *const others[CLIENTS] = {"c0", "c1", "c2"};
    for (int i = 0; i < SERVERS; i++)
        weft_sim_host_new(names[i], serve, NULL);
    for (int i = 0; i < CLIENTS; i++)
        weft_sim_host_new(others[i], be_client, NULL);
}

static void
check(void)
{
    WEFT_SIM_SOMETIMES("no server dies", begun == SERVERS);
    WEFT_SIM_SOMETIMES("many servers die", begun > 3 * SERVERS);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {
        .name = "swarm",
        .set_up = set_up,
        .check = check,
        .faults = WEFT_SIM_INTERRUPTED | WEFT_SIM_RESET | WEFT_SIM_SLOW |
                  WEFT_SIM_MAYBE | WEFT_SIM_NAMES | WEFT_SIM_KILL |
                  WEFT_SIM_CUT | WEFT_SIM_POWER_OFF | WEFT_SIM_PAUSE |
                  WEFT_SIM_STALL | WEFT_SIM_CLOCK,
        .faults_ns = 6000 * (uint64_t)MS,
        .quiet_ns = 60000 * (uint64_t)MS,
        .slack_ns =
            5000 *
            (uint64_t)MS}; /* two pauses of a second may follow each other */
    return weft_sim_main(argc, argv, &scenario);
}
