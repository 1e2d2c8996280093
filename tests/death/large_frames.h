/* SPDX-License-Identifier: MIT */
/*
 * DEPTH + 1 frames of FRAME_SIZE bytes each, on a fiber that has other stacks
 * below its own. Each frame touches its far end first.
 */
#ifndef WEFT_TESTS_LARGE_FRAMES_H
#define WEFT_TESTS_LARGE_FRAMES_H

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
    volatile char bytes[FRAME_SIZE];
    __asm__ volatile("" : : "r"(bytes) : "memory"); /* keeps the array */
    bytes[0] = (char)more;                          /* the far end */
    if (more)
        return large_frame(more - 1) + bytes[0];
    return bytes[0];
}

static void
run(void *arg)
{
    (void)arg;
    (void)large_frame(DEPTH);
}

int
main(void)
{
    struct weft_runtime_options options = {.workers = 1, .stack_size = 65536};
    weft_fiber fiber;
    if (weft_runtime_start(&options))
        return 0;
    for (int i = 0; i < 8; i++) /* so that other stacks lie below */
        if (weft_fiber_start(park, NULL, NULL) || weft_sem_take(&parked))
            return 0;
    if (weft_fiber_start(run, NULL, &fiber) == WEFT_OK)
        (void)weft_fiber_join(fiber);
    return 0;
}

#endif
