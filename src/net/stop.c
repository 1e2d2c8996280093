/* SPDX-License-Identifier: MIT */
#include "net/stop.h"

#include "fiber/fiber.h"

#define LOOK_MS 10 /* the time between two calls of hurry */

/* Wait for the caller that stops `it`. After the deadline, call `hurry` again
 * and again until the stop is done, because a connection that is accepted
 * meanwhile has to end, too. */
static void
wait_for_first(struct wf_stop *s, const struct wf_stop_ops *ops, void *it,
               uint64_t deadline_ns)
{
    weft_shield_begin();
    while (weft_mutex_lock_until(&s->mutex, deadline_ns)) {
        /* relaxed: `hurry` ends connections, and the end of a connection
         * publishes the flag to the thread that waits for that end. */
        if (ops->is_busy(it))
            wf_store(&s->hurried, true, relaxed);
        ops->hurry(it);
        deadline_ns = weft_after_ms(LOOK_MS);
    }
    weft_shield_end();
}

weft_err
wf_stop(struct wf_stop *s, const struct wf_stop_ops *ops, void *it,
        uint64_t deadline_ns)
{
    if (weft_mutex_try_lock(&s->mutex)) {
        /* An earlier stop may have set the flag. */
        wf_store(&s->hurried, false, relaxed);
        s->err = ops->stop(it, deadline_ns);
        if (wf_load(&s->hurried, relaxed))
            s->err = WEFT_ETIMEOUT;
    } else {
        wait_for_first(s, ops, it, deadline_ns);
    }
    weft_err err = s->err;
    weft_mutex_unlock(&s->mutex);
    return err;
}
