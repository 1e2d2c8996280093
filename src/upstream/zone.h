/* SPDX-License-Identifier: MIT */
/*
 * Prefers the servers of the client's own zone, as long as enough of them are
 * usable. A list with servers of the own zone and others has two more lists,
 * `near` and `far`, and each attempt chooses one of the two by chance, and then
 * an endpoint of it, as the client balances. The part of the attempts that stay
 * near is the usable part of the near endpoints times a factor, at most 1; the
 * part that the far endpoints may get is computed in the same way. Source: the
 * priority levels of Envoy, whose factor is 1.4.
 *
 * Both parts are computed when an attempt finds usable_changed of the upstream
 * set. An endpoint is usable if it is not ejected and
 * its breaker is closed.
 */
#ifndef WEFT_UPSTREAM_ZONE_H
#define WEFT_UPSTREAM_ZONE_H

#include "base/base.h"

struct weft_upstream_options;
struct wf_snapshot;
struct wf_upstream;

struct wf_zones {
    char *own;            /* the client's zone; NULL: none */
    struct wf_spin lock;  /* only one thread computes `far` */
    _Atomic uint64_t far; /* 2^32 times the part that goes far */
};

/* Fill in the defaults of the options about zones, and copy the zone. -EINVAL,
 * -ENOMEM. */
weft_err wf_zone_init(struct wf_upstream *up) WEFT_CHECKED;

/* Returns whether an attempt should go to a far endpoint of a list that has
 * `near`. `random` is any number. */
bool wf_zone_is_far(struct wf_upstream *up, const struct wf_snapshot *list,
                    uint64_t now, uint32_t random) WEFT_CHECKED;

#endif
