/* SPDX-License-Identifier: MIT */
/*
 * Compares lists of fields, and types. Two fields are the same if their ids are
 * equal, because messages do not contain names. Two types are the same on the
 * wire if their values have the same bytes, even if different files define
 * them.
 */
#include "tools/breaking.h"

#include <inttypes.h>

bool
wc_break_is_new(struct wc_breaking *b, const void *old, const void *now)
{
    static char yes;
    const char *key = wc_format(b->c, "%p %p", old, now);
    if (wc_map_get(&b->seen, key))
        return false;
    wc_map_put(b->c, &b->seen, key, &yes);
    return true;
}

/* ---- types ---- */

/* The kind of a type on the wire: string and binary have the same bytes, and an
 * enum is an i32. */
static enum wc_type_kind
wire_kind(const struct wc_type *type)
{
    enum wc_type_kind kind = wc_real(type)->kind;
    if (kind == WC_BINARY)
        return WC_STRING;
    return wc_enum_of(type) ? WC_I32 : kind;
}

static bool
is_same_code(const struct wc_type *old, const struct wc_type *now)
{
    const struct wc_def *a = wc_real(old)->def, *b = wc_real(now)->def;
    if (wc_real(old)->kind != wc_real(now)->kind)
        return false;
    return a == NULL || b == NULL || a->name == b->name;
}

/* The recursion ends, because the parser bounds the depth of containers, and
 * each pair of records is compared only once. */
void
wc_break_type(struct wc_breaking *b, const struct wc_type *old,
              const struct wc_type *now, const char *what, struct wc_span span)
{
    const struct wc_type *a = wc_real(old), *z = wc_real(now);
    enum wc_type_kind kind = wire_kind(old);
    bool same = kind == wire_kind(now);
    if (!same || !is_same_code(old, now)) {
        wc_report(b->c, same ? WC_BREAK_CODE : WC_BREAK_TYPE, span, what,
                  wc_format(b->c, "%s became %s", wc_type_text(b->c, old),
                            wc_type_text(b->c, now)));
        if (!same)
            wc_help(b->c, "leave the old field and give a new one a new id");
    }
    if (!same)
        return;
    if (wc_record_of(old))
        wc_break_record(b, wc_record_of(old), wc_record_of(now));
    if (a->key && z->key)
        wc_break_type(b, a->key, z->key,
                      wc_format(b->c, "the keys of %s", what), span);
    if (a->element && z->element)
        wc_break_type(b, a->element, z->element,
                      wc_format(b->c, "the items of %s", what), span);
}

/* ---- fields ---- */

static const char *
id_key(struct wc *c, int32_t id)
{
    return wc_format(c, "%" PRId32, id);
}

struct sides {
    struct wc_map by_id, by_name; /* the fields of the new version */
    enum wc_record_kind kind;
    const char *owner;
    struct wc_span span;
};

static void
note_old(struct wc *c, struct wc_span span)
{
    wc_note(c, span, "it was here");
}

static void
compare_need(struct wc_breaking *b, const struct wc_field *old,
             const struct wc_field *now)
{
    bool was = old->need == WC_REQUIRED, is = now->need == WC_REQUIRED;
    if (was && !is) {
        wc_report(b->c, WC_BREAK_LEAVE, now->span, now->name, NULL);
        wc_help(b->c, "old readers refuse a message without it");
    } else if (!was && is) {
        wc_report(b->c, WC_BREAK_REQUIRE, now->span, now->name, NULL);
        wc_help(b->c, "old writers may leave it out");
    } else if (wc_record_of(now->type) && old->need != now->need) {
        wc_report(b->c, WC_BREAK_CODE, now->span,
                  wc_format(b->c, "`%s`", now->name),
                  now->need == WC_OPTIONAL ? "a struct became a pointer"
                                           : "a pointer became a struct");
    }
}

static bool
is_same_value(struct wc *c, const struct wc_field *old,
              const struct wc_field *now)
{
    if (!old->init || !now->init)
        return old->init == now->init;
    return strcmp(wc_const_text(c, old->init), wc_const_text(c, now->init)) ==
           0;
}

static void
compare_field(struct wc_breaking *b, const struct wc_field *old,
              const struct wc_field *now)
{
    struct wc *c = b->c;
    if (old->name != now->name) {
        wc_report(c, WC_BREAK_RENAME, now->span, now->name, old->name);
        note_old(c, old->span);
    }
    wc_break_type(b, old->type, now->type,
                  wc_format(c, "field `%s`", now->name), now->span);
    compare_need(b, old, now);
    bool same_type = wire_kind(old->type) == wire_kind(now->type);
    if (same_type && !is_same_value(c, old, now)) {
        wc_report(c, WC_BREAK_VALUE, now->span, now->name, NULL);
        wc_help(c,
                "programs with old code mean the old default when they leave "
                "the field out");
    }
}

static void
report_gone(struct wc_breaking *b, const struct sides *s,
            const struct wc_field *old)
{
    struct wc *c = b->c;
    if (s->kind == WC_UNION) {
        wc_report(c, WC_BREAK_MEMBER, s->span, old->name, s->owner);
    } else if (old->need == WC_REQUIRED) {
        wc_report(c, WC_BREAK_LEAVE, s->span, old->name, NULL);
        wc_help(c, "old readers refuse a message without it");
    } else {
        wc_report(c, WC_BREAK_GONE, s->span, "field", old->name);
    }
    note_old(c, old->span);
}

static void
find_gone(struct wc_breaking *b, const struct sides *s,
          const struct wc_field *old)
{
    const struct wc_field *moved = wc_map_get(&s->by_name, old->name);
    if (wc_map_get(&s->by_id, id_key(b->c, old->id)))
        return;
    if (moved == NULL) {
        report_gone(b, s, old);
        return;
    }
    wc_report(b->c, WC_BREAK_ID, moved->span, moved->name,
              id_key(b->c, old->id));
    note_old(b->c, old->span);
}

/* Most new fields break nothing, because old readers skip them. A new exception
 * breaks old clients, because old clients do not know it. A new required field
 * breaks readers, because old writers do not send it. */
static void
check_new(struct wc_breaking *b, const struct sides *s,
          const struct wc_field *now)
{
    if (s->kind == WC_RESULT) {
        wc_report(b->c, WC_BREAK_THROWS, now->span, s->owner, now->name);
    } else if (now->need == WC_REQUIRED) {
        wc_report(b->c, WC_BREAK_REQUIRE, now->span, now->name, NULL);
        wc_help(b->c, "old writers do not send it");
    }
}

void
wc_break_fields(struct wc_breaking *b, struct wc_field *old,
                struct wc_field *now, enum wc_record_kind kind,
                const char *owner, struct wc_span span)
{
    struct sides s = {.kind = kind, .owner = owner, .span = span};
    struct wc_map olds = {NULL, 0, 0};
    for (struct wc_field *f = now; f; f = f->next) {
        wc_map_put(b->c, &s.by_id, id_key(b->c, f->id), f);
        wc_map_put(b->c, &s.by_name, f->name, f);
    }
    for (struct wc_field *f = old; f; f = f->next) {
        const struct wc_field *same = wc_map_get(&s.by_id, id_key(b->c, f->id));
        wc_map_put(b->c, &olds, id_key(b->c, f->id), f);
        if (same != NULL)
            compare_field(b, f, same);
        find_gone(b, &s, f);
    }
    for (const struct wc_field *f = now; f; f = f->next) {
        if (wc_map_get(&olds, id_key(b->c, f->id)) == NULL)
            check_new(b, &s, f);
    }
}

void
wc_break_record(struct wc_breaking *b, struct wc_def *old, struct wc_def *now)
{
    bool was_union = old->record.kind == WC_UNION;
    if (old == now || !wc_break_is_new(b, old, now))
        return;
    if (was_union != (now->record.kind == WC_UNION)) {
        wc_report(b->c, WC_BREAK_UNION, now->span, now->name,
                  wc_def_phrase(old));
        return;
    }
    wc_break_fields(b, old->record.fields, now->record.fields, now->record.kind,
                    now->name, now->span);
}
