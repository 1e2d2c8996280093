/* SPDX-License-Identifier: MIT */
/*
 * The module header of text, which reads and writes JSON by type descriptor.
 * Fields and enums have names in this JSON, which people write; Thrift's JSON
 * protocol (tjson.h) has ids and types instead. Private to codec,
 * but for src/upstream/policy_read.c.
 *
 *   text_scan.c    reads characters, strings and words
 *   text_read.c    reads records, with base values (text_base.c)
 *   text_items.c   reads lists, sets and maps
 *   text_why.c     tells why a text is refused
 *   text_write.c   writes values as text
 *
 * The text lies in one run, so a reader's position is an offset in the text. A
 * function that returns an error has filled in *why.
 */
#ifndef WEFT_CODEC_TEXT_H
#define WEFT_CODEC_TEXT_H

#include "codec/codec.h"
#include "codec/desc/desc.h"

/* A step of the path to the value that is read: a field or key by its name, or
 * an item by its number. */
struct wf_text_step {
    const struct wf_text_step *up; /* NULL: this is the first step */
    struct weft_str name;          /* absent: the step has an index */
    uint32_t index;
    bool is_key; /* `name` is a key of a map, not a field */
};

struct wf_text {
    struct weft_reader r; /* reads the whole text, which is one run */
    const uint8_t *start;
    const struct wf_text_step *step; /* last step of the path; NULL: no step */
    struct weft_json_error *why;
};

/* Store in *why the reason why the text is refused at a position. Only the
 * first call stores a reason. Returns `err`. */
weft_err wf_text_fail(struct wf_text *t, const uint8_t *at, weft_err err,
                      const char *fmt, ...) WEFT_PRINTF(4, 5) WEFT_CHECKED;

/* The known name that is most similar to the name in the text; NULL: no known
 * name is similar. */
struct wf_text_guess {
    const char *best;
    uint32_t distance;
};
void wf_text_offer(struct wf_text_guess *guess, struct weft_str wanted,
                   const char *name);

/* ---- scanning ---- */

/* Find the next character that is not white space, without consuming it. If the
 * text ends first, the message is "the text ends here; ... is expected", with
 * `what` in place of the dots. Errors: WEFT_ETRUNC. */
weft_err wf_text_look(struct wf_text *t, const char *what, uint8_t *c)
    WEFT_CHECKED;

/* Consume the next character that is not white space; it must be c. Errors:
 * WEFT_ETRUNC, WEFT_EPROTOCOL. */
weft_err wf_text_expect(struct wf_text *t, char c, const char *what)
    WEFT_CHECKED;

/* Consume the next character if it is `c`. Errors: WEFT_ETRUNC. */
weft_err wf_text_accept(struct wf_text *t, char c, bool *is_there) WEFT_CHECKED;

/* *more receives whether another item follows. If an item follows, consume the
 * comma before the item; the first item has no comma. If no item follows,
 * consume the closing character. */
weft_err wf_text_more(struct wf_text *t, char close, bool is_first, bool *more)
    WEFT_CHECKED;

/* Read a string. *v receives a view of the text; if the string has escapes, *v
 * receives a copy in the arena, with the escapes resolved. Errors: WEFT_ETRUNC,
 * WEFT_EPROTOCOL, WEFT_EBUDGET. */
weft_err wf_text_read_str(struct wf_text *t, const char *what,
                          struct weft_str *v) WEFT_CHECKED;

/* Consume `word`, which must begin with the next character. If the text has
 * another word, `what` is the message. Errors: WEFT_ETRUNC, WEFT_EPROTOCOL. */
weft_err wf_text_read_word(struct wf_text *t, const char *word,
                           const char *what) WEFT_CHECKED;

/* ---- values ---- */

/* Read a value of a base type, which begins with the next character. Errors:
 * WEFT_ETRUNC, WEFT_EPROTOCOL, WEFT_EBUDGET. */
weft_err wf_text_read_base(struct wf_text *t, const struct weft_type *type,
                           void *value) WEFT_CHECKED;
weft_err wf_text_read_value(struct wf_text *t, const struct weft_type *type,
                            void *value) WEFT_CHECKED;
weft_err wf_text_read_record(struct wf_text *t, const struct weft_struct *desc,
                             void *record) WEFT_CHECKED;
weft_err wf_text_read_items(struct wf_text *t, const struct weft_type *type,
                            void *vec) WEFT_CHECKED;

/* A key of an object or an item of a set, and where this key or item stands in
 * the text. */
struct wf_text_key {
    struct weft_str bytes;
    const uint8_t *at;
};
struct wf_text_keys {
    struct wf_text_key *items;
    uint32_t len, cap;
};

/* Append a key to the keys. Errors: WEFT_EBUDGET. */
weft_err wf_text_add_key(struct wf_text *t, struct wf_text_keys *keys,
                         struct weft_str bytes, const uint8_t *at) WEFT_CHECKED;

/* Check that all keys differ. Sorts the keys. Errors: WEFT_EPROTOCOL. */
weft_err wf_text_check_keys(struct wf_text *t, struct wf_text_keys *keys,
                            const char *what) WEFT_CHECKED;

#endif
