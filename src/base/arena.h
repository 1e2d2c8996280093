/* SPDX-License-Identifier: MIT */
/*
 * What the arena of <weft/base.h> has for weft itself: a first chunk that lies
 * inside another object, so that a small call takes no memory from the host.
 */
#ifndef WEFT_BASE_ARENA_H
#define WEFT_BASE_ARENA_H

#include <weft/base.h>

/* As weft_arena_init, with size bytes at mem to be used before any other. They
 * stay the caller's, survive every reset, and must outlive fini. */
void wf_arena_init_with(struct weft_arena *arena, size_t budget, void *mem,
                        size_t size);

#endif
