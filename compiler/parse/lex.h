/* SPDX-License-Identifier: MIT */
/* Makes tokens of bytes, one at a time. Comments are skipped; a doc comment is
 * kept in the token that follows it. */
#ifndef WC_LEX_H
#define WC_LEX_H

#include "report/report.h"

/* The kind of punctuation is its character; all other kinds begin at 256. */
enum wc_token_kind {
    WC_T_END = 0,
    WC_T_NAME = 256,
    WC_T_INT,
    WC_T_DOUBLE,
    WC_T_STRING,
#define WC_KEYWORD(word) WC_K_##word,
#include "parse/keyword.def"
#undef WC_KEYWORD
    WC_T_LAST,
};

struct wc_token {
    int kind; /* a character or enum wc_token_kind */
    struct wc_span span;
    int64_t integer;
    double real;
    const char *text;   /* name (interned), string */
    uint32_t len;       /* of a string */
    struct wc_span doc; /* len 0: none */
};

struct wc_lexer {
    struct wc *c;
    struct wc_file *file;
    uint32_t at;
    bool quiet;                 /* set for look-ahead: report nothing */
    bool any_escape;            /* unknown escapes stay as they are written */
    struct wc_span long_string; /* the last string that spans lines */
};

void wc_lex_init(struct wc_lexer *l, struct wc *c, struct wc_file *file);
void wc_lex_next(struct wc_lexer *l, struct wc_token *token);

/** True if the kind is a keyword. `true` and `false` are not keywords but
 * integers. */
bool wc_is_keyword(int kind);

/** Offer every keyword that begins a definition or header. */
void wc_guess_definitions(struct wc_guess *guess, const char *wanted);

/** Offer every keyword that is a type. */
void wc_guess_types(struct wc_guess *guess, const char *wanted);

/** The text of a doc comment without its stars and indent. */
const char *wc_doc_text(struct wc *c, struct wc_span doc);

/* ---- between lex.c and literal.c ---- */

/** Read the number or the string that begins at l->at. */
void wc_lex_number(struct wc_lexer *l, struct wc_token *token);
void wc_lex_string(struct wc_lexer *l, struct wc_token *token);

#endif
