/* SPDX-License-Identifier: MIT */
/*
 * Runs small lock-free parts of weft under the weak memory of C11, in all
 * executions of two or three threads.
 *
 * This header takes the place of base/atomic.h, so that the code of src itself
 * runs on a modelled memory. Each location keeps all values that were ever
 * stored there. A thread has a view: for each location the oldest value that
 * the thread may still read. A load may read that value or any later one. A
 * store keeps a view with its value (a releasing store that of its thread, a
 * relaxed one that of the last fence before it, and an exchange also that of
 * the value which it replaces), and an acquiring load joins that view to the
 * one of its thread, a relaxed one at the next fence.
 *
 * All that is seq_cst has an order S. A fence sees whatever stores S has by
 * then, and all that its thread knows becomes part of S. A store or exchange
 * gets its place in S at once, or (another choice) just before the next step of
 * its thread in S. A load is placed as early as its thread's steps in S and the
 * store that it reads allow, and reads nothing older than S has there.
 *
 * One execution is a list of choices: which thread does the next step, which
 * value a load reads, when a store enters S. All lists are tried, up to a
 * number of switches away from a thread that could go on (WEAK_SWITCHES in the
 * environment; 3).
 *
 * A view also has a clock of each thread, which tells what happens before what.
 * A test names the plain data of its part: weak_read, weak_write, weak_free.
 * An execution fails if one of these is not ordered with another access to the
 * same object, be that plain or atomic. So an order is needed even if no
 * value comes out wrong without it: that two accesses race is enough.
 *
 * Each order that the code names is then made weaker by one step, one at a
 * time. Either a test fails, or the order is not needed as far as the tests
 * tell; then the test's list of excuses must say why it stays. An order that no
 * test comes by needs an excuse, too. All rows are printed.
 *
 * The limits. A test covers what it calls, with two or three threads that do so
 * once or twice. Stores to one place take effect in the order in which they are
 * executed (C11 lets two threads' stores that nothing orders take effect the
 * other way round). A load reads what is stored later only where a test allows
 * it (weak_late), once in an execution. The stores and fences of S come in the
 * order in which they are executed, but for the delay above. A releasing store
 * heads no store of its own thread that comes after it, as in C++20 (C11 lets
 * it). An exchange that fails acquires, unless it is relaxed: base/atomic.h
 * says so for all of them, and one row tries all of a part at once without
 * that.
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
    WEAK_unreached, /* in an excuse: no test comes by */
};

enum weak_kind { WEAK_LOAD, WEAK_STORE, WEAK_RMW, WEAK_FENCE, WEAK_MISS };

/* An order in the code. */
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

/* The thread can go on only after another one has stored something. */
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
    void (*begin)(void); /* before the threads; its stores are seen by all */
    void (*threads[WEAK_THREADS])(void);
    void (*end)(void);     /* after them, and after all that they did */
    uint32_t switches_max; /* 0: 3 */
};

/* Why an order is stronger than the tests need. */
struct weak_excuse {
    const char *in, *what; /* the function, and the location's expression */
    enum weak_order to;    /* which weaker order passes, or WEAK_unreached */
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

/* Called, if it is set, when another thread begins to run: puts the values of
 * that thread into what is thread-local in src. */
extern void (*weak_switched)(void);

/* The thread can go on only when *awake is true, a variable of the test. */
void weak_sleep(const bool *awake);

/* What was stored last, as the kernel sees it in a system call. Orders nothing,
 * but the thread reads nothing older there from then on. */
uint64_t weak_newest(const volatile void *p, uint32_t size);

/*
 * Plain accesses to an object. weak_write before the threads begin makes the
 * object known, so that atomic accesses to its members count, too. After
 * weak_free every access fails.
 */
void weak_read(const volatile void *p, size_t size);
void weak_write(const volatile void *p, size_t size);
void weak_free(const volatile void *p, size_t size);

/* Relaxed loads of this location may read what another thread stores there
 * later. Called before the threads begin. */
void weak_late(const volatile void *p);

/* Run all executions of one test as the code is, and count them. Returns why
 * one fails, or NULL. */
const char *weak_try(const struct weak_test *test, uint64_t *n);

/* Run all tests, and then again for each weaker order. Prints a table; returns
 * the status of the program. */
int weak_main(const struct weak_part *part);

#endif
