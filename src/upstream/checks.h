/* SPDX-License-Identifier: MIT */
/*
 * Checks the endpoints of a client, beside its calls: connects to each
 * endpoint, or calls its method weft.health, again and again. The results go to
 * health.h, which ejects endpoints and brings them back. Sources: the active
 * health checking of Envoy, the revival of bRPC.
 *
 * The first call of the client starts a background fiber, and so does the first
 * call after the runtime has stopped and started again. The fiber starts
 * another fiber for each check that is due, WF_CHECKS at the same time at most.
 */
#ifndef WEFT_UPSTREAM_CHECKS_H
#define WEFT_UPSTREAM_CHECKS_H

#include "rpc/rpc.h"

#include <weft/upstream.h>

struct wf_checks;
struct wf_endpoint;
struct wf_upstream;

/* How many checks of a client may be in flight at the same time. */
#define WF_CHECKS 16u

/* The checks of one endpoint. wf_upstream.lock guards the fields. */
struct wf_check {
    uint64_t due_ns; /* when the next check is due; 0: not known yet */
    bool runs;       /* a check is in flight: the endpoint must not be freed */
};

/* Fill in the defaults of the options about checks. -EINVAL. */
weft_err wf_checks_fill_in(struct weft_upstream_options *o) WEFT_CHECKED;

/* Make up->checks, if the options want checks. -ENOMEM. */
weft_err wf_checks_new(struct wf_upstream *up) WEFT_CHECKED;

/* Start the checks, unless they run. If this fails, the next call of the client
 * tries again. */
void wf_checks_ensure(struct wf_checks *checks);

/* End the checks in flight. No check begins any more. */
void wf_checks_close(struct wf_checks *checks);
void wf_checks_free(struct wf_checks *checks);

#endif
