/* SPDX-License-Identifier: MIT */
/* Reads the options of a scenario's program, and runs a process for each
 * seed. */
#include "sim.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define PROCESSES_MAX 256
#define RUNS_FOR_MARKS 100 /* with fewer runs a missed mark is no failure */
#define PROCESSOR_S 900    /* a run that takes longer is in an endless loop */

struct plan {
    uint64_t from, to; /* seeds, both included */
    bool one, trace, story, shrink, help, no_marks, counts;
    bool many;           /* --seeds is given */
    const char *unknown; /* an option; NULL: all are known */
    uint8_t *only;       /* WS_FAULTS_MAX flags; NULL: all faults */
};

static int
usage(FILE *to, const char *program)
{
    fprintf(to,
            "usage: %s [--seed N | --seeds A..B] [OPTION...]\n"
            "  --seeds A..B  a run for each seed, in a process each (1..100)\n"
            "  --seed N      one run, in this process: for a debugger\n"
            "  --trace       print all that happens (with --seed)\n"
            "  --story       print faults, and what the scenario says\n"
            "  --plan TEXT   what goes wrong, beside what the scenario says\n"
            "  --only LIST   of all faults only those, as 3,7,12; none: -\n"
            "  --without LIST\n"
            "                leave these hosts out, as s0,c1\n"
            "  --no-marks    pass although some mark was never hit\n"
            "  --counts      how many calls, faults and hits of marks there "
            "were\n"
            "  --threads HOW calls, atomics, priority or turns: how threads "
            "switch\n"
            "  --shrink      drop hosts and faults from the first run that "
            "fails, and\n"
            "                tell its story\n",
            program);
    return to == stdout ? 0 : 2;
}

/* ---- options ---- */

static bool
number(const char **text, uint64_t *n)
{
    char *end;
    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    *n = strtoull(*text, &end, 10);
    *text = end;
    return errno == 0;
}

static bool
range(const char *text, struct plan *plan)
{
    if (!number(&text, &plan->from) || strncmp(text, "..", 2) != 0)
        return false;
    text += 2;
    return number(&text, &plan->to) && !*text && plan->from <= plan->to &&
           plan->to - plan->from < UINT64_MAX;
}

static bool
list(const char *text, struct plan *plan)
{
    static uint8_t only[WS_FAULTS_MAX];
    uint64_t n;
    plan->only = only;
    if (strcmp(text, "-") == 0)
        return true;
    for (;; text++) {
        if (!number(&text, &n) || n >= WS_FAULTS_MAX)
            return false;
        plan->only[n] = 1;
        if (*text != ',')
            return !*text;
    }
}

static const char *
read_value(const char *option, const char *value, struct plan *plan)
{
    if (strcmp(option, "--seed") == 0) {
        plan->one = true;
        if (!number(&value, &plan->from) || *value)
            return "--seed wants a number";
        plan->to = plan->from;
        return NULL;
    }
    if (strcmp(option, "--seeds") == 0) {
        plan->many = true;
        return range(value, plan) ? NULL : "--seeds wants a range, as 1..100";
    }
    if (strcmp(option, "--plan") == 0) {
        ws.script = value;
        return *value ? NULL : "--plan wants a text, as `kill a at 3 s`";
    }
    if (strcmp(option, "--without") == 0) {
        int n = snprintf(ws.without, sizeof ws.without, "%s", value);
        return n > 0 && (size_t)n < sizeof ws.without
                   ? NULL
                   : "--without wants names of hosts, as s0,c1";
    }
    if (strcmp(option, "--threads") == 0)
        return ws_strategy_choose(value)
                   ? NULL
                   : "--threads wants calls, atomics, priority or turns";
    if (strcmp(option, "--only") == 0)
        return list(value, plan) ? NULL : "--only wants a list, as 3,7,12";
    plan->unknown = option;
    return "unknown option ";
}

static bool *
flag(const char *option, struct plan *plan)
{
    const struct {
        const char *name;
        bool *value;
    } flags[] = {{"--trace", &plan->trace},   {"--story", &plan->story},
                 {"--shrink", &plan->shrink}, {"--no-marks", &plan->no_marks},
                 {"--counts", &plan->counts}, {"--help", &plan->help}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strcmp(option, flags[i].name) == 0)
            return flags[i].value;
    return NULL;
}

static const char *
read_options(int argc, char **argv, struct plan *plan)
{
    *plan = (struct plan){.from = 1, .to = 100};
    for (int i = 1; i < argc; i++) {
        bool *value = flag(argv[i], plan);
        if (value) {
            *value = true;
            continue;
        }
        const char *wrong =
            read_value(argv[i], i + 1 < argc ? argv[i + 1] : "", plan);
        if (wrong)
            return wrong;
        i++;
    }
    if (plan->one && plan->many)
        return "--seed and --seeds exclude each other";
    if ((plan->trace || plan->story || plan->only) && !plan->one)
        return "--trace, --story and --only want --seed";
    return NULL;
}

/* ---- one run ---- */

static void
print_only(FILE *to, const uint8_t *only)
{
    bool any = false;
    fputs(" --only ", to);
    for (uint32_t i = 0; i < WS_FAULTS_MAX; i++)
        if (only[i]) {
            fprintf(to, "%s%" PRIu32, any ? "," : "", i);
            any = true;
        }
    if (!any)
        fputc('-', to);
}

static void
tell_failure(const struct weft_sim_scenario *s, const char *program)
{
    fprintf(stderr, "%s: seed %" PRIu64 " failed: %s\n", s->name, ws.seed,
            ws.failure);
    if (!ws.trace) {
        fputs("last events:\n", stderr);
        ws_trace_last(stderr);
    }
    ws_waits_tell(stderr);
    ws_tell_drawn(stderr);
    ws_plan_tell(stderr);
    fprintf(stderr, "weft %s\n", WEFT_COMMIT);
    fprintf(stderr, "again, with all events: %s --seed %" PRIu64, program,
            ws.seed);
    if (ws.only)
        print_only(stderr, ws.only);
    if (*ws.without)
        fprintf(stderr, " --without %s", ws.without);
    if (ws_strategy_is_chosen())
        fprintf(stderr, " --threads %s", ws_strategy_name());
    if (ws.script)
        fprintf(stderr, " --plan '%s'", ws.script);
    fputs(" --trace\n", stderr);
}

static int
run_one(const struct weft_sim_scenario *s, const struct plan *plan,
        const char *program)
{
    FILE *trace = plan->trace || plan->story ? stdout : NULL;
    if (trace) /* so that a crash loses no lines */
        setvbuf(stdout, NULL, _IOLBF, 0);
    ws.story = plan->story && !plan->trace;
    bool passed = ws_run_once(s, plan->from, trace, plan->only);
    fflush(stdout);
    if (!passed)
        tell_failure(s, program);
    else
        ws_plan_tell_missed(stderr);
    printf("%s: seed %" PRIu64 " %s, %" PRIu64 ".%03" PRIu64 " s, %s, %" PRIu32
           " faults, %" PRIu64 " steps, %" PRIu64 " switches, hash %016" PRIx64
           "\n",
           s->name, ws.seed, passed ? "passed" : "failed",
           ws.now_ns / 1000000000u, ws.now_ns / 1000000u % 1000u,
           ws_strategy_name(), ws.n_faults, ws.n_steps, ws.n_switches, ws.hash);
    return passed ? 0 : 1;
}

/* ---- many ---- */

struct runs {
    uint64_t running, failed, first_failed;
    bool refused; /* a process has ended with WS_DIED */
    uint32_t n_slots;
    struct {
        pid_t process; /* 0: the entry is free */
        uint64_t seed;
    } slots[PROCESSES_MAX];
};

/* Wait until a process ends. A process that a signal ends has failed, too. */
static void
reap(struct runs *r)
{
    int status;
    uint32_t i = 0;
    pid_t process = wait(&status);
    if (process < 0)
        ws_die("wait: %s", strerror(errno));
    while (r->slots[i].process != process)
        i++;
    r->slots[i].process = 0;
    r->running--;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return;
    if (WIFEXITED(status) && WEXITSTATUS(status) == WS_DIED) {
        r->refused = true; /* other seeds give the same error */
        return;
    }
    if (!r->failed++ || r->slots[i].seed < r->first_failed)
        r->first_failed = r->slots[i].seed;
    if (WIFSIGNALED(status))
        fprintf(stderr,
                "seed %" PRIu64 " failed: signal %d%s; run --seed %" PRIu64
                " --story\n",
                r->slots[i].seed, WTERMSIG(status),
                WTERMSIG(status) == SIGXCPU ? ", a loop without end" : "",
                r->slots[i].seed);
}

/* Virtual time stands still during a loop that does not call weft, so nothing
 * in the run can end such a loop. Let the kernel end the process. */
static void
limit_processor_time(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_CPU, &limit) != 0)
        return;
    limit.rlim_cur = WF_MIN(limit.rlim_cur, (rlim_t)PROCESSOR_S);
    setrlimit(RLIMIT_CPU, &limit);
}

static void
start(struct runs *r, const struct weft_sim_scenario *s, uint64_t seed,
      const char *program)
{
    uint32_t i = 0;
    while (r->slots[i].process)
        i++;
    r->slots[i].seed = seed;
    r->slots[i].process = fork();
    if (r->slots[i].process < 0)
        ws_die("fork: %s", strerror(errno));
    r->running++;
    if (r->slots[i].process > 0)
        return;
    limit_processor_time();
    bool passed = ws_run_once(s, seed, NULL, NULL);
    if (!passed)
        tell_failure(s, program);
    _exit(passed ? 0 : 1);
}

static void
tell_counts(const struct weft_sim_scenario *s)
{
    printf("%s: %" PRIu64 " calls, %" PRIu64 " executions, %" PRIu64
           " faults\n",
           s->name, ws_total(WS_CALLS), ws_total(WS_EXECUTIONS),
           ws_total(WS_FAULTS));
    ws_marks_tell(stdout);
}

/* The result of many runs. */
enum outcome { ALL_PASSED, RUNS_FAILED, MARKS_MISSED, REFUSED };

static enum outcome
run_all(const struct weft_sim_scenario *s, struct plan *plan,
        const char *program)
{
    static struct runs r;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    ws_marks_share();
    ws_totals_share();
    r.n_slots = (uint32_t)WF_MIN(WF_MAX(cores, 1), PROCESSES_MAX);
    uint64_t first = plan->from, seed = first, n = plan->to - plan->from + 1;
    for (; n > 0 && !r.refused && !(plan->shrink && r.failed); n--) {
        if (r.running == r.n_slots)
            reap(&r);
        start(&r, s, seed++, program);
    }
    while (r.running)
        reap(&r);
    if (r.refused)
        return REFUSED;
    printf("%s: seeds %" PRIu64 "..%" PRIu64 ", %" PRIu64 " failed\n", s->name,
           plan->from, seed - 1, r.failed);
    if (plan->counts)
        tell_counts(s);
    plan->from = r.first_failed;
    if (r.failed || plan->no_marks)
        return r.failed ? RUNS_FAILED : ALL_PASSED;
    /* Print missed marks even after few runs. */
    uint32_t missed = ws_marks_tell_missed(stderr);
    if (!missed || seed - first < RUNS_FOR_MARKS)
        return ALL_PASSED;
    fprintf(stderr, "%s: failed, because %u marks never held\n", s->name,
            (unsigned)missed);
    return MARKS_MISSED;
}

static int
shrink(const struct weft_sim_scenario *s, struct plan *plan,
       const char *program)
{
    if (!plan->only)
        plan->only = ws_alloc(WS_FAULTS_MAX);
    uint32_t runs = ws_shrink(s, plan->from, plan->only);
    uint32_t left = 0;
    for (uint32_t i = 0; i < WS_FAULTS_MAX; i++)
        left += plan->only[i];
    printf("%s: seed %" PRIu64 " needs %" PRIu32 " faults (%" PRIu32
           " runs tried)%s%s; its story:\n",
           s->name, plan->from, left, runs, *ws.without ? ", without " : "",
           ws.without);
    fflush(stdout);
    plan->story = true;
    return run_one(s, plan, program);
}

int
weft_sim_main(int argc, char **argv, const struct weft_sim_scenario *scenario)
{
    struct plan plan;
    const char *wrong = read_options(argc, argv, &plan);
    if (wrong)
        fprintf(stderr, "%s: %s%s\n", argv[0], wrong,
                plan.unknown ? plan.unknown : "");
    if (wrong || plan.help)
        return usage(wrong ? stderr : stdout, argv[0]);
    if (!plan.one) {
        enum outcome outcome = run_all(scenario, &plan, argv[0]);
        if (outcome == REFUSED)
            return WS_DIED;
        if (outcome != RUNS_FAILED)
            return outcome == ALL_PASSED ? 0 : 1;
    }
    if (plan.shrink)
        return shrink(scenario, &plan, argv[0]);
    return plan.one ? run_one(scenario, &plan, argv[0]) : 1;
}
