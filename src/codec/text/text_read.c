/* SPDX-License-Identifier: MIT */
/* Reads records and values of any type from JSON text. */
#include "codec/desc/desc.h"
#include "codec/json/json.h"
#include "codec/text/text.h"

static weft_err
read_nested(struct wf_text *t, const struct weft_type *type, void *value)
{
    weft_err err = weft_read_enter(&t->r);
    if (err)
        return wf_text_fail(t, t->r.at, err, "nested deeper than %u levels",
                            WEFT_DEPTH);
    err = type->wire == WEFT_STRUCT
              ? wf_text_read_record(t, type->record, value)
              : wf_text_read_items(t, type, value);
    weft_read_leave(&t->r);
    return err;
}

weft_err
wf_text_read_value(struct wf_text *t, const struct weft_type *type, void *value)
{
    uint8_t c;
    weft_err err = wf_text_look(t, "a value", &c);
    if (err)
        return err;
    return wf_type_nests(type) ? read_nested(t, type, value)
                               : wf_text_read_base(t, type, value);
}

/* ---- records ---- */

static const struct weft_field *
find_field(const struct weft_struct *desc, struct weft_str name,
           struct wf_text_guess *guess)
{
    for (uint32_t i = 0; i < desc->n_fields; i++)
        if (weft_str_eq(name, weft_str_of(desc->fields[i].name)))
            return &desc->fields[i];
    for (uint32_t i = 0; i < desc->n_fields; i++)
        wf_text_offer(guess, name, desc->fields[i].name);
    return NULL;
}

static weft_err
fail_unknown(struct wf_text *t, const uint8_t *at,
             const struct weft_struct *desc, struct weft_str name,
             const struct wf_text_guess *guess)
{
    if (guess->best)
        return wf_text_fail(t, at, WEFT_EPROTOCOL,
                            "%s has no field `%.*s`; did you mean `%s`?",
                            desc->name, WEFT_FMT(name), guess->best);
    if (desc->n_fields == 0)
        return wf_text_fail(t, at, WEFT_EPROTOCOL, "%s has no fields; write {}",
                            desc->name);
    return wf_text_fail(t, at, WEFT_EPROTOCOL,
                        "%s has no field `%.*s`; its first is `%s`", desc->name,
                        WEFT_FMT(name), desc->fields[0].name);
}

static weft_err
accept_null(struct wf_text *t, bool *is_null)
{
    uint8_t c;
    *is_null = false;
    weft_err err = wf_text_look(t, "a value", &c);
    if (err || c != 'n')
        return err;
    *is_null = true;
    return wf_text_read_word(t, "null", "a value is expected here");
}

/* Refuse a second member of a union, because the second member would replace
 * the first. */
static weft_err
read_field(struct wf_text *t, struct wf_filling *f, const uint8_t *at,
           const struct weft_field *field, uint32_t *n_set)
{
    bool is_null;
    weft_err err = accept_null(t, &is_null);
    if (!err && is_null && field->requiredness == WEFT_REQUIRED)
        err = wf_text_fail(t, at, WEFT_EREQUIRED,
                           "%s needs this field, it cannot be null",
                           f->desc->name);
    if (err || is_null)
        return err;
    if (f->desc->kind == WEFT_RECORD_UNION && (*n_set)++ > 0)
        return wf_text_fail(t, at, WEFT_EPROTOCOL,
                            "%s is a union; give one member only",
                            f->desc->name);
    void *place = wf_fill_place(f, field, &t->r);
    if (!place)
        return wf_text_fail(t, at, WEFT_EBUDGET, "%s",
                            weft_err_text(WEFT_EBUDGET));
    err = wf_text_read_value(t, field->type, place);
    if (!err && field->type->element)
        /* wf_text_check_keys has not compared structs and containers. */
        err = wf_unique_value(&t->r, field->type, place);
    if (!err)
        wf_fill_mark(f, field);
    return err;
}

static weft_err
read_member(struct wf_text *t, struct wf_filling *f, struct wf_text_keys *keys,
            uint32_t *n_set)
{
    struct wf_text_guess guess = {NULL, 0};
    struct weft_str name;
    uint8_t c;
    weft_err err = wf_text_look(t, "a field", &c);
    const uint8_t *at = t->r.at;
    if (err || (err = wf_text_read_str(t,
                                       "the name of a field, in double "
                                       "quotes,",
                                       &name)))
        return err;
    const struct weft_field *field = find_field(f->desc, name, &guess);
    if (!field)
        return fail_unknown(t, at, f->desc, name, &guess);
    struct wf_text_step step = {.up = t->step,
                                .name = weft_str_of(field->name)};
    t->step = &step;
    err = wf_text_expect(t, ':', "`:`");
    if (!err)
        err = wf_text_add_key(t, keys, name, at);
    if (!err)
        err = read_field(t, f, at, field, n_set);
    t->step = step.up;
    return err;
}

static bool
has_key(const struct wf_text_keys *keys, struct weft_str name)
{
    for (uint32_t i = 0; i < keys->len; i++)
        if (weft_str_eq(keys->items[i].bytes, name))
            return true;
    return false;
}

static weft_err
check_required(struct wf_text *t, const struct wf_filling *f,
               const struct wf_text_keys *keys, const uint8_t *at)
{
    const struct weft_struct *desc = f->desc;
    if (!wf_fill_end(f))
        return WEFT_OK;
    uint32_t i = 0;
    while (desc->fields[i].requiredness != WEFT_REQUIRED ||
           has_key(keys, weft_str_of(desc->fields[i].name)))
        i++;
    return wf_text_fail(t, at, WEFT_EREQUIRED, "%s needs the field `%s`",
                        desc->name, desc->fields[i].name);
}

weft_err
wf_text_read_record(struct wf_text *t, const struct weft_struct *desc,
                    void *record)
{
    struct wf_filling f;
    struct wf_text_keys keys = {NULL, 0, 0};
    bool more = true;
    uint32_t n_set = 0;
    weft_err err = wf_text_expect(t, '{', "`{`");
    if (err)
        return err;
    const uint8_t *at = t->r.at - 1;
    if ((err = wf_fill_begin(&f, desc, &t->r, record)))
        return wf_text_fail(t, at, err, "%s", weft_err_text(err));
    for (bool first = true; more; first = false) {
        err = wf_text_more(t, '}', first, &more);
        if (!err && more)
            err = read_member(t, &f, &keys, &n_set);
        if (err)
            return err;
    }
    err = wf_text_check_keys(t, &keys, "this field");
    return err ? err : check_required(t, &f, &keys, at);
}

/* ---- the whole text ---- */

weft_err
weft_struct_from_json(const struct weft_struct *desc, struct weft_str text,
                      struct weft_arena *arena, void *record,
                      struct weft_json_error *why)
{
    struct weft_json_error unused;
    struct wf_text t = {.why = why ? why : &unused};
    *t.why = (struct weft_json_error){0};
    wf_record_init(desc, record);
    weft_reader_init_flat(&t.r, text.ptr, text.len, arena, 0);
    t.start = t.r.at;
    if (text.len > INT32_MAX)
        return wf_text_fail(&t, t.start, WEFT_ETOOBIG,
                            "the text is longer than 2 GiB");
    t.r.depth--; /* the record itself is a level */
    weft_err err = wf_text_read_record(&t, desc, record);
    uint8_t c;
    if (!err && !wf_json_look(&t.r, &c))
        err = wf_text_fail(&t, t.r.at, WEFT_ETRAILING,
                           "the value ends before this; leave it out");
    if (err)
        wf_record_init(desc, record);
    return err;
}
