/* SPDX-License-Identifier: MIT */
/*
 * Makes at run time, from the checked tree, the descriptors that weftc writes
 * into generated code. A field that is a struct is always a pointer, so that no
 * layout depends on another layout; a struct whose pointer is NULL is not sent.
 *
 * Defaults of the IDL are separate values, which wi_apply_defaults fills in
 * after reading: the function weft_struct.init cannot find defaults, because it
 * gets no descriptor.
 */
#ifndef WEFT_IDL_TABLES_H
#define WEFT_IDL_TABLES_H

#include <weft/rpc.h>

#include "compiler/compiler.h"

struct wi_tables {
    struct wc *c;
    struct wc_map records; /* address of a definition -> struct wi_record */
    struct wc_map enums;
    struct wi_record *pending, **pending_end; /* fields not made yet */
    struct wi_record *all;
    struct wi_type *types; /* newest first */
};

/** A record with its defaults; `desc` is the first member. */
struct wi_record {
    struct weft_struct desc;
    const void **defaults; /* by field of desc: a value, or NULL */
    const struct wc_record *source;
    struct wc_field **fields;   /* in the order of the fields in `desc` */
    struct wi_record *next;     /* next record in the list `pending` */
    struct wi_record *next_all; /* next record in the list `all` */
};

struct wi_type {
    struct weft_type type; /* the first member */
    struct wi_type *next;
};

/** The C struct of every method's result. A result has one member. */
struct wi_result {
    int32_t which;
    union {
        int64_t integer;
        double real;
        struct weft_str text;
        struct weft_uuid uuid;
        void *box;
        struct {
            void *items;
            uint32_t len, cap;
        } vec;
    } as;
};

void wi_tables_init(struct wi_tables *t, struct wc *c);

/** Make a method for weft_client_call. The result of the method is a struct
 * wi_result. `invoke` may be NULL, for clients. */
typedef weft_err (*wi_invoke)(const void *table, struct weft_call *call,
                              const void *args, void *result);
struct weft_method *wi_make_method(struct wi_tables *t,
                                   const struct wc_function *f,
                                   wi_invoke invoke);

/** Complete all records and types that were made: fields, sizes and
 * defaults. */
void wi_finish(struct wi_tables *t);

/** Fill in the default of each field that was not given, also in nested
 * records. */
void wi_apply_defaults(const struct weft_struct *desc, void *record);
void wi_apply_to_value(const struct weft_type *type, void *value);
void wi_apply_to_result(const struct weft_method *method,
                        struct wi_result *result);

/** The member that a result has; NULL: the result has no member, or is void. */
const struct weft_field *wi_result_member(const struct weft_method *method,
                                          const struct wi_result *result);

/** The address of the value of a member; NULL: the member is a box that is not
 * set. */
void *wi_result_value(const struct weft_field *field, struct wi_result *result);

/* ---- between the table files ---- */

/** The descriptor of a type; `size` in the descriptor is known after
 * wi_finish. */
const struct weft_type *wi_make_type(struct wi_tables *t,
                                     const struct wc_type *type);

/** The descriptor of a struct, union or exception. */
const struct weft_struct *wi_make_struct(struct wi_tables *t,
                                         const struct wc_def *def);

/** Make the defaults of a record whose layout is known. */
void wi_make_defaults(struct wi_tables *t, struct wi_record *record);

#endif
