/* SPDX-License-Identifier: MIT */
/* Binds the names of types and services to their definitions. */
#include "check/check.h"
#include "parse/parse.h"

size_t
wc_prefix_len(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot ? (size_t)(dot - name) : 0;
}

struct wc_include *
wc_find_include(struct wc *c, const struct wc_file *file, const char *name,
                size_t prefix_len)
{
    return wc_map_get(&file->by_prefix, wc_intern(c, name, prefix_len));
}

static void
report_twins(struct wc *c, struct wc_span span, const char *name,
             const struct wc_def *one, const struct wc_def *other)
{
    wc_report(c, WC_AMBIGUOUS, span, name, NULL);
    wc_note(c, one->span, "it is %s here", wc_def_phrase(one));
    wc_note(c, other->span, "and %s here", wc_def_phrase(other));
}

/* Search all included files that have the base name of `include`, as if they
 * were one file. */
static struct wc_def *
find_included(struct wc *c, struct wc_include *include, const char *bare,
              bool consts, struct wc_span span)
{
    struct wc_def *found = NULL;
    for (struct wc_include *i = include; i; i = i->twin) {
        if (i->file == NULL)
            continue;
        const struct wc_map *map = consts ? &i->file->consts : &i->file->types;
        struct wc_def *def = wc_map_get(map, bare);
        if (def == NULL)
            continue;
        i->used = true;
        if (found != NULL) {
            const char *name = wc_format(c, "%s.%s", i->prefix, bare);
            report_twins(c, span, name, found, def);
            break;
        }
        found = def;
    }
    return found;
}

static struct wc_def *
find_def(struct wc *c, struct wc_file *file, const char *name, bool consts,
         struct wc_span span)
{
    size_t len = wc_prefix_len(name);
    if (len == 0)
        return wc_map_get(consts ? &file->consts : &file->types, name);
    struct wc_include *include = wc_find_include(c, file, name, len);
    return find_included(c, include, name + len + 1, consts, span);
}

struct wc_def *
wc_find_const(struct wc *c, struct wc_file *file, const char *name,
              struct wc_span span)
{
    return find_def(c, file, name, true, span);
}

struct wc_def *
wc_find_type(struct wc *c, struct wc_file *file, const char *name,
             struct wc_span span)
{
    return find_def(c, file, name, false, span);
}

/* ---- reports of unknown names ---- */

static void
guess_qualified(struct wc *c, struct wc_guess *guess, const char *wanted,
                const struct wc_include *include)
{
    const struct wc_map *map = &include->file->types;
    const char *bare = wanted + wc_prefix_len(wanted);
    bare += *bare == '.';
    for (uint32_t i = 0; i < map->cap; i++) {
        const char *key = map->slots[i].key;
        if (key == NULL || guess->n > 10000)
            continue;
        /* The most likely mistake is to leave out the prefix of an included
         * file. */
        const char *full = wc_format(c, "%s.%s", include->prefix, key);
        if (strcmp(key, bare) == 0 && !strchr(wanted, '.')) {
            guess->best = full;
            guess->distance = 0;
        }
        wc_guess_offer(guess, wanted, full);
    }
}

/* Returns the type of the IDL that other languages call `name`, such as i32 for
 * "int"; or NULL. */
static const char *
usual_name(const char *name)
{
    static const char *const names[][2] = {
        {"int", "i32"},      {"int8", "i8"},      {"int16", "i16"},
        {"int32", "i32"},    {"int64", "i64"},    {"long", "i64"},
        {"short", "i16"},    {"uint8", "i8"},     {"uint16", "i16"},
        {"uint32", "i32"},   {"uint64", "i64"},   {"float", "double"},
        {"str", "string"},   {"text", "string"},  {"bytes", "binary"},
        {"boolean", "bool"}, {"array", "list"},   {"vector", "list"},
        {"dict", "map"},     {"slist", "string"}, {"guid", "uuid"},
        {"int32_t", "i32"},  {"int64_t", "i64"},  {"float64", "double"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i][0]) == 0)
            return names[i][1];
    }
    return NULL;
}

static void
explain_unknown(struct wc *c, struct wc_file *file, const char *name,
                bool types)
{
    struct wc_guess guess = {NULL, 0, 0};
    size_t len = wc_prefix_len(name);
    const struct wc_include *include = wc_find_include(c, file, name, len);
    if (len > 0 && include == NULL) {
        wc_help(c, "nothing is included as `%.*s`", (int)len, name);
        return;
    }
    if (include != NULL && include->file == NULL) {
        wc_note(c, include->span, "this file could not be read");
        return;
    }
    if (types && usual_name(name)) {
        wc_help(c, "in Thrift it is `%s`", usual_name(name));
        return;
    }
    if (types)
        wc_guess_types(&guess, name);
    wc_guess_map(&guess, name, &file->types);
    for (const struct wc_include *i = file->includes; i; i = i->next) {
        if (i->file != NULL)
            guess_qualified(c, &guess, name, i);
    }
    wc_guess_help(c, &guess);
}

static void
report_unknown(struct wc *c, enum wc_diag diag, struct wc_file *file,
               struct wc_span span, const char *name)
{
    /* To guess the intended name takes time, so this function does not guess
     * for a report that is not shown. */
    wc_report(c, diag, span, name, NULL);
    if (c->last_report != NULL)
        explain_unknown(c, file, name, diag == WC_UNKNOWN_TYPE);
}

/* ---- binding ---- */

static void
bind_name(struct wc *c, struct wc_file *file, struct wc_type *type)
{
    if (type->def != NULL || strcmp(type->name, "?") == 0)
        return; /* the type is bound already, or has a syntax error */
    struct wc_def *def = wc_find_type(c, file, type->name, type->span);
    if (def != NULL && def->kind != WC_SERVICE) {
        type->def = def;
        return;
    }
    if (def != NULL) {
        wc_report(c, WC_NOT_A_TYPE, type->span, type->name, wc_def_phrase(def));
        wc_note(c, def->span, "it is defined here");
        return;
    }
    report_unknown(c, WC_UNKNOWN_TYPE, file, type->span, type->name);
    def = wc_map_get(&file->consts, type->name);
    if (def != NULL)
        wc_note(c, def->span, "a constant has that name");
}

/* The parser bounds the depth of the recursion. */
void
wc_bind_type(struct wc *c, struct wc_file *file, struct wc_type *type)
{
    if (type->kind == WC_NAMED)
        bind_name(c, file, type);
    if (type->key != NULL)
        wc_bind_type(c, file, type->key);
    if (type->element != NULL)
        wc_bind_type(c, file, type->element);
}

void
wc_bind_parent(struct wc *c, struct wc_file *file, struct wc_def *def)
{
    const char *name = def->service.extends;
    struct wc_span span = def->service.extends_span;
    if (name == NULL)
        return;
    struct wc_def *parent = wc_find_type(c, file, name, span);
    if (parent == NULL) {
        report_unknown(c, WC_UNKNOWN_SERVICE, file, span, name);
    } else if (parent->kind != WC_SERVICE) {
        wc_report(c, WC_NOT_A_SERVICE, span, name, wc_def_phrase(parent));
        wc_note(c, parent->span, "it is defined here");
    } else {
        def->service.parent = parent;
    }
}
