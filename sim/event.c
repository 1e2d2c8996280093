/* SPDX-License-Identifier: MIT */
/* A binary heap of events, by time and then by the order of scheduling. */
#include "sim.h"

#include <stdlib.h>

static struct {
    struct ws_event **items; /* the index begins at 1 */
    uint32_t n, cap;
    uint32_t n_background;
    uint64_t seq;
} heap;

static bool
before(const struct ws_event *a, const struct ws_event *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->seq < b->seq;
}

static void
put(uint32_t place, struct ws_event *event)
{
    heap.items[place] = event;
    event->place = place;
}

static void
rise(uint32_t place, struct ws_event *event)
{
    for (; place > 1 && before(event, heap.items[place / 2]); place /= 2)
        put(place, heap.items[place / 2]);
    put(place, event);
}

static void
sink(uint32_t place, struct ws_event *event)
{
    for (;;) {
        uint32_t child = place * 2;
        if (child > heap.n)
            break;
        if (child < heap.n && before(heap.items[child + 1], heap.items[child]))
            child++;
        if (!before(heap.items[child], event))
            break;
        put(place, heap.items[child]);
        place = child;
    }
    put(place, event);
}

void
ws_event_cancel(struct ws_event *event)
{
    uint32_t place = event->place;
    if (!place)
        return;
    event->place = 0;
    heap.n_background -= event->background;
    struct ws_event *last = heap.items[heap.n--];
    if (last == event)
        return;
    if (place > 1 && before(last, heap.items[place / 2]))
        rise(place, last);
    else
        sink(place, last);
}

void
ws_event_at(struct ws_event *event, uint64_t at_ns)
{
    ws_event_cancel(event);
    if (heap.n + 2 > heap.cap) {
        heap.cap = heap.cap ? heap.cap * 2 : 256;
        heap.items = realloc(heap.items, heap.cap * sizeof *heap.items);
        if (!heap.items)
            ws_die("no memory for %u events", heap.cap);
    }
    event->at_ns = at_ns;
    event->seq = ++heap.seq;
    heap.n_background += event->background;
    rise(++heap.n, event);
}

struct ws_event *
ws_event_next(uint64_t now_ns)
{
    if (!heap.n || heap.items[1]->at_ns > now_ns)
        return NULL;
    struct ws_event *first = heap.items[1];
    ws_event_cancel(first);
    return first;
}

uint64_t
ws_event_due_ns(void)
{
    return heap.n ? heap.items[1]->at_ns : WEFT_NEVER;
}

bool
ws_event_is_any(void)
{
    return heap.n > heap.n_background;
}
