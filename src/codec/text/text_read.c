/* SPDX-License-Identifier: MIT */
/* Reads records and base values from JSON text. */
#include "codec/desc/desc.h"
#include "codec/json/json.h"
#include "codec/text/text.h"

#include <inttypes.h>

/* ---- numbers, bools, and strings of a certain form ---- */

static weft_err
read_bool(struct wf_text *t, bool *v)
{
    const uint8_t *at = t->r.at;
    char word[8];
    weft_err err = wf_json_read_word(&t->r, word, sizeof word);
    *v = !err && strcmp(word, "true") == 0;
    if (err || (!*v && strcmp(word, "false") != 0))
        return wf_text_fail(t, at, WEFT_EPROTOCOL, "true or false is expected");
    return WEFT_OK;
}

static weft_err
read_int(struct wf_text *t, uint8_t wire, void *value)
{
    static const struct {
        uint8_t wire, size;
    } sizes[] = {{WEFT_I8, 1}, {WEFT_I16, 2}, {WEFT_I32, 4}, {WEFT_I64, 8}};
    const uint8_t *at = t->r.at;
    size_t i = 0;
    while (sizes[i].wire != wire)
        i++;
    int64_t max = INT64_MAX >> (64 - 8 * sizes[i].size), v = 0;
    weft_err err = wf_json_read_int(&t->r, false, -max - 1, max, &v);
    if (err)
        return wf_text_fail(t, at, WEFT_EPROTOCOL,
                            "a whole number from %" PRId64 " to %" PRId64
                            " is expected, without quotes",
                            -max - 1, max);
    switch (wire) {
    case WEFT_I8:
        *(int8_t *)value = (int8_t)v;
        break;
    case WEFT_I16:
        *(int16_t *)value = (int16_t)v;
        break;
    case WEFT_I32:
        *(int32_t *)value = (int32_t)v;
        break;
    default:
        *(int64_t *)value = v;
    }
    return WEFT_OK;
}

static weft_err
read_double(struct wf_text *t, double *v)
{
    const uint8_t *at = t->r.at;
    bool is_digit = *at == '-' || (*at >= '0' && *at <= '9');
    if ((is_digit || *at == '"') && !wf_json_read_double(&t->r, false, v))
        return WEFT_OK;
    return wf_text_fail(t, at, WEFT_EPROTOCOL,
                        "a number is expected, or \"NaN\", \"Infinity\" or "
                        "\"-Infinity\"");
}

static weft_err
read_enum(struct wf_text *t, const struct weft_enum *desc, int32_t *v)
{
    const uint8_t *at = t->r.at;
    struct weft_str name;
    struct wf_text_guess guess = {NULL, 0};
    if (*at != '"')
        return read_int(t, WEFT_I32, v);
    weft_err err = wf_text_read_str(t, "a name", &name);
    if (err)
        return err;
    for (uint32_t i = 0; i < desc->n_values; i++) {
        const struct weft_enum_value *row = &desc->values[i];
        if (weft_str_eq(name, weft_str_of(row->name))) {
            *v = row->value;
            return WEFT_OK;
        }
        wf_text_offer(&guess, name, row->name);
    }
    if (guess.best)
        return wf_text_fail(t, at, WEFT_EPROTOCOL,
                            "%s has no value `%.*s`; did you mean `%s`?",
                            desc->name, WEFT_FMT(name), guess.best);
    return wf_text_fail(t, at, WEFT_EPROTOCOL,
                        "%s has no value `%.*s`; it may be given as a number",
                        desc->name, WEFT_FMT(name));
}

/* The protocol's readers are used; they do not say what is wrong. */
static weft_err
read_form(struct wf_text *t, const struct weft_type *type, void *value)
{
    const uint8_t *at = t->r.at;
    weft_err err;
    const char *what;
    if (type->wire == WEFT_UUID) {
        err = wf_json_read_uuid(&t->r, value);
        what = "a uuid is expected: \"01234567-89ab-cdef-0123-456789abcdef\"";
    } else {
        struct weft_str v = {NULL, 0};
        err = wf_json_read_binary(&t->r, &v);
        memcpy(value, &v, sizeof v);
        what = "binary is expected as a string in base64";
    }
    if (err == WEFT_EBUDGET)
        return wf_text_fail(t, at, err, "%s", weft_err_text(err));
    return err ? wf_text_fail(t, at, WEFT_EPROTOCOL, "%s", what) : WEFT_OK;
}

static weft_err
read_text(struct wf_text *t, void *value)
{
    struct weft_str v;
    weft_err err = wf_text_read_str(t, "a string", &v);
    if (!err)
        memcpy(value, &v, sizeof v);
    return err;
}

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
    switch (type->wire) {
    case WEFT_BOOL:
        return read_bool(t, value);
    case WEFT_DOUBLE:
        return read_double(t, value);
    case WEFT_STRING:
        return type->is_binary ? read_form(t, type, value)
                               : read_text(t, value);
    case WEFT_UUID:
        return read_form(t, type, value);
    case WEFT_I32:
        return type->names ? read_enum(t, type->names, value)
                           : read_int(t, type->wire, value);
    case WEFT_I8:
    case WEFT_I16:
    case WEFT_I64:
        return read_int(t, type->wire, value);
    default:
        return read_nested(t, type, value);
    }
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
    char word[8];
    *is_null = false;
    weft_err err = wf_text_look(t, "a value", &c);
    if (err || c != 'n')
        return err;
    const uint8_t *at = t->r.at;
    err = wf_json_read_word(&t->r, word, sizeof word);
    *is_null = !err && strcmp(word, "null") == 0;
    return *is_null ? WEFT_OK
                    : wf_text_fail(t, at, WEFT_EPROTOCOL,
                                   "a value is expected here");
}

/* A second member of a union would replace the first. */
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
        err = wf_unique_value(&t->r, field->type, place); /* of structs */
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
    t.r.depth--; /* the record itself */
    weft_err err = wf_text_read_record(&t, desc, record);
    uint8_t c;
    if (!err && !wf_json_look(&t.r, &c))
        err = wf_text_fail(&t, t.r.at, WEFT_ETRAILING,
                           "the value ends before this; leave it out");
    if (err)
        wf_record_init(desc, record);
    return err;
}
