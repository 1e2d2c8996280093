/* SPDX-License-Identifier: MIT */
/*
 * Runs small lock-free parts of weft under the weak memory of C11, in all
 * executions of two or three threads.
 *
 * This header takes the place of base/atomic.h, so that the code of src itself
 * runs on a modelled memory. Each location keeps all values that were ever
 * stored there. A thread has a view: for each location the oldest value that
 * the thread may still read. A load may read that value or any later one. A
 * store keeps a view with its value (a releasing store that of its thread), and
 * an acquiring load joins that view to the one of its thread. A seq_cst fence
 * joins the view of its thread with one view that all such fences share. One
 * execution is a list of choices: which thread does the next step, and which
 * value a load reads. All lists are tried, up to a number of switches away from
 * a thread that could go on.
 *
 * Each order that the code names is then made weaker, one at a time. Either a
 * test fails, or the order is not needed in this code as far as the tests tell.
 *
 * Not modelled: a load that reads what is stored later in the same thread's
 * order (C11 allows it, no compiler or machine that weft runs on does it to
 * these), and stores to one place that take effect in another order than that
 * in which they are executed.
 *
 * Sources: views as in Kang et al., "A Promising Semantics for Relaxed-Memory
 * Concurrency" (POPL 2017), without promises; all executions as in GenMC
 * (Kokologiannakis, Vafeiadis, CAV 2021), in a much simpler way.
 */
#ifndef WEFT_TESTS_WEAK_H
#define WEFT_TESTS_WEAK_H

#define WEFT_BASE_ATOMIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum weak_order {
    WEAK_relaxed,
    WEAK_acquire,
    WEAK_release,
    WEAK_acq_rel,
    WEAK_seq_cst,
};

enum weak_kind { WEAK_LOAD, WEAK_STORE, WEAK_RMW, WEAK_FENCE };

/* An order in the code. */
struct weak_place {
    const char *file;
    int line;
    enum weak_kind kind;
    enum weak_order order;
};

enum weak_op { WEAK_XCHG, WEAK_ADD, WEAK_OR, WEAK_AND };

uint64_t weak_load(const volatile void *p, uint32_t size,
                   const struct weak_place *place);
void weak_store(volatile void *p, uint32_t size, uint64_t v,
                const struct weak_place *place);
uint64_t weak_rmw(volatile void *p, uint32_t size, enum weak_op op, uint64_t v,
                  const struct weak_place *place);
bool weak_cas(volatile void *p, uint32_t size, uint64_t *seen, uint64_t v,
              const struct weak_place *place);
void weak_fence(const struct weak_place *place);

/* The thread can go on only after another one has stored something. */
void weak_spin(void);

/* ---- in place of base/atomic.h ---- */

#define WEAK_PLACE(kind, order) \
    (&(const struct weak_place){__FILE__, __LINE__, WEAK_##kind, WEAK_##order})
#define WEAK_TYPE(p) __typeof__(((void)0, *(p)))
#define WEAK_WORD(v) ((uint64_t)(uintptr_t)(v))

#define wf_load(p, order)                                 \
    ((WEAK_TYPE(p))(uintptr_t)weak_load((p), sizeof *(p), \
                                        WEAK_PLACE(LOAD, order)))
#define wf_store(p, v, order) \
    weak_store((p), sizeof *(p), WEAK_WORD(v), WEAK_PLACE(STORE, order))
#define WEAK_RMW_OF(p, op, v, order)                                \
    ((WEAK_TYPE(p))(uintptr_t)weak_rmw((p), sizeof *(p), WEAK_##op, \
                                       WEAK_WORD(v), WEAK_PLACE(RMW, order)))
#define wf_xchg(p, v, order) WEAK_RMW_OF(p, XCHG, v, order)
#define wf_add(p, v, order) WEAK_RMW_OF(p, ADD, v, order)
#define wf_sub(p, v, order) WEAK_RMW_OF(p, ADD, 0 - WEAK_WORD(v), order)
#define wf_or(p, v, order) WEAK_RMW_OF(p, OR, v, order)
#define wf_and(p, v, order) WEAK_RMW_OF(p, AND, v, order)
#define wf_cas(p, seen, v, order)                                             \
    __extension__({                                                           \
        uint64_t weak_seen = WEAK_WORD(*(seen));                              \
        bool weak_done = weak_cas((p), sizeof *(p), &weak_seen, WEAK_WORD(v), \
                                  WEAK_PLACE(RMW, order));                    \
        *(seen) = (__typeof__(*(seen)))(uintptr_t)weak_seen;                  \
        weak_done;                                                            \
    })
#define wf_fence() weak_fence(WEAK_PLACE(FENCE, seq_cst))
#define wf_cpu_relax() weak_spin()

/* ---- a test ---- */

#define WEAK_THREADS 3

struct weak_test {
    const char *name;
    void (*begin)(void); /* before the threads; its stores are seen by all */
    void (*threads[WEAK_THREADS])(void);
    void (*end)(void); /* after them, and after all that they did */
};

/* In a thread or an end: this execution has failed. */
void weak_fail(const char *what, int line);
#define WEAK_CHECK(holds) ((holds) ? (void)0 : weak_fail(#holds, __LINE__))

/* Run all tests, and then again for each weaker order in `file`, which ends in
 * .c, and in the header of that name. Prints a table; returns the status of the
 * program. known: how many weaker orders are expected to pass all tests. */
int weak_main(const struct weak_test *tests, uint32_t n, const char *file,
              uint32_t known);

#endif
