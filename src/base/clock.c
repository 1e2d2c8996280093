/* SPDX-License-Identifier: MIT */
/*
 * The clock of the public API: the monotonic time in nanoseconds, and the
 * deadline that lies a given number of milliseconds ahead.
 */
#include "base/base.h"

#define NS_PER_MS 1000000u

uint64_t
weft_now_ns(void)
{
    return wf_sys_now_ns();
}

uint64_t
weft_after_ms(int64_t ms)
{
    uint64_t now = wf_sys_now_ns();
    if (ms < 0 || (uint64_t)ms > (WEFT_NEVER - now) / NS_PER_MS)
        return WEFT_NEVER;
    return now + (uint64_t)ms * NS_PER_MS;
}
