/* SPDX-License-Identifier: MIT */
/*
 * Attempts of calls that are never sent, so that a test can compare what a
 * balancer chooses with the balancer's definition. The servers have the
 * addresses "s0:1", "s1:1" and so on, and nobody connects to them.
 */
#ifndef WEFT_TESTS_PICK_H
#define WEFT_TESTS_PICK_H

#include "fiber/task.h"
#include "trial_server.h"
#include "upstream/upstream.h"

#include <string.h>

/* The random choices of this thread follow from the seed. */
static inline void
pick_seed(uint64_t seed)
{
    wf_task_self()->random = seed;
}

/* Give the client the servers from..to-1 with these weights (NULL: 1 each), in
 * descending order if `reverse`. */
static inline void
pick_set(struct weft_client *client, uint32_t from, uint32_t to,
         const uint32_t *weights, bool reverse)
{
    uint32_t n = to - from;
    struct weft_endpoint *list = calloc(n + 1, sizeof *list);
    char(*names)[16] = calloc(n + 1, sizeof *names);
    MUST(list && names);
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = from + (reverse ? n - 1 - k : k);
        snprintf(names[k], sizeof names[k], "s%u:1", (unsigned)i);
        list[k].address = names[k];
        list[k].weight = weights ? weights[i] : 1;
    }
    MUST(!weft_client_set_endpoints(client, list, n));
    free(list);
    free(names);
}

static inline struct weft_client *
pick_client(const struct weft_upstream_options *upstream, uint32_t n,
            const uint32_t *weights)
{
    const struct weft_client_options options = {.upstream = upstream};
    struct weft_client *client;
    (void)wf_task_self(); /* a balancer needs the task of the thread */
    MUST(!weft_client_new("list:", &options, &client));
    pick_set(client, 0, n, weights, false);
    return client;
}

/* The number in the address of the server. */
static inline uint32_t
pick_number(const struct weft_client *server)
{
    return (uint32_t)strtoul(wf_client_address(server) + 1, NULL, 10);
}

/* Begin an attempt, the first or the next one of its call. It begins at
 * a->begun_ns, or now if that is 0. Returns the number of its server. */
static inline uint32_t
pick_begin(struct weft_client *client, struct wf_attempt *a)
{
    struct weft_client *server;
    a->begun_ns = a->begun_ns ? a->begun_ns : wf_sys_now_ns();
    a->deadline_ns = WEFT_NEVER;
    a->plan = &wf_upstream_of(client)->plan;
    MUST(!wf_upstream_begin(wf_upstream_of(client), a, &server));
    return pick_number(server);
}

/* End the attempt as a call that got its reply. */
static inline void
pick_end(struct weft_client *client, struct wf_attempt *a)
{
    a->err = WEFT_OK;
    a->reach = WEFT_CALL_ANSWERED;
    MUST(!wf_upstream_end(wf_upstream_of(client), a));
}

/* End the attempt as one that could not connect. Returns whether another
 * attempt follows. */
static inline bool
pick_fail(struct weft_client *client, struct wf_attempt *a)
{
    a->err = WEFT_ECONNECT;
    a->reach = WEFT_CALL_NOT_SENT;
    return wf_upstream_end(wf_upstream_of(client), a);
}

/* One call that begins at a time and is cancelled at once, so the client learns
 * nothing of the server. Returns the number of its server. */
static inline uint32_t
pick_at(struct weft_client *client, uint64_t now)
{
    struct wf_attempt a = {.begun_ns = now};
    uint32_t i = pick_begin(client, &a);
    a.err = WEFT_ECANCEL;
    MUST(!wf_upstream_end(wf_upstream_of(client), &a));
    return i;
}

/* One call that is answered at once. Returns the number of its server. */
static inline uint32_t
pick(struct weft_client *client, struct weft_str key)
{
    struct wf_attempt a = {.key = key};
    uint32_t i = pick_begin(client, &a);
    pick_end(client, &a);
    return i;
}

/* How far n counts are from what they should be, which is in proportion to
 * `parts`: the sum of (count - expected)^2 / expected. */
static inline double
pick_chi_square(const uint32_t *counts, const uint32_t *parts, uint32_t n)
{
    double chi = 0, n_all = 0, n_parts = 0;
    for (uint32_t i = 0; i < n; i++) {
        n_all += counts[i];
        n_parts += parts ? parts[i] : 1;
    }
    for (uint32_t i = 0; i < n; i++) {
        double expected = n_all * (parts ? parts[i] : 1) / n_parts;
        chi += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    return chi;
}

#endif
