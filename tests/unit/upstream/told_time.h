/* SPDX-License-Identifier: MIT */
/* A client of many servers whose health the tests decide: they say what time it
 * is, and tell of attempts and checks that nobody has made. */
#ifndef WEFT_TESTS_UPSTREAM_TOLD_TIME_H
#define WEFT_TESTS_UPSTREAM_TOLD_TIME_H

#include "unit/rpc/rpc_test.h"
#include "upstream/upstream.h"

#define SECOND 1000000000u
#define MOST 64

static struct weft_client *client;
static struct wf_upstream *up;
static struct wf_endpoint *ends[MOST]; /* sorted by address */
static uint32_t n_ends;
static uint64_t now;

static inline int
set_clock(void **state)
{
    (void)state;
    now = weft_now_ns();
    client = NULL;
    return 0;
}

static inline int
free_client(void **state)
{
    (void)state;
    weft_client_free(client);
    return 0;
}

static inline void
keep(const struct wf_item *item, void *arg)
{
    (void)arg;
    ends[n_ends++] = item->endpoint;
}

/* The endpoints first to first + n - 1 of 64. */
static inline void
set_list(uint32_t first, uint32_t n)
{
    struct weft_endpoint list[MOST];
    char names[MOST][32];
    MUST(first + n <= MOST);
    for (uint32_t i = 0; i < n; i++) {
        snprintf(names[i], sizeof names[i], "127.0.0.1:%u", 10 + first + i);
        list[i] = (struct weft_endpoint){.address = names[i]};
    }
    MUST(!weft_client_set_endpoints(client, list, n));
    n_ends = 0;
    wf_snapshot_each_item(up, keep, NULL);
}

static inline void
make(uint32_t n, struct weft_upstream_options options)
{
    const struct weft_client_options client_options = {.upstream = &options};
    options.balance = WEFT_ROUND_ROBIN;
    MUST(!weft_client_new("list:", &client_options, &client));
    up = wf_upstream_of(client);
    set_list(0, n);
}

/* Let time pass, and let the next attempt look at the clock. */
static inline void
pass(uint64_t ns)
{
    now += ns;
    if (wf_health_is_due(&up->ejections, now))
        wf_health_end_ejections(up, now);
}

#endif
