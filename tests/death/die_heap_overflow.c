/* SPDX-License-Identifier: MIT */
/* expect: AddressSanitizer: heap-buffer-overflow */
/* only with: -fsanitize=address */
#include <weft/fiber.h>

#include <stdlib.h>

static void
overflow(void *arg)
{
    volatile char *bytes = malloc(10);
    (void)arg;
    weft_fiber_yield();
    if (bytes)
        bytes[10] = 1;
    free((void *)(uintptr_t)bytes);
}

int
main(void)
{
    weft_fiber fiber;
    if (weft_fiber_start(overflow, NULL, &fiber))
        return 0;
    return weft_fiber_join(fiber);
}
