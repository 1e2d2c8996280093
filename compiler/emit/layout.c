/* SPDX-License-Identifier: MIT */
/*
 * The order of struct definitions, and which fields are pointers.
 *
 * C needs a struct's definition above every struct that holds it by value.
 * Structs that hold each other, or themselves, form a group without such an
 * order; every field that holds a struct of its own group becomes a pointer.
 * The groups are the strongly connected components. Tarjan's algorithm finds
 * these components in the order that C needs. The walk stores its path in the
 * members `caller` and `cursor` instead of recursing, because a hostile file
 * could make recursion too deep.
 *
 * Source: Tarjan, Depth-first search and linear graph algorithms, 1972.
 */
#include "emit/plan.h"

#include <stdlib.h>

struct walk {
    struct wc_file *file;
    struct wc_def *stack;
    uint32_t n_seen, n_groups;
};

/* The record of this file that a field holds by value; NULL: the field holds no
 * such record. If holder and record are in one group, the field becomes a
 * pointer later. */
static struct wc_def *
held_by(const struct wc_file *file, const struct wc_record *holder,
        const struct wc_field *field)
{
    struct wc_def *def = wc_record_of(field->type);
    bool pointer = field->need == WC_OPTIONAL && holder->kind != WC_UNION;
    if (def == NULL || def->file != file || pointer || field->reference)
        return NULL;
    return def;
}

static void
enter(struct walk *w, struct wc_def *def, struct wc_def *caller)
{
    struct wc_record *r = &def->record;
    r->seen = r->low = ++w->n_seen;
    r->cursor = r->fields;
    r->caller = caller;
    r->below = w->stack;
    w->stack = def;
}

static void
close_group(struct walk *w, struct wc_def *root)
{
    struct wc_def *def;
    w->n_groups++;
    do {
        def = w->stack;
        w->stack = def->record.below;
        def->record.group = w->n_groups;
        *w->file->records_end = def;
        w->file->records_end = &def->record.after;
    } while (def != root);
}

static void
lower(struct wc_record *r, uint32_t to)
{
    if (to < r->low)
        r->low = to;
}

/* Follow the next field of def; returns the record at which the walk
 * continues. */
static struct wc_def *
step(struct walk *w, struct wc_def *def)
{
    struct wc_record *r = &def->record;
    struct wc_field *field = r->cursor;
    if (field == NULL) {
        if (r->low == r->seen)
            close_group(w, def);
        else
            lower(&r->caller->record, r->low);
        return r->caller;
    }
    r->cursor = field->next;
    struct wc_def *held = held_by(w->file, r, field);
    if (held == NULL || held->record.group != 0)
        return def;
    if (held->record.seen == 0) {
        enter(w, held, def);
        return held;
    }
    lower(r, held->record.seen);
    return def;
}

static bool
is_boxed(const struct wc_record *r, const struct wc_field *field)
{
    const struct wc_def *def = wc_record_of(field->type);
    if (def == NULL || r->kind == WC_RESULT)
        return false;
    bool optional = field->need == WC_OPTIONAL && r->kind != WC_UNION;
    bool grouped = r->group != 0 && def->record.group == r->group &&
                   def->file == field->type->file;
    return field->reference || optional || grouped;
}

/* ---- one record, after the records that it holds ---- */

static int
by_id(const void *a, const void *b)
{
    const struct wc_field *x = *(struct wc_field *const *)a;
    const struct wc_field *y = *(struct wc_field *const *)b;
    return x->id < y->id ? -1 : x->id > y->id;
}

static void
sort_fields(struct wc *c, struct wc_record *r)
{
    r->n_fields = 0;
    for (struct wc_field *f = r->fields; f; f = f->next)
        r->n_fields++;
    r->by_id = wc_alloc(c, (r->n_fields + 1) * sizeof *r->by_id);
    uint32_t n = 0;
    for (struct wc_field *f = r->fields; f; f = f->next)
        r->by_id[n++] = f;
    qsort(r->by_id, n, sizeof *r->by_id, by_id);
}

bool
wc_has_pointer(const struct wc_type *type)
{
    enum wc_type_kind kind = wc_real(type)->kind;
    return kind == WC_STRING || kind == WC_BINARY ||
           wc_real(type)->element != NULL;
}

bool
wc_is_set_empty(const struct wc_field *field)
{
    return field->need == WC_REQUIRED && field->init &&
           wc_has_pointer(field->type) && wc_const_is_zero(field->init);
}

/* The recursion follows only structs that are held by value, so it ends. */
bool
wc_may_lack(const struct wc_record *r)
{
    if (r->kind == WC_UNION)
        return false;
    for (const struct wc_field *f = r->fields; f; f = f->next) {
        const struct wc_def *def = wc_record_of(f->type);
        if (f->need != WC_REQUIRED)
            continue;
        if (wc_has_pointer(f->type) || f->boxed ||
            (def &&
             (def->record.kind == WC_UNION || wc_may_lack(&def->record))))
            return true;
    }
    return false;
}

bool
wc_begins_with_member(const struct wc_field *field)
{
    const struct wc_def *def = wc_record_of(field->type);
    bool is_absent = field->boxed && field->need == WC_OPTIONAL;
    return def && def->record.kind == WC_UNION && !is_absent &&
           (field->init || (!field->boxed && def->record.needs_init));
}

static void
place_field(struct wc_record *r, struct wc_field *field)
{
    const struct wc_def *def = wc_record_of(field->type);
    field->boxed = is_boxed(r, field);
    field->has_bit = -1;
    if (r->kind != WC_UNION && r->kind != WC_RESULT && !field->boxed &&
        field->need != WC_REQUIRED)
        field->has_bit = (int32_t)r->n_bits++;
    if (field->init && (r->kind == WC_UNION || wc_is_set_empty(field) ||
                        !wc_const_is_zero(field->init)))
        r->needs_init = true;
    if (def && !field->boxed && def->record.needs_init && r->kind != WC_UNION)
        r->needs_init = true;
}

static void
place_record(struct wc *c, struct wc_record *r)
{
    sort_fields(c, r);
    r->n_bits = 0;
    r->needs_init = r->kind == WC_RESULT;
    for (struct wc_field *f = r->fields; f; f = f->next)
        place_field(r, f);
}

bool
wc_const_is_zero(const struct wc_const *value)
{
    switch (value->type->kind) {
    case WC_DOUBLE:
        return memcmp(&value->real, &(double){0.0}, sizeof(double)) == 0;
    case WC_STRING:
    case WC_BINARY:
        return value->len == 0;
    case WC_UUID:
        for (int i = 0; i < 16; i++) {
            if (value->text[i] != 0)
                return false;
        }
        return true;
    case WC_LIST:
    case WC_SET:
    case WC_MAP:
        return value->n == 0;
    default:
        return value->items == NULL && value->integer == 0 &&
               !wc_record_of(value->type);
    }
}

static void
place_service(struct wc *c, struct wc_service *service)
{
    for (struct wc_function *f = service->functions; f; f = f->next) {
        place_record(c, &f->args_def->record);
        if (f->result_def != NULL)
            place_record(c, &f->result_def->record);
    }
}

void
wc_plan_layout(struct wc *c, struct wc_file *file)
{
    struct walk w = {file, NULL, 0, 0};
    file->records_end = &file->first_record;
    for (struct wc_def *def = file->defs; def; def = def->next) {
        if (def->kind != WC_RECORD || def->record.seen != 0)
            continue;
        enter(&w, def, NULL);
        for (struct wc_def *at = def; at;)
            at = step(&w, at);
    }
    for (struct wc_def *d = file->first_record; d; d = d->record.after)
        place_record(c, &d->record);
    for (struct wc_def *def = file->defs; def; def = def->next) {
        if (def->kind == WC_SERVICE)
            place_service(c, &def->service);
    }
}
