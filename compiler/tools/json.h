/* SPDX-License-Identifier: MIT */
/*
 * JSON as text. Every value has a key, or NULL within an array:
 *
 *   wc_json_open(&j, NULL, '{');
 *   wc_json_integer(&j, "id", 5);
 *   wc_json_close(&j, '}');
 */
#ifndef WC_JSON_H
#define WC_JSON_H

#include "core/core.h"

struct wc_json {
    struct wc *c;
    struct wc_text *out;
    uint32_t depth;
    uint32_t flat;  /* contents at this depth and deeper are on one line; 0:
                       none */
    bool has_value; /* in the innermost object or array */
};

/** wc_json_open opens an object or array, and wc_json_close closes it.
 * `bracket` is `{` or `[` to open, `}` or `]` to close. */
void wc_json_open(struct wc_json *j, const char *key, char bracket);
void wc_json_close(struct wc_json *j, char bracket);

/** Do what wc_json_open does, and write all contents on one line. */
void wc_json_open_flat(struct wc_json *j, const char *key, char bracket);

/** Write a text. Bytes that are not UTF-8 become U+FFFD; NULL becomes null. */
void wc_json_text(struct wc_json *j, const char *key, const char *text,
                  size_t len);
void wc_json_string(struct wc_json *j, const char *key, const char *text);
void wc_json_integer(struct wc_json *j, const char *key, int64_t n);
void wc_json_double(struct wc_json *j, const char *key, double n);
void wc_json_bool(struct wc_json *j, const char *key, bool yes);

#endif
