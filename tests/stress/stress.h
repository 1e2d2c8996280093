/* SPDX-License-Identifier: MIT */
/*
 * What the stress programs share: a check that also stays in release builds, a
 * source of random numbers per thread, and how much work suits this build.
 * SIGALRM ends a program that hangs.
 */
#ifndef WEFT_TESTS_STRESS_H
#define WEFT_TESTS_STRESS_H

#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CHECK(cond)                                                         \
    ((cond) ? (void)0                                                       \
            : (fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, \
                       #cond),                                              \
               abort()))

/* Sanitizers and emulators are slow. */
#if WF_TSAN || WF_ASAN || !defined(__x86_64__)
#define STRESS_SLOW 1
#else
#define STRESS_SLOW 0
#endif

/* Returns n in a plain build. WEFT_STRESS multiplies it, for a long run by
 * hand. */
static inline uint64_t
stress_count(uint64_t n)
{
    const char *factor = getenv("WEFT_STRESS");
    if (factor)
        n *= strtoull(factor, NULL, 10);
    return STRESS_SLOW ? n / 10 : n;
}

static inline void
stress_begin(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    alarm(getenv("WEFT_STRESS") ? 0 : 800);
}

/* xorshift; the state must not be 0. */
static inline uint64_t
stress_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

#endif
