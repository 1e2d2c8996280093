/* SPDX-License-Identifier: MIT */
/* expect: check failed: .* in fiber `washer of plates`$ */
/* The message of a check names the fiber. */
#include <weft/fiber.h>

static void
misuse(void *arg)
{
    (void)arg;
    weft_shield_end();
}

int
main(void)
{
    const struct weft_fiber_options options = {.name = "washer of plates"};
    weft_fiber fiber;
    if (weft_fiber_start_with(&options, misuse, NULL, &fiber) == WEFT_OK)
        (void)weft_fiber_join(fiber);
    return 0;
}
