/* SPDX-License-Identifier: MIT */
/*
 * Two runs side by side. A difference is more than noise if it exceeds twice
 * the standard error of the difference between the means of their samples
 * (Welch 1947). This assumes that the samples of a run are independent.
 */
#include "bench.h"

#include <math.h>

#define LEAST_SAMPLES 3u /* samples with calls; with fewer, noise is unknown */

struct metric {
    const char *name;
    bool more_is_better, is_time;
    double (*of_run)(const struct bench_Run *run);
    double (*of_sample)(const struct bench_Sample *sample);
};

#define PERCENTILE(p)                                      \
    static double run_##p(const struct bench_Run *run)     \
    {                                                      \
        return (double)run->latency.p##_ns;                \
    }                                                      \
    static double sample_##p(const struct bench_Sample *s) \
    {                                                      \
        return (double)s->latency.p##_ns;                  \
    }
PERCENTILE(p50)
PERCENTILE(p90)
PERCENTILE(p99)
PERCENTILE(p999)
#undef PERCENTILE

static double
run_rate(const struct bench_Run *run)
{
    return run->calls_per_s;
}

static double
sample_rate(const struct bench_Sample *s)
{
    return s->calls_per_s;
}

static const struct metric metrics[] = {
    {"calls/s", true, false, run_rate, sample_rate},
    {"p50", false, true, run_p50, sample_p50},
    {"p90", false, true, run_p90, sample_p90},
    {"p99", false, true, run_p99, sample_p99},
    {"p99.9", false, true, run_p999, sample_p999},
};

/* ---- noise ---- */

/* The square of the standard error of the mean; negative: too few samples. */
static double
error_of(const struct bench_Run *run, const struct metric *m)
{
    double sum = 0, squares = 0, n = 0;
    for (uint32_t i = 0; i < run->samples.len; i++) {
        const struct bench_Sample *s = &run->samples.items[i];
        sum += s->calls > 0 ? m->of_sample(s) : 0;
        n += s->calls > 0;
    }
    if (n < LEAST_SAMPLES)
        return -1;
    for (uint32_t i = 0; i < run->samples.len; i++) {
        const struct bench_Sample *s = &run->samples.items[i];
        double off = s->calls > 0 ? m->of_sample(s) - sum / n : 0;
        squares += off * off;
    }
    return squares / (n - 1) / n;
}

/* The noise in units of the metric; negative: unknown. */
static double
noise_of(const struct bench_Run *a, const struct bench_Run *b,
         const struct metric *m)
{
    double x = error_of(a, m), y = error_of(b, m);
    return x < 0 || y < 0 ? -1 : 2 * sqrt(x + y);
}

/* ---- the table ---- */

static const char *
put(char *room, const struct metric *m, double value)
{
    return m->is_time ? wb_put_time(room, value) : wb_put_number(room, value);
}

/* Compare one metric; is the new run worse by more than allowed? */
static bool
compare(const struct bench_Run *a, const struct bench_Run *b,
        const struct metric *m, double worse)
{
    char old_text[WB_TEXT], new_text[WB_TEXT], noise_text[WB_TEXT] = "unknown";
    double x = m->of_run(a), y = m->of_run(b), noise = noise_of(a, b, m);
    double percent = x > 0 ? (y / x - 1) * 100 : 0;
    bool is_better = m->more_is_better == (y > x);
    bool is_clear = noise < 0 ? x != y : fabs(y - x) > noise;
    if (noise >= 0 && x > 0)
        snprintf(noise_text, sizeof noise_text, "%.1f%%", noise / x * 100);
    printf("%-9s%12s%12s%9.3f%10s  %s\n", m->name, put(old_text, m, x),
           put(new_text, m, y), x > 0 ? y / x : 0, noise_text,
           !is_clear   ? "within noise"
           : is_better ? "better"
                       : "worse");
    return is_clear && !is_better && worse >= 0 && fabs(percent) > worse;
}

static double
failed_percent(const struct bench_Run *run)
{
    double all = (double)(run->calls + run->not_sent);
    return all > 0 ? 100 * (double)(run->failed + run->not_sent) / all : 0;
}

/* The old percentage often is 0, so `worse` is compared with the difference of
 * the two percentages, not with a percentage of the old percentage. */
static bool
compare_failed(const struct bench_Run *a, const struct bench_Run *b,
               double worse)
{
    double x = failed_percent(a), y = failed_percent(b);
    printf("%-9s%11.3f%%%11.3f%%   of the calls failed or were not sent\n",
           "failed", x, y);
    return worse >= 0 && y - x > worse;
}

static void
note_setups(const struct bench_Setup *a, const struct bench_Setup *b)
{
    const struct {
        const char *name;
        bool differs;
    } parts[] = {
        {"method", !weft_str_eq(a->method, b->method)},
        {"arguments", !weft_str_eq(a->arguments, b->arguments)},
        {"dialect", !weft_str_eq(a->dialect, b->dialect)},
        {"connections", a->connections != b->connections},
        {"calls in flight", a->in_flight != b->in_flight},
        {"rate", a->rate < b->rate || a->rate > b->rate},
        {"gaps", a->poisson != b->poisson},
        {"workers", a->workers != b->workers},
        {"machine", !weft_str_eq(a->machine, b->machine)},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].differs)
            printf("note: the runs differ in their %s\n", parts[i].name);
}

static enum wt_code
compare_runs(const struct bench_Run *a, const struct bench_Run *b, double worse)
{
    bool is_worse = false;
    note_setups(&a->setup, &b->setup);
    printf("%-9s%12s%12s%9s%10s\n", "", "old", "new", "new/old", "noise");
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
        is_worse |= compare(a, b, &metrics[i], worse);
    is_worse |= compare_failed(a, b, worse);
    puts("noise: two standard errors of the difference, from the samples of "
         "both runs");
    if (is_worse)
        printf("worse by more than %g%%\n", worse);
    if (fflush(stdout) != 0)
        return WT_BROKEN;
    return is_worse ? WT_USAGE : WT_OK; /* 2, as documented */
}

enum wt_code
wb_compare(const char *old_path, const char *new_path, double worse)
{
    struct weft_arena arena;
    struct bench_Run a, b;
    weft_arena_init(&arena, (size_t)1 << 30);
    enum wt_code code = wb_read_json(old_path, &arena, &a);
    if (!code)
        code = wb_read_json(new_path, &arena, &b);
    if (!code)
        code = compare_runs(&a, &b, worse);
    weft_arena_fini(&arena);
    return code;
}
