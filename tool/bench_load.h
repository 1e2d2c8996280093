/* SPDX-License-Identifier: MIT */
/* A load, which the fibers that make calls share with the thread that watches
 * them. */
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
    uint64_t start_ns, begin_ns, end_ns; /* start of the warm-up, start and end
                                            of the measured time */
    _Atomic uint64_t until_ns;           /* when callers end: end_ns, or 0 to
                                            end at once */

    struct wb_caller *callers;
    weft_fiber *fibers;
    uint32_t max_callers, n_callers; /* n_callers have started */

    struct weft_sem go;    /* closed loop: lets each caller begin */
    struct weft_chan *due; /* uint64_t: the time at which a call is due */
    weft_fiber clock;
    int timer;
    uint64_t random;
    weft_err clock_err;

    _Atomic uint64_t ended;                 /* replies and time-outs, also those
                                               of the warm-up */
    _Atomic uint64_t calls, failed, unsent; /* in the measured time */
    struct wb_recorder latency, late;
    struct wb_failures failures;

    /* Only used by the watching thread. */
    struct wb_hist total, sample;
    uint64_t ended_at_begin, failed_before, calls_before, sampled_ns;
    double cpu_at_begin;
};

/** Make wb_interrupted return true after a SIGINT; a second SIGINT ends the
 * process. */
void wb_catch_interrupt(void);

/** Wait until the load ends, and take samples meanwhile. */
weft_err wb_watch(struct wb_load *l, struct weft_arena *arena,
                  struct bench_Run *run);

/** Take the last sample and the sums, after every fiber has ended. */
weft_err wb_harvest(struct wb_load *l, struct weft_arena *arena,
                    struct bench_Run *run);

#endif
