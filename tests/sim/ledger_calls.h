/* SPDX-License-Identifier: MIT */
/*
 * A service that tells the run's ledger which calls it executes, and clients
 * that tell it how their calls end. The simulator checks the rest.
 */
#ifndef WEFT_TESTS_LEDGER_CALLS_H
#define WEFT_TESTS_LEDGER_CALLS_H

#include "ledger.h"

#include "fibers.h"

#include <weft/rpc.h>

/* Serve on port 9090 until all clients have ended. Returns an error of the
 * start. A later error fails the run. */
weft_err ledger_serve(void);

/* Serve for ms, or until all clients have ended if ms is below 0; then stop.
 * Returns the error of the start. If there is none, *stop is the error of the
 * stop. */
weft_err ledger_serve_for(const struct weft_server_options *options, int64_t ms,
                          weft_err *stop);

/* Make one call of any kind. */
void ledger_ask(struct weft_client *client);

/* Make n calls of any kind to servers that are drawn, with pauses between some
 * calls. */
void ledger_ask_some(struct weft_client *const *to, uint32_t n_servers, int n);

/* Nothing fails any more, so the server must answer within 5 s. The first calls
 * may still fail at once, because their connection has ended, or because the
 * client pauses between two tries to connect. */
void ledger_ask_in_quiet(struct weft_client *client);

#endif
