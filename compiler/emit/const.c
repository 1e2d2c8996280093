/* SPDX-License-Identifier: MIT */
/*
 * Constants and defaults. Integers of up to 32 bits become enum constants, so
 * that they can be array sizes and case labels; everything else is a const
 * object. The items and structs that a value points to are written before the
 * value, as static const objects. A cast drops the const of these objects,
 * because the pointers in generated structs are not const; programs must not
 * write to these objects.
 */
#include "emit/put.h"

/* ---- records: the values of all fields ---- */

/* The value of a field: the given value, else the default of the field, else
 * the defaults of the struct in the field; NULL means zero. */
static struct wc_const *
field_value(struct wc_emit *e, const struct wc_const *value,
            const struct wc_record *r, const struct wc_field *f)
{
    struct wc_const *given = value->items ? value->items[f->index] : NULL;
    const struct wc_def *def = wc_record_of(f->type);
    if (given != NULL || (r->kind == WC_UNION && value->items))
        return given;
    if (f->init != NULL && !(f->boxed && f->need == WC_OPTIONAL))
        return f->init;
    if (def == NULL || f->boxed || !def->record.needs_init)
        return NULL;
    struct wc_const *empty = WC_NEW(e->c, struct wc_const);
    empty->type = wc_real(f->type);
    return empty;
}

/* ---- objects behind pointers ---- */

static void put_parts(struct wc_emit *e, const char *name,
                      struct wc_const *value);

static const char *
object_name(struct wc_emit *e, const char *name)
{
    const char *wanted = wc_format(e->c, "%s_%u", name, e->n_objects++);
    return wc_claim_static(e->c, e->file, wanted);
}

/* True if the object of the value was written before, for the same constant. If
 * not, mark the value, because the caller writes the object now. One constant
 * can contain a default many times. */
static bool
is_put(const struct wc_emit *e, struct wc_const *value)
{
    bool is = value->root == e->c->n_roots;
    value->root = e->c->n_roots;
    return is;
}

static void
begin_root(struct wc_emit *e)
{
    e->c->n_roots++;
    e->n_objects = 0;
}

/* Write one item of an object. Short items share a line. */
static void
put_item(struct wc_emit *e, const char *text, size_t *column)
{
    bool fits = !strchr(text, '\n') && *column + strlen(text) + 2 <= 80;
    wc_put(e, fits ? " %s," : "\n    %s,", text);
    *column = fits ? *column + strlen(text) + 2 : strlen(text) + 5;
}

static const char *
pair_text(struct wc_emit *e, struct wc_const *const *pair)
{
    const char *key = wc_initialiser(e, pair[0], 8, 2);
    const char *value = wc_initialiser(e, pair[1], 8, 2);
    bool flat = !strchr(key, '\n') && !strchr(value, '\n') &&
                strlen(key) + strlen(value) + 9 <= 80;
    return wc_format(e->c,
                     flat ? "{%s, %s}" : "{\n        %s,\n        %s,\n    }",
                     key, value);
}

static const char *
item_type(struct wc_emit *e, const struct wc_type *type)
{
    if (type->kind == WC_MAP)
        return wc_format(e->c, "struct %s_item", type->container->c_name);
    return wc_c_type(e->c, type->element);
}

static void
put_items(struct wc_emit *e, const char *name, struct wc_const *value)
{
    uint32_t step = value->type->kind == WC_MAP ? 2 : 1;
    size_t column = 80;
    if (value->n == 0 || is_put(e, value))
        return;
    for (uint32_t i = 0; i < value->n * step; i++)
        put_parts(e, name, value->items[i]);
    value->object = object_name(e, name);
    wc_put(e, "\nstatic const %s %s[] = {", item_type(e, value->type),
           value->object);
    for (uint32_t i = 0; i < value->n; i++)
        put_item(e,
                 step == 2 ? pair_text(e, &value->items[2 * i])
                           : wc_initialiser(e, value->items[i], 4, 1),
                 &column);
    wc_put(e, "\n};\n");
}

/* Write "<head> = <value>;". */
static void
put_object(struct wc_emit *e, const char *head, const struct wc_const *value)
{
    wc_put(e, "\n%s = %s;\n", head,
           wc_initialiser(e, value, 0, strlen(head) + 3));
}

static void
put_static(struct wc_emit *e, const char *name, struct wc_const *value)
{
    if (is_put(e, value))
        return;
    value->object = object_name(e, name);
    put_object(e,
               wc_format(e->c, "static const %s %s",
                         wc_c_type(e->c, value->type), value->object),
               value);
}

static void
put_record_parts(struct wc_emit *e, const char *name, struct wc_const *value)
{
    const struct wc_record *r = &value->type->def->record;
    if (value->all == NULL)
        value->all = wc_alloc(e->c, (r->n_fields + 1) * sizeof *value->all);
    for (const struct wc_field *f = r->fields; f; f = f->next) {
        struct wc_const *part = field_value(e, value, r, f);
        value->all[f->index] = part;
        if (part == NULL)
            continue;
        put_parts(e, name, part);
        if (f->boxed)
            put_static(e, name, part);
    }
    if (value->items == NULL)
        value->items = wc_alloc(e->c, (r->n_fields + 1) * sizeof *value->items);
}

/* Write a string that is too long for a literal as an array of bytes. */
static void
put_bytes(struct wc_emit *e, const char *name, struct wc_const *value)
{
    bool text =
        value->type->kind == WC_STRING || value->type->kind == WC_BINARY;
    if (!text || value->len <= WC_LONGEST_LITERAL || is_put(e, value))
        return;
    value->object = object_name(e, name);
    wc_put(e, "\nstatic const char %s[] = {", value->object);
    for (uint32_t i = 0; i < value->len; i++)
        wc_put(e, "%s%d,", i % 16 ? " " : "\n    ",
               (signed char)value->text[i]);
    wc_put(e, "\n};\n");
}

static void
put_parts(struct wc_emit *e, const char *name, struct wc_const *value)
{
    put_bytes(e, name, value);
    if (value->type->element != NULL)
        put_items(e, name, value);
    else if (wc_record_of(value->type))
        put_record_parts(e, name, value);
}

void
wc_put_objects(struct wc_emit *e, const char *name, struct wc_const *value)
{
    begin_root(e);
    put_parts(e, name, value);
    if (wc_record_of(value->type))
        put_static(e, name, value);
}

/* ---- constants ---- */

static bool
is_enumerator(const struct wc_def *def)
{
    enum wc_type_kind kind = wc_real(def->type)->kind;
    return (kind >= WC_I8 && kind <= WC_I32) || wc_enum_of(def->type);
}

void
wc_put_const_declaration(struct wc_emit *e, const struct wc_def *def)
{
    wc_put(e, "\n");
    wc_put_doc(e, 0, def->doc);
    if (is_enumerator(def))
        wc_put(e, "enum { %s = %s };\n", def->c_name,
               wc_initialiser(e, def->init, 0, 0));
    else
        wc_put(e, "extern const %s;\n",
               wc_declare(e->c, wc_c_type(e->c, def->type), def->c_name));
}

void
wc_put_const(struct wc_emit *e, const struct wc_def *def)
{
    if (is_enumerator(def))
        return;
    begin_root(e);
    put_parts(e, def->c_name, def->init);
    put_object(
        e,
        wc_format(e->c, "const %s %s", wc_c_type(e->c, def->type), def->c_name),
        def->init);
}
