/* SPDX-License-Identifier: MIT */
#include "core/core.h"

/* The real type of a name that is not defined, not resolved yet, or a typedef
 * of itself. */
static const struct wc_type unknown = {.kind = WC_NAMED, .name = "?"};

const struct wc_type *
wc_real(const struct wc_type *type)
{
    if (type->kind != WC_NAMED)
        return type;
    if (type->def == NULL)
        return &unknown;
    if (type->def->kind != WC_TYPEDEF)
        return type;
    return type->def->real ? type->def->real : &unknown;
}

static struct wc_def *
def_of(const struct wc_type *type, enum wc_def_kind kind)
{
    const struct wc_type *real = wc_real(type);
    if (real->kind == WC_NAMED && real->def && real->def->kind == kind)
        return real->def;
    return NULL;
}

struct wc_def *
wc_record_of(const struct wc_type *type)
{
    return def_of(type, WC_RECORD);
}

struct wc_def *
wc_enum_of(const struct wc_type *type)
{
    return def_of(type, WC_ENUM);
}

const char *
wc_kind_text(enum wc_type_kind kind)
{
    static const char *const names[] = {
        "void",   "bool",   "i8",   "i16",  "i32", "i64", "double",
        "string", "binary", "uuid", "list", "set", "map", "?",
    };
    return names[kind];
}

const char *
wc_type_text(struct wc *c, const struct wc_type *type)
{
    const char *kind = wc_kind_text(type->kind);
    switch (type->kind) {
    case WC_NAMED:
        return type->name;
    case WC_LIST:
    case WC_SET:
        return wc_format(c, "%s<%s>", kind, wc_type_text(c, type->element));
    case WC_MAP:
        return wc_format(c, "%s<%s, %s>", kind, wc_type_text(c, type->key),
                         wc_type_text(c, type->element));
    default:
        return kind;
    }
}

const char *
wc_def_phrase(const struct wc_def *def)
{
    static const char *const records[] = {"a struct", "a union", "an exception",
                                          "an argument list", "a result"};
    switch (def->kind) {
    case WC_CONST:
        return "a constant";
    case WC_TYPEDEF:
        return "a typedef";
    case WC_ENUM:
        return "an enum";
    case WC_SERVICE:
        return "a service";
    default:
        return records[def->record.kind];
    }
}

const char *
wc_def_text(const struct wc_def *def)
{
    return strchr(wc_def_phrase(def), ' ') + 1;
}
