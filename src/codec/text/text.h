/* SPDX-License-Identifier: MIT */
/*
 * JSON text by descriptor: the JSON that people write, with fields and enums by
 * name. The protocol (json.h) has ids and types instead. Private to codec.
 *
 * The text lies in one run, so that the place of a reader is a place in it. A
 * reader that fails has said why.
 */
#ifndef WEFT_CODEC_TEXT_H
#define WEFT_CODEC_TEXT_H

#include "codec/codec.h"
#include "codec/desc/desc.h"

/* A step of the path to the value that is read: a field or key by its name, or
 * an item by its number. */
struct wf_text_step {
    const struct wf_text_step *up; /* NULL: the first */
    struct weft_str name;          /* absent: index counts */
    uint32_t index;
    bool is_key; /* of a map */
};

struct wf_text {
    struct weft_reader r; /* flat, of the whole text */
    const uint8_t *start;
    const struct wf_text_step *step; /* where we are; NULL: at the top */
    struct weft_json_error *why;
};

/* Say why the text is refused at a place; returns err. The first one stays. */
weft_err wf_text_fail(struct wf_text *t, const uint8_t *at, weft_err err,
                      const char *fmt, ...) WEFT_PRINTF(4, 5) WEFT_CHECKED;

/* The name nearest to what was written, or NULL: none is near. */
struct wf_text_guess {
    const char *best;
    uint32_t distance;
};
void wf_text_offer(struct wf_text_guess *guess, struct weft_str wanted,
                   const char *name);

/* ---- scanning ---- */

/* The next character that is no white space, which stays; what completes
 * "... is expected". Errors: WEFT_ETRUNC. */
weft_err wf_text_look(struct wf_text *t, const char *what, uint8_t *c)
    WEFT_CHECKED;

/* Pass over that character. Errors: WEFT_ETRUNC, WEFT_EPROTOCOL. */
weft_err wf_text_expect(struct wf_text *t, char c, const char *what)
    WEFT_CHECKED;

/* Pass over it if it is that one. Errors: WEFT_ETRUNC. */
weft_err wf_text_accept(struct wf_text *t, char c, bool *is_there) WEFT_CHECKED;

/* Before an item: is there one? Behind the closing character if not. */
weft_err wf_text_more(struct wf_text *t, char close, bool is_first, bool *more)
    WEFT_CHECKED;

/* A string without its escapes: a view of the text, or a copy in the arena.
 * Errors: WEFT_ETRUNC, WEFT_EPROTOCOL, WEFT_EBUDGET. */
weft_err wf_text_read_str(struct wf_text *t, const char *what,
                          struct weft_str *v) WEFT_CHECKED;

/* ---- values ---- */

weft_err wf_text_read_value(struct wf_text *t, const struct weft_type *type,
                            void *value) WEFT_CHECKED;
weft_err wf_text_read_record(struct wf_text *t, const struct weft_struct *desc,
                             void *record) WEFT_CHECKED;
weft_err wf_text_read_items(struct wf_text *t, const struct weft_type *type,
                            void *vec) WEFT_CHECKED;

/* Where each key of an object, or item of a set, stands. */
struct wf_text_key {
    struct weft_str bytes;
    const uint8_t *at;
};
struct wf_text_keys {
    struct wf_text_key *items;
    uint32_t len, cap;
};

/* Errors: WEFT_EBUDGET. */
weft_err wf_text_add_key(struct wf_text *t, struct wf_text_keys *keys,
                         struct weft_str bytes, const uint8_t *at) WEFT_CHECKED;

/* All must differ. Puts them in another order. Errors: WEFT_EPROTOCOL. */
weft_err wf_text_check_keys(struct wf_text *t, struct wf_text_keys *keys,
                            const char *what) WEFT_CHECKED;

#endif
