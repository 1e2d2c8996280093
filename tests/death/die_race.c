/* SPDX-License-Identifier: MIT */
/* expect: ThreadSanitizer: data race */
/* only with: -fsanitize=thread */
/* TSan reports a race between two fibers on two workers, because the hand-over
 * below is only relaxed. So TSan would also report a race in the other
 * tests. */
#include "fiber/fiber.h"

#include <sched.h>

static int plain;
static _Atomic int stage;

static void
wait_for(int value)
{
    while (wf_load(&stage, relaxed) < value)
        sched_yield();
}

static void
write_it(void *arg)
{
    (void)arg;
    wf_store(&stage, 1, relaxed);
    wait_for(2); /* both run at once, so they are on two workers */
    plain = 1;
    wf_store(&stage, 3, relaxed);
}

static void
read_it(void *arg)
{
    wait_for(1);
    wf_store(&stage, 2, relaxed);
    wait_for(3);
    *(int *)arg = plain;
}

int
main(void)
{
    struct weft_runtime_options options = {.workers = 2};
    weft_fiber a, b;
    int seen;
    if (weft_runtime_start(&options) || weft_fiber_start(write_it, NULL, &a) ||
        weft_fiber_start(read_it, &seen, &b))
        return 0;
    (void)weft_fiber_join(a);
    (void)weft_fiber_join(b);
    return weft_runtime_stop();
}
