/* SPDX-License-Identifier: MIT */
/* The ring of a worker and its slot: each task is taken once, and who takes it
 * sees what its pusher knew. */
#define WF_RUNQ_SIZE 4

#include "weak.h"

#include "fiber/runq.c"

#include <string.h>

#define TASKS 6

static struct wf_runq mine, other;
static struct wf_task tasks[TASKS];
static _Atomic uint32_t facts[TASKS]; /* what the pusher knew */
static int taken[TASKS];

static void
begin(void)
{
    memset(&mine, 0, sizeof mine);
    memset(&other, 0, sizeof other);
    memset((void *)facts, 0, sizeof facts);
    memset(taken, 0, sizeof taken);
}

static void
prepare(uint32_t i)
{
    wf_store(&facts[i], 1, relaxed);
}

static void
note(struct wf_task *task)
{
    if (!task)
        return;
    size_t i = (size_t)(task - tasks);
    WEAK_CHECK(i < TASKS && taken[i]++ == 0);
    WEAK_CHECK(wf_load(&facts[i], relaxed) == 1);
}

static void
push(uint32_t i)
{
    prepare(i);
    if (!wf_runq_push(&mine, &tasks[i]))
        note(&tasks[i]); /* it would go to the shared list */
}

/* Three tasks are there: one more, and the ring is full. */
static void
push_three(void)
{
    begin();
    for (uint32_t i = 0; i < 3; i++)
        push(i);
}

static void
push_and_pop(void)
{
    push(0);
    push(1);
    note(wf_runq_pop(&mine));
}

static void
pop_and_push(void)
{
    note(wf_runq_pop(&mine));
    push(3);
    push(4);
}

static void
steal(void)
{
    note(wf_runq_steal(&mine, &other));
}

static void
check_taken(int n)
{
    struct wf_task *task;
    while ((task = wf_runq_pop(&mine)) || (task = wf_runq_pop(&other)))
        note(task);
    for (int i = 0; i < n; i++)
        WEAK_CHECK(taken[i] == 1);
}

static void
two_are_taken(void)
{
    check_taken(2);
}

static void
five_are_taken(void)
{
    check_taken(5);
}

static void
pop(void)
{
    note(wf_runq_pop(&mine));
}

/* ---- what a thief has moved, another one takes ---- */

static void
steal_on(void)
{
    static struct wf_runq third;
    memset(&third, 0, sizeof third);
    note(wf_runq_steal(&other, &third));
}

static void
three_are_taken(void)
{
    check_taken(3);
}

/* ---- the slot ---- */

static void
use_slot(void)
{
    prepare(0);
    note(wf_runq_push_last(&mine, &tasks[0]));
    prepare(1);
    note(wf_runq_push_last(&mine, &tasks[1]));
    note(wf_runq_take_last(&mine));
}

static void
take_slot(void)
{
    note(wf_runq_take_last(&mine));
}

static void
slot_is_taken(void)
{
    note(wf_runq_take_last(&mine));
    WEAK_CHECK(taken[0] == 1 && taken[1] == 1);
}

/* ---- who takes a task over goes on from there ---- */

static void
push_one(void)
{
    push(0);
}

static void
wait_and_steal(void)
{
    while (wf_runq_len(&mine) == 0)
        weak_spin();
    steal();
}

static void
one_is_taken(void)
{
    check_taken(1);
}

/*
 * Twelve weaker orders pass. Two are really not needed: only the owner fills
 * the slot, so it need not acquire the task that it replaces there; and a
 * thread that empties the slot stores nothing there that others would acquire.
 * Two are those of wf_runq_len, which gives a hint. The others make sure that a
 * place in the ring has been read before it is used again. In C11 that read
 * could be late without them, which this memory does not model.
 */
#define NOT_NEEDED 12

int
main(void)
{
    static const struct weak_test tests[] = {
        {"steal", begin, {push_and_pop, steal}, two_are_taken},
        {"reuse", push_three, {pop_and_push, steal}, five_are_taken},
        {"steal from a thief", push_three, {steal, steal_on}, three_are_taken},
        {"two thieves", push_three, {steal, pop}, three_are_taken},
        {"slot", begin, {use_slot, take_slot}, slot_is_taken},
        {"length", begin, {push_one, wait_and_steal}, one_is_taken},
    };
    return weak_main(tests, sizeof tests / sizeof *tests, "runq.c", NOT_NEEDED);
}
