/* SPDX-License-Identifier: MIT */
/* One load: what the fibers that make it and the thread that watches it
 * share. */
#ifndef WEFT_TOOL_BENCH_LOAD_H
#define WEFT_TOOL_BENCH_LOAD_H

#include "bench.h"

struct wb_caller {
    struct wb_load *load;
    struct weft_client *client;
};

struct wb_load {
    const struct wb_target *target;
    const struct wb_shape *shape;
    uint64_t start_ns, begin_ns, end_ns; /* the start of the warm-up, then of
                                            the measured time */
    _Atomic uint64_t until_ns;           /* end_ns, or 0: at once */

    struct wb_caller *callers;
    weft_fiber *fibers;
    uint32_t max_callers, n_callers; /* n_callers: that have started */

    struct weft_sem go;    /* of the closed loop, for each caller */
    struct weft_chan *due; /* uint64_t: when a call is due */
    weft_fiber clock;
    int timer;
    uint64_t random;
    weft_err clock_err;

    _Atomic uint64_t ended;                 /* all calls, with the warm-up */
    _Atomic uint64_t calls, failed, unsent; /* in the measured time */
    struct wb_recorder latency, late;
    struct wb_failures failures;

    /* Only used by the watching thread. */
    struct wb_hist total, sample;
    uint64_t ended_at_begin, failed_before, calls_before, sampled_ns;
    double cpu_at_begin;
};

/** Let SIGINT be seen by wb_interrupted; a second one ends the process. */
void wb_catch_interrupt(void);

/** Wait until the load ends, and take samples meanwhile. */
weft_err wb_watch(struct wb_load *l, struct weft_arena *arena,
                  struct bench_Run *run);

/** Take the last sample and the sums, after every fiber has ended. */
weft_err wb_harvest(struct wb_load *l, struct weft_arena *arena,
                    struct bench_Run *run);

#endif
