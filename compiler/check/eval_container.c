/* SPDX-License-Identifier: MIT */
/* Checks constants that are lists, sets, maps or records. */
#include "check/eval.h"

/* ---- lists and sets ---- */

/* True if the value is `{}` or `[]`. Apache's compiler accepts `{}` for a list
 * or set, and `[]` for a map, and old files contain such values. */
static bool
is_empty_other(const struct wc_value *value)
{
    return value->n == 0 &&
           (value->kind == WC_MAP_VALUE || value->kind == WC_LIST_VALUE);
}

struct wc_const *
wc_eval_list(struct wc_eval *e, const struct wc_type *type,
             const struct wc_value *value)
{
    const struct wc_type *real = wc_real(type);
    bool good = true;
    uint32_t n = 0;
    if (value->kind != WC_LIST_VALUE && !is_empty_other(value))
        return wc_eval_mismatch(e, type, value);
    struct wc_const *made = wc_eval_new(e, type, value->n);
    if (made == NULL)
        return NULL;
    for (const struct wc_value *v = value->items; v; v = v->next) {
        made->items[n] = wc_eval_value(e, real->element, v);
        good = good && made->items[n] != NULL;
        n++;
    }
    if (good && real->kind == WC_SET)
        wc_eval_dedupe(e->c, made, false);
    return good ? made : NULL;
}

/* ---- maps ---- */

struct wc_const *
wc_eval_map(struct wc_eval *e, const struct wc_type *type,
            const struct wc_value *value)
{
    const struct wc_type *real = wc_real(type);
    bool good = true;
    uint32_t n = 0;
    if (value->kind != WC_MAP_VALUE && !is_empty_other(value))
        return wc_eval_mismatch(e, type, value);
    struct wc_const *made = wc_eval_new(e, type, 2 * value->n);
    if (made == NULL)
        return NULL;
    made->n = value->n;
    for (const struct wc_value *v = value->items; v && v->next;
         v = v->next->next) {
        made->items[n] = wc_eval_value(e, real->key, v);
        made->items[n + 1] = wc_eval_value(e, real->element, v->next);
        good = good && made->items[n] && made->items[n + 1];
        n += 2;
    }
    if (good)
        wc_eval_dedupe(e->c, made, true);
    return good ? made : NULL;
}

/* ---- structs, unions, exceptions ---- */

static void
report_field(struct wc_eval *e, const struct wc_def *def,
             const struct wc_value *key)
{
    struct wc_guess guess = {NULL, 0, 0};
    wc_report(e->c, WC_UNKNOWN_FIELD, key->span, def->name, key->text);
    for (const struct wc_field *f = def->record.fields; f; f = f->next)
        wc_guess_offer(&guess, key->text, f->name);
    wc_guess_help(e->c, &guess);
    wc_note(e->c, def->span, "the %s is defined here", wc_def_text(def));
}

static bool
eval_pair(struct wc_eval *e, const struct wc_def *def, struct wc_const *made,
          const struct wc_value *key)
{
    if (key->kind != WC_STRING_VALUE) {
        wc_report(e->c, WC_FIELD_KEY, key->span, def->name, NULL);
        if (key->kind == WC_NAME_VALUE)
            wc_help(e->c, "write \"%s\"", key->text);
        return false;
    }
    const struct wc_field *field = wc_map_get(&def->record.by_name, key->text);
    if (field == NULL) {
        report_field(e, def, key);
        return false;
    }
    struct wc_const *item = wc_eval_value(e, field->type, key->next);
    made->items[field->index] = item;
    return item != NULL;
}

static uint32_t
count_fields(const struct wc_record *record)
{
    uint32_t n = 0;
    for (const struct wc_field *f = record->fields; f; f = f->next)
        n++;
    return n;
}

struct wc_const *
wc_eval_record(struct wc_eval *e, const struct wc_type *type,
               const struct wc_value *value)
{
    const struct wc_def *def = wc_record_of(type);
    if (value->kind != WC_MAP_VALUE)
        return wc_eval_mismatch(e, type, value);
    struct wc_const *made = wc_eval_new(e, type, count_fields(&def->record));
    if (made == NULL)
        return NULL;
    bool good = true;
    for (const struct wc_value *key = value->items; key && key->next;
         key = key->next->next)
        good = eval_pair(e, def, made, key) && good;
    if (def->record.kind == WC_UNION && value->n > 1) {
        wc_report(e->c, WC_UNION_VALUES, value->span, def->name, NULL);
        return NULL;
    }
    return good ? made : NULL;
}
