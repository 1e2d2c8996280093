/* SPDX-License-Identifier: MIT */
/**
 * Clients of many servers. Such a client chooses one of its endpoints for each
 * call, and tries another endpoint if the call was certainly not executed. Such
 * a client is a struct weft_client, so generated code and all functions accept
 * it.
 *
 *     weft_client_new("list:10.0.0.1:9090,10.0.0.2:9090;weight=3", NULL, &c);
 */
#ifndef WEFT_UPSTREAM_H
#define WEFT_UPSTREAM_H

#include <weft/rpc.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How an endpoint is chosen. All but WEFT_P2C and WEFT_LEAST use the
 * weights. */
enum weft_balance {
    WEFT_P2C,         /* of two random endpoints the one with the smaller
                         product: latency times calls in flight */
    WEFT_ROUND_ROBIN, /* in turn */
    WEFT_RANDOM,      /* by chance */
    WEFT_LEAST,       /* the endpoint with the fewest calls in flight; if there
                         are more than 64 endpoints, only 16 random ones are
                         compared */
};

/** Zero in any field means the default. */
struct weft_upstream_options {
    enum weft_balance balance; /* default WEFT_P2C */
    uint32_t max_attempts;     /* of one call; default 3, at most 8 */
    uint32_t retry_pause_ms;   /* before the second attempt, if no endpoint is
                                  left that the call has not tried; each later
                                  pause is twice as long, up to 1 s; the call
                                  waits for a random part of the pause; default
                                  25 */
};

/** One server. */
struct weft_endpoint {
    const char *address; /* as for weft_client_new, of one server */
    uint32_t weight;     /* 1 to 1,000,000; 0 means 1 */
};

/**
 * Replace the list of servers of a client that was made of `list:`. An endpoint
 * whose address is in both lists keeps its connection and its latency. If an
 * endpoint is not in the new list, its calls in flight end as usual, and then
 * its connection ends.
 *
 * Shape    n is at most 65,536; 0 is legal: calls then end with
 *          WEFT_ENOENDPOINT
 * Owner    endpoints is borrowed for the call
 * Blocks   never     Thread  any
 * Errors   -EINVAL: the client has one server only, n or a weight is too large;
 *          WEFT_EADDRESS: an address is malformed, or is there twice; -ENOMEM.
 *          The old list stays
 */
WEFT_API weft_err weft_client_set_endpoints(
    struct weft_client *client, const struct weft_endpoint *endpoints,
    uint32_t n) WEFT_CHECKED;

/** What a client knows of an endpoint. */
struct weft_endpoint_view {
    struct weft_str address;
    uint32_t weight;
    uint32_t in_flight;  /* attempts */
    uint64_t attempts;   /* since the endpoint came into the list */
    uint64_t failures;   /* of these: without an answer, or refused */
    uint64_t latency_ns; /* average of the last seconds; 0: none known */
};

struct weft_endpoint_views {
    struct weft_endpoint_view *items;
    uint32_t len, cap;
};

/**
 * Copy what the client knows of the endpoints in its list.
 *
 * Owner    views and what it points to are the arena's
 * Blocks   never     Thread  any
 * Errors   -EINVAL: the client has one server only; WEFT_EBUDGET
 */
WEFT_API weft_err weft_client_get_endpoints(struct weft_client *client,
                                            struct weft_arena *arena,
                                            struct weft_endpoint_views *views)
    WEFT_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
