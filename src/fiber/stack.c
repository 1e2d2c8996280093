/* SPDX-License-Identifier: MIT */
/*
 * The stacks of the pool are cut from large mappings, and unmapped only when
 * the runtime starts again with other sizes. A mapping:
 *
 *   | guard | stack (grows down) | guard | stack | ... 64 of them
 *
 * Where the kernel has MADV_GUARD_INSTALL (Linux 6.13) a guard is an entry in
 * the page table and costs no mapping of its own, so that 100,000 stacks need
 * no more mappings than the default vm.max_map_count allows. Elsewhere mprotect
 * splits the mapping, and about 32,000 stacks are possible.
 *
 * weft is compiled with -fstack-clash-protection, so even a function with a
 * large stack frame touches the guard and does not step over it; the package
 * exports that flag to code that links weft. An overflow in code without the
 * flag is caught only if the first access below the stack hits the guard, which
 * has 64 KiB by default.
 */
#include "fiber/stack.h"

#include <errno.h>

#if WF_LSAN
#include <sanitizer/lsan_interface.h>
#endif

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

#define NO_ADVICE 0x7ffffff

#define STACKS_PER_MAPPING 64u

static WF_GLOBAL struct {
    pthread_mutex_t lock; /* held over madvise, never over a switch */
    size_t size, guard;
    uint8_t *next; /* the next unused stack of the newest mapping */
    uint32_t left; /* unused stacks in that mapping */
    /* Whether the kernel has MADV_GUARD_INSTALL. */
    enum { UNKNOWN, WORKS, MISSING } install;
} stacks = {.lock = PTHREAD_MUTEX_INITIALIZER};

size_t
wf_stack_pages(size_t size)
{
    size_t page = wf_sys_page_size();
    return (size + page - 1) & ~(page - 1);
}

void
wf_stack_configure(size_t size, size_t guard)
{
    wf_sys_lock(&stacks.lock);
    if (size != stacks.size && stacks.left > 0) {
        (void)wf_sys_munmap(stacks.next, stacks.size * stacks.left);
        stacks.left = 0;
    }
    stacks.size = size;
    stacks.guard = guard;
    stacks.install = UNKNOWN;
    wf_sys_unlock(&stacks.lock);
}

bool
wf_stack_fits(const struct wf_context *c)
{
    return c->guard == stacks.guard && c->guard + c->size == stacks.size;
}

/* Returns the address of an unused stack. Called with the lock held. NULL: no
 * memory. */
static uint8_t *
cut(void)
{
    if (stacks.left == 0) {
        size_t size = stacks.size * STACKS_PER_MAPPING;
        stacks.next = wf_sys_mmap(size, PROT_READ | PROT_WRITE, MAP_NORESERVE);
        if (!stacks.next)
            return NULL;
        /* No huge pages: the first touch of a stack must not take 2 MiB. */
        (void)wf_sys_madvise(stacks.next, size, MADV_NOHUGEPAGE);
        stacks.left = STACKS_PER_MAPPING;
    }
    uint8_t *stack = stacks.next;
    stacks.next += stacks.size;
    stacks.left--;
    return stack;
}

/* True if madvise refuses unknown advice, as every kernel does. An emulator may
 * accept any advice and do nothing. */
static bool
advice_is_taken(uint8_t *low, size_t size)
{
    return wf_sys_madvise(low, size, NO_ADVICE) == -EINVAL;
}

static bool
guard(uint8_t *low, size_t size)
{
    if (stacks.install == UNKNOWN)
        stacks.install = advice_is_taken(low, size) ? WORKS : MISSING;
    if (stacks.install == WORKS) {
        int err = wf_sys_madvise(low, size, MADV_GUARD_INSTALL);
        if (err != -EINVAL)
            return err == 0;
        stacks.install = MISSING;
    }
    return wf_sys_mprotect(low, size, PROT_NONE) == 0;
}

static void
note_stack(struct wf_context *c, uint8_t *low, size_t size)
{
    c->low = low + stacks.guard;
    c->size = size - stacks.guard;
    c->guard = stacks.guard;
#if WF_LSAN
    __lsan_register_root_region(c->low, c->size);
#endif
}

bool
wf_stack_make(struct wf_context *c)
{
    wf_sys_lock(&stacks.lock);
    uint8_t *low = cut();
    /* The guard is set under the lock, so that a stack that gets no guard can
     * be put back. */
    bool ok = low && guard(low, stacks.guard);
    if (low && !ok) {
        stacks.next -= stacks.size;
        stacks.left++;
    }
    wf_sys_unlock(&stacks.lock);
    if (ok)
        note_stack(c, low, stacks.size);
    return ok;
}

bool
wf_stack_make_own(struct wf_context *c, size_t size)
{
    size += stacks.guard;
    uint8_t *low = wf_sys_mmap(size, PROT_READ | PROT_WRITE, MAP_NORESERVE);
    if (!low)
        return false;
    /* No huge pages: the first touch of a stack must not take 2 MiB. */
    (void)wf_sys_madvise(low, size, MADV_NOHUGEPAGE);
    wf_sys_lock(&stacks.lock);
    bool ok = guard(low, stacks.guard);
    wf_sys_unlock(&stacks.lock);
    if (ok)
        note_stack(c, low, size);
    else
        (void)wf_sys_munmap(low, size);
    return ok;
}

void
wf_stack_release(struct wf_context *c)
{
    (void)wf_sys_madvise(c->low, c->size, MADV_DONTNEED);
}

void
wf_stack_free(struct wf_context *c)
{
#if WF_LSAN
    __lsan_unregister_root_region(c->low, c->size);
#endif
#if WF_ASAN
    __asan_unpoison_memory_region(c->low, c->size);
#endif
    (void)wf_sys_munmap(c->low - c->guard, c->guard + c->size);
}
