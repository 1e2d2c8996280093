/* SPDX-License-Identifier: MIT */
/* Makes each default value of the IDL once, and fills in defaults for fields
 * that were not received. */
#include "idl/tables.h"

/* ---- making ---- */

static void make_value(struct wi_tables *t, const struct weft_type *type,
                       const struct wc_const *from, void *to, uint32_t depth);

static void
make_items(struct wi_tables *t, const struct weft_type *type,
           const struct wc_const *from, void *to, uint32_t depth)
{
    struct {
        void *items;
        uint32_t len, cap;
    } vec = {NULL, from->n, 0};
    bool is_map = type->wire == WEFT_MAP;
    uint8_t *item = wc_alloc(t->c, (size_t)from->n * type->item_size + 1);
    vec.items = item;
    for (uint32_t i = 0; i < from->n; i++, item += type->item_size) {
        if (is_map)
            make_value(t, type->key, from->items[2 * i], item, depth);
        make_value(t, type->element, from->items[is_map ? 2 * i + 1 : i],
                   item + (is_map ? type->value_offset : 0), depth);
    }
    memcpy(to, &vec, sizeof vec);
}

static void
mark(const struct weft_struct *desc, const struct weft_field *field,
     uint8_t *record)
{
    uint32_t word;
    if (desc->kind == WEFT_RECORD_UNION) {
        int32_t which = field->id;
        memcpy(record + desc->has_offset, &which, sizeof which);
    } else if (field->requiredness != WEFT_REQUIRED && !field->boxed) {
        uint8_t *at = record + desc->has_offset + 4 * (field->has_bit / 32);
        memcpy(&word, at, sizeof word);
        word |= (uint32_t)1 << field->has_bit % 32;
        memcpy(at, &word, sizeof word);
    }
}

/* Returns the default that weft fills in for a field without a value. NULL: the
 * field is required, optional, or a member of a union, or the field is a
 * struct. A struct stays absent even if the IDL has a default for it. */
static const struct wc_const *
default_of(const struct weft_struct *desc, const struct weft_field *field,
           const struct wc_field *source)
{
    bool is_sent = desc->kind != WEFT_RECORD_UNION && !field->boxed &&
                   field->requiredness == WEFT_DEFAULT;
    return is_sent ? source->init : NULL;
}

/* The value that a constant gives to a field, or NULL. The items of a constant
 * are in the order of the fields in the source, not in the order of ids. */
static const struct wc_const *
given_of(const struct wc_const *from, const struct wc_field *source)
{
    return from->items ? from->items[source->index] : NULL;
}

static void
make_record(struct wi_tables *t, const struct wi_record *r,
            const struct wc_const *from, uint8_t *to, uint32_t depth)
{
    for (uint32_t i = 0; i < r->desc.n_fields; i++) {
        const struct weft_field *field = &r->desc.fields[i];
        const struct wc_const *given = given_of(from, r->fields[i]);
        const struct wc_const *value =
            given ? given : default_of(&r->desc, field, r->fields[i]);
        if (!value)
            continue;
        uint8_t *place = to + field->offset;
        if (field->boxed) {
            void *box = wc_alloc(t->c, field->type->size);
            memcpy(place, &box, sizeof box);
            place = box;
        }
        make_value(t, field->type, value, place, depth);
        if (given)
            mark(&r->desc, field, to);
    }
}

/* Make the value of a constant. In a hostile IDL, constants that name each
 * other can nest very deep. So a value that is nested deeper than the limit for
 * messages is left out. */
static void
make_value(struct wi_tables *t, const struct weft_type *type,
           const struct wc_const *from, void *to, uint32_t depth)
{
    if (depth == 0)
        return;
    switch (type->wire) {
    case WEFT_BOOL:
        *(bool *)to = from->integer != 0;
        break;
    case WEFT_I8:
        *(int8_t *)to = (int8_t)from->integer;
        break;
    case WEFT_I16:
        *(int16_t *)to = (int16_t)from->integer;
        break;
    case WEFT_I32:
        *(int32_t *)to = (int32_t)from->integer;
        break;
    case WEFT_I64:
        *(int64_t *)to = from->integer;
        break;
    case WEFT_DOUBLE:
        *(double *)to = from->real;
        break;
    case WEFT_STRING:
        *(struct weft_str *)to = (struct weft_str){from->text, from->len};
        break;
    case WEFT_UUID:
        memcpy(to, from->text, sizeof(struct weft_uuid));
        break;
    case WEFT_STRUCT:
        make_record(t, (const struct wi_record *)type->record, from, to,
                    depth - 1);
        break;
    default:
        make_items(t, type, from, to, depth - 1);
    }
}

void
wi_make_defaults(struct wi_tables *t, struct wi_record *record)
{
    const struct weft_struct *desc = &record->desc;
    record->defaults = wc_alloc(t->c, (desc->n_fields + 1) * sizeof(void *));
    for (uint32_t i = 0; i < desc->n_fields; i++) {
        const struct weft_field *field = &desc->fields[i];
        const struct wc_const *init =
            default_of(desc, field, record->fields[i]);
        if (!init)
            continue;
        void *value = wc_alloc(t->c, field->type->size);
        make_value(t, field->type, init, value, WEFT_DEPTH);
        record->defaults[i] = value;
    }
}

/* ---- filling in ---- */

static bool
was_given(const struct weft_struct *desc, const struct weft_field *field,
          const uint8_t *record)
{
    uint32_t word;
    memcpy(&word, record + desc->has_offset + 4 * (field->has_bit / 32),
           sizeof word);
    return field->requiredness == WEFT_REQUIRED ||
           (word >> field->has_bit % 32 & 1);
}

static void
apply_to_items(const struct weft_type *type, void *value)
{
    struct {
        uint8_t *items;
        uint32_t len, cap;
    } vec;
    memcpy(&vec, value, sizeof vec);
    for (uint32_t i = 0; i < vec.len; i++) {
        uint8_t *item = vec.items + (size_t)i * type->item_size;
        if (type->wire == WEFT_MAP) {
            wi_apply_to_value(type->key, item);
            item += type->value_offset;
        }
        wi_apply_to_value(type->element, item);
    }
}

/* True if values of the type can hold a struct. */
static bool
holds_record(const struct weft_type *type)
{
    return type->record || (type->element && holds_record(type->element)) ||
           (type->key && holds_record(type->key));
}

void
wi_apply_to_value(const struct weft_type *type, void *value)
{
    if (type->wire == WEFT_STRUCT)
        wi_apply_defaults(type->record, value);
    else if (holds_record(type))
        apply_to_items(type, value);
}

static void
apply_to_union(const struct weft_struct *desc, uint8_t *record)
{
    int32_t which;
    memcpy(&which, record + desc->has_offset, sizeof which);
    for (uint32_t i = 0; i < desc->n_fields; i++) {
        const struct weft_field *field = &desc->fields[i];
        void *value = record + field->offset;
        if (field->id != which)
            continue;
        if (field->boxed)
            memcpy(&value, value, sizeof value);
        if (value)
            wi_apply_to_value(field->type, value);
    }
}

/* The recursion is as deep as the value that was read, and the reader has
 * bounded the depth of this value. */
void
wi_apply_defaults(const struct weft_struct *desc, void *record)
{
    const struct wi_record *r = (const struct wi_record *)desc;
    uint8_t *base = record;
    if (desc->kind == WEFT_RECORD_UNION) {
        apply_to_union(desc, base);
        return;
    }
    for (uint32_t i = 0; i < desc->n_fields; i++) {
        const struct weft_field *field = &desc->fields[i];
        void *value = base + field->offset;
        if (field->boxed) {
            memcpy(&value, value, sizeof value);
            if (value)
                wi_apply_to_value(field->type, value);
        } else if (was_given(desc, field, base)) {
            wi_apply_to_value(field->type, value);
        } else if (r->defaults[i]) {
            memcpy(value, r->defaults[i], field->type->size);
        }
    }
}
