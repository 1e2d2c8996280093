/* SPDX-License-Identifier: MIT */
/* One run, from the command line's files to the result of its mode. */
#include "compiler.h"

#include "check/check.h"
#include "emit/emit.h"
#include "tools/tools.h"

static bool
save(struct wc *c, const char *path, const struct wc_text *text)
{
    return c->host->save(c->host->user, path, text->ptr, text->len);
}

static void
print(struct wc *c, const struct wc_text *text)
{
    if (text->len > 0)
        c->host->print(c->host->user, text->ptr, text->len);
}

/* ---- the tree of all files ---- */

static void
load_all(struct wc *c, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        wc_load(c, names[i]);
}

bool
wc_check_all(struct wc *c)
{
    for (struct wc_file *f = c->files_up; f; f = f->next_up)
        wc_check_names(c, f);
    for (struct wc_file *f = c->files_up; f; f = f->next_up)
        wc_check_file(c, f);
    return c->n_errors == 0;
}

static bool
is_wanted(const struct wc *c, const struct wc_file *file)
{
    return file->asked_for || c->options->recurse;
}

/* ---- the command that a run executes ---- */

static bool
plan_all(struct wc *c)
{
    wc_name_outputs(c);
    for (struct wc_file *f = c->files_up; f; f = f->next_up)
        wc_plan_file(c, f);
    return c->n_errors == 0;
}

static bool
generate_file(struct wc *c, struct wc_file *file)
{
    struct wc_text header = {NULL, 0, 0}, source = {NULL, 0, 0};
    wc_emit_header(c, file, &header);
    /* A source is at most twelve times as long as its header. Text that grows
     * by doubling touches twice the memory, so the memory for the whole source
     * is reserved at once. */
    wc_text_reserve(c, &source, 12 * header.len);
    wc_emit_source(c, file, &source);
    return save(c, wc_output_path(c, file, ".h"), &header) &&
           save(c, wc_output_path(c, file, ".c"), &source);
}

/* True if the C of a file may be stored. generate() asks for all files before
 * it stores the first file, so that no file changes after a refusal. */
static bool
may_save(struct wc *c, struct wc_file *file)
{
    const struct wc_host *host = c->host;
    return !host->may_save ||
           (host->may_save(host->user, wc_output_path(c, file, ".h")) &&
            host->may_save(host->user, wc_output_path(c, file, ".c")));
}

static bool
generate(struct wc *c)
{
    struct wc_text deps = {NULL, 0, 0};
    for (struct wc_file *f = c->files_up; f; f = f->next_up) {
        if (is_wanted(c, f) && !may_save(c, f))
            return false;
    }
    for (struct wc_file *f = c->files_up; f; f = f->next_up) {
        if (is_wanted(c, f) && !generate_file(c, f))
            return false;
    }
    if (c->options->deps == NULL)
        return true;
    wc_put_deps(c, &deps);
    return save(c, c->options->deps, &deps);
}

static bool
lint(struct wc *c)
{
    for (struct wc_file *f = c->files_up; f; f = f->next_up) {
        if (is_wanted(c, f))
            wc_lint(c, f);
    }
    return true;
}

static bool
show_tree(struct wc *c)
{
    struct wc_text out = {NULL, 0, 0};
    wc_json(c, &out);
    print(c, &out);
    return true;
}

static bool
format_all(struct wc *c)
{
    for (struct wc_file *f = c->files; f; f = f->next) {
        struct wc_text out = {NULL, 0, 0};
        wc_fmt(c, f, &out);
        if (!c->options->in_place)
            print(c, &out);
        else if (out.len > 0 && !save(c, f->id, &out))
            return false;
    }
    return true;
}

/* ---- the run ---- */

static bool
run_mode(struct wc *c)
{
    switch (c->options->mode) {
    case WC_JSON:
        return show_tree(c);
    case WC_LINT:
        return plan_all(c) && lint(c);
    case WC_GENERATE:
        return plan_all(c) && generate(c);
    default:
        return true;
    }
}

static int
compare(struct wc *c, const char *const *names)
{
    struct wc_file *old = wc_load(c, names[0]);
    struct wc_file *now = wc_load(c, names[1]);
    if (!wc_check_all(c))
        return 1;
    return wc_breaking(c, old, now) ? 2 : 0;
}

static int
run(struct wc *c, const char *const *names, size_t n)
{
    enum wc_mode mode = c->options->mode;
    if (mode == WC_BREAKING)
        return compare(c, names);
    load_all(c, names, n);
    if (mode == WC_FMT)
        return c->n_errors == 0 && format_all(c) ? 0 : 1;
    bool good = wc_check_all(c) && run_mode(c);
    return good && c->n_errors == 0 ? 0 : 1;
}

static int
run_protected(struct wc *c, const char *const *names, size_t n)
{
    const struct wc_diag_row *row = &wc_diag_rows[WC_NO_MEMORY];
    char text[80];
    if (setjmp(c->no_memory)) {
        int len = snprintf(text, sizeof text, "weftc: error: %s [%s]\n",
                           row->text, row->code);
        c->host->report(c->host->user, text, (size_t)len);
        return 1;
    }
    int code = run(c, names, n);
    wc_show_reports(c);
    return code;
}

void
wc_init(struct wc *c, struct weft_arena *arena,
        const struct wc_options *options, const struct wc_host *host)
{
    *c = (struct wc){.arena = arena, .options = options, .host = host};
    c->files_end = &c->files;
    c->up_end = &c->files_up;
    c->clashes_end = &c->clashes;
}

int
wc_compile(const struct wc_options *options, const struct wc_host *host,
           const char *const *names, size_t n_names)
{
    struct weft_arena arena;
    struct wc c;
    weft_arena_init(&arena, WC_MAX_MEMORY);
    wc_init(&c, &arena, options, host);
    int code = run_protected(&c, names, n_names);
    weft_arena_fini(&arena);
    return code;
}
