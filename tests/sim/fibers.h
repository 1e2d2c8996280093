/* SPDX-License-Identifier: MIT */
/* What the scenarios of fibers share. */
#ifndef WEFT_TESTS_SIM_FIBERS_H
#define WEFT_TESTS_SIM_FIBERS_H

#include <weft/fiber.h>
#include <weft/sim.h>

#include <stdlib.h>

#define MS 1000000u
#define SLACK_NS (60 * (uint64_t)MS) /* how late a deadline may end a wait */

static inline uint64_t
below(uint64_t bound)
{
    return weft_sim_random(bound);
}

static inline weft_fiber
start(void (*fn)(void *arg), void *arg)
{
    weft_fiber fiber = {0};
    WEFT_SIM_CHECK(!weft_fiber_start(fn, arg, &fiber));
    return fiber;
}

static inline void
start_all(void (*fn)(void *arg), void *arg, weft_fiber *fibers, int n)
{
    for (int i = 0; i < n; i++)
        fibers[i] = start(fn, arg);
}

static inline void
join_all(const weft_fiber *fibers, int n)
{
    for (int i = 0; i < n; i++)
        WEFT_SIM_CHECK(!weft_fiber_join(fibers[i]));
}

/* Let other fibers run, in a random way, or go on at once. */
static inline void
rest(void)
{
    switch (below(4)) {
    case 0:
        weft_fiber_yield();
        break;
    case 1:
        (void)weft_sleep_ms((int64_t)below(3));
        break;
    default:
        break;
    }
}

/* Each of `left` fibers calls this once. The last call ends the faults by
 * chance, and then all is quiet. */
static inline void
end_faults(uint32_t *left)
{
    if (--*left == 0)
        weft_sim_faults(0);
}

static inline void
wait_for_quiet(const uint32_t *left)
{
    while (*left)
        (void)weft_sleep_ms(100);
}

/* A deadline that may pass soon. */
static inline uint64_t
soon(void)
{
    return weft_now_ns() + below(4 * MS);
}

/* A wait must end by its event, or by its deadline and then at that time.
 * Returns whether it ended by the event. */
static inline bool
ended_well(weft_err err, uint64_t deadline_ns)
{
    uint64_t now = weft_now_ns();
    if (err != WEFT_ETIMEOUT) {
        WEFT_SIM_CHECK(!err);
        return !err;
    }
    WEFT_SIM_CHECK(now >= deadline_ns);
    WEFT_SIM_CHECK(now < deadline_ns + SLACK_NS);
    return false;
}

#endif
