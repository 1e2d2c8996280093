/* SPDX-License-Identifier: MIT */
/*
 * What C needs to know of a file that the IDL does not say: names that clash
 * with nothing, the order of definitions, which structs are behind pointers,
 * and the types of containers.
 *
 * Names. A definition X of a file with prefix p is p_X, with functions p_X_read
 * and so on. A name that is taken, or is a word of C, C++ or libc, gets
 * underscores behind it until it is free; the later one loses.
 */
#ifndef WC_PLAN_H
#define WC_PLAN_H

#include "emit/emit.h"

/** A container's C type. Equal types have equal names, in all files. */
struct wc_container {
    struct wc_container *next; /* of the file; those it holds come first */
    const struct wc_type *type;
    const char *c_name;   /* demo_vec_Person, weft_vec_i32 */
    bool builtin;         /* of codec.h */
    struct wc_file *file; /* whose header defines it, unless it is builtin */
};

/** A use of a container in a file, which needs functions for it there. */
struct wc_use {
    struct wc_use *next;
    struct wc_container *container;
    const char *read[2], *write[2]; /* C names of its functions, for binary
                                       and compact */
};

/** The C type of a value: "int32_t", "struct demo_Person". */
const char *wc_c_type(struct wc *c, const struct wc_type *type);

/** enum weft_wire of a type, by name and by number. */
const char *wc_wire_name(const struct wc_type *type);
uint32_t wc_wire_number(const struct wc_type *type);

/** Is the initial value of that constant what memset leaves? */
bool wc_const_is_zero(const struct wc_const *value);

/* ---- between the plan files ---- */

enum wc_space { WC_TAG = 't', WC_ORDINARY = 'o' };

/** Set the file's prefix; note which files it can see. */
void wc_open_names(struct wc *c, struct wc_file *file);

/** Make a name that is free together with each of its suffixes, which end in
 * NULL; tag: the name itself is a tag. Reports when it differs, if the span is
 * of a file. */
const char *wc_claim_family(struct wc *c, struct wc_file *file,
                            const char *name, bool tag,
                            const char *const *suffixes, struct wc_span span);

/** Make an ordinary name free. */
const char *wc_claim_name(struct wc *c, struct wc_file *file, const char *name,
                          struct wc_span span);

/** A name for a member of a struct; reports when it differs, if the span is of
 * a file. Members whose names can stay are to be kept first. */
bool wc_keep_member(struct wc *c, const char *name, struct wc_map *members);
const char *wc_member_name(struct wc *c, const char *name,
                           struct wc_map *members, struct wc_span span);

/** Does that tag belong to a definition that the file sees? */
bool wc_is_taken_tag(const struct wc *c, const struct wc_file *file,
                     const char *name);

void wc_plan_layout(struct wc *c, struct wc_file *file);
void wc_plan_containers(struct wc *c, struct wc_file *file);

#endif
