/* SPDX-License-Identifier: MIT */
/*
 * The list of servers is replaced again and again, while threads stand still
 * for up to 32 ms between any two steps. So endpoints leave the list, and are
 * freed, while attempts on them begin and end. No call fails, no endpoint is
 * used after it was freed, and the counts of attempts are never wrong.
 */
#include "ledger_answers.h"
#include "ledger_serve.h"

#include "fibers.h"

#include <weft/upstream.h>

#define ENDPOINTS 4
#define CALLERS 5
#define CALLS 30

/* Two servers, each by its name and by its number. */
static const struct weft_endpoint endpoints[ENDPOINTS] = {
    {.address = "s0:9090", .weight = 1},
    {.address = "10.0.0.1:9090", .weight = 2},
    {.address = "s1:9090", .weight = 1},
    {.address = "10.0.0.2:9090", .weight = 1}};
static int callers; /* that still call */

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = answer_number};
    (void)arg;
    serve_for_others(NULL, &table);
}

/* ---- the client ---- */

static void
call(void *arg)
{
    struct weft_client *const *client = arg;
    for (int i = 0; i < CALLS; i++) {
        must_answer(*client, i);
        rest();
    }
    callers--;
}

static void
look(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    WEFT_SIM_CHECK(!weft_client_get_endpoints(client, &arena, &views));
    for (uint32_t i = 0; i < views.len; i++) {
        /* attempts that begin during the look may count */
        WEFT_SIM_CHECK(views.items[i].in_flight <= CALLERS * CALLS);
        WEFT_SIM_SOMETIMES("a new endpoint has no attempt",
                           views.items[i].attempts == 0);
    }
    weft_arena_fini(&arena);
}

static void
replace(struct weft_client *client)
{
    struct weft_endpoint some[ENDPOINTS];
    uint32_t n = 0;
    for (int i = 0; i < ENDPOINTS; i++)
        if (below(2))
            some[n++] = endpoints[i];
    if (n == 0)
        some[n++] = endpoints[below(ENDPOINTS)];
    WEFT_SIM_CHECK(!weft_client_set_endpoints(client, some, n));
}

static void
replace_on(void *arg)
{
    struct weft_client *const *client = arg;
    while (callers > 0) {
        replace(*client);
        if (below(2))
            look(*client);
        rest();
    }
}

static void
be_client(void *arg)
{
    (void)arg;
    const struct weft_runtime_options runtime = {.workers =
                                                     2 + (uint32_t)below(2)};
    const struct weft_upstream_options upstream = {
        .balance = (enum weft_balance)below(WEFT_CONSISTENT_HASH)};
    const struct weft_client_options options = {.call_timeout_ms = 60000,
                                                .upstream = &upstream};
    struct weft_client *client;
    weft_fiber fibers[CALLERS + 1];
    callers = CALLERS;
    WEFT_SIM_CHECK(!weft_runtime_start(&runtime));
    WEFT_SIM_CHECK(!weft_client_new("list:s0:9090", &options, &client));
    must_answer(client, 0);
    weft_sim_faults(WEFT_SIM_STALL);
    start_all(call, &client, fibers, CALLERS);
    fibers[CALLERS] = start(replace_on, &client);
    join_all(fibers, CALLERS + 1);
    weft_sim_faults(0);
    WEFT_SIM_CHECK(!weft_client_set_endpoints(client, endpoints, ENDPOINTS));
    look(client);
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    weft_sim_host_new("s0", serve, NULL);
    weft_sim_host_new("s1", serve, NULL);
    weft_sim_host_new("client", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "lists",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
