/* SPDX-License-Identifier: MIT */
/* What weft bench prints on a terminal. */
#include "bench.h"

#include <inttypes.h>
#include <math.h>
#include <unistd.h>

/* ---- numbers for people ---- */

const char *
wb_put_time(char *text, double ns)
{
    static const struct {
        double ns;
        const char *name;
    } units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}};
    size_t i = 0;
    while (i < 2 && ns < units[i].ns)
        i++;
    double value = ns / units[i].ns;
    int digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
    snprintf(text, WB_TEXT, "%.*f %s", digits, value, units[i].name);
    return text;
}

/* With commas between thousands; a fraction below 100 gets one digit after the
 * point. */
const char *
wb_put_number(char *text, double value)
{
    char plain[WB_TEXT];
    int digits = value < 100 && value != floor(value) ? 1 : 0;
    int len = snprintf(plain, sizeof plain, "%.*f", digits, value);
    int whole = digits ? len - 2 : len;
    char *to = text;
    for (int i = 0; i < len && to < text + WB_TEXT - 2; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0)
            *to++ = ',';
        *to++ = plain[i];
    }
    *to = '\0';
    return text;
}

static void
print_latency(const char *name, const struct bench_Latency *x)
{
    char p50[WB_TEXT], p90[WB_TEXT], p99[WB_TEXT], p999[WB_TEXT], max[WB_TEXT];
    printf("%-11sp50 %s  p90 %s  p99 %s  p99.9 %s  max %s", name,
           wb_put_time(p50, (double)x->p50_ns),
           wb_put_time(p90, (double)x->p90_ns),
           wb_put_time(p99, (double)x->p99_ns),
           wb_put_time(p999, (double)x->p999_ns),
           wb_put_time(max, (double)x->max_ns));
}

/* ---- the live line ---- */

static bool live_is_shown;

void
wb_show_live(const struct bench_Sample *s, double rate)
{
    char calls[WB_TEXT], failed[WB_TEXT], asked[WB_TEXT];
    if (!isatty(STDOUT_FILENO))
        return;
    printf("\r\x1b[K%5.1f s  %s/s", s->at_s,
           wb_put_number(calls, round(s->calls_per_s)));
    if (rate > 0)
        printf(" of %s", wb_put_number(asked, round(rate)));
    printf("  %s failed", wb_put_number(failed, (double)s->failed));
    print_latency("  ", &s->latency);
    fflush(stdout); /* an error does no harm here */
    live_is_shown = true;
}

void
wb_clear_live(void)
{
    if (live_is_shown)
        fputs("\r\x1b[K", stdout);
    live_is_shown = false;
}

/* ---- a run ---- */

static void
print_setup(const struct bench_Setup *s)
{
    char rate[WB_TEXT];
    printf("%.*s at %.*s, %.*s\n", WEFT_FMT(s->method), WEFT_FMT(s->address),
           WEFT_FMT(s->dialect));
    printf("%" PRId32 " connections, %" PRId32 " in flight on each, ",
           s->connections, s->in_flight);
    if (s->rate > 0)
        printf("%s calls/s by the clock%s", wb_put_number(rate, s->rate),
               s->poisson ? " (Poisson)" : "");
    else
        fputs("closed loop", stdout);
    printf(", %g s after %g s of warm-up\n\n", s->seconds, s->warm_up_s);
}

static void
print_failures(const struct bench_Run *run)
{
    char n[WB_TEXT];
    for (uint32_t i = 0; i < run->failures.len; i++) {
        const struct bench_Failure *f = &run->failures.items[i];
        printf("  %s  %.*s: ", wb_put_number(n, (double)f->calls),
               WEFT_FMT(f->kind));
        wt_put_safe(stdout, f->first);
        putchar('\n');
    }
}

static void
print_cost(const struct bench_Run *run)
{
    char cpu[WB_TEXT];
    if (run->span_s <= 0 || run->calls == 0)
        return;
    double busy = run->cpu_s / run->span_s;
    printf("this tool  %.0f%% of a core, %s for each call\n", busy * 100,
           wb_put_time(cpu, run->cpu_s * 1e9 / (double)run->calls));
    if (wb_was_busy(run, (uint32_t)run->setup.workers))
        puts("           it was busy itself, so the latencies may be its own; "
             "more --workers may help");
}

enum wt_code
wb_print_run(const struct bench_Run *run)
{
    char calls[WB_TEXT], rate[WB_TEXT], n[WB_TEXT];
    print_setup(&run->setup);
    printf("calls      %s, %s/s\n", wb_put_number(calls, (double)run->calls),
           wb_put_number(rate, run->calls_per_s));
    print_latency("latency", &run->latency);
    putchar('\n');
    if (run->setup.rate > 0) {
        print_latency("sent late", &run->late);
        printf("\nnot sent   %s%s\n", wb_put_number(n, (double)run->not_sent),
               run->not_sent ? ", because too many calls were in flight; the "
                               "latencies do not include them"
                             : "");
    }
    print_cost(run);
    printf("failed     %s\n", wb_put_number(n, (double)run->failed));
    print_failures(run);
    return fflush(stdout) == 0 ? WT_OK : WT_BROKEN;
}

/* ---- steps ---- */

void
wb_print_step_head(void)
{
    printf("%12s%12s%10s%10s%10s%10s\n", "asked/s", "calls/s", "p50", "p99",
           "p99.9", "failed");
}

void
wb_print_step(const struct bench_Step *s)
{
    char asked[WB_TEXT], rate[WB_TEXT], p50[WB_TEXT], p99[WB_TEXT],
        p999[WB_TEXT];
    wb_clear_live();
    printf("%12s%12s%10s%10s%10s%10" PRId64 "  %.*s\n",
           wb_put_number(asked, s->rate), wb_put_number(rate, s->calls_per_s),
           wb_put_time(p50, (double)s->latency.p50_ns),
           wb_put_time(p99, (double)s->latency.p99_ns),
           wb_put_time(p999, (double)s->latency.p999_ns), s->failed,
           WEFT_FMT(s->verdict));
    fflush(stdout); /* an error is noticed at the end */
}
