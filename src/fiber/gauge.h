/* SPDX-License-Identifier: MIT */
/*
 * Numbers that every worker changes. Each worker counts in a cache line of its
 * own, and all plain threads share one more line.
 *
 * The kernel's percpu_counter has the same idea: a total that may lag behind by
 * a bounded amount, and an exact sum that visits all lines.
 */
#ifndef WEFT_FIBER_GAUGE_H
#define WEFT_FIBER_GAUGE_H

#include "base/base.h"

/* ---- memory of which each worker has a part ---- */

/* Allocate one part for each worker and one part for all plain threads. A part
 * has `size` bytes, which is a multiple of 64; the parts are zeroed and aligned
 * to 64. NULL: no memory. */
void *wf_parts_new(size_t size);
void wf_parts_free(void *parts, size_t size); /* `parts` may be NULL */

/* Returns the index of the calling thread's part: plain threads share part 0,
 * and each worker has a part of its own. If a fiber uses the index after a
 * wait, the part may be that of another worker; so the fields that the fiber
 * changes must be atomic. */
uint32_t wf_parts_index(void);

/* wf_parts_at returns part `i`. wf_parts_count returns the number of parts,
 * including parts that are never used. */
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
    int64_t untold; /* a worker's change that is not in `told` yet */
};

struct wf_gauge {
    struct wf_gauge_part *parts;
    uint32_t step;        /* an `untold` this large is moved to `told` */
    uint32_t lag;         /* the sum of all `untold` is at most this */
    _Atomic int64_t told; /* the number minus the sum of all `untold` */
};

/* wf_gauge_init may fail with -ENOMEM. A gauge that is all zeros may be passed
 * to wf_gauge_fini, and has the sum 0. */
weft_err wf_gauge_init(struct wf_gauge *gauge) WEFT_CHECKED;
void wf_gauge_fini(struct wf_gauge *gauge);

/* Choose `step` so that the sum of all `untold` is at most 1/16 of the limit.
 * Called after the number of workers was set, while nobody else uses the
 * gauge. */
void wf_gauge_bound(struct wf_gauge *gauge, uint64_t limit);

/*
 * wf_gauge_ended returns the sum of all that was subtracted; wf_gauge_begun
 * returns the sum of all that was added. If a caller calls wf_gauge_ended first
 * and wf_gauge_begun second, the difference of the two sums is at least the
 * number at each moment between the two calls, because both sums only grow. So
 * a difference of 0 means that the number was 0 between the two calls. The
 * loads are seq_cst.
 */
uint64_t wf_gauge_ended(const struct wf_gauge *gauge);
uint64_t wf_gauge_begun(const struct wf_gauge *gauge);

/* Returns the number. If the number changes during the call, the result may be
 * too high, but is at least the number at some moment of the call. */
uint32_t wf_gauge_sum(const struct wf_gauge *gauge);

/* Add to `told` a change and the `untold` of part `i`. This `untold` becomes
 * 0. */
void wf_gauge_tell(struct wf_gauge *gauge, uint32_t i, int64_t change);

/* Each worker is the only writer of the `untold` of its part. Plain threads
 * share a part, so their changes are added to `told` at once. */
static inline void
wf_gauge_change(struct wf_gauge *gauge, uint32_t i, int64_t change)
{
    struct wf_gauge_part *part = &gauge->parts[i];
    int64_t untold = part->untold + change, step = gauge->step;
    if (WEFT_LIKELY(i != 0 && untold < step && -untold < step))
        part->untold = untold;
    else
        wf_gauge_tell(gauge, i, change);
}

/* Add to the number and subtract from it. Both functions are seq_cst, and any
 * thread may call them. */
static inline void
wf_gauge_add(struct wf_gauge *gauge, uint32_t n)
{
    uint32_t i = wf_parts_index();
    wf_add(&gauge->parts[i].begun, n, seq_cst);
    wf_gauge_change(gauge, i, n);
}

static inline void
wf_gauge_sub(struct wf_gauge *gauge, uint32_t n)
{
    uint32_t i = wf_parts_index();
    wf_gauge_change(gauge, i, -(int64_t)n);
    wf_add(&gauge->parts[i].ended, n, seq_cst);
}

/* True if the number is above `limit`. Visits the parts of all workers only if
 * the number is close to the limit. If several threads add and then call this
 * function at the same time, more of them may get true than if they ran one
 * after the other, but never fewer. */
static inline bool
wf_gauge_is_above(const struct wf_gauge *gauge, uint64_t limit)
{
    /* relaxed: `told` is only compared with a limit */
    int64_t most = wf_load(&gauge->told, relaxed) + gauge->lag;
    if (WEFT_LIKELY(most <= (int64_t)limit))
        return false;
    return gauge->lag == 0 || wf_gauge_sum(gauge) > limit;
}

#endif
