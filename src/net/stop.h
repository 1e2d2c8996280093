/* SPDX-License-Identifier: MIT */
/* Lets several callers stop a listener or a server at the same time. */
#ifndef WEFT_NET_STOP_H
#define WEFT_NET_STOP_H

#include <weft/fiber.h>

#include "base/base.h"

/* The struct is a member of the listener or server. A struct of zeros is ready
 * to use. */
struct wf_stop {
    struct weft_mutex mutex; /* held by the caller that stops */
    weft_err err;            /* the last stop's result; under the mutex */
    /* `hurry` was called while there was something to end */
    _Atomic bool hurried;
};

struct wf_stop_ops {
    /* Stop `it`, with the mutex held; WEFT_OK if it is stopped already. */
    weft_err (*stop)(void *it, uint64_t deadline_ns);
    /* Both functions are called when a caller has waited until its deadline
     * for the stop of another caller. is_busy returns true if something is left
     * that `hurry` can end. `hurry` ends everything that is left, and may
     * wait. */
    bool (*is_busy)(void *it);
    void (*hurry)(void *it);
};

/*
 * The first caller stops `it`, and the other callers wait for the end of the
 * stop. If the deadline of a waiting caller passes, this caller ends what is
 * left (`hurry`). All callers return what the stop returned, or WEFT_ETIMEOUT
 * if a waiting caller ended something. No cancel ends the wait.
 */
weft_err wf_stop(struct wf_stop *s, const struct wf_stop_ops *ops, void *it,
                 uint64_t deadline_ns);

#endif
