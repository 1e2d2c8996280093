/* SPDX-License-Identifier: MIT */
/*
 * A server and its clients on one host, over a unix socket, whose reads may end
 * before all bytes. The process is killed and starts again while the path of
 * its old socket still exists.
 */
#include "ledger_answers.h"

#include <weft/fiber.h>
#include <weft/rpc.h>
#include <weft/sim.h>

#include <errno.h>

#define CALLERS 4
#define CALLS 25
#define ADDRESS "unix:/run/ledger"

static weft_sim_host host;
static uint32_t begun, ended; /* how many processes */
static uint32_t unborn;       /* processes that were killed before they began */

static void
ask(void *arg)
{
    struct weft_client *client = arg;
    for (int64_t i = 0; i < CALLS; i++)
        must_answer(client, i);
}

static void
ask_all(void)
{
    struct weft_client *client;
    weft_fiber fibers[CALLERS];
    WEFT_SIM_CHECK(!weft_client_new(ADDRESS, NULL, &client));
    for (int i = 0; i < CALLERS; i++)
        WEFT_SIM_CHECK(!weft_fiber_start(ask, client, &fibers[i]));
    for (int i = 0; i < CALLERS; i++)
        WEFT_SIM_CHECK(!weft_fiber_join(fibers[i]));
    weft_client_free(client);
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = answer_number};
    const struct weft_runtime_options options = {.workers = 2};
    struct weft_server *server, *second;
    (void)arg;
    begun++;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_server_new(NULL, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, NULL));
    WEFT_SIM_CHECK(!weft_server_listen(server, ADDRESS));
    WEFT_SIM_CHECK(!weft_server_start(server));
    WEFT_SIM_CHECK(!weft_server_new(NULL, &second));
    WEFT_SIM_CHECK(weft_server_listen(second, ADDRESS) == -EADDRINUSE ||
                   weft_server_start(second) == -EADDRINUSE);
    weft_server_free(second);
    ask_all();
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
    ended++;
}

/* Kill the process at random times. */
static void
kill_it(void *arg)
{
    (void)arg;
    uint32_t before = 0;
    for (int i = 0; i < 3; i++) {
        (void)weft_sleep_ms(0);
        (void)weft_sleep_until(weft_now_ns() + weft_sim_random(3000000));
        unborn += begun == before;
        before = begun;
        weft_sim_kill(host);
        weft_sim_restart(host);
    }
}

static void
set_up(void)
{
    begun = ended = unborn = 0;
    host = weft_sim_host_new("one", serve, NULL);
    weft_sim_host_new("killer", kill_it, NULL);
    weft_sim_faults(WEFT_SIM_SHORT);
}

static void
check(void)
{
    WEFT_SIM_CHECK(begun + unborn == 4 && ended >= 1);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {
        .name = "unix", .set_up = set_up, .check = check};
    return weft_sim_main(argc, argv, &scenario);
}
