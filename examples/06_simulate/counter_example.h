/* SPDX-License-Identifier: MIT */
/* A counter on several hosts: a replica of it, and a function that adds to a
 * replica. Without the simulator, WEFT_SIM_RUNS does nothing. */
#ifndef COUNTER_EXAMPLE_H
#define COUNTER_EXAMPLE_H

#include <weft/rpc.h>

#define IDS 64

struct replica {
    int64_t value;
    bool forgetful; /* the bug: a repeated id adds its amount again */
    bool added[IDS];
};

/* Serve a replica at an address; *server gets the server. */
weft_err replica_start(struct replica *replica, const char *address,
                       struct weft_server **server);

/* Add to a replica, and try again until it answers. */
void add_on(struct weft_client *replica, int64_t id, int64_t amount);

#endif
