/* SPDX-License-Identifier: MIT */
/* A host that serves the ledger until the other hosts end. */
#ifndef WEFT_TESTS_SIM_LEDGER_SERVE_H
#define WEFT_TESTS_SIM_LEDGER_SERVE_H

#include "ledger.h"

#include <weft/fiber.h>
#include <weft/rpc.h>
#include <weft/sim.h>

/* Serve until the main functions of the other hosts have returned, then stop
 * the server and the runtime. limits may be NULL. *shown is set to the server,
 * so that its handlers can use it. */
static inline void
serve_shown(const struct weft_server_options *limits,
            const struct ledger_Ledger_service *table,
            struct weft_server **shown)
{
    struct weft_server *server;
    WEFT_SIM_CHECK(!weft_server_new(limits, &server));
    *shown = server;
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", table, NULL));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static inline void
serve_for_others(const struct weft_server_options *limits,
                 const struct ledger_Ledger_service *table)
{
    struct weft_server *server;
    serve_shown(limits, table, &server);
}

#endif
