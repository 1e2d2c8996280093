/* SPDX-License-Identifier: MIT */
/* Tells what a fiber waits for, for tests that continue when another fiber
 * waits. */
#ifndef WEFT_TESTS_WAITING_H
#define WEFT_TESTS_WAITING_H

#include <weft/fiber.h>

struct waiting {
    weft_fiber fiber;
    enum weft_wait what;
};

static inline void
waiting_look(void *user, const struct weft_fiber_info *info)
{
    struct waiting *w = user;
    if (info->fiber.id == w->fiber.id && info->state == WEFT_FIBER_WAITING)
        w->what = info->waits_for;
}

/* Returns WEFT_WAIT_NONE if the fiber runs, is ready to run, or has ended. */
static inline enum weft_wait
waits_for(weft_fiber fiber)
{
    struct waiting w = {fiber, WEFT_WAIT_NONE};
    weft_fiber_list(waiting_look, &w);
    return w.what;
}

#endif
