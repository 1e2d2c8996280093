/* SPDX-License-Identifier: MIT */
/* Checks values that are names: of constants (X, inc.X) and of enum values
 * (E.A, inc.E.A). */
#include "check/eval.h"

/* ---- what a name can mean ---- */

struct meaning {
    struct wc_def *constant;
    struct wc_def *enum_def; /* the E in E.A, even if A is unknown */
    struct wc_enum_value *value;
};

static struct wc_def *
find_enum(struct wc *c, struct wc_file *file, const char *name,
          struct wc_span span)
{
    struct wc_def *def = wc_find_type(c, file, name, span);
    for (; def && def->kind == WC_TYPEDEF;
         def = def->real ? def->real->def : NULL) {
    }
    return def && def->kind == WC_ENUM ? def : NULL;
}

static struct meaning
find_meaning(struct wc *c, struct wc_file *file, const struct wc_value *value)
{
    struct meaning m = {NULL, NULL, NULL};
    const char *name = value->text;
    size_t len = wc_prefix_len(name);
    if (len > 0) {
        m.enum_def = find_enum(c, file, wc_intern(c, name, len), value->span);
        if (m.enum_def != NULL)
            m.value = wc_map_get(&m.enum_def->enums.by_name, name + len + 1);
    }
    if (m.value == NULL)
        m.constant = wc_find_const(c, file, name, value->span);
    return m;
}

/* ---- names of enum values ---- */

static struct wc_const *
integer_value(struct wc_eval *e, const struct wc_type *type,
              const struct wc_value *value, int64_t number)
{
    struct wc_value plain = *value;
    plain.kind = WC_INT_VALUE;
    plain.integer = number;
    return wc_eval_value(e, type, &plain);
}

static struct wc_const *
eval_enum_name(struct wc_eval *e, const struct wc_type *type,
               const struct wc_value *value, const struct meaning *m)
{
    struct wc_def *wanted = wc_enum_of(type);
    if (wanted == NULL || wanted == m->enum_def) {
        enum wc_type_kind kind = wc_real(type)->kind;
        if (!wanted && (kind < WC_BOOL || kind > WC_I64))
            return wc_eval_mismatch(e, type, value);
        return integer_value(e, type, value, m->value->number);
    }
    return wc_eval_mismatch(e, type, value);
}

/* Find the enum value that a name means. As in Apache's compiler, only the part
 * after the last dot counts: `A`, `Other.A` and `nowhere.A` mean `E.A`. */
static const struct wc_enum_value *
find_by_last_part(const struct wc_type *type, const struct wc_value *value)
{
    const struct wc_def *wanted = wc_enum_of(type);
    size_t len = wc_prefix_len(value->text);
    if (wanted == NULL)
        return NULL;
    return wc_map_get(&wanted->enums.by_name, value->text + len + (len > 0));
}

static struct wc_const *
eval_last_part(struct wc_eval *e, const struct wc_type *type,
               const struct wc_value *value, const struct wc_enum_value *found)
{
    const struct wc_def *wanted = wc_enum_of(type);
    const char *name = type->kind == WC_NAMED ? type->name : wanted->name;
    wc_report(e->c, WC_OTHER_ENUM, value->span, value->text, wanted->name);
    wc_help(e->c, "write `%s.%s`", name, found->name);
    return integer_value(e, type, value, found->number);
}

/* ---- names of constants ---- */

static bool
is_scalar(const struct wc_type *type)
{
    return wc_real(type)->kind < WC_LIST || wc_enum_of(type) != NULL;
}

/* True if the constant has a value. If not, this function or the check of the
 * constant's definition has reported the reason. */
static bool
is_good(struct wc_eval *e, const struct wc_value *value, struct wc_def *def)
{
    if (e->depth > 4 * WC_MAX_NESTING) {
        wc_report(e->c, WC_NESTED_VALUE, value->span,
                  wc_format(e->c, "%d", 4 * WC_MAX_NESTING), NULL);
        return false;
    }
    if (def->mark == WC_OPEN_MARK) {
        wc_report(e->c, WC_CONST_CYCLE, value->span, def->name, NULL);
        wc_note(e->c, def->span, "it is defined here");
        return false;
    }
    wc_eval_def(e->c, def, e->depth + 1);
    return def->mark == WC_DONE_MARK;
}

static struct wc_const *
eval_constant(struct wc_eval *e, const struct wc_type *type,
              const struct wc_value *value, const struct meaning *m)
{
    struct wc_def *def = m->constant;
    if (!is_good(e, value, def))
        return NULL;
    bool scalars = is_scalar(type) && is_scalar(def->type);
    if (!scalars && !wc_is_same_type(type, def->type)) {
        wc_eval_mismatch(e, type, value);
        wc_note(e->c, def->span, "it is a constant of type %s",
                wc_type_text(e->c, def->type));
        return NULL;
    }
    struct wc_eval inner = {e->c, def->file, e->depth + 1, e->blame};
    struct wc_value there = *def->value;
    there.span = value->span; /* reports point to the use of the name */
    return wc_eval_value(&inner, type, &there);
}

/* ---- unknown names ---- */

/* Guess among the names that can follow a known prefix. The prefix is the name
 * of an enum or of an included file. */
static void
guess_behind(struct wc *c, struct wc_guess *guess, const char *name,
             const struct wc_map *map)
{
    size_t len = wc_prefix_len(name);
    wc_guess_map(guess, name + len + 1, map);
    if (guess->best)
        guess->best = wc_format(c, "%.*s.%s", (int)len, name, guess->best);
}

static void
explain_unknown(struct wc_eval *e, const struct wc_value *value,
                const struct meaning *m)
{
    struct wc_guess guess = {NULL, 0, 0};
    size_t len = wc_prefix_len(value->text);
    const struct wc_include *include =
        wc_find_include(e->c, e->file, value->text, len);
    bool in_file = include && include->file;
    if (m->enum_def != NULL) {
        guess_behind(e->c, &guess, value->text, &m->enum_def->enums.by_name);
    } else if (in_file) {
        guess_behind(e->c, &guess, value->text, &include->file->consts);
    } else {
        wc_guess_offer(&guess, value->text, "true");
        wc_guess_offer(&guess, value->text, "false");
        wc_guess_map(&guess, value->text, &e->file->consts);
    }
    wc_guess_help(e->c, &guess);
    if (guess.best == NULL && len > 0 && !m->enum_def && !in_file)
        wc_help(e->c, "no enum and no included file has the name `%.*s`",
                (int)len, value->text);
}

static struct wc_const *
unknown_name(struct wc_eval *e, const struct wc_type *type,
             const struct wc_value *value, const struct meaning *m)
{
    const struct wc_type *real = wc_real(type);
    if (real->kind == WC_NAMED && real->def == NULL)
        return NULL; /* an error of the type was reported before */
    wc_report(e->c, WC_UNKNOWN_VALUE, value->span, value->text, NULL);
    if (e->c->last_report != NULL)
        explain_unknown(e, value, m);
    return NULL;
}

struct wc_const *
wc_eval_name(struct wc_eval *e, const struct wc_type *type,
             const struct wc_value *value)
{
    struct meaning m = find_meaning(e->c, e->file, value);
    const struct wc_enum_value *last = find_by_last_part(type, value);
    bool is_wanted = m.value != NULL && wc_enum_of(type) == m.enum_def;
    if (m.constant != NULL)
        return eval_constant(e, type, value, &m);
    if (last != NULL && !is_wanted)
        return eval_last_part(e, type, value, last);
    if (m.value != NULL)
        return eval_enum_name(e, type, value, &m);
    return unknown_name(e, type, value, &m);
}
