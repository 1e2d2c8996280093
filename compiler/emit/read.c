/* SPDX-License-Identifier: MIT */
/* Writes the functions that read records. Each function has one switch on id
 * and wire type together, so that the function skips a known id with another
 * type like an unknown field. Each function keeps the position (struct
 * weft_run) and the bits of the fields read so far in registers. A generated
 * function expects the first field first, and after each field the field with
 * the next id. */
#include "emit/put.h"

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* ---- required fields: a mask of the fields that were not read yet ---- */

struct mask {
    uint32_t n; /* required fields */
    uint32_t next;
};

static uint32_t
count_required(const struct wc_record *r)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n_fields; i++)
        n += r->by_id[i]->need == WC_REQUIRED;
    return n;
}

static void
put_mask(struct wc_emit *e, const struct mask *m)
{
    uint32_t words_n = (m->n + 31) / 32;
    uint32_t last = m->n % 32 ? (UINT32_C(1) << m->n % 32) - 1 : UINT32_MAX;
    if (m->n == 0)
        return;
    if (words_n == 1) {
        wc_put(e, "    uint32_t missing = 0x%x; /* required fields */\n", last);
        return;
    }
    wc_put(e, "    uint32_t missing[%u]; /* required fields */\n", words_n);
    wc_put(e, "    memset(missing, 0xff, sizeof missing);\n");
    if (m->n % 32)
        wc_put(e, "    missing[%u] = 0x%x;\n", words_n - 1, last);
}

/* The statement that clears a field's bit. */
static const char *
clear_bit(struct wc_emit *e, struct mask *m)
{
    uint32_t bit = m->next++;
    const char *word =
        m->n <= 32 ? "missing" : wc_format(e->c, "missing[%u]", bit / 32);
    return wc_format(e->c, "%s &= ~UINT32_C(0x%x);", word,
                     UINT32_C(1) << bit % 32);
}

static void
put_mask_check(struct wc_emit *e, const struct mask *m)
{
    if (m->n == 0)
        wc_put(e, "    return err;\n");
    else if (m->n <= 32)
        wc_put(e, "    return !err && missing ? WEFT_EREQUIRED : err;\n");
    else
        wc_put(e, "    for (size_t i = 0; i < sizeof missing / sizeof "
                  "*missing; i++) {\n"
                  "        if (!err && missing[i])\n"
                  "            return WEFT_EREQUIRED;\n    }\n"
                  "    return err;\n");
}

/* ---- records ---- */

/* The statement that sets the bit of an optional field. */
static const char *
set_bit(struct wc_emit *e, const struct wc_record *r, const struct wc_field *f)
{
    uint32_t bit = (uint32_t)f->has_bit;
    const char *word =
        r->n_bits <= 32 ? "has" : wc_format(e->c, "has[%u]", bit / 32);
    return wc_format(e->c, "%s |= UINT32_C(0x%x);", word,
                     UINT32_C(1) << bit % 32);
}

static void
put_note_presence(struct wc_emit *e, const struct wc_record *r,
                  const struct wc_field *f, struct mask *m)
{
    const char *indent = "            ";
    const char *statement = NULL;
    if (r->kind == WC_UNION || r->kind == WC_RESULT)
        statement = wc_format(e->c, "x->which = %d;", f->id);
    else if (f->need == WC_REQUIRED)
        statement = clear_bit(e, m);
    else if (f->has_bit >= 0)
        statement = set_bit(e, r, f);
    if (statement == NULL)
        return;
    if (wc_is_container(f->type))
        wc_put(e, "%sif (fits)\n    ", indent);
    wc_put(e, "%s%s\n", indent, statement);
}

/* A field's label in the switch. */
static uint32_t
field_key(const struct wc_emit *e, const struct wc_field *f)
{
    return (uint32_t)(uint16_t)f->id << 8 |
           e->proto->codes[wc_wire_number(f->type)];
}

/* True if it is likely that another field follows. A union or result has only
 * one field. */
static bool
has_likely(const struct wc_record *r)
{
    return r->n_fields > 0 && r->kind != WC_UNION && r->kind != WC_RESULT;
}

static void
put_labels(struct wc_emit *e, const struct wc_field *f, const char *note)
{
    uint32_t key = field_key(e, f);
    wc_put(e, "        case 0x%06x: %s\n", key, note);
    if (wc_is_in_head(e, f->type)) /* true and false have different codes */
        wc_put(e, "        case 0x%06x:\n", key + 1);
}

static void
put_box(struct wc_emit *e, const struct wc_field *f, const char *place)
{
    wc_put_statement(e, 12, wc_format(e->c, "%s =", place),
                     wc_format(e->c, "weft_next_box(r, sizeof *%s)", place));
    const char *call =
        wc_format(e->c, "%s_read_%s(r, %s)", wc_record_of(f->type)->c_name,
                  e->proto->name, place);
    const char *both = wc_format(e->c, "%s ? %s : WEFT_EBUDGET", place, call);
    if (strlen(both) + 17 <= 80) {
        wc_put_statement(e, 12, "err =", both);
        return;
    }
    wc_put(e,
           "            err = WEFT_EBUDGET;\n"
           "            if (%s)\n",
           place);
    wc_put_statement(e, 16, "err =", call);
}

static void
put_value(struct wc_emit *e, const struct wc_field *f)
{
    const char *place = wc_format(e->c, "x->%s", f->c_name);
    if (f->boxed) {
        wc_put_run(e, 12, false);
        put_box(e, f, place);
        wc_put_run(e, 12, true);
    } else if (wc_is_in_head(e, f->type)) {
        wc_put(e, "            %s = (field & 1) != 0;\n", place);
    } else if (wc_is_in_run(f->type)) {
        wc_put_statement(e, 12,
                         "err =", wc_read_value(e, f->type, place, "fits"));
    } else {
        wc_put_call(e, 12, "WEFT_VIA_READER",
                    ARGS(wc_read_value(e, f->type, place, "fits")), ";\n");
    }
}

/* True if the type is a set or map, or a list of sets or maps. */
static bool
has_keys(const struct wc_type *type)
{
    const struct wc_type *real = wc_real(type);
    return real->kind == WC_SET || real->kind == WC_MAP ||
           (real->kind == WC_LIST && has_keys(real->element));
}

static void
put_unique(struct wc_emit *e, const struct wc_def *def,
           const struct wc_field *f)
{
    uint32_t i = 0;
    if (!has_keys(f->type))
        return;
    while (def->record.by_id[i] != f)
        i++;
    wc_put(e, "            if (!err && fits)\n");
    wc_put_statement(e, 16, "err =",
                     wc_format(e->c,
                               "weft_read_unique(r, &%s_desc, %u, &x->%s)",
                               def->c_name, i, f->c_name));
}

static void
put_case_end(struct wc_emit *e, const struct wc_record *r,
             const struct wc_field *next)
{
    if (next && has_likely(r))
        wc_put(e, "            WEFT_NEXT_CASE(%s, 0x%06x);\n", e->proto->api,
               field_key(e, next));
    else
        wc_put(e, "            break;\n");
}

static void
put_case(struct wc_emit *e, const struct wc_def *def, const struct wc_field *f,
         const struct wc_field *next, struct mask *m)
{
    const char *note = wc_format(e->c, "/* %d: %s %s */", f->id,
                                 wc_type_text(e->c, f->type), f->name);
    if (strlen(note) > 55)
        note = wc_format(e->c, "/* %d */", f->id);
    put_labels(e, f, note);
    if (def->record.kind == WC_UNION)
        wc_put(e, "            weft_zero(x, sizeof *x);\n");
    put_value(e, f);
    put_unique(e, def, f);
    put_note_presence(e, &def->record, f, m);
    put_case_end(e, &def->record, next);
}

/* The call that skips or keeps an unknown field. */
static const char *
unknown_field(struct wc_emit *e, const struct wc_record *r)
{
    if (r->keeps_unknown)
        return wc_format(e->c, "weft_%s_read_unknown(r, field, &x->unknown)",
                         e->proto->api);
    return wc_format(e->c, "weft_%s_skip_field(r, field)", e->proto->api);
}

static void
put_other(struct wc_emit *e, const struct wc_record *r, size_t indent)
{
    wc_put_call(e, indent, "WEFT_VIA_READER", ARGS(unknown_field(e, r)), ";\n");
}

static void
put_switch(struct wc_emit *e, const struct wc_def *def, struct mask *m)
{
    const struct wc_record *r = &def->record;
    if (r->n_fields == 0) {
        put_other(e, r, 8);
        return;
    }
    wc_put(e, "        switch (field) {\n");
    for (uint32_t i = 0; i < r->n_fields; i++)
        put_case(e, def, r->by_id[i], r->by_id[i + 1], m);
    wc_put(e, "        default:\n");
    put_other(e, r, 12);
    wc_put(e, "        }\n");
}

static bool
holds_container(const struct wc_record *r)
{
    for (uint32_t i = 0; i < r->n_fields; i++) {
        if (wc_is_container(r->by_id[i]->type))
            return true;
    }
    return false;
}

/* The label of the field that is expected first; 0: no field is expected. */
static uint32_t
first_key(const struct wc_emit *e, const struct wc_record *r)
{
    return has_likely(r) ? field_key(e, r->by_id[0]) : 0;
}

static void
put_begin(struct wc_emit *e, const struct wc_def *def)
{
    const struct wc_record *r = &def->record;
    /* An empty union on the wire has no member, even if the IDL has a default
     * for a member. */
    if (r->kind == WC_UNION)
        wc_put(e, "    weft_zero(x, sizeof *x);\n");
    else
        wc_put(e, "    %s_init(x);\n", def->c_name);
    wc_put(e,
           "    struct weft_run in;\n"
           "    weft_err err = weft_run_enter(r, &in);\n"
           "    uint32_t field = 0;\n"
           "    while (weft_%s_has_field(r, &in, &field, &err, 0x%06x)) {\n%s",
           e->proto->api, first_key(e, r),
           holds_container(r) ? "        bool fits = false;\n" : "");
}

/* Write the declaration of the variable that holds the bits of `has` for the
 * fields read so far. */
static void
put_bits(struct wc_emit *e, const struct wc_record *r)
{
    uint32_t words_n = (r->n_bits + 31) / 32;
    if (r->n_bits == 0)
        return;
    if (words_n == 1)
        wc_put(e, "    uint32_t has = 0;\n");
    else
        wc_put(e, "    uint32_t has[%u] = {0};\n", words_n);
}

static void
put_end(struct wc_emit *e, const struct wc_record *r)
{
    if (r->n_bits > 0)
        wc_put(e, "    memcpy(&x->has, %shas, sizeof x->has);\n",
               r->n_bits > 32 ? "" : "&");
    wc_put(e, "    err = weft_run_leave(r, &in, err);\n");
}

void
wc_put_read(struct wc_emit *e, const struct wc_def *def)
{
    const struct wc_record *r = &def->record;
    struct mask m = {count_required(r), 0};
    wc_put(e, "\n");
    wc_put_codec_head(e, def, true);
    wc_put(e, "    struct %s *x = record;\n", def->c_name);
    put_mask(e, &m);
    put_bits(e, r);
    put_begin(e, def);
    put_switch(e, def, &m);
    wc_put(e, "    }\n");
    put_end(e, r);
    if (r->kind == WC_RESULT && r->function->returns->kind == WC_VOID)
        wc_put(e, "    if (!err && x->which == WEFT_RESULT_NONE)\n"
                  "        x->which = 0;\n");
    put_mask_check(e, &m);
    wc_put(e, "}\n");
}
