/* SPDX-License-Identifier: MIT */
/*
 * The module header of parse: from the bytes of a file to a tree.
 *
 *   lex.h         bytes to tokens
 *   literal.c     tokens of numbers and strings
 *   doc.c         the text of doc comments
 *   parser.h      what the files of the parser share
 *   token.c       moves through the tokens, and recovers after errors
 *   parse.c       a file: its headers, then its definitions
 *   definition.c  definitions, with service.c
 *   field.c       fields, and lists of them
 *   type.c        types and values
 */
#ifndef WC_PARSE_H
#define WC_PARSE_H

#include "parse/lex.h"

/** Parse a whole file. The correct parts of the file are in its lists even if
 * other parts have errors. */
void wc_parse_file(struct wc *c, struct wc_file *file);

#endif
