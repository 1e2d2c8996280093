/* SPDX-License-Identifier: MIT */
/* Readers: one switch on id and wire type together, so that a field of another
 * type falls to where unknown ones are passed over. */
#include "emit.h"

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* In the order of enum wc_type_kind. */
static const char *const words[] = {"",    "bool",   "i8",  "i16", "i32",
                                    "i64", "double", "str", "str", "uuid"};

static const char *
word_of(const struct wc_type *type)
{
    return wc_enum_of(type) ? "i32" : words[wc_real(type)->kind];
}

static const char *
use_name(struct wc_emit *e, const struct wc_type *real, bool read)
{
    const struct wc_use *use =
        wc_map_get(&e->file->used, real->container->c_name);
    return read ? use->read : use->write;
}

static const char *
read_value(struct wc_emit *e, const struct wc_type *type, const char *place,
           const char *fits)
{
    const struct wc_type *real = wc_real(type);
    const struct wc_def *record = wc_record_of(real);
    if (record != NULL)
        return wc_format(e->c, "%s_read(r, &%s)", record->c_name, place);
    if (real->element != NULL)
        return wc_format(e->c, "%s(r, &%s, &%s)", use_name(e, real, true),
                         place, fits);
    return wc_format(e->c, "weft_bin_read_%s(r, &%s)", word_of(type), place);
}

const char *
wc_write_value(struct wc_emit *e, const struct wc_type *type, const char *place)
{
    const struct wc_type *real = wc_real(type);
    const struct wc_def *record = wc_record_of(real);
    if (record != NULL)
        return wc_format(e->c, "%s_write(w, &%s)", record->c_name, place);
    if (real->element != NULL)
        return wc_format(e->c, "%s(w, &%s)", use_name(e, real, false), place);
    return wc_format(e->c, "weft_bin_write_%s(w, %s)", word_of(type), place);
}

/* ---- containers ---- */

static bool
nests(const struct wc_type *type)
{
    return wc_real(type)->element != NULL;
}

static void
put_read_map(struct wc_emit *e, const struct wc_type *real)
{
    bool nested = nests(real->key) || nests(real->element);
    wc_put_call(e, 4, "weft_err err = weft_bin_read_map",
                ARGS("r", wc_wire_name(real->key), wc_wire_name(real->element),
                     "sizeof *v->items", "v", "fits"),
                ";\n");
    wc_put(e, "    if (err || !*fits)\n        return err;\n"
              "    for (uint32_t i = 0; i < v->len && !err; i++) {\n");
    if (nested)
        wc_put(e, "        bool item_fits;\n");
    wc_put_statement(e, 8, "err =",
                     read_value(e, real->key, "v->items[i].key", "item_fits"));
    wc_put(e, "        if (!err)\n");
    wc_put_statement(
        e, 12, "err =",
        read_value(e, real->element, "v->items[i].value", "item_fits"));
    wc_put(e, "    }\n");
}

static void
put_read_list(struct wc_emit *e, const struct wc_type *real)
{
    bool nested = nests(real->element);
    const char *value =
        read_value(e, real->element, "v->items[i]", "item_fits");
    wc_put_call(
        e, 4, "weft_err err = weft_bin_read_list",
        ARGS("r", wc_wire_name(real->element), "sizeof *v->items", "v", "fits"),
        ";\n");
    wc_put(e,
           "    if (err || !*fits)\n        return err;\n"
           "    for (uint32_t i = 0; i < v->len && !err; i++)%s\n",
           nested ? " {" : "");
    if (nested)
        wc_put(e, "        bool item_fits;\n");
    wc_put_statement(e, 8, "err =", value);
    wc_put(e, "%s", nested ? "    }\n" : "");
}

static void
put_container_read(struct wc_emit *e, const struct wc_use *use)
{
    const struct wc_container *k = use->container;
    wc_put(e, "\n");
    wc_put_definition(e, "static weft_err", use->read,
                      ARGS("struct weft_reader *r",
                           wc_format(e->c, "struct %s *v", k->c_name),
                           "bool *fits"));
    if (k->type->kind == WC_MAP)
        put_read_map(e, k->type);
    else
        put_read_list(e, k->type);
    wc_put(e, "    weft_read_leave(r);\n    return err;\n}\n");
}

static void
put_container_write(struct wc_emit *e, const struct wc_use *use)
{
    const struct wc_container *k = use->container;
    const struct wc_type *t = k->type;
    bool is_map = t->kind == WC_MAP;
    wc_put(e, "\n");
    wc_put_definition(e, "static void", use->write,
                      ARGS("struct weft_writer *w",
                           wc_format(e->c, "const struct %s *v", k->c_name)));
    wc_put(e, "    if (v->len > 0 && !v->items)\n"
              "        weft_writer_fail(w, WEFT_EVALUE);\n"
              "    if (w->err || !weft_write_enter(w))\n        return;\n");
    if (is_map)
        wc_put_call(
            e, 4, "weft_bin_write_map",
            ARGS("w", wc_wire_name(t->key), wc_wire_name(t->element), "v->len"),
            ";\n");
    else
        wc_put_call(e, 4, "weft_bin_write_list",
                    ARGS("w", wc_wire_name(t->element), "v->len"), ";\n");
    wc_put(e, "    for (uint32_t i = 0; i < v->len; i++)%s\n",
           is_map ? " {" : "");
    if (is_map)
        wc_put(e, "        %s;\n        %s;\n    }\n",
               wc_write_value(e, t->key, "v->items[i].key"),
               wc_write_value(e, t->element, "v->items[i].value"));
    else
        wc_put(e, "        %s;\n",
               wc_write_value(e, t->element, "v->items[i]"));
    wc_put(e, "    weft_write_leave(w);\n}\n");
}

void
wc_put_container_functions(struct wc_emit *e, const struct wc_use *use)
{
    put_container_read(e, use);
    put_container_write(e, use);
}

/* ---- required fields: a mask of what has not been seen ---- */

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
    if (m->n > 32)
        wc_put(e, "    for (size_t i = 0; i < sizeof missing / sizeof "
                  "*missing; i++) {\n"
                  "        if (missing[i])\n"
                  "            return WEFT_EREQUIRED;\n    }\n");
    wc_put(e, "    return %s;\n",
           m->n > 0 && m->n <= 32 ? "missing ? WEFT_EREQUIRED : WEFT_OK"
                                  : "WEFT_OK");
}

/* ---- records ---- */

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
        statement = wc_format(e->c, "x->has.%s = 1;", f->c_name);
    if (statement == NULL)
        return;
    if (nests(f->type))
        wc_put(e, "%sif (fits)\n    ", indent);
    wc_put(e, "%s%s\n", indent, statement);
}

static void
put_case(struct wc_emit *e, const struct wc_def *def, const struct wc_field *f,
         struct mask *m)
{
    const char *place = wc_format(e->c, "x->%s", f->c_name);
    uint32_t key = (uint32_t)(uint16_t)f->id << 8 | wc_wire_number(f->type);
    const char *note = wc_format(e->c, "/* %d: %s %s */", f->id,
                                 wc_type_text(e->c, f->type), f->name);
    if (strlen(note) > 55)
        note = wc_format(e->c, "/* %d */", f->id);
    wc_put(e, "        case 0x%06x: %s\n", key, note);
    if (def->record.kind == WC_UNION)
        wc_put(e, "            memset(x, 0, sizeof *x);\n");
    if (f->boxed) {
        const struct wc_def *record = wc_record_of(f->type);
        wc_put_statement(
            e, 12, wc_format(e->c, "%s =", place),
            wc_format(e->c, "weft_read_box(r, sizeof *%s)", place));
        wc_put_statement(e, 12, "err =",
                         wc_format(e->c, "%s ? %s_read(r, %s) : WEFT_EBUDGET",
                                   place, record->c_name, place));
    } else {
        wc_put_statement(e, 12, "err =", read_value(e, f->type, place, "fits"));
    }
    put_note_presence(e, &def->record, f, m);
    wc_put(e, "            break;\n");
}

static void
put_switch(struct wc_emit *e, const struct wc_def *def, struct mask *m)
{
    const struct wc_record *r = &def->record;
    if (r->n_fields == 0) {
        wc_put(e, "        err = weft_bin_skip(r, (uint8_t)field);\n");
        return;
    }
    wc_put(e, "        switch (field) {\n");
    for (uint32_t i = 0; i < r->n_fields; i++)
        put_case(e, def, r->by_id[i], m);
    wc_put(e, "        default:\n"
              "            err = weft_bin_skip(r, (uint8_t)field);\n"
              "            break;\n"
              "        }\n");
}

static bool
any_nests(const struct wc_record *r)
{
    for (uint32_t i = 0; i < r->n_fields; i++) {
        if (nests(r->by_id[i]->type))
            return true;
    }
    return false;
}

void
wc_put_read(struct wc_emit *e, const struct wc_def *def)
{
    const struct wc_record *r = &def->record;
    struct mask m = {count_required(r), 0};
    wc_put(e, "\n");
    wc_put_definition(e, "weft_err", wc_format(e->c, "%s_read", def->c_name),
                      ARGS("struct weft_reader *r", wc_self(e->c, def, false)));
    if (wc_is_call(def))
        wc_put(e, "    struct %s *x = record;\n", def->c_name);
    put_mask(e, &m);
    /* A union that is not there has no member, whatever its default. */
    if (r->kind == WC_UNION)
        wc_put(e, "    memset(x, 0, sizeof *x);\n");
    else
        wc_put(e, "    %s_init(x);\n", def->c_name);
    wc_put(e,
           "    weft_err err = weft_read_enter(r);\n"
           "    if (err)\n        return err;\n"
           "    for (;;) {\n        uint32_t field;\n%s"
           "        err = weft_bin_read_field(r, &field);\n"
           "        if (err)\n            return err;\n"
           "        if (field == WEFT_STOP)\n            break;\n",
           any_nests(r) ? "        bool fits = false;\n" : "");
    put_switch(e, def, &m);
    wc_put(e, "        if (err)\n            return err;\n    }\n"
              "    weft_read_leave(r);\n");
    if (r->kind == WC_RESULT && r->function->returns->kind == WC_VOID)
        wc_put(e, "    if (x->which == WEFT_RESULT_NONE)\n"
                  "        x->which = 0;\n");
    put_mask_check(e, &m);
    wc_put(e, "}\n");
}
