/* Made by weftc 0.1.0 from shapes.thrift; edit that. */
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

extern const struct weft_struct shapes_Point_desc;
void shapes_Point_init(struct shapes_Point *x);
weft_err shapes_Point_read(struct weft_reader *r, struct shapes_Point *x);
void shapes_Point_write(struct weft_writer *w, const struct shapes_Point *x);
weft_err shapes_Point_copy(struct weft_arena *arena, struct shapes_Point *to,
                           const struct shapes_Point *from);
bool shapes_Point_equal(const struct shapes_Point *a,
                        const struct shapes_Point *b);
uint64_t shapes_Point_hash(const struct shapes_Point *x);
void shapes_Point_print(FILE *out, const struct shapes_Point *x);

struct shapes_Group {
    struct shapes_Shape *main;              /* 1 */
    struct shapes_map_str_vec_Shape layers; /* 2: Layers */
    struct shapes_map_Point_set_i32 marks;  /* 3 */
    struct {
        uint32_t layers : 1, marks : 1;
    } has;
};

extern const struct weft_struct shapes_Group_desc;
void shapes_Group_init(struct shapes_Group *x);
weft_err shapes_Group_read(struct weft_reader *r, struct shapes_Group *x);
void shapes_Group_write(struct weft_writer *w, const struct shapes_Group *x);
weft_err shapes_Group_copy(struct weft_arena *arena, struct shapes_Group *to,
                           const struct shapes_Group *from);
bool shapes_Group_equal(const struct shapes_Group *a,
                        const struct shapes_Group *b);
uint64_t shapes_Group_hash(const struct shapes_Group *x);
void shapes_Group_print(FILE *out, const struct shapes_Group *x);

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

extern const struct weft_struct shapes_Shape_desc;
void shapes_Shape_init(struct shapes_Shape *x);
weft_err shapes_Shape_read(struct weft_reader *r, struct shapes_Shape *x);
void shapes_Shape_write(struct weft_writer *w, const struct shapes_Shape *x);
weft_err shapes_Shape_copy(struct weft_arena *arena, struct shapes_Shape *to,
                           const struct shapes_Shape *from);
bool shapes_Shape_equal(const struct shapes_Shape *a,
                        const struct shapes_Shape *b);
uint64_t shapes_Shape_hash(const struct shapes_Shape *x);
void shapes_Shape_print(FILE *out, const struct shapes_Shape *x);
void shapes_Shape_set_dot(struct shapes_Shape *x, struct shapes_Point value);
void shapes_Shape_set_line(struct shapes_Shape *x,
                           struct shapes_vec_Point value);
void shapes_Shape_set_group(struct shapes_Shape *x,
                            struct shapes_Group *value);

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

/* ---- what X_desc calls, and structs that hold an X ---- */

weft_err shapes_Point_read_binary(struct weft_reader *r, void *record);
void shapes_Point_write_binary(struct weft_writer *w, const void *record);
weft_err shapes_Point_read_compact(struct weft_reader *r, void *record);
void shapes_Point_write_compact(struct weft_writer *w, const void *record);
weft_err shapes_Group_read_binary(struct weft_reader *r, void *record);
void shapes_Group_write_binary(struct weft_writer *w, const void *record);
weft_err shapes_Group_read_compact(struct weft_reader *r, void *record);
void shapes_Group_write_compact(struct weft_writer *w, const void *record);
weft_err shapes_Shape_read_binary(struct weft_reader *r, void *record);
void shapes_Shape_write_binary(struct weft_writer *w, const void *record);
weft_err shapes_Shape_read_compact(struct weft_reader *r, void *record);
void shapes_Shape_write_compact(struct weft_writer *w, const void *record);

#ifdef __cplusplus
}
#endif

#endif
