/* SPDX-License-Identifier: MIT */
/*
 * Finds the knee, the highest rate that the server holds. The search doubles
 * the rate until a rate is not held, or halves it until a rate is held. Then it
 * tries the geometric mean of the highest rate held and the lowest rate not
 * held, until these two rates are close. If a rate is not held, the search
 * tries this rate once more, because a short disturbance of the machine is no
 * knee.
 */
#include "bench.h"

#include <math.h>
#include <stdlib.h>

#define MAX_STEPS 40u
/* The search ends at this ratio of the lowest rate not held to the highest rate
 * held. */
#define FINE 1.05
#define LIMIT_TIMES 10 /* default limit: times the unloaded percentile */
#define MOST_MISSING 0.05
#define MOST_FAILED 0.01

struct search {
    const struct wb_target *t;
    struct wb_shape shape;
    struct weft_arena *arena;
    struct bench_Knee *knee;
    struct bench_Run held, missed; /* highest rate held, lowest not held */
    bool has_held, has_missed;
};

/* ---- one rate ---- */

/* Are too many due calls not answered yet? If the server keeps up, only the
 * calls that became due within one latency are in flight. */
static bool
falls_short(const struct search *s, const struct bench_Run *run)
{
    double due = (double)(run->calls + run->not_sent) / run->span_s;
    double missing = (due - run->calls_per_s) * run->span_s;
    double in_flight = due * (double)s->knee->unloaded_ns / 1e9;
    return missing > MOST_MISSING * due * run->span_s + in_flight;
}

static struct weft_str
judge(const struct search *s, const struct bench_Run *run)
{
    char is[WB_TEXT], bound[WB_TEXT];
    double at = wb_run_at(run, s->knee->percentile / 100);
    struct weft_str why = {"", 0};
    if (run->span_s <= 0 || wb_interrupted())
        return WEFT_STR("interrupted");
    if (run->calls + run->not_sent == 0)
        return WEFT_STR("no call was due");
    if ((double)run->failed > MOST_FAILED * (double)run->calls)
        why = WEFT_STR("calls fail");
    else if (at > (double)s->knee->limit_ns)
        why = weft_arena_printf(s->arena, "p%g is %s, over %s",
                                s->knee->percentile, wb_put_time(is, at),
                                wb_put_time(bound, (double)s->knee->limit_ns));
    else if (falls_short(s, run))
        why = WEFT_STR("falls short of the rate");
    if (why.len > 0 && wb_was_busy(run, weft_runtime_workers()))
        why = weft_arena_printf(s->arena, "%.*s (this tool was busy itself)",
                                WEFT_FMT(why));
    return why;
}

static void
keep(struct search *s, struct bench_Run *run, double rate, bool is_held)
{
    run->setup.rate = rate;
    if (is_held && (!s->has_held || rate > s->held.setup.rate)) {
        s->held = *run;
        s->has_held = true;
    } else if (!is_held && (!s->has_missed || rate < s->missed.setup.rate)) {
        s->missed = *run;
        s->has_missed = true;
    }
}

static enum wt_code
list_step(struct search *s, double rate, const struct bench_Run *run,
          bool *is_held)
{
    struct bench_Step *step =
        weft_push(s->arena, &s->knee->steps, sizeof *s->knee->steps.items);
    if (!step) {
        wt_error("there is no memory for more steps");
        return WT_BROKEN;
    }
    bench_Step_init(step);
    step->rate = rate;
    step->calls_per_s = run->calls_per_s;
    step->failed = run->failed;
    step->not_sent = run->not_sent;
    step->latency = run->latency;
    step->verdict = judge(s, run);
    *is_held = step->verdict.ptr && step->verdict.len == 0;
    wb_print_step(step);
    return WT_OK;
}

static enum wt_code
try_rate(struct search *s, double rate, bool *is_held)
{
    struct bench_Run run;
    enum wt_code code;
    uint32_t tries = 0;
    s->shape.rate = rate;
    do {
        bench_Run_init(&run);
        code = wb_load(s->t, &s->shape, s->arena, &run);
        if (!code)
            code = list_step(s, rate, &run, is_held);
    } while (!code && !*is_held && ++tries < 2 && !wb_interrupted());
    if (!code)
        keep(s, &run, rate, *is_held);
    return code;
}

/* ---- the search ---- */

/* Round to three digits, so that the table is easy to read. */
static double
round_rate(double rate)
{
    double unit = pow(10, floor(log10(rate)) - 2);
    return round(rate / unit) * unit;
}

static enum wt_code
bracket(struct search *s, double rate)
{
    bool is_held;
    enum wt_code code = WT_OK;
    while (!code && s->knee->steps.len < MAX_STEPS && !wb_interrupted() &&
           !(s->has_held && s->has_missed) && rate >= 0.01 &&
           rate <= WB_MAX_RATE) {
        code = try_rate(s, rate, &is_held);
        if (!code)
            rate = round_rate(is_held ? rate * 2 : rate / 2);
    }
    return code;
}

static enum wt_code
refine(struct search *s)
{
    bool is_held;
    enum wt_code code = WT_OK;
    while (!code && s->has_held && s->has_missed &&
           s->knee->steps.len < MAX_STEPS && !wb_interrupted()) {
        double low = s->held.setup.rate, high = s->missed.setup.rate;
        double rate = round_rate(sqrt(low * high));
        if (high / low <= FINE || rate <= low || rate >= high)
            break;
        code = try_rate(s, rate, &is_held);
    }
    return code;
}

/* Measure the latency of a call that waits for no other: one connection, one
 * call in flight. */
static enum wt_code
measure_unloaded(struct search *s, double *calls_per_s)
{
    char is[WB_TEXT], bound[WB_TEXT];
    struct wb_shape alone = s->shape;
    const struct wb_options *b = s->t->b;
    struct bench_Run run;
    bench_Run_init(&run);
    alone.connections = alone.in_flight = 1;
    alone.rate = 0;
    enum wt_code code = wb_load(s->t, &alone, s->arena, &run);
    if (code)
        return code;
    double at = wb_run_at(&run, b->limit_part);
    s->knee->percentile = b->limit_part * 100;
    s->knee->unloaded_ns = (int64_t)at;
    s->knee->limit_ns =
        b->limit_ns ? (int64_t)b->limit_ns : (int64_t)(at * LIMIT_TIMES);
    *calls_per_s = run.calls_per_s;
    printf("unloaded: p%g %s; a rate is held if its p%g is at most %s\n",
           s->knee->percentile, wb_put_time(is, at), s->knee->percentile,
           wb_put_time(bound, (double)s->knee->limit_ns));
    return WT_OK;
}

static int
by_rate(const void *a, const void *b)
{
    double x = ((const struct bench_Step *)a)->rate;
    double y = ((const struct bench_Step *)b)->rate;
    return x < y ? -1 : x > y;
}

static enum wt_code
conclude(struct search *s, struct bench_Run *run)
{
    char rate[WB_TEXT];
    struct bench_Knee *knee = s->knee;
    if (knee->steps.len > 0)
        qsort(knee->steps.items, knee->steps.len, sizeof *knee->steps.items,
              by_rate);
    *run = s->has_held ? s->held : s->missed;
    run->knee = knee;
    knee->rate = s->has_held ? s->held.setup.rate : 0;
    if (!s->has_held) {
        puts("no knee: no rate was held\n");
        return WT_WRONG;
    }
    printf("%s %s calls/s\n\n",
           s->has_missed ? "knee:" : "no knee: every rate was held, up to",
           wb_put_number(rate, knee->rate));
    return WT_OK;
}

enum wt_code
wb_find_knee(const struct wb_target *t, const struct wb_shape *shape,
             struct weft_arena *arena, struct bench_Run *run)
{
    double rate = 0;
    struct search s = {.t = t, .shape = *shape, .arena = arena};
    s.knee = weft_arena_alloc(arena, sizeof *s.knee);
    if (!s.knee) {
        wt_error("there is no memory for the steps");
        return WT_BROKEN;
    }
    bench_Knee_init(s.knee);
    bench_Run_init(&s.held);
    bench_Run_init(&s.missed);
    enum wt_code code = measure_unloaded(&s, &rate);
    if (code)
        return code;
    wb_print_step_head();
    if (shape->rate > 0)
        rate = shape->rate;
    code = bracket(&s, round_rate(fmax(rate, 0.01)));
    if (!code)
        code = refine(&s);
    if (code)
        return code;
    return conclude(&s, run);
}
