/* SPDX-License-Identifier: MIT */
/*
 * The parts of the arena that only weft itself uses: an arena whose first chunk
 * lies inside another object, so that a small call allocates nothing; and a
 * limit on the bytes that several arenas take together.
 */
#ifndef WEFT_BASE_ARENA_H
#define WEFT_BASE_ARENA_H

#include <weft/base.h>

#include "base/atomic.h"

/* As weft_arena_init, but the arena first uses the `size` bytes at `mem`. The
 * caller owns these bytes. Every reset keeps these bytes in the arena, so they
 * must stay valid until weft_arena_fini has returned. */
void wf_arena_init_with(struct weft_arena *arena, size_t budget, void *mem,
                        size_t size);

/* A limit on the bytes that several arenas take together. The memory given to
 * wf_arena_init_with does not count, so an arena for which this memory is
 * enough does not touch the pool. */
struct weft_arena_pool {
    _Atomic size_t used;
    size_t max; /* bytes; never changes */
};

/* Take `size` bytes from a pool. false: fewer than `size` bytes are left, and
 * nothing was taken. */
static inline bool
wf_pool_take(struct weft_arena_pool *pool, size_t size)
{
    /* relaxed: `used` only counts bytes, and no other memory depends on it */
    if (wf_add(&pool->used, size, relaxed) + size <= pool->max)
        return true;
    wf_sub(&pool->used, size, relaxed);
    return false;
}

static inline void
wf_pool_give(struct weft_arena_pool *pool, size_t size)
{
    wf_sub(&pool->used, size, relaxed);
}

#endif
