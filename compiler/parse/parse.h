/* SPDX-License-Identifier: MIT */
/*
 * The module header of parse: the bytes of a file to tokens (lex.c, with
 * literal.c for numbers and strings, doc.c for doc comments), and tokens to a
 * tree (parse.c, with token.c, definition.c, field.c, service.c and type.c).
 */
#ifndef WC_PARSE_H
#define WC_PARSE_H

#include "parse/lex.h"

/** Parse a whole file. All that is correct is in the file's lists, also if
 * other parts have errors. */
void wc_parse_file(struct wc *c, struct wc_file *file);

#endif
