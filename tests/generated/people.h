/* SPDX-License-Identifier: MIT */
/* What every test of generated code uses: encode, decode, and full values. */
#ifndef PEOPLE_H
#define PEOPLE_H

#include "all.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

struct bytes {
    uint8_t *ptr;
    size_t len;
};

/** A generated struct as tests see it. The two functions are wrappers where
 * generated ones have other parameter types. */
struct shape {
    const struct weft_struct *desc;
    weft_read_fn read;
    weft_write_fn write;
};

#define SHAPE_OF(type)                                                       \
    static weft_err type##_read_any(struct weft_reader *r, void *x)          \
    {                                                                        \
        return type##_read(r, x);                                            \
    }                                                                        \
    static void type##_write_any(struct weft_writer *w, const void *x)       \
    {                                                                        \
        type##_write(w, x);                                                  \
    }                                                                        \
    static const struct shape type##_shape = {&type##_desc, type##_read_any, \
                                              type##_write_any}

/** Encode; fails the test unless the error is as expected. */
struct bytes encode(struct weft_arena *arena, const struct shape *shape,
                    const void *record, weft_err expected);

/** Decode all of the bytes. */
weft_err decode(struct weft_arena *arena, const struct shape *shape,
                struct bytes bytes, void *record);

/** Values with everything set; they live in the arena. */
void fill_person(struct weft_arena *arena, struct all_Person *p, int depth);
void fill_nested(struct weft_arena *arena, struct all_Nested *n);
void fill_optional(struct weft_arena *arena, struct all_Optional *o);
void fill_required(struct weft_arena *arena, struct all_Required *q);

/** weft_push that does not fail. */
void *push(struct weft_arena *arena, void *vec, size_t item_size);

#define PUSH(arena, vec) push((arena), (vec), sizeof *(vec)->items)

#endif
