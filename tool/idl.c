/* SPDX-License-Identifier: MIT */
/* Makes a checked tree from files, or from the IDL that a server sends. */
#include "tool.h"

#include "idl/idl.h"

#include <errno.h>

static void
report(void *user, const char *text, size_t len)
{
    (void)user;
    wt_put_lines(stderr, text, len);
}

static void
keep_silent(void *user, const char *text, size_t len)
{
    (void)user;
    (void)text;
    (void)len;
}

/* ---- the run ---- */

struct run {
    struct wt_options *options;
    wt_command command;
    const char **names;
    size_t n_names;
};

static enum wt_code
run_protected(struct weft_idl *idl, const struct run *run)
{
    if (setjmp(idl->c.no_memory)) {
        wt_error("there is no memory for all of this");
        return WT_INPUT;
    }
    return run->command(&idl->c, run->options);
}

static enum wt_code
run_on(const struct wc_host *host, const struct run *run)
{
    struct weft_idl *idl;
    weft_err err = wi_open(host, run->names, run->n_names, WC_MAX_MEMORY, &idl);
    if (err == -ENOMEM)
        wt_error("there is no memory for all of this");
    if (err)
        return WT_INPUT;
    enum wt_code code = run_protected(idl, run);
    weft_idl_free(idl);
    return code;
}

static enum wt_code
run_files(struct wt_options *o, wt_command command, bool quiet)
{
    struct wc_host host = wc_file_host(&o->dirs);
    struct run run = {o, command, o->idl, o->n_idl};
    if (quiet)
        host.report = keep_silent;
    return run_on(&host, &run);
}

static enum wt_code
run_texts(struct wt_options *o, wt_command command, struct weft_arena *arena,
          struct wi_texts *texts)
{
    struct wc_host host = wi_text_host(texts);
    struct run run = {o, command, NULL, texts->n};
    run.names = weft_arena_alloc(arena, (texts->n + 1) * sizeof(char *));
    for (size_t i = 0; run.names && i < texts->n; i++) {
        struct weft_str name = texts->items[i].name;
        run.names[i] = weft_arena_str(arena, name.ptr, name.len).ptr;
        if (!run.names[i])
            run.names = NULL;
    }
    if (!run.names) {
        wt_error("there is no memory for all of this");
        return WT_INPUT;
    }
    host.report = report;
    return run_on(&host, &run);
}

static enum wt_code
run_fetched(struct wt_options *o, wt_command command)
{
    struct weft_arena arena;
    struct wi_texts texts;
    weft_arena_init(&arena, 0);
    enum wt_code code = wt_fetch_idl(o, &arena, &texts);
    if (!code)
        code = run_texts(o, command, &arena, &texts);
    weft_arena_fini(&arena);
    return code;
}

enum wt_code
wt_with_idl(struct wt_options *o, wt_command command, bool quiet)
{
    if (o->n_idl > 0)
        return run_files(o, command, quiet);
    if (quiet)
        return WT_INPUT;
    if (o->address)
        return run_fetched(o, command);
    wt_error("there is no IDL");
    wt_help("name a file with --idl FILE, or the HOST:PORT of a server that "
            "sends its own");
    return WT_USAGE;
}
