/* SPDX-License-Identifier: MIT */
/* What a command line, up to the cursor, can go on with. */
#ifndef WEFT_TOOL_COMPLETE_H
#define WEFT_TOOL_COMPLETE_H

#include "tool.h"

#define WT_MAX_ARGS 256

/** The line as the shell will split it. */
struct wt_line {
    char *words[WT_MAX_ARGS + 1]; /* without quotes; NULL behind the last */
    size_t n_words;
    char *last;  /* the word at the cursor, maybe empty */
    char quote;  /* that is open in it, or 0 */
    bool closed; /* it had quotes, which are closed */
};

bool wt_begins_with(const char *text, const char *start);

/** Print a candidate that begins with the word at the cursor: what stands
 * before the part that is completed, a name, and what comes behind it. */
void wt_offer(const char *before, const char *name, const char *behind,
              const char *wanted);

/** Offer how the JSON of arguments can go on. */
void wt_complete_json(struct wc *c, const struct wc_function *f,
                      const char *text);

#endif
