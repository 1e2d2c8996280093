/* SPDX-License-Identifier: MIT */
/*
 * weft describe: prints the whole IDL, one definition, or one method with the
 * types that the method names.
 */
#include "tool.h"

/* The definitions that have been printed already. */
struct told {
    struct wc *c;
    struct wc_text out;
    const struct wc_def **defs;
    uint32_t n, cap;
};

static bool
is_new(struct told *t, const struct wc_def *def)
{
    for (uint32_t i = 0; i < t->n; i++)
        if (t->defs[i] == def)
            return false;
    if (t->n == t->cap) {
        const struct wc_def **old = t->defs;
        t->cap = t->cap ? 2 * t->cap : 16;
        t->defs = wc_alloc(t->c, t->cap * sizeof *t->defs);
        if (t->n > 0)
            memcpy(t->defs, old, t->n * sizeof *old);
    }
    t->defs[t->n++] = def;
    return true;
}

/* Print every definition that the type names, once. */
static void
tell_type(struct told *t, const struct wc_type *type)
{
    if (type->key)
        tell_type(t, type->key);
    if (type->element)
        tell_type(t, type->element);
    if (type->kind != WC_NAMED || !type->def || !is_new(t, type->def))
        return;
    wc_text_printf(t->c, &t->out, "\n");
    wt_put_def(t->c, &t->out, type->def);
    if (type->def->kind == WC_TYPEDEF)
        tell_type(t, type->def->type);
}

static void
tell_fields(struct told *t, const struct wc_field *fields)
{
    for (const struct wc_field *f = fields; f; f = f->next)
        tell_type(t, f->type);
}

/* Print a method, with the types of its arguments, result and exceptions. */
static enum wt_code
describe_method(struct wc *c, const struct wt_method *method)
{
    struct told t = {.c = c};
    const struct wc_function *f = method->function;
    wc_text_printf(c, &t.out, "service %s {\n", method->service->name);
    wt_put_doc(c, &t.out, f->doc, "  ");
    wc_text_printf(c, &t.out, "  ");
    wt_put_function(c, &t.out, f);
    wc_text_printf(c, &t.out, "\n}\n");
    tell_fields(&t, f->args);
    tell_type(&t, f->returns);
    tell_fields(&t, f->throws);
    return wt_print_text(&t.out);
}

static enum wt_code
describe_all(struct wc *c)
{
    struct wc_text out = {"", 0, 0};
    for (const struct wc_file *f = c->files; f; f = f->next) {
        if (!wt_is_root(f))
            continue;
        wt_put_doc(c, &out, f->doc, "");
        for (const struct wc_def *d = f->defs; d; d = d->next) {
            wc_text_printf(c, &out, "%s", out.len > 0 ? "\n" : "");
            wt_put_def(c, &out, d);
        }
    }
    return wt_print_text(&out);
}

static enum wt_code
fail(struct wc *c, const char *name)
{
    struct wc_guess guess = {NULL, 0, 0};
    for (const struct wc_file *f = c->files; f; f = f->next)
        for (const struct wc_def *d = f->defs; d; d = d->next)
            wc_guess_offer(&guess, name, d->name);
    wt_error("the IDL has no `%s`", name);
    if (guess.best)
        wt_help_guess(&guess);
    else
        wt_help("`weft describe` without a name shows all of it");
    return WT_INPUT;
}

static enum wt_code
describe_one(struct wc *c, const char *name)
{
    const struct wc_def *def = wt_find_def(c, name);
    const char *dot = strrchr(name, '.');
    if (def) {
        struct wc_text out = {"", 0, 0};
        wt_put_def(c, &out, def);
        return wt_print_text(&out);
    }
    if (dot) {
        const char *service = wc_copy(c, name, (size_t)(dot - name));
        def = wt_find_def(c, service);
    }
    if (!def || def->kind != WC_SERVICE)
        return fail(c, name);
    struct wt_method method;
    enum wt_code code = wt_find_method(c, name, &method);
    return code ? code : describe_method(c, &method);
}

enum wt_code
wt_describe(struct wc *c, struct wt_options *o)
{
    if (o->n_words > 1) {
        wt_error("`weft describe` takes one name, not `%s` too", o->words[1]);
        wt_help("`weft describe --help` shows how");
        return WT_USAGE;
    }
    return o->n_words > 0 ? describe_one(c, o->words[0]) : describe_all(c);
}
