/* SPDX-License-Identifier: MIT */
/*
 * Finds the handler of a method by its name. A bare name finds the method in
 * the first added service that has such a method. A name with a service in
 * front finds the method in that service only. The name of the service is the
 * name in weft_server_add or the name in the IDL.
 */
#ifndef WEFT_RPC_ROUTE_H
#define WEFT_RPC_ROUTE_H

#include "rpc/rpc.h"

struct wf_route {
    const struct weft_method *method; /* NULL: the slot is free */
    const char *service;              /* NULL: the key is the bare name */
    const void *table;
    void *user;
    uint32_t hash;
};

/* A service that weft_server_add has added, and the name that the user gave to
 * it. */
struct wf_served {
    char *name;
    const struct weft_service *service;
};

/* A hash table with open addressing, at most half full. A table of zeros is
 * empty. */
struct wf_routes {
    struct wf_route *slots;
    /* For each slot, how many calls are detached and not finished. The counts
     * lie outside the slots, so that writing a count does not slow down calls,
     * which read the slots. */
    _Atomic uint32_t *detached;
    uint32_t size; /* a power of two, or 0 */
    uint32_t n;
    struct wf_served *served; /* in the order in which they were added */
    uint32_t n_served;
};

/* Add all methods of a service, or none on an error. -EEXIST: a service was
 * added under that name; -ENOMEM. */
weft_err wf_routes_add(struct wf_routes *routes, const char *name,
                       const struct weft_service *service, const void *table,
                       void *user) WEFT_CHECKED;
void wf_routes_fini(struct wf_routes *routes);

/*
 * Split "service:method": *name receives the method, and *service receives the
 * service. If there is no colon, *service is absent. WEFT_ENOSERVICE: two
 * colons.
 */
weft_err wf_route_split(struct weft_str *name, struct weft_str *service)
    WEFT_CHECKED;

/* Find the route of a method; `service` may be absent. WEFT_ENOSERVICE,
 * WEFT_ENOMETHOD. */
weft_err wf_routes_find(const struct wf_routes *routes, struct weft_str service,
                        struct weft_str name, const struct wf_route **route)
    WEFT_CHECKED;

/* Count a detached call of the route; wf_routes_finished subtracts the call
 * when it is finished. */
void wf_routes_detached(struct wf_routes *routes, const struct wf_route *route);
void wf_routes_finished(struct wf_routes *routes, const struct wf_route *route);

#endif
