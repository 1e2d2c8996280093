/* SPDX-License-Identifier: MIT */
/* What a client knows of an endpoint: its load, its health, and its client of
 * one server. */
#ifndef WEFT_UPSTREAM_ENDPOINT_H
#define WEFT_UPSTREAM_ENDPOINT_H

#include "upstream/breaker.h"
#include "upstream/checks.h"
#include "upstream/health.h"
#include "upstream/locality.h"
#include "upstream/rates.h"

struct weft_client;
struct weft_client_options;

/* What one worker knows of one endpoint. Only this worker writes this struct,
 * except in one case: if a fiber moves to another worker during its attempt, it
 * writes the struct of its first worker when the attempt ends. All plain
 * threads share one struct. */
struct wf_load {
    _Alignas(64) _Atomic uint64_t begun; /* attempts */
    _Atomic uint64_t ended, failed;      /* of these */
    _Atomic uint64_t latency_ns;         /* average; 0: unknown */
    _Atomic uint64_t seen_ns;            /* when latency_ns was last changed */
    struct wf_breaker_sums breaker;
};
_Static_assert(sizeof(struct wf_load) == 64, "one cache line");

struct wf_endpoint {
    struct weft_client *client;
    _Atomic(void *) loads; /* a struct wf_load for each part; NULL: never
                              chosen */
    _Atomic(void *) flows; /* a struct wf_flow for each part, only with
                              WEFT_LOCALITY_AWARE; NULL: none was measured */
    _Atomic uint64_t slow_since_ns; /* when its slow start began; 0: none */
    uint32_t lists;                 /* how many lists have the endpoint;
                                        guarded by wf_upstream.lock */
    struct wf_endpoint *next;       /* the next endpoint that is in no list */
    struct wf_health health;
    struct wf_rate rate;
    struct wf_breaker breaker;
    struct wf_check check;
    char address[]; /* as the list has it */
};

weft_err wf_endpoint_new(const char *address,
                         const struct weft_client_options *options,
                         struct wf_endpoint **out) WEFT_CHECKED;
void wf_endpoint_free(struct wf_endpoint *endpoint);

/* Returns `loads` of the endpoint. The first call makes the array. NULL: no
 * memory. */
struct wf_load *wf_endpoint_loads(struct wf_endpoint *endpoint);

/* The same of `flows`. */
struct wf_flow *wf_endpoint_flows(struct wf_endpoint *endpoint);

/* Returns how many attempts are in flight, or more if attempts begin meanwhile.
 * If no attempt can begin, 0 means that no attempt is in flight. */
uint64_t wf_endpoint_in_flight(const struct wf_endpoint *endpoint);

/* Returns the latency that a failure counts as. */
uint64_t wf_failure_ns(uint64_t took_ns);

/* Add a latency to the average of `load`. `failed`: the attempt failed after
 * this time. */
void wf_load_note(struct wf_load *load, uint64_t took_ns, bool failed,
                  uint64_t now);

/* Returns the latency `ns` after it has decayed for `since` ns. */
uint64_t wf_load_decayed(uint64_t ns, uint64_t since);

#endif
