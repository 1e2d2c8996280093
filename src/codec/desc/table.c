/* SPDX-License-Identifier: MIT */
#include "codec/desc/table.h"

/* The value of `which` if a result has neither a returned value nor an
 * exception; see weft_result in <weft/rpc.h>. */
#define RESULT_NONE (-0x10000)

#define WORD_BITS 64u

/* A struct of at most this many bytes is compared with a struct on the stack,
 * which weft_struct.init has filled. A larger struct that has defaults counts
 * as changed, and is written. */
#define INITIAL_MAX 1024u

/* ---- reading ---- */

/* Allocate bits for the fields after the first 64, if one of the later fields
 * is required. */
static weft_err
take_others(struct wf_filling *f, struct weft_reader *r)
{
    const struct weft_struct *desc = f->desc;
    uint32_t i = WORD_BITS;
    while (i < desc->n_fields && desc->fields[i].requiredness != WEFT_REQUIRED)
        i++;
    if (i >= desc->n_fields)
        return WEFT_OK;
    size_t n = (desc->n_fields - 1) / WORD_BITS;
    f->others = weft_read_box(r, n * sizeof *f->others);
    return f->others ? WEFT_OK : WEFT_EBUDGET;
}

weft_err
wf_fill_begin(struct wf_filling *f, const struct weft_struct *desc,
              struct weft_reader *r, void *record)
{
    *f = (struct wf_filling){.desc = desc, .record = record};
    wf_record_init(desc, record);
    /* A result has at most one member, like a union, but the members of a
     * result do not share memory. A union has no member until a member is read,
     * so the default of the union is cleared. */
    f->is_overlaid = desc->kind == WEFT_RECORD_UNION &&
                     wf_union_which(desc, record) != RESULT_NONE;
    if (f->is_overlaid)
        memset(record, 0, desc->size);
    return WEFT_LIKELY(desc->n_fields <= WORD_BITS) ? WEFT_OK
                                                    : take_others(f, r);
}

const struct weft_field *
wf_fill_find(struct wf_filling *f, int16_t id, uint8_t wire)
{
    const struct weft_struct *desc = f->desc;
    const struct weft_field *field;
    /* Most peers write fields in ascending order of ids. */
    if (f->next < desc->n_fields && desc->fields[f->next].id == id)
        field = &desc->fields[f->next];
    else
        field = weft_struct_field_by_id(desc, id);
    if (!field)
        return NULL;
    f->next = (uint32_t)(field - desc->fields) + 1;
    return field->type->wire == wire ? field : NULL;
}

void *
wf_fill_place(struct wf_filling *f, const struct weft_field *field,
              struct weft_reader *r)
{
    return wf_field_place(f->desc, field, f->is_overlaid, r->arena, f->record);
}

static void
mark_seen(struct wf_filling *f, uint32_t i)
{
    WF_CHECK(i < WORD_BITS || f->others);
    uint64_t *word = i < WORD_BITS ? &f->seen : &f->others[i / WORD_BITS - 1];
    *word |= (uint64_t)1 << i % WORD_BITS;
}

void
wf_fill_mark(struct wf_filling *f, const struct weft_field *field)
{
    const struct weft_struct *desc = f->desc;
    if (desc->kind != WEFT_RECORD_UNION && field->requiredness == WEFT_REQUIRED)
        mark_seen(f, (uint32_t)(field - desc->fields));
    else
        wf_field_mark(desc, field, f->record);
}

/* A void result without an exception is a success. */
static void
end_union(const struct wf_filling *f)
{
    const struct weft_struct *desc = f->desc;
    int32_t success = 0;
    if (wf_union_which(desc, f->record) == RESULT_NONE &&
        (desc->n_fields == 0 || desc->fields[0].id != 0))
        memcpy(f->record + desc->has_offset, &success, sizeof success);
}

weft_err
wf_fill_end(const struct wf_filling *f)
{
    const struct weft_struct *desc = f->desc;
    if (desc->kind == WEFT_RECORD_UNION) {
        end_union(f);
        return WEFT_OK;
    }
    for (uint32_t i = 0; i < desc->n_fields; i++) {
        if (desc->fields[i].requiredness != WEFT_REQUIRED)
            continue;
        uint64_t word = i < WORD_BITS ? f->seen : f->others[i / WORD_BITS - 1];
        if (!(word >> i % WORD_BITS & 1))
            return WEFT_EREQUIRED;
    }
    return WEFT_OK;
}

/* ---- writing ---- */

static void
refuse(struct weft_writer *w, weft_err err, const struct weft_struct *desc,
       const struct weft_field *field)
{
    if (!w->err)
        w->refused = (struct weft_refused){desc, field};
    weft_writer_fail(w, err);
}

static bool
is_empty_union(const struct weft_struct *desc, const void *record)
{
    return desc->kind == WEFT_RECORD_UNION && !desc->is_result &&
           wf_union_which(desc, record) == 0 &&
           wf_unknown_load(desc, record).len == 0;
}

/* True if the value counts as set: see enum weft_requiredness. A string or
 * container begins with a pointer, which is NULL if the value is not set. */
static bool
is_set(const struct weft_type *type, const void *value)
{
    const void *ptr;
    if (type->record)
        return !is_empty_union(type->record, value);
    if (type->wire != WEFT_STRING && !type->element)
        return true;
    memcpy(&ptr, value, sizeof ptr);
    return ptr != NULL;
}

static uint32_t
length_of(const struct weft_type *type, const void *value)
{
    struct weft_str str;
    if (!value || type->record)
        return 0;
    if (type->element)
        return wf_vec_load(value).len;
    memcpy(&str, value, sizeof str);
    return str.len;
}

static void
refuse_field(struct weft_writer *w, const struct weft_struct *desc,
             const struct weft_field *field, const void *value)
{
    bool is_broken = length_of(field->type, value) > 0;
    refuse(w, is_broken ? WEFT_EVALUE : WEFT_EREQUIRED, desc, field);
}

/* True if a required value is missing in the record, or in a struct that is a
 * required field of the record. */
static bool
lacks_something(const struct weft_struct *desc, const void *record)
{
    for (uint32_t i = 0; i < desc->n_fields; i++) {
        const struct weft_field *f = &desc->fields[i];
        const void *value = (const uint8_t *)record + f->offset;
        if (f->requiredness != WEFT_REQUIRED)
            continue;
        if (f->boxed)
            memcpy(&value, value, sizeof value);
        if (!value || !is_set(f->type, value))
            return true;
        if (!f->boxed && f->type->record &&
            lacks_something(f->type->record, value))
            return true;
    }
    return false;
}

/* True if the record is all zeros, or equal to what weft_struct.init makes. */
static bool
is_initial(const struct weft_struct *desc, const void *record)
{
    _Alignas(16) uint8_t initial[INITIAL_MAX];
    const uint8_t *bytes = record;
    uint32_t i = 0;
    while (i < desc->size && !bytes[i])
        i++;
    if (i == desc->size)
        return true;
    if (!desc->init || desc->size > INITIAL_MAX)
        return false;
    desc->init(initial);
    return memcmp(initial, record, desc->size) == 0;
}

bool
weft_write_leaves_out(const struct weft_struct *desc, const void *record)
{
    return desc->kind != WEFT_RECORD_UNION && lacks_something(desc, record) &&
           is_initial(desc, record);
}

void
weft_write_refuse(struct weft_writer *w, const struct weft_struct *desc,
                  const void *record)
{
    for (uint32_t i = 0; i < desc->n_fields && !w->err; i++)
        (void)wf_value_to_write(desc, &desc->fields[i], record, w);
}

struct weft_refused
weft_writer_refused(const struct weft_writer *w)
{
    return w->refused;
}

static struct wf_fields
find_member(const struct weft_struct *desc, const void *record,
            struct weft_writer *w)
{
    int32_t which = wf_union_which(desc, record);
    bool may_be_none = which == 0 || which == RESULT_NONE;
    if (which == RESULT_NONE) /* the success has id 0 */
        which = 0;
    for (uint32_t i = 0; i < desc->n_fields; i++)
        if (desc->fields[i].id == which)
            return (struct wf_fields){&desc->fields[i], 1};
    if (!may_be_none)
        weft_writer_fail(w, WEFT_EVALUE);
    return (struct wf_fields){NULL, 0};
}

struct wf_fields
wf_fields_to_write(const struct weft_struct *desc, const void *record,
                   struct weft_writer *w)
{
    if (desc->kind == WEFT_RECORD_UNION)
        return find_member(desc, record, w);
    return (struct wf_fields){desc->fields, desc->n_fields};
}

static const void *
member_to_write(const struct weft_struct *desc, const struct weft_field *field,
                const void *record, struct weft_writer *w)
{
    const void *value = (const uint8_t *)record + field->offset;
    if (field->boxed)
        memcpy(&value, value, sizeof value);
    if (!value)
        refuse(w, WEFT_EREQUIRED, desc, field);
    return value;
}

/* True if the struct or union in this field is left out: see enum
 * weft_requiredness. The field is not required. */
static bool
is_left_out(const struct weft_struct *desc, const struct weft_field *field,
            const void *record, const void *value)
{
    uint32_t word;
    if (field->type->record->kind == WEFT_RECORD_UNION)
        return !field->has_default && !is_set(field->type, value);
    if (field->boxed || field->requiredness != WEFT_DEFAULT)
        return false;
    memcpy(&word, (const uint8_t *)record + wf_field_word(desc, field),
           sizeof word);
    return !(word & wf_field_mask(field)) &&
           weft_write_leaves_out(field->type->record, value);
}

const void *
wf_value_to_write(const struct weft_struct *desc,
                  const struct weft_field *field, const void *record,
                  struct weft_writer *w)
{
    if (desc->kind == WEFT_RECORD_UNION)
        return member_to_write(desc, field, record, w);
    const void *value = wf_field_value(desc, field, record);
    if (field->requiredness == WEFT_REQUIRED) {
        if (WEFT_LIKELY(value && is_set(field->type, value)))
            return value;
        refuse_field(w, desc, field, value);
        return NULL;
    }
    if (value && field->type->record && is_left_out(desc, field, record, value))
        return NULL;
    return value;
}
