/* SPDX-License-Identifier: MIT */
/* expect: killed by SIGSEGV|stack-overflow|SEGV on unknown address */
/*
 * As die_stack_frame, in code that was compiled without
 * -fstack-clash-protection (tests/CMakeLists.txt): a frame below the guard's
 * size meets the default guard even if its far end is touched first.
 */
#include <weft/fiber.h>

static struct weft_sem parked, never;

static void
park(void *arg)
{
    (void)arg;
    weft_sem_give(&parked, 1);
    (void)!weft_sem_take(&never);
}

__attribute__((noinline)) static int
large_frame(int more)
{
    volatile char bytes[49152];
    __asm__ volatile("" : : "r"(bytes) : "memory"); /* it is all needed */
    bytes[0] = (char)more;                          /* the far end */
    if (more)
        return large_frame(more - 1) + bytes[0];
    return bytes[0];
}

static void
reach_far(void *arg)
{
    (void)arg;
    (void)large_frame(40); /* ASan's stacks are larger */
}

int
main(void)
{
    struct weft_runtime_options options = {.workers = 1, .stack_size = 65536};
    weft_fiber fiber;
    if (weft_runtime_start(&options))
        return 0;
    for (int i = 0; i < 8; i++) /* so that there are stacks below */
        if (weft_fiber_start(park, NULL, NULL) || weft_sem_take(&parked))
            return 0;
    if (weft_fiber_start(reach_far, NULL, &fiber) == WEFT_OK)
        (void)weft_fiber_join(fiber);
    return 0;
}
