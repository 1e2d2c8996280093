/* SPDX-License-Identifier: MIT */
/* A rolling restart through etcd. Row 116 of docs/threats.md. */
#define HOST "etcd"
#define TARGET "etcd:etcd:2379/ledger"
#include "rolling.h"

#include "fake_etcd.h"

static struct fake_etcd registry;

static weft_err
listen_registry(struct weft_listener **listener)
{
    return fake_listen(&registry, ":2379", listener);
}

static void
begin_registry(void)
{
    fake_begin(&registry);
}

static uint32_t
n_listed(void)
{
    uint32_t n = 0;
    for (int i = 0; i < FAKE_PAIRS; i++)
        n += registry.pairs[i].key[0] != '\0';
    return n;
}

static void
forget_requests(void)
{
    registry.n_requests = 0;
}

/* Requests of each server: three renewals in TTL_MS, and after a failure one at
 * least each ttl_ms / 6; of each client ten lists and watches a second. */
static void
look_at_requests(uint64_t seconds)
{
    WEFT_SIM_CHECK(registry.n_requests < seconds * (SERVERS * 15 + 2 * 25));
    WEFT_SIM_CHECK(registry.n_bad == 0);
}

static void
look_at_end(void)
{
}

static void
set_up_etcd(void)
{
    memset(&registry, 0, sizeof registry);
    set_up();
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {
        .name = "rolling", .set_up = set_up_etcd, .check = check};
    return weft_sim_main(argc, argv, &scenario);
}
