/* SPDX-License-Identifier: MIT */
/*
 * What C needs and the IDL does not state: unique names, the order of
 * definitions, which fields are pointers, and the types of containers.
 *
 * Names. A definition X of a file with prefix p is p_X, with functions p_X_read
 * and so on. A name that is taken, or is a word of C, C++ or libc, gets
 * underscores at its end until it is free; the name that is defined first
 * stays.
 */
#ifndef WC_PLAN_H
#define WC_PLAN_H

#include "emit/emit.h"

/** A container's C type. Equal types have equal names, in all files. */
struct wc_container {
    struct wc_container *next; /* in the file; after those that it contains */
    const struct wc_type *type;
    const char *c_name;   /* demo_vec_Person, weft_vec_i32 */
    bool builtin;         /* defined in codec.h */
    struct wc_file *file; /* whose header defines it; unless builtin */
};

/** A use of a container in a file, which needs functions for it there. */
struct wc_use {
    struct wc_use *next;
    struct wc_container *container;
    const char *read[2], *write[2]; /* C names of its functions, for each of
                                       wc_protos */
    uint32_t protos; /* a bit for each of wc_protos that it is used in */
    const struct wc_def *item; /* a list of structs: written by the
                                       library with their descriptor */
};

#define WC_PROTOS 2 /* protocols that have straight-line code */

/** The C type of a value: "int32_t", "struct demo_Person". */
const char *wc_c_type(struct wc *c, const struct wc_type *type);

/** enum weft_wire of a type, by name and by number. */
const char *wc_wire_name(const struct wc_type *type);
uint32_t wc_wire_number(const struct wc_type *type);

/** Is the field required, and its default an empty string or container, which
 * must count as set? */
bool wc_is_set_empty(const struct wc_field *field);

/** Is the field a union that X_init gives a member? */
bool wc_begins_with_member(const struct wc_field *field);

/** Has the record a required field that can be unset, in itself or in a struct
 * that it must have? */
bool wc_may_lack(const struct wc_record *r);

/** Has the C value a pointer that is NULL unless it is set? */
bool wc_has_pointer(const struct wc_type *type);

/** Are all bytes of the value zero? */
bool wc_const_is_zero(const struct wc_const *value);

/* ---- between the plan files ---- */

enum wc_space { WC_TAG = 't', WC_ORDINARY = 'o' };

/** Mark the files that this one sees: all claims below are for it. */
void wc_look_from(struct wc *c, struct wc_file *file);
bool wc_sees(const struct wc *c, const struct wc_file *file);

/** Set the file's prefix, and call wc_look_from for the file. */
void wc_open_names(struct wc *c, struct wc_file *file);

/* What is made from a name, each list ended by NULL. Public names are those of
 * the header or the linker; static ones are known in the source alone. */
struct wc_family {
    bool has_tag; /* the name itself is a tag */
    const char *const *suffixes, *const *static_suffixes;
};

/** Claim a name with its family. If something is taken, underscores are added,
 * which is reported if span.file is set. */
const char *wc_claim_family(struct wc *c, struct wc_file *file,
                            const char *name, const struct wc_family *family,
                            struct wc_span span);

/** Could that name be claimed with its family as it is? */
bool wc_is_free_family(struct wc *c, const struct wc_file *file,
                       const char *name, const struct wc_family *family);

/** Claim one ordinary name, with underscores added if it is taken. */
const char *wc_claim_name(struct wc *c, struct wc_file *file, const char *name,
                          struct wc_span span);

/** Could that ordinary name be claimed as it is? */
bool wc_is_free_name(struct wc *c, const struct wc_file *file,
                     const char *name);

/** Claim a static name of the file's source. */
const char *wc_claim_static(struct wc *c, struct wc_file *file,
                            const char *name);

/** Names of members. wc_keep_member claims a name if it is free; call it for
 * all members first. wc_member_name then adds underscores for the others, which
 * is reported if span.file is set. */
bool wc_keep_member(struct wc *c, const char *name, struct wc_map *members);
const char *wc_member_name(struct wc *c, const char *name,
                           struct wc_map *members, struct wc_span span);

/** Does that tag belong to a definition that the file sees? */
bool wc_is_taken_tag(const struct wc *c, const struct wc_file *file,
                     const char *name);

void wc_plan_layout(struct wc *c, struct wc_file *file);
void wc_plan_containers(struct wc *c, struct wc_file *file);

#endif
