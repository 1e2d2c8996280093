/* SPDX-License-Identifier: MIT */
/*
 * Runs small lock-free parts of weft on the weak memory of C11, in all
 * executions of two or three threads.
 *
 * This header replaces base/atomic.h, so that the code of src itself runs on a
 * modelled memory. Each location keeps all values that were ever stored there.
 * A thread has a view: for each location the oldest value that the thread may
 * still read. A load may read that value or any later one. A store keeps a view
 * with its value (a releasing store keeps its thread's view, a relaxed store
 * the view of the last fence before it, and an exchange adds the view of the
 * value that it replaces). An acquiring load joins that view to the view of its
 * thread; after a relaxed load the next fence does so.
 *
 * All seq_cst operations have an order S. A fence sees all stores that are in S
 * before it, and all that its thread knows becomes part of S. A store or
 * exchange gets its place in S at once, or (another choice) just before the
 * next step of its thread in S. A load comes in S as early as possible: after
 * its thread's earlier steps and after the store that it reads. It reads
 * nothing older than the last store before it in S.
 *
 * One execution is a list of choices: which thread does the next step, which
 * value a load reads, when a store enters S. All lists are tried in which at
 * most 3 switches (WEAK_SWITCHES in the environment) leave a thread that could
 * go on.
 *
 * A view also has a clock of each thread, which tells what happens before what.
 * A test names the plain data of its part: weak_read, weak_write, weak_free. An
 * execution fails if one of these is not ordered with another access to the
 * same object, plain or atomic. So an order counts as needed if two accesses
 * race without it, even if no value is wrong.
 *
 * Then each order in the code is made one step weaker, one order at a time. If
 * no test fails, the tests do not need the order, and the test's list of
 * excuses must say why it stays. An order that no test executes needs an
 * excuse, too. All results are printed.
 *
 * The limits: a test covers only what it calls, with two or three threads that
 * call it once or twice. Stores to one place take effect in the order in which
 * they are executed (in C11 two threads' stores that nothing orders may take
 * effect in the other order). A load reads a value before it is stored only
 * where a test allows this (weak_late), once in an execution. The stores and
 * fences of S come in the order in which they are executed, but for the delay
 * above. A later relaxed store of the same thread does not continue the release
 * sequence of a releasing store, as in C++20 (in C11 it does). An exchange that
 * fails acquires, unless it is relaxed: base/atomic.h defines this for all of
 * them. One row of the table tries a part with all of these relaxed.
 *
 * Sources: views as in Kang et al., "A Promising Semantics for Relaxed-Memory
 * Concurrency" (POPL 2017), without promises; seq_cst as in Lahav et al.,
 * "Repairing Sequential Consistency in C/C++11" (PLDI 2017); all executions as
 * in GenMC (Kokologiannakis, Vafeiadis, CAV 2021), in a much simpler way.
 */
#ifndef WEFT_TESTS_WEAK_H
#define WEFT_TESTS_WEAK_H

#define WEFT_BASE_ATOMIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum weak_order {
    WEAK_relaxed,
    WEAK_acquire,
    WEAK_release,
    WEAK_acq_rel,
    WEAK_seq_cst,
    WEAK_unreached, /* in an excuse: no test executes the order */
};

enum weak_kind { WEAK_LOAD, WEAK_STORE, WEAK_RMW, WEAK_FENCE, WEAK_MISS };

/* An order that the code names. */
struct weak_place {
    const char *file, *in, *what;
    int line;
    enum weak_kind kind;
    enum weak_order order;
    bool reached;
};

enum weak_op { WEAK_XCHG, WEAK_ADD, WEAK_OR, WEAK_AND };

uint64_t weak_load(const volatile void *p, uint32_t size,
                   struct weak_place *place);
void weak_store(volatile void *p, uint32_t size, uint64_t v,
                struct weak_place *place);
uint64_t weak_rmw(volatile void *p, uint32_t size, enum weak_op op, uint64_t v,
                  struct weak_place *place);
bool weak_cas(volatile void *p, uint32_t size, uint64_t *seen, uint64_t v,
              struct weak_place *place);
void weak_fence(struct weak_place *place);

/* The thread spins: it can go on only after another thread stores something. */
void weak_spin(void);

/* ---- in place of base/atomic.h ---- */

/* The linker gathers the addresses of all places. */
#define WEAK_PLACE(kind, what, order)                                    \
    __extension__({                                                      \
        static struct weak_place weak_place = {                          \
            __FILE__,    __func__,     what, __LINE__,                   \
            WEAK_##kind, WEAK_##order, false};                           \
        static struct weak_place *const weak_listed                      \
            __attribute__((section("weak_places"), used)) = &weak_place; \
        &weak_place;                                                     \
    })
#define WEAK_TYPE(p) __typeof__(((void)0, *(p)))
#define WEAK_WORD(v) ((uint64_t)(uintptr_t)(v))

#define wf_load(p, order)                                 \
    ((WEAK_TYPE(p))(uintptr_t)weak_load((p), sizeof *(p), \
                                        WEAK_PLACE(LOAD, #p, order)))
#define wf_store(p, v, order) \
    weak_store((p), sizeof *(p), WEAK_WORD(v), WEAK_PLACE(STORE, #p, order))
#define WEAK_RMW_OF(p, what, op, v, order)                               \
    __extension__({                                                      \
        uint64_t weak_old = weak_rmw((p), sizeof *(p), op, WEAK_WORD(v), \
                                     WEAK_PLACE(RMW, what, order));      \
        (WEAK_TYPE(p))(uintptr_t) weak_old;                              \
    })
#define wf_xchg(p, v, order) WEAK_RMW_OF(p, #p, WEAK_XCHG, v, order)
#define wf_add(p, v, order) WEAK_RMW_OF(p, #p, WEAK_ADD, v, order)
#define wf_sub(p, v, order) \
    WEAK_RMW_OF(p, #p, WEAK_ADD, 0 - WEAK_WORD(v), order)
#define wf_or(p, v, order) WEAK_RMW_OF(p, #p, WEAK_OR, v, order)
#define wf_and(p, v, order) WEAK_RMW_OF(p, #p, WEAK_AND, v, order)
#define wf_cas(p, seen, v, order)                                             \
    __extension__({                                                           \
        uint64_t weak_seen = WEAK_WORD(*(seen));                              \
        bool weak_done = weak_cas((p), sizeof *(p), &weak_seen, WEAK_WORD(v), \
                                  WEAK_PLACE(RMW, #p, order));                \
        *(seen) = (__typeof__(*(seen)))(uintptr_t)weak_seen;                  \
        weak_done;                                                            \
    })
#define wf_fence() weak_fence(WEAK_PLACE(FENCE, "fence", seq_cst))
#define wf_cpu_relax() weak_spin()

/* ---- a test ---- */

#define WEAK_THREADS 3

struct weak_test {
    const char *name;
    void (*begin)(void); /* before the threads; all see its stores */
    void (*threads[WEAK_THREADS])(void);
    void (*end)(void);     /* after all threads, and sees all that they did */
    uint32_t switches_max; /* 0 means 3 */
};

/* Why an order stays although the tests pass with a weaker one. */
struct weak_excuse {
    const char *in, *what; /* the function, and the location's expression */
    enum weak_order to;    /* the weaker order that passes, or WEAK_unreached */
    const char *why;
};

struct weak_part {
    const struct weak_test *tests;     /* ends with one without a name */
    const char *const *files;          /* or "file:function"; ends with NULL */
    const struct weak_excuse *excuses; /* ends with one without a function */
};

/* In a thread or an end: this execution has failed. */
void weak_fail(const char *what, int line);
#define WEAK_CHECK(holds) ((holds) ? (void)0 : weak_fail(#holds, __LINE__))

/* Which thread runs: 0 to 2. */
uint32_t weak_self(void);

/* If it is set, it is called when another thread begins to run. It sets the
 * thread-local variables of src to the values of that thread. */
extern void (*weak_switched)(void);

/* The thread can go on only when *awake, a variable of the test, is true. */
void weak_sleep(const bool *awake);

/* Returns what was stored last, as the kernel sees it in a system call. This
 * orders nothing, but afterwards the thread reads nothing older there. */
uint64_t weak_newest(const volatile void *p, uint32_t size);

/*
 * Plain accesses to an object. An execution fails if one of them races with
 * another access, or if any access follows weak_free. If weak_write is called
 * before the threads begin, the atomic accesses to members of the object are
 * checked against the plain accesses, too.
 */
void weak_read(const volatile void *p, size_t size);
void weak_write(const volatile void *p, size_t size);
void weak_free(const volatile void *p, size_t size);

/* Lets relaxed loads of this location read what another thread stores there
 * later. Called before the threads begin. */
void weak_late(const volatile void *p);

/* Run all executions of one test without a weaker order, and count them.
 * Returns why one fails, or NULL. */
const char *weak_try(const struct weak_test *test, uint64_t *n);

/* Run all tests, and then again for each weaker order. Prints a table; returns
 * the status of the program. */
int weak_main(const struct weak_part *part);

#endif
