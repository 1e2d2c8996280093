/* SPDX-License-Identifier: MIT */
/* A futex and a clock for the threads of a test. The clock advances only when
 * the deadline of a wait passes. */
#ifndef WEFT_TESTS_WEAK_FUTEX_H
#define WEFT_TESTS_WEAK_FUTEX_H

#include "weak.h"

#include "base/sys.h"

#include <errno.h>
#include <string.h>

static const void *sleeps_on[WEAK_THREADS];
static bool awake[WEAK_THREADS];
static uint64_t time_ns;

/* Each test defines this: does a wait with this deadline time out? */
static bool passes(uint64_t until_ns);

static uint64_t
now_ns(void)
{
    return time_ns;
}

static void
futex_begin(void)
{
    memset(sleeps_on, 0, sizeof sleeps_on);
    time_ns = 0;
}

int
wf_sys_futex_wait(void *word, uint32_t value, uint64_t until_ns)
{
    if (weak_newest(word, sizeof value) != value)
        return -EAGAIN;
    if (passes(until_ns)) {
        time_ns = until_ns;
        return -ETIMEDOUT;
    }
    sleeps_on[weak_self()] = word;
    awake[weak_self()] = false;
    weak_sleep(&awake[weak_self()]);
    return 0;
}

void
wf_sys_futex_wake(void *word, uint32_t n)
{
    (void)n;
    for (uint32_t i = 0; i < WEAK_THREADS; i++)
        if (sleeps_on[i] == word)
            awake[i] = true;
}

#endif
