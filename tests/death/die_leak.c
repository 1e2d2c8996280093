/* SPDX-License-Identifier: MIT */
/* expect: LeakSanitizer: detected memory leaks */
/* only with: -fsanitize=address */
/* Memory to which a fiber has lost its pointer is a leak. A copy of the pointer
 * may lie on the fiber's stack, which is still mapped. That copy must not hide
 * the leak. */
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
