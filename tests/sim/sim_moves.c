/* SPDX-License-Identifier: MIT */
/*
 * The runtime starts and stops many times. In each life the workers move from
 * their futexes to the poller while other threads wake them. A wake-up that is
 * lost there leaves a worker counted as a searcher, and then no other worker is
 * woken any more.
 */
#include "fibers.h"

#include <weft/net.h>

#define LIVES 20
#define STARTS 6

static void
on_request(struct weft_conn *conn, void *user)
{
    (void)conn;
    (void)user;
}

static void
do_nothing(void *arg)
{
    (void)arg;
}

static void
scatter(void *arg)
{
    (void)arg;
    for (int i = 0; i < STARTS; i++) {
        (void)start(do_nothing, NULL);
        if (below(3) == 0)
            rest();
    }
}

static void
live(void)
{
    static const struct weft_conn_hooks hooks = {.on_request = on_request};
    const struct weft_runtime_options options = {.workers = 3};
    struct weft_listener *listener;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    weft_fiber fiber = start(scatter, NULL);
    WEFT_SIM_CHECK(!weft_listen(":7", &hooks, NULL, NULL, &listener));
    WEFT_SIM_CHECK(!weft_fiber_join(fiber));
    (void)weft_sleep_ms(1);
    WEFT_SIM_CHECK(!weft_fiber_join(start(do_nothing, NULL)));
    weft_listener_free(listener);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
be_host(void *arg)
{
    (void)arg;
    for (int i = 0; i < LIVES; i++)
        live();
}

static void
set_up(void)
{
    weft_sim_host_new("host", be_host, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "moves",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
