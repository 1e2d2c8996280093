/* SPDX-License-Identifier: MIT */
/* Runs threads one step at a time, in all orders that the bounds allow. */
#include "inner.h"

#include "base/check.h"
#include "fiber/switch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STACK 32768u
#define CHOICES (4 * WEAK_STEPS)
#define SWITCHES 3u

bool weak_inside;
void (*weak_switched)(void);

static struct thread {
    void *stack_pointer;
    void (*run)(void);
    const bool *awake; /* it sleeps until this is true, or NULL */
    bool done, spins;
    uint64_t heard; /* the number of stores when it began to spin */
} threads[WEAK_THREADS];
static _Alignas(64) uint8_t stacks[WEAK_THREADS][STACK];
static uint32_t n_threads, current, switches, switches_max;
static uint64_t n_stores, n_steps;
static bool failed, dropped, begins_anew;
static char why[200];
static void *outside;

/* ---- choices ---- */

static struct {
    uint8_t chosen[CHOICES], of[CHOICES];
    uint32_t n, at;
} choices;

uint32_t
weak_choose(uint32_t n)
{
    if (n <= 1)
        return 0;
    if (choices.at == CHOICES || n > UINT8_MAX)
        abort();
    if (choices.at == choices.n) {
        choices.chosen[choices.n] = 0;
        choices.of[choices.n++] = (uint8_t)n;
    }
    if (choices.of[choices.at] != n)
        abort(); /* the same choices must lead to the same state */
    return choices.chosen[choices.at++];
}

static bool
next_choices(void)
{
    choices.n = choices.at;
    choices.at = 0;
    while (choices.n > 0) {
        uint32_t last = choices.n - 1;
        if (++choices.chosen[last] < choices.of[last])
            return true;
        choices.n--;
    }
    return false;
}

/* ---- threads ---- */

static void
leave(void)
{
    void *dead;
    weak_inside = false;
    (void)wf_switch(&dead, outside, NULL);
}

void
weak_drop(bool again)
{
    dropped = true;
    begins_anew |= again;
    leave();
}

/* An execution that owes a value goes on: it is possible only if a thread
 * stores the value later. */
void
weak_fail(const char *what, int line)
{
    if (!failed)
        snprintf(why, sizeof why, "%d: %s", line, what);
    failed = true;
    if (weak_inside && !weak_memory_owes())
        leave();
}

/* What WF_CHECK calls in the code of src. */
_Noreturn void
wf_check_failed(const char *what, const char *file, int line)
{
    (void)file;
    weak_fail(what, line);
    if (weak_inside)
        weak_drop(false);
    abort();
}

uint32_t
weak_self(void)
{
    return current;
}

static bool
can_run(const struct thread *t)
{
    return !t->done && (!t->spins || t->heard != n_stores) &&
           (!t->awake || *t->awake);
}

static void
all_wait(void)
{
    bool all_done = true;
    for (uint32_t i = 0; i < n_threads; i++)
        all_done &= threads[i].done;
    if (!all_done && !weak_memory_owes())
        weak_fail("all threads wait", 0);
    dropped |= !all_done;
    leave();
}

static void
set_current(uint32_t thread)
{
    current = thread;
    if (weak_switched)
        weak_switched();
}

/* Let a thread that can go on make the next step. */
static void
switch_thread(void)
{
    uint32_t able[WEAK_THREADS], n = 0;
    struct thread *self = &threads[current];
    bool stays = can_run(self);
    if (stays)
        able[n++] = current;
    if (!stays || switches < switches_max)
        for (uint32_t i = 0; i < n_threads; i++)
            if (i != current && can_run(&threads[i]))
                able[n++] = i;
    if (n == 0)
        all_wait();
    uint32_t next = able[weak_choose(n)];
    threads[next].spins = false;
    threads[next].awake = NULL;
    if (next == current)
        return;
    switches += stays;
    set_current(next);
    (void)wf_switch(&self->stack_pointer, threads[next].stack_pointer, NULL);
}

void
weak_step(bool others_can_tell)
{
    if (++n_steps > WEAK_STEPS)
        weak_drop(false);
    if (others_can_tell)
        switch_thread();
}

void
weak_stored(void)
{
    n_stores++;
}

void
weak_rest(bool is_up_to_date)
{
    threads[current].spins = is_up_to_date;
    threads[current].heard = n_stores;
    weak_step(true);
}

void
weak_sleep(const bool *awake)
{
    if (!weak_inside)
        return;
    threads[current].awake = awake;
    weak_step(true);
}

static void
run_thread(void *arg, void *carry)
{
    (void)arg, (void)carry;
    threads[current].run();
    threads[current].done = true;
    switch_thread();
    abort();
}

/* ---- all executions ---- */

static void
execute(const struct weak_test *test)
{
    n_threads = switches = 0;
    n_stores = n_steps = 0;
    failed = dropped = false;
    weak_memory_begin();
    test->begin();
    for (; n_threads < WEAK_THREADS && test->threads[n_threads]; n_threads++)
        threads[n_threads] =
            (struct thread){.run = test->threads[n_threads],
                            .stack_pointer = wf_switch_make(
                                stacks[n_threads] + STACK, run_thread, NULL)};
    set_current(weak_choose(n_threads));
    weak_inside = true;
    (void)wf_switch(&outside, threads[current].stack_pointer, NULL);
    weak_inside = false;
    if (weak_memory_owes() || begins_anew)
        failed = false;
    else if (!failed && !dropped && test->end)
        test->end();
}

static uint32_t
limit_of(const struct weak_test *test)
{
    const char *more = getenv("WEAK_SWITCHES");
    if (more)
        return (uint32_t)atoi(more);
    return test->switches_max ? test->switches_max : SWITCHES;
}

const char *
weak_explore(const struct weak_test *test, uint64_t *n, uint64_t *n_dropped)
{
    switches_max = limit_of(test);
    weak_memory_forget();
    do {
        choices.n = choices.at = 0;
        begins_anew = false;
        do {
            execute(test);
            ++*n;
            *n_dropped += dropped;
        } while (!failed && !begins_anew && next_choices());
    } while (begins_anew);
    return failed ? why : NULL;
}

const char *
weak_try(const struct weak_test *test, uint64_t *n)
{
    uint64_t n_dropped = 0;
    return weak_explore(test, n, &n_dropped);
}
