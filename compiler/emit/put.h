/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files that write C. Generated code has the layout of this
 * repository's sources. Each function wc_put_x writes one construct.
 */
#ifndef WC_PUT_H
#define WC_PUT_H

#include "emit/emit.h"
#include "emit/plan.h"

/* A protocol for which weftc writes straight-line code. */
struct wc_proto {
    const char *api;   /* weft_<api>_next_i32 */
    const char *name;  /* demo_Person_read_<name> */
    const char *word;  /* of enum weft_protocol */
    uint32_t number;   /* the number of that protocol */
    uint32_t head;     /* greatest size of a field's head, in bytes */
    bool has_last;     /* a head depends on the id of the field before */
    bool packs_bools;  /* the head of a bool field holds the value */
    uint8_t codes[17]; /* by wire type: the code in a field's head */
    uint8_t most[17];  /* greatest size of a value; 0: no limit */
};

extern const struct wc_proto wc_protos[WC_PROTOS];

struct wc_emit {
    struct wc *c;
    struct wc_file *file;
    struct wc_text *out;
    const struct wc_proto *proto; /* the protocol of the code */
    struct wc_map types; /* tables that are written: key_of(type) in desc.c ->
                            name of the table of this type */
    uint32_t n_types;    /* number in the next short name, for a table
                            whose own name would be too long */
    uint32_t n_objects;  /* number of the next helper object */
    uint32_t n_idl;      /* files in idl_files; 0: no idl_files */
    bool needs_math;     /* the code uses INFINITY */
    bool casts_const;    /* the code has a cast that drops a const */
};

/** Write formatted text. */
void wc_put(struct wc_emit *e, const char *fmt, ...) WEFT_PRINTF(2, 3);

/** Write head(args)tail, in as few lines as 80 columns allow, after indent
 * blanks; args end in NULL. */
void wc_put_call(struct wc_emit *e, size_t indent, const char *head,
                 const char *const *args, const char *tail);

/** Write "left right;" on one line, or on two. */
void wc_put_statement(struct wc_emit *e, size_t indent, const char *left,
                      const char *right);

/** Write a call as a statement, on one line or on two. */
void wc_put_wrapped(struct wc_emit *e, size_t indent, const char *call);

/** Write the declaration of a function, or the head of its definition. */
void wc_put_declaration(struct wc_emit *e, const char *type, const char *name,
                        const char *const *args);
void wc_put_definition(struct wc_emit *e, const char *type, const char *name,
                       const char *const *args);

/** Write a doc comment of the IDL; nothing if doc is NULL. */
void wc_put_doc(struct wc_emit *e, size_t indent, const char *doc);

/** The declaration of a name, such as "struct demo_X *x" or "int32_t x". */
const char *wc_declare(struct wc *c, const char *type, const char *name);

/** Write the head of a function that reads or writes a record. The function
 * takes a `void *record`, as struct weft_struct requires. */
void wc_put_codec_head(struct wc_emit *e, const struct wc_def *def, bool read);

/** True if the definition is an argument list or a result. */
bool wc_is_call(const struct wc_def *def);

/* parts of the header */
void wc_put_enum(struct wc_emit *e, const struct wc_def *def);
void wc_put_struct(struct wc_emit *e, const struct wc_def *def);
void wc_put_prototypes(struct wc_emit *e, const struct wc_def *def);
void wc_put_containers(struct wc_emit *e);
void wc_put_items(struct wc_emit *e);
void wc_put_functions(struct wc_emit *e, const struct wc_def *def);
void wc_put_service_type(struct wc_emit *e, const struct wc_def *def);

/** The name of the parameter for an argument in the plain form of a call. */
const char *wc_parameter(struct wc *c, const struct wc_function *f,
                         const struct wc_field *a);

/** Write the prototype of the plain form of a call, or the head of its
 * definition. */
void wc_put_plain_head(struct wc_emit *e, const struct wc_function *f,
                       bool is_definition);

/* parts of the source */
void wc_put_container_functions(struct wc_emit *e, const struct wc_use *use);
void wc_put_read(struct wc_emit *e, const struct wc_def *def);
void wc_put_write(struct wc_emit *e, const struct wc_def *def);
void wc_put_by_table(struct wc_emit *e, const struct wc_def *def);
void wc_put_descriptor(struct wc_emit *e, const struct wc_def *def);
void wc_put_enum_descriptor(struct wc_emit *e, const struct wc_def *def);
void wc_put_service(struct wc_emit *e, const struct wc_def *def);

/** Write idl_files, the text of the file and of its includes. Returns the
 * number of files. */
uint32_t wc_put_idl(struct wc_emit *e);

/** Write the declaration or the definition of a constant. */
void wc_put_const_declaration(struct wc_emit *e, const struct wc_def *def);
void wc_put_const(struct wc_emit *e, const struct wc_def *def);

/** Write the static objects that a value refers to. */
void wc_put_objects(struct wc_emit *e, const char *name,
                    struct wc_const *value);

/** Bytes of the longest string literal; C11 guarantees 4095. */
#define WC_LONGEST_LITERAL 4000

/** The value as an initialiser. The lines after the first line begin after
 * `indent` blanks; SIZE_MAX: all is on one line. `head` is the number of
 * columns in use before the initialiser on the first line. */
const char *wc_initialiser(struct wc_emit *e, const struct wc_const *value,
                           size_t indent, size_t head);

/** The value as an expression in a statement. */
const char *wc_expression(struct wc_emit *e, const struct wc_const *value,
                          size_t head);

/** The call that writes the value in `place`, such as "x->age". */
const char *wc_write_value(struct wc_emit *e, const struct wc_type *type,
                           const char *place);

/** The call that reads a value. `fits` names the bool that the call for a
 * container sets: false if its items have another type. */
const char *wc_read_value(struct wc_emit *e, const struct wc_type *type,
                          const char *place, const char *fits);

/** True if generated code reads a value of the type through the run (struct
 * weft_run, kept in registers). The code reads other values through the reader:
 * it ends the run before such a value, and begins the run again after the value
 * (wc_put_run). */
bool wc_is_in_run(const struct wc_type *type);
void wc_put_run(struct wc_emit *e, size_t indent, bool begin);

/** End or begin the room (struct weft_room) in code that writes, as wc_put_run
 * ends or begins the run in code that reads. */
void wc_put_room(struct wc_emit *e, size_t indent, bool begin);

/** The most bytes of a value of the type; 0 if there is no limit. */
uint32_t wc_room_for(const struct wc_emit *e, const struct wc_type *type);

/** True if the head of a field of this type contains the value. */
bool wc_is_in_head(const struct wc_emit *e, const struct wc_type *type);

/** True if the type is a list, set or map. */
bool wc_is_container(const struct wc_type *type);

#endif
