/* SPDX-License-Identifier: MIT */
/*
 * weft/codec.h: reading and writing structs as Thrift bytes. No I/O, no clock,
 * no fiber.
 *
 * Generated code calls the readers and writers below. Descriptors (struct
 * weft_struct) tell the functions here how to copy, compare and print a type. A
 * reader never takes more memory than its arena's budget, never nests deeper
 * than its limit, and refuses a count that the remaining bytes cannot hold.
 */
#ifndef WEFT_CODEC_H
#define WEFT_CODEC_H

#include <weft/base.h>
#include <weft/buf.h>

#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- codes of the wire ---- */

enum weft_wire {
    WEFT_STOP = 0,
    WEFT_BOOL = 2,
    WEFT_I8 = 3,
    WEFT_DOUBLE = 4,
    WEFT_I16 = 6,
    WEFT_I32 = 8,
    WEFT_I64 = 10,
    WEFT_STRING = 11,
    WEFT_STRUCT = 12,
    WEFT_MAP = 13,
    WEFT_SET = 14,
    WEFT_LIST = 15,
    WEFT_UUID = 16,
};

enum weft_message_type {
    WEFT_CALL = 1,
    WEFT_REPLY = 2,
    WEFT_EXCEPTION = 3,
    WEFT_ONEWAY = 4,
};

/* ---- dialects ---- */

/** How values are encoded. */
enum weft_protocol {
    WEFT_BINARY = 0,  /* strict binary */
    WEFT_COMPACT = 1, /* compact */
    WEFT_JSON = 2,    /* JSON; bytes that are not UTF-8 are sent as they are */
    /* binary with the old head of a message, without version */
    WEFT_OLD_BINARY = 3,
};

/** How messages are delimited. Some framings carry headers, too. */
enum weft_framing {
    WEFT_FRAMED = 0,          /* 4 bytes of length before each message */
    WEFT_UNFRAMED = 1,        /* nothing between messages ("buffered") */
    WEFT_THEADER = 2,         /* Apache's THeader; with headers */
    WEFT_TTHEADER = 3,        /* Kitex' TTHeader; with headers; not for JSON */
    WEFT_TTHEADER_FRAMED = 4, /* TTHeader with a frame inside; with headers; not
                                 for JSON */
    WEFT_HTTP = 5,            /* POST and its response; with headers */
};

/** What surrounds frames of THeader and TTHeader, because Apache's libraries
 * can put one transport into another. */
enum weft_around {
    WEFT_ALONE = 0,
    WEFT_IN_ZLIB = 1, /* the connection is one zlib stream in each direction */
    WEFT_IN_HTTP = 2, /* a frame is the body of a POST or of its response */
};

/** What two peers must agree on. All zero: framed strict binary. */
struct weft_dialect {
    uint8_t framing;  /* enum weft_framing */
    uint8_t protocol; /* enum weft_protocol */
    bool zlib; /* THeader: each message is compressed; framed and unframed: the
                  whole connection is one zlib stream in each direction; other
                  framings: false */
    uint8_t around; /* enum weft_around; 0 except for THeader and TTHeader */
};

/** A header that travels with a message: any bytes; the key is not empty. */
struct weft_header {
    struct weft_str key, value;
};

/** Headers in the order of the wire. Several may have the same key. */
struct weft_headers {
    struct weft_header *items;
    uint32_t len, cap;
};

/* ---- limits ---- */

/** Limits of one message. Zero in a field means the default. A count may be
 * WEFT_UNLIMITED and a size WEFT_UNLIMITED_SIZE. If the comment names a maximum
 * ("at most"), every larger number means the maximum. */
struct weft_limits {
    size_t message_size;    /* bytes of one message; default 16,384,000, at most
                               2^31 - 1 */
    size_t memory;          /* bytes that decoding may take; default 8 *
                               message_size + 1 MiB */
    uint32_t depth;         /* nested structs and containers; default 64, at
                               most 64 */
    uint32_t name_size;     /* bytes of a method name; default 1,024 */
    uint32_t header_size;   /* bytes of all headers; default 65,532, at most
                               65,532 */
    uint32_t inflate_ratio; /* a compressed message may inflate to this many
                               times its size; default 100, at most 1,032. Up to
                               4 MiB is always allowed */
};

#define WEFT_MESSAGE_SIZE ((size_t)16384000)
#define WEFT_DEPTH 64u
#define WEFT_NAME_SIZE 1024u
#define WEFT_HEADER_SIZE 65532u
#define WEFT_INFLATE_RATIO 100u
#define WEFT_INFLATE_MOST 1032u /* zlib cannot reach a higher ratio */
#define WEFT_INFLATE_FREE ((size_t)4 << 20)

/* ---- containers of base types ---- */

/** A uuid, most significant byte first. */
struct weft_uuid {
    uint8_t bytes[16];
};

/*
 * A list or set: len items, in memory for cap items. The memory is an arena's,
 * or static (cap is 0 then). Every element type has a struct of this shape; the
 * generated structs are named <prefix>_vec_<type>.
 */
struct weft_vec_bool {
    bool *items;
    uint32_t len, cap;
};
struct weft_vec_i8 {
    int8_t *items;
    uint32_t len, cap;
};
struct weft_vec_i16 {
    int16_t *items;
    uint32_t len, cap;
};
struct weft_vec_i32 {
    int32_t *items;
    uint32_t len, cap;
};
struct weft_vec_i64 {
    int64_t *items;
    uint32_t len, cap;
};
struct weft_vec_double {
    double *items;
    uint32_t len, cap;
};
struct weft_vec_str {
    struct weft_str *items;
    uint32_t len, cap;
};
struct weft_vec_uuid {
    struct weft_uuid *items;
    uint32_t len, cap;
};

/**
 * Append room for one zeroed item to a list, set or map of any type:
 *     struct weft_str *s = weft_push(arena, &p->tags, sizeof *p->tags.items);
 * A list that is full moves to twice its space in the arena; the old space is
 * not freed. An item that is a struct is all zero, without the defaults of the
 * IDL; weft_push_struct sets them.
 *
 * Shape    vec points to a struct { T *items; uint32_t len, cap; }; item_size
 *          is sizeof(T)
 * Owner    the arena owns the items
 * Blocks   never     Thread  one at a time
 * Errors   NULL: no memory, the vec is unchanged
 */
WEFT_API void *weft_push(struct weft_arena *arena, void *vec, size_t item_size)
    WEFT_CHECKED;

/**
 * Empty a list, set or map of any type. After the call the container counts as
 * set, so that it can be written even if its field is required:
 *     weft_vec_clear(&p->tags);
 *
 * Shape    vec points to a struct { T *items; uint32_t len, cap; }
 * Owner    its items stay the arena's
 * Blocks   never     Thread  one at a time     Errors  none
 */
WEFT_API void weft_vec_clear(void *vec);

/* ---- descriptors: what types look like ---- */

/*
 * The writer returns an error if a required value was not set. A string, list,
 * set or map is not set if its pointer is NULL, a boxed struct if it has no
 * box, a union if it has no member; other values are always set. Readers and
 * weft_vec_clear give empty strings and containers a pointer.
 *
 * A field that is not required is left out in two cases:
 * - it holds a union without a member, and the field has no default;
 * - its bit is not set, and it holds a struct in which a required value is
 *   missing, and in which nothing was set.
 * Where a union without a member cannot be left out, such as in a list or in a
 * field that has a default, it is written as an empty struct.
 */
enum weft_requiredness {
    WEFT_DEFAULT = 0,  /* written, except in the two cases above; may be absent
                          when read */
    WEFT_REQUIRED = 1, /* must be set and read */
    WEFT_OPTIONAL = 2, /* written when its bit (or pointer) is set */
};

enum weft_record_kind {
    WEFT_RECORD_STRUCT = 0,
    WEFT_RECORD_UNION = 1,
    WEFT_RECORD_EXCEPTION = 2,
};

/** One name and number of an enum. */
struct weft_enum_value {
    const char *name;
    int32_t value;
};

/** An enum. Its values have the order of the IDL. */
struct weft_enum {
    const char *name; /* as in the IDL */
    const struct weft_enum_value *values;
    uint32_t n_values;
};

/** A type. A list, set or map names the types of its items. An item of a map is
 * a struct {key, value}. */
struct weft_type {
    uint8_t wire;       /* enum weft_wire */
    bool is_binary;     /* a string that is not text */
    uint32_t size;      /* sizeof the C value; of a list, set or map: the vec */
    uint32_t item_size; /* list, set, map: sizeof one item */
    uint32_t value_offset;            /* map: offset of the value in the item */
    const struct weft_type *key;      /* map */
    const struct weft_type *element;  /* list, set; map: the value */
    const struct weft_struct *record; /* struct, union, exception */
    const struct weft_enum *names;    /* i32 that is an enum, or NULL */
};

/** A field of a struct, union, exception or argument list. */
struct weft_field {
    const char *name; /* as in the IDL */
    const struct weft_type *type;
    uint32_t offset;  /* of the value, or of the pointer if boxed */
    uint16_t has_bit; /* the field's bit in `has`; of a union: unused */
    int16_t id;
    uint8_t requiredness; /* enum weft_requiredness */
    bool boxed;           /* the struct holds a pointer to the value; NULL:
                             absent */
    bool has_default;     /* a union whose default has a member */
};

struct weft_reader;
struct weft_writer;

/**
 * weftc generates one function of each type for a struct and a protocol. A
 * weft_read_fn reads a struct after the head of its field, a weft_write_fn
 * writes a struct and its stop byte. Both count depth and check required
 * fields.
 */
typedef weft_err (*weft_read_fn)(struct weft_reader *r, void *record);
typedef void (*weft_write_fn)(struct weft_writer *w, const void *record);

/** A struct. Its fields have the ascending order of their ids. */
struct weft_struct {
    const char *name; /* as in the IDL */
    const struct weft_field *fields;
    uint32_t n_fields;
    uint32_t size;              /* sizeof the C struct */
    uint32_t has_offset;        /* of has.w[0]; of a union: of int32_t which */
    uint8_t kind;               /* enum weft_record_kind */
    bool keeps_unknown;         /* the struct has a struct weft_vec_unknown */
    bool is_result;             /* of a function: `which` 0 is success */
    uint32_t unknown_offset;    /* of its struct weft_vec_unknown */
    void (*init)(void *record); /* sets the IDL's defaults */
    /* Straight-line code; NULL: weft_struct_read uses the table. */
    weft_read_fn read_binary, read_compact;
    weft_write_fn write_binary, write_compact;
};

/**
 * A received field that the IDL does not define, or defines with another type.
 * A struct with (rpc.keep_unknown) keeps such fields in the order in which they
 * came. They are written after the known fields, and are copied, compared,
 * hashed and printed with the known fields. weft keeps the value in binary,
 * also if the value came in compact. With JSON weft neither keeps nor writes
 * unknown fields.
 */
struct weft_unknown {
    struct weft_str bytes; /* one value in binary, without a head; a writer
                              refuses others (WEFT_EVALUE) */
    int16_t id;
    uint8_t wire; /* enum weft_wire */
};
struct weft_vec_unknown {
    struct weft_unknown *items;
    uint32_t len, cap;
};

/**
 * As weft_push, for a list or set of structs, but the item has the defaults of
 * the IDL:
 *     struct user *u = weft_push_struct(arena, &p->users, &user_desc);
 *
 * Shape    vec points to a struct { T *items; uint32_t len, cap; }; desc is
 *          that of T
 * Owner    the arena owns the items
 * Blocks   never     Thread  one at a time
 * Errors   NULL: no memory, the vec is unchanged
 */
WEFT_API void *weft_push_struct(struct weft_arena *arena, void *vec,
                                const struct weft_struct *desc) WEFT_CHECKED;

/**
 * Make a deep copy that shares nothing with its source: the arena gets copies
 * of all strings, containers and boxed structs.
 *
 * Shape    `to` and `from` are C structs of this descriptor
 * Owner    `to` is the caller's, what it points to is the arena's
 * Blocks   never     Thread  one at a time for `to` and `arena`
 * Errors   WEFT_EBUDGET (no memory), WEFT_EDEPTH; `*to` is then as init leaves
 *          it
 */
WEFT_API weft_err weft_struct_copy(const struct weft_struct *desc,
                                   struct weft_arena *arena, void *to,
                                   const void *from) WEFT_CHECKED;

/**
 * Do two structs have equal values? An optional field is equal if it is set in
 * neither, or set in both with equal values; any other field is equal if its
 * values are. The order of sets and maps does not matter. Doubles are compared
 * by their bits, so 0.0 and -0.0 differ; but every NaN equals every NaN. Kept
 * unknown fields are compared, too, and their order matters.
 *
 * Shape    a and b are C structs of this descriptor, not deeper than 64
 * Owner    all are borrowed for the call
 * Blocks   never     Thread  any, both unchanged meanwhile
 * Errors   none; values deeper than 64 are unequal
 */
WEFT_API bool weft_struct_equal(const struct weft_struct *desc, const void *a,
                                const void *b);

/**
 * As weft_struct_equal, for a value of any type, such as a list:
 *     weft_value_equal(weft_struct_field(&X_desc, "tags")->type,
 *                      &p->tags, &q->tags)
 *
 * Shape    a and b are C values of that type, not deeper than 64
 * Owner    all are borrowed for the call
 * Blocks   never     Thread  any, both unchanged meanwhile
 * Errors   none; values deeper than 64 are unequal
 */
WEFT_API bool weft_value_equal(const struct weft_type *type, const void *a,
                               const void *b);

/**
 * A hash of a struct. Structs that weft_struct_equal finds equal have equal
 * hashes, in every process with the same IDL and the same weft. A hostile peer
 * can choose many structs with the same hash. Their hashes stay equal even if a
 * program mixes a secret into each hash. So a hash table has to bound how many
 * structs with the same hash it holds.
 *
 * Shape    record is a C struct of this descriptor
 * Owner    all are borrowed for the call
 * Blocks   never     Thread  any, record unchanged meanwhile
 * Errors   none; values deeper than 64 are not part of the hash
 */
WEFT_API uint64_t weft_struct_hash(const struct weft_struct *desc,
                                   const void *record);

/**
 * Print a struct as Name{field: value, ...} on one line, without its absent
 * fields. Strings are escaped, binary is hexadecimal.
 *
 * Shape    record is a C struct of this descriptor
 * Owner    all are borrowed for the call
 * Blocks   as the stream does     Thread  any
 * Errors   those of the stream (ferror); values deeper than 64 print as "..."
 */
WEFT_API void weft_struct_print(const struct weft_struct *desc, FILE *out,
                                const void *record);

/**
 * The name of an enum's value, the first in the IDL if several names share the
 * value; NULL: the value has no name.
 *
 * Owner    the name is the descriptor's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API const char *weft_enum_name(const struct weft_enum *desc,
                                    int32_t value);

/* ---- descriptors: access to values whose type is known at run time only */

/**
 * The field of that name, or of that id; NULL: there is none.
 *
 * Shape    name is that of the IDL
 * Owner    name is borrowed for the call, the field is the descriptor's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API const struct weft_field *
weft_struct_field(const struct weft_struct *desc, const char *name);
WEFT_API const struct weft_field *
weft_struct_field_by_id(const struct weft_struct *desc, int16_t id);

/**
 * A field's value, of the C type that field->type describes; NULL: it is
 * absent. In a union every field but one is absent.
 *
 * Shape    record is a C struct of this descriptor, field one of its fields
 * Owner    the value is the record's
 * Blocks   never     Thread  any, record unchanged meanwhile     Errors  none
 */
WEFT_API const void *weft_field_get(const struct weft_struct *desc,
                                    const struct weft_field *field,
                                    const void *record);

/**
 * Set a field to zero, to an empty string or container, or to the defaults of
 * its struct, and mark the field as present; in a union, make it the member.
 * Returns the value's address, so that the caller can fill the value in.
 *
 * Shape    as weft_field_get
 * Owner    the value is the record's, or the arena's if the field is boxed; for
 *          other fields the arena may be NULL
 * Blocks   never     Thread  one at a time for record and arena
 * Errors   NULL: no memory for a boxed field; the field is absent then
 */
WEFT_API void *weft_field_set(const struct weft_struct *desc,
                              const struct weft_field *field,
                              struct weft_arena *arena, void *record)
    WEFT_CHECKED;

/**
 * The number of items of a list, set or map of any type, and the address of one
 * item. An item of a map begins with its key, and has its value at
 * type->value_offset. weft_push(arena, vec, type->item_size) appends.
 *
 * Shape    vec is the C value of a container of that type; i is less than its
 *          length
 * Owner    vec is borrowed, the item belongs to it
 * Blocks   never     Thread  any, vec unchanged meanwhile     Errors  none
 */
WEFT_API uint32_t weft_vec_len(const void *vec);
WEFT_API void *weft_vec_item(const struct weft_type *type, const void *vec,
                             uint32_t i);

/* ---- reading ---- */

/**
 * A cursor over one message. Strings are read as views of the message, or as
 * copies in the arena if their bytes lie in several runs. Fields are private.
 */
struct weft_reader {
    const uint8_t *at, *end;        /* not yet read in the current run */
    size_t more;                    /* bytes of the message after end */
    const struct weft_slice *slice; /* of the current run; NULL: flat bytes */
    struct weft_arena *arena;
    uint32_t depth;     /* levels still allowed */
    uint8_t scratch[8]; /* a number whose bytes lie in two runs */
};

/**
 * Read the bytes of a chain.
 *
 * Shape    depth 0 means WEFT_DEPTH, which is also the maximum
 * Owner    chain is borrowed as long as the reader or a value from it is used;
 *          arena gets containers, and strings that lie in several runs
 * Blocks   never     Thread  one at a time     Errors  none
 */
WEFT_API void weft_reader_init(struct weft_reader *r,
                               const struct weft_chain *chain,
                               struct weft_arena *arena, uint32_t depth);

/**
 * Read bytes that lie in one run.
 *
 * Shape    len bytes at ptr; depth 0 means WEFT_DEPTH
 * Owner    as weft_reader_init
 * Blocks   never     Thread  one at a time     Errors  none
 */
WEFT_API void weft_reader_init_flat(struct weft_reader *r, const void *ptr,
                                    size_t len, struct weft_arena *arena,
                                    uint32_t depth);

/**
 * The number of bytes not yet read.
 *
 * Blocks   never     Thread  one at a time     Errors  none
 */
static inline size_t weft_reader_left(const struct weft_reader *r);

/** The head of a message. name is a view of the message or of the arena. */
struct weft_message {
    struct weft_str name;
    int32_t seqid;
    int32_t type; /* as on the wire; enum weft_message_type if known */
};

/**
 * Read the head of a strict binary message.
 *
 * Shape    name_size is the longest name allowed, in bytes; 0 means
 *          WEFT_NAME_SIZE
 * Owner    m is the caller's
 * Blocks   never     Thread  one at a time
 * Errors   WEFT_ETRUNC, WEFT_EVERSION, WEFT_ESIZE, WEFT_EBUDGET
 */
WEFT_API weft_err weft_bin_read_message(struct weft_reader *r,
                                        uint32_t name_size,
                                        struct weft_message *m) WEFT_CHECKED;

/**
 * Read one value. After an error *v is unchanged, and the reader must not be
 * used any more.
 *
 * Shape    a byte that is not 0 is true; a string has at most INT32_MAX bytes,
 *          and its ptr is never NULL
 * Owner    v is the caller's; a string is a view of the message, or of the
 *          arena if it lies in several runs
 * Blocks   never     Thread  one at a time
 * Errors   WEFT_ETRUNC: the bytes end too early; read_str also WEFT_ESIZE
 *          (negative, or more than follows), WEFT_EBUDGET
 */
static inline weft_err weft_bin_read_bool(struct weft_reader *r, bool *v);
static inline weft_err weft_bin_read_i8(struct weft_reader *r, int8_t *v);
static inline weft_err weft_bin_read_i16(struct weft_reader *r, int16_t *v);
static inline weft_err weft_bin_read_i32(struct weft_reader *r, int32_t *v);
static inline weft_err weft_bin_read_i64(struct weft_reader *r, int64_t *v);
static inline weft_err weft_bin_read_double(struct weft_reader *r, double *v);
static inline weft_err weft_bin_read_uuid(struct weft_reader *r,
                                          struct weft_uuid *v);
static inline weft_err weft_bin_read_str(struct weft_reader *r,
                                         struct weft_str *v);

/** Puts id and wire type of a field into one number, for a switch. */
#define WEFT_FIELD(id, wire) \
    ((uint32_t)(uint16_t)(int16_t)(id) << 8 | (uint32_t)(wire))

/**
 * Read a field's head: *field is WEFT_FIELD(id, wire), or WEFT_STOP at the
 * struct's end (a stop byte carries no id).
 *
 * Blocks   never     Thread  one at a time
 * Errors   WEFT_ETRUNC
 */
static inline weft_err weft_bin_read_field(struct weft_reader *r,
                                           uint32_t *field);

/**
 * Read one value in compact. read_bool is for a bool in a container. A field
 * that is a bool has its value in its head: bit 0 of *field.
 *
 * Shape    as weft_bin_read_bool, but in a container only the byte 1 is true
 * Owner    v is the caller's; a string as weft_bin_read_str
 * Blocks   never     Thread  one at a time
 * Errors   WEFT_ETRUNC; WEFT_EPROTOCOL: a number has more bytes or bits than
 *          its type; read_str also WEFT_ESIZE, WEFT_EBUDGET
 */
static inline weft_err weft_compact_read_bool(struct weft_reader *r, bool *v);
static inline weft_err weft_compact_read_i8(struct weft_reader *r, int8_t *v);
static inline weft_err weft_compact_read_i16(struct weft_reader *r, int16_t *v);
static inline weft_err weft_compact_read_i32(struct weft_reader *r, int32_t *v);
static inline weft_err weft_compact_read_i64(struct weft_reader *r, int64_t *v);
static inline weft_err weft_compact_read_double(struct weft_reader *r,
                                                double *v);
static inline weft_err weft_compact_read_uuid(struct weft_reader *r,
                                              struct weft_uuid *v);
static inline weft_err weft_compact_read_str(struct weft_reader *r,
                                             struct weft_str *v);

/**
 * Read a field's head in compact: *field becomes WEFT_FIELD(id, code), or
 * WEFT_STOP at the struct's end. Before the call *field must be the result for
 * the previous field of this struct, or 0 for the first.
 *
 * Shape    code is compact's number for the type; 1 is a bool that is true, 2 a
 *          bool that is false
 * Blocks   never     Thread  one at a time
 * Errors   WEFT_ETRUNC, WEFT_EPROTOCOL, WEFT_EWIRETYPE
 */
static inline weft_err weft_compact_read_field(struct weft_reader *r,
                                               uint32_t *field);

/**
 * Call enter before the first field of a struct and leave after the last: they
 * count the depth.
 *
 * Blocks   never     Thread  one at a time     Errors  WEFT_EDEPTH
 */
static inline weft_err weft_read_enter(struct weft_reader *r);
static inline void weft_read_leave(struct weft_reader *r);

/**
 * Read the head of a list or set, and take zeroed memory for its items. If the
 * elements have another type than `wire`, they are skipped, *fits is false, and
 * vec is unchanged. Otherwise *fits is true, and vec has len items: the caller
 * reads them and then calls weft_read_leave, since the list is one level.
 *
 * Shape    wire is enum weft_wire of the element, item_size its C size; vec is
 *          a struct { T *items; uint32_t len, cap; }
 * Owner    the arena owns the items
 * Blocks   never     Thread  one at a time
 * Errors   WEFT_ETRUNC, WEFT_ESIZE (negative, or more than the bytes left can
 *          hold), WEFT_EWIRETYPE, WEFT_EDEPTH, WEFT_EBUDGET
 */
WEFT_API weft_err weft_bin_read_list(struct weft_reader *r, uint8_t wire,
                                     size_t item_size, void *vec, bool *fits)
    WEFT_CHECKED;

/**
 * As weft_bin_read_list, for a map with items of {key, value}. An empty map of
 * any types fits.
 *
 * Shape    wires of key and value; item_size of the pair
 * Owner    the arena owns the items
 * Blocks   never     Thread  one at a time
 * Errors   as weft_bin_read_list
 */
WEFT_API weft_err weft_bin_read_map(struct weft_reader *r, uint8_t key,
                                    uint8_t value, size_t item_size, void *vec,
                                    bool *fits) WEFT_CHECKED;

/**
 * As weft_bin_read_list and weft_bin_read_map, in compact.
 *
 * Shape    as weft_bin_read_list and weft_bin_read_map; wires are enum
 *          weft_wire
 * Owner    the arena owns the items
 * Blocks   never     Thread  one at a time
 * Errors   as weft_bin_read_list, and WEFT_EPROTOCOL
 */
WEFT_API weft_err weft_compact_read_list(struct weft_reader *r, uint8_t wire,
                                         size_t item_size, void *vec,
                                         bool *fits) WEFT_CHECKED;
WEFT_API weft_err weft_compact_read_map(struct weft_reader *r, uint8_t key,
                                        uint8_t value, size_t item_size,
                                        void *vec, bool *fits) WEFT_CHECKED;

/**
 * Skip a value of any type. The function does not recurse.
 *
 * Shape    wire is enum weft_wire
 * Blocks   never     Thread  one at a time
 * Errors   WEFT_ETRUNC, WEFT_ESIZE, WEFT_EWIRETYPE, WEFT_EDEPTH
 */
WEFT_API weft_err weft_bin_skip(struct weft_reader *r, uint8_t wire)
    WEFT_CHECKED;

/**
 * Skip the value of a field whose head was read. The functions do not recurse.
 *
 * Shape    field is that of weft_bin_read_field or weft_compact_read_field
 * Blocks   never     Thread  one at a time
 * Errors   as weft_bin_skip; in compact also WEFT_EPROTOCOL
 */
static inline weft_err weft_bin_skip_field(struct weft_reader *r,
                                           uint32_t field);
WEFT_API weft_err weft_compact_skip_field(struct weft_reader *r, uint32_t field)
    WEFT_CHECKED;

/**
 * Keep the value of a field whose head was read; see struct weft_unknown.
 *
 * Shape    field is that of weft_bin_read_field or weft_compact_read_field
 * Owner    the arena owns the items and a copy of the bytes
 * Blocks   never     Thread  one at a time
 * Errors   as weft_bin_skip_field and weft_compact_skip_field; WEFT_EBUDGET,
 *          -ENOMEM
 */
WEFT_API weft_err weft_bin_read_unknown(struct weft_reader *r, uint32_t field,
                                        struct weft_vec_unknown *vec)
    WEFT_CHECKED;
WEFT_API weft_err weft_compact_read_unknown(struct weft_reader *r,
                                            uint32_t field,
                                            struct weft_vec_unknown *vec)
    WEFT_CHECKED;

/**
 * Take zeroed memory for a boxed struct from the reader's arena.
 *
 * Shape    size in bytes
 * Owner    the memory is the arena's
 * Blocks   never     Thread  one at a time
 * Errors   NULL: the budget is used up or the host has no memory
 */
WEFT_API void *weft_read_box(struct weft_reader *r, size_t size) WEFT_CHECKED;

/* ---- writing ---- */

/** A field that a writer has refused to write. */
struct weft_refused {
    const struct weft_struct *in; /* the field's struct; NULL: no refusal */
    const struct weft_field *field;
};

/**
 * A cursor that appends to a chain. Errors stick: after the first error, writes
 * do nothing, and weft_writer_fini returns that error. Between init and fini
 * the caller must not wait. Fields are private.
 */
struct weft_writer {
    uint8_t *at, *end; /* reserved room not yet written */
    uint8_t *start;    /* of the bytes written but not committed */
    struct weft_chain *chain;
    void (*ref)(void *owner); /* see weft_writer_owner */
    void (*unref)(void *owner);
    void *owner;
    uint32_t depth; /* levels still allowed */
    weft_err err;
    struct weft_refused refused; /* the field that caused err, if one did */
};

/** From this many bytes on, a string may be written by reference. */
#define WEFT_REF_MIN 4096u

/**
 * Begin to append to a chain.
 *
 * Owner    chain is borrowed until fini, and must not be used otherwise
 * Blocks   never
 * Thread   one at a time; until fini the thread uses no other chain
 * Errors   none
 */
WEFT_API void weft_writer_init(struct weft_writer *w, struct weft_chain *chain);

/**
 * Let the writer refer to strings of WEFT_REF_MIN bytes and more instead of
 * copying them. For each such string the writer calls ref(owner). weft calls
 * unref(owner) after the last reference to the bytes is given up, in most cases
 * because the bytes have been sent. The strings must live until then. Without
 * an owner the writer copies every string.
 *
 * Owner    owner must live until the last unref
 * Blocks   never     Thread  one at a time; unref on any thread
 * Errors   none
 */
WEFT_API void weft_writer_owner(struct weft_writer *w, void *owner,
                                void (*ref)(void *owner),
                                void (*unref)(void *owner));

/**
 * Commit what was written, or return the first error.
 *
 * Blocks   never     Thread  one at a time
 * Errors   -ENOMEM, WEFT_EVALUE, WEFT_EREQUIRED, WEFT_EDEPTH,
 *          WEFT_EUNKNOWNPROTO (there is no such protocol), and the error of
 *          weft_writer_fail. After an error the chain holds a part of the
 *          message and should be cleared
 */
WEFT_API weft_err weft_writer_fini(struct weft_writer *w) WEFT_CHECKED;

/**
 * The required field, or the member of a union, that a writer refused with
 * WEFT_EREQUIRED, because it is not set, or with WEFT_EVALUE, because it has a
 * length and no pointer. The call may come after weft_writer_fini.
 *
 * Owner    the descriptors are those of the generated code
 * Blocks   never     Thread  one at a time
 * Errors   in is NULL: the writer has refused no such field
 */
WEFT_API struct weft_refused weft_writer_refused(const struct weft_writer *w);

/**
 * Set the writer's error, unless it has one already.
 *
 * Blocks   never     Thread  one at a time     Errors  none
 */
WEFT_API void weft_writer_fail(struct weft_writer *w, weft_err err);

/**
 * Write the head of a strict binary message.
 *
 * Shape    type is enum weft_message_type
 * Owner    name is borrowed for the call
 * Blocks   never     Thread  one at a time     Errors  stick in the writer
 */
WEFT_API void weft_bin_write_message(struct weft_writer *w,
                                     struct weft_str name, int32_t type,
                                     int32_t seqid);

/**
 * Write one value. write_field writes the head of a field, which comes before
 * the field's value. write_stop ends a struct.
 *
 * Shape    a string of more than INT32_MAX bytes gives WEFT_EVALUE; wire is
 *          enum weft_wire
 * Owner    a string is borrowed for the call, see weft_writer_owner
 * Blocks   never     Thread  one at a time     Errors  stick in the writer
 */
static inline void weft_bin_write_bool(struct weft_writer *w, bool v);
static inline void weft_bin_write_i8(struct weft_writer *w, int8_t v);
static inline void weft_bin_write_i16(struct weft_writer *w, int16_t v);
static inline void weft_bin_write_i32(struct weft_writer *w, int32_t v);
static inline void weft_bin_write_i64(struct weft_writer *w, int64_t v);
static inline void weft_bin_write_double(struct weft_writer *w, double v);
static inline void weft_bin_write_uuid(struct weft_writer *w,
                                       struct weft_uuid v);
static inline void weft_bin_write_str(struct weft_writer *w, struct weft_str v);
static inline void weft_bin_write_field(struct weft_writer *w, uint8_t wire,
                                        int16_t id);
static inline void weft_bin_write_stop(struct weft_writer *w);

/**
 * Write one value in compact. write_bool is for a bool in a container.
 * write_bool_field writes a field that is a bool: its head has the value.
 *
 * Shape    *last is the id of the previous field of this struct, 0 at first;
 *          wire is enum weft_wire
 * Owner    as weft_bin_write_str
 * Blocks   never     Thread  one at a time     Errors  stick in the writer
 */
static inline void weft_compact_write_bool(struct weft_writer *w, bool v);
static inline void weft_compact_write_i8(struct weft_writer *w, int8_t v);
static inline void weft_compact_write_i16(struct weft_writer *w, int16_t v);
static inline void weft_compact_write_i32(struct weft_writer *w, int32_t v);
static inline void weft_compact_write_i64(struct weft_writer *w, int64_t v);
static inline void weft_compact_write_double(struct weft_writer *w, double v);
static inline void weft_compact_write_uuid(struct weft_writer *w,
                                           struct weft_uuid v);
static inline void weft_compact_write_str(struct weft_writer *w,
                                          struct weft_str v);
static inline void weft_compact_write_field(struct weft_writer *w,
                                            int16_t *last, uint8_t wire,
                                            int16_t id);
static inline void weft_compact_write_bool_field(struct weft_writer *w,
                                                 int16_t *last, int16_t id,
                                                 bool v);
static inline void weft_compact_write_stop(struct weft_writer *w);

/**
 * Call enter before the first field of a struct or the first item of a
 * container, and leave after the last. If enter returns false, the value is too
 * deep, and the error sticks: write nothing of it, and do not call leave.
 *
 * Blocks   never     Thread  one at a time     Errors  stick in the writer
 */
static inline bool weft_write_enter(struct weft_writer *w);
static inline void weft_write_leave(struct weft_writer *w);

/**
 * Write the head of a list or set, or of a map, whose items follow.
 *
 * Shape    wire, key and value are enum weft_wire; len is the number of items
 *          or pairs
 * Blocks   never     Thread  one at a time     Errors  stick in the writer
 */
static inline void weft_bin_write_list(struct weft_writer *w, uint8_t wire,
                                       uint32_t len);
static inline void weft_bin_write_map(struct weft_writer *w, uint8_t key,
                                      uint8_t value, uint32_t len);
static inline void weft_compact_write_list(struct weft_writer *w, uint8_t wire,
                                           uint32_t len);
static inline void weft_compact_write_map(struct weft_writer *w, uint8_t key,
                                          uint8_t value, uint32_t len);

/**
 * Write kept fields with their heads.
 *
 * Shape    last as in weft_compact_write_field; bytes that are not exactly one
 *          binary value of their wire type give WEFT_EVALUE
 * Owner    vec is borrowed for the call, its bytes as weft_writer_owner says
 * Blocks   never     Thread  one at a time     Errors  stick in the writer
 */
WEFT_API void weft_bin_write_unknown(struct weft_writer *w,
                                     const struct weft_vec_unknown *vec);
WEFT_API void weft_compact_write_unknown(struct weft_writer *w, int16_t *last,
                                         const struct weft_vec_unknown *vec);

/* ---- reading and writing by descriptor ---- */

/**
 * Read a struct of any type, as the function that weftc generates for it does.
 * Fields that are unknown or of another type are skipped, and absent fields
 * have their defaults. If a union came with several members, the last one
 * counts. A set keeps one of equal items, a map the last value of equal keys.
 *
 * Shape    record is a C struct of this descriptor
 * Owner    record is the caller's; what it points to lies in the bytes or the
 *          arena, see weft_reader_init
 * Blocks   never     Thread  one at a time for r and record
 * Errors   WEFT_ETRUNC, WEFT_ESIZE, WEFT_EWIRETYPE, WEFT_EDEPTH,
 *          WEFT_EREQUIRED, WEFT_EBUDGET, WEFT_EPROTOCOL; WEFT_EUNKNOWNPROTO:
 *          no such protocol
 */
WEFT_API weft_err weft_struct_read(const struct weft_struct *desc,
                                   enum weft_protocol proto,
                                   struct weft_reader *r, void *record)
    WEFT_CHECKED;

/**
 * Write a struct of any type, as the function that weftc generates for it does.
 *
 * Shape    record is a C struct of this descriptor
 * Owner    record is borrowed for the call, its strings as weft_writer_owner
 *          says
 * Blocks   never     Thread  one at a time for w     Errors  stick in the
 *          writer: WEFT_EVALUE, WEFT_EREQUIRED, WEFT_EDEPTH,
 *          WEFT_EUNKNOWNPROTO
 */
WEFT_API void weft_struct_write(const struct weft_struct *desc,
                                enum weft_protocol proto, struct weft_writer *w,
                                const void *record);

/* ---- JSON text ---- */

/*
 * This JSON is for people and tools; it is not a protocol. It has fields and
 * enum values by name, i64 with all digits, binary in base64, uuids in their
 * usual form, maps with string keys as objects, other maps as arrays of [key,
 * value], and "NaN", "Infinity" and "-Infinity" as strings. A byte of a string
 * that is not UTF-8 is written and read as \udcXX, where XX is the byte in
 * hexadecimal, as in Python's PEP 383.
 */

/** Where and why a JSON text was refused. */
struct weft_json_error {
    size_t offset;         /* bytes before the error */
    uint32_t line, column; /* of the error, from 1 on; columns count bytes */
    char text[256]; /* "who.tags[2]: a string is expected here", one line */
};

/**
 * Write a struct, or a value of any type, as JSON text, without absent fields.
 * A union is an object with one member. As with weft_struct_write, a required
 * field that is not set is an error.
 *
 * Shape    record is a C struct of this descriptor; indent is the number of
 *          blanks per level, 0 puts all on one line
 * Owner    all are borrowed for the call
 * Blocks   never     Thread  one at a time for w
 * Errors   stick in the writer: WEFT_EDEPTH, WEFT_EVALUE, WEFT_EREQUIRED
 */
WEFT_API void weft_struct_to_json(const struct weft_struct *desc,
                                  struct weft_writer *w, const void *record,
                                  int indent);
WEFT_API void weft_value_to_json(const struct weft_type *type,
                                 struct weft_writer *w, const void *value,
                                 int indent);

/**
 * Read a struct from JSON text (RFC 8259). Absent fields have their defaults,
 * and null means absent. These are errors: unknown and repeated fields, a
 * second member of a union, equal keys of a map and equal items of a set. But
 * equal keys and items that are no base types are legal, and are handled as in
 * weft_struct_read. A value must have the form that weft_struct_to_json writes,
 * with three exceptions: an enum may be any number, also one that the IDL does
 * not name; a double may be any JSON number of at most 126 characters; a uuid
 * may be in upper case (RFC 9562). Base64 must have its padding, and no bits
 * after the last byte.
 *
 * Shape    text has at most 2 GiB; record is a C struct of this descriptor
 * Owner    text is borrowed as long as the record is used; all else that the
 *          record points to is the arena's; why may be NULL
 * Blocks   never     Thread  one at a time for arena
 * Errors   WEFT_EPROTOCOL, WEFT_ETRAILING, WEFT_EREQUIRED, WEFT_EDEPTH,
 *          WEFT_ETOOBIG, WEFT_EBUDGET; WEFT_ETRUNC: the text ends too early. In
 *          each case *why says why and where, and the record is as init leaves
 *          it
 */
WEFT_API weft_err weft_struct_from_json(const struct weft_struct *desc,
                                        struct weft_str text,
                                        struct weft_arena *arena, void *record,
                                        struct weft_json_error *why)
    WEFT_CHECKED;

#ifdef __cplusplus
}
#endif

/* The bodies of the inline functions, and the calls that only generated code
 * makes. */
#include <weft/inline/codec.h>

#endif
