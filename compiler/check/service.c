/* SPDX-License-Identifier: MIT */
/* Checks services: their ancestors, and the signatures of their functions. */
#include "check/check.h"

/* ---- ancestors ---- */

/* Report and cut a cycle of `extends` that contains the service, so that every
 * later walk along the parents ends. */
void
wc_check_parents(struct wc *c, struct wc_def *def)
{
    const struct wc_def *d = def->service.parent;
    for (uint32_t n = 0; d && n <= WC_MAX_EXTENDS; n++) {
        if (d == def) {
            wc_report(c, WC_EXTENDS_CYCLE, def->service.extends_span, def->name,
                      NULL);
            def->service.parent = NULL;
            return;
        }
        d = d->service.parent;
    }
}

static void
check_depth(struct wc *c, struct wc_def *def)
{
    uint32_t depth = 0;
    const struct wc_def *d = def->service.parent;
    for (; d && depth <= WC_MAX_EXTENDS; depth++)
        d = d->service.parent;
    if (depth > WC_MAX_EXTENDS) {
        wc_report(c, WC_EXTENDS_DEPTH, def->service.extends_span,
                  wc_format(c, "%d", WC_MAX_EXTENDS), NULL);
        def->service.parent = NULL;
    }
}

static const struct wc_function *
find_function(const struct wc_def *def, const char *name, int *levels)
{
    for (*levels = 0; def && *levels <= WC_MAX_EXTENDS; ++*levels) {
        const struct wc_function *f = wc_map_get(&def->service.by_name, name);
        if (f != NULL)
            return f;
        def = def->service.parent;
    }
    return NULL;
}

/* ---- functions ---- */

static bool
have_equal_fields(const struct wc_field *a, const struct wc_field *b)
{
    for (; a && b; a = a->next, b = b->next) {
        if (a->id != b->id || !wc_is_same_type(a->type, b->type))
            return false;
    }
    return a == NULL && b == NULL;
}

/* True if the two functions have the same signature. Names of arguments are not
 * compared, because messages do not contain names. */
static bool
have_equal_signatures(const struct wc_function *a, const struct wc_function *b)
{
    return a->oneway == b->oneway && wc_is_same_type(a->returns, b->returns) &&
           have_equal_fields(a->args, b->args) &&
           have_equal_fields(a->throws, b->throws);
}

static void
check_twice(struct wc *c, struct wc_def *def, struct wc_function *f)
{
    int levels;
    const struct wc_function *other = find_function(def, f->name, &levels);
    if (other == NULL || (levels > 0 && have_equal_signatures(f, other))) {
        wc_map_put(c, &def->service.by_name, f->name, f);
        return;
    }
    wc_report(c, WC_DUPLICATE_FUNCTION, f->span, f->name, NULL);
    wc_note(c, other->span,
            levels ? "it is inherited from here, with another signature"
                   : "it is here, too");
}

static void
check_throws(struct wc *c, const struct wc_function *f)
{
    for (const struct wc_field *field = f->throws; field; field = field->next) {
        const struct wc_type *real = wc_real(field->type);
        const struct wc_def *def = wc_record_of(field->type);
        bool unknown = real->kind == WC_NAMED && real->def == NULL;
        if (unknown || (def && def->record.kind == WC_EXCEPTION))
            continue;
        wc_report(c, WC_THROWS_TYPE, field->type->span,
                  wc_type_text(c, field->type), NULL);
        if (def != NULL)
            wc_note(c, def->span, "it is %s", wc_def_phrase(def));
    }
}

static void
check_oneway(struct wc *c, struct wc_function *f)
{
    if (!f->oneway)
        return;
    if (f->throws != NULL)
        wc_report(c, WC_ONEWAY_THROWS, f->throws->span, f->name, NULL);
    if (f->returns->kind != WC_VOID) {
        wc_report(c, WC_ONEWAY_RESULT, f->returns->span, f->name, NULL);
        f->returns->kind = WC_VOID;
    }
}

static void
check_streaming(struct wc *c, const struct wc_function *f)
{
    for (const struct wc_annot *a = f->annots; a; a = a->next) {
        if (strcmp(a->key, "streaming.mode") == 0)
            wc_report(c, WC_STREAMING, a->span, NULL, NULL);
    }
}

static void
check_idempotent(struct wc *c, struct wc_function *f)
{
    for (const struct wc_annot *a = f->annots; a; a = a->next) {
        if (strcmp(a->key, "weft.idempotent") != 0)
            continue;
        f->idempotent = strcmp(a->value, "true") == 0;
        if (!f->idempotent)
            wc_report(c, WC_IDEMPOTENT, a->span, a->value, NULL);
    }
}

void
wc_check_service(struct wc *c, struct wc_def *def)
{
    check_depth(c, def);
    for (struct wc_function *f = def->service.functions; f; f = f->next) {
        struct wc_map args = {NULL, 0, 0}, throws = {NULL, 0, 0};
        wc_check_type(c, f->returns);
        wc_check_fields(c, f->args, WC_ARGS, &args);
        wc_check_fields(c, f->throws, WC_RESULT, &throws);
        check_twice(c, def, f);
        check_throws(c, f);
        check_oneway(c, f);
        check_streaming(c, f);
        check_idempotent(c, f);
    }
}
