/* SPDX-License-Identifier: MIT */
/* Shared by the files that check values: eval.c (scalars), eval_name.c,
 * eval_container.c (lists, sets, maps, records). */
#ifndef WC_EVAL_H
#define WC_EVAL_H

#include "check/check.h"

struct wc_eval {
    struct wc *c;
    struct wc_file *file; /* the file whose names the value can use */
    uint32_t depth; /* length of the chain of constants that name each other */
    struct wc_span blame; /* the whole value, where reports point to */
};

/* Each of these functions returns NULL after a report. */
struct wc_const *wc_eval_value(struct wc_eval *e, const struct wc_type *type,
                               const struct wc_value *value);
struct wc_const *wc_eval_name(struct wc_eval *e, const struct wc_type *type,
                              const struct wc_value *value);
struct wc_const *wc_eval_list(struct wc_eval *e, const struct wc_type *type,
                              const struct wc_value *value);
struct wc_const *wc_eval_map(struct wc_eval *e, const struct wc_type *type,
                             const struct wc_value *value);
struct wc_const *wc_eval_record(struct wc_eval *e, const struct wc_type *type,
                                const struct wc_value *value);

/** Report that a value is not of a type. */
struct wc_const *wc_eval_mismatch(const struct wc_eval *e,
                                  const struct wc_type *type,
                                  const struct wc_value *value);

/** Make a constant whose value is not set yet; NULL: the run has too many
 * values. */
struct wc_const *wc_eval_new(const struct wc_eval *e,
                             const struct wc_type *type, uint32_t n_items);

/** Drop repeated items of a set. If several pairs of a map have equal keys,
 * keep one pair, at the index of the first pair and with the value of the last
 * pair. */
void wc_eval_dedupe(struct wc *c, struct wc_const *made, bool is_map);

#endif
