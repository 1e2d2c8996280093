/* SPDX-License-Identifier: MIT */
/* Completion: how a command line can continue at the cursor. */
#ifndef WEFT_TOOL_COMPLETE_H
#define WEFT_TOOL_COMPLETE_H

#include "tool.h"

#define WT_MAX_ARGS 256

/** The line, split as the shell does it. */
struct wt_line {
    char *words[WT_MAX_ARGS + 1]; /* without quotes; NULL after the last */
    size_t n_words;
    char *last;  /* the word at the cursor, maybe empty */
    char quote;  /* the quote that is open in the last word, or 0 */
    bool closed; /* the last word has quotes, and they are closed */
};

bool wt_begins_with(const char *text, const char *start);

/** Print the candidate `before` + `name` + `behind`, if it begins with the word
 * at the cursor. */
void wt_offer(const char *before, const char *name, const char *behind,
              const char *wanted);

/** Offer how the JSON of arguments can continue. */
void wt_complete_json(struct wc *c, const struct wc_function *f,
                      const char *text);

#endif
