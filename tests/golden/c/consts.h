/* Made by weftc 0.1.0 from consts.thrift; edit that. */
/*
 * Who owns what: strings are views, and lists and boxed structs are
 * pointers, into the message or the arena that a struct was read with, or
 * into what you put there; they must live as long as the struct is used.
 * Defaults are shared by all and must not be written to.
 *
 * Of every struct X (for arguments and results: the first, and X_desc):
 *   X_init    everything zero, then the defaults of the IDL; a union with a
 *             default begins as that member
 *   X_read    one struct in binary; unknown fields are passed over
 *   X_write   one struct in binary; errors stick in the writer
 *   X_copy    a deep copy that shares nothing with its source
 *   X_equal   equal values, whatever the order in sets and maps
 *   X_hash    a number that equal values share
 *   X_print   one line for people
 *   X_desc    for weft_struct_read and weft_struct_write, in any protocol
 * Of every map: X_get finds the value of a key, or NULL.
 * A bit of `has` says that its field was read, or is to be written if it
 * is optional; X_set_field sets it with its value. Pointers to structs say
 * the same by being there.
 */
#ifndef CONSTS_THRIFT_H
#define CONSTS_THRIFT_H

#include <weft/codec.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef WEFT_HAS_consts_map_str_i32
#define WEFT_HAS_consts_map_str_i32
struct consts_map_str_i32_item {
    struct weft_str key;
    int32_t value;
};
struct consts_map_str_i32 {
    struct consts_map_str_i32_item *items;
    uint32_t len, cap;
};
static inline int32_t *
consts_map_str_i32_get(const struct consts_map_str_i32 *map,
                       struct weft_str key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (weft_str_eq(map->items[i].key, key))
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_consts_vec_Limits
#define WEFT_HAS_consts_vec_Limits
struct consts_vec_Limits {
    struct consts_Limits *items;
    uint32_t len, cap;
};
#endif

struct consts_Limits {
    int32_t most;              /* 1 */
    struct weft_str name;      /* 2 */
    struct weft_vec_str hosts; /* 3 */
    struct {
        uint32_t most : 1, name : 1, hosts : 1;
    } has;
};

extern const struct weft_struct consts_Limits_desc;
void consts_Limits_init(struct consts_Limits *x);
weft_err consts_Limits_read(struct weft_reader *r, struct consts_Limits *x);
void consts_Limits_write(struct weft_writer *w, const struct consts_Limits *x);
weft_err consts_Limits_copy(struct weft_arena *arena, struct consts_Limits *to,
                            const struct consts_Limits *from);
bool consts_Limits_equal(const struct consts_Limits *a,
                         const struct consts_Limits *b);
uint64_t consts_Limits_hash(const struct consts_Limits *x);
void consts_Limits_print(FILE *out, const struct consts_Limits *x);

enum { consts_ANSWER = 42 };

extern const int64_t consts_LARGE;

extern const struct weft_str consts_TEXT;

extern const struct weft_str consts_LONG;

extern const struct consts_map_str_i32 consts_AGES;

extern const struct consts_Limits consts_STRICT;

extern const struct consts_vec_Limits consts_ALL;

/* ---- what X_desc calls, and structs that hold an X ---- */

weft_err consts_Limits_read_binary(struct weft_reader *r, void *record);
void consts_Limits_write_binary(struct weft_writer *w, const void *record);
weft_err consts_Limits_read_compact(struct weft_reader *r, void *record);
void consts_Limits_write_compact(struct weft_writer *w, const void *record);

#ifdef __cplusplus
}
#endif

#endif
