/* Made by weftc 0.1.0 from shapes.thrift; edit that. */
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
#ifndef SHAPES_THRIFT_H
#define SHAPES_THRIFT_H

#include <weft/codec.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef WEFT_HAS_shapes_vec_Point
#define WEFT_HAS_shapes_vec_Point
struct shapes_vec_Point {
    struct shapes_Point *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_shapes_vec_Shape
#define WEFT_HAS_shapes_vec_Shape
struct shapes_vec_Shape {
    struct shapes_Shape *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_shapes_map_str_vec_Shape
#define WEFT_HAS_shapes_map_str_vec_Shape
struct shapes_map_str_vec_Shape_item {
    struct weft_str key;
    struct shapes_vec_Shape value;
};
struct shapes_map_str_vec_Shape {
    struct shapes_map_str_vec_Shape_item *items;
    uint32_t len, cap;
};
static inline struct shapes_vec_Shape *
shapes_map_str_vec_Shape_get(const struct shapes_map_str_vec_Shape *map,
                             struct weft_str key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (weft_str_eq(map->items[i].key, key))
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifndef WEFT_HAS_shapes_map_Point_set_i32
#define WEFT_HAS_shapes_map_Point_set_i32
struct shapes_map_Point_set_i32 {
    struct shapes_map_Point_set_i32_item *items;
    uint32_t len, cap;
};
#endif

struct shapes_Point {
    double x; /* 1, required */
    double y; /* 2, required */
};

WEFT_ZERO_INIT(shapes_Point)
WEFT_STRUCT(shapes_Point)

struct shapes_Group {
    struct shapes_Shape *main;              /* 1 */
    struct shapes_map_str_vec_Shape layers; /* 2: Layers */
    struct shapes_map_Point_set_i32 marks;  /* 3 */
    struct {
        uint32_t layers : 1, marks : 1;
    } has;
};

WEFT_ZERO_INIT(shapes_Group)
WEFT_STRUCT(shapes_Group)

enum {
    shapes_Shape_dot = 1,
    shapes_Shape_line = 2,
    shapes_Shape_group = 3,
};

struct shapes_Shape {
    int32_t which; /* id of the member that is set, or 0 */
    union {
        struct shapes_Point dot;      /* 1 */
        struct shapes_vec_Point line; /* 2 */
        struct shapes_Group *group;   /* 3 */
    };
};

WEFT_ZERO_INIT(shapes_Shape)
WEFT_STRUCT(shapes_Shape)
WEFT_SETTER(shapes_Shape_set_dot, shapes_Shape, which = shapes_Shape_dot, dot,
            struct shapes_Point)
WEFT_SETTER(shapes_Shape_set_line, shapes_Shape, which = shapes_Shape_line,
            line, struct shapes_vec_Point)
WEFT_SETTER(shapes_Shape_set_group, shapes_Shape, which = shapes_Shape_group,
            group, struct shapes_Group *)

#ifndef WEFT_HAS_shapes_map_Point_set_i32_item
#define WEFT_HAS_shapes_map_Point_set_i32_item
struct shapes_map_Point_set_i32_item {
    struct shapes_Point key;
    struct weft_vec_i32 value;
};
static inline struct weft_vec_i32 *
shapes_map_Point_set_i32_get(const struct shapes_map_Point_set_i32 *map,
                             const struct shapes_Point *key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (shapes_Point_equal(&map->items[i].key, key))
            return &map->items[i].value;
    }
    return NULL;
}
#endif

#ifdef __cplusplus
}
#endif

#endif
