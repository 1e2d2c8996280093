/* SPDX-License-Identifier: MIT */
/* Figures that are computed from a histogram or a run. */
#include "bench.h"

struct bench_Latency
wb_latency(const struct wb_hist *h)
{
    struct bench_Latency x;
    bench_Latency_init(&x);
    x.p50_ns = (int64_t)wb_hist_at(h, 0.5);
    x.p90_ns = (int64_t)wb_hist_at(h, 0.9);
    x.p99_ns = (int64_t)wb_hist_at(h, 0.99);
    x.p999_ns = (int64_t)wb_hist_at(h, 0.999);
    x.max_ns = (int64_t)wb_hist_at(h, 1);
    return x;
}

double
wb_run_at(const struct bench_Run *run, double part)
{
    double all = 0, seen = 0;
    uint32_t i = 0;
    for (uint32_t k = 0; k < run->histogram.len; k++)
        all += (double)run->histogram.items[k].value;
    for (; i < run->histogram.len; i++) {
        seen += (double)run->histogram.items[i].value;
        if (seen >= part * all)
            break;
    }
    return i < run->histogram.len ? (double)run->histogram.items[i].key : 0;
}

bool
wb_was_busy(const struct bench_Run *run, uint32_t workers)
{
    return run->cpu_s > 0.9 * workers * run->span_s;
}
