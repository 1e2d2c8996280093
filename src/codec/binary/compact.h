/* SPDX-License-Identifier: MIT */
/*
 * The compact protocol, which stores numbers as varints, field ids as
 * differences, and bools in the heads of their fields. Private to codec.
 *
 * Wire types are values of enum weft_wire; only this protocol's files know its
 * four-bit codes. All readers can return WEFT_ETRUNC, and WEFT_EPROTOCOL for a
 * number that is longer than its type; other errors are named at each function.
 */
#ifndef WEFT_CODEC_COMPACT_H
#define WEFT_CODEC_COMPACT_H

#include "codec/binary/skip.h"
#include "codec/binary/value.h"

/* ---- reading ---- */

/* Read the head of a message, as weft_bin_read_message does. */
weft_err wf_compact_read_message(struct weft_reader *r, uint32_t name_size,
                                 struct weft_message *m) WEFT_CHECKED;

/* Read the head of a field; for *field see weft_compact_read_field. The head of
 * a bool contains the value, so no bytes of the value follow the head. */
weft_err wf_compact_read_field(struct weft_reader *r, uint32_t *field,
                               struct wf_field_head *head) WEFT_CHECKED;

/* The wire type of a field that weft_compact_read_field has stored in *field;
 * WEFT_STOP: the code in the head is not a type. */
uint8_t wf_compact_wire(uint32_t field);

/* The head of a list, set or map. For a list or set, `key` and `value` are both
 * the wire type of its element. WEFT_STOP: the head has no valid type. */
struct wf_compact_items {
    uint8_t key, value;
    int32_t count;
};
weft_err wf_compact_read_items(struct weft_reader *r, bool is_map,
                               struct wf_compact_items *items) WEFT_CHECKED;

/* Read a length or count. Errors: WEFT_ESIZE above INT32_MAX. */
weft_err wf_compact_read_size(struct weft_reader *r, int32_t *size)
    WEFT_CHECKED;

/* wf_compact_skip skips a value as weft_bin_skip does, except the bool of a
 * field: no bytes follow the head of such a field. wf_compact_skip_items skips
 * the items of a container whose head has been read. */
weft_err wf_compact_skip(struct weft_reader *r, uint8_t wire) WEFT_CHECKED;
weft_err wf_compact_skip_items(struct weft_reader *r, bool is_map,
                               const struct wf_compact_items *items)
    WEFT_CHECKED;

/* ---- passing, as messages arrive ---- */

/* Read the head of a compact message up to the name. After that the bytes of
 * the name are pending (struct wf_skip), and the next value is the struct of
 * the message. WEFT_ETRUNC: the reader has not moved. */
weft_err wf_compact_pass_head(struct wf_skip *skip, struct weft_reader *r,
                              uint32_t name_size) WEFT_CHECKED;

/* Skip compact values, as wf_skip_run skips binary values. */
weft_err wf_compact_pass(struct wf_skip *skip, struct weft_reader *r,
                         int64_t extra) WEFT_CHECKED;

/* The fewest bytes that a value of the wire type takes in a container; 0: there
 * is no such type. */
uint32_t wf_compact_min(uint8_t wire);

/* ---- writing; errors stick in the writer ---- */

void wf_compact_write_message(struct weft_writer *w, struct weft_str name,
                              int32_t type, int32_t seqid);

#endif
