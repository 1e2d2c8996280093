/* SPDX-License-Identifier: MIT */
/*
 * What reading by descriptor has in common in every protocol: which field the
 * bytes mean, where its value goes, what is then known to be there. Private to
 * codec.
 */
#ifndef WEFT_CODEC_TABLE_H
#define WEFT_CODEC_TABLE_H

#include "codec/desc/record.h"

/* A record while its fields come in. */
struct wf_filling {
    const struct weft_struct *desc;
    uint8_t *record;
    uint32_t next;    /* index of the field that is expected */
    bool is_overlaid; /* a union whose members share memory */
    uint64_t seen;    /* by index, of the first 64 fields */
    uint64_t *others; /* of those behind them, if any is required */
};

/* Give the record its defaults. Errors: WEFT_EBUDGET. */
weft_err wf_fill_begin(struct wf_filling *f, const struct weft_struct *desc,
                       struct weft_reader *r, void *record) WEFT_CHECKED;

/* The field of that id and wire type; NULL: there is none, pass over it. */
const struct weft_field *wf_fill_find(struct wf_filling *f, int16_t id,
                                      uint8_t wire);

/* Where its value goes; the member that a union had is gone. NULL: the budget
 * is used up. */
void *wf_fill_place(struct wf_filling *f, const struct weft_field *field,
                    struct weft_reader *r) WEFT_CHECKED;

/* Its value is there. */
void wf_fill_mark(struct wf_filling *f, const struct weft_field *field);

/* The record is read. Errors: WEFT_EREQUIRED. */
weft_err wf_fill_end(const struct wf_filling *f) WEFT_CHECKED;

/* The fields that may have to be written: all, or of a union the one that is
 * set. An id that is none of a union's sticks in the writer. */
struct wf_fields {
    const struct weft_field *first;
    uint32_t n;
};

struct wf_fields wf_fields_to_write(const struct weft_struct *desc,
                                    const void *record, struct weft_writer *w);

/* The value of one of them; NULL: it is absent, which sticks in the writer if
 * it must not be. */
const void *wf_value_to_write(const struct weft_struct *desc,
                              const struct weft_field *field,
                              const void *record, struct weft_writer *w);

/* ---- the engine of binary and compact ---- */

weft_err wf_table_read(const struct weft_struct *desc, bool is_compact,
                       struct weft_reader *r, void *record) WEFT_CHECKED;
void wf_table_write(const struct weft_struct *desc, bool is_compact,
                    struct weft_writer *w, const void *record);

#endif
