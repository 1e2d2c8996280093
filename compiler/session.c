/* SPDX-License-Identifier: MIT */
/* A run from its files to its files. */
#include "check.h"
#include "emit.h"
#include "parse.h"
#include "plan.h"

static const struct wc_span nowhere = {NULL, 0, 0};

/* ---- loading ---- */

static const char *
stem_of(struct wc *c, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    size_t len = dot && dot != base ? (size_t)(dot - base) : strlen(base);
    return wc_intern(c, base, len);
}

static struct wc_file *
new_file(struct wc *c, const struct wc_source *source)
{
    struct wc_file *file = WC_NEW(c, struct wc_file);
    file->id = source->id;
    file->path = source->path;
    file->stem = stem_of(c, source->path);
    file->text = source->text;
    file->len = (uint32_t)source->len;
    file->defs_end = &file->defs;
    file->number = c->n_files++;
    *c->files_end = file;
    c->files_end = &file->next;
    wc_map_put(c, &c->by_id, file->id, file);
    return file;
}

/* A stem becomes a header's name and stands in comments. */
static bool
is_plain(const char *stem)
{
    for (; *stem; stem++) {
        if ((uint8_t)*stem < ' ' || strchr("\"\\*?<>", *stem))
            return false;
    }
    return true;
}

/* Headers are named after stems, so that these must differ. */
static void
claim_stem(struct wc *c, struct wc_file *file, struct wc_span span)
{
    const struct wc_file *other = wc_map_get(&c->by_stem, file->stem);
    if (!is_plain(file->stem)) {
        wc_report(c, WC_FILE_NAME, span, NULL, NULL);
        return;
    }
    if (other == NULL) {
        wc_map_put(c, &c->by_stem, file->stem, file);
        return;
    }
    wc_report(c, WC_SAME_STEM, span, file->stem, NULL);
    wc_help(c, "%s and %s would both become %s.h", other->path, file->path,
            file->stem);
}

static struct wc_file *load(struct wc *c, const char *name,
                            const struct wc_file *from, struct wc_span span,
                            uint32_t depth);

static void
add_include(struct wc *c, struct wc_file *file, struct wc_include *include,
            uint32_t depth)
{
    if (file->mark == WC_BAD_MARK)
        return;
    include->prefix = stem_of(c, include->name);
    include->file = load(c, include->name, file, include->span, depth + 1);
    if (wc_map_get(&file->by_prefix, include->prefix) == NULL)
        wc_map_put(c, &file->by_prefix, include->prefix, include);
}

static void
load_includes(struct wc *c, struct wc_file *file, uint32_t depth)
{
    file->mark = WC_OPEN_MARK;
    for (struct wc_include *i = file->includes; i; i = i->next)
        add_include(c, file, i, depth);
    file->mark = WC_DONE_MARK;
    *c->up_end = file;
    c->up_end = &file->next_up;
}

static void
report_missing(struct wc *c, const char *name, const struct wc_file *from,
               struct wc_span span)
{
    if (from == NULL) {
        wc_report(c, WC_NO_FILE, nowhere, name, NULL);
        return;
    }
    wc_report(c, WC_NO_INCLUDE, span, name, NULL);
    wc_help(c, "it is looked for beside the file that includes it, then in "
               "each directory of -I");
}

static struct wc_file *
known_file(struct wc *c, struct wc_file *file, struct wc_span span)
{
    if (file->mark != WC_OPEN_MARK)
        return file;
    wc_report(c, WC_INCLUDE_CYCLE, span, file->path, NULL);
    wc_help(c, "move what both files need to a third one");
    return NULL;
}

static struct wc_file *
load(struct wc *c, const char *name, const struct wc_file *from,
     struct wc_span span, uint32_t depth)
{
    struct wc_source source = {NULL, NULL, NULL, 0, false};
    char bound[32];
    const struct wc_host *host = c->host;
    if (depth > WC_MAX_INCLUDES) {
        wc_report(c, WC_INCLUDE_DEPTH, span,
                  wc_format(c, "%d", WC_MAX_INCLUDES), NULL);
        return NULL;
    }
    if (!host->load(host->user, c->arena, name, from ? from->path : NULL,
                    &source)) {
        report_missing(c, name, from, span);
        return NULL;
    }
    struct wc_file *file = wc_map_get(&c->by_id, source.id);
    if (file != NULL)
        return known_file(c, file, span);
    if (source.too_big) {
        snprintf(bound, sizeof bound, "%zu", WC_MAX_FILE);
        wc_report(c, WC_FILE_SIZE, span, name, bound);
        return NULL;
    }
    file = new_file(c, &source);
    claim_stem(c, file, span);
    wc_parse_file(c, file);
    load_includes(c, file, depth);
    return file;
}

/* ---- the run ---- */

static void
load_all(struct wc *c, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct wc_file *file = load(c, names[i], NULL, nowhere, 0);
        if (file != NULL)
            file->asked_for = true;
    }
}

static bool
save(struct wc *c, const struct wc_file *file, const char *suffix,
     const struct wc_text *text)
{
    const char *name = wc_format(c, "%s.%s", file->stem, suffix);
    return c->host->save(c->host->user, name, text->ptr, text->len);
}

static bool
generate(struct wc *c)
{
    for (struct wc_file *f = c->files_up; f; f = f->next_up)
        wc_plan_file(c, f);
    if (c->n_errors > 0)
        return false;
    for (struct wc_file *f = c->files_up; f; f = f->next_up) {
        struct wc_text header = {NULL, 0, 0}, source = {NULL, 0, 0};
        if (!f->asked_for && !c->options->recurse)
            continue;
        wc_emit_header(c, f, &header);
        wc_emit_source(c, f, &source);
        if (!save(c, f, "h", &header) || !save(c, f, "c", &source))
            return false;
    }
    return true;
}

static bool
run(struct wc *c, const char *const *names, size_t n)
{
    load_all(c, names, n);
    for (struct wc_file *f = c->files_up; f; f = f->next_up)
        wc_check_names(c, f);
    for (struct wc_file *f = c->files_up; f; f = f->next_up)
        wc_check_file(c, f);
    bool good = c->n_errors == 0 && generate(c);
    wc_show_reports(c);
    return good;
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
    return run(c, names, n) ? 0 : 1;
}

int
wc_compile(const struct wc_options *options, const struct wc_host *host,
           const char *const *names, size_t n_names)
{
    struct weft_arena arena;
    struct wc c = {.arena = &arena, .options = options, .host = host};
    c.files_end = &c.files;
    c.up_end = &c.files_up;
    c.clashes_end = &c.clashes;
    weft_arena_init(&arena, WC_MAX_MEMORY);
    int code = run_protected(&c, names, n_names);
    weft_arena_fini(&arena);
    return code;
}
