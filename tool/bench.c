/* SPDX-License-Identifier: MIT */
/* The command `weft bench`: a load or a knee, and its reports. */
#include "bench.h"

#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* Bytes of a run's lists: enough for samples of a day. */
#define BUDGET ((size_t)1 << 30)

static char **command_words; /* the words after "bench" */

/* ---- the setup ---- */

static struct weft_str
join_words(struct weft_arena *arena, char **words)
{
    struct weft_str all = WEFT_STR("weft bench");
    for (; *words && all.ptr; words++) {
        bool is_plain = **words && !strpbrk(*words, " \"{}[]$&|;<>()*?!#~`\\");
        all =
            weft_arena_printf(arena, "%.*s %s%s%s", WEFT_FMT(all),
                              is_plain ? "" : "'", *words, is_plain ? "" : "'");
    }
    return all;
}

static void
read_model(char *room, size_t size)
{
    char line[256];
    FILE *f = fopen("/proc/cpuinfo", "r");
    snprintf(room, size, "processor");
    while (f && fgets(line, sizeof line, f)) {
        const char *colon = strchr(line, ':');
        if (colon && strncmp(line, "model name", 10) == 0) {
            snprintf(room, size, "%.*s", (int)strcspn(colon + 2, "\n"),
                     colon + 2);
            break;
        }
    }
    if (f)
        fclose(f);
}

static struct weft_str
name_machine(struct weft_arena *arena)
{
    struct utsname name;
    char model[128];
    if (uname(&name) != 0)
        return WEFT_STR("unknown");
    read_model(model, sizeof model);
    return weft_arena_printf(arena, "%s %s %s, %ld x %s", name.sysname,
                             name.release, name.machine,
                             sysconf(_SC_NPROCESSORS_ONLN), model);
}

static void
fill_setup(const struct wb_target *t, struct weft_arena *arena,
           struct bench_Setup *s)
{
    char now[32] = "";
    struct tm tm;
    time_t seconds = time(NULL);
    if (gmtime_r(&seconds, &tm))
        strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", &tm);
    s->method = weft_str_of(t->name);
    s->address = weft_str_of(t->o->address);
    s->dialect = weft_str_of(t->o->dialect_name);
    s->arguments = weft_str_of(t->json);
    s->connections = (int32_t)t->b->connections;
    s->in_flight = (int32_t)t->b->in_flight;
    s->poisson = t->b->poisson;
    s->seconds = t->b->seconds;
    s->warm_up_s = t->b->warm_up_s;
    s->workers = (int32_t)weft_runtime_workers();
    s->command = join_words(arena, command_words);
    s->machine = name_machine(arena);
    s->version = WEFT_STR(WC_VERSION);
    s->started = weft_arena_str(arena, now, strlen(now));
}

/* ---- the run ---- */

static enum wt_code
worst_failure(const struct bench_Run *run)
{
    enum wt_code code = WT_OK;
    for (uint32_t i = 0; i < run->failures.len; i++)
        if ((enum wt_code)run->failures.items[i].code > code)
            code = (enum wt_code)run->failures.items[i].code;
    return code;
}

static enum wt_code
worse_of(enum wt_code a, enum wt_code b)
{
    return a > b ? a : b;
}

/* The report is written even if no rate was held. */
static enum wt_code
run_and_report(const struct wb_target *t, struct weft_arena *arena)
{
    const struct wb_options *b = t->b;
    struct wb_shape shape = {b->connections, b->in_flight, b->rate,
                             b->poisson,     b->seconds,   b->warm_up_s};
    struct bench_Setup setup;
    struct bench_Run run;
    bench_Run_init(&run);
    bench_Setup_init(&setup);
    fill_setup(t, arena, &setup); /* before the load, because fill_setup notes
                                     the time of the start */
    enum wt_code code = b->knee ? wb_find_knee(t, &shape, arena, &run)
                                : wb_load(t, &shape, arena, &run);
    if (code && code != WT_WRONG)
        return code;
    setup.rate = b->knee ? run.setup.rate : b->rate;
    run.format = bench_FORMAT;
    run.setup = setup;
    code = worse_of(code, wb_print_run(&run));
    if (!b->knee)
        code = worse_of(code, worst_failure(&run));
    if (b->json)
        code = worse_of(code, wb_write_json(&run, b->json));
    if (b->html)
        code = worse_of(code, wb_write_html(&run, b->html));
    return code;
}

static enum wt_code
bench(struct wc *c, struct wt_options *o)
{
    struct wb_target target;
    struct weft_arena arena;
    weft_arena_init(&arena, BUDGET);
    enum wt_code code = wb_target_init(&target, c, o);
    if (!code)
        code = run_and_report(&target, &arena);
    wb_target_fini(&target);
    weft_arena_fini(&arena);
    return code;
}

/* ---- the words ---- */

static enum wt_code
check_words(const struct wt_options *o)
{
    if (o->bench->compare && o->n_words == 2)
        return WT_OK;
    if (o->bench->compare) {
        wt_error("a comparison takes two files");
        wt_help("weft bench --compare OLD.json NEW.json");
        return WT_USAGE;
    }
    if (!o->address || o->n_words < 1 || o->n_words > 2) {
        wt_error(!o->address       ? "there is no address"
                 : o->n_words == 0 ? "there is no method"
                                   : "there is a word too many");
        wt_help("weft bench HOST:PORT Service.method '{...}'");
        return WT_USAGE;
    }
    return WT_OK;
}

enum wt_code
wb_main(char **words)
{
    struct wt_options options;
    struct wb_options own;
    command_words = words;
    enum wt_code code = wt_parse_options(&options, words, wb_options, &own);
    if (!code)
        code = wb_check_options(&own);
    if (!code)
        code = check_words(&options);
    if (code)
        return code;
    if (own.compare)
        return wb_compare(options.words[0], options.words[1], own.worse);
    struct weft_runtime_options runtime = {.workers = own.workers};
    weft_err err = weft_runtime_start(&runtime);
    if (err) {
        wt_error("cannot start: %s", weft_err_text(err));
        return WT_BROKEN;
    }
    return wt_with_idl(&options, bench, false);
}
