/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of the parser: recursive descent with one token of
 * look-ahead.
 *
 * After a syntax error the parser is `lost`: until wc_recover has found a place
 * to continue, the parser reports nothing more, and all parsing functions
 * return at once.
 */
#ifndef WC_PARSER_H
#define WC_PARSER_H

#include "parse/parse.h"

struct wc_parser {
    struct wc *c;
    struct wc_file *file;
    struct wc_lexer lexer;
    struct wc_token tok; /* the next token, which is not taken yet */
    struct wc_span last; /* the token that was taken last */
    bool lost;
    bool full;              /* too many definitions: the rest is not read */
    uint32_t depth;         /* of types or values */
    uint64_t keyword_types; /* keywords that name types, a bit for each */
    uint32_t recovered_at;  /* where the last wc_recover stopped; the next call
                               skips this token, and so makes progress */
};

/** Take the token. */
void wc_advance(struct wc_parser *p);

/** Take the token if it is of kind `kind`. */
bool wc_accept(struct wc_parser *p, int kind);

/** True if the token is of kind `kind` and the next token is of kind `next`. */
bool wc_is_ahead(const struct wc_parser *p, int kind, int next);

/** Take the token if it is of kind `kind`. If not, report that `what` was
 * expected; the parser is then lost. */
bool wc_expect(struct wc_parser *p, int kind, const char *what);

/** Do what wc_expect does, for a closing token; a report also points to the
 * opening token. */
bool wc_expect_close(struct wc_parser *p, int kind, const char *what,
                     struct wc_span open);

/** Report that `what` was expected in place of the token; the parser is then
 * lost. */
void wc_unexpected(struct wc_parser *p, const char *what);

/** Skip tokens up to the next item of a list, the list's end, or the next
 * definition. The parser is then no longer lost. */
void wc_recover(struct wc_parser *p, int close);

/** wc_begins_line is true if the token begins in the first column.
 * wc_begins_definition is true if the token is also the keyword of a definition
 * or header. */
bool wc_begins_line(const struct wc_token *token);
bool wc_begins_definition(const struct wc_token *token);

/** By how much a token changes the number of open brackets: -1, 0 or 1. */
int wc_nesting(int kind);

/** The name of the token in a message. */
const char *wc_token_text(struct wc_parser *p);

/** True if the token can begin a field. If not, the list ends before the token,
 * perhaps without a closing token. */
bool wc_list_goes_on(const struct wc_parser *p, int close);

/** Add a note if this token or the previous token is a string that spans lines:
 * perhaps the closing quote of the string is missing. */
void wc_note_long_string(struct wc_parser *p);

/** Count a definition or function. If there are too many definitions, returns
 * false; the parser is then lost for the rest of the file. */
bool wc_count_def(struct wc_parser *p);

/** True if the next function begins here, as far as a few tokens tell. If a
 * function begins inside a list of arguments, the `)` of the list is
 * missing. */
bool wc_function_follows(const struct wc_parser *p);

/** Record for the formatter that the token begins an item. */
void wc_note_start(struct wc_parser *p, enum wc_start_kind kind);

/** Take one optional separator. */
void wc_separator(struct wc_parser *p);

/** True if the token is a keyword that can be the name of a definition. */
bool wc_may_be_name(const struct wc_token *token);

/** Take the name in a declaration of `what`. NULL: there is no name, and the
 * parser is lost. */
const char *wc_parse_name(struct wc_parser *p, const char *what,
                          struct wc_span *span);

/** Take the name of a field, as wc_parse_name does for other names; most
 * keywords are allowed. */
const char *wc_parse_field_name(struct wc_parser *p, struct wc_span *span);

/** True if types or values are nested too deep. Reports this error; the parser
 * is then lost. */
bool wc_too_deep(struct wc_parser *p, enum wc_diag diag);

struct wc_annot *wc_parse_annots(struct wc_parser *p);
struct wc_type *wc_parse_type(struct wc_parser *p);
struct wc_value *wc_parse_value(struct wc_parser *p);

/** Parse a definition; NULL if the token does not begin a definition. */
struct wc_def *wc_parse_def(struct wc_parser *p);

/** Parse fields up to the closing token, which is not taken. */
struct wc_field *wc_parse_fields(struct wc_parser *p, int close);

/** Parse the body of a service with its braces. */
void wc_parse_service(struct wc_parser *p, struct wc_service *service);

#endif
