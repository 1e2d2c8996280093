/* SPDX-License-Identifier: MIT */
/*
 * weft bench, the load tool:
 *
 *   options -> target (a prepared call, its connections, the expected reply)
 *           -> load (callers, clock, histogram), or the loads of a knee
 *           -> Run (bench_run.thrift) -> text, JSON, HTML; two Runs -> compare
 *
 * Times are monotonic nanoseconds, unless a name says otherwise.
 */
#ifndef WEFT_TOOL_BENCH_H
#define WEFT_TOOL_BENCH_H

#include "bench_run.h"
#include "bench_hist.h"
#include "tool.h"

#include "idl/idl.h"

#include <pthread.h>

#define WB_MAX_CONNECTIONS 10000u
#define WB_MAX_IN_FLIGHT 4096u /* of a connection */
#define WB_MAX_CALLERS 100000u
#define WB_MAX_RATE 1e6
#define WB_MAX_SECONDS 86400.0

struct wb_options {
    uint32_t connections, in_flight, workers; /* 0: the default */
    double rate;                              /* 0: closed loop */
    double seconds, warm_up_s;                /* negative: the default */
    bool poisson, any_reply, knee, compare;
    const char *expect;      /* JSON, or NULL */
    const char *json, *html; /* files, or NULL */
    double limit_part;       /* percentile of the limit: 0.99 is p99 */
    uint64_t limit_ns;       /* 0: 10 times the percentile that was measured
                                without load */
    double worse;            /* percent; negative: no bound */
};

/** Defaults, before the words are read. */
void wb_options_init(struct wb_options *b);

/** Report options that contradict each other; fill in the options that depend
 * on other options. */
enum wt_code wb_check_options(struct wb_options *b);

/* ---- the target and its failures ---- */

#define WB_MAX_KINDS 32u
#define WB_MAX_WORDS 256u /* bytes of the text about a failure */

/** Failures by their kind. The lock is held for a few instructions, except for
 * the first failure of a kind. */
struct wb_failures {
    pthread_mutex_t lock;
    uint32_t n;
    struct wb_failure {
        weft_err err;   /* WEFT_OK: the reply is not the expected one */
        int32_t detail; /* the exception's field id or type, or the business
                           status */
        enum wt_code code;
        uint64_t calls;
        char kind[64], first[WB_MAX_WORDS];
    } items[WB_MAX_KINDS]; /* the last item is for all other kinds */
};

/** A call that is ready to be made again and again. */
struct wb_target {
    struct wt_options *o;
    const struct wb_options *b;
    const struct weft_method *method;
    const char *name, *json; /* "Shop.count", its arguments */
    const void *args;
    struct weft_client **clients; /* b->connections */
    struct weft_arena arena;      /* of args and expected */
    struct wi_result expected;
    bool is_checked; /* replies must equal `expected` */
};

/** How a call ended. */
struct wb_outcome {
    weft_err err;
    bool is_right;  /* no error, and the reply that was expected */
    bool is_timed;  /* the call has a latency: a reply or a time-out */
    bool is_broken; /* neither a reply nor a time-out: in a closed loop the
                       caller pauses before its next call */
};

/** Prepare arguments and connections, and make one call. The reply becomes the
 * expected reply, unless options name another one. Reports a failure. */
enum wt_code wb_target_init(struct wb_target *t, struct wc *c,
                            struct wt_options *o);
void wb_target_fini(struct wb_target *t);

/** Make one call and check its reply; the arena is reset. A failure is counted
 * if failures is not NULL. */
struct wb_outcome wb_call(const struct wb_target *t, struct weft_client *client,
                          struct weft_arena *arena,
                          struct wb_failures *failures);

void wb_count_failure(struct wb_failures *failures, const struct wb_target *t,
                      weft_err err, const struct weft_call_info *info,
                      struct wi_result *result);

/* ---- load ---- */

struct wb_shape {
    uint32_t connections, in_flight;
    double rate; /* 0: closed loop */
    bool poisson;
    double seconds, warm_up_s;
};

/** Put load on the target and fill the run, except its setup. The lists of the
 * run are in the arena. Reports a failure. */
enum wt_code wb_load(const struct wb_target *t, const struct wb_shape *shape,
                     struct weft_arena *arena, struct bench_Run *run);

/** Has the user pressed Ctrl-C (SIGINT)? */
bool wb_interrupted(void);

/** The percentiles of a histogram. */
struct bench_Latency wb_latency(const struct wb_hist *h);

/** The latency in ns that this part of a run's calls (0..1) did not exceed. */
double wb_run_at(const struct bench_Run *run, double part);

/** Were the workers of the load tool itself busy nearly all the time? */
bool wb_was_busy(const struct bench_Run *run, uint32_t workers);

/** Search the highest rate that is held; *run becomes the run at that rate. */
enum wt_code wb_find_knee(const struct wb_target *t,
                          const struct wb_shape *shape,
                          struct weft_arena *arena, struct bench_Run *run);

/* ---- output ---- */

#define WB_TEXT 32

/** Write "1.23 ms" or "4,200" to text, which has WB_TEXT bytes, and return
 * it. */
const char *wb_put_time(char *text, double ns);
const char *wb_put_number(char *text, double value);

/** Show a line that the next call overwrites; does nothing without a
 * terminal. */
void wb_show_live(const struct bench_Sample *sample, double rate);
void wb_clear_live(void);

enum wt_code wb_print_run(const struct bench_Run *run);
void wb_print_step_head(void);
void wb_print_step(const struct bench_Step *step);

/* ---- files ---- */

enum wt_code wb_write_json(const struct bench_Run *run, const char *path);
enum wt_code wb_read_json(const char *path, struct weft_arena *arena,
                          struct bench_Run *run);
enum wt_code wb_write_html(const struct bench_Run *run, const char *path);
enum wt_code wb_compare(const char *old_path, const char *new_path,
                        double worse);

#endif
