/* SPDX-License-Identifier: MIT */
/* The order in which the endpoints of a list have their turns. */
#include "upstream/upstream.h"

#include <errno.h>

/* The limit of entries in `order`. But each endpoint has at least one entry, so
 * a long list may exceed the limit. */
#define ORDER_MAX 65536u

/* The k-th turn of an item with weight w is due at (k + 1/2) / w of a round, so
 * that the turns of each item are spread evenly. */
struct due {
    double at;
    uint32_t index;
};

static int
compare(const void *a, const void *b)
{
    const struct due *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static uint32_t
divisor(uint32_t a, uint32_t b)
{
    while (b) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* How many turns an item has in a round: in proportion to its weight, but at
 * least one. For the turns of all items together see ORDER_MAX. */
static uint32_t
turns(uint32_t weight, uint32_t common, uint64_t sum)
{
    if (sum / common <= ORDER_MAX)
        return weight / common;
    return (uint32_t)WF_MAX((uint64_t)weight * ORDER_MAX / sum, 1);
}

static weft_err
fill_order(struct wf_snapshot *list, struct due *dues, uint32_t common,
           uint64_t sum, struct wf_turn *turn)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < list->n; i++) {
        uint32_t n_turns = turns(list->items[i].weight, common, sum);
        for (uint32_t k = 0; k < n_turns; k++)
            dues[n++] = (struct due){(k + 0.5) / n_turns, i};
        wf_turn_step(turn);
    }
    WF_DCHECK(n == list->n_order);
    weft_err err = wf_sort(dues, n, sizeof *dues, compare, turn);
    for (uint32_t i = 0; i < n; i++)
        list->order[i] = dues[i].index;
    return err;
}

static weft_err
make_order(struct wf_snapshot *list, struct wf_turn *turn)
{
    uint64_t sum = 0;
    uint32_t common = 0;
    bool is_equal = true;
    for (uint32_t i = 0; i < list->n; i++) {
        uint32_t weight = list->items[i].weight;
        sum += weight;
        common = divisor(common, weight);
        is_equal = is_equal && weight == list->items[0].weight;
    }
    list->weight = sum;
    if (is_equal)
        return WEFT_OK;
    for (uint32_t i = 0; i < list->n; i++)
        list->n_order += turns(list->items[i].weight, common, sum);
    list->order = wf_sys_malloc(list->n_order * sizeof *list->order);
    struct due *dues = wf_sys_malloc(list->n_order * sizeof *dues);
    weft_err err = list->order && dues ? WEFT_OK : -ENOMEM;
    if (!err)
        err = fill_order(list, dues, common, sum, turn);
    wf_sys_free(dues);
    return err;
}

weft_err
wf_list_prepare(const struct wf_upstream *up, struct wf_snapshot *list,
                struct wf_turn *turn)
{
    weft_err err = make_order(list, turn);
    if (!err && up->options.balance == WEFT_CONSISTENT_HASH)
        err = wf_maglev_make(list, turn);
    return err;
}
