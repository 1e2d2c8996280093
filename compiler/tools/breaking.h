/* SPDX-License-Identifier: MIT */
/* Shared by the files that compare two versions: breaking.c (definitions),
 * breaking_field.c (field lists and types). */
#ifndef WC_BREAKING_H
#define WC_BREAKING_H

#include "check/check.h"

struct wc_breaking {
    struct wc *c;
    struct wc_map seen; /* pairs of records, and of files, compared so far */
};

/** True if this pair is compared for the first time. */
bool wc_break_is_new(struct wc_breaking *b, const void *old, const void *now);

/** Compare types. `what` names the owner of the type, such as "field `age`";
 * reports point to `span`. */
void wc_break_type(struct wc_breaking *b, const struct wc_type *old,
                   const struct wc_type *now, const char *what,
                   struct wc_span span);

/** Compare lists of fields; `owner` is the name of the record or function that
 * has the new list. */
void wc_break_fields(struct wc_breaking *b, struct wc_field *old,
                     struct wc_field *now, enum wc_record_kind kind,
                     const char *owner, struct wc_span span);

void wc_break_record(struct wc_breaking *b, struct wc_def *old,
                     struct wc_def *now);

#endif
