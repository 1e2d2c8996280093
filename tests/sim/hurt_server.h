/* SPDX-License-Identifier: MIT */
/* A fault of one server, as a scenario of clients of many servers wants it. */
#ifndef WEFT_TESTS_SIM_HURT_SERVER_H
#define WEFT_TESTS_SIM_HURT_SERVER_H

#include "fibers.h"

static inline void
cut_both_ways(weft_sim_host a, weft_sim_host b, bool on)
{
    weft_sim_cut(a, b, on);
    weft_sim_cut(b, a, on);
}

/* Freeze a server, cut it off from its caller, or kill it, and undo that after
 * less than most_ms. */
static inline void
hurt_server(weft_sim_host server, weft_sim_host caller, uint64_t most_ms)
{
    uint64_t how = below(4);
    if (how == 0)
        weft_sim_freeze(server, true);
    else if (how == 1)
        cut_both_ways(caller, server, true);
    else
        weft_sim_kill(server);
    (void)weft_sleep_ms((int64_t)below(most_ms));
    if (how == 0)
        weft_sim_freeze(server, false);
    else if (how == 1)
        cut_both_ways(caller, server, false);
    else
        weft_sim_restart(server);
}

#endif
