/* SPDX-License-Identifier: MIT */
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
wc_dirs_add(struct wc_dirs *dirs, const char *dir)
{
    if (dirs->n_search == WC_MAX_DIRS)
        return false;
    dirs->search[dirs->n_search++] = dir;
    return true;
}

/* ---- reading ---- */

/* Open a file. Refuse a directory, because fopen opens a directory for
 * reading. */
static FILE *
open_file(const char *path)
{
    struct stat st;
    FILE *f = fopen(path, "rb");
    if (f && (fstat(fileno(f), &st) != 0 || S_ISDIR(st.st_mode))) {
        fclose(f);
        errno = EISDIR;
        return NULL;
    }
    return f;
}

/* Read the whole file. The file may be a pipe, so its size is not known in
 * advance. */
static bool
read_all(FILE *f, struct weft_arena *arena, struct wc_source *source)
{
    size_t cap = 64 * 1024, len = 0;
    char *text = weft_arena_alloc(arena, cap);
    while (text) {
        len += fread(text + len, 1, cap - len, f);
        if (len < cap)
            break;
        char *more = weft_arena_alloc(arena, cap * 2);
        if (more)
            memcpy(more, text, len);
        text = more;
        cap *= 2;
        if (len > WC_MAX_FILE)
            break;
    }
    source->text = text;
    source->len = len;
    source->too_big = len > WC_MAX_FILE;
    return text != NULL && !ferror(f);
}

static const char *
keep(struct weft_arena *arena, const char *text)
{
    return weft_arena_str(arena, text, strlen(text)).ptr;
}

/* Keep the error text of the system, but not for a file that does not exist.
 * Returns false. */
static bool
tell_why(struct wc_source *source)
{
    if (errno != ENOENT)
        source->why = strerror(errno);
    return false;
}

static bool
load_path(struct weft_arena *arena, const char *path, struct wc_source *source)
{
    FILE *f = open_file(path);
    if (f == NULL)
        return tell_why(source);
    char *real = realpath(path, NULL);
    bool good = read_all(f, arena, source);
    source->path = keep(arena, path);
    source->id = keep(arena, real ? real : path);
    source->no_memory = !source->text || !source->path || !source->id;
    free(real);
    if (!good)
        tell_why(source);
    fclose(f);
    return good && !source->no_memory;
}

/* Load `name` from a directory; "" is the current directory. `slash` separates
 * the two: it is "" if the directory is "" or ends in a slash. */
static bool
load_in(struct weft_arena *arena, const char *dir, size_t len,
        const char *slash, const char *name, struct wc_source *source)
{
    struct weft_str path =
        weft_arena_printf(arena, "%.*s%s%s", (int)len, dir, slash, name);
    source->no_memory = !path.ptr;
    return path.ptr && load_path(arena, path.ptr, source);
}

static bool
load_from(const struct wc_dirs *dirs, size_t i, struct weft_arena *arena,
          const char *name, struct wc_source *source)
{
    const char *dir = dirs->search[i];
    size_t len = strlen(dir);
    const char *slash = len > 0 && dir[len - 1] != '/' ? "/" : "";
    return load_in(arena, dir, len, slash, name, source);
}

static bool
load(void *user, struct weft_arena *arena, const char *name, const char *from,
     struct wc_source *source)
{
    const struct wc_dirs *dirs = user;
    if (from == NULL || name[0] == '/')
        return load_path(arena, name, source);
    const char *slash = strrchr(from, '/');
    size_t len = slash ? (size_t)(slash - from) + 1 : 0;
    bool found = load_in(arena, from, len, "", name, source);
    for (size_t i = 0; i < dirs->n_search && !found && !source->no_memory; i++)
        found = load_from(dirs, i, arena, name, source);
    return found;
}

/* ---- writing ---- */

static bool
fail(const char *what, const char *path)
{
    fprintf(stderr, "weftc: cannot %s %s: %s\n", what, path, strerror(errno));
    return false;
}

/* True if the file has this text already. The caller then does not write the
 * file, so that the time of the file stays the same and no build step runs
 * again. */
static bool
is_same(const char *path, const char *text, size_t len)
{
    FILE *f = open_file(path);
    char part[1 << 16];
    bool same = f != NULL;
    for (size_t n; same && (n = fread(part, 1, sizeof part, f)) > 0;) {
        same = n <= len && memcmp(part, text, n) == 0;
        text += same ? n : 0;
        len -= same ? n : 0;
    }
    if (f)
        fclose(f);
    return same && len == 0;
}

static bool
write_all(const char *path, const char *text, size_t len)
{
    FILE *f = fopen(path, "wb");
    if (f == NULL)
        return false;
    bool good = fwrite(text, 1, len, f) == len;
    return fclose(f) == 0 && good;
}

/* Make the folders of a path. Errors are ignored, because the caller reports an
 * error when it opens the file. */
static void
make_folders(const char *path)
{
    char folder[4096];
    for (size_t i = 0; path[i]; i++) {
        if (path[i] == '/' && i > 0) {
            folder[i] = '\0';
            mkdir(folder, 0777);
        }
        folder[i] = path[i];
    }
}

static bool
may_save(void *user, const char *path)
{
    static const char mark[] = "/* Made by weftc";
    char start[sizeof mark - 1];
    (void)user;
    FILE *f = open_file(path);
    if (!f)
        return true; /* there is no file, or save() reports the error */
    size_t n = fread(start, 1, sizeof start, f);
    fclose(f);
    if (n == 0 || (n == sizeof start && memcmp(start, mark, n) == 0))
        return true;
    fprintf(stderr,
            "weftc: %s was not made by weftc, so it is left as it is; move it, "
            "or write elsewhere with -o\n",
            path);
    return false;
}

/* Write the file under another name, and then rename the file, so that no
 * reader sees half of it. */
static bool
save(void *user, const char *path, const char *text, size_t len)
{
    char temporary[4200];
    (void)user;
    if (strlen(path) >= 4096) {
        errno = ENAMETOOLONG;
        return fail("write", path);
    }
    snprintf(temporary, sizeof temporary, "%s.%ld", path, (long)getpid());
    if (is_same(path, text, len))
        return true;
    make_folders(path);
    if (write_all(temporary, text, len) && rename(temporary, path) == 0)
        return true;
    fail("write", path);
    remove(temporary);
    return false;
}

static void
print(void *user, const char *text, size_t len)
{
    (void)user;
    fwrite(text, 1, len, stdout);
}

static void
report(void *user, const char *text, size_t len)
{
    (void)user;
    fwrite(text, 1, len, stderr);
}

struct wc_host
wc_file_host(struct wc_dirs *dirs)
{
    return (struct wc_host){dirs, load, may_save, save, print, report};
}
