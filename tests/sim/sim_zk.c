/* SPDX-License-Identifier: MIT */
/* A rolling restart through ZooKeeper, of which one of two servers is never
 * there. Row 117 of docs/threats.md. */
#define HOST "zk"
#define TARGET "zk:nobody:2181,zk:2181/ledger"
#include "rolling.h"

#include "fake_zk.h"

static struct fake_zk registry;

static weft_err
listen_registry(struct weft_listener **listener)
{
    fake_zk_restart(&registry);
    return fake_zk_listen(&registry, ":2181", listener);
}

static void
begin_registry(void)
{
    fake_zk_begin(&registry);
}

static uint32_t
n_listed(void)
{
    uint32_t n = 0;
    for (int i = 0; i < FAKE_ZK_NODES; i++)
        n += strncmp(registry.nodes[i].path, "/ledger/", 8) == 0;
    return n;
}

static void
forget_requests(void)
{
    registry.n_requests = registry.n_hellos = 0;
}

/* Requests of each server: three renewals in TTL_MS, and after a failure five
 * at most each ttl_ms / 6; of each client ten lists a second with their data.
 * Each restart begins a session, and so does each client, once. */
static void
look_at_requests(uint64_t seconds)
{
    uint64_t lists = 10 * (2 + 2 * SERVERS);
    WEFT_SIM_CHECK(registry.n_requests < seconds * (SERVERS * 60 + 2 * lists));
    WEFT_SIM_CHECK(registry.n_bad == 0);
    WEFT_SIM_CHECK(hurts || registry.n_hellos <= SERVERS + 2);
}

/* Pings alone keep the sessions of clients; then new data is noticed. */
static void
look_at_end(void)
{
    if (hurts)
        return;
    (void)weft_sleep_ms(15000);
    uint32_t n = registry.n_lists;
    registry.bumps = true;
    (void)weft_sleep_ms(3000);
    WEFT_SIM_CHECK(registry.n_lists >= n + 2);
}

static void
be_nobody(void *arg)
{
    (void)arg;
    weft_sim_wait_for_others();
}

static void
set_up_zk(void)
{
    memset(&registry, 0, sizeof registry);
    set_up();
    weft_sim_host_new("nobody", be_nobody, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {
        .name = "zk", .set_up = set_up_zk, .check = check};
    return weft_sim_main(argc, argv, &scenario);
}
