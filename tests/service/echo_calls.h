/* SPDX-License-Identifier: MIT */
/*
 * Calls of echo with 1 KiB to a server of one worker, by hand or by fibers, for
 * programs that count what a call costs. What fails ends the program.
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
    struct bytes call; /* one framed echo */
};

/* Start a runtime of one worker, a server and a client. echo NULL: one that
 * gives back what it has. */
void echo_open(struct echo_place *place,
               weft_err (*echo)(struct weft_call *call,
                                const struct trial_Trial_echo_args *args,
                                struct trial_Trial_echo_result *result));
void echo_close(struct echo_place *place);

/* A framed call of echo whose text has so many bytes. */
void put_echo(struct bytes *b, int32_t seqid, size_t len);

/* Rounds of so many calls (64 at the most) at once, each checked: by one plain
 * thread with one write a round, or by fibers that share the client. */
void wire_calls(struct echo_place *place, int rounds, int at_once);
void fiber_calls(struct echo_place *place, int rounds, int at_once);

#endif
