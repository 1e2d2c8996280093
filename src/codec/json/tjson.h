/* SPDX-License-Identifier: MIT */
/*
 * Thrift's JSON protocol (TJSONProtocol): structs as {"id":{"type":value}},
 * containers as ["type",count,value]. Not to be taken for the JSON that people
 * write, which is in text. Private to codec.
 *
 * Errors of all readers, besides what they add: WEFT_ETRUNC, and WEFT_EPROTOCOL
 * for what is not this language.
 */
#ifndef WEFT_CODEC_TJSON_H
#define WEFT_CODEC_TJSON_H

#include "codec/desc/desc.h"
#include "codec/json/scan.h"

/* ---- heads ---- */

/* The head of a message up to its struct, and the end behind that. Errors as
 * weft_bin_read_message. */
weft_err wf_tjson_read_message(struct weft_reader *r, uint32_t name_size,
                               struct weft_message *m) WEFT_CHECKED;
weft_err wf_tjson_read_message_end(struct weft_reader *r) WEFT_CHECKED;

/* The head of a field, or the end of a struct. Behind the field's value comes
 * a '}'. Errors: WEFT_EWIRETYPE. */
weft_err wf_tjson_read_field(struct weft_reader *r, bool is_first,
                             struct wf_field_head *head) WEFT_CHECKED;

/* The head of a list, set or map; a list has its element twice. Errors:
 * WEFT_EWIRETYPE, WEFT_ESIZE. */
struct wf_tjson_items {
    uint8_t key, value;
    int32_t count;
};
weft_err wf_tjson_read_items(struct weft_reader *r, bool is_map,
                             struct wf_tjson_items *items) WEFT_CHECKED;

/* What stands before an item, or between the key and the value of one: n
 * counts items of a list, keys and values of a map. And what ends it. */
weft_err wf_tjson_read_comma(struct weft_reader *r, bool is_map, uint32_t n)
    WEFT_CHECKED;
weft_err wf_tjson_read_items_end(struct weft_reader *r, bool is_map)
    WEFT_CHECKED;

/* The fewest bytes that an item has with what separates it. */
uint32_t wf_tjson_items_min(bool is_map, uint8_t key, uint8_t value);

/* ---- structs ---- */

weft_err wf_tjson_read(const struct weft_struct *desc, struct weft_reader *r,
                       void *record) WEFT_CHECKED;

/* The C value of a base type but string. */
weft_err wf_tjson_read_base(struct weft_reader *r, uint8_t wire, bool is_key,
                            void *value) WEFT_CHECKED;

/* Pass over a value without recursion / over the items of a container whose
 * head has been read. Errors: WEFT_EDEPTH, WEFT_ESIZE, WEFT_EWIRETYPE. */
weft_err wf_tjson_skip(struct weft_reader *r, uint8_t wire) WEFT_CHECKED;
weft_err wf_tjson_skip_items(struct weft_reader *r, bool is_map,
                             const struct wf_tjson_items *items) WEFT_CHECKED;

/* ---- passing, as messages arrive ---- */

/* Brackets are counted, not matched: what is in them is the reader's affair. */
struct wf_tjson_pass {
    uint32_t depth; /* 0: before the first */
    bool in_string, is_escaped;
};

/* A message in JSON, which begins with a bracket. Errors: WEFT_EVERSION,
 * WEFT_EDEPTH: more brackets than that depth of values can have. */
weft_err wf_tjson_pass(struct wf_tjson_pass *pass, struct weft_reader *r,
                       uint32_t depth) WEFT_CHECKED;

/* ---- writing; errors stick in the writer ---- */

void wf_tjson_write(const struct weft_struct *desc, struct weft_writer *w,
                    const void *record);
void wf_tjson_write_message(struct weft_writer *w, struct weft_str name,
                            int32_t type, int32_t seqid);
void wf_tjson_write_message_end(struct weft_writer *w);

/* The name of a wire type, of two or three letters, or NULL. */
const char *wf_tjson_type(uint8_t wire);

#endif
