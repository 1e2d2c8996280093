/* SPDX-License-Identifier: MIT */
/* What a server counts: the figures of weft_server_get_stats. */
#ifndef WEFT_RPC_COUNTERS_H
#define WEFT_RPC_COUNTERS_H

#include "codec/codec.h"
#include "fiber/fiber.h"

/* Why connections ended; as in weft_server_stats. */
enum wf_closed {
    WF_CLOSED_PEER,
    WF_CLOSED_STOPPED,
    WF_CLOSED_FORCED,
    WF_CLOSED_IDLE,
    WF_CLOSED_READ_TIMEOUT,
    WF_CLOSED_WRITE_TIMEOUT,
    WF_CLOSED_BROKEN,
    WF_CLOSED_BAD_BYTES,
    WF_CLOSED_NO_RESOURCE,
    WF_CLOSED,
};

/* Each worker adds to counters of its own, in relaxed order. The sums of these
 * counters agree with each other only while no call runs. The first cache line
 * has the counters that calls change. */
struct wf_server_counters {
    _Alignas(64) _Atomic uint64_t accepted;
    _Atomic uint64_t refused, replies, exceptions, oneways, overloads,
        bad_messages, unrecognised[WF_GUESSES], closed[WF_CLOSED];
};

/* The calling thread's part of a server's counters; the pointer must not be
 * kept across a wait. */
static inline struct wf_server_counters *
wf_counters_mine(struct wf_server_counters *parts)
{
    return wf_parts_at(parts, sizeof *parts, wf_parts_index());
}

#endif
