/* SPDX-License-Identifier: MIT */
/* The ring and the slot of a worker: each task is taken once, and the thread
 * that takes it sees what the pushing thread knew. */
#define WF_RUNQ_SIZE 4

#include "weak.h"

#include "fiber/runq.c"

#include <string.h>

#define TASKS 6

static struct wf_runq mine, other, third;
static struct wf_task tasks[TASKS];
static char facts[TASKS]; /* what the pushing thread knew */
static int taken[TASKS];

static void
begin(void)
{
    memset(&mine, 0, sizeof mine);
    memset(&other, 0, sizeof other);
    memset(&third, 0, sizeof third);
    memset(taken, 0, sizeof taken);
}

static void
note(struct wf_task *task)
{
    if (!task)
        return;
    size_t i = (size_t)(task - tasks);
    WEAK_CHECK(i < TASKS && taken[i]++ == 0);
    weak_read(&facts[i], 1);
}

static void
push(uint32_t i)
{
    weak_write(&facts[i], 1);
    if (!wf_runq_push(&mine, &tasks[i]))
        note(&tasks[i]); /* the ring is full: the task would go to the shared
                          * list */
}

/* The ring has three tasks. With one more it is full. */
static void
push_three(void)
{
    begin();
    for (uint32_t i = 0; i < 3; i++)
        push(i);
}

/* A load of ring[0], the entry that is written twice, may read what is stored
 * later. */
static void
push_three_for_late(void)
{
    push_three();
    weak_late(&mine.ring[0]);
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
push_two(void)
{
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
    while ((task = wf_runq_pop(&mine)) || (task = wf_runq_pop(&other)) ||
           (task = wf_runq_pop(&third)))
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

/* ---- a thief's own ring, from which others steal ---- */

/* `mine` and `other` have three tasks each. */
static void
push_to_both(void)
{
    begin();
    for (uint32_t i = 0; i < 6; i++) {
        weak_write(&facts[i], 1);
        WEAK_CHECK(wf_runq_push(i < 3 ? &other : &mine, &tasks[i]));
    }
    weak_late(&other.ring[0]);
}

/* Empty `other`, then steal two tasks into it. The second task is stored in
 * ring[0], which had a task before, so the late load of the other thief may
 * read that old task. */
static void
empty_and_refill(void)
{
    struct wf_task *task;
    while ((task = wf_runq_pop(&other)))
        note(task);
    note(wf_runq_steal(&mine, &other));
}

static void
six_are_taken(void)
{
    check_taken(6);
}

/* ---- another thief takes what a thief has moved ---- */

static void
steal_on(void)
{
    note(wf_runq_steal(&other, &third));
}

static void
three_are_taken(void)
{
    check_taken(3);
}

static void
pop(void)
{
    note(wf_runq_pop(&mine));
}

/* ---- the slot ---- */

static void
use_slot(void)
{
    weak_write(&facts[0], 1);
    note(wf_runq_push_last(&mine, &tasks[0]));
    weak_write(&facts[1], 1);
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

/* ---- a thread takes a task over and goes on with it ---- */

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

int
main(void)
{
    static const struct weak_test tests[] = {
        {"steal", begin, {push_and_pop, steal}, two_are_taken, 0},
        {"reuse",
         push_three_for_late,
         {pop_and_push, steal},
         five_are_taken,
         0},
        {"reuse without a pop",
         push_three_for_late,
         {push_two, steal},
         five_are_taken,
         0},
        {"steal from a thief",
         push_three,
         {steal, steal_on},
         three_are_taken,
         0},
        {"reuse by a steal",
         push_to_both,
         {empty_and_refill, steal_on},
         six_are_taken,
         0},
        {"two thieves", push_three, {steal, pop}, three_are_taken, 0},
        {"slot", begin, {use_slot, take_slot}, slot_is_taken, 0},
        {"length", begin, {push_one, wait_and_steal}, one_is_taken, 0},
        {0},
    };
    static const char *const files[] = {"runq.c", "runq.h", NULL};
    static const struct weak_excuse excuses[] = {
        {"wf_cas", "that fails", WEAK_relaxed,
         "not needed here; base/atomic.h says so for all"},
        {0},
    };
    return weak_main(&(struct weak_part){tests, files, excuses});
}
