/* SPDX-License-Identifier: MIT */
/* expect: weft_shield_end: no weft_shield_begin came before it */
#include <weft/fiber.h>

static void
end_one_too_many(void *unused)
{
    (void)unused;
    weft_shield_begin();
    weft_shield_end();
    weft_shield_end();
}

int
main(void)
{
    weft_fiber fiber;
    if (!weft_fiber_start(end_one_too_many, NULL, &fiber))
        (void)!weft_fiber_join(fiber);
    return 0;
}
