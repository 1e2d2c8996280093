/* SPDX-License-Identifier: MIT */
/*
 * What all protocols share when they read and write by type descriptor. This
 * code finds the field of an id, the address for the value of a field, and the
 * fields to write. Private to codec.
 */
#ifndef WEFT_CODEC_TABLE_H
#define WEFT_CODEC_TABLE_H

#include "codec/desc/record.h"

/* A record while its fields are read. */
struct wf_filling {
    const struct weft_struct *desc;
    uint8_t *record;
    uint32_t next;    /* index of the field that is expected next */
    bool is_overlaid; /* the members of the union share memory */
    uint64_t seen;    /* bit i < 64: field i is required and was read */
    uint64_t *others; /* as `seen`, for i >= 64; NULL: none is required */
};

/* Give the record its defaults. Errors: WEFT_EBUDGET. */
weft_err wf_fill_begin(struct wf_filling *f, const struct weft_struct *desc,
                       struct weft_reader *r, void *record) WEFT_CHECKED;

/* Returns the field that has this id and this wire type. NULL: there is no such
 * field, so the caller skips the value. */
const struct weft_field *wf_fill_find(struct wf_filling *f, int16_t id,
                                      uint8_t wire);

/* The address for the field's value; the previous member of a union is cleared.
 * NULL: the budget is used up. */
void *wf_fill_place(struct wf_filling *f, const struct weft_field *field,
                    struct weft_reader *r) WEFT_CHECKED;

/* Mark the field's value as present. */
void wf_fill_mark(struct wf_filling *f, const struct weft_field *field);

/* Check the record after its last field. Errors: WEFT_EREQUIRED. */
weft_err wf_fill_end(const struct wf_filling *f) WEFT_CHECKED;

/* The fields that may have to be written: all fields of a struct, or the one
 * present member of a union. The writer fails if the `which` of a union is an
 * unknown id. */
struct wf_fields {
    const struct weft_field *first;
    uint32_t n;
};

struct wf_fields wf_fields_to_write(const struct weft_struct *desc,
                                    const void *record, struct weft_writer *w);

/* The value to write for a field that wf_fields_to_write has returned. NULL:
 * write nothing, because the field is absent or is left out (enum
 * weft_requiredness). If a required field has no value, the writer fails. */
const void *wf_value_to_write(const struct weft_struct *desc,
                              const struct weft_field *field,
                              const void *record, struct weft_writer *w);

/* ---- the engine of binary and compact ---- */

weft_err wf_table_read(const struct weft_struct *desc, bool is_compact,
                       struct weft_reader *r, void *record) WEFT_CHECKED;
void wf_table_write(const struct weft_struct *desc, bool is_compact,
                    struct weft_writer *w, const void *record);

#endif
