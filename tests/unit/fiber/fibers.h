/* SPDX-License-Identifier: MIT */
/*
 * For tests that run in fibers. There a failed assertion of cmocka cannot jump
 * back to its test, so CHECK ends the program instead.
 */
#ifndef WEFT_TESTS_FIBERS_H
#define WEFT_TESTS_FIBERS_H

#include "fiber/fiber.h"

#include <errno.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define CHECK(cond)                                                         \
    ((cond) ? (void)0                                                       \
            : (fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, \
                       #cond),                                              \
               abort()))

/* ms: a time-out that ends only a test that hangs */
#define LONG_MS 60000

static inline void
workers_start(uint32_t workers)
{
    struct weft_runtime_options options = {.workers = workers};
    CHECK(weft_runtime_start(&options) == WEFT_OK);
}

static inline weft_fiber
spawn(void (*fn)(void *arg), void *arg)
{
    weft_fiber fiber;
    CHECK(weft_fiber_start(fn, arg, &fiber) == WEFT_OK);
    return fiber;
}

static inline void
run_fiber(void (*fn)(void *arg), void *arg)
{
    CHECK(weft_fiber_join(spawn(fn, arg)) == WEFT_OK);
}

/* Wait for a condition that no event reports: check it and yield, until it is
 * true. */
#define WAIT_FOR(cond)                                \
    do {                                              \
        uint64_t wait_until = weft_after_ms(LONG_MS); \
        while (!(cond)) {                             \
            CHECK(weft_now_ns() < wait_until);        \
            weft_fiber_yield();                       \
        }                                             \
    } while (0)

/* How many fibers and threads wait in a queue. */
static inline int
n_waiters(struct weft_waitq *q)
{
    int n = 0;
    wf_waitq_lock(q);
    for (struct weft_waitnode *node = q->head; node; node = node->next)
        n++;
    wf_waitq_unlock(q);
    return n;
}

/* A function for weft_blocking that holds its thread. */
struct holder {
    struct weft_sem begun;
    sem_t end; /* of libc: its waiters count as at work */
};

static inline void
hold_thread(void *arg)
{
    struct holder *h = arg;
    weft_sem_give(&h->begun, 1);
    CHECK(sem_wait(&h->end) == 0);
}

static inline void
hold_in_fiber(void *holder)
{
    CHECK(weft_blocking(hold_thread, holder) == WEFT_OK);
}

/* Can the byte be read? The kernel reads it, and returns EFAULT if it
 * cannot. */
static inline bool
is_readable(const uint8_t *byte)
{
    int fds[2];
    CHECK(pipe(fds) == 0);
    ssize_t n = write(fds[1], byte, 1);
    CHECK(n == 1 || errno == EFAULT);
    close(fds[0]);
    close(fds[1]);
    return n == 1;
}

/* Sets up a group of tests with two workers. */
static inline int
two_workers(void **state)
{
    (void)state;
    workers_start(2);
    return 0;
}

static inline int
one_worker(void **state)
{
    (void)state;
    workers_start(1);
    return 0;
}

static inline int
workers_stop(void **state)
{
    (void)state;
    CHECK(weft_runtime_stop() == WEFT_OK);
    return 0;
}

#endif
