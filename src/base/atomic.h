/* SPDX-License-Identifier: MIT */
/*
 * Defines atomic operations as macros, so that a test can run code of its own
 * before each atomic step of the lock-free parts: the test defines
 * WF_ATOMIC_STEP before it includes this file. The memory order is the last
 * argument: relaxed, acquire, release, acq_rel or seq_cst. Where the order is
 * weaker than a reader expects, a comment names the access with which the
 * operation pairs.
 */
#ifndef WEFT_BASE_ATOMIC_H
#define WEFT_BASE_ATOMIC_H

#include <stdatomic.h>

#ifdef WEFT_SIM
/* If this pointer is not NULL, each atomic step first calls the function, so
 * that another simulated thread may run at that point. */
extern void (*wf_sim_step)(void);
#define WF_ATOMIC_STEP() (wf_sim_step ? wf_sim_step() : (void)0)
#endif

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
/* Strong compare and exchange. If the exchange fails, *seen receives the value
 * of *p, loaded with acquire, or with relaxed if the order is relaxed. */
#define WF_MISS_relaxed memory_order_relaxed
#define WF_MISS_acquire memory_order_acquire
#define WF_MISS_release memory_order_acquire
#define WF_MISS_acq_rel memory_order_acquire
#define WF_MISS_seq_cst memory_order_acquire
#define wf_cas(p, seen, v, order)             \
    (WF_ATOMIC_STEP(),                        \
     atomic_compare_exchange_strong_explicit( \
         (p), (seen), (v), memory_order_##order, WF_MISS_##order))

/* A full fence. Stores before the fence are visible to other threads before
 * loads after the fence read memory. No weaker fence ensures this order. */
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
