/* SPDX-License-Identifier: MIT */
/*
 * Which servers of a long list a client uses. If each of many clients had a
 * connection to each of many servers, a server would have more connections than
 * calls. So a client may use a subset, which follows from its index alone: all
 * clients of a round together use each server once, but for a rest that is
 * smaller than a subset. In the next round the servers are in another order, so
 * that the rest is another one, and so that the clients of a server that fails
 * do not all go to the same other servers.
 *
 * Source: Beyer et al., Site Reliability Engineering (2016), chapter 20. There
 * a round shuffles the list; here the hash of the address and the round gives
 * the order, so that a server that comes or goes changes few subsets.
 */
#include "upstream/upstream.h"

#include <errno.h>

struct rank {
    uint64_t hash;
    uint32_t index; /* in the list */
};

static int
by_hash(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* Keep the endpoints whose rank is in first..first+size-1, in their order.
 * Returns their number. */
static uint32_t
keep(struct weft_endpoint *list, uint32_t n, const struct rank *ranks,
     uint32_t first, uint32_t size)
{
    uint32_t n_kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (i < first || i >= first + size)
            list[ranks[i].index].address = NULL;
    for (uint32_t i = 0; i < n; i++)
        if (list[i].address)
            list[n_kept++] = list[i];
    return n_kept;
}

weft_err
wf_subset(const struct wf_upstream *up, struct weft_endpoint *list, uint32_t *n,
          struct wf_turn *turn)
{
    uint32_t size = up->options.subset_size;
    if (size == 0 || *n <= size)
        return WEFT_OK;
    uint32_t n_subsets = *n / size, index = up->options.client_index;
    uint32_t round = index / n_subsets, first = index % n_subsets * size;
    struct rank *ranks = wf_sys_malloc(*n * sizeof *ranks);
    if (!ranks)
        return -ENOMEM;
    for (uint32_t i = 0; i < *n; i++) {
        uint64_t hash = wf_hash(weft_str_of(list[i].address), round);
        ranks[i] = (struct rank){hash, i};
        wf_turn_step(turn);
    }
    weft_err err = wf_sort(ranks, *n, sizeof *ranks, by_hash, turn);
    if (!err)
        *n = keep(list, *n, ranks, first, size);
    wf_sys_free(ranks);
    return err;
}
