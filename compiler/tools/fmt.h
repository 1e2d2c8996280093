/* SPDX-License-Identifier: MIT */
/* Shared by the files of the formatter: fmt.c (where lines break), fmt_gap.c
 * (comments and blank lines between two tokens). */
#ifndef WC_FMT_H
#define WC_FMT_H

#include "parse/parse.h"

#define WC_FMT_WIDTH 80
#define WC_FMT_NOWHERE UINT32_MAX

enum wc_fmt_start { WC_FMT_NONE, WC_FMT_TOP, WC_FMT_ITEM, WC_FMT_CALL };

struct wc_fmt_token {
    int kind;
    uint32_t at, len;
    enum wc_fmt_start start;
    uint32_t parent; /* the bracket around the token, for a closing bracket
                        its opening bracket; WC_FMT_NOWHERE: none */
    uint32_t match;  /* of an opening bracket: the closing bracket */
    /* The members below are set for opening brackets only. */
    bool is_body;          /* of a definition; else of a value or list */
    bool is_multiline;     /* takes several lines in the source */
    bool is_forced;        /* a comment inside needs a line of its own */
    bool is_broken;        /* is written on several lines */
    bool is_filled;        /* each line gets as many items as fit */
    uint32_t outer, inner; /* indents */
};

struct wc_fmt {
    struct wc *c;
    const struct wc_file *file;
    struct wc_text *out;
    struct wc_fmt_token *tokens;
    uint32_t n;
    uint32_t last;   /* token that was written last, or WC_FMT_NOWHERE */
    uint32_t end;    /* the end of `last` in the source */
    uint32_t indent; /* of the item that is being written */
    bool block;      /* the definition takes several lines */
};

enum wc_fmt_break { WC_FMT_TIGHT, WC_FMT_BLANK, WC_FMT_LINE };

/* The lines and blanks to write before a token. */
struct wc_fmt_gap {
    enum wc_fmt_break how;
    uint32_t indent;       /* of a line that begins with the token */
    uint32_t notes_indent; /* of lines that begin with comments */
    bool want_blank;   /* write an empty line, even if the source has none */
    bool after_open;   /* no empty line after the opening bracket */
    bool before_close; /* no empty line before the closing bracket */
    bool apart;        /* no comment precedes the token on its line */
};

/** Write the gap between f->end and `to`, with the comments in the gap. */
void wc_fmt_gap(struct wc_fmt *f, const struct wc_fmt_gap *gap, uint32_t to);

/** True if a comment between two offsets needs its own lines. `item` is true if
 * a token that can begin a line follows the comment. */
bool wc_fmt_forces_lines(const struct wc_fmt *f, uint32_t from, uint32_t to,
                         bool item);

/** True if a block comment is between two offsets. Text can follow such a
 * comment on the same line. */
bool wc_fmt_has_block(const struct wc_fmt *f, uint32_t from, uint32_t to);

/** Columns that the comments between two offsets take if all comments are on
 * one line. */
uint32_t wc_fmt_notes_width(const struct wc_fmt *f, uint32_t from, uint32_t to);

/** Columns of the line that is being written. */
uint32_t wc_fmt_column(const struct wc_fmt *f);

#endif
