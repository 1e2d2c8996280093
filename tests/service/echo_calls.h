/* SPDX-License-Identifier: MIT */
/*
 * Calls of echo with 1 KiB, from a plain thread or from fibers, to a server
 * with one worker, for programs that count the cost of a call. Any failure ends
 * the program.
 */
#ifndef WEFT_TESTS_ECHO_CALLS_H
#define WEFT_TESTS_ECHO_CALLS_H

#include "trial_server.h"
#include "wire.h"

struct echo_place {
    struct trial trial;
    struct weft_server *server;
    struct weft_client *client;
    int fd;            /* a plain connection */
    struct bytes call; /* one framed call of echo */
};

/* Start a runtime of one worker, a server and a client. If `echo` is NULL, the
 * handler returns its argument. */
void echo_open(struct echo_place *place,
               weft_err (*echo)(struct weft_call *call,
                                const struct trial_echo_args *args,
                                struct trial_echo_result *result));
void echo_close(struct echo_place *place);

/* Append a framed call of echo whose text has len bytes. */
void put_echo(struct bytes *b, int32_t seqid, size_t len);

/* Make `rounds` rounds of `at_once` calls (64 at most), and check each reply.
 * wire_calls calls from one plain thread, with one write for each round.
 * fiber_calls starts fibers that share the client; in begun_calls one fiber
 * begins the calls and awaits any of them. */
void wire_calls(struct echo_place *place, int rounds, int at_once);
void fiber_calls(struct echo_place *place, int rounds, int at_once);
void begun_calls(struct echo_place *place, int rounds, int at_once);

#endif
