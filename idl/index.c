/* SPDX-License-Identifier: MIT */
/* Makes the services and methods of the loaded files, and fills the tables in
 * which find.c finds services, methods and records by name. */
#include "idl/idl.h"

/* Store the value under "file.Name". If no earlier file has that name, store
 * the value under "Name" too. */
static void
put_both(struct weft_idl *idl, struct wc_map *map, const struct wc_file *file,
         const char *name, void *value)
{
    struct wc *c = &idl->c;
    const char *whole = wc_format(c, "%s.%s", file->base, name);
    if (!wc_map_get(map, name))
        wc_map_put(c, map, name, value);
    if (!wc_map_get(map, whole))
        wc_map_put(c, map, whole, value);
}

/* ---- methods ---- */

static void
put_bare(struct weft_idl *idl, const char *name, void *method)
{
    void *known = wc_map_get(&idl->by_method, name);
    wc_map_put(&idl->c, &idl->by_method, name,
               known ? (void *)(uintptr_t)&wi_ambiguous : method);
}

static uint32_t
count_methods(const struct wc_def *service)
{
    uint32_t n = 0;
    for (const struct wc_def *d = service; d; d = d->service.parent)
        for (const struct wc_function *f = d->service.functions; f; f = f->next)
            n++;
    return n;
}

/* `def` is the service or one of its ancestors. True if the service, or an
 * ancestor between it and `def`, defines the function `name` again. */
static bool
is_repeated(const struct wc_def *service, const struct wc_def *def,
            const char *name)
{
    for (; service != def; service = service->service.parent)
        if (wc_map_get(&service->service.by_name, name))
            return true;
    return false;
}

/* Make the methods of a service. Inherited methods come first, as in generated
 * code. A method that the service defines again appears only once, as a method
 * of the service. In every method, inherited or not, the member `service` is
 * this service. */
static void
add_methods(struct weft_idl *idl, const struct wc_def *service,
            const struct wc_def *def, const struct weft_method **methods,
            uint32_t *n)
{
    struct wc *c = &idl->c;
    if (def->service.parent)
        add_methods(idl, service, def->service.parent, methods, n);
    for (const struct wc_function *f = def->service.functions; f; f = f->next) {
        if (is_repeated(service, def, f->name))
            continue;
        const char *key = wc_format(c, "%s.%s", service->name, f->name);
        struct weft_method *method =
            wi_make_method(&idl->tables, f, wi_invoke_handler);
        method->service = service->name;
        methods[(*n)++] = method;
        put_both(idl, &idl->by_method, service->file, key, method);
        put_bare(idl, f->name, method);
    }
}

static void
add_service(struct weft_idl *idl, const struct wc_def *def)
{
    struct weft_service *s = &idl->services[idl->n_services++];
    uint32_t n = count_methods(def);
    const struct weft_method **methods =
        wc_alloc(&idl->c, (n + 1) * sizeof *methods);
    *s = (struct weft_service){.name = def->name,
                               .methods = methods,
                               .idl = idl->files,
                               .n_idl = idl->n_files};
    add_methods(idl, def, def, methods, &s->n_methods);
    put_both(idl, &idl->by_service, def->file, def->name, s);
}

/* ---- files ---- */

static void
add_file(struct weft_idl *idl, const struct wc_file *f)
{
    const char **parts = wc_alloc(&idl->c, 2 * sizeof *parts);
    const char *slash = strrchr(f->path, '/');
    parts[0] = wc_copy(&idl->c, f->text, f->len);
    idl->files[idl->n_files++] =
        (struct weft_idl_file){slash ? slash + 1 : f->path, parts};
}

/* The files of services come first, because a client takes the first file as
 * the root. */
static void
add_files(struct weft_idl *idl)
{
    idl->files = wc_alloc(&idl->c, (idl->c.n_files + 1) * sizeof *idl->files);
    for (int roots = 1; roots >= 0; roots--)
        for (const struct wc_file *f = idl->c.files; f; f = f->next)
            if (f->asked_for == (roots == 1))
                add_file(idl, f);
}

static uint32_t
count_services(const struct weft_idl *idl)
{
    uint32_t n = 0;
    for (const struct wc_file *f = idl->c.files; f; f = f->next)
        for (const struct wc_def *d = f->defs; d; d = d->next)
            n += d->kind == WC_SERVICE;
    return n;
}

static void
add_defs(struct weft_idl *idl, const struct wc_file *f)
{
    for (const struct wc_def *d = f->defs; d; d = d->next) {
        if (d->kind == WC_SERVICE && f->asked_for)
            add_service(idl, d);
        else if (d->kind == WC_RECORD)
            put_both(idl, &idl->by_record, f, d->name,
                     (void *)(uintptr_t)wi_make_struct(&idl->tables, d));
    }
}

void
wi_index(struct weft_idl *idl)
{
    wi_tables_init(&idl->tables, &idl->c);
    add_files(idl);
    idl->services =
        wc_alloc(&idl->c, (count_services(idl) + 1) * sizeof *idl->services);
    for (const struct wc_file *f = idl->c.files; f; f = f->next)
        add_defs(idl, f);
    wi_finish(&idl->tables);
}
