/* SPDX-License-Identifier: MIT */
/* Watches a load: takes samples while it runs, and the sums at the end. */
#include "bench_load.h"

#include <errno.h>
#include <sys/resource.h>

#define SAMPLE_NS 1000000000u         /* a sample, in a load of 10 s or more */
#define LOOK_NS ((uint64_t)100000000) /* how often to check for an interrupt */

static double
cpu_seconds(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static uint64_t
read_count(const _Atomic uint64_t *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

/* ---- samples ---- */

static weft_err
take_sample(struct wb_load *l, uint64_t at_ns, struct weft_arena *arena,
            struct bench_Run *run)
{
    uint64_t calls = read_count(&l->calls), failed = read_count(&l->failed);
    memset(&l->sample, 0, sizeof l->sample);
    wb_drain(&l->latency, &l->sample);
    wb_hist_merge(&l->total, &l->sample);
    struct bench_Sample *s =
        weft_push(arena, &run->samples, sizeof *run->samples.items);
    if (!s)
        return -ENOMEM;
    bench_Sample_init(s);
    s->at_s = (double)(at_ns - l->begin_ns) / 1e9;
    s->calls = (int64_t)(calls - l->calls_before);
    s->failed = (int64_t)(failed - l->failed_before);
    if (at_ns > l->sampled_ns)
        s->calls_per_s =
            (double)s->calls * 1e9 / (double)(at_ns - l->sampled_ns);
    s->latency = wb_latency(&l->sample);
    l->calls_before = calls;
    l->failed_before = failed;
    l->sampled_ns = at_ns;
    wb_show_live(s, l->shape->rate);
    return WEFT_OK;
}

static bool
wait_until(uint64_t deadline_ns)
{
    uint64_t now;
    while (!wb_interrupted() && (now = weft_now_ns()) < deadline_ns)
        (void)weft_sleep_until(now + LOOK_NS < deadline_ns ? now + LOOK_NS
                                                           : deadline_ns);
    return !wb_interrupted();
}

static void
note_begin(struct wb_load *l)
{
    l->ended_at_begin = read_count(&l->ended);
    l->cpu_at_begin = cpu_seconds();
    l->sampled_ns = l->begin_ns;
}

static void
note_end(struct wb_load *l, struct bench_Run *run)
{
    uint64_t now = weft_now_ns();
    uint64_t ended = read_count(&l->ended) - l->ended_at_begin;
    if (now <= l->begin_ns)
        return; /* interrupted in the warm-up: all is zero */
    run->span_s = (double)(now - l->begin_ns) / 1e9;
    run->calls_per_s = (double)ended / run->span_s;
    run->cpu_s = cpu_seconds() - l->cpu_at_begin;
}

weft_err
wb_watch(struct wb_load *l, struct weft_arena *arena, struct bench_Run *run)
{
    uint64_t span = l->end_ns - l->begin_ns, next = l->begin_ns;
    uint64_t every = span / 10 < SAMPLE_NS ? span / 10 : SAMPLE_NS;
    bool goes_on = wait_until(l->begin_ns);
    weft_err err = WEFT_OK;
    if (goes_on)
        note_begin(l);
    /* wb_harvest takes the last sample, which is up to one and a half times as
     * long and includes the calls that are in flight at the end. */
    while (goes_on && !err && l->end_ns - next >= every + every / 2) {
        next += every;
        goes_on = wait_until(next);
        if (goes_on)
            err = take_sample(l, next, arena, run);
    }
    if (goes_on && !err)
        (void)wait_until(l->end_ns);
    note_end(l, run);
    return err;
}

/* ---- sums ---- */

static weft_err
list_failures(const struct wb_failures *failures, struct weft_arena *arena,
              struct bench_Run *run)
{
    for (uint32_t i = 0; i < failures->n; i++) {
        const struct wb_failure *from = &failures->items[i];
        struct bench_Failure *f =
            weft_push(arena, &run->failures, sizeof *run->failures.items);
        if (!f)
            return -ENOMEM;
        bench_Failure_init(f);
        f->kind = weft_arena_str(arena, from->kind, strlen(from->kind));
        f->first = weft_arena_str(arena, from->first, strlen(from->first));
        f->calls = (int64_t)from->calls;
        f->code = (int32_t)from->code;
        if (!f->kind.ptr || !f->first.ptr)
            return -ENOMEM;
    }
    return WEFT_OK;
}

static weft_err
list_buckets(const struct wb_hist *h, struct weft_arena *arena,
             struct bench_Run *run)
{
    for (uint32_t i = 0; i < WB_BUCKETS; i++) {
        if (h->n[i] == 0)
            continue;
        struct bench_map_i64_i64_item *item =
            weft_push(arena, &run->histogram, sizeof *item);
        if (!item)
            return -ENOMEM;
        item->key = (int64_t)wb_bucket_ns(i);
        item->value = (int64_t)h->n[i];
    }
    return WEFT_OK;
}

weft_err
wb_harvest(struct wb_load *l, struct weft_arena *arena, struct bench_Run *run)
{
    uint64_t span_ns = (uint64_t)(run->span_s * 1e9);
    uint64_t end = l->begin_ns + span_ns;
    weft_err err = WEFT_OK;
    if (span_ns > 0)
        err = take_sample(l, end < l->end_ns ? end : l->end_ns, arena, run);
    if (!err)
        err = list_buckets(&l->total, arena, run);
    if (!err)
        err = list_failures(&l->failures, arena, run);
    run->calls = (int64_t)read_count(&l->calls);
    run->failed = (int64_t)read_count(&l->failed);
    run->not_sent = (int64_t)read_count(&l->unsent);
    run->latency = wb_latency(&l->total);
    run->mean_ns = (int64_t)wb_hist_mean(&l->total);
    memset(&l->sample, 0, sizeof l->sample);
    wb_drain(&l->late, &l->sample);
    run->late = wb_latency(&l->sample);
    wb_clear_live();
    return err;
}
