/* SPDX-License-Identifier: MIT */
/* A counter on several hosts: a replica, and what adds to all of them. Nothing
 * here knows that it is simulated. */
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

/* Add on each replica, and try again until each has answered. */
void add_everywhere(struct weft_client **replicas, int n, int64_t id,
                    int64_t amount);

#endif
