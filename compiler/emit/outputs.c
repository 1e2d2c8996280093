/* SPDX-License-Identifier: MIT */
/*
 * Names of the generated files, and the dependency file for make. A header has
 * the name of its Thrift file. If two files of a run have the same name, both
 * keep the folders in which their paths differ: x/b.h and y/b.h. The names
 * depend only on the set of files that are compiled together.
 */
#include "emit/emit.h"

/* Folders of system headers: a generated header in one of these folders could
 * hide a header of `#include <...>`. */
static const char *const header_folders[] = {
    "arpa/", "asm/",     "bits/", "gnu/",  "linux/",
    "net/",  "netinet/", "sys/",  "weft/",
};
static const char *const headers[] = {
#include "emit/headers.def"
};

/* True if the stem is the name of a system header, perhaps with underscores
 * after it. Such a stem gets one more underscore. So no output hides a system
 * header, and different stems have different outputs. */
static bool
needs_underscore(const char *stem)
{
    for (size_t i = 0; i < sizeof header_folders / sizeof *header_folders;
         i++) {
        if (strncmp(stem, header_folders[i], strlen(header_folders[i])) == 0)
            return true;
    }
    const char *slash = strrchr(stem, '/');
    const char *base = slash ? slash + 1 : stem;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        size_t len = strlen(headers[i]);
        if (strncmp(base, headers[i], len) == 0 &&
            base[len + strspn(base + len, "_")] == '\0')
            return true;
    }
    return false;
}

/* True if the stem can be written into #include lines and comments. */
static bool
is_plain(const char *stem)
{
    for (; *stem; stem++) {
        if ((uint8_t)*stem < ' ' || strchr("\"\\*?<>", *stem))
            return false;
    }
    return true;
}

static void
group(struct wc *c, struct wc_file *file)
{
    struct wc_file *first = wc_map_get(&c->by_base, file->base);
    file->twin = NULL;
    if (first == NULL) {
        wc_map_put(c, &c->by_base, file->base, file);
        return;
    }
    file->twin = first->twin;
    first->twin = file;
}

/* Give a file of a group a prefix from its path if the file has no namespace,
 * because the files of a group have the same name. */
static void
use_path_prefix(struct wc *c, struct wc_file *file)
{
    if (file->namespace_c || file->fallback || !strchr(file->stem, '/'))
        return;
    file->prefix_by_path = true;
    wc_report(c, WC_PATH_PREFIX, file->from, file->base, wc_c_prefix(c, file));
    wc_help(c, "a `namespace c` in %s sets another prefix", file->path);
}

/* Length of the folders with which the paths of all files of a group begin,
 * including the last slash. */
static size_t
common_folders(const struct wc_file *first)
{
    const char *slash = strrchr(first->id, '/');
    size_t len = slash ? (size_t)(slash - first->id) + 1 : 0;
    for (const struct wc_file *f = first->twin; f; f = f->twin) {
        size_t same = 0;
        while (same < len && f->id[same] == first->id[same])
            same++;
        while (same > 0 && first->id[same - 1] != '/')
            same--;
        len = same;
    }
    return len;
}

static void
name_group(struct wc *c, struct wc_file *first)
{
    struct wc_map taken = {NULL, 0, 0};
    size_t folders = common_folders(first);
    for (struct wc_file *f = first; f; f = f->twin) {
        const char *path = f->id + folders;
        const char *slash = strrchr(path, '/');
        int len = slash ? (int)(slash - path) + 1 : 0;
        f->stem = wc_format(c, "%.*s%s", len, path, f->base);
        const struct wc_file *other = wc_map_get(&taken, f->stem);
        if (other != NULL) {
            wc_report(c, WC_SAME_STEM, f->from, f->base, NULL);
            wc_help(c, "%s and %s would both become %s.h", other->path, f->path,
                    f->stem);
        }
        wc_map_put(c, &taken, f->stem, f);
        use_path_prefix(c, f);
    }
}

void
wc_name_outputs(struct wc *c)
{
    for (struct wc_file *f = c->files; f; f = f->next)
        group(c, f);
    for (struct wc_file *f = c->files; f; f = f->next) {
        if (f->twin && wc_map_get(&c->by_base, f->base) == f)
            name_group(c, f);
        if (!is_plain(f->stem))
            wc_report(c, WC_FILE_NAME, f->from, NULL, NULL);
        bool more = needs_underscore(f->stem);
        f->output = more ? wc_format(c, "%s_", f->stem) : f->stem;
    }
}

const char *
wc_output_path(struct wc *c, const struct wc_file *file, const char *suffix)
{
    const char *out = c->options->out ? c->options->out : "";
    return wc_format(c, "%s%s%s%s", out, *out ? "/" : "", file->output, suffix);
}

/* ---- for make ---- */

static void
put_path(struct wc *c, struct wc_text *out, const char *path)
{
    for (; *path; path++) {
        if (*path == '$')
            wc_text_add(c, out, "$", 1);
        else if (strchr(" #:\\", *path))
            wc_text_add(c, out, "\\", 1);
        wc_text_add(c, out, path, 1);
    }
}

void
wc_put_deps(struct wc *c, struct wc_text *out)
{
    const char *before = "";
    for (const struct wc_file *f = c->files; f; f = f->next) {
        if (!f->asked_for && !c->options->recurse)
            continue;
        wc_text_printf(c, out, "%s", before);
        put_path(c, out, wc_output_path(c, f, ".h"));
        wc_text_printf(c, out, " ");
        put_path(c, out, wc_output_path(c, f, ".c"));
        before = " \\\n ";
    }
    wc_text_printf(c, out, ":");
    for (const struct wc_file *f = c->files; f; f = f->next) {
        wc_text_printf(c, out, " \\\n ");
        put_path(c, out, f->path);
    }
    wc_text_printf(c, out, "\n");
}
