/* SPDX-License-Identifier: MIT */
/* Writes descriptors, the tables of types that codec/desc reads. */
#include "emit/put.h"

/* ---- types ---- */

static const char *
word_of(struct wc *c, const struct wc_type *type)
{
    const struct wc_type *real = wc_real(type);
    if (real->kind == WC_NAMED)
        return real->def->c_name;
    if (real->kind == WC_MAP)
        return wc_format(c, "map_%s_%s", word_of(c, real->key),
                         word_of(c, real->element));
    if (real->element != NULL)
        return wc_format(c, "%s_%s", real->kind == WC_SET ? "set" : "list",
                         word_of(c, real->element));
    return wc_type_text(c, real);
}

/* The key of a type. Only equal types have equal keys, because each definition
 * has its own C name, and a C name has no brackets. */
static const char *
key_of(struct wc *c, const struct wc_type *type)
{
    const struct wc_type *real = wc_real(type);
    if (real->kind == WC_NAMED)
        return real->def->c_name;
    if (real->kind == WC_MAP)
        return wc_format(c, "m<%s,%s>", key_of(c, real->key),
                         key_of(c, real->element));
    if (real->element != NULL)
        return wc_format(c, "%c<%s>", real->kind == WC_SET ? 's' : 'l',
                         key_of(c, real->element));
    return wc_format(c, "<%d>", (int)real->kind);
}

/* ---- initialisers: parts with commas between them, in as few lines as 80
 * columns allow ---- */

struct parts {
    struct wc_emit *e;
    size_t indent, column;
};

WEFT_PRINTF(2, 3)
static void
put_part(struct parts *p, const char *fmt, ...)
{
    struct wc_text text = {NULL, 0, 0};
    va_list args;
    va_start(args, fmt);
    wc_text_vprintf(p->e->c, &text, fmt, args);
    va_end(args);
    bool first = p->column == p->indent;
    bool fits = p->column + text.len + 3 <= 80;
    if (!first && fits) {
        wc_put(p->e, ", ");
        p->column += 2;
    } else if (!first) {
        wc_put(p->e, ",\n%*s", (int)p->indent, "");
        p->column = p->indent;
    }
    p->column += text.len;
    wc_put(p->e, "%s", text.ptr);
}

static const char *put_type(struct wc_emit *e, const struct wc_type *type);

static void
put_item_layout(struct parts *p, const struct wc_type *real)
{
    const char *container = real->container->c_name;
    if (real->kind == WC_MAP) {
        put_part(p, ".item_size = sizeof(struct %s_item)", container);
        put_part(p, ".value_offset = offsetof(struct %s_item, value)",
                 container);
    } else {
        put_part(p, ".item_size = sizeof(%s)",
                 wc_c_type(p->e->c, real->element));
    }
}

static const char *
put_new_type(struct wc_emit *e, const struct wc_type *real)
{
    struct wc *c = e->c;
    struct parts p = {e, 4, 4};
    const char *key = real->key ? put_type(e, real->key) : NULL;
    const char *element = real->element ? put_type(e, real->element) : NULL;
    const char *name = wc_format(c, "type_%s", word_of(c, real));
    if (strlen(name) > 48)
        name = wc_format(c, "type_%u", e->n_types++);
    name = wc_claim_static(c, e->file, name);
    wc_put(e, "\nstatic const struct weft_type %s = {\n    ", name);
    put_part(&p, ".wire = %s", wc_wire_name(real));
    put_part(&p, ".size = sizeof(%s)", wc_c_type(c, real));
    if (element)
        put_item_layout(&p, real);
    if (key)
        put_part(&p, ".key = &%s", key);
    if (element)
        put_part(&p, ".element = &%s", element);
    if (real->kind == WC_NAMED)
        put_part(&p, ".%s = &%s_desc", wc_record_of(real) ? "record" : "names",
                 real->def->c_name);
    wc_put(e, "};\n");
    return name;
}

/* Write the table of a type, unless the table was written before. Returns the
 * name of the table. */
static const char *
put_type(struct wc_emit *e, const struct wc_type *type)
{
    const struct wc_type *real = wc_real(type);
    if (real->kind < WC_LIST)
        return wc_format(e->c, "weft_type_%s", wc_type_text(e->c, real));
    const char *key = key_of(e->c, real);
    char *name = wc_map_get(&e->types, key);
    if (name == NULL) {
        const char *made = put_new_type(e, real);
        name = (char *)made;
        wc_map_put(e->c, &e->types, key, name);
    }
    return name;
}

/* ---- fields ---- */

static void
put_field(struct wc_emit *e, const struct wc_def *def, const struct wc_field *f)
{
    static const char *const needs[] = {"WEFT_DEFAULT", "WEFT_REQUIRED",
                                        "WEFT_OPTIONAL"};
    struct parts p = {e, 5, 5};
    wc_put(e, "    {");
    put_part(&p, ".name = \"%s\"", f->name);
    put_part(&p, ".type = &%s", put_type(e, f->type));
    put_part(&p, ".offset = offsetof(struct %s, %s)", def->c_name, f->c_name);
    if (f->has_bit > 0)
        put_part(&p, ".has_bit = %d", f->has_bit);
    put_part(&p, ".id = %d", f->id);
    if (f->need != WC_DEFAULT)
        put_part(&p, ".requiredness = %s", needs[f->need]);
    if (f->boxed)
        put_part(&p, ".boxed = true");
    if (wc_begins_with_member(f))
        put_part(&p, ".has_default = true");
    wc_put(e, "},\n");
}

static void
put_fields(struct wc_emit *e, const struct wc_def *def)
{
    const struct wc_record *r = &def->record;
    for (uint32_t i = 0; i < r->n_fields; i++)
        put_type(e, r->by_id[i]->type);
    if (r->n_fields == 0)
        return;
    wc_put(e, "\nstatic const struct weft_field %s_fields[] = {\n",
           def->c_name);
    for (uint32_t i = 0; i < r->n_fields; i++)
        put_field(e, def, r->by_id[i]);
    wc_put(e, "};\n");
}

/* ---- records ---- */

/* Write a function that takes a void * and calls X_init, because the descriptor
 * needs such a function and X_init takes a struct X *. */
static void
put_init_any(struct wc_emit *e, const struct wc_def *def)
{
    wc_put(e,
           "\nstatic void\n%s_init_any(void *record)\n{\n"
           "    %s_init(record);\n}\n",
           def->c_name, def->c_name);
}

void
wc_put_descriptor(struct wc_emit *e, const struct wc_def *def)
{
    static const char *const kinds[] = {
        "WEFT_RECORD_STRUCT", "WEFT_RECORD_UNION", "WEFT_RECORD_EXCEPTION",
        "WEFT_RECORD_STRUCT", "WEFT_RECORD_UNION"};
    const struct wc_record *r = &def->record;
    const char *name = def->c_name;
    bool tagged = r->kind == WC_UNION || r->kind == WC_RESULT;
    put_fields(e, def);
    if (r->needs_init)
        put_init_any(e, def);
    struct parts p = {e, 4, 4};
    wc_put(e, "\nconst struct weft_struct %s_desc = {\n    ", name);
    put_part(&p, ".name = \"%s\"", def->name);
    if (r->n_fields > 0) {
        put_part(&p, ".fields = %s_fields", name);
        put_part(&p, ".n_fields = %u", r->n_fields);
    }
    put_part(&p, ".size = sizeof(struct %s)", name);
    if (tagged || r->n_bits > 0)
        put_part(&p, ".has_offset = offsetof(struct %s, %s)", name,
                 tagged ? "which" : "has");
    put_part(&p, ".kind = %s", kinds[r->kind]);
    if (r->kind == WC_RESULT)
        put_part(&p, ".is_result = true");
    if (r->needs_init)
        put_part(&p, ".init = %s_init_any", name);
    if (r->keeps_unknown) {
        put_part(&p, ".keeps_unknown = true");
        put_part(&p, ".unknown_offset = offsetof(struct %s, unknown)", name);
    }
    for (uint32_t i = 0; i < WC_PROTOS; i++) {
        if (!(r->straight >> i & 1))
            continue;
        put_part(&p, ".read_%s = %s_read_%s", wc_protos[i].name, name,
                 wc_protos[i].name);
        put_part(&p, ".write_%s = %s_write_%s", wc_protos[i].name, name,
                 wc_protos[i].name);
    }
    wc_put(e, "};\n");
}

/* ---- enums ---- */

void
wc_put_enum_descriptor(struct wc_emit *e, const struct wc_def *def)
{
    const struct wc_enum *en = &def->enums;
    if (en->n_values > 0) {
        wc_put(e, "\nstatic const struct weft_enum_value %s_values[] = {\n",
               def->c_name);
        for (const struct wc_enum_value *v = en->values; v; v = v->next)
            wc_put(e, "    {\"%s\", %s},\n", v->name, v->c_name);
        wc_put(e, "};\n");
    }
    wc_put(e, "\nconst struct weft_enum %s_desc = {\n    .name = \"%s\",\n",
           def->c_name, def->name);
    if (en->n_values > 0)
        wc_put(e, "    .values = %s_values,\n    .n_values = %u,\n",
               def->c_name, en->n_values);
    wc_put(e, "};\n");
}
