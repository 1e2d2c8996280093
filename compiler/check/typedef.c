/* SPDX-License-Identifier: MIT */
/*
 * Resolves typedefs. This file refuses a typedef that contains itself, directly
 * or through containers, and a type with too many parts (a few lines can
 * describe a type of 2^30 parts). So every later walk over a type is short.
 */
#include "check/check.h"

#define LONGEST_CHAIN 256 /* of typedefs of typedefs */
#define MOST_PARTS 256    /* of one type, with typedefs resolved */

static bool settle(struct wc *c, struct wc_def *def, uint32_t level);

/* Count the parts of a type. Returns false after a report if the type contains
 * itself. */
static bool
count_parts(struct wc *c, struct wc_type *type, uint32_t level, uint32_t *parts)
{
    ++*parts;
    if (type->key && !count_parts(c, type->key, level, parts))
        return false;
    if (type->element && !count_parts(c, type->element, level, parts))
        return false;
    if (type->kind != WC_NAMED || !type->def || type->def->kind != WC_TYPEDEF)
        return true;
    if (!settle(c, type->def, level + 1))
        return false;
    *parts += type->def->parts;
    return true;
}

static bool
is_small(struct wc *c, struct wc_span span, uint32_t parts, uint32_t level)
{
    if (level < LONGEST_CHAIN && parts <= MOST_PARTS)
        return true;
    wc_report(c, WC_TYPE_SIZE, span, wc_format(c, "%d", MOST_PARTS), NULL);
    return false;
}

static void
report_cycle(struct wc *c, const struct wc_def *def)
{
    wc_report(c, WC_TYPEDEF_CYCLE, def->span, def->name, NULL);
    wc_help(c, "it must stand for a type that is not made of this typedef");
}

static bool
settle(struct wc *c, struct wc_def *def, uint32_t level)
{
    if (def->mark == WC_OPEN_MARK)
        report_cycle(c, def);
    if (def->mark != WC_NEW_MARK)
        return def->mark == WC_DONE_MARK;
    def->mark = WC_OPEN_MARK;
    bool good = is_small(c, def->span, 0, level) &&
                count_parts(c, def->type, level, &def->parts) &&
                is_small(c, def->span, def->parts, 0);
    def->mark = good ? WC_DONE_MARK : WC_BAD_MARK;
    if (!good)
        return false;
    const struct wc_type *type = def->type;
    bool again =
        type->kind == WC_NAMED && type->def && type->def->kind == WC_TYPEDEF;
    def->real = again ? type->def->real : type;
    return true;
}

void
wc_check_type(struct wc *c, struct wc_type *type)
{
    uint32_t parts = 0;
    if (count_parts(c, type, 0, &parts))
        is_small(c, type->span, parts, 0);
}

void
wc_check_typedef(struct wc *c, struct wc_def *def)
{
    settle(c, def, 0);
}

bool
wc_is_same_type(const struct wc_type *a, const struct wc_type *b)
{
    a = wc_real(a);
    b = wc_real(b);
    if (a->kind != b->kind)
        return (a->kind == WC_STRING || a->kind == WC_BINARY) &&
               (b->kind == WC_STRING || b->kind == WC_BINARY);
    switch (a->kind) {
    case WC_MAP:
        return wc_is_same_type(a->key, b->key) &&
               wc_is_same_type(a->element, b->element);
    case WC_LIST:
    case WC_SET:
        return wc_is_same_type(a->element, b->element);
    case WC_NAMED:
        return a->def == b->def;
    default:
        return true;
    }
}
