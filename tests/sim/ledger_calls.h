/* SPDX-License-Identifier: MIT */
/*
 * A service whose server counts how often each call ran, and clients that check
 * what weft promises of calls: each ends once, not long after its deadline; its
 * reply is that of no other call; its handler runs once if it was answered, not
 * at all if the client says so, and never twice.
 */
#ifndef WEFT_TESTS_LEDGER_CALLS_H
#define WEFT_TESTS_LEDGER_CALLS_H

#include "ledger.h"

#include <weft/fiber.h>
#include <weft/rpc.h>
#include <weft/sim.h>

#define LEDGER_MAX 100000
#define MS 1000000u

/* Serve on port 9090 until all clients have ended. Errors of the start are
 * returned; after it there must be none. */
weft_err ledger_serve(void);

/* Serve for ms, or, if ms is below 0, until all clients have ended; then stop.
 * Returns the error of the start; without one, *stop is that of the stop. */
weft_err ledger_serve_for(const struct weft_server_options *options, int64_t ms,
                          weft_err *stop);

/* One call of any kind, of this number, which no other has. */
void ledger_ask(struct weft_client *client, int64_t number);

/* The server must answer within 5 s: nothing fails any more. The first calls
 * may meet a connection that has ended, or a pause of the back-off, in which
 * they fail at once. */
void ledger_ask_in_quiet(struct weft_client *client);

/* Check the promises of calls 0..n - 1. */
void ledger_check(int64_t n);

#endif
