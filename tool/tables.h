/* SPDX-License-Identifier: MIT */
/*
 * Descriptors made at run time: what weftc writes into generated code, from
 * the checked tree. Structs are always behind pointers, so that no layout
 * depends on another; a struct that is left out is not sent.
 *
 * Defaults of the IDL are values of their own (struct weft_struct.init could
 * not find them): wt_apply_defaults fills them in after reading.
 */
#ifndef WEFT_TOOL_TABLES_H
#define WEFT_TOOL_TABLES_H

#include "tool.h"

struct wt_tables {
    struct wc *c;
    struct wc_map records; /* address of a definition -> struct wt_record */
    struct wc_map enums;
    struct wt_record *pending, **pending_end; /* without fields yet */
    struct wt_record *all;
    struct wt_type *types; /* the newest first */
};

/** A record with its defaults; desc is the first member. */
struct wt_record {
    struct weft_struct desc;
    const void **defaults; /* by field of desc: a value, or NULL */
    const struct wc_record *source;
    struct wc_field **fields;   /* by field of desc */
    struct wt_record *next;     /* pending */
    struct wt_record *next_all; /* made */
};

struct wt_type {
    struct weft_type type; /* first */
    struct wt_type *next;
};

/** What every result is read into: one member, of whatever method. */
struct wt_result {
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

void wt_tables_init(struct wt_tables *t, struct wc *c);

/** A method as weft_client_call takes it. Its result is a struct wt_result. */
const struct weft_method *wt_make_method(struct wt_tables *t,
                                         const struct wt_method *method);

/** Fill in the defaults of what was not given, in all that it holds. */
void wt_apply_defaults(const struct weft_struct *desc, void *record);
void wt_apply_to_value(const struct weft_type *type, void *value);

/* ---- between the table files ---- */

/** The table's type; its size is known after wt_finish. */
const struct weft_type *wt_make_type(struct wt_tables *t,
                                     const struct wc_type *type);

/** Make the defaults of a record whose layout is known. */
void wt_make_defaults(struct wt_tables *t, struct wt_record *record);

#endif
