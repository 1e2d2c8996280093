/* SPDX-License-Identifier: MIT */
/*
 * Only for weft itself: an arena whose first chunk lies inside another object,
 * so that a small call allocates nothing.
 */
#ifndef WEFT_BASE_ARENA_H
#define WEFT_BASE_ARENA_H

#include <weft/base.h>

/* As weft_arena_init, but allocations are served from size bytes at mem first.
 * These stay the caller's, are kept by every reset, and must exist until fini
 * has returned. */
void wf_arena_init_with(struct weft_arena *arena, size_t budget, void *mem,
                        size_t size);

#endif
