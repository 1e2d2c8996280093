/* SPDX-License-Identifier: MIT */
/* From files, or what a server hands out, to a checked tree. */
#include "tool.h"

#include "compiler/check/check.h"
#include "compiler/session.h"

/* ---- files of a server ---- */

/* Components, from the end, that two paths share. */
static uint32_t
shared_tail(struct weft_str a, const char *b)
{
    size_t n = a.len, m = strlen(b);
    uint32_t shared = 0;
    while (n > 0 && m > 0 && a.ptr[n - 1] == b[m - 1]) {
        n--;
        m--;
        shared += a.ptr[n] == '/';
    }
    bool a_ends = n == 0 || a.ptr[n - 1] == '/';
    bool b_ends = m == 0 || b[m - 1] == '/';
    return a_ends && b_ends && (n == 0 || m == 0) ? shared + 1 : shared;
}

/* By its whole name, within a folder. */
static const struct wt_file *
find_in(const struct wt_files *files, struct weft_str folder, const char *name)
{
    size_t len = strlen(name);
    for (uint32_t i = 0; i < files->len; i++) {
        struct weft_str whole = files->items[i].name;
        if (whole.len == folder.len + len && whole.len > 0 &&
            memcmp(whole.ptr + folder.len, name, len) == 0 &&
            (folder.len == 0 || memcmp(whole.ptr, folder.ptr, folder.len) == 0))
            return &files->items[i];
    }
    return NULL;
}

static const struct wt_file *
find_nearest(const struct wt_files *files, const char *name)
{
    const struct wt_file *best = NULL;
    uint32_t most = 0;
    for (uint32_t i = 0; i < files->len; i++) {
        uint32_t shared = shared_tail(files->items[i].name, name);
        if (shared > most) {
            most = shared;
            best = &files->items[i];
        }
    }
    return best;
}

/* Beside the file that includes it, by its name, or by the end of that: the
 * server's paths are not told. */
static bool
load(void *user, struct weft_arena *arena, const char *name, const char *from,
     struct wc_source *source)
{
    const struct wt_files *files = user;
    const char *slash = from ? strrchr(from, '/') : NULL;
    struct weft_str here = {from, slash ? (uint32_t)(slash - from) + 1 : 0};
    const struct wt_file *file = find_in(files, here, name);
    if (!file)
        file = find_in(files, (struct weft_str){NULL, 0}, name);
    if (!file)
        file = find_nearest(files, name);
    if (!file)
        return false;
    struct weft_str path =
        weft_arena_str(arena, file->name.ptr, file->name.len);
    *source = (struct wc_source){.id = path.ptr,
                                 .path = path.ptr,
                                 .text = file->text.len ? file->text.ptr : "",
                                 .len = file->text.len,
                                 .too_big = file->text.len > WC_MAX_FILE};
    return path.ptr != NULL;
}

static void
report(void *user, const char *text, size_t len)
{
    (void)user;
    fwrite(text, 1, len, stderr);
}

static void
keep_silent(void *user, const char *text, size_t len)
{
    (void)user;
    (void)text;
    (void)len;
}

struct wc_host
wt_memory_host(struct wt_files *files)
{
    return (struct wc_host){.user = files, .load = load, .report = report};
}

/* ---- the run ---- */

struct run {
    struct wt_options *options;
    wt_command command;
    const char **names;
    size_t n_names;
};

static enum wt_code
run_loaded(struct wc *c, const struct run *run)
{
    for (size_t i = 0; i < run->n_names; i++)
        (void)wc_load(c, run->names[i]); /* it has reported why not */
    for (struct wc_file *f = c->files_up; f; f = f->next_up)
        wc_check_names(c, f);
    for (struct wc_file *f = c->files_up; f; f = f->next_up)
        wc_check_file(c, f);
    wc_show_reports(c);
    return c->n_errors > 0 ? WT_INPUT : run->command(c, run->options);
}

static enum wt_code
run_protected(struct wc *c, const struct run *run)
{
    if (setjmp(c->no_memory)) {
        wt_error("there is no memory for all of this");
        return WT_INPUT;
    }
    return run_loaded(c, run);
}

static enum wt_code
run_on(const struct wc_host *host, const struct run *run)
{
    static const struct wc_options options = {.no_warnings = true};
    struct weft_arena arena;
    struct wc c = {.arena = &arena, .options = &options, .host = host};
    c.files_end = &c.files;
    c.up_end = &c.files_up;
    c.clashes_end = &c.clashes;
    weft_arena_init(&arena, WC_MAX_MEMORY);
    enum wt_code code = run_protected(&c, run);
    weft_arena_fini(&arena);
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
run_fetched(struct wt_options *o, wt_command command)
{
    struct weft_arena arena;
    struct wt_files files = {NULL, 0, 0};
    weft_arena_init(&arena, 0);
    enum wt_code code = wt_fetch_idl(o, &arena, &files);
    struct run run = {o, command, NULL, files.len};
    if (!code)
        run.names = weft_arena_alloc(&arena, (files.len + 1) * sizeof(char *));
    for (uint32_t i = 0; run.names && i < files.len; i++) {
        const struct wt_file *file = &files.items[i];
        run.names[i] =
            weft_arena_str(&arena, file->name.ptr, file->name.len).ptr;
        if (!run.names[i])
            run.names = NULL;
    }
    if (run.names) {
        struct wc_host host = wt_memory_host(&files);
        code = run_on(&host, &run);
    } else if (!code) {
        wt_error("there is no memory for all of this");
        code = WT_INPUT;
    }
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
            "hands out its own");
    return WT_USAGE;
}
