/* SPDX-License-Identifier: MIT */
/*
 * Atomics behind macros, so that a schedule explorer can be put between the
 * lock-free parts and the machine without touching them: it defines
 * WF_ATOMIC_STEP before this file is read. The order is a word (relaxed,
 * acquire, release, acq_rel, seq_cst); one that is weaker than the obvious
 * names its partner where it is used.
 */
#ifndef WEFT_BASE_ATOMIC_H
#define WEFT_BASE_ATOMIC_H

#include <stdatomic.h>

#ifndef WF_ATOMIC_STEP
#define WF_ATOMIC_STEP() ((void)0)
#endif

#define wf_load(p, order) \
    (WF_ATOMIC_STEP(), atomic_load_explicit((p), memory_order_##order))
#define wf_store(p, v, order) \
    (WF_ATOMIC_STEP(), atomic_store_explicit((p), (v), memory_order_##order))
#define wf_xchg(p, v, order) \
    (WF_ATOMIC_STEP(), atomic_exchange_explicit((p), (v), memory_order_##order))
#define wf_add(p, v, order) \
    (WF_ATOMIC_STEP(),      \
     atomic_fetch_add_explicit((p), (v), memory_order_##order))
#define wf_sub(p, v, order) \
    (WF_ATOMIC_STEP(),      \
     atomic_fetch_sub_explicit((p), (v), memory_order_##order))
#define wf_or(p, v, order) \
    (WF_ATOMIC_STEP(), atomic_fetch_or_explicit((p), (v), memory_order_##order))
#define wf_and(p, v, order) \
    (WF_ATOMIC_STEP(),      \
     atomic_fetch_and_explicit((p), (v), memory_order_##order))
/* Strong compare and exchange; a failure loads with acquire into *seen. */
#define wf_cas(p, seen, v, order)             \
    (WF_ATOMIC_STEP(),                        \
     atomic_compare_exchange_strong_explicit( \
         (p), (seen), (v), memory_order_##order, memory_order_acquire))

/* Orders a store before it against a load behind it; only seq_cst is of use. */
#define wf_fence() (WF_ATOMIC_STEP(), atomic_thread_fence(memory_order_seq_cst))

static inline void
wf_cpu_relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif
