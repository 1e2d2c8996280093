/* SPDX-License-Identifier: MIT */
/*
 * Two replicas, one client that adds to both, and a network that resets
 * connections. At the end both replicas must have the sum.
 *
 * simulate [mended] [--seeds A..B] [--shrink]
 */
#include "counter_example.h"

#include <weft/fiber.h>
#include <weft/sim.h>

#include <string.h>

static struct replica replicas[2];

static void
keep(void *arg)
{
    struct weft_server *server;
    WEFT_SIM_CHECK(!replica_start(arg, ":9090", &server));
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* An addition is one call of the ledger, even if add_on tries it several
 * times. It must run only once. */
static void
add_once(struct weft_client *replica, int64_t amount)
{
    uint64_t number = weft_sim_call_begin(WEFT_NEVER, false);
    add_on(replica, (int64_t)number, amount);
    weft_sim_call_end(number, WEFT_OK, WEFT_CALL_ANSWERED, number);
}

static void
use(void *arg)
{
    struct weft_client *clients[2];
    (void)arg;
    WEFT_SIM_CHECK(!weft_client_new("left:9090", NULL, &clients[0]));
    WEFT_SIM_CHECK(!weft_client_new("right:9090", NULL, &clients[1]));
    weft_sim_faults(WEFT_SIM_RESET | WEFT_SIM_SLOW);
    for (int amount = 1; amount <= 20; amount++) {
        add_once(clients[0], amount);
        add_once(clients[1], amount);
        weft_sim_note("added %d", amount);
    }
    weft_client_free(clients[0]);
    weft_client_free(clients[1]);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    weft_sim_host_new("left", keep, &replicas[0]);
    weft_sim_host_new("right", keep, &replicas[1]);
    weft_sim_host_new("user", use, NULL);
}

static void
check(void)
{
    for (int i = 0; i < 2; i++)
        if (replicas[i].value != 20 * 21 / 2)
            weft_sim_fail("replica %d has %d", i, (int)replicas[i].value);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {
        .name = "counter", .set_up = set_up, .check = check};
    bool mended = argc > 1 && strcmp(argv[1], "mended") == 0;
    replicas[0].forgetful = replicas[1].forgetful = !mended;
    argv[mended] = argv[0];
    return weft_sim_main(argc - mended, argv + mended, &scenario);
}
