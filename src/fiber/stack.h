/* SPDX-License-Identifier: MIT */
#ifndef WEFT_FIBER_STACK_H
#define WEFT_FIBER_STACK_H

#include "fiber/context.h"

/* Bytes of a stack with its guard, and of the guard alone; both multiples of a
 * page. Before the first make. */
void wf_stack_configure(size_t size, size_t guard);

/* Set c->low, size and guard to a new stack. false: no memory. */
bool wf_stack_make(struct wf_context *c);

/* Has it the sizes of wf_stack_configure? */
bool wf_stack_fits(const struct wf_context *c);

/* Unmap it. */
void wf_stack_free(struct wf_context *c);

/* Give its memory back to the host; the addresses and the guard stay. */
void wf_stack_release(struct wf_context *c);

#endif
