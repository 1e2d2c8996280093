/* SPDX-License-Identifier: MIT */
/* Descriptors: the types as tables, for the engine in codec. */
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

/* Equal keys are equal types: c_names are unique, words have no brackets. */
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

static const char *put_type(struct wc_emit *e, const struct wc_type *type);

static void
put_item_layout(struct wc_emit *e, const struct wc_type *real)
{
    const char *container = real->container->c_name;
    if (real->kind == WC_MAP) {
        wc_put(e, "    .item_size = sizeof(struct %s_item),\n", container);
        wc_put(e, "    .value_offset = offsetof(struct %s_item, value),\n",
               container);
    } else {
        wc_put(e, "    .item_size = sizeof(%s),\n",
               wc_c_type(e->c, real->element));
    }
}

static const char *
put_new_type(struct wc_emit *e, const struct wc_type *real)
{
    struct wc *c = e->c;
    const char *key = real->key ? put_type(e, real->key) : NULL;
    const char *element = real->element ? put_type(e, real->element) : NULL;
    const char *name = wc_format(c, "type_%s", word_of(c, real));
    if (strlen(name) > 48)
        name = wc_format(c, "type_%u", e->n_types++);
    name = wc_claim_static(c, e->file, name);
    wc_put(e, "\nstatic const struct weft_type %s = {\n", name);
    wc_put(e, "    .wire = %s,\n", wc_wire_name(real));
    if (real->kind == WC_BINARY)
        wc_put(e, "    .is_binary = true,\n");
    wc_put(e, "    .size = sizeof(%s),\n", wc_c_type(c, real));
    if (element)
        put_item_layout(e, real);
    if (key)
        wc_put(e, "    .key = &%s,\n", key);
    if (element)
        wc_put(e, "    .element = &%s,\n", element);
    if (real->kind == WC_NAMED)
        wc_put(e, "    .%s = &%s_desc,\n",
               wc_record_of(real) ? "record" : "names", real->def->c_name);
    wc_put(e, "};\n");
    return name;
}

/* Write the table of a type unless it is written already. Returns its name. */
static const char *
put_type(struct wc_emit *e, const struct wc_type *type)
{
    const struct wc_type *real = wc_real(type);
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
    wc_put(e, "    {\n        .name = \"%s\",\n        .type = &%s,\n", f->name,
           put_type(e, f->type));
    wc_put(e, "        .offset = offsetof(struct %s, %s),\n", def->c_name,
           f->c_name);
    if (f->has_bit > 0)
        wc_put(e, "        .has_bit = %d,\n", f->has_bit);
    wc_put(e, "        .id = %d,\n", f->id);
    if (f->need != WC_DEFAULT)
        wc_put(e, "        .requiredness = %s,\n", needs[f->need]);
    if (f->boxed)
        wc_put(e, "        .boxed = true,\n");
    wc_put(e, "    },\n");
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

/* X_init has a typed argument. The table calls through void *, so that it needs
 * a function of that type. */
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
    wc_put(e, "\nconst struct weft_struct %s_desc = {\n    .name = \"%s\",\n",
           name, def->name);
    if (r->n_fields > 0)
        wc_put(e, "    .fields = %s_fields,\n    .n_fields = %u,\n", name,
               r->n_fields);
    wc_put(e, "    .size = sizeof(struct %s),\n", name);
    if (tagged || r->n_bits > 0)
        wc_put(e, "    .has_offset = offsetof(struct %s, %s),\n", name,
               tagged ? "which" : "has");
    wc_put(e, "    .kind = %s,\n", kinds[r->kind]);
    if (r->needs_init)
        wc_put(e, "    .init = %s_init_any,\n", name);
    if (r->keeps_unknown)
        wc_put(e,
               "    .keeps_unknown = true,\n"
               "    .unknown_offset = offsetof(struct %s, unknown),\n",
               name);
    for (uint32_t i = 0; i < WC_PROTOS && !r->by_table; i++)
        wc_put(e, "    .read_%s = %s_read_%s,\n", wc_protos[i].name, name,
               wc_protos[i].name);
    for (uint32_t i = 0; i < WC_PROTOS && !r->by_table; i++)
        wc_put(e, "    .write_%s = %s_write_%s,\n", wc_protos[i].name, name,
               wc_protos[i].name);
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
