/* SPDX-License-Identifier: MIT */
/* expect: AddressSanitizer: stack-use-after-return */
/* only with: -fsanitize=address */
/* weft tells ASan of each switch of stacks, so ASan also reports this error
 * with its fake stacks. */
#include <weft/fiber.h>

const char *__asan_default_options(void);

__attribute__((visibility("default"))) const char *
__asan_default_options(void)
{
    return "detect_stack_use_after_return=1";
}

static volatile int *kept;

__attribute__((noinline)) static void
keep(void)
{
    volatile int local = 1;
    kept = &local;
    weft_fiber_yield();
    local = 2;
}

static void
use_kept(void *arg)
{
    (void)arg;
    keep();
    weft_fiber_yield();
    *kept = 3;
}

int
main(void)
{
    weft_fiber fiber;
    if (weft_fiber_start(use_kept, NULL, &fiber))
        return 0;
    return weft_fiber_join(fiber);
}
