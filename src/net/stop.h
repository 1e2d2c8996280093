/* SPDX-License-Identifier: MIT */
/* Lets several callers stop a listener or a server at once. */
#ifndef WEFT_NET_STOP_H
#define WEFT_NET_STOP_H

#include <weft/fiber.h>

#include "base/base.h"

/* Of what is stopped. All zero is ready to use. */
struct wf_stop {
    struct weft_mutex mutex; /* whoever stops it */
    weft_err err;            /* of the last stop; under the mutex */
    _Atomic bool hurried;    /* something ended for the deadline of another */
};

struct wf_stop_ops {
    /* Stop it, under the mutex; WEFT_OK if it is stopped already. */
    weft_err (*stop)(void *it, uint64_t deadline_ns);
    /* A deadline has passed while another caller stops it. Is anything left
     * that hurry would end? Then end it. hurry may wait for that. */
    bool (*is_busy)(void *it);
    void (*hurry)(void *it);
};

/*
 * The first caller stops it, and the others wait for that; whose deadline
 * passes first ends what is left. All return what the stop returned, or
 * WEFT_ETIMEOUT if something had to be ended. No cancel ends the wait.
 */
weft_err wf_stop(struct wf_stop *s, const struct wf_stop_ops *ops, void *it,
                 uint64_t deadline_ns);

#endif
