/* SPDX-License-Identifier: MIT */
/*
 * Measures many fibers on one worker. Prints one line of JSON: the resident
 * memory of 100,000 parked fibers, and how long it takes to start and end a
 * million.
 */
#include "process.h"

#include <weft/fiber.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARKED 100000
#define STARTED 1000000
#define AT_ONCE 100

static struct weft_sem gate;
static int n_parked;

static void
must(weft_err err)
{
    if (!err)
        return;
    fprintf(stderr, "fiber_many: %s\n", weft_err_text(err));
    exit(1);
}

static void
wait_at_gate(void *arg)
{
    (void)arg;
    n_parked++;
    must(weft_sem_take(&gate));
}

static double
park_many(weft_fiber *fibers)
{
    double before = resident_bytes();
    for (int i = 0; i < PARKED; i++) {
        must(weft_fiber_start(wait_at_gate, NULL, &fibers[i]));
        while (i - n_parked >= AT_ONCE)
            weft_fiber_yield();
    }
    while (n_parked < PARKED)
        weft_fiber_yield();
    double each = (resident_bytes() - before) / PARKED;
    weft_sem_give(&gate, PARKED);
    for (int i = 0; i < PARKED; i++)
        must(weft_fiber_join(fibers[i]));
    return each;
}

static void
nothing(void *arg)
{
    ++*(int *)arg;
}

static double
start_many(void)
{
    int ended = 0;
    uint64_t began = weft_now_ns();
    for (int i = 0; i < STARTED; i++) {
        must(weft_fiber_start(nothing, &ended, NULL));
        while (i - ended >= AT_ONCE)
            weft_fiber_yield();
    }
    while (ended < STARTED)
        weft_fiber_yield();
    return (double)(weft_now_ns() - began) / 1e9;
}

static void
run(void *fibers)
{
    double bytes = park_many(fibers);
    printf("{\"parked\":%d,\"bytes_each\":%.0f,\"started\":%d,"
           "\"seconds\":%.3f}\n",
           PARKED, bytes, STARTED, start_many());
}

int
main(void)
{
    struct weft_runtime_options options = {.workers = 1,
                                           .max_fibers = 2 * PARKED};
    weft_fiber *fibers = calloc(PARKED, sizeof *fibers), fiber;
    if (!fibers)
        return 1;
    memset(fibers, 1, PARKED * sizeof *fibers); /* resident from the start */
    must(weft_runtime_start(&options));
    must(weft_fiber_start(run, fibers, &fiber));
    must(weft_fiber_join(fiber));
    free(fibers);
    return weft_runtime_stop();
}
