/* SPDX-License-Identifier: MIT */
/* Lets several callers stop a listener or a server at once. */
#ifndef WEFT_NET_STOP_H
#define WEFT_NET_STOP_H

#include <weft/fiber.h>

#include "base/base.h"

/* A member of the listener or server. All zero is ready to use. */
struct wf_stop {
    struct weft_mutex mutex; /* held by the caller that stops */
    weft_err err;            /* of the last stop; under the mutex */
    _Atomic bool hurried;    /* another caller's deadline ended something */
};

struct wf_stop_ops {
    /* Stop `it`, with the mutex held; WEFT_OK if it is stopped already. */
    weft_err (*stop)(void *it, uint64_t deadline_ns);
    /* The deadline of a caller has passed while another caller stops `it`.
     * is_busy: is anything left that hurry can end? hurry ends that, and may
     * wait. */
    bool (*is_busy)(void *it);
    void (*hurry)(void *it);
};

/*
 * The first caller stops `it`, and the others wait for that. The first of them
 * whose deadline passes ends what is left. All return what the stop returned,
 * or WEFT_ETIMEOUT if something had to be ended. No cancel ends the wait.
 */
weft_err wf_stop(struct wf_stop *s, const struct wf_stop_ops *ops, void *it,
                 uint64_t deadline_ns);

#endif
