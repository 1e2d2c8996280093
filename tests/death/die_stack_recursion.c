/* SPDX-License-Identifier: MIT */
/* expect: killed by SIGSEGV|stack-overflow|SEGV on unknown address */
/* Row 47 of docs/threats.md: a fiber that recurses without end reaches the
 * guard below its stack. */
#include <weft/fiber.h>

static volatile uint64_t depth;

static uint64_t
dive(uint64_t n)
{
    volatile uint64_t here = n;
    if (n == UINT64_MAX)
        return 0;
    depth = n;
    return dive(n + 1) + here;
}

static void
fall(void *arg)
{
    (void)arg;
    depth = dive(0);
}

int
main(void)
{
    weft_fiber fiber;
    if (weft_fiber_start(fall, NULL, &fiber) == WEFT_OK)
        (void)weft_fiber_join(fiber);
    return 0;
}
