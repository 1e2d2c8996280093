/* SPDX-License-Identifier: MIT */
/* Writes down the lists that the resolver of a registry has found. */
#ifndef WEFT_TESTS_UPSTREAM_TOLD_LISTS_H
#define WEFT_TESTS_UPSTREAM_TOLD_LISTS_H

#include "unit/rpc/rpc_test.h"

#include <weft/upstream.h>

struct told_lists {
    struct weft_mutex lock; /* guards `text` while lists come */
    char text[300]; /* each list: "address=weight " for each server, and "|" */
    _Atomic int n;  /* lists */
};

static inline weft_err
note_list(const struct weft_endpoint *endpoints, uint32_t n, void *user)
{
    struct told_lists *told = user;
    MUST(!weft_mutex_lock(&told->lock));
    size_t at = strlen(told->text);
    for (uint32_t i = 0; i < n; i++)
        at += (size_t)snprintf(told->text + at, sizeof told->text - at,
                               "%s=%u ", endpoints[i].address,
                               (unsigned)endpoints[i].weight);
    strcat(told->text, "|");
    weft_mutex_unlock(&told->lock);
    wf_add(&told->n, 1, release);
    return WEFT_OK;
}

#endif
