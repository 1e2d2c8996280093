/* SPDX-License-Identifier: MIT */
/*
 * Numbers that every worker changes, without a cache line that two workers
 * write: each worker has a line of its own, and plain threads share one.
 *
 * The kernel's percpu_counter has the same idea: a total that may lag behind by
 * a bounded amount, and an exact sum that visits all lines.
 */
#ifndef WEFT_FIBER_GAUGE_H
#define WEFT_FIBER_GAUGE_H

#include "base/base.h"

/* ---- memory of which each worker has a part ---- */

/* A part for each worker and one for all plain threads, zeroed; the parts are
 * `size` bytes, a multiple of 64, and aligned to 64. NULL: no memory. */
void *wf_parts_new(size_t size);
void wf_parts_free(void *parts, size_t size); /* parts may be NULL */

/* The part of the calling thread. A fiber may have another one after each wait,
 * and plain threads share theirs, so the fields are atomic. */
void *wf_parts_mine(void *parts, size_t size);

/* Part i; there are wf_parts_count of them, those never used included. */
static inline void *
wf_parts_at(void *parts, size_t size, uint32_t i)
{
    return (char *)parts + (size_t)i * size;
}
uint32_t wf_parts_count(void);

/* ---- a number that goes up and down ---- */

struct wf_gauge_part {
    _Alignas(64) _Atomic uint64_t begun; /* all that was added here */
    _Atomic uint64_t ended;              /* all that was subtracted here */
    int64_t untold; /* a worker's change that `told` does not have yet */
};

struct wf_gauge {
    struct wf_gauge_part *parts;
    uint32_t step;        /* a worker tells its change when it is so large */
    uint32_t lag;         /* all that is untold together is at most this */
    _Atomic int64_t told; /* the number, but for what is untold */
};

/* -ENOMEM. A gauge that is all zeros may be passed to wf_gauge_fini, and has
 * the sum 0. */
weft_err wf_gauge_init(struct wf_gauge *gauge) WEFT_CHECKED;
void wf_gauge_fini(struct wf_gauge *gauge);

/* Choose the step for a limit: what all workers of the runtime have not told is
 * at most 1/16 of it. The workers run, and nobody uses the gauge meanwhile. */
void wf_gauge_bound(struct wf_gauge *gauge, uint64_t limit);

/* Both are seq_cst, and may be called by any thread. */
void wf_gauge_add(struct wf_gauge *gauge, uint32_t n);
void wf_gauge_sub(struct wf_gauge *gauge, uint32_t n);

/* Is the number above the limit? Visits the parts of all workers only if it is
 * close to the limit. Of threads that have just added and ask at the same time,
 * more than necessary may be told so, but never fewer. */
bool wf_gauge_is_above(const struct wf_gauge *gauge, uint64_t limit);

/*
 * The sums of both directions. If a caller loads wf_gauge_ended first and
 * wf_gauge_begun after it, the difference is at least what the number was
 * between the two loads, since both only grow: so a difference of 0 means that
 * the number was 0 then. The loads are seq_cst.
 */
uint64_t wf_gauge_ended(const struct wf_gauge *gauge);
uint64_t wf_gauge_begun(const struct wf_gauge *gauge);

/* At least the number at some moment of this call; exactly it if nobody changes
 * it meanwhile. */
uint32_t wf_gauge_sum(const struct wf_gauge *gauge);

#endif
