/* SPDX-License-Identifier: MIT */
/* Reports bad style, and constructs that are legal but known to cause trouble.
 * The warnings of this file are on only with --lint, and each kind of warning
 * can be turned off by name. */
#include "tools/tools.h"

/* ---- frequent kinds: one report in a file, and a count ---- */

/* True if this is the first report of its kind in the file. */
static bool
begin_report(struct wc *c, struct wc_tally *tally, enum wc_diag diag,
             struct wc_span span, const char *a, const char *b)
{
    if (tally->first != NULL) {
        tally->more++;
        return false;
    }
    wc_report(c, diag, span, a, b);
    tally->first = c->last_report;
    return true;
}

static void
end_reports(struct wc *c, const struct wc_tally *tally)
{
    c->last_report = tally->first;
    if (tally->more > 0)
        wc_help(c, "the file has %u more of this kind", tally->more);
}

/* ---- names ---- */

enum usual { TYPE_NAME, MEMBER_NAME, VALUE_NAME };

static bool
is_upper(char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static bool
is_lower(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

static bool
is_usual(enum usual usual, const char *name)
{
    if (usual == TYPE_NAME)
        return is_upper(*name) && !strchr(name, '_');
    if (usual == MEMBER_NAME)
        return is_lower(*name);
    for (; *name; name++) {
        if (is_lower(*name))
            return false;
    }
    return true;
}

static void
check_name(struct wc *c, enum usual usual, const char *what, const char *name,
           struct wc_span span)
{
    static const char *const help[] = {
        "types and services are called LikeThis",
        "fields and functions are called like_this or likeThis",
        "constants and enum values are called LIKE_THIS",
    };
    if (is_usual(usual, name))
        return;
    if (begin_report(c, &span.file->names, WC_LINT_NAME, span, name, what))
        wc_help(c, "%s", help[usual]);
}

/* The name without underscores, in lower case. */
static const char *
fold(struct wc *c, const char *name)
{
    char *folded = wc_alloc(c, strlen(name) + 1);
    size_t n = 0;
    for (; *name; name++) {
        if (*name != '_')
            folded[n++] = is_upper(*name) ? (char)(*name - 'A' + 'a') : *name;
    }
    return folded;
}

/* The name and doc comment of an item, to compare with other items of the
 * list. */
struct named {
    const char *name, *doc;
    struct wc_span span;
};

/* Return the earlier item with the key. If there is no such item, keep this
 * item and return NULL. */
static const struct named *
find_first(struct wc *c, struct wc_map *map, const char *key,
           const struct named *n)
{
    const struct named *other = wc_map_get(map, key);
    if (other != NULL)
        return other;
    struct named *copy = WC_NEW(c, struct named);
    *copy = *n;
    wc_map_put(c, map, key, copy);
    return NULL;
}

struct likes {
    struct wc_map names, docs;
};

static void
check_likes(struct wc *c, struct likes *likes, struct named n)
{
    const struct named *other;
    other = find_first(c, &likes->names, fold(c, n.name), &n);
    if (other != NULL) {
        wc_report(c, WC_LINT_SIMILAR, n.span, n.name, other->name);
        wc_note(c, other->span, "it is here");
    }
    other = n.doc ? find_first(c, &likes->docs, n.doc, &n) : NULL;
    if (other != NULL) {
        wc_report(c, WC_LINT_DOC, n.span, n.name, other->name);
        wc_help(c, "say what is different about each, or say nothing");
    }
}

/* ---- types ---- */

static void
check_key(struct wc *c, const struct wc_type *key)
{
    enum wc_type_kind kind = wc_real(key)->kind;
    bool odd = kind == WC_DOUBLE || (kind >= WC_LIST && !wc_enum_of(key));
    if (!odd)
        return;
    wc_report(c, WC_LINT_KEY, key->span, wc_type_text(c, key), NULL);
    wc_help(c, "use a string or an integer, or a list of structs");
}

/* Check a type and its parts. The parser bounds the depth of the recursion. */
static void
check_type(struct wc *c, const struct wc_type *type)
{
    if (type->kind == WC_SET)
        check_key(c, type->element);
    if (type->kind == WC_LIST && wc_real(type->element)->kind == WC_I8) {
        wc_report(c, WC_LINT_BYTES, type->span, wc_type_text(c, type), NULL);
        wc_help(c, "use binary");
    }
    if (type->key != NULL) {
        check_key(c, type->key);
        check_type(c, type->key);
    }
    if (type->element != NULL)
        check_type(c, type->element);
}

/* ---- definitions ---- */

static void
check_need(struct wc *c, const struct wc_field *f)
{
    if (f->need == WC_REQUIRED &&
        begin_report(c, &f->span.file->needs, WC_LINT_REQUIRED, f->span,
                     f->name, NULL)) {
        wc_help(c, "programs with old code reject messages without it; "
                   "leave `required` out");
    }
    if (f->need == WC_OPTIONAL && f->value != NULL) {
        wc_report(c, WC_LINT_DEFAULT, f->span, f->name, NULL);
        wc_help(c, "some write it, some leave it out, some read it as "
                   "absent; drop `optional` or the default");
    }
    if (f->boxed && f->need == WC_DEFAULT && !f->reference) {
        wc_report(c, WC_LINT_RECURSION, f->span, f->name,
                  wc_type_text(c, f->type));
        wc_help(c, "other languages try to write it without an end; make "
                   "it optional");
    }
}

static void
check_fields(struct wc *c, const struct wc_field *f, bool in_struct)
{
    struct likes likes = {{NULL, 0, 0}, {NULL, 0, 0}};
    for (; f; f = f->next) {
        check_name(c, MEMBER_NAME, "a field", f->name, f->span);
        check_likes(c, &likes, (struct named){f->name, f->doc, f->span});
        check_type(c, f->type);
        if (in_struct)
            check_need(c, f);
    }
}

static void
check_enum(struct wc *c, const struct wc_def *def)
{
    struct likes likes = {{NULL, 0, 0}, {NULL, 0, 0}};
    const struct wc_enum *e = &def->enums;
    bool has_zero = e->n_values == 0;
    for (const struct wc_enum_value *v = e->values; v; v = v->next) {
        has_zero = has_zero || v->number == 0;
        check_name(c, VALUE_NAME, "an enum value", v->name, v->span);
        check_likes(c, &likes, (struct named){v->name, v->doc, v->span});
    }
    if (!has_zero) {
        wc_report(c, WC_LINT_ENUM_ZERO, def->span, def->name, NULL);
        wc_help(c, "a field that was not set is 0: give 0 a name");
    }
    for (uint32_t i = 1; i < e->n_values; i++) {
        const struct wc_enum_value *a = e->by_number[i - 1];
        const struct wc_enum_value *b = e->by_number[i];
        if (a->number != b->number)
            continue;
        wc_report(c, WC_LINT_ENUM_TWINS, b->span, b->name, a->name);
        wc_note(c, a->span, "only this name is ever printed");
    }
}

static void
check_service(struct wc *c, const struct wc_def *def)
{
    struct likes likes = {{NULL, 0, 0}, {NULL, 0, 0}};
    for (const struct wc_function *f = def->service.functions; f; f = f->next) {
        check_name(c, MEMBER_NAME, "a function", f->name, f->span);
        check_likes(c, &likes, (struct named){f->name, f->doc, f->span});
        check_type(c, f->returns);
        check_fields(c, f->args, false);
        check_fields(c, f->throws, false);
    }
}

static void
check_const(struct wc *c, const struct wc_def *def)
{
    int64_t n = def->init->integer;
    check_name(c, VALUE_NAME, "a constant", def->name, def->span);
    check_type(c, def->type);
    if (!c->options->allow_64bit && (n < INT32_MIN || n > INT32_MAX)) {
        wc_report(c, WC_LINT_WIDE, def->span, def->name, NULL);
        wc_help(c, "some languages cannot hold it; --allow-64bit-consts "
                   "says that yours can");
    }
}

static void
check_def(struct wc *c, const struct wc_def *def)
{
    if (def->kind != WC_CONST)
        check_name(c, TYPE_NAME, wc_def_phrase(def), def->name, def->span);
    switch (def->kind) {
    case WC_CONST:
        check_const(c, def);
        break;
    case WC_TYPEDEF:
        check_type(c, def->type);
        break;
    case WC_ENUM:
        check_enum(c, def);
        break;
    case WC_RECORD:
        check_fields(c, def->record.fields, true);
        break;
    case WC_SERVICE:
        check_service(c, def);
        break;
    }
}

/* ---- the file ---- */

void
wc_lint(struct wc *c, struct wc_file *file)
{
    struct likes likes = {{NULL, 0, 0}, {NULL, 0, 0}};
    for (const struct wc_include *i = file->includes; i; i = i->next) {
        if (i->file != NULL && !i->used)
            wc_report(c, WC_LINT_INCLUDE, i->span, i->name, NULL);
    }
    for (const struct wc_def *def = file->defs; def; def = def->next) {
        check_likes(c, &likes, (struct named){def->name, def->doc, def->span});
        check_def(c, def);
    }
    end_reports(c, &file->names);
    end_reports(c, &file->needs);
}
