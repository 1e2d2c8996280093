/* SPDX-License-Identifier: MIT */
/* What the files of the checker ask of each other. */
#ifndef WEFT_TESTS_WEAK_INNER_H
#define WEFT_TESTS_WEAK_INNER_H

#include "weak.h"

#define WEAK_STEPS 200 /* a longer execution spins, and is dropped */

/* ---- threads.c: threads, choices, executions ---- */

extern bool weak_inside; /* a thread runs */

/* One of n, each of them in some execution. */
uint32_t weak_choose(uint32_t n);

/* The thread is about to touch memory. Others may run before if they can tell
 * the difference. */
void weak_step(bool others_can_tell);

/* Somebody may have waited for this store. */
void weak_stored(void);

/* Has anything been stored since the calling thread began to spin? */
void weak_rest(bool is_up_to_date);

/* End this execution: it proves nothing, or, with `again`, all executions have
 * to begin anew, because more is known now of what the threads share. */
void weak_drop(bool again);

/* Run and count all executions of a test. Returns why one fails, or NULL. */
const char *weak_explore(const struct weak_test *test, uint64_t *n,
                         uint64_t *n_dropped);

/* ---- memory.c ---- */

void weak_memory_forget(void); /* before a test */
void weak_memory_begin(void);  /* before an execution */

/* A load has read a value that has not been stored. */
bool weak_memory_owes(void);

/* The clock of the calling thread, one more with each step; and what the thread
 * knows of the clock of another. */
uint16_t weak_tick(void);
uint16_t weak_clock_of(uint32_t thread);

/* ---- objects.c ---- */

void weak_objects_begin(void); /* before an execution */

/* An access to whatever objects lie there. */
void weak_touch(const volatile void *p, size_t size, bool writes);

/* ---- trace.c ---- */

void weak_trace_begin(void); /* before an execution */
void weak_note(const struct weak_place *place, const char *what,
               uint64_t value);
void weak_trace_print(void);

/* ---- orders.c ---- */

/* The order that a place has in this run. */
enum weak_order weak_order_of(struct weak_place *place);

/* That of an exchange that fails. */
enum weak_order weak_order_of_miss(void);

extern const char *const weak_order_names[];

#endif
