/* SPDX-License-Identifier: MIT */
/*
 * A service that tells the ledger of the run which calls it runs, and clients
 * that tell it how their calls end. The simulator checks the rest.
 */
#ifndef WEFT_TESTS_LEDGER_CALLS_H
#define WEFT_TESTS_LEDGER_CALLS_H

#include "ledger.h"

#include "fibers.h"

#include <weft/rpc.h>

/* Serve on port 9090 until all clients have ended. Errors of the start are
 * returned; after it there must be none. */
weft_err ledger_serve(void);

/* Serve for ms, or, if ms is below 0, until all clients have ended; then stop.
 * Returns the error of the start; without one, *stop is that of the stop. */
weft_err ledger_serve_for(const struct weft_server_options *options, int64_t ms,
                          weft_err *stop);

/* One call of any kind. */
void ledger_ask(struct weft_client *client);

/* n calls of any kind at servers that are drawn, with pauses between some. */
void ledger_ask_some(struct weft_client *const *to, uint32_t n_servers, int n);

/* The server must answer within 5 s: nothing fails any more. The first calls
 * may meet a connection that has ended, or a pause of the back-off, in which
 * they fail at once. */
void ledger_ask_in_quiet(struct weft_client *client);

#endif
