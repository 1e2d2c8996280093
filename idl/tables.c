/* SPDX-License-Identifier: MIT */
#include "idl/tables.h"

#include <stdlib.h>

#define WORD 8u

void
wi_tables_init(struct wi_tables *t, struct wc *c)
{
    *t = (struct wi_tables){.c = c};
    t->pending_end = &t->pending;
}

static const char *
key_of(struct wi_tables *t, const void *ptr)
{
    return wc_format(t->c, "%p", ptr);
}

/* ---- types ---- */

static const struct weft_enum *
make_enum(struct wi_tables *t, const struct wc_def *def)
{
    const char *key = key_of(t, def);
    struct weft_enum *made = wc_map_get(&t->enums, key);
    if (made)
        return made;
    made = WC_NEW(t->c, struct weft_enum);
    struct weft_enum_value *values =
        wc_alloc(t->c, (def->enums.n_values + 1) * sizeof *values);
    *made = (struct weft_enum){def->name, values, 0};
    for (const struct wc_enum_value *v = def->enums.values; v; v = v->next)
        values[made->n_values++] = (struct weft_enum_value){v->name, v->number};
    wc_map_put(t->c, &t->enums, key, made);
    return made;
}

/* Make a record without fields. The fields are made later, not by recursion, so
 * that a chain of structs takes no stack. */
static struct wi_record *
new_record(struct wi_tables *t, const struct wc_record *source,
           const char *name)
{
    static const uint8_t kinds[] = {WEFT_RECORD_STRUCT, WEFT_RECORD_UNION,
                                    WEFT_RECORD_EXCEPTION, WEFT_RECORD_STRUCT,
                                    WEFT_RECORD_UNION};
    struct wi_record *made = WC_NEW(t->c, struct wi_record);
    made->desc.name = name;
    made->desc.kind = kinds[source->kind];
    made->desc.is_result = source->kind == WC_RESULT;
    made->source = source;
    made->next_all = t->all;
    t->all = made;
    *t->pending_end = made;
    t->pending_end = &made->next;
    return made;
}

const struct weft_struct *
wi_make_struct(struct wi_tables *t, const struct wc_def *def)
{
    const char *key = key_of(t, def);
    struct wi_record *made = wc_map_get(&t->records, key);
    if (!made) {
        made = new_record(t, &def->record, def->name);
        wc_map_put(t->c, &t->records, key, made);
    }
    return &made->desc;
}

/* The rows are in the order of enum wc_type_kind. The last row is that of
 * structs. An enum has the row of WC_I32. */
static const struct {
    uint8_t wire, size;
} kinds[] = {
    {WEFT_STOP, 0},    {WEFT_BOOL, 1},   {WEFT_I8, 1},     {WEFT_I16, 2},
    {WEFT_I32, 4},     {WEFT_I64, 8},    {WEFT_DOUBLE, 8}, {WEFT_STRING, 16},
    {WEFT_STRING, 16}, {WEFT_UUID, 16},  {WEFT_LIST, 16},  {WEFT_SET, 16},
    {WEFT_MAP, 16},    {WEFT_STRUCT, 0},
};

const struct weft_type *
wi_make_type(struct wi_tables *t, const struct wc_type *type)
{
    const struct wc_type *real = wc_real(type);
    const struct wc_def *names = wc_enum_of(real), *record = wc_record_of(real);
    enum wc_type_kind kind = names ? WC_I32 : real->kind;
    struct wi_type *made = WC_NEW(t->c, struct wi_type);
    made->type = (struct weft_type){.wire = kinds[kind].wire,
                                    .size = kinds[kind].size,
                                    .is_binary = kind == WC_BINARY};
    if (names)
        made->type.names = make_enum(t, names);
    if (record)
        made->type.record = wi_make_struct(t, record);
    if (real->key)
        made->type.key = wi_make_type(t, real->key);
    if (real->element)
        made->type.element = wi_make_type(t, real->element);
    made->next = t->types;
    t->types = made;
    return &made->type;
}

/* ---- layout ---- */

static uint32_t
align_up(uint32_t at, uint32_t to)
{
    return (at + to - 1) / to * to;
}

/* The bytes of a field in its struct; if the field is a struct, the bytes of a
 * pointer. */
static uint32_t
field_size(const struct weft_type *type)
{
    return type->wire == WEFT_STRUCT ? WORD : type->size;
}

static uint32_t
alignment_of(const struct weft_type *type)
{
    if (type->wire == WEFT_UUID)
        return 1;
    return type->size < WORD && type->wire != WEFT_STRUCT ? type->size : WORD;
}

static int
by_id(const void *a, const void *b)
{
    const struct wc_field *x = *(struct wc_field *const *)a;
    const struct wc_field *y = *(struct wc_field *const *)b;
    return x->id < y->id ? -1 : x->id > y->id;
}

static void
sort_fields(struct wi_tables *t, struct wi_record *r)
{
    uint32_t n = 0;
    for (const struct wc_field *f = r->source->fields; f; f = f->next)
        n++;
    r->fields = wc_alloc(t->c, (n + 1) * sizeof(struct wc_field *));
    r->desc.n_fields = n;
    n = 0;
    for (struct wc_field *f = r->source->fields; f; f = f->next)
        r->fields[n++] = f;
    qsort(r->fields, n, sizeof(struct wc_field *), by_id);
}

static void
lay_union(struct wi_record *r)
{
    r->desc.has_offset = offsetof(struct wi_result, which);
    r->desc.size = sizeof(struct wi_result);
}

/* Lay out a struct: first the values, then one bit for each value that may be
 * absent. */
static void
lay_struct(struct wi_record *r, struct weft_field *fields)
{
    uint32_t at = 0, n_bits = 0;
    for (uint32_t i = 0; i < r->desc.n_fields; i++) {
        struct weft_field *field = &fields[i];
        at = align_up(at, alignment_of(field->type));
        field->offset = at;
        at += field_size(field->type);
        if (field->requiredness != WEFT_REQUIRED && !field->boxed)
            field->has_bit = (uint16_t)n_bits++;
    }
    r->desc.has_offset = align_up(at, sizeof(uint32_t));
    at = r->desc.has_offset + (n_bits + 31) / 32 * (uint32_t)sizeof(uint32_t);
    r->desc.size = align_up(at > 0 ? at : 1, WORD);
}

static void
fill_record(struct wi_tables *t, struct wi_record *r)
{
    static const uint8_t needs[] = {WEFT_DEFAULT, WEFT_REQUIRED, WEFT_OPTIONAL};
    sort_fields(t, r);
    struct weft_field *fields =
        wc_alloc(t->c, (r->desc.n_fields + 1) * sizeof *fields);
    r->desc.fields = fields;
    for (uint32_t i = 0; i < r->desc.n_fields; i++) {
        const struct wc_field *f = r->fields[i];
        const struct weft_type *type = wi_make_type(t, f->type);
        fields[i] = (struct weft_field){
            .name = f->name,
            .type = type,
            /* the offset in a union; lay_struct sets that of a struct */
            .offset = offsetof(struct wi_result, as),
            .id = (int16_t)f->id,
            .requiredness = needs[f->need],
            .boxed = type->wire == WEFT_STRUCT};
    }
    if (r->desc.kind == WEFT_RECORD_UNION)
        lay_union(r);
    else
        lay_struct(r, fields);
}

/* Set the sizes of items, because the sizes of structs are known now. */
static void
size_types(struct wi_tables *t)
{
    for (struct wi_type *m = t->types; m; m = m->next)
        if (m->type.record)
            m->type.size = m->type.record->size;
    for (struct wi_type *m = t->types; m; m = m->next) {
        struct weft_type *type = &m->type;
        if (type->wire == WEFT_MAP) {
            type->value_offset = align_up(type->key->size, WORD);
            type->item_size =
                align_up(type->value_offset + type->element->size, WORD);
        } else if (type->element) {
            type->item_size = type->element->size;
        }
    }
}

void
wi_finish(struct wi_tables *t)
{
    for (struct wi_record *r = t->pending; r; r = r->next)
        fill_record(t, r); /* may add records to t->pending */
    size_types(t);
    for (struct wi_record *r = t->all; r; r = r->next_all)
        if (!r->defaults)
            wi_make_defaults(t, r);
    t->pending = NULL;
    t->pending_end = &t->pending;
}

/* ---- methods ---- */

static void
init_result(void *record)
{
    memset(record, 0, sizeof(struct wi_result));
    ((struct wi_result *)record)->which = WEFT_RESULT_NONE;
}

static struct wi_record *
make_args(struct wi_tables *t, const struct wc_function *f)
{
    struct wc_record *source = WC_NEW(t->c, struct wc_record);
    source->kind = WC_ARGS;
    source->fields = f->args;
    return new_record(t, source, f->name);
}

static struct wi_record *
make_result(struct wi_tables *t, const struct wc_function *f)
{
    struct wc_record *source = WC_NEW(t->c, struct wc_record);
    source->kind = WC_RESULT;
    source->fields = f->throws;
    if (f->returns->kind != WC_VOID) {
        struct wc_field *success = WC_NEW(t->c, struct wc_field);
        success->name = "success";
        success->type = f->returns;
        success->need = WC_OPTIONAL;
        success->next = f->throws;
        source->fields = success;
    }
    struct wi_record *made = new_record(t, source, f->name);
    made->desc.init = init_result;
    return made;
}

struct weft_method *
wi_make_method(struct wi_tables *t, const struct wc_function *f,
               wi_invoke invoke)
{
    struct weft_method *made = WC_NEW(t->c, struct weft_method);
    *made = (struct weft_method){.name = f->name,
                                 .name_len = (uint32_t)strlen(f->name),
                                 .oneway = f->oneway,
                                 .is_void = f->returns->kind == WC_VOID,
                                 .idempotent = f->idempotent,
                                 .args = &make_args(t, f)->desc,
                                 .invoke = invoke};
    if (!f->oneway)
        made->result = &make_result(t, f)->desc;
    return made;
}
