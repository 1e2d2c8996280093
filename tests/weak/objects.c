/* SPDX-License-Identifier: MIT */
/* Plain data: is each access ordered with all others to the same object? */
#include "inner.h"

#include <stdlib.h>

#define OBJECTS 24
#define NOBODY WEAK_THREADS

static struct object {
    const volatile char *at;
    size_t size;
    bool freed;
    uint8_t writer; /* the last thread that wrote */
    uint16_t wrote; /* its clock at that write */
    uint16_t used[WEAK_THREADS];
} objects[OBJECTS];
static uint32_t n_objects;

void
weak_objects_begin(void)
{
    n_objects = 0;
}

static bool
overlaps(const struct object *o, const volatile void *p, size_t size)
{
    const volatile char *at = p;
    return at < o->at + o->size && o->at < at + size;
}

static bool
knows_use(const struct object *o, uint32_t thread)
{
    return weak_clock_of(thread) >= o->used[thread];
}

void
weak_touch(const volatile void *p, size_t size, bool writes)
{
    uint16_t clock = weak_tick();
    for (struct object *o = objects; o < objects + n_objects; o++) {
        if (!overlaps(o, p, size))
            continue;
        if (o->freed)
            weak_fail("an object is used after its end", 0);
        if (o->writer != NOBODY && weak_clock_of(o->writer) < o->wrote)
            weak_fail("an access races with a write", 0);
        for (uint32_t i = 0; writes && i < WEAK_THREADS; i++)
            if (!knows_use(o, i))
                weak_fail("a write races with an access", 0);
        o->used[weak_self()] = clock;
        if (writes) {
            o->writer = (uint8_t)weak_self();
            o->wrote = clock;
        }
    }
}

static struct object *
object_at(const volatile void *p, size_t size)
{
    struct object *o = objects;
    while (o < objects + n_objects && (o->at != p || o->size != size))
        o++;
    if (o == objects + OBJECTS)
        abort();
    if (o == objects + n_objects) {
        n_objects++;
        *o = (struct object){.at = p, .size = size, .writer = NOBODY};
    }
    return o;
}

void
weak_read(const volatile void *p, size_t size)
{
    (void)object_at(p, size);
    if (!weak_inside)
        return;
    weak_note(NULL, "reads", (uintptr_t)p);
    weak_touch(p, size, false);
}

void
weak_write(const volatile void *p, size_t size)
{
    (void)object_at(p, size);
    if (!weak_inside)
        return;
    weak_note(NULL, "writes", (uintptr_t)p);
    weak_touch(p, size, true);
}

void
weak_free(const volatile void *p, size_t size)
{
    struct object *o = object_at(p, size);
    if (!weak_inside)
        return;
    weak_note(NULL, "frees", (uintptr_t)p);
    weak_touch(p, size, true);
    o->freed = true;
}
