/* SPDX-License-Identifier: MIT */
/*
 * The module header of the tool: weft calls, lists and describes services by
 * their IDL, without generated code.
 *
 *   options -> idl (a file, or the server's own) -> tables -> call -> JSON
 *
 *   main.c      chooses the command
 *   options.c   the words after the command
 *   say.c       prints results and errors
 *   idl.c       a checked tree; names.c finds definitions in it
 *   remote.c    the client, and how its calls ended
 *   call.c      weft call
 *   list.c      weft list
 *   describe.c  weft describe, with show.c
 *   endpoints.h weft endpoints: endpoints.c; endpoints_ask.h calls the servers
 *               (endpoints_ask.c, endpoints_rows.c); endpoints_show.c prints,
 *               endpoints_screen.c on a terminal
 *   policy.c    weft policy
 *   complete.h  completion in the shell: complete.c, complete_json.c for
 *               arguments, complete_offer.c prints
 *   bench.h     weft bench
 *
 *   bench.c            a load or a knee, by bench_options.c
 *   bench_call.c       the call that is repeated
 *   bench_load.h       one load: bench_load.c makes calls, bench_watch.c takes
 *                      samples, bench_interrupt.c ends a load early
 *   bench_hist.h       counts of latencies
 *   bench_figures.c    figures of a run, with bench_failures.c
 *   bench_knee.c       the highest rate that is held
 *   bench_text.c, bench_json.c, bench_html.c   a run for people, programs and
 *                      browsers, with bench_plot.h
 *   bench_compare.c    two runs side by side
 *
 * Every command runs once and exits. What it makes of the IDL is in the arena
 * of the compiler's run; each call has an arena of its own.
 */
#ifndef WEFT_TOOL_H
#define WEFT_TOOL_H

#include "compiler/compiler.h"

#include <weft/weft.h>

/** Exit codes; of several calls the greatest counts. */
enum wt_code {
    WT_OK = 0,
    WT_THROWN = 1,   /* a declared exception */
    WT_USAGE = 2,    /* the command line */
    WT_CONNECT = 3,  /* no connection */
    WT_TIMEOUT = 4,  /* no reply in time */
    WT_PEER = 5,     /* the server answered with an error */
    WT_INPUT = 6,    /* JSON, IDL, or a name that is not in the IDL */
    WT_BUSINESS = 7, /* a business status */
    WT_BROKEN = 8,   /* the connection broke, the reply is invalid, or output
                        cannot be written */
    WT_WRONG = 9,    /* bench: a reply differs from the expected one, or no rate
                        was held */
};

#define WT_MAX_WORDS 4
#define WT_MAX_IDL 64
#define WT_MAX_HEADERS 64

struct wt_options {
    const char *address; /* or NULL */
    const char *words[WT_MAX_WORDS];
    size_t n_words;
    const char *idl[WT_MAX_IDL];
    size_t n_idl;
    struct wc_dirs dirs;
    struct weft_dialect dialect;
    const char *dialect_name;
    const char *service; /* to call on a multiplexed server, or NULL */
    struct weft_header header_items[WT_MAX_HEADERS];
    struct weft_headers headers;
    uint32_t timeout_ms; /* 0: the library's default */
    bool show_headers;
    bool once, json;             /* of endpoints */
    const struct wt_option *own; /* further options of the command; or NULL */
    struct wb_options *bench;    /* bench.h; NULL for other commands */
};

/** An option. take gets the word itself if the option is a flag, else its
 * value. */
struct wt_option {
    const char *name;
    enum wt_code (*take)(struct wt_options *o, const char *value);
    bool is_flag;
};

/** The options of all commands, and those of bench and of endpoints. The last
 * row of each has the name NULL. */
extern const struct wt_option wt_options[], wb_options[], we_options[];

/** Fill the options from the words after the command; reports what is wrong.
 * own: further options of the command, or NULL. bench: room for those of bench,
 * or NULL. */
enum wt_code wt_parse_options(struct wt_options *o, char **argv,
                              const struct wt_option *own,
                              struct wb_options *bench);

/** Read the name of a dialect, as "framed-compact-zlib"; false: there is no
 * such dialect. */
bool wt_parse_dialect(const char *text, struct weft_dialect *dialect);

/** Call fn with each name FRAMING-PROTOCOL of a dialect. */
void wt_each_dialect(void (*fn)(const char *name, void *arg), void *arg);

/* ---- output ---- */

/** Print "weft: error: ..." or "help: ..." on standard error. */
void wt_error(const char *fmt, ...) WEFT_PRINTF(1, 2);
void wt_help(const char *fmt, ...) WEFT_PRINTF(1, 2);

/** Print "did you mean `x`?" as help, if the guess has a name. */
void wt_help_guess(const struct wc_guess *guess);

/** Print text of a peer; bytes that a terminal obeys are escaped. */
void wt_put_safe(FILE *out, struct weft_str text);

/** Print text of an IDL, which may come from a server. Ends of lines and tabs
 * stay; other bytes that a terminal obeys become '?'. */
void wt_put_lines(FILE *out, const char *text, size_t len);

/** Report what is wrong with a JSON text, and show the place. line is the line
 * of standard input, or 0 if the text is an argument. */
enum wt_code wt_report_json(const char *text, size_t len, size_t offset,
                            const struct weft_json_error *why, unsigned line);

/** Print and flush, or flush alone; reports an error of writing. */
enum wt_code wt_print(const struct weft_chain *chain);
enum wt_code wt_print_text(const struct wc_text *text);
enum wt_code wt_flush(void);

/* ---- IDL ---- */

/** A command that needs an IDL. It runs only if the IDL has no errors. */
typedef enum wt_code (*wt_command)(struct wc *c, struct wt_options *o);

/** Find the IDL, from files or the server, and run the command on it. quiet:
 * errors of the IDL are not printed, and a server is not asked. */
enum wt_code wt_with_idl(struct wt_options *o, wt_command command, bool quiet);

/** Get the files of the IDL from the server; reports a failure. */
struct wi_texts;
enum wt_code wt_fetch_idl(struct wt_options *o, struct weft_arena *arena,
                          struct wi_texts *texts);

/** Make the client that the options describe; reports a failure. */
enum wt_code wt_new_client(const struct wt_options *o,
                           struct weft_client **client);

/** As wt_new_client, of another target, and with options about its servers. */
struct weft_upstream_options;
enum wt_code wt_new_client_of(const struct wt_options *o, const char *target,
                              const struct weft_upstream_options *upstream,
                              struct weft_client **client);

/** Report how a call of the method `name` failed. `name` NULL: a call that the
 * tool makes by itself; then err must not be an error of the server. */
enum wt_code wt_report_call(const struct wt_options *o, const char *name,
                            weft_err err, const struct weft_call_info *info);

/* ---- names ---- */

/** A method of a service, its own or inherited. */
struct wt_method {
    const struct wc_def *service;
    const struct wc_function *function;
    const char *name;  /* "Trial.echo" */
    bool is_ambiguous; /* another service has a method of that name */
};

/** Find "Service.method", or "method" if only one service has it. Reports a
 * name that does not exist. */
enum wt_code wt_find_method(struct wc *c, const char *name,
                            struct wt_method *method);

/** A definition by "Name" or "file.Name", or NULL. */
const struct wc_def *wt_find_def(const struct wc *c, const char *name);

/** A function of a service or its ancestors, or NULL; *owner becomes the
 * service that defines it. */
const struct wc_function *wt_find_function(const struct wc_def *service,
                                           const char *name,
                                           const struct wc_def **owner);

/** Did the user name this file, or does it define a service that the server
 * has? */
static inline bool
wt_is_root(const struct wc_file *file)
{
    return file->asked_for;
}

/* ---- IDL as text ---- */

void wt_put_function(struct wc *c, struct wc_text *out,
                     const struct wc_function *f);
void wt_put_doc(struct wc *c, struct wc_text *out, const char *doc,
                const char *indent);
void wt_put_def(struct wc *c, struct wc_text *out, const struct wc_def *def);

/* ---- commands ---- */

enum wt_code wt_call(struct wc *c, struct wt_options *o);
enum wt_code wt_list(struct wc *c, struct wt_options *o);
enum wt_code wt_describe(struct wc *c, struct wt_options *o);

/** `weft bench`, with the words after it. Starts the runtime itself. */
enum wt_code wb_main(char **words);

/** `weft endpoints`, likewise. */
enum wt_code we_main(char **words);

/** `weft policy`, likewise. */
enum wt_code wp_main(char **words);

/** Print the possible completions of a command line that ends at the cursor. */
enum wt_code wt_complete(const char *line);

#endif
