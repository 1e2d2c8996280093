/* SPDX-License-Identifier: MIT */
/* Reads the options of weft bench. */
#include "bench.h"

#include <math.h>
#include <stdlib.h>

#define DEFAULT_CONNECTIONS 50u
#define OPEN_IN_FLIGHT 20u /* of a connection, in the open loop */
#define DEFAULT_SECONDS 10.0
#define STEP_SECONDS 3.0 /* of each load of a knee */
#define DEFAULT_WARM_UP 1.0

void
wb_options_init(struct wb_options *b)
{
    *b = (struct wb_options){
        .seconds = -1, .warm_up_s = -1, .limit_part = 0.99, .worse = -1};
}

/* ---- numbers ---- */

/* Read a plain decimal number, without sign, blank or hex. */
static bool
read_number(const char *text, double *number, const char **rest)
{
    char *end;
    if (*text < '0' || *text > '9' || text[1] == 'x' || text[1] == 'X')
        return false;
    *number = strtod(text, &end);
    *rest = end;
    return isfinite(*number);
}

static enum wt_code
take_count(const char *value, uint32_t most, const char *what, uint32_t *count)
{
    double number;
    const char *rest;
    if (!read_number(value, &number, &rest) || *rest || number < 1 ||
        number > most || number != floor(number)) {
        wt_error("`%s` is no number of %s", value, what);
        wt_help("write a number from 1 to %u", (unsigned)most);
        return WT_USAGE;
    }
    *count = (uint32_t)number;
    return WT_OK;
}

/* Read "10", "0.5" or "200ms" as seconds. */
static bool
read_seconds(const char *text, double *seconds)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"m", 60}};
    const char *rest;
    if (!read_number(text, seconds, &rest))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(rest, units[i].name) == 0) {
            *seconds *= units[i].seconds;
            return *seconds <= WB_MAX_SECONDS;
        }
    return false;
}

static enum wt_code
take_seconds(const char *value, double least, double *seconds)
{
    if (read_seconds(value, seconds) && *seconds >= least)
        return WT_OK;
    wt_error("`%s` is no time", value);
    wt_help("write seconds, or a number with us, ms, s or m, from %g s to a "
            "day",
            least);
    return WT_USAGE;
}

/* ---- each option ---- */

static enum wt_code
take_connections(struct wt_options *o, const char *value)
{
    return take_count(value, WB_MAX_CONNECTIONS, "connections",
                      &o->bench->connections);
}

static enum wt_code
take_in_flight(struct wt_options *o, const char *value)
{
    return take_count(value, WB_MAX_IN_FLIGHT, "calls in flight",
                      &o->bench->in_flight);
}

static enum wt_code
take_workers(struct wt_options *o, const char *value)
{
    return take_count(value, 256, "workers", &o->bench->workers);
}

static enum wt_code
take_rate(struct wt_options *o, const char *value)
{
    const char *rest;
    double *rate = &o->bench->rate;
    if (read_number(value, rate, &rest) && !*rest && *rate >= 0.01 &&
        *rate <= WB_MAX_RATE)
        return WT_OK;
    wt_error("`%s` is no rate", value);
    wt_help("write calls each second, from 0.01 to %.0f", WB_MAX_RATE);
    return WT_USAGE;
}

static enum wt_code
take_time(struct wt_options *o, const char *value)
{
    return take_seconds(value, 0.1, &o->bench->seconds);
}

static enum wt_code
take_warm_up(struct wt_options *o, const char *value)
{
    return take_seconds(value, 0, &o->bench->warm_up_s);
}

/* Read a limit such as "p99=10ms" or "p99.9=0.2". */
static enum wt_code
take_limit(struct wt_options *o, const char *value)
{
    double percent = 0, seconds = 0;
    const char *rest = "";
    bool right = *value == 'p' && read_number(value + 1, &percent, &rest) &&
                 percent > 0 && percent <= 100 && *rest == '=' &&
                 read_seconds(rest + 1, &seconds) && seconds > 0;
    o->bench->limit_part = percent / 100;
    o->bench->limit_ns = (uint64_t)(seconds * 1e9);
    if (right)
        return WT_OK;
    wt_error("`%s` is no limit", value);
    wt_help("write a percentile and a time: --limit p99=10ms");
    return WT_USAGE;
}

static enum wt_code
take_worse(struct wt_options *o, const char *value)
{
    const char *rest;
    if (read_number(value, &o->bench->worse, &rest) && !*rest)
        return WT_OK;
    wt_error("`%s` is no percentage", value);
    wt_help("--worse 10: NEW may be worse by 10 percent");
    return WT_USAGE;
}

static enum wt_code
take_expect(struct wt_options *o, const char *value)
{
    o->bench->expect = value;
    return WT_OK;
}

static enum wt_code
take_json(struct wt_options *o, const char *value)
{
    o->bench->json = value;
    return WT_OK;
}

static enum wt_code
take_html(struct wt_options *o, const char *value)
{
    o->bench->html = value;
    return WT_OK;
}

static enum wt_code
take_flag(struct wt_options *o, const char *word)
{
    struct wb_options *b = o->bench;
    b->poisson |= strcmp(word, "--poisson") == 0;
    b->any_reply |= strcmp(word, "--any-reply") == 0;
    b->knee |= strcmp(word, "--knee") == 0;
    b->compare |= strcmp(word, "--compare") == 0;
    return WT_OK;
}

const struct wt_option wb_options[] = {
    {"-c", take_connections, false},    {"-d", take_in_flight, false},
    {"-t", take_time, false},           {"--rate", take_rate, false},
    {"--poisson", take_flag, true},     {"--warm-up", take_warm_up, false},
    {"--knee", take_flag, true},        {"--limit", take_limit, false},
    {"--expect", take_expect, false},   {"--any-reply", take_flag, true},
    {"--workers", take_workers, false}, {"--json", take_json, false},
    {"--html", take_html, false},       {"--compare", take_flag, true},
    {"--worse", take_worse, false},     {NULL, NULL, false},
};

/* ---- options that need or exclude each other ---- */

static enum wt_code
fail_pair(const char *what, const char *why)
{
    wt_error("%s", what);
    wt_help("%s", why);
    return WT_USAGE;
}

enum wt_code
wb_check_options(struct wb_options *b)
{
    bool is_open = b->rate > 0 || b->knee;
    if (b->poisson && !is_open)
        return fail_pair("--poisson needs a rate", "add --rate R");
    if (b->limit_ns > 0 && !b->knee)
        return fail_pair("--limit is for a knee", "add --knee");
    if (b->worse >= 0 && !b->compare)
        return fail_pair("--worse is for a comparison",
                         "weft bench --compare OLD NEW --worse PERCENT");
    if (b->expect && b->any_reply)
        return fail_pair("--expect and --any-reply contradict each other",
                         "leave out one of them");
    if (b->connections == 0)
        b->connections = DEFAULT_CONNECTIONS;
    if (b->in_flight == 0)
        b->in_flight = is_open ? OPEN_IN_FLIGHT : 1;
    if (b->connections * b->in_flight > WB_MAX_CALLERS)
        return fail_pair("too many calls in flight",
                         "connections times calls in flight on each are "
                         "100,000 at the most");
    if (b->seconds < 0)
        b->seconds = b->knee ? STEP_SECONDS : DEFAULT_SECONDS;
    if (b->warm_up_s < 0)
        b->warm_up_s = DEFAULT_WARM_UP;
    return WT_OK;
}
