/* SPDX-License-Identifier: MIT */
#include "fiber/context.h"

#include <string.h>

void
wf_context_of_thread(struct wf_context *c)
{
    *c = (struct wf_context){.sp = NULL};
#if WF_TSAN
    c->tsan = __tsan_get_current_fiber();
#endif
#if WF_ASAN
    pthread_attr_t attr;
    void *low;
    WF_CHECK(pthread_getattr_np(pthread_self(), &attr) == 0);
    WF_CHECK(pthread_attr_getstack(&attr, &low, &c->size) == 0);
    pthread_attr_destroy(&attr);
    c->low = low;
#endif
}

/*
 * The frame that wf_switch pops. x86-64: r15 r14 r13 r12 rbx rbp, and the
 * address that ret takes; the stack pointer is then 16-byte aligned, as it is
 * before a call. aarch64: x19 x20 ... x29 x30 d8..d15.
 */
void
wf_context_make(struct wf_context *c, void (*fn)(void *arg, void *carry),
                void *arg)
{
#if WF_TSAN
    /* For each life anew: functions that never return leave entries behind. */
    c->tsan = __tsan_create_fiber(0);
#endif
#if WF_ASAN
    __asan_unpoison_memory_region(c->low, c->size);
#endif
    uintptr_t top = ((uintptr_t)c->low + c->size) & ~(uintptr_t)15;
    uintptr_t entry = (uintptr_t)wf_switch_entry;
#if defined(__x86_64__)
    uintptr_t *frame = (uintptr_t *)top - 9;
    const uintptr_t words[9] = {
        [3] = (uintptr_t)arg, [4] = (uintptr_t)fn, [6] = entry};
#elif defined(__aarch64__)
    uintptr_t *frame = (uintptr_t *)top - 20;
    const uintptr_t words[20] = {
        [0] = (uintptr_t)fn, [1] = (uintptr_t)arg, [11] = entry};
#else
#error "weft knows x86-64 and aarch64"
#endif
    memcpy(frame, words, sizeof words);
    c->sp = frame;
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
