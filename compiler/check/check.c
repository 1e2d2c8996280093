/* SPDX-License-Identifier: MIT */
#include "check/check.h"

/* ---- names of a file ---- */

static void
declare(struct wc *c, struct wc_file *file, struct wc_def *def)
{
    struct wc_map *map = def->kind == WC_CONST ? &file->consts : &file->types;
    const struct wc_def *other = wc_map_get(map, def->name);
    if (other == NULL) {
        wc_map_put(c, map, def->name, def);
        return;
    }
    wc_report(c, WC_DUPLICATE_NAME, def->span, def->name, NULL);
    wc_note(c, other->span, "it is %s here", wc_def_phrase(other));
}

static void
bind_fields(struct wc *c, struct wc_file *file, struct wc_field *field)
{
    for (; field; field = field->next)
        wc_bind_type(c, file, field->type);
}

static void
bind_service(struct wc *c, struct wc_file *file, struct wc_def *def)
{
    wc_bind_parent(c, file, def);
    for (struct wc_function *f = def->service.functions; f; f = f->next) {
        wc_bind_type(c, file, f->returns);
        bind_fields(c, file, f->args);
        bind_fields(c, file, f->throws);
    }
}

static void
bind_def(struct wc *c, struct wc_file *file, struct wc_def *def)
{
    switch (def->kind) {
    case WC_CONST:
    case WC_TYPEDEF:
        wc_bind_type(c, file, def->type);
        break;
    case WC_ENUM:
        wc_check_enum(c, def);
        break;
    case WC_RECORD:
        bind_fields(c, file, def->record.fields);
        break;
    case WC_SERVICE:
        bind_service(c, file, def);
        break;
    }
}

void
wc_check_names(struct wc *c, struct wc_file *file)
{
    for (struct wc_def *def = file->defs; def; def = def->next)
        declare(c, file, def);
    for (struct wc_def *def = file->defs; def; def = def->next)
        bind_def(c, file, def);
}

/* ---- values ---- */

static void
check_default(struct wc *c, struct wc_file *file, struct wc_field *field)
{
    if (field->value != NULL)
        field->init = wc_eval(c, file, field->type, field->value);
}

static void
check_defaults(struct wc *c, struct wc_file *file, struct wc_field *field)
{
    for (; field; field = field->next)
        check_default(c, file, field);
}

static void
check_values(struct wc *c, struct wc_file *file, struct wc_def *def)
{
    if (def->kind == WC_CONST) {
        wc_check_type(c, def->type);
        wc_eval_def(c, def, 0);
    }
    if (def->kind == WC_RECORD)
        check_defaults(c, file, def->record.fields);
    if (def->kind != WC_SERVICE)
        return;
    for (struct wc_function *f = def->service.functions; f; f = f->next)
        check_defaults(c, file, f->args);
}

void
wc_check_file(struct wc *c, struct wc_file *file)
{
    for (struct wc_def *def = file->defs; def; def = def->next) {
        if (def->kind == WC_TYPEDEF)
            wc_check_typedef(c, def);
        if (def->kind == WC_SERVICE)
            wc_check_parents(c, def);
    }
    for (struct wc_def *def = file->defs; def; def = def->next) {
        if (def->kind == WC_RECORD)
            wc_check_fields(c, def->record.fields, def->record.kind,
                            &def->record.by_name);
        if (def->kind == WC_SERVICE)
            wc_check_service(c, def);
    }
    for (struct wc_def *def = file->defs; def; def = def->next)
        check_values(c, file, def);
}
