/* Made by weftc 0.1.0 from consts.thrift; edit that. */
/*
 * Owner: a struct that was read points into the message and into the arena of
 * the reader: its strings, its lists, and structs behind pointers. In a struct
 * that you fill, these point to what you assign. This memory must live as long
 * as the struct is used. Defaults are shared and must not be written to.
 *
 * Every struct X has these (structs of arguments and results have only
 * X_init, X_defaults and X_desc):
 *   void X_init(struct X *x)      set everything to zero, and then to the
 *                                 defaults of the IDL; a union with a default
 *                                 starts with that member
 *   struct X X_defaults(void)     what X_init sets, as a value
 *   weft_err X_read(struct weft_reader *r, struct X *x)
 *                                 read one struct in binary
 *   void X_write(struct weft_writer *w, const struct X *x)
 *                                 write one struct in binary; w keeps the
 *                                 first error
 *   weft_err X_copy(struct weft_arena *arena, struct X *to,
 *                   const struct X *from)
 *                                 make a deep copy, which shares nothing
 *   bool X_equal(const struct X *a, const struct X *b)
 *                                 the order in sets and maps does not count
 *   uint64_t X_hash(const struct X *x)
 *                                 equal structs have equal hashes
 *   void X_print(FILE *out, const struct X *x)
 *                                 print one line for people
 *   X_desc                        the descriptor, for weft_struct_read and
 *                                 others, in any protocol
 * Every map X has X_get, which finds the value of a key, or returns NULL.
 * A bit of `has` is 1 if its field was read. Set it to write an optional field:
 * X_set_field sets the field and the bit. A pointer to a struct is NULL if the
 * struct is absent.
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

void consts_Limits_init(struct consts_Limits *x);
WEFT_STRUCT(consts_Limits)

enum { consts_ANSWER = 42 };

extern const int64_t consts_LARGE;

extern const struct weft_str consts_TEXT;

extern const struct weft_str consts_LONG;

extern const struct consts_map_str_i32 consts_AGES;

extern const struct consts_Limits consts_STRICT;

extern const struct consts_vec_Limits consts_ALL;

#ifdef __cplusplus
}
#endif

#endif
