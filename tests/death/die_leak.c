/* SPDX-License-Identifier: MIT */
/* expect: LeakSanitizer: detected memory leaks */
/* only with: -fsanitize=address */
/* What a fiber has lost is a leak, though its stack is still mapped. */
#include <weft/fiber.h>

#include <stdlib.h>

static void
lose(void *arg)
{
    void *volatile lost = malloc(1234);
    (void)arg;
    lost = NULL;
    (void)lost;
}

int
main(void)
{
    weft_fiber fiber;
    if (weft_fiber_start(lose, NULL, &fiber))
        return 0;
    (void)weft_fiber_join(fiber);
    return weft_runtime_stop();
}
