/* SPDX-License-Identifier: MIT */
/* What the files of the checker share. */
#ifndef WEFT_TESTS_WEAK_INNER_H
#define WEFT_TESTS_WEAK_INNER_H

#include "weak.h"

#define WEAK_STEPS 200 /* a longer execution spins, and is dropped */

/* ---- threads.c: threads, choices, executions ---- */

extern bool weak_inside; /* a thread runs */

/* Returns a number below n. Each number below n is returned in some
 * execution. */
uint32_t weak_choose(uint32_t n);

/* The calling thread is about to access memory. Another thread may run first if
 * it can tell the difference. */
void weak_step(bool others_can_tell);

/* A thread has stored something, so threads that spin may go on. */
void weak_stored(void);

/* The calling thread spins. If it has read all that is stored, it goes on only
 * after the next store. */
void weak_rest(bool is_up_to_date);

/* End this execution, which proves nothing. With `again`, all executions start
 * anew, because more is known now of what the threads share. */
void weak_drop(bool again);

/* Run and count all executions of a test. Returns why one fails, or NULL. */
const char *weak_explore(const struct weak_test *test, uint64_t *n,
                         uint64_t *n_dropped);

/* ---- memory.c ---- */

void weak_memory_forget(void); /* before a test */
void weak_memory_begin(void);  /* before an execution */

/* Has a load read a value that no thread has stored yet? */
bool weak_memory_owes(void);

/* weak_tick adds 1 to the clock of the calling thread and returns it.
 * weak_clock_of returns what the calling thread knows of another thread's
 * clock. */
uint16_t weak_tick(void);
uint16_t weak_clock_of(uint32_t thread);

/* ---- objects.c ---- */

void weak_objects_begin(void); /* before an execution */

/* Note an access to each object that has bytes there. */
void weak_touch(const volatile void *p, size_t size, bool writes);

/* ---- trace.c ---- */

void weak_trace_begin(void); /* before an execution */
void weak_note(const struct weak_place *place, const char *what,
               uint64_t value);
void weak_trace_print(void);

/* ---- orders.c ---- */

/* Returns the order that a place has in this run. */
enum weak_order weak_order_of(struct weak_place *place);

/* Returns the order that an exchange has when it fails. */
enum weak_order weak_order_of_miss(void);

extern const char *const weak_order_names[];

#endif
