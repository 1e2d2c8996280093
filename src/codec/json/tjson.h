/* SPDX-License-Identifier: MIT */
/*
 * Thrift's JSON protocol (TJSONProtocol): structs as {"id":{"type":value}},
 * containers as ["type",count,value]. The JSON that people write is another
 * format, see text/text.h. Private to codec.
 *
 * All readers can return WEFT_ETRUNC, and WEFT_EPROTOCOL for input that is not
 * this format; other errors are named at each function.
 */
#ifndef WEFT_CODEC_TJSON_H
#define WEFT_CODEC_TJSON_H

#include "codec/desc/desc.h"
#include "codec/json/scan.h"

/* ---- heads ---- */

/* wf_tjson_read_message reads what stands before the struct of a message.
 * wf_tjson_read_message_end reads what stands after the struct. Errors:
 * those of weft_bin_read_message. */
weft_err wf_tjson_read_message(struct weft_reader *r, uint32_t name_size,
                               struct weft_message *m) WEFT_CHECKED;
weft_err wf_tjson_read_message_end(struct weft_reader *r) WEFT_CHECKED;

/* Read the head of a field, or the end of a struct. After the value of the
 * field the caller reads a '}'. Errors: WEFT_EWIRETYPE, WEFT_ESIZE. */
weft_err wf_tjson_read_field(struct weft_reader *r, bool is_first,
                             struct wf_field_head *head) WEFT_CHECKED;

/* The head of a list, set or map. For a list or set, key and value are both the
 * type of its element. Errors: WEFT_EWIRETYPE, WEFT_ESIZE. */
struct wf_tjson_items {
    uint8_t key, value;
    int32_t count;
};
weft_err wf_tjson_read_items(struct weft_reader *r, bool is_map,
                             struct wf_tjson_items *items) WEFT_CHECKED;

/* wf_tjson_read_comma reads the separator before item n, and
 * wf_tjson_read_items_end reads the end of a container. In a map each
 * key is an item, and each value is an item. */
weft_err wf_tjson_read_comma(struct weft_reader *r, bool is_map, uint32_t n)
    WEFT_CHECKED;
weft_err wf_tjson_read_items_end(struct weft_reader *r, bool is_map)
    WEFT_CHECKED;

/* The minimum size, in bytes, of an element and a comma; in a map: of a key, a
 * colon and a value. */
uint32_t wf_tjson_items_min(bool is_map, uint8_t key, uint8_t value);

/* ---- structs ---- */

weft_err wf_tjson_read(const struct weft_struct *desc, struct weft_reader *r,
                       void *record) WEFT_CHECKED;

/* Read a value of a base type into *value. A string is refused. Errors:
 * WEFT_EWIRETYPE, WEFT_ESIZE. */
weft_err wf_tjson_read_base(struct weft_reader *r, uint8_t wire, bool is_key,
                            void *value) WEFT_CHECKED;

/* wf_tjson_skip skips a value without recursion. wf_tjson_skip_items skips the
 * items of a container whose head has been read. Errors: WEFT_EDEPTH,
 * WEFT_ESIZE, WEFT_EWIRETYPE. */
weft_err wf_tjson_skip(struct weft_reader *r, uint8_t wire) WEFT_CHECKED;
weft_err wf_tjson_skip_items(struct weft_reader *r, bool is_map,
                             const struct wf_tjson_items *items) WEFT_CHECKED;

/* ---- passing, as messages arrive ---- */

/* The state of skipping a message. Skipping only counts brackets; whether
 * brackets match is checked later, when the message is read. */
struct wf_tjson_pass {
    uint32_t depth; /* 0: before the first bracket */
    bool in_string, is_escaped;
};

/* Skip a JSON message, which begins with a bracket. White space after the
 * message belongs to the next message. Errors: WEFT_EVERSION; WEFT_EDEPTH: more
 * nested brackets than the reader's limit for depth allows. */
weft_err wf_tjson_pass(struct wf_tjson_pass *pass, struct weft_reader *r,
                       uint32_t depth) WEFT_CHECKED;

/* ---- writing; errors stick in the writer ---- */

void wf_tjson_write(const struct weft_struct *desc, struct weft_writer *w,
                    const void *record);
void wf_tjson_write_message(struct weft_writer *w, struct weft_str name,
                            int32_t type, int32_t seqid);
void wf_tjson_write_message_end(struct weft_writer *w);

/* The name of a wire type, such as "i8"; NULL: there is no such type. */
const char *wf_tjson_type(uint8_t wire);

#endif
