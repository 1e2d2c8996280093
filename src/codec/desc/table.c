/* SPDX-License-Identifier: MIT */
#include "codec/desc/table.h"

/* What a result has in `which` while nothing was returned or thrown, see
 * weft_result in <weft/rpc.h>. */
#define RESULT_NONE (-0x10000)

#define WORD_BITS 64u

/* ---- reading ---- */

/* Take words for the fields after the first 64, if one of those is required. */
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
    /* A result has one member, too, but its members do not share memory. An
     * absent union has none, whatever its default says. */
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

static struct wf_fields
find_member(const struct weft_struct *desc, const void *record,
            struct weft_writer *w)
{
    int32_t which = wf_union_which(desc, record);
    bool may_be_none = which == 0 || which == RESULT_NONE;
    if (which == RESULT_NONE) /* success is written as it is, if there is one */
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

const void *
wf_value_to_write(const struct weft_struct *desc,
                  const struct weft_field *field, const void *record,
                  struct weft_writer *w)
{
    bool is_union = desc->kind == WEFT_RECORD_UNION;
    const void *value;
    if (!is_union)
        value = wf_field_value(desc, field, record);
    else if (!field->boxed)
        value = (const uint8_t *)record + field->offset;
    else
        memcpy(&value, (const uint8_t *)record + field->offset, sizeof value);
    if (!value && (is_union || field->requiredness == WEFT_REQUIRED))
        weft_writer_fail(w, WEFT_EREQUIRED);
    return value;
}
