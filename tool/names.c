/* SPDX-License-Identifier: MIT */
/* Finds services, methods and types of the IDL by the names that the user
 * wrote. */
#include "tool.h"

static const struct wc_def *
find_in(const struct wc_file *file, const char *name)
{
    for (const struct wc_def *d = file->defs; d; d = d->next)
        if (strcmp(d->name, name) == 0)
            return d;
    return NULL;
}

/* Search first the files that the user named, then the files that they
 * include. */
static const struct wc_def *
find_anywhere(const struct wc *c, const char *name)
{
    for (int roots = 1; roots >= 0; roots--)
        for (const struct wc_file *f = c->files; f; f = f->next) {
            const struct wc_def *def = find_in(f, name);
            if (def && wt_is_root(f) == (roots == 1))
                return def;
        }
    return NULL;
}

const struct wc_def *
wt_find_def(const struct wc *c, const char *name)
{
    const char *dot = strrchr(name, '.');
    const struct wc_def *def = find_anywhere(c, name);
    if (def || !dot)
        return def;
    for (const struct wc_file *f = c->files; f && !def; f = f->next)
        if (strlen(f->base) == (size_t)(dot - name) &&
            strncmp(f->base, name, (size_t)(dot - name)) == 0)
            def = find_in(f, dot + 1);
    return def;
}

const struct wc_function *
wt_find_function(const struct wc_def *service, const char *name,
                 const struct wc_def **owner)
{
    for (const struct wc_def *d = service; d; d = d->service.parent)
        for (const struct wc_function *f = d->service.functions; f; f = f->next)
            if (strcmp(f->name, name) == 0) {
                *owner = d;
                return f;
            }
    return NULL;
}

/* ---- methods ---- */

static enum wt_code
fail_service(const struct wc *c, const char *name)
{
    struct wc_guess guess = {NULL, 0, 0};
    for (const struct wc_file *f = c->files; f; f = f->next)
        for (const struct wc_def *d = f->defs; d; d = d->next)
            if (d->kind == WC_SERVICE)
                wc_guess_offer(&guess, name, d->name);
    wt_error("the IDL has no service `%s`", name);
    if (guess.best)
        wt_help_guess(&guess);
    else
        wt_help("`weft list` shows its services");
    return WT_INPUT;
}

static enum wt_code
fail_method(const struct wc_def *service, const char *name)
{
    struct wc_guess guess = {NULL, 0, 0};
    for (const struct wc_def *d = service; d; d = d->service.parent)
        for (const struct wc_function *f = d->service.functions; f; f = f->next)
            wc_guess_offer(&guess, name, f->name);
    wt_error("service %s has no method `%s`", service->name, name);
    if (guess.best)
        wt_help_guess(&guess);
    else
        wt_help("`weft list` shows its methods");
    return WT_INPUT;
}

/* Do two services define a method of that name? */
static bool
is_ambiguous(const struct wc *c, const char *name)
{
    unsigned n = 0;
    for (const struct wc_file *f = c->files; f; f = f->next)
        for (const struct wc_def *d = f->defs; d; d = d->next) {
            const struct wc_def *owner = NULL;
            if (d->kind == WC_SERVICE && wt_find_function(d, name, &owner))
                n += owner == d;
        }
    return n > 1;
}

static void
found(struct wc *c, const struct wc_def *service, const struct wc_function *f,
      struct wt_method *method)
{
    *method = (struct wt_method){
        .service = service,
        .function = f,
        .name = wc_format(c, "%s.%s", service->name, f->name),
        .is_ambiguous = is_ambiguous(c, f->name),
    };
}

/* The search for the service of a method that the user named without a
 * service. */
struct bare {
    const char *name;
    const struct wc_def *service, *other; /* other: a second service with it */
    struct wc_guess guess;
};

static void
look_in(struct bare *b, const struct wc_def *service)
{
    const struct wc_def *owner;
    wc_guess_offer(&b->guess, b->name, service->name);
    for (const struct wc_def *d = service; d; d = d->service.parent)
        for (const struct wc_function *f = d->service.functions; f; f = f->next)
            wc_guess_offer(&b->guess, b->name, f->name);
    if (!wt_find_function(service, b->name, &owner))
        return;
    if (b->service)
        b->other = service;
    else
        b->service = service;
}

static enum wt_code
find_bare(struct wc *c, const char *name, struct wt_method *method)
{
    const struct wc_def *owner;
    struct bare b = {.name = name};
    for (const struct wc_file *f = c->files; f; f = f->next)
        for (const struct wc_def *d = f->defs; d; d = d->next)
            if (d->kind == WC_SERVICE)
                look_in(&b, d);
    if (!b.service) {
        wt_error("no service has a method `%s`; write Service.method", name);
        wt_help_guess(&b.guess);
        return WT_INPUT;
    }
    if (b.other) {
        wt_error("%s and %s both have a method `%s`", b.service->name,
                 b.other->name, name);
        wt_help("write %s.%s or %s.%s", b.service->name, name, b.other->name,
                name);
        return WT_INPUT;
    }
    found(c, b.service, wt_find_function(b.service, name, &owner), method);
    return WT_OK;
}

enum wt_code
wt_find_method(struct wc *c, const char *name, struct wt_method *method)
{
    const char *dot = strrchr(name, '.');
    const struct wc_def *owner;
    if (!dot)
        return find_bare(c, name, method);
    const char *service_name = wc_copy(c, name, (size_t)(dot - name));
    const struct wc_def *service = wt_find_def(c, service_name);
    if (!service || service->kind != WC_SERVICE)
        return fail_service(c, service_name);
    const struct wc_function *f = wt_find_function(service, dot + 1, &owner);
    if (!f)
        return fail_method(service, dot + 1);
    found(c, service, f, method);
    return WT_OK;
}
