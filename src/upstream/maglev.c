/* SPDX-License-Identifier: MIT */
/*
 * WEFT_CONSISTENT_HASH: the key of a call decides about its endpoint.
 *
 * A list has a table with WF_MAGLEV_SIZE entries, and each entry is the index
 * of an item. The hash of the key chooses the entry. Each item visits all
 * entries in an order that depends on its address alone, as if the times of the
 * visits were random numbers with an exponential distribution whose rate is the
 * item's weight. An entry belongs to the item that visits it first. So an item
 * gets entries in proportion to its weight, and if an item leaves the list,
 * only its own entries change. All numbers are fixed, so that all clients that
 * have the same addresses and weights have the same table, on every kind of
 * machine.
 *
 * Sources: Eisenbud et al., Maglev (NSDI 2016), for the table and the orders;
 * but there an item visits on until it finds a free entry, so that all parts
 * are equal, and if one of 100 items leaves, 1.6 times its entries change. The
 * race is that of Schindelhauer and Schomaker, Weighted Distributed Hash Tables
 * (SPAA 2005).
 *
 * An item that has too many attempts in flight is passed over: the call gets
 * the item of the next entry. Each worker compares what it has itself in
 * flight. Source: Mirrokni et al., Consistent Hashing with Bounded Loads.
 */
#include "upstream/upstream.h"

#include <errno.h>
#include <string.h>

/* An item may have LOAD times its part of all attempts in flight. */
#define LOAD 1.25
/* How many entries are looked at before the bound is ignored. At most 1 / LOAD
 * of the entries belong to items at their bound, so this hardly happens. */
#define LOOK_MOST 64u

/* The unit of time in the race is 1 / the sum of all weights, so about one
 * visit to each entry happens in it. An entry has no visit in k units with the
 * probability exp(-k), unless addresses were chosen to have the same order. */
#define UNITS_MAX 64u

/* The next visit of an item. The entries of its order are `at`, at + step,
 * at + 2 step, ... modulo WF_MAGLEV_SIZE, which is a prime. */
struct visit {
    uint32_t at, step;
    uint32_t n_left; /* entries that the item has not visited */
    double when;
};

struct race {
    struct wf_snapshot *list;
    struct visit *next; /* of each item */
    double *when;       /* of the first visit to each entry; 0: none yet */
    uint32_t n_free;    /* entries without a visit */
};

uint32_t
wf_maglev_entry(struct weft_str key)
{
    return (uint32_t)(wf_hash(key, 0) % WF_MAGLEV_SIZE);
}

/* ---- the table ---- */

/* The expected time between two visits: the rate of the next visit is the
 * weight for each entry that is left. */
static double
pause_before(const struct visit *v, uint32_t weight)
{
    return 1 / ((double)v->n_left * weight);
}

/* The two numbers of the order must not depend on each other, so they come from
 * different bits of the hash. */
static struct visit
first_visit(const struct wf_item *item)
{
    const char *address = wf_client_address(item->endpoint->client);
    uint64_t h = wf_hash(weft_str_of(address), 0);
    struct visit v = {.at = (uint32_t)((h >> 32) % WF_MAGLEV_SIZE),
                      .step = (uint32_t)(h % (WF_MAGLEV_SIZE - 1)) + 1,
                      .n_left = WF_MAGLEV_SIZE};
    v.when = pause_before(&v, item->weight);
    return v;
}

/* Let an item make its visits until a time. */
static void
visit_until(struct race *race, uint32_t i, double until)
{
    struct visit *v = &race->next[i];
    while (v->n_left > 0 && v->when <= until) {
        double *first = &race->when[v->at];
        race->n_free -= *first == 0;
        if (*first == 0 || v->when < *first) {
            *first = v->when;
            race->list->table[v->at] = (uint16_t)i;
        }
        v->at = (v->at + v->step) % WF_MAGLEV_SIZE;
        if (--v->n_left > 0)
            v->when += pause_before(v, race->list->items[i].weight);
    }
}

static void
run(struct race *race, struct wf_turn *turn)
{
    const struct wf_snapshot *list = race->list;
    uint32_t units_max = WF_MAYBE("end the race early") ? 1 : UNITS_MAX;
    for (uint32_t i = 0; i < list->n; i++)
        race->next[i] = first_visit(&list->items[i]);
    for (uint32_t k = 1; k <= units_max && race->n_free > 0; k++)
        for (uint32_t i = 0; i < list->n; i++) {
            visit_until(race, i, (double)k / (double)list->weight);
            wf_turn_step(turn);
        }
    for (uint32_t at = 0; race->n_free > 0 && at < WF_MAGLEV_SIZE; at++)
        if (race->when[at] == 0)
            list->table[at] = (uint16_t)(at % list->n);
}

_Static_assert(WF_ENDPOINTS_MAX <= UINT16_MAX + 1u, "an entry is a uint16_t");

weft_err
wf_maglev_make(struct wf_snapshot *list, struct wf_turn *turn)
{
    if (list->n == 0)
        return WEFT_OK;
    struct race race = {
        .list = list,
        .next = wf_sys_malloc(list->n * sizeof *race.next),
        .when = wf_sys_zalloc(WF_MAGLEV_SIZE * sizeof *race.when),
        .n_free = WF_MAGLEV_SIZE,
    };
    list->table = wf_sys_malloc(WF_MAGLEV_SIZE * sizeof *list->table);
    weft_err err = race.next && race.when && list->table ? WEFT_OK : -ENOMEM;
    if (!err)
        run(&race, turn);
    wf_sys_free(race.next);
    wf_sys_free(race.when);
    return err;
}

/* ---- the choice ---- */

/* True if one more attempt would exceed the bound. relaxed: an old count makes
 * the choice worse, but not wrong. */
static bool
is_full(const struct wf_snapshot *list, uint32_t i, uint32_t part_index,
        uint64_t n_all)
{
    const struct wf_item *item = &list->items[i];
    const struct wf_load *loads = wf_load(&item->endpoint->loads, acquire);
    if (!loads)
        return false;
    const struct wf_load *mine = &loads[part_index];
    uint64_t n =
        wf_load(&mine->begun, relaxed) - wf_load(&mine->ended, relaxed);
    double part = (double)item->weight / (double)list->weight;
    return (double)n >= LOAD * (double)(n_all + 1) * part;
}

uint32_t
wf_maglev_find(const struct wf_snapshot *list, const struct wf_part *part,
               uint32_t part_index, uint32_t *entry)
{
    uint64_t n_all = wf_load(&part->in_flight, relaxed);
    uint32_t first = *entry, at = first;
    for (uint32_t k = 0; k < LOOK_MOST; k++) {
        uint32_t i = list->table[at];
        at = at + 1 < WF_MAGLEV_SIZE ? at + 1 : 0;
        *entry = at;
        if (!is_full(list, i, part_index, n_all))
            return i;
    }
    return list->table[first];
}
