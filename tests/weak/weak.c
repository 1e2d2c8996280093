/* SPDX-License-Identifier: MIT */
#include "weak.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#define LOCATIONS 24
#define MESSAGES 40
#define STEPS 120 /* a longer execution spins, and is dropped */
#define PLACES 64
#define STACK 65536u

static uint32_t switches_max = 3;

struct view {
    uint8_t seen[LOCATIONS]; /* the oldest message that may be read */
};

struct message {
    uint64_t value;
    struct view view;
};

static struct location {
    const volatile void *at;
    uint32_t n, last_sc; /* the last seq_cst store */
    struct message messages[MESSAGES];
} locations[LOCATIONS];
static uint32_t n_locations;

static struct thread {
    ucontext_t context;
    /* now: what the thread may read; acquired: what its relaxed loads saw,
     * which its next fence adds to `now`; released: `now` at its last fence,
     * for its relaxed stores. */
    struct view now, acquired, released;
    void (*run)(void);
    bool done, spins;
    uint64_t heard; /* how many stores there were when it began to spin */
    uint8_t stack[STACK];
} threads[WEAK_THREADS];
static uint32_t n_threads, current, switches;
static struct view fenced; /* of all fences that are seq_cst */
static uint64_t n_stores, n_steps;
static bool inside, failed, dropped;
static char why[200];
static ucontext_t outside;

/* ---- choices ---- */

static struct {
    uint8_t chosen[4 * STEPS], of[4 * STEPS];
    uint32_t n, at;
} choices;

static uint32_t
choose(uint32_t n)
{
    if (n <= 1)
        return 0;
    if (choices.at == choices.n) {
        choices.chosen[choices.n] = 0;
        choices.of[choices.n++] = (uint8_t)n;
    }
    return choices.chosen[choices.at++];
}

static bool
next_choices(void)
{
    choices.at = 0;
    while (choices.n > 0) {
        uint32_t last = choices.n - 1;
        if (++choices.chosen[last] < choices.of[last])
            return true;
        choices.n--;
    }
    return false;
}

/* ---- orders ---- */

static struct place {
    struct weak_place place;
} places[PLACES];
static uint32_t n_places;
static const char *of_file;
static uint32_t weak_index = UINT32_MAX; /* the place that is made weaker */
static enum weak_order weak_to;

static bool
is_same(const struct weak_place *a, const struct weak_place *b)
{
    return a->line == b->line && a->kind == b->kind &&
           strcmp(a->file, b->file) == 0;
}

static enum weak_order
order_of(const struct weak_place *p)
{
    size_t len = strlen(p->file), end = strlen(of_file);
    uint32_t i = 0;
    if (!inside)
        return WEAK_seq_cst;
    if (len < end || strncmp(p->file + len - end, of_file, end - 2) != 0)
        return p->order; /* not in X.c or X.h, the files that are tried */
    while (i < n_places && !is_same(&places[i].place, p))
        i++;
    if (i == n_places && i < PLACES)
        places[n_places++].place = *p;
    return i == weak_index ? weak_to : p->order;
}

static bool
acquires(enum weak_order order)
{
    return order == WEAK_acquire || order >= WEAK_acq_rel;
}

static bool
releases(enum weak_order order)
{
    return order == WEAK_release || order >= WEAK_acq_rel;
}

/* ---- threads ---- */

static void
leave(void)
{
    inside = false;
    setcontext(&outside);
}

void
weak_fail(const char *what, int line)
{
    if (!failed)
        snprintf(why, sizeof why, "%d: %s", line, what);
    failed = true;
    if (inside)
        leave();
}

static bool
can_run(const struct thread *t)
{
    return !t->done && (!t->spins || t->heard != n_stores);
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
    if (n == 0) {
        bool all_done = true;
        for (uint32_t i = 0; i < n_threads; i++)
            all_done &= threads[i].done;
        if (!all_done)
            weak_fail("all threads wait", 0);
        leave();
    }
    uint32_t next = able[choose(n)];
    threads[next].spins = false;
    if (next == current)
        return;
    switches += stays;
    current = next;
    swapcontext(&self->context, &threads[next].context);
}

static void
step(void)
{
    if (!inside)
        return;
    if (++n_steps > STEPS) {
        dropped = true;
        leave();
    }
    switch_thread();
}

void
weak_spin(void)
{
    if (!inside)
        return;
    struct thread *t = &threads[current];
    bool is_up_to_date = true;
    /* Every store is seen after some time, so the thread reads the newest
     * values once more before it waits for another thread. */
    for (uint32_t i = 0; i < n_locations; i++) {
        is_up_to_date &= t->now.seen[i] == locations[i].n - 1;
        t->now.seen[i] = (uint8_t)(locations[i].n - 1);
    }
    t->spins = is_up_to_date;
    t->heard = n_stores;
    step();
}

static void
run_thread(void)
{
    threads[current].run();
    threads[current].done = true;
    switch_thread();
}

/* ---- memory ---- */

static void
join(struct view *to, const struct view *from)
{
    for (uint32_t i = 0; i < LOCATIONS; i++)
        if (from->seen[i] > to->seen[i])
            to->seen[i] = from->seen[i];
}

static uint64_t
real_value(const volatile void *p, uint32_t size)
{
    uint64_t v = 0;
    memcpy(&v, (const void *)(uintptr_t)p, size);
    return v;
}

static uint32_t
find(const volatile void *p, uint32_t size)
{
    uint32_t i = 0;
    while (i < n_locations && locations[i].at != p)
        i++;
    if (i < n_locations)
        return i;
    if (i == LOCATIONS)
        abort();
    n_locations++;
    locations[i].at = p;
    locations[i].n = 1;
    locations[i].last_sc = 0;
    locations[i].messages[0] = (struct message){.value = real_value(p, size)};
    return i;
}

/* A thread reads a message. */
static void
take(uint32_t at, uint32_t message, enum weak_order order)
{
    struct thread *t = &threads[current];
    const struct message *m = &locations[at].messages[message];
    t->now.seen[at] = (uint8_t)message;
    join(acquires(order) ? &t->now : &t->acquired, &m->view);
}

static void
append(uint32_t at, volatile void *p, uint32_t size, uint64_t v,
       const struct view *before, enum weak_order order)
{
    struct thread *t = &threads[current];
    struct location *l = &locations[at];
    if (l->n == MESSAGES)
        abort();
    struct message *m = &l->messages[l->n];
    t->now.seen[at] = (uint8_t)l->n;
    m->value = v;
    m->view = releases(order) ? t->now : t->released;
    if (before) /* a release sequence goes through it */
        join(&m->view, before);
    if (order == WEAK_seq_cst)
        l->last_sc = l->n;
    l->n++;
    n_stores++;
    memcpy((void *)(uintptr_t)p, &v, size); /* for code outside of threads */
}

/* The oldest message that the thread may read. */
static uint32_t
oldest(uint32_t at, enum weak_order order)
{
    uint32_t first = threads[current].now.seen[at];
    if (order == WEAK_seq_cst && locations[at].last_sc > first)
        first = locations[at].last_sc;
    if (order == WEAK_seq_cst && fenced.seen[at] > first)
        first = fenced.seen[at];
    return first;
}

uint64_t
weak_load(const volatile void *p, uint32_t size, const struct weak_place *place)
{
    enum weak_order order = order_of(place);
    if (!inside)
        return real_value(p, size);
    step();
    uint32_t at = find(p, size), first = oldest(at, order);
    /* The first choice is the newest message. */
    uint32_t m = locations[at].n - 1 - choose(locations[at].n - first);
    take(at, m, order);
    return locations[at].messages[m].value;
}

void
weak_store(volatile void *p, uint32_t size, uint64_t v,
           const struct weak_place *place)
{
    enum weak_order order = order_of(place);
    if (!inside) {
        memcpy((void *)(uintptr_t)p, &v, size);
        return;
    }
    step();
    append(find(p, size), p, size, v, NULL, order);
}

static uint64_t
result_of(enum weak_op op, uint64_t old, uint64_t v, uint32_t size)
{
    uint64_t all = size < 8 ? ((uint64_t)1 << size * 8) - 1 : UINT64_MAX;
    switch (op) {
    case WEAK_XCHG:
        return v & all;
    case WEAK_ADD:
        return (old + v) & all;
    case WEAK_OR:
        return old | v;
    case WEAK_AND:
        return old & v & all;
    }
    abort();
}

/* Read the newest message, and put another one after it. */
static uint64_t
replace(uint32_t at, volatile void *p, uint32_t size, enum weak_op op,
        uint64_t v, enum weak_order order)
{
    const struct message *m = &locations[at].messages[locations[at].n - 1];
    take(at, locations[at].n - 1, order);
    append(at, p, size, result_of(op, m->value, v, size), &m->view, order);
    return m->value;
}

uint64_t
weak_rmw(volatile void *p, uint32_t size, enum weak_op op, uint64_t v,
         const struct weak_place *place)
{
    enum weak_order order = order_of(place);
    if (!inside) {
        uint64_t old = real_value(p, size), new = result_of(op, old, v, size);
        memcpy((void *)(uintptr_t)p, &new, size);
        return old;
    }
    step();
    return replace(find(p, size), p, size, op, v, order);
}

/* A compare-and-swap may also read an older message with another value, but
 * then it fails. */
bool
weak_cas(volatile void *p, uint32_t size, uint64_t *seen, uint64_t v,
         const struct weak_place *place)
{
    enum weak_order order = order_of(place);
    uint32_t may[MESSAGES], n = 0;
    if (!inside) {
        uint64_t old = real_value(p, size);
        bool same = old == *seen;
        if (same)
            memcpy((void *)(uintptr_t)p, &v, size);
        *seen = old;
        return same;
    }
    step();
    uint32_t at = find(p, size), last = locations[at].n - 1;
    for (uint32_t m = last + 1; m-- > oldest(at, WEAK_relaxed);)
        if (m == last || locations[at].messages[m].value != *seen)
            may[n++] = m;
    uint32_t m = may[choose(n)];
    if (locations[at].messages[m].value == *seen) {
        (void)replace(at, p, size, WEAK_XCHG, v, order);
        return true;
    }
    *seen = locations[at].messages[m].value;
    take(at, m, WEAK_acquire); /* as base/atomic.h says */
    return false;
}

void
weak_fence(const struct weak_place *place)
{
    enum weak_order order = order_of(place);
    struct thread *t = &threads[current];
    if (!inside)
        return;
    step();
    join(&t->now, &t->acquired);
    if (order == WEAK_seq_cst) {
        join(&t->now, &fenced);
        fenced = t->now;
    }
    t->released = t->now;
}

/* ---- all executions ---- */

static void
execute(const struct weak_test *test)
{
    memset(&fenced, 0, sizeof fenced);
    n_locations = n_threads = current = switches = 0;
    n_stores = n_steps = 0;
    dropped = false;
    test->begin();
    for (; n_threads < WEAK_THREADS && test->threads[n_threads]; n_threads++) {
        struct thread *t = &threads[n_threads];
        memset(t, 0, offsetof(struct thread, stack));
        t->run = test->threads[n_threads];
        getcontext(&t->context);
        t->context.uc_stack.ss_sp = t->stack;
        t->context.uc_stack.ss_size = STACK;
        makecontext(&t->context, run_thread, 0);
    }
    current = choose(n_threads);
    inside = true;
    swapcontext(&outside, &threads[current].context);
    if (!failed && !dropped && test->end)
        test->end();
}

/* Returns whether one execution of the test fails. */
static bool
explore(const struct weak_test *test, uint64_t *n)
{
    choices.n = choices.at = 0;
    failed = false;
    do {
        execute(test);
        ++*n;
    } while (!failed && next_choices());
    return failed;
}

/* ---- weaker orders ---- */

static const enum weak_order weaker[4][5][3] = {
    /* Each list ends with the order itself. */
    [WEAK_LOAD] = {[WEAK_relaxed] = {WEAK_relaxed},
                   [WEAK_acquire] = {WEAK_relaxed, WEAK_acquire},
                   [WEAK_seq_cst] = {WEAK_acquire, WEAK_relaxed, WEAK_seq_cst}},
    [WEAK_STORE] = {[WEAK_relaxed] = {WEAK_relaxed},
                    [WEAK_release] = {WEAK_relaxed, WEAK_release},
                    [WEAK_seq_cst] = {WEAK_release, WEAK_relaxed,
                                      WEAK_seq_cst}},
    [WEAK_RMW] = {[WEAK_relaxed] = {WEAK_relaxed},
                  [WEAK_acquire] = {WEAK_relaxed, WEAK_acquire},
                  [WEAK_release] = {WEAK_relaxed, WEAK_release},
                  [WEAK_acq_rel] = {WEAK_acquire, WEAK_release, WEAK_acq_rel},
                  [WEAK_seq_cst] = {WEAK_acq_rel, WEAK_seq_cst}},
    [WEAK_FENCE] = {[WEAK_seq_cst] = {WEAK_acq_rel, WEAK_seq_cst}},
};

static const char *const names[] = {"relaxed", "acquire", "release", "acq_rel",
                                    "seq_cst"};

/* Returns whether a test fails with the weaker order. */
static bool
try_weaker(const struct weak_test *tests, uint32_t n, uint32_t place,
           enum weak_order to)
{
    const struct weak_place *p = &places[place].place;
    const char *found = NULL;
    uint64_t executions = 0;
    weak_index = place;
    weak_to = to;
    for (uint32_t i = 0; i < n && !found; i++)
        if (explore(&tests[i], &executions))
            found = tests[i].name;
    weak_index = UINT32_MAX;
    printf("%s:%d: %s to %s: %s%s%s\n", strrchr(p->file, '/') + 1, p->line,
           names[p->order], names[to], found ? found : "no test needs it",
           found ? ": " : "", found ? why : "");
    return found;
}

int
weak_main(const struct weak_test *tests, uint32_t n, const char *file,
          uint32_t known)
{
    uint32_t passed = 0, all = 0;
    const char *more = getenv("WEAK_SWITCHES");
    of_file = file;
    if (more)
        switches_max = (uint32_t)atoi(more);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t executions = 0;
        if (explore(&tests[i], &executions)) {
            printf("%s fails: %s\n", tests[i].name, why);
            return 1;
        }
        printf("%s: %llu executions\n", tests[i].name,
               (unsigned long long)executions);
    }
    uint32_t n_found = n_places;
    for (uint32_t i = 0; i < n_found; i++) {
        const struct weak_place *p = &places[i].place;
        const enum weak_order *to = weaker[p->kind][p->order];
        for (; *to != p->order; to++, all++)
            passed += !try_weaker(tests, n, i, *to);
    }
    printf("%u weaker orders, %u of them are not needed (%u expected)\n", all,
           passed, known);
    return passed != known;
}
