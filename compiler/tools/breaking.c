/* SPDX-License-Identifier: MIT */
/*
 * Compares two versions of a file and reports what breaks for programs and
 * messages of the old version. An included file is compared with the file that
 * the new version includes by the same prefix. docs/idl.md has the table of
 * rules.
 */
#include "tools/breaking.h"
#include "emit/emit.h"
#include "tools/tools.h"

static struct wc_span
begin_of(struct wc_file *file)
{
    return (struct wc_span){file, 0, 0};
}

static void
report_gone(struct wc *c, struct wc_span span, const char *what,
            const char *name, struct wc_span old)
{
    wc_report(c, WC_BREAK_GONE, span, what, name);
    wc_note(c, old, "it was here");
}

/* ---- enums ---- */

static void
compare_enums(struct wc *c, const struct wc_def *old, const struct wc_def *now)
{
    for (const struct wc_enum_value *v = old->enums.values; v; v = v->next) {
        const struct wc_enum_value *same =
            wc_map_get(&now->enums.by_name, v->name);
        if (same == NULL) {
            same = wc_enum_find(&now->enums, v->number);
            if (same)
                wc_report(c, WC_BREAK_RENAME, same->span, same->name, v->name);
            else
                report_gone(c, now->span, "enum value", v->name, v->span);
        } else if (same->number != v->number) {
            wc_report(c, WC_BREAK_NUMBER, same->span, same->name,
                      wc_format(c, "%d", v->number));
            wc_note(c, v->span, "it was here");
        }
    }
}

/* ---- services ---- */

static const struct wc_function *
find_function(const struct wc_def *service, const char *name)
{
    for (; service; service = service->service.parent) {
        const struct wc_function *f =
            wc_map_get(&service->service.by_name, name);
        if (f != NULL)
            return f;
    }
    return NULL;
}

static void
compare_functions(struct wc_breaking *b, const struct wc_function *old,
                  const struct wc_function *now)
{
    struct wc *c = b->c;
    if (old == now || !wc_break_is_new(b, old, now))
        return;
    if (old->oneway != now->oneway)
        wc_report(c, WC_BREAK_ONEWAY, now->span, now->name,
                  now->oneway ? "became" : "is no longer");
    if (old->idempotent && !now->idempotent)
        wc_report(c, WC_BREAK_IDEMPOTENT, now->span, now->name, NULL);
    wc_break_type(b, old->returns, now->returns,
                  wc_format(c, "the result of `%s`", now->name), now->span);
    wc_break_fields(b, old->args, now->args, WC_ARGS, now->name, now->span);
    wc_break_fields(b, old->throws, now->throws, WC_RESULT, now->name,
                    now->span);
}

static void
compare_services(struct wc_breaking *b, const struct wc_def *old,
                 const struct wc_def *now)
{
    for (const struct wc_def *s = old; s; s = s->service.parent) {
        const struct wc_function *f = s->service.functions;
        for (; f; f = f->next) {
            const struct wc_function *same = find_function(now, f->name);
            if (same != NULL) {
                compare_functions(b, f, same);
                continue;
            }
            wc_report(b->c, WC_BREAK_FUNCTION, now->span, f->name, now->name);
            wc_note(b->c, f->span, "it was here");
        }
    }
}

/* ---- definitions ---- */

static void
compare_consts(struct wc_breaking *b, const struct wc_def *old,
               const struct wc_def *now)
{
    wc_break_type(b, old->type, now->type,
                  wc_format(b->c, "constant `%s`", now->name), now->span);
    if (strcmp(wc_const_text(b->c, old->init),
               wc_const_text(b->c, now->init)) != 0)
        wc_report(b->c, WC_BREAK_VALUE, now->span, now->name, NULL);
}

static void
compare_defs(struct wc_breaking *b, struct wc_def *old, struct wc_def *now)
{
    if (old->kind != now->kind) {
        wc_report(b->c, WC_BREAK_CODE, now->span,
                  wc_format(b->c, "`%s`", now->name),
                  wc_format(b->c, "%s became %s", wc_def_text(old),
                            wc_def_text(now)));
        return;
    }
    switch (old->kind) {
    case WC_CONST:
        compare_consts(b, old, now);
        break;
    case WC_TYPEDEF:
        wc_break_type(b, old->type, now->type,
                      wc_format(b->c, "typedef `%s`", now->name), now->span);
        break;
    case WC_ENUM:
        compare_enums(b->c, old, now);
        break;
    case WC_RECORD:
        wc_break_record(b, old, now);
        break;
    case WC_SERVICE:
        compare_services(b, old, now);
        break;
    }
}

static void
find_def(struct wc_breaking *b, struct wc_def *old, struct wc_file *now)
{
    const struct wc_map *map =
        old->kind == WC_CONST ? &now->consts : &now->types;
    struct wc_def *same = wc_map_get(map, old->name);
    if (same != NULL) {
        compare_defs(b, old, same);
    } else if (old->kind == WC_SERVICE) {
        wc_report(b->c, WC_BREAK_SERVICE, begin_of(now), old->name, NULL);
        wc_note(b->c, old->span, "it was here");
    } else {
        report_gone(b->c, begin_of(now), wc_def_text(old), old->name,
                    old->span);
    }
}

/* ---- files ---- */

static void
compare_prefixes(struct wc *c, struct wc_file *old, struct wc_file *now)
{
    const char *was = wc_c_prefix(c, old), *is = wc_c_prefix(c, now);
    bool named = old->namespace_span.len > 0 || now->namespace_span.len > 0;
    struct wc_span span = now->namespace_span;
    if (!named || strcmp(was, is) == 0)
        return;
    wc_report(c, WC_BREAK_PREFIX, span.len ? span : begin_of(now), was, is);
}

/* The recursion is at most WC_MAX_INCLUDES deep. */
static void
compare_files(struct wc_breaking *b, struct wc_file *old, struct wc_file *now)
{
    if (old == now || !wc_break_is_new(b, old, now))
        return;
    compare_prefixes(b->c, old, now);
    for (struct wc_def *def = old->defs; def; def = def->next)
        find_def(b, def, now);
    for (const struct wc_include *i = old->includes; i; i = i->next) {
        const struct wc_include *same =
            wc_find_include(b->c, now, i->prefix, strlen(i->prefix));
        bool twins = same && same->twin;
        if (i->file && same && same->file && !twins)
            compare_files(b, i->file, same->file);
    }
}

bool
wc_breaking(struct wc *c, struct wc_file *old, struct wc_file *now)
{
    struct wc_breaking b = {.c = c};
    compare_files(&b, old, now);
    return c->n_breaks > 0;
}
