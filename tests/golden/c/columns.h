/* Made by weftc 0.1.0 from columns.thrift; edit that. */
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
#ifndef COLUMNS_THRIFT_H
#define COLUMNS_THRIFT_H

#include <weft/codec.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef WEFT_HAS_a_vec_BBBBBBBBBBBBBBBBBBBBBBBBB
#define WEFT_HAS_a_vec_BBBBBBBBBBBBBBBBBBBBBBBBB
struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBB {
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBB *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB
#define WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB
struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB {
    struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB_item *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB
#define WEFT_HAS_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB
struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB_item {
    int32_t key;
    struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB value;
};
struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB {
    struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB_item *items;
    uint32_t len, cap;
};
static inline struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB *
a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB_get(
    const struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB *map,
    int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_vec_BBBBBBBBBBBBBBBBBBBBBBB
#define WEFT_HAS_a_vec_BBBBBBBBBBBBBBBBBBBBBBB
struct a_vec_BBBBBBBBBBBBBBBBBBBBBBB {
    struct a_BBBBBBBBBBBBBBBBBBBBBBB *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB
#define WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB
struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB {
    struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB_item *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB
#define WEFT_HAS_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB
struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB_item {
    int32_t key;
    struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB value;
};
struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB {
    struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB_item *items;
    uint32_t len, cap;
};
static inline struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB *
a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB_get(
    const struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB *map, int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
#define WEFT_HAS_a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB {
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
#define WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB {
    struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
#define WEFT_HAS_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item {
    int32_t key;
    struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB value;
};
struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB {
    struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item *items;
    uint32_t len, cap;
};
static inline struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *
a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_get(
    const struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *map,
    int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
#define WEFT_HAS_a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB {
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
#define WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB {
    struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
#define WEFT_HAS_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item {
    int32_t key;
    struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB value;
};
struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB {
    struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item *items;
    uint32_t len, cap;
};
static inline struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *
a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_get(
    const struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *map,
    int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
#define WEFT_HAS_a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB {
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
#define WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB {
    struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
#define WEFT_HAS_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item {
    int32_t key;
    struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB value;
};
struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB {
    struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item *items;
    uint32_t len, cap;
};
static inline struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *
a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_get(
    const struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *map,
    int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_vec_BBBB
#define WEFT_HAS_a_vec_BBBB
struct a_vec_BBBB {
    struct a_BBBB *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_i32_BBBB
#define WEFT_HAS_a_map_i32_BBBB
struct a_map_i32_BBBB {
    struct a_map_i32_BBBB_item *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_i32_map_i32_BBBB
#define WEFT_HAS_a_map_i32_map_i32_BBBB
struct a_map_i32_map_i32_BBBB_item {
    int32_t key;
    struct a_map_i32_BBBB value;
};
struct a_map_i32_map_i32_BBBB {
    struct a_map_i32_map_i32_BBBB_item *items;
    uint32_t len, cap;
};
static inline struct a_map_i32_BBBB *
a_map_i32_map_i32_BBBB_get(const struct a_map_i32_map_i32_BBBB *map,
                           int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_vec_BBBBB
#define WEFT_HAS_a_vec_BBBBB
struct a_vec_BBBBB {
    struct a_BBBBB *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_i32_BBBBB
#define WEFT_HAS_a_map_i32_BBBBB
struct a_map_i32_BBBBB {
    struct a_map_i32_BBBBB_item *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_i32_map_i32_BBBBB
#define WEFT_HAS_a_map_i32_map_i32_BBBBB
struct a_map_i32_map_i32_BBBBB_item {
    int32_t key;
    struct a_map_i32_BBBBB value;
};
struct a_map_i32_map_i32_BBBBB {
    struct a_map_i32_map_i32_BBBBB_item *items;
    uint32_t len, cap;
};
static inline struct a_map_i32_BBBBB *
a_map_i32_map_i32_BBBBB_get(const struct a_map_i32_map_i32_BBBBB *map,
                            int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_vec_B
#define WEFT_HAS_a_vec_B
struct a_vec_B {
    struct a_B *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_i32_B
#define WEFT_HAS_a_map_i32_B
struct a_map_i32_B {
    struct a_map_i32_B_item *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_i32_map_i32_B
#define WEFT_HAS_a_map_i32_map_i32_B
struct a_map_i32_map_i32_B_item {
    int32_t key;
    struct a_map_i32_B value;
};
struct a_map_i32_map_i32_B {
    struct a_map_i32_map_i32_B_item *items;
    uint32_t len, cap;
};
static inline struct a_map_i32_B *
a_map_i32_map_i32_B_get(const struct a_map_i32_map_i32_B *map, int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_map_i32_i32
#define WEFT_HAS_a_map_i32_i32
struct a_map_i32_i32_item {
    int32_t key;
    int32_t value;
};
struct a_map_i32_i32 {
    struct a_map_i32_i32_item *items;
    uint32_t len, cap;
};
static inline int32_t *
a_map_i32_i32_get(const struct a_map_i32_i32 *map, int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_vec_l
#define WEFT_HAS_a_vec_l
struct a_vec_l {
    struct a_l *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_vec_m
#define WEFT_HAS_a_vec_m
struct a_vec_m {
    struct a_m *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_vec_n
#define WEFT_HAS_a_vec_n
struct a_vec_n {
    struct a_n *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_str_str
#define WEFT_HAS_a_map_str_str
struct a_map_str_str_item {
    struct weft_str key;
    struct weft_str value;
};
struct a_map_str_str {
    struct a_map_str_str_item *items;
    uint32_t len, cap;
};
static inline struct weft_str *
a_map_str_str_get(const struct a_map_str_str *map, struct weft_str key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (weft_str_eq(map->items[i].key, key))
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_vec_E
#define WEFT_HAS_a_vec_E
struct a_vec_E {
    struct a_E *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_str_E
#define WEFT_HAS_a_map_str_E
struct a_map_str_E {
    struct a_map_str_E_item *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_vec_L
#define WEFT_HAS_a_vec_L
struct a_vec_L {
    struct a_L *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_str_L
#define WEFT_HAS_a_map_str_L
struct a_map_str_L {
    struct a_map_str_L_item *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_vec_S
#define WEFT_HAS_a_vec_S
struct a_vec_S {
    struct a_S *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_str_S
#define WEFT_HAS_a_map_str_S
struct a_map_str_S {
    struct a_map_str_S_item *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_vec_Z
#define WEFT_HAS_a_vec_Z
struct a_vec_Z {
    struct a_Z *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_str_Z
#define WEFT_HAS_a_map_str_Z
struct a_map_str_Z {
    struct a_map_str_Z_item *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_a_map_str_q
#define WEFT_HAS_a_map_str_q
struct a_map_str_q {
    struct a_map_str_q_item *items;
    uint32_t len, cap;
};
#endif

struct a_E {
    struct weft_str s; /* 1 */
    struct weft_str t; /* 2, optional */
    struct {
        uint32_t s : 1, t : 1;
    } has;
};

void a_E_init(struct a_E *x);
WEFT_STRUCT(a_E)
WEFT_SETTER(a_E_set_t, a_E, has.t = 1, t, struct weft_str)

struct a_L {
    struct weft_str s; /* 1 */
    struct weft_str t; /* 2, optional */
    struct {
        uint32_t s : 1, t : 1;
    } has;
};

void a_L_init(struct a_L *x);
WEFT_STRUCT(a_L)
WEFT_SETTER(a_L_set_t, a_L, has.t = 1, t, struct weft_str)

struct a_S {
    struct weft_str s; /* 1 */
    struct weft_str t; /* 2, optional */
    struct {
        uint32_t s : 1, t : 1;
    } has;
};

void a_S_init(struct a_S *x);
WEFT_STRUCT(a_S)
WEFT_SETTER(a_S_set_t, a_S, has.t = 1, t, struct weft_str)

struct a_Z {
    struct weft_str s; /* 1 */
    struct weft_str t; /* 2, optional */
    struct {
        uint32_t s : 1, t : 1;
    } has;
};

void a_Z_init(struct a_Z *x);
WEFT_STRUCT(a_Z)
WEFT_SETTER(a_Z_set_t, a_Z, has.t = 1, t, struct weft_str)

struct a_BBBBBBBBBBBBBBBBBBBBBBBBB {
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBB *x;                 /* 1, optional */
    struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBB l;              /* 2 */
    struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB m;          /* 3 */
    struct weft_str s;                                     /* 4, required */
    int32_t i;                                             /* 5 */
    struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB mm; /* 6 */
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBB *r;                 /* 7 */
    struct {
        uint32_t l : 1, m : 1, i : 1, mm : 1;
    } has;
    struct weft_vec_unknown unknown; /* fields that the IDL does not have */
};

void a_BBBBBBBBBBBBBBBBBBBBBBBBB_init(struct a_BBBBBBBBBBBBBBBBBBBBBBBBB *x);
WEFT_STRUCT(a_BBBBBBBBBBBBBBBBBBBBBBBBB)

struct a_BBBBBBBBBBBBBBBBBBBBBBB {
    struct a_BBBBBBBBBBBBBBBBBBBBBBB *x;                 /* 1, optional */
    struct a_vec_BBBBBBBBBBBBBBBBBBBBBBB l;              /* 2 */
    struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB m;          /* 3 */
    struct weft_str s;                                   /* 4, required */
    int32_t i;                                           /* 5 */
    struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB mm; /* 6 */
    struct a_BBBBBBBBBBBBBBBBBBBBBBB *r;                 /* 7 */
    struct {
        uint32_t l : 1, m : 1, i : 1, mm : 1;
    } has;
    struct weft_vec_unknown unknown; /* fields that the IDL does not have */
};

void a_BBBBBBBBBBBBBBBBBBBBBBB_init(struct a_BBBBBBBBBBBBBBBBBBBBBBB *x);
WEFT_STRUCT(a_BBBBBBBBBBBBBBBBBBBBBBB)

struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB {
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *x; /* 1, optional */
    struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB l;              /* 2 */
    struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB m;          /* 3 */
    struct weft_str s; /* 4, required */
    int32_t i;                                                           /* 5 */
    struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB mm; /* 6 */
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *r;                 /* 7 */
    struct {
        uint32_t l : 1, m : 1, i : 1, mm : 1;
    } has;
    struct weft_vec_unknown unknown; /* fields that the IDL does not have */
};

void
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_init(
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *x);
WEFT_STRUCT(a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB)

struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB {
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *x; /* 1, optional */
    struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB l;     /* 2 */
    struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB m; /* 3 */
    struct weft_str s; /* 4, required */
    int32_t i;                                                   /* 5 */
    /* 6 */
    struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB mm;
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *r;        /* 7 */
    struct {
        uint32_t l : 1, m : 1, i : 1, mm : 1;
    } has;
    struct weft_vec_unknown unknown; /* fields that the IDL does not have */
};

void
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_init(
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *x);
WEFT_STRUCT(a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB)

struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB {
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *x; /* 1, optional */
    struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB l;              /* 2 */
    struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB m;          /* 3 */
    struct weft_str s; /* 4, required */
    int32_t i;                                                  /* 5 */
    struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB mm; /* 6 */
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *r;                 /* 7 */
    struct {
        uint32_t l : 1, m : 1, i : 1, mm : 1;
    } has;
    struct weft_vec_unknown unknown; /* fields that the IDL does not have */
};

void
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_init(
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *x);
WEFT_STRUCT(a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB)

struct a_BBBB {
    struct a_BBBB *x;                 /* 1, optional */
    struct a_vec_BBBB l;              /* 2 */
    struct a_map_i32_BBBB m;          /* 3 */
    struct weft_str s;                /* 4, required */
    int32_t i;                        /* 5 */
    struct a_map_i32_map_i32_BBBB mm; /* 6 */
    struct a_BBBB *r;                 /* 7 */
    struct {
        uint32_t l : 1, m : 1, i : 1, mm : 1;
    } has;
    struct weft_vec_unknown unknown; /* fields that the IDL does not have */
};

void a_BBBB_init(struct a_BBBB *x);
WEFT_STRUCT(a_BBBB)

struct a_BBBBB {
    struct a_BBBBB *x;                 /* 1, optional */
    struct a_vec_BBBBB l;              /* 2 */
    struct a_map_i32_BBBBB m;          /* 3 */
    struct weft_str s;                 /* 4, required */
    int32_t i;                         /* 5 */
    struct a_map_i32_map_i32_BBBBB mm; /* 6 */
    struct a_BBBBB *r;                 /* 7 */
    struct {
        uint32_t l : 1, m : 1, i : 1, mm : 1;
    } has;
    struct weft_vec_unknown unknown; /* fields that the IDL does not have */
};

void a_BBBBB_init(struct a_BBBBB *x);
WEFT_STRUCT(a_BBBBB)

struct a_B {
    struct a_B *x;                 /* 1, optional */
    struct a_vec_B l;              /* 2 */
    struct a_map_i32_B m;          /* 3 */
    struct weft_str s;             /* 4, required */
    int32_t i;                     /* 5 */
    struct a_map_i32_map_i32_B mm; /* 6 */
    struct a_B *r;                 /* 7 */
    struct {
        uint32_t l : 1, m : 1, i : 1, mm : 1;
    } has;
    struct weft_vec_unknown unknown; /* fields that the IDL does not have */
};

void a_B_init(struct a_B *x);
WEFT_STRUCT(a_B)

struct a_l {
    int32_t nnnnnnn;               /* 1 */
    struct weft_str nnnnnnns;      /* 2, optional */
    bool nnnnnnnb;                 /* 3 */
    struct weft_vec_i32 nnnnnnnl;  /* 4 */
    int64_t nnnnnnnr;              /* 5, required */
    struct a_map_i32_i32 nnnnnnnm; /* 6 */
    struct a_l *nnnnnnnp;          /* 7, optional */
    struct weft_vec_str nnnnnnnt;  /* 8 */
    struct a_vec_l nnnnnnny;       /* 9 */
    struct {
        uint32_t nnnnnnn : 1, nnnnnnns : 1, nnnnnnnb : 1, nnnnnnnl : 1;
        uint32_t nnnnnnnm : 1, nnnnnnnt : 1, nnnnnnny : 1;
    } has;
};

WEFT_ZERO_INIT(a_l)
WEFT_STRUCT(a_l)
WEFT_SETTER(a_l_set_nnnnnnns, a_l, has.nnnnnnns = 1, nnnnnnns, struct weft_str)

struct a_m {
    int32_t nnnnnnnn;               /* 1 */
    struct weft_str nnnnnnnns;      /* 2, optional */
    bool nnnnnnnnb;                 /* 3 */
    struct weft_vec_i32 nnnnnnnnl;  /* 4 */
    int64_t nnnnnnnnr;              /* 5, required */
    struct a_map_i32_i32 nnnnnnnnm; /* 6 */
    struct a_m *nnnnnnnnp;          /* 7, optional */
    struct weft_vec_str nnnnnnnnt;  /* 8 */
    struct a_vec_m nnnnnnnny;       /* 9 */
    struct {
        uint32_t nnnnnnnn : 1, nnnnnnnns : 1, nnnnnnnnb : 1, nnnnnnnnl : 1;
        uint32_t nnnnnnnnm : 1, nnnnnnnnt : 1, nnnnnnnny : 1;
    } has;
};

WEFT_ZERO_INIT(a_m)
WEFT_STRUCT(a_m)
WEFT_SETTER(a_m_set_nnnnnnnns, a_m, has.nnnnnnnns = 1, nnnnnnnns,
            struct weft_str)

struct a_n {
    int32_t nnnnnn;               /* 1 */
    struct weft_str nnnnnns;      /* 2, optional */
    bool nnnnnnb;                 /* 3 */
    struct weft_vec_i32 nnnnnnl;  /* 4 */
    int64_t nnnnnnr;              /* 5, required */
    struct a_map_i32_i32 nnnnnnm; /* 6 */
    struct a_n *nnnnnnp;          /* 7, optional */
    struct weft_vec_str nnnnnnt;  /* 8 */
    struct a_vec_n nnnnnny;       /* 9 */
    struct {
        uint32_t nnnnnn : 1, nnnnnns : 1, nnnnnnb : 1, nnnnnnl : 1, nnnnnnm : 1;
        uint32_t nnnnnnt : 1, nnnnnny : 1;
    } has;
};

WEFT_ZERO_INIT(a_n)
WEFT_STRUCT(a_n)
WEFT_SETTER(a_n_set_nnnnnns, a_n, has.nnnnnns = 1, nnnnnns, struct weft_str)

/** ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd */
struct a_o {
    /** ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd */
    int32_t a; /* 1 */
    struct {
        uint32_t a : 1;
    } has;
};

WEFT_ZERO_INIT(a_o)
WEFT_STRUCT(a_o)

/** dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd */
struct a_p {
    /**
     * dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd
     */
    int32_t a; /* 1 */
    struct {
        uint32_t a : 1;
    } has;
};

WEFT_ZERO_INIT(a_p)
WEFT_STRUCT(a_p)

struct a_q {
    int32_t x;         /* 1 */
    struct weft_str s; /* 2 */
    struct {
        uint32_t x : 1, s : 1;
    } has;
};

WEFT_ZERO_INIT(a_q)
WEFT_STRUCT(a_q)

#ifndef WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB_item
#define WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB_item
struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB_item {
    int32_t key;
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBB value;
};
static inline struct a_BBBBBBBBBBBBBBBBBBBBBBBBB *
a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB_get(
    const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB *map, int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB_item
#define WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB_item
struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB_item {
    int32_t key;
    struct a_BBBBBBBBBBBBBBBBBBBBBBB value;
};
static inline struct a_BBBBBBBBBBBBBBBBBBBBBBB *
a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB_get(
    const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB *map, int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item
#define WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item
struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item {
    int32_t key;
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB value;
};
static inline struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *
a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_get(
    const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *map,
    int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item
#define WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item
struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item {
    int32_t key;
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB value;
};
static inline struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *
a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_get(
    const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *map,
    int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item
#define WEFT_HAS_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item
struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item {
    int32_t key;
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB value;
};
static inline struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *
a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_get(
    const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *map, int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_map_i32_BBBB_item
#define WEFT_HAS_a_map_i32_BBBB_item
struct a_map_i32_BBBB_item {
    int32_t key;
    struct a_BBBB value;
};
static inline struct a_BBBB *
a_map_i32_BBBB_get(const struct a_map_i32_BBBB *map, int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_map_i32_BBBBB_item
#define WEFT_HAS_a_map_i32_BBBBB_item
struct a_map_i32_BBBBB_item {
    int32_t key;
    struct a_BBBBB value;
};
static inline struct a_BBBBB *
a_map_i32_BBBBB_get(const struct a_map_i32_BBBBB *map, int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_map_i32_B_item
#define WEFT_HAS_a_map_i32_B_item
struct a_map_i32_B_item {
    int32_t key;
    struct a_B value;
};
static inline struct a_B *
a_map_i32_B_get(const struct a_map_i32_B *map, int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_map_str_E_item
#define WEFT_HAS_a_map_str_E_item
struct a_map_str_E_item {
    struct weft_str key;
    struct a_E value;
};
static inline struct a_E *
a_map_str_E_get(const struct a_map_str_E *map, struct weft_str key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (weft_str_eq(map->items[i].key, key))
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_map_str_L_item
#define WEFT_HAS_a_map_str_L_item
struct a_map_str_L_item {
    struct weft_str key;
    struct a_L value;
};
static inline struct a_L *
a_map_str_L_get(const struct a_map_str_L *map, struct weft_str key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (weft_str_eq(map->items[i].key, key))
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_map_str_S_item
#define WEFT_HAS_a_map_str_S_item
struct a_map_str_S_item {
    struct weft_str key;
    struct a_S value;
};
static inline struct a_S *
a_map_str_S_get(const struct a_map_str_S *map, struct weft_str key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (weft_str_eq(map->items[i].key, key))
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_map_str_Z_item
#define WEFT_HAS_a_map_str_Z_item
struct a_map_str_Z_item {
    struct weft_str key;
    struct a_Z value;
};
static inline struct a_Z *
a_map_str_Z_get(const struct a_map_str_Z *map, struct weft_str key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (weft_str_eq(map->items[i].key, key))
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_a_map_str_q_item
#define WEFT_HAS_a_map_str_q_item
struct a_map_str_q_item {
    struct weft_str key;
    struct a_q value;
};
static inline struct a_q *
a_map_str_q_get(const struct a_map_str_q *map, struct weft_str key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (weft_str_eq(map->items[i].key, key))
            return &map->items[i].value;
    }
    return NULL;
}
#endif

extern const struct weft_str a_A;

extern const struct weft_vec_str a_C;

extern const struct a_map_str_str a_D;

extern const struct a_E a_F;

extern const struct a_vec_E a_G;

extern const struct a_map_str_E a_H;

extern const struct weft_str a_I;

extern const struct weft_vec_str a_J;

extern const struct a_map_str_str a_K;

extern const struct a_L a_M;

extern const struct a_vec_L a_N;

extern const struct a_map_str_L a_O;

extern const struct weft_str a_P;

extern const struct weft_vec_str a_Q;

extern const struct a_map_str_str a_R;

extern const struct a_S a_T;

extern const struct a_vec_S a_U;

extern const struct a_map_str_S a_V;

extern const struct weft_str a_W;

extern const struct weft_vec_str a_X;

extern const struct a_map_str_str a_Y;

extern const struct a_Z a_a;

extern const struct a_vec_Z a_b;

extern const struct a_map_str_Z a_c;

extern const struct a_BBBBBBBBBBBBBBBBBBBBBBBBB a_d;

extern const struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBB a_dL;

extern const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB a_dM;

extern const struct a_BBBBBBBBBBBBBBBBBBBBBBB a_e;

extern const struct a_vec_BBBBBBBBBBBBBBBBBBBBBBB a_eL;

extern const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB a_eM;

extern const struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_f;

extern const struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_fL;

extern const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_fM;

extern const struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_g;

extern const struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_gL;

extern const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_gM;

extern const struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_h;

extern const struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_hL;

extern const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_hM;

extern const struct a_BBBB a_i;

extern const struct a_vec_BBBB a_iL;

extern const struct a_map_i32_BBBB a_iM;

extern const struct a_BBBBB a_j;

extern const struct a_vec_BBBBB a_jL;

extern const struct a_map_i32_BBBBB a_jM;

extern const struct a_B a_k;

extern const struct a_vec_B a_kL;

extern const struct a_map_i32_B a_kM;

extern const struct weft_str a_nnnnnnnnnnnnnnnnnnnnnnnnnnnnn;

extern const struct weft_vec_i32 a_nnnnnnnnnnnnnnnnnnnnnnnnnnnnnl;

extern const struct a_q a_nnnnnnnnnnnnnnnnnnnnnnnnnnnnnp;

extern const double a_nnnnnnnnnnnnnnnnnnnnnnnnnnnnnd;

extern const struct a_map_str_q a_nnnnnnnnnnnnnnnnnnnnnnnnnnnnnm;

extern const struct weft_vec_i32 a_r;

extern const struct weft_str a_s;

extern const struct weft_str a_t;

#ifdef __cplusplus
}
#endif

#endif
