/* Made by weftc 0.1.0 from layout.thrift; edit that. */
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
#ifndef LAYOUT_THRIFT_H
#define LAYOUT_THRIFT_H

#include <weft/codec.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef WEFT_HAS_lay_vec_Item
#define WEFT_HAS_lay_vec_Item
struct lay_vec_Item {
    struct lay_Item *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_lay_map_str_vec_Item
#define WEFT_HAS_lay_map_str_vec_Item
struct lay_map_str_vec_Item_item {
    struct weft_str key;
    struct lay_vec_Item value;
};
struct lay_map_str_vec_Item {
    struct lay_map_str_vec_Item_item *items;
    uint32_t len, cap;
};
static inline struct lay_vec_Item *
lay_map_str_vec_Item_get(const struct lay_map_str_vec_Item *map,
                         struct weft_str key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (weft_str_eq(map->items[i].key, key))
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_lay_map_uuid_bool
#define WEFT_HAS_lay_map_uuid_bool
struct lay_map_uuid_bool_item {
    struct weft_uuid key;
    bool value;
};
struct lay_map_uuid_bool {
    struct lay_map_uuid_bool_item *items;
    uint32_t len, cap;
};
static inline bool *
lay_map_uuid_bool_get(const struct lay_map_uuid_bool *map,
                      struct weft_uuid key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (memcmp(&map->items[i].key, &key, sizeof key) == 0)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_lay_map_i32_map_uuid_bool
#define WEFT_HAS_lay_map_i32_map_uuid_bool
struct lay_map_i32_map_uuid_bool_item {
    int32_t key;
    struct lay_map_uuid_bool value;
};
struct lay_map_i32_map_uuid_bool {
    struct lay_map_i32_map_uuid_bool_item *items;
    uint32_t len, cap;
};
static inline struct lay_map_uuid_bool *
lay_map_i32_map_uuid_bool_get(const struct lay_map_i32_map_uuid_bool *map,
                              int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_lay_vec_Choice
#define WEFT_HAS_lay_vec_Choice
struct lay_vec_Choice {
    struct lay_Choice *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_lay_vec_vec_Choice
#define WEFT_HAS_lay_vec_vec_Choice
struct lay_vec_vec_Choice {
    struct lay_vec_Choice *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_lay_vec_set_i32
#define WEFT_HAS_lay_vec_set_i32
struct lay_vec_set_i32 {
    struct weft_vec_i32 *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_lay_map_Item_Choice
#define WEFT_HAS_lay_map_Item_Choice
struct lay_map_Item_Choice {
    struct lay_map_Item_Choice_item *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_lay_vec_map_Item_Choice
#define WEFT_HAS_lay_vec_map_Item_Choice
struct lay_vec_map_Item_Choice {
    struct lay_map_Item_Choice *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_lay_map_bool_bool
#define WEFT_HAS_lay_map_bool_bool
struct lay_map_bool_bool_item {
    bool key;
    bool value;
};
struct lay_map_bool_bool {
    struct lay_map_bool_bool_item *items;
    uint32_t len, cap;
};
static inline bool *
lay_map_bool_bool_get(const struct lay_map_bool_bool *map, bool key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_lay_vec_map_bool_bool
#define WEFT_HAS_lay_vec_map_bool_bool
struct lay_vec_map_bool_bool {
    struct lay_map_bool_bool *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_lay_map_vec_i8_i8
#define WEFT_HAS_lay_map_vec_i8_i8
struct lay_map_vec_i8_i8_item {
    struct weft_vec_i8 key;
    int8_t value;
};
struct lay_map_vec_i8_i8 {
    struct lay_map_vec_i8_i8_item *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_lay_map_str_i32
#define WEFT_HAS_lay_map_str_i32
struct lay_map_str_i32_item {
    struct weft_str key;
    int32_t value;
};
struct lay_map_str_i32 {
    struct lay_map_str_i32_item *items;
    uint32_t len, cap;
};
static inline int32_t *
lay_map_str_i32_get(const struct lay_map_str_i32 *map, struct weft_str key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (weft_str_eq(map->items[i].key, key))
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_lay_map_i32_map_str_i32
#define WEFT_HAS_lay_map_i32_map_str_i32
struct lay_map_i32_map_str_i32_item {
    int32_t key;
    struct lay_map_str_i32 value;
};
struct lay_map_i32_map_str_i32 {
    struct lay_map_i32_map_str_i32_item *items;
    uint32_t len, cap;
};
static inline struct lay_map_str_i32 *
lay_map_i32_map_str_i32_get(const struct lay_map_i32_map_str_i32 *map,
                            int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_lay_vec_Tagged
#define WEFT_HAS_lay_vec_Tagged
struct lay_vec_Tagged {
    struct lay_Tagged *items;
    uint32_t len, cap;
};
#endif

struct lay_Item {
    struct weft_str name;       /* 1, required */
    struct weft_vec_bool flags; /* 2, required */
};

WEFT_ZERO_INIT(lay_Item)
WEFT_STRUCT(lay_Item)

enum {
    lay_Choice_item = 1,
    lay_Choice_number = 2,
    lay_Choice_names = 3,
};

struct lay_Choice {
    int32_t which; /* id of the member that is set, or 0 */
    union {
        struct lay_Item item;      /* 1 */
        int32_t number;            /* 2 */
        struct weft_vec_str names; /* 3 */
    };
    struct weft_vec_unknown unknown; /* fields that the IDL does not have */
};

void lay_Choice_init(struct lay_Choice *x);
WEFT_STRUCT(lay_Choice)
WEFT_SETTER(lay_Choice_set_item, lay_Choice, which = lay_Choice_item, item,
            struct lay_Item)
WEFT_SETTER(lay_Choice_set_number, lay_Choice, which = lay_Choice_number,
            number, int32_t)
WEFT_SETTER(lay_Choice_set_names, lay_Choice, which = lay_Choice_names, names,
            struct weft_vec_str)

struct lay_All {
    bool b;                              /* 1 */
    bool ob;                             /* 2, optional */
    bool rb;                             /* 3, required */
    int8_t y;                            /* 4 */
    int16_t h;                           /* 5 */
    int32_t i;                           /* 6 */
    int64_t l;                           /* 7 */
    double d;                            /* 8 */
    struct weft_uuid u;                  /* 9 */
    int8_t oy;                           /* 10, optional */
    int64_t rl;                          /* 11, required */
    struct weft_uuid ou;                 /* 12, optional */
    struct weft_str s;                   /* 13 */
    struct weft_str os;                  /* 14, optional */
    struct weft_str rs;                  /* 15, required */
    struct weft_vec_i32 v;               /* 16 */
    struct weft_vec_i16 ov;              /* 17, optional */
    struct weft_vec_str rv;              /* 18, required */
    struct lay_map_str_vec_Item m;       /* 19 */
    struct lay_map_i32_map_uuid_bool om; /* 20, optional */
    struct lay_Item it;                  /* 21 */
    struct lay_Item *oit;                /* 22, optional */
    struct lay_Item rit;                 /* 23, required */
    struct lay_Item *bit;                /* 24 */
    struct lay_Choice c;                 /* 25 */
    struct lay_Choice *oc;               /* 26, optional */
    struct lay_Choice rc;                /* 27, required */
    struct lay_Choice *bc;               /* 28, required */
    struct lay_vec_vec_Choice ll;        /* 29 */
    struct lay_vec_set_i32 ss;           /* 30 */
    struct lay_vec_map_Item_Choice lm;   /* 31 */
    int32_t di;                          /* 32 */
    struct weft_vec_i32 dv;              /* 33 */
    struct lay_Item dit;                 /* 34 */
    struct weft_uuid du;                 /* 35 */
    struct {
        uint32_t b : 1, ob : 1, y : 1, h : 1, i : 1, l : 1, d : 1, u : 1;
        uint32_t oy : 1, ou : 1, s : 1, os : 1, v : 1, ov : 1, m : 1, om : 1;
        uint32_t it : 1, c : 1, ll : 1, ss : 1, lm : 1, di : 1, dv : 1, dit : 1;
        uint32_t du : 1;
    } has;
    struct weft_vec_unknown unknown; /* fields that the IDL does not have */
};

void lay_All_init(struct lay_All *x);
WEFT_STRUCT(lay_All)
WEFT_SETTER(lay_All_set_ob, lay_All, has.ob = 1, ob, bool)
WEFT_SETTER(lay_All_set_oy, lay_All, has.oy = 1, oy, int8_t)
WEFT_SETTER(lay_All_set_ou, lay_All, has.ou = 1, ou, struct weft_uuid)
WEFT_SETTER(lay_All_set_os, lay_All, has.os = 1, os, struct weft_str)
WEFT_SETTER(lay_All_set_ov, lay_All, has.ov = 1, ov, struct weft_vec_i16)
WEFT_SETTER(lay_All_set_om, lay_All, has.om = 1, om,
            struct lay_map_i32_map_uuid_bool)

struct lay_Empty {
    char empty; /* C requires a member */
};

WEFT_ZERO_INIT(lay_Empty)
WEFT_STRUCT(lay_Empty)

struct lay_Kept {
    struct weft_vec_unknown unknown; /* fields that the IDL does not have */
};

WEFT_ZERO_INIT(lay_Kept)
WEFT_STRUCT(lay_Kept)

struct lay_Table {
    struct lay_All all;              /* 1 */
    struct lay_vec_map_bool_bool by; /* 2 */
    struct lay_map_vec_i8_i8 keys;   /* 3 */
    struct {
        uint32_t all : 1, by : 1, keys : 1;
    } has;
};

void lay_Table_init(struct lay_Table *x);
WEFT_STRUCT(lay_Table)

struct lay_Tagged {
    struct weft_uuid id; /* 1 */
    int32_t n;           /* 2 */
    struct {
        uint32_t id : 1, n : 1;
    } has;
};

void lay_Tagged_init(struct lay_Tagged *x);
WEFT_STRUCT(lay_Tagged)

#ifndef WEFT_HAS_lay_map_Item_Choice_item
#define WEFT_HAS_lay_map_Item_Choice_item
struct lay_map_Item_Choice_item {
    struct lay_Item key;
    struct lay_Choice value;
};
static inline struct lay_Choice *
lay_map_Item_Choice_get(const struct lay_map_Item_Choice *map,
                        const struct lay_Item *key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (lay_Item_equal(&map->items[i].key, key))
            return &map->items[i].value;
    }
    return NULL;
}
#endif

extern const struct lay_map_i32_map_str_i32 lay_NESTED;

extern const struct weft_uuid lay_ID;

extern const struct lay_Tagged lay_TAGGED;

extern const struct lay_vec_Tagged lay_TAGGEDS;

#ifdef __cplusplus
}
#endif

#endif
