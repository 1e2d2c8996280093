/* SPDX-License-Identifier: MIT */
/* A run as one HTML page that needs nothing else: no script, no other file. */
#include "bench.h"
#include "bench_plot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n<style>\n"
    ":root{--ink:#1b1f24;--soft:#59636e;--line:#d8dee4;--paper:#fff;"
    "--s0:#0b63c5;--s1:#b35900;--s2:#a3259b;--s3:#b4232a}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa4af;"
    "--line:#30363d;--paper:#0d1117;--s0:#58a6ff;--s1:#f0a040;--s2:#e085d8;"
    "--s3:#ff7b72}}\n"
    "body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);"
    "background:var(--paper);max-width:800px;margin:2em auto;padding:0 1em}\n"
    "h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th,td{text-align:right;padding:.25em .6em;"
    "border-bottom:1px solid var(--line)}\n"
    "th:first-child,td:first-child,td.words{text-align:left}\n"
    "th{color:var(--soft);font-weight:normal}\n"
    "code{font-size:.9em;overflow-wrap:anywhere}\n"
    "figure{margin:1.5em 0}figcaption{font-weight:600}\n"
    "svg{width:100%;height:auto}svg text{font-size:12px;fill:var(--soft)}\n"
    "svg line.grid{stroke:var(--line)}\n"
    "svg line.mark{stroke:var(--soft);stroke-dasharray:5 4}\n"
    "polyline,svg line{fill:none;stroke-width:1}\n"
    "polyline{stroke-width:2}svg line[class^=s]{stroke-width:3}\n"
    ".s0{stroke:var(--s0)}.s1{stroke:var(--s1)}.s2{stroke:var(--s2)}"
    ".s3{stroke:var(--s3)}\n"
    ".d0{fill:var(--s0)}.d1{fill:var(--s1)}.d2{fill:var(--s2)}"
    ".d3{fill:var(--s3)}\n"
    "</style>\n";

/* ---- text ---- */

/* Write text that may come from a server: markup is escaped, and so are bytes
 * that are no character of HTML. */
static void
put_text(FILE *f, struct weft_str text)
{
    for (uint32_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];
        if (c == '<' || c == '>' || c == '&' || c == '"')
            fprintf(f, "&#%u;", (unsigned)c);
        else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            fprintf(f, "\\x%02x", (unsigned)c);
        else
            fputc(c, f);
    }
}

static void
put_row(FILE *f, const char *name, const char *value)
{
    fprintf(f, "<tr><td>%s</td><td class=\"words\">%s</td></tr>\n", name,
            value);
}

static void
put_word_row(FILE *f, const char *name, struct weft_str value)
{
    fprintf(f, "<tr><td>%s</td><td class=\"words\"><code>", name);
    put_text(f, value);
    fputs("</code></td></tr>\n", f);
}

/* ---- tables ---- */

static void
put_latencies(FILE *f, const char *name, const struct bench_Latency *x)
{
    const int64_t values[] = {x->p50_ns, x->p90_ns, x->p99_ns, x->p999_ns,
                              x->max_ns};
    char text[WB_TEXT];
    fprintf(f, "<tr><td>%s</td>", name);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        fprintf(f, "<td>%s</td>", wb_put_time(text, (double)values[i]));
    fputs("</tr>\n", f);
}

static void
put_summary(FILE *f, const struct bench_Run *run)
{
    char calls[WB_TEXT], rate[WB_TEXT], failed[WB_TEXT], unsent[WB_TEXT],
        mean[WB_TEXT];
    fprintf(f,
            "<h2>Summary</h2>\n<table><tr><th>calls</th><th>each second</th>"
            "<th>failed</th><th>not sent</th><th>mean latency</th></tr>\n"
            "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>"
            "</table>\n<table><tr><th></th><th>p50</th><th>p90</th><th>p99</th>"
            "<th>p99.9</th><th>max</th></tr>\n",
            wb_put_number(calls, (double)run->calls),
            wb_put_number(rate, run->calls_per_s),
            wb_put_number(failed, (double)run->failed),
            wb_put_number(unsent, (double)run->not_sent),
            wb_put_time(mean, (double)run->mean_ns));
    put_latencies(f, "latency", &run->latency);
    if (run->setup.rate > 0)
        put_latencies(f, "sent late by", &run->late);
    fputs("</table>\n", f);
}

static void
put_failures(FILE *f, const struct bench_Run *run)
{
    if (run->failures.len == 0)
        return;
    fputs("<h2>Failures</h2>\n<table><tr><th>kind</th><th>calls</th>"
          "<th>the first one</th></tr>\n",
          f);
    for (uint32_t i = 0; i < run->failures.len; i++) {
        const struct bench_Failure *x = &run->failures.items[i];
        fputs("<tr><td>", f);
        put_text(f, x->kind);
        fprintf(f, "</td><td>%" PRId64 "</td><td class=\"words\"><code>",
                x->calls);
        put_text(f, x->first);
        fputs("</code></td></tr>\n", f);
    }
    fputs("</table>\n", f);
}

static void
put_setup(FILE *f, const struct bench_Run *run)
{
    const struct bench_Setup *s = &run->setup;
    char text[128], rate[WB_TEXT];
    fputs("<h2>Setup</h2>\n<table>\n", f);
    put_word_row(f, "command", s->command);
    put_word_row(f, "arguments", s->arguments);
    put_word_row(f, "dialect", s->dialect);
    snprintf(text, sizeof text, "%d connections, %d in flight on each",
             (int)s->connections, (int)s->in_flight);
    put_row(f, "callers", text);
    snprintf(text, sizeof text, "open, %s calls each second%s",
             wb_put_number(rate, s->rate), s->poisson ? ", Poisson" : "");
    put_row(f, "loop", s->rate > 0 ? text : "closed");
    snprintf(text, sizeof text, "%g s after %g s of warm-up", s->seconds,
             s->warm_up_s);
    put_row(f, "time", text);
    snprintf(text, sizeof text, "%d workers, %.0f%% of a core", s->workers,
             run->span_s > 0 ? run->cpu_s / run->span_s * 100 : 0);
    put_row(f, "this tool", text);
    put_word_row(f, "machine", s->machine);
    put_word_row(f, "started", s->started);
    put_word_row(f, "version", s->version);
    fputs("</table>\n", f);
}

static void
put_steps(FILE *f, const struct bench_Knee *knee)
{
    char rate[WB_TEXT], calls[WB_TEXT], p50[WB_TEXT], p99[WB_TEXT];
    fputs("<table><tr><th>asked</th><th>calls each second</th><th>p50</th>"
          "<th>p99</th><th>failed</th><th></th></tr>\n",
          f);
    for (uint32_t i = 0; i < knee->steps.len; i++) {
        const struct bench_Step *s = &knee->steps.items[i];
        fprintf(f,
                "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%" PRId64
                "</td><td class=\"words\">",
                wb_put_number(rate, s->rate),
                wb_put_number(calls, s->calls_per_s),
                wb_put_time(p50, (double)s->latency.p50_ns),
                wb_put_time(p99, (double)s->latency.p99_ns), s->failed);
        put_text(f, s->verdict);
        fputs("</td></tr>\n", f);
    }
    fputs("</table>\n", f);
}

/* ---- plots ---- */

/* The points of the spectrum: for each latency, the part of the calls that were
 * not slower. */
struct spectrum {
    const struct bench_Run *run;
    double *parts;
};

static double
spectrum_x(const void *data, uint32_t i)
{
    return ((const struct spectrum *)data)->parts[i];
}

static double
spectrum_y(const void *data, uint32_t i)
{
    return (double)((const struct spectrum *)data)->run->histogram.items[i].key;
}

/* The point of a bucket counts half of its calls, so that the last point is
 * below 100 %. */
static bool
plot_spectrum(FILE *f, const struct bench_Run *run)
{
    uint32_t n = run->histogram.len;
    struct spectrum s = {run, malloc((n + 1) * sizeof(double))};
    double all = 0, seen = 0;
    if (!s.parts)
        return false;
    for (uint32_t i = 0; i < n; i++)
        all += (double)run->histogram.items[i].value;
    for (uint32_t i = 0; i < n; i++) {
        double here = (double)run->histogram.items[i].value;
        s.parts[i] = (seen + here / 2) / all;
        seen += here;
    }
    struct wb_plot plot = {
        .title = "Latency by percentile",
        .x = {.name = "part of the calls", .scale = WB_NINES},
        .y = {.name = "latency", .scale = WB_LOG, .is_time = true},
        .data = &s,
        .n = n,
        .n_series = 1,
        .series = {{"latency", spectrum_x, spectrum_y, false}}};
    wb_draw_plot(f, &plot);
    free(s.parts);
    return true;
}

#define SAMPLE(name, value)                                   \
    static double sample_##name(const void *data, uint32_t i) \
    {                                                         \
        const struct bench_Sample *s = data;                  \
        return (double)s[i].value;                            \
    }
SAMPLE(time, at_s)
SAMPLE(rate, calls_per_s)
SAMPLE(p50, latency.p50_ns)
SAMPLE(p99, latency.p99_ns)
SAMPLE(p999, latency.p999_ns)
SAMPLE(max, latency.max_ns)
#undef SAMPLE

static void
plot_samples(FILE *f, const struct bench_Run *run)
{
    struct wb_plot rate = {.title = "Calls each second over time",
                           .x = {.name = "seconds"},
                           .y = {.name = "calls/s"},
                           .data = run->samples.items,
                           .n = run->samples.len,
                           .n_series = 1,
                           .series = {{"", sample_time, sample_rate, false}}};
    struct wb_plot latency = {
        .title = "Latency over time",
        .x = {.name = "seconds"},
        .y = {.name = "latency", .scale = WB_LOG, .is_time = true},
        .data = run->samples.items,
        .n = run->samples.len,
        .n_series = 4,
        .series = {{"p50", sample_time, sample_p50, false},
                   {"p99", sample_time, sample_p99, false},
                   {"p99.9", sample_time, sample_p999, false},
                   {"max", sample_time, sample_max, false}}};
    wb_draw_plot(f, &rate);
    wb_draw_plot(f, &latency);
}

#define STEP(name, value)                                   \
    static double step_##name(const void *data, uint32_t i) \
    {                                                       \
        const struct bench_Step *s = data;                  \
        return (double)s[i].value;                          \
    }
STEP(rate, rate)
STEP(p50, latency.p50_ns)
STEP(p99, latency.p99_ns)
#undef STEP

static void
plot_knee(FILE *f, const struct bench_Knee *knee)
{
    char rate[WB_TEXT];
    struct wb_plot plot = {
        .title = "Latency by rate: the knee",
        .x = {.name = "calls asked for, each second", .scale = WB_LOG},
        .y = {.name = "latency", .scale = WB_LOG, .is_time = true},
        .data = knee->steps.items,
        .n = knee->steps.len,
        .n_series = 2,
        .series = {{"p50", step_rate, step_p50, true},
                   {"p99", step_rate, step_p99, true}},
        .mark_x = knee->rate,
        .mark_y = (double)knee->limit_ns};
    fprintf(f, "<h2>Knee: %s calls each second</h2>\n",
            knee->rate > 0 ? wb_put_number(rate, knee->rate) : "none held,");
    wb_draw_plot(f, &plot);
    put_steps(f, knee);
}

/* ---- the page ---- */

static bool
put_page(FILE *f, const struct bench_Run *run)
{
    fputs(head, f);
    fputs("<title>weft bench: ", f);
    put_text(f, run->setup.method);
    fputs("</title></head>\n<body><h1>", f);
    put_text(f, run->setup.method);
    fputs(" at ", f);
    put_text(f, run->setup.address);
    fputs("</h1>\n", f);
    put_summary(f, run);
    put_failures(f, run);
    if (run->knee)
        plot_knee(f, run->knee);
    bool done = plot_spectrum(f, run);
    plot_samples(f, run);
    put_setup(f, run);
    fputs("</body></html>\n", f);
    return done;
}

enum wt_code
wb_write_html(const struct bench_Run *run, const char *path)
{
    FILE *f = fopen(path, "w");
    bool done = f && put_page(f, run) && !ferror(f);
    if (f && fclose(f) != 0)
        done = false;
    if (done)
        return WT_OK;
    wt_error("cannot write %s: %s", path, strerror(errno));
    return WT_BROKEN;
}
