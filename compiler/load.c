/* SPDX-License-Identifier: MIT */
/* Loads files, and the files that these include. Each file is loaded once. */
#include "parse/parse.h"
#include "compiler.h"

static const struct wc_span nowhere = {NULL, 0, 0};

static const char *
base_of(struct wc *c, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    size_t len = dot && dot != base ? (size_t)(dot - base) : strlen(base);
    return wc_intern(c, base, len);
}

static struct wc_file *
new_file(struct wc *c, const struct wc_source *source, struct wc_span from)
{
    struct wc_file *file = WC_NEW(c, struct wc_file);
    file->id = source->id;
    file->path = source->path;
    file->base = file->stem = file->output = base_of(c, source->path);
    file->from = from;
    file->text = source->text;
    file->len = (uint32_t)source->len;
    file->defs_end = &file->defs;
    file->includes_end = &file->includes;
    file->headers_end = &file->headers;
    file->number = c->n_files++;
    *c->files_end = file;
    c->files_end = &file->next;
    wc_map_put(c, &c->by_id, file->id, file);
    return file;
}

/* Add an include to the includes with the same prefix: included files with
 * equal base names share one prefix. If a file is included twice, only the
 * first include counts. */
static void
share_prefix(struct wc *c, struct wc_file *file, struct wc_include *include)
{
    struct wc_include *other = wc_map_get(&file->by_prefix, include->prefix);
    if (other == NULL) {
        wc_map_put(c, &file->by_prefix, include->prefix, include);
        return;
    }
    while (other->twin && other->file != include->file)
        other = other->twin;
    if (other->file != include->file)
        other->twin = include;
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
    include->prefix = base_of(c, include->name);
    include->file = load(c, include->name, file, include->span, depth + 1);
    share_prefix(c, file, include);
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
report_missing(struct wc *c, const char *name, const char *why,
               const struct wc_file *from, struct wc_span span)
{
    if (from == NULL) {
        wc_report(c, WC_NO_FILE, nowhere, name,
                  why ? why : "there is no such file");
        return;
    }
    wc_report(c, WC_NO_INCLUDE, span, name, NULL);
    if (why)
        wc_help(c, "one is there, but cannot be read: %s", why);
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
    struct wc_source source = {.id = NULL};
    char bound[32];
    const struct wc_host *host = c->host;
    if (depth > WC_MAX_INCLUDES) {
        wc_report(c, WC_INCLUDE_DEPTH, span,
                  wc_format(c, "%d", WC_MAX_INCLUDES), NULL);
        return NULL;
    }
    if (!host->load(host->user, c->arena, name, from ? from->path : NULL,
                    &source)) {
        if (source.no_memory)
            longjmp(c->no_memory, 1);
        report_missing(c, name, source.why, from, span);
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
    file = new_file(c, &source, span);
    wc_parse_file(c, file);
    if (c->options->mode != WC_FMT)
        load_includes(c, file, depth);
    return file;
}

struct wc_file *
wc_load(struct wc *c, const char *name)
{
    struct wc_file *file = load(c, name, NULL, nowhere, 0);
    if (file != NULL)
        file->asked_for = true;
    return file;
}
