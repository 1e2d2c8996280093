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

/** Encode in binary. Fails the test unless the error is the expected one. */
struct bytes encode(struct weft_arena *arena, const struct weft_struct *desc,
                    const void *record, weft_err expected);

/** Decode all of these bytes, which are in binary. */
weft_err decode(struct weft_arena *arena, const struct weft_struct *desc,
                struct bytes bytes, void *record);

/** Fill in values in which everything is set. They live in the arena. */
void fill_person(struct weft_arena *arena, struct all_Person *p, int depth);
void fill_nested(struct weft_arena *arena, struct all_Nested *n);
void fill_optional(struct weft_arena *arena, struct all_Optional *o);
void fill_required(struct weft_arena *arena, struct all_Required *q);

/** weft_push, which must succeed here. */
void *push(struct weft_arena *arena, void *vec, size_t item_size);

#define PUSH(arena, vec) push((arena), (vec), sizeof *(vec)->items)

#endif
