/* SPDX-License-Identifier: MIT */
/*
 * Closes a descriptor so that its last bytes arrive. linger.c says why the
 * close takes time.
 */
#ifndef WEFT_NET_LINGER_H
#define WEFT_NET_LINGER_H

#include "base/base.h"

extern _Atomic bool wf_linger_is_due;

/* Close a descriptor so that the peer gets all bytes that were sent before the
 * close; see linger.c. Never waits. */
void wf_linger_close(int fd);

/* Read and drop the input of all descriptors that linger. Called by a worker
 * that polls. */
void wf_linger_sweep(void);

/* Sweep if a sweep is due. true: a sweep was due, and may have armed a timer of
 * the calling worker. */
static inline bool
wf_linger_poll(void)
{
    if (WEFT_LIKELY(!wf_load(&wf_linger_is_due, relaxed))) /* a hint */
        return false;
    wf_linger_sweep();
    return true;
}

/* The workers have ended: close all descriptors that linger. */
void wf_linger_tear_down(void);

#endif
