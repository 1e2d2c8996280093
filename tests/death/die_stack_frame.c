/* SPDX-License-Identifier: MIT */
/* expect: killed by SIGSEGV|stack-overflow|SEGV on unknown address */
/* Row 47 of docs/threats.md: one frame of 40 KiB reaches over the guard into
 * the stack below, which is in use. It must trap, whichever byte is touched
 * first. */
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
    volatile char bytes[40960];
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
    (void)large_frame(1);
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
