/* SPDX-License-Identifier: MIT */
/* Makes a checked tree and its descriptors from files, or from texts in
 * memory. */
#include "idl/idl.h"

#include <errno.h>
#include <stdlib.h>

#define MEMORY ((size_t)1 << 30)

/* ---- texts in memory ---- */

/* The number of components that two paths share at their ends. */
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
    return a_ends && b_ends ? shared + 1 : shared;
}

/* Find a text whose name is that of the folder followed by `name`. */
static const struct weft_idl_text *
find_in(const struct wi_texts *texts, struct weft_str folder, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < texts->n; i++) {
        struct weft_str whole = texts->items[i].name;
        if (whole.len == folder.len + len && whole.len > 0 &&
            memcmp(whole.ptr + folder.len, name, len) == 0 &&
            (folder.len == 0 || memcmp(whole.ptr, folder.ptr, folder.len) == 0))
            return &texts->items[i];
    }
    return NULL;
}

static const struct weft_idl_text *
find_nearest(const struct wi_texts *texts, const char *name)
{
    const struct weft_idl_text *best = NULL;
    uint32_t most = 0;
    for (size_t i = 0; i < texts->n; i++) {
        uint32_t shared = shared_tail(texts->items[i].name, name);
        if (shared > most) {
            most = shared;
            best = &texts->items[i];
        }
    }
    return best;
}

/* Find a text. If no text has the whole name, the end of a name is enough,
 * because a server does not tell in which folders its files were. */
static bool
load_text(void *user, struct weft_arena *arena, const char *name,
          const char *from, struct wc_source *source)
{
    const struct wi_texts *texts = user;
    const char *slash = from ? strrchr(from, '/') : NULL;
    struct weft_str here = {from, slash ? (uint32_t)(slash - from) + 1 : 0};
    const struct weft_idl_text *text = find_in(texts, here, name);
    if (!text)
        text = find_in(texts, (struct weft_str){NULL, 0}, name);
    if (!text)
        text = find_nearest(texts, name);
    if (!text)
        return false;
    struct weft_str path =
        weft_arena_str(arena, text->name.ptr, text->name.len);
    struct weft_str copy =
        weft_arena_str(arena, text->text.ptr, text->text.len);
    *source = (struct wc_source){.id = path.ptr,
                                 .path = path.ptr,
                                 .text = copy.ptr,
                                 .len = copy.len,
                                 .too_big = copy.len > WC_MAX_FILE,
                                 .no_memory = !path.ptr || !copy.ptr};
    return !source->no_memory;
}

static void
keep_silent(void *user, const char *text, size_t len)
{
    (void)user;
    (void)text;
    (void)len;
}

struct wc_host
wi_text_host(struct wi_texts *texts)
{
    return (struct wc_host){
        .user = texts, .load = load_text, .report = keep_silent};
}

/* ---- the tree ---- */

/* Load and check the files. If there is no memory, longjmp returns to the
 * setjmp of this function. After the longjmp this function reads no variables,
 * because longjmp can make variables indeterminate. */
static weft_err
run_protected(struct weft_idl *idl, const char *const *names, size_t n)
{
    struct wc *c = &idl->c;
    if (setjmp(c->no_memory))
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        (void)wc_load(c, names[i]); /* an error has been reported */
    bool good = wc_check_all(c);
    wc_show_reports(c);
    return good ? WEFT_OK : WEFT_EIDL;
}

weft_err
wi_open(const struct wc_host *host, const char *const *names, size_t n,
        size_t memory, struct weft_idl **out)
{
    struct weft_idl *idl = calloc(1, sizeof *idl);
    *out = NULL;
    if (!idl)
        return -ENOMEM;
    weft_arena_init(&idl->arena, memory ? memory : MEMORY);
    idl->options = (struct wc_options){.no_warnings = true};
    idl->host = *host;
    wc_init(&idl->c, &idl->arena, &idl->options, &idl->host);
    weft_err err = run_protected(idl, names, n);
    if (err)
        weft_idl_free(idl);
    else
        *out = idl;
    return err;
}

void
weft_idl_free(struct weft_idl *idl)
{
    if (!idl)
        return;
    weft_arena_fini(&idl->arena);
    free(idl);
}

/* ---- with descriptors ---- */

/* The `user` of a host that takes `load` from a wc_host and `report` from
 * weft_idl_options. Each of these two functions needs its own `user`. */
struct both {
    struct wc_host inner;
    const struct weft_idl_options *options;
};

static bool
load_inner(void *user, struct weft_arena *arena, const char *name,
           const char *from, struct wc_source *source)
{
    struct both *both = user;
    return both->inner.load(both->inner.user, arena, name, from, source);
}

static void
report_outer(void *user, const char *text, size_t len)
{
    struct both *both = user;
    if (both->options && both->options->report)
        both->options->report(both->options->user, text, len);
}

static weft_err
index_protected(struct weft_idl *idl)
{
    if (setjmp(idl->c.no_memory))
        return -ENOMEM;
    wi_index(idl);
    return WEFT_OK;
}

static weft_err
open_and_index(const struct wc_host *inner, const char *const *names, size_t n,
               const struct weft_idl_options *options, struct weft_idl **out)
{
    struct both both = {*inner, options};
    struct wc_host host = {
        .user = &both, .load = load_inner, .report = report_outer};
    struct weft_idl *idl;
    weft_err err =
        wi_open(&host, names, n, options ? options->memory : 0, &idl);
    *out = NULL;
    if (err)
        return err;
    err = index_protected(idl);
    idl->host = (struct wc_host){0}; /* `both` is a local variable */
    if (err)
        weft_idl_free(idl);
    else
        *out = idl;
    return err;
}

weft_err
weft_idl_load(const char *const *paths, size_t n,
              const struct weft_idl_options *options, struct weft_idl **idl)
{
    struct wc_dirs dirs = {.n_search = 0};
    const char *const *folder = options ? options->folders : NULL;
    for (; folder && *folder; folder++)
        if (!wc_dirs_add(&dirs, *folder)) {
            *idl = NULL;
            return -EINVAL;
        }
    struct wc_host host = wc_file_host(&dirs);
    return open_and_index(&host, paths, n, options, idl);
}

weft_err
weft_idl_load_texts(const struct weft_idl_text *texts, size_t n,
                    const struct weft_idl_options *options,
                    struct weft_idl **idl)
{
    struct wi_texts all = {texts, n};
    struct wc_host host = wi_text_host(&all);
    struct weft_arena arena;
    weft_err err = WEFT_OK;
    weft_arena_init(&arena, 0);
    const char **names = weft_arena_alloc(&arena, (n + 1) * sizeof *names);
    for (size_t i = 0; names && i < n && !err; i++) {
        names[i] =
            weft_arena_str(&arena, texts[i].name.ptr, texts[i].name.len).ptr;
        err = names[i] ? WEFT_OK : -ENOMEM;
    }
    *idl = NULL;
    if (!names)
        err = -ENOMEM;
    if (!err)
        err = open_and_index(&host, names, n, options, idl);
    weft_arena_fini(&arena);
    return err;
}
