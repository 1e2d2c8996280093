/* SPDX-License-Identifier: MIT */
/*
 * A Thrift file as a tree. The parser builds the tree, check/ binds names and
 * numbers, and the plan (emit/plan.h) adds what C needs.
 *
 *   file -> defs -> enum values | fields | functions -> types, values
 *
 * Lists are singly linked, in the order of the source; names are interned.
 */
#ifndef WC_AST_H
#define WC_AST_H

#include "core/run.h"

struct wc_file;
struct wc_def;

/** Bytes of a file. A report shows a span with `len` 0 as one caret. */
struct wc_span {
    struct wc_file *file;
    uint32_t at, len;
};

struct wc_annot {
    struct wc_annot *next;
    const char *key, *value;
    struct wc_span span;
};

/* ---- types ---- */

enum wc_type_kind {
    WC_VOID,
    WC_BOOL,
    WC_I8,
    WC_I16,
    WC_I32,
    WC_I64,
    WC_DOUBLE,
    WC_STRING,
    WC_BINARY,
    WC_UUID,
    WC_LIST,
    WC_SET,
    WC_MAP,
    WC_NAMED, /* a definition: enum, record or typedef */
};

struct wc_type {
    enum wc_type_kind kind;
    struct wc_span span;
    const char *name;        /* the name as written, if `kind` is WC_NAMED */
    struct wc_type *key;     /* map */
    struct wc_type *element; /* list, set; map: the value */
    struct wc_annot *annots;
    const char *cpp_type; /* only for --json */
    struct wc_file *file; /* the file in which the type is written */
    struct wc_def *def;   /* if `kind` is WC_NAMED; NULL: unknown */
    /* set by the plan (emit/plan.h) */
    struct wc_container *container; /* list, set, map */
};

/* ---- values, as written ---- */

enum wc_value_kind {
    WC_INT_VALUE,
    WC_DOUBLE_VALUE,
    WC_STRING_VALUE,
    WC_NAME_VALUE,
    WC_LIST_VALUE,
    WC_MAP_VALUE,
};

struct wc_value {
    struct wc_value *next; /* the next item; of a map: key, value, key, ... */
    enum wc_value_kind kind;
    struct wc_span span;
    int64_t integer;
    double real;
    const char *text; /* string, name */
    uint32_t len;     /* of a string */
    uint32_t n;       /* items of a list, pairs of a map */
    struct wc_value *items;
};

/* ---- values, checked against a type; see eval.c ---- */

struct wc_const {
    const struct wc_type *type; /* real, see wc_real */
    int64_t integer;            /* bool, integers, enums */
    double real;
    const char *text; /* string, binary; uuid: 16 bytes */
    uint32_t len;
    uint32_t n;              /* items; pairs; fields of a record */
    struct wc_const **items; /* list, set; map: key, value, ...; record: one
                                per field in order, NULL if not given */
    /* set by emit/const.c */
    const char *object; /* C name of the object that holds the value, if any */
    uint32_t root; /* n_roots (run.h) at the time when `object` was written */
    struct wc_const **all; /* record: items and defaults, by field */
};

/* ---- definitions ---- */

enum wc_need { WC_DEFAULT, WC_REQUIRED, WC_OPTIONAL };

struct wc_field {
    struct wc_field *next;
    const char *name, *doc;
    struct wc_span span; /* of the name */
    struct wc_span id_span;
    struct wc_type *type;
    struct wc_value *value; /* the default, or NULL */
    struct wc_const *init;  /* the default, checked */
    struct wc_annot *annots;
    int64_t written_id;
    bool has_id;    /* written_id was given */
    bool reference; /* `&` comes after the type */
    bool has_attrs; /* has xsd_attrs { }, whose fields only take up ids */
    struct wc_field *attrs;
    int32_t id;
    enum wc_need need;
    uint32_t index; /* in the record, from 0 */
    /* set by the plan (emit/plan.h) */
    const char *c_name;
    const char *c_which; /* union, result: C name of the value of `which` */
    const char *c_set;   /* C name of its setter or throw helper, or NULL */
    bool boxed;
    int32_t has_bit; /* -1: none */
};

enum wc_record_kind {
    WC_STRUCT,
    WC_UNION,
    WC_EXCEPTION,
    WC_ARGS,
    WC_RESULT,
};

struct wc_record {
    enum wc_record_kind kind;
    struct wc_field *fields;
    uint32_t n_fields;
    struct wc_map by_name;        /* checked: -> struct wc_field */
    struct wc_function *function; /* args, result */
    /* set by the plan (emit/plan.h) */
    struct wc_field **by_id;
    uint32_t n_bits;
    bool needs_init;         /* X_init sets more than zeros */
    uint32_t straight;       /* bit i: the record has code for wc_protos[i] */
    bool keeps_unknown;      /* the record has a member for unknown fields */
    uint32_t group;          /* its group of structs that contain each other */
    uint32_t seen;           /* layout.c: number of the visit; 0: not visited */
    uint32_t low;            /* layout.c: lowest visit that can be reached */
    struct wc_field *cursor; /* layout.c: the next field to follow */
    struct wc_def *below;    /* layout.c: the next record on the stack */
    struct wc_def *caller;   /* layout.c: the record from which the walk came */
    struct wc_def *after;    /* the next record in the order of definition */
};

struct wc_enum_value {
    struct wc_enum_value *next;
    const char *name, *doc;
    struct wc_span span;
    struct wc_annot *annots;
    struct wc_value *written; /* or NULL */
    int32_t number;
    const char *c_name; /* set by the plan (emit/plan.h) */
};

struct wc_enum {
    struct wc_enum_value *values;
    uint32_t n_values;
    struct wc_map by_name;
    struct wc_enum_value **by_number; /* ascending */
};

struct wc_function {
    struct wc_function *next;
    const char *name, *doc;
    struct wc_span span;
    struct wc_annot *annots;
    bool oneway;
    bool idempotent; /* set by the check */
    struct wc_type *returns;
    struct wc_field *args, *throws;
    /* set by the plan (emit/plan.h) */
    const char *c_name;                   /* demo_Hello_greet */
    const char *c_stem;                   /* begins the names of its structs */
    const char *c_plain;                  /* demo_greet; NULL: none */
    struct wc_def *args_def, *result_def; /* result_def is NULL if oneway */
};

/* A function of a service or of its ancestors. */
struct wc_method {
    struct wc_method *next;
    struct wc_function *function;
    bool inherited;
    const char *c_name; /* demo_Hello_greet, also if inherited */
    const char *c_stem; /* begins names of this service's functions */
    const char *c_slot; /* greet, in the table */
    const char *c_own;  /* begins names for the plain table */
};

struct wc_service {
    const char *extends; /* as written, or NULL */
    struct wc_span extends_span;
    struct wc_def *parent;
    struct wc_function *functions;
    struct wc_map by_name;
    /* set by the plan (emit/plan.h) */
    struct wc_method *methods, **methods_end; /* inherited methods first */
    uint32_t n_methods;
    const char *c_table; /* demo_Hello_service */
    const char *c_plain; /* demo_Hello_plain */
};

enum wc_def_kind { WC_CONST, WC_TYPEDEF, WC_ENUM, WC_RECORD, WC_SERVICE };

/* The state of a definition or file during a walk: not begun, under way, done,
 * failed. The walk is in a cycle if it meets a definition or file that is under
 * way. */
enum wc_mark { WC_NEW_MARK, WC_OPEN_MARK, WC_DONE_MARK, WC_BAD_MARK };

struct wc_def {
    struct wc_def *next;
    enum wc_def_kind kind;
    const char *name, *doc;
    struct wc_span span; /* of the name */
    struct wc_annot *annots;
    struct wc_file *file;
    enum wc_mark mark;
    struct wc_type *type;       /* const, typedef */
    const struct wc_type *real; /* of a typedef: its type without typedefs */
    uint32_t parts;             /* typedef: how many parts `type` has */
    struct wc_value *value;     /* const */
    struct wc_const *init;      /* of a const, checked; NULL: wrong */
    struct wc_record record;
    struct wc_enum enums;
    struct wc_service service;
    const char *c_name; /* set by the plan: demo_Person */
};

/* Header lines other than include. Only the tools need these lines. */
struct wc_header {
    struct wc_header *next;
    const char *scope; /* of a namespace; NULL: cpp_include */
    const char *name;
    struct wc_span span;
    struct wc_annot *annots;
};

/* The kind of an item that fmt.c may put on its own line. */
enum wc_start_kind { WC_TOP_START, WC_ITEM_START, WC_CALL_START };

struct wc_start {
    enum wc_start_kind kind;
    uint32_t at;
};

struct wc_include {
    struct wc_include *next;
    const char *name; /* as written */
    struct wc_span span;
    struct wc_file *file;    /* NULL: not found */
    const char *prefix;      /* a/b.thrift: b */
    struct wc_include *twin; /* the next include with this prefix */
    bool used;               /* a name with its prefix was found */
};

/* Reports of one kind in a file: the first report is shown, later reports are
 * counted. */
struct wc_tally {
    struct wc_report *first;
    uint32_t more;
};

struct wc_file {
    struct wc_file *next;    /* in the order of loading */
    struct wc_file *next_up; /* in the order of checking: includes first */
    const char *id, *path;   /* see struct wc_source */
    const char *base;        /* a/b.thrift: b */
    const char *stem;        /* b, or a/b; see outputs.c */
    const char *output;      /* path of its .h and .c without suffix */
    struct wc_span from;     /* the first include that names this file */
    struct wc_file *twin;    /* the next file with this base */
    const char *text;
    uint32_t len;
    const char *doc;
    uint32_t *lines; /* where each line starts; set by the first report */
    uint32_t n_lines;
    uint32_t number;                    /* in the order of loading */
    const char *namespace_c, *fallback; /* fallback: the namespace of "*" */
    struct wc_span namespace_span;
    struct wc_annot *annots; /* of the last namespace with annotations */
    struct wc_header *headers, **headers_end;
    struct wc_start *starts; /* WC_FMT: in the order of the source */
    uint32_t n_starts, cap_starts;
    struct wc_include *includes, **includes_end;
    struct wc_map by_prefix; /* -> struct wc_include */
    struct wc_def *defs;
    struct wc_def **defs_end;
    struct wc_map types; /* types and services, by name */
    struct wc_map consts;
    enum wc_mark mark;
    bool asked_for;               /* named on the command line */
    struct wc_tally names, needs; /* lint: naming, required-field */
    /* set by the plan (emit/plan.h) */
    const char *prefix;  /* of C names: demo */
    bool prefix_by_path; /* the prefix is the stem, because there is no
                            namespace and another file has the same base */
    enum wc_codec codec; /* of definitions without rpc.codec */
    uint32_t seen_in; /* number of the last wc_look_from that saw this file */
    struct wc_map locals;        /* static names of its source */
    struct wc_def *first_record; /* in the order of definition */
    struct wc_def **records_end;
    struct wc_container *containers;
    struct wc_container **containers_end;
    struct wc_map used; /* C name -> struct wc_use */
    struct wc_use *uses, **uses_end;
};

/** The type that a type means after all typedefs are resolved. An unknown type
 * is WC_NAMED, and its `def` is NULL. */
const struct wc_type *wc_real(const struct wc_type *type);

/** The definition if the real type is a record or an enum, else NULL. */
struct wc_def *wc_record_of(const struct wc_type *type);
struct wc_def *wc_enum_of(const struct wc_type *type);

/** The name of a kind, such as "i32" or "list"; "?" for WC_NAMED. */
const char *wc_kind_text(enum wc_type_kind kind);

/** The type as the IDL writes it, such as "list<Person>". */
const char *wc_type_text(struct wc *c, const struct wc_type *type);

/** wc_def_phrase returns a text such as "a struct" or "an exception".
 * wc_def_text returns the same text without the article. */
const char *wc_def_phrase(const struct wc_def *def);
const char *wc_def_text(const struct wc_def *def);

#endif
