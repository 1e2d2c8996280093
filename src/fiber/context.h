/* SPDX-License-Identifier: MIT */
/*
 * A stack to run on, and the jump from one stack to another. This file, and no
 * other, tells ASan and TSan of every jump.
 */
#ifndef WEFT_FIBER_CONTEXT_H
#define WEFT_FIBER_CONTEXT_H

#include "base/base.h"
#include "fiber/switch.h"

#if WF_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if WF_TSAN
#include <sanitizer/tsan_interface.h>
#endif

struct wf_context {
    void *sp;     /* stack pointer while the context does not run */
    uint8_t *low; /* lowest byte of the stack, above the guard */
    size_t size;  /* bytes of the stack, from `low` up */
    size_t guard; /* bytes below `low` that trap */
    void *asan;   /* ASan's fake stack while the context does not run */
    void *tsan;   /* TSan's handle of the stack */
};

/* Set *c to the context of the calling thread's own stack. */
void wf_context_of_thread(struct wf_context *c);

/* Prepare *c so that the first jump to this context calls fn(arg, carry); `fn`
 * must not return. The caller has set c->low and c->size. */
void wf_context_make(struct wf_context *c, void (*fn)(void *arg, void *carry),
                     void *arg);

/* End a context. Nobody jumps to *c until wf_context_make prepares it again. */
void wf_context_drop(struct wf_context *c);

/* Tell ASan that the first jump to a context has ended. The function that the
 * context runs calls this first. */
static inline void
wf_context_entered(void)
{
#if WF_ASAN
    __sanitizer_finish_switch_fiber(NULL, NULL, NULL);
#endif
}

/* Jump to another context. Returns when some context jumps back to `from`, with
 * the `carry` of that jump. `last` is true if no context jumps back. TSan
 * demands that __tsan_switch_to_fiber is called directly before the jump, in
 * the same function. */
static inline void *
wf_context_jump(struct wf_context *from, struct wf_context *to, void *carry,
                bool last)
{
#if WF_ASAN
    __sanitizer_start_switch_fiber(last ? NULL : &from->asan, to->low,
                                   to->size);
#else
    (void)last;
#endif
#if WF_TSAN
    __tsan_switch_to_fiber(to->tsan, 0);
#endif
    carry = wf_switch(&from->sp, to->sp, carry);
#if WF_ASAN
    __sanitizer_finish_switch_fiber(from->asan, NULL, NULL);
#endif
    return carry;
}

#endif
