/* SPDX-License-Identifier: MIT */
/* A counter on several hosts: a replica, and what adds to one. Without the
 * simulator its WEFT_SIM_RUNS is nothing. */
#ifndef COUNTER_EXAMPLE_H
#define COUNTER_EXAMPLE_H

#include <weft/rpc.h>

#define IDS 64

struct replica {
    int64_t value;
    bool forgetful; /* the bug: it does not know what it has added already */
    bool added[IDS];
};

/* Serve a replica at an address. Sets *server. */
weft_err replica_start(struct replica *replica, const char *address,
                       struct weft_server **server);

/* Add on a replica, and try again until it has answered. */
void add_on(struct weft_client *replica, int64_t id, int64_t amount);

#endif
