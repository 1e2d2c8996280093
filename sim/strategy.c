/* SPDX-License-Identifier: MIT */
/*
 * Which of the ready threads runs, and for how many steps, is drawn once for
 * each run:
 *
 *   calls     any thread, for a number of calls of the seam that is drawn each
 *             time; the mean differs between runs
 *   atomics   as `calls`, but each atomic operation is a step, too
 *   priority  each thread has a drawn priority; the thread with the highest
 *             priority runs until it waits. At a few steps of the run the
 *             running thread gets the lowest priority. (PCT: Burckhardt et al.,
 *             ASPLOS 2010)
 *   turns     the threads in turn, each for one call
 */
#include "sim.h"

#include <string.h>

#define CHANGES 4          /* most changes of priorities in a run */
#define CHANGE_WITHIN 4096 /* steps */

enum strategy { CALLS, ATOMICS, PRIORITY, TURNS };

static const char *const names[] = {"calls", "atomics", "priority", "turns"};
#define STRATEGIES (sizeof names / sizeof *names)

/* from the command line; NULL: the strategy is drawn */
static const char *chosen;

static struct {
    enum strategy kind;
    uint32_t mean;    /* steps of a turn */
    uint32_t changes; /* changes of priorities that are left */
    uint64_t lowest;  /* the lowest priority given so far */
    uint64_t turn;    /* used by TURNS: number of the last thread */
} strategy;

static void
atomic_step(void)
{
    if (!ws.current || (ws.has_stalls && ws_stall()))
        return;
    if (strategy.kind != ATOMICS || --ws.until_switch > 0)
        return;
    ws.now_ns += 10;
    ws_yield();
}

void
ws_strategy_draw(void)
{
    static const enum strategy kinds[] = {CALLS,   CALLS,    ATOMICS,
                                          ATOMICS, PRIORITY, TURNS};
    static const uint32_t means[] = {1, 4, 16, 64, 256};
    strategy.kind = kinds[ws_below(sizeof kinds / sizeof *kinds)];
    strategy.mean = means[ws_below(sizeof means / sizeof *means)];
    strategy.changes = (uint32_t)ws_below(CHANGES + 1);
    strategy.lowest = (uint64_t)1 << 32;
    for (enum strategy i = CALLS; chosen && i <= TURNS; i++)
        if (strcmp(chosen, names[i]) == 0)
            strategy.kind = i;
    ws_strategy_arm();
}

void
ws_strategy_arm(void)
{
    bool steps = strategy.kind == ATOMICS || ws.has_stalls;
    wf_sim_step = steps ? atomic_step : NULL;
}

const char *
ws_strategy_name(void)
{
    return names[strategy.kind];
}

bool
ws_strategy_choose(const char *name)
{
    for (size_t i = 0; i < STRATEGIES; i++)
        if (strcmp(name, names[i]) == 0)
            chosen = names[i];
    return chosen != NULL;
}

bool
ws_strategy_is_chosen(void)
{
    return chosen != NULL;
}

static struct ws_thread *
highest(void)
{
    struct ws_thread *best = ws.ready[0];
    for (uint32_t i = 0; i < ws.n_ready; i++) {
        struct ws_thread *t = ws.ready[i];
        if (!t->priority)
            t->priority = ((uint64_t)1 << 32) + ws_below((uint64_t)1 << 32);
        if (t->priority > best->priority)
            best = t;
    }
    return best;
}

/* The ready thread with the next number after the number of the last thread. */
static struct ws_thread *
in_turn(void)
{
    struct ws_thread *next = NULL, *first = ws.ready[0];
    for (uint32_t i = 0; i < ws.n_ready; i++) {
        struct ws_thread *t = ws.ready[i];
        if (t->number < first->number)
            first = t;
        if (t->number > strategy.turn && (!next || t->number < next->number))
            next = t;
    }
    next = next ? next : first;
    strategy.turn = next->number;
    return next;
}

struct ws_thread *
ws_strategy_next(void)
{
    switch (strategy.kind) {
    case PRIORITY:
        ws.until_switch =
            strategy.changes ? 1 + ws_below(CHANGE_WITHIN) : UINT64_MAX;
        return highest();
    case TURNS:
        ws.until_switch = 1;
        return in_turn();
    default:
        ws.until_switch = 1 + ws_below(2 * (uint64_t)strategy.mean);
        return ws.ready[ws_below(ws.n_ready)];
    }
}

void
ws_strategy_yielded(struct ws_thread *thread)
{
    thread->priority = --strategy.lowest;
    if (strategy.changes)
        strategy.changes--;
}
