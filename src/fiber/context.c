/* SPDX-License-Identifier: MIT */
#include "fiber/context.h"

void
wf_context_of_thread(struct wf_context *c)
{
    *c = (struct wf_context){.sp = NULL};
#if WF_TSAN
    c->tsan = __tsan_get_current_fiber();
#endif
#if WF_ASAN
    void *low;
    wf_sys_stack(&low, &c->size);
    c->low = low;
#endif
}

void
wf_context_make(struct wf_context *c, void (*fn)(void *arg, void *carry),
                void *arg)
{
#if WF_TSAN
    /* Make a TSan fiber for each fiber. An ended fiber's TSan fiber cannot be
     * used again: the last function of the ended fiber has not returned, so the
     * shadow stack of the TSan fiber still has the entry of this function. */
    c->tsan = __tsan_create_fiber(0);
#endif
#if WF_ASAN
    __asan_unpoison_memory_region(c->low, c->size);
#endif
    uintptr_t top = ((uintptr_t)c->low + c->size) & ~(uintptr_t)15;
    c->sp = wf_switch_make((void *)top, fn, arg);
}

void
wf_context_drop(struct wf_context *c)
{
#if WF_TSAN
    __tsan_destroy_fiber(c->tsan);
#endif
#if WF_ASAN
    __asan_poison_memory_region(c->low, c->size);
#endif
    (void)c;
}
