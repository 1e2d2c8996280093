/* SPDX-License-Identifier: MIT */
/*
 * What C needs and the IDL does not state: unique names, the order of
 * definitions, which fields are pointers, and the types of containers.
 *
 * Names. A definition X of a file with prefix p is p_X, with functions p_X_read
 * and so on. A name that is taken, or is a word of C, C++ or libc, gets
 * underscores at its end until it is free. Of two equal names the first name is
 * kept.
 */
#ifndef WC_PLAN_H
#define WC_PLAN_H

#include "emit/emit.h"

/** A container's C type. Equal types have equal names, in all files. */
struct wc_container {
    struct wc_container *next; /* in the file; a container follows its parts */
    const struct wc_type *type;
    const char *c_name;   /* demo_vec_Person, weft_vec_i32 */
    bool builtin;         /* defined in codec.h */
    struct wc_file *file; /* the file whose header defines the type */
};

/** A container that a file uses, and the functions that read and write it. */
struct wc_use {
    struct wc_use *next;
    struct wc_container *container;
    const char *read[2], *write[2]; /* C names of the functions, for each of
                                       wc_protos */
    uint32_t protos; /* bit i: the container is used in wc_protos[i] */
    const struct wc_def *item; /* the struct in a list of structs, which the
                                  library reads and writes by descriptor;
                                  else NULL */
};

#define WC_PROTOS 2 /* protocols that have straight-line code */

/** The C type of a value: "int32_t", "struct demo_Person". */
const char *wc_c_type(struct wc *c, const struct wc_type *type);

/** The wire type (enum weft_wire) of a type, as name and as number. */
const char *wc_wire_name(const struct wc_type *type);
uint32_t wc_wire_number(const struct wc_type *type);

/** True if the field is required and its default is an empty string or
 * container. Such a default must count as set. */
bool wc_is_set_empty(const struct wc_field *field);

/** True if the field is a union in which X_init sets a member. */
bool wc_begins_with_member(const struct wc_field *field);

/** True if a required field can be unset in the record, or in a struct that is
 * a required field of the record. */
bool wc_may_lack(const struct wc_record *r);

/** True if the C type has a pointer that is NULL while the value is not set. */
bool wc_has_pointer(const struct wc_type *type);

/** True if all bytes of the value are zero. */
bool wc_const_is_zero(const struct wc_const *value);

/* ---- between the plan files ---- */

enum wc_space { WC_TAG = 't', WC_ORDINARY = 'o' };

/** Mark the files that `file` sees; wc_sees tells whether a file is marked. All
 * claims until the next call are for `file`. */
void wc_look_from(struct wc *c, struct wc_file *file);
bool wc_sees(const struct wc *c, const struct wc_file *file);

/** Set the file's prefix, and call wc_look_from for the file. */
void wc_open_names(struct wc *c, struct wc_file *file);

/* The names that are made from one name: suffixes of names that the header or
 * the linker knows, and suffixes of names that only the source knows. Each of
 * the two lists ends in NULL. */
struct wc_family {
    bool has_tag; /* the name itself is a tag */
    const char *const *suffixes, *const *static_suffixes;
};

/** Claim a name with its family. If the name or a name of the family is taken,
 * add underscores to the name, and report this change if span.file is set.
 * Returns the name. */
const char *wc_claim_family(struct wc *c, struct wc_file *file,
                            const char *name, const struct wc_family *family,
                            struct wc_span span);

/** True if the name and its family are free. */
bool wc_is_free_family(struct wc *c, const struct wc_file *file,
                       const char *name, const struct wc_family *family);

/** Claim one ordinary name, as wc_claim_family does for a family. */
const char *wc_claim_name(struct wc *c, struct wc_file *file, const char *name,
                          struct wc_span span);

/** True if the ordinary name is free. */
bool wc_is_free_name(struct wc *c, const struct wc_file *file,
                     const char *name);

/** Claim a static name of the file's source. */
const char *wc_claim_static(struct wc *c, struct wc_file *file,
                            const char *name);

/** Names of members. First call wc_keep_member for all members: it claims a
 * name if the name is free. Then call wc_member_name for each member whose name
 * was not free: wc_member_name adds underscores to the name, and reports this
 * change if span.file is set. */
bool wc_keep_member(struct wc *c, const char *name, struct wc_map *members);
const char *wc_member_name(struct wc *c, const char *name,
                           struct wc_map *members, struct wc_span span);

/** True if the tag belongs to a definition that the file sees. */
bool wc_is_taken_tag(const struct wc *c, const struct wc_file *file,
                     const char *name);

void wc_plan_layout(struct wc *c, struct wc_file *file);
void wc_plan_containers(struct wc *c, struct wc_file *file);

#endif
