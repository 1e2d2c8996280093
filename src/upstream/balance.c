/* SPDX-License-Identifier: MIT */
/*
 * Chooses an endpoint for an attempt. Each worker writes only memory of its own
 * here. A relaxed load may read an old value. An old value makes the choice
 * worse, but not wrong.
 */
#include "upstream/slow_start.h"
#include "upstream/upstream.h"

/* WEFT_LEAST and WEFT_LOCALITY_AWARE look at all endpoints of a list with at
 * most LOOK_MOST endpoints, and at LOOK_SAMPLE random ones of a longer list. */
#define LOOK_MOST WF_CANDIDATES
#define LOOK_SAMPLE 16u
/* If none of DRAWS choices fits, up to SCAN endpoints are tried in order. */
#define DRAWS 8u
#define SCAN 64u
/* The same while an endpoint starts slowly: more choices do not hold. */
#define SLOW_DRAWS 40u

struct choice {
    const struct wf_snapshot *list;
    const struct wf_attempt *attempt;
    struct wf_part *part;
    _Atomic uint32_t *turn; /* of `part`, for this list */
    struct wf_task *task;   /* the calling fiber or thread */
    uint32_t part_index;
    uint64_t now;
    bool heeds_health; /* pass over ejected endpoints */
    bool heeds_breakers;
    uint32_t last;   /* index of the last choice */
    uint32_t *entry; /* the next entry of list->table; NULL: the call has no
                          key, or needs none */
};

static bool
is_tried(const struct wf_tried *tried, const struct wf_endpoint *endpoint)
{
    for (uint32_t i = 0; tried && i < tried->n; i++)
        if (tried->endpoints[i] == endpoint)
            return true;
    return false;
}

static bool
is_shut(const struct choice *c, const struct wf_endpoint *endpoint)
{
    return c->heeds_breakers && !WF_MUTANT(open_breaker_unheeded) &&
           wf_breaker_is_shut(&endpoint->breaker, c->attempt->is_copy, c->now);
}

static bool
fits(const struct choice *c, uint32_t i)
{
    const struct wf_attempt *a = c->attempt;
    const struct wf_endpoint *endpoint = c->list->items[i].endpoint;
    if (a->is_copy && !wf_client_is_connected(endpoint->client))
        return false;
    return !wf_client_rests(endpoint->client, c->now) &&
           !is_tried(a->tried, endpoint) &&
           !(c->heeds_health &&
             wf_health_is_ejected(&endpoint->health, c->now)) &&
           !is_shut(c, endpoint);
}

static uint32_t
below(const struct choice *c, uint32_t n)
{
    return (uint32_t)((uint64_t)wf_task_random(c->task) * n >> 32);
}

static uint32_t
entry(const struct wf_snapshot *list, uint32_t i)
{
    return list->n_order ? list->order[i] : i;
}

/* Each worker has its own turn. The first turn is random, so that the workers
 * and clients of many processes do not all begin with the same endpoint. */
static uint32_t
in_turn(const struct choice *c)
{
    const struct wf_snapshot *list = c->list;
    uint32_t n = list->n_order ? list->n_order : list->n;
    uint32_t turn = wf_load(c->turn, relaxed); /* 0: no turn yet */
    turn = turn ? turn : 1 + below(c, n);
    turn = turn <= n ? turn : 1;
    wf_store(c->turn, turn + 1, relaxed);
    return entry(list, turn - 1);
}

static uint32_t
by_chance(const struct choice *c)
{
    const struct wf_snapshot *list = c->list;
    return entry(list, below(c, list->n_order ? list->n_order : list->n));
}

/* The expected time until an answer. An endpoint without a known latency gets
 * only one attempt at a time. */
static double
cost(const struct choice *c, uint32_t i)
{
    const struct wf_load *loads =
        wf_load(&c->list->items[i].endpoint->loads, acquire);
    if (!loads)
        return 0;
    const struct wf_load *mine = &loads[c->part_index];
    uint64_t in_flight =
        wf_load(&mine->begun, relaxed) - wf_load(&mine->ended, relaxed);
    uint64_t latency = wf_load(&mine->latency_ns, relaxed);
    if (latency == 0) /* 1e12: more than any known cost */
        return in_flight ? 1e12 * (double)in_flight : 0;
    latency =
        wf_load_decayed(latency, c->now - wf_load(&mine->seen_ns, relaxed));
    return (double)(latency + 1) * (double)(in_flight + 1);
}

/* The better of two different random endpoints. Sources: Mitzenmacher, The
 * Power of Two Choices; Finagle. */
static uint32_t
of_two(const struct choice *c)
{
    uint32_t n = c->list->n;
    if (n == 1)
        return 0;
    uint32_t a = below(c, n), b = below(c, n - 1);
    b += b >= a;
    return cost(c, b) < cost(c, a) ? b : a;
}

/* The k-th endpoint that is looked at. The first one is random. */
static uint32_t
looked_at(const struct choice *c, uint32_t k, uint32_t first)
{
    uint32_t n = c->list->n;
    return n <= LOOK_MOST ? (first + k) % n : below(c, n);
}

static uint32_t
count_looks(const struct choice *c)
{
    return c->list->n <= LOOK_MOST ? c->list->n : LOOK_SAMPLE;
}

static uint32_t
least(const struct choice *c)
{
    uint32_t best = 0, first = below(c, c->list->n);
    uint64_t fewest = UINT64_MAX;
    for (uint32_t k = 0; k < count_looks(c); k++) {
        uint32_t i = looked_at(c, k, first);
        uint64_t in_flight = wf_endpoint_in_flight(c->list->items[i].endpoint);
        if (in_flight < fewest) {
            fewest = in_flight;
            best = i;
        }
    }
    return best;
}

static struct wf_candidate
candidate(const struct choice *c, uint32_t i)
{
    const struct wf_endpoint *endpoint = c->list->items[i].endpoint;
    const struct wf_load *loads = wf_load(&endpoint->loads, acquire);
    const struct wf_flow *flows = wf_load(&endpoint->flows, acquire);
    struct wf_candidate found = {.index = i};
    if (loads)
        found.in_flight = wf_load(&loads[c->part_index].begun, relaxed) -
                          wf_load(&loads[c->part_index].ended, relaxed);
    if (flows)
        found.flow = &flows[c->part_index];
    return found;
}

/* Only endpoints that fit are weighed: the others would have to be drawn again,
 * perhaps often, since one endpoint can have nearly all of the weight. */
static uint32_t
by_locality(const struct choice *c)
{
    struct wf_candidate candidates[LOOK_MOST];
    uint32_t n = 0, i = 0, first = below(c, c->list->n);
    for (uint32_t k = 0; k < count_looks(c); k++) {
        i = looked_at(c, k, first);
        if (fits(c, i))
            candidates[n++] = candidate(c, i);
    }
    if (n == 0)
        return i;
    uint32_t random = wf_task_random(c->task);
    return candidates[wf_locality_choose(candidates, n, random, c->now)].index;
}

/* Every further choice of the same call is the item of a later entry, so that
 * all clients agree about the second server of a key, too. */
static uint32_t
by_key(const struct choice *c)
{
    if (!c->entry || WF_MUTANT(key_ignored))
        return by_chance(c);
    return wf_maglev_find(c->list, c->part, c->part_index, c->entry);
}

static uint32_t (*const ways[])(const struct choice *) = {
    [WEFT_P2C] = of_two,
    [WEFT_ROUND_ROBIN] = in_turn,
    [WEFT_RANDOM] = by_chance,
    [WEFT_LEAST] = least,
    [WEFT_CONSISTENT_HASH] = by_key,
    [WEFT_LOCALITY_AWARE] = by_locality,
};

/* With the other ways an endpoint that is slow to answer gets few attempts at
 * a time anyway, or a key would change its server twice. */
static bool
heeds_slow_start(const struct wf_upstream *up)
{
    return up->options.balance <= WEFT_RANDOM;
}

/* Choose while some endpoints start slowly. NULL: no choice fits, or none of
 * those that fit has held. */
static struct wf_endpoint *
choose_slowly(const struct wf_upstream *up, const struct choice *c)
{
    for (uint32_t k = 0; k < SLOW_DRAWS; k++) {
        uint32_t i = ways[up->options.balance](c);
        struct wf_endpoint *endpoint = c->list->items[i].endpoint;
        if (fits(c, i) &&
            wf_slow_start_takes(up, endpoint, c->now, wf_task_random(c->task)))
            return endpoint;
    }
    return NULL;
}

/* Choose from c->list. NULL: no choice fits. */
static struct wf_endpoint *
choose(const struct wf_upstream *up, struct choice *c)
{
    const struct wf_item *items = c->list->items;
    uint32_t n = c->list->n;
    if (wf_slow_start_is_on(up, c->now) && heeds_slow_start(up)) {
        struct wf_endpoint *endpoint = choose_slowly(up, c);
        if (endpoint)
            return endpoint;
    }
    for (uint32_t k = 0; k < DRAWS; k++) {
        c->last = ways[up->options.balance](c);
        if (WEFT_LIKELY(fits(c, c->last)))
            return items[c->last].endpoint;
    }
    for (uint32_t k = 1; k < WF_MIN(n, SCAN); k++)
        if (fits(c, (c->last + k) % n))
            return items[(c->last + k) % n].endpoint;
    return NULL;
}

/* Choose from the near endpoints or the far ones, and if none of these fits,
 * from the others. */
static struct wf_endpoint *
choose_by_zone(struct wf_upstream *up, struct choice *c)
{
    const struct wf_snapshot *all = c->list;
    struct wf_endpoint *endpoint = NULL;
    bool is_far = wf_zone_is_far(up, all, c->now, wf_task_random(c->task));
    for (int k = 0; k < 2 && !endpoint; k++) {
        c->list = is_far ? all->far : all->near;
        c->turn = is_far ? &c->part->far_turn : &c->part->turn;
        endpoint = choose(up, c);
        is_far = !is_far;
    }
    c->list = all;
    return endpoint;
}

/* Nothing fits, so ejected endpoints are used, too. One that the call has
 * tried, or whose last connect has just failed, is used only if there is no
 * other. Open breakers are avoided in any case. */
static struct wf_endpoint *
last_resort(const struct choice *c)
{
    const struct wf_attempt *a = c->attempt;
    struct wf_endpoint *any = NULL;
    uint32_t n = c->list->n, first = below(c, n);
    for (uint32_t k = 0; k < n && !a->is_copy; k++) {
        if (any && k >= SCAN)
            break;
        uint32_t i = (first + k) % n;
        struct wf_endpoint *endpoint = c->list->items[i].endpoint;
        if (is_shut(c, endpoint))
            continue;
        any = any ? any : endpoint;
        if (!is_tried(a->tried, endpoint) &&
            !wf_client_rests(endpoint->client, c->now))
            return endpoint;
    }
    return any;
}

/* Returns the turn of the attempt's partition. If all partitions shared one,
 * calls that go to two of them in turn would always find the same endpoint in
 * each. */
static _Atomic uint32_t *
turn_of(const struct wf_upstream *up, const struct wf_attempt *a)
{
    uint32_t index = a->partition & 0xffff; /* of any scheme */
    return &up->turns[a->part * WF_PARTITIONS_MAX + index];
}

struct wf_endpoint *
wf_balance(struct wf_upstream *up, const struct wf_snapshot *list,
           struct wf_part *part, const struct wf_attempt *a, uint64_t now)
{
    const struct wf_snapshot *first = list->near ? list->near : list;
    uint32_t entry;
    struct choice c = {.list = list,
                       .attempt = a,
                       .part = part,
                       .turn = &part->turn,
                       .task = wf_task_known(),
                       .part_index = a->part,
                       .now = now,
                       .heeds_health = wf_health_is_heeded(up, list->n_listed),
                       .heeds_breakers = wf_breakers_are_heeded(&up->breakers)};
    if (WEFT_UNLIKELY(up->turns != NULL) && a->partition)
        c.turn = turn_of(up, a);
    if (WEFT_UNLIKELY(first->table != NULL) && a->key.ptr) {
        entry = wf_maglev_entry(a->key);
        c.entry = &entry;
    }
    struct wf_endpoint *endpoint =
        WEFT_UNLIKELY(list->near != NULL) && !WF_MUTANT(zones_ignored)
            ? choose_by_zone(up, &c)
            : choose(up, &c);
    return endpoint ? endpoint : last_resort(&c);
}
