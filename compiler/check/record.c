/* SPDX-License-Identifier: MIT */
/* Checks enums and lists of fields. */
#include "check/check.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *
number_text(struct wc *c, int64_t number)
{
    return wc_format(c, "%" PRId64, number);
}

/* ---- enums ---- */

static int
by_number(const void *a, const void *b)
{
    const struct wc_enum_value *x = *(struct wc_enum_value *const *)a;
    const struct wc_enum_value *y = *(struct wc_enum_value *const *)b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->span.at < y->span.at ? -1 : x->span.at > y->span.at;
}

static void
sort_enum(struct wc *c, struct wc_enum *e)
{
    e->by_number = wc_alloc(c, e->n_values * sizeof *e->by_number);
    uint32_t n = 0;
    for (struct wc_enum_value *v = e->values; v; v = v->next)
        e->by_number[n++] = v;
    qsort(e->by_number, n, sizeof *e->by_number, by_number);
}

void
wc_check_enum(struct wc *c, struct wc_def *def)
{
    struct wc_enum *e = &def->enums;
    int64_t number = -1;
    for (struct wc_enum_value *v = e->values; v; v = v->next) {
        number = v->written ? v->written->integer : number + 1;
        if (number < INT32_MIN || number > INT32_MAX) {
            wc_report(c, WC_ENUM_RANGE, v->written ? v->written->span : v->span,
                      v->name, number_text(c, number));
            number = 0;
        }
        v->number = (int32_t)number;
        const struct wc_enum_value *other = wc_map_get(&e->by_name, v->name);
        if (other != NULL) {
            wc_report(c, WC_DUPLICATE_ENUM_VALUE, v->span, v->name, NULL);
            wc_note(c, other->span, "it is here, too");
        } else {
            wc_map_put(c, &e->by_name, v->name, v);
        }
    }
    sort_enum(c, e);
}

struct wc_enum_value *
wc_enum_find(const struct wc_enum *e, int64_t number)
{
    uint32_t low = 0, high = e->n_values;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (e->by_number[middle]->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < e->n_values && e->by_number[low]->number == number)
        return e->by_number[low];
    return NULL;
}

/* ---- fields ---- */

static void
number_implicit(struct wc *c, struct wc_field *field, int64_t next)
{
    const char *id = number_text(c, next);
    if (!field->has_id) {
        wc_report(c, WC_IMPLICIT_ID, field->span, field->name, id);
        wc_help(c, "write `N: ` before the type");
        return;
    }
    if (field->written_id == next) {
        wc_report(c, WC_POSITIVE_ID, field->id_span, id,
                  "it is the one that a field without an id gets here");
        return;
    }
    wc_report(c, WC_POSITIVE_ID, field->id_span,
              number_text(c, field->written_id),
              wc_format(c, "it is replaced by %s", id));
    wc_help(c, "--allow-neg-keys keeps it");
}

static void
keep_negative(struct wc *c, struct wc_field *field, int64_t next)
{
    if (field->written_id != next)
        wc_report(c, WC_NEGATIVE_ID, field->id_span,
                  number_text(c, field->written_id), number_text(c, next));
}

/* Give a field its id; *next is the next implicit id. */
static void
number_field(struct wc *c, struct wc_field *field, int64_t *next)
{
    int64_t id = field->written_id;
    if (!field->has_id || (id <= 0 && !c->options->allow_neg_keys)) {
        number_implicit(c, field, *next);
        id = (*next)--;
    } else if (id <= 0) {
        keep_negative(c, field, *next);
        *next = id - 1;
    }
    if (id < INT16_MIN || id > INT16_MAX) {
        wc_report(c, WC_ID_RANGE, field->has_id ? field->id_span : field->span,
                  number_text(c, id), NULL);
        id = 0;
        field->has_id = false; /* suppresses a second report */
    }
    field->id = (int32_t)id;
}

/* Count the implicit ids in xsd_attrs. The counter starts again in xsd_attrs,
 * and the outer list continues with the last value of the counter, as in
 * Apache's compiler. */
static void
number_attrs(const struct wc_field *field, int64_t *next)
{
    if (!field->has_attrs)
        return;
    *next = -1;
    for (const struct wc_field *f = field->attrs; f; f = f->next)
        *next -= !f->has_id || f->written_id <= 0;
}

static void
check_need(struct wc *c, struct wc_field *field, enum wc_record_kind kind)
{
    if (kind == WC_UNION && field->need == WC_REQUIRED)
        wc_report(c, WC_UNION_REQUIRED, field->span, NULL, NULL);
    if (kind == WC_ARGS && field->need == WC_OPTIONAL) {
        wc_report(c, WC_ARGUMENT_NEED, field->span, NULL, NULL);
        field->need = WC_DEFAULT;
    }
    if (kind == WC_RESULT && field->need != WC_DEFAULT)
        wc_report(c, WC_THROWS_NEED, field->span,
                  field->need == WC_REQUIRED ? "required" : "optional", NULL);
    if (kind == WC_UNION || kind == WC_RESULT)
        field->need = WC_OPTIONAL;
    if (field->reference && !wc_record_of(field->type))
        wc_report(c, WC_REFERENCE, field->span, wc_type_text(c, field->type),
                  NULL);
}

static void
check_zero(struct wc *c, struct wc_field *field, enum wc_record_kind kind)
{
    if (!field->has_id || field->id != 0)
        return;
    if (kind == WC_UNION || kind == WC_RESULT)
        wc_report(c, WC_ZERO_ID, field->id_span,
                  kind == WC_UNION ? "unions" : "throws", NULL);
}

static void
check_name(struct wc *c, struct wc_map *by_name, struct wc_field *field)
{
    const struct wc_field *other = wc_map_get(by_name, field->name);
    if (other == NULL) {
        wc_map_put(c, by_name, field->name, field);
        return;
    }
    wc_report(c, WC_DUPLICATE_FIELD, field->span, field->name, NULL);
    wc_note(c, other->span, "it is here, too");
}

static void
check_id(struct wc *c, struct wc_map *by_id, struct wc_field *field)
{
    const char *id = number_text(c, field->id);
    if (field->id == 0 && !field->has_id)
        return; /* the number is out of range, and was reported */
    const struct wc_field *other = wc_map_get(by_id, id);
    if (other == NULL) {
        wc_map_put(c, by_id, id, field);
        return;
    }
    wc_report(c, WC_DUPLICATE_ID, field->has_id ? field->id_span : field->span,
              id, NULL);
    wc_note(c, other->has_id ? other->id_span : other->span,
            "it belongs to `%s`", other->name);
}

static void
check_union_default(struct wc *c, const struct wc_field *field,
                    const struct wc_field **other)
{
    if (field->value == NULL)
        return;
    if (*other != NULL) {
        wc_report(c, WC_UNION_DEFAULTS, field->span, NULL, NULL);
        wc_note(c, (*other)->span, "`%s` has one", (*other)->name);
    }
    *other = field;
}

void
wc_check_fields(struct wc *c, struct wc_field *first, enum wc_record_kind kind,
                struct wc_map *by_name)
{
    struct wc_map by_id = {NULL, 0, 0};
    const struct wc_field *with_default = NULL;
    int64_t next = -1;
    uint32_t index = 0;
    for (struct wc_field *field = first; field; field = field->next) {
        field->index = index++;
        wc_check_type(c, field->type);
        number_field(c, field, &next);
        number_attrs(field, &next);
        check_need(c, field, kind);
        check_zero(c, field, kind);
        check_name(c, by_name, field);
        check_id(c, &by_id, field);
        if (kind == WC_UNION)
            check_union_default(c, field, &with_default);
    }
}
