/* SPDX-License-Identifier: MIT */
/*
 * The module header of check, which checks what the grammar does not express:
 * that each name is defined, that each number fits, that each value fits its
 * type. There are two passes. The first pass declares the names of all files,
 * so that a file may use a definition above the line of this definition.
 *
 *   check.c           the passes
 *   bind.c            finds the definitions of types and services by name
 *   typedef.c         what a typedef stands for
 *   record.c          enums, and lists of fields
 *   service.c         services, their ancestors and methods
 *   eval.h            values against types: eval.c for scalars, eval_name.c for
 *                     names, eval_container.c for the rest
 *   eval_dedupe.c     equal items of a constant
 */
#ifndef WC_CHECK_H
#define WC_CHECK_H

#include "report/report.h"

/** Fill the file's tables, bind names of types and services, number enums. */
void wc_check_names(struct wc *c, struct wc_file *file);

/** Check fields, functions, and values; call this function for included files
 * first. */
void wc_check_file(struct wc *c, struct wc_file *file);

/* ---- between the check files ---- */

/** Bind the names in a type; reports unknown names. */
void wc_bind_type(struct wc *c, struct wc_file *file, struct wc_type *type);

/** Bind the parent that `service X extends Y` names; reports an unknown
 * parent. */
void wc_bind_parent(struct wc *c, struct wc_file *file, struct wc_def *def);

/** The first include that has the prefix `a.b` of the name `a.b.Name`; the
 * other includes with this prefix are its twins. NULL: no include has the
 * prefix. */
struct wc_include *wc_find_include(struct wc *c, const struct wc_file *file,
                                   const char *name, size_t prefix_len);

/** wc_find_const returns the constant that a name means in a file, and
 * wc_find_type the type or service. NULL: the name has no definition. Both
 * functions report a name that two included files define. */
struct wc_def *wc_find_const(struct wc *c, struct wc_file *file,
                             const char *name, struct wc_span span);
struct wc_def *wc_find_type(struct wc *c, struct wc_file *file,
                            const char *name, struct wc_span span);

/** Length of a name before its last dot; 0 if the name has no dot. */
size_t wc_prefix_len(const char *name);

/** Find the type that a typedef stands for, and set def->real to it. */
void wc_check_typedef(struct wc *c, struct wc_def *def);

/** True if the types are the same after typedefs are resolved. string and
 * binary count as the same type. */
bool wc_is_same_type(const struct wc_type *a, const struct wc_type *b);

/** Report a type that contains itself, or has too many parts after typedefs are
 * resolved. */
void wc_check_type(struct wc *c, struct wc_type *type);

void wc_check_enum(struct wc *c, struct wc_def *def);

/** Check ids, names and requiredness of a list of fields, and add the fields to
 * by_name. */
void wc_check_fields(struct wc *c, struct wc_field *first,
                     enum wc_record_kind kind, struct wc_map *by_name);
void wc_check_service(struct wc *c, struct wc_def *def);

/** Report and cut a cycle of `extends`. */
void wc_check_parents(struct wc *c, struct wc_def *def);

/** The value as a constant of the type `type`; NULL after a report. */
struct wc_const *wc_eval(struct wc *c, struct wc_file *file,
                         const struct wc_type *type,
                         const struct wc_value *value);

/** Evaluate the definition of a constant, if it was not evaluated before. */
void wc_eval_def(struct wc *c, struct wc_def *def, uint32_t depth);

/** A text for a constant: two constants of a type have the same text if and
 * only if they are equal. */
const char *wc_const_text(struct wc *c, const struct wc_const *value);

/** The first value of the enum that has this number, or NULL. */
struct wc_enum_value *wc_enum_find(const struct wc_enum *e, int64_t number);

#endif
