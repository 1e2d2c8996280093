/* SPDX-License-Identifier: MIT */
/* How much processor time a test allows for hostile input. */
#ifndef WEFT_TESTS_COST_H
#define WEFT_TESTS_COST_H

#include <stdint.h>
#include <time.h>

/* Processor time of the calling thread; the time in which it waits for a
 * processor does not count. */
static inline uint64_t
cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Eight times what a loop over 1 MiB costs, on this machine and with the
 * sanitizer of this build: about 10 ms without one. If a message claims a
 * length of 2^31, work in proportion to that length costs a hundred times
 * more. */
static inline uint64_t
most_cpu_ns(void)
{
    static uint64_t most;
    for (int i = 0; i < 3 && most == 0; i++) {
        volatile uint32_t hash = 2166136261u;
        uint64_t before = cpu_ns();
        for (uint32_t k = 0; k < 1u << 20; k++)
            hash = (hash ^ (k & 255)) * 16777619u;
        most = 8 * (cpu_ns() - before);
    }
    return most;
}

#endif
