/* SPDX-License-Identifier: MIT */
/*
 * Only for weft itself: an arena whose first chunk lies inside another object,
 * so that a small call allocates nothing; and a budget that arenas share.
 */
#ifndef WEFT_BASE_ARENA_H
#define WEFT_BASE_ARENA_H

#include <weft/base.h>

#include "base/atomic.h"

/* As weft_arena_init, but allocations are served from size bytes at mem first.
 * These stay the caller's, are kept by every reset, and must exist until fini
 * has returned. */
void wf_arena_init_with(struct weft_arena *arena, size_t budget, void *mem,
                        size_t size);

/* How many bytes a set of arenas may take together. The memory given to
 * wf_arena_init_with does not count, so an arena that needs no more does not
 * touch the pool. */
struct weft_arena_pool {
    _Atomic size_t used;
    size_t max; /* fixed */
};

/* Take from a pool; false: there is no room, and nothing was taken. */
static inline bool
wf_pool_take(struct weft_arena_pool *pool, size_t size)
{
    /* relaxed: a bound, not an order */
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
