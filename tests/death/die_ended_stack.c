/* SPDX-License-Identifier: MIT */
/* expect: AddressSanitizer: use-after-poison */
/* only with: -fsanitize=address */
/* After a fiber has ended nothing may write to its stack, though the stack
 * stays mapped: ASan must report the write. */
#include <weft/fiber.h>

const char *__asan_default_options(void);

__attribute__((visibility("default"))) const char *
__asan_default_options(void)
{
    return "detect_stack_use_after_return=0";
}

static volatile int *volatile kept;

static void
keep(void *arg)
{
    volatile int local = 1;
    (void)arg;
    kept = &local;
    weft_fiber_yield();
}

int
main(void)
{
    weft_fiber fiber;
    if (weft_fiber_start(keep, NULL, &fiber))
        return 0;
    (void)weft_runtime_stop(); /* a join may return before the worker leaves the
                                * stack */
    *kept = 3;
    return 0;
}
