/* SPDX-License-Identifier: MIT */
/*
 * Plans: faults at set times, as text. A statement is a verb, its hosts or
 * kinds of faults, `at` a time and, if its effect lasts, `for` a time. A
 * mistake ends the process, because a run without the planned fault may pass.
 *
 * One file, because the file implements one small language: its words, its
 * statements, and what each statement does.
 */
#include "sim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 4096
#define WORD_MAX WS_GIVEN_NAME
#define SPACE " \t\n,"
#define NUMBER_MAX INT64_C(1000000000000)
#define SECONDS_MAX INT64_C(1000000000)

struct step {
    struct ws_event event;
    const struct verb *verb;
    weft_sim_host a, b;
    bool one_way;
    int64_t amount;
    char name[WORD_MAX];
    struct ws_answer answer; /* after the step: the answer before the step */
    uint64_t lasts_ns;       /* after this time the step is undone; 0: never */
    bool on;
};

/* Statements that were read, and those of them that have happened. */
static uint32_t n_read, n_happened;

struct reader;

struct verb {
    const char *name;
    void (*read)(struct reader *r, struct step *s);
    void (*run)(struct step *s, bool on);
    /* Used instead of `run`; NULL: none. */
    void (*turn)(weft_sim_host host, bool on);
    bool stays; /* the statement has no `for` */
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
run_power_off(struct step *s, bool on)
{
    if (on)
        weft_sim_power_off(s->a);
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
run_name(struct step *s, bool on)
{
    /* Each call exchanges the answer of the name with s->answer, so the call
     * that undoes the step restores the answer from before the step. */
    (void)on;
    s->answer = ws_name_give(s->name, &s->answer);
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

/* Kills and losses of power that end, and restarts. */
static bool
restarts(const struct step *s)
{
    return s->verb->run == run_restart ||
           (s->lasts_ns &&
            (s->verb->run == run_kill || s->verb->run == run_power_off));
}

static void
happen(struct ws_event *event)
{
    struct step *s = WF_CONTAINER(event, struct step, event);
    s->on = !s->on;
    n_happened += s->on;
    if (restarts(s) && (!s->on || !s->lasts_ns))
        ws_host_of(s->a)->n_restarts--;
    if (s->verb->turn)
        s->verb->turn(s->a, s->on);
    else
        s->verb->run(s, s->on);
    if (s->on && s->lasts_ns)
        ws_event_at(event, ws.now_ns + s->lasts_ns);
    else
        free(s);
}

/* ---- reading ---- */

struct reader {
    const char *statement, *at, *end;
    const char *begin;   /* where the last word begins */
    char word[WORD_MAX]; /* the last word; empty: the statement has ended */
};

/* Print what was found, where, and what was expected; end the process. */
_Noreturn WEFT_PRINTF(2, 3) static void expected(const struct reader *r,
                                                 const char *fmt, ...)
{
    char what[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    ws_die("plan `%.*s`, column %d: found %s%s%s, expected %s",
           (int)(r->end - r->statement), r->statement,
           (int)(r->begin - r->statement) + 1, *r->word ? "`" : "the end",
           r->word, *r->word ? "`" : "", what);
}

static const char *
next(struct reader *r)
{
    size_t n = 0;
    while (r->at < r->end && strchr(SPACE, *r->at))
        r->at++;
    r->begin = r->at;
    while (r->at < r->end && !strchr(SPACE, *r->at)) {
        if (n + 1 == WORD_MAX) {
            r->word[n] = 0;
            expected(r, "a word of at most %d bytes", WORD_MAX - 1);
        }
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

/* A list as text. Words that do not fit are left out. */
struct list {
    char text[400];
    size_t n;
};

static void
add(struct list *list, const char *word)
{
    size_t room = sizeof list->text - list->n;
    int n = snprintf(list->text + list->n, room, "%s`%s`", list->n ? ", " : "",
                     word);
    if (n > 0 && (size_t)n < room)
        list->n += (size_t)n;
    else
        list->text[list->n] = 0;
}

static weft_sim_host
read_host(struct reader *r)
{
    struct list names = {.n = 0};
    for (uint32_t i = 0; i < ws.n_hosts; i++) {
        if (is(r, ws.hosts[i]->name))
            return (weft_sim_host){i};
        add(&names, ws.hosts[i]->name);
    }
    expected(r, "a host: %s", names.text);
}

/* Read a number, which may be negative, up to 10^12. */
static int64_t
read_number(struct reader *r, const char *what, const char **rest)
{
    bool minus = r->word[0] == '-';
    const char *digit = r->word + minus;
    int64_t n = 0;
    if (*digit < '0' || *digit > '9')
        expected(r, "%s", what);
    for (; *digit >= '0' && *digit <= '9'; digit++)
        if ((n = n * 10 + (*digit - '0')) > NUMBER_MAX)
            expected(r, "a number of at most %" PRId64, NUMBER_MAX);
    *rest = digit;
    return minus ? -n : n;
}

/* Read a time, such as `3 s` or `3s`. */
static int64_t
read_time(struct reader *r)
{
    static const struct {
        const char *unit;
        int64_t ns;
    } units[] = {{"s", 1000000000}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}};
    const char *unit;
    const struct reader number = *r;
    int64_t n = read_number(r, "a time, as `3 s`", &unit);
    if (!*unit)
        unit = next(r);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(unit, units[i].unit) == 0) {
            if (i == 0 && (n > SECONDS_MAX || n < -SECONDS_MAX))
                expected(&number, "a time of at most %" PRId64 " s",
                         SECONDS_MAX);
            return n * units[i].ns;
        }
    expected(r, "a unit of time: `s`, `ms`, `us`, `ns`");
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
read_name(struct reader *r, struct step *s)
{
    if (!*r->word)
        expected(r, "a name");
    snprintf(s->name, sizeof s->name, "%s", r->word);
    s->answer.given = true;
    for (next(r); *r->word && !is(r, "at"); next(r)) {
        if (s->answer.n == WS_ANSWER_MAX)
            expected(r, "`at`: a name stands for at most %d hosts",
                     WS_ANSWER_MAX);
        s->answer.hosts[s->answer.n++] = read_host(r).index;
    }
}

static void
read_drift(struct reader *r, struct step *s)
{
    const char *rest;
    read_one(r, s);
    s->amount = read_number(r, "a drift, as `300 ppm`", &rest);
    if (s->amount > WS_DRIFT_MAX || s->amount < -WS_DRIFT_MAX)
        expected(r, "a drift of -%d to %d ppm", WS_DRIFT_MAX, WS_DRIFT_MAX);
    if (strcmp(*rest ? rest : next(r), "ppm") != 0)
        expected(r, "`ppm`, as in `drift a 300 ppm at 1 s`");
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
    struct list names = {.n = 0};
    bool any = false;
    for (; *r->word && !is(r, "at"); next(r), any = true) {
        uint32_t kind = ws_fault_named(r->word);
        if (!kind && !is(r, "none"))
            break;
        s->amount |= kind;
    }
    if (any && (!*r->word || is(r, "at")))
        return;
    for (uint32_t i = 0; ws_fault_name(i); i++)
        add(&names, ws_fault_name(i));
    expected(r, "%s`none`, or a kind of faults: %s", any ? "`at`, " : "",
             names.text);
}

static const struct verb verbs[] = {
    {"cut", read_cut, run_cut, NULL, false},
    {"kill", read_one, run_kill, NULL, false},
    {"power-off", read_one, run_power_off, NULL, false},
    {"restart", read_one, run_restart, NULL, true},
    {"freeze", read_one, NULL, weft_sim_freeze, false},
    {"disk-full", read_one, NULL, weft_sim_disk_full, false},
    {"disk-error", read_one, NULL, weft_sim_disk_error, false},
    {"name", read_name, run_name, NULL, false},
    {"names-fail", read_one, NULL, weft_sim_names_fail, false},
    {"names-slow", read_one, NULL, weft_sim_names_slow, false},
    {"drift", read_drift, run_drift, NULL, false},
    {"jump", read_jump, run_jump, NULL, false},
    {"faults", read_faults, run_faults, NULL, false},
};

static const struct verb *
read_verb(struct reader *r)
{
    struct list names = {.n = 0};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (is(r, verbs[i].name))
            return &verbs[i];
        add(&names, verbs[i].name);
    }
    expected(r, "one of %s", names.text);
}

static uint64_t
read_for(struct reader *r, const struct verb *verb)
{
    if (!*r->word)
        return 0;
    if (verb->stays)
        expected(r, "the end: a %s cannot be undone", verb->name);
    if (!is(r, "for"))
        expected(r, "`for` and a time, or the end");
    next(r);
    struct reader time = *r;
    int64_t ns = read_time(r);
    if (ns <= 0)
        expected(&time, "a time above 0");
    if (*next(r))
        expected(r, "the end, or `;` and another statement");
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
    s->verb = verb;
    next(r);
    verb->read(r, s);
    if (!is(r, "at"))
        expected(r, "`at` and a time, as `at 3 s`");
    next(r);
    struct reader time = *r;
    int64_t at = read_time(r);
    if (at < 0)
        expected(&time, "a time of 0 or more");
    next(r);
    s->lasts_ns = read_for(r, verb);
    ws_event_at(&s->event, (uint64_t)at);
    n_read++;
    if (restarts(s))
        ws_host_of(s->a)->n_restarts++;
}

static struct {
    char text[TEXT_MAX];
    size_t n;
} told; /* all plans of the run for which there is space */

static void
keep(const char *text)
{
    size_t room = sizeof told.text - told.n;
    int n = snprintf(told.text + told.n, room, "plan: %s\n", text);
    if (n > 0 && (size_t)n < room)
        told.n += (size_t)n;
    else
        told.text[told.n] = 0;
}

void
ws_plan_tell(FILE *to)
{
    fputs(told.text, to);
}

void
ws_plan_tell_missed(FILE *to)
{
    if (n_happened < n_read)
        fprintf(to,
                "%" PRIu32 " of %" PRIu32 " statements of the plan have not "
                "happened: the run ended before their times\n",
                n_read - n_happened, n_read);
}

void
weft_sim_plan(const char *fmt, ...)
{
    char text[TEXT_MAX];
    struct reader r = {.at = text};
    va_list args;
    ws_within("weft_sim_plan");
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof text)
        ws_die("found a plan of %d bytes, expected at most %d", n,
               TEXT_MAX - 1);
    keep(text);
    for (const char *all = text; *all; all = *r.end ? r.end + 1 : r.end) {
        r.statement = r.at = all + strspn(all, SPACE);
        r.end = r.statement + strcspn(r.statement, ";");
        read_statement(&r);
    }
}
