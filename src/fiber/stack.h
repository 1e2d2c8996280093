/* SPDX-License-Identifier: MIT */
/*
 * Makes stacks for fibers, each with a guard below it; the head of stack.c says
 * how.
 */
#ifndef WEFT_FIBER_STACK_H
#define WEFT_FIBER_STACK_H

#include "fiber/context.h"

#define WF_STACK_MIN ((size_t)8 << 10)
#define WF_STACK_LIMIT ((size_t)1 << 30) /* the largest stack or guard */

/* Round a size up to whole pages. The size is at most WF_STACK_LIMIT. */
size_t wf_stack_pages(size_t size);

/* Set two sizes in bytes: that of a stack with its guard, and that of the guard
 * alone. Both are multiples of a page. Called before the first
 * wf_stack_make. */
void wf_stack_configure(size_t size, size_t guard);

/* Set c->low, c->size and c->guard to those of a new stack. false: no
 * memory. */
bool wf_stack_make(struct wf_context *c);

/* As wf_stack_make, but make a stack of `size` bytes in a mapping of its
 * own. */
bool wf_stack_make_own(struct wf_context *c, size_t size);

/* True if the stack has the sizes that wf_stack_configure has set. */
bool wf_stack_fits(const struct wf_context *c);

/* Unmap the stack. */
void wf_stack_free(struct wf_context *c);

/* Give the stack's memory back to the host; its addresses and guard stay. */
void wf_stack_release(struct wf_context *c);

#endif
