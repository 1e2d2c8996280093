/* SPDX-License-Identifier: MIT */
/*
 * weft/codec.h: Thrift bytes to structs and back. No I/O, no clock, no fiber.
 *
 * Generated code calls the readers and writers below; descriptor tables
 * (struct weft_struct) let one engine copy, compare and print any type. A
 * reader never takes more memory than its arena's budget, never goes deeper
 * than its limit and never believes a count that the bytes left cannot hold.
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

/** How values are laid out in bytes. */
enum weft_protocol {
    WEFT_BINARY = 0,  /* strict binary */
    WEFT_COMPACT = 1, /* compact */
    WEFT_JSON = 2,    /* JSON; bytes that are no UTF-8 travel as they are */
    /* The values of binary behind the old head of a message, without version.
     */
    WEFT_OLD_BINARY = 3,
};

/** How one message is told from the next, and what travels beside it. */
enum weft_framing {
    WEFT_FRAMED = 0,          /* 4 bytes of length before each message */
    WEFT_UNFRAMED = 1,        /* messages back to back, "buffered" */
    WEFT_THEADER = 2,         /* Apache's THeader; headers */
    WEFT_TTHEADER = 3,        /* Kitex' TTHeader; headers */
    WEFT_TTHEADER_FRAMED = 4, /* a frame inside of TTHeader; headers */
    WEFT_HTTP = 5,            /* POST and its reply; headers */
};

/** What two peers must agree on. All zero is framed strict binary. */
struct weft_dialect {
    uint8_t framing;  /* enum weft_framing */
    uint8_t protocol; /* enum weft_protocol */
    bool zlib; /* THeader: each message is compressed; framed and unframed: the
                  whole connection is one zlib stream in each direction */
};

/** A header that travels beside a message: any bytes, key not empty. */
struct weft_header {
    struct weft_str key, value;
};

/** Headers in the order of the wire; a key may repeat. */
struct weft_headers {
    struct weft_header *items;
    uint32_t len, cap;
};

/* ---- limits ---- */

/** What one message may cost. Zero means the default, which is finite. */
struct weft_limits {
    size_t message_size; /* bytes of one message; 16,384,000 */
    size_t memory;       /* bytes that decoding it may take; 8 x size + 1 MiB */
    uint32_t depth;      /* nested structs and containers; 64, at most 64 */
    uint32_t name_size;  /* bytes of a method name; 1,024 */
    uint32_t header_size; /* bytes of all headers; 65,532, which is the most */
};

#define WEFT_MESSAGE_SIZE ((size_t)16384000)
#define WEFT_DEPTH 64u
#define WEFT_NAME_SIZE 1024u
#define WEFT_HEADER_SIZE 65532u

/* ---- containers of base types ---- */

/** A uuid in network order. */
struct weft_uuid {
    uint8_t bytes[16];
};

/*
 * A list or set: len items, room for cap. Items lie in an arena or are static
 * (cap 0). Every element type has a struct of this shape; the generated ones
 * are named <prefix>_vec_<type>.
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
 * It grows by doubling in the arena and frees nothing.
 *
 * Shape    vec points to a struct { T *items; uint32_t len, cap; }; item_size
 *          is sizeof(T)
 * Owner    the arena owns the items
 * Blocks   never     Thread  one at a time
 * Errors   NULL: no memory, the vec is unchanged
 */
WEFT_API void *weft_push(struct weft_arena *arena, void *vec, size_t item_size)
    WEFT_CHECKED;

/* ---- descriptors: what a type looks like, for one engine ---- */

enum weft_requiredness {
    WEFT_DEFAULT = 0,  /* always written; may be absent when read */
    WEFT_REQUIRED = 1, /* always written; absence is an error */
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

/** An enum; values in the order of the IDL. */
struct weft_enum {
    const char *name; /* as in the IDL */
    const struct weft_enum_value *values;
    uint32_t n_values;
};

/** A type. Containers name their parts; items of a map are {key, value}. */
struct weft_type {
    uint8_t wire;       /* enum weft_wire */
    bool is_binary;     /* a string that is not text */
    uint32_t size;      /* sizeof the C value; of a map or list: of the vec */
    uint32_t item_size; /* container: sizeof one item */
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
    uint16_t has_bit; /* number in the has words; of a union: unused */
    int16_t id;
    uint8_t requiredness; /* enum weft_requiredness */
    bool boxed;           /* the struct holds a pointer to it, NULL = absent */
};

struct weft_reader;
struct weft_writer;

/**
 * What weftc makes for a struct and a protocol: read one struct behind its
 * head, and write it with its stop. Depth is counted, required fields are
 * checked in both.
 */
typedef weft_err (*weft_read_fn)(struct weft_reader *r, void *record);
typedef void (*weft_write_fn)(struct weft_writer *w, const void *record);

/** A struct; fields in ascending order of their ids. */
struct weft_struct {
    const char *name; /* as in the IDL */
    const struct weft_field *fields;
    uint32_t n_fields;
    uint32_t size;              /* sizeof the C struct */
    uint32_t has_offset;        /* of has.w[0]; of a union: of int32_t which */
    uint8_t kind;               /* enum weft_record_kind */
    bool keeps_unknown;         /* it has a struct weft_vec_unknown */
    uint32_t unknown_offset;    /* of that */
    void (*init)(void *record); /* sets the defaults of the IDL */
    /* Straight-line code, or NULL: weft_struct_read goes by the table. */
    weft_read_fn read_binary, read_compact;
    weft_write_fn write_binary, write_compact;
};

/**
 * A field that came and that the IDL does not know, or has with another type.
 * Structs with (rpc.keep_unknown) keep them in the order in which they came,
 * write them again behind the fields that they know, and copy, compare, hash
 * and print them. In whatever protocol a field came, its value is kept in
 * binary; JSON keeps and writes none.
 */
struct weft_unknown {
    struct weft_str bytes; /* the value in binary, without a head */
    int16_t id;
    uint8_t wire; /* enum weft_wire */
};
struct weft_vec_unknown {
    struct weft_unknown *items;
    uint32_t len, cap;
};

/**
 * Deep copy that shares nothing with its source: strings, containers and
 * boxed structs move into the arena.
 *
 * Shape    to and from are C structs of this descriptor
 * Owner    to is the caller's, what it points to is the arena's
 * Blocks   never     Thread  one at a time for to and arena
 * Errors   WEFT_EBUDGET (no memory), WEFT_EDEPTH; *to is then as init leaves it
 */
WEFT_API weft_err weft_struct_copy(const struct weft_struct *desc,
                                   struct weft_arena *arena, void *to,
                                   const void *from) WEFT_CHECKED;

/**
 * Equal values? Whether an optional field is set counts, and its value only if
 * it is; of other fields only the value does. Sets and maps compare without
 * regard to order, by their hashes first; doubles by value, with NaN equal to
 * NaN. Kept unknown fields count, and their order does.
 *
 * Shape    a and b are C structs of this descriptor, not deeper than 64
 * Owner    all are borrowed for the call
 * Blocks   never     Thread  any, both unchanged meanwhile
 * Errors   none; deeper than 64 is unequal
 */
WEFT_API bool weft_struct_equal(const struct weft_struct *desc, const void *a,
                                const void *b);

/**
 * A number that equal values, as of weft_struct_equal, share. It is the same in
 * every process of one build of the IDL and of weft, and nothing that a peer
 * could not aim at: key it before it places what hostile peers choose.
 *
 * Shape    record is a C struct of this descriptor
 * Owner    all are borrowed for the call
 * Blocks   never     Thread  any, record unchanged meanwhile
 * Errors   none; what is deeper than 64 does not count
 */
WEFT_API uint64_t weft_struct_hash(const struct weft_struct *desc,
                                   const void *record);

/**
 * Print as Name{field: value, ...} on one line; absent fields are left out,
 * strings are escaped, binary is hexadecimal.
 *
 * Shape    record is a C struct of this descriptor
 * Owner    all are borrowed for the call
 * Blocks   as the stream does     Thread  any
 * Errors   those of the stream (ferror); deeper than 64 prints "..."
 */
WEFT_API void weft_struct_print(const struct weft_struct *desc, FILE *out,
                                const void *record);

/**
 * Name of an enum's value, the first if two share the number; NULL if it has
 * none.
 *
 * Owner    the name is the descriptor's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API const char *weft_enum_name(const struct weft_enum *desc,
                                    int32_t value);

/* ---- descriptors: what tools do with a value whose type they do not know */

/**
 * The field of that name, or of that id; NULL: there is none.
 *
 * Shape    name is that of the IDL
 * Owner    name is borrowed for the call, the field is the descriptor's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API const struct weft_field *
weft_struct_field(const struct weft_struct *desc, struct weft_str name);
WEFT_API const struct weft_field *
weft_struct_field_by_id(const struct weft_struct *desc, int16_t id);

/**
 * A field's value, of the C type that field->type describes; NULL: it is
 * absent. Of a union every field but one is.
 *
 * Shape    record is a C struct of this descriptor, field one of its fields
 * Owner    the value is the record's
 * Blocks   never     Thread  any, record unchanged meanwhile     Errors  none
 */
WEFT_API const void *weft_field_get(const struct weft_struct *desc,
                                    const struct weft_field *field,
                                    const void *record);

/**
 * Set a field to zero, or a struct to its defaults, and say that it is there.
 * Of a union it becomes the member. Returns the value, to be filled in.
 *
 * Shape    as weft_field_get
 * Owner    the value is the record's; of a boxed field it is the arena's,
 *          which may be NULL for others
 * Blocks   never     Thread  one at a time for record and arena
 * Errors   NULL: no memory for a boxed field, which then is absent
 */
WEFT_API void *weft_field_set(const struct weft_struct *desc,
                              const struct weft_field *field,
                              struct weft_arena *arena, void *record)
    WEFT_CHECKED;

/**
 * How many items a list, set or map of any type has, and where one of them
 * is. That of a map is its key, with the value type->value_offset bytes
 * behind. weft_push(arena, vec, type->item_size) appends.
 *
 * Shape    vec is the C value of a container of that type; i is less than its
 *          length
 * Owner    vec is borrowed, the item is its
 * Blocks   never     Thread  any, vec unchanged meanwhile     Errors  none
 */
WEFT_API uint32_t weft_vec_len(const void *vec);
WEFT_API void *weft_vec_item(const struct weft_type *type, const void *vec,
                             uint32_t i);

/* ---- reading ---- */

/**
 * A cursor over one message. Strings that it reads are views into the bytes
 * where they lie in one run, and copies in the arena where they do not.
 * Fields are private.
 */
struct weft_reader {
    const uint8_t *at, *end;        /* current run */
    size_t more;                    /* bytes of the message behind end */
    const struct weft_slice *slice; /* of the current run; NULL: flat bytes */
    struct weft_arena *arena;
    uint32_t depth;     /* levels still allowed */
    uint8_t scratch[8]; /* a number that crosses an edge */
};

/**
 * Read the bytes of a chain.
 *
 * Shape    depth 0 means WEFT_DEPTH
 * Owner    chain is borrowed as long as the reader and the values read are
 *          used; arena gets what does not lie in one run, and containers
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
 * Bytes not yet read.
 *
 * Blocks   never     Thread  one at a time     Errors  none
 */
static inline size_t weft_reader_left(const struct weft_reader *r);

/** The head of a message. name borrows from the bytes or the arena. */
struct weft_message {
    struct weft_str name;
    int32_t seqid;
    int32_t type; /* as on the wire; enum weft_message_type if it is known */
};

/**
 * Read the head of a strict binary message.
 *
 * Shape    name_size is the longest name allowed, 0 means WEFT_NAME_SIZE
 * Owner    m is the caller's
 * Blocks   never     Thread  one at a time
 * Errors   WEFT_ETRUNC, WEFT_EVERSION, WEFT_ESIZE, WEFT_EBUDGET
 */
WEFT_API weft_err weft_bin_read_message(struct weft_reader *r,
                                        uint32_t name_size,
                                        struct weft_message *m) WEFT_CHECKED;

/**
 * Read one value. On an error the output is unchanged and the reader is of no
 * more use.
 *
 * Shape    a bool is any byte but 0; a string has at most INT32_MAX bytes and
 *          ptr is never NULL
 * Owner    v is the caller's; a string borrows from the bytes, or from the
 *          arena if it lies in several runs
 * Blocks   never     Thread  one at a time
 * Errors   WEFT_ETRUNC: the bytes end here; read_str also WEFT_ESIZE (negative,
 *          or more than follows), WEFT_EBUDGET
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

/** Id and wire type of a field in one number, as a switch wants it. */
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
 * The same in compact. A bool here is one within a container; that of a field
 * is in the head of the field: bit 0 of *field is its value.
 *
 * Shape    as weft_bin_read_bool; of a container's bools 1 alone is true
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
 * Read a field's head in compact: *field is that of the field before in this
 * struct, 0 at first, and becomes WEFT_FIELD(id, code), or WEFT_STOP.
 *
 * Shape    code is compact's own for the type; of bools 1 is true, 2 is false
 * Blocks   never     Thread  one at a time
 * Errors   WEFT_ETRUNC, WEFT_EPROTOCOL, WEFT_EWIRETYPE
 */
static inline weft_err weft_compact_read_field(struct weft_reader *r,
                                               uint32_t *field);

/**
 * Before the first field of a struct, and after the last. enter counts the
 * depth.
 *
 * Blocks   never     Thread  one at a time     Errors  WEFT_EDEPTH
 */
static inline weft_err weft_read_enter(struct weft_reader *r);
static inline void weft_read_leave(struct weft_reader *r);

/**
 * Read the head of a list or set, and take zeroed room for its items. If the
 * elements are of another type than wanted, they are skipped: then *fits is
 * false, and the vec is unchanged. Otherwise *fits is true and vec has len
 * items to be read. Counts as one level until weft_read_leave, which is due
 * only when it fits.
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
 * As weft_bin_read_list, for a map with items of {key, value}. An empty map
 * fits whatever its types.
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
 * What the straight-line readers of binary keep in registers: where a reader
 * is in its run. Between begin and end the reader itself lags behind.
 */
struct weft_run {
    const uint8_t *at, *end;
};

/**
 * Take the reader's place into a run, and put it back.
 *
 * Owner    in is the caller's, of r
 * Blocks   never     Thread  one at a time     Errors  none
 */
static inline struct weft_run weft_run_begin(const struct weft_reader *r);
static inline void weft_run_end(struct weft_reader *r,
                                const struct weft_run *in);

/**
 * As weft_bin_read_bool and its neighbours, at the place of the run. Across an
 * edge they go by the reader, and the run is then the next one.
 *
 * Shape    in is of r
 * Owner    as weft_bin_read_bool
 * Blocks   never     Thread  one at a time
 * Errors   as weft_bin_read_bool and weft_bin_read_field
 */
static inline weft_err weft_bin_next_bool(struct weft_reader *r,
                                          struct weft_run *in, bool *v);
static inline weft_err weft_bin_next_i8(struct weft_reader *r,
                                        struct weft_run *in, int8_t *v);
static inline weft_err weft_bin_next_i16(struct weft_reader *r,
                                         struct weft_run *in, int16_t *v);
static inline weft_err weft_bin_next_i32(struct weft_reader *r,
                                         struct weft_run *in, int32_t *v);
static inline weft_err weft_bin_next_i64(struct weft_reader *r,
                                         struct weft_run *in, int64_t *v);
static inline weft_err weft_bin_next_double(struct weft_reader *r,
                                            struct weft_run *in, double *v);
static inline weft_err weft_bin_next_uuid(struct weft_reader *r,
                                          struct weft_run *in,
                                          struct weft_uuid *v);
static inline weft_err weft_bin_next_str(struct weft_reader *r,
                                         struct weft_run *in,
                                         struct weft_str *v);
static inline weft_err weft_bin_next_field(struct weft_reader *r,
                                           struct weft_run *in,
                                           uint32_t *field);

/**
 * Pass over the head of that field if it stands here. false says nothing and
 * moves nothing: weft_bin_next_field tells what stands here.
 *
 * Shape    field is WEFT_FIELD(id, wire)
 * Blocks   never     Thread  one at a time     Errors  none
 */
static inline bool weft_bin_follows(struct weft_run *in, uint32_t field);

/**
 * As weft_bin_read_list and weft_bin_read_map, but the items are not zeroed:
 * the caller reads every one, or takes the rest away from len.
 *
 * Shape    min is the bytes that an item has on the wire at least; the others
 *          as weft_bin_read_list and weft_bin_read_map
 * Owner    the arena owns the items
 * Blocks   never     Thread  one at a time
 * Errors   as weft_bin_read_list
 */
static inline weft_err weft_bin_next_list(struct weft_reader *r, uint8_t wire,
                                          uint32_t min, size_t item_size,
                                          void *vec, bool *fits);
static inline weft_err weft_bin_next_map(struct weft_reader *r, uint8_t key,
                                         uint8_t value, uint32_t min,
                                         size_t item_size, void *vec,
                                         bool *fits);

/**
 * As weft_read_box, but not zeroed: what is read into it begins with that.
 *
 * Shape    size in bytes
 * Owner    the arena's
 * Blocks   never     Thread  one at a time
 * Errors   NULL: the budget is used up
 */
static inline void *weft_bin_next_box(struct weft_reader *r, size_t size)
    WEFT_CHECKED;

/**
 * The same in compact.
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
 * Pass over a value of any type, without recursion.
 *
 * Shape    wire is enum weft_wire
 * Blocks   never     Thread  one at a time
 * Errors   WEFT_ETRUNC, WEFT_ESIZE, WEFT_EWIRETYPE, WEFT_EDEPTH
 */
WEFT_API weft_err weft_bin_skip(struct weft_reader *r, uint8_t wire)
    WEFT_CHECKED;

/**
 * Pass over the value of a field whose head was read, without recursion.
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
 * Keep the value of a field whose head was read, see struct weft_unknown.
 *
 * Shape    field is that of weft_bin_read_field or weft_compact_read_field
 * Owner    the arena owns the items and a copy of the bytes
 * Blocks   never     Thread  one at a time
 * Errors   as weft_bin_skip_field and its twin, WEFT_EBUDGET; -ENOMEM
 */
WEFT_API weft_err weft_bin_read_unknown(struct weft_reader *r, uint32_t field,
                                        struct weft_vec_unknown *vec)
    WEFT_CHECKED;
WEFT_API weft_err weft_compact_read_unknown(struct weft_reader *r,
                                            uint32_t field,
                                            struct weft_vec_unknown *vec)
    WEFT_CHECKED;

/**
 * Room in the reader's arena for a boxed struct, zeroed.
 *
 * Shape    size in bytes
 * Owner    the arena's
 * Blocks   never     Thread  one at a time
 * Errors   NULL: the budget is used up
 */
WEFT_API void *weft_read_box(struct weft_reader *r, size_t size) WEFT_CHECKED;

/* ---- writing ---- */

/**
 * A cursor that appends to a chain. Errors stick: after the first, writes do
 * nothing, and weft_writer_fini tells. It must not live over a call that
 * waits. Fields are private.
 */
struct weft_writer {
    uint8_t *at, *end; /* reserved room not yet written */
    uint8_t *start;    /* of what was written but not committed */
    struct weft_chain *chain;
    void (*ref)(void *owner); /* see weft_writer_owner */
    void (*unref)(void *owner);
    void *owner;
    uint32_t depth; /* levels still allowed */
    weft_err err;
};

/** From this many bytes on, a string may be written by reference. */
#define WEFT_REF_MIN 4096u

/**
 * Begin to append to a chain.
 *
 * Owner    chain is borrowed until fini, and must not be used otherwise
 * Blocks   never     Thread  one at a time, no other chain meanwhile
 * Errors   none
 */
WEFT_API void weft_writer_init(struct weft_writer *w, struct weft_chain *chain);

/**
 * Let strings of WEFT_REF_MIN bytes and more be written by reference: for each,
 * ref(owner) is called now and unref(owner) when the bytes have been sent. The
 * strings must live until then. Without it every string is copied.
 *
 * Owner    owner is kept by counted references
 * Blocks   never     Thread  one at a time; unref on any thread
 * Errors   none
 */
WEFT_API void weft_writer_owner(struct weft_writer *w, void *owner,
                                void (*ref)(void *owner),
                                void (*unref)(void *owner));

/**
 * Commit what was written; returns the first error.
 *
 * Blocks   never     Thread  one at a time
 * Errors   -ENOMEM, WEFT_EVALUE, WEFT_EREQUIRED, WEFT_EDEPTH; the chain then
 *          holds a part of the message and should be cleared
 */
WEFT_API weft_err weft_writer_fini(struct weft_writer *w) WEFT_CHECKED;

/**
 * Note an error; the first one stays.
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
 * Write one value; write_field writes the type and id in front of a field's
 * value, write_stop ends a struct.
 *
 * Shape    a string has at most INT32_MAX bytes, more is WEFT_EVALUE; wire is
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
 * What the straight-line writers of binary keep in registers: the room of a
 * writer. Between begin and end the writer itself lags behind.
 */
struct weft_room {
    uint8_t *at, *end;
};

/**
 * Take the writer's room, and give it back. Whatever else uses the writer,
 * weft_writer_fail included, does so between an end and a begin.
 *
 * Owner    out is the caller's, of w
 * Blocks   never     Thread  one at a time     Errors  none
 */
static inline struct weft_room weft_room_begin(const struct weft_writer *w);
static inline void weft_room_end(struct weft_writer *w,
                                 const struct weft_room *out);

/**
 * Make room for that many bytes. false: there is none, the error sticks.
 *
 * Shape    len in bytes, at least 1
 * Owner    out is of w
 * Blocks   never     Thread  one at a time     Errors  stick in the writer
 */
static inline bool weft_room_ready(struct weft_writer *w, struct weft_room *out,
                                   size_t len);

/**
 * Write one value, or the head of a field, into room that is ready.
 *
 * Shape    as weft_bin_write_bool
 * Blocks   never     Thread  one at a time     Errors  none
 */
static inline void weft_bin_put_bool(struct weft_room *out, bool v);
static inline void weft_bin_put_i8(struct weft_room *out, int8_t v);
static inline void weft_bin_put_i16(struct weft_room *out, int16_t v);
static inline void weft_bin_put_i32(struct weft_room *out, int32_t v);
static inline void weft_bin_put_i64(struct weft_room *out, int64_t v);
static inline void weft_bin_put_double(struct weft_room *out, double v);
static inline void weft_bin_put_uuid(struct weft_room *out, struct weft_uuid v);
static inline void weft_bin_put_field(struct weft_room *out, uint8_t wire,
                                      int16_t id);

/**
 * Write a string, one with the head of its field, the head alone, or a stop.
 * They make room themselves.
 *
 * Shape    as weft_bin_write_str
 * Owner    out is of w; a string is borrowed as by weft_bin_write_str
 * Blocks   never     Thread  one at a time     Errors  stick in the writer
 */
static inline void weft_bin_put_str(struct weft_writer *w,
                                    struct weft_room *out, struct weft_str v);
static inline void weft_bin_put_str_field(struct weft_writer *w,
                                          struct weft_room *out, int16_t id,
                                          struct weft_str v);
static inline void weft_bin_put_head(struct weft_writer *w,
                                     struct weft_room *out, uint8_t wire,
                                     int16_t id);
static inline void weft_bin_put_stop(struct weft_writer *w,
                                     struct weft_room *out);

/**
 * The same in compact. A bool is one within a container; that of a field is
 * written with its head, by write_bool_field.
 *
 * Shape    *last is the id of the field before in this struct, 0 at first;
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
 * Before the first field of a struct or item of a container, and after the
 * last. false: it is too deep, the error sticks, and nothing more is to be
 * written of it (nor leave called).
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
 * Write kept fields with their heads; last as weft_compact_write_field.
 *
 * Shape    in compact, bytes that are no binary of their wire are WEFT_EVALUE
 * Owner    vec is borrowed for the call, its bytes as weft_writer_owner says
 * Blocks   never     Thread  one at a time     Errors  stick in the writer
 */
WEFT_API void weft_bin_write_unknown(struct weft_writer *w,
                                     const struct weft_vec_unknown *vec);
WEFT_API void weft_compact_write_unknown(struct weft_writer *w, int16_t *last,
                                         const struct weft_vec_unknown *vec);

/* ---- reading and writing by descriptor ---- */

/**
 * Read a struct of any type, as the function that weftc made for it would:
 * what is unknown or of another type is passed over, absent fields have their
 * defaults, a union has the last member that came.
 *
 * Shape    record is a C struct of this descriptor
 * Owner    record is the caller's; what it points to is the bytes' or the
 *          arena's, see weft_reader_init
 * Blocks   never     Thread  one at a time for r and record
 * Errors   WEFT_ETRUNC, WEFT_ESIZE, WEFT_EWIRETYPE, WEFT_EDEPTH,
 *          WEFT_EREQUIRED, WEFT_EBUDGET, WEFT_EPROTOCOL; WEFT_EUNKNOWNPROTO:
 *          there is no such protocol
 */
WEFT_API weft_err weft_struct_read(const struct weft_struct *desc,
                                   enum weft_protocol proto,
                                   struct weft_reader *r, void *record)
    WEFT_CHECKED;

/**
 * Write a struct of any type, as the function that weftc made for it would.
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
 * For people and tools, not a protocol: fields and values of enums by name,
 * i64 to the last digit, binary in base64, uuids as they are usually written,
 * maps whose keys are strings as objects and others as arrays of [key, value],
 * "NaN", "Infinity" and "-Infinity" as strings. A byte of a string that is no
 * UTF-8 is \udcXX with its number, as in Python's PEP 383, in both directions.
 */

/** Where and why a JSON text was refused. */
struct weft_json_error {
    size_t offset;         /* bytes before the place */
    uint32_t line, column; /* of it, from 1; columns count bytes */
    char text[256]; /* "who.tags[2]: a string is expected here", one line */
};

/**
 * Write a struct, or a value of any type, as JSON text. Absent fields are left
 * out; a union is an object with one member.
 *
 * Shape    record is a C struct of this descriptor; indent is the blanks of a
 *          level, 0 keeps all on one line
 * Owner    all are borrowed for the call
 * Blocks   never     Thread  one at a time for w
 * Errors   stick in the writer: WEFT_EDEPTH, WEFT_EVALUE
 */
WEFT_API void weft_struct_to_json(const struct weft_struct *desc,
                                  struct weft_writer *w, const void *record,
                                  int indent);
WEFT_API void weft_value_to_json(const struct weft_type *type,
                                 struct weft_writer *w, const void *value,
                                 int indent);

/**
 * Read a struct from JSON text. Absent fields have their defaults, and null
 * means absent. Refused are fields that are unknown or come twice, a second
 * member of a union, equal keys of a map or items of a set (of base types), and
 * everything that would not be written so.
 *
 * Shape    len bytes at text, at most 2 GiB; record is a C struct of this
 *          descriptor
 * Owner    text is borrowed as long as the record is used, what it points to
 *          besides is the arena's; why may be NULL
 * Blocks   never     Thread  one at a time for arena
 * Errors   WEFT_EPROTOCOL, WEFT_ETRUNC, WEFT_ETRAILING, WEFT_EREQUIRED,
 *          WEFT_EDEPTH, WEFT_ETOOBIG, WEFT_EBUDGET; *why says which and where,
 *          the record is as init leaves it
 */
WEFT_API weft_err weft_struct_from_json(const struct weft_struct *desc,
                                        const char *text, size_t len,
                                        struct weft_arena *arena, void *record,
                                        struct weft_json_error *why)
    WEFT_CHECKED;

/* ---- functions of generated code ---- */

/* ---- inline definitions ---- */

/* The slow ways: across an edge of two runs, or out of room. */
WEFT_API weft_err weft_read_slow(struct weft_reader *r, void *dst, size_t len);
WEFT_API weft_err weft_read_str_slow(struct weft_reader *r, int32_t len,
                                     struct weft_str *v);
WEFT_API bool weft_write_room(struct weft_writer *w, size_t len);
WEFT_API void weft_write_bytes_slow(struct weft_writer *w, const void *ptr,
                                    size_t len);

/* n bytes, 8 at most, wherever they lie; NULL: there are not as many. */
WEFT_API const uint8_t *weft_read_few_slow(struct weft_reader *r, size_t n);
WEFT_API weft_err weft_bin_read_str_slow(struct weft_reader *r,
                                         struct weft_str *v);
WEFT_API weft_err weft_bin_read_field_slow(struct weft_reader *r,
                                           uint32_t *field);

WEFT_API void weft_bin_write_str_slow(struct weft_writer *w, struct weft_str v);

/* A run stays in registers only as long as nobody takes its address. */
#if defined(__GNUC__)
#define WEFT_FLAT static inline __attribute__((always_inline))
#else
#define WEFT_FLAT static inline
#endif

/* The same of compact: varints of two and more bytes, ids in full. */
WEFT_API weft_err weft_compact_read_u32_slow(struct weft_reader *r,
                                             uint32_t *v);
WEFT_API weft_err weft_compact_read_u64_slow(struct weft_reader *r,
                                             uint64_t *v);
WEFT_API weft_err weft_compact_read_field_slow(struct weft_reader *r,
                                               uint32_t *field);
WEFT_API void weft_compact_write_u64_slow(struct weft_writer *w, uint64_t v);
WEFT_API void weft_compact_write_id_slow(struct weft_writer *w, uint8_t code,
                                         int16_t id);

static inline size_t
weft_reader_left(const struct weft_reader *r)
{
    return (size_t)(r->end - r->at) + r->more;
}

static inline weft_err
weft_read_raw(struct weft_reader *r, void *dst, size_t len)
{
    if (WEFT_UNLIKELY((size_t)(r->end - r->at) < len))
        return weft_read_slow(r, dst, len);
    memcpy(dst, r->at, len);
    r->at += len;
    return WEFT_OK;
}

static inline weft_err
weft_bin_read_bool(struct weft_reader *r, bool *v)
{
    uint8_t raw;
    weft_err err = weft_read_raw(r, &raw, 1);
    if (!err)
        *v = raw != 0;
    return err;
}

static inline weft_err
weft_bin_read_i8(struct weft_reader *r, int8_t *v)
{
    return weft_read_raw(r, v, 1);
}

static inline weft_err
weft_bin_read_i16(struct weft_reader *r, int16_t *v)
{
    uint8_t b[2];
    weft_err err = weft_read_raw(r, b, 2);
    if (!err)
        *v = (int16_t)(uint16_t)((uint32_t)b[0] << 8 | b[1]);
    return err;
}

static inline uint32_t
weft_load_be32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           b[3];
}

static inline uint64_t
weft_load_be64(const uint8_t *b)
{
    return (uint64_t)weft_load_be32(b) << 32 | weft_load_be32(b + 4);
}

static inline void
weft_store_be32(uint8_t *b, uint32_t v)
{
    b[0] = (uint8_t)(v >> 24);
    b[1] = (uint8_t)(v >> 16);
    b[2] = (uint8_t)(v >> 8);
    b[3] = (uint8_t)v;
}

static inline void
weft_store_be64(uint8_t *b, uint64_t v)
{
    weft_store_be32(b, (uint32_t)(v >> 32));
    weft_store_be32(b + 4, (uint32_t)v);
}

static inline weft_err
weft_bin_read_i32(struct weft_reader *r, int32_t *v)
{
    uint8_t b[4];
    weft_err err = weft_read_raw(r, b, 4);
    if (!err)
        *v = (int32_t)weft_load_be32(b);
    return err;
}

static inline weft_err
weft_bin_read_i64(struct weft_reader *r, int64_t *v)
{
    uint8_t b[8];
    weft_err err = weft_read_raw(r, b, 8);
    if (!err)
        *v = (int64_t)weft_load_be64(b);
    return err;
}

static inline weft_err
weft_bin_read_double(struct weft_reader *r, double *v)
{
    uint8_t b[8];
    weft_err err = weft_read_raw(r, b, 8);
    if (!err) {
        uint64_t bits = weft_load_be64(b);
        memcpy(v, &bits, sizeof bits);
    }
    return err;
}

static inline weft_err
weft_bin_read_uuid(struct weft_reader *r, struct weft_uuid *v)
{
    return weft_read_raw(r, v->bytes, 16);
}

static inline weft_err
weft_bin_read_str(struct weft_reader *r, struct weft_str *v)
{
    int32_t len;
    weft_err err = weft_bin_read_i32(r, &len);
    if (WEFT_UNLIKELY(err))
        return err;
    if (WEFT_UNLIKELY(len < 0 || r->end - r->at < len))
        return weft_read_str_slow(r, len, v);
    v->ptr = (const char *)r->at;
    v->len = (uint32_t)len;
    r->at += len;
    return WEFT_OK;
}

static inline weft_err
weft_bin_read_field(struct weft_reader *r, uint32_t *field)
{
    if (WEFT_LIKELY(r->end - r->at >= 3)) {
        uint32_t wire = r->at[0];
        *field = (uint32_t)r->at[1] << 16 | (uint32_t)r->at[2] << 8 | wire;
        if (wire == WEFT_STOP) {
            *field = WEFT_STOP;
            r->at += 1;
        } else {
            r->at += 3;
        }
        return WEFT_OK;
    }
    uint8_t b[3] = {0, 0, 0};
    weft_err err = weft_read_raw(r, b, 1);
    if (!err && b[0] != WEFT_STOP)
        err = weft_read_raw(r, b + 1, 2);
    if (!err)
        *field = (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[0];
    return err;
}

static inline weft_err
weft_read_enter(struct weft_reader *r)
{
    if (WEFT_UNLIKELY(r->depth == 0))
        return WEFT_EDEPTH;
    r->depth--;
    return WEFT_OK;
}

static inline void
weft_read_leave(struct weft_reader *r)
{
    r->depth++;
}

static inline bool
weft_write_enter(struct weft_writer *w)
{
    if (WEFT_UNLIKELY(w->depth == 0)) {
        weft_writer_fail(w, WEFT_EDEPTH);
        return false;
    }
    w->depth--;
    return true;
}

static inline void
weft_write_leave(struct weft_writer *w)
{
    w->depth++;
}

static inline bool
weft_write_ready(struct weft_writer *w, size_t len)
{
    return WEFT_LIKELY((size_t)(w->end - w->at) >= len) ||
           weft_write_room(w, len);
}

static inline void
weft_bin_write_i8(struct weft_writer *w, int8_t v)
{
    if (weft_write_ready(w, 1))
        *w->at++ = (uint8_t)v;
}

static inline void
weft_bin_write_bool(struct weft_writer *w, bool v)
{
    weft_bin_write_i8(w, v ? 1 : 0);
}

static inline void
weft_bin_write_i16(struct weft_writer *w, int16_t v)
{
    if (!weft_write_ready(w, 2))
        return;
    *w->at++ = (uint8_t)((uint16_t)v >> 8);
    *w->at++ = (uint8_t)v;
}

static inline void
weft_bin_write_i32(struct weft_writer *w, int32_t v)
{
    if (!weft_write_ready(w, 4))
        return;
    weft_store_be32(w->at, (uint32_t)v);
    w->at += 4;
}

static inline void
weft_bin_write_i64(struct weft_writer *w, int64_t v)
{
    if (!weft_write_ready(w, 8))
        return;
    weft_store_be64(w->at, (uint64_t)v);
    w->at += 8;
}

static inline void
weft_bin_write_double(struct weft_writer *w, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    weft_bin_write_i64(w, (int64_t)bits);
}

static inline void
weft_bin_write_uuid(struct weft_writer *w, struct weft_uuid v)
{
    if (!weft_write_ready(w, 16))
        return;
    memcpy(w->at, v.bytes, 16);
    w->at += 16;
}

static inline void
weft_bin_write_str(struct weft_writer *w, struct weft_str v)
{
    size_t left = (size_t)(w->end - w->at);
    if (WEFT_UNLIKELY(v.len >= WEFT_REF_MIN || left < (size_t)v.len + 4 ||
                      v.ptr == NULL)) {
        weft_bin_write_i32(w, (int32_t)v.len);
        weft_write_bytes_slow(w, v.ptr, v.len);
        return;
    }
    weft_store_be32(w->at, v.len);
    if (v.len > 0)
        memcpy(w->at + 4, v.ptr, v.len);
    w->at += (size_t)v.len + 4;
}

static inline void
weft_bin_write_field(struct weft_writer *w, uint8_t wire, int16_t id)
{
    if (!weft_write_ready(w, 3))
        return;
    w->at[0] = wire;
    w->at[1] = (uint8_t)((uint16_t)id >> 8);
    w->at[2] = (uint8_t)id;
    w->at += 3;
}

static inline void
weft_bin_write_stop(struct weft_writer *w)
{
    weft_bin_write_i8(w, WEFT_STOP);
}

static inline void
weft_bin_write_list(struct weft_writer *w, uint8_t wire, uint32_t len)
{
    if (!weft_write_ready(w, 5))
        return;
    w->at[0] = wire;
    weft_store_be32(w->at + 1, len);
    w->at += 5;
}

static inline void
weft_bin_write_map(struct weft_writer *w, uint8_t key, uint8_t value,
                   uint32_t len)
{
    if (!weft_write_ready(w, 6))
        return;
    w->at[0] = key;
    w->at[1] = value;
    weft_store_be32(w->at + 2, len);
    w->at += 6;
}

static inline weft_err
weft_bin_skip_field(struct weft_reader *r, uint32_t field)
{
    return weft_bin_skip(r, (uint8_t)field);
}

/* runs */

WEFT_FLAT struct weft_run
weft_run_begin(const struct weft_reader *r)
{
    struct weft_run in = {r->at, r->end};
    return in;
}

WEFT_FLAT void
weft_run_end(struct weft_reader *r, const struct weft_run *in)
{
    r->at = in->at;
}

/* Sums of addresses rather than differences: one instruction less each time. */
WEFT_FLAT bool
weft_run_has(const struct weft_run *in, size_t n)
{
    return WEFT_LIKELY((uintptr_t)in->at + n <= (uintptr_t)in->end);
}

WEFT_FLAT weft_err
weft_run_take(struct weft_reader *r, struct weft_run *in, size_t n,
              const uint8_t **b)
{
    if (weft_run_has(in, n)) {
        *b = in->at;
        in->at += n;
        return WEFT_OK;
    }
    weft_run_end(r, in);
    *b = weft_read_few_slow(r, n);
    *in = weft_run_begin(r);
    return *b ? WEFT_OK : WEFT_ETRUNC;
}

WEFT_FLAT weft_err
weft_bin_next_bool(struct weft_reader *r, struct weft_run *in, bool *v)
{
    const uint8_t *b;
    weft_err err = weft_run_take(r, in, 1, &b);
    if (!err)
        *v = b[0] != 0;
    return err;
}

WEFT_FLAT weft_err
weft_bin_next_i8(struct weft_reader *r, struct weft_run *in, int8_t *v)
{
    const uint8_t *b;
    weft_err err = weft_run_take(r, in, 1, &b);
    if (!err)
        *v = (int8_t)b[0];
    return err;
}

WEFT_FLAT weft_err
weft_bin_next_i16(struct weft_reader *r, struct weft_run *in, int16_t *v)
{
    const uint8_t *b;
    weft_err err = weft_run_take(r, in, 2, &b);
    if (!err)
        *v = (int16_t)(uint16_t)((uint32_t)b[0] << 8 | b[1]);
    return err;
}

WEFT_FLAT weft_err
weft_bin_next_i32(struct weft_reader *r, struct weft_run *in, int32_t *v)
{
    const uint8_t *b;
    weft_err err = weft_run_take(r, in, 4, &b);
    if (!err)
        *v = (int32_t)weft_load_be32(b);
    return err;
}

WEFT_FLAT weft_err
weft_bin_next_i64(struct weft_reader *r, struct weft_run *in, int64_t *v)
{
    const uint8_t *b;
    weft_err err = weft_run_take(r, in, 8, &b);
    if (!err)
        *v = (int64_t)weft_load_be64(b);
    return err;
}

WEFT_FLAT weft_err
weft_bin_next_double(struct weft_reader *r, struct weft_run *in, double *v)
{
    const uint8_t *b;
    weft_err err = weft_run_take(r, in, 8, &b);
    if (!err) {
        uint64_t bits = weft_load_be64(b);
        memcpy(v, &bits, sizeof bits);
    }
    return err;
}

WEFT_FLAT weft_err
weft_bin_next_uuid(struct weft_reader *r, struct weft_run *in,
                   struct weft_uuid *v)
{
    weft_run_end(r, in);
    weft_err err = weft_bin_read_uuid(r, v);
    *in = weft_run_begin(r);
    return err;
}

WEFT_FLAT weft_err
weft_bin_next_str(struct weft_reader *r, struct weft_run *in,
                  struct weft_str *v)
{
    ptrdiff_t left = in->end - in->at - 4;
    if (WEFT_LIKELY(left >= 0)) {
        /* A negative length is more than any run has. */
        size_t len = (size_t)(int32_t)weft_load_be32(in->at);
        if (WEFT_LIKELY(len <= (size_t)left)) {
            v->ptr = (const char *)in->at + 4;
            v->len = (uint32_t)len;
            in->at += 4 + len;
            return WEFT_OK;
        }
    }
    weft_run_end(r, in);
    weft_err err = weft_bin_read_str_slow(r, v);
    *in = weft_run_begin(r);
    return err;
}

WEFT_FLAT weft_err
weft_bin_next_field(struct weft_reader *r, struct weft_run *in, uint32_t *field)
{
    const uint8_t *b = in->at;
    if (weft_run_has(in, 1) && b[0] == WEFT_STOP) {
        *field = WEFT_STOP;
        in->at = b + 1;
        return WEFT_OK;
    }
    if (weft_run_has(in, 3)) {
        *field = (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[0];
        in->at = b + 3;
        return WEFT_OK;
    }
    uint32_t slow = WEFT_STOP;
    weft_run_end(r, in);
    weft_err err = weft_bin_read_field_slow(r, &slow);
    *in = weft_run_begin(r);
    *field = slow;
    return err;
}

WEFT_FLAT bool
weft_bin_follows(struct weft_run *in, uint32_t field)
{
    const uint8_t *b = in->at;
    /* As the bytes lie; four of them are one load. */
    uint32_t want =
        (field & 0xff) | (field >> 16 & 0xff) << 8 | (field >> 8 & 0xff) << 16;
    if (!weft_run_has(in, 4))
        return false;
    uint32_t got = (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 |
                   (uint32_t)b[1] << 8 | b[0];
    if ((got & 0xffffff) != want)
        return false;
    in->at = b + 3;
    return true;
}

/* Room for items, not zeroed; NULL: the slow way is to see. */
WEFT_FLAT void *
weft_read_room(struct weft_reader *r, uint64_t size)
{
    struct weft_arena *arena = r->arena;
    uint64_t taken = (size + 15) & ~UINT64_C(15);
    if (WEFT_UNLIKELY(!arena || taken > (size_t)(arena->end - arena->at) ||
                      taken > arena->left))
        return NULL;
    void *room = arena->at;
    arena->at += taken;
    arena->left -= (size_t)taken;
    return room;
}

/* Room for a boxed struct that is read, not zeroed. */
WEFT_FLAT void *
weft_bin_next_box(struct weft_reader *r, size_t size)
{
    void *box = weft_read_room(r, size);
    return WEFT_LIKELY(box != NULL) ? box : weft_read_box(r, size);
}

/* The items behind a head of that many bytes; false: the slow way is to see. */
WEFT_FLAT bool
weft_bin_next_items(struct weft_reader *r, uint32_t head, uint32_t min,
                    size_t item_size, void *vec)
{
    struct weft_vec_i8 v = {NULL, 0, 0};
    uint32_t n = weft_load_be32(r->at + head - 4);
    uint64_t left = (uint64_t)(r->end - r->at) - head;
    if (WEFT_UNLIKELY(n > INT32_MAX || (uint64_t)n * min > left ||
                      r->depth == 0))
        return false;
    v.len = v.cap = n;
    if (n > 0 &&
        !(v.items = (int8_t *)weft_read_room(r, (uint64_t)n * item_size)))
        return false;
    memcpy(vec, &v, sizeof v);
    r->depth--;
    r->at += head;
    return true;
}

WEFT_FLAT weft_err
weft_bin_next_list(struct weft_reader *r, uint8_t wire, uint32_t min,
                   size_t item_size, void *vec, bool *fits)
{
    if (WEFT_LIKELY(r->end - r->at >= 5 && r->at[0] == wire &&
                    weft_bin_next_items(r, 5, min, item_size, vec))) {
        *fits = true;
        return WEFT_OK;
    }
    return weft_bin_read_list(r, wire, item_size, vec, fits);
}

WEFT_FLAT weft_err
weft_bin_next_map(struct weft_reader *r, uint8_t key, uint8_t value,
                  uint32_t min, size_t item_size, void *vec, bool *fits)
{
    if (WEFT_LIKELY(r->end - r->at >= 6 && r->at[0] == key &&
                    r->at[1] == value &&
                    weft_bin_next_items(r, 6, min, item_size, vec))) {
        *fits = true;
        return WEFT_OK;
    }
    return weft_bin_read_map(r, key, value, item_size, vec, fits);
}

/* rooms */

WEFT_FLAT struct weft_room
weft_room_begin(const struct weft_writer *w)
{
    struct weft_room out = {w->at, w->end};
    return out;
}

WEFT_FLAT void
weft_room_end(struct weft_writer *w, const struct weft_room *out)
{
    w->at = out->at;
}

WEFT_FLAT bool
weft_room_has(const struct weft_room *out, size_t len)
{
    return WEFT_LIKELY((uintptr_t)out->at + len <= (uintptr_t)out->end);
}

WEFT_FLAT bool
weft_room_ready(struct weft_writer *w, struct weft_room *out, size_t len)
{
    if (weft_room_has(out, len))
        return true;
    weft_room_end(w, out);
    bool ok = weft_write_room(w, len);
    *out = weft_room_begin(w);
    return ok;
}

WEFT_FLAT void
weft_bin_put_i8(struct weft_room *out, int8_t v)
{
    *out->at++ = (uint8_t)v;
}

WEFT_FLAT void
weft_bin_put_bool(struct weft_room *out, bool v)
{
    *out->at++ = v ? 1 : 0;
}

WEFT_FLAT void
weft_bin_put_i16(struct weft_room *out, int16_t v)
{
    out->at[0] = (uint8_t)((uint16_t)v >> 8);
    out->at[1] = (uint8_t)v;
    out->at += 2;
}

WEFT_FLAT void
weft_bin_put_i32(struct weft_room *out, int32_t v)
{
    weft_store_be32(out->at, (uint32_t)v);
    out->at += 4;
}

WEFT_FLAT void
weft_bin_put_i64(struct weft_room *out, int64_t v)
{
    weft_store_be64(out->at, (uint64_t)v);
    out->at += 8;
}

WEFT_FLAT void
weft_bin_put_double(struct weft_room *out, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    weft_bin_put_i64(out, (int64_t)bits);
}

WEFT_FLAT void
weft_bin_put_uuid(struct weft_room *out, struct weft_uuid v)
{
    memcpy(out->at, v.bytes, 16);
    out->at += 16;
}

WEFT_FLAT void
weft_bin_put_field(struct weft_room *out, uint8_t wire, int16_t id)
{
    out->at[0] = wire;
    out->at[1] = (uint8_t)((uint16_t)id >> 8);
    out->at[2] = (uint8_t)id;
    out->at += 3;
}

WEFT_FLAT void
weft_bin_put_head(struct weft_writer *w, struct weft_room *out, uint8_t wire,
                  int16_t id)
{
    if (weft_room_ready(w, out, 3))
        weft_bin_put_field(out, wire, id);
}

WEFT_FLAT void
weft_bin_put_stop(struct weft_writer *w, struct weft_room *out)
{
    if (weft_room_ready(w, out, 1))
        *out->at++ = WEFT_STOP;
}

/* Most strings are short: two moves that overlap, instead of a call. */
WEFT_FLAT void
weft_copy_short(uint8_t *to, const char *from, size_t n)
{
    if (n > 32) {
        memcpy(to, from, n);
    } else if (n >= 16) {
        memcpy(to, from, 16);
        memcpy(to + n - 16, from + n - 16, 16);
    } else if (n >= 8) {
        memcpy(to, from, 8);
        memcpy(to + n - 8, from + n - 8, 8);
    } else if (n >= 4) {
        memcpy(to, from, 4);
        memcpy(to + n - 4, from + n - 4, 4);
    } else if (n > 0) {
        to[0] = (uint8_t)from[0];
        to[n / 2] = (uint8_t)from[n / 2];
        to[n - 1] = (uint8_t)from[n - 1];
    }
}

/* Behind head bytes, for which there is room as well; false: the slow way. */
WEFT_FLAT bool
weft_room_has_str(const struct weft_room *out, size_t head, struct weft_str v)
{
    return WEFT_LIKELY(v.len < WEFT_REF_MIN && (v.ptr || v.len == 0)) &&
           weft_room_has(out, head + 4 + v.len);
}

WEFT_FLAT void
weft_bin_put_bytes(struct weft_room *out, struct weft_str v)
{
    weft_store_be32(out->at, v.len);
    weft_copy_short(out->at + 4, v.ptr, v.len);
    out->at += (size_t)v.len + 4;
}

WEFT_FLAT void
weft_bin_put_str(struct weft_writer *w, struct weft_room *out,
                 struct weft_str v)
{
    if (weft_room_has_str(out, 0, v)) {
        weft_bin_put_bytes(out, v);
        return;
    }
    weft_room_end(w, out);
    weft_bin_write_str_slow(w, v);
    *out = weft_room_begin(w);
}

WEFT_FLAT void
weft_bin_put_str_field(struct weft_writer *w, struct weft_room *out, int16_t id,
                       struct weft_str v)
{
    if (weft_room_has_str(out, 3, v)) {
        weft_bin_put_field(out, WEFT_STRING, id);
        weft_bin_put_bytes(out, v);
        return;
    }
    weft_bin_put_head(w, out, WEFT_STRING, id);
    weft_room_end(w, out);
    weft_bin_write_str_slow(w, v);
    *out = weft_room_begin(w);
}

/* By wire type: the four bits that compact has for it; of bool, those of a
 * container's element, which are those of a field that is true. */
static const uint8_t weft_compact_codes[] = {0, 0, 1, 3,  7,  0,  4, 0, 5,
                                             0, 6, 8, 12, 11, 10, 9, 13};
#define WEFT_COMPACT_TRUE 1u
#define WEFT_COMPACT_FALSE 2u

static inline weft_err
weft_compact_read_u32(struct weft_reader *r, uint32_t *v)
{
    if (WEFT_UNLIKELY(r->at == r->end || *r->at >= 0x80))
        return weft_compact_read_u32_slow(r, v);
    *v = *r->at++;
    return WEFT_OK;
}

static inline weft_err
weft_compact_read_u64(struct weft_reader *r, uint64_t *v)
{
    if (WEFT_UNLIKELY(r->at == r->end || *r->at >= 0x80))
        return weft_compact_read_u64_slow(r, v);
    *v = *r->at++;
    return WEFT_OK;
}

/* Old peers write 0 for false, others 2. */
static inline weft_err
weft_compact_read_bool(struct weft_reader *r, bool *v)
{
    uint8_t raw;
    weft_err err = weft_read_raw(r, &raw, 1);
    if (!err)
        *v = raw == WEFT_COMPACT_TRUE;
    return err;
}

static inline weft_err
weft_compact_read_i8(struct weft_reader *r, int8_t *v)
{
    return weft_read_raw(r, v, 1);
}

static inline weft_err
weft_compact_read_i32(struct weft_reader *r, int32_t *v)
{
    uint32_t raw;
    weft_err err = weft_compact_read_u32(r, &raw);
    if (!err)
        *v = (int32_t)(raw >> 1 ^ (0 - (raw & 1)));
    return err;
}

static inline weft_err
weft_compact_read_i16(struct weft_reader *r, int16_t *v)
{
    int32_t wide;
    weft_err err = weft_compact_read_i32(r, &wide);
    if (WEFT_UNLIKELY(err))
        return err;
    if (WEFT_UNLIKELY(wide < INT16_MIN || wide > INT16_MAX))
        return WEFT_EPROTOCOL;
    *v = (int16_t)wide;
    return WEFT_OK;
}

static inline weft_err
weft_compact_read_i64(struct weft_reader *r, int64_t *v)
{
    uint64_t raw;
    weft_err err = weft_compact_read_u64(r, &raw);
    if (!err)
        *v = (int64_t)(raw >> 1 ^ (0 - (raw & 1)));
    return err;
}

static inline uint64_t
weft_load_le64(const uint8_t *b)
{
    return (uint64_t)b[7] << 56 | (uint64_t)b[6] << 48 | (uint64_t)b[5] << 40 |
           (uint64_t)b[4] << 32 | (uint64_t)b[3] << 24 | (uint64_t)b[2] << 16 |
           (uint64_t)b[1] << 8 | b[0];
}

static inline void
weft_store_le64(uint8_t *b, uint64_t v)
{
    b[0] = (uint8_t)v;
    b[1] = (uint8_t)(v >> 8);
    b[2] = (uint8_t)(v >> 16);
    b[3] = (uint8_t)(v >> 24);
    b[4] = (uint8_t)(v >> 32);
    b[5] = (uint8_t)(v >> 40);
    b[6] = (uint8_t)(v >> 48);
    b[7] = (uint8_t)(v >> 56);
}

static inline weft_err
weft_compact_read_double(struct weft_reader *r, double *v)
{
    uint8_t b[8];
    weft_err err = weft_read_raw(r, b, 8);
    if (!err) {
        uint64_t bits = weft_load_le64(b);
        memcpy(v, &bits, sizeof bits);
    }
    return err;
}

static inline weft_err
weft_compact_read_uuid(struct weft_reader *r, struct weft_uuid *v)
{
    return weft_read_raw(r, v->bytes, 16);
}

static inline weft_err
weft_compact_read_str(struct weft_reader *r, struct weft_str *v)
{
    uint32_t len;
    weft_err err = weft_compact_read_u32(r, &len);
    if (WEFT_UNLIKELY(err))
        return err;
    if (WEFT_UNLIKELY(len > INT32_MAX))
        return WEFT_ESIZE;
    if (WEFT_UNLIKELY((size_t)(r->end - r->at) < len))
        return weft_read_str_slow(r, (int32_t)len, v);
    v->ptr = (const char *)r->at;
    v->len = len;
    r->at += len;
    return WEFT_OK;
}

static inline weft_err
weft_compact_read_field(struct weft_reader *r, uint32_t *field)
{
    if (WEFT_UNLIKELY(r->at == r->end))
        return weft_compact_read_field_slow(r, field);
    uint32_t b = *r->at;
    if (b == WEFT_STOP) {
        *field = WEFT_STOP;
        r->at++;
        return WEFT_OK;
    }
    int32_t id = (int16_t)(*field >> 8) + (int32_t)(b >> 4);
    if (WEFT_UNLIKELY(b < 16 || (b & 15) == 0 || id > INT16_MAX))
        return weft_compact_read_field_slow(r, field);
    *field = WEFT_FIELD(id, b & 15);
    r->at++;
    return WEFT_OK;
}

static inline void
weft_compact_write_u64(struct weft_writer *w, uint64_t v)
{
    if (WEFT_LIKELY(v < 0x80 && w->at < w->end))
        *w->at++ = (uint8_t)v;
    else
        weft_compact_write_u64_slow(w, v);
}

static inline void
weft_compact_write_i8(struct weft_writer *w, int8_t v)
{
    weft_bin_write_i8(w, v);
}

static inline void
weft_compact_write_bool(struct weft_writer *w, bool v)
{
    weft_bin_write_i8(w, v ? WEFT_COMPACT_TRUE : WEFT_COMPACT_FALSE);
}

static inline void
weft_compact_write_i64(struct weft_writer *w, int64_t v)
{
    uint64_t sign = v < 0 ? UINT64_MAX : 0;
    weft_compact_write_u64(w, (uint64_t)v << 1 ^ sign);
}

static inline void
weft_compact_write_i32(struct weft_writer *w, int32_t v)
{
    weft_compact_write_i64(w, v);
}

static inline void
weft_compact_write_i16(struct weft_writer *w, int16_t v)
{
    weft_compact_write_i64(w, v);
}

static inline void
weft_compact_write_double(struct weft_writer *w, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    if (!weft_write_ready(w, 8))
        return;
    weft_store_le64(w->at, bits);
    w->at += 8;
}

static inline void
weft_compact_write_uuid(struct weft_writer *w, struct weft_uuid v)
{
    weft_bin_write_uuid(w, v);
}

static inline void
weft_compact_write_str(struct weft_writer *w, struct weft_str v)
{
    size_t left = (size_t)(w->end - w->at);
    if (WEFT_UNLIKELY(v.len >= WEFT_REF_MIN || left < (size_t)v.len + 2 ||
                      v.ptr == NULL)) {
        weft_compact_write_u64(w, v.len);
        weft_write_bytes_slow(w, v.ptr, v.len);
        return;
    }
    *w->at++ = (uint8_t)(v.len < 0x80 ? v.len : v.len | 0x80);
    if (v.len >= 0x80)
        *w->at++ = (uint8_t)(v.len >> 7);
    if (v.len > 0)
        memcpy(w->at, v.ptr, v.len);
    w->at += v.len;
}

static inline void
weft_compact_write_head(struct weft_writer *w, int16_t *last, uint32_t code,
                        int16_t id)
{
    int32_t delta = id - *last;
    *last = id;
    if (WEFT_UNLIKELY(delta < 1 || delta > 15))
        weft_compact_write_id_slow(w, (uint8_t)code, id);
    else
        weft_bin_write_i8(w, (int8_t)((uint32_t)delta << 4 | code));
}

static inline void
weft_compact_write_field(struct weft_writer *w, int16_t *last, uint8_t wire,
                         int16_t id)
{
    weft_compact_write_head(w, last, weft_compact_codes[wire], id);
}

static inline void
weft_compact_write_bool_field(struct weft_writer *w, int16_t *last, int16_t id,
                              bool v)
{
    weft_compact_write_head(w, last, v ? WEFT_COMPACT_TRUE : WEFT_COMPACT_FALSE,
                            id);
}

static inline void
weft_compact_write_stop(struct weft_writer *w)
{
    weft_bin_write_stop(w);
}

static inline void
weft_compact_write_list(struct weft_writer *w, uint8_t wire, uint32_t len)
{
    uint32_t code = weft_compact_codes[wire];
    if (!weft_write_ready(w, 1))
        return;
    *w->at++ = (uint8_t)((len < 15 ? len : 15) << 4 | code);
    if (len >= 15)
        weft_compact_write_u64(w, len);
}

static inline void
weft_compact_write_map(struct weft_writer *w, uint8_t key, uint8_t value,
                       uint32_t len)
{
    uint32_t code = weft_compact_codes[key];
    weft_compact_write_u64(w, len);
    if (len == 0 || !weft_write_ready(w, 1))
        return;
    *w->at++ = (uint8_t)(code << 4 | weft_compact_codes[value]);
}

#ifdef __cplusplus
}
#endif

#endif
