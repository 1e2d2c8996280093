/* SPDX-License-Identifier: MIT */
/* The modelled memory; weak.h says how it works. */
#include "inner.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOCATIONS 48
#define MESSAGES 40
#define VALUES 6

struct view {
    uint16_t clock[WEAK_THREADS + 1];
    uint8_t seen[LOCATIONS]; /* the oldest message that the thread may read */
};

/* What all executions of a test so far tell of a location. If only one thread
 * accesses a location, the others cannot tell when it does. */
static struct known {
    const volatile void *at;
    uint8_t threads; /* a bit for each that accesses it */
    bool stored, late;
    uint8_t n_values, by[VALUES]; /* if late: the values stored there, and the
                                   * thread of each */
    uint64_t values[VALUES];
} known[LOCATIONS];
static uint32_t n_known;

static struct location {
    uint32_t n; /* 0: not touched in this execution */
    struct message {
        uint64_t value;
        struct view view;
        enum { NOT_SEQ_CST, NOT_PLACED, PLACED } place; /* in the order S */
        uint8_t known[LOCATIONS]; /* the part of S before it */
    } messages[MESSAGES];
} locations[LOCATIONS];

/* now: what the thread may read; acquired: what its relaxed loads saw, which
 * its next fence adds to `now`; released: `now` at its last fence, for its
 * relaxed stores. S is the order of all that is seq_cst. known: the part of S
 * before the thread's next step in S. open: a store whose place in S is not
 * chosen yet. */
static struct {
    struct view now, acquired, released;
    uint8_t known[LOCATIONS];
    struct message *open;
    uint32_t open_at;
} threads[WEAK_THREADS];
static uint8_t placed[LOCATIONS]; /* for each location: its last store that has
                                   * a place in S */

/* The one load that reads a value before another thread stores it. */
static struct {
    bool was, owed;
    uint32_t thread, location;
    uint16_t clock;
    uint64_t value;
} late;

/* ---- executions ---- */

void
weak_memory_forget(void)
{
    memset(known, 0, sizeof known);
    n_known = 0;
}

void
weak_memory_begin(void)
{
    for (uint32_t i = 0; i < LOCATIONS; i++)
        locations[i].n = 0;
    memset(threads, 0, sizeof threads);
    memset(placed, 0, sizeof placed);
    memset(&late, 0, sizeof late);
    weak_objects_begin();
    weak_trace_begin();
}

bool
weak_memory_owes(void)
{
    return late.owed;
}

/* ---- views ---- */

static void
join_seen(uint8_t *to, const uint8_t *from)
{
    for (uint32_t i = 0; i < LOCATIONS; i++)
        to[i] = from[i] > to[i] ? from[i] : to[i];
}

static void
join(struct view *to, const struct view *from)
{
    for (uint32_t i = 0; i < WEAK_THREADS; i++)
        if (from->clock[i] > to->clock[i])
            to->clock[i] = from->clock[i];
    join_seen(to->seen, from->seen);
}

static struct view *
now(void)
{
    return &threads[weak_self()].now;
}

uint16_t
weak_tick(void)
{
    return ++now()->clock[weak_self()];
}

uint16_t
weak_clock_of(uint32_t thread)
{
    return now()->clock[thread];
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

/* ---- locations ---- */

static uint64_t
cut(uint64_t v, uint32_t size)
{
    return size < 8 ? v & (((uint64_t)1 << size * 8) - 1) : v;
}

static uint64_t
real_value(const volatile void *p, uint32_t size)
{
    uint64_t v = 0;
    memcpy(&v, (const void *)(uintptr_t)p, size);
    return v;
}

static void
set_real(volatile void *p, uint32_t size, uint64_t v)
{
    memcpy((void *)(uintptr_t)p, &v, size);
}

static uint32_t
known_at(const volatile void *p)
{
    uint32_t i = 0;
    while (i < n_known && known[i].at != p)
        i++;
    if (i == LOCATIONS)
        abort();
    if (i == n_known)
        known[n_known++].at = p;
    return i;
}

void
weak_late(const volatile void *p)
{
    known[known_at(p)].late = true;
}

static bool
is_shared(const struct known *k)
{
    return k->stored && (k->threads & (k->threads - 1)) != 0;
}

/* A thread accesses a location. Other threads may run first if they can tell
 * the difference. */
static struct location *
reach(const volatile void *p, uint32_t size, bool stores)
{
    uint32_t i = known_at(p);
    struct known *k = &known[i];
    struct location *l = &locations[i];
    bool before = is_shared(k);
    k->threads |= (uint8_t)(1u << weak_self());
    k->stored |= stores;
    if (is_shared(k) && !before)
        weak_drop(true);
    weak_step(is_shared(k));
    if (l->n == 0) {
        memset(&l->messages[0], 0, sizeof l->messages[0]);
        l->messages[l->n++].value = real_value(p, size);
    }
    weak_touch(p, size, false);
    if (late.owed && late.thread == weak_self() && late.location == i)
        weak_drop(false); /* the load would have to read that value again */
    return l;
}

static uint32_t
index_of(const struct location *l)
{
    return (uint32_t)(l - locations);
}

/* ---- what is seq_cst ---- */

static void
place_in_order(struct message *m, uint32_t at)
{
    uint32_t i = (uint32_t)(m - locations[at].messages);
    if (m->place == PLACED)
        return;
    m->place = PLACED;
    if (placed[at] < i)
        placed[at] = (uint8_t)i;
    memcpy(m->known, placed, sizeof placed);
}

/* The thread's next step in S comes after this store in S. */
static void
come_after(struct message *m, uint32_t at)
{
    if (m->place == NOT_SEQ_CST)
        return;
    place_in_order(m, at);
    join_seen(threads[weak_self()].known, m->known);
}

/* The thread is about to do a step in S. */
static void
close_open(void)
{
    uint32_t self = weak_self();
    if (threads[self].open)
        come_after(threads[self].open, threads[self].open_at);
    threads[self].open = NULL;
}

/* A store gets its place in S at once, or before the thread's next step in
 * S. */
static void
open_store(struct message *m, uint32_t at)
{
    m->place = NOT_PLACED;
    if (is_shared(&known[at]) && weak_choose(2) == 1) {
        threads[weak_self()].open = m;
        threads[weak_self()].open_at = at;
    } else {
        come_after(m, at);
    }
}

/* A thread reads a message. */
static uint64_t
take(struct location *l, uint32_t message, enum weak_order order)
{
    uint32_t at = index_of(l);
    struct message *m = &l->messages[message];
    now()->seen[at] = (uint8_t)message;
    join(acquires(order) ? now() : &threads[weak_self()].acquired, &m->view);
    if (order == WEAK_seq_cst)
        come_after(m, at);
    return m->value;
}

/* The oldest message that the thread may read. */
static uint32_t
oldest(const struct location *l, enum weak_order order)
{
    uint32_t at = index_of(l), first = now()->seen[at];
    if (order != WEAK_seq_cst)
        return first;
    close_open();
    return WF_MAX(first, threads[weak_self()].known[at]);
}

/* ---- loads that read a value before it is stored ---- */

/* Remember a value that is stored in a location of weak_late. */
static void
note_value(struct known *k, uint64_t v)
{
    if (!k->late)
        return;
    for (uint32_t i = 0; i < k->n_values; i++)
        if (k->values[i] == v && k->by[i] == weak_self())
            return;
    if (k->n_values == VALUES)
        abort();
    k->by[k->n_values] = (uint8_t)weak_self();
    k->values[k->n_values++] = v;
    weak_drop(true);
}

static uint32_t
late_values(const struct known *k, uint64_t *values)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < k->n_values && !late.was; i++)
        if (k->by[i] != weak_self())
            values[n++] = k->values[i];
    return n;
}

static uint64_t
take_late(uint32_t at, uint64_t value)
{
    late.was = late.owed = true;
    late.thread = weak_self();
    late.location = at;
    late.clock = now()->clock[weak_self()];
    late.value = value;
    return value;
}

/* If this store is the one that the load has read, nothing is owed any more.
 * The store must not happen after the load. A thread that knows of the load
 * reads no older message. */
static void
pay(uint32_t at, uint32_t message, uint64_t v)
{
    if (!late.owed || late.location != at || late.value != v ||
        now()->clock[late.thread] >= late.clock)
        return;
    late.owed = false;
    for (uint32_t i = 0; i < WEAK_THREADS; i++)
        if (threads[i].now.clock[late.thread] >= late.clock &&
            threads[i].now.seen[at] < message)
            threads[i].now.seen[at] = (uint8_t)message;
}

/* ---- accesses ---- */

static void
append(struct location *l, volatile void *p, uint32_t size, uint64_t v,
       const struct view *before, enum weak_order order)
{
    uint32_t at = index_of(l);
    if (l->n == MESSAGES)
        weak_drop(false);
    struct message *m = &l->messages[l->n];
    m->value = v;
    now()->seen[at] = (uint8_t)l->n;
    m->view = releases(order) ? *now() : threads[weak_self()].released;
    if (before) /* the store belongs to a release sequence */
        join(&m->view, before);
    m->place = NOT_SEQ_CST;
    pay(at, l->n, v);
    l->n++;
    if (order == WEAK_seq_cst) {
        close_open();
        open_store(m, at);
    }
    set_real(p, size, v); /* for code that runs outside of threads */
    weak_stored();
    note_value(&known[at], v);
}

uint64_t
weak_load(const volatile void *p, uint32_t size, struct weak_place *place)
{
    uint64_t values[VALUES], v;
    if (!weak_inside)
        return real_value(p, size);
    enum weak_order order = weak_order_of(place);
    struct location *l = reach(p, size, false);
    uint32_t at = index_of(l), n = l->n - oldest(l, order);
    uint32_t n_late =
        order == WEAK_relaxed ? late_values(&known[at], values) : 0;
    /* The first choice is the newest message. */
    uint32_t chosen = weak_choose(n + n_late);
    if (chosen < n)
        v = take(l, l->n - 1 - chosen, order);
    else
        v = take_late(at, values[chosen - n]);
    weak_note(place, chosen < n ? "loads" : "loads!", v);
    return v;
}

void
weak_store(volatile void *p, uint32_t size, uint64_t v,
           struct weak_place *place)
{
    v = cut(v, size);
    if (!weak_inside) {
        set_real(p, size, v);
        return;
    }
    enum weak_order order = weak_order_of(place);
    struct location *l = reach(p, size, true);
    weak_note(place, "stores", v);
    append(l, p, size, v, NULL, order);
}

static uint64_t
result_of(enum weak_op op, uint64_t old, uint64_t v, uint32_t size)
{
    switch (op) {
    case WEAK_XCHG:
        return cut(v, size);
    case WEAK_ADD:
        return cut(old + v, size);
    case WEAK_OR:
        return cut(old | v, size);
    case WEAK_AND:
        return cut(old & v, size);
    }
    abort();
}

/* Read the newest message, and append another one. */
static uint64_t
replace(struct location *l, volatile void *p, uint32_t size, enum weak_op op,
        uint64_t v, enum weak_order order)
{
    uint32_t last = l->n - 1;
    (void)oldest(l, order);
    uint64_t old = take(l, last, order);
    append(l, p, size, result_of(op, old, v, size), &l->messages[last].view,
           order);
    return old;
}

uint64_t
weak_rmw(volatile void *p, uint32_t size, enum weak_op op, uint64_t v,
         struct weak_place *place)
{
    if (!weak_inside) {
        uint64_t old = real_value(p, size);
        set_real(p, size, result_of(op, old, v, size));
        return old;
    }
    enum weak_order order = weak_order_of(place);
    struct location *l = reach(p, size, true);
    weak_note(place, "changes", l->messages[l->n - 1].value);
    return replace(l, p, size, op, v, order);
}

/* A compare-and-swap may also read an older message with another value. Then it
 * fails. */
bool
weak_cas(volatile void *p, uint32_t size, uint64_t *seen, uint64_t v,
         struct weak_place *place)
{
    uint32_t may[MESSAGES], n = 0;
    *seen = cut(*seen, size);
    if (!weak_inside) {
        uint64_t old = real_value(p, size);
        bool same = old == *seen;
        if (same)
            set_real(p, size, v);
        *seen = old;
        return same;
    }
    enum weak_order order = weak_order_of(place);
    struct location *l = reach(p, size, true);
    uint32_t last = l->n - 1;
    for (uint32_t m = last + 1; m-- > oldest(l, WEAK_relaxed);)
        if (m == last || l->messages[m].value != *seen)
            may[n++] = m;
    uint32_t m = may[weak_choose(n)];
    bool same = l->messages[m].value == *seen;
    weak_note(place, same ? "swaps" : "misses", l->messages[m].value);
    if (same)
        (void)replace(l, p, size, WEAK_XCHG, v, order);
    else
        *seen =
            take(l, m, order == WEAK_relaxed ? order : weak_order_of_miss());
    return same;
}

void
weak_fence(struct weak_place *place)
{
    if (!weak_inside)
        return;
    enum weak_order order = weak_order_of(place);
    weak_step(true);
    uint32_t self = weak_self();
    if (late.owed && late.thread == self)
        weak_drop(false); /* a load does not move below a fence */
    weak_note(place, "fences", 0);
    join(now(), &threads[self].acquired);
    if (order == WEAK_seq_cst) {
        close_open();
        join_seen(now()->seen, placed);
        join_seen(placed, now()->seen);
        memcpy(threads[self].known, placed, sizeof placed);
    }
    threads[self].released = *now();
}

/* Each store becomes visible in the end. So the thread reads the newest values
 * once more before it waits for another thread. */
void
weak_spin(void)
{
    bool is_up_to_date = true;
    if (!weak_inside)
        return;
    for (uint32_t i = 0; i < n_known; i++) {
        if (locations[i].n == 0)
            continue;
        uint8_t last = (uint8_t)(locations[i].n - 1);
        is_up_to_date &= now()->seen[i] == last;
        now()->seen[i] = last;
    }
    weak_rest(is_up_to_date);
}

uint64_t
weak_newest(const volatile void *p, uint32_t size)
{
    if (!weak_inside)
        return real_value(p, size);
    struct location *l = reach(p, size, false);
    weak_note(NULL, "sees", l->messages[l->n - 1].value);
    return take(l, l->n - 1, WEAK_relaxed);
}
