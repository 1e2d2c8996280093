/* SPDX-License-Identifier: MIT */
/*
 * Counts latencies with three significant digits. Each value below 2,048 ns has
 * its own bucket; above, each power of two has 1,024 buckets of equal width.
 * The layout is that of Gil Tene's HdrHistogram. The size is fixed, so that two
 * histograms can be added bucket by bucket.
 */
#ifndef WEFT_TOOL_BENCH_HIST_H
#define WEFT_TOOL_BENCH_HIST_H

#include <stdatomic.h>
#include <stdint.h>

#define WB_HALF 1024u /* buckets of a power of two */
/* Values up to 39 hours; the last bucket has larger values. */
#define WB_BITS 47u
#define WB_BUCKETS ((WB_BITS - 10) * WB_HALF + WB_HALF)

/** A histogram, for one thread. All zero is empty. */
struct wb_hist {
    uint64_t calls;
    uint64_t n[WB_BUCKETS];
};

/** Counts calls of any thread until the next drain. All zero is empty. The
 * counts are relaxed, because no other data depends on them. */
struct wb_recorder {
    _Atomic uint32_t n[WB_BUCKETS];
};

uint32_t wb_bucket(uint64_t ns);

/** The largest value of a bucket; it stands for all values in the bucket. */
uint64_t wb_bucket_ns(uint32_t bucket);

static inline void
wb_record(struct wb_recorder *r, uint64_t ns)
{
    atomic_fetch_add_explicit(&r->n[wb_bucket(ns)], 1, memory_order_relaxed);
}

/** Move the counts so far into a histogram. No call is lost or counted twice,
 * even if other threads record meanwhile. */
void wb_drain(struct wb_recorder *r, struct wb_hist *into);

void wb_hist_merge(struct wb_hist *into, const struct wb_hist *from);

/** The value that a share `part` (0..1) of the calls does not exceed; 0: there
 * are no calls. */
uint64_t wb_hist_at(const struct wb_hist *h, double part);

double wb_hist_mean(const struct wb_hist *h);

#endif
