/* SPDX-License-Identifier: MIT */
/*
 * Plans: what goes wrong at which time, as text. A statement is a verb, its
 * hosts or kinds of faults, `at` a time and, if its effect lasts, `for` a time.
 * A mistake ends the process: if its statement were left out, the run would
 * pass without the fault that it is meant to have.
 */
#include "sim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 4096
#define WORD_MAX 64

struct step {
    struct ws_event event;
    void (*run)(struct step *step, bool on);
    weft_sim_host a, b;
    bool one_way;
    int64_t amount;
    uint64_t lasts_ns; /* how long until it is undone; 0: it stays */
    bool on;
};

/* ---- what steps do ---- */

static void
run_cut(struct step *s, bool on)
{
    weft_sim_cut(s->a, s->b, on);
    if (!s->one_way)
        weft_sim_cut(s->b, s->a, on);
}

static void
run_kill(struct step *s, bool on)
{
    if (on)
        weft_sim_kill(s->a);
    else
        weft_sim_restart(s->a);
}

static void
run_restart(struct step *s, bool on)
{
    (void)on;
    weft_sim_restart(s->a);
}

static void
run_freeze(struct step *s, bool on)
{
    weft_sim_freeze(s->a, on);
}

static void
run_drift(struct step *s, bool on)
{
    weft_sim_drift(s->a, on ? (int32_t)s->amount : 0);
}

static void
run_jump(struct step *s, bool on)
{
    weft_sim_jump(s->a, on ? s->amount : -s->amount);
}

static void
run_faults(struct step *s, bool on)
{
    weft_sim_faults(on ? (uint32_t)s->amount : 0);
}

static void
happen(struct ws_event *event)
{
    struct step *s = WF_CONTAINER(event, struct step, event);
    s->on = !s->on;
    s->run(s, s->on);
    if (s->on && s->lasts_ns)
        ws_event_at(event, ws.now_ns + s->lasts_ns);
}

/* ---- reading ---- */

struct reader {
    const char *statement, *at, *end;
    char word[WORD_MAX]; /* the last one; empty: the statement has ended */
};

_Noreturn WEFT_PRINTF(2, 3) static void wrong(const struct reader *r,
                                              const char *fmt, ...)
{
    char why[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    ws_die("plan `%.*s`: %s", (int)(r->end - r->statement), r->statement, why);
}

static const char *
next(struct reader *r)
{
    size_t n = 0;
    while (r->at < r->end && strchr(" \t\n,", *r->at))
        r->at++;
    while (r->at < r->end && !strchr(" \t\n,", *r->at)) {
        if (n + 1 == WORD_MAX)
            wrong(r, "a word is longer than %d bytes", WORD_MAX - 1);
        r->word[n++] = *r->at++;
    }
    r->word[n] = 0;
    return r->word;
}

static bool
is(const struct reader *r, const char *word)
{
    return strcmp(r->word, word) == 0;
}

static weft_sim_host
read_host(struct reader *r)
{
    for (uint32_t i = 0; i < ws.n_hosts; i++)
        if (strcmp(ws.hosts[i]->name, r->word) == 0)
            return (weft_sim_host){i};
    wrong(r, "there is no host `%s`", r->word);
}

/* A number, which may be negative, up to 10^12. */
static int64_t
read_number(struct reader *r, const char **rest)
{
    bool minus = r->word[0] == '-';
    const char *digit = r->word + minus;
    int64_t n = 0;
    if (*digit < '0' || *digit > '9')
        wrong(r, "`%s` is no number", r->word);
    for (; *digit >= '0' && *digit <= '9'; digit++)
        if ((n = n * 10 + (*digit - '0')) > 1000000000000)
            wrong(r, "`%s` is too large", r->word);
    *rest = digit;
    return minus ? -n : n;
}

/* As `3 s` or `3s`. */
static int64_t
read_time(struct reader *r)
{
    static const struct {
        const char *unit;
        int64_t ns;
    } units[] = {{"s", 1000000000}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}};
    const char *unit;
    int64_t n = read_number(r, &unit);
    if (!*unit)
        unit = next(r);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(unit, units[i].unit) == 0) {
            if (n > 1000000000 && i == 0)
                wrong(r, "a time is longer than 1000000000 s");
            return n * units[i].ns;
        }
    wrong(r, "`%s` is no unit of time; s, ms, us and ns are", unit);
}

/* ---- statements ---- */

static void
read_cut(struct reader *r, struct step *s)
{
    s->a = read_host(r);
    s->one_way = strcmp(next(r), "->") == 0;
    if (s->one_way)
        next(r);
    s->b = read_host(r);
    next(r);
}

static void
read_one(struct reader *r, struct step *s)
{
    s->a = read_host(r);
    next(r);
}

static void
read_drift(struct reader *r, struct step *s)
{
    const char *rest;
    read_one(r, s);
    s->amount = read_number(r, &rest);
    if (strcmp(*rest ? rest : next(r), "ppm") != 0)
        wrong(r, "a drift is in ppm, as `drift a 300 ppm at 1 s`");
    if (s->amount > WS_DRIFT_MAX || s->amount < -WS_DRIFT_MAX)
        wrong(r, "a drift is at most %d ppm", WS_DRIFT_MAX);
    next(r);
}

static void
read_jump(struct reader *r, struct step *s)
{
    read_one(r, s);
    s->amount = read_time(r);
    next(r);
}

static void
read_faults(struct reader *r, struct step *s)
{
    for (; *r->word && !is(r, "at"); next(r)) {
        uint32_t kind = ws_fault_named(r->word);
        if (!kind && !is(r, "none"))
            wrong(r, "there are no faults `%s`", r->word);
        s->amount |= kind;
    }
}

static const struct verb {
    const char *name;
    void (*read)(struct reader *r, struct step *s);
    void (*run)(struct step *s, bool on);
    bool lasts; /* it may have a `for` */
} verbs[] = {
    {"cut", read_cut, run_cut, true},
    {"kill", read_one, run_kill, true},
    {"restart", read_one, run_restart, false},
    {"freeze", read_one, run_freeze, true},
    {"drift", read_drift, run_drift, true},
    {"jump", read_jump, run_jump, true},
    {"faults", read_faults, run_faults, true},
};

static const struct verb *
read_verb(struct reader *r)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (is(r, verbs[i].name))
            return &verbs[i];
    wrong(r,
          "there is no `%s`; cut, kill, restart, freeze, drift, jump and "
          "faults are there",
          r->word);
}

static uint64_t
read_for(struct reader *r, const struct verb *verb)
{
    if (!*r->word)
        return 0;
    if (!is(r, "for"))
        wrong(r, "`%s` is unexpected; `for` or the end is not", r->word);
    if (!verb->lasts)
        wrong(r, "a %s has no `for`", verb->name);
    next(r);
    int64_t ns = read_time(r);
    if (ns <= 0)
        wrong(r, "`for` wants a time above 0");
    if (*next(r))
        wrong(r, "`%s` comes after the end", r->word);
    return (uint64_t)ns;
}

static void
read_statement(struct reader *r)
{
    if (!*next(r))
        return;
    struct step *s = ws_alloc(sizeof *s);
    const struct verb *verb = read_verb(r);
    s->event.happen = happen;
    s->run = verb->run;
    next(r);
    verb->read(r, s);
    if (!is(r, "at"))
        wrong(r, "it does not say when, as `at 3 s`");
    next(r);
    int64_t at = read_time(r);
    if (at < 0)
        wrong(r, "no time of a run is below 0");
    next(r);
    s->lasts_ns = read_for(r, verb);
    ws_event_at(&s->event, (uint64_t)at);
}

void
weft_sim_plan(const char *fmt, ...)
{
    char text[TEXT_MAX];
    struct reader r = {.at = text};
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof text)
        ws_die("a plan is longer than %d bytes", TEXT_MAX - 1);
    for (const char *all = text; *all; all = *r.end ? r.end + 1 : r.end) {
        r.statement = r.at = all + strspn(all, " \t\n");
        r.end = r.statement + strcspn(r.statement, ";");
        read_statement(&r);
    }
}
